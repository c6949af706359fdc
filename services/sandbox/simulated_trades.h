#pragma once
// A simulated week of trading, for the demonstration and for tests. Nothing here is market data: prices are a
// seeded random walk, the same for the same seed on every machine (integers only, no library distributions).
#include <cstdint>
#include <string>
#include <vector>

#include "common/time/date.h"
#include "common/time/instant.h"

namespace navkeeper::sandbox {

/// One trade of the simulated world, as a venue would print it.
struct SimulatedTrade {
  time::Instant time;
  std::string venue;  ///< "coinbase", "kraken", ...
  std::string pair;   ///< "BTC/USD"
  std::string price;  ///< with the pair's own decimals
  std::string size;   ///< with 8 decimals
  std::string id;     ///< rising per venue and pair
};

/// The trades of BTC, ETH and CRO against the dollar on six venues in [from, from + length) of `day`, in
/// order of time. CRO trades thinly, so that some five minutes have none. The level of each day follows from
/// the seed and the day alone.
std::vector<SimulatedTrade> simulate_trades(std::uint64_t seed, time::Date day, time::Instant from,
                                            time::Duration length);

/// The same as a canonical trade file (contracts: time,venue,pair,price,size,id).
std::string simulated_trades_csv(const std::vector<SimulatedTrade>& trades);

}  // namespace navkeeper::sandbox
