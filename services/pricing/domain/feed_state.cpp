#include "services/pricing/domain/feed_state.h"

#include <algorithm>

namespace navkeeper::pricing {
namespace {

std::string text_of(std::int64_t ns) { return time::Instant::from_ns(ns).to_string(); }

/// Why the feed is not whole over the window; empty: it is.
std::string why_unwhole(const FeedState& state, const Window& window) {
  if (state.mark_is_ahead) return "its mark lies ahead of the clock";
  if (!state.whole) return "it has never delivered";
  std::string why;
  const auto add = [&why](const std::string& more) { why += (why.empty() ? "" : ", ") + more; };
  if (state.whole->from_ns > window.start_ns) add("begun at " + text_of(state.whole->from_ns));
  if (state.whole->until_ns < window.end_ns) add("stored until " + text_of(state.whole->until_ns));
  for (const MissingSpan& missing : state.missing) {
    if (missing.from_ns >= window.end_ns || missing.until_ns <= window.start_ns) continue;
    add(std::string(missing.lost ? "lost" : "given up for now") + " between " + text_of(missing.from_ns) +
        " and " + text_of(missing.until_ns) + (missing.why.empty() ? "" : " (" + missing.why + ")"));
  }
  return why;
}

bool may_become_whole(const FeedState& state, const Window& window) {
  if (state.whole && state.whole->from_ns > window.start_ns && state.whole->until_ns >= window.start_ns)
    return false;
  return std::ranges::none_of(state.missing, [&](const MissingSpan& missing) {
    return missing.lost && missing.from_ns < window.end_ns && missing.until_ns > window.start_ns;
  });
}

}  // namespace

FeedsOfWindow feeds_of_window(const std::vector<FeedState>& states, const std::vector<std::string>& venues,
                              const Window& window,
                              const std::function<bool(const std::string& venue)>& configured) {
  FeedsOfWindow found;
  for (const std::string& venue : venues) {
    const auto state = std::ranges::find(states, venue, &FeedState::venue);
    if (state == states.end() || state->first_begun_ns >= window.end_ns) continue;
    const std::int64_t last = std::max(state->newest_begun_ns, state->whole ? state->whole->until_ns : 0);
    const bool is_remembered = state->mark_is_ahead || last >= window.start_ns - kFeedRememberedNs;
    if (!is_remembered && !configured(venue)) continue;
    std::string why = why_unwhole(*state, window);
    if (why.empty()) {
      found.whole.push_back(venue);
    } else {
      found.unwhole.push_back({venue, std::move(why), may_become_whole(*state, window)});
    }
  }
  return found;
}

std::string describe(const std::vector<UnwholeFeed>& feeds) {
  std::string text;
  for (const UnwholeFeed& feed : feeds) text += (text.empty() ? "" : "; ") + feed.venue + ": " + feed.why;
  return text;
}

}  // namespace navkeeper::pricing
