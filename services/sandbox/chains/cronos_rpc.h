#pragma once
// CometBFT's RPC of a simulated Cronos POS node: block_results, tx_search, block_search, abci_query.
#include <cstdint>
#include <functional>

#include "common/http/router.h"
#include "services/sandbox/chains/cronos_ledger.h"

namespace navkeeper::sandbox {

struct CronosRpc {
  const CronosLedger* ledger = nullptr;
  std::function<std::uint64_t()> tip;
  std::uint64_t first = 0;  ///< the oldest block
  bool encoded = false;     ///< as before 0.37: attributes in base64, begin and end block apart
};

void add_cronos_rpc(http::Router& router, CronosRpc rpc);

}  // namespace navkeeper::sandbox
