#pragma once
// TradeOrder: one market's trades as they come in (live, from a venue's snapshot of recent ones, from its
// history), each given on once and in order. Memory is bounded: of the last trades the ids and a print of
// what they said. A copy that says something else is given on too, for a stream cannot take back and whoever
// keeps the trades refuses both; so is a trade older than what is remembered, which only they can compare.
//
// Where a venue numbers a market's trades, the order is that of the numbers: behind a hole trades wait until
// it is filled or given up. Elsewhere it is the order of arrival; while a gap is being repaired trades wait,
// and are then given on by exchange time.
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "services/pricing/adapters/venues/frame.h"
#include "services/pricing/adapters/venues/protocol.h"

namespace navkeeper::pricing::venues {

enum class TradeSource : std::uint8_t { kLive, kRecent, kHistory };

/// SHA-256 of a whole websocket message or REST answer, as it was received.
using MessageHash = std::array<std::uint8_t, 32>;

struct ReceivedTrade {
  RawTrade trade;
  std::int64_t received_ns = 0;
  TradeSource source = TradeSource::kLive;
  /// It is out of its place in the order: its place had been given up, it contradicts a trade that came
  /// before, or is so old that it may have come before (whoever keeps the trades knows). It says nothing
  /// about how far the market's trades are whole.
  bool late = false;
  MessageHash message_hash{};
};

/// The ids of a market's last trades, with what they said. When one is forgotten, so is everything as old as
/// it. Its memory is taken at once and never grows: 48 bytes a trade where the capacity is a power of two.
class SeenTrades {
 public:
  explicit SeenTrades(std::size_t capacity);
  enum class Answer { kNew, kSame, kOther, kForgotten };
  /// kOther: the same id with another price or size. kForgotten: so old that it may have been seen before.
  Answer look(const RawTrade& trade) const;
  void add(const RawTrade& trade);
  std::size_t size() const { return size_; }

 private:
  struct Entry {
    TradeId id;
    std::int64_t exchange_ns = 0;
    std::uint64_t print = 0;
  };
  std::size_t home(const TradeId& id) const { return std::hash<std::string_view>{}(id.text()) & mask_; }
  /// The slot that holds the id, or the empty one where it would go.
  std::size_t slot_of(const TradeId& id) const;
  void forget_oldest();

  std::vector<Entry> entries_;        ///< a ring: the oldest is overwritten
  std::vector<std::uint32_t> slots_;  ///< open addressing: the place of an entry, plus one; 0: empty
  std::size_t mask_;
  std::size_t oldest_ = 0;
  std::size_t size_ = 0;
  std::int64_t forgotten_until_ns_ = INT64_MIN;
};

class TradeOrder {
 public:
  struct Limits {
    std::size_t seen_max = 16'384;       ///< ids remembered; what is older, the store knows
    std::size_t waiting_max = 200'000;   ///< trades waiting behind a gap; then the gap is given up
    std::uint64_t hole_max = 1'000'000;  ///< numbers missing at once; more is not believed to be a hole
  };
  enum class Verdict { kTaken, kDuplicate, kContradiction, kTooOld };
  struct Hole {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::int64_t from_ns = 0;
    std::int64_t until_ns = 0;  ///< 0: nothing is known after it
    bool operator==(const Hole&) const = default;
  };

  explicit TradeOrder(GapRule rule) : TradeOrder(rule, Limits()) {}
  TradeOrder(GapRule rule, Limits limits) : rule_(rule), limits_(limits), seen_(limits.seen_max) {}

  /// What is safe from an earlier run, not empty, the last trade at its end: what comes after that is wanted.
  void resume(std::span<const RawTrade> recent);

  /// Takes a trade; what is ready is appended to `ready`. A contradiction and one too old are ready at once,
  /// as late.
  Verdict offer(const ReceivedTrade& received, std::vector<ReceivedTrade>& ready);
  /// The venue says that the numbers reach so far.
  void reached(std::uint64_t number);

  // Numbered trades.
  std::optional<Hole> hole() const;
  /// The last missing number not after `limit`, of the first hole or of one behind it: so that one request
  /// can fetch several. Only while there is a hole that begins not after `limit`.
  std::uint64_t last_missing(std::uint64_t limit) const;
  /// Gives the hole up: what waits behind it is ready. Its trades are taken as late when they come after all.
  void abandon_hole(std::vector<ReceivedTrade>& ready);
  /// Numbers that an earlier run gave up: taken as late when they come after all.
  void want(std::uint64_t first, std::uint64_t last);
  std::uint64_t next_number() const { return next_; }  ///< 0: none came yet

  // Trades without numbers.
  void open_gap() { gap_open_ = true; }
  bool gap_open() const { return gap_open_; }
  void close_gap(std::vector<ReceivedTrade>& ready);

  std::int64_t last_ns() const { return last_ns_; }
  const TradeId& last_id() const { return last_id_; }
  bool knows_last() const { return last_ns_ > 0; }
  std::size_t waiting() const { return by_number_.size() + waiting_.size(); }
  /// Gaps that were given up because too much waited behind them.
  std::uint64_t overflows() const { return overflows_; }

 private:
  Verdict give_late(const ReceivedTrade& received, Verdict verdict, std::vector<ReceivedTrade>& ready);
  Verdict offer_numbered(const ReceivedTrade& received, std::vector<ReceivedTrade>& ready);
  void give(const ReceivedTrade& received, std::vector<ReceivedTrade>& ready);
  void drain(std::vector<ReceivedTrade>& ready);

  GapRule rule_;
  Limits limits_;
  SeenTrades seen_;
  std::int64_t last_ns_ = 0;  ///< of the trades given on
  TradeId last_id_;
  std::uint64_t overflows_ = 0;

  std::uint64_t next_ = 0;  ///< the next number to give on; 0: none came yet
  std::uint64_t reached_ = 0;
  std::map<std::uint64_t, ReceivedTrade> by_number_;
  std::deque<std::pair<std::uint64_t, std::uint64_t>> abandoned_;  ///< ranges, the last ones

  bool gap_open_ = false;
  std::vector<ReceivedTrade> waiting_;
};

}  // namespace navkeeper::pricing::venues
