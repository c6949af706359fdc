// opening + in - out - fees + staking = closing, and whatever is left is shown.
#include "services/custody/domain/roll_forward.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/custody/adapters/account_history.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;

const time::Instant kStart = time::Instant::literal("2026-03-01T00:00:00Z");
time::Instant at(int hour) { return kStart + time::Duration::hours(hour); }
RollPoint point(const std::string& amount, int hour) { return {Decimal::literal(amount), at(hour), true}; }
Flow flow(FlowKind kind, const std::string& amount, int hour, bool sure = true) {
  return {kind, std::string(describe(kind)) + std::to_string(hour), Decimal::literal(amount), at(hour), sure};
}

TEST(RollForward, AddsUpAndShowsWhatItLeaves) {
  const std::vector<Flow> flows{flow(FlowKind::kIn, "2", 1), flow(FlowKind::kOut, "0.5", 2),
                                flow(FlowKind::kFee, "0.01", 2), flow(FlowKind::kReward, "0.1", 3),
                                flow(FlowKind::kReward, "-0.02", 4)};
  const RollForward even = roll_forward(point("10", 0), point("11.57", 24), flows);
  EXPECT_EQ(*even.expected, Decimal::literal("11.57"));
  EXPECT_TRUE(even.difference->is_zero());
  EXPECT_EQ(even.staking, Decimal::literal("0.08"));
  EXPECT_EQ(state_of(even), "even");
  const RollForward off = roll_forward(point("10", 0), point("11.5", 24), flows);
  EXPECT_EQ(*off.difference, Decimal::literal("-0.07"));
  EXPECT_EQ(state_of(off), "differs");
}

TEST(RollForward, CountsAfterTheOpeningUpToTheClosing) {
  const std::vector<Flow> flows{flow(FlowKind::kIn, "1", 0), flow(FlowKind::kIn, "2", 24),
                                flow(FlowKind::kIn, "4", 25)};
  EXPECT_EQ(roll_forward(point("0", 0), point("2", 24), flows).in, Decimal::literal("2"));
}

TEST(RollForward, WhatIsNotSureIsNamedAndNotCounted) {
  const std::vector<Flow> flows{flow(FlowKind::kIn, "1", 1), flow(FlowKind::kOut, "9", 2, false)};
  RollForward roll = roll_forward(point("0", 0), point("1", 24), flows);
  EXPECT_EQ(roll.open, std::vector<std::string>{"out2"});
  EXPECT_TRUE(roll.difference->is_zero());
  EXPECT_EQ(state_of(roll), "unsure");
  RollPoint unsure = point("1", 24);
  unsure.sure = false;
  EXPECT_EQ(state_of(roll_forward(point("0", 0), unsure, {flows[0]})), "unsure");
  unsure.owned.reset();
  roll = roll_forward(point("0", 0), unsure, {flows[0]});
  EXPECT_FALSE(roll.difference);
  EXPECT_EQ(*roll.expected, Decimal::literal("1"));
  EXPECT_EQ(state_of(roll), "unsure");
  roll = roll_forward(std::nullopt, point("1", 24), {flows[0]});
  EXPECT_FALSE(roll.expected);
  EXPECT_EQ(state_of(roll), "unsure");
}

TEST(FlowsOf, AConversionGoesOutOfTheOneAssetAndComesIntoTheOther) {
  AccountHistory history;
  history.source = "cc";
  RecordState state;
  state.record.kind = RecordKind::kStake;
  state.record.key = "CONVERT:7";
  state.record.at = at(3);
  state.record.asset = "ETH.staked";
  state.record.amount = Decimal::literal("10.203");
  state.record.document = R"({"row":{"convert_id":"7","to_instrument_name":"CDCETH","to_quantity":"10"}})";
  state.standing = Standing::kSure;
  history.others.push_back(state);
  const auto shown = [&](const char* asset, bool is_only = true) {
    std::string text;
    for (const Flow& one : flows_of(history, "main", asset, is_only))
      text += std::string(describe(one.kind)) + " " + one.amount.to_string() + (one.sure ? "" : " open");
    return text;
  };
  EXPECT_EQ(shown("ETH"), "out 10.203");
  EXPECT_EQ(shown("CDCETH"), "in 10");
  EXPECT_EQ(shown("CRO"), "");
  EXPECT_EQ(shown("ETH", false), "");
  history.others[0].record.progress = Progress::kUnderWay;
  EXPECT_EQ(shown("ETH"), "out 10.203 open");
  history.others[0].record.progress = Progress::kFailed;
  EXPECT_EQ(shown("ETH"), "");
}

