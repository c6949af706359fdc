#pragma once
// The simulated Ethereum and Cronos EVM: accounts, one token, blocks. Ethereum's blocks have real headers and
// state tries, so that proofs hold; Cronos EVM's have hashes of another kind, as the real chain's.
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "services/sandbox/chains/chain_world.h"
#include "services/sandbox/chains/state_trie.h"

namespace navkeeper::sandbox {

/// After the block: wei by account, token units by holder. Accounts as 40 hexadecimal digits.
struct EvmState {
  std::map<std::string, money::Int128> wei;
  std::map<std::string, money::Int128> token;
};

struct EvmBlock {
  std::uint64_t number = 0;
  std::uint64_t time_s = 0;
  std::string hash;  ///< with 0x
  std::string parent;
  std::string state_root;
  std::string extra_data;  ///< what tells variants of a block apart
};

/// A payment in native coins as its block shows it.
struct EvmTransfer {
  ChainPayment payment;
  std::uint64_t height = 0;
  bool is_done = false;  ///< false: there was not enough, and nothing moved
};
/// The id of the transaction that a payment of the world is, with 0x.
std::string evm_payment_id(std::uint64_t seed, SimulatedChain chain, std::uint64_t number);

/// What each header field is called in JSON, with its value, in no order that matters.
using HeaderFields = std::vector<std::pair<std::string, std::string>>;

class EvmLedger {
 public:
  EvmLedger(SimulatedChain chain, const ChainWorld& world) : chain_(chain), world_(world) {}

  static constexpr std::uint64_t kBalancesPosition = 0;  ///< of the token's mapping in its storage
  static constexpr int kTokenDecimals = 8;
  /// 40 hexadecimal digits.
  std::string token_contract() const { return account_hex(world_.seed(), "token"); }

  EvmState state_at(std::uint64_t number) const;
  /// In blocks [first, last], in their order there; none that a contract made.
  std::vector<EvmTransfer> transfers(std::uint64_t first, std::uint64_t last) const;
  /// The same of the token; none that leaves no event.
  std::vector<EvmTransfer> token_transfers(std::uint64_t first, std::uint64_t last) const;
  /// Blocks from the oldest to `tip`, by variant; kept between calls.
  EvmBlock block(std::uint64_t number, std::uint64_t tip,
                 const std::function<std::uint64_t(std::uint64_t)>& variant) const;
  HeaderFields header_fields(const EvmBlock& block) const;

  /// The trie of all accounts, and the token's own.
  StateTrie accounts(const EvmState& state) const;
  StateTrie token_storage(const EvmState& state) const;
  static base::Bytes token_slot(const std::string& holder);

 private:
  std::vector<EvmTransfer> transfers_of(bool token, std::uint64_t first, std::uint64_t last) const;
  std::string state_root(std::uint64_t number) const;
  EvmBlock made(std::uint64_t number, const std::string& parent, const std::string& root,
                std::uint64_t variant) const;

  SimulatedChain chain_;
  const ChainWorld& world_;
  mutable std::mutex mutex_;
  mutable std::vector<EvmBlock> blocks_;
  mutable std::string made_for_;  ///< what the blocks kept depend on
};

/// The newest block of Ethereum that is final when `tip` is the newest: the first of the epoch two before.
std::uint64_t finalized_number(const ChainWorld& world, std::uint64_t tip);
std::uint64_t slot_of(const ChainWorld& world, std::uint64_t number);

}  // namespace navkeeper::sandbox
