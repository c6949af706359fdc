#include "services/nav/domain/strike.h"

#include "common/base/refuse.h"

namespace navkeeper::nav {

using money::Decimal;

namespace {

constexpr int kHundredths = 2;

std::vector<AccrualPart> parts_of(const FundDefinition& fund, const time::AccrualDays& days) {
  std::vector<AccrualPart> parts;
  for (const time::YearPart& part : time::year_parts(fund.fee.day_count, days.first, days.last))
    parts.push_back({Decimal::of(part.days), Decimal::of(part.year_days_hundredths, kHundredths)});
  return parts;
}

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
  plan.accrual_days = in_place(time::accrual_days(calendar, fund.fee.accrual_rule, date, fund.inception));
  plan.accrual_parts = parts_of(fund, plan.accrual_days);
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
                                               position.asset.value() + " --date " + date + " makes it");
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
  input.accruals.push_back({fund.fee.name, fund.fee.annual_rate, resolved.plan.accrual_parts});
  return input;
}

Decimal unrealised_of(const ResolvedStrike& resolved, const NavFigures& nav) {
  Decimal unrealised;
  for (std::size_t i = 0; i < nav.positions.size(); ++i)
    unrealised += nav.positions[i].value - resolved.positions[i].cost;
  return unrealised;
}

StrikeFigures compute(const ResolvedStrike& resolved) {
  NavInput input = input_of(resolved);
  StrikeFigures figures;
  const NavFigures before_tax = base::value_or_refuse(calculate_nav(input));
  figures.fee = before_tax.accruals.front().amount;
  figures.shares = input.shares_outstanding;
  figures.tax = provide_tax(resolved.definition.tax, resolved.definition.terms, resolved.books.tax,
                            figures.fee, unrealised_of(resolved, before_tax));
  input.provisions = {{"current tax", figures.tax.current_change},
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
