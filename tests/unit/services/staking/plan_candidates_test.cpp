// Whom a plan may choose among: what staking read of the chain's validators, narrowed or said otherwise by
// the request; unbonding entries in use; what nobody says is asked for by name.
#include <gtest/gtest.h>

#include "common/base/refuse.h"
#include "services/staking/adapters/plan_json.h"
#include "services/staking/adapters/validator_set_json.h"
#include "services/staking/app/validator_reading.h"
#include "services/staking/domain/liquid_token.h"
#include "tests/unit/services/staking/fund_world.h"
#include "tests/unit/services/staking/memory_store.h"

namespace navkeeper::staking {
namespace {

using world::d;
using world::kCro;
using world::kFund;
using world::kNow;

json::Value json_of(const std::string& text) { return json::parse(text).value(); }

PlanRequest asks(const std::string& more = "", const std::string& policy = "") {
  return read_plan_request(json_of(R"({"id":"p1","asset":"CRO","decimals":8,"custodian":"cc","policy":{)" +
                                   policy + "}" + more + "}"));
}

MemoryStore filled() {
  MemoryStore store;
  SyncResult result = world::sync_result();
  result.validator_sets = {world::validator_set()};
  store.save(kFund, result, world::hours_ago(1), "test");
  return store;
}
LiquidityInputs resolved() {
  MemoryStore store = filled();
  return resolve_liquidity(store, kFund, world::facts(), {}, kNow);
}

std::string why(const std::function<void()>& does) {
  try {
    does();
    return "";
  } catch (const base::Refused& refused) {
    return refused.what();
  }
}

const SaidCandidate& at(const std::vector<SaidCandidate>& all, const std::string& place) {
  for (const SaidCandidate& one : all) {
    if (one.candidate.place == place) return one;
  }
  throw std::logic_error("no candidate " + place);
}

TEST(ValidatorSet, WhatFollowsFromWhatWasRead) {
  const ValidatorSet set = world::validator_set();
  EXPECT_EQ(gross_rate(set), d("0.05145"));  // 42 million x 0.98 / 800 million
  EXPECT_EQ(uptime(*set.find("v1")), d("0.99"));
  EXPECT_EQ(slashes_of(set, "v2").count, 1) << "the one before the history does not count";
  EXPECT_EQ(slashes_of(set, "v2").mean_fraction, d("0.01"));
  EXPECT_EQ(observed_days(set, *set.find("v1")), 365);
  EXPECT_EQ(set.find("v5"), nullptr);
  ValidatorSet silent = set;
  silent.annual_provisions.reset();
  EXPECT_FALSE(gross_rate(silent));
  silent.validators[0].signed_window.reset();
  EXPECT_FALSE(uptime(silent.validators[0]));
  silent.validators[0].signed_window = 0;
  EXPECT_EQ(uptime(silent.validators[0]), d("1"));
  silent.validators[0].slashes_to = 0;
  EXPECT_EQ(observed_days(silent, silent.validators[0]), 0) << "nobody looked";
  silent.slashes.push_back({"v2", 10, d("0.03"), 150, 200});
  silent.slashes.push_back({"v2", 11, d("0.03"), 150, 200});
  EXPECT_EQ(slashes_of(silent, "v2").mean_fraction, d("0.023333333333333334")) << "up";
  json::Writer writer;
  write_validator_set(writer, set);
  const json::Value written = json_of(writer.take());
  EXPECT_EQ(read_validator_set({written, ""}), set);
  EXPECT_NE(validator_sets_json({set}).find(R"("gross_rate":"0.05145")"), std::string::npos);
  EXPECT_NE(validator_sets_table({set}).find("operator of v1"), std::string::npos);
}

TEST(PlanCandidates, AreTheChainsValidatorsAsTheyWereRead) {
  MemoryStore store = filled();
  const PlanRequest request = asks();
  const auto set = resolve_validators(store, kFund, request.candidates, {}, kNow);
  ASSERT_TRUE(set);
  const MadePlan made = make_plan(resolved(), set, request);
  ASSERT_EQ(made.candidates.size(), 4U);
  const SaidCandidate& first = at(made.candidates, "v1");
  EXPECT_EQ(first.candidate.tokens, d("500000000"));
  EXPECT_EQ(first.candidate.commission, d("0.1"));
  EXPECT_EQ(first.candidate.gross_rate, d("0.05145"));
  EXPECT_EQ(first.candidate.uptime, d("0.99"));
  EXPECT_EQ(first.candidate.current, d("1000000"));
  EXPECT_EQ(first.candidate.owner, "operator of v1");
  EXPECT_EQ(first.candidate.entries_left, 6U) << "one of seven runs";
  EXPECT_TRUE(first.said.empty());
  ASSERT_EQ(made.plan.excluded.size(), 3U);
  EXPECT_EQ(made.plan.excluded[0].reason, "slashed 1 times in 365 days");
  EXPECT_EQ(made.plan.excluded[1].reason, "outside the set that earns");
  EXPECT_EQ(made.plan.excluded[2].reason, "jailed: it earns nothing");
  ASSERT_EQ(made.plan.placements.size(), 1U);
  EXPECT_EQ(made.plan.placements[0].place, "v1");
  EXPECT_EQ(made.plan.placements[0].net_rate, d("0.04584195"));  // 0.05145 x 0.9 x 0.99
  EXPECT_EQ(made.steps[0].desk.custodian, "cc") << "the request's, of whoever has none of its own";
  const std::string text = made_plan_text(request, set, made);
  EXPECT_NE(text.find(R"("validator_set":{"source":"cronos","height":"200","root":"root200")"),
            std::string::npos)
      << text;
}

const plan::ShownLimit& limit_of(const MadePlan& made, const std::string& name) {
  for (const plan::ShownLimit& one : made.plan.limits)
    if (one.name == name) return one;
  throw std::logic_error("no limit " + name);
}

TEST(PlanCandidates, AnOperatorsOtherValidatorsCountThoughTheRequestDoesNotNameThem) {
  MemoryStore store;
  SyncResult result = world::sync_result();
  result.validator_sets = {world::validator_set()};
  result.validator_sets[0].validators[1].name = "operator of v1";  // v2 is theirs too
  store.save(kFund, result, world::hours_ago(1), "test");
  const PlanRequest request =
      asks(R"(,"validators":[{"place":"v2","slashes":0}])", R"("fund_owner_share_max":"0.12")");
  const LiquidityInputs inputs = resolved();
  const auto set = resolve_validators(store, kFund, request.candidates, {}, kNow, inputs.positions);
  ASSERT_TRUE(set);
  EXPECT_EQ(set->validators.size(), 2U) << "where the fund has stake, and whom the request names";
  const MadePlan made = make_plan(inputs, set, request);
  EXPECT_EQ(made.candidates.size(), 1U);
  // 12 % of 9,500,000 less the million at v1.
  EXPECT_EQ(limit_of(made, "operator operator of v1").most, d("140000"));
  EXPECT_EQ(made.plan.placed, d("140000"));
}

TEST(PlanCandidates, TokensThatTheFundHasCountByTheirWorth) {
  const model::AssetId token = model::AssetId::literal("CDCRO");
  const auto holding = [&](const std::string& detail) {
    LiquidityInputs inputs = resolved();
    Position held{{Chain::kLiquid, "foris", "account", token},
                  PositionState::kActive,
                  "",
                  d("1000"),
                  {},
                  false,
                  "value_accruing" + detail};
    inputs.positions.push_back(held);
    inputs.facts.holdings.push_back({token, d("1000"), d("0.15"), d("150")});
    inputs.terms.token_issuer["CDCRO"] = "foris";
    return inputs;
  };
  const LiquidityInputs inputs =
      holding(worth_text("CRO", d("1.5"), d("1500")) + ", economic gain 3 unrealised since then");
  const auto asking = [](const std::string& name, const std::string& more = "") {
    return asks(R"(,"validators":[],"tokens":[{"token":")" + name +
                    R"(","net_rate":"0.03","days_to_free":0)" + more + "}]",
                R"("liquid_share_max":"0.0002","issuer_share_max":"0.5")");
  };
  // A five-thousandth of 9,500,000 are 1,900: less 1,500, whether the request names the token or another.
  for (const char* name : {"CDCRO", "STCRO"}) {
    PlanRequest request = asking(name);
    resolve_tokens_held(inputs, request);
    ASSERT_EQ(request.tokens_held.size(), 1U);
    EXPECT_EQ(request.tokens_held[0].coins, d("1500"));
    EXPECT_EQ(request.tokens_held[0].issuer, "foris");
    const MadePlan made = make_plan(inputs, {}, request);
    EXPECT_EQ(limit_of(made, "liquid tokens").most, d("400")) << name;
    EXPECT_EQ(made.plan.placed, d("400")) << name;
    const std::string text = plan_inputs_text(inputs, {}, request);
    const PlanInputs again = read_plan_inputs(json_of(text));
    EXPECT_EQ(plan_inputs_text(again.liquidity, {}, again.request), text) << "made again from what is stored";
  }
  PlanRequest other = asking("CDCRO", R"(,"issuer":"somebody")");
  EXPECT_EQ(why([&] { resolve_tokens_held(inputs, other); }),
            "tokens[0].issuer: is somebody, and the fund's terms say foris");
  PlanRequest unrated = asking("STCRO");
  EXPECT_NE(why([&] {
              resolve_tokens_held(holding(worth_text("CRO", {}, {})), unrated);
            }).find("CDCRO: which the fund holds has no known rate"),
            std::string::npos);
  PlanRequest of_another_coin = asking("STCRO");
  resolve_tokens_held(holding(worth_text("ETH", {}, {})), of_another_coin);
  EXPECT_TRUE(of_another_coin.tokens_held.empty());
}

