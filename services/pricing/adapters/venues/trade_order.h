#pragma once
// TradeOrder: one market's trades as they come in (live, from a venue's snapshot of recent ones, from its
// history), each given on once and in order. Memory is bounded: of the last trades the ids and a print of
// what they said. A copy that says something else is given on too, for a stream cannot take back and whoever
// keeps the trades refuses both; so is a trade older than what is remembered, which only they can compare.
//
// Where a venue numbers a market's trades, the order is that of the numbers: behind a hole trades wait until
// it is filled or given up. A trade whose number contradicts that order is astray: given on as late, and the
// order stays as it is; two of them in a row that follow each other begin the market anew. Elsewhere it is
// the order of arrival; while a gap is being repaired trades wait, and are then given on by exchange time.
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
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
  /// Offered so, it was asked for again: a number that had been given up is wanted, however long ago.
  bool late = false;
  MessageHash message_hash{};
  bool anew = false;  ///< the market's numbers begin anew with it, whatever came before
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
    std::uint64_t step_max = 1'000;      ///< between two trades that went astray and follow each other
    std::size_t astray_max = 1'024;      ///< numbers remembered that are still to be passed
  };
  /// kAstray: its number lies too far ahead, or went back though it was never seen and is later than all.
  /// kAnew: it follows one that went astray: the market's numbers begin anew.
  enum class Verdict { kTaken, kDuplicate, kContradiction, kTooOld, kAstray, kAnew };
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
  /// Numbers that an earlier run gave up: taken as late when they come after all. Of these ranges, and of
  /// the holes given up, only the last 64 are remembered: beyond, only what is offered as late is taken.
  void want(std::uint64_t first, std::uint64_t last);
  std::uint64_t next_number() const { return next_; }  ///< 0: none came yet
  /// The last trade went astray: whether the numbers begin anew is not known yet.
  bool in_doubt() const { return astray_last_ != 0; }
  /// How many went astray, and the last of them.
  std::uint64_t strays() const { return strays_; }
  const TradeId& stray_id() const { return stray_id_; }

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
  Verdict give_astray(const ReceivedTrade& received, std::vector<ReceivedTrade>& ready);
  Verdict give_late(const ReceivedTrade& received, Verdict verdict, std::vector<ReceivedTrade>& ready);
  Verdict offer_numbered(const ReceivedTrade& received, std::vector<ReceivedTrade>& ready);
  /// What is known already at or behind the place of the numbers need not come again.
  void pass_over(std::uint64_t number, std::vector<ReceivedTrade>& ready);
  Verdict offer_astray(const ReceivedTrade& received, std::vector<ReceivedTrade>& ready);
  /// Waiting trades that a later one with a lower number contradicts.
  void drop_astray(const RawTrade& live, std::vector<ReceivedTrade>& ready);
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
  std::set<std::uint64_t> passed_;  ///< at or above next_: given on as late already
  std::uint64_t strays_ = 0;
  TradeId stray_id_;
  std::uint64_t astray_last_ = 0;  ///< the number of the last trade when it went astray; else 0

  bool gap_open_ = false;
  std::vector<ReceivedTrade> waiting_;
};

}  // namespace navkeeper::pricing::venues
