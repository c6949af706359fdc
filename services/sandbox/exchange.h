#pragma once
// The simulated venues: which pairs each lists and how it spells them, what its order books hold at each
// second, and which trades it prints. All of it follows from the world alone; every trade lies inside its
// venue's best bid and ask of that second.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/instant.h"
#include "services/sandbox/world.h"

namespace navkeeper::sandbox {

/// One pair on one venue.
struct Listing {
  Asset asset{};
  std::string_view pair;         ///< "BTC/USD"
  std::string_view symbol;       ///< on the venue's websocket
  std::string_view rest_symbol;  ///< in its REST paths
  int price_decimals = 0;
  int size_decimals = 8;
  std::int64_t grid_ticks = 0;         ///< between two levels of the book
  std::int64_t half_spread_ticks = 0;  ///< at least; the grid widens it
  std::int64_t trades_an_hour = 0;
  std::int64_t typical_size = 0;  ///< in units of size_decimals
};

struct Exchange {
  std::string_view name;          ///< "coinbase"
  std::int64_t offset_ppm = 0;    ///< how far its prices lie off the world's
  std::int64_t time_step_ns = 1;  ///< the resolution of its stream's times
  std::span<const Listing> listings;
};

/// bitstamp, bullish, coinbase, crypto_com, gemini, kraken, lmax, in this order.
std::span<const Exchange> exchanges();
/// Refuses (base::Refused) a name that is none of them.
const Exchange& exchange(std::string_view name);

/// A trade as a venue prints it, in the listing's ticks and size units.
struct Print {
  time::Instant time;
  std::int64_t price_ticks = 0;
  std::int64_t size_units = 0;
  bool buyer_took = false;   ///< the taker bought
  std::uint64_t number = 0;  ///< position in the market's tape; without holes
};

struct DepthLevel {
  std::int64_t price_ticks = 0;
  std::int64_t size_units = 0;
  bool operator==(const DepthLevel&) const = default;
};

/// A whole book, best levels first, never one-sided, never crossed.
struct Depth {
  time::Instant time;
  std::vector<DepthLevel> bids;
  std::vector<DepthLevel> asks;
};

/// One listing of one venue in a world.
class Market {
 public:
  /// `activity` times as many trades as usual.
  Market(const World& world, const Exchange& venue, std::size_t listing, std::int64_t activity = 1);

  static constexpr std::size_t kLevels = 100;  ///< of each side

  const Listing& listing() const { return listing_; }
  Depth depth(std::int64_t second) const;
  /// The trades of [from, until) in order of time; numbers go on from hour to hour.
  std::vector<Print> prints(time::Instant from, time::Instant until) const;

  std::string price_text(std::int64_t ticks) const { return fixed(ticks, listing_.price_decimals); }
  std::string size_text(std::int64_t units) const { return fixed(units, listing_.size_decimals); }
  /// 123456 with 2 decimals is "1234.56".
  static std::string fixed(std::int64_t units, int decimals);

 private:
  struct Top {
    std::int64_t bid;
    std::int64_t ask;
  };
  Top top(std::int64_t second) const;
  std::int64_t size_at(std::int64_t price_ticks, std::int64_t second) const;
  std::int64_t prints_an_hour() const { return listing_.trades_an_hour * activity_; }
  std::vector<Print> prints_of_hour(std::int64_t hour) const;

  const World& world_;
  const Exchange& venue_;
  const Listing& listing_;
  std::uint64_t place_;  ///< tells markets apart in draws
  std::int64_t activity_;
  std::int64_t tick_e8_;
};

}  // namespace navkeeper::sandbox
