#pragma once
// Bitcoin by an Esplora index and by Bitcoin Core itself: two programs that share no code.
#include <memory>
#include <string>
#include <vector>

#include "services/custody/adapters/chains/rpc_node.h"
#include "services/custody/app/chains/chain_source.h"
#include "services/custody/domain/bitcoin_address.h"

namespace navkeeper::custody {

struct BitcoinRules {
  /// The id of block 0, by which the network is known. Default: mainnet's.
  std::string genesis = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";
  /// A block with so many confirmations, its own among them, is called final.
  std::uint64_t confirmations = 6;
};

std::unique_ptr<ChainSource> esplora_source(const std::string& name,
                                            std::shared_ptr<http::NodeCarrier> carrier, BitcoinRules rules);

/// One scan answers for any number of addresses: it walks all unspent outputs, which takes minutes.
class BitcoindSource final : public ChainSource {
 public:
  BitcoindSource(std::string name, std::shared_ptr<http::NodeCarrier> carrier, BitcoinRules rules)
      : node_(std::move(name), std::move(carrier)), rules_(std::move(rules)) {}

  const std::string& name() const override { return node_.name(); }
  ChainHead head() override;
  ChainReading read(const std::string& address, std::uint64_t height) override;
  time::Instant time_of(std::uint64_t height) override;
  bool reads_all_at_once() const override { return true; }
  std::vector<ChainReading> read_all(const std::vector<std::string>& addresses,
                                     std::uint64_t height) override;

 private:
  std::string block_hash(std::uint64_t height);

  RpcNode node_;
  BitcoinRules rules_;
};

}  // namespace navkeeper::custody
