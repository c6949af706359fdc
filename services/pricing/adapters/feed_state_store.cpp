#include "services/pricing/adapters/feed_state_store.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/db/pqxx_access.h"

namespace navkeeper::pricing {
namespace {

constexpr std::int64_t kHourNs = 3'600'000'000'000;
constexpr std::int64_t kLookBackNs = 48 * kHourNs;
/// No venue has numbered so many trades of a market; as nanoseconds it is 1973.
constexpr std::uint64_t kFirstTime = 100'000'000'000'000'000;
constexpr std::size_t kGapNotesMax = 20'000;

bool is_time(const GapNote& note) { return note.last >= kFirstTime; }
bool meet(const GapNote& a, const GapNote& b) {
  return is_time(a) == is_time(b) && a.first <= b.last && b.first <= a.last;
}

GapNote note_of(const pqxx::row& row) {
  GapNote note;
  note.venue = row["venue"].as<std::string>();
  note.session = row["session_id"].as<std::string>();
  note.kind = row["kind"].as<std::string>();
  note.at_ns = row["at_ns"].as<std::int64_t>();
  note.first = std::stoull(row["first"].as<std::string>());
  note.last = std::stoull(row["last"].as<std::string>());
  note.detail = row["detail"].as<std::string>();
  if (is_time(note)) {
    note.from_ns = note.first < kFirstTime ? note.at_ns - kHourNs : static_cast<std::int64_t>(note.first);
    note.until_ns = static_cast<std::int64_t>(note.last);
  } else {
    // When no neighbour of it is in the tape it began at the earliest so long before it was noted.
    note.from_ns = db::optional_of<std::int64_t>(row["before_ns"]).value_or(note.at_ns - kHourNs);
    note.until_ns = db::optional_of<std::int64_t>(row["after_ns"]).value_or(note.at_ns);
  }
  return note;
}

/// A gap is open from where it was found until it is closed or given up, by its session or, when that ended
/// before, by whichever one begins next.
void extend_found(std::vector<GapNote>& notes,
                  const std::vector<std::pair<std::string, std::int64_t>>& begun) {
  for (std::size_t i = 0; i < notes.size(); ++i) {
    GapNote& found = notes[i];
    if (found.kind != "gap_found") continue;
    std::int64_t end = std::numeric_limits<std::int64_t>::max();
    for (const auto& [venue, at_ns] : begun) {
      if (venue == found.venue && at_ns > found.at_ns) end = std::min(end, at_ns);
    }
    for (std::size_t j = i + 1; j < notes.size(); ++j) {
      if (notes[j].session != found.session || notes[j].kind == "gap_found" || !meet(found, notes[j]))
        continue;
      end = std::min(end, std::max(notes[j].until_ns, found.until_ns));
      break;
    }
    found.until_ns = std::max(found.until_ns, end);
  }
}

/// What of a gap that was given up no later note says to be closed.
std::vector<std::pair<std::uint64_t, std::uint64_t>> left_open(const std::vector<GapNote>& notes,
                                                               std::size_t given_up) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> left{{notes[given_up].first, notes[given_up].last}};
  for (std::size_t i = given_up + 1; i < notes.size() && !left.empty(); ++i) {
    const GapNote& closed = notes[i];
    if (closed.kind != "gap_closed" || closed.venue != notes[given_up].venue ||
        !meet(notes[given_up], closed))
      continue;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> rest;
    for (const auto& [first, last] : left) {
      if (closed.last < first || last < closed.first) {
        rest.emplace_back(first, last);
        continue;
      }
      if (first < closed.first) rest.emplace_back(first, closed.first - 1);
      if (closed.last < last) rest.emplace_back(closed.last + 1, last);
    }
    left = std::move(rest);
  }
  return left;
}

bool is_lost(const std::vector<GapNote>& notes, std::size_t given_up) {
  return std::any_of(notes.begin() + static_cast<std::ptrdiff_t>(given_up), notes.end(),
                     [&](const GapNote& note) {
                       return note.kind == "gap_lost" && note.venue == notes[given_up].venue &&
                              note.first == notes[given_up].first && note.last == notes[given_up].last;
                     });
}

}  // namespace

