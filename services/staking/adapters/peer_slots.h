#pragma once
// How many requests may wait for another service at once. A server has a few handler threads (http::Server);
// custody asks us back while it answers, so that threads that all wait for custody would leave none for it.
#include <atomic>
#include <string>

#include "common/base/outside.h"

namespace navkeeper::staking {

class PeerSlots {
 public:
  explicit PeerSlots(int most) : free_(most) {}

  /// Holds one until it ends.
  class Held {
   public:
    /// Throws base::Unavailable (503, Retry-After) at once where none is free: nothing was done.
    Held(PeerSlots& slots, const std::string& peer) : slots_(slots) {
      if (slots_.free_.fetch_sub(1) > 0) return;
      slots_.free_.fetch_add(1);
      throw base::Unavailable("too many requests wait for " + peer + " already: try again");
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

/// Of the four handler threads at most two compute plans (plans_at_work.h) and one waits for custody: one is
/// left for whom custody asks back.
inline constexpr int kCustodySlots = 1;

}  // namespace navkeeper::staking
