#pragma once
// How many requests may wait for another service at once. A server has a few handler threads (http::Server);
// custody and nav ask us back, so that threads that all wait for them would leave none for their questions.
#include <atomic>
#include <string>
#include <utility>

#include "common/http/problem.h"

namespace navkeeper::staking {

class PeerSlots {
 public:
  explicit PeerSlots(int most) : free_(most) {}

  /// Holds one until it ends.
  class Held {
   public:
    /// Throws http::ProblemError (503, Retry-After) at once where none is free: nothing was done.
    Held(PeerSlots& slots, const std::string& peer) : slots_(slots) {
      if (slots_.free_.fetch_sub(1) > 0) return;
      slots_.free_.fetch_add(1);
      http::Problem busy{503, "busy", "too many requests wait for " + peer + " already: try again"};
      busy.retry_after_s = http::kRetryAfterSeconds;
      throw http::ProblemError(std::move(busy));
    }
    ~Held() { slots_.free_.fetch_add(1); }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    PeerSlots& slots_;
  };

 private:
  std::atomic<int> free_;
};

/// Of the four handler threads at most two compute plans (plans_at_work.h) and one waits for another service,
/// custody or nav: one is left for whom they ask back, and for /healthz.
inline constexpr int kPeerSlots = 1;

}  // namespace navkeeper::staking