TEST(CheckStake, StakesOfOtherCoinsThatAreUnderWayCountToo) {
  LiquidityInputs inputs = resolved();
  const model::AssetId ether = model::AssetId::literal("ETH");
  inputs.facts.holdings.push_back({ether, d("100"), d("1000"), d("100000")});
  inputs.facts.net_assets = d("1100000");
  const std::vector<StakeUnderWay> others{{ether, d("40"), std::nullopt}};
  // 165,000 may be illiquid, 102,000 are; 40,000 of ether are on their way.
  const auto in_a_month = kNow + time::Duration::hours(24 * 28);
  EXPECT_EQ(check_stake(inputs, kCro, d("300000"), in_a_month).illiquid, d("132000"));
  EXPECT_EQ(check_stake(inputs, kCro, d("230000"), in_a_month, others).illiquid, d("165000"));
  EXPECT_EQ(why([&] { check_stake(inputs, kCro, d("300000"), in_a_month, others); }).substr(0, 8),
            "ICA_1940");
  EXPECT_EQ(why([&] {
              check_stake(inputs, kCro, d("1"), in_a_month, {{ether, d("101"), in_a_month}});
            }),
            "others: fewer ETH are free than are under way to be staked");
}

TEST(PlanCandidates, ARequestNarrowsAndSaysOtherwiseAndThePlanSaysSo) {
  MemoryStore store = filled();
  const PlanRequest request = asks(
      R"(,"gross_rate":"0.06","validators":[{"place":"v2","slashes":0,"commission":"0.2","custodian":""}])");
  const auto set = resolve_validators(store, kFund, request.candidates, {}, kNow);
  ASSERT_TRUE(set);
  ASSERT_EQ(set->validators.size(), 1U) << "what is stored is what was used";
  EXPECT_EQ(set->slashes.size(), 2U);
  const MadePlan made = make_plan(resolved(), set, request);
  ASSERT_EQ(made.candidates.size(), 1U);
  EXPECT_EQ(made.candidates[0].said, (std::vector<std::string>{"commission", "slashes", "gross_rate"}));
  EXPECT_EQ(made.plan.placements[0].net_rate, d("0.048"));
  EXPECT_TRUE(made.steps[0].movement_id.empty()) << "by hand: it says so";
  EXPECT_NE(made_plan_text(request, set, made).find(R"("said":["commission","slashes","gross_rate"])"),
            std::string::npos);
  const std::string text = plan_inputs_text(resolved(), set, request);
  const PlanInputs again = read_plan_inputs(json_of(text));
  EXPECT_EQ(again.validators, set);
  EXPECT_EQ(plan_inputs_text(again.liquidity, again.validators, again.request), text);
  EXPECT_EQ(made_plan_text(again.request, again.validators,
                           make_plan(again.liquidity, again.validators, again.request)),
            made_plan_text(request, set, made));
}

