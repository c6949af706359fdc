#include "services/pricing/domain/trades.h"

#include <algorithm>
#include <optional>

#include "common/base/ensure.h"

namespace navkeeper::pricing {
namespace {

struct Column {
  std::vector<std::int64_t> values;
  int scale = 0;
};

/// The numbers at their highest common scale, or nothing when one of them reaches `kNarrowEnd`.
std::optional<Column> narrowed(const std::vector<Number>& numbers) {
  std::array<std::int64_t, Number::kDigits + 1> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;

  Column column;
  for (const Number& number : numbers) {
    if (number.wide != nullptr) return std::nullopt;
    column.scale = std::max(column.scale, number.scale);
  }
  column.values.reserve(numbers.size());
  for (const Number& number : numbers) {
    std::int64_t value = 0;
    const auto power = powers[static_cast<std::size_t>(column.scale - number.scale)];
    if (__builtin_mul_overflow(number.mantissa, power, &value) || value >= kNarrowEnd) return std::nullopt;
    column.values.push_back(value);
  }
  return column;
}

std::vector<money::Decimal> decimals_of(const std::vector<Number>& numbers) {
  std::vector<money::Decimal> decimals;
  decimals.reserve(numbers.size());
  for (const Number& number : numbers) decimals.push_back(number.to_decimal());
  return decimals;
}

}  // namespace

void TradesBuilder::add(std::int64_t time_ns, std::uint8_t venue, const Number& price, const Number& size) {
  ENSURE(window_.contains(time_ns));
  ENSURE(price.is_positive() && size.is_positive());
  time_ns_.push_back(time_ns);
  venue_.push_back(venue);
  price_.push_back(price);
  size_.push_back(size);
}

Trades TradesBuilder::build() && {
  auto price = narrowed(price_);
  auto size = narrowed(size_);
  if (!price || !size) return std::move(*this).build_wide();
  money::Int128 volume = 0;
  for (const std::int64_t value : size->values) volume += value;
  if (volume >= kNarrowEnd) return std::move(*this).build_wide();

  NarrowTrades trades;
  trades.time_ns = std::move(time_ns_);
  trades.venue = std::move(venue_);
  trades.price = std::move(price->values);
  trades.size = std::move(size->values);
  trades.price_scale = price->scale;
  trades.size_scale = size->scale;
  if (!trades.price.empty()) {
    const auto [lowest, highest] = std::ranges::minmax(trades.price);
    trades.price_lowest = lowest;
    trades.price_highest = highest;
  }
  return trades;
}

WideTrades TradesBuilder::build_wide() && {
  return {std::move(time_ns_), decimals_of(price_), decimals_of(size_), std::move(venue_)};
}

}  // namespace navkeeper::pricing
