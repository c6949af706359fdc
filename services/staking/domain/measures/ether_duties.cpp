#include "services/staking/domain/measures/ether_duties.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "services/staking/domain/ether/rewards.h"

namespace navkeeper::staking::measures {
namespace {

using money::Units;

Units units_of(std::uint64_t gwei) { return Units(static_cast<money::Int128>(gwei)); }

}  // namespace

std::map<std::uint64_t, Duties> duties_of(const ether::EtherFlows& flows) {
  std::map<std::uint64_t, Duties> all;
  if (!flows.types_told) return all;
  for (const ether::SeenAttestation& seen : flows.attestations) {
    Duties& duties = all[seen.validator];
    ++duties.attestations_assigned;
    duties.attestations_missed += seen.source < 0 && seen.target < 0 ? 1U : 0U;
    if (!seen.ideal) {
      ++duties.attestations_without_ideal;
      continue;
    }
    for (const std::int64_t part : {seen.head, seen.target, seen.source}) {
      duties.attestation_rewards += Units(std::max<std::int64_t>(part, 0));
      duties.attestation_penalties += Units(std::min<std::int64_t>(part, 0));
    }
    duties.attestation_ideal += Units(*seen.ideal);
  }
  for (const ether::SeenSync& seen : flows.syncs) {
    Duties& duties = all[seen.validator];
    ++duties.sync_slots_assigned;
    duties.sync_slots_missed += seen.reward < 0 ? 1U : 0U;
    duties.sync_rewards += Units(seen.reward);
  }
  for (const ether::SeenProposal& seen : flows.proposals) {
    Duties& duties = all[seen.validator];
    ++duties.proposals_made;
    duties.proposal_rewards += units_of(seen.attestations + seen.sync_aggregate + seen.slashings);
  }
  if (flows.missed_proposals) {
    for (const ether::MissedProposal& missed : *flows.missed_proposals)
      ++all[missed.validator].proposals_missed;
  }
  for (auto& [validator, duties] : all) duties.proposals_told = flows.missed_proposals.has_value();
  return all;
}

Chances chances_of(Units effective_slots, ether::Gwei total_active) {
  ENSURE(total_active > 0);
  Chances chances;
  chances.effective_balance_slots = effective_slots;
  chances.total_effective_balance = units_of(total_active);
  chances.mean_proposal_value = units_of(ether::ideal_rewards(total_active, 1, total_active) *
                                         ether::kWeightProposer / ether::kWeights / ether::kSlotsPerEpoch);
  chances.sync_slot_value = units_of(ether::sync_reward(total_active));
  return chances;
}

}  // namespace navkeeper::staking::measures
