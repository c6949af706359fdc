#include "services/sandbox/chains/evm_ledger.h"

#include <algorithm>
#include <array>

#include "common/crypto/digest.h"
#include "services/sandbox/chains/chain_node.h"
#include "services/sandbox/dice.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::size_t kStrangers = 40;
constexpr std::int64_t kBeaconGenesisSecond = 1'606'824'023;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr money::Int128 kEther = 1'000'000'000'000'000'000;

std::string hash_of(std::string_view text) { return "0x" + base::to_hex(crypto::keccak256(text)); }
std::string account_of(const std::string& address) {
  return address.starts_with("0x") ? address.substr(2) : address;
}

base::Bytes bytes_of(const std::string& hex) {
  return *base::from_hex(hex.starts_with("0x") ? hex.substr(2) : hex);
}

/// A quantity's digits in RLP.
base::Bytes rlp_quantity(const std::string& text) {
  unsigned __int128 value = 0;
  for (const char c : text.substr(2))
    value = value * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
  return rlp_number(value);
}

/// False: not enough there, it does not happen.
bool move(std::map<std::string, money::Int128>& balances, const ChainPayment& payment) {
  if (!payment.from.empty()) {
    money::Int128& from = balances[account_of(payment.from)];
    if (from < payment.amount) return false;
    from -= payment.amount;
  }
  if (!payment.to.empty()) balances[account_of(payment.to)] += payment.amount;
  return true;
}

}  // namespace

std::string evm_payment_id(std::uint64_t seed, SimulatedChain chain, std::uint64_t number) {
  return "0x" + crypto::sha256_hex(std::to_string(seed) + " " + std::string(name_of(chain)) + " payment " +
                                   std::to_string(number));
}

std::vector<EvmTransfer> EvmLedger::transfers(std::uint64_t first, std::uint64_t last) const {
  return transfers_of(false, first, last);
}

std::vector<EvmTransfer> EvmLedger::token_transfers(std::uint64_t first, std::uint64_t last) const {
  return transfers_of(true, first, last);
}

std::vector<EvmTransfer> EvmLedger::transfers_of(bool token, std::uint64_t first, std::uint64_t last) const {
  std::map<std::string, money::Int128> units;
  std::vector<EvmTransfer> found;
  for (const ChainPayment& payment : world_.payments(chain_)) {
    const auto height = world_.height_of(chain_, payment);
    if (payment.token != token || !height || *height > last) continue;
    const bool is_done = move(units, payment);
    if (*height >= first && !payment.internal) found.push_back({payment, *height, is_done});
  }
  return found;
}

EvmState EvmLedger::state_at(std::uint64_t number) const {
  EvmState state;
  Dice dice = Dice::at({world_.seed(), 78, static_cast<std::uint64_t>(chain_)});
  for (std::size_t i = 0; i < kStrangers; ++i)
    state.wei[account_hex(world_.seed(), "stranger " + std::to_string(i))] =
        dice.between(1, 1'000'000) * (kEther / 1'000) + dice.between(0, 999'999);
  for (const ChainPayment& payment : world_.payments(chain_)) {
    const auto height = world_.height_of(chain_, payment);
    if (height && *height <= number) move(payment.token ? state.token : state.wei, payment);
  }
  return state;
}

base::Bytes EvmLedger::token_slot(const std::string& holder) {
  base::Bytes words(64, 0);
  const base::Bytes account = bytes_of(holder);
  std::copy(account.begin(), account.end(), words.begin() + 12);
  words[63] = static_cast<std::uint8_t>(kBalancesPosition);
  const auto slot = crypto::keccak256(words);
  return {slot.begin(), slot.end()};
}

StateTrie EvmLedger::token_storage(const EvmState& state) const {
  StateTrie trie;
  for (const auto& [holder, amount] : state.token) {
    if (amount > 0) trie.put(token_slot(holder), rlp_number(static_cast<unsigned __int128>(amount)));
  }
  return trie;
}

StateTrie EvmLedger::accounts(const EvmState& state) const {
  static const auto kNoCode = crypto::keccak256(std::string_view());
  static const auto kNoStorage = StateTrie().root();
  StateTrie trie;
  const auto account = [&](const std::string& name, std::uint64_t nonce, money::Int128 wei,
                           const crypto::Digest256& storage, const crypto::Digest256& code) {
    trie.put(bytes_of(name), rlp_items({rlp_number(nonce), rlp_number(static_cast<unsigned __int128>(wei)),
                                        rlp_bytes(storage), rlp_bytes(code)}));
  };
  for (const auto& [name, wei] : state.wei) {
    if (wei > 0) account(name, 0, wei, kNoStorage, kNoCode);
  }
  account(token_contract(), 1, 0, token_storage(state).root(),
          crypto::keccak256(std::string_view("the token's code")));
  return trie;
}

std::string EvmLedger::state_root(std::uint64_t number) const {
  return "0x" + base::to_hex(accounts(state_at(number)).root());
}

