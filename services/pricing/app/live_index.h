#pragma once
// LiveIndex: the order books of all venues as they are heard, and each index's value at every full second.
//
// A value of second T is made from what was received before T, whoever looks at the clock first: an event
// that was received at or after T closes the second before it changes a book. So the values are a function of
// the events in their order, and what arrives between two seconds may arrive in any order across venues.
//
// The venues' threads call the first group of functions, the thread that stores the second; all may be called
// at once. Seconds that nobody took wait, at most kWaitingMax; further ones are given up and counted.
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "services/pricing/app/real_time.h"

namespace navkeeper::pricing {

/// A level that a message touched; its size is looked up in the book.
struct TouchedLevel {
  Side side = Side::kBid;
  std::int64_t ticks = 0;
};

/// One full second, of all indices.
struct ClosedSecond {
  time::Instant at;
  struct Value {
    RealTimeDefinition rules;
    int file_version = 0;
    RealTimeValue value;
    RealTimeRecord record;
  };
  std::vector<Value> values;
};

class LiveIndex {
 public:
  static constexpr std::size_t kWaitingMax = 64;
  /// A whole book is stored so often; between them only changes.
  static constexpr int kKeyEverySeconds = 60;

  /// Seconds up to `start` are not made.
  explicit LiveIndex(time::Instant start);

  // --- what venues say. A book of another scale than BookScale{} is a bug (ENSURE).
  void snapshot(const model::VenueId& venue, const model::PairId& pair, time::Instant received_at,
                const OrderBook& book);
  /// `book` after a change of `touched`; what a venue of limited depth dropped from it goes too.
  void change(const model::VenueId& venue, const model::PairId& pair, time::Instant received_at,
              const OrderBook& book, std::span<const TouchedLevel> touched);
  /// Anything at all was received: its books stand as they are.
  void heard(const model::VenueId& venue, time::Instant received_at);
  void lost(const model::VenueId& venue, const model::PairId& pair, time::Instant received_at);

  // --- what stores
  /// Takes over new files, and those that changed; an index goes on with the screen that it had, a new one
  /// with that of its last stored second. Books stay.
  void use(const std::vector<StoredRealTimeFile>& files,
           const std::function<std::optional<RealTimeRecord>(const std::string& index)>& last);
  /// Closes the second before or at `now`, if that has not happened.
  void advance(time::Instant now);
  /// The closed seconds, oldest first.
  std::vector<ClosedSecond> take();
  /// From now on this process stores the indices, which another one did before: each goes on with the screen
  /// of its last stored second and begins with a whole book; no second up to the last stored one is made.
  void take_over(const std::function<std::optional<RealTimeRecord>(const std::string& index)>& last);
  /// The clock went back: seconds after `second` are made (again), what waits is given up. `second` must not
  /// lie before the last one that is stored. Nothing happens when it does not lie before the last closed one.
  void go_back_to(time::Instant second);
  /// A second that was taken could not be stored: what waits is given up, and the next second is whole again.
  void start_anew();

  struct Counters {
    std::uint64_t events = 0;
    std::uint64_t refused = 0;  ///< books or levels that no book takes
    std::uint64_t seconds = 0;
    std::uint64_t skipped = 0;   ///< full seconds that passed without a value being made
    std::uint64_t given_up = 0;  ///< closed, but nobody took them in time
  };
  Counters counters() const;
  time::Instant last_closed() const;

 private:
  using Market = std::pair<model::VenueId, model::PairId>;
  struct Book {
    OrderBook book;
    time::Instant heard_at;
  };
  struct Slot {
    StoredRealTimeFile file;
    const RealTimeDefinition* rules = nullptr;  ///< in `file`; null: none holds today
    std::optional<RealTimeIndex> index;
    std::optional<BookEvidence> evidence;  ///< of the last second, for the changes
    int to_key = 0;                        ///< seconds until the next key
    time::Date evidence_day = {};          ///< of `evidence`, by UTC
  };

  void close_before(time::Instant at);
  void close(time::Instant second);
  void prepare(Slot& slot, time::Instant second);
  void fill(Slot& slot, const Market& market, const Book& book);
  /// Calls use(index, venue's position) for the indices that have the market.
  template <class Use>
  void each_index_of(const Market& market, Use use);

  mutable std::mutex mutex_;
  std::map<Market, Book> books_;
  std::map<std::string, Slot> slots_;
  std::map<std::string, RealTimeRecord> last_stored_;
  std::deque<ClosedSecond> waiting_;
  time::Instant closed_;
  Counters counters_;
};

}  // namespace navkeeper::pricing
