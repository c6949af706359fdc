#pragma once
// Whether what a valuation policy names is there on every day that it holds for: strike indices of its coin,
// a coin with a policy. Asked when a policy is applied and when what it names is defined anew.
#include <string>
#include <vector>

#include "common/db/transaction.h"
#include "services/pricing/app/price_ports.h"
#include "services/pricing/app/strike_rate.h"

namespace navkeeper::pricing {

/// The policy's versions with it, in the order in which they came. Throws base::Refused naming file, field
/// and rule.
void refuse_unfit_policy(db::Transaction& transaction, const StoredPolicy& policy, const std::string& file);

/// `versions`: of an asset, the last one is new. Refused: a token's policy names the asset as its coin on
/// days on which it no longer has a coin's policy.
void refuse_policy_that_tokens_need(db::Transaction& transaction, const std::vector<StoredPolicy>& versions,
                                    const std::string& file);

/// `versions`: of an index, the last one is new. Refused: a policy names the index on days, from the new
/// version's first one on, on which it no longer holds.
void refuse_definition_that_policies_need(db::Transaction& transaction,
                                          const std::vector<StoredDefinition>& versions,
                                          const std::string& file);

/// The asset's policies in the order in which they came.
std::vector<StoredPolicy> policies_in(db::Transaction& transaction, const model::AssetId& asset);
/// The index's definitions in the order in which they came.
std::vector<StoredDefinition> definitions_in(db::Transaction& transaction, const std::string& index);

}  // namespace navkeeper::pricing