GapNotes gap_notes(db::Transaction& transaction, const std::string& pair, const Window& window,
                   time::Instant known_at) {
  GapNotes read;
  std::vector<GapNote>& notes = read.notes;
  for (const auto& row : db::query(
           transaction,
           // By windows over sorted rows, not by comparing each with each: there may be very many.
           "WITH noted AS (SELECT s.venue, n.session_id, n.seq, n.pair, n.kind, n.at_ns, n.first, n.last, "
           "n.detail,"
           "  min(n.at_ns) FILTER (WHERE n.kind = 'gap_found') OVER same AS found_ns,"
           "  max(n.at_ns) FILTER (WHERE n.kind = 'gap_closed') OVER same AS closed_ns,"
           "  max(n.last) FILTER (WHERE n.kind = 'gap_abandoned') OVER upward AS given_up_before,"
           "  min(n.first) FILTER (WHERE n.kind = 'gap_abandoned') OVER downward AS given_up_after"
           "  FROM feed_note n JOIN feed_session s USING (session_id) WHERE n.pair = $1"
           "  AND n.kind IN ('gap_found', 'gap_closed', 'gap_abandoned', 'gap_lost') AND n.at_ns >= $2"
           "  AND n.known_at_ns <= $3 WINDOW same AS (PARTITION BY n.session_id, n.first, n.last),"
           "  upward AS (PARTITION BY s.venue ORDER BY n.first),"
           "  downward AS (PARTITION BY s.venue ORDER BY n.first DESC)),"
           " n AS (SELECT * FROM noted WHERE kind IN ('gap_abandoned', 'gap_lost')"
           "  OR (found_ns <= closed_ns AND (closed_ns < $5 OR found_ns >= $6)) IS NOT TRUE"
           "  OR given_up_before >= first OR given_up_after <= last"
           "  ORDER BY at_ns DESC, session_id DESC, seq DESC LIMIT $4)"
           " SELECT n.venue, n.session_id, n.kind, n.at_ns, n.first::text AS first, n.last::text AS last,"
           " n.detail,"
           " (SELECT max(t.time_ns) FROM trade t WHERE n.first BETWEEN 1 AND 99999999999999999 AND"
           "  t.pair = n.pair AND t.venue = n.venue AND t.trade_id <> '' AND t.trade_id = (n.first - "
           "1)::text)"
           "  AS before_ns,"
           " (SELECT min(t.time_ns) FROM trade t WHERE n.first BETWEEN 1 AND 99999999999999999 AND"
           "  t.pair = n.pair AND t.venue = n.venue AND t.trade_id <> '' AND t.trade_id = (n.last + 1)::text)"
           "  AS after_ns FROM n ORDER BY n.at_ns, n.session_id, n.seq",
           pair, window.start_ns - kLookBackNs, known_at, std::int64_t{kGapNotesMax} + 1, window.start_ns,
           window.end_ns + kHourNs)) {
    notes.push_back(note_of(row));
  }
  read.cut = notes.size() > kGapNotesMax;
  std::vector<std::pair<std::string, std::int64_t>> begun;
  for (const auto& row :
       db::query(transaction,
                 "SELECT venue, known_at_ns FROM feed_session WHERE $1 = ANY (string_to_array(pairs, ' '))"
                 " AND known_at_ns >= $2 AND known_at_ns <= $3",
                 pair, window.start_ns - kLookBackNs, known_at)) {
    begun.emplace_back(row[0].as<std::string>(), row[1].as<std::int64_t>());
  }
  extend_found(notes, begun);
  return read;
}

std::vector<FeedState> read_feed_states(db::Transaction& transaction, const std::string& pair,
                                        const Window& window, time::Instant now) {
  std::vector<FeedState> states;
  for (const auto& row : db::query(
           transaction,
           "SELECT s.venue, min(s.known_at_ns) AS first, max(s.known_at_ns) AS newest, w.from_ns, w.until_ns"
           " FROM feed_session s LEFT JOIN feed_whole w ON w.venue = s.venue AND w.pair = $1"
           " WHERE $1 = ANY (string_to_array(s.pairs, ' '))"
           " GROUP BY s.venue, w.from_ns, w.until_ns ORDER BY s.venue",
           pair)) {
    FeedState& state = states.emplace_back();
    state.venue = row["venue"].as<std::string>();
    state.first_begun_ns = row["first"].as<std::int64_t>();
    state.newest_begun_ns = row["newest"].as<std::int64_t>();
    if (row["from_ns"].is_null()) continue;
    const WholeSpan span{row["from_ns"].as<std::int64_t>(), row["until_ns"].as<std::int64_t>()};
    state.mark_is_ahead = span.until_ns > now.ns();
    if (!state.mark_is_ahead) state.whole = span;
  }
  // A feed that began anew since does not unmake what was whole before.
  for (const auto& row : db::query(transaction,
                                   "SELECT venue, from_ns, until_ns FROM feed_whole_past WHERE pair = $1 AND"
                                   " from_ns <= $2 AND until_ns >= $3 AND until_ns <= $4",
                                   pair, window.start_ns, window.end_ns, now)) {
    const auto state = std::ranges::find(states, row["venue"].as<std::string>(), &FeedState::venue);
    if (state == states.end()) continue;
    state->whole = WholeSpan{row["from_ns"].as<std::int64_t>(), row["until_ns"].as<std::int64_t>()};
    state->mark_is_ahead = false;
  }
  const auto [notes, cut] = gap_notes(transaction, pair, window, time::Instant::latest());
  for (FeedState& state : states) {
    if (cut)
      state.missing.push_back({window.start_ns, window.end_ns, false,
                               "more gaps are noted than are read: what they say is not known"});
  }
  for (std::size_t i = 0; i < notes.size() && !cut; ++i) {
    const GapNote& note = notes[i];
    const auto state = std::ranges::find(states, note.venue, &FeedState::venue);
    if (note.kind != "gap_abandoned" || state == states.end()) continue;
    for (const auto& [first, last] : left_open(notes, i)) {
      const std::int64_t from_ns = is_time(note) ? static_cast<std::int64_t>(first) : note.from_ns;
      const std::int64_t until_ns = is_time(note) ? static_cast<std::int64_t>(last) : note.until_ns;
      state->missing.push_back({from_ns, until_ns, is_lost(notes, i), note.detail});
    }
  }
  return states;
}

}  // namespace navkeeper::pricing