TEST(PlanCandidates, AnUnbondingEntryIsNeededToComeBack) {
  LiquidityInputs inputs = resolved();
  for (int i = 0; i < 6; ++i)
    inputs.positions.push_back({world::key("d1/v1"), PositionState::kUnbonding, "more" + std::to_string(i),
                                d("1"), kNow + time::Duration::hours(24 * (2 + i)), true, ""});
  const auto set = std::optional(world::validator_set());
  const MadePlan made = make_plan(inputs, set, asks());
  const plan::Candidate& full = at(made.candidates, "v1").candidate;
  EXPECT_EQ(full.entries_left, 0U);
  EXPECT_EQ(full.entry_wait_days, 2) << "until the first of seven ends";
  const std::string redeems = R"(,"redemptions":[{"days":29,"coins":"8480000"}])";
  EXPECT_EQ(make_plan(resolved(), set, asks(redeems)).plan.placed, d("480000"))
      << "free again in 28 days, before the redemption";
  EXPECT_TRUE(make_plan(inputs, set, asks(redeems)).plan.placed.is_zero()) << "in 30 days, after it";
  const MadePlan kept = make_plan(inputs, set, asks("", R"("entries_left_min":1)"));
  EXPECT_EQ(kept.plan.excluded[0].reason, "0 unbondings can be begun there, fewer than 1");
}

