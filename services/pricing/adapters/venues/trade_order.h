#pragma once
// TradeOrder: one market's trades as they come in (live, from a venue's snapshot of recent ones, from its
// history), each given on once and in order. Memory is bounded.
//
// Where a venue numbers a market's trades, the order is that of the numbers: behind a hole trades wait until
// it is filled or given up. Elsewhere it is the order of arrival; while a gap is being repaired trades wait,
// and are then given on by exchange time.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "services/pricing/adapters/venues/frame.h"
#include "services/pricing/adapters/venues/protocol.h"

namespace navkeeper::pricing::venues {

enum class TradeSource : std::uint8_t { kLive, kRecent, kHistory };

struct ReceivedTrade {
  RawTrade trade;
  std::int64_t received_ns = 0;
  TradeSource source = TradeSource::kLive;
  bool late = false;  ///< it came after its place in the order had been given up
};

/// The ids of a market's last trades, with what they said. When one is forgotten, so is everything as old as
/// it.
class SeenTrades {
 public:
  explicit SeenTrades(std::size_t capacity) : capacity_(capacity) {}
  enum class Answer { kNew, kSame, kOther, kForgotten };
  /// kOther: the same id with another price or size. kForgotten: so old that it may have been seen before.
  Answer look(const RawTrade& trade) const;
  void add(const RawTrade& trade);
  std::size_t size() const { return order_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const TradeId& id) const { return std::hash<std::string_view>{}(id.text()); }
  };
  struct Entry {
    TradeId id;
    std::int64_t exchange_ns;
  };
  std::size_t capacity_;
  std::unordered_map<TradeId, std::uint64_t, Hash> prints_;
  std::deque<Entry> order_;
  std::int64_t forgotten_until_ns_ = INT64_MIN;
};

class TradeOrder {
 public:
  struct Limits {
    std::size_t seen_max = 100'000;      ///< ids remembered
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

  /// The last trade that is safe from an earlier run: what comes after it is wanted.
  void resume(const RawTrade& last);

  /// Takes a trade; what is ready is appended to `ready`.
  Verdict offer(const ReceivedTrade& received, std::vector<ReceivedTrade>& ready);
  /// The venue says that the numbers reach so far.
  void reached(std::uint64_t number);

  // Numbered trades.
  std::optional<Hole> hole() const;
  /// Gives the hole up: what waits behind it is ready. Its trades are taken as late when they come after all.
  void abandon_hole(std::vector<ReceivedTrade>& ready);

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
