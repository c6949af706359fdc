#pragma once
// The order book of one pair on one venue: exact, bounded, and the same for the same messages.
//
// Prices are whole ticks, sizes whole lots: price = ticks / 10^price_decimals in the quote currency for one
// unit of the base, size = lots / 10^size_decimals in the base. A number that the scale cannot hold exactly
// is refused, never rounded; so is what would make the book unbounded. A refused message leaves the book as
// it was.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/money/decimal.h"

namespace navkeeper::pricing {

/// Decimals that a tick and a lot stand for; 0 to 18 each.
struct BookScale {
  int price_decimals = 8;
  int size_decimals = 8;
  bool operator==(const BookScale&) const = default;
};
constexpr int kBookDecimalsMax = 18;

enum class Side { kBid, kAsk };
constexpr std::string_view describe(Side side) { return side == Side::kBid ? "bid" : "ask"; }

struct Level {
  std::int64_t ticks = 0;
  std::int64_t lots = 0;
  bool operator==(const Level&) const = default;
};

/// Why a level is refused, tried in this order.
enum class BookError {
  kPriceNotPositive,
  kSizeNegative,     ///< in an update; zero there deletes
  kSizeNotPositive,  ///< in a snapshot
  kTooFine,          ///< more decimals than the book's scale
  kTooLarge,         ///< ticks of 2^62 or more, lots of 2^55 or more
  kTooManyLevels,    ///< a side would hold more than kLevelsMax
  kRepeatedPrice,    ///< twice on one side of a snapshot
};
std::string_view describe(BookError error);

constexpr std::int64_t kTicksEnd = std::int64_t{1} << 62;
/// So that a price level of 200 venues together still fits 64 bits.
constexpr std::int64_t kLotsEnd = std::int64_t{1} << 55;
constexpr std::size_t kLevelsMax = 50'000;

/// A level from outside in the units of `scale`. Price positive, size zero (a deletion) or positive.
base::Result<Level, BookError> level_of(const money::Decimal& price, const money::Decimal& size,
                                        BookScale scale);

/// One side: its levels from the worst to the best price, so that changes near the best, the common ones, are
/// cheap.
class Ladder {
 public:
  explicit Ladder(Side side) : side_(side) {}
  Side side() const { return side_; }
  bool empty() const { return levels_.empty(); }
  std::size_t size() const { return levels_.size(); }
  /// The i-th best; 0 is the best. i < size().
  const Level& best(std::size_t i = 0) const { return levels_[levels_.size() - 1 - i]; }
  /// Lots at a price, 0 when there is no level.
  std::int64_t lots_at(std::int64_t ticks) const;
  /// Replaces the lots at a price; 0 deletes.
  void set(std::int64_t ticks, std::int64_t lots);
  void clear() { levels_.clear(); }
  /// `levels` in any order, prices differing (ENSURE).
  void assign(std::vector<Level> levels);
  bool operator==(const Ladder&) const = default;

 private:
  bool worse(std::int64_t a, std::int64_t b) const { return side_ == Side::kBid ? a < b : a > b; }
  std::size_t position(std::int64_t ticks) const;

  Side side_;
  std::vector<Level> levels_;
};

/// What a book is worth to a reader.
enum class BookShape {
  kEmpty,
  kOneSided,
  kCrossed,  ///< best bid at or above best ask: erroneous within one venue
  kTwoSided,
};
std::string_view describe(BookShape shape);

class OrderBook {
 public:
  explicit OrderBook(BookScale scale = {});

  BookScale scale() const { return scale_; }
  const Ladder& bids() const { return bids_; }
  const Ladder& asks() const { return asks_; }
  const Ladder& ladder(Side side) const { return side == Side::kBid ? bids_ : asks_; }
  BookShape shape() const;

  /// Everything anew. Refused as a whole when one level is.
  std::optional<BookError> snapshot(std::span<const Level> bids, std::span<const Level> asks);
  /// The lots now standing at a price; 0 deletes (deleting what is not there changes nothing).
  std::optional<BookError> update(Side side, Level level);
  /// Nothing known any more: after a gap, until the next snapshot.
  void clear();

  bool operator==(const OrderBook&) const = default;

 private:
  Ladder& mutable_ladder(Side side) { return side == Side::kBid ? bids_ : asks_; }

  BookScale scale_;
  Ladder bids_{Side::kBid};
  Ladder asks_{Side::kAsk};
};

}  // namespace navkeeper::pricing
