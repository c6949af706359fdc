#pragma once
// One validator between two states, in whole Gwei: the identity and its parts.
//
// income = closing - opening + withdrawn - deposits applied - consolidated in + consolidated out + moved to
// pending. Flows count with from < slot <= to: a state holds what its own slot brought.
#include <cstdint>

#include "services/staking/domain/ether/fork.h"

namespace navkeeper::staking::ether {

struct Interval {
  Gwei opening = 0;
  Gwei closing = 0;
  // Capital.
  Gwei deposited = 0;
  Gwei swept = 0;
  Gwei withdrawn_partly = 0;
  Gwei withdrawn_whole = 0;
  Gwei consolidated_in = 0;
  Gwei consolidated_out = 0;
  Gwei moved_to_pending = 0;
  // Income by type, as the chain told it; negative: penalties.
  std::int64_t attestation = 0;  ///< source, target, head
  std::int64_t inactivity = 0;   ///< not positive
  std::int64_t sync = 0;
  Gwei proposal = 0;         ///< attestations and the sync aggregate that its blocks included
  Gwei slashing_report = 0;  ///< for including evidence
  Gwei slashed = 0;          ///< initial and correlation penalty

  /// What the balances say was earned or lost.
  std::int64_t income() const {
    return signed_of(closing) - signed_of(opening) + signed_of(swept) + signed_of(withdrawn_partly) +
           signed_of(withdrawn_whole) - signed_of(deposited) - signed_of(consolidated_in) +
           signed_of(consolidated_out) + signed_of(moved_to_pending);
  }
  /// What the types say.
  std::int64_t told() const {
    return attestation + inactivity + sync + signed_of(proposal) + signed_of(slashing_report) -
           signed_of(slashed);
  }
  /// 0 when it ties.
  std::int64_t difference() const { return income() - told(); }

  /// The interval that follows at once, as one with this; closing must be its opening.
  Interval& extend(const Interval& next);
  bool operator==(const Interval&) const = default;

 private:
  static std::int64_t signed_of(Gwei gwei) { return static_cast<std::int64_t>(gwei); }
};

}  // namespace navkeeper::staking::ether
