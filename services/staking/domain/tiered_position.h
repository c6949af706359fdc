#pragma once
// Positions of chain-main's module tieredrewards: stake locked for years against a bonus (facts/staking.md
// 2.3). Base rewards are ordinary F1 rewards of the position's own delegator address. The bonus is
// contingent: a pool pays it on claim, a claim fails where the pool is short, and some slashes forfeit it.
// Smallest units.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/money/decimal.h"
#include "common/time/instant.h"

namespace navkeeper::staking {

struct RewardTier {
  std::uint32_t id = 0;
  time::Duration exit_lock;   ///< years of 365 days
  money::Decimal bonus_apy;   ///< fraction a year of 365.25 days
  money::Decimal min_locked;  ///< smallest units
};

struct TierPosition {
  std::uint64_t id = 0;
  std::string owner;
  std::string delegator;  ///< the address that it delegates from
  std::uint32_t tier = 0;
  std::string validator;
  money::Decimal amount;  ///< what the module says that it is worth
  money::Decimal bonus;   ///< what the module estimates as owed, contingent
  std::optional<time::Instant> exit_triggered_at;
  std::optional<time::Instant> exit_unlocks_at;
};

/// tokens x bonus_apy x seconds / 31,557,600: half-even at 18 decimals, exact, cut, cut to whole units. Only
/// whole seconds from `from` to `until` count, none after `unlocks_at`.
money::Decimal tier_bonus(const money::Decimal& tokens, const money::Decimal& bonus_apy, time::Instant from,
                          time::Instant until, std::optional<time::Instant> unlocks_at = {});

/// What of an estimated bonus a pool with `pool` units can pay for us when everybody is owed `owed_in_all`:
/// our part cut to whole units, at most our own.
money::Decimal payable_bonus(const money::Decimal& own, const money::Decimal& owed_in_all,
                             const money::Decimal& pool);

/// When the coins of a position are free if its exit began now or has begun: the lock, then the unbonding.
time::Instant tier_free_at(const TierPosition& position, const RewardTier& tier, time::Duration unbonding,
                           time::Instant now);

/// What cannot be: an id or an address twice, an owner who is another, a position at the owner's own address.
std::vector<std::string> contradictions(const std::vector<TierPosition>& positions, const std::string& owner);

/// Where the module says another worth than what is delegated from the position's address; nothing for a
/// position without anything delegated, which states what it will pay. After a slash the two round apart.
std::optional<std::string> worth_difference(const TierPosition& position, const money::Decimal& delegated);

}  // namespace navkeeper::staking
