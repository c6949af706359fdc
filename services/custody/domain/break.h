#pragma once
// The life of a break: since when it is there, who is on it, what explains it, when it went. Everything is
// derived from facts that are only ever added (reconciliations that found it or did not, acts of people), so
// the order in which they became known cannot matter.
//
// Of each day the last reconciliation that could look counts: it found the break, or it compared its asset
// and place with certainty. A day without one says nothing: what was there before is there still. A break is
// open from the first of the days without a gap, up to the newest, that found it; it clears by itself on the
// first day whose last reconciliation that looked does not find it. One that an earlier reconciliation of
// that day alone found came and cleared on it: the first sighting stays the first, whatever follows. What
// people explained was one difference: with another amount or type the explanation no longer holds.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/id.h"
#include "services/custody/domain/reconciliation.h"

namespace navkeeper::custody {

/// One reconciliation of the fund; of a day the one with the highest number is the last.
struct ReconciliationMark {
  time::Date date;
  int number = 0;
  auto operator<=>(const ReconciliationMark&) const = default;
};

/// Every reconciliation of the fund that is known, and those of them in which the line of a break's asset and
/// place was unsure or not covered.
struct Looks {
  std::vector<ReconciliationMark> marks;
  std::vector<ReconciliationMark> not_looked = {};
};

struct BreakSighting {
  ReconciliationMark mark;
  FoundBreak found;
};

enum class BreakActKind {
  kAssigned,   ///< "assigned": `text` is the owner's name
  kCommented,  ///< "commented"
  kResolved,   ///< "resolved": what explains it, with evidence; waits for a second person
  kConfirmed,  ///< "confirmed": a person other than who resolved it agrees
};
std::string_view describe(BreakActKind kind);
std::optional<BreakActKind> parse_break_act_kind(std::string_view word);

struct BreakAct {
  int seq = 0;  ///< 1, 2, 3, ... of the break
  BreakActKind kind{};
  model::ActorId actor;
  time::Instant at;
  std::string text = {};
  std::string evidence = {};  ///< of a resolution: where it can be seen
  // Of a resolution: the difference that it explains.
  BreakType type = BreakType::kUnknown;
  money::Decimal amount = {};
  /// And the day since which it was open then: what cleared and comes back is another one. Nothing: written
  /// before that was kept.
  std::optional<time::Date> about = {};
  int of_seq = 0;  ///< of a confirmation: the resolution
  bool operator==(const BreakAct&) const = default;
};

enum class BreakStatus {
  kOpen,       ///< "open"
  kExplained,  ///< "explained": by two people, or by the other side's own record
  kCleared,    ///< "cleared": the newest reconciliation that looked does not find it
};
std::string_view describe(BreakStatus status);

/// How long it has been there, in calendar days: 0 to 1, 2 to 5, 6 to 10, 11 to 30, more.
enum class AgeBucket { kNew, kDays, kWeek, kMonth, kOlder };
std::string_view describe(AgeBucket bucket);  ///< "0-1", "2-5", "6-10", "11-30", "over 30"
AgeBucket age_bucket(std::int64_t days);

struct BreakState {
  FoundBreak found;       ///< as found last
  time::Date first_seen;  ///< ever
  time::Date open_since;  ///< of the last time it came
  time::Date last_seen;
  std::optional<time::Date> cleared_on;
  /// The newest day since last_seen on which nobody could look whether it is still there.
  std::optional<time::Date> not_looked_on;
  int times = 1;  ///< how often it came
  BreakStatus status = BreakStatus::kOpen;
  std::int64_t age_days = 0;  ///< to the newest reconciliation, or to its clearing
  std::optional<model::ActorId> owner;
  std::vector<BreakAct> acts;                  ///< by seq
  std::optional<BreakAct> resolution;          ///< the newest that is about the difference as found last
  std::optional<model::ActorId> confirmed_by;  ///< of that resolution
  bool operator==(const BreakState&) const = default;
};

/// `sightings` and `acts` of one break. Nothing where no reconciliation that counts found it. Repeated facts
/// count once.
std::optional<BreakState> break_state(const Looks& looks, const std::vector<BreakSighting>& sightings,
                                      std::vector<BreakAct> acts);

/// Whether people or the other side's record explain what one reconciliation found of a break that is open
/// since a day.
bool is_explained(const FoundBreak& found, const std::vector<BreakAct>& acts, time::Date open_since);

/// 16 hexadecimal digits that stand for a break's key: the first of its SHA-256.
std::string break_id(std::string_view key);

constexpr std::size_t kBreakTextMax = 2'000;

/// The first rule that the act would break, in this order: no text, text too long, a name that is none (of
/// whom it is assigned to), nothing to resolve any more, no evidence, no resolution that waits, by who
/// resolved it. Nothing: it may be added.
std::optional<base::Refusal> broken_act_rule(const BreakState& state, const BreakAct& act);

}  // namespace navkeeper::custody
