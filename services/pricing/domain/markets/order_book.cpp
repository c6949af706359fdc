#include "services/pricing/domain/markets/order_book.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::pricing {
namespace {

std::optional<BookError> problem_with(Level level, bool in_snapshot) {
  if (level.ticks <= 0) return BookError::kPriceNotPositive;
  if (in_snapshot ? level.lots <= 0 : level.lots < 0)
    return in_snapshot ? BookError::kSizeNotPositive : BookError::kSizeNegative;
  if (level.ticks >= kTicksEnd || level.lots >= kLotsEnd) return BookError::kTooLarge;
  return std::nullopt;
}

std::optional<BookError> problem_with(std::span<const Level> levels) {
  if (levels.size() > kLevelsMax) return BookError::kTooManyLevels;
  for (const Level level : levels) {
    if (const auto problem = problem_with(level, true)) return problem;
  }
  std::vector<std::int64_t> prices;
  prices.reserve(levels.size());
  for (const Level level : levels) prices.push_back(level.ticks);
  std::sort(prices.begin(), prices.end());
  if (std::adjacent_find(prices.begin(), prices.end()) != prices.end()) return BookError::kRepeatedPrice;
  return std::nullopt;
}

}  // namespace

std::string_view describe(BookError error) {
  switch (error) {
    case BookError::kPriceNotPositive:
      return "price is not positive";
    case BookError::kSizeNegative:
      return "size is negative";
    case BookError::kSizeNotPositive:
      return "size is not positive";
    case BookError::kTooFine:
      return "number has more decimals than the book";
    case BookError::kTooLarge:
      return "number is too large for the book";
    case BookError::kTooManyLevels:
      return "book has too many levels";
    case BookError::kRepeatedPrice:
      return "price appears twice on one side";
  }
  ENSURE(false);
}

std::string_view describe(BookShape shape) {
  switch (shape) {
    case BookShape::kEmpty:
      return "empty";
    case BookShape::kOneSided:
      return "one_sided";
    case BookShape::kCrossed:
      return "crossed";
    case BookShape::kTwoSided:
      return "two_sided";
  }
  ENSURE(false);
}

base::Result<Level, BookError> level_of(const money::Decimal& price, const money::Decimal& size,
                                        BookScale scale) {
  if (!price.is_positive()) return BookError::kPriceNotPositive;
  if (size.is_negative()) return BookError::kSizeNegative;
  if (price.scale() > scale.price_decimals || size.scale() > scale.size_decimals) return BookError::kTooFine;
  const auto ticks = price.to_units(scale.price_decimals);
  const auto lots = size.to_units(scale.size_decimals);
  if (!ticks || !lots || *ticks >= kTicksEnd || *lots >= kLotsEnd) return BookError::kTooLarge;
  return Level{static_cast<std::int64_t>(*ticks), static_cast<std::int64_t>(*lots)};
}

std::size_t Ladder::position(std::int64_t ticks) const {
  // Most changes are near the best price: look at the last few levels before searching by halves.
  std::size_t end = levels_.size();
  for (int i = 0; i < 8 && end > 0; ++i, --end) {
    if (worse(levels_[end - 1].ticks, ticks)) return end;
  }
  const auto begin = levels_.begin();
  return static_cast<std::size_t>(
      std::lower_bound(begin, begin + static_cast<std::ptrdiff_t>(end), ticks,
                       [this](const Level& level, std::int64_t price) { return worse(level.ticks, price); }) -
      begin);
}

std::int64_t Ladder::lots_at(std::int64_t ticks) const {
  const std::size_t at = position(ticks);
  return at < levels_.size() && levels_[at].ticks == ticks ? levels_[at].lots : 0;
}

void Ladder::set(std::int64_t ticks, std::int64_t lots) {
  const std::size_t at = position(ticks);
  const bool present = at < levels_.size() && levels_[at].ticks == ticks;
  if (present && lots != 0) {
    levels_[at].lots = lots;
  } else if (present) {
    levels_.erase(levels_.begin() + static_cast<std::ptrdiff_t>(at));
  } else if (lots != 0) {
    levels_.insert(levels_.begin() + static_cast<std::ptrdiff_t>(at), Level{ticks, lots});
  }
}

void Ladder::assign(std::vector<Level> levels) {
  levels_ = std::move(levels);
  std::sort(levels_.begin(), levels_.end(),
            [this](const Level& a, const Level& b) { return worse(a.ticks, b.ticks); });
  ENSURE(std::adjacent_find(levels_.begin(), levels_.end(), [](const Level& a, const Level& b) {
           return a.ticks == b.ticks;
         }) == levels_.end());
}

OrderBook::OrderBook(BookScale scale) : scale_(scale) {
  ENSURE(scale.price_decimals >= 0 && scale.price_decimals <= kBookDecimalsMax);
  ENSURE(scale.size_decimals >= 0 && scale.size_decimals <= kBookDecimalsMax);
}

BookShape OrderBook::shape() const {
  if (bids_.empty() && asks_.empty()) return BookShape::kEmpty;
  if (bids_.empty() || asks_.empty()) return BookShape::kOneSided;
  return bids_.best().ticks >= asks_.best().ticks ? BookShape::kCrossed : BookShape::kTwoSided;
}

std::optional<BookError> OrderBook::snapshot(std::span<const Level> bids, std::span<const Level> asks) {
  if (const auto problem = problem_with(bids)) return problem;
  if (const auto problem = problem_with(asks)) return problem;
  bids_.assign({bids.begin(), bids.end()});
  asks_.assign({asks.begin(), asks.end()});
  return std::nullopt;
}

std::optional<BookError> OrderBook::update(Side side, Level level) {
  if (const auto problem = problem_with(level, false)) return problem;
  Ladder& ladder = mutable_ladder(side);
  if (ladder.size() == kLevelsMax && level.lots != 0 && ladder.lots_at(level.ticks) == 0)
    return BookError::kTooManyLevels;
  ladder.set(level.ticks, level.lots);
  return std::nullopt;
}

void OrderBook::clear() {
  bids_.clear();
  asks_.clear();
}

}  // namespace navkeeper::pricing
