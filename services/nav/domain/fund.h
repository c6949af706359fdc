#pragma once
// FundDefinition: everything a fund's reviewed TOML file says. What is here decides the strike; nothing about
// a fund is decided anywhere else. A changed definition is a new version, effective from a date of its own.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/refusal.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/calendar.h"
#include "common/time/date.h"
#include "common/time/valuation.h"
#include "services/nav/domain/check_thresholds.h"
#include "services/nav/domain/dealing/dealing_terms.h"
#include "services/nav/domain/fund_policies.h"
#include "services/nav/domain/nav_calculation.h"

namespace navkeeper::nav {

/// Which law the fund lives under; it decides the order of the strike.
enum class Act {
  kIca1940,  ///< "ICA_1940": Form N-1A, rules 2a-4, 6c-11, 22c-1
  kEtp1933,  ///< "ETP_1933": grantor trust under Form S-1, the trust agreement's order
};
/// A parameter of its own: a 1940-Act fund may be taxed as a corporation (facts: SSK).
enum class TaxStatus { kRic, kCCorp, kGrantorTrust };
/// Which of the two prices of a coin makes the official NAV; the other one is a check.
enum class PriceBasis {
  kFairValue,  ///< "fair_value": rule 2a-5, principal market
  kIndex,      ///< "index": the trust agreement's reference rate
};

std::string_view describe(Act act);
std::string_view describe(TaxStatus status);
std::string_view describe(PriceBasis basis);
std::optional<Act> parse_act(std::string_view word);
std::optional<TaxStatus> parse_tax_status(std::string_view word);
std::optional<PriceBasis> parse_price_basis(std::string_view word);

struct FundAsset {
  model::AssetId asset;
  int decimals = 8;                             ///< of its smallest unit
  model::IndexId official_index;                ///< whose rate is the price of the official NAV
  std::optional<model::IndexId> second_index;   ///< the other basis: a check only
  std::optional<money::Decimal> target_weight;  ///< of the coins; information for rebalancing
};

struct TaxTerms {
  TaxStatus status = TaxStatus::kRic;
  money::Decimal federal_rate;
  money::Decimal state_rate;
  money::Decimal valuation_allowance;  ///< 0 to 1: the part of a deferred tax asset that is not recognised
  money::Decimal loss_carryforward;    ///< dollars, not negative, at the start of the tax year
  int year_start_month = 1;            ///< the fund's tax and fiscal year begins on the first of this month
};

/// All are limits that a value may reach and not exceed.
struct Tolerances {
  money::Decimal price_change;         ///< of a coin since the last NAV, relative
  money::Decimal nav_change;           ///< of the value per share since the last NAV, relative
  money::Decimal basis_deviation;      ///< |second - official| / official
  money::Decimal nav_error_per_share;  ///< dollars a share: a difference of this or more is an error
  money::Decimal nav_error_material;   ///< and this part of the correct NAV makes it material
};

struct FundDefinition {
  explicit FundDefinition(model::FundId fund) : id(std::move(fund)) {}

  model::FundId id;
  std::string name;
  Act act = Act::kIca1940;
  PriceBasis official_basis = PriceBasis::kFairValue;
  time::Date inception;       ///< first day of accruals
  time::Date effective_from;  ///< of this definition
  std::vector<FundAsset> assets;
  FundPolicies policies;
  std::vector<dealing::DealingTerms> dealing;  ///< by date; empty: the fund takes no orders
  TaxTerms tax;
  NavTerms terms;
  money::Decimal creation_unit_shares;
  std::string lots;  ///< relief rule of sales and payments: fifo, lifo, highest_cost, lowest_cost, average
  std::string lots_in_kind;  ///< of redemptions in kind
  std::string exchange_calendar;
  std::string settlement_calendar;
  std::string bank_calendar;
  std::vector<time::CalendarDay> exchange_exceptions;
  std::string time_zone;
  time::TimeOfDay valuation_time;
  time::HalfDayRule half_day_rule = time::HalfDayRule::kExchangeClose;
  std::optional<time::TimeOfDay> batch_deadline;  ///< local: how long a batch waits for the day's inputs
  Tolerances tolerances;
  std::vector<CheckThreshold> checks;    ///< dated; a check without one has its default
  money::Decimal error_account_minimum;  ///< dollars: a smaller correction of one order is not made

  /// The exchange calendar with the fund's exceptions.
  time::Calendar calendar() const;
  time::ValuationTime valuation() const;
};

/// Which lots leave in kind where the file does not say: the cheapest of a regulated investment company,
/// which recognises no gain on them (IRC 852(b)(6)), so that the built-in gain leaves the fund; the dearest
/// of a C-corporation, which does; the oldest of a grantor trust.
std::string default_lots_in_kind(TaxStatus status);

/// The rules that hold between fields, first broken one first; `where` is the key of the file.
std::optional<base::Refusal> check_definition(const FundDefinition& fund);

}  // namespace navkeeper::nav
