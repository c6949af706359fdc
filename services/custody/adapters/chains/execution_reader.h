#pragma once
// Questions to one execution client; a part of the EVM sources.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/custody/adapters/chains/evm_source.h"
#include "services/custody/adapters/chains/execution_wire.h"
#include "services/custody/adapters/chains/rpc_node.h"

namespace navkeeper::custody {

/// A block of a walk.
struct WalkedBlock {
  crypto::Digest256 hash{};
  time::Instant at;
};

class ExecutionReader {
 public:
  ExecutionReader(std::string name, std::shared_ptr<http::NodeCarrier> carrier, EvmRules rules)
      : node_(std::move(name), std::move(carrier)), rules_(std::move(rules)) {}

  const std::string& name() const { return node_.name(); }
  const EvmRules& rules() const { return rules_; }
  ChainHead head();
  /// The native balance as total and available, then the tokens; the header of the block.
  ExecutionBlock read(ChainReading& reading, const EthereumAddress& address, std::uint64_t height);
  time::Instant time_of(std::uint64_t height);
  /// What came in (or, `is_out`, went out) of one token in [from_block, to_block], in pieces of
  /// kLogBlocksMax.
  std::vector<TokenTransfer> token_transfers(const TokenRule& token, const EthereumAddress& address,
                                             bool is_out, std::uint64_t from_block, std::uint64_t to_block);

  /// As ChainSource::walk; nothing where the rules say not to.
  std::optional<ChainWalk> walk(const std::vector<std::string>& addresses, const ChainWalkTerms& terms);

  static constexpr std::uint64_t kLogBlocksMax = 5'000;

 private:
  ExecutionBlock block(std::uint64_t height);
  static time::Instant instant_of(const ExecutionBlock& block);
  std::uint64_t first_since(time::Instant since, std::uint64_t to);
  money::Int128 wei_at(const EthereumAddress& address, std::uint64_t height);
  money::Int128 tokens_at(const TokenRule& token, const EthereumAddress& address, std::uint64_t height);
  void walk_token(ChainWalk& walk, const TokenRule& token, const std::string& text,
                  const EthereumAddress& address, const std::vector<WalkedBlock>& blocks);
  std::optional<ExecutionBlock> tagged_block(std::string_view tag);
  money::Int128 native(ChainReading& reading, const EthereumAddress& address, const ExecutionBlock& block);
  Balance token_balance(const ChainReading& reading, const TokenRule& token, const EthereumAddress& address,
                        const ExecutionBlock& block);

  RpcNode node_;
  EvmRules rules_;
};

}  // namespace navkeeper::custody
