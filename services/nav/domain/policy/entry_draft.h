#pragma once
// What a policy decides, in words that the books can post: entries of account, commodity and amount, and the
// coins that come and go. The books give the lines, relieve the lots and refuse what is not there.
//
// Account names are those of the fund's chart: Assets:, Liabilities:, Capital:, Income:, Expenses:,
// Conversion:. A coin passes through an account of Conversion: minus its quantity, plus its dollars, so that
// every commodity balances by itself.
#include <string>
#include <string_view>
#include <vector>

#include "common/money/decimal.h"
#include "common/time/date.h"

namespace navkeeper::nav::policy {

constexpr int kDollarDecimals = 2;
constexpr std::string_view kDollars = "USD";

struct DraftPosting {
  std::string account;
  std::string commodity;  ///< "USD", or a coin
  money::Decimal amount;  ///< dollars or whole coins; positive: debit
  bool operator==(const DraftPosting&) const = default;
};

struct EntryDraft {
  time::Date trade_date;       ///< when it arose
  time::Date book_date;        ///< from when it is in the NAV
  time::Date settlement_date;  ///< when bank or custodian show it
  std::string source_id;       ///< with the source's name it posts once
  std::string description;
  std::vector<DraftPosting> postings;  ///< none of zero
  bool operator==(const EntryDraft&) const = default;

  /// Adds a debit (negative: a credit) of `amount`; zero adds nothing.
  EntryDraft& debit(std::string account, std::string_view commodity, const money::Decimal& amount);
  EntryDraft& credit(std::string account, std::string_view commodity, const money::Decimal& amount);
};

/// An entry whose three dates are one.
EntryDraft entry_on(time::Date date, std::string source_id, std::string description);

/// Whether debits equal credits in each commodity.
bool balances(const EntryDraft& entry);
/// Sum of the postings to `account` in `commodity`: positive is a debit.
money::Decimal sum_of(const EntryDraft& entry, std::string_view account, std::string_view commodity);

/// Why coins leave for value. The books relieve lots by the rule of the cause and book the gain.
enum class DeliveryCause { kExpense, kSwap, kDistribution };

/// Coins that leave: the books take lots for them and book value - cost as realised gain of the cause.
struct CoinDelivery {
  std::string asset;
  money::Decimal quantity;  ///< whole coins, positive
  money::Decimal value;     ///< dollars, not negative
  DeliveryCause cause = DeliveryCause::kExpense;
  bool operator==(const CoinDelivery&) const = default;
};

/// A lot that comes in.
struct LotReceipt {
  std::string asset;
  money::Decimal quantity;  ///< whole coins, positive
  money::Decimal cost;      ///< dollars, not negative
  time::Date acquired;      ///< from when its age counts
  bool operator==(const LotReceipt&) const = default;
};

/// A lot as the books hold it.
struct HeldLot {
  std::string id;           ///< of the books
  money::Decimal quantity;  ///< whole coins, positive
  money::Decimal cost;      ///< dollars, not negative
  time::Date acquired;
  bool operator==(const HeldLot&) const = default;
};

/// A name that can stand in an account's name as it is: 1 to 64 letters, digits and - _ . +, single spaces
/// inside.
bool is_account_name(std::string_view name);

}  // namespace navkeeper::nav::policy
