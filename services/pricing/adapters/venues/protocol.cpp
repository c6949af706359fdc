#include "services/pricing/adapters/venues/protocol.h"

#include <algorithm>
#include <utility>

#include "common/base/ensure.h"

namespace navkeeper::pricing::venues {

void PageRange::row(std::int64_t ms) {
  if (rows_++ == 0) first_ms_ = ms;
  last_ms_ = ms;
  lowest_ms_ = std::min(lowest_ms_, ms);
  highest_ms_ = std::max(highest_ms_, ms);
}

bool PageRange::narrow() {
  if (rows_ == 0) return false;
  if (first_ms_ >= last_ms_) {  // Newest first: go on with the older ones.
    const bool progress = lowest_ms_ < until_ms_;
    overflowed_ = !progress && rows_ >= kSuspiciousRows;
    until_ms_ = progress ? lowest_ms_ : until_ms_ - 1;
  } else {
    const bool progress = highest_ms_ > from_ms_;
    overflowed_ = !progress && rows_ >= kSuspiciousRows;
    from_ms_ = progress ? highest_ms_ : from_ms_ + 1;
  }
  return from_ms_ <= until_ms_;
}

VenueProtocol::VenueProtocol(std::vector<Instrument> instruments, Feeds feeds)
    : instruments_(std::move(instruments)), feeds_(feeds) {
  ENSURE(!instruments_.empty() && instruments_.size() <= 1000);
  for (std::size_t i = 0; i < instruments_.size(); ++i) ENSURE(find(instruments_[i].symbol) == i);
}

std::vector<std::string> VenueProtocol::resubscribe_book(std::uint16_t, std::int64_t) const { return {}; }

std::string VenueProtocol::keepalive(std::int64_t) const { return {}; }

BackfillCursor VenueProtocol::begin_backfill(const Gap& gap) const {
  return {gap.from_ns, gap.until_ns, gap.number_last, {}};
}

std::optional<std::uint16_t> VenueProtocol::find(std::string_view symbol) const {
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    if (instruments_[i].symbol == symbol) return static_cast<std::uint16_t>(i);
  }
  return std::nullopt;
}

}  // namespace navkeeper::pricing::venues
