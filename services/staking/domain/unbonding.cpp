#include "services/staking/domain/unbonding.h"

#include <algorithm>

#include "services/staking/domain/sdk_decimal.h"

namespace navkeeper::staking {

using money::Decimal;

Decimal slash_share(const Decimal& initial, const Decimal& fraction) {
  return sdk::truncate_int(initial * fraction);
}

std::optional<time::Instant> entry_frees_at(std::vector<time::Instant> completions, std::uint32_t max) {
  if (max == 0 || completions.size() < max) return std::nullopt;
  std::sort(completions.begin(), completions.end());
  return completions[completions.size() - max];
}

UnbondingRoom unbonding_room(std::span<const UnbondingEntry> entries, const std::string& delegator,
                             const std::string& validator, std::uint32_t max_entries, time::Instant now) {
  UnbondingRoom room;
  std::vector<time::Instant> completions;
  for (const UnbondingEntry& entry : entries) {
    if (entry.delegator != delegator || entry.validator != validator || is_mature(entry, now)) continue;
    ++room.used;
    completions.push_back(entry.completes_at);
  }
  room.left = room.used < max_entries ? max_entries - room.used : 0;
  if (room.left == 0) room.frees_at = entry_frees_at(std::move(completions), max_entries);
  return room;
}

std::optional<time::Instant> redelegation_blocked_until(std::span<const RedelegationEntry> entries,
                                                        const std::string& delegator,
                                                        const std::string& validator, time::Instant now) {
  std::optional<time::Instant> until;
  for (const RedelegationEntry& entry : entries) {
    if (entry.delegator != delegator || entry.destination != validator || is_mature(entry, now)) continue;
    if (!until || entry.completes_at > *until) until = entry.completes_at;
  }
  return until;
}

}  // namespace navkeeper::staking
