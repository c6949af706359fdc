// A simulated execution client over JSON-RPC (ethereum/execution-apis), of Ethereum and of Cronos EVM.
#include <algorithm>

#include "common/json/write.h"
#include "services/sandbox/chains/beacon_ledger.h"
#include "services/sandbox/chains/chain_node.h"
#include "services/sandbox/chains/evm_ledger.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::string_view kTransfer = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
constexpr std::uint64_t kStaleBlocks = 5;

std::string word(money::Int128 value) {
  const std::string digits = hex_quantity(static_cast<unsigned __int128>(value)).substr(2);
  return "0x" + std::string(64 - digits.size(), '0') + digits;
}

std::string padded(const std::string& account) { return "0x" + std::string(24, '0') + account; }

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::optional<std::uint64_t> quantity(std::string_view text) {
  if (!text.starts_with("0x") || text.size() < 3 || text.size() > 18) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text.substr(2)) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value * 16 + digit;
  }
  return value;
}

class Execution final : public ChainNode {
 public:
  Execution(std::string name, SimulatedChain chain, const ChainWorld& world, const ChainFaultBoard& faults)
      : ChainNode(std::move(name), chain, world, faults), ledger_(chain, world), fleet_(world) {}

  void add_routes(http::Router& router) override {
    router.post("/", [this](const http::Request& request) {
      const auto call = parse_rpc(request.body);
      return call ? answer(*call) : http::Response::text("", 400);
    });
  }

 private:
  bool ethereum() const { return chain() == SimulatedChain::kEthereum; }

  EvmBlock block(std::uint64_t number) const {
    return ledger_.block(number, tip(), [this](std::uint64_t height) { return variant(height); });
  }

  /// The block that a question is about; nothing: there is none.
  std::optional<EvmBlock> asked(const std::string& tag) const {
    const std::uint64_t newest = tip();
    if (tag.empty() || tag == "latest" || tag == "pending") return block(newest);
    if (tag == "finalized" || tag == "safe")
      return block(ethereum() ? finalized_number(world(), newest) : newest);
    const std::uint64_t first = world().rhythm(chain()).first;
    if (tag.size() == 66) {
      for (std::uint64_t number = newest;; --number) {
        EvmBlock found = block(number);
        if (found.hash == tag) return found;
        if (number == first) return std::nullopt;
      }
    }
    auto number = quantity(tag);
    if (!number || *number > newest || *number < first) return std::nullopt;
    if (has(ChainFault::kStaleHeight)) number = std::max(first, *number - kStaleBlocks);
    return block(*number);
  }

  http::Response answer(const RpcCall& call) const {
    if (call.method == "eth_chainId") {
      const std::uint64_t id = has(ChainFault::kWrongChain) ? 11'155'111 : ethereum() ? 1 : 25;
      return rpc_result(call, json::quoted(hex_quantity(id)));
    }
    if (call.method == "eth_syncing")
      return rpc_result(call, has(ChainFault::kSyncing)
                                  ? R"({"startingBlock":"0x0","currentBlock":"0x5","highestBlock":"0x50"})"
                                  : "false");
    if (call.method == "eth_blockNumber") return rpc_result(call, json::quoted(hex_quantity(tip())));
    if (call.method == "eth_getBlockByNumber" || call.method == "eth_getBlockByHash") {
      const auto found = asked(text_parameter(call, 0));
      return rpc_result(call, found ? written(*found) : "null");
    }
    if (call.method == "eth_getBlockReceipts" && ethereum()) {
      const auto found = asked(text_parameter(call, 0));
      return rpc_result(call, found ? receipts(*found) : "null");
    }
    if (call.method == "eth_getTransactionReceipt") return receipt_of(call);
    if (call.method == "eth_getLogs") return logs(call);
    if (call.method != "eth_getBalance" && call.method != "eth_getProof" && call.method != "eth_call")
      return rpc_error(call, -32601, "the method " + call.method + " does not exist/is not available");
    const auto found = asked(text_parameter(call, call.method == "eth_getProof" ? 2 : 1));
    if (!found) return rpc_error(call, -32000, "header not found");
    const EvmState state = ledger_.state_at(found->number);
    if (call.method == "eth_call") return token_call(call, state);
    const std::string account = lower(text_parameter(call, 0)).substr(2);
    if (account.size() != 40)
      return rpc_error(call, -32602, "invalid argument 0: hex string has wrong length");
    if (call.method == "eth_getBalance") {
      // What the fleet's owner receives is the beacon chain's to know, and outside the tries of the blocks.
      const money::Int128 held = ethereum() && account == account_hex(world().seed(), kFleetOwner)
                                     ? fleet_state(found->number).owner_wei
                                     : wei(state, account);
      return rpc_result(call, json::quoted(hex_quantity(static_cast<unsigned __int128>(shown(held)))));
    }
    return proof(call, state, account);
  }

