#pragma once
// CRO on Cronos POS at one address: what is free, delegated, on its way back, and in positions of the module
// tieredrewards, which delegate from addresses of their own and do not show under their owner's.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/time/instant.h"
#include "services/custody/domain/account_address.h"
#include "services/custody/domain/balance.h"
#include "services/custody/domain/unit.h"

namespace navkeeper::custody {

/// The address from which position `id` delegates, as chain-main derived it up to v7: the first 20 bytes of
/// SHA-256("tieredrewards/position/<id>") (x/tieredrewards/types, GetDelegatorAddress; the SDK's module
/// address). Since v8 an address stands in the position itself and may be another.
CosmosAddress tier_position_address(std::uint64_t id);
/// The account of a module of the chain: the first 20 bytes of SHA-256 of its name (the SDK's x/auth).
CosmosAddress cosmos_module_address(std::string_view name);

struct Delegation {
  std::string validator;
  Basecro amount;  ///< tokens for the shares, truncated as the chain does
};

struct Unbonding {
  Basecro amount;  ///< what will be paid: less than the initial balance after a slash
  time::Instant completes_at;
  std::string id = {};  ///< the chain's number of it; empty: it was asked for before the chain numbered them
};
/// What is on its way back from one validator: a node tells one row of each.
struct UnbondingRow {
  std::string validator;
  std::vector<Unbonding> entries;
};

/// What one address holds by itself.
struct AddressStake {
  Basecro free;
  std::vector<Delegation> delegations;
  std::vector<UnbondingRow> unbondings;
  money::Decimal rewards_basecro;  ///< claimable at this block, 18 decimals; the fraction is never paid
};

constexpr std::string_view kTierEarning = "earning";
constexpr std::string_view kTierExiting = "exiting";
struct TierPosition {
  std::uint64_t id = 0;
  CosmosAddress delegator;
  std::string state;      ///< kTierEarning, kTierExiting
  Basecro stated_amount;  ///< what the module says it is worth
  AddressStake stake;     ///< what lies at `delegator`
  Basecro bonus;          ///< contingent: its pool may be short
};

struct CroHoldings {
  Basecro free;
  Basecro staked;
  Basecro unbonding;
  std::vector<UnbondingEntry> unbonding_entries;
  Basecro claimable;  ///< whole basecro of each delegator address' rewards: what a claim pays
  Basecro contingent;
  Basecro total() const { return free + staked + unbonding; }
};

/// Refused: a validator twice at one address (among delegations or among what unbonds), a number of what
/// unbonds twice, a position twice, two positions at one address, a position at
/// the owner's own, a position that delegates something else than what the module says it is worth.
base::Checked<CroHoldings> sum_cro(const CosmosAddress& owner, const AddressStake& own,
                                   const std::vector<TierPosition>& positions);

/// What speaks against a position's reading; empty: nothing. One that earns lies at its address by what the
/// module says it is worth; with less there, and nothing delegated, its coins lie at an address that nobody
/// named (since v8 it may be another than the derived one), and a sum without them is too low.
std::string tier_position_doubt(const TierPosition& position);

}  // namespace navkeeper::custody
