#pragma once
// LiveBook: one market's order book, built from a venue's snapshots and updates, and checked the way the
// venue allows. After a refusal the book is empty until the next snapshot: a broken book is never shown.
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "services/pricing/adapters/venues/frame.h"

namespace navkeeper::pricing::venues {

class LiveBook {
 public:
  struct Level {
    Exact price;
    Exact size;  ///< positive
  };

  /// `depth`: levels of each side that the venue keeps up to date, so that ours must forget what falls out;
  /// 0: all.
  explicit LiveBook(std::size_t depth = 0) : depth_(depth) {}

  /// Nothing, or why the book is now empty: kBookSequence (an update without a snapshot before it, or one was
  /// lost), kBookChecksum, kCrossedBook.
  std::optional<Problem> apply(const BookUpdate& update, std::span<const BookLevel> levels);
  void clear();

  bool valid() const { return valid_; }
  std::int64_t exchange_ns() const { return exchange_ns_; }
  /// The best `count` levels, best first; fewer when there are fewer.
  std::vector<Level> bids(std::size_t count) const { return best(bids_, count); }
  std::vector<Level> asks(std::size_t count) const { return best(asks_, count); }
  std::size_t bid_count() const { return bids_.size(); }
  std::size_t ask_count() const { return asks_.size(); }

  /// CRC32 as Kraken computes it (docs.kraken.com, "Book checksum (WebSocket v2)"): the digits of price and
  /// size without point and leading zeros, of the best ten asks, then of the best ten bids.
  std::uint32_t checksum() const;

 private:
  // Best last, so that the changes at the top, which are nearly all, move few levels.
  using Levels = std::vector<Level>;
  static std::vector<Level> best(const Levels& levels, std::size_t count);
  static void set(Levels& levels, bool bid, const BookLevel& level);
  std::optional<Problem> fail(Problem problem);

  std::size_t depth_;
  Levels bids_;
  Levels asks_;
  bool valid_ = false;
  std::int64_t exchange_ns_ = 0;
  std::optional<std::uint64_t> sequence_;
};

}  // namespace navkeeper::pricing::venues
