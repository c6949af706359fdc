#pragma once
// How well validators did what they were asked, apart from how often luck asked them (facts/staking.md 1.2,
// 3). Amounts in Gwei, whole. Validators are added up before anything is divided, so that a group's figure is
// not a mean of means.
#include <cstdint>
#include <optional>

#include "common/money/rational.h"
#include "common/money/units.h"

namespace navkeeper::staking::measures {

/// What the chain asked of a validator over some epochs, what it did, and what that brought.
struct Duties {
  std::uint64_t attestations_assigned = 0;
  std::uint64_t attestations_missed = 0;
  /// Of those assigned: no node told what they would have brought at best. They are in none of the three
  /// amounts of attestations below.
  std::uint64_t attestations_without_ideal = 0;
  std::uint64_t proposals_made = 0;
  std::uint64_t proposals_missed = 0;  ///< orphaned ones too
  /// False: over a part of the time no node told whose the slots were, so that more may have been missed.
  bool proposals_told = true;
  std::uint64_t sync_slots_assigned = 0;
  std::uint64_t sync_slots_missed = 0;
  money::Units attestation_rewards;    ///< positive parts of source, target and head
  money::Units attestation_penalties;  ///< negative or nothing
  money::Units attestation_ideal;      ///< what perfect attestations would have brought
  money::Units proposal_rewards;       ///< of the consensus layer, and of the execution layer where counted
  money::Units sync_rewards;           ///< signed: a missed slot costs what a kept one brings

  std::uint64_t proposals_assigned() const { return proposals_made + proposals_missed; }
  Duties& operator+=(const Duties& other);
};

/// Shares of one; nothing where the duty never came.
struct Effectiveness {
  std::optional<money::Rational> attestation;      ///< rewards / ideal: beaconcha.in's reading, no penalties
  std::optional<money::Rational> attestation_net;  ///< (rewards + penalties) / ideal: may be negative
  /// Proposed / assigned; nothing too where not all that were assigned are told.
  std::optional<money::Rational> proposal;
  std::optional<money::Rational> sync;  ///< kept / assigned slots
  /// 54, 8 and 2 parts of 64 for attestation, proposal and sync (the protocol's weights), of the duties that
  /// came.
  std::optional<money::Rational> protocol_weighted;
  /// 7/8 attestation and 1/8 proposal (Rated), of the duties that came.
  std::optional<money::Rational> rated;
  std::optional<money::Rational> missed_attestation_rate;  ///< missed / assigned
};
Effectiveness effectiveness(const Duties& duties);

/// What luck would have been on average: by the share of the whole effective balance.
struct Chances {
  /// Own, summed over the validators and the slots that the duties cover: Gwei times slots. Divided by the
  /// chain's balance it is how many proposals were to be expected.
  money::Units effective_balance_slots;
  money::Units total_effective_balance;  ///< of the chain
  std::uint64_t sync_committee_size = 512;
  money::Units mean_proposal_value;  ///< of the network over the slots, what a proposal brings
  money::Units sync_slot_value;      ///< what one kept slot in the committee brings
};

/// actual = expected + luck + performance, each part exact and their sum the actual income.
struct IncomeParts {
  money::Rational expected;             ///< ideal attestations + average proposals and sync seats, all kept
  money::Rational proposal_count_luck;  ///< more or fewer proposals than the share of stake
  money::Rational proposal_value_luck;  ///< those made were worth more or less than the network's mean
  money::Rational sync_luck;            ///< more or fewer slots in the committee
  money::Rational attestation_performance;  ///< late and missed attestations: nothing or negative
  money::Rational proposal_performance;     ///< missed proposals at the network's mean
  money::Rational sync_performance;         ///< missed slots: a reward forgone and a penalty paid
  money::Rational actual;

  money::Rational luck() const { return proposal_count_luck + proposal_value_luck + sync_luck; }
  money::Rational performance() const {
    return attestation_performance + proposal_performance + sync_performance;
  }
};
/// Chances with a total effective balance of nothing: ENSURE.
IncomeParts income_parts(const Duties& duties, const Chances& chances);

}  // namespace navkeeper::staking::measures
