#include "services/staking/adapters/compute_json.h"

#include <gtest/gtest.h>

#include <map>

#include "common/base/refuse.h"
#include "tests/support/vectors.h"

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

/// "d1 100" delegates, "x 20" of an undelegation has a minus, "allocate 20", "slash .5", "d1" withdraws.
std::string f1(const std::vector<std::string>& steps) {
  std::string events;
  for (const std::string& step : steps) {
    const std::string word = step.substr(0, step.find(' '));
    const std::string value = step.size() > word.size() ? step.substr(word.size() + 1) : "";
    events += events.empty() ? "" : ",";
    if (word == "allocate")
      events += R"({"event":"allocate","rewards":")" + value + "\"}";
    else if (word == "slash")
      events += R"({"event":"slash","fraction":")" + value + "\"}";
    else if (value.empty())
      events += R"({"event":"withdraw","delegator":")" + word + "\"}";
    else
      events += R"({"event":"delegate","delegator":")" + word + R"(","amount":")" + value + "\"}";
  }
  return answer(R"({"chain":"cosmos","validator":{"commission_rate":"0.5"},"events":[)" + events + "]}");
}

/// The Cosmos SDK's own distribution tests: what a delegator could claim after the steps, and the commission
/// of them all (its withdrawal is no event here).
TEST(StakingCompute, TheSdksOwnCasesComeOut) {
  const auto vectors = tests::shared_vectors("staking/cosmos/f1_distribution_vectors.json");
  SKIP_WITHOUT(vectors, "staking/cosmos");
  const std::map<std::string, std::vector<std::string>> steps{
      {"basic", {"v 100", "allocate 10"}},
      {"after slash 50%", {"v 100000000", "slash 0.5", "allocate 10000000"}},
      {"many slashes", {"v 100000000", "slash 0.5", "allocate 10000000", "slash 0.5", "allocate 10000000"}},
      {"two delegators", {"d1 100", "allocate 20", "d2 100", "allocate 20"}},
      {"multi delegator multi slash",
       {"d1 100000000", "allocate 30000000", "slash 0.5", "d2 100000000", "allocate 30000000", "slash 0.5"}},
      {"multi withdraw",
       {"d1 100", "allocate 20", "d2 100", "allocate 20", "d1", "d2", "allocate 20", "d1"}}};
  int seen = 0;
  for (const json::Value& one : vectors->find("cases")->as_array()) {
    const std::string name = one.find("name")->as_string();
    const auto known = steps.find(name);
    if (known == steps.end()) continue;  // of many validators: cosmos_staking_test
    ++seen;
    const json::Value told = json::parse(f1(known->second)).value();
    std::map<std::string, std::string> unclaimed;
    for (const json::Value& line : told.find("delegators")->as_array())
      unclaimed[line.find("delegator")->as_string()] = line.find("unclaimed")->as_string();
    const std::string decimals = ".000000000000000000";
    for (const auto& [key, who] : {std::pair{"delegator_reward", "v"}, {"d1", "d1"}, {"d2", "d2"}}) {
      const json::Value* const reward = one.find(key);
      if (reward == nullptr) continue;
      EXPECT_EQ(unclaimed[who], reward->as_string() + decimals) << name;
    }
    // "multi withdraw" took its commission of 20 out before the last ten.
    const std::string commission =
        name == "multi withdraw" ? "30" : one.find("commission_accrued")->as_string();
    EXPECT_EQ(told.find("commission")->as_string(), commission + decimals) << name;
  }
  EXPECT_EQ(seen, 6);
}

/// A genesis validator whose first row has no balances and whose deposit is no income.
TEST(StakingCompute, AFirstDepositIsNoIncome) {
  const auto vectors = tests::shared_vectors("staking/rotki/validator_daily_stats_999.json");
  SKIP_WITHOUT(vectors, "staking/rotki");
  const auto& days = vectors->find("data")->as_array();
  ASSERT_EQ(days.size(), 2U);
  const std::string closing = days[0].find("end_balance")->as_number();
  const std::string deposit = days[1].find("deposits_amount")->as_number();
  EXPECT_TRUE(days[1].find("start_balance")->is_null());
  const json::Value told =
      json::parse(answer(R"({"chain":"ethereum","from_slot":0,"to_slot":7199,"validators":[)"
                         R"({"index":"999","opening_gwei":"0","closing_gwei":")" +
                         closing + R"(","flows":[{"slot":1,"kind":"deposit","amount_gwei":")" + deposit +
                         R"("}]}]})"))
          .value();
  EXPECT_EQ(told.find("total_income_gwei")->as_string(), "12007402");
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
