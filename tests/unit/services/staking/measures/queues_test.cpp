#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/staking/domain/queues/sweep.h"
#include "services/staking/domain/queues/time_to_cash.h"
#include "tests/support/vectors.h"

namespace navkeeper::staking::queues {
namespace {

using ether::ChurnQueue;
using ether::Epoch;
using ether::Gwei;
using money::Decimal;
using tests::member;
using time::Duration;
using time::Instant;

constexpr Gwei kEther = 1'000'000'000;

std::uint64_t whole(const json::Value& value) { return std::stoull(value.as_number()); }

TEST(ExitForecast, IsTheSpecificationsForEachStepOfItsSequences) {
  const auto vectors = tests::shared_vectors("staking/spec/electra_reference_outputs.json");
  SKIP_WITHOUT(vectors, "staking/spec");
  int steps = 0;
  for (const json::Value& sequence : member(*vectors, "exit_queue").as_array()) {
    const Gwei total = whole(member(sequence, "total_active_balance_override"));
    const Gwei churn = ether::churn_of(ether::rules_of(ether::Fork::kElectra), total).exit;
    const Epoch current = whole(member(sequence, "current_epoch"));
    ChurnQueue queue{whole(member(sequence, "earliest_exit_epoch")),
                     whole(member(sequence, "exit_balance_to_consume"))};
    for (const json::Value& step : member(sequence, "steps").as_array()) {
      const Gwei amount = whole(member(step, "exit_balance"));
      const auto forecast = forecast_exit(queue, amount, churn, current);
      ASSERT_TRUE(forecast);
      EXPECT_EQ(forecast->exit_epoch, whole(member(step, "exit_epoch")));
      EXPECT_EQ(forecast->withdrawable_epoch, whole(member(step, "withdrawable_epoch")));
      queue = {forecast->exit_epoch, whole(member(step, "exit_balance_to_consume_after"))};
      ++steps;
    }
  }
  EXPECT_GT(steps, 15);
}

TEST(ExitForecast, IsLidosPredictedWithdrawableEpoch) {
  // lido-oracle tests/modules/ejector/test_ejector.py: 2,048 ether active, reference epoch 312,500.
  constexpr Epoch kNow = 312'500;
  const Gwei churn = ether::churn_of(ether::rules_of(ether::Fork::kElectra), 2'048 * kEther).exit;
  EXPECT_EQ(churn, 128 * kEther);
  EXPECT_EQ(forecast_exit({kNow, 0}, 32 * kEther, churn, kNow)->withdrawable_epoch, kNow + 5 + 256);
  EXPECT_EQ(forecast_exit({kNow + 10'000, 256 * kEther}, 129 * kEther, churn, kNow)->withdrawable_epoch,
            kNow + 10'000 + 256);
  EXPECT_EQ(forecast_exit({kNow + 10'000, 1}, 512 * kEther, churn, kNow)->withdrawable_epoch,
            kNow + 10'000 + 4 + 256);
}

TEST(ExitForecast, GloasLetsMoreOut) {
  const Gwei total = 34'000'000 * kEther;
  EXPECT_EQ(ether::churn_of(ether::rules_of(ether::Fork::kGloas), total).exit, 1'037 * kEther);
  // Kiln's exit of 1.6 million ether: 6,250 epochs, nearly 28 days, at 256 an epoch.
  const auto now = forecast_exit({}, 1'600'000 * kEther, 256 * kEther, 400'000);
  EXPECT_EQ(now->exit_epoch, 400'005 + 6'249);
  const auto later = forecast_exit({}, 1'600'000 * kEther, 1'037 * kEther, 400'000);
  EXPECT_EQ(later->exit_epoch, 400'005 + 1'542);
}

RC_GTEST_PROP(ExitForecastProperty, AQueueToldFromTheValidatorsIsTheStatesOwn, ()) {
  // Where only exits took churn, what validators show is what the state keeps.
  const Gwei churn = 128 * kEther;
  ChurnQueue state;
  std::vector<SetExit> exits;
  const int count = *rc::gen::inRange(1, 40);
  for (int i = 0; i < count; ++i) {
    const Gwei amount = static_cast<Gwei>(*rc::gen::inRange(16, 2'049)) * kEther;
    exits.push_back({*ether::enter_queue(state, churn, 1'000, amount), amount});
  }
  const ChurnQueue told = queue_of(exits, churn);
  RC_ASSERT(told.earliest_epoch == state.earliest_epoch);
  // A large exit begins in the epochs before its own: then its own epoch has at least so much left.
  RC_ASSERT(told.left >= state.left || exits.back().effective > churn || exits.size() > 1);
  const auto alone = forecast_exit(told, 32 * kEther, churn, 1'000);
  RC_ASSERT(alone->exit_epoch + 1 >= forecast_exit(state, 32 * kEther, churn, 1'000)->exit_epoch);
}

/// The same queue as a registry of the specification's: each deposit is of a validator of its own.
RC_GTEST_PROP(EntryForecastProperty, IsWhatTheSpecificationProcessesEpochByEpoch, ()) {
  constexpr Epoch kNow = 5'000;
  ether::Registry registry;
  registry.total_active = 10'000'000 * kEther;
  DepositQueue queue;
  queue.carry = registry.deposit_carry = static_cast<Gwei>(*rc::gen::inRange(0, 3)) * 50 * kEther;
  const int count = *rc::gen::inRange(1, 60);
  for (int i = 0; i < count; ++i) {
    const std::string pubkey = "key" + std::to_string(i);
    QueuedDeposit deposit;
    deposit.amount = static_cast<Gwei>(*rc::gen::element(1, 32, 100, 300, 2'048)) * kEther;
    deposit.slot = static_cast<ether::Slot>(*rc::gen::inRange<std::uint64_t>(1, (kNow + 3) * 32));
    if (i > 0) deposit.slot = std::max(deposit.slot, queue.deposits.back().slot);
    deposit.is_top_up = *rc::gen::inRange(0, 2) == 0;
    if (deposit.is_top_up) {
      ether::Validator validator;
      validator.index = registry.validators.size();
      validator.credentials = ether::Credentials::kCompounding;
      validator.balance = validator.effective = 32 * kEther;
      validator.eligibility_epoch = validator.activation_epoch = 0;
      if (*rc::gen::inRange(0, 3) == 0) {
        validator.exit_epoch = *rc::gen::element<Epoch>(kNow - 300, kNow - 10, kNow + 2);
        validator.withdrawable_epoch = validator.exit_epoch + 256;
      }
      deposit.validator_exit_epoch = validator.exit_epoch;
      deposit.validator_withdrawable_epoch = validator.withdrawable_epoch;
      registry.validators.push_back(validator);
      registry.pubkeys.push_back(pubkey);
    }
    ether::PendingDeposit pending;
    pending.pubkey = pubkey;
    pending.amount = deposit.amount;
    pending.slot = deposit.slot;
    registry.deposits.push_back(pending);
    queue.deposits.push_back(deposit);
  }
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < queue.deposits.size(); ++i) all.push_back(i);
  const Gwei churn = ether::churn_of(registry.rules, registry.total_active).activation;
  constexpr Epoch kEpochs = 400;
  const auto forecasts = forecast_entries(queue, all, kNow, churn, kEpochs);
  std::vector<std::optional<Epoch>> applied(all.size());
  for (Epoch epoch = kNow; epoch < kNow + kEpochs; ++epoch)
    for (const auto& outcome : ether::process_deposits(registry, epoch, epoch - 1))
      applied[std::stoul(outcome.deposit.pubkey.substr(3))] = epoch;
  for (std::size_t i = 0; i < all.size(); ++i) RC_ASSERT(forecasts[i].applied_epoch == applied[i]);
}

TEST(EntryForecast, SaysWhatIsAheadAndWhenItEarns) {
  DepositQueue queue;
  for (int i = 0; i < 3; ++i)
    queue.deposits.push_back({300 * kEther, 100, i == 2, ether::kFarFuture, ether::kFarFuture});
  const auto forecasts = forecast_entries(queue, {2, 0}, 1'000, 256 * kEther);
  EXPECT_EQ(forecasts[0].ahead, 600 * kEther);
  // 256 at the end of 1000 (nothing fits), 512 at 1001 (the first), carry 212 + 256 at 1002 (the second), 168
  // + 256 at 1003 (the third). A top-up earns at once, a new validator eight epochs later.
  EXPECT_EQ(forecasts[1].applied_epoch, 1'001U);
  EXPECT_EQ(forecasts[1].earns_epoch, 1'009U);
  EXPECT_EQ(forecasts[0].applied_epoch, 1'003U);
  EXPECT_EQ(forecasts[0].earns_epoch, 1'004U);
  EXPECT_FALSE(forecast_entries(queue, {2}, 1'000, 256 * kEther, 2)[0].applied_epoch);
}

TEST(Sweep, ARoundIsLidosAndItsMeanIsHalf) {
  EXPECT_EQ(sweep_round_epochs(0), 0U);
  EXPECT_EQ(sweep_round_epochs(1), 1U);
  EXPECT_EQ(sweep_round_epochs(512), 1U);
  EXPECT_EQ(sweep_round_epochs(513), 2U);
  EXPECT_EQ(mean_sweep_epochs(1'000'000), 977U);  // 1,954 epochs: 8.7 days a round
  EXPECT_EQ(withdrawals_of_round(100, 30), 130U);
  EXPECT_EQ(withdrawals_of_round(100, 300), 200U);
}

Position position(Chain chain, PositionState state, const char* amount, std::optional<Instant> due = {}) {
  Position result;
  result.key = {chain, "src", "place", model::AssetId::literal(chain == Chain::kEthereum ? "ETH" : "CRO")};
  result.state = state;
  result.amount = Decimal::literal(amount);
  result.due_at = due;
  return result;
}

Outlook outlook() {
  Outlook result;
  EtherOutlook ether;
  ether.current_epoch = 400'000;
  ether.exit_churn = 256 * kEther;
  ether.exits = {410'000, 0};
  ether.sweep_withdrawals = 512 * 10;
  result.now = ether.clock.start_of(400'000);
  result.ether = ether;
  result.cronos = UnbondingTerms{Duration::hours(24 * 28), 7};
  return result;
}

TEST(TimeToCash, OfAnActiveValidatorIsQueueDelaySweepAndSale) {
  const Outlook at = outlook();
  const Position active = position(Chain::kEthereum, PositionState::kActive, "32");
  const TimeToCash cash = time_to_cash(active, {active}, at);
  ASSERT_EQ(cash.steps.size(), 4U);
  EXPECT_EQ(cash.steps[0].what, "exit queue");
  EXPECT_EQ(cash.steps[0].until, at.ether->clock.start_of(410'001));
  EXPECT_EQ(cash.steps[1].until, at.ether->clock.start_of(410'257));
  EXPECT_EQ(*cash.free_at, at.ether->clock.start_of(410'262));
  EXPECT_EQ(*cash.free_at_latest, at.ether->clock.start_of(410'267));
  EXPECT_EQ(*cash.cash_at, *cash.free_at + Duration::hours(24));
}

TEST(TimeToCash, OfARequestedPartialIsPaidBeforeTheSweep) {
  Outlook at = outlook();
  Position partial =
      position(Chain::kEthereum, PositionState::kUnbonding, "2", at.ether->clock.start_of(400'100));
  const TimeToCash swept = time_to_cash(partial, {partial}, at);
  EXPECT_EQ(*swept.free_at, at.ether->clock.start_of(400'105)) << "half a round of ten epochs";
  partial.part = "partial 1";
  const TimeToCash paid = time_to_cash(partial, {partial}, at);
  EXPECT_EQ(*paid.free_at, at.ether->clock.start_of(400'101));
  EXPECT_EQ(*paid.free_at_latest, *paid.free_at);
  at.ether->partials = 257;  // eight a block
  EXPECT_EQ(*time_to_cash(partial, {partial}, at).free_at, at.ether->clock.start_of(400'102));
}

TEST(TimeToCash, OfAValidatorThatMergesIsItsTargetsExit) {
  const Outlook at = outlook();
  Position merging =
      position(Chain::kEthereum, PositionState::kActive, "32", at.ether->clock.start_of(400'100));
  merging.part = "merging into 7";
  EXPECT_EQ(time_to_cash(merging, {merging}, at).unknown,
            "it merges into validator 7, which is not the fund's");
  Position target = position(Chain::kEthereum, PositionState::kActive, "40");
  target.key.place = "7";
  const TimeToCash cash = time_to_cash(merging, {merging, target}, at);
  ASSERT_EQ(cash.steps.size(), 5U);
  EXPECT_EQ(cash.steps[0].what, "consolidation");
  EXPECT_EQ(cash.steps[1].what, "exit queue");
  EXPECT_EQ(*cash.free_at, at.ether->clock.start_of(410'262));
  EXPECT_TRUE(unbonding_ladder({merging, target}).empty());
}

TEST(TimeToCash, SaysWhatNobodyKnows) {
  Outlook blind = outlook();
  blind.ether.reset();
  blind.cronos.reset();
  const auto unknown = [&](const Position& one) { return time_to_cash(one, {one}, blind).unknown; };
  EXPECT_EQ(unknown(position(Chain::kEthereum, PositionState::kActive, "1")),
            "the queues of ether were not read");
  EXPECT_EQ(unknown(position(Chain::kCronosPos, PositionState::kActive, "1")),
            "the chain's parameters of unbonding were not read");
  EXPECT_EQ(unknown(position(Chain::kCustodian, PositionState::kActive, "1")),
            "the custodian's terms of unstaking are not known");
  EXPECT_EQ(unknown(position(Chain::kLiquid, PositionState::kRedeeming, "1")), "the issuer named no date");
  const Position pending = position(Chain::kEthereum, PositionState::kPending, "32");
  EXPECT_EQ(time_to_cash(pending, {pending}, outlook()).unknown, "when it is activated is not known");
}

TEST(TimeToCash, OfADelegationWaitsForAFreeUnbondingEntry) {
  const Outlook at = outlook();
  const Position active = position(Chain::kCronosPos, PositionState::kActive, "1000");
  std::vector<Position> positions{active};
  for (int i = 0; i < 6; ++i)
    positions.push_back(
        position(Chain::kCronosPos, PositionState::kUnbonding, "5", at.now + Duration::hours(10 + i)));
  EXPECT_EQ(*time_to_cash(active, positions, at).free_at, at.now + Duration::hours(24 * 28));
  positions.push_back(
      position(Chain::kCronosPos, PositionState::kUnbonding, "5", at.now + Duration::hours(9)));
  const TimeToCash cash = time_to_cash(active, positions, at);
  EXPECT_EQ(cash.steps[0].what, "free unbonding entry");
  EXPECT_EQ(*cash.free_at, at.now + Duration::hours(9 + 24 * 28));
  EXPECT_EQ(entry_room(positions, active.key, *at.cronos, at.now).left, 0U);
  EXPECT_EQ(entry_room(positions, active.key, *at.cronos, at.now + Duration::hours(9)).left, 1U);
  // The chain lowered its limit to two: six of the seven must end before a further one begins.
  const UnbondingTerms lowered{Duration::hours(24 * 28), 2};
  EXPECT_EQ(entry_room(positions, active.key, lowered, at.now).frees_at, at.now + Duration::hours(14));
  EXPECT_FALSE(entry_room(positions, active.key, {Duration::hours(1), 0}, at.now).frees_at) << "no bound";
  const auto ladder = unbonding_ladder(positions);
  ASSERT_EQ(ladder.size(), 7U);
  EXPECT_EQ(ladder.front().due, at.now + Duration::hours(9));
  EXPECT_EQ(ladder.back().cumulative, Decimal::of(35));
}

}  // namespace
}  // namespace navkeeper::staking::queues
