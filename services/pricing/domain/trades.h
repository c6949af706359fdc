#pragma once
// The trades that count towards a rate, as columns: one pair, inside the window, of configured venues, each
// trade once.
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "common/money/decimal.h"
#include "services/pricing/domain/number.h"
#include "services/pricing/domain/window.h"

namespace navkeeper::pricing {

/// Prices and sizes as 64-bit integers of a common scale each: what real trades need. Columns are of equal
/// length. Prices, and the sum of all sizes, are below 2^62, so 2 * cumulative volume fits 64 bits unsigned
/// and any sum of price * size fits 128. The lowest and highest price are kept while the columns are filled.
struct NarrowTrades {
  std::vector<std::int64_t> time_ns;
  std::vector<std::int64_t> price;  ///< * 10^-price_scale, quote currency for one unit of the base; positive
  std::vector<std::int64_t> size;   ///< * 10^-size_scale, base currency; positive
  std::vector<std::uint8_t> venue;  ///< position in the index's list
  int price_scale = 0;
  int size_scale = 0;
  std::int64_t price_lowest = 0;
  std::int64_t price_highest = 0;
};
constexpr std::int64_t kNarrowEnd = std::int64_t{1} << 62;

/// Any trades: decimals with up to 38 digits on each side of the point.
struct WideTrades {
  std::vector<std::int64_t> time_ns;
  std::vector<money::Decimal> price;
  std::vector<money::Decimal> size;
  std::vector<std::uint8_t> venue;
};

using Trades = std::variant<NarrowTrades, WideTrades>;

/// Gathers trades and then gives them in the narrowest form that holds them all.
class TradesBuilder {
 public:
  explicit TradesBuilder(Window window) : window_(window) {}
  /// A trade inside the window (ENSURE), price and size positive (ENSURE). A wide number must live until
  /// build().
  void add(std::int64_t time_ns, std::uint8_t venue, const Number& price, const Number& size);
  std::size_t size() const { return time_ns_.size(); }
  Trades build() &&;
  /// The wide form of the same trades, which every rate can be computed from too.
  WideTrades build_wide() &&;

 private:
  Window window_;
  std::vector<std::int64_t> time_ns_;
  std::vector<Number> price_;
  std::vector<Number> size_;
  std::vector<std::uint8_t> venue_;
};

}  // namespace navkeeper::pricing
