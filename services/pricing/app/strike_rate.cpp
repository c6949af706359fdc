#include "services/pricing/app/strike_rate.h"

#include <algorithm>
#include <utility>

#include "common/base/outside.h"
#include "services/pricing/domain/markets/rate_definitions.h"

namespace navkeeper::pricing {
namespace {

money::Decimal number_at(const NarrowTrades& trades, const std::vector<std::int64_t>& column, std::size_t i) {
  return money::Decimal::of(column[i], &column == &trades.price ? trades.price_scale : trades.size_scale);
}

const money::Decimal& number_at(const WideTrades&, const std::vector<money::Decimal>& column, std::size_t i) {
  return column[i];
}

}  // namespace

std::string counted_trades(const ComputedRate& computed) {
  std::vector<std::string> lines;
  std::visit(
      [&](const auto& trades) {
        for (std::size_t i = 0; i < trades.time_ns.size(); ++i) {
          if (computed.rate.venues[trades.venue[i]].excluded) continue;
          lines.push_back(time::Instant::from_ns(trades.time_ns[i]).to_string() + " " +
                          computed.index.venues[trades.venue[i]] + " " +
                          number_at(trades, trades.price, i).to_string() + " " +
                          number_at(trades, trades.size, i).to_string() + "\n");
        }
      },
      computed.trades);
  std::ranges::sort(lines);
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

RateCoverage coverage_of(const ComputedRate& computed) {
  RateCoverage found;
  std::vector<std::int64_t> times;
  std::visit(
      [&](const auto& trades) {
        for (std::size_t i = 0; i < trades.time_ns.size(); ++i) {
          if (!computed.rate.venues[trades.venue[i]].excluded) times.push_back(trades.time_ns[i]);
        }
      },
      computed.trades);
  found.coverage = coverage_of(computed.rate, computed.index.venues, computed.window, times);
  if (!times.empty()) found.last_trade = time::Instant::from_ns(std::ranges::max(times));
  return found;
}

time::Date first_day_of(const IndexDefinition& index) {
  return index.effective_from.value_or(*time::Date::of(1, 1, 1));
}

base::Checked<std::vector<Period<StoredDefinition>>> definition_history(
    const std::vector<StoredDefinition>& versions) {
  std::vector<Period<StoredDefinition>> applied;
  applied.reserve(versions.size());
  for (const StoredDefinition& version : versions)
    applied.push_back({first_day_of(version.index), version.index.effective_to, version});
  std::vector<Period<StoredDefinition>> held = by_arrival(applied);
  std::vector<Period<IndexDefinition>> periods;
  periods.reserve(held.size());
  for (const auto& period : held) periods.push_back({period.first, period.last, period.value.index});
  if (auto checked = RateDefinitions::of(periods); checked.has_error()) return checked.error();
  return held;
}

base::Checked<RateStore::Saved> strike_rate(RateStore& store, const time::Clock& clock,
                                            const std::string& index_id, time::Date date,
                                            const std::string& actor,
                                            const std::optional<RestatementRule>& restatement) {
  const auto definition = store.definition_on(index_id, date);
  if (!definition) {
    if (!store.definition(index_id)) return base::Refusal{"index", index_id + " is not known"};
    return base::Refusal{index_id, "has no definition on " + date.to_string()};
  }
  const auto window = checked_window(definition->index, date);
  if (window.has_error()) return window.error().within(index_id);
  const time::Instant now = clock.now();
  if (now < window->end()) {
    return base::Refusal{index_id, "the window of " + date.to_string() + " closes at " +
                                       window->end().to_string() + ", it is " + now.to_string()};
  }
  auto previous = store.previous_value(index_id, date);
  // An index that has fewer decimals than it had takes the old value over as it would round it today.
  if (previous) {
    previous = previous->rounded(static_cast<int>(definition->index.decimals), definition->index.rounding);
  }
  // Before the trades are read: what becomes whole meanwhile may not be among them.
  FeedsOfWindow feeds =
      feeds_of_window(store.feed_states(definition->index.pair, *window, now), definition->index.venues,
                      *window, [](const std::string&) { return false; });
  const time::Instant known_at = store.settle(definition->index.pair, now);
  const auto trades = store.trades(definition->index, *window, known_at);
  auto computed = compute_rate(definition->index, date, previous, *trades);
  if (computed.has_error()) return computed.error().within(index_id);
  NewRate rate{.definition = *definition,
               .computed = *computed,
               .counted_trades = counted_trades(*computed),
               .previous = std::nullopt,
               .import_names = trades->names(),
               .imports = trades->imports(),
               .feeds = trades->feeds(),
               .feeds_of_window = std::move(feeds),
               .now = now,
               .known_at = known_at,
               .actor = actor,
               .restatement = restatement};
  if (computed->rate.status == RateStatus::kPrevious) rate.previous = previous;
  try {
    return store.save(rate);
  } catch (const base::Conflict&) {
    // Another process struck it meanwhile: what it stored is in sight now.
    return store.save(rate);
  }
}

}  // namespace navkeeper::pricing
