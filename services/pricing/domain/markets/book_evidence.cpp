#include "services/pricing/domain/markets/book_evidence.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::pricing {
namespace {

constexpr unsigned kPayloadBits = 7;
constexpr std::uint8_t kMore = 0x80;
constexpr unsigned kVarintBytesMax = 10;
constexpr std::int64_t kTen = 10;

// --- what is kept

/// The best `count` levels of `ladder` at or better than `limit`, at least the best one.
std::vector<Level> kept_levels(const Ladder& ladder, const std::optional<std::int64_t>& limit_ticks) {
  std::vector<Level> kept;
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    const Level& level = ladder.best(i);
    const bool wanted = limit_ticks && (ladder.side() == Side::kBid ? level.ticks >= *limit_ticks
                                                                    : level.ticks <= *limit_ticks);
    if (i > 0 && !wanted) break;
    kept.push_back(level);
  }
  return kept;
}

std::optional<std::int64_t> limit_of(const Ladder& consolidated, std::size_t levels) {
  if (levels == 0) return std::nullopt;
  return consolidated.best(levels - 1).ticks;
}

// --- bytes

class Sink {
 public:
  void number(std::uint64_t value) {
    while (value >= kMore) {
      bytes.push_back(static_cast<std::uint8_t>(value) | kMore);
      value >>= kPayloadBits;
    }
    bytes.push_back(static_cast<std::uint8_t>(value));
  }
  /// Small for small values of either sign.
  void signed_number(std::int64_t value) {
    number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  base::Bytes bytes;
};

class Source {
 public:
  explicit Source(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::optional<std::uint64_t> number() {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < kVarintBytesMax && at_ < bytes_.size(); ++i) {
      const std::uint8_t byte = bytes_[at_++];
      if (i == kVarintBytesMax - 1 && byte > 1) return std::nullopt;  // Beyond 64 bits.
      value |= static_cast<std::uint64_t>(byte & (kMore - 1)) << (kPayloadBits * i);
      if (byte < kMore) return value;
    }
    return std::nullopt;
  }
  std::optional<std::int64_t> signed_number() {
    const auto value = number();
    if (!value) return std::nullopt;
    return static_cast<std::int64_t>(*value >> 1) ^ -static_cast<std::int64_t>(*value & 1);
  }
  std::size_t left() const { return bytes_.size() - at_; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

// --- one side as changes: price and the size that stands there now, 0 where none does

bool better(Side side, std::int64_t a, std::int64_t b) { return side == Side::kBid ? a > b : a < b; }

/// Best price first.
std::vector<Level> changes_between(Side side, const std::vector<Level>& before,
                                   const std::vector<Level>& now) {
  std::vector<Level> changes;
  std::size_t old = 0;
  for (const Level& level : now) {
    for (; old < before.size() && better(side, before[old].ticks, level.ticks); ++old)
      changes.push_back({before[old].ticks, 0});
    const bool stood = old < before.size() && before[old].ticks == level.ticks;
    if (!stood || before[old].lots != level.lots) changes.push_back(level);
    if (stood) ++old;
  }
  for (; old < before.size(); ++old) changes.push_back({before[old].ticks, 0});
  return changes;
}

std::vector<Level> with_changes(Side side, const std::vector<Level>& before,
                                const std::vector<Level>& changes) {
  std::vector<Level> now;
  std::size_t old = 0;
  for (const Level& change : changes) {
    for (; old < before.size() && better(side, before[old].ticks, change.ticks); ++old)
      now.push_back(before[old]);
    if (old < before.size() && before[old].ticks == change.ticks) ++old;
    if (change.lots > 0) now.push_back(change);
  }
  for (; old < before.size(); ++old) now.push_back(before[old]);
  return now;
}

/// The power of ten in which all of a side's changes are whole, at most 10^kBookDecimalsMax.
int shared_zeros(std::span<const Level> levels, std::int64_t Level::*number) {
  int zeros = kBookDecimalsMax;
  for (const Level& level : levels) {
    std::int64_t value = level.*number;
    if (value == 0) continue;
    int own = 0;
    for (; own < zeros && value % kTen == 0; ++own) value /= kTen;
    zeros = own;
  }
  return zeros;
}

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= kTen;
  return power;
}

void write_levels(Sink& sink, const std::vector<Level>& levels) {
  sink.number(levels.size());
  if (levels.empty()) return;
  const int price_zeros = shared_zeros(levels, &Level::ticks);
  const int size_zeros = shared_zeros(levels, &Level::lots);
  const int both_zeros = price_zeros * (kBookDecimalsMax + 1) + size_zeros;
  sink.number(static_cast<std::uint64_t>(both_zeros));
  const std::int64_t tick = power_of_ten(price_zeros);
  const std::int64_t lot = power_of_ten(size_zeros);
  std::int64_t last = 0;
  for (const Level& level : levels) {
    sink.signed_number(level.ticks / tick - last);
    last = level.ticks / tick;
    sink.number(static_cast<std::uint64_t>(level.lots / lot));
  }
}

/// Prices strictly worse from one to the next, within the bounds of a book; nothing else was ever written.
std::optional<std::vector<Level>> read_levels(Source& source, Side side, bool whole) {
  const auto count = source.number();
  if (!count || *count > 2 * kLevelsMax || *count * 2 > source.left()) return std::nullopt;
  std::vector<Level> levels;
  if (*count == 0) return levels;
  const auto zeros = source.number();
  constexpr std::uint64_t kRadix = kBookDecimalsMax + 1;
  if (!zeros || *zeros >= kRadix * kRadix) return std::nullopt;
  const std::int64_t tick = power_of_ten(static_cast<int>(*zeros / kRadix));
  const std::int64_t lot = power_of_ten(static_cast<int>(*zeros % kRadix));
  levels.reserve(*count);
  std::int64_t last = 0;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto step = source.signed_number();
    const auto lots = source.number();
    std::int64_t ticks = 0;
    if (!step || !lots || __builtin_add_overflow(last, *step, &ticks)) return std::nullopt;
    last = ticks;
    std::int64_t size = 0;
    if (__builtin_mul_overflow(ticks, tick, &ticks) || *lots >= static_cast<std::uint64_t>(kLotsEnd) ||
        __builtin_mul_overflow(static_cast<std::int64_t>(*lots), lot, &size))
      return std::nullopt;
    if (ticks <= 0 || ticks >= kTicksEnd || size >= kLotsEnd || (whole && size == 0)) return std::nullopt;
    if (!levels.empty() && !better(side, levels.back().ticks, ticks)) return std::nullopt;
    levels.push_back({ticks, size});
  }
  return levels;
}

std::optional<std::vector<Level>> read_side(Source& source, Side side, const std::vector<Level>* before) {
  const auto levels = read_levels(source, side, before == nullptr);
  if (!levels || before == nullptr) return levels;
  return with_changes(side, *before, *levels);
}

}  // namespace

