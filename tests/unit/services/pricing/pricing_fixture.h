#pragma once
// What the tests of pricing share: a plain index, trades from text, and a second, naive way to a rate.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "services/pricing/domain/index_definition.h"
#include "services/pricing/domain/intake.h"
#include "services/pricing/domain/rate.h"
#include "services/pricing/domain/window.h"

namespace navkeeper::pricing {

/// One hour in `partitions` parts up to 17:00 UTC, venues a, b and c, no screen to speak of, lower medians.
inline IndexDefinition plain_index(std::int64_t partitions = 12) {
  IndexDefinition index;
  index.id = "TEST";
  index.pair = "BTC/USD";
  index.strike_time = time::TimeOfDay::literal("17:00");
  index.time_zone = "UTC";
  index.window_minutes = 60;
  index.partitions = partitions;
  index.venues = {"a", "b", "c"};
  index.venue_deviation_max = money::Decimal::literal("1000");
  index.minimum_venues = 1;
  index.decimals = 2;
  return index;
}

inline Window plain_window(const IndexDefinition& index) {
  return *window_of(index, time::Date::literal("2023-09-05"));
}

struct TestTrade {
  std::int64_t offset_ns = 0;  ///< from the window's start
  std::uint8_t venue = 0;
  std::string price;
  std::string size;
};

inline TradesBuilder builder_of(const Window& window, const std::vector<TestTrade>& trades,
                                std::vector<money::Decimal>& storage) {
  storage.clear();
  storage.reserve(2 * trades.size());
  TradesBuilder builder(window);
  for (const TestTrade& trade : trades) {
    storage.push_back(money::Decimal::literal(trade.price));
    const Number price = Number::from_decimal(storage.back());
    storage.push_back(money::Decimal::literal(trade.size));
    builder.add(window.start_ns + trade.offset_ns, trade.venue, price, Number::from_decimal(storage.back()));
  }
  return builder;
}

inline Rate rate_of(const IndexDefinition& index, const std::vector<TestTrade>& trades,
                    const std::optional<money::Decimal>& previous = std::nullopt) {
  const Window window = plain_window(index);
  std::vector<money::Decimal> storage;
  return compute_rate(index, window, builder_of(window, trades, storage).build(), previous);
}

constexpr std::int64_t kMinuteNs = 60'000'000'000;

}  // namespace navkeeper::pricing
