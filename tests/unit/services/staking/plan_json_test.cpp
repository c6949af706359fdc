// Measures, the picture of liquidity and plans out of what is stored: figures worked out by hand, what comes
// back from JSON is what went in, and what is refused names its field and rule.
#include <gtest/gtest.h>

#include "common/base/refuse.h"
#include "services/staking/adapters/fund_facts_json.h"
#include "services/staking/adapters/liquidity_json.h"
#include "services/staking/adapters/nav_client.h"
#include "services/staking/adapters/plan_json.h"
#include "services/staking/app/sync_source.h"
#include "services/staking/app/take_measures.h"
#include "tests/support/process.h"
#include "tests/unit/services/staking/fund_world.h"
#include "tests/unit/services/staking/memory_store.h"

namespace navkeeper::staking {
namespace {

using world::d;
using world::kCro;
using world::kFund;
using world::kNow;

json::Value parsed(const std::string& text) { return json::parse(text).value(); }
PlanRequest request() { return read_plan_request(parsed(world::kRequest)); }

MemoryStore stored(const char* delegated = "1000000") {
  MemoryStore store;
  store.save(kFund, world::sync_result(delegated), world::hours_ago(1), "test");
  return store;
}
LiquidityInputs inputs(const char* delegated = "1000000") {
  MemoryStore store = stored(delegated);
  return resolve_liquidity(store, kFund, world::facts(), {}, kNow);
}

std::string refusal(const std::function<void()>& does) {
  try {
    does();
    return "";
  } catch (const base::Refused& refused) {
    return refused.what();
  }
}

const Measure* measure(const std::vector<Measure>& all, const std::string& place, int days) {
  for (const Measure& one : all) {
    if ((one.key ? one.key->place : "") == place && one.window_days == days) return &one;
  }
  return nullptr;
}

TEST(TakeMeasures, RatesOfTenDaysOfEqualRewards) {
  MemoryStore store = stored();
  const auto taken = take_measures(store.all_roll_forwards, store.all_events);
  ASSERT_EQ(taken.size(), 10U);  // five windows of the asset and of its one place
  const Measure* const week = measure(taken, "d1/v1", 7);
  ASSERT_NE(week, nullptr);
  ASSERT_TRUE(week->yield) << week->refusal;
  EXPECT_EQ(week->yield->income, d("700"));
  EXPECT_EQ(week->yield->mean_stake, d("1000000"));
  EXPECT_EQ(week->yield->apr_365, d("0.0365"));  // 100 a day on a million
  EXPECT_EQ(week->yield->apr_365_25, d("0.036525"));
  EXPECT_EQ(week->to, world::hours_ago(1));
  const Measure* const month = measure(taken, "", 30);
  ASSERT_NE(month, nullptr);
  EXPECT_FALSE(month->yield);
  EXPECT_NE(month->refusal.find("not known"), std::string::npos);
  const Measure* const since = measure(taken, "", kSinceKnown);
  ASSERT_TRUE(since->yield);
  EXPECT_EQ(since->yield->income, d("1000"));
  EXPECT_EQ(since->from, world::hours_ago(1 + 240));
}

TEST(TakeMeasures, AnAssetIsMeasuredUpToTheStateThatAllOfItsSourcesReached) {
  MemoryStore store = stored();
  StoredRollForward behind{world::day_of_stake(2), kNow};
  behind.roll_forward.key.source = "other";
  store.all_roll_forwards.push_back(behind);
  const auto taken = take_measures(store.all_roll_forwards, store.all_events);
  EXPECT_EQ(measure(taken, "", 1)->to, world::hours_ago(1 + 48));
}

TEST(LiquidityPicture, HoldingsAndTestOfAFund) {
  const LiquidityPicture picture = picture_of(inputs());
  // 1,000,000 delegated (28 days) and 20,000 that come back in ten days are not free within seven.
  EXPECT_EQ(picture.test.illiquid, d("102000"));
  EXPECT_EQ(picture.test.illiquid_share.to_quotient_string(), "0.102");
  EXPECT_EQ(picture.test.standing, liquidity::Standing::kWithin);
  EXPECT_EQ(picture.test.ladder.available[0], d("898000"));
  EXPECT_EQ(picture.test.ladder.available[3], d("1000000"));
  EXPECT_EQ(picture.test.ladder.assets, d("1000000"));
}

TEST(LiquidityPicture, RewardsSinceTheNavStandBesideItsCoins) {
  MemoryStore store = stored("9480000.5");  // with the 20,000 that come back: half a coin above the NAV
  EXPECT_NE(refusal([&] {
              picture_of(resolve_liquidity(store, kFund, world::facts(), {}, kNow));
            }).find("0.5 more than the NAV of 2026-11-30 holds"),
            std::string::npos);
  StakingEvent earned = world::reward_of_day(0, "0.5");
  earned.kind = EventKind::kRewardCustodian;  // paid in staked coins
  store.all_events.push_back({earned, kNow});
  const LiquidityInputs resolved = resolve_liquidity(store, kFund, world::facts(), {}, kNow);
  EXPECT_EQ(resolved.earned_since.at(kCro), d("0.5"));
  EXPECT_EQ(picture_of(resolved).test.standing, liquidity::Standing::kAboveIlliquid);
}

TEST(LiquidityPicture, StaleAndUnknownInputsAreRefused) {
  MemoryStore store = stored();
  FundFacts old = world::facts();
  old.valued_at = world::hours_ago(121);
  EXPECT_NE(refusal([&] { resolve_liquidity(store, kFund, old, {}, kNow); }).find("facts.valued_at: the NAV"),
            std::string::npos);
  old.valued_at = kNow + time::Duration::seconds(1);
  EXPECT_NE(refusal([&] { resolve_liquidity(store, kFund, old, {}, kNow); }).find("future"),
            std::string::npos);
  const auto later = kNow + time::Duration::hours(24);
  EXPECT_NE(refusal([&] {
              resolve_liquidity(store, kFund, world::facts(), {}, later);
            }).find("source cronos: its newest reading"),
            std::string::npos);
  MemoryStore nothing;
  EXPECT_NE(refusal([&] { resolve_liquidity(nothing, kFund, world::facts(), {}, kNow); }).find("ever read"),
            std::string::npos);
  FundFacts other = world::facts();
  other.holdings.clear();
  EXPECT_NE(refusal([&] { picture_of(resolve_liquidity(store, kFund, other, {}, kNow)); }).find("holds none"),
            std::string::npos);
}

TEST(MakePlan, GoesToTheLimitOfTheActAndSaysWhatItCosts) {
  const MadePlan made = make_plan(inputs(), {}, request());
  // Room of 48,000 dollars below 15 % of net assets: 480,000 CRO, all to the validator that yields most.
  ASSERT_EQ(made.plan.placements.size(), 1U);
  EXPECT_EQ(made.plan.placements[0].place, "v2");
  EXPECT_EQ(made.plan.placed, d("480000"));
  EXPECT_EQ(made.after.illiquid, d("150000"));
  EXPECT_EQ(made.after.standing, liquidity::Standing::kWithin);
  EXPECT_EQ(made.plan.net_yield, d("22799"));  // 480,000 x 0.0475 - the fee of 1
  const auto binds = std::find_if(made.plan.limits.begin(), made.plan.limits.end(),
                                  [](const plan::ShownLimit& limit) { return limit.binds; });
  ASSERT_NE(binds, made.plan.limits.end());
  EXPECT_EQ(binds->name, "illiquid investments (ICA_1940)");
  EXPECT_TRUE(binds->yield_given_up.is_positive());
  ASSERT_EQ(made.plan.excluded.size(), 1U);
  EXPECT_EQ(made.plan.excluded[0].place, "v4");
  ASSERT_EQ(made.steps.size(), 1U);
  EXPECT_EQ(made.steps[0].movement_id, "plan-2026-12-1");
  EXPECT_EQ(made.steps[0].desk.custodian, "cc");
}

TEST(MakePlan, AStakeBeyondTheActsLimitIsRefusedByTheActsName) {
  EXPECT_EQ(check_stake(inputs(), kCro, d("480000"), 28).illiquid, d("150000"));  // exactly 15 %
  const std::string why = refusal([&] { check_stake(inputs(), kCro, d("480000.00000001"), 28); });
  EXPECT_EQ(why.rfind("ICA_1940: would leave more of net assets illiquid", 0), 0U) << why;
  // Free again within seven days it is liquid.
  EXPECT_EQ(check_stake(inputs(), kCro, d("480000.00000001"), 7).illiquid, d("102000"));
  EXPECT_NE(refusal([&] { check_stake(inputs(), kCro, d("8480001"), 7); }).find("more than is held"),
            std::string::npos);
  const model::AssetId other = model::AssetId::literal("BTC");
  EXPECT_NE(refusal([&] { check_stake(inputs(), other, d("1"), 7); }).find("holds no BTC"),
            std::string::npos);
}

TEST(MakePlan, WhatIsNotKnownIsAskedFor) {
  LiquidityInputs without = inputs();
  without.queues.clear();
  EXPECT_NE(refusal([&] { make_plan(without, {}, request()); }).find("native_days"), std::string::npos);
  PlanRequest said = request();
  said.native_days = 28;
  EXPECT_EQ(make_plan(inputs(), {}, said).plan.placed, d("480000"));
  LiquidityInputs all = inputs("9480000");
  EXPECT_NE(refusal([&] { make_plan(all, {}, request()); }).find("no CRO is free"), std::string::npos);
}

TEST(PlanJson, WhatIsStoredMakesTheSamePlanAgain) {
  const LiquidityInputs given = inputs();
  const PlanRequest asked = request();
  const std::string text = plan_inputs_text(given, {}, asked);
  const auto [inputs_again, set_again, request_again] = read_plan_inputs(parsed(text));
  EXPECT_FALSE(set_again);
  EXPECT_EQ(plan_inputs_text(inputs_again, {}, request_again), text);
  EXPECT_EQ(made_plan_text(request_again, {}, make_plan(inputs_again, {}, request_again)),
            made_plan_text(asked, {}, make_plan(given, {}, asked)));
  EXPECT_EQ(picture_text(picture_of(inputs_again), inputs_again.now), picture_text(picture_of(given), kNow));
}

TEST(PlanJson, BadRequestsNameTheFieldAndTheRule) {
  const std::string many(400, '9');
  for (const auto& [from, to, why] : std::initializer_list<std::tuple<std::string, std::string, std::string>>{
           {R"("tokens":"500000000")", R"("tokens":"-1")", "validators[0].tokens: is negative"},
           {R"("tokens":"500000000")", R"("tokens":")" + many + "\"", "validators[0].tokens"},
           {R"("tokens":"500000000")", R"("tokens":500000000)", "validators[0].tokens"},
           {R"("commission":"0.1")", R"("commission":"1.1")", "validators[0].commission: is above 1"},
           {R"("place":"v2")", R"("place":"v1")", "validators[1].place: comes twice"},
           {R"("place":"v2")", R"("place":"")", "validators[1].place"},
           {R"("decimals":8)", R"("decimals":19)", "decimals"},
           {R"("id":"2026-12")", R"("id":"a b")", "id"},
           {R"("id":"2026-12")", R"("id":"1234567890123456789012345")", "id: is longer than 24"},
           {R"("asset":"CRO")", R"("asset":"")", "asset"},
           {R"("stake_fee":"1")", R"("stake_fe":"1")", "unknown"},
           {R"("days":7)", R"("days":-7)", "redemptions[0].days"},
           {R"("decimals":8)", R"("decimals":8,"place_most":"0")", "place_most: is not positive"}}) {
    std::string text = world::kRequest;
    text.replace(text.find(from), from.size(), to);
    const std::string refused = refusal([&] { read_plan_request(parsed(text)); });
    EXPECT_NE(refused.find(why), std::string::npos) << to << ": " << refused;
  }
  // Figures that are well formed and that no arithmetic holds.
  std::string text = world::kRequest;
  const std::string large(38, '9');
  text.replace(text.find("0.05"), 4, large);
  EXPECT_NE(refusal([&] { make_plan(inputs(), {}, read_plan_request(parsed(text))); }).find("plan"),
            std::string::npos);
  FundFacts facts = world::facts();
  facts.holdings[0].price = facts.holdings[0].quantity = d(large.c_str());
  LiquidityInputs huge = inputs();
  huge.facts = facts;
  EXPECT_NE(refusal([&] { make_plan(huge, {}, request()); }).find("too large"), std::string::npos);
}

TEST(FundFacts, AreReadFromAPublishedNav) {
  const json::Value document =
      parsed(tests::read_file(tests::source_dir() / "tests/golden/nav-BTCETH-2026-03-11.json"));
  json::Writer writer;
  writer.begin_object()
      .member("date", "2026-03-11")
      .member("version", 2)
      .member("state", "published")
      .member("inputs_hash", "2b37")
      .member("document", document)
      .end_object();
  const FundFacts facts = facts_of_nav(parsed(writer.take()));
  EXPECT_EQ(facts.act, "ICA_1940");
  EXPECT_EQ(facts.net_assets, d("56963242.03"));
  EXPECT_EQ(facts.cash, d("332846.95"));
  EXPECT_TRUE(facts.other_assets.is_zero());
  ASSERT_EQ(facts.holdings.size(), 2U);
  EXPECT_EQ(facts.holdings[1].quantity, d("7000.82"));
  json::Writer again;
  write_facts(again, facts);
  const json::Value told = parsed(again.take());
  EXPECT_EQ(read_facts(json::ObjectReader(told)).holdings[1].price, d("3670.68"));
}

}  // namespace
}  // namespace navkeeper::staking
