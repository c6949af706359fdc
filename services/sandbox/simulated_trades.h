#pragma once
// Trades of the simulated world as a file: for the demonstration, and for tests that compare what arrived
// with what was printed. Nothing here is market data.
#include <cstdint>
#include <string>
#include <vector>

#include "common/time/instant.h"
#include "services/sandbox/exchange.h"

namespace navkeeper::sandbox {

/// One trade of the simulated world, as a venue prints it.
struct SimulatedTrade {
  time::Instant time;
  std::string venue;  ///< "coinbase", "kraken", ...
  std::string pair;   ///< "BTC/USD"
  std::string price;  ///< with the decimals that the venue prints
  std::string size;
  std::string id;  ///< the venue's own
};

/// The venue's own id of a print: each numbers in its own way.
std::string trade_id(const Exchange& venue, const Listing& listing, std::uint64_t number);

/// What the venues that print trades printed in [from, from + length), in order of time. CRO trades thinly,
/// so that some five minutes have none.
std::vector<SimulatedTrade> simulate_trades(std::uint64_t seed, time::Instant from, time::Duration length);

/// The same as a canonical trade file (contracts: time,venue,pair,price,size,id).
std::string simulated_trades_csv(const std::vector<SimulatedTrade>& trades);
constexpr const char* kTradesHeader = "time,venue,pair,price,size,id\n";
std::string csv_row(const SimulatedTrade& trade);

}  // namespace navkeeper::sandbox
