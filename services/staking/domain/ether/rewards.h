#pragma once
// What duties earn and cost, in Gwei, every division floored (specs/altair/beacon-chain.md, "Rewards and
// penalties"; the quotients by fork). Total active balance is that of all validators of the chain, at least
// one increment.
#include <array>
#include <vector>

#include "services/staking/domain/ether/fork.h"

namespace navkeeper::staking::ether {

inline constexpr std::uint64_t kWeightSource = 14;
inline constexpr std::uint64_t kWeightTarget = 26;
inline constexpr std::uint64_t kWeightHead = 14;
inline constexpr std::uint64_t kWeightSync = 2;
inline constexpr std::uint64_t kWeightProposer = 8;
inline constexpr std::uint64_t kWeights = 64;

enum Flag : std::uint8_t { kSource = 0, kTarget = 1, kHead = 2 };
inline constexpr std::array<std::uint64_t, 3> kFlagWeights{kWeightSource, kWeightTarget, kWeightHead};

/// The largest x with x * x <= n.
std::uint64_t integer_sqrt(std::uint64_t n);
/// 10^9 * 64 // isqrt(total)
Gwei base_reward_per_increment(Gwei total_active);
Gwei base_reward(Gwei effective, Gwei total_active);

/// What of an epoch decides all of its rewards.
struct EpochTotals {
  Gwei total_active = kIncrement;
  /// Effective balance of the unslashed validators with the flag, by Flag; at least one increment counts.
  std::array<Gwei, 3> participating{kIncrement, kIncrement, kIncrement};
  bool in_leak = false;  ///< not final for more than four epochs: no rewards
};

struct FlagDelta {
  Gwei reward = 0;
  Gwei penalty = 0;
  bool operator==(const FlagDelta&) const = default;
};
/// get_flag_index_deltas of one validator that is eligible.
FlagDelta flag_delta(const EpochTotals& totals, Flag flag, Gwei effective, bool has_flag);
/// get_inactivity_penalty_deltas of one that is eligible.
Gwei inactivity_penalty(const ForkRules& rules, Gwei effective, std::uint64_t score, bool has_target);
/// The score after an epoch.
std::uint64_t next_inactivity_score(std::uint64_t score, bool has_target, bool in_leak);

struct AttestationDelta {
  std::array<FlagDelta, 3> flags{};
  Gwei inactivity = 0;
  std::int64_t net() const;
};
/// All four parts. `flags` has bit 0 source, 1 target, 2 head; a slashed validator has none of them.
AttestationDelta attestation_delta(const ForkRules& rules, const EpochTotals& totals, Gwei effective,
                                   std::uint8_t flags, bool slashed, std::uint64_t score);

/// One member of the sync committee, one slot: plus when its bit is set, minus when not.
Gwei sync_reward(Gwei total_active);
/// The proposer's for each set bit.
Gwei proposer_sync_reward(Gwei total_active);
/// The proposer's for what its block newly sets: sum of base reward * weight over validators and flags, //
/// 448.
Gwei proposer_attestation_reward(Wide base_reward_times_weight);

/// floor(64 * effective * epochs / sqrt(total)), of the exact root: what validators of average luck earn with
/// every duty done (Lido's normal rebase). 0 where the total is.
Gwei ideal_rewards(Gwei effective, std::uint64_t epochs, Gwei total_active);

}  // namespace navkeeper::staking::ether
