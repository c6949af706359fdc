#include "services/sandbox/exchange.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/sandbox/dice.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::int64_t kNsASecond = 1'000'000'000;
constexpr std::int64_t kNsAnHour = 3'600 * kNsASecond;
constexpr std::int64_t kFirstHour = 438'288;    // 2020-01-01T00Z since 1970: numbers begin here
constexpr std::int64_t kNoisePpm = 12;          // of a venue's own middle around the world's price
constexpr std::int64_t kSizeEpochSeconds = 16;  // how long a level keeps its size

using enum Asset;

// Listings: asset, pair, websocket symbol, REST symbol, price decimals, size decimals, grid, half spread,
// trades an hour, typical size.
constexpr std::array kBitstampListings{
    Listing{kBtc, "BTC/USD", "btcusd", "btcusd", 2, 8, 200, 150, 360, 4'000'000},
    Listing{kEth, "ETH/USD", "ethusd", "ethusd", 2, 8, 6, 5, 280, 90'000'000},
};
constexpr std::array kBullishListings{
    Listing{kBtc, "BTC/USD", "BTCUSD", "BTCUSD", 4, 8, 20'000, 10'000, 450, 4'000'000},
    Listing{kEth, "ETH/USD", "ETHUSD", "ETHUSD", 4, 8, 600, 400, 350, 90'000'000},
};
constexpr std::array kCoinbaseListings{
    Listing{kBtc, "BTC/USD", "BTC-USD", "BTC-USD", 2, 8, 200, 50, 900, 4'000'000},
    Listing{kEth, "ETH/USD", "ETH-USD", "ETH-USD", 2, 8, 6, 2, 700, 90'000'000},
    Listing{kCro, "CRO/USD", "CRO-USD", "CRO-USD", 5, 1, 1, 2, 45, 25'000},
};
constexpr std::array kCryptoComListings{
    Listing{kBtc, "BTC/USD", "BTC_USD", "BTC_USD", 2, 5, 200, 60, 720, 4'000},
    Listing{kEth, "ETH/USD", "ETH_USD", "ETH_USD", 2, 4, 6, 2, 560, 9'000},
    Listing{kCro, "CRO/USD", "CRO_USD", "CRO_USD", 5, 0, 1, 1, 36, 2'500},
};
constexpr std::array kGeminiListings{
    Listing{kBtc, "BTC/USD", "BTCUSD", "btcusd", 2, 8, 200, 200, 180, 4'000'000},
    Listing{kEth, "ETH/USD", "ETHUSD", "ethusd", 2, 6, 6, 6, 140, 900'000},
};
constexpr std::array kKrakenListings{
    Listing{kBtc, "BTC/USD", "BTC/USD", "XBTUSD", 1, 8, 20, 5, 540, 4'000'000},
    Listing{kEth, "ETH/USD", "ETH/USD", "ETHUSD", 2, 8, 6, 3, 420, 90'000'000},
    Listing{kCro, "CRO/USD", "CRO/USD", "CROUSD", 5, 8, 1, 2, 27, 250'000'000'000},
};
constexpr std::array kLmaxListings{
    Listing{kBtc, "BTC/USD", "btc-usd", "btc-usd", 2, 2, 200, 30, 400, 5},
    Listing{kEth, "ETH/USD", "eth-usd", "eth-usd", 2, 1, 6, 2, 300, 10},
};

constexpr std::array kExchanges{
    Exchange{"bitstamp", -15, 1'000, kBitstampListings},
    Exchange{"bullish", 10, 1'000'000, kBullishListings},
    Exchange{"coinbase", 5, 1'000, kCoinbaseListings},
    Exchange{"crypto_com", -5, 1'000'000, kCryptoComListings},
    Exchange{"gemini", 20, 1'000'000, kGeminiListings},
    Exchange{"kraken", 0, 1'000, kKrakenListings},
    Exchange{"lmax", 0, 1'000'000, kLmaxListings},
};

std::int64_t floor_to(std::int64_t value, std::int64_t step) {
  const std::int64_t rest = value % step;
  return value - (rest < 0 ? rest + step : rest);
}

std::int64_t ceiling_to(std::int64_t value, std::int64_t step) { return floor_to(value + step - 1, step); }

}  // namespace

std::span<const Exchange> exchanges() { return kExchanges; }

const Exchange& exchange(std::string_view name) {
  for (const Exchange& venue : kExchanges) {
    if (venue.name == name) return venue;
  }
  base::refuse(std::string(name),
               "is no venue of the sandbox: bitstamp, bullish, coinbase, crypto_com, gemini, kraken, lmax");
}

Market::Market(const World& world, const Exchange& venue, std::size_t listing, std::int64_t activity)
    : world_(world), venue_(venue), listing_(venue.listings[listing]), activity_(activity), tick_e8_(1) {
  ENSURE(activity >= 1 && listing_.price_decimals <= 8);
  place_ = static_cast<std::uint64_t>(&venue - kExchanges.data()) * 16 + listing;
  for (int i = listing_.price_decimals; i < 8; ++i) tick_e8_ *= 10;
}

std::string Market::fixed(std::int64_t units, int decimals) {
  std::string text = std::to_string(units);
  if (decimals == 0) return text;
  const auto places = static_cast<std::size_t>(decimals);
  if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
  text.insert(text.size() - places, 1, '.');
  return text;
}

Market::Top Market::top(std::int64_t second) const {
  const std::int64_t noise =
      Dice::at({world_.seed(), 3, place_, static_cast<std::uint64_t>(second)}).between(-kNoisePpm, kNoisePpm);
  const std::int64_t middle_e8 = moved(world_.price_e8(listing_.asset, second), venue_.offset_ppm + noise);
  const std::int64_t middle = middle_e8 / tick_e8_;
  return {floor_to(middle - listing_.half_spread_ticks, listing_.grid_ticks),
          ceiling_to(middle + listing_.half_spread_ticks, listing_.grid_ticks)};
}

std::int64_t Market::size_at(std::int64_t price_ticks, std::int64_t second) const {
  // Levels change their size one by one: each has its own beat.
  const auto price = static_cast<std::uint64_t>(price_ticks);
  const std::int64_t beat =
      (second + price_ticks / listing_.grid_ticks % kSizeEpochSeconds) / kSizeEpochSeconds;
  Dice dice = Dice::at({world_.seed(), 4, place_, price, static_cast<std::uint64_t>(beat)});
  return std::max<std::int64_t>(1, listing_.typical_size * dice.between(5, 400) / 10);
}

Depth Market::depth(std::int64_t second) const {
  Depth depth;
  depth.time = time::Instant::from_ns(second * kNsASecond);
  depth.bids.reserve(kLevels);
  depth.asks.reserve(kLevels);
  const Top best = top(second);
  for (std::size_t i = 0; i < kLevels; ++i) {
    const std::int64_t off = static_cast<std::int64_t>(i) * listing_.grid_ticks;
    depth.bids.push_back({best.bid - off, size_at(best.bid - off, second)});
    depth.asks.push_back({best.ask + off, size_at(best.ask + off, second)});
  }
  return depth;
}

std::vector<Print> Market::prints_of_hour(std::int64_t hour) const {
  const std::int64_t count = prints_an_hour();
  Dice dice = Dice::at({world_.seed(), 5, place_, static_cast<std::uint64_t>(hour)});
  std::vector<std::int64_t> offsets;
  offsets.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i)
    offsets.push_back(floor_to(dice.between(0, kNsAnHour - 1), venue_.time_step_ns));
  std::sort(offsets.begin(), offsets.end());
  std::vector<Print> prints;
  prints.reserve(offsets.size());
  std::uint64_t number = static_cast<std::uint64_t>((hour - kFirstHour) * count) + 1;
  for (const std::int64_t offset : offsets) {
    Print print;
    print.time = time::Instant::from_ns(hour * kNsAnHour + offset);
    print.number = number++;
    const std::int64_t second = second_of(print.time);
    const Top best = top(second);
    print.buyer_took = dice.between(0, 1) == 1;
    print.price_ticks = dice.between(best.bid, best.ask);
    const std::int64_t most = size_at(print.buyer_took ? best.ask : best.bid, second);
    const std::int64_t wanted = listing_.typical_size * dice.between(1, 30) / dice.between(1, 100);
    print.size_units = std::clamp<std::int64_t>(wanted, 1, most);
    prints.push_back(print);
  }
  return prints;
}

std::vector<Print> Market::prints(time::Instant from, time::Instant until) const {
  std::vector<Print> wanted;
  if (until <= from) return wanted;
  check_in_world(from);
  check_in_world(until);
  for (std::int64_t hour = from.ns() / kNsAnHour; hour * kNsAnHour < until.ns(); ++hour) {
    for (const Print& print : prints_of_hour(hour)) {
      if (print.time >= from && print.time < until) wanted.push_back(print);
    }
  }
  return wanted;
}

}  // namespace navkeeper::sandbox
