#pragma once
// The arithmetic of one net asset value: positions, other lines, accruals and shares in; totals and the value
// per share out. Pure and exact; it knows no fund, no date and no book. Source of the order: the
// trust-agreement order (facts: fee base before today's fee, after pending orders), which is also the order
// of a 1940-Act strike once nothing is pending.
//
// All amounts are dollars, positive on their own side: an asset adds, a liability or an accrual subtracts,
// and a negative one does the opposite. Every rounding is NavTerms::rounding and happens where a member says
// "rounded"; everything else is an exact sum. A sum or product that does not fit a Decimal is a refusal that
// names its input.
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/money/rounding.h"

namespace navkeeper::nav {

struct QuantityAtPrice {
  money::Decimal quantity;  ///< whole coins, not negative
  money::Decimal price;     ///< dollars a coin, not negative
};

struct GivenValue {
  money::Decimal value;  ///< dollars, kept as given: never rounded
};

struct PositionInput {
  std::string asset;
  std::variant<QuantityAtPrice, GivenValue> holding;
};

struct NamedAmount {
  std::string name;
  money::Decimal amount;
  bool operator==(const NamedAmount&) const = default;
};

/// Days of which a year counts `year_days`. A weekend across a new year can need two parts.
struct AccrualPart {
  money::Decimal days;       ///< whole, not negative
  money::Decimal year_days;  ///< positive: 365, 366 or 365.25
  bool operator==(const AccrualPart&) const = default;
};

struct AccrualInput {
  std::string name;
  money::Decimal annual_rate;  ///< 0.0095 is 95 basis points; negative is a waiver
  std::vector<AccrualPart> parts;
};

struct NavTerms {
  int money_decimals = 2;  ///< -3 rounds to thousands
  int per_share_decimals = 4;
  money::Rounding rounding = money::Rounding::kHalfUp;
};

constexpr int kDecimalsMin = -38;  ///< of NavTerms' two numbers of decimals
constexpr int kDecimalsMax = 38;
constexpr int kWeightDecimals = 12;

struct NavInput {
  NavTerms terms;
  std::vector<PositionInput> positions;
  std::vector<NamedAmount> other_assets;
  std::vector<NamedAmount> liabilities;
  money::Decimal pending_creations;    ///< assets still to come in for shares already counted
  money::Decimal pending_redemptions;  ///< assets still to go out for shares no longer counted
  std::vector<AccrualInput> accruals;  ///< today's; each on the same base
  /// What is provided for after today's accruals and therefore outside their base: today's change of the tax
  /// provision. Added to total liabilities.
  std::vector<NamedAmount> provisions;
  money::Decimal shares_outstanding;  ///< positive; pending creations counted, pending redemptions not
};

struct ValuedPosition {
  PositionInput input;
  money::Decimal value;  ///< quantity x price, rounded; or the given value
  std::optional<money::Decimal>
      weight;  ///< of the positions' total, 12 decimals half-even; none when it is 0
};

struct NavFigures {
  std::vector<ValuedPosition> positions;
  money::Decimal total_assets;        ///< positions + other assets + pending creations
  money::Decimal fee_base;            ///< total assets - liabilities - pending redemptions
  std::vector<NamedAmount> accruals;  ///< fee base x rate x sum of days / year days, each rounded once
  money::Decimal total_liabilities;   ///< liabilities + pending redemptions + accruals + provisions
  money::Decimal net_assets;          ///< total assets - total liabilities
  money::Decimal nav_per_share;       ///< rounded once from the exact quotient
  money::Rational nav_per_share_exact;
};

/// Refusals, in this order: decimals out of range; shares not positive; then each position, each accrual.
base::Checked<NavFigures> calculate_nav(const NavInput& input);

/// One position's value; throws money::OverflowError.
money::Decimal value_of(const PositionInput& position, const NavTerms& terms);

/// One accrual, rounded once; throws money::OverflowError.
money::Decimal accrual_of(const AccrualInput& accrual, const money::Decimal& base, const NavTerms& terms);

}  // namespace navkeeper::nav
