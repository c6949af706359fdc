#pragma once
// What moved at an account of Cronos POS, by a node's CometBFT RPC: blocks in which it paid or was paid are
// found by the node's own search, and read. A part of the Cronos POS source.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/http/node.h"
#include "services/custody/adapters/chains/cosmos_transfers_wire.h"
#include "services/custody/app/chains/chain_source.h"

namespace navkeeper::custody {

class CosmosWalker {
 public:
  CosmosWalker(std::string name, std::shared_ptr<http::NodeCarrier> carrier, std::string denomination)
      : rpc_(std::move(name), std::move(carrier)), denomination_(std::move(denomination)) {}

  using TimeOf = std::function<time::Instant(std::uint64_t height)>;
  /// By transaction: what came to the account less what left it, fees included; rewards apart. `own`:
  /// accounts that count as this one (its tiered positions). Staking and unstaking are no payments: x/staking
  /// moves them without the event that is read.
  std::vector<ChainMovement> movements(const std::string& account, const std::set<std::string>& own,
                                       std::uint64_t first, std::uint64_t last, const TimeOf& time_of);

 private:
  using Hashes = std::map<std::uint64_t, std::map<std::uint64_t, std::string>>;  // by height and index
  Hashes busy(const std::string& account, std::uint64_t first, std::uint64_t last);
  template <class Add>
  void search(const std::string& path, const std::string& query, std::uint64_t first, std::uint64_t last,
              Add&& add);
  const CosmosBlockTransfers& block(std::uint64_t height);

  http::Node rpc_;
  std::string denomination_;
  std::map<std::uint64_t, CosmosBlockTransfers> blocks_;
};

}  // namespace navkeeper::custody
