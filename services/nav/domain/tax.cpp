#include "services/nav/domain/tax.h"

#include <algorithm>

namespace navkeeper::nav {

using money::Decimal;

TaxProvision provide_tax(const TaxTerms& terms, const NavTerms& rounding, const TaxPosition& position,
                         const Decimal& accrued_today, const Decimal& unrealised) {
  TaxProvision tax;
  tax.taxable = position.taxable_to_date - accrued_today;
  tax.unrealised = unrealised;
  if (terms.status == TaxStatus::kCCorp) {
    tax.blended_rate = terms.federal_rate + terms.state_rate * (Decimal::of(1) - terms.federal_rate);
    const Decimal after_losses = tax.taxable - terms.loss_carryforward;
    const Decimal zero;
    const auto taxed = [&](const Decimal& base) {
      return money::multiply(base, tax.blended_rate, rounding.money_decimals, rounding.rounding);
    };
    tax.current = taxed(std::max(zero, after_losses));
    tax.deferred_gross = taxed(unrealised + std::min(zero, after_losses));
    tax.deferred = tax.deferred_gross;
    if (tax.deferred_gross.is_negative())
      tax.deferred = money::multiply(tax.deferred_gross, Decimal::of(1) - terms.valuation_allowance,
                                     rounding.money_decimals, rounding.rounding);
  }
  tax.current_change = tax.current - position.current_provided;
  tax.deferred_change = tax.deferred - position.deferred_booked;
  return tax;
}

}  // namespace navkeeper::nav
