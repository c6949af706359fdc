#include "services/sandbox/simulated_trades.h"

#include <algorithm>

namespace navkeeper::sandbox {

std::string trade_id(const Exchange& venue, const Listing& listing, std::uint64_t number) {
  const auto pair = static_cast<std::uint64_t>(listing.asset);
  // Coinbase and Kraken number each market's trades without holes; the others draw from one sequence for the
  // whole venue, so that a market sees holes.
  if (venue.name == "coinbase") return std::to_string(700'000'000 + number);
  if (venue.name == "kraken") return std::to_string(60'000'000 + number);
  const std::uint64_t sparse = number * 7 + pair;
  if (venue.name == "crypto_com") return std::to_string(4'611'686'018'455'000'000 + sparse);
  if (venue.name == "bullish") return std::to_string(100'086'000'000'000'000 + sparse);
  if (venue.name == "gemini") return std::to_string(2'840'000'000'000 + sparse);
  return std::to_string(300'000'000 + sparse);
}

std::vector<SimulatedTrade> simulate_trades(std::uint64_t seed, time::Instant from, time::Duration length) {
  const World world(seed);
  std::vector<SimulatedTrade> trades;
  for (const Exchange& venue : exchanges()) {
    if (venue.name == "lmax") continue;  // A ticker is no tape.
    for (std::size_t i = 0; i < venue.listings.size(); ++i) {
      const Market market(world, venue, i);
      for (const Print& print : market.prints(from, from + length)) {
        trades.push_back({print.time, std::string(venue.name), std::string(market.listing().pair),
                          market.price_text(print.price_ticks), market.size_text(print.size_units),
                          trade_id(venue, market.listing(), print.number)});
      }
    }
  }
  std::stable_sort(trades.begin(), trades.end(),
                   [](const SimulatedTrade& a, const SimulatedTrade& b) { return a.time < b.time; });
  return trades;
}

std::string csv_row(const SimulatedTrade& trade) {
  return trade.time.to_string() + ',' + trade.venue + ',' + trade.pair + ',' + trade.price + ',' +
         trade.size + ',' + trade.id + '\n';
}

std::string simulated_trades_csv(const std::vector<SimulatedTrade>& trades) {
  std::string csv = kTradesHeader;
  for (const SimulatedTrade& trade : trades) csv += csv_row(trade);
  return csv;
}

}  // namespace navkeeper::sandbox
