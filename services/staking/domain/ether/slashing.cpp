#include "services/staking/domain/ether/slashing.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "services/staking/domain/ether/rewards.h"

namespace navkeeper::staking::ether {

Gwei initial_penalty(const ForkRules& rules, Gwei effective) {
  return effective / rules.min_slashing_penalty_quotient;
}

Gwei whistleblower_reward(const ForkRules& rules, Gwei effective) {
  return effective / rules.whistleblower_quotient;
}

Gwei correlation_penalty(const ForkRules& rules, Gwei effective, Gwei slashed, Gwei total_active) {
  const Wide adjusted = std::min(Wide{slashed} * rules.slashing_multiplier, Wide{total_active});
  const std::uint64_t increments = effective / kIncrement;
  if (rules.correlation_per_increment)
    return static_cast<Gwei>(adjusted / (total_active / kIncrement) * increments);
  return static_cast<Gwei>(increments * adjusted / total_active * kIncrement);
}

Gwei missed_penalty(Gwei effective, Gwei total_active) {
  const EpochTotals totals{total_active, {}, false};
  return flag_delta(totals, kSource, effective, false).penalty +
         flag_delta(totals, kTarget, effective, false).penalty;
}

bool slash(Registry& registry, std::uint64_t index, Epoch epoch) {
  Validator& validator = registry.validators.at(index);
  if (validator.slashed || validator.activation_epoch > epoch || epoch >= validator.withdrawable_epoch)
    return false;
  initiate_exit(registry, index, epoch);
  validator.slashed = true;
  validator.withdrawable_epoch = std::max(validator.withdrawable_epoch, epoch + kSlashingsVector);
  validator.balance -= std::min(validator.balance, initial_penalty(registry.rules, validator.effective));
  return true;
}

std::optional<Epoch> slashed_epoch(const Validator& validator) {
  if (!validator.slashed || validator.withdrawable_epoch - validator.exit_epoch <= kWithdrawableDelay)
    return std::nullopt;
  return validator.withdrawable_epoch - kSlashingsVector;
}

Gwei slashings_at(const std::vector<Slashing>& known, Epoch at) {
  Gwei sum = 0;
  for (const Slashing& one : known) {
    if (one.epoch <= at && at - one.epoch < kSlashingsVector) sum += one.effective;
  }
  return sum;
}

SlashingForecast forecast_slashing(const ForkRules& rules, const Validator& validator,
                                   const std::vector<Slashing>& known, Gwei total_active, Epoch now) {
  ENSURE(validator.slashed && validator.withdrawable_epoch != kFarFuture);
  SlashingForecast forecast;
  forecast.correlation_epoch = correlation_epoch(validator.withdrawable_epoch);
  forecast.withdrawable_epoch = validator.withdrawable_epoch;
  if (now <= forecast.correlation_epoch)
    forecast.correlation =
        std::min(validator.balance,
                 correlation_penalty(rules, validator.effective,
                                     slashings_at(known, forecast.correlation_epoch), total_active));
  if (now < validator.withdrawable_epoch)
    forecast.missed =
        std::min(validator.balance - forecast.correlation,
                 missed_penalty(validator.effective, total_active) * (validator.withdrawable_epoch - now));
  return forecast;
}

}  // namespace navkeeper::staking::ether
