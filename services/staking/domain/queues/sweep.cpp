#include "services/staking/domain/queues/sweep.h"

#include <algorithm>

#include "services/staking/domain/ether/fork.h"

namespace navkeeper::staking::queues {
namespace {

std::uint64_t divided_up(std::uint64_t a, std::uint64_t b) { return a / b + (a % b == 0 ? 0 : 1); }

}  // namespace

std::uint64_t sweep_round_epochs(std::uint64_t withdrawals) {
  return divided_up(withdrawals, kWithdrawalsPerPayload * ether::kSlotsPerEpoch);
}

std::uint64_t mean_sweep_epochs(std::uint64_t withdrawals) { return sweep_round_epochs(withdrawals) / 2; }

std::uint64_t partials_epochs(std::uint64_t pending_partials) {
  return std::max<std::uint64_t>(1,
                                 divided_up(pending_partials, kPartialsPerPayload * ether::kSlotsPerEpoch));
}

std::uint64_t withdrawals_of_round(std::uint64_t swept, std::uint64_t pending_partials) {
  return swept + std::min(swept, pending_partials);
}

}  // namespace navkeeper::staking::queues
