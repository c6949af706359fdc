// A simulated Esplora index (Blockstream/esplora, API.md) and a simulated Bitcoin Core (bitcoinrpc.dev:
// scantxoutset, getblock, getblockheader, getblockchaininfo), each over its own view of the same chain.
#include <algorithm>
#include <array>
#include <map>
#include <mutex>

#include "common/json/write.h"
#include "services/sandbox/chains/bitcoin_ledger.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::size_t kPage = 25;
constexpr std::string_view kOtherGenesis =
    "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206";  // regtest's

class BitcoinNode : public ChainNode {
 public:
  BitcoinNode(std::string name, const ChainWorld& world, const ChainFaultBoard& faults)
      : ChainNode(std::move(name), SimulatedChain::kBitcoin, world, faults) {}

 protected:
  std::string genesis() const {
    return has(ChainFault::kWrongChain) ? std::string(kOtherGenesis) : simulated_genesis(world().seed());
  }
  /// Mined once for each tip and chain.
  std::vector<LedgerBlock> blocks() const {
    const std::uint64_t newest = tip();
    const auto made_for = std::array{newest, variant(newest), std::uint64_t{world().generation(chain())}};
    const std::lock_guard lock(mutex_);
    if (made_for_ != made_for || blocks_.empty()) {
      blocks_ = bitcoin_blocks(world(), newest, [this](std::uint64_t height) { return variant(height); });
      made_for_ = made_for;
    }
    return blocks_;
  }
  std::vector<LedgerTransaction> transactions() const { return bitcoin_transactions(world(), tip()); }
  static const LedgerBlock* find(const std::vector<LedgerBlock>& blocks, const std::string& id) {
    for (const LedgerBlock& block : blocks) {
      if (block.id == id) return &block;
    }
    return nullptr;
  }
  /// Nothing: there is none. Block 0 has an id and nothing else.
  std::optional<std::string> id_at(std::uint64_t height) const {
    if (height == 0) return genesis();
    const auto all = blocks();
    if (all.empty() || height < all.front().height || height > all.back().height) return std::nullopt;
    const std::uint64_t wrong = has(ChainFault::kStaleHeight) && height > all.front().height + 3 ? 3 : 0;
    return all[static_cast<std::size_t>(height - all.front().height - wrong)].id;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::vector<LedgerBlock> blocks_;
  mutable std::array<std::uint64_t, 3> made_for_{};
};

std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() || text.size() > 10 ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  return std::stoull(std::string(text));
}

bool touches(const LedgerTransaction& transaction, const std::string& address) {
  return std::any_of(transaction.outputs.begin(), transaction.outputs.end(),
                     [&](const auto& o) { return o.address == address; }) ||
         std::any_of(transaction.inputs.begin(), transaction.inputs.end(),
                     [&](const auto& i) { return i.spent.address == address; });
}

class Esplora final : public BitcoinNode {
 public:
  using BitcoinNode::BitcoinNode;

  void add_routes(http::Router& router) override {
    router.get("/blocks/tip/height",
               [this](const http::Request&) { return http::Response::text(std::to_string(tip())); });
    router.get("/blocks/tip/hash",
               [this](const http::Request&) { return http::Response::text(blocks().back().id); });
    router.get("/block-height/{height}", [this](const http::Request& request) {
      const auto height = number(request.parameter("height"));
      const auto id = height ? id_at(*height) : std::nullopt;
      return id ? http::Response::text(*id) : http::Response::text("Block not found", 404);
    });
    router.get("/block/{id}",
               [this](const http::Request& request) { return block(request.parameter("id")); });
    router.get("/address/{address}",
               [this](const http::Request& request) { return stats(request.parameter("address")); });
    router.get("/address/{address}/utxo",
               [this](const http::Request& request) { return coins(request.parameter("address")); });
    router.get("/address/{address}/txs/mempool", [this](const http::Request& request) {
      return listed(
          request.parameter("address"), [](const LedgerTransaction& t) { return !t.height; }, "");
    });
    const auto chain = [this](const http::Request& request, const std::string& last) {
      return listed(
          request.parameter("address"), [](const LedgerTransaction& t) { return t.height.has_value(); },
          last);
    };
    router.get("/address/{address}/txs/chain",
               [chain](const http::Request& request) { return chain(request, ""); });
    router.get("/address/{address}/txs/chain/{last}",
               [chain](const http::Request& request) { return chain(request, request.parameter("last")); });
    router.get("/tx/{id}", [this](const http::Request& request) {
      const auto all = blocks();
      for (const auto& transaction : transactions()) {
        if (transaction.id != request.parameter("id")) continue;
        json::Writer writer;
        write(writer, transaction, all);
        return http::Response::json(writer.take());
      }
      return http::Response::text("Transaction not found", 404);
    });
  }

