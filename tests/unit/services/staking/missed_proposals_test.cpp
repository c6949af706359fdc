// Missed proposals: slots of which a node says that a validator of ours was to propose, and where no block
// stands.
#include <gtest/gtest.h>

#include "common/json/write.h"
#include "services/staking/adapters/ether/beacon_client.h"
#include "services/staking/domain/measures/ether_duties.h"

namespace navkeeper::staking::ether {
namespace {

constexpr std::uint64_t kOurs = 7;
constexpr std::uint64_t kStranger = 99;
constexpr Epoch kEpoch = 400'000;  // Fulu on mainnet

/// Blocks of strangers at every slot but `empty`; duties as they are given.
class Script final : public http::NodeCarrier {
 public:
  std::map<Slot, std::uint64_t> proposers;  ///< of the duties; kStranger where nothing is said
  std::set<Slot> empty;
  int duties_status = 200;
  int duties_asked = 0;

  http::Response carry(const http::ClientRequest& request) override {
    const std::string& path = request.path;
    if (path.ends_with("/sync_committees")) return answer(R"({"validators":["2000"]})");
    const std::uint64_t number = std::stoull(path.substr(path.rfind('/') + 1));
    if (path.find("/duties/proposer/") != std::string::npos) return duties(number);
    if (path.find("/beacon/blocks/") != std::string::npos) return block(number);
    if (path.find("/rewards/attestations/") != std::string::npos)
      return answer(R"({"ideal_rewards":[{"effective_balance":"32000000000","head":"10","target":"20",)"
                    R"("source":"10","inactivity":"0"}],"total_rewards":[{"validator_index":"7","head":"10",)"
                    R"("target":"20","source":"10","inactivity":"0"}]})");
    if (path.find("/rewards/blocks/") != std::string::npos)
      return answer(R"({"proposer_index":"7","total":"40","attestations":"40","sync_aggregate":"0",)"
                    R"("proposer_slashings":"0","attester_slashings":"0"})");
    return {.status = 404, .body = "{}"};
  }

 private:
  static http::Response answer(const std::string& of) {
    return {.status = 200,
            .body = R"({"version":"fulu","execution_optimistic":false,"finalized":true,"data":)" + of + "}"};
  }
  std::uint64_t proposer(Slot slot) const {
    const auto found = proposers.find(slot);
    return found == proposers.end() ? kStranger : found->second;
  }
  http::Response duties(Epoch epoch) {
    ++duties_asked;
    if (duties_status != 200) return {.status = duties_status, .body = "{}"};
    json::Writer rows;
    rows.begin_array();
    for (Slot slot = epoch * kSlotsPerEpoch; slot < (epoch + 1) * kSlotsPerEpoch; ++slot)
      rows.begin_object()
          .member("pubkey", "0xaa")
          .member("validator_index", std::to_string(proposer(slot)))
          .member("slot", std::to_string(slot))
          .end_object();
    return answer(rows.end_array().take());
  }
  http::Response block(Slot slot) {
    if (empty.contains(slot)) return {.status = 404, .body = "{}"};
    const std::string number = std::to_string(slot);
    return answer(R"({"message":{"slot":")" + number + R"(","proposer_index":")" +
                  std::to_string(is_ours.contains(slot) ? kOurs : kStranger) + R"(","parent_root":")" +
                  kHash + R"(","state_root":")" + kHash +
                  R"(","body":{"execution_payload":{"fee_recipient":"0x)" + std::string(40, 'a') +
                  R"(","block_number":")" + number + R"(","block_hash":")" + kHash +
                  R"(","withdrawals":[]},"execution_requests":{"deposits":[],"withdrawals":[],)"
                  R"("consolidations":[]}}}})");
  }

 public:
  std::set<Slot> is_ours;  ///< blocks that we made
 private:
  const std::string kHash = "0x" + std::string(64, 'b');
};

class MissedProposals : public ::testing::Test {
 protected:
  static EtherReading at(Epoch epoch) {
    EtherReading reading;
    reading.mark.height = epoch * kSlotsPerEpoch;
    reading.fork = Fork::kFulu;
    OwnValidator one;
    one.validator.index = kOurs;
    one.validator.balance = one.validator.effective = 32'000'000'000;
    one.validator.eligibility_epoch = one.validator.activation_epoch = 1;
    reading.validators = {one};
    return reading;
  }
  EtherFlows read(Epoch from, Epoch to) { return client.flows(at(from), at(to), notes); }
  static constexpr Slot slot(Epoch epoch, Slot place) { return epoch * kSlotsPerEpoch + place; }

  std::shared_ptr<Script> script = std::make_shared<Script>();
  EtherSettings settings;
  BeaconClient client{"beacon", script, settings};
  std::vector<Note> notes;
};

TEST_F(MissedProposals, AreSlotsOfOursWithoutABlock) {
  script->proposers = {{slot(kEpoch, 0), kOurs},       // the state itself: counted before
                       {slot(kEpoch, 5), kOurs},       // missed
                       {slot(kEpoch, 9), kOurs},       // made
                       {slot(kEpoch + 1, 0), kOurs},   // missed, in the later state's own slot
                       {slot(kEpoch + 1, 1), kOurs}};  // behind it
  script->is_ours = {slot(kEpoch, 9)};
  script->empty = {slot(kEpoch, 0), slot(kEpoch, 5), slot(kEpoch, 12),  // a stranger's is nobody's here
                   slot(kEpoch + 1, 0), slot(kEpoch + 1, 1)};
  const EtherFlows flows = read(kEpoch, kEpoch + 1);
  ASSERT_TRUE(flows.missed_proposals);
  EXPECT_EQ(*flows.missed_proposals,
            (std::vector<MissedProposal>{{slot(kEpoch, 5), kOurs}, {slot(kEpoch + 1, 0), kOurs}}));
  const auto duties = measures::duties_of(flows).at(kOurs);
  EXPECT_EQ(duties.proposals_assigned(), 3U);
  EXPECT_EQ(duties.proposals_missed, 2U);
  EXPECT_TRUE(notes.empty() || notes[0].kind == "wrong_fee_recipient");
  EXPECT_EQ(script->duties_asked, 2);
  read(kEpoch + 1, kEpoch + 2);
  EXPECT_EQ(script->duties_asked, 3) << "the epoch between two intervals is asked for once";
}

TEST_F(MissedProposals, AreNotKnownWhereTheNodeDoesNotTellThem) {
  script->duties_status = 400;
  const EtherFlows flows = read(kEpoch, kEpoch + 1);
  EXPECT_FALSE(flows.missed_proposals);
  EXPECT_FALSE(measures::duties_of(flows).at(kOurs).proposals_told);
  EXPECT_TRUE(notes.empty());
}

TEST_F(MissedProposals, AreNotCountedWhereBlocksContradictTheDuties) {
  script->proposers = {{slot(kEpoch, 5), kOurs}, {slot(kEpoch, 6), 12}};
  script->empty = {slot(kEpoch, 5)};
  EXPECT_FALSE(read(kEpoch, kEpoch + 1).missed_proposals);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].kind, "duties_contradicted");
  EXPECT_NE(notes[0].detail.find("12 was to propose"), std::string::npos) << notes[0].detail;
}

}  // namespace
}  // namespace navkeeper::staking::ether
