// Every source under every fault: what is shown as agreed or proven is what the ledger holds; everything else
// is said to be unsure, with its reason.
#include "tests/unit/services/sandbox/chains/chain_rig.h"

namespace navkeeper::sandbox {
namespace {

using custody::Certainty;
using custody::ChainAnswer;

constexpr std::array kChains{SimulatedChain::kBitcoin, SimulatedChain::kEthereum, SimulatedChain::kCronosPos,
                             SimulatedChain::kCronosEvm};

std::vector<ChainFault> all_faults() {
  std::vector<ChainFault> faults;
  for (std::size_t i = 0; i < kChainFaults; ++i) faults.push_back(static_cast<ChainFault>(i));
  return faults;
}

/// Whether the fault changes nothing that this node answers.
bool is_without_effect(const std::string& node, ChainFault fault) {
  const bool beacon = node.starts_with("beacon");
  switch (fault) {
    case ChainFault::kOptimistic:
      return !beacon;
    case ChainFault::kSyncing:
      return node == "esplora";  // It has no word for it.
    case ChainFault::kTruncated:
    case ChainFault::kDuplicate:
      return node.starts_with("cronos_evm");  // It answers no list.
    default:
      return false;
  }
}

/// Sure only of what is true; unsure with a reason.
void expect_honest(const ChainRig& rig, const ChainAnswer& answer, SimulatedChain chain,
                   const std::string& what) {
  SCOPED_TRACE(what + ": " + std::string(custody::describe(answer.agreement.certainty)) + " " +
               reasons(answer));
  const bool sure =
      answer.agreement.certainty == Certainty::kAgreed || answer.agreement.certainty == Certainty::kProven;
  if (!sure) {
    if (answer.agreement.certainty != Certainty::kSingleSource) {
      EXPECT_FALSE(answer.agreement.reasons.empty());
    }
    return;
  }
  const Truth truth = rig.truth(chain, *answer.height);
  EXPECT_EQ(*shown(answer).total, truth.total);
  if (shown(answer).staked) {
    EXPECT_EQ(*shown(answer).staked, truth.staked);
  }
  if (shown(answer).unbonding) {
    EXPECT_EQ(*shown(answer).unbonding, truth.unbonding);
  }
}

class EveryFault : public ::testing::TestWithParam<SimulatedChain> {};

TEST_P(EveryFault, OfOneNodeIsSaidAndNeverBelieved) {
  const SimulatedChain chain = GetParam();
  ChainRig rig;
  const auto patient = rig.pair(chain);
  const auto hasty = rig.pair(chain, 1'000);  // Of our time; a silent node keeps quiet for three seconds.
  std::vector<std::string> names = nodes_of(chain);
  if (chain == SimulatedChain::kEthereum) names.insert(names.end(), {"beacon", "beacon_2"});
  for (const std::string& node : names) {
    for (const ChainFault fault : all_faults()) {
      if (fault == ChainFault::kSlow) continue;
      rig.fault(node, fault);
      const ChainAnswer answer = rig.ask(fault == ChainFault::kSilence ? hasty : patient, chain);
      const std::string what = node + " " + std::string(name_of(fault));
      expect_honest(rig, answer, chain, what);
      if (is_without_effect(node, fault)) {
        EXPECT_EQ(answer.agreement.certainty, Certainty::kAgreed) << what << ": " << reasons(answer);
      } else {
        EXPECT_NE(answer.agreement.certainty, Certainty::kAgreed) << what;
      }
      rig.nodes.faults().clear();
    }
  }
  const ChainAnswer after = rig.ask(patient, chain);
  EXPECT_EQ(after.agreement.certainty, Certainty::kAgreed) << reasons(after);
  expect_honest(rig, after, chain, "after all faults");
}

TEST_P(EveryFault, SlowAnswersAreRightOrMissing) {
  const SimulatedChain chain = GetParam();
  ChainRig rig;
  rig.fault(nodes_of(chain)[1], ChainFault::kSlow);
  expect_honest(rig, rig.ask(rig.pair(chain), chain), chain, "slow, patiently");
  expect_honest(rig, rig.ask(rig.pair(chain, 300), chain), chain, "slow, hastily");
}

INSTANTIATE_TEST_SUITE_P(Chains, EveryFault, ::testing::ValuesIn(kChains),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

TEST(OneNodeAlone, AnEthereumBalanceIsProvenOrRefused) {
  ChainRig rig;
  const auto alone = rig.single(SimulatedChain::kEthereum, true);
  for (std::size_t address = 0; address < 3; ++address) {
    const ChainAnswer answer = rig.ask(alone, SimulatedChain::kEthereum, address);
    EXPECT_EQ(answer.agreement.certainty, Certainty::kProven) << reasons(answer);
    // Without a beacon node nothing is said about validators.
    EXPECT_FALSE(shown(answer).staked);
    EXPECT_EQ(*shown(answer).total, rig.execution_truth(*answer.height, address));
  }
  for (const ChainFault fault : {ChainFault::kLie, ChainFault::kZeros, ChainFault::kTruncated,
                                 ChainFault::kDuplicate, ChainFault::kStaleHeight, ChainFault::kWrongChain}) {
    rig.fault("execution", fault);
    const ChainAnswer answer = rig.ask(alone, SimulatedChain::kEthereum);
    EXPECT_EQ(answer.agreement.certainty, Certainty::kUnknown) << name_of(fault) << " " << reasons(answer);
    rig.nodes.faults().clear();
  }
}

TEST(OneNodeAlone, ZerosThatNothingProvesAreUnsure) {
  ChainRig rig;
  for (const SimulatedChain chain :
       {SimulatedChain::kBitcoin, SimulatedChain::kCronosPos, SimulatedChain::kCronosEvm}) {
    const auto alone = rig.single(chain);
    EXPECT_EQ(rig.ask(alone, chain).agreement.certainty, Certainty::kSingleSource);
    rig.fault(nodes_of(chain)[0], ChainFault::kZeros);
    const Certainty certainty = rig.ask(alone, chain).agreement.certainty;
    EXPECT_TRUE(certainty == Certainty::kUnsure || certainty == Certainty::kUnknown) << name_of(chain);
    rig.nodes.faults().clear();
  }
}

TEST(BothNodes, ThatLieAboutEthereumAreRefusedByTheirOwnHeaders) {
  ChainRig rig;
  for (const ChainFault fault : {ChainFault::kLie, ChainFault::kZeros}) {
    for (const char* node : {"execution", "execution_2"}) rig.fault(node, fault);
    EXPECT_EQ(rig.ask(rig.pair(SimulatedChain::kEthereum), SimulatedChain::kEthereum).agreement.certainty,
              Certainty::kUnknown);
    rig.nodes.faults().clear();
  }
}

}  // namespace
}  // namespace navkeeper::sandbox
