#pragma once
// A bank's statement of one account over some days, whatever format it came in, and whether it may be taken:
// it foots, it is of this account, and it goes on where the last one ended.
#include <span>
#include <string>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/date.h"

namespace navkeeper::nav::cash {

/// An account of the fund with its bank.
struct BankAccount {
  std::string id;      ///< ours: "main"
  std::string number;  ///< the bank's: IBAN or account number, as its statements name it
  std::string currency = "USD";
  std::string servicer;  ///< BIC or routing number
  bool operator==(const BankAccount&) const = default;
};

struct StatementLine {
  std::string reference;           ///< the bank's; may be empty
  std::string customer_reference;  ///< ours, as the bank passed it on; may be empty
  money::Decimal amount;           ///< positive: the balance grew
  time::Date booked;
  time::Date value;  ///< from when it bears interest
  std::string type;  ///< the bank's code: "PMNT/RCDT/DMCT", "495"
  std::string text;
  bool operator==(const StatementLine&) const = default;
};

struct BankStatement {
  std::string id;       ///< of the bank; made from account and day where the format has none
  std::string account;  ///< the bank's number
  std::string currency;
  std::string format;  ///< "camt.053.001.08", "BAI2"
  time::Date from;     ///< first day
  time::Date to;       ///< day of the closing balance
  money::Decimal opening;
  money::Decimal closing;
  std::vector<StatementLine> lines;  ///< booked ones, in the bank's order
};

constexpr int kCentDecimals = 2;

/// Refused: days out of order, a line booked after the last day, amounts with more decimals than the
/// currency, a line of zero, a line that stands there twice under the bank's own reference, and a statement
/// that does not foot: opening + lines = closing.
base::Checked<void> check_statement(const BankStatement& statement);

/// A statement taken before.
struct TakenStatement {
  std::string id;
  time::Date from;
  time::Date to;
  money::Decimal opening;
  money::Decimal closing;
  std::string hash;  ///< of its canonical content
};

enum class StatementNews { kNew, kKnown };

/// The statements taken between whose days another may come; null: there is none on that side.
struct Neighbours {
  const TakenStatement* before = nullptr;  ///< the last one that ends before the statement begins
  const TakenStatement* after = nullptr;   ///< the first one that ends later
};

/// What the account's history says to a statement that foots. `same_id` is the one with this id, `seen` the
/// lines taken before that carry a reference of the bank. kKnown: the same again. One that comes after later
/// ones and fills a gap is taken when it ties on both sides. Refused: another account or currency, the same
/// id with other content, days that overlap what was taken or lie before the first, an opening balance that
/// is not the closing one before, a closing one that is not the opening one after, a line that was taken
/// before.
base::Checked<StatementNews> admit_statement(const BankStatement& statement, const std::string& hash,
                                             const BankAccount& account, const TakenStatement* same_id,
                                             const Neighbours& neighbours,
                                             std::span<const StatementLine> seen);

}  // namespace navkeeper::nav::cash
