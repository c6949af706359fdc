#pragma once
// Reads a chain's validators at a final state, with what is kept of their slashes since the first reading: a
// fund's plans choose among them.
#include "services/staking/app/cosmos_chain.h"
#include "services/staking/domain/validator_set.h"

namespace navkeeper::staking {

struct ValidatorQuestion {
  std::string source;
  model::AssetId asset = model::AssetId::literal("CRO");
  int decimals = 8;        ///< of the smallest unit
  int history_days = 365;  ///< how far back the first reading looks for slashes
  time::Duration every = time::Duration::hours(6);
  std::optional<ValidatorSet> last = {};  ///< the newest that is stored, with all slashes
};

/// Whether a set at `head` is due after the last one.
bool is_set_due(const ValidatorQuestion& question, const StateMark& head);

/// `list` is what the chain told at `head`. Slashes are asked for of validators that earn. The first reading
/// compares them with those of the oldest state that the node keeps, `history_days` back at most.
ValidatorSet read_validator_set(CosmosChain& chain, const StateMark& head, const CosmosValidatorList& list,
                                const CosmosParameters& parameters, const ValidatorQuestion& question);

}  // namespace navkeeper::staking
