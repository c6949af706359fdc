#pragma once
// A wall clock that is compared with one that is never set. Set back, it is followed at once. Set forward, it
// is not believed until it has stayed so for some time: whoever works by this clock does nothing for a few
// seconds' mistake that could not be undone, and loses as little where the new time is right.
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "common/time/clock.h"

namespace navkeeper::time {

struct WatchedClockLimits {
  Duration step_min = Duration::seconds(2);  ///< smaller differences are how clocks are kept right: followed
  Duration hold = Duration::seconds(60);     ///< so long a clock that was set forward is not followed
};

class WatchedClock final : public Clock {
 public:
  enum class Event { kSetForward, kForwardTakenBack, kForwardFollowed, kSetBack };
  /// `by`: how far it was set, positive. Called by whoever asks for the time.
  using Listener = std::function<void(Event event, Duration by)>;

  /// Both clocks must outlive it.
  WatchedClock(const Clock& wall, const Clock& steady, WatchedClockLimits limits = {})
      : wall_(wall), steady_(steady), limits_(limits) {}

  /// Safe to share between threads.
  Instant now() const override;
  void on_event(Listener listener);

 private:
  struct Anchor {
    Instant wall;
    Instant steady;
  };
  const Clock& wall_;
  const Clock& steady_;
  WatchedClockLimits limits_;
  mutable std::mutex mutex_;
  mutable std::optional<Anchor> anchor_;              ///< when both were last believed
  mutable std::optional<Instant> set_forward_since_;  ///< by the steady clock
  Listener listener_;
};

/// "the machine's clock was set back by 3600 s: followed", for people. `by` of kForwardTakenBack: how long.
std::string describe(WatchedClock::Event event, Duration by);

}  // namespace navkeeper::time
