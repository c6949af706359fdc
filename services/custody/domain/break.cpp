#include "services/custody/domain/break.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "common/crypto/digest.h"

namespace navkeeper::custody {
namespace {

constexpr std::size_t kIdDigits = 16;
constexpr std::array kActKinds{BreakActKind::kAssigned, BreakActKind::kCommented, BreakActKind::kResolved,
                               BreakActKind::kConfirmed};

bool is_about(const BreakAct& act, const FoundBreak& found, time::Date open_since) {
  return act.kind == BreakActKind::kResolved && act.type == found.type && act.amount == found.amount &&
         (!act.about || *act.about >= open_since);
}

const BreakAct* confirmation_of(const std::vector<BreakAct>& acts, int seq) {
  for (const BreakAct& act : acts) {
    if (act.kind == BreakActKind::kConfirmed && act.of_seq == seq) return &act;
  }
  return nullptr;
}

/// Of those that are about the difference, a confirmed one goes before one that waits; then the newest.
const BreakAct* resolution_of(const FoundBreak& found, const std::vector<BreakAct>& acts,
                              time::Date open_since) {
  const BreakAct* best = nullptr;
  bool best_is_confirmed = false;
  for (const BreakAct& act : acts) {
    if (!is_about(act, found, open_since)) continue;
    const bool is_confirmed = confirmation_of(acts, act.seq) != nullptr;
    if (best != nullptr && best_is_confirmed && !is_confirmed) continue;
    if (best == nullptr || is_confirmed != best_is_confirmed || best->seq < act.seq) {
      best = &act;
      best_is_confirmed = is_confirmed;
    }
  }
  return best;
}

}  // namespace

std::string break_id(std::string_view key) { return crypto::sha256_hex(key).substr(0, kIdDigits); }

std::string_view describe(BreakActKind kind) {
  switch (kind) {
    case BreakActKind::kAssigned:
      return "assigned";
    case BreakActKind::kCommented:
      return "commented";
    case BreakActKind::kResolved:
      return "resolved";
    case BreakActKind::kConfirmed:
      return "confirmed";
  }
  return "";
}

std::optional<BreakActKind> parse_break_act_kind(std::string_view word) {
  for (const BreakActKind kind : kActKinds) {
    if (describe(kind) == word) return kind;
  }
  return std::nullopt;
}

std::string_view describe(BreakStatus status) {
  switch (status) {
    case BreakStatus::kOpen:
      return "open";
    case BreakStatus::kExplained:
      return "explained";
    case BreakStatus::kCleared:
      return "cleared";
  }
  return "";
}

std::string_view describe(AgeBucket bucket) {
  switch (bucket) {
    case AgeBucket::kNew:
      return "0-1";
    case AgeBucket::kDays:
      return "2-5";
    case AgeBucket::kWeek:
      return "6-10";
    case AgeBucket::kMonth:
      return "11-30";
    case AgeBucket::kOlder:
      return "over 30";
  }
  return "";
}

AgeBucket age_bucket(std::int64_t days) {
  if (days <= 1) return AgeBucket::kNew;
  if (days <= 5) return AgeBucket::kDays;
  if (days <= 10) return AgeBucket::kWeek;
  return days <= 30 ? AgeBucket::kMonth : AgeBucket::kOlder;
}

bool is_explained(const FoundBreak& found, const std::vector<BreakAct>& acts, time::Date open_since) {
  if (found.is_self_explained) return true;
  const BreakAct* const resolution = resolution_of(found, acts, open_since);
  return resolution != nullptr && confirmation_of(acts, resolution->seq) != nullptr;
}

std::optional<BreakState> break_state(const Looks& looks, const std::vector<BreakSighting>& sightings,
                                      std::vector<BreakAct> acts) {
  std::map<ReconciliationMark, const FoundBreak*> seen;
  for (const BreakSighting& sighting : sightings) seen[sighting.mark] = &sighting.found;
  const std::set<ReconciliationMark> not_looked(looks.not_looked.begin(), looks.not_looked.end());
  // Of each day, in order.
  struct Day {
    const FoundBreak* found = nullptr;  // by the last reconciliation that found it
    bool is_there = false;              // by the last one that could look
    bool is_looked_at = false;
  };
  std::map<time::Date, Day> days;
  for (const ReconciliationMark& mark : std::set(looks.marks.begin(), looks.marks.end())) {
    Day& day = days[mark.date];
    const auto here = seen.find(mark);
    const bool is_found = here != seen.end();
    if (!is_found && not_looked.contains(mark)) continue;
    day.is_looked_at = true;
    day.is_there = is_found;
    if (is_found) day.found = here->second;
  }
  if (std::none_of(days.begin(), days.end(), [](const auto& day) { return day.second.found != nullptr; }))
    return std::nullopt;
  std::sort(acts.begin(), acts.end(), [](const BreakAct& a, const BreakAct& b) { return a.seq < b.seq; });
  acts.erase(std::unique(acts.begin(), acts.end()), acts.end());

  BreakState state;
  state.times = 0;
  bool was_there = false;
  for (const auto& [date, day] : days) {
    if (!day.is_looked_at) {
      if (was_there) state.not_looked_on = date;
      continue;
    }
    state.not_looked_on.reset();
    if (day.found != nullptr) {
      if (!was_there) {
        if (++state.times == 1) state.first_seen = date;
        state.open_since = date;
      }
      state.last_seen = date;
      state.found = *day.found;
      state.cleared_on.reset();
    }
    // Found and gone on one day is a break that came and cleared: that it was there is not forgotten.
    if (!day.is_there && (was_there || day.found != nullptr)) state.cleared_on = date;
    was_there = day.is_there;
  }
  state.acts = std::move(acts);
  for (const BreakAct& act : state.acts) {
    if (act.kind != BreakActKind::kAssigned) continue;
    if (const auto name = model::ActorId::parse(act.text); name.has_value()) state.owner = *name;
  }
  if (const BreakAct* const resolution = resolution_of(state.found, state.acts, state.open_since)) {
    state.resolution = *resolution;
    if (const BreakAct* const second = confirmation_of(state.acts, resolution->seq))
      state.confirmed_by = second->actor;
  }
  state.status = BreakStatus::kOpen;
  if (is_explained(state.found, state.acts, state.open_since)) state.status = BreakStatus::kExplained;
  if (state.cleared_on) state.status = BreakStatus::kCleared;
  state.age_days = state.cleared_on.value_or(days.rbegin()->first) - state.open_since;
  return state;
}

std::optional<base::Refusal> broken_act_rule(const BreakState& state, const BreakAct& act) {
  const bool needs_text = act.kind != BreakActKind::kConfirmed;
  if (needs_text && act.text.empty()) return base::Refusal{"text", "is empty"};
  if (act.text.size() > kBreakTextMax || act.evidence.size() > kBreakTextMax)
    return base::Refusal{act.text.size() > kBreakTextMax ? "text" : "evidence",
                         "has more than " + std::to_string(kBreakTextMax) + " bytes"};
  if (act.kind == BreakActKind::kAssigned) {
    const auto name = model::ActorId::parse(act.text);
    if (name.has_error()) return name.error().within("owner");
    return std::nullopt;
  }
  if (act.kind == BreakActKind::kCommented) return std::nullopt;
  if (state.status != BreakStatus::kOpen)
    return base::Refusal{"", "the break is " + std::string(describe(state.status)) + " already"};
  if (act.kind == BreakActKind::kResolved) {
    if (act.evidence.empty()) return base::Refusal{"evidence", "is empty: where can it be seen?"};
    return std::nullopt;
  }
  if (!state.resolution)
    return base::Refusal{"", "nobody has said yet what explains the difference as it is now"};
  if (state.resolution->actor == act.actor)
    return base::Refusal{"", "whoever explained a break does not confirm it"};
  return std::nullopt;
}

}  // namespace navkeeper::custody
