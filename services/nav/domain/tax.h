#pragma once
// The tax step of a strike (rule 2a-4(a)(4): a provision for federal income tax belongs in the NAV). Zero for
// a RIC that distributes and for a grantor trust, whose holders are taxed; computed for a C_CORP:
//
//   blended rate = federal + state x (1 - federal)        state tax is deducted from the federal base
//   taxable      = income - expenses + realised gains, tax year to date, today's fee deducted
//   current tax  = blended x max(0, taxable - carried losses), rounded
//   deferred     = blended x (unrealised + min(0, taxable - carried losses)), rounded; when that is an asset,
//   only the
//                  part (1 - valuation allowance) of it is recognised
//
// The step gives today's change of both, the target less what is booked. No circle: the fee base is taken
// before today's fee and contains the tax as the last strike booked it; tax deducts today's fee; neither
// needs the other's new figure.
#include "services/nav/domain/fund.h"

namespace navkeeper::nav {

/// What the books say at the start of the day; dollars.
struct TaxPosition {
  money::Decimal
      taxable_to_date;  ///< income - expenses + realised gains of this tax year; today's fee not in it
  money::Decimal current_provided;  ///< current tax provided for this tax year, so far
  money::Decimal deferred_booked;   ///< positive when the fund owes
};

struct TaxProvision {
  money::Decimal blended_rate;
  money::Decimal taxable;         ///< after today's fee
  money::Decimal unrealised;      ///< value - cost of the positions at today's prices
  money::Decimal current;         ///< of the tax year to date, not negative
  money::Decimal deferred_gross;  ///< before the allowance; positive when the fund owes
  money::Decimal deferred;        ///< recognised
  money::Decimal current_change;  ///< today's provision: positive takes from net assets
  money::Decimal deferred_change;
};

/// Throws money::OverflowError.
TaxProvision provide_tax(const TaxTerms& terms, const NavTerms& rounding, const TaxPosition& position,
                         const money::Decimal& accrued_today, const money::Decimal& unrealised);

}  // namespace navkeeper::nav
