// What a beacon node may not say: amounts beyond what there is, that would not sum in 64 bits.
#include "services/staking/adapters/ether/beacon_wire.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "tests/support/vectors.h"

namespace navkeeper::staking::ether {
namespace {

const std::string kMost = std::to_string(kGweiMax);
const std::string kTooMuch = std::to_string(kGweiMax + 1);

std::string data(const std::string& of) {
  return R"({"version":"fulu","execution_optimistic":false,"finalized":true,"data":)" + of + "}";
}

std::string refused_by(const std::function<void()>& read) {
  try {
    read();
  } catch (const base::Refused& refused) {
    return refused.what();
  }
  return "";
}

TEST(BeaconWire, PendingDepositsAreTogetherNoMoreThanAllEther) {
  const auto queue = [](const std::vector<std::string>& amounts) {
    std::string rows;
    for (const std::string& amount : amounts)
      rows += std::string(rows.empty() ? "" : ",") + R"({"pubkey":"0x)" + std::string(96, 'a') +
              R"(","withdrawal_credentials":"0x)" + std::string(64, '0') + R"(","amount":")" + amount +
              R"(","slot":"5"})";
    return data("[" + rows + "]");
  };
  const auto read = [&](const std::vector<std::string>& amounts) {
    return refused_by([&] {
      Standing standing;
      parse_pending_deposits("node", queue(amounts), standing);
    });
  };
  EXPECT_EQ(read({kMost}), "");
  EXPECT_NE(read({kTooMuch}).find("more Gwei than there can be"), std::string::npos);
  EXPECT_NE(read({kMost, "1"}).find("more than all ether"), std::string::npos);
}

TEST(BeaconWire, ADutyEarnsNoFortune) {
  const auto attested = [](const std::string& head) {
    return data(R"({"ideal_rewards":[],"total_rewards":[{"validator_index":"7","head":")" + head +
                R"(","target":"0","source":"0","inactivity":"0"}]})");
  };
  const auto read = [&](const std::string& head) {
    return refused_by([&] { parse_attestation_rewards("node", attested(head), 9, {7}); });
  };
  EXPECT_EQ(read("17592186044416"), "");
  EXPECT_EQ(read("-17592186044416"), "");
  EXPECT_NE(read("17592186044417").find("a duty"), std::string::npos);
  EXPECT_NE(read("-9223372036854775808").find("a duty"), std::string::npos);
  const std::string block =
      data(R"({"proposer_index":"7","total":")" + kMost + R"(","attestations":")" + kMost +
           R"(","sync_aggregate":"0","proposer_slashings":"0","attester_slashings":"0"})");
  EXPECT_NE(refused_by([&] { parse_block_rewards("node", block, 5, 7); }).find("a block can earn"),
            std::string::npos);
}

TEST(BeaconWire, RecordedBlockAndSyncRewardsAreWhatTheRulesGive) {
  const auto vectors = tests::shared_vectors("staking/beacon_api/block_and_sync_rewards_mainnet.json");
  SKIP_WITHOUT(vectors, "staking/beacon_api");
  const auto& blocks = vectors->find("block_rewards")->as_array();
  const auto& syncs = vectors->find("sync_committee_rewards")->as_array();
  ASSERT_EQ(blocks.size(), 2U);
  ASSERT_EQ(syncs.size(), 2U);
  const std::array<Gwei, 2> bits{498, 483};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const json::Value& block = *blocks[i].find("data");
    const std::uint64_t proposer = std::stoull(block.find("proposer_index")->as_string());
    const SeenProposal proposal = parse_block_rewards("node", data(json::to_compact(block)), 5, proposer);
    EXPECT_EQ(std::to_string(proposal.attestations), block.find("attestations")->as_string());
    const json::Value& rows = *syncs[i].find("data");
    std::set<std::uint64_t> members;
    for (const json::Value& row : rows.as_array())
      members.insert(std::stoull(row.find("validator_index")->as_string()));
    const auto seen = parse_sync_rewards("node", data(json::to_compact(rows)), 5, members);
    ASSERT_EQ(seen.size(), members.size());
    const std::int64_t reward = seen.front().reward;
    for (const SeenSync& one : seen) EXPECT_EQ(std::abs(one.reward), reward);
    // The proposer's part of each bit that was set: 8 of 56.
    EXPECT_EQ(proposal.sync_aggregate, static_cast<Gwei>(reward) * 8 / 56 * bits[i]);
  }
}

TEST(BeaconWire, TheBlockOfTheExecutionLayerIsNamed) {
  const std::string hash = "0x" + std::string(64, '5');
  const auto block = [&](const std::string& of_hash) {
    return data(R"({"message":{"slot":"5","proposer_index":"7","parent_root":")" + hash +
                R"(","state_root":")" + hash + R"(","body":{"execution_payload":{"fee_recipient":"0x)" +
                std::string(40, 'A') + R"(","block_number":"3","block_hash":")" + of_hash +
                R"(","withdrawals":[]}}}})");
  };
  const BlockAnswer read = parse_block("node", block(hash));
  EXPECT_EQ(read.block_hash, hash);
  EXPECT_EQ(read.fee_recipient, "0x" + std::string(40, 'a'));
  EXPECT_EQ(read.fork, Fork::kFulu);
  EXPECT_NE(refused_by([&] { parse_block("node", block("0x5")); }).find("block_hash"), std::string::npos);
}

TEST(BeaconWire, ProposerDutiesAreOfEverySlotOfTheirEpochOnce) {
  const auto duties = [](std::uint64_t first, std::uint64_t count) {
    std::string rows;
    for (std::uint64_t slot = first; slot < first + count; ++slot)
      rows += std::string(rows.empty() ? "" : ",") + R"({"pubkey":"0xaa","validator_index":")" +
              std::to_string(slot % 5) + R"(","slot":")" + std::to_string(slot) + R"("})";
    return data("[" + rows + "]");
  };
  const auto read = [&](const std::string& body) {
    return refused_by([&] { parse_proposer_duties("node", body, 3); });
  };
  EXPECT_EQ(parse_proposer_duties("node", duties(96, 32), 3).at(101), 1U);
  EXPECT_NE(read(duties(96, 31)).find("leave a slot of epoch 3 out"), std::string::npos);
  EXPECT_NE(read(duties(96, 33)).find("is not of epoch 3"), std::string::npos);
  std::string twice = duties(96, 32);
  twice.replace(twice.find(R"("slot":"97")"), 11, R"("slot":"96")");
  EXPECT_NE(read(twice).find("comes twice"), std::string::npos);
  std::string optimistic = duties(96, 32);
  optimistic.replace(optimistic.find("optimistic\":false"), 17, "optimistic\":true");
  EXPECT_NE(read(optimistic).find("not executed"), std::string::npos);
}

}  // namespace
}  // namespace navkeeper::staking::ether
