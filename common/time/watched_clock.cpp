#include "common/time/watched_clock.h"

#include <utility>

#include "common/base/ensure.h"

namespace navkeeper::time {

namespace {

/// Read without a pause between them: whoever was frozen there reads again.
std::pair<Instant, Instant> read_both(const Clock& wall, const Clock& steady) {
  constexpr Duration kPauseMax = Duration::milliseconds(100);
  for (;;) {
    const Instant before = steady.now();
    const Instant read = wall.now();
    if (const Instant after = steady.now(); after - before <= kPauseMax) return {read, after};
  }
}

}  // namespace

Instant WatchedClock::now() const {
  std::optional<Event> event;
  Duration by;
  Listener listener;
  Instant answer;
  {
    const std::lock_guard lock(mutex_);
    const auto [wall, steady] = read_both(wall_, steady_);
    const Instant expected = anchor_ ? anchor_->wall + (steady - anchor_->steady) : wall;
    const Duration ahead = wall - expected;
    const bool is_forward = ahead >= limits_.step_min;
    if (is_forward && (!set_forward_since_ || steady - *set_forward_since_ < limits_.hold)) {
      if (!set_forward_since_) {
        set_forward_since_ = steady;
        event = Event::kSetForward;
        by = ahead;
      }
      answer = expected;
    } else {
      if (is_forward) {
        event = Event::kForwardFollowed;
        by = ahead;
      } else if (expected - wall >= limits_.step_min) {
        event = Event::kSetBack;
        by = expected - wall;
      } else if (set_forward_since_) {
        event = Event::kForwardTakenBack;
        by = steady - *set_forward_since_;
      }
      set_forward_since_.reset();
      anchor_ = Anchor{wall, steady};
      answer = wall;
    }
    if (event) listener = listener_;
  }
  if (listener) listener(*event, by);
  return answer;
}

void WatchedClock::on_event(Listener listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

std::string describe(WatchedClock::Event event, Duration by) {
  const std::string seconds = std::to_string(by.ns() / 1'000'000'000) + " s";
  switch (event) {
    case WatchedClock::Event::kSetForward:
      return "the machine's clock was set forward by " + seconds + ": not followed unless it stays so";
    case WatchedClock::Event::kForwardTakenBack:
      return "the machine's clock is right again after " + seconds;
    case WatchedClock::Event::kForwardFollowed:
      return "the machine's clock stayed " + seconds + " ahead: it is followed";
    case WatchedClock::Event::kSetBack:
      return "the machine's clock was set back by " + seconds + ": followed";
  }
  ENSURE(false);
}

}  // namespace navkeeper::time