 private:
  http::Response block(const std::string& id) const {
    const auto all = blocks();
    const LedgerBlock* found = find(all, id);
    if (found == nullptr) return http::Response::text("Block not found", 404);
    json::Writer writer;
    writer.begin_object()
        .member("id", found->id)
        .member("height", static_cast<std::int64_t>(found->height))
        .member("version", 0x20000000);
    writer.member("timestamp", std::int64_t{found->time_s})
        .member("bits", std::int64_t{kEasyBits})
        .member("nonce", std::int64_t{found->nonce});
    writer.member("merkle_root", found->merkle_root)
        .member("tx_count", 2)
        .member("previousblockhash", found->previous);
    return http::Response::json(writer.end_object().take());
  }

  http::Response stats(const std::string& address) const {
    json::Writer writer;
    writer.begin_object().member("address", address);
    const auto all = transactions();
    for (const bool confirmed : {true, false}) {
      money::Int128 funded = 0, spent = 0;
      std::int64_t funded_count = 0, spent_count = 0, count = 0;
      for (const auto& transaction : all) {
        if (transaction.height.has_value() != confirmed || !touches(transaction, address)) continue;
        ++count;
        for (const auto& output : transaction.outputs) {
          if (output.address == address) funded += output.satoshi, ++funded_count;
        }
        for (const auto& input : transaction.inputs) {
          if (input.spent.address == address) spent += input.spent.satoshi, ++spent_count;
        }
      }
      writer.key(confirmed ? "chain_stats" : "mempool_stats").begin_object();
      const bool none = has(ChainFault::kZeros);
      writer.member("funded_txo_count", none ? 0 : funded_count)
          .key("funded_txo_sum")
          .number(money::to_string(none ? 0 : shown(funded)));
      writer.member("spent_txo_count", none ? 0 : spent_count)
          .key("spent_txo_sum")
          .number(money::to_string(none ? 0 : spent));
      writer.member("tx_count", none ? 0 : count).end_object();
    }
    return http::Response::json(writer.end_object().take());
  }

  static void status(json::Writer& writer, const std::optional<std::uint64_t>& height,
                     const std::vector<LedgerBlock>& all) {
    writer.key("status").begin_object().member("confirmed", height.has_value());
    if (height) {
      const LedgerBlock& block = all[static_cast<std::size_t>(*height - all.front().height)];
      writer.member("block_height", static_cast<std::int64_t>(*height))
          .member("block_hash", block.id)
          .member("block_time", std::int64_t{block.time_s});
    }
    writer.end_object();
  }

  http::Response coins(const std::string& address) const {
    struct Row {
      std::string transaction;
      std::uint32_t index;
      money::Int128 satoshi;
      std::optional<std::uint64_t> height;
    };
    std::map<std::pair<std::string, std::uint32_t>, Row> rows;
    for (const auto& transaction : transactions()) {
      for (std::uint32_t i = 0; i < transaction.outputs.size(); ++i) {
        if (transaction.outputs[i].address == address)
          rows[{transaction.id, i}] = {transaction.id, i, transaction.outputs[i].satoshi, transaction.height};
      }
      for (const auto& input : transaction.inputs) rows.erase({input.transaction, input.index});
    }
    const auto all = blocks();
    json::Writer writer;
    writer.begin_array();
    std::size_t left = shown_count(rows.size());
    for (const auto& [name, row] : rows) {
      if (left-- == 0) break;
      for (int again = 0; again < (has(ChainFault::kDuplicate) ? 2 : 1); ++again) {
        writer.begin_object().member("txid", row.transaction).member("vout", std::int64_t{row.index});
        status(writer, row.height, all);
        writer.key("value").number(money::to_string(shown(row.satoshi))).end_object();
      }
    }
    return http::Response::json(writer.end_array().take());
  }

