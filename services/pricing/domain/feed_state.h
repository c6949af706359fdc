#pragma once
// Whether the trades that venues' feeds brought are whole over a window: what is stored of each feed goes in,
// which of an index's venues are whole and which are not, and why, comes out. A venue that had no feed then
// (its trades came by file, or not at all) is neither.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "services/pricing/domain/window.h"

namespace navkeeper::pricing {

/// From and until when a market's tape is whole, gaps that were given up apart.
struct WholeSpan {
  std::int64_t from_ns = 0;
  std::int64_t until_ns = 0;  ///< nothing before it is still to come
  bool operator==(const WholeSpan&) const = default;
};

/// A span in which trades may be missing and nobody is fetching them right now.
struct MissingSpan {
  std::int64_t from_ns = 0;
  std::int64_t until_ns = 0;
  bool lost = false;  ///< it is not asked for again
  std::string why;    ///< as it was noted; may be empty
};

/// What is known of one venue's feed of a pair.
struct FeedState {
  std::string venue;
  std::int64_t first_begun_ns = 0;   ///< its first session
  std::int64_t newest_begun_ns = 0;  ///< its newest one
  std::optional<WholeSpan> whole;    ///< nothing: it has never delivered, or mark_is_ahead
  bool mark_is_ahead = false;        ///< where it is whole was stored by a clock that was ahead: not known
  std::vector<MissingSpan> missing;  ///< given up and not filled since
};

struct UnwholeFeed {
  std::string venue;
  std::string why;               ///< "stored until 2026-03-05T16:20:00Z"
  bool may_become_whole = true;  ///< false: it began inside the window, or lost a part of it for good
  bool operator==(const UnwholeFeed&) const = default;
};

/// The venues of an index that had a feed over a window, in its order.
struct FeedsOfWindow {
  std::vector<std::string> whole;
  std::vector<UnwholeFeed> unwhole;
  bool operator==(const FeedsOfWindow&) const = default;
};

/// A venue had a feed over the window when a session of the pair began before the window's end and either one
/// began, or the tape was whole, within this time before the window or later.
constexpr std::int64_t kFeedRememberedNs = 24LL * 3'600'000'000'000;

/// `configured`: venues that are to have a feed of the pair now; of them an old session is enough.
FeedsOfWindow feeds_of_window(const std::vector<FeedState>& states, const std::vector<std::string>& venues,
                              const Window& window,
                              const std::function<bool(const std::string& venue)>& configured);

/// "kraken: stored until ...; gemini: ...".
std::string describe(const std::vector<UnwholeFeed>& feeds);

}  // namespace navkeeper::pricing
