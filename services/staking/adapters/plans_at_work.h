#pragma once
// Plans that are being computed by this process: few at once, so that the other routes always have threads,
// and none twice.
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "common/base/outside.h"
#include "common/db/idempotency.h"

namespace navkeeper::staking {

/// Threads share one.
class PlansAtWork {
 public:
  static constexpr std::size_t kAtOnceMax = 2;  ///< of the server's handler threads (ServerOptions)

  /// One computation, until it is destroyed.
  class Turn {
   public:
    Turn(PlansAtWork& all, std::pair<std::string, std::string> name) : all_(all), name_(std::move(name)) {}
    ~Turn() {
      const std::lock_guard lock(all_.mutex_);
      all_.names_.erase(name_);
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    PlansAtWork& all_;
    std::pair<std::string, std::string> name_;
  };

  /// Throws base::Conflict where the same request is being answered already, base::Unavailable where as many
  /// plans are being computed as may be.
  Turn take(const db::KeyedRequest& request) {
    const std::lock_guard lock(mutex_);
    std::pair<std::string, std::string> name{request.client, request.key};
    if (names_.contains(name))
      throw base::Conflict("this plan is being computed: ask again with the same Idempotency-Key");
    if (names_.size() >= kAtOnceMax)
      throw base::Unavailable("as many plans as may be are being computed: ask again");
    names_.insert(name);
    return Turn(*this, std::move(name));
  }

 private:
  std::mutex mutex_;
  std::set<std::pair<std::string, std::string>> names_;
};

}  // namespace navkeeper::staking
