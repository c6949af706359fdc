#pragma once
// A chain, a custodian or an issuer that tells what is staked.
#include "services/staking/app/staking_store.h"

namespace navkeeper::staking {

class StakingSource {
 public:
  virtual ~StakingSource() = default;
  /// The configured name: stands in every key, never reused for something else.
  virtual const std::string& name() const = 0;
  virtual const model::FundId& fund() const = 0;
  /// Reads everything up to the newest final state, from where `store` ends. `result.run` is the caller's to
  /// fill but for its detail, which names what failed where the rest can be believed. Throws
  /// base::Unavailable (nobody answered) or base::Refused (what was answered is not believed): then nothing
  /// of it is stored but the raw answers and an alert.
  virtual SyncResult read(StakingStore& store) = 0;
  /// What was answered since the last time, also after a throw.
  virtual std::vector<model::NodeAnswer> take_raw() = 0;
};

}  // namespace navkeeper::staking
