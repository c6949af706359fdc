#include "services/nav/domain/strike.h"

#include <utility>

#include "common/base/refuse.h"

namespace navkeeper::nav {

using money::Decimal;

namespace {

StrikePlan plan(const FundDefinition& fund, time::Date date, time::Instant now) {
  const std::string where = fund.id.value() + " " + date.to_string();
  if (date < fund.inception)
    base::refuse(where, "is before the fund's inception on " + fund.inception.to_string());
  const time::Calendar calendar = fund.calendar();
  if (!calendar.covers(date)) base::refuse(where, "lies outside the calendar " + calendar.name());
  if (!calendar.is_business_day(date)) {
    const std::string_view name = calendar.day_name(date);
    base::refuse(where,
                 "is not a business day of the fund" + (name.empty() ? "" : " (" + std::string(name) + ")"));
  }
  StrikePlan plan;
  plan.valuation_date = date;
  const auto in_place = [&](auto checked) {
    if (checked.has_error()) throw base::Refused(checked.error().within(where));
    return *checked;
  };
  plan.valued_at = in_place(time::valuation_instant(calendar, fund.valuation(), date));
  if (now < plan.valued_at)
    base::refuse(where, "cannot be struck before its valuation time " + plan.valued_at.to_string() +
                            ", when the window of its rates closes");
  plan.accrual_days =
      in_place(time::accrual_days(calendar, fund.policies.accrual_rule, date, fund.inception));
  return plan;
}

/// Dollars that `quantity` of a pending order is worth at today's price.
Decimal pending_value(const ResolvedStrike& resolved, const model::AssetId& asset, const Decimal& quantity) {
  for (const ResolvedPosition& position : resolved.positions) {
    if (position.asset == asset && position.price)
      return value_of({asset.value(), QuantityAtPrice{quantity, position.price->value}},
                      resolved.definition.terms);
  }
  base::refuse("pending." + asset.value(), "has no price");
}

NavInput input_of(const ResolvedStrike& resolved) {
  const FundDefinition& fund = resolved.definition;
  NavInput input;
  input.terms = fund.terms;
  for (const ResolvedPosition& position : resolved.positions) {
    if (!position.price) {
      const std::string date = resolved.plan.valuation_date.to_string();
      base::refuse(position.asset.value(), "no price for " + date + ": navkeeper prices strike " +
                                               position.asset.value() + " --date " + date +
                                               " --as OPERATOR makes it");
    }
    input.positions.push_back(
        {position.asset.value(), QuantityAtPrice{position.quantity, position.price->value}});
  }
  input.other_assets = resolved.books.other_assets;
  input.liabilities = resolved.books.liabilities;
  input.shares_outstanding = resolved.books.shares;
  if (fund.act == Act::kEtp1933) {
    for (const PendingCoins& pending : resolved.books.pending) {
      input.pending_creations += pending_value(resolved, pending.asset, pending.creations);
      input.pending_redemptions += pending_value(resolved, pending.asset, pending.redemptions);
    }
    input.shares_outstanding += resolved.books.pending_shares;
  }
  if (!input.shares_outstanding.is_positive())
    base::refuse(fund.id.value(),
                 "has no shares outstanding at the start of " + resolved.plan.valuation_date.to_string());
  return input;
}

ExpenseDay day_of(const ResolvedStrike& resolved) {
  ExpenseDay day;
  day.strike = resolved.plan.valuation_date;
  day.days = resolved.plan.accrual_days;
  for (const ResolvedPosition& position : resolved.positions) {
    if (position.price) day.prices.emplace(position.asset, position.price->value);
    day.coins.emplace(position.asset, position.quantity);
  }
  return day;
}

/// Of the positions, and of what is owed in coins: a liability that rose is a loss.
Decimal unrealised_of(const ResolvedStrike& resolved, const StrikeFigures& figures) {
  Decimal unrealised;
  for (std::size_t i = 0; i < figures.nav.positions.size(); ++i)
    unrealised += figures.nav.positions[i].value - resolved.positions[i].cost;
  for (const PayableLine& line : figures.expenses.payables)
    unrealised += line.payable.accrued - line.payable.carrying;
  return unrealised;
}

StrikeFigures compute(const ResolvedStrike& resolved) {
  NavInput input = input_of(resolved);
  ExpenseDay day = day_of(resolved);
  std::vector<PayableLine> payables =
      base::value_or_refuse(value_payables(resolved.books.expenses, day.prices, day.strike));
  for (const PayableLine& line : payables)
    input.liabilities.push_back(
        {line.payable.fee + " payable in " + line.payable.coin, line.payable.carrying});
  StrikeFigures figures;
  figures.shares = input.shares_outstanding;
  figures.nav = base::value_or_refuse(calculate_nav(input));
  day.net_assets = figures.nav.fee_base;
  figures.expenses = base::value_or_refuse(
      accrue_strike(resolved.definition, resolved.books.expenses, day, std::move(payables)));
  figures.tax = provide_tax(resolved.definition.tax, resolved.definition.terms, resolved.books.tax,
                            figures.expenses.total, unrealised_of(resolved, figures));
  input.provisions = {{"expenses", figures.expenses.total},
                      {"current tax", figures.tax.current_change},
                      {"deferred tax", figures.tax.deferred_change}};
  figures.nav = base::value_or_refuse(calculate_nav(input));
  return figures;
}

}  // namespace

base::Checked<StrikePlan> plan_strike(const FundDefinition& fund, time::Date date, time::Instant now) {
  return base::checked([&] { return plan(fund, date, now); });
}

base::Checked<StrikeFigures> strike(const ResolvedStrike& resolved) {
  return base::checked([&]() -> StrikeFigures {
    try {
      return compute(resolved);
    } catch (const money::OverflowError&) {
      base::refuse("tax", "the number that comes out has more digits than fit");
    }
  });
}

}  // namespace navkeeper::nav
