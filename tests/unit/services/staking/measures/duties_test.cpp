#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/staking/domain/ether/rewards.h"
#include "services/staking/domain/measures/alarms.h"
#include "services/staking/domain/measures/effectiveness.h"
#include "services/staking/domain/measures/ether_duties.h"
#include "services/staking/domain/measures/income_band.h"
#include "tests/support/vectors.h"

namespace navkeeper::staking::measures {
namespace {

using money::Decimal;
using money::Int128;
using money::Rational;
using money::Units;
using tests::member;

Int128 whole(const json::Value& value) {
  return *Decimal::literal(value.kind() == json::Kind::kNumber ? value.as_number() : value.as_string())
              .to_units(0);
}

constexpr Int128 kIdeal = 9'342;

TEST(Effectiveness, OfRecordedAttestationsIsTheirSumOverTheIdeal) {
  const auto vectors =
      tests::shared_vectors("staking/beacon_api/attestation_rewards_mainnet_epoch335909.json");
  SKIP_WITHOUT(vectors, "staking/beacon_api");
  Duties duties;
  for (const json::Value& recorded : vectors->as_array()) {
    const json::Value& data = member(recorded, "response_data");
    // The ideal of 32 ether, which all recorded validators have.
    Int128 ideal = 0;
    for (const json::Value& row : member(data, "ideal_rewards").as_array())
      if (whole(member(row, "effective_balance")) == 32'000'000'000)
        for (const char* flag : {"head", "target", "source"}) ideal += whole(member(row, flag));
    ASSERT_EQ(ideal, kIdeal);
    for (const json::Value& row : member(data, "total_rewards").as_array()) {
      Duties one;
      one.attestations_assigned = 1;
      one.attestation_ideal = Units(ideal);
      for (const char* flag : {"head", "target", "source"}) {
        const Units reward(whole(member(row, flag)));
        if (reward.count() < 0)
          one.attestation_penalties += reward;
        else
          one.attestation_rewards += reward;
      }
      one.attestations_missed = one.attestation_penalties.is_zero() ? 0 : 1;
      duties += one;
    }
  }
  ASSERT_EQ(duties.attestations_assigned, 5U);
  const Effectiveness result = effectiveness(duties);
  // One of the five missed everything: -4,511 for the target, -2,429 for the source.
  EXPECT_EQ(duties.attestation_penalties, Units(-4'511 - 2'429));
  EXPECT_EQ(*result.attestation_net, *result.attestation - Rational::of(6'940, 5 * kIdeal));
  EXPECT_EQ(*result.missed_attestation_rate, Rational::of(1, 5));
  EXPECT_FALSE(result.proposal);
  EXPECT_EQ(*result.protocol_weighted, *result.attestation);
}

TEST(Effectiveness, WeighsDutiesAsTheProtocolAndAsRatedDo) {
  Duties duties;
  duties.attestations_assigned = 100;
  duties.attestations_missed = 10;
  duties.attestation_rewards = Units(900);
  duties.attestation_ideal = Units(1'000);
  duties.proposals_made = 3;
  duties.proposals_missed = 1;
  duties.sync_slots_assigned = 10;
  duties.sync_slots_missed = 5;
  const Effectiveness result = effectiveness(duties);
  EXPECT_EQ(*result.protocol_weighted,
            (Rational::of(54 * 9, 10) + Rational::of(8 * 3, 4) + Rational::of(1)) / Rational::of(64));
  EXPECT_EQ(*result.rated, Rational::of(7 * 9, 80) + Rational::of(3, 32));
  // Where nobody told whose the slots were, three proposals made are not three of three.
  duties.proposals_told = false;
  EXPECT_FALSE(effectiveness(duties).proposal);
  EXPECT_EQ(*effectiveness(duties).rated, Rational::of(9, 10));
}

/// A validator of an effective balance that the node's list of ideal rewards lacks was counted with what it
/// got and without what it could have got: some 1500 % came of it.
TEST(Duties, WhatHasNoIdealIsLeftOutOfBothSidesAndSaid) {
  ether::EtherFlows flows;
  flows.attestations = {{9, 1, 2'000, 4'000, 2'000, 0, 9'000},
                        {9, 2, 28'000, 56'000, 28'000, 0, std::nullopt},
                        {10, 2, 0, -1, -1, 0, std::nullopt}};
  const auto all = duties_of(flows);
  EXPECT_EQ(all.at(2).attestations_assigned, 2U);
  EXPECT_EQ(all.at(2).attestations_missed, 1U) << "a miss is one, whatever it cost";
  EXPECT_EQ(all.at(2).attestations_without_ideal, 2U);
  EXPECT_FALSE(effectiveness(all.at(2)).attestation);
  Duties together = all.at(1);
  together += all.at(2);
  EXPECT_EQ(*effectiveness(together).attestation, Rational::of(8, 9));
  EXPECT_EQ(*effectiveness(together).attestation_net, Rational::of(8, 9));
  EXPECT_EQ(together.attestations_without_ideal, 2U);
}

TEST(Duties, AMissedProposalIsOneOfThoseAssignedWhereItIsTold) {
  ether::EtherFlows flows;
  flows.proposals = {{64, 1, 30, 5, 0}};
  EXPECT_FALSE(duties_of(flows).at(1).proposals_told);
  flows.missed_proposals.emplace({ether::MissedProposal{70, 1}, {71, 2}});
  const auto all = duties_of(flows);
  EXPECT_EQ(*effectiveness(all.at(1)).proposal, Rational::of(1, 2));
  EXPECT_EQ(*effectiveness(all.at(2)).proposal, Rational());
  EXPECT_TRUE(all.at(2).proposals_told);
}

TEST(Duties, ChancesAreOfEveryStretchWithItsOwnBalance) {
  // 32 ether over ten epochs, then 64 over two: what the last balance over the longest place would not say.
  const Units seen = Units(Int128{32'000'000'000} * 320) + Units(Int128{64'000'000'000} * 64);
  Duties none;
  const IncomeParts parts = income_parts(none, chances_of(seen, 1'000 * ether::kIncrement));
  const Chances chances = chances_of(seen, 1'000 * ether::kIncrement);
  const Rational expected = Rational::of(32 * 320 + 64 * 64, 1'000);
  EXPECT_EQ(parts.expected, expected * Rational::of(chances.mean_proposal_value.count()) +
                                expected * Rational::of(512) * Rational::of(chances.sync_slot_value.count()));
}

TEST(IncomeParts, LuckIsNotPerformance) {
  // One proposal where a tenth was to be expected; all attestations kept, half of a sync seat missed.
  Duties duties;
  duties.attestation_rewards = duties.attestation_ideal = Units(1'000);
  duties.proposals_made = 1;
  duties.proposal_rewards = Units(500);
  duties.sync_slots_assigned = 4;
  duties.sync_slots_missed = 2;
  duties.sync_rewards = Units(0);
  Chances chances;
  chances.effective_balance_slots = Units(1'000);
  chances.total_effective_balance = Units(10'000);
  chances.sync_committee_size = 10;
  chances.mean_proposal_value = Units(400);
  chances.sync_slot_value = Units(7);
  const IncomeParts parts = income_parts(duties, chances);
  EXPECT_EQ(parts.expected, Rational::of(1'000 + 40 + 7));
  EXPECT_EQ(parts.proposal_count_luck, Rational::of(360));
  EXPECT_EQ(parts.proposal_value_luck, Rational::of(100));
  EXPECT_EQ(parts.sync_luck, Rational::of(21));
  EXPECT_EQ(parts.performance(), Rational::of(-28));
  EXPECT_EQ(parts.expected + parts.luck() + parts.performance(), parts.actual);
}

RC_GTEST_PROP(IncomePartsProperty, ExpectedAndLuckAndPerformanceAreTheIncomeWhole, ()) {
  const auto any = [](int most) { return *rc::gen::inRange(0, most); };
  Duties duties;
  duties.attestation_ideal = Units(any(1'000'000));
  duties.attestation_rewards = Units(any(1'000'000));
  duties.attestation_penalties = Units(-any(1'000));
  duties.proposals_made = static_cast<std::uint64_t>(any(50));
  duties.proposals_missed = static_cast<std::uint64_t>(any(20));
  duties.proposal_rewards = Units(any(100'000'000));
  duties.sync_slots_assigned = static_cast<std::uint64_t>(any(9'000));
  duties.sync_rewards = Units(any(100'000) - 50'000);
  Chances chances;
  chances.effective_balance_slots = Units(Int128{any(100'000)} * any(1'000'000));
  chances.total_effective_balance = Units(1 + any(100'000'000));
  chances.mean_proposal_value = Units(any(60'000'000));
  chances.sync_slot_value = Units(any(30'000));
  const IncomeParts parts = income_parts(duties, chances);
  RC_ASSERT(parts.expected + parts.luck() + parts.performance() == parts.actual);
}

TEST(IncomeBand, NormalIncomeIsLidosToTheGwei) {
  const auto vectors = tests::shared_vectors("staking/lido/lido_oracle_test_numbers.json");
  SKIP_WITHOUT(vectors, "staking/lido");
  const json::Value& normal = member(*vectors, "normal_cl_rebase_gwei");
  for (const json::Value& vector : member(normal, "cases").as_array())
    EXPECT_EQ(ether::ideal_rewards(static_cast<ether::Gwei>(whole(member(normal, "mean_own"))),
                                   static_cast<std::uint64_t>(whole(member(vector, "epochs"))),
                                   static_cast<ether::Gwei>(whole(member(normal, "mean_total")))),
              static_cast<ether::Gwei>(whole(member(vector, "rebase"))));
}

TEST(IncomeBand, DefaultsAreLidosMainnetLimits) {
  const auto vectors = tests::shared_vectors("staking/lido/mainnet_sanity_checker_limits.json");
  SKIP_WITHOUT(vectors, "staking/lido");
  const json::Value& theirs = member(*vectors, "limits");
  const BandLimits ours;
  EXPECT_EQ(ours.annual_rise_max, Decimal::of(whole(member(theirs, "annualBalanceIncreaseBPLimit")), 4));
  EXPECT_EQ(ours.daily_rise_max, Decimal::of(whole(member(theirs, "maxPositiveTokenRebase_1e9")), 9));
  // In thousandths of an ether a validator.
  EXPECT_EQ(ours.initial_slashing, Units(whole(member(theirs, "initialSlashingAmountPWei")) * 1'000'000));
  EXPECT_EQ(ours.inactivity, Units(whole(member(theirs, "inactivityPenaltiesAmountPWei")) * 1'000'000));
}

PoolPeriod pool(std::uint64_t validators, Int128 income) {
  PoolPeriod period;
  period.validators = validators;
  period.stake = period.effective_balance = Units(Int128{32'000'000'000} * static_cast<Int128>(validators));
  period.total_effective_balance = Units(Int128{34'000'000} * 1'000'000'000);
  period.income = Units(income);
  return period;
}

TEST(IncomeBand, ASingleProposerDayIsAllowedForByItsProposal) {
  // 32 ether earn about 0.0025 a day; a proposal brings 0.042 on top, far above the flat 0.075 %.
  PoolPeriod period = pool(1, 44'500'000);
  std::vector<BandRule> rules;
  for (const BandFinding& finding : outside_band(period, {})) rules.push_back(finding.rule);
  EXPECT_NE(std::find(rules.begin(), rules.end(), BandRule::kDailyRise), rules.end());
  period.proposals = 1;
  for (const BandFinding& finding : outside_band(period, {})) {
    EXPECT_NE(finding.rule, BandRule::kDailyRise);
    EXPECT_FALSE(finding.binding) << describe(finding.rule);
  }
}

TEST(IncomeBand, LargePoolsAreHeldToTheirExpectedIncomeAndFallsAreSaid) {
  const Units normal(static_cast<Int128>(
      ether::ideal_rewards(std::uint64_t{32'000'000'000} * 2'000, 225, 34'000'000 * ether::kIncrement)));
  EXPECT_TRUE(outside_band(pool(2'000, normal.count()), {}).empty());
  const auto low = outside_band(pool(2'000, normal.count() * 89 / 100), {});
  ASSERT_EQ(low.size(), 1U);
  EXPECT_EQ(low[0].rule, BandRule::kExpectedRatio);
  EXPECT_TRUE(low[0].binding);
  const auto fall = outside_band(pool(2'000, -20'000'000'000), {});
  ASSERT_EQ(fall.size(), 3U);
  EXPECT_EQ(fall[0].rule, BandRule::kDailyFall);
  EXPECT_EQ(fall[2].rule, BandRule::kNegativePeriod);
  // At the bound all is well: 0.02 % of the stake a day.
  for (const BandFinding& finding : outside_band(pool(2'000, -12'800'000'000), {}))
    EXPECT_NE(finding.rule, BandRule::kDailyFall);
  EXPECT_TRUE(outside_rebase_limit({Units(109'000'000 * Int128{1'000}), 1'000, 0, 0}, {}).empty());
  EXPECT_EQ(outside_rebase_limit({Units(109'000'000 * Int128{1'000} + 1), 1'000, 0, 0}, {}).size(), 1U);
}

TEST(Alarms, RingAtTheirBoundsAndNotBefore) {
  const AlarmPolicy policy;
  WatchedValidator validator;
  validator.place = "7";
  validator.duties = 100;
  validator.duties_missed = 5;
  EXPECT_TRUE(alarms_of(validator, policy).empty());
  validator.duties_missed = 6;
  ASSERT_EQ(alarms_of(validator, policy).size(), 1U);
  validator.duties = 99;
  EXPECT_TRUE(alarms_of(validator, policy).empty());
  validator.proposals = 1;
  EXPECT_TRUE(alarms_of(validator, policy).empty());
  validator.proposals_missed = 1;
  ASSERT_EQ(alarms_of(validator, policy).size(), 1U);
  EXPECT_EQ(alarms_of(validator, policy)[0].detail, "missed 1 of 1 proposals, more than 0.05");
  validator.proposals_missed = 0;
  validator.slashed = validator.jailed = validator.tombstoned = true;
  validator.withdrawal_credential = "0x01aa";
  validator.expected_withdrawal_credentials = {"0x01bb"};
  const auto alarms = alarms_of(validator, policy);
  ASSERT_EQ(alarms.size(), 4U);
  EXPECT_EQ(alarms[3].detail, "withdraws to '0x01aa' and not to 0x01bb");
  EXPECT_EQ(alarms_of(WatchedBlock{"7", 5, "0xother", {"0xours"}}).size(), 1U);
  EXPECT_TRUE(alarms_of(WatchedBlock{"7", 5, "0xours", {"0xours"}}).empty());
  EXPECT_TRUE(alarms_of(WatchedQueue{"exit", 200'000, 300'000}, policy).empty());
  EXPECT_EQ(alarms_of(WatchedQueue{"exit", 200'000, 300'001}, policy).size(), 1U);
  EXPECT_TRUE(alarms_of(WatchedQueue{"exit", 100, 86'400}, policy).empty());
}

}  // namespace
}  // namespace navkeeper::staking::measures
