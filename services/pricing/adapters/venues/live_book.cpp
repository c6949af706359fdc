#include "services/pricing/adapters/venues/live_book.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace navkeeper::pricing::venues {
namespace {

constexpr std::size_t kChecksumLevels = 10;

/// CRC-32 of ISO-HDLC (the polynomial of zlib and PNG), by table.
constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320U : value >> 1;
    table[byte] = value;
  }
  return table;
}();

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) crc = (crc >> 8) ^ kCrcTable[(crc ^ static_cast<std::uint8_t>(c)) & 0xFF];
  return ~crc;
}

/// `number` in units of 10^-decimals, below `end`; nothing when it is finer or larger.
std::optional<std::int64_t> units_of(const Exact& number, int decimals, std::int64_t end) {
  std::int64_t units = number.mantissa;
  for (int scale = number.scale; scale < decimals; ++scale) {
    if (__builtin_mul_overflow(units, 10, &units)) return std::nullopt;
  }
  for (int scale = number.scale; scale > decimals; --scale) {
    if (units % 10 != 0) return std::nullopt;
    units /= 10;
  }
  return units < end ? std::optional(units) : std::nullopt;
}

std::optional<Level> level_in(BookScale scale, const BookLevel& level) {
  const auto ticks = units_of(level.price, scale.price_decimals, kTicksEnd);
  const auto lots = units_of(level.size, scale.size_decimals, kLotsEnd);
  if (!ticks || !lots) return std::nullopt;
  return Level{*ticks, *lots};
}

Problem problem_of(BookError error) {
  switch (error) {
    case BookError::kPriceNotPositive:
    case BookError::kSizeNegative:
    case BookError::kSizeNotPositive:
      return Problem::kNotPositive;
    case BookError::kTooFine:
    case BookError::kTooLarge:
      return Problem::kTooManyDigits;
    case BookError::kTooManyLevels:
      return Problem::kTooManyLevels;
    case BookError::kRepeatedPrice:
      return Problem::kTwice;
  }
  return Problem::kBadNumber;
}

/// The digits of `units` with `decimals` decimals when only `written` of them are written.
std::string written_digits(std::int64_t units, int decimals, int written) {
  for (; decimals > written; --decimals) units /= 10;
  std::string text = std::to_string(units);
  if (written > decimals) text.append(static_cast<std::size_t>(written - decimals), '0');
  return text;
}

}  // namespace

std::optional<Problem> LiveBook::apply(const BookUpdate& update, std::span<const BookLevel> levels) {
  if (!update.snapshot && !valid_) return Problem::kBookSequence;
  if (!update.snapshot && update.previous_sequence && sequence_ != update.previous_sequence) {
    return fail(Problem::kBookSequence);
  }
  if (const auto error = update.snapshot ? replace(levels) : change(levels)) return fail(problem_of(*error));
  forget_beyond_depth(pricing::Side::kBid);
  forget_beyond_depth(pricing::Side::kAsk);
  valid_ = true;
  exchange_ns_ = update.exchange_ns;
  sequence_ = update.sequence;
  if (update.checksum && *update.checksum != checksum()) return fail(Problem::kBookChecksum);
  if (book_.shape() == BookShape::kCrossed) return fail(Problem::kCrossedBook);
  return std::nullopt;
}

void LiveBook::clear() {
  book_.clear();
  valid_ = false;
  exchange_ns_ = 0;
  sequence_.reset();
}

std::uint32_t LiveBook::checksum() const {
  std::string text;
  for (const Ladder* side : {&book_.asks(), &book_.bids()}) {
    for (std::size_t i = 0; i < std::min(kChecksumLevels, side->size()); ++i) {
      const Level& level = side->best(i);
      text += written_digits(level.ticks, book_.scale().price_decimals, price_decimals_);
      text += written_digits(level.lots, book_.scale().size_decimals, size_decimals_);
    }
  }
  return crc32(text);
}

std::optional<BookError> LiveBook::replace(std::span<const BookLevel> levels) {
  bids_.clear();
  asks_.clear();
  price_decimals_ = 0;
  size_decimals_ = 0;
  for (const BookLevel& level : levels) {
    price_decimals_ = std::max(price_decimals_, level.price.scale);
    size_decimals_ = std::max(size_decimals_, level.size.scale);
    if (level.size.is_zero()) continue;  // A level that is gone, in a snapshot: nothing to show.
    const auto units = level_in(book_.scale(), level);
    if (!units) return BookError::kTooFine;
    (level.bid ? bids_ : asks_).push_back(*units);
  }
  return book_.snapshot(bids_, asks_);
}

std::optional<BookError> LiveBook::change(std::span<const BookLevel> levels) {
  for (const BookLevel& level : levels) {
    const auto units = level_in(book_.scale(), level);
    if (!units) return BookError::kTooFine;
    if (const auto error = book_.update(level.bid ? pricing::Side::kBid : pricing::Side::kAsk, *units))
      return error;
  }
  return std::nullopt;
}

void LiveBook::forget_beyond_depth(pricing::Side side) {
  const Ladder& ladder = book_.ladder(side);
  while (depth_ > 0 && ladder.size() > depth_) {
    const bool gone = !book_.update(side, {ladder.best(ladder.size() - 1).ticks, 0});
    if (!gone) return;
  }
}

std::optional<Problem> LiveBook::fail(Problem problem) {
  clear();
  return problem;
}

}  // namespace navkeeper::pricing::venues
