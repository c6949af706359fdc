#pragma once
// A chain's validators in PostgreSQL (sql/staking/0007_validator_sets); included by stores alone.
#include "common/db/transaction.h"
#include "services/staking/app/staking_store.h"

namespace navkeeper::staking {

/// Adds what is new: a set of a height that is known is the same set.
void add_validator_sets(db::Transaction& transaction, const model::FundId& fund,
                        const std::vector<ValidatorSet>& sets, time::Instant known_at);

}  // namespace navkeeper::staking
