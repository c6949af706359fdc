#pragma once
// Reads a fund's delegations up to a chain's newest final state, from where the last reading ended:
// positions, what happened to them, four roll-forwards, parameters, every few hours the chain's validators,
// and what a person should look at.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/staking/app/cosmos_chain.h"

namespace navkeeper::staking {

struct CosmosSyncQuestion {
  std::string source;                   ///< the configured name
  std::vector<std::string> delegators;  ///< accounts of the fund
  model::AssetId asset = model::AssetId::literal("CRO");
  int decimals = 8;                        ///< of the smallest unit
  std::optional<StoredReading> last = {};  ///< the newest that is stored
  std::vector<ParameterReading> known_parameters = {};
  std::optional<ValidatorSet> last_set = {};  ///< the newest that is stored
  int history_days = 365;                     ///< of validators' slashes, for the first set
  std::vector<std::string> payees = {};       ///< further addresses of the fund that rewards may be paid to
  std::set<std::uint64_t> set_aside = {};     ///< heights whose states two people set aside
};

/// The first of `chains` that answers and is believed is read; the others must tell the same of the same
/// height, to the unit. Who does not answer, is not believed or lags is named in the run's detail. Throws as
/// they do where none can be read; base::Refused where two contradict each other.
SyncResult sync_cosmos(const std::vector<std::unique_ptr<CosmosChain>>& chains,
                       const CosmosSyncQuestion& question);

}  // namespace navkeeper::staking