  static money::Int128 wei(const EvmState& state, const std::string& account) {
    const auto found = state.wei.find(account);
    return found == state.wei.end() ? 0 : found->second;
  }
  static money::Int128 token(const EvmState& state, const std::string& account) {
    const auto found = state.token.find(account);
    return found == state.token.end() ? 0 : found->second;
  }

  std::string amount(money::Int128 of) const {
    return hex_quantity(static_cast<unsigned __int128>(shown(of)));
  }
  Variant variants() const {
    return by_slot(world(), [this](std::uint64_t number) { return variant(number); });
  }
  BeaconState fleet_state(std::uint64_t number) const {
    return fleet_.state_at(slot_of(world(), number), slot_of(world(), tip()), variants());
  }
  /// Blocks that the fleet proposed have a transaction; everybody else's are shown empty.
  std::optional<BeaconBlock> own_block(std::uint64_t number) const {
    if (!ethereum()) return std::nullopt;
    const BeaconBlock block = fleet_.block_at(slot_of(world(), number), slot_of(world(), tip()), variants());
    return block.is_own() ? std::optional(block) : std::nullopt;
  }
  static std::string transaction_of(const EvmBlock& block) {
    return "0x" + base::to_hex(crypto::keccak256("the transaction of " + block.hash));
  }

  /// What a payment costs is not modelled.
  void receipt(json::Writer& writer, const EvmBlock& block, const EvmTransfer& transfer,
               std::size_t index) const {
    writer.begin_object()
        .member("transactionHash", evm_payment_id(world().seed(), chain(), transfer.payment.number))
        .member("blockHash", block.hash)
        .member("blockNumber", hex_quantity(block.number))
        .member("transactionIndex", hex_quantity(index))
        .member("status", transfer.is_done ? "0x1" : "0x0")
        .member("gasUsed", "0x0")
        .member("effectiveGasPrice", "0x3b9aca07")
        .end_object();
  }

  http::Response receipt_of(const RpcCall& call) const {
    const std::string id = text_parameter(call, 0);
    const auto all = ledger_.transfers(world().rhythm(chain()).first, tip());
    for (std::size_t i = 0, index = 0; i < all.size(); ++i) {
      index = i > 0 && all[i - 1].height == all[i].height ? index + 1 : 0;
      if (evm_payment_id(world().seed(), chain(), all[i].payment.number) != id) continue;
      json::Writer writer;
      receipt(writer, block(all[i].height), all[i], index);
      return rpc_result(call, writer.take());
    }
    return rpc_result(call, "null");
  }

  std::string receipts(const EvmBlock& block) const {
    json::Writer writer;
    writer.begin_array();
    const auto paid = ledger_.transfers(block.number, block.number);
    for (std::size_t i = 0; i < shown_count(paid.size()); ++i) receipt(writer, block, paid[i], i);
    const auto own = own_block(block.number);
    if (own && shown_count(1) > 0)
      writer.begin_object()
          .member("transactionHash", transaction_of(block))
          .member("blockHash", block.hash)
          .member("blockNumber", hex_quantity(block.number))
          .member("transactionIndex", hex_quantity(paid.size()))
          .member("status", "0x1")
          .member("gasUsed", hex_quantity(static_cast<unsigned __int128>(kBlockGas)))
          .member("effectiveGasPrice", hex_quantity(static_cast<unsigned __int128>(own->gas_price)))
          .end_object();
    return writer.end_array().take();
  }

