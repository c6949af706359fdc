#pragma once
// What is stored of the feeds of a pair: where they are whole, and their gaps.
#include <cstdint>
#include <string>
#include <vector>

#include "common/db/transaction.h"
#include "services/pricing/domain/feed_state.h"

namespace navkeeper::pricing {

/// A note about a gap of a pair's feed, with the times that it reaches over.
struct GapNote {
  std::string venue;
  std::string session;
  std::string kind;  ///< gap_found, gap_closed, gap_abandoned or gap_lost
  std::int64_t at_ns = 0;
  std::int64_t from_ns = 0;
  std::int64_t until_ns = 0;  ///< of one that was found: until it was closed or given up, or is open still
  std::uint64_t first = 0;    ///< as noted: numbers, or nanoseconds where there are none
  std::uint64_t last = 0;
  std::string detail;
};

struct GapNotes {
  std::vector<GapNote> notes;
  bool cut = false;  ///< there are more than are read: what the oldest say is not known
};

/// Those noted from two days before the window's start on that were known at `known_at`, as they were noted.
/// Left out are gaps that their own session closed before the window, or found an hour after it or later, and
/// that meet none that was given up: however many they are, they say nothing about the window.
GapNotes gap_notes(db::Transaction& transaction, const std::string& pair, const Window& window,
                   time::Instant known_at);

/// Of each venue that ever had a feed of the pair, by name, all that is stored: what a clock that was ahead
/// dated later than `now` too, but a mark of being whole that lies after `now` is none.
std::vector<FeedState> read_feed_states(db::Transaction& transaction, const std::string& pair,
                                        const Window& window, time::Instant now);

}  // namespace navkeeper::pricing
