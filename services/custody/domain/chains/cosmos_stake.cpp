#include "services/custody/domain/chains/cosmos_stake.h"

#include <algorithm>
#include <set>

#include "common/crypto/digest.h"

namespace navkeeper::custody {
namespace {

std::optional<base::Refusal> add(CroHoldings& sum, const AddressStake& stake) {
  std::set<std::string> validators;
  sum.free += stake.free;
  for (const Delegation& delegation : stake.delegations) {
    if (!validators.insert(delegation.validator).second)
      return base::Refusal{"delegations", "validator " + delegation.validator + " comes twice"};
    sum.staked += delegation.amount;
  }
  std::set<std::string> unbonding_from;
  std::set<std::string> numbers;
  for (const UnbondingRow& row : stake.unbondings) {
    if (!unbonding_from.insert(row.validator).second)
      return base::Refusal{"unbonding", "validator " + row.validator + " comes twice"};
    for (const Unbonding& unbonding : row.entries) {
      if (!unbonding.id.empty() && !numbers.insert(unbonding.id).second)
        return base::Refusal{"unbonding", "unbonding_id " + unbonding.id + " comes twice"};
      sum.unbonding += unbonding.amount;
      if (!unbonding.amount.is_zero())
        sum.unbonding_entries.push_back({unbonding.amount.coins(), unbonding.completes_at});
    }
  }
  const auto whole = stake.rewards_basecro.rounded(0, money::Rounding::kDown).to_units(0);
  if (!whole || *whole < 0) return base::Refusal{"rewards", "are negative or larger than any amount of CRO"};
  sum.claimable += Basecro::of(*whole);
  return std::nullopt;
}

Basecro delegated(const AddressStake& stake) {
  Basecro sum;
  for (const Delegation& delegation : stake.delegations) sum += delegation.amount;
  return sum;
}

}  // namespace

CosmosAddress tier_position_address(std::uint64_t id) {
  return cosmos_module_address("tieredrewards/position/" + std::to_string(id));
}

CosmosAddress cosmos_module_address(std::string_view name) {
  const auto digest = crypto::sha256(name);
  CosmosAddress address{CosmosRole::kAccount, {}};
  std::copy_n(digest.begin(), address.bytes.size(), address.bytes.begin());
  return address;
}

base::Checked<CroHoldings> sum_cro(const CosmosAddress& owner, const AddressStake& own,
                                   const std::vector<TierPosition>& positions) {
  CroHoldings sum;
  if (auto refusal = add(sum, own)) return *std::move(refusal);
  std::set<std::uint64_t> ids;
  std::set<crypto::Digest160> addresses{owner.bytes};
  for (const TierPosition& position : positions) {
    const std::string where = "tier position " + std::to_string(position.id);
    if (!ids.insert(position.id).second) return base::Refusal{where, "comes twice"};
    if (!addresses.insert(position.delegator.bytes).second)
      return base::Refusal{where, "delegates from an address that is counted already"};
    // What the module says of a position that delegates nothing any more differs between versions.
    const Basecro held = delegated(position.stake);
    if (!position.stake.delegations.empty() && held != position.stated_amount)
      return base::Refusal{where, "is worth " + money::to_string(position.stated_amount.count()) +
                                      " basecro by the module and " + money::to_string(held.count()) +
                                      " are delegated from its address"};
    if (auto refusal = add(sum, position.stake)) return refusal->within(where);
    sum.contingent += position.bonus;
  }
  return sum;
}

std::string tier_position_doubt(const TierPosition& position) {
  if (position.state != kTierEarning || !position.stake.delegations.empty()) return {};
  Basecro found = position.stake.free;
  for (const UnbondingRow& row : position.stake.unbondings) {
    for (const Unbonding& unbonding : row.entries) found += unbonding.amount;
  }
  if (found >= position.stated_amount) return {};
  return "tier position " + std::to_string(position.id) + " earns and is worth " +
         money::to_string(position.stated_amount.count()) + " basecro by the module, and " +
         money::to_string(found.count()) + " lie at " + position.delegator.to_string();
}

}  // namespace navkeeper::custody
