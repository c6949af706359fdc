// The life of a break: found, explained by two people, cleared by itself; derived from facts in any order.
#include "services/custody/domain/break.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace navkeeper::custody {
namespace {

using money::Decimal;

const time::Date kFirst = time::Date::literal("2026-03-05");
const time::Instant kNoon = time::Instant::literal("2026-03-05T12:00:00Z");

FoundBreak found(std::string_view amount, BreakType type = BreakType::kMissing) {
  FoundBreak one;
  one.key = "BTC  total booked 1";
  one.asset = "BTC";
  one.type = type;
  one.amount = Decimal::literal(amount);
  one.detail = "told";
  return one;
}

BreakSighting seen(int day, std::string_view amount, int number = 1) {
  return {{kFirst + day, number}, found(amount)};
}

BreakAct act(int seq, BreakActKind kind, std::string_view actor, std::string text = "because") {
  BreakAct one{seq, kind, model::ActorId::literal(actor), kNoon + time::Duration::minutes(seq)};
  if (kind != BreakActKind::kConfirmed) one.text = std::move(text);
  if (kind == BreakActKind::kResolved) {
    one.evidence = "transaction abc";
    one.type = BreakType::kMissing;
    one.amount = Decimal::literal("-2");
  }
  if (kind == BreakActKind::kConfirmed) one.of_seq = seq - 1;
  return one;
}

std::string broken(const BreakState& state, const BreakAct& one) {
  const auto rule = broken_act_rule(state, one);
  return rule ? rule->message() : "";
}

TEST(Break, IsOpenSinceItWasFoundAndClearsByItself) {
  auto state =
      break_state({{{kFirst, 1}, {kFirst + 1, 1}, {kFirst + 4, 1}}}, {seen(1, "-2"), seen(4, "-2")}, {});
  ASSERT_TRUE(state);
  EXPECT_EQ(state->status, BreakStatus::kOpen);
  EXPECT_EQ(state->open_since, kFirst + 1);
  EXPECT_EQ(state->age_days, 3);
  EXPECT_EQ(describe(age_bucket(state->age_days)), "2-5");
  state =
      break_state({{{kFirst + 1, 1}, {kFirst + 4, 1}, {kFirst + 5, 1}}}, {seen(1, "-2"), seen(4, "-2")}, {});
  EXPECT_EQ(state->status, BreakStatus::kCleared);
  EXPECT_EQ(state->cleared_on, kFirst + 5);
  // It comes again: open since then, and it is known that it was there before.
  state =
      break_state({{{kFirst + 1, 1}, {kFirst + 5, 1}, {kFirst + 7, 1}}}, {seen(1, "-2"), seen(7, "-2")}, {});
  EXPECT_EQ(state->status, BreakStatus::kOpen);
  EXPECT_EQ(state->first_seen, kFirst + 1);
  EXPECT_EQ(state->open_since, kFirst + 7);
  EXPECT_EQ(state->times, 2);
}

TEST(Break, OfADayTheLastReconciliationCounts) {
  EXPECT_EQ(break_state({{{kFirst, 1}, {kFirst, 2}}}, {seen(0, "-2", 2)}, {})->status, BreakStatus::kOpen);
  // Found again after it was not on the same day, or the day before: there since it was found first.
  const auto state =
      break_state({{{kFirst, 1}, {kFirst + 1, 1}, {kFirst + 1, 2}}}, {seen(0, "-2"), seen(1, "-2", 2)}, {});
  EXPECT_EQ(state->open_since, kFirst);
  EXPECT_EQ(state->times, 1);
}

TEST(Break, ASightingThatTheDaysLastReconciliationTakesBackIsStillTheFirst) {
  const std::vector<ReconciliationMark> day{{kFirst, 1}, {kFirst, 2}};
  auto state = break_state({day}, {seen(0, "-2", 1)}, {});
  ASSERT_TRUE(state);
  EXPECT_EQ(state->status, BreakStatus::kCleared);
  EXPECT_EQ(state->first_seen, kFirst);
  EXPECT_EQ(state->cleared_on, kFirst);
  EXPECT_EQ(state->last_seen, kFirst);
  EXPECT_EQ(state->times, 1);
  EXPECT_EQ(state->age_days, 0);
  // It comes again: the second time, and it was seen first then.
  state = break_state({{day[0], day[1], {kFirst + 3, 1}}}, {seen(0, "-2", 1), seen(3, "-2")}, {});
  EXPECT_EQ(state->status, BreakStatus::kOpen);
  EXPECT_EQ(state->first_seen, kFirst);
  EXPECT_EQ(state->open_since, kFirst + 3);
  EXPECT_EQ(state->times, 2);
  EXPECT_FALSE(state->cleared_on);
}

TEST(Break, ADayOnWhichNobodyCouldLookClearsNothing) {
  const std::vector<ReconciliationMark> three{{kFirst, 1}, {kFirst + 1, 1}, {kFirst + 4, 1}};
  auto state = break_state({{three[0], three[1]}, {three[1]}}, {seen(0, "-2")}, {});
  ASSERT_TRUE(state);
  EXPECT_EQ(state->status, BreakStatus::kOpen);
  EXPECT_EQ(state->not_looked_on, kFirst + 1);
  EXPECT_EQ(state->last_seen, kFirst);
  EXPECT_EQ(state->age_days, 1);
  EXPECT_EQ(broken(*state, act(1, BreakActKind::kResolved, "maker")), "");
  // Found again: it was there all the time.
  state = break_state({three, {three[1]}}, {seen(0, "-2"), seen(4, "-2")}, {});
  EXPECT_EQ(state->open_since, kFirst);
  EXPECT_EQ(state->times, 1);
  EXPECT_EQ(state->age_days, 4);
  EXPECT_FALSE(state->not_looked_on);
  // Looked for and not found.
  state = break_state({three, {three[1]}}, {seen(0, "-2")}, {});
  EXPECT_EQ(state->cleared_on, kFirst + 4);
  EXPECT_FALSE(state->not_looked_on);
}

TEST(Break, ALaterReconciliationOfTheDayThatCouldNotLookLeavesWhatTheEarlierFound) {
  auto state = break_state({{{kFirst, 1}, {kFirst, 2}}, {{kFirst, 2}}}, {seen(0, "-2", 1)}, {});
  ASSERT_TRUE(state);
  EXPECT_EQ(state->first_seen, kFirst);
  EXPECT_EQ(state->status, BreakStatus::kOpen);
  EXPECT_FALSE(state->not_looked_on) << "the day was looked at";
  // What is found at a line that is unsure for another reason is found.
  state = break_state({{{kFirst, 1}}, {{kFirst, 1}}}, {seen(0, "-2", 1)}, {});
  EXPECT_EQ(state->status, BreakStatus::kOpen);
}

TEST(Break, TwoPeopleExplainExactlyOneDifference) {
  std::vector<BreakAct> acts{act(1, BreakActKind::kAssigned, "operator", "maker"),
                             act(2, BreakActKind::kResolved, "operator")};
  auto state = break_state({{{kFirst, 1}}}, {seen(0, "-2")}, acts);
  EXPECT_EQ(state->status, BreakStatus::kOpen);
  EXPECT_EQ(state->owner, model::ActorId::literal("maker"));
  EXPECT_EQ(state->resolution, acts[1]);
  acts.push_back(act(3, BreakActKind::kConfirmed, "approver"));
  state = break_state({{{kFirst, 1}}}, {seen(0, "-2")}, acts);
  EXPECT_EQ(state->status, BreakStatus::kExplained);
  EXPECT_EQ(state->confirmed_by, model::ActorId::literal("approver"));
  // Another amount is another difference; the old one again is explained again.
  state = break_state({{{kFirst, 1}, {kFirst + 1, 1}}}, {seen(0, "-2"), seen(1, "-3")}, acts);
  EXPECT_EQ(state->status, BreakStatus::kOpen);
  EXPECT_FALSE(state->resolution);
  EXPECT_TRUE(is_explained(found("-2"), acts, time::Date()));
  EXPECT_FALSE(is_explained(found("-2", BreakType::kAmount), acts, time::Date()));
}

TEST(Break, WhatClearedAndComesBackIsNotExplainedByWhatExplainedItBefore) {
  std::vector<BreakAct> acts{act(1, BreakActKind::kResolved, "operator"),
                             act(2, BreakActKind::kConfirmed, "approver")};
  acts[1].of_seq = 1;
  acts[0].about = kFirst;
  const Looks three{{{kFirst, 1}, {kFirst + 1, 1}, {kFirst + 9, 1}}};
  auto state = break_state(three, {seen(0, "-2"), seen(9, "-2")}, acts);
  EXPECT_EQ(state->open_since, kFirst + 9);
  EXPECT_EQ(state->status, BreakStatus::kOpen);
  EXPECT_FALSE(state->resolution);
  // Without a day between on which it was gone it is the same one.
  state = break_state(three, {seen(0, "-2"), seen(1, "-2"), seen(9, "-2")}, acts);
  EXPECT_EQ(state->status, BreakStatus::kExplained);
  // Found to have been there earlier: still the same one.
  state = break_state({{{kFirst - 1, 1}, {kFirst, 1}}}, {seen(-1, "-2"), seen(0, "-2")}, acts);
  EXPECT_EQ(state->status, BreakStatus::kExplained);
  acts[0].about = kFirst + 9;
  state = break_state(three, {seen(0, "-2"), seen(9, "-2")}, acts);
  EXPECT_EQ(state->status, BreakStatus::kExplained) << "explained anew";
}

TEST(Break, WhatABreakRefuses) {
  const auto open = *break_state({{{kFirst, 1}}}, {seen(0, "-2")}, {});
  EXPECT_EQ(broken(open, act(1, BreakActKind::kCommented, "maker", "")), "text: is empty");
  EXPECT_NE(broken(open, act(1, BreakActKind::kCommented, "maker", std::string(2'001, 'x'))), "");
  EXPECT_NE(broken(open, act(1, BreakActKind::kAssigned, "maker", "no name")), "");
  BreakAct without = act(1, BreakActKind::kResolved, "maker");
  without.evidence.clear();
  EXPECT_NE(broken(open, without).find("evidence"), std::string::npos);
  EXPECT_NE(broken(open, act(1, BreakActKind::kConfirmed, "approver")), "");
  const auto waits =
      *break_state({{{kFirst, 1}}}, {seen(0, "-2")}, {act(1, BreakActKind::kResolved, "approver")});
  EXPECT_NE(broken(waits, act(2, BreakActKind::kConfirmed, "approver")), "");
  EXPECT_EQ(broken(waits, act(2, BreakActKind::kConfirmed, "second-approver")), "");
  const auto gone = *break_state({{{kFirst, 1}, {kFirst + 1, 1}}}, {seen(0, "-2")}, {});
  EXPECT_NE(broken(gone, act(1, BreakActKind::kResolved, "maker")).find("cleared"), std::string::npos);
  EXPECT_EQ(broken(gone, act(1, BreakActKind::kCommented, "maker")), "");
}

/// Day by day, as somebody with a list would do it.
BreakState naive_state(const Looks& looks, const std::vector<BreakSighting>& sightings) {
  const auto is_seen = [&](const ReconciliationMark& mark) {
    return std::any_of(sightings.begin(), sightings.end(), [&](const auto& one) { return one.mark == mark; });
  };
  BreakState state;
  state.times = 0;
  bool there = false;
  for (int day = 0; day <= 20; ++day) {
    int last = 0;
    bool is_known = false;
    bool was_seen = false;
    for (const ReconciliationMark& mark : looks.marks) {
      if (mark.date != kFirst + day) continue;
      is_known = true;
      const bool is_blind =
          std::find(looks.not_looked.begin(), looks.not_looked.end(), mark) != looks.not_looked.end();
      if (!is_blind || is_seen(mark)) last = std::max(last, mark.number);
      was_seen = was_seen || is_seen(mark);
    }
    if (is_known && last == 0 && there) state.not_looked_on = kFirst + day;
    if (last == 0) continue;
    state.not_looked_on.reset();
    const bool now = is_seen({kFirst + day, last});
    if (was_seen && !there) {
      ++state.times;
      if (state.times == 1) state.first_seen = kFirst + day;
      state.open_since = kFirst + day;
    }
    if (was_seen) state.last_seen = kFirst + day;
    if (now) state.cleared_on.reset();
    if ((there || was_seen) && !now) state.cleared_on = kFirst + day;
    there = now;
  }
  return state;
}

RC_GTEST_PROP(BreakProperty, AnyOrderOfFactsEndsInTheStateThatANaiveReadingFinds, ()) {
  Looks looks;
  std::vector<ReconciliationMark>& marks = looks.marks;
  std::vector<BreakSighting> sightings;
  for (int i = *rc::gen::inRange(1, 9); i > 0; --i) {
    const ReconciliationMark mark{kFirst + *rc::gen::inRange(0, 8), *rc::gen::inRange(1, 4)};
    if (std::find(marks.begin(), marks.end(), mark) != marks.end()) continue;
    marks.push_back(mark);
    if (*rc::gen::arbitrary<bool>()) looks.not_looked.push_back(mark);
    if (*rc::gen::arbitrary<bool>()) sightings.push_back({mark, found(*rc::gen::element("-2", "-3"))});
  }
  std::vector<BreakAct> acts;
  if (*rc::gen::arbitrary<bool>()) {
    acts = {act(1, BreakActKind::kResolved, "maker"), act(2, BreakActKind::kConfirmed, "approver"),
            act(3, BreakActKind::kAssigned, "maker", "operator")};
  }
  const auto state = break_state(looks, sightings, acts);
  const BreakState naive = naive_state(looks, sightings);
  RC_ASSERT(state.has_value() == (naive.times > 0));
  // Repeated and in another order.
  auto more_marks = marks;
  more_marks.insert(more_marks.end(), marks.begin(), marks.end());
  auto more_acts = acts;
  more_acts.insert(more_acts.end(), acts.begin(), acts.end());
  auto more_sightings = sightings;
  more_sightings.insert(more_sightings.end(), sightings.begin(), sightings.end());
  std::reverse(more_marks.begin(), more_marks.end());
  std::reverse(more_acts.begin(), more_acts.end());
  std::reverse(more_sightings.begin(), more_sightings.end());
  RC_ASSERT(break_state({more_marks, looks.not_looked}, more_sightings, more_acts) == state);
  if (!state) return;
  RC_ASSERT(state->times == naive.times);
  RC_ASSERT(state->first_seen == naive.first_seen);
  RC_ASSERT(state->open_since == naive.open_since);
  RC_ASSERT(state->last_seen == naive.last_seen);
  RC_ASSERT(state->cleared_on == naive.cleared_on);
  RC_ASSERT(state->not_looked_on == naive.not_looked_on);
  const bool explained = !acts.empty() && state->found.amount == Decimal::literal("-2");
  RC_ASSERT((state->status == BreakStatus::kExplained) == (explained && !state->cleared_on));
}

}  // namespace
}  // namespace navkeeper::custody
