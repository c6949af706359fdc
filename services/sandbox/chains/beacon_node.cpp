// A simulated beacon node over REST (ethereum/beacon-APIs): the validators of the world, their deposits and
// withdrawals under way, and the beacon blocks that carry the execution client's.
#include <algorithm>
#include <array>

#include "common/json/write.h"
#include "services/sandbox/chains/chain_node.h"
#include "services/sandbox/chains/evm_ledger.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::string_view kGenesisRoot =
    "0x4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95";
constexpr std::string_view kOtherRoot = "0xd8ea171f3c94aea21ebc42a1ed61052acf3f9209c00e4efbaaddac09ed9b8078";
constexpr std::string_view kFarFuture = "18446744073709551615";
constexpr std::uint64_t kSlotsPerEpoch = 32;
constexpr std::int64_t kGweiAnEpoch = 9'342;  ///< what 32 ETH earn by attesting

struct SimulatedValidator {
  std::uint64_t index;
  std::string_view status;
  std::int64_t balance_gwei;  ///< where the world begins
  int owner;                  ///< of the fund's addresses; -1: a stranger
  std::string_view withdrawable_epoch = kFarFuture;
};
constexpr std::array kValidators{SimulatedValidator{500'001, "active_ongoing", 32'010'000'000, 0},
                                 SimulatedValidator{500'002, "active_ongoing", 64'000'000'123, 0},
                                 SimulatedValidator{500'003, "active_exiting", 32'000'500'000, 0, "460000"},
                                 SimulatedValidator{500'004, "pending_queued", 32'000'000'000, 0},
                                 SimulatedValidator{500'005, "active_ongoing", 33'000'000'000, 1},
                                 SimulatedValidator{500'006, "active_ongoing", 32'000'000'000, -1}};

class Beacon final : public ChainNode {
 public:
  Beacon(std::string name, const ChainWorld& world, const ChainFaultBoard& faults)
      : ChainNode(std::move(name), SimulatedChain::kEthereum, world, faults),
        ledger_(SimulatedChain::kEthereum, world) {}

