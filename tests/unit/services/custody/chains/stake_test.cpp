// Validators and CRO holdings: each coin once.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/custody/domain/chains/cosmos_stake.h"
#include "services/custody/domain/chains/validator_balance.h"

namespace navkeeper::custody {
namespace {

const EpochClock kClock{time::Instant::literal("2020-12-01T12:00:23Z"), 12, 32};

Gwei gwei(std::int64_t count) { return Gwei::of(count); }

Validator validator(std::uint64_t index, ValidatorStatus status, std::int64_t balance) {
  Validator one;
  one.index = index;
  one.status = status;
  one.balance = gwei(balance);
  one.withdrawable_epoch = 400'000;
  return one;
}

TEST(Validators, APendingPartialWithdrawalIsInsideItsBalance) {
  // consensus-specs, electra: process_withdrawal_request queues it, process_withdrawals pays it.
  const auto sum = sum_validators({validator(1, ValidatorStatus::kActiveOngoing, 40'000'000'000)}, {},
                                  {{1, gwei(5'000'000'000), 400'100}}, kClock);
  ASSERT_FALSE(sum.has_error());
  EXPECT_EQ(sum->staked, gwei(35'000'000'000));
  EXPECT_EQ(sum->unbonding, gwei(5'000'000'000));
  EXPECT_EQ(sum->all(), gwei(40'000'000'000));
  ASSERT_EQ(sum->unbonding_entries.size(), 1U);
  EXPECT_EQ(sum->unbonding_entries[0].completes_at, kClock.begin_of(400'100));
}

TEST(Validators, StatesByTheirMeaning) {
  using enum ValidatorStatus;
  const auto sum = sum_validators(
      {validator(1, kPendingQueued, 1), validator(2, kActiveOngoing, 10), validator(3, kActiveExiting, 100),
       validator(4, kActiveSlashed, 1'000), validator(5, kWithdrawalPossible, 10'000),
       validator(6, kWithdrawalDone, 0), validator(7, kPendingInitialized, 100'000)},
      {{"0xkey", {}, gwei(1'000'000), 5}}, {{3, gwei(7), 9}}, kClock);
  ASSERT_FALSE(sum.has_error());
  EXPECT_EQ(sum->activating, gwei(1'100'001));
  EXPECT_EQ(sum->staked, gwei(10));
  EXPECT_EQ(sum->unbonding, gwei(11'100)) << "one that leaves pays no part besides";
  EXPECT_EQ(sum->unbonding_entries.size(), 3U);
}

TEST(Validators, NoneTwiceAndNoStranger) {
  using enum ValidatorStatus;
  EXPECT_TRUE(
      sum_validators({validator(1, kActiveOngoing, 1), validator(1, kActiveOngoing, 1)}, {}, {}, kClock)
          .has_error());
  EXPECT_TRUE(sum_validators({validator(1, kActiveOngoing, 1)}, {}, {{2, gwei(1), 1}}, kClock).has_error());
}

RC_GTEST_PROP(ValidatorsProperty, TheSumIsThatOfTheBalancesAndDeposits, ()) {
  const auto balances =
      *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 2'048'000'000'000));
  std::vector<Validator> validators;
  std::vector<PendingPartialWithdrawal> partials;
  Gwei expected;
  for (std::size_t i = 0; i < balances.size(); ++i) {
    validators.push_back(validator(i, static_cast<ValidatorStatus>(*rc::gen::inRange(0, 9)), balances[i]));
    expected += validators.back().balance;
    const int parts = *rc::gen::inRange(0, 3);
    for (int part = 0; part < parts; ++part)
      partials.push_back({i, gwei(*rc::gen::inRange<std::int64_t>(0, 2'000'000'000'000)), 1});
  }
  const auto sum = sum_validators(validators, {{"0x", {}, gwei(3), 1}}, partials, kClock);
  RC_ASSERT(!sum.has_error());
  RC_ASSERT(sum->all() == expected + gwei(3));
  RC_ASSERT(sum->staked >= gwei(0));
  money::Decimal entries;
  for (const UnbondingEntry& entry : sum->unbonding_entries) entries += entry.amount;
  RC_ASSERT(entries == sum->unbonding.coins());
}

TEST(Validators, CredentialsNameAnAddressOrNone) {
  WithdrawalCredentials credentials{};
  credentials[31] = 7;
  EXPECT_FALSE(payout_address(credentials)) << "0x00: a BLS key";
  credentials[0] = 2;
  ASSERT_TRUE(payout_address(credentials));
  EXPECT_EQ(payout_address(credentials)->bytes[19], 7);
  credentials[5] = 1;
  EXPECT_FALSE(payout_address(credentials));
}

TEST(EpochClock, SlotsAndEpochs) {
  EXPECT_EQ(kClock.begin_of(1), time::Instant::literal("2020-12-01T12:06:47Z"));
  EXPECT_FALSE(kClock.begin_of(kFarFutureEpoch));
  EXPECT_EQ(kClock.slot_at(kClock.of_slot(12'405'634)), 12'405'634U);
  EXPECT_FALSE(kClock.slot_at(kClock.of_slot(5) + time::Duration::seconds(1)));
  EXPECT_FALSE(kClock.slot_at(kClock.genesis - time::Duration::seconds(12)));
}

Basecro cro(std::int64_t basecro) { return Basecro::of(basecro); }
CosmosAddress account(std::uint8_t last) {
  CosmosAddress address{CosmosRole::kAccount, {}};
  address.bytes[19] = last;
  return address;
}
const time::Instant kLater = time::Instant::literal("2026-04-02T00:00:00Z");

TEST(TierPositions, AddressesAreDerivedFromTheirNumber) {
  // Made with Python's hashlib and the reference bech32 of BIP-173; the rule: chain-main v7,
  // x/tieredrewards/types, GetDelegatorAddress, and cosmos-sdk, x/auth/types, NewModuleAddress.
  EXPECT_EQ(tier_position_address(0).to_string(), "cro1wpwr2hr5fh8l3ra9xd0zsyep38t4xuqttfychq");
  EXPECT_EQ(tier_position_address(1).to_string(), "cro13dz7j63p0splcl8926ceyxmdz22zwjqtrmu8sk");
  EXPECT_EQ(tier_position_address(7).to_string(), "cro1grywutkmn7604q2hkhpymkcnrpwr8snyfq0zqu");
}

TEST(CroHoldings, PositionsCountAndTheirBonusDoesNot) {
  const AddressStake own{cro(1'000),
                         {{"v1", cro(500)}, {"v2", cro(40)}},
                         {{"v1", {{cro(30), kLater}}}},
                         money::Decimal::literal("12.999999999999999999")};
  const TierPosition position{7,
                              account(2),
                              "earning",
                              cro(200),
                              {cro(1), {{"v1", cro(200)}}, {}, money::Decimal::literal("0.9")},
                              cro(9)};
  const auto sum = sum_cro(account(1), own, {position});
  ASSERT_FALSE(sum.has_error());
  EXPECT_EQ(sum->free, cro(1'001));
  EXPECT_EQ(sum->staked, cro(740));
  EXPECT_EQ(sum->unbonding, cro(30));
  EXPECT_EQ(sum->total(), cro(1'771));
  EXPECT_EQ(sum->claimable, cro(12)) << "each claim forfeits its fraction";
  EXPECT_EQ(sum->contingent, cro(9));
}

TEST(CroHoldings, NoCoinTwice) {
  const AddressStake own{cro(1), {}, {}, {}};
  const TierPosition one{1, account(2), "earning", cro(5), {{}, {{"v1", cro(5)}}, {}, {}}, {}};
  TierPosition two = one;
  two.id = 2;
  EXPECT_TRUE(sum_cro(account(1), own, {one, one}).has_error());
  EXPECT_TRUE(sum_cro(account(1), own, {one, two}).has_error()) << "two positions at one address";
  EXPECT_TRUE(sum_cro(account(2), own, {one}).has_error()) << "a position at its owner's address";
  TierPosition other = one;
  other.stated_amount = cro(6);
  EXPECT_TRUE(sum_cro(account(1), own, {other}).has_error());
  EXPECT_TRUE(sum_cro(account(1), {cro(0), {{"v1", cro(1)}, {"v1", cro(1)}}, {}, {}}, {}).has_error());
}

TEST(CroHoldings, WhatUnbondsIsToldOnce) {
  const auto sum = [](std::vector<UnbondingRow> rows) {
    return sum_cro(account(1), {cro(1), {}, std::move(rows), {}}, {});
  };
  // Several entries of a validator stand in its one row; old ones bear no number.
  const auto good = sum(
      {{"v1", {{cro(5), kLater, "1"}, {cro(5), kLater}, {cro(5), kLater}}}, {"v2", {{cro(5), kLater, "2"}}}});
  ASSERT_FALSE(good.has_error());
  EXPECT_EQ(good->unbonding, cro(20));
  EXPECT_EQ(sum({{"v1", {{cro(5), kLater, "1"}}}, {"v1", {{cro(5), kLater, "2"}}}}).error().message(),
            "unbonding: validator v1 comes twice");
  EXPECT_EQ(sum({{"v1", {{cro(5), kLater, "1"}}}, {"v2", {{cro(5), kLater, "1"}}}}).error().message(),
            "unbonding: unbonding_id 1 comes twice");
}

TEST(TierPositions, OneThatEarnsWithLessAtItsAddressThanTheModuleSaysIsInDoubt) {
  TierPosition position{7, account(2), "earning", cro(700), {}, {}};
  EXPECT_EQ(
      tier_position_doubt(position),
      "tier position 7 earns and is worth 700 basecro by the module, and 0 lie at " + account(2).to_string());
  position.stake.free = cro(1);  // whoever sends it a coin takes no doubt away
  EXPECT_NE(tier_position_doubt(position), "");
  position.stake.free = {};
  position.stake.unbondings = {{"v", {{cro(700), kLater}}}};
  EXPECT_EQ(tier_position_doubt(position), "");
  position.stake.unbondings.clear();
  position.stake.delegations = {{"v", cro(700)}};
  EXPECT_EQ(tier_position_doubt(position), "");
  position.stake.delegations.clear();
  position.state = "exiting";
  EXPECT_EQ(tier_position_doubt(position), "") << "what the module says of those differs between versions";
  position = {8, account(3), "earning", cro(0), {}, {}};
  EXPECT_EQ(tier_position_doubt(position), "");
}

}  // namespace
}  // namespace navkeeper::custody
