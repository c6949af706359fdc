#include "services/pricing/adapters/venues/live_book.h"

#include <algorithm>
#include <array>
#include <string>

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

}  // namespace

std::optional<Problem> LiveBook::apply(const BookUpdate& update, std::span<const BookLevel> levels) {
  if (update.snapshot) {
    clear();
  } else if (!valid_) {
    return Problem::kBookSequence;
  } else if (update.previous_sequence && (!sequence_ || *sequence_ != *update.previous_sequence)) {
    return fail(Problem::kBookSequence);
  }
  for (const BookLevel& level : levels) set(level.bid ? bids_ : asks_, level.bid, level);
  for (Levels* side : {&bids_, &asks_}) {
    if (depth_ > 0 && side->size() > depth_) {
      side->erase(side->begin(), side->begin() + static_cast<std::ptrdiff_t>(side->size() - depth_));
    }
  }
  valid_ = true;
  exchange_ns_ = update.exchange_ns;
  sequence_ = update.sequence;
  if (update.checksum && *update.checksum != checksum()) return fail(Problem::kBookChecksum);
  if (!bids_.empty() && !asks_.empty() && bids_.back().price >= asks_.back().price)
    return fail(Problem::kCrossedBook);
  return std::nullopt;
}

void LiveBook::clear() {
  bids_.clear();
  asks_.clear();
  valid_ = false;
  exchange_ns_ = 0;
  sequence_.reset();
}

std::uint32_t LiveBook::checksum() const {
  std::string text;
  for (const Levels* side : {&asks_, &bids_}) {
    const std::size_t count = std::min(kChecksumLevels, side->size());
    for (std::size_t i = 0; i < count; ++i) {
      const Level& level = (*side)[side->size() - 1 - i];
      text += std::to_string(level.price.mantissa) + std::to_string(level.size.mantissa);
    }
  }
  return crc32(text);
}

std::vector<LiveBook::Level> LiveBook::best(const Levels& levels, std::size_t count) {
  std::vector<Level> top;
  count = std::min(count, levels.size());
  top.reserve(count);
  for (std::size_t i = 0; i < count; ++i) top.push_back(levels[levels.size() - 1 - i]);
  return top;
}

void LiveBook::set(Levels& levels, bool bid, const BookLevel& level) {
  // Worst first: bids ascend, asks descend. The place is looked for from the best end, where most changes
  // are.
  const auto worse = [bid](const Exact& a, const Exact& b) { return bid ? a < b : a > b; };
  std::size_t step = 1;
  std::size_t high = levels.size();
  std::size_t low = high;
  while (low > 0 && !worse(levels[low - 1].price, level.price)) {
    high = low;
    low = low > step ? low - step : 0;
    step *= 2;
  }
  const auto at = std::lower_bound(levels.begin() + static_cast<std::ptrdiff_t>(low),
                                   levels.begin() + static_cast<std::ptrdiff_t>(high), level.price,
                                   [&](const Level& a, const Exact& price) { return worse(a.price, price); });
  const bool found = at != levels.end() && at->price == level.price;
  if (level.size.is_zero()) {
    if (found) levels.erase(at);
  } else if (found) {
    at->size = level.size;
    at->price = level.price;
  } else {
    levels.insert(at, {level.price, level.size});
  }
}

std::optional<Problem> LiveBook::fail(Problem problem) {
  clear();
  return problem;
}

}  // namespace navkeeper::pricing::venues
