// What stands of a custodian's history: a second, naive reading of the same rules, and order that cannot
// matter.
#include "services/custody/domain/record_book.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace navkeeper::custody {
namespace {

using time::Duration;
using time::Instant;

const Instant kStart = Instant::literal("2026-03-01T00:00:00Z");
Instant at(int minutes) { return kStart + Duration::minutes(minutes); }

Record record_of(const std::string& key, int minute, int updated, const std::string& amount,
                 Progress progress = Progress::kDone) {
  Record record;
  record.kind = RecordKind::kTransfer;
  record.key = key;
  record.at = at(minute);
  record.updated_at = at(updated);
  record.asset = "CRO";
  record.amount = money::Decimal::literal(amount);
  record.progress = progress;
  record.status = std::string(describe(progress));
  record.document = key + "|" + amount + "|" + record.status + "|" + std::to_string(updated);
  return record;
}

WindowAnswer answer_of(int from, int to, int asked, std::vector<CountedRecord> records) {
  return {RecordKind::kTransfer, at(from), at(to), at(asked), std::move(records)};
}

std::vector<RecordState> states_after(const std::vector<WindowAnswer>& answers) {
  RecordBook book;
  for (const WindowAnswer& answer : answers) book.see(answer);
  return book.states();
}

TEST(RecordBook, AStatusMovesOnAndAStaleAnswerDoesNotTakeItBack) {
  const Record pending = record_of("1", 5, 5, "10", Progress::kUnderWay);
  const Record done = record_of("1", 5, 20, "10");
  const auto states = states_after({answer_of(0, 30, 30, {{done, 1}}), answer_of(0, 40, 40, {{pending, 1}})});
  ASSERT_EQ(states.size(), 1U);
  EXPECT_EQ(states[0].record, done);
  EXPECT_EQ(states[0].standing, Standing::kSure);
  EXPECT_EQ(states[0].versions, 2);
  EXPECT_FALSE(states[0].amount_restated);
}

TEST(RecordBook, WhatALaterCompleteAnswerLeavesOutHasVanishedUntilItIsSeenAgain) {
  const Record one = record_of("1", 5, 5, "10");
  const Record two = record_of("2", 6, 6, "20");
  auto states = states_after({answer_of(0, 10, 10, {{one, 1}, {two, 1}}), answer_of(0, 10, 20, {{one, 1}})});
  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[0].standing, Standing::kSure);
  EXPECT_EQ(states[1].standing, Standing::kVanished);
  states = states_after({answer_of(0, 10, 10, {{one, 1}, {two, 1}}), answer_of(0, 10, 20, {{one, 1}}),
                         answer_of(0, 10, 30, {{one, 1}, {two, 1}})});
  EXPECT_EQ(states[1].standing, Standing::kSure);
  // A window that does not reach over its instant says nothing about it.
  states = states_after({answer_of(0, 10, 10, {{one, 1}, {two, 1}}), answer_of(7, 10, 20, {})});
  EXPECT_EQ(states[1].standing, Standing::kSure);
}

TEST(RecordBook, TwoVersionsThatNothingOrdersContradictEachOther) {
  const auto states = states_after(
      {answer_of(0, 10, 10, {{record_of("1", 5, 5, "10"), 1}, {record_of("1", 5, 5, "11"), 1}})});
  ASSERT_EQ(states.size(), 1U);
  EXPECT_EQ(states[0].standing, Standing::kContradicted);
  EXPECT_TRUE(states[0].amount_restated);
}

TEST(RecordBook, AnAmountThatChangesWithoutAnUpdateIsContradictedWhoeverSaidItLast) {
  const auto states = states_after({answer_of(0, 10, 10, {{record_of("1", 5, 5, "10"), 1}}),
                                    answer_of(0, 10, 20, {{record_of("1", 5, 5, "1000000000"), 1}}),
                                    answer_of(0, 10, 30, {{record_of("1", 5, 5, "10"), 1}})});
  ASSERT_EQ(states.size(), 1U);
  EXPECT_EQ(states[0].standing, Standing::kContradicted);
  EXPECT_EQ(states[0].record.amount, money::Decimal::literal("10"));
}

TEST(RecordBook, AlikeRewardsAreCountedNotMerged) {
  const Record reward = record_of("r", 5, 5, "0.1");
  const auto twice = states_after({answer_of(0, 10, 10, {{reward, 2}}), answer_of(0, 10, 20, {{reward, 2}})});
  ASSERT_EQ(twice.size(), 1U);
  EXPECT_EQ(twice[0].count, 2);
  EXPECT_EQ(states_after({answer_of(0, 10, 20, {{reward, 2}}), answer_of(0, 10, 10, {{reward, 1}})})[0].count,
            2);
}

