#include "services/staking/domain/tiered_position.h"

#include <algorithm>
#include <set>

#include "services/staking/domain/sdk_decimal.h"

namespace navkeeper::staking {

using money::Decimal;

namespace {

constexpr std::int64_t kBonusYearSeconds = 31'557'600;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

}  // namespace

Decimal tier_bonus(const Decimal& tokens, const Decimal& bonus_apy, time::Instant from, time::Instant until,
                   std::optional<time::Instant> unlocks_at) {
  const time::Instant end = unlocks_at ? std::min(until, *unlocks_at) : until;
  if (end <= from) return {};
  const Decimal seconds = Decimal::of((end - from).ns() / kNsPerSecond);
  return sdk::truncate_int(
      sdk::quo_truncate(sdk::mul(tokens, bonus_apy) * seconds, Decimal::of(kBonusYearSeconds)));
}

Decimal payable_bonus(const Decimal& own, const Decimal& owed_in_all, const Decimal& pool) {
  if (own.is_zero()) return {};
  if (pool >= std::max(own, owed_in_all)) return own;
  return std::min(own, money::mul_div(pool, own, std::max(own, owed_in_all), 0, money::Rounding::kDown));
}

time::Instant tier_free_at(const TierPosition& position, const RewardTier& tier, time::Duration unbonding,
                           time::Instant now) {
  const time::Instant unlocked = position.exit_unlocks_at.value_or(now + tier.exit_lock);
  return std::max(unlocked, now) + unbonding;
}

std::vector<std::string> contradictions(const std::vector<TierPosition>& positions,
                                        const std::string& owner) {
  std::vector<std::string> found;
  std::set<std::uint64_t> ids;
  std::set<std::string> addresses{owner};
  for (const TierPosition& position : positions) {
    const std::string where = "tier position " + std::to_string(position.id);
    if (!ids.insert(position.id).second) found.push_back(where + " comes twice");
    if (position.owner != owner) found.push_back(where + " is owned by " + position.owner);
    if (!addresses.insert(position.delegator).second)
      found.push_back(where + " delegates from an address that is counted already");
  }
  return found;
}

std::optional<std::string> worth_difference(const TierPosition& position, const Decimal& delegated) {
  if (delegated.is_zero() || delegated == position.amount) return std::nullopt;
  return "tier position " + std::to_string(position.id) + " is worth " + position.amount.to_string() +
         " by the module and " + delegated.to_string() + " are delegated from its address";
}

}  // namespace navkeeper::staking
