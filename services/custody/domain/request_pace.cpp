#include "services/custody/domain/request_pace.h"

#include <algorithm>

namespace navkeeper::custody {

time::Duration TokenBucket::take(time::Instant now) {
  if (!begun_ || now < filled_at_) {  // a clock that was set back starts the bucket anew, not full
    filled_at_ = now;
    begun_ = true;
  }
  const std::int64_t arrived = std::min<std::int64_t>((now - filled_at_).ns() / refill_.ns(), burst_);
  tokens_ = std::min(burst_, tokens_ + static_cast<int>(arrived));
  filled_at_ = tokens_ == burst_ ? now : filled_at_ + refill_ * arrived;
  if (tokens_ == 0) return filled_at_ + refill_ - now;
  --tokens_;
  return {};
}

void CircuitBreaker::failed(time::Instant now) {
  ++failures_;
  if (failures_ >= failures_max_) retry_at_ = now + open_for_;
}

time::Duration pause_before_retry(int failures, time::Duration first, time::Duration most,
                                  std::uint32_t chance) {
  time::Duration pause = first;
  for (int i = 1; i < failures && pause < most; ++i) pause = pause * 2;
  pause = std::min(pause, most);
  const std::int64_t half = pause.ns() / 2;
  const auto part = static_cast<std::int64_t>(static_cast<unsigned __int128>(half) * chance >> 32U);
  return time::Duration::from_ns(half + part);
}

}  // namespace navkeeper::custody
