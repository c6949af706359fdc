#include "services/pricing/adapters/venues/venue_clocks.h"

#include <algorithm>

namespace navkeeper::pricing::venues {

void VenueClocks::said(const std::string& venue, std::int64_t exchange_ns) {
  const time::Instant at = steady_.now();
  const std::lock_guard lock(mutex_);
  said_[venue] = {exchange_ns - at.ns(), at};
}

void VenueClocks::remembered(std::int64_t exchange_ns) {
  const std::int64_t offset = exchange_ns - steady_.now().ns();
  const std::lock_guard lock(mutex_);
  remembered_offset_ns_ = std::max(remembered_offset_ns_.value_or(offset), offset);
}

std::optional<time::Instant> VenueClocks::not_before(time::Instant at) const {
  const std::lock_guard lock(mutex_);
  std::optional<std::int64_t> offset = remembered_offset_ns_;
  for (const auto& [venue, said] : said_) offset = std::max(offset.value_or(said.offset_ns), said.offset_ns);
  if (!offset) return std::nullopt;
  return time::Instant::from_ns(at.ns() + *offset);
}

std::optional<time::Instant> VenueClocks::now() const {
  const time::Instant at = steady_.now();
  const std::lock_guard lock(mutex_);
  std::optional<std::int64_t> offset;
  for (const auto& [venue, said] : said_) {
    if (at - said.at <= kHeardWithin) offset = std::max(offset.value_or(said.offset_ns), said.offset_ns);
  }
  if (!offset) return std::nullopt;
  return time::Instant::from_ns(at.ns() + *offset);
}

}  // namespace navkeeper::pricing::venues