  void add_routes(http::Router& router) override {
    router.get("/eth/v1/beacon/genesis", [this](const http::Request&) {
      const std::string_view root = has(ChainFault::kWrongChain) ? kOtherRoot : kGenesisRoot;
      return http::Response::json(R"({"data":{"genesis_time":"1606824023","genesis_validators_root":")" +
                                  std::string(root) + R"(","genesis_fork_version":"0x00000000"}})");
    });
    router.get("/eth/v1/config/spec", [](const http::Request&) {
      return http::Response::json(
          R"({"data":{"SECONDS_PER_SLOT":"12","SLOTS_PER_EPOCH":"32","DEPOSIT_NETWORK_ID":"1"}})");
    });
    router.get("/eth/v1/node/syncing", [this](const http::Request&) {
      json::Writer writer;
      const bool syncing = has(ChainFault::kSyncing);
      writer.begin_object()
          .key("data")
          .begin_object()
          .member("head_slot", std::to_string(head_slot()))
          .member("sync_distance", syncing ? "5000" : "0");
      writer.member("is_syncing", syncing)
          .member("is_optimistic", has(ChainFault::kOptimistic))
          .member("el_offline", false);
      return http::Response::json(writer.end_object().end_object().take());
    });
    router.get("/eth/v1/beacon/states/{state}/finality_checkpoints", [this](const http::Request& request) {
      return about(request, [this](json::Writer& writer, std::uint64_t slot) {
        const auto checkpoint = [&](const char* name, std::uint64_t back) {
          const std::uint64_t epoch = slot / kSlotsPerEpoch - back;
          writer.key(name)
              .begin_object()
              .member("epoch", std::to_string(epoch))
              .member("root", root("block", epoch * kSlotsPerEpoch))
              .end_object();
        };
        writer.begin_object();
        checkpoint("previous_justified", 2);
        checkpoint("current_justified", 1);
        checkpoint("finalized", 2);
        writer.end_object();
      });
    });
    router.get("/eth/v1/beacon/blinded_blocks/{block}",
               [this](const http::Request& request) { return blinded(request.parameter("block")); });
    router.post("/eth/v1/beacon/states/{state}/validators",
                [this](const http::Request& request) { return validators(request); });
    router.get("/eth/v1/beacon/states/{state}/pending_deposits", [this](const http::Request& request) {
      return about(request, [this](json::Writer& writer, std::uint64_t) { deposits(writer); });
    });
    router.get("/eth/v1/beacon/states/{state}/pending_partial_withdrawals",
               [this](const http::Request& request) {
                 return about(request, [this](json::Writer& writer, std::uint64_t) { partials(writer); });
               });
  }

 private:
  std::uint64_t head_slot() const { return slot_of(world(), tip()); }
  std::uint64_t finalized_slot() const { return slot_of(world(), finalized_number(world(), tip())); }
  std::string root(std::string_view what, std::uint64_t slot) const {
    return "0x" + base::to_hex(crypto::sha256(std::string(what) + std::to_string(slot) + "/" +
                                              std::to_string(variant(slot))));
  }

  std::optional<std::uint64_t> slot_named(const std::string& state) const {
    if (state == "head") return head_slot();
    if (state == "finalized") return finalized_slot();
    if (state.empty() || state.size() > 12 ||
        !std::all_of(state.begin(), state.end(), [](char c) { return c >= '0' && c <= '9'; }))
      return std::nullopt;
    const std::uint64_t slot = std::stoull(state);
    const std::uint64_t first = slot_of(world(), world().rhythm(SimulatedChain::kEthereum).first);
    if (slot > head_slot() || slot < first) return std::nullopt;
    return has(ChainFault::kStaleHeight) ? std::max(first, slot - 64) : slot;
  }

  template <class Write>
  http::Response about(const http::Request& request, Write&& write) const {
    const auto slot = slot_named(request.parameter("state"));
    if (!slot) return http::Response::json(R"({"code":404,"message":"State not found"})", 404);
    json::Writer writer;
    standing(writer, *slot);
    writer.key("data");
    write(writer, *slot);
    return http::Response::json(writer.end_object().take());
  }

  void standing(json::Writer& writer, std::uint64_t slot) const {
    const bool optimistic = has(ChainFault::kOptimistic);
    writer.begin_object().member("version", "fulu").member("execution_optimistic", optimistic);
    writer.member("finalized", !optimistic && slot <= finalized_slot());
  }

  http::Response blinded(const std::string& name) const {
    const auto slot = slot_named(name);
    if (!slot) return http::Response::json(R"({"code":404,"message":"Block not found"})", 404);
    const std::uint64_t first = world().rhythm(SimulatedChain::kEthereum).first;
    const std::uint64_t number = first + (*slot - slot_of(world(), first));
    const EvmBlock block =
        ledger_.block(number, tip(), [this](std::uint64_t height) { return variant(height); });
    json::Writer writer;
    standing(writer, *slot);
    writer.key("data")
        .begin_object()
        .key("message")
        .begin_object()
        .member("slot", std::to_string(*slot))
        .member("proposer_index", "7");
    writer.member("parent_root", root("block", *slot - 1))
        .member("state_root", root("state", *slot))
        .key("body")
        .begin_object();
    writer.key("execution_payload_header")
        .begin_object()
        .member("block_number", std::to_string(number))
        .member("block_hash", block.hash);
    writer.member("state_root", block.state_root).end_object().end_object().end_object().end_object();
    return http::Response::json(writer.end_object().take());
  }

  std::string pubkey(std::uint64_t index) const {
    const std::string name = std::to_string(world().seed()) + "/validator/" + std::to_string(index);
    return "0x" + base::to_hex(crypto::sha256(name)) +
           base::to_hex(first_bytes(crypto::sha256(name + "/"), 16));
  }
  std::string credentials(int owner) const {
    const std::string account =
        owner < 0 ? account_hex(world().seed(), "stranger 1")
                  : world().addresses(SimulatedChain::kEthereum)[static_cast<std::size_t>(owner)].substr(2);
    return "0x02" + std::string(22, '0') + account;
  }

  http::Response validators(const http::Request& request) const {
    std::vector<std::string> ids;
    const auto body = json::parse(request.body);
    if (body.has_error()) return http::Response::json(R"({"code":400,"message":"Invalid body"})", 400);
    const json::Value* wanted = body->kind() == json::Kind::kObject ? body->find("ids") : nullptr;
    if (wanted != nullptr && wanted->kind() == json::Kind::kArray) {
      for (const json::Value& id : wanted->as_array())
        ids.push_back(id.kind() == json::Kind::kString ? id.as_string() : "");
    }
    return about(request, [&](json::Writer& writer, std::uint64_t slot) {
      writer.begin_array();
      std::size_t left = shown_count(kValidators.size());
      for (auto one = kValidators.rbegin(); one != kValidators.rend();
           ++one) {  // In no order that may be relied on.
        const std::string key = pubkey(one->index);
        const bool asked = ids.empty() || std::any_of(ids.begin(), ids.end(), [&](const std::string& id) {
                             return id == key || id == std::to_string(one->index);
                           });
        if (!asked || left == 0) continue;
        --left;
        for (int again = 0; again < (has(ChainFault::kDuplicate) ? 2 : 1); ++again)
          write(writer, *one, key, slot);
      }
      writer.end_array();
    });
  }

  void write(json::Writer& writer, const SimulatedValidator& one, const std::string& key,
             std::uint64_t slot) const {
    const std::uint64_t first = slot_of(world(), world().rhythm(SimulatedChain::kEthereum).first);
    const std::int64_t epochs = static_cast<std::int64_t>(slot / kSlotsPerEpoch - first / kSlotsPerEpoch);
    const money::Int128 balance =
        one.balance_gwei +
        (one.status == "pending_queued" ? 0 : epochs * kGweiAnEpoch * (one.balance_gwei / 32'000'000'000));
    const bool pending = one.status == "pending_queued";
    writer.begin_object()
        .member("index", std::to_string(one.index))
        .member("balance", money::to_string(shown(balance)))
        .member("status", one.status);
    writer.key("validator")
        .begin_object()
        .member("pubkey", key)
        .member("withdrawal_credentials", credentials(one.owner));
    writer.member("effective_balance", std::to_string(one.balance_gwei / 1'000'000'000 * 1'000'000'000))
        .member("slashed", false);
    writer.member("activation_eligibility_epoch", pending ? kFarFuture : "300000")
        .member("activation_epoch", pending ? kFarFuture : "300010");
    writer.member("exit_epoch", one.withdrawable_epoch == kFarFuture ? kFarFuture : "459744")
        .member("withdrawable_epoch", one.withdrawable_epoch);
    writer.end_object().end_object();
  }

  void deposits(json::Writer& writer) const {
    struct Row {
      std::uint64_t key_of;
      int owner;
      std::int64_t gwei;
    };
    // A new validator of the fund's, a top-up of one of its own (whatever credentials it names), a
    // stranger's.
    constexpr std::array kRows{Row{600'001, 0, 32'000'000'000}, Row{500'001, -1, 1'500'000'000},
                               Row{600'002, -1, 32'000'000'000}};
    writer.begin_array();
    std::size_t left = shown_count(kRows.size());
    for (const Row& row : kRows) {
      if (left-- == 0) break;
      writer.begin_object()
          .member("pubkey", pubkey(row.key_of))
          .member("withdrawal_credentials", credentials(row.owner));
      writer.member("amount", money::to_string(shown(row.gwei)))
          .member("signature", "0x" + std::string(192, 'a'))
          .member("slot", std::to_string(head_slot() - 100))
          .end_object();
    }
    writer.end_array();
  }

  void partials(json::Writer& writer) const {
    writer.begin_array();
    if (!has(ChainFault::kZeros)) {
      for (const auto& [index, gwei] :
           {std::pair<std::uint64_t, std::int64_t>{500'002, 20'000'000'000}, {123, 1'000'000'000}})
        writer.begin_object()
            .member("validator_index", std::to_string(index))
            .member("amount", money::to_string(shown(gwei)))
            .member("withdrawable_epoch", "455000")
            .end_object();
    }
    writer.end_array();
  }

  EvmLedger ledger_;
};

}  // namespace

std::unique_ptr<ChainNode> make_beacon(std::string name, const ChainWorld& world,
                                       const ChainFaultBoard& faults) {
  return std::make_unique<Beacon>(std::move(name), world, faults);
}

}  // namespace navkeeper::sandbox
