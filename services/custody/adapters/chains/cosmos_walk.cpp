#include "services/custody/adapters/chains/cosmos_walk.h"

#include "common/base/refuse.h"

namespace navkeeper::custody {
namespace {

constexpr std::size_t kFoundPageSize = 100;  // CometBFT's most
constexpr std::uint64_t kFoundPagesMax = 500;
constexpr std::size_t kBlocksKept = 2'000;

/// What some transfers did to an account.
struct Net {
  Basecro received;
  Basecro spent;
  Basecro rewarded;
};

Net net_of(const std::vector<CosmosTransfer>& transfers, const std::string& account,
           const std::set<std::string>& own, const std::string& distribution) {
  const auto is_own = [&](const std::string& address) { return address == account || own.contains(address); };
  Net net;
  for (const CosmosTransfer& one : transfers) {
    if (is_own(one.sender) == is_own(one.recipient)) continue;
    if (is_own(one.sender))
      net.spent += one.amount;
    else
      (one.sender == distribution ? net.rewarded : net.received) += one.amount;
  }
  return net;
}

}  // namespace

template <class Add>
void CosmosWalker::search(const std::string& path, const std::string& query, std::uint64_t first,
                          std::uint64_t last, Add&& add) {
  const bool is_block = path == "/block_search";
  const std::string height = is_block ? "block.height" : "tx.height";
  const std::string whole = "\"" + query + " AND " + height + ">=" + std::to_string(first) + " AND " +
                            height + "<=" + std::to_string(last) + "\"";
  const std::string where = rpc_.name() + ": " + path;
  std::uint64_t seen = 0;
  for (std::uint64_t number = 1; number <= kFoundPagesMax; ++number) {
    const std::string body = rpc_.get(path, {{"query", whole},
                                             {"page", std::to_string(number)},
                                             {"per_page", std::to_string(kFoundPageSize)},
                                             {"order_by", "\"asc\""}});
    const CosmosSearchPage page =
        is_block ? parse_block_search(where, body) : parse_transaction_search(where, body);
    for (const CosmosFound& found : page.found) {
      if (found.height < first || found.height > last)
        base::refuse(where, "found block " + std::to_string(found.height) + ", which was not asked for");
      add(found);
    }
    seen += page.found.size();
    if (seen >= page.total) return;
    if (page.found.empty()) base::refuse(where, "ends before what it says that it found");
  }
  base::refuse(where, "has more than " + std::to_string(kFoundPagesMax) + " pages");
}

CosmosWalker::Hashes CosmosWalker::busy(const std::string& account, std::uint64_t first, std::uint64_t last) {
  Hashes found;
  for (const char* key : {"transfer.recipient", "transfer.sender"}) {
    const std::string query = std::string(key) + "='" + account + "'";
    search("/tx_search", query, first, last,
           [&](const CosmosFound& one) { found[one.height][one.index] = one.hash; });
    search("/block_search", query, first, last, [&](const CosmosFound& one) { found[one.height]; });
  }
  return found;
}

const CosmosBlockTransfers& CosmosWalker::block(std::uint64_t height) {
  const auto known = blocks_.find(height);
  if (known != blocks_.end()) return known->second;
  if (blocks_.size() >= kBlocksKept) blocks_.clear();
  const std::string where = rpc_.name() + ": block_results of " + std::to_string(height);
  CosmosBlockTransfers read = parse_cosmos_transfers(
      where, rpc_.get("/block_results", {{"height", std::to_string(height)}}), denomination_);
  if (read.height != height) base::refuse(where, "is of block " + std::to_string(read.height));
  rpc_.take_raw();
  return blocks_.emplace(height, std::move(read)).first->second;
}

std::vector<ChainMovement> CosmosWalker::movements(const std::string& account,
                                                   const std::set<std::string>& own, std::uint64_t first,
                                                   std::uint64_t last, const TimeOf& time_of) {
  const std::string distribution = cosmos_module_address("distribution").to_string();
  std::vector<ChainMovement> movements;
  for (const auto& [height, hashes] : busy(account, first, last)) {
    const CosmosBlockTransfers& read = block(height);
    const time::Instant at = time_of(height);
    const auto add = [&](const std::string& id, const Net& net) {
      ChainMovement movement;
      movement.address = account;
      movement.transaction_id = id;
      movement.height = height;
      movement.at = at;
      movement.received = net.received.coins();
      movement.spent = net.spent.coins();
      if (net.received != net.spent) movements.push_back(movement);
      if (net.rewarded.is_zero()) return;
      movement.is_reward = true;
      movement.received = net.rewarded.coins();
      movement.spent = {};
      movements.push_back(std::move(movement));
    };
    for (std::size_t index = 0; index < read.transactions.size(); ++index) {
      const Net net = net_of(read.transactions[index], account, own, distribution);
      const auto hash = hashes.find(index);
      const bool moves = !(net.received.is_zero() && net.spent.is_zero() && net.rewarded.is_zero());
      if (moves && hash == hashes.end())
        base::refuse(rpc_.name() + ": tx_search", "leaves out transaction " + std::to_string(index) +
                                                      " of block " + std::to_string(height));
      if (moves) add(hash->second, net);
    }
    add("block " + std::to_string(height), net_of(read.block, account, own, distribution));
  }
  rpc_.take_raw();
  return movements;
}

}  // namespace navkeeper::custody
