#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <map>
#include <random>

#include "services/staking/domain/plan/allocation.h"
#include "services/staking/domain/plan/claim_timing.h"
#include "services/staking/domain/plan/staking_plan.h"

namespace navkeeper::staking::plan {
namespace {

using money::Decimal;
using money::Rational;

Decimal d(const char* text) { return Decimal::literal(text); }

/// Every way to place whole units, one after another: the best yield that is allowed.
Amount exhaustive(const Problem& problem, std::vector<Amount>& amounts, std::size_t at) {
  if (at == problem.destinations.size()) {
    const auto yield = scaled_yield_of(problem, amounts);
    return yield->has_value() ? **yield : Amount{-1};
  }
  Amount best = -1;
  for (Amount amount = 0; amount <= std::min(problem.amount, problem.destinations[at].cap); ++amount) {
    amounts[at] = amount;
    best = std::max(best, exhaustive(problem, amounts, at + 1));
  }
  amounts[at] = 0;
  return best;
}

Amount exhaustive(const Problem& problem) {
  std::vector<Amount> amounts(problem.destinations.size(), 0);
  return exhaustive(problem, amounts, 0);
}

/// What cut amortised fees may hide: a scaled unit for each whole unit.
Amount slack(const Problem& problem) {
  Amount sum = 0;
  for (const Destination& destination : problem.destinations)
    if (destination.fee > 0) sum += std::min(destination.cap, problem.amount);
  return sum;
}

/// Small worlds with two nested families, fees and minimums.
class Worlds {
 public:
  Problem next() {
    Problem problem;
    problem.amount = any(0, 9);
    problem.days = static_cast<int>(any(30, 730));
    const auto count = static_cast<std::size_t>(any(1, 4));
    for (std::size_t i = 0; i < count; ++i) {
      Destination destination;
      destination.name = std::to_string(i);
      destination.rate = any(-500, 4'000) * 1'000'000'000'000 + any(0, 2);
      destination.cap = any(0, 6);
      destination.cap_rule = any(0, 1) == 0 ? "" : "cap";
      destination.minimum = any(0, 2) == 0 ? any(1, 3) : 0;
      destination.fee = any(0, 2) == 0 ? 0 : any(1, 5);
      problem.destinations.push_back(destination);
    }
    add_family(problem.by_time, count);
    add_family(problem.by_kind, count);
    return problem;
  }

 private:
  std::int64_t any(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most - least + 1));
  }
  /// The last k destinations, k falling, and sometimes the first alone: nested.
  void add_family(std::vector<Limit>& family, std::size_t count) {
    std::size_t from = static_cast<std::size_t>(any(0, 2));
    if (from > 0 && any(0, 1) == 0) family.push_back({"the first", {0}, any(0, 5)});
    for (; from < count; from += static_cast<std::size_t>(any(0, 2))) {
      Limit limit{"from " + std::to_string(from), {}, any(0, 9)};
      for (std::size_t i = from; i < count; ++i) limit.members.push_back(i);
      family.push_back(limit);
      if (any(0, 2) == 0) return;
    }
  }
  std::mt19937_64 random_{20261130};
};

TEST(Allocation, NothingThatIsAllowedYieldsMore) {
  Worlds worlds;
  int branched = 0;
  int placed = 0;
  for (int world = 0; world < 2'000; ++world) {
    const Problem problem = worlds.next();
    const auto result = allocate(problem);
    ASSERT_TRUE(result.has_value());
    const auto own = scaled_yield_of(problem, result->amounts);
    ASSERT_TRUE(own->has_value()) << "world " << world << " breaks a limit";
    ASSERT_TRUE(**own == result->scaled_yield) << world;
    const Amount best = std::max<Amount>(exhaustive(problem), 0);
    ASSERT_TRUE(result->scaled_yield <= best) << world;
    ASSERT_TRUE(best - result->scaled_yield <= result->scaled_gap) << world;
    ASSERT_TRUE(result->scaled_gap <= slack(problem)) << world;
    for (const std::uint64_t steps : {0U, 40U, 400U}) {  // however little work it may be, what is said holds
      const auto bounded = allocate(problem, 500, steps);
      const auto kept = scaled_yield_of(problem, bounded->amounts);
      ASSERT_TRUE(kept->has_value() && **kept == bounded->scaled_yield) << world;
      ASSERT_TRUE(bounded->scaled_yield <= best && best - bounded->scaled_yield <= bounded->scaled_gap)
          << world;
    }
    branched += result->nodes > 1 ? 1 : 0;
    placed += result->placed > 0 ? 1 : 0;
  }
  EXPECT_GT(branched, 100);
  EXPECT_GT(placed, 1'000);
}

TEST(Allocation, ALimitCostsWhatItsAbsenceWouldBring) {
  Worlds worlds;
  int binding = 0;
  for (int world = 0; world < 400; ++world) {
    const Problem problem = worlds.next();
    const auto result = allocate(problem);
    std::size_t at = 0;
    for (std::vector<Limit> Problem::*family : {&Problem::by_time, &Problem::by_kind}) {
      for (std::size_t i = 0; i < (problem.*family).size(); ++i, ++at) {
        Problem without = problem;
        (without.*family)[i].most = problem.amount;
        const Amount more = std::max<Amount>(exhaustive(without), 0) - result->scaled_yield;
        const LimitUse& use = result->limits[at];
        ASSERT_TRUE(use.used <= use.most);
        // Without fees nothing is hidden by rounding.
        if (slack(problem) == 0) {
          ASSERT_EQ(use.binds && use.tied_with.empty(), more > 0) << world;
        }
        if (!use.binds || !use.tied_with.empty()) continue;
        ++binding;
        ASSERT_TRUE(more > 0) << world;
        ASSERT_TRUE(use.yield_given_up <= more / (kYearDays * kRateOne)) << world;
        ASSERT_TRUE(use.yield_given_up + 1 >= more / (kYearDays * kRateOne)) << world;
      }
    }
  }
  EXPECT_GT(binding, 50);
}

/// The best yield without each set of limits, by trying everything: the sets are bits, limits by_time,
/// by_kind, then the cap rule.
class YieldsWithout {
 public:
  explicit YieldsWithout(const Problem& problem) : problem_(problem) {
    limits_ = problem.by_time;
    limits_.insert(limits_.end(), problem.by_kind.begin(), problem.by_kind.end());
    yields_.assign(std::size_t{1} << (limits_.size() + 1), 0);
    std::vector<Amount> amounts(problem.destinations.size(), 0);
    place(amounts, 0, 0);
    for (std::size_t set = 0; set < yields_.size(); ++set)
      for (std::size_t limit = 0; limit <= limits_.size(); ++limit)
        if ((set & (std::size_t{1} << limit)) != 0)
          yields_[set] = std::max(yields_[set], yields_[set ^ (std::size_t{1} << limit)]);
  }
  Amount cost(std::size_t set) const { return yields_[set] - yields_[0]; }
  /// It costs yield, and no part of it does.
  bool is_tied(std::size_t set) const {
    if (cost(set) <= 0) return false;
    for (std::size_t limit = 0; limit <= limits_.size(); ++limit)
      if ((set & (std::size_t{1} << limit)) != 0 && cost(set ^ (std::size_t{1} << limit)) > 0) return false;
    return true;
  }
  std::size_t sets() const { return yields_.size(); }
  std::size_t limits() const { return limits_.size() + 1; }
  std::string name(std::size_t limit) const { return limit < limits_.size() ? limits_[limit].name : "cap"; }

 private:
  void place(std::vector<Amount>& amounts, std::size_t at, Amount placed) {
    if (at == amounts.size()) return judge(amounts);
    for (Amount amount = 0; placed + amount <= problem_.amount; ++amount) {
      amounts[at] = amount;
      place(amounts, at + 1, placed + amount);
    }
    amounts[at] = 0;
  }
  void judge(const std::vector<Amount>& amounts) {
    std::size_t broken = 0;
    Amount yield = 0;
    for (std::size_t i = 0; i < amounts.size(); ++i) {
      const Destination& destination = problem_.destinations[i];
      if (amounts[i] == 0) continue;
      if (amounts[i] < destination.minimum) return;
      if (amounts[i] > destination.cap) {
        if (destination.cap_rule.empty()) return;
        broken |= std::size_t{1} << limits_.size();
      }
      yield += amounts[i] * destination.rate * problem_.days - destination.fee * kYearDays * kRateOne;
    }
    for (std::size_t limit = 0; limit < limits_.size(); ++limit) {
      Amount sum = 0;
      for (const std::size_t member : limits_[limit].members) sum += amounts[member];
      if (sum > limits_[limit].most) broken |= std::size_t{1} << limit;
    }
    yields_[broken] = std::max(yields_[broken], yield);
  }

  const Problem& problem_;
  std::vector<Limit> limits_;
  std::vector<Amount> yields_;
};

TEST(Allocation, EveryLimitThatCostsYieldAloneOrTiedWithOthersIsShownToBind) {
  Worlds worlds;
  int alone = 0;
  int tied = 0;
  int shut_out = 0;
  for (int world = 0; world < 2'000; ++world) {
    Problem problem = worlds.next();
    std::size_t number = 0;
    for (std::vector<Limit> Problem::*family : {&Problem::by_time, &Problem::by_kind})
      for (Limit& limit : problem.*family) limit.name = "limit " + std::to_string(number++);
    const YieldsWithout yields(problem);
    const auto result = allocate(problem);
    std::map<std::string, LimitUse> shown;
    for (const LimitUse& use : result->limits) {
      ASSERT_TRUE(shown.emplace(use.name, use).second) << world;
    }
    for (std::size_t limit = 0; limit < yields.limits(); ++limit) {
      std::size_t fewest = yields.limits() + 1;
      for (std::size_t set = 0; set < yields.sets(); ++set)
        if ((set & (std::size_t{1} << limit)) != 0 && yields.is_tied(set))
          fewest = std::min(fewest, static_cast<std::size_t>(std::popcount(set)));
      const auto use = shown.find(yields.name(limit));
      const bool binds = use != shown.end() && use->second.binds;
      ASSERT_EQ(binds, fewest <= yields.limits()) << world << " " << yields.name(limit);
      if (!binds) continue;
      ASSERT_EQ(use->second.tied_with.size() + 1, fewest) << world;
      std::size_t set = std::size_t{1} << limit;
      for (std::size_t other = 0; other < yields.limits(); ++other)
        for (const std::string& name : use->second.tied_with)
          if (name == yields.name(other)) set |= std::size_t{1} << other;
      ASSERT_TRUE(yields.is_tied(set)) << world;
      const Amount given_up = yields.cost(set) / (kYearDays * kRateOne);
      ASSERT_TRUE(use->second.yield_given_up <= given_up + 1 && use->second.yield_given_up + 1 >= given_up)
          << world;
      (fewest == 1 ? alone : tied) += 1;
      if (yields.name(limit) == "cap" && use->second.most == 0) ++shut_out;
    }
  }
  EXPECT_GT(alone, 500);
  EXPECT_GT(tied, 100);
  EXPECT_GT(shut_out, 20);
}

TEST(Allocation, TheSameInputsGiveTheSameAllocationAndTiesGoToTheFirst) {
  Problem problem;
  problem.amount = 10;
  for (const char* name : {"a", "b", "c"})
    problem.destinations.push_back({name, 50'000'000'000'000, 6, "cap", 0, 0});
  const auto first = allocate(problem);
  EXPECT_EQ(first->amounts, (std::vector<Amount>{6, 4, 0}));
  EXPECT_EQ(allocate(problem)->amounts, first->amounts);
  EXPECT_EQ(first->scaled_gap, 0);
}

TEST(Allocation, GroupsThatOverlapAreRefused) {
  Problem problem;
  problem.amount = 3;
  for (const char* name : {"a", "b", "c"}) problem.destinations.push_back({name, 1, 3, "", 0, 0});
  problem.by_kind = {{"x", {0, 1}, 1}, {"y", {1, 2}, 1}};
  EXPECT_EQ(allocate(problem).error(), PlanRefusal::kNotNested);
  problem.by_kind = {{"x", {0, 3}, 1}};
  EXPECT_EQ(allocate(problem).error(), PlanRefusal::kUnknownMember);
  problem.by_kind = {{"x", {0}, -1}};
  EXPECT_EQ(allocate(problem).error(), PlanRefusal::kNegative);
  problem.by_kind.clear();
  problem.amount = problem.destinations[0].cap = Amount{1} << 100;
  problem.destinations[0].rate = INT64_MAX;
  EXPECT_EQ(allocate(problem).error(), PlanRefusal::kTooLarge);
}

TEST(Allocation, AHundredAlikeValidatorsWithFeesAreNoTrouble) {
  Problem problem;
  problem.amount = Amount{1'000'000'000} * 100'000'000;  // 10^9 coins in basecro
  for (int i = 0; i < 100; ++i)
    problem.destinations.push_back(
        {std::to_string(i), 30'000'000'000'000 - i % 7, problem.amount / 40, "cap", 0, 500'000});
  const auto result = allocate(problem);
  EXPECT_EQ(result->placed, problem.amount);
  // Unproven is less than the fee of one delegation.
  EXPECT_LE(result->scaled_gap / (kYearDays * kRateOne), 500'000);
  EXPECT_EQ(result->fees, 40 * 500'000);
}

/// Five hundred validators of 250 operators, each with a limit of its own, beside minimums and fees: branch
/// and bound of it, and of each limit's absence, would go on for hours.
TEST(Allocation, AsManyAsAPlanTakesEndAfterABoundedNumberOfStepsAndSaySo) {
  constexpr std::size_t kOwners = 250;
  std::mt19937_64 random{1};
  Problem problem;
  problem.amount = Amount{20'000'000} * 100'000'000;
  problem.days = 30;
  for (std::size_t i = 0; i < kDestinationsMax; ++i) {
    const Amount tokens = Amount{1'000'000 + static_cast<std::int64_t>(random() % 9'000'000)} * 100'000'000;
    problem.destinations.push_back({"v" + std::to_string(i),
                                    47'500'000'000'000 + static_cast<Rate>(random() % 999) * 950'000'000,
                                    tokens * 8 / 92, "fund's part of a validator",
                                    Amount{150'000} * 100'000'000, Amount{900} * 100'000'000});
  }
  for (std::size_t owner = 0; owner < kOwners; ++owner)
    problem.by_kind.push_back(
        {"operator o" + std::to_string(owner), {owner, owner + kOwners}, Amount{800'000} * 100'000'000});
  const auto result = allocate(problem);
  ASSERT_TRUE(result.has_value());
  EXPECT_LT(result->steps, kStepsMax + kStepsMax / 4) << "a flow that was begun is ended";
  EXPECT_GT(result->placed, 0);
  EXPECT_GT(result->scaled_gap, 0) << "unproven, and said";
  EXPECT_FALSE(result->limits_complete);
  EXPECT_TRUE(scaled_yield_of(problem, result->amounts)->has_value());
  const auto again = allocate(problem, 500, kStepsMax / 100);
  EXPECT_EQ(again->amounts, allocate(problem, 500, kStepsMax / 100)->amounts) << "no clock decides";
  EXPECT_LT(again->steps, kStepsMax / 10);
}

RC_GTEST_PROP(ClaimTimingProperty, NoIntervalIsBetterThanTheBest, ()) {
  ClaimTerms terms;
  terms.stake = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000);
  terms.rate = *rc::gen::inRange<Rate>(0, 200'000'000'000'000);
  terms.fee = *rc::gen::inRange(0, 5'000'000);
  terms.restake_room = *rc::gen::element<Amount>(0, 1'000'000'000, Amount{1} << 60);
  terms.interval_days_max = *rc::gen::inRange(1, 120);
  const auto timing = best_claim_interval(terms);
  // A naive life of each interval, day by day, in fractions.
  Rational best = Rational::of(-1'000'000'000'000'000);
  for (int interval = 1; interval <= terms.interval_days_max; ++interval) {
    Amount stake = terms.stake;
    Amount room = terms.restake_room;
    Rational accrued;
    Rational net;
    for (int day = 1; day <= terms.days; ++day) {
      accrued += Rational::of(stake) * Rational::of(terms.rate) / Rational::of(kRateOne * kYearDays);
      if (day % interval != 0) continue;
      const Amount claimed = *accrued.rounded(0, money::Rounding::kDown).to_units(0);
      const Amount again = std::min(std::max<Amount>(claimed - terms.fee, 0), room);
      stake += again;
      room -= again;
      net += Rational::of(claimed - terms.fee);
      accrued = Rational();
    }
    net += accrued.rounded(0, money::Rounding::kDown);
    best = std::max(best, net);
  }
  RC_ASSERT(Rational::of(timing->best.net()) == best);
  RC_ASSERT(timing->best.net() >= timing->daily.net());
  RC_CLASSIFY(timing->best.interval_days > 1, "seldom");
}

PlanInputs inputs() {
  PlanInputs plan;
  plan.asset = model::AssetId::literal("CRO");
  plan.price = d("0.10");
  plan.free_coins = d("1000000");
  plan.coins_total = d("1000000");
  plan.policy.commission_max = d("0.2");
  const auto validator = [](const char* place, const char* owner, const char* commission) {
    Candidate candidate;
    candidate.place = place;
    candidate.owner = owner;
    candidate.tokens = d("50000000");
    candidate.gross_rate = d("0.05");
    candidate.commission = d(commission);
    candidate.observed_days = 365;
    return candidate;
  };
  plan.validators = {validator("v1", "one", "0.05"), validator("v2", "one", "0.06"),
                     validator("v3", "two", "0.10"), validator("v4", "two", "0.25"),
                     validator("v5", "three", "0.05")};
  plan.validators[4].jailed = true;
  // Net assets of 100,000 dollars in free coins: up to 15,000 may become illiquid.
  plan.liquidity.net_assets = d("100000");
  plan.liquidity.ladder.assets = d("100000");
  plan.liquidity.ladder.available = {d("100000"), d("100000"), d("100000"), d("100000")};
  return plan;
}

TEST(StakingPlan, AFundOfTheActOf1940StakesNativelyUpToItsIlliquidLimit) {
  const auto plan = propose(inputs());
  ASSERT_TRUE(plan.has_value());
  ASSERT_EQ(plan->placements.size(), 1U);
  EXPECT_EQ(plan->placements[0].place, "v1");
  EXPECT_EQ(plan->placements[0].amount, d("150000"));
  EXPECT_EQ(plan->stays_free, d("850000"));
  EXPECT_EQ(plan->net_yield, d("7125"));  // 150,000 x 0.05 x 0.95
  EXPECT_EQ(plan->proven_gap, Decimal());
  ASSERT_EQ(plan->limits.size(), 1U);
  EXPECT_EQ(plan->limits[0].name, "illiquid investments (ICA_1940)");
  EXPECT_TRUE(plan->limits[0].binds);
  EXPECT_EQ(plan->limits[0].yield_given_up, d("40375"));  // the other 850,000 at the same rate
  ASSERT_EQ(plan->excluded.size(), 2U);
  EXPECT_EQ(plan->excluded[0].reason, "commission 0.25 is above 0.2");
  EXPECT_EQ(plan->excluded[1].reason, "jailed: it earns nothing");
}

TEST(StakingPlan, LimitsThatAreTiedAreShownTogetherWithWhatTheyCostTogether) {
  PlanInputs with = inputs();
  with.redemptions = {{1, d("1000000")}};
  with.liquidity_policy.illiquid_max = d("0");
  const auto plan = propose(with);
  EXPECT_EQ(plan->placed, Decimal());
  ASSERT_EQ(plan->limits.size(), 2U);
  EXPECT_TRUE(plan->limits[0].binds && plan->limits[1].binds);
  EXPECT_EQ(plan->limits[0].tied_with, (std::vector<std::string>{"illiquid investments (ICA_1940)"}));
  EXPECT_EQ(plan->limits[1].tied_with, (std::vector<std::string>{"redemptions within 1 days"}));
  EXPECT_EQ(plan->limits[0].yield_given_up, d("47500"));  // 1,000,000 x 0.05 x 0.95
  EXPECT_EQ(plan->limits[1].yield_given_up, d("47500"));
}

TEST(StakingPlan, AValidatorThatMayTakeNothingMoreIsShownWithWhatItsCapCosts) {
  PlanInputs with = inputs();
  with.liquidity_policy.illiquid_max = d("1");
  with.policy.validator_tokens_share_max = d("0.5");
  with.validators[0].current = d("40000000");  // 80% of its tokens already
  auto plan = propose(with);
  EXPECT_EQ(plan->placements.at(0).place, "v2");
  EXPECT_EQ(plan->limits.back().name, "fund's part of a validator");
  EXPECT_TRUE(plan->limits.back().binds);
  EXPECT_EQ(plan->limits.back().most, Decimal());
  EXPECT_EQ(plan->limits.back().places, (std::vector<std::string>{"v1"}));
  EXPECT_EQ(plan->limits.back().yield_given_up, d("500"));  // 1,000,000 x 0.05 x 0.01
  // A cap below the least that is staked shuts out as well.
  with.validators[0].current = d("24999999");
  with.policy.minimum = d("10");
  plan = propose(with);
  EXPECT_EQ(plan->placements.at(0).place, "v2");
  EXPECT_TRUE(plan->limits.back().binds);
  EXPECT_EQ(plan->limits.back().places, (std::vector<std::string>{"v1"}));
}

TEST(StakingPlan, ALiquidTokenTakesWhatMayNotBeStakedNatively) {
  PlanInputs with = inputs();
  with.tokens.push_back({"stCRO", "issuer", Decimal(), d("0.035"), d("0.001"), d("0.005"), 0});
  with.policy.liquid_share_max = d("0.4");
  with.policy.fund_owner_share_max = d("0.1");
  with.redemptions = {{7, d("50000")}};
  const auto plan = propose(with);
  ASSERT_TRUE(plan.has_value());
  ASSERT_EQ(plan->placements.size(), 3U);
  EXPECT_EQ(plan->placements[0].place, "stCRO");
  EXPECT_EQ(plan->placements[0].amount, d("400000"));
  EXPECT_EQ(plan->placements[1].amount, d("100000"));  // v1, up to its operator's part
  EXPECT_EQ(plan->placements[2].place, "v3");
  EXPECT_EQ(plan->placements[2].amount, d("50000"));
  // A token that is sold at a loss beyond the policy is as good as stuck: under the limit it is the worst.
  with.tokens[0].sale_loss = d("0.03");
  EXPECT_EQ(propose(with)->placements[0].place, "v1");
}

TEST(StakingPlan, RedemptionsThatAreExpectedAreKeptFree) {
  PlanInputs with = inputs();
  with.liquidity_policy.regime = liquidity::Regime::kEtp1933;
  with.liquidity_policy.written_policy = "LRP 2026-01";
  with.redemptions = {{7, d("300000")}};
  const auto plan = propose(with);
  EXPECT_EQ(plan->stays_free, d("300000"));
  EXPECT_EQ(plan->limits[0].name, "redemptions within 7 days");
  with.redemptions = {{7, d("1200000")}};
  EXPECT_EQ(propose(with)->placed, Decimal());
  EXPECT_EQ(propose(with)->redemption_shortfall, d("200000"));
  // Without a written policy 85 % must stay readily available.
  with.redemptions.clear();
  with.liquidity_policy.written_policy.clear();
  EXPECT_EQ(propose(with)->placed, d("150000"));
}

TEST(StakingPlan, ConcentrationIsBoundedByTheGrowingWhole) {
  PlanInputs with = inputs();
  with.liquidity_policy.illiquid_max = d("1");
  with.policy.validator_tokens_share_max = d("0.01");
  const auto plan = propose(with);
  ASSERT_FALSE(plan->placements.empty());
  // x <= 0.01 (50,000,000 + x), cut to a basecro.
  EXPECT_EQ(plan->placements[0].amount, d("505050.50505050"));
  EXPECT_EQ(plan->limits.back().name, "fund's part of a validator");
}

TEST(StakingPlan, TheNetRateIsWhatIsKept) {
  Candidate candidate;
  candidate.gross_rate = d("0.05");
  candidate.commission = d("0.1");
  candidate.uptime = d("0.99");
  candidate.observed_days = 730;
  candidate.slashes = 1;
  candidate.slash_fraction = d("0.02");
  PlanPolicy policy;
  policy.staking_fee = d("0.2");
  EXPECT_EQ(net_rate(candidate, policy), Rational(d("0.03564")) - Rational(d("0.01")));
}

}  // namespace
}  // namespace navkeeper::staking::plan
