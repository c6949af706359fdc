#pragma once
// Who bears which expense. Under a unitary fee the adviser pays everything out of its fee except a list of
// types (facts 0: interest, taxes, acquired-fund fees, brokerage, credit facility, litigation and
// extraordinary).
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "services/nav/domain/policy/entry_draft.h"

namespace navkeeper::nav::policy {

enum class ExpenseType {
  kManagement,      ///< "management fee"; the fund's under every arrangement
  kAdministration,  ///< "administration fees"
  kCustody,         ///< "custody fees"
  kStakingService,  ///< "staking service fees": of custodian or provider, where not withheld from rewards
  kNetwork,         ///< "network fees": gas
  kTransferAgent,   ///< "transfer agent fees"
  kAudit,           ///< "audit fees"
  kLegal,           ///< "legal fees"
  kTrustees,        ///< "trustee fees"
  kListing,         ///< "listing fees"
  kIndexLicence,    ///< "index licence fees"
  kInsurance,       ///< "insurance"
  kRegistration,    ///< "registration and filing fees"
  kOffering,        ///< "offering costs"
  kOrganization,    ///< "organization costs"
  kInterest,        ///< "interest"
  kTaxes,           ///< "taxes"
  kAcquiredFund,    ///< "acquired fund fees and expenses"
  kBrokerage,       ///< "brokerage and portfolio transaction costs"
  kCreditFacility,  ///< "credit facility costs"
  kExtraordinary,   ///< "litigation and extraordinary expenses"
};
std::string_view describe(ExpenseType type);
std::optional<ExpenseType> parse_expense_type(std::string_view words);
/// Every type, in the order of the enumeration.
std::span<const ExpenseType> expense_types();

enum class Payer { kFund, kAdviser };
std::string_view describe(Payer payer);  ///< "fund", "adviser"
std::optional<Payer> parse_payer(std::string_view word);

/// One type's payer over some days.
struct PayerRule {
  ExpenseType type = ExpenseType::kManagement;
  Payer payer = Payer::kFund;
  time::Date from;
  std::optional<time::Date> to;  ///< the last day; open when absent
};

class PayerTable {
 public:
  /// Refused, naming the type: two rules for one day, a day from `inception` on without a rule, a type
  /// without rules, a rule that ends before it begins, a management fee that the adviser pays to itself.
  static base::Checked<PayerTable> of(std::vector<PayerRule> rules, time::Date inception);
  /// A unitary fee from `inception` on: the fund bears the management fee and what `not_covered` lists, the
  /// adviser everything else. Refused: a type listed twice, the management fee listed.
  static base::Checked<PayerTable> unitary(std::span<const ExpenseType> not_covered, time::Date inception);

  /// Refused before inception.
  base::Checked<Payer> payer(ExpenseType type, time::Date date) const;

 private:
  PayerTable(std::vector<PayerRule> rules, time::Date inception);
  std::vector<PayerRule> rules_;  ///< by type, then date
  time::Date inception_;
};

/// An expense that arose on a day, once.
struct IncurredExpense {
  ExpenseType type = ExpenseType::kAudit;
  std::string name;  ///< of the account: "Audit 2026"
  time::Date date;
  std::string source_id;
  money::Decimal amount;  ///< dollars, at most 2 decimals; of a coin: absent (zero), the value is computed
  /// Paid with coins of the fund: gas always is.
  struct Coins {
    std::string asset;
    money::Decimal quantity;  ///< positive
    money::Decimal price;     ///< dollars a coin
  };
  std::optional<Coins> coins;
  /// The fund owes or has paid it, whoever bears it. Gas leaves the fund's wallet even when the adviser bears
  /// it.
  bool is_charged_to_fund = true;
};

struct IncurredBooking {
  Payer payer = Payer::kFund;
  /// None where the adviser bears what the fund never owed. Else the expense and the payable; and, where the
  /// adviser bears it, the receivable from the adviser against a line of its own, so that the statement shows
  /// both.
  std::optional<EntryDraft> entry;
  std::optional<CoinDelivery> delivery;  ///< pays the payable at once
};

/// The dollars of coins are rounded once, half to even. Refused: a bad name, an amount not positive or with
/// more than two decimals, both an amount and coins, coins that the fund is not charged.
base::Checked<IncurredBooking> book_incurred(const PayerTable& payers, const IncurredExpense& expense);

std::string expense_account(std::string_view name);     ///< "Expenses:Fees:NAME"
std::string payable_account(std::string_view name);     ///< "Liabilities:Fees payable:NAME"
std::string reimbursed_account(std::string_view name);  ///< "Expenses:Reimbursed by adviser:NAME"
inline constexpr const char* kAdviserReceivable = "Assets:Receivable from adviser";
inline constexpr const char* kReturnedToAdviser = "Liabilities:Fees payable:Returned to adviser";

/// Dollars that stand between fund and adviser, each not negative.
struct AdviserStanding {
  money::Decimal receivable;  ///< what the adviser owes
  money::Decimal returned;    ///< what the fund owes: given back of what the adviser has paid already
};
/// What `entry` changes of the receivable, in the books as they stand: what goes back to the adviser beyond
/// what it still owes is payable to it (`expense_paid` "Returned to adviser" pays it), and what it owes anew
/// is set off against that first. `standing` moves along.
void settle_with_adviser(EntryDraft& entry, AdviserStanding& standing);

/// Of one account of fees payable ("NAME", "NAME:PAYEE"), each not negative and one of them zero.
struct FeeStanding {
  money::Decimal payable;     ///< dollars that the fund owes
  money::Decimal receivable;  ///< dollars that were paid and turned out not to be owed
};
std::string fee_receivable_account(std::string_view name);  ///< "Assets:Fees receivable:NAME"
/// What `entry` changes of fees payable in dollars, in the books as they stand: what is taken back beyond
/// what is payable was paid already, so the payee owes it, and what it earns anew is set off against that
/// first. `standings`, by what follows "Liabilities:Fees payable:", move along; one that is missing is zero.
void settle_fees(EntryDraft& entry, std::map<std::string, FeeStanding>& standings);

}  // namespace navkeeper::nav::policy