TEST(PlanCandidates, StakeElsewhereCountsAgainstTheLimitOnAllNativeStake) {
  MemoryStore store = filled();
  const PlanRequest request =
      asks(R"(,"validators":[{"place":"v2","slashes":0}])", R"("native_share_max":"0.11")");
  const auto set = resolve_validators(store, kFund, request.candidates, {}, kNow);
  // 11 % of 9,500,000 are 1,045,000, and a million lies at v1.
  EXPECT_EQ(make_plan(resolved(), set, request).plan.placed, d("45000"));
}

TEST(PlanCandidates, WhatNobodySaysIsAskedForByName) {
  MemoryStore store = filled();
  const auto resolve = [&](const PlanRequest& request, time::Instant now = kNow) {
    return resolve_validators(store, kFund, request.candidates, {}, now);
  };
  const PlanRequest stranger = asks(R"(,"validators":[{"place":"v1"},{"place":"v9","commission":"0"}])");
  EXPECT_EQ(why([&] { make_plan(resolved(), resolve(stranger), stranger); }),
            "validators[1].tokens: must be said: no source read a validator v9");
  ValidatorSet silent = world::validator_set();
  silent.annual_provisions.reset();
  EXPECT_EQ(why([&] { make_plan(resolved(), silent, asks()); }),
            "validator v1.gross_rate: must be said: the chain does not say what it mints in a year");
  EXPECT_EQ(make_plan(resolved(), silent, asks(R"(,"gross_rate":"0.05")")).plan.placements.size(), 1U);
  const auto later = kNow + time::Duration::hours(24);
  EXPECT_NE(why([&] { resolve(asks(), later); }).find("source cronos: its newest validators"),
            std::string::npos);
  const PlanRequest complete =
      asks(R"(,"validators":[{"place":"v1","tokens":"5","gross_rate":"0.05","commission":"0.1"}])");
  EXPECT_FALSE(resolve(complete, later)) << "it needs nobody";
  EXPECT_TRUE(resolve(complete)) << "uptime and slashes of one that was read are read";
  EXPECT_NE(why([&] { resolve(asks(R"(,"source":"other")")); }).find("validators"), std::string::npos);
  MemoryStore nothing;
  EXPECT_EQ(why([&] { resolve_validators(nothing, kFund, asks().candidates, {}, kNow); }),
            "validators: must be said with tokens, gross_rate and commission: no source read the validators "
            "of CRO");
  EXPECT_FALSE(resolve_validators(nothing, kFund, complete.candidates, {}, kNow));
  EXPECT_NE(why([&] { asks(R"(,"validators":[])"); }).find("validators: names nobody"), std::string::npos);
  EXPECT_NE(why([&] { asks(R"(,"gross_rate":"-1")"); }).find("gross_rate: is negative"), std::string::npos);
  EXPECT_NE(why([&] {
              asks(R"(,"validators":[{"place":"v1","account":"a"}])");
            }).find("validators[0].account: needs a custodian"),
            std::string::npos);
}

