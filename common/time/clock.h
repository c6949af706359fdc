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

}  // namespace navkeeper::time
