#pragma once
// A payable counted in coins (a fee paid in bitcoin, a staking fee in CRO): its dollars change with the
// price.
//
// The expense stays what it was on the day it was accrued. The change since is unrealised until the coins go,
// then realised (facts 2.1, Osprey: changes of coin-denominated liabilities run through the unrealised and
// realised lines). Gains and losses here are the liability's: a rising price is a loss. The coins that pay it
// make a gain of their own in the books.
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "services/nav/domain/policy/entry_draft.h"

namespace navkeeper::nav::policy {

struct CoinPayable {
  std::string fee;      ///< name of the rule: "sponsor fee"
  std::string account;  ///< of whom it is owed to: "Liabilities:Fees payable:sponsor fee"
  std::string coin;
  money::Decimal quantity;  ///< whole coins owed, not negative
  money::Decimal accrued;   ///< dollars at the days of accrual, of what is still owed
  money::Decimal carrying;  ///< dollars in the books: at the last revaluation, or accrual since
  bool operator==(const CoinPayable&) const = default;
};

/// `net` more coins are owed, worth `value` dollars that day: what to_entry(ExpenseLine) posts.
CoinPayable accrued_more(CoinPayable payable, const money::Decimal& net, const money::Decimal& value);

struct Revaluation {
  CoinPayable payable;  ///< after it
  EntryDraft entry;     ///< without postings when nothing changed
};

/// At the strike's price: carrying becomes quantity x price, rounded to the cent, half to even. Refused: a
/// price not positive, a payable that is negative.
base::Checked<Revaluation> revalue(const CoinPayable& payable, const money::Decimal& price, time::Date date);

struct Settlement {
  CoinPayable payable;   ///< what is still owed
  money::Decimal value;  ///< dollars of the coins paid: quantity x price, to the cent, half to even
  money::Decimal gain;   ///< of the liability: dollars accrued for this part - value; negative is a loss
  /// The coins owed become dollars owed in the same account at `value`, which `delivery` then pays with
  /// coins: the two together are the payment.
  EntryDraft entry;
  CoinDelivery delivery;
};

/// A part's accrued and carrying dollars are rounded to the cent, half to even, and the rest stays; all of it
/// leaves with all of them. Refused: a quantity not positive or above what is owed, a price not positive.
base::Checked<Settlement> settle(const CoinPayable& payable, const money::Decimal& quantity,
                                 const money::Decimal& price, time::Date date, const std::string& source_id);

std::string payable_unrealised(std::string_view fee);  ///< "Income:Unrealised gain:Coin payables:NAME"
inline constexpr const char* kPayableRealised = "Income:Realised gain:Coin payables";

}  // namespace navkeeper::nav::policy
