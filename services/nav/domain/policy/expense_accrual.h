#pragma once
// What a strike accrues by a fund's schedule of fees: exact per calendar day, rounded once a line.
//
//   gross  = sum over the rule's days of tiered(base, tiers) / days of that day's year
//   waived = the same with the waiver of that day
//   net    = gross - waived, rounded once by the rule; the payees' parts add up to it
//
// A fee on rewards has no days: tiered(rewards, tiers), by the version in force on the strike's date. A
// strike whose days lie in two versions of a fee, or under two payers of its type, gives a line for each. All
// fees of a strike stand on bases before any of them.
//
// Bounds, for any partition of the days into strikes on one base: a sum of n lines rounded each by itself is
// off by at most n roundings, a cumulative one by at most one.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/time/accrual.h"
#include "common/time/calendar.h"
#include "common/time/date.h"
#include "services/nav/domain/policy/entry_draft.h"
#include "services/nav/domain/policy/expense_rule.h"

namespace navkeeper::nav::policy {

/// Of one asset, at the strike. None negative. What a rule needs and nobody gave is refused, never taken as
/// zero.
struct AssetBase {
  std::optional<money::Decimal> coins_held = std::nullopt;  ///< whole coins
  std::optional<money::Decimal> staked = std::nullopt;      ///< whole coins, slashed ones gone
  std::optional<money::Decimal> gross_rewards =
      std::nullopt;  ///< of the strike's days, before anyone takes a cut
  std::optional<money::Decimal> rewards_received = std::nullopt;  ///< of the strike's days
  std::optional<money::Decimal> price = std::nullopt;             ///< dollars a coin, positive
};

/// What was accrued so far by one version of a fee in the period (a fiscal year, a month: the caller's
/// choice).
struct AccrualState {
  money::Rational exact_net;     ///< unrounded, in the payable's unit
  money::Rational exact_waived;  ///< likewise
  money::Decimal booked_net;
  money::Decimal booked_waived;
};
/// By name of the fee and first day of the version.
using AccrualStates = std::map<std::pair<std::string, time::Date>, AccrualState>;

struct StrikeBases {
  time::Date strike;
  money::Decimal net_assets;  ///< dollars, before any of today's fees; not negative
  std::map<model::AssetId, AssetBase> assets;
  /// For averages only: net assets of each calendar day of the period, without gaps, up to the last day
  /// accrued.
  std::map<time::Date, money::Decimal> daily_net_assets;
};

struct PayeeAmount {
  std::string payee;
  money::Decimal amount;
  bool operator==(const PayeeAmount&) const = default;
};

struct ExpenseLine {
  std::string name;
  ExpenseType type = ExpenseType::kManagement;
  time::Date version_from;
  time::Date strike;
  time::AccrualDays days;  ///< of this version and payer; empty for a fee on rewards
  int part = 1;            ///< of the version's days in this strike; 2 from the first change of payer on
  Payer payer = Payer::kFund;
  BaseKind base_kind = BaseKind::kNetAssets;
  money::Rational base;   ///< dollars or coins; of an average the mean of the period to date
  std::string commodity;  ///< "USD" or the coin
  int decimals = kDollarDecimals;
  money::Decimal net;               ///< payable now; negative where an average fell
  money::Decimal gross;             ///< rounded once by the rule; of a cumulative one, net + waived
  money::Decimal waived;            ///< gross - net
  money::Rational exact_net;        ///< unrounded amount of these days
  std::vector<PayeeAmount> payees;  ///< add up to net
  money::Decimal price;             ///< dollars a unit of the commodity; 1 for dollars
  money::Decimal net_value;         ///< dollars: net x price, half to even
  money::Decimal waived_value;
};

struct StrikeExpenses {
  std::vector<ExpenseLine> lines;  ///< by name, then version; none for a fee that is not in force
  AccrualStates states;            ///< to keep for the next strike
};

/// Without `payers` the fund bears everything. Refused, naming the rule: a base that is missing or negative,
/// a price that is missing or not positive, a day of an average that is missing, a strike on no business day
/// or before inception, a figure that does not fit.
base::Checked<StrikeExpenses> accrue_expenses(const ExpenseSchedule& schedule, const StrikeBases& bases,
                                              const AccrualStates& states, const time::Calendar& calendar,
                                              std::optional<time::Date> inception = std::nullopt,
                                              const PayerTable* payers = nullptr);

/// The line's entry, in the NAV from its strike on. Gross is the expense, the waiver a line of its own beside
/// it; each payee has its payable. A coin payable is in coins and carried at its dollars in Conversion:COIN
/// payable:NAME. Where the adviser bears the line it also stands as receivable from the adviser. `line.net`
/// not 0 or waived not 0.
EntryDraft to_entry(const ExpenseLine& line);

std::string waived_account(std::string_view fee);  ///< "Expenses:Fees waived:NAME"
/// The payable of one payee: "Liabilities:Fees payable:NAME", with ":PAYEE" where the fee has several.
std::string payable_account(const ExpenseLine& line, const PayeeAmount& payee);
/// "Conversion:COIN payable:NAME": a fee's own, so that the journal alone says what each payable stands at.
std::string payable_conversion(std::string_view coin, std::string_view fee);

}  // namespace navkeeper::nav::policy
