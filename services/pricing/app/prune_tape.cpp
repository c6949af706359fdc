#include "services/pricing/app/prune_tape.h"

#include <algorithm>

namespace navkeeper::pricing {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
/// A strike of a local date, and the longest window before it, lie so many UTC days around the date.
constexpr int kDaysAround = 2;

time::Date utc_day(time::Instant at) { return time::Date::from_days(at.ns() / kDayNs); }

bool reaches_into(const Window& window, time::Date day) {
  const std::int64_t start = day.days() * kDayNs;
  return window.start_ns < start + kDayNs && window.end_ns > start;
}

/// So many whole days the window takes.
int days_of(const IndexDefinition& index) { return static_cast<int>(index.window_minutes / (24 * 60)); }

/// Every rate of every index of the pair whose window reaches into the day.
std::vector<RateOfDay> rates_of(RateStore& rates, const std::vector<StoredDefinition>& definitions,
                                const HeldDay& held, time::Instant now) {
  std::vector<RateOfDay> found;
  for (const StoredDefinition& newest : definitions) {
    if (newest.index.pair != held.pair) continue;
    int reach = days_of(newest.index) + kDaysAround;
    for (int offset = -kDaysAround; offset <= reach; ++offset) {
      const time::Date date = held.day + offset;
      const auto definition = rates.definition_on(newest.index.id, date);
      if (!definition) continue;
      // That of the day may have a longer window than the newest one has.
      reach = std::max(reach, days_of(definition->index) + kDaysAround);
      const auto window = checked_window(definition->index, date);
      if (window.has_error() || !reaches_into(*window, held.day)) continue;
      RateOfDay rate{newest.index.id, date, 0, false};
      RateQuery query;
      query.index = rate.index;
      query.from = query.to = date;
      if (const auto struck = rates.find(query); !struck.empty()) rate.version = struck.front().version;
      const auto zone = time::Zone::find(definition->index.time_zone);
      rate.restatement_open = !zone || restatement_is_open({}, date, *zone, now);
      found.push_back(rate);
    }
  }
  return found;
}

/// Trades that the price of a policy looks at: from when on to its valuation.
struct PriceTrades {
  std::optional<Window> of_pair;  ///< nothing: it looks at none of the pair
  int days = 0;                   ///< so many whole days back at most, of any pair
};

PriceTrades trades_of_price(const PricePorts& ports, const ValuationPolicy& policy, time::Date date,
                            const std::string& pair) {
  PriceTrades found;
  found.days = static_cast<int>(trades_span(policy).ns() / kDayNs);
  const auto valuation = valuation_of(ports, policy, date);
  if (valuation.has_error()) return found;  // Such a day cannot be priced at all.
  const auto reach_back_to = [&](std::int64_t start_ns) {
    if (!found.of_pair || start_ns < found.of_pair->start_ns)
      found.of_pair = Window{start_ns, valuation->ns() + 1, 1};
  };
  if (policy.market && policy.market->pair.value() == pair)
    reach_back_to((*valuation - trades_span(policy)).ns());
  for (const auto& index : {policy.official_index, policy.second_index}) {
    const auto definition = index ? ports.rates.definition_on(index->value(), date) : std::nullopt;
    if (!definition || definition->index.pair != pair) continue;
    found.days = std::max(found.days, days_of(definition->index));
    const auto window = checked_window(definition->index, date);
    if (window.has_value()) reach_back_to(window->start_ns);
  }
  return found;
}

PriceOfDay price_of_day(const PricePorts& ports, const ValuationPolicy& policy, time::Date date) {
  PriceOfDay found{policy.asset.value(), date, true, false};
  for (const TrackLadder& track : policy.tracks) {
    const auto price = ports.prices.price({policy.asset, date, track.track});
    if (!price) found.is_priced = false;
    if (price && price->determination && !price->is_determined()) found.determination_open = true;
  }
  return found;
}

/// Every price of every asset that looks at trades of the pair on the day.
std::vector<PriceOfDay> prices_of(const PricePorts& ports, const HeldDay& held) {
  std::vector<PriceOfDay> found;
  for (const model::AssetId& asset : ports.prices.assets()) {
    int reach = kDaysAround;
    for (int offset = -kDaysAround; offset <= reach; ++offset) {
      const time::Date date = held.day + offset;
      const auto policy = ports.prices.policy_on(asset, date);
      if (!policy) continue;
      const PriceTrades trades = trades_of_price(ports, policy->policy, date, held.pair);
      reach = std::max(reach, kDaysAround + trades.days);
      if (trades.of_pair && reaches_into(*trades.of_pair, held.day))
        found.push_back(price_of_day(ports, policy->policy, date));
    }
  }
  return found;
}

/// Index or asset, and date, of the first one that is the reason.
std::string needed_by(const std::vector<RateOfDay>& rates, const std::vector<PriceOfDay>& prices,
                      DropRefusal why) {
  const auto rate = std::ranges::find_if(rates, [why](const RateOfDay& one) {
    return (why == DropRefusal::kNotStruck && one.version == 0) ||
           (why == DropRefusal::kRestatementOpen && one.restatement_open);
  });
  if (rate != rates.end()) return rate->index + " " + rate->date.to_string();
  const auto price = std::ranges::find_if(prices, [why](const PriceOfDay& one) {
    return (why == DropRefusal::kNotPriced && !one.is_priced) ||
           (why == DropRefusal::kDeterminationOpen && one.determination_open);
  });
  return price == prices.end() ? "" : price->asset + " " + price->date.to_string();
}

}  // namespace

PruneReport prune_tape(TapeKeeper& keeper, const PricePorts& pricing, const RetentionPolicy& policy,
                       bool dry_run, const std::string& actor) {
  PruneReport report;
  const time::Instant now = std::min(pricing.clock.now(), keeper.now());
  const time::Date today = report.today = utc_day(now);
  const auto definitions = pricing.rates.definitions();
  for (const HeldDay& held : keeper.held_before(today + -RetentionPolicy::kKeepDaysMin)) {
    const int keep_days = policy.days_of(held.pair);
    if (today.days() - held.day.days() <= keep_days) continue;
    const auto resting = rates_of(pricing.rates, definitions, held, now);
    const auto priced = prices_of(pricing, held);
    const auto why = why_kept(held.day, today, keep_days, resting, priced);
    if (why) {
      report.kept.push_back({held, *why, needed_by(resting, priced, *why)});
    } else if (dry_run) {
      report.dropped.push_back({held, ""});
    } else if (auto dropped = keeper.drop(held, keep_days, resting, now, actor)) {
      report.dropped.push_back(*std::move(dropped));
    }
  }
  return report;
}

}  // namespace navkeeper::pricing
