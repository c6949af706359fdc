#include "services/nav/domain/indicative/indicative.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::nav::indicative {

using money::Decimal;
using money::Rational;
using money::Rounding;

namespace {
constexpr int kCents = 2;
}

namespace {

base::Checked<void> apply(CreationUnit& unit, const ExDividend& event, const Decimal&) {
  const Decimal amount = money::multiply(event.per_share, unit.shares, kCents, Rounding::kHalfUp);
  unit.net_cash -= amount;
  unit.adjustments.push_back("distribution " + event.id + ", ex " + event.ex_date.to_string() +
                             ": cash less " + amount.to_string());
  return {};
}

base::Checked<void> apply(CreationUnit& unit, const UnitSplit& event, const Decimal&) {
  if (event.new_shares <= 0 || event.old_shares <= 0)
    return base::Refusal{event.id, "its ratio is not positive"};
  const Decimal old_shares = Decimal::of(event.old_shares);
  const Decimal shares =
      money::mul_div(unit.shares, Decimal::of(event.new_shares), old_shares, 0, Rounding::kDown);
  if (shares * old_shares != unit.shares * Decimal::of(event.new_shares))
    return base::Refusal{event.id, "leaves a fraction of a share in the creation unit"};
  unit.shares = shares;
  unit.adjustments.push_back("split " + event.id + " of " + event.effective.to_string() + ": " +
                             unit.shares.to_string() + " shares a unit");
  return {};
}

/// `official`: the unit's shares at its NAV, in which the fund's shares of then are counted too.
base::Checked<void> apply(CreationUnit& unit, const CoinLoss& event, const Decimal& official) {
  if (!event.shares.is_positive()) return base::Refusal{event.id, "there are no shares"};
  const auto found = std::find_if(unit.components.begin(), unit.components.end(),
                                  [&](const UnitComponent& one) { return one.asset == event.asset; });
  if (found == unit.components.end()) return base::Refusal{event.id, event.asset + " is not in the unit"};
  const Decimal lost = money::mul_div(event.quantity, official, event.shares, found->decimals, Rounding::kUp);
  if (lost > found->quantity)
    return base::Refusal{event.id, "takes more " + event.asset + " than the unit has"};
  found->quantity -= lost;
  unit.adjustments.push_back("loss " + event.id + ": " + lost.to_string() + " " + event.asset +
                             " less a unit");
  return {};
}

}  // namespace

base::Checked<CreationUnit> adjust(CreationUnit unit, const std::vector<UnitEvent>& events) {
  const Decimal official = unit.shares;
  for (const UnitEvent& event : events) {
    const auto done = std::visit([&](const auto& one) { return apply(unit, one, official); }, event);
    if (done.has_error()) return done.error();
  }
  return unit;
}

IndicativeValue indicative_value(const CreationUnit& unit, const std::vector<LivePrice>& prices,
                                 time::Instant at, time::Duration age_max, int decimals) {
  IndicativeValue value{at, std::nullopt, std::nullopt, ""};
  const auto stop = [&](std::string reason) {
    value.reason = std::move(reason);
    return value;
  };
  Rational sum(unit.net_cash);
  for (const UnitComponent& component : unit.components) {
    if (component.quantity.is_zero()) continue;
    const auto price = std::find_if(prices.begin(), prices.end(),
                                    [&](const LivePrice& one) { return one.asset == component.asset; });
    if (price == prices.end()) return stop(component.asset + ": has no real-time index");
    if (!price->value)
      return stop(component.asset + ": " +
                  (price->reason.empty() ? "there is no real-time price" : price->reason));
    if (!price->value->is_positive()) return stop(component.asset + ": its price is not positive");
    if (price->at > at) return stop(component.asset + ": its price is from after " + at.to_string());
    if (at - price->at > age_max) {
      const std::int64_t age_s = (at - price->at).ns() / 1'000'000'000;
      return stop(component.asset + ": the last real-time price is " + std::to_string(age_s) + " s old, of " +
                  price->at.to_string() + (price->reason.empty() ? "" : " (" + price->reason + ")"));
    }
    sum += Rational(component.quantity) * Rational(*price->value);
  }
  if (!unit.shares.is_positive()) return stop("the unit has no shares");
  value.exact = sum / Rational(unit.shares);
  value.per_share = value.exact->rounded(decimals, Rounding::kHalfUp);
  return value;
}

Slot slot_at(const Session& session, const time::Calendar& exchange, const time::Zone& zone,
             time::Instant now) {
  const time::LocalTime local = zone.to_local(now);
  Slot slot;
  slot.date = local.date;
  if (!exchange.covers(local.date)) {
    slot.reason = "the exchange's calendar does not know " + local.date.to_string();
    return slot;
  }
  if (!exchange.is_business_day(local.date)) {
    const std::string_view name = exchange.day_name(local.date);
    slot.reason = "the exchange is closed: " +
                  (name.empty() ? std::string(describe(exchange.kind(local.date))) : std::string(name));
    return slot;
  }
  const auto exchange_close = exchange.close(local.date);
  const time::TimeOfDay closes = exchange_close ? std::min(*exchange_close, session.closes) : session.closes;
  const auto opening = zone.to_instant(local.date, session.opens);
  const auto closing = zone.to_instant(local.date, closes);
  if (opening.has_error() || closing.has_error() || *closing < *opening) {
    slot.reason = "that day has no session";
    return slot;
  }
  if (now < *opening) {
    slot.reason = "before the opening at " + session.opens.to_string();
    slot.next = *opening;
    return slot;
  }
  const time::Duration step = time::Duration::seconds(session.every_seconds);
  const std::int64_t steps = (now - *opening).ns() / step.ns();
  const time::Instant at = *opening + step * steps;
  // The slot of the close lasts one step.
  if (at > *closing) {
    slot.reason = "after the close at " + closes.to_string();
    return slot;
  }
  slot.at = at;
  if (at + step <= *closing) slot.next = at + step;
  return slot;
}

}  // namespace navkeeper::nav::indicative
