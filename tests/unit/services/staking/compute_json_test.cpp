#include "services/staking/adapters/compute_json.h"

#include <gtest/gtest.h>

#include "common/base/refuse.h"

namespace navkeeper::staking {
namespace {

std::string answer(const std::string& text) { return to_json(compute(text)); }

std::string refusal(const std::string& text) {
  try {
    return "answered " + answer(text);
  } catch (const base::Refused& refused) {
    return refused.what();
  }
}

TEST(StakingCompute, EtherIncomeCountsTheFlowsAfterTheFirstSlotUpToTheLast) {
  EXPECT_EQ(
      answer(R"({"chain":"ethereum","from_slot":100,"to_slot":200,"validators":[
      {"index":"33710","opening_gwei":"32000000000","closing_gwei":"32010000000","flows":[
        {"slot":150,"kind":"withdrawal","amount_gwei":"5"},{"slot":100,"kind":"deposit","amount_gwei":"9"},
        {"slot":200,"kind":"withdrawal","amount_gwei":"2"}]},
      {"index":"2","opening_gwei":"32000000000","closing_gwei":"40000000000","flows":[
        {"slot":101,"kind":"deposit","amount_gwei":"5000000000"},{"slot":102,"kind":"consolidation_in","amount_gwei":"4000000000"},
        {"slot":103,"kind":"consolidation_out","amount_gwei":"100"},{"slot":104,"kind":"moved_to_pending","amount_gwei":"10"}]}]})"),
      R"({"validators":[{"index":"33710","opening_gwei":"32000000000","closing_gwei":"32010000000",)"
      R"("income_gwei":"10000007","by_kind":{"withdrawal":"7"}},)"
      R"({"index":"2","opening_gwei":"32000000000","closing_gwei":"40000000000","income_gwei":"-999999890",)"
      R"("by_kind":{"deposit":"5000000000","consolidation_in":"4000000000","consolidation_out":"100",)"
      R"("moved_to_pending":"10"}}],"total_income_gwei":"-989999883",)"
      R"("outside":[{"index":"33710","slot":100,"kind":"deposit","amount_gwei":"9"}]})");
}

TEST(StakingCompute, CosmosAnswersAsTheChainWould) {
  // The contract's own events; half of the stake is slashed after the first rewards.
  EXPECT_EQ(
      answer(R"({"chain":"cosmos","validator":{"commission_rate":"0.1"},"events":[
      {"event":"delegate","delegator":"d1","amount":"100000000"},{"event":"allocate","rewards":"887068789.7"},
      {"event":"slash","fraction":"0.5"},{"event":"undelegate","delegator":"d1","amount":"1"},
      {"event":"withdraw","delegator":"d1"}]})"),
      R"({"commission":"88706878.970000000000000000","validator_tokens":"49999999","delegators":[)"
      R"({"delegator":"d1","stake":"49999999","unclaimed":"0.000000000000000000","paid":"798361910","dust":"0.73"}]})");
}

TEST(StakingCompute, AStakeShowsWhatItsCutSharesAreWorth) {
  // 100 shares for 67 tokens: 1 token buys 1.4925... shares, cut, which are worth 0.999999999999999999: a
  // query shows no whole unit, as the chain's own does.
  EXPECT_EQ(answer(R"({"chain":"cosmos","validator":{"commission_rate":"0"},"events":[
      {"event":"delegate","delegator":"a","amount":"100"},{"event":"slash","fraction":"0.33"},
      {"event":"delegate","delegator":"b","amount":"1"}]})"),
            R"({"commission":"0.000000000000000000","validator_tokens":"68","delegators":[)"
            R"({"delegator":"a","stake":"67","unclaimed":"0.000000000000000000","paid":"0","dust":"0"},)"
            R"({"delegator":"b","stake":"0","unclaimed":"0.000000000000000000","paid":"0","dust":"0"}]})");
}

TEST(StakingCompute, NamesThePlaceAndTheRuleOfWhatItRefuses) {
  const auto ether = [](const std::string& validators) {
    return refusal(R"({"chain":"ethereum","from_slot":1,"to_slot":2,"validators":[)" + validators + "]}");
  };
  EXPECT_EQ(ether(R"({"index":"1","opening_gwei":"-1","closing_gwei":"0","flows":[]})"),
            "validators[0].opening_gwei: is negative");
  EXPECT_EQ(
      ether(
          R"({"index":"1","opening_gwei":"0","closing_gwei":"0","flows":[]},{"index":"1","opening_gwei":"0","closing_gwei":"0","flows":[]})"),
      "validators[1].index: is here a second time: 1");
  EXPECT_EQ(
      ether(
          R"({"index":"1","opening_gwei":"0","closing_gwei":"0","flows":[{"slot":1,"kind":"gift","amount_gwei":"1"}]})"),
      "validators[0].flows[0].kind: is not deposit, withdrawal, consolidation_in, consolidation_out or "
      "moved_to_pending");
  EXPECT_NE(ether(R"({"index":"1","opening_gwei":"1","closing_gwei":"2"})").find("validators[0].flows"),
            std::string::npos);
  EXPECT_NE(ether(R"({"index":"1","opening_gwei":5,"closing_gwei":"0","flows":[]})")
                .find("validators[0].opening_gwei"),
            std::string::npos);
  EXPECT_EQ(refusal(R"({"chain":"ethereum","from_slot":3,"to_slot":2,"validators":[]})"),
            "to_slot: is before from_slot");
  EXPECT_EQ(refusal(R"({"chain":"solana"})"), "chain: is not ethereum or cosmos");
  const auto cosmos = [](const std::string& events) {
    return refusal(R"({"chain":"cosmos","validator":{"commission_rate":"0.1"},"events":[)" + events + "]}");
  };
  EXPECT_EQ(cosmos(R"({"event":"withdraw","delegator":"d1"})"), "events[0].delegator: has no delegation");
  EXPECT_EQ(
      cosmos(
          R"({"event":"delegate","delegator":"d1","amount":"5"},{"event":"undelegate","delegator":"d1","amount":"6"})"),
      "events[1].amount: is more than the stake");
  EXPECT_EQ(cosmos(R"({"event":"slash","fraction":"2"})"), "events[0].fraction: is not between 0 and 1");
  EXPECT_EQ(cosmos(R"({"event":"mint"})"),
            "events[0].event: is not delegate, undelegate, withdraw, allocate or slash");
  EXPECT_NE(cosmos(R"({"event":"allocate","rewards":"1","to":"x"})").find("events[0].to"), std::string::npos);
  EXPECT_EQ(refusal(R"({"chain":"cosmos","validator":{"commission_rate":"1.1"},"events":[]})"),
            "validator.commission_rate: is not between 0 and 1 with at most 18 decimals");
}

}  // namespace
}  // namespace navkeeper::staking
