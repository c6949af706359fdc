#pragma once
// Custody over HTTP: what it keeps of a custodian's word. A service of its own: nothing of it is included.
#include <string>
#include <string_view>
#include <vector>

#include "services/staking/adapters/chain_node.h"
#include "services/staking/app/custodian_sync.h"

namespace navkeeper::staking {

/// GET /v1/custody/funds/{fund}/balances; rows of `source` alone. Refused (base::Refused): what is none.
std::vector<CustodianBalance> parse_custody_balances(const std::string& where, std::string_view body,
                                                     const std::string& source);
/// GET /v1/custody/funds/{fund}/records/{kind}; records without an amount are left out.
std::vector<CustodianRecord> parse_custody_records(const std::string& where, std::string_view body,
                                                   const std::string& source);

/// Asks custody through `node`; throws base::Unavailable where it does not answer.
CustodianWord read_custody(http::Node& node, const model::FundId& fund, const std::string& source);

}  // namespace navkeeper::staking