TEST(PlanCandidates, ATokensRateIsWhatItsOwnRateRoseUnlessItIsSaid) {
  const auto rated = [](const std::vector<std::pair<int, const char*>>& rates) {
    MemoryStore store;
    SyncResult result;
    result.readings = {{Chain::kLiquid, "foris", {0, "", kNow}, true, std::string(64, 'c'), {}}};
    for (const auto& [days, rate] : rates)
      result.parameters.push_back({Chain::kLiquid,
                                   "foris",
                                   "rate.CDCETH",
                                   rate,
                                   {0, "", kNow - time::Duration::hours(std::int64_t{24} * days)}});
    store.save(kFund, result, kNow, "test");
    return store;
  };
  const std::string token = R"(,"validators":[],"tokens":[{"token":"CDCETH","days_to_free":0)";
  PlanRequest asked = asks(token + "}]");
  MemoryStore store = rated({{60, "1"}, {30, "1.01"}, {7, "1.012"}, {1, "1.0141"}});
  resolve_token_rates(store, kFund, asked, kNow);
  // (1.0141 / 1.01 - 1) x 365 / 30
  EXPECT_EQ(asked.tokens[0].net_rate, d("0.049389438943894"));
  EXPECT_EQ(asked.token_rates_read.at("CDCETH"), "2026-11-01T15:00:00Z to 2026-12-01T15:00:00Z");
  const std::string text = plan_inputs_text(resolved(), {}, asked);
  const PlanInputs again = read_plan_inputs(json_of(text));
  EXPECT_EQ(again.request.token_rates_read, asked.token_rates_read);
  EXPECT_EQ(plan_inputs_text(again.liquidity, {}, again.request), text);
  EXPECT_NE(made_plan_text(asked, {}, make_plan(resolved(), {}, asked))
                .find(R"("net_rate":"0.049389438943894","net_rate_read":"2026-11-01T15:00:00Z)"),
            std::string::npos);
  PlanRequest said = asks(token + R"(,"net_rate":"0.03"}])");
  resolve_token_rates(store, kFund, said, kNow);
  EXPECT_EQ(said.tokens[0].net_rate, d("0.03"));
  EXPECT_TRUE(said.token_rates_read.empty());
  PlanRequest unknown = asks(token + "}]");
  MemoryStore fell = rated({{30, "1.01"}, {1, "1.009"}});
  EXPECT_EQ(why([&] { resolve_token_rates(fell, kFund, unknown, kNow); }),
            "tokens[0].net_rate: must be said: the rate of CDCETH fell");
  MemoryStore nothing;
  EXPECT_EQ(why([&] { resolve_token_rates(nothing, kFund, unknown, kNow); }),
            "tokens[0].net_rate: must be said: no rate of CDCETH was read over time");
  EXPECT_NE(
      why([&] { asks(token + R"(,"net_rate":"0.03","net_rate_read":"mine"}])"); }).find("net_rate_read"),
      std::string::npos)
      << "only what is stored says what was read";
}

TEST(PlanCandidates, AHundredValidatorsWithFeesAndLimitsAreAnsweredAtOnce) {
  ValidatorSet set = world::validator_set();
  set.validators.clear();
  for (int i = 0; i < 100; ++i) {
    ValidatorRecord one = world::validator_set().validators[0];
    one.address = "v" + std::to_string(1'000 + i);
    one.name = "operator " + std::to_string(i / 2);
    one.commission = money::Decimal::of(i, 3);
    one.tokens = money::Decimal::of(1'000'000 + 7'919 * i);
    set.validators.push_back(one);
  }
  const MadePlan made =
      make_plan(resolved(), set,
                asks("", R"("stake_fee":"0.5","minimum":"1000","fund_owner_share_max":"0.01",)"
                         R"("validator_tokens_share_max":"0.02","fund_validator_share_max":"0.02")"));
  EXPECT_EQ(made.plan.placed, d("480000"));
  EXPECT_GT(made.plan.placements.size(), 20U);
}

}  // namespace
}  // namespace navkeeper::staking
