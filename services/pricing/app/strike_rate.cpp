#include "services/pricing/app/strike_rate.h"

#include <algorithm>
#include <utility>

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

base::Checked<RateStore::Saved> strike_rate(RateStore& store, const time::Clock& clock,
                                            const std::string& index_id, time::Date date,
                                            const std::string& actor) {
  const auto definition = store.definition(index_id);
  if (!definition) return base::Refusal{"index", index_id + " is not known"};
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
  const time::Instant known_at = store.settle(definition->index.pair, now);
  const auto trades = store.trades(definition->index, *window, known_at);
  auto computed = compute_rate(definition->index, date, previous, *trades);
  if (computed.has_error()) return computed.error().within(index_id);
  NewRate rate{*definition, *computed, counted_trades(*computed), std::nullopt, trades->names(),
               known_at,    actor};
  if (computed->rate.status == RateStatus::kPrevious) rate.previous = previous;
  return store.save(rate);
}

}  // namespace navkeeper::pricing
