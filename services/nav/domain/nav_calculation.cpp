#include "services/nav/domain/nav_calculation.h"

#include <cstddef>

#include "common/base/refuse.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;
using money::Rational;

const char* const kTooLarge = "the number that comes out has more digits than fit";

std::string item(const char* list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

/// What `compute` returns; a number too large is refused at `where`.
template <class Compute>
auto fitting(const std::string& where, Compute&& compute) {
  try {
    return compute();
  } catch (const money::OverflowError&) {
    base::refuse(where, kTooLarge);
  }
}

void check_terms(const NavInput& input) {
  const auto check = [](int decimals, const char* name) {
    if (decimals < kDecimalsMin || decimals > kDecimalsMax)
      base::refuse(name,
                   "is not from " + std::to_string(kDecimalsMin) + " to " + std::to_string(kDecimalsMax));
  };
  check(input.terms.money_decimals, "money_decimals");
  check(input.terms.per_share_decimals, "per_share_decimals");
  if (!input.shares_outstanding.is_positive()) base::refuse("shares_outstanding", "is not positive");
}

void check_position(const PositionInput& position, const std::string& where) {
  const auto* holding = std::get_if<QuantityAtPrice>(&position.holding);
  if (holding == nullptr) return;
  if (holding->quantity.is_negative()) base::refuse(where + ".quantity", "is negative");
  if (holding->price.is_negative()) base::refuse(where + ".price", "is negative");
}

void check_accrual(const AccrualInput& accrual, const std::string& where) {
  for (const AccrualPart& part : accrual.parts) {
    if (part.days.is_negative()) base::refuse(where + ".days", "is negative");
    if (part.days.scale() != 0) base::refuse(where + ".days", "is not a whole number");
    if (!part.year_days.is_positive()) base::refuse(where + ".year_days", "is not positive");
  }
}

/// `sum` with the amounts of `items` added; `list` names them in a refusal.
Decimal plus(Decimal sum, const std::vector<NamedAmount>& items, const char* list) {
  for (std::size_t i = 0; i < items.size(); ++i)
    sum = fitting(item(list, i), [&] { return sum + items[i].amount; });
  return sum;
}

NavFigures calculate(const NavInput& input) {
  check_terms(input);
  NavFigures nav;
  Decimal positions_total;
  for (std::size_t i = 0; i < input.positions.size(); ++i) {
    const std::string where = item("positions", i);
    const PositionInput& position = input.positions[i];
    check_position(position, where);
    const Decimal value = fitting(where, [&] { return value_of(position, input.terms); });
    positions_total = fitting(where, [&] { return positions_total + value; });
    nav.positions.push_back({position, value, std::nullopt});
  }
  if (!positions_total.is_zero()) {
    for (std::size_t i = 0; i < nav.positions.size(); ++i) {
      ValuedPosition& position = nav.positions[i];
      position.weight = fitting(item("positions", i) + ".weight", [&] {
        return (Rational(position.value) / Rational(positions_total))
            .rounded(kWeightDecimals, money::Rounding::kHalfEven);
      });
    }
  }

  nav.total_assets = fitting("pending.creations", [&] {
    return plus(positions_total, input.other_assets, "other_assets") + input.pending_creations;
  });
  const Decimal owed = fitting("pending.redemptions", [&] {
    return plus(Decimal{}, input.liabilities, "liabilities") + input.pending_redemptions;
  });
  nav.fee_base = fitting("fee_base", [&] { return nav.total_assets - owed; });

  for (std::size_t i = 0; i < input.accruals.size(); ++i) {
    const std::string where = item("accruals", i);
    check_accrual(input.accruals[i], where);
    nav.accruals.push_back({input.accruals[i].name, fitting(where, [&] {
                              return accrual_of(input.accruals[i], nav.fee_base, input.terms);
                            })});
  }
  nav.total_liabilities = plus(plus(owed, nav.accruals, "accruals"), input.provisions, "provisions");
  nav.net_assets = fitting("net_assets", [&] { return nav.total_assets - nav.total_liabilities; });
  nav.nav_per_share_exact = Rational(nav.net_assets) / Rational(input.shares_outstanding);
  nav.nav_per_share = fitting("shares_outstanding", [&] {
    return nav.nav_per_share_exact.rounded(input.terms.per_share_decimals, input.terms.rounding);
  });
  return nav;
}

}  // namespace

Decimal value_of(const PositionInput& position, const NavTerms& terms) {
  if (const auto* given = std::get_if<GivenValue>(&position.holding)) return given->value;
  const auto& holding = std::get<QuantityAtPrice>(position.holding);
  return money::multiply(holding.quantity, holding.price, terms.money_decimals, terms.rounding);
}

Decimal accrual_of(const AccrualInput& accrual, const Decimal& base, const NavTerms& terms) {
  Rational years;
  for (const AccrualPart& part : accrual.parts) years += Rational(part.days) / Rational(part.year_days);
  return (Rational(base) * Rational(accrual.annual_rate) * years)
      .rounded(terms.money_decimals, terms.rounding);
}

base::Checked<NavFigures> calculate_nav(const NavInput& input) {
  return base::checked([&] { return calculate(input); });
}

}  // namespace navkeeper::nav
