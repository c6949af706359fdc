#pragma once
// What a feed notes, as words for the store and, where it is trouble, as warnings in the log: the first of a
// kind at once, then at most one a minute with how many there were.
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "common/log/log.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/venues/venue_session.h"

namespace navkeeper::pricing {

/// "gap_found".
std::string_view kind_of(venues::SessionNote::Kind kind);

/// May be used by several threads.
class FeedLog {
 public:
  /// All must outlive it. `clock` measures the minute.
  FeedLog(const log::Logger& logger, const time::Clock& clock, std::string venue)
      : logger_(logger), clock_(clock), venue_(std::move(venue)) {}

  /// Nothing is said of kinds that are no trouble. `pair`: empty when it is about the whole feed.
  void note(std::string_view kind, const std::string& pair, const std::string& detail);

 private:
  struct Said {
    time::Instant at;
    std::uint64_t kept_back = 0;
  };
  const log::Logger& logger_;
  const time::Clock& clock_;
  std::string venue_;
  std::mutex mutex_;
  std::map<std::string, Said, std::less<>> said_;  ///< by kind
};

}  // namespace navkeeper::pricing