  static void write_output(json::Writer& writer, const LedgerOutput& output) {
    writer.begin_object()
        .member("scriptpubkey", output.script_hex)
        .member("scriptpubkey_type", "v0_p2wpkh")
        .member("scriptpubkey_address", output.address);
    writer.key("value").number(money::to_string(output.satoshi)).end_object();
  }

  static void write(json::Writer& writer, const LedgerTransaction& transaction,
                    const std::vector<LedgerBlock>& all) {
    writer.begin_object()
        .member("txid", transaction.id)
        .member("version", 2)
        .member("locktime", 0)
        .member("fee", 1000)
        .key("vin")
        .begin_array();
    for (const auto& input : transaction.inputs) {
      writer.begin_object()
          .member("txid", input.transaction)
          .member("vout", std::int64_t{input.index})
          .member("is_coinbase", false)
          .key("prevout");
      write_output(writer, input.spent);
      writer.member("sequence", std::int64_t{4294967293}).end_object();
    }
    writer.end_array().key("vout").begin_array();
    for (const auto& output : transaction.outputs) write_output(writer, output);
    writer.end_array();
    status(writer, transaction.height, all);
    writer.end_object();
  }

  /// Newest first, from behind `last` on.
  http::Response listed(const std::string& address,
                        const std::function<bool(const LedgerTransaction&)>& wanted,
                        const std::string& last) const {
    std::vector<LedgerTransaction> found;
    for (auto& transaction : transactions()) {
      if (wanted(transaction) && touches(transaction, address)) found.push_back(std::move(transaction));
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.height > b.height; });
    if (!last.empty() && !has(ChainFault::kDuplicate)) {
      const auto at = std::find_if(found.begin(), found.end(), [&](const auto& t) { return t.id == last; });
      found.erase(found.begin(), at == found.end() ? found.end() : at + 1);
    }
    found.resize(shown_count(std::min(found.size(), kPage)));
    const auto all = blocks();
    json::Writer writer;
    writer.begin_array();
    for (const auto& transaction : found) write(writer, transaction, all);
    return http::Response::json(writer.end_array().take());
  }
};

class Bitcoind final : public BitcoinNode {
 public:
  using BitcoinNode::BitcoinNode;

  void add_routes(http::Router& router) override {
    router.post("/", [this](const http::Request& request) {
      const auto call = parse_rpc(request.body);
      if (!call) return http::Response::text("", 400);
      return answer(*call);
    });
  }

 private:
  static std::string bitcoin(money::Int128 satoshi) { return money::Decimal::of(satoshi, 8).to_fixed(8); }

  http::Response answer(const RpcCall& call) const {
    const auto all = blocks();
    if (call.method == "getblockhash") {
      const auto height = call.parameters.empty() || call.parameters[0].kind() != json::Kind::kNumber
                              ? std::nullopt
                              : number(call.parameters[0].as_number());
      const auto id = height ? id_at(*height) : std::nullopt;
      return id ? rpc_result(call, json::quoted(*id)) : rpc_error(call, -8, "Block height out of range", 500);
    }
    if (call.method == "getblockchaininfo") {
      json::Writer writer;
      const bool syncing = has(ChainFault::kSyncing);
      writer.begin_object()
          .member("chain", has(ChainFault::kWrongChain) ? "regtest" : "main")
          .member("blocks", static_cast<std::int64_t>(tip()));
      writer.member("headers", static_cast<std::int64_t>(tip() + (syncing ? 500 : 0)))
          .member("bestblockhash", all.back().id);
      return rpc_result(call, writer.member("initialblockdownload", syncing).end_object().take());
    }
    if (call.method == "getblockheader" || call.method == "getblock") {
      const LedgerBlock* block = find(all, text_parameter(call, 0));
      if (block == nullptr) return rpc_error(call, -5, "Block not found", 500);
      return rpc_result(call, written(*block, call.method == "getblock"));
    }
    if (call.method == "scantxoutset") return scan(call, all);
    return rpc_error(call, -32601, "Method not found", 404);
  }

