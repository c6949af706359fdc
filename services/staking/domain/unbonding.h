#pragma once
// Stake on its way out of a Cosmos SDK validator: unbonding entries and redelegations, what a fault of the
// validator takes from them, and how many more may be begun (x/staking; facts/staking.md 2.2). Amounts in the
// smallest unit, whole; shares with 18 decimals.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/money/decimal.h"
#include "common/time/instant.h"

namespace navkeeper::staking {

struct UnbondingEntry {
  std::string delegator;
  std::string validator;
  std::uint64_t creation_height = 0;
  time::Instant completes_at;
  money::Decimal initial;
  money::Decimal balance;  ///< what will be paid: less than `initial` after a slash
  bool operator==(const UnbondingEntry&) const = default;
};

struct RedelegationEntry {
  std::string delegator;
  std::string source;
  std::string destination;
  std::uint64_t creation_height = 0;
  time::Instant completes_at;  ///< until then it answers for the source's faults
  money::Decimal initial;
  money::Decimal shares;  ///< of the destination
  bool operator==(const RedelegationEntry&) const = default;
};

/// Matures in the first block whose time is not before `completes_at`.
template <class Entry>
bool is_mature(const Entry& entry, time::Instant block_time) {
  return entry.completes_at <= block_time;
}

/// Whether a fault at `infraction_height`, punished in a block of `now`, reaches the entry.
template <class Entry>
bool answers_for(const Entry& entry, std::uint64_t infraction_height, time::Instant now) {
  return entry.creation_height >= infraction_height && !is_mature(entry, now);
}

/// What the entry's part of a slash is: cut to whole units. It counts in full against the whole slash even
/// where the balance holds less.
money::Decimal slash_share(const money::Decimal& initial, const money::Decimal& fraction);

struct UnbondingRoom {
  std::uint32_t used = 0;
  std::uint32_t left = 0;
  /// When no more is left: the completion after which one is, the earliest unless the chain lowered its
  /// limit.
  std::optional<time::Instant> frees_at;
};
/// Of completions that use up `max` entries or more, that after which fewer than `max` run: the chain refuses
/// a further one until then. Nothing where max is 0, which allows none, or that completion is not known.
std::optional<time::Instant> entry_frees_at(std::vector<time::Instant> completions, std::uint32_t max);
/// Entries of one delegator at one validator; those mature at `now` are gone already.
UnbondingRoom unbonding_room(std::span<const UnbondingEntry> entries, const std::string& delegator,
                             const std::string& validator, std::uint32_t max_entries, time::Instant now);

/// Stake that came to `validator` by redelegation may not move on until then; nothing: it may now.
std::optional<time::Instant> redelegation_blocked_until(std::span<const RedelegationEntry> entries,
                                                        const std::string& delegator,
                                                        const std::string& validator, time::Instant now);

}  // namespace navkeeper::staking
