#include "services/pricing/adapters/feed_log.h"

#include <algorithm>
#include <array>

namespace navkeeper::pricing {

using venues::SessionNote;

std::string_view kind_of(SessionNote::Kind kind) {
  switch (kind) {
    case SessionNote::Kind::kConnected:
      return "connected";
    case SessionNote::Kind::kLive:
      return "live";
    case SessionNote::Kind::kDisconnected:
      return "disconnected";
    case SessionNote::Kind::kSilent:
      return "silent";
    case SessionNote::Kind::kRefused:
      return "refused";
    case SessionNote::Kind::kVenueError:
      return "venue_error";
    case SessionNote::Kind::kContradiction:
      return "contradiction";
    case SessionNote::Kind::kTooOld:
      return "too_old";
    case SessionNote::Kind::kAstray:
      return "astray";
    case SessionNote::Kind::kBeganAnew:
      return "began_anew";
    case SessionNote::Kind::kGapFound:
      return "gap_found";
    case SessionNote::Kind::kGapClosed:
      return "gap_closed";
    case SessionNote::Kind::kGapAbandoned:
      return "gap_abandoned";
    case SessionNote::Kind::kGapLost:
      return "gap_lost";
    case SessionNote::Kind::kRestFailed:
      return "rest_failed";
    case SessionNote::Kind::kBookLost:
      return "book_lost";
  }
  return "";
}

void FeedLog::note(std::string_view kind, const std::string& pair, const std::string& detail) {
  constexpr std::array<std::string_view, 11> kTrouble{
      "disconnected", "silent",        "refused",       "venue_error", "gap_lost",  "gap_abandoned",
      "rest_failed",  "refused_ahead", "pair_left_out", "astray",      "began_anew"};
  if (std::ranges::find(kTrouble, kind) == kTrouble.end()) return;
  std::uint64_t kept_back = 0;
  {
    const std::lock_guard lock(mutex_);
    const time::Instant now = clock_.now();
    const auto [said, is_first] = said_.try_emplace(std::string(kind), Said{now, 0});
    if (!is_first) {
      if (now >= said->second.at && now - said->second.at < time::Duration::minutes(1)) {
        ++said->second.kept_back;
        return;
      }
      kept_back = said->second.kept_back;
      said->second = {now, 0};
    }
  }
  logger_.warning("feed: " + std::string(kind),
                  {{"venue", venue_}, {"pair", pair}, {"detail", detail}, {"not_said_before", kept_back}});
}

}  // namespace navkeeper::pricing
