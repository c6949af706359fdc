#include "services/nav/domain/change.h"

#include "common/base/ensure.h"

namespace navkeeper::nav {

using money::Decimal;

std::optional<Decimal> index_rate_of(const ResolvedPosition& position) {
  for (const ResolvedPrice& basis : position.bases) {
    if (basis.basis == "index") return basis.value;
  }
  return std::nullopt;
}

NavSummary summary_of(const ResolvedStrike& resolved, const StrikeFigures& figures) {
  NavSummary summary;
  summary.valuation_date = resolved.plan.valuation_date;
  for (std::size_t i = 0; i < figures.nav.positions.size(); ++i) {
    const ValuedPosition& position = figures.nav.positions[i];
    const auto& holding = std::get<QuantityAtPrice>(position.input.holding);
    summary.positions.push_back({position.input.asset, holding.quantity, holding.price, position.value,
                                 index_rate_of(resolved.positions[i])});
    for (const PendingCoins& pending : resolved.books.pending) {
      if (pending.asset.value() == position.input.asset)
        summary.positions.back().pending = pending.creations - pending.redemptions;
    }
  }
  summary.net_assets = figures.nav.net_assets;
  summary.shares = figures.shares;
  summary.register_shares = resolved.books.shares;
  summary.nav_per_share = figures.nav.nav_per_share;
  summary.fee_base = figures.nav.fee_base;
  summary.expenses = figures.expenses.total;
  for (const PayableLine& line : figures.expenses.payables) summary.payables_change += line.change;
  summary.tax_change = figures.tax.current_change + figures.tax.deferred_change;
  summary.capital_total = resolved.books.capital_total;
  summary.income_total = resolved.books.income_total;
  summary.expenses_total = resolved.books.expenses_total;
  summary.carried_before = resolved.books.expenses.carried;
  summary.carried = figures.expenses.carried;
  summary.splits = resolved.books.splits;
  return summary;
}

Decimal restated_per_share(const NavSummary& before, const NavSummary& after, const NavTerms& terms) {
  if (after.splits.empty()) return before.nav_per_share;
  const policy::DailyFigure figure{before.valuation_date, before.nav_per_share};
  return policy::restate_per_share({&figure, 1}, after.splits, after.valuation_date, terms.per_share_decimals,
                                   terms.rounding)
      .front()
      .restated;
}

namespace {

/// What the NAV counts of orders that are in no capital yet, valued as the strike values it.
Decimal pending_value(const NavSummary& nav, const NavTerms& terms) {
  Decimal sum;
  for (const NavPosition& position : nav.positions) {
    const Decimal value =
        money::multiply(position.pending.abs(), position.price, terms.money_decimals, terms.rounding);
    sum += position.pending.is_negative() ? -value : value;
  }
  return sum;
}

}  // namespace

NavChange explain_change(const NavSummary& before, const NavSummary& after, const NavTerms& terms) {
  NavChange change;
  change.since = before.valuation_date;
  change.net_assets = after.net_assets - before.net_assets;
  change.per_share = after.nav_per_share - restated_per_share(before, after, terms);
  for (const NavPosition& position : after.positions) {
    const NavPosition* earlier = nullptr;
    for (const NavPosition& candidate : before.positions) {
      if (candidate.asset == position.asset) earlier = &candidate;
    }
    if (earlier == nullptr) continue;  // Came in since the last strike: at its own value, so it is a flow.
    const Decimal at_price_before =
        money::multiply(position.quantity, earlier->price, terms.money_decimals, terms.rounding);
    change.price_moves.push_back(
        {position.asset, earlier->price, position.price, position.value - at_price_before});
    change.price += change.price_moves.back().amount;
  }
  change.flows =
      after.capital_total + pending_value(after, terms) - before.capital_total - pending_value(before, terms);
  change.income = after.income_total - before.income_total;
  change.payables = -after.payables_change;
  change.fees = -after.expenses;
  // What was booked between the two strikes contains the strike's own postings of the day before.
  change.other_expenses =
      -(after.expenses_total - before.expenses_total - before.expenses - before.tax_change);
  change.tax = -after.tax_change;
  const Decimal explained = change.price + change.flows + change.income + change.payables + change.fees +
                            change.other_expenses + change.tax;
  change.remainder = change.net_assets - explained;
  ENSURE(explained + change.remainder == change.net_assets);
  return change;
}

}  // namespace navkeeper::nav
