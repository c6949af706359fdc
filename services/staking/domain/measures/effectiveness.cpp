#include "services/staking/domain/measures/effectiveness.h"

#include "common/base/ensure.h"

namespace navkeeper::staking::measures {
namespace {

using money::Rational;
using money::Units;

constexpr int kAttestationWeight = 54;
constexpr int kProposalWeight = 8;
constexpr int kSyncWeight = 2;
constexpr int kRatedAttestationWeight = 7;
constexpr int kRatedProposalWeight = 1;

Rational of(Units units) { return Rational::of(units.count()); }
Rational of(std::uint64_t count) { return Rational::of(static_cast<money::Int128>(count)); }

std::optional<Rational> kept(std::uint64_t done, std::uint64_t assigned) {
  if (assigned == 0) return std::nullopt;
  return of(done) / of(assigned);
}

/// A mean of the parts that are there.
class WeightedMean {
 public:
  void add(const std::optional<Rational>& part, int weight) {
    if (!part) return;
    sum_ += *part * Rational::of(weight);
    weights_ += weight;
  }
  std::optional<Rational> value() const {
    if (weights_ == 0) return std::nullopt;
    return sum_ / Rational::of(weights_);
  }

 private:
  Rational sum_;
  int weights_ = 0;
};

}  // namespace

Duties& Duties::operator+=(const Duties& other) {
  attestations_assigned += other.attestations_assigned;
  attestations_missed += other.attestations_missed;
  attestations_without_ideal += other.attestations_without_ideal;
  proposals_made += other.proposals_made;
  proposals_missed += other.proposals_missed;
  proposals_told = proposals_told && other.proposals_told;
  sync_slots_assigned += other.sync_slots_assigned;
  sync_slots_missed += other.sync_slots_missed;
  attestation_rewards += other.attestation_rewards;
  attestation_penalties += other.attestation_penalties;
  attestation_ideal += other.attestation_ideal;
  proposal_rewards += other.proposal_rewards;
  sync_rewards += other.sync_rewards;
  return *this;
}

Effectiveness effectiveness(const Duties& duties) {
  Effectiveness result;
  if (!duties.attestation_ideal.is_zero()) {
    const Rational ideal = of(duties.attestation_ideal);
    result.attestation = of(duties.attestation_rewards) / ideal;
    result.attestation_net = of(duties.attestation_rewards + duties.attestation_penalties) / ideal;
  }
  if (duties.proposals_told) result.proposal = kept(duties.proposals_made, duties.proposals_assigned());
  result.sync = kept(duties.sync_slots_assigned - duties.sync_slots_missed, duties.sync_slots_assigned);
  WeightedMean protocol;
  protocol.add(result.attestation, kAttestationWeight);
  protocol.add(result.proposal, kProposalWeight);
  protocol.add(result.sync, kSyncWeight);
  result.protocol_weighted = protocol.value();
  WeightedMean rated;
  rated.add(result.attestation, kRatedAttestationWeight);
  rated.add(result.proposal, kRatedProposalWeight);
  result.rated = rated.value();
  if (duties.attestations_assigned > 0)
    result.missed_attestation_rate = of(duties.attestations_missed) / of(duties.attestations_assigned);
  return result;
}

IncomeParts income_parts(const Duties& duties, const Chances& chances) {
  ENSURE(chances.total_effective_balance.count() > 0);
  const Rational expected_proposals =
      of(chances.effective_balance_slots) / of(chances.total_effective_balance);
  const Rational expected_sync_slots = expected_proposals * of(chances.sync_committee_size);
  const Rational proposal_value = of(chances.mean_proposal_value);
  const Rational slot_value = of(chances.sync_slot_value);
  const Rational proposed = of(duties.proposals_made);

  IncomeParts parts;
  parts.expected =
      of(duties.attestation_ideal) + expected_proposals * proposal_value + expected_sync_slots * slot_value;
  parts.proposal_count_luck = (of(duties.proposals_assigned()) - expected_proposals) * proposal_value;
  parts.proposal_value_luck = of(duties.proposal_rewards) - proposed * proposal_value;
  parts.sync_luck = (of(duties.sync_slots_assigned) - expected_sync_slots) * slot_value;
  parts.attestation_performance =
      of(duties.attestation_rewards + duties.attestation_penalties - duties.attestation_ideal);
  parts.proposal_performance = Rational() - of(duties.proposals_missed) * proposal_value;
  parts.sync_performance = of(duties.sync_rewards) - of(duties.sync_slots_assigned) * slot_value;
  parts.actual = of(duties.attestation_rewards + duties.attestation_penalties + duties.proposal_rewards +
                    duties.sync_rewards);
  return parts;
}

}  // namespace navkeeper::staking::measures
