// The outputs of the consensus specifications' own code (../shared/data/staking/spec), every case of every
// part; and recorded answers of real beacon nodes.
#include <gtest/gtest.h>

#include "services/staking/domain/ether/registry.h"
#include "services/staking/domain/ether/rewards.h"
#include "services/staking/domain/ether/slashing.h"
#include "tests/support/vectors.h"

namespace navkeeper::staking::ether {
namespace {

using json::Value;

constexpr const char* kFile = "staking/spec/electra_reference_outputs.json";
const ForkRules kRules = rules_of(Fork::kElectra);

std::uint64_t u(const Value& value) { return std::stoull(value.as_number()); }
std::uint64_t u(const Value& object, std::string_view key) { return u(*object.find(key)); }
std::vector<std::uint64_t> list(const Value& object, std::string_view key) {
  std::vector<std::uint64_t> all;
  for (const Value& one : object.find(key)->as_array()) all.push_back(u(one));
  return all;
}
const std::vector<Value>& rows(const Value& file, std::string_view key) { return file.find(key)->as_array(); }

Credentials credentials(const std::string& text) {
  if (text == "0x00") return Credentials::kBls;
  return text == "0x01" ? Credentials::kExecution : Credentials::kCompounding;
}

Validator validator_of(const Value& row, std::uint64_t index) {
  Validator v;
  v.index = index;
  v.credentials = credentials(row.find("wc")->as_string());
  v.effective = u(row, "effective_balance");
  v.balance = row.find("balance") != nullptr ? u(row, "balance") : v.effective;
  v.slashed = row.find("slashed")->as_boolean();
  v.eligibility_epoch = 0;
  v.activation_epoch = u(row, "activation_epoch");
  v.exit_epoch = u(row, "exit_epoch");
  v.withdrawable_epoch = u(row, "withdrawable_epoch");
  return v;
}

class Reference : public ::testing::Test {
 protected:
  void SetUp() override {
    file_ = tests::shared_vectors(kFile);
    SKIP_WITHOUT(file_, kFile);
  }
  std::optional<Value> file_;
};

TEST_F(Reference, BaseRewards) {
  for (const Value& row : rows(*file_, "base_rewards")) {
    const Gwei total = u(row, "total_active_balance");
    EXPECT_EQ(integer_sqrt(total), u(row, "integer_sqrt"));
    EXPECT_EQ(base_reward_per_increment(total), u(row, "base_reward_per_increment"));
    for (const json::Member& one : row.find("base_reward")->as_object())
      EXPECT_EQ(base_reward(std::stoull(one.key) * kIncrement, total), u(one.value)) << one.key;
  }
}

TEST_F(Reference, AttestationDeltas) {
  ASSERT_EQ(rows(*file_, "attestation_deltas").size(), 4U);
  for (const Value& row : rows(*file_, "attestation_deltas")) {
    const auto flags = list(row, "participation_flags_prev_epoch");
    const auto effective = list(row, "effective_balances");
    const auto scores = list(row, "inactivity_scores");
    const auto slashed = list(row, "slashed");
    const auto is_slashed = [&](std::size_t i) {
      return std::find(slashed.begin(), slashed.end(), i) != slashed.end();
    };
    EpochTotals totals;
    totals.total_active = u(row, "total_active_balance");
    totals.in_leak = row.find("in_leak")->as_boolean();
    for (const Flag flag : {kSource, kTarget, kHead}) {
      Gwei sum = 0;
      for (std::size_t i = 0; i < flags.size(); ++i)
        sum += !is_slashed(i) && (flags[i] >> flag & 1) != 0 ? effective[i] : 0;
      totals.participating[flag] = sum;
    }
    constexpr std::array<std::pair<Flag, const char*>, 3> kParts{
        {{kSource, "source"}, {kTarget, "target"}, {kHead, "head"}}};
    for (std::size_t i = 0; i < flags.size(); ++i) {
      const AttestationDelta delta = attestation_delta(
          kRules, totals, effective[i], static_cast<std::uint8_t>(flags[i]), is_slashed(i), scores[i]);
      for (const auto& [flag, name] : kParts) {
        EXPECT_EQ(delta.flags[flag].reward, list(*row.find(name), "rewards")[i]) << name << i;
        EXPECT_EQ(delta.flags[flag].penalty, list(*row.find(name), "penalties")[i]) << name << i;
      }
      EXPECT_EQ(delta.inactivity, list(row, "inactivity_penalties")[i]) << i;
    }
  }
}

TEST_F(Reference, SyncCommittee) {
  for (const Value& row : rows(*file_, "sync_committee")) {
    const Gwei total = u(row, "total_active_balance");
    EXPECT_EQ(sync_reward(total), u(row, "participant_delta"));
    EXPECT_EQ(proposer_sync_reward(total) * u(row, "participants"), u(row, "proposer_delta"));
  }
}

TEST_F(Reference, ExitAndConsolidationQueues) {
  ASSERT_EQ(rows(*file_, "exit_queue").size(), 5U);
  for (const Value& row : rows(*file_, "exit_queue")) {
    const Churn churn = churn_of(kRules, u(row, "total_active_balance_override"));
    EXPECT_EQ(churn.exit, u(row, "churn_limit"));
    EXPECT_EQ(churn.consolidation, u(row, "consolidation_churn_limit"));
    ChurnQueue queue{u(row, "earliest_exit_epoch"), u(row, "exit_balance_to_consume")};
    for (const Value& step : rows(row, "steps")) {
      const auto epoch = enter_queue(queue, churn.exit, u(row, "current_epoch"), u(step, "exit_balance"));
      ASSERT_TRUE(epoch.has_value());
      EXPECT_EQ(*epoch, u(step, "exit_epoch"));
      EXPECT_EQ(*epoch + kWithdrawableDelay, u(step, "withdrawable_epoch"));
      EXPECT_EQ(queue.left, u(step, "exit_balance_to_consume_after"));
    }
  }
  for (const Value& row : rows(*file_, "consolidation_queue")) {
    const Churn churn = churn_of(kRules, u(row, "total_active_balance_override"));
    EXPECT_EQ(churn.consolidation, u(row, "consolidation_churn_limit"));
    ChurnQueue queue;
    for (const Value& step : rows(row, "steps")) {
      EXPECT_EQ(enter_queue(queue, churn.consolidation, u(row, "current_epoch"), u(step, "balance")),
                u(step, "epoch"));
      EXPECT_EQ(queue.left, u(step, "left"));
    }
  }
}

TEST_F(Reference, PendingDeposits) {
  ASSERT_EQ(rows(*file_, "pending_deposits").size(), 4U);
  for (const Value& row : rows(*file_, "pending_deposits")) {
    SCOPED_TRACE(row.find("name")->as_string());
    Registry registry;
    registry.total_active = u(row, "total_active_balance_override");
    registry.deposit_carry = u(row, "initial_carry");
    // A validator of the file that is not active yet is one that the step itself makes.
    for (const Value& one : rows(row, "validators")) {
      const Validator v = validator_of(one, registry.validators.size());
      if (v.activation_epoch == kFarFuture) continue;
      registry.pubkeys.push_back("000" + std::to_string(registry.validators.size()));
      registry.validators.push_back(v);
    }
    for (const Value& one : rows(row, "deposits"))
      registry.deposits.push_back({one.find("pubkey")->as_string(), u(one, "amount"), u(one, "slot"),
                                   one.find("valid_signature")->as_boolean(), Credentials::kCompounding});
    for (const Value& step : rows(row, "steps")) {
      const std::size_t before = registry.deposits.size();
      const Epoch epoch = u(step, "epoch");
      process_deposits(registry, epoch, epoch - 2);
      EXPECT_EQ(registry.deposits.size(), u(step, "remaining"));
      EXPECT_EQ(before - registry.deposits.size(), u(step, "processed_or_moved"));
      EXPECT_EQ(registry.deposit_carry, u(step, "deposit_balance_to_consume"));
      std::vector<Gwei> balances;
      for (const Validator& v : registry.validators) balances.push_back(v.balance);
      EXPECT_EQ(balances, list(step, "balances"));
    }
  }
}

TEST_F(Reference, Slashing) {
  for (const Value& row : rows(*file_, "slash_initial")) {
    Registry registry;
    registry.total_active = 34'000'000 * kIncrement;
    Validator v;
    v.effective = u(row, "effective_balance");
    v.balance = u(row, "balance_before");
    v.activation_epoch = 0;
    registry.validators = {v};
    registry.pubkeys = {"0"};
    ASSERT_TRUE(slash(registry, 0, u(row, "epoch")));
    const Validator& now = registry.validators[0];
    EXPECT_EQ(v.balance - now.balance, u(row, "initial_penalty"));
    EXPECT_EQ(whistleblower_reward(kRules, v.effective), u(row, "proposer_and_whistleblower_reward"));
    EXPECT_EQ(now.exit_epoch, u(row, "exit_epoch"));
    EXPECT_EQ(now.withdrawable_epoch, u(row, "withdrawable_epoch"));
    EXPECT_EQ(correlation_epoch(now.withdrawable_epoch), u(row, "correlation_penalty_epoch"));
    EXPECT_EQ(slashed_epoch(now), u(row, "epoch"));
    EXPECT_FALSE(slash(registry, 0, u(row, "epoch") + 1));
  }
  for (const Value& row : rows(*file_, "slash_correlation"))
    EXPECT_EQ(correlation_penalty(kRules, u(row, "effective_balance"), u(row, "sum_slashings"),
                                  u(row, "total_active_balance")),
              u(row, "correlation_penalty"));
}

TEST_F(Reference, ExpectedWithdrawals) {
  for (const Value& row : rows(*file_, "expected_withdrawals")) {
    Registry registry;
    for (const Value& one : rows(row, "validators"))
      registry.validators.push_back(validator_of(one, u(one, "index")));
    for (const Value& one : rows(row, "pending_partial_withdrawals"))
      registry.partials.push_back(
          {u(one, "validator_index"), u(one, "amount"), u(one, "withdrawable_epoch")});
    const ExpectedWithdrawals expected = expected_withdrawals(registry, u(row, "epoch"));
    const auto& wanted = rows(row, "result");
    ASSERT_EQ(expected.withdrawals.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_EQ(expected.withdrawals[i].index, u(wanted[i], "validator_index")) << i;
      EXPECT_EQ(expected.withdrawals[i].amount, u(wanted[i], "amount")) << i;
    }
    EXPECT_EQ(expected.partials_processed, u(row, "processed_partial_withdrawals_count"));
    EXPECT_EQ(expected.swept, u(row, "processed_sweep"));
  }
}

TEST_F(Reference, EffectiveBalanceHysteresis) {
  ASSERT_EQ(rows(*file_, "effective_balance_hysteresis").size(), 10U);
  for (const Value& row : rows(*file_, "effective_balance_hysteresis")) {
    Validator v;
    v.credentials = credentials(row.find("wc")->as_string());
    v.effective = u(row, "effective_before");
    v.balance = u(row, "balance");
    EXPECT_EQ(next_effective(v), u(row, "effective_after")) << v.balance;
  }
}

TEST_F(Reference, WithdrawalRequests) {
  constexpr Epoch kNow = 400'000;
  ASSERT_EQ(rows(*file_, "withdrawal_requests").size(), 9U);
  for (const Value& row : rows(*file_, "withdrawal_requests")) {
    Registry registry;
    registry.total_active = 34'000'000 * kIncrement;
    Validator v;
    v.credentials = credentials(row.find("wc")->as_string());
    v.effective = u(row, "effective_balance");
    v.balance = u(row, "balance");
    v.activation_epoch = 0;
    registry.validators = {v};
    registry.pubkeys = {"0"};
    for (const Value& one : rows(row, "pending_before")) registry.partials.push_back({0, u(one), 400'300});
    request_withdrawal(registry, 0, u(row, "request_amount"), kNow);
    std::vector<PendingPartial> wanted;
    for (const Value& one : rows(row, "pending_after"))
      wanted.push_back({0, u(one, "amount"), u(one, "withdrawable_epoch")});
    EXPECT_EQ(registry.partials, wanted);
    EXPECT_EQ(registry.validators[0].exit_epoch, u(row, "exit_epoch"));
    EXPECT_EQ(registry.validators[0].withdrawable_epoch, u(row, "withdrawable_epoch"));
  }
}

TEST_F(Reference, SwitchToCompoundingAndConsolidation) {
  const Value& switched = *file_->find("switch_to_compounding");
  Registry registry;
  Validator v;
  v.balance = u(switched, "balance_before");
  v.effective = kMinActivation;
  registry.validators = {v};
  registry.pubkeys = {"0"};
  EXPECT_EQ(switch_to_compounding(registry, 0), list(switched, "pending_deposit_amounts")[0]);
  EXPECT_EQ(registry.validators[0].balance, u(switched, "balance_after"));
  EXPECT_EQ(registry.validators[0].credentials, Credentials::kCompounding);
  ASSERT_EQ(registry.deposits.size(), 1U);
  EXPECT_EQ(registry.deposits[0].slot, list(switched, "pending_deposit_slot")[0]);

  for (const Value& row : rows(*file_, "process_consolidation")) {
    Registry two;
    Validator source;
    source.balance = u(row, "source_balance_before");
    source.effective = u(row, "source_effective");
    source.exit_epoch = 10;
    source.withdrawable_epoch = 266;
    Validator target;
    target.balance = u(row, "target_before");
    two.validators = {source, target};
    two.consolidations = {{0, 1}};
    EXPECT_TRUE(process_consolidations(two, 264).empty());
    EXPECT_EQ(process_consolidations(two, 265).size(), 1U);
    EXPECT_EQ(two.validators[0].balance, u(row, "source_after"));
    EXPECT_EQ(two.validators[1].balance, u(row, "target_after"));
  }
}

/// Lido's oracle predicts the same penalties (all 7 rows).
TEST(EtherRecorded, LidosMidtermPenalties) {
  constexpr const char* kNumbers = "staking/lido/lido_oracle_test_numbers.json";
  const auto file = tests::shared_vectors(kNumbers);
  SKIP_WITHOUT(file, kNumbers);
  ASSERT_EQ(rows(*file, "midterm_slashing_penalty_gwei").size(), 7U);
  for (const Value& row : rows(*file, "midterm_slashing_penalty_gwei")) {
    const Gwei each = correlation_penalty(kRules, u(row, "effective_balance"), u(row, "sum_slashings"),
                                          u(row, "total_active"));
    const char* const total = row.find("penalty") != nullptr ? "penalty" : "penalty_total";
    EXPECT_EQ(each * u(row, "validators"), u(row, total));
  }
}

/// Mainnet, epoch 335909: one base reward and one participation per flag explain all 32 ideal rows.
TEST(EtherRecorded, IdealRewardsOfMainnet) {
  constexpr const char* kRecorded = "staking/beacon_api/attestation_rewards_mainnet_epoch335909.json";
  const auto file = tests::shared_vectors(kRecorded);
  SKIP_WITHOUT(file, kRecorded);
  const Value& data = *file->as_array()[0].find("response_data");
  // B = 347 from 33.93 million ether; participations as found from the largest row.
  const Gwei total = 33'930'000 * kIncrement;
  EpochTotals totals;
  totals.total_active = total;
  const auto wanted = [](const Value& row, const char* key) {
    return static_cast<std::uint64_t>(std::stoull(row.find(key)->as_string()));
  };
  constexpr std::array<std::pair<Flag, const char*>, 3> kParts{
      {{kSource, "source"}, {kTarget, "target"}, {kHead, "head"}}};
  const auto& ideal = data.find("ideal_rewards")->as_array();
  for (const auto& [flag, name] : kParts) {
    // The participations that give the largest row form an interval: some value in it must give every row.
    const auto reward = [&](const Value& row, Gwei participating) {
      totals.participating[flag] = participating;
      return flag_delta(totals, flag, wanted(row, "effective_balance"), true).reward;
    };
    bool found = false;
    for (Gwei part = total - total / 100; part <= total && !found; part += 5'000 * kIncrement / 10) {
      found = std::all_of(ideal.begin(), ideal.end(),
                          [&](const Value& row) { return reward(row, part) == wanted(row, name); });
    }
    EXPECT_TRUE(found) << name;
  }
  // A validator that missed everything: -2429 and -4511.
  EXPECT_EQ(flag_delta(totals, kSource, kMinActivation, false).penalty, 2'429U);
  EXPECT_EQ(flag_delta(totals, kTarget, kMinActivation, false).penalty, 4'511U);
}

TEST(EtherRecorded, SyncAndProposerRewardsOfMainnet) {
  const Gwei total = 33'930'000 * kIncrement;
  EXPECT_EQ(sync_reward(total), 22'456U);
  EXPECT_EQ(proposer_sync_reward(total) * 498, 1'597'584U);
  EXPECT_EQ(base_reward(kMinActivation, 19'081'000 * kIncrement), 14'816U);  // goteth, epoch 205179
  EXPECT_EQ((26 + 14) * 14'816 / 64, 9'260);                                 // and what missing it costs
}

TEST(Forks, EachPeriodHasItsRules) {
  EXPECT_EQ(fork_at(mainnet_schedule(), 74'239), std::nullopt);
  EXPECT_EQ(fork_at(mainnet_schedule(), 364'031), Fork::kDeneb);
  EXPECT_EQ(fork_at(mainnet_schedule(), 364'032), Fork::kElectra);
  EXPECT_EQ(fork_at(mainnet_schedule(), 411'392), Fork::kFulu);
  // 1 ether of 32 before Electra, 1/128 since (EIP-7251).
  EXPECT_EQ(initial_penalty(rules_of(Fork::kDeneb), kMinActivation), kIncrement);
  EXPECT_EQ(initial_penalty(kRules, kMinActivation), 7'812'500U);
  // Before Electra a single slashing's correlation penalty was floored to whole ether: nothing.
  EXPECT_EQ(
      correlation_penalty(rules_of(Fork::kDeneb), kMinActivation, kMinActivation, 34'000'000 * kIncrement),
      0U);
  const Churn gloas = churn_of(rules_of(Fork::kGloas), 34'000'000 * kIncrement);
  EXPECT_EQ(gloas.exit, 1'037 * kIncrement);
  EXPECT_EQ(gloas.activation, 256 * kIncrement);
  for (const Fork fork : {Fork::kAltair, Fork::kGloas}) EXPECT_EQ(parse_fork(describe(fork)), fork);
}

}  // namespace
}  // namespace navkeeper::staking::ether
