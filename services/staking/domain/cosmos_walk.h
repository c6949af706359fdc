#pragma once
// A delegator of a Cosmos SDK chain from one state to another, block by block: what its principal, unbonding,
// unclaimed rewards and bank balance became, and why. Everything here is in the smallest unit (basecro);
// unclaimed rewards have 18 decimals. The result's events and roll-forwards are in whole coins.
//
// Between two blocks in which something happened to the delegator only rewards accrue, and shares may become
// worth a unit more or less by other people's roundings. Whatever else changes has no event, and the
// roll-forward of its account does not tie.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/staking/domain/roll_forward.h"
#include "services/staking/domain/unbonding.h"

namespace navkeeper::staking {

struct DelegationState {
  money::Decimal shares;
  money::Decimal tokens;     ///< what the shares are worth, whole
  money::Decimal unclaimed;  ///< what a query of rewards answers, 18 decimals
};

/// At the end of a block.
struct DelegatorState {
  StateMark mark;
  std::map<std::string, DelegationState> delegations;  ///< by validator
  std::vector<UnbondingEntry> unbondings;
  std::vector<RedelegationEntry> redelegations;
  money::Decimal free;  ///< in the bank
};

enum class CosmosAct {
  kDelegate,
  kUndelegate,
  kRedelegate,       ///< validator -> destination
  kCancelUnbonding,  ///< of the entry that began at creation_height
  kClaim,            ///< of the validator's rewards; by itself too
  kUnbonded,         ///< entries at the validator matured
  kTransferIn,
  kTransferOut,
  kFee,
  kSlash,  ///< of the validator, whoever delegates there; amount: unknown
};

struct CosmosFact {
  CosmosAct act{};
  std::string validator = {};
  std::string destination = {};
  money::Decimal amount = {};
  std::string counterparty = {};  ///< of a transfer; of a claim: who was paid
  std::string reason = {};        ///< of a slash
};

/// A block in which something happened, with the state before and after it.
struct WalkStep {
  DelegatorState before;
  std::vector<CosmosFact> facts;  ///< in the block's order, of this delegator; slashes of its validators too
  DelegatorState after;
  /// By validator: what was due just before a claim, 18 decimals, recomputed from the chain's stores and the
  /// rewards that this block allocated. Missing: the split into rewards and dust rests on the payment alone.
  std::map<std::string, money::Decimal> due;
};

struct Walk {
  std::string delegator;
  DelegatorState opening;
  std::vector<WalkStep> steps;  ///< by height, after the opening, not after the closing
  DelegatorState closing;
  std::set<std::string> own = {};  ///< the fund's other addresses: what is paid there did not leave it
};

/// Of a claim's event: whose the address is that was paid, "to <address>" of the delegator itself and of
/// strangers, "to <address> of the fund".
std::string payee_of(const Walk& walk, const std::string& address);
/// Whether a claim went to somebody else.
bool is_paid_away(const Walk& walk, const std::string& address);

struct WalkResult {
  std::vector<StakingEvent> events;  ///< by height
  std::vector<RollForward> roll_forwards;
  std::vector<std::string> doubts;  ///< what is not proven, one sentence each
  bool is_tied() const;
};

/// `key`: chain, source and asset; its place is set here: "delegator/validator" for what is staked, on its
/// way back or claimable, "delegator" for the bank. `decimals` of the smallest unit.
WalkResult explain(const Walk& walk, const PositionKey& key, int decimals);

}  // namespace navkeeper::staking