BookEvidence evidence_of(const RealTimeIndex& index, const RealTimeValue& value) {
  const auto bid_limit = limit_of(index.consolidated(Side::kBid), value.bid_levels);
  const auto ask_limit = limit_of(index.consolidated(Side::kAsk), value.ask_levels);
  BookEvidence evidence;
  evidence.venues.resize(value.uses.size());
  for (std::size_t i = 0; i < value.uses.size(); ++i) {
    VenueEvidence& venue = evidence.venues[i];
    venue.known = index.known(i);
    if (!venue.known) continue;
    venue.heard_at = index.heard_at(i);
    const bool counted = value.uses[i] == BookUse::kUsed;
    venue.bids = kept_levels(index.book(i).bids(), counted ? bid_limit : std::nullopt);
    venue.asks = kept_levels(index.book(i).asks(), counted ? ask_limit : std::nullopt);
  }
  return evidence;
}

RealTimeValue recompute(const RealTimeDefinition& definition, const BookEvidence& evidence,
                        const ScreenState& before, time::Instant at) {
  ENSURE(evidence.venues.size() == definition.venues.size());
  std::vector<OrderBook> books(evidence.venues.size(), OrderBook(definition.scale));
  std::vector<VenueBook> given(evidence.venues.size());
  for (std::size_t i = 0; i < evidence.venues.size(); ++i) {
    const VenueEvidence& venue = evidence.venues[i];
    if (!venue.known) continue;
    ENSURE(!books[i].snapshot(venue.bids, venue.asks));
    given[i] = {&books[i], venue.heard_at};
  }
  return compute_real_time(definition, given, before, at);
}

base::Bytes encode_evidence(const BookEvidence& evidence, const BookEvidence* before, time::Instant at) {
  ENSURE(before == nullptr || before->venues.size() == evidence.venues.size());
  static const std::vector<Level> kNone;
  Sink sink;
  for (std::size_t i = 0; i < evidence.venues.size(); ++i) {
    const VenueEvidence& venue = evidence.venues[i];
    sink.number(venue.known ? 1 : 0);
    if (!venue.known) continue;
    sink.signed_number(at.ns() - venue.heard_at.ns());
    for (const Side side : {Side::kBid, Side::kAsk}) {
      const auto& now = side == Side::kBid ? venue.bids : venue.asks;
      if (before == nullptr) {
        write_levels(sink, now);
      } else {
        const VenueEvidence& old = before->venues[i];
        write_levels(sink, changes_between(side, side == Side::kBid ? old.bids : old.asks, now));
      }
    }
  }
  return sink.bytes;
}

std::optional<BookEvidence> decode_evidence(std::span<const std::uint8_t> bytes, std::size_t venues,
                                            const BookEvidence* before, time::Instant at) {
  if (before != nullptr && before->venues.size() != venues) return std::nullopt;
  Source source(bytes);
  BookEvidence evidence;
  evidence.venues.resize(venues);
  for (std::size_t i = 0; i < venues; ++i) {
    VenueEvidence& venue = evidence.venues[i];
    const auto known = source.number();
    if (!known || *known > 1) return std::nullopt;
    if (*known == 0) continue;
    venue.known = true;
    const auto age = source.signed_number();
    std::int64_t heard_ns = 0;
    if (!age || __builtin_sub_overflow(at.ns(), *age, &heard_ns)) return std::nullopt;
    venue.heard_at = time::Instant::from_ns(heard_ns);
    auto bids = read_side(source, Side::kBid, before == nullptr ? nullptr : &before->venues[i].bids);
    auto asks = read_side(source, Side::kAsk, before == nullptr ? nullptr : &before->venues[i].asks);
    if (!bids || !asks) return std::nullopt;
    if (bids->size() > kLevelsMax || asks->size() > kLevelsMax) return std::nullopt;
    venue.bids = std::move(*bids);
    venue.asks = std::move(*asks);
  }
  if (source.left() != 0) return std::nullopt;
  return evidence;
}

}  // namespace navkeeper::pricing
