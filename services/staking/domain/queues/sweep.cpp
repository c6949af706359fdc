#include "services/staking/domain/queues/sweep.h"

#include <algorithm>

#include "services/staking/domain/ether/fork.h"

namespace navkeeper::staking::queues {
namespace {

std::uint64_t divided_up(std::uint64_t a, std::uint64_t b) { return a / b + (a % b == 0 ? 0 : 1); }

}  // namespace

std::uint64_t payloads_until_paid(const SweepPosition& position) {
  constexpr std::uint64_t kBesidePartials = kWithdrawalsPerPayload - kPartialsPerPayload;
  std::uint64_t due = position.withdrawals_ahead + 1;
  const std::uint64_t shared = position.pending_partials / kPartialsPerPayload;
  std::uint64_t payloads = 0;
  if (due <= shared * kBesidePartials) {
    payloads = divided_up(due, kBesidePartials);
  } else {
    due -= shared * kBesidePartials;
    const std::uint64_t beside_the_rest =
        kWithdrawalsPerPayload - position.pending_partials % kPartialsPerPayload;
    payloads = shared + 1;
    if (due > beside_the_rest) payloads += divided_up(due - beside_the_rest, kWithdrawalsPerPayload);
  }
  return std::max(payloads, divided_up(position.validators_ahead + 1, kValidatorsPerSweep));
}

std::uint64_t sweep_round_epochs(std::uint64_t withdrawals) {
  return divided_up(withdrawals, kWithdrawalsPerPayload * ether::kSlotsPerEpoch);
}

std::uint64_t mean_sweep_epochs(std::uint64_t withdrawals) { return sweep_round_epochs(withdrawals) / 2; }

std::uint64_t withdrawals_of_round(std::uint64_t swept, std::uint64_t pending_partials) {
  return swept + std::min(swept, pending_partials);
}

}  // namespace navkeeper::staking::queues
