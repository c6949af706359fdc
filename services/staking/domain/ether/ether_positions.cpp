#include "services/staking/domain/ether/ether_books.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace navkeeper::staking::ether {

std::vector<Position> positions_of(const std::string& source, const model::AssetId& asset,
                                   const EtherReading& reading,
                                   const std::function<std::optional<time::Instant>(Epoch)>& time_of) {
  std::vector<Position> positions;
  const base::SharedText shared(source);
  const auto key = [&](std::string place) {
    return PositionKey{Chain::kEthereum, shared, std::move(place), asset};
  };
  positions.reserve(reading.validators.size() + reading.partials.size() + reading.deposits.size());
  std::unordered_map<std::uint64_t, std::vector<const PendingPartial*>> partials;
  for (const PendingPartial& partial : reading.partials) partials[partial.index].push_back(&partial);
  std::unordered_map<std::uint64_t, std::uint64_t> targets;
  for (const PendingConsolidation& one : reading.consolidations) targets.emplace(one.source, one.target);
  for (const OwnValidator& one : reading.validators) {
    const Validator& v = one.validator;
    const std::string place = std::to_string(v.index);
    Gwei rest = v.balance;
    std::size_t number = 0;
    const auto asked = partials.find(v.index);
    const auto none = std::vector<const PendingPartial*>{};
    for (const PendingPartial* partial : asked == partials.end() ? none : asked->second) {
      // Pays what lies above 32 ether, and nothing once the validator has begun to leave.
      const Gwei above = v.exit_epoch == kFarFuture && rest > kMinActivation ? rest - kMinActivation : 0;
      const Gwei amount = std::min(above, partial->amount);
      ++number;
      if (amount == 0) continue;
      rest -= amount;
      positions.push_back({key(place), PositionState::kUnbonding,
                           std::string(kPartialPart) + std::to_string(number), ether_of(amount),
                           time_of(partial->withdrawable_epoch), true, "partial withdrawal"});
    }
    const ValidatorStatus status = status_at(v, reading.epoch());
    const PositionState state = position_state(status);
    std::optional<time::Instant> due_at;
    if (v.withdrawable_epoch != kFarFuture) due_at = time_of(v.withdrawable_epoch);
    // What a consolidation takes into its target (process_pending_consolidations) does not come back by
    // itself: the target must be asked for it. Only what lies above it is swept. A slashed source stays what
    // it is.
    const auto merging = targets.find(v.index);
    if (merging != targets.end() && !v.slashed) {
      const Gwei moved = std::min(rest, v.effective);
      rest -= moved;
      if (moved > 0)
        positions.push_back({key(place), PositionState::kActive,
                             std::string(kMergingPart) + std::to_string(merging->second), ether_of(moved),
                             due_at, true, std::string(describe(status))});
    }
    Position whole{key(place), state, "", ether_of(rest), std::nullopt, true, std::string(describe(status))};
    whole.due_at = due_at;
    positions.push_back(std::move(whole));
  }
  if (reading.deposits.empty()) return positions;
  std::unordered_map<std::string_view, std::uint64_t> by_key;
  for (const OwnValidator& one : reading.validators) by_key.emplace(one.pubkey, one.validator.index);
  std::map<std::string, std::size_t> numbers;
  for (const PendingDeposit& deposit : reading.deposits) {
    const auto own = by_key.find(deposit.pubkey);
    const std::string place = own == by_key.end() ? deposit.pubkey : std::to_string(own->second);
    positions.push_back({key(place), PositionState::kPending, "deposit " + std::to_string(++numbers[place]),
                         ether_of(deposit.amount), std::nullopt, true,
                         deposit.slot == 0 ? "moved by a switch to compounding" : "pending deposit"});
  }
  return positions;
}

}  // namespace navkeeper::staking::ether
