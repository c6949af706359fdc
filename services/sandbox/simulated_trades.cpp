#include "services/sandbox/simulated_trades.h"

#include <algorithm>
#include <array>
#include <random>
#include <string_view>

#include "common/money/decimal.h"

namespace navkeeper::sandbox {
namespace {

struct SimulatedPair {
  std::string_view name;
  std::int64_t first_level_ticks;  ///< on kFirstDay
  int price_decimals;
  std::int64_t trades_an_hour;   ///< on a venue of weight 100
  std::int64_t typical_size_e8;  ///< in 1e-8 of a coin
  std::int64_t step_ppm;         ///< how far one trade moves the level at most, in millionths
  std::int64_t day_step_ppm;     ///< how far a night moves it at most
};

constexpr std::array kPairs{
    SimulatedPair{"BTC/USD", 87'400'00, 2, 900, 4'000'000, 60, 22'000},
    SimulatedPair{"ETH/USD", 2'960'00, 2, 700, 90'000'000, 80, 28'000},
    SimulatedPair{"CRO/USD", 96'400, 6, 45, 250'000'000'000, 300, 35'000},
};

struct SimulatedVenue {
  std::string_view name;
  std::int64_t weight;      ///< share of the trading, in per cent of the pair's hourly count
  std::int64_t offset_ppm;  ///< how far this venue's prices lie off the common level
  bool lists_cro;
};

constexpr std::array kVenues{
    SimulatedVenue{"bitstamp", 40, -15, false}, SimulatedVenue{"bullish", 50, 10, false},
    SimulatedVenue{"coinbase", 100, 5, true},   SimulatedVenue{"crypto_com", 80, -5, true},
    SimulatedVenue{"gemini", 20, 20, false},    SimulatedVenue{"kraken", 60, 0, true},
};

const time::Date kFirstDay = time::Date::literal("2026-01-01");
constexpr std::int64_t kMillion = 1'000'000;
constexpr std::int64_t kNsASecond = 1'000'000'000;

/// A generator whose stream is fixed by the standard, and whole numbers drawn from it by our own rule.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  /// From low to high, both included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto span = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(engine_() % span);
  }

 private:
  std::mt19937_64 engine_;
};

std::uint64_t seed_of(std::uint64_t seed, std::size_t pair, std::int64_t day) {
  std::uint64_t mixed = seed ^ (0x9E3779B97F4A7C15ULL * (pair + 1));
  mixed ^= static_cast<std::uint64_t>(day) * 0xBF58476D1CE4E5B9ULL;
  mixed ^= mixed >> 31;
  return mixed * 0x94D049BB133111EBULL;
}

std::int64_t moved(std::int64_t level, std::int64_t ppm) { return level + level * ppm / kMillion; }

std::int64_t level_on(std::uint64_t seed, std::size_t pair, std::int64_t days) {
  std::int64_t level = kPairs[pair].first_level_ticks;
  for (std::int64_t day = 0; day < days; ++day) {
    Dice night(seed_of(seed, pair, -1 - day));
    level = moved(level, night.between(-kPairs[pair].day_step_ppm, kPairs[pair].day_step_ppm));
  }
  return level;
}

std::string fixed(std::int64_t units, int decimals) {
  return money::Decimal::of(units, decimals).to_fixed(decimals);
}

void simulate_pair(std::uint64_t seed, std::size_t pair_index, std::int64_t day_index, time::Instant from,
                   time::Duration length, std::vector<SimulatedTrade>& trades) {
  const SimulatedPair& pair = kPairs[pair_index];
  Dice dice(seed_of(seed, pair_index, day_index));
  std::vector<std::pair<std::int64_t, std::size_t>> prints;  // offset from the start, venue
  for (std::size_t venue = 0; venue < kVenues.size(); ++venue) {
    if (pair.name == "CRO/USD" && !kVenues[venue].lists_cro) continue;
    const std::int64_t hourly = pair.trades_an_hour * kVenues[venue].weight / 100;
    const std::int64_t count = hourly * (length.ns() / kNsASecond) / 3600;
    for (std::int64_t i = 0; i < count; ++i) {
      prints.emplace_back(dice.between(0, length.ns() / 1000 - 1) * 1000, venue);
    }
  }
  std::sort(prints.begin(), prints.end());
  std::array<std::int64_t, kVenues.size()> ids{};
  std::int64_t level = level_on(seed, pair_index, day_index);
  for (const auto& [offset_ns, venue] : prints) {
    level = moved(level, dice.between(-pair.step_ppm, pair.step_ppm));
    const std::int64_t price = moved(level, kVenues[venue].offset_ppm + dice.between(-40, 40));
    const std::int64_t size =
        std::max<std::int64_t>(1, pair.typical_size_e8 / dice.between(1, 200) * dice.between(1, 30));
    const std::int64_t id = day_index * kMillion + ++ids[venue];
    trades.push_back({from + time::Duration::from_ns(offset_ns), std::string(kVenues[venue].name),
                      std::string(pair.name), fixed(price, pair.price_decimals), fixed(size, 8),
                      std::to_string(id)});
  }
}

}  // namespace

std::vector<SimulatedTrade> simulate_trades(std::uint64_t seed, time::Date day, time::Instant from,
                                            time::Duration length) {
  std::vector<SimulatedTrade> trades;
  const std::int64_t day_index = std::max<std::int64_t>(0, day - kFirstDay);
  for (std::size_t pair = 0; pair < kPairs.size(); ++pair)
    simulate_pair(seed, pair, day_index, from, length, trades);
  std::stable_sort(trades.begin(), trades.end(),
                   [](const SimulatedTrade& a, const SimulatedTrade& b) { return a.time < b.time; });
  return trades;
}

std::string simulated_trades_csv(const std::vector<SimulatedTrade>& trades) {
  std::string csv = "time,venue,pair,price,size,id\n";
  for (const SimulatedTrade& trade : trades) {
    csv += trade.time.to_string() + ',' + trade.venue + ',' + trade.pair + ',' + trade.price + ',' +
           trade.size + ',' + trade.id + '\n';
  }
  return csv;
}

}  // namespace navkeeper::sandbox