  std::string written(const LedgerBlock& block, bool with_transactions) const {
    json::Writer writer;
    writer.begin_object()
        .member("hash", block.id)
        .member("confirmations", static_cast<std::int64_t>(tip() - block.height + 1));
    writer.member("height", static_cast<std::int64_t>(block.height))
        .member("version", 0x20000000)
        .member("merkleroot", block.merkle_root);
    writer.member("time", std::int64_t{block.time_s})
        .member("nonce", std::int64_t{block.nonce})
        .member("bits", "207fffff")
        .member("previousblockhash", block.previous);
    if (with_transactions) {
      writer.key("tx").begin_array();
      for (const auto& transaction : transactions()) {
        if (transaction.height != block.height) continue;
        writer.begin_object().member("txid", transaction.id).key("vin").begin_array();
        for (const auto& input : transaction.inputs) {
          writer.begin_object()
              .member("txid", input.transaction)
              .member("vout", std::int64_t{input.index})
              .key("prevout")
              .begin_object();
          writer.member("generated", false)
              .member("height", static_cast<std::int64_t>(input.spent_height))
              .key("value")
              .number(bitcoin(input.spent.satoshi));
          writer.key("scriptPubKey")
              .begin_object()
              .member("hex", input.spent.script_hex)
              .end_object()
              .end_object()
              .end_object();
        }
        writer.end_array().end_object();
      }
      writer.end_array();
    }
    return writer.end_object().take();
  }

  http::Response scan(const RpcCall& call, const std::vector<LedgerBlock>& all) const {
    std::vector<std::string> addresses;
    if (text_parameter(call, 0) != "start" || call.parameters.size() < 2 ||
        call.parameters[1].kind() != json::Kind::kArray)
      return rpc_error(call, -8, "Invalid action", 500);
    for (const json::Value& object : call.parameters[1].as_array()) {
      const json::Value* described = object.kind() == json::Kind::kObject ? object.find("desc") : nullptr;
      if (described == nullptr || described->kind() != json::Kind::kString)
        return rpc_error(call, -8, "Invalid scan object", 500);
      const std::string& text = described->as_string();
      if (!text.starts_with("addr(") || !text.ends_with(")"))
        return rpc_error(call, -5, "only addr() is simulated", 500);
      addresses.push_back(text.substr(5, text.size() - 6));
    }
    struct Row {
      LedgerOutput output;
      std::uint64_t height;
    };
    std::map<std::pair<std::string, std::uint32_t>, Row> rows;
    for (const auto& transaction : transactions()) {
      if (!transaction.height) continue;
      for (std::uint32_t i = 0; i < transaction.outputs.size(); ++i) {
        if (std::find(addresses.begin(), addresses.end(), transaction.outputs[i].address) != addresses.end())
          rows[{transaction.id, i}] = {transaction.outputs[i], *transaction.height};
      }
      for (const auto& input : transaction.inputs) rows.erase({input.transaction, input.index});
    }
    json::Writer writer;
    writer.begin_object()
        .member("success", true)
        .member("txouts", 180'000'000)
        .member("height", static_cast<std::int64_t>(tip()));
    writer.member("bestblock", all.back().id).key("unspents").begin_array();
    money::Int128 sum = 0;
    std::size_t left = shown_count(rows.size());
    for (const auto& [name, row] : rows) {
      if (left-- == 0) break;
      for (int again = 0; again < (has(ChainFault::kDuplicate) ? 2 : 1); ++again) {
        sum += shown(row.output.satoshi);
        writer.begin_object()
            .member("txid", name.first)
            .member("vout", std::int64_t{name.second})
            .member("scriptPubKey", row.output.script_hex);
        writer.member("desc", "addr(" + row.output.address + ")")
            .key("amount")
            .number(bitcoin(shown(row.output.satoshi)));
        writer.member("coinbase", false).member("height", static_cast<std::int64_t>(row.height)).end_object();
      }
    }
    return rpc_result(call, writer.end_array().key("total_amount").number(bitcoin(sum)).end_object().take());
  }
};

}  // namespace

std::unique_ptr<ChainNode> make_esplora(std::string name, const ChainWorld& world,
                                        const ChainFaultBoard& faults) {
  return std::make_unique<Esplora>(std::move(name), world, faults);
}
std::unique_ptr<ChainNode> make_bitcoind(std::string name, const ChainWorld& world,
                                         const ChainFaultBoard& faults) {
  return std::make_unique<Bitcoind>(std::move(name), world, faults);
}

}  // namespace navkeeper::sandbox
