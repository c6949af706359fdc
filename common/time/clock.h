#pragma once
// The clock port: the only way to learn what time it is. Adapters are given one; nothing below them reads a
// clock.
#include <atomic>

#include "common/time/instant.h"

namespace navkeeper::time {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

/// The machine's real-time clock (it may be stepped: never measure a span with it).
class SystemClock final : public Clock {
 public:
  Instant now() const override;
};

/// Stands still until it is told otherwise: tests and simulations. Safe to share between threads.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start) : ns_(start.ns()) {}
  Instant now() const override { return Instant::from_ns(ns_.load()); }
  void set(Instant instant) { ns_.store(instant.ns()); }
  void advance(Duration by) { set(now() + by); }

 private:
  std::atomic<std::int64_t> ns_;
};

/// Runs `speed` times as fast as another clock, which must outlive it, and shows `origin` when it is made:
/// for simulated worlds. No service can be configured to use one.
class ScaledClock final : public Clock {
 public:
  ScaledClock(const Clock& base, Instant origin, std::int64_t speed)
      : base_(base), started_(base.now()), origin_(origin), speed_(speed) {}
  Instant now() const override { return origin_ + (base_.now() - started_) * speed_; }
  std::int64_t speed() const { return speed_; }

 private:
  const Clock& base_;
  Instant started_;
  Instant origin_;
  std::int64_t speed_;
};

}  // namespace navkeeper::time