  std::string written(const EvmBlock& block) const {
    json::Writer writer;
    writer.begin_object().member("hash", block.hash);
    for (const auto& [name, value] : ledger_.header_fields(block)) writer.member(name, value);
    writer.member("size", "0x220").key("transactions").begin_array();
    const auto paid = ledger_.transfers(block.number, block.number);
    const std::string outside = "0x" + account_hex(world().seed(), "stranger 0");
    for (std::size_t i = 0; i < shown_count(paid.size()); ++i) {
      const ChainPayment& payment = paid[i].payment;
      writer.begin_object()
          .member("hash", evm_payment_id(world().seed(), chain(), payment.number))
          .member("blockHash", block.hash)
          .member("transactionIndex", hex_quantity(i))
          .member("from", payment.from.empty() ? outside : payment.from)
          .member("to", payment.to.empty() ? outside : payment.to)
          .member("value", amount(payment.amount))
          .end_object();
    }
    if (const auto own = own_block(block.number))
      writer.begin_object()
          .member("hash", transaction_of(block))
          .member("blockHash", block.hash)
          .member("transactionIndex", hex_quantity(paid.size()))
          .member("from", "0x" + account_hex(world().seed(), own->by_builder ? kBuilder : "stranger 2"))
          .member("to", "0x" + account_hex(world().seed(), own->by_builder ? kFleetOwner : "stranger 3"))
          .member("value", amount(own->by_builder ? own->mev : 1'000'000'000))
          .end_object();
    writer.end_array().key("uncles").begin_array().end_array();
    return writer.end_object().take();
  }

  void nodes(json::Writer& writer, std::string_view name, const std::vector<base::Bytes>& path) const {
    writer.key(name).begin_array();
    std::size_t left = shown_count(path.size());
    for (const base::Bytes& node : path) {
      if (left-- == 0) break;
      for (int again = 0; again < (has(ChainFault::kDuplicate) ? 2 : 1); ++again)
        writer.string("0x" + base::to_hex(node));
    }
    writer.end_array();
  }

  http::Response proof(const RpcCall& call, const EvmState& state, const std::string& account) const {
    json::Writer writer;
    writer.begin_object().member("address", "0x" + account);
    if (!ethereum()) {  // Another kind of tree.
      writer.key("accountProof")
          .begin_array()
          .string("0x12e60a")
          .end_array()
          .member("balance", hex_quantity(static_cast<unsigned __int128>(shown(wei(state, account)))));
      return rpc_result(call, writer.member("storageHash", word(0))
                                  .key("storageProof")
                                  .begin_array()
                                  .end_array()
                                  .end_object()
                                  .take());
    }
    nodes(writer, "accountProof", ledger_.accounts(state).prove(*base::from_hex(account)));
    const bool contract = account == ledger_.token_contract();
    const StateTrie storage = contract ? ledger_.token_storage(state) : StateTrie();
    writer.member("balance", hex_quantity(static_cast<unsigned __int128>(shown(wei(state, account)))))
        .member("nonce", contract ? "0x1" : "0x0");
    writer.member("storageHash", "0x" + base::to_hex(storage.root())).key("storageProof").begin_array();
    if (call.parameters.size() > 1 && call.parameters[1].kind() == json::Kind::kArray) {
      for (const json::Value& slot : call.parameters[1].as_array()) {
        if (slot.kind() != json::Kind::kString || slot.as_string().size() != 66) continue;
        const base::Bytes key = *base::from_hex(slot.as_string().substr(2));
        money::Int128 value = 0;
        for (const auto& [holder, amount] : state.token) {
          if (contract && EvmLedger::token_slot(holder) == key) value = amount;
        }
        writer.begin_object()
            .member("key", slot.as_string())
            .member("value", hex_quantity(static_cast<unsigned __int128>(shown(value))));
        nodes(writer, "proof", storage.prove(key));
        writer.end_object();
      }
    }
    return rpc_result(call, writer.end_array().end_object().take());
  }

  http::Response token_call(const RpcCall& call, const EvmState& state) const {
    const json::Value* to = nullptr;
    const json::Value* data = nullptr;
    if (!call.parameters.empty() && call.parameters[0].kind() == json::Kind::kObject) {
      to = call.parameters[0].find("to");
      data = call.parameters[0].find("data");
    }
    if (to == nullptr || data == nullptr || to->kind() != json::Kind::kString ||
        data->kind() != json::Kind::kString)
      return rpc_error(call, -32602, "invalid argument 0");
    const std::string& input = data->as_string();
    if (lower(to->as_string()) != "0x" + ledger_.token_contract() || !ethereum())
      return rpc_result(call, "\"0x\"");
    if (input == "0x313ce567") return rpc_result(call, json::quoted(word(EvmLedger::kTokenDecimals)));
    if (input.starts_with("0x70a08231") && input.size() == 74)
      return rpc_result(call, json::quoted(word(shown(token(state, lower(input.substr(34)))))));
    return rpc_error(call, 3, "execution reverted");
  }

  http::Response logs(const RpcCall& call) const {
    if (call.parameters.empty() || call.parameters[0].kind() != json::Kind::kObject)
      return rpc_error(call, -32602, "invalid argument 0");
    const json::Value& filter = call.parameters[0];
    const auto number_of = [&](const char* key) {
      const json::Value* value = filter.find(key);
      return value != nullptr && value->kind() == json::Kind::kString ? quantity(value->as_string())
                                                                      : std::nullopt;
    };
    const auto from = number_of("fromBlock");
    const auto to = number_of("toBlock");
    if (!from || !to || *from > *to) return rpc_error(call, -32602, "invalid block range params");
    if (*to > tip()) return rpc_error(call, -32602, "block range extends beyond current head block");
    const json::Value* topics = filter.find("topics");
    const auto topic = [&](std::size_t place) -> std::optional<std::string> {
      if (topics == nullptr || topics->kind() != json::Kind::kArray || topics->as_array().size() <= place ||
          topics->as_array()[place].kind() != json::Kind::kString)
        return std::nullopt;
      return topics->as_array()[place].as_string();
    };
    const auto sender = topic(1);
    const auto receiver = topic(2);
    if (!sender && !receiver) return rpc_error(call, -32602, "topics must name an address");
    const auto stranger = [&](const std::string& address) {
      return padded(address.empty() ? account_hex(world().seed(), "stranger 0") : address.substr(2));
    };
    json::Writer writer;
    writer.begin_array();
    std::size_t left = shown_count(1'000'000);
    for (const EvmTransfer& transfer : ledger_.token_transfers(*from, *to)) {
      const ChainPayment& payment = transfer.payment;
      if (!transfer.is_done || (sender && *sender != stranger(payment.from)) ||
          (receiver && *receiver != stranger(payment.to)))
        continue;
      if (left-- == 0) break;
      const EvmBlock found = block(transfer.height);
      for (int again = 0; again < (has(ChainFault::kDuplicate) ? 2 : 1); ++again) {
        writer.begin_object()
            .member("address", "0x" + ledger_.token_contract())
            .key("topics")
            .begin_array()
            .string(kTransfer);
        writer.string(stranger(payment.from)).string(stranger(payment.to)).end_array();
        writer.member("data", word(shown(payment.amount)))
            .member("blockNumber", hex_quantity(transfer.height))
            .member("blockHash", found.hash);
        writer.member("transactionHash",
                      "0x" + base::to_hex(crypto::keccak256("payment " + std::to_string(payment.number))));
        writer.member("transactionIndex", "0x0")
            .member("logIndex", hex_quantity(payment.number))
            .member("removed", false)
            .end_object();
      }
    }
    return rpc_result(call, writer.end_array().take());
  }

  EvmLedger ledger_;
  BeaconLedger fleet_;  ///< of Ethereum: whose block it is, and what it paid
};

}  // namespace

std::unique_ptr<ChainNode> make_execution(std::string name, SimulatedChain chain, const ChainWorld& world,
                                          const ChainFaultBoard& faults) {
  return std::make_unique<Execution>(std::move(name), chain, world, faults);
}

}  // namespace navkeeper::sandbox
