// What the books have in parts and the other side whole, day by day.
#include <gtest/gtest.h>

#include "services/custody/domain/reconciliation.h"

namespace navkeeper::custody {
namespace {

const time::Instant kPoint = time::Instant::literal("2026-03-10T20:00:00Z");

CoinMovement told_on(int day, const std::string& id, std::string_view amount, bool is_booked) {
  CoinMovement movement{is_booked ? "books" : "chain:cronos_pos", id, "CRO", "",
                        money::Decimal::literal(amount)};
  movement.date = *time::Date::of(2026, 3, day);
  movement.at = movement.date.utc_midnight() + time::Duration::hours(15);
  movement.what = "reward";
  if (!is_booked) movement.account = "cro1a";
  return movement;
}

/// Claims of a week at an address that keeps 100, each booked in parts.
ReconciliationInput claims_of_a_week() {
  ReconciliationInput input;
  input.at = kPoint;
  input.date = *time::Date::of(2026, 3, 10);
  input.books = {{"CRO", "", money::Decimal::literal("100")}};
  Balance balance;
  balance.place = {"chain:cronos_pos", "cro1a"};
  balance.asset = model::AssetId::literal("CRO");
  balance.scale = 8;
  balance.total = money::Decimal::literal("100");
  balance.as_of = kPoint;
  balance.certainty = Certainty::kAgreed;
  input.balances = {balance};
  for (const int day : {2, 6, 9, 10}) {  // farther apart than movements are matched
    const std::string at = std::to_string(day);
    for (const char* part : {"/1", "/2", "/3"}) input.booked.push_back(told_on(day, at + part, "1.5", true));
    input.moved.push_back(told_on(day, "first " + at, "3", false));
    input.moved.push_back(told_on(day, "second " + at, "1.25", false));
    input.moved.push_back(told_on(day, "third " + at, "0.25", false));
  }
  return input;
}

TEST(MovementsOfADay, ThatAreTogetherTheSameOnBothSidesAreNoBreak) {
  const Reconciliation made = reconcile(claims_of_a_week(), {});
  ASSERT_EQ(made.lines.size(), 1U);
  EXPECT_EQ(made.lines[0].status, LineStatus::kAgrees) << made.breaks.size();
  EXPECT_EQ(made.lines[0].matched, 12);
}

TEST(MovementsOfADay, ThatAreNotTheSameAreEachShownAndOtherDaysAreNot) {
  ReconciliationInput input = claims_of_a_week();
  input.booked[3].amount = money::Decimal::literal("1.6");  // of the second day
  input.books[0].total = money::Decimal::literal("100.1");
  const Reconciliation made = reconcile(input, {});
  ASSERT_EQ(made.breaks.size(), 6U);
  money::Decimal sum;
  for (const FoundBreak& one : made.breaks) sum += one.amount;
  EXPECT_EQ(sum, money::Decimal::literal("-0.1"));
}

TEST(MovementsOfADay, WhatCameExplainsNothingThatWent) {
  ReconciliationInput input = claims_of_a_week();
  input.booked = {told_on(10, "in", "5", true), told_on(10, "out", "-5", true)};
  input.moved.clear();
  EXPECT_EQ(reconcile(input, {}).breaks.size(), 2U);
  input.moved = {told_on(10, "came", "2", false), told_on(10, "too", "3", false)};
  EXPECT_EQ(reconcile(input, {}).breaks.size(), 2U);  // what went, and the balance that lacks it not
}

}  // namespace
}  // namespace navkeeper::custody
