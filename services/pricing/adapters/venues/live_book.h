#pragma once
// LiveBook: one market's order book on one venue, built from the venue's snapshots and updates and checked
// the way the venue allows. After a refusal the book is empty until the next snapshot: a broken book is never
// shown.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "services/pricing/adapters/venues/frame.h"
#include "services/pricing/domain/markets/order_book.h"

namespace navkeeper::pricing::venues {

class LiveBook {
 public:
  /// `depth`: levels of each side that the venue keeps up to date, so that ours must forget what falls out;
  /// 0: all.
  explicit LiveBook(std::size_t depth = 0, BookScale scale = {}) : depth_(depth), book_(scale) {}

  /// Nothing, or why the book is now empty: kBookSequence (an update without a snapshot before it, or one was
  /// lost), kBookChecksum, kCrossedBook, kTooManyDigits (finer than the scale), kTooManyLevels, kNotPositive,
  /// kTwice.
  std::optional<Problem> apply(const BookUpdate& update, std::span<const BookLevel> levels);
  void clear();

  bool valid() const { return valid_; }
  std::int64_t exchange_ns() const { return exchange_ns_; }
  const OrderBook& book() const { return book_; }

  /// CRC32 as Kraken computes it (docs.kraken.com, "Book checksum (WebSocket v2)"): the digits of price and
  /// size as written, without point and leading zeros, of the best ten asks, then of the best ten bids. The
  /// decimals that the venue writes are learnt from the snapshot, where all numbers of a market have the
  /// same.
  std::uint32_t checksum() const;

 private:
  std::optional<BookError> replace(std::span<const BookLevel> levels);
  std::optional<BookError> change(std::span<const BookLevel> levels);
  void forget_beyond_depth(pricing::Side side);
  std::optional<Problem> fail(Problem problem);

  std::size_t depth_;
  OrderBook book_;
  bool valid_ = false;
  std::int64_t exchange_ns_ = 0;
  std::optional<std::uint64_t> sequence_;
  int price_decimals_ = 0;  ///< as written by the venue
  int size_decimals_ = 0;
  std::vector<Level> bids_;  // Kept for their memory.
  std::vector<Level> asks_;
};

}  // namespace navkeeper::pricing::venues
