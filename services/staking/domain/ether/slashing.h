#pragma once
// What a slashing costs, in its three parts, and what of it is still to come (slash_validator,
// process_slashings; altair's flag deltas for the misses). Gwei.
#include <optional>
#include <vector>

#include "services/staking/domain/ether/registry.h"

namespace navkeeper::staking::ether {

inline constexpr Epoch kSlashingsVector = 8'192;  ///< EPOCHS_PER_SLASHINGS_VECTOR, 36.4 days

/// At once: effective // quotient.
Gwei initial_penalty(const ForkRules& rules, Gwei effective);
/// The proposer's and whistleblower's together, where the proposer is both.
Gwei whistleblower_reward(const ForkRules& rules, Gwei effective);
/// Half the vector later, in proportion to all that was slashed around it. `slashed` = sum of the slashings
/// vector then.
Gwei correlation_penalty(const ForkRules& rules, Gwei effective, Gwei slashed, Gwei total_active);
/// Source and target missed, each epoch until it is withdrawable.
Gwei missed_penalty(Gwei effective, Gwei total_active);

/// The epoch at whose end the correlation penalty falls.
inline Epoch correlation_epoch(Epoch withdrawable) { return withdrawable - kSlashingsVector / 2; }
/// slash_validator. False: it was slashed before or cannot be slashed any more.
bool slash(Registry& registry, std::uint64_t index, Epoch epoch);
/// When it was slashed; nothing where an exit queue longer than the vector hides it.
std::optional<Epoch> slashed_epoch(const Validator& validator);

struct Slashing {
  Epoch epoch = 0;
  Gwei effective = 0;
};
/// The slashings vector's sum at `at`, as far as slashings are known now: the buckets that were not
/// overwritten.
Gwei slashings_at(const std::vector<Slashing>& known, Epoch at);

struct SlashingForecast {
  Gwei correlation = 0;  ///< 0 where it has fallen
  Gwei missed = 0;       ///< from `now` on until it is withdrawable, at today's effective balance
  Epoch correlation_epoch = 0;
  Epoch withdrawable_epoch = 0;
  Gwei to_come() const { return correlation + missed; }
};
/// For a slashed validator (ENSURE). A lower bound where others are slashed later; missed is an upper bound,
/// as the effective balance falls with the balance.
SlashingForecast forecast_slashing(const ForkRules& rules, const Validator& validator,
                                   const std::vector<Slashing>& known, Gwei total_active, Epoch now);

}  // namespace navkeeper::staking::ether