HeaderFields EvmLedger::header_fields(const EvmBlock& block) const {
  static const std::string kEmptyTrie = "0x" + base::to_hex(StateTrie().root());
  const std::string zeros(64, '0');
  HeaderFields fields{{"parentHash", block.parent},
                      {"sha3Uncles", "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"},
                      {"miner", "0x" + account_hex(world_.seed(), "proposer")},
                      {"stateRoot", block.state_root},
                      {"transactionsRoot", kEmptyTrie},
                      {"receiptsRoot", kEmptyTrie},
                      {"logsBloom", "0x" + std::string(512, '0')},
                      {"difficulty", "0x0"},
                      {"number", hex_quantity(block.number)},
                      {"gasLimit", "0x2255100"},
                      {"gasUsed", "0x5208"},
                      {"timestamp", hex_quantity(block.time_s)},
                      {"extraData", block.extra_data},
                      {"mixHash", hash_of("mix " + std::to_string(block.number))},
                      {"nonce", "0x0000000000000000"},
                      {"baseFeePerGas", "0x3b9aca07"}};
  if (chain_ == SimulatedChain::kEthereum) {
    fields.insert(fields.end(),
                  {{"withdrawalsRoot", kEmptyTrie},
                   {"blobGasUsed", "0x20000"},
                   {"excessBlobGas", "0x0"},
                   {"parentBeaconBlockRoot", hash_of("beacon " + std::to_string(block.number - 1))},
                   {"requestsHash", "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}});
  }
  return fields;
}

EvmBlock EvmLedger::made(std::uint64_t number, const std::string& parent, const std::string& root,
                         std::uint64_t variant) const {
  EvmBlock block;
  block.number = number;
  block.time_s = static_cast<std::uint64_t>(world_.time_of(chain_, number).ns() / kNsPerSecond);
  block.parent = parent;
  block.state_root = root;
  block.extra_data = "0x";
  if (variant != 0)
    block.extra_data = "0x" + base::to_hex(crypto::keccak256(std::to_string(variant))).substr(0, 16);
  if (chain_ != SimulatedChain::kEthereum) {
    block.hash = hash_of("cronos " + parent + root + std::to_string(number) + block.extra_data);
    return block;
  }
  std::vector<base::Bytes> items;
  for (const auto& [name, value] : header_fields(block)) {
    const bool quantity = name == "difficulty" || name == "number" || name == "gasLimit" ||
                          name == "gasUsed" || name == "timestamp" || name == "baseFeePerGas" ||
                          name == "blobGasUsed" || name == "excessBlobGas";
    items.push_back(quantity ? rlp_quantity(value) : rlp_bytes(bytes_of(value)));
  }
  block.hash = "0x" + base::to_hex(crypto::keccak256(rlp_items(items)));
  return block;
}

EvmBlock EvmLedger::block(std::uint64_t number, std::uint64_t tip,
                          const std::function<std::uint64_t(std::uint64_t)>& variant) const {
  const std::uint64_t first = world_.rhythm(chain_).first;
  const auto payments = world_.payments(chain_);
  const std::lock_guard lock(mutex_);
  const std::string made_for = std::to_string(world_.generation(chain_)) + "/" +
                               std::to_string(payments.size()) + "/" + std::to_string(variant(tip)) + "/" +
                               std::to_string(variant(tip > 100 ? tip - 100 : tip));
  if (made_for_ != made_for) {
    blocks_.clear();
    made_for_ = made_for;
  }
  // The state changes with payments alone.
  std::vector<std::uint64_t> changes;
  for (const ChainPayment& payment : payments) {
    if (const auto height = world_.height_of(chain_, payment)) changes.push_back(*height);
  }
  std::sort(changes.begin(), changes.end());
  while (blocks_.empty() || blocks_.back().number < std::max(tip, number)) {
    const std::uint64_t next = first + blocks_.size();
    const bool changed = blocks_.empty() || std::binary_search(changes.begin(), changes.end(), next);
    const std::string root = changed ? state_root(next) : blocks_.back().state_root;
    const std::string parent = blocks_.empty() ? hash_of("before the first") : blocks_.back().hash;
    blocks_.push_back(made(next, parent, root, variant(next)));
  }
  return blocks_[static_cast<std::size_t>(number - first)];
}

std::uint64_t slot_of(const ChainWorld& world, std::uint64_t number) {
  const std::int64_t second = world.time_of(SimulatedChain::kEthereum, number).ns() / kNsPerSecond;
  return static_cast<std::uint64_t>((second - kBeaconGenesisSecond) / 12);
}

std::uint64_t finalized_number(const ChainWorld& world, std::uint64_t tip) {
  const std::uint64_t slot = slot_of(world, tip);
  const std::uint64_t back = slot - (slot / 32 - 2) * 32;
  return std::max(world.rhythm(SimulatedChain::kEthereum).first, tip - back);
}

}  // namespace navkeeper::sandbox
