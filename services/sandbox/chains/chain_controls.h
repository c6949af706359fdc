#pragma once
// What a test or a person asks of the simulated chains beside reading them: payments, faults,
// reorganisations.
#include "common/http/router.h"
#include "common/json/write.h"
#include "services/sandbox/chains/chain_nodes.h"

namespace navkeeper::sandbox {

/// POST /sandbox/v1/chains/payments {"chain","to","amount"[,"from"][,"token"]}: amount in the smallest unit;
/// POST /sandbox/v1/chains/faults {"node","kind","seconds"}, DELETE ends all;
/// POST /sandbox/v1/chains/reorganisations {"chain","depth"}.
void add_chain_controls(http::Router& router, ChainNodes& nodes);

/// "chains": what readers need to know of each node and chain.
void write_chains(json::Writer& writer, const ChainNodes& nodes);

}  // namespace navkeeper::sandbox
