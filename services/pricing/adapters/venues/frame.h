#pragma once
// What one websocket text frame of a venue says, in the words of the pricing service.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/pricing/adapters/venues/exact.h"

namespace navkeeper::pricing::venues {

enum class Venue : std::uint8_t { kCryptoCom, kCoinbase, kKraken, kBitstamp, kGemini, kBullish, kLmax };
/// "crypto_com", "coinbase", "kraken", "bitstamp", "gemini", "bullish", "lmax": the venue's name in trades
/// and configuration.
std::string_view name_of(Venue venue);

/// One market of a venue and its spellings: "BTC/USD", with Kraken "BTC/USD" on the websocket and "XBTUSD"
/// over REST.
struct Instrument {
  std::string pair;         ///< ours
  std::string symbol;       ///< on the venue's websocket
  std::string rest_symbol;  ///< in the venue's REST paths and queries
};

/// Who took liquidity, as the venue says. Rates do not depend on it.
enum class Side : std::uint8_t { kUnknown, kBuy, kSell };

/// A venue's own name for a trade: its text without quotes, at most 23 bytes, so that a number and the string
/// of the same digits are one id.
class TradeId {
 public:
  static constexpr std::size_t kBytes = 23;
  TradeId() = default;
  /// Nothing when it is empty, longer, or has a byte that is not a printable ASCII character.
  static std::optional<TradeId> of(std::string_view text);

  std::string_view text() const { return {bytes_.data(), size_}; }
  friend bool operator==(const TradeId& a, const TradeId& b) { return a.text() == b.text(); }

 private:
  std::array<char, kBytes> bytes_{};
  std::uint8_t size_ = 0;
};

/// A trade as a venue reported it. The instrument is a position in the protocol's list.
struct RawTrade {
  Venue venue{};
  Side side = Side::kUnknown;
  bool coarse_time = false;  ///< the source gives whole seconds only (Bitstamp's REST history)
  std::uint16_t instrument = 0;
  std::int64_t exchange_ns = 0;
  Exact price;  ///< positive, quote currency for one unit of the base
  Exact size;   ///< positive, base currency
  TradeId id;
  std::uint64_t number =
      0;  ///< of a venue that numbers a market's trades without holes: its position; else 0
};

/// The best prices of a venue that reports no trades that could be relied on.
struct Quote {
  std::uint16_t instrument = 0;
  std::int64_t exchange_ns = 0;
  Exact bid;  ///< positive
  Exact ask;  ///< positive
};

struct BookLevel {
  Exact price;  ///< positive
  Exact size;   ///< zero: the level is gone
  bool bid = false;
};

/// A change of one market's book, or the whole of it.
struct BookUpdate {
  std::uint16_t instrument = 0;
  bool snapshot = false;
  std::int64_t exchange_ns = 0;
  std::size_t first_level = 0;  ///< its levels are Frame::levels[first_level, first_level + level_count)
  std::size_t level_count = 0;
  std::optional<std::uint64_t> sequence;           ///< of this update
  std::optional<std::uint64_t> previous_sequence;  ///< the update that must have come before it
  std::optional<std::uint32_t> checksum;  ///< CRC32 of the best ten levels of each side afterwards (Kraken)
};

/// Why a frame, or one trade or book in it, was not taken.
enum class Problem : std::uint8_t {
  kTooLarge,           ///< above kFrameBytesMax
  kNotJson,            ///< not UTF-8, cut off, or not one JSON document
  kTwice,              ///< a field twice in one object
  kUnknownMessage,     ///< JSON, but nothing that this venue's documentation describes
  kUnknownInstrument,  ///< nobody subscribed to it
  kMissingField,
  kBadNumber,      ///< price or size is not a decimal number
  kTooManyDigits,  ///< more than 18 digits or 18 decimals
  kNotPositive,
  kBadTime,
  kBadId,
  kTooManyLevels,  ///< above kLevelsMax in one frame
  kCrossedBook,    ///< the best bid is not below the best ask
  kBookSequence,   ///< an update was lost
  kBookChecksum,   ///< our book is not the venue's
};
std::string_view describe(Problem problem);

/// What must happen to the connection.
enum class Fate : std::uint8_t {
  kKeep,             ///< go on: only what is refused is lost (a gap that the numbers show is backfilled)
  kResubscribeBook,  ///< the market's book must be asked for again
  kReconnect,        ///< nothing on this connection can be relied on any more
};

struct FrameRefusal {
  Problem problem{};
  Fate fate = Fate::kKeep;
  const char* field = "";                     ///< of the venue's message; "" when it is about the whole frame
  std::optional<std::uint16_t> instrument{};  ///< when it is known
};

/// The last number that the venue says a market has reached: shows trades lost at the end of the tape.
struct Reached {
  std::uint16_t instrument = 0;
  std::uint64_t number = 0;
};

constexpr std::size_t kFrameBytesMax = std::size_t{16}
                                       << 20;  ///< Coinbase's whole BTC-USD book is about 5 MB
constexpr std::size_t kLevelsMax = 400'000;
constexpr std::size_t kRefusalsMax = 16;  ///< kept of one frame; the rest are counted

/// One frame's content. Reused from frame to frame, so that reading allocates nothing once it has grown. A
/// frame with none of the parts below is one that the documentation lets us ignore.
struct Frame {
  std::vector<RawTrade> trades;
  bool history = false;  ///< the trades are a snapshot of recent ones: some of them have been seen before
  std::vector<Quote> quotes;
  std::vector<BookUpdate> books;
  std::vector<BookLevel> levels;
  std::vector<Reached> reached;
  std::optional<std::uint64_t>
      connection_sequence;  ///< grows by one with every frame of the connection (Coinbase)
  bool heartbeat = false;
  std::optional<std::int64_t> said_ns;  ///< when the venue says that it sent this heartbeat
  std::string answer;                   ///< to be sent back exactly so; empty: nothing
  bool subscribed = false;              ///< the venue confirms a subscription
  bool please_reconnect = false;
  std::string venue_error;     ///< what the venue complains about, at most 200 bytes; empty: nothing
  std::uint32_t excluded = 0;  ///< prints that are no trades of the order book (auction, block, OTC)
  std::vector<FrameRefusal> refusals;
  std::uint32_t refusals_beyond = 0;  ///< refusals that were counted but not kept

  void clear();
  void refuse(Problem problem, Fate fate, const char* field = "",
              std::optional<std::uint16_t> instrument = {});
  /// Nothing of the frame can be used, and nothing after it relied on.
  void refuse_whole(Problem problem);
  /// The hardest fate of all refusals.
  Fate fate() const { return fate_; }
  std::uint32_t refusal_count() const {
    return static_cast<std::uint32_t>(refusals.size()) + refusals_beyond;
  }

 private:
  Fate fate_ = Fate::kKeep;
};

}  // namespace navkeeper::pricing::venues
