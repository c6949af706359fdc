#pragma once
// Fees as data with effective dates. A rule is one version of a named fee over some days; the versions of a
// name follow each other without gap or overlap and keep base, currency and accrual days, so that no day is
// accrued twice or not at all where they meet.
//
// Sources of the shapes: facts 1.4 (bases, day counts, tiers: HODL 0% on the first 1.5bn then 0.20%, "all
// investors incur the weighted average of those rates"; ETHA 0.12% on the first 2.5bn for 12 months) and 2.2
// (shares of gross rewards, of rewards received, of staked assets; several payees).
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/money/rounding.h"
#include "common/time/accrual.h"
#include "common/time/date.h"
#include "common/time/day_count.h"
#include "services/nav/domain/policy/entry_draft.h"
#include "services/nav/domain/policy/payer.h"

namespace navkeeper::nav::policy {

enum class BaseKind {
  kNetAssets,         ///< "net_assets": dollars, before today's fees (facts 1.1: no circularity)
  kAverageNetAssets,  ///< "average_daily_net_assets": mean of the calendar days of the period to date
  kCoinsHeld,         ///< "coins_held": of one asset (ARKB, BRRR)
  kCoinEquivalent,    ///< "coin_equivalent": net assets before today's fees / price, in coins (BSOL)
  kStakedAssets,      ///< "staked_assets": staked coins of one asset (VanEck Solana, 0.28% p.a.)
  kGrossRewards,      ///< "gross_rewards": of the strike's days, before anyone's cut (ETHB, 18%)
  kRewardsReceived,   ///< "rewards_received": of the strike's days, as they came in (BSOL, 15%)
};
std::string_view describe(BaseKind kind);
std::optional<BaseKind> parse_base_kind(std::string_view word);
/// The rate is a year's; else it is a share of what was earned.
bool is_annual(BaseKind kind);
/// The base is coins of the rule's asset; else dollars.
bool is_in_coins(BaseKind kind);

/// `rate` holds for the part of the base from `from` up to the next tier.
struct Tier {
  money::Decimal from;  ///< in the unit of the base; the first is 0, then rising
  money::Decimal rate;  ///< 0.0020; not negative
  bool operator==(const Tier&) const = default;
};

/// Sum over the tiers of part x rate: the weighted rate times the base. `base` not negative.
money::Rational tiered(const money::Rational& base, std::span<const Tier> tiers);

struct Payee {
  std::string name;
  money::Decimal share;  ///< of the fee; all add up to 1
  bool operator==(const Payee&) const = default;
};

enum class RoundingScope {
  kEachStrike,  ///< every strike's amount is rounded once by itself
  kCumulative,  ///< amount = rounded(exact to date) - booked to date: never off by more than one rounding
};
std::string_view describe(RoundingScope scope);  ///< "each_strike", "cumulative"
std::optional<RoundingScope> parse_rounding_scope(std::string_view word);

struct ExpenseRule {
  std::string name;  ///< of the fee and its accounts: "management fee"
  ExpenseType type = ExpenseType::kManagement;
  time::Date from;
  std::optional<time::Date> to;  ///< the last day; open when absent
  BaseKind base = BaseKind::kNetAssets;
  std::optional<model::AssetId> asset;  ///< of a base in coins; none for dollars
  std::vector<Tier> tiers;
  time::DayCount day_count = time::DayCount::kActual365;
  time::AccrualRule accrual_rule = time::AccrualRule::kForward;
  std::optional<model::AssetId> paid_in;  ///< the payable's coin; dollars when absent
  int decimals = kDollarDecimals;         ///< of the payable: 2 for dollars, the asset's for coins
  money::Rounding rounding = money::Rounding::kHalfUp;
  RoundingScope rounding_scope = RoundingScope::kEachStrike;
  std::vector<Payee> payees;
  std::string remainder_owner;  ///< the payee that gets what a split leaves over
};

/// A part of a fee that is not charged for some days.
struct Waiver {
  std::string fee;  ///< name of the rule
  time::Date from;
  time::Date to;            ///< the last day: a waiver always ends
  std::vector<Tier> tiers;  ///< the rate that is waived; ETHA: 0.0013 from 0, 0 from 2.5bn
  std::string granted_by;   ///< the payee that goes without
};

class ExpenseSchedule {
 public:
  /// Refused, naming the rule ("expense rule 'management fee' from 2026-01-01"): a bad name; no tiers, a
  /// first tier not at 0, tiers that do not rise, a negative rate, a share of rewards above 1; no payees,
  /// repeated ones, shares not adding up to 1, a remainder without an owner among them; a coin base without
  /// an asset and the reverse; decimals that do not fit; two versions that overlap, leave a gap, or change
  /// base, currency or accrual days; a waiver of no fee, outside its fee's life, overlapping another, above
  /// the fee at some size, or granted by no payee of it.
  static base::Checked<ExpenseSchedule> of(std::vector<ExpenseRule> rules, std::vector<Waiver> waivers);

  const std::vector<ExpenseRule>& rules() const { return rules_; }  ///< by name, then date
  const std::vector<Waiver>& waivers() const { return waivers_; }
  /// The waiver of `fee` on `date`, or null.
  const Waiver* waiver(std::string_view fee, time::Date date) const;

 private:
  ExpenseSchedule(std::vector<ExpenseRule> rules, std::vector<Waiver> waivers);
  std::vector<ExpenseRule> rules_;
  std::vector<Waiver> waivers_;
};

/// Why `rule` is no later version of `before`, a fee of the same name: it has another base, currency, accrual
/// days or type. Nothing where it is one.
std::optional<base::Refusal> broken_version(const ExpenseRule& before, const ExpenseRule& rule);

/// "expense rule 'management fee' from 2026-01-01".
std::string where_of(const ExpenseRule& rule);
/// "waiver of 'management fee' from 2026-01-01".
std::string where_of(const Waiver& waiver);

}  // namespace navkeeper::nav::policy