TEST(FlowsOf, ATransferCountsFromWhenItWasDoneAndItsFactSaysHowFarItIs) {
  AccountHistory history;
  history.source = "cc";
  StoredTransfer stored;
  stored.transfer.asset = "BTC";
  stored.transfer.amount = Decimal::literal("5");
  stored.state.record.key = "deposit:1";
  stored.state.record.at = at(1);
  stored.state.record.updated_at = at(40);  // touched
  stored.state.done_since = at(3);
  history.transfers = {stored};
  EXPECT_EQ(flows_of(history, "main", "BTC", true).at(0).at, at(3));
  EXPECT_EQ(facts_of(history, {}).at(0).at, at(3));
  EXPECT_EQ(facts_of(history, {})[0].standing, Standing::kSure);
  history.transfers[0].state.record.progress = Progress::kUnderWay;
  history.transfers[0].state.done_since.reset();
  history.transfers[0].state.standing = Standing::kVanished;
  const TransferFact fact = facts_of(history, {}).at(0);
  EXPECT_EQ(fact.at, at(1));
  EXPECT_EQ(fact.progress, Progress::kUnderWay);
  EXPECT_EQ(fact.standing, Standing::kVanished);
}

rc::Gen<std::vector<Flow>> any_flows() {
  return rc::gen::map(rc::gen::container<std::vector<std::tuple<int, int, int>>>(rc::gen::tuple(
                          rc::gen::inRange(0, 4), rc::gen::inRange(1, 1'000), rc::gen::inRange(0, 50))),
                      [](const auto& rows) {
                        std::vector<Flow> flows;
                        for (const auto& [kind, amount, hour] : rows)
                          flows.push_back(flow(static_cast<FlowKind>(kind), std::to_string(amount), hour));
                        return flows;
                      });
}

RC_GTEST_PROP(RollForwardProperty, AdjacentPeriodsAddUpAndTheNaiveSumAgrees, ()) {
  const auto flows = *any_flows();
  const int middle = *rc::gen::inRange(0, 50);
  const auto amount = [] { return std::to_string(*rc::gen::inRange(0, 5'000)); };
  const RollPoint first = point(amount(), 0);
  const RollPoint between = point(amount(), middle);
  const RollPoint last = point(amount(), 50);
  const RollForward one = roll_forward(first, between, flows);
  const RollForward two = roll_forward(between, last, flows);
  const RollForward whole = roll_forward(first, last, flows);
  RC_ASSERT(one.in + two.in == whole.in);
  RC_ASSERT(one.out + two.out == whole.out);
  RC_ASSERT(one.fees + two.fees == whole.fees);
  RC_ASSERT(one.staking + two.staking == whole.staking);
  RC_ASSERT(one.flows + two.flows == whole.flows);
  RC_ASSERT(*one.difference + *two.difference == *whole.difference);
  // From hour to hour, the way a person would do it.
  Decimal running = *first.owned;
  for (int hour = 1; hour <= 50; ++hour) {
    for (const Flow& each : flows) {
      if (each.at != at(hour)) continue;
      const bool adds = each.kind == FlowKind::kIn || each.kind == FlowKind::kReward;
      running = adds ? running + each.amount : running - each.amount;
    }
  }
  RC_ASSERT(*whole.expected == running);
}

}  // namespace
}  // namespace navkeeper::custody