TEST(RecordBook, WhatIsDoneWasDoneWhenItWasFirstToldSoWhateverIsTouchedLater) {
  const Record pending = record_of("1", 5, 8, "10", Progress::kUnderWay);
  const Record done = record_of("1", 5, 20, "10");
  const Record touched = record_of("1", 5, 500, "10");
  auto states = states_after({answer_of(0, 600, 10, {{pending, 1}})});
  EXPECT_EQ(states[0].done_since, std::nullopt);
  states = states_after({answer_of(0, 600, 10, {{pending, 1}}), answer_of(0, 600, 30, {{done, 1}}),
                         answer_of(0, 600, 501, {{touched, 1}})});
  EXPECT_EQ(states[0].record, touched);
  EXPECT_EQ(states[0].done_since, at(20));
  // With another amount it is another movement of coins.
  const Record corrected = record_of("1", 5, 40, "11");
  states = states_after({answer_of(0, 600, 30, {{done, 1}}), answer_of(0, 600, 50, {{corrected, 1}})});
  EXPECT_EQ(states[0].done_since, at(40));
  // Taken back: not done.
  const Record failed = record_of("1", 5, 60, "10", Progress::kFailed);
  states = states_after({answer_of(0, 600, 30, {{done, 1}}), answer_of(0, 600, 70, {{failed, 1}})});
  EXPECT_EQ(states[0].done_since, std::nullopt);
}

rc::Gen<WindowAnswer> any_answer() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange(0, 20), rc::gen::inRange(0, 20), rc::gen::inRange(20, 30),
                     rc::gen::container<std::vector<std::tuple<int, int, int, int>>>(
                         rc::gen::tuple(rc::gen::inRange(0, 4), rc::gen::inRange(0, 3),
                                        rc::gen::inRange(1, 3), rc::gen::inRange(0, 4)))),
      [](const auto& drawn) {
        const auto& [a, b, asked, rows] = drawn;
        WindowAnswer answer = answer_of(std::min(a, b), std::max(a, b), asked, {});
        for (const auto& [key, updated, count, progress] : rows) {
          answer.records.push_back({record_of(std::to_string(key), key * 4, key * 4 + updated,
                                              std::to_string(updated + 1), static_cast<Progress>(progress)),
                                    count});
        }
        return answer;
      });
}

/// The rules again, by looking at everything for each key.
std::vector<RecordState> naive_states(const std::vector<WindowAnswer>& answers) {
  std::vector<RecordState> states;
  for (int key = 0; key < 4; ++key) {
    struct Seen {
      Record record;
      Instant asked;
      int count;
    };
    std::vector<Seen> seen;
    for (const auto& answer : answers) {
      for (const auto& counted : answer.records) {
        if (counted.record.key == std::to_string(key))
          seen.push_back({counted.record, answer.asked_at, counted.count});
      }
    }
    if (seen.empty()) continue;
    const auto later = [](const Seen& a, const Seen& b) {
      if (a.record.updated_at != b.record.updated_at) return a.record.updated_at < b.record.updated_at;
      if (a.record.progress != b.record.progress) return a.record.progress < b.record.progress;
      return a.asked < b.asked;
    };
    const Seen best = *std::max_element(seen.begin(), seen.end(), later);
    RecordState state{best.record, 0, Standing::kSure, 0, false};
    std::set<std::string> documents;
    std::set<std::string> amounts;
    Instant last = Instant::earliest();
    std::string first_document;
    for (const Seen& one : seen) {
      documents.insert(one.record.document);
      amounts.insert(one.record.amount->to_string());
      last = std::max(last, one.asked);
      if (later(one, best) || later(best, one)) continue;
      if (first_document.empty() || one.record.document < first_document) {
        first_document = one.record.document;
        state.record = one.record;
      }
      if (one.record.document != best.record.document) state.standing = Standing::kContradicted;
    }
    for (const Seen& one : seen) {
      if (one.record.updated_at == best.record.updated_at && one.record.progress == best.record.progress &&
          one.record.amount != best.record.amount)
        state.standing = Standing::kContradicted;
      if (one.record == state.record && one.asked == best.asked)
        state.count = std::max(state.count, one.count);
    }
    for (const Seen& one : seen) {
      if (state.record.progress == Progress::kDone && one.record.progress == Progress::kDone &&
          one.record.amount == state.record.amount &&
          (!state.done_since || one.record.updated_at < *state.done_since))
        state.done_since = one.record.updated_at;
    }
    state.versions = static_cast<int>(documents.size());
    state.amount_restated = amounts.size() > 1;
    for (const auto& answer : answers) {
      if (state.standing == Standing::kSure && answer.from <= state.record.at &&
          state.record.at <= answer.to && answer.asked_at > last)
        state.standing = Standing::kVanished;
    }
    states.push_back(state);
  }
  std::sort(states.begin(), states.end(), [](const auto& a, const auto& b) {
    return std::tie(a.record.at, a.record.key) < std::tie(b.record.at, b.record.key);
  });
  return states;
}

RC_GTEST_PROP(RecordBook, AnyOrderAndAnyRepetitionOfAnswersEndsInTheSameState, ()) {
  const auto answers = *rc::gen::container<std::vector<WindowAnswer>>(any_answer());
  const auto expected = naive_states(answers);
  std::vector<WindowAnswer> other = answers;
  for (const WindowAnswer& answer : answers) {
    if (*rc::gen::arbitrary<bool>()) other.push_back(answer);
  }
  for (std::size_t i = other.size(); i > 1; --i)
    std::swap(other[i - 1], other[*rc::gen::inRange<std::size_t>(0, i)]);
  RC_ASSERT(states_after(answers) == expected);
  RC_ASSERT(states_after(other) == expected);
}

}  // namespace
}  // namespace navkeeper::custody
