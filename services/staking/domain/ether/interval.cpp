#include "services/staking/domain/ether/interval.h"

#include "common/base/ensure.h"

namespace navkeeper::staking::ether {

Interval& Interval::extend(const Interval& next) {
  ENSURE(closing == next.opening);
  closing = next.closing;
  deposited += next.deposited;
  swept += next.swept;
  withdrawn_partly += next.withdrawn_partly;
  withdrawn_whole += next.withdrawn_whole;
  consolidated_in += next.consolidated_in;
  consolidated_out += next.consolidated_out;
  moved_to_pending += next.moved_to_pending;
  attestation += next.attestation;
  inactivity += next.inactivity;
  sync += next.sync;
  proposal += next.proposal;
  slashing_report += next.slashing_report;
  slashed += next.slashed;
  return *this;
}

}  // namespace navkeeper::staking::ether
