#include "services/staking/domain/row_price.h"

#include <algorithm>

namespace navkeeper::staking {
namespace {

using money::Decimal;

constexpr int kCents = 2;
const time::Duration kOneDay = time::Duration::hours(24);

Decimal dollars(const Decimal& coins, const Decimal& price) {
  return money::multiply(coins, price, kCents, money::Rounding::kHalfEven);
}

}  // namespace

RowPricing price_of_row(time::Instant end, const std::vector<DayPrice>& days) {
  const auto day =
      std::find_if(days.begin(), days.end(), [&](const DayPrice& one) { return one.valuation >= end; });
  if (day == days.end())
    return {std::nullopt, "pricing has no price at or after " + end.to_string() + " yet"};
  const bool follows = day != days.begin() && std::prev(day)->date + 1 == day->date;
  if (day->valuation - end > kOneDay && !follows)
    return {std::nullopt, "the first price at or after " + end.to_string() + " is of " +
                              day->date.to_string() + ": a day between has not been priced"};
  if (!day->official)
    return {std::nullopt, "no official price stands on " + day->date.to_string() + " (" + day->state + ")"};
  return {RowPrice{*day->official, day->date, day->valuation, day->hash, day->source}, ""};
}

RollForwardDollars in_dollars(const RollForward& row, const Decimal& price) {
  RollForwardDollars all;
  all.opening = dollars(row.opening, price);
  all.closing = dollars(row.closing, price);
  all.difference = dollars(row.difference(), price);
  all.rounding = all.closing - all.opening - all.difference;
  for (const RollForwardLine& line : row.lines) {
    all.lines.push_back({line.kind, dollars(line.amount, price)});
    const int direction = effect(line.kind, row.account);
    if (direction > 0) all.rounding -= all.lines.back().amount;
    if (direction < 0) all.rounding += all.lines.back().amount;
  }
  return all;
}

}  // namespace navkeeper::staking
