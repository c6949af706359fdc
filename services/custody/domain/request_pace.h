#pragma once
// How often and how hard a source may be asked: a token bucket per key and method, a pause that grows between
// tries, and a breaker that leaves a failing source alone for a while. Pure: time and chance are handed in.
#include <cstdint>
#include <functional>
#include <string>

#include "common/time/instant.h"

namespace navkeeper::custody {

/// `burst` requests at once, and one more each `refill`.
class TokenBucket {
 public:
  TokenBucket(int burst, time::Duration refill) : burst_(burst), refill_(refill), tokens_(burst) {}
  /// Zero: the request may go now, and is counted. Else how long it must wait; nothing is counted then.
  time::Duration take(time::Instant now);

  int burst() const { return burst_; }
  time::Duration refill() const { return refill_; }

 private:
  int burst_;
  time::Duration refill_;
  int tokens_;
  time::Instant filled_at_ = time::Instant::from_ns(0);
  bool begun_ = false;
};

/// A bucket that several processes share: takes the next place in the bucket of that name of a key, and says
/// how long to wait for it.
using SharedPace =
    std::function<time::Duration(const std::string& key, const std::string& bucket, const TokenBucket& rate)>;

/// Opens after so many failures in a row; then one request a while may try whether it is over.
class CircuitBreaker {
 public:
  CircuitBreaker(int failures_max, time::Duration open_for)
      : failures_max_(failures_max), open_for_(open_for) {}
  bool allows(time::Instant now) const { return failures_ < failures_max_ || now >= retry_at_; }
  void succeeded() { failures_ = 0; }
  void failed(time::Instant now);
  time::Instant retry_at() const { return retry_at_; }

 private:
  int failures_max_;
  time::Duration open_for_;
  int failures_ = 0;
  time::Instant retry_at_ = time::Instant::from_ns(0);
};

/// Before the try after `failures` failures (from 1): doubles from `first` up to `most`, and of that a part
/// between half and all, by `chance` (0 to 2^32 - 1), so that many clients do not come back together.
time::Duration pause_before_retry(int failures, time::Duration first, time::Duration most,
                                  std::uint32_t chance);

}  // namespace navkeeper::custody
