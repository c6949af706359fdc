// A simulated beacon node over REST (ethereum/beacon-APIs): the validators of the world, their deposits and
// withdrawals under way, the beacon blocks that carry the execution client's, and what duties earned.
#include <algorithm>
#include <array>

#include "common/json/write.h"
#include "services/sandbox/chains/beacon_ledger.h"
#include "services/sandbox/chains/chain_node.h"
#include "services/sandbox/chains/evm_ledger.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::string_view kGenesisRoot =
    "0x4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95";
constexpr std::string_view kOtherRoot = "0xd8ea171f3c94aea21ebc42a1ed61052acf3f9209c00e4efbaaddac09ed9b8078";
constexpr std::string_view kFarFuture = "18446744073709551615";
constexpr std::uint64_t kSlotsPerEpoch = 32;
constexpr std::uint64_t kForkAfter = 36;  ///< epochs of the fleet under Electra, then comes Fulu
constexpr std::int64_t kEffectiveEtherMax = 2'048;
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
        ledger_(SimulatedChain::kEthereum, world),
        fleet_(world) {}

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
              .member("root", root("block", last_block(epoch * kSlotsPerEpoch)))
              .end_object();
        };
        writer.begin_object();
        checkpoint("previous_justified", 2);
        checkpoint("current_justified", 1);
        checkpoint("finalized", 2);
        writer.end_object();
      });
    });
    add_staking_routes(router);
    router.get("/eth/v1/beacon/blinded_blocks/{block}",
               [this](const http::Request& request) { return blinded(request.parameter("block")); });
    router.post("/eth/v1/beacon/states/{state}/validators",
                [this](const http::Request& request) { return validators(request); });
    router.get("/eth/v1/beacon/states/{state}/pending_deposits", [this](const http::Request& request) {
      return about(request, [this](json::Writer& writer, std::uint64_t slot) { deposits(writer, slot); });
    });
    router.get(
        "/eth/v1/beacon/states/{state}/pending_partial_withdrawals", [this](const http::Request& request) {
          return about(request, [this](json::Writer& writer, std::uint64_t slot) { partials(writer, slot); });
        });
  }

 private:
  void add_staking_routes(http::Router& router) {
    router.get("/eth/v1/beacon/states/{state}/root", [this](const http::Request& request) {
      return about(request, [this](json::Writer& writer, std::uint64_t slot) {
        writer.begin_object().member("root", root("state", slot)).end_object();
      });
    });
    router.get("/eth/v1/beacon/states/{state}/pending_consolidations", [this](const http::Request& request) {
      return about(request, [this](json::Writer& writer, std::uint64_t slot) {
        writer.begin_array();
        for (const FleetConsolidation& one : fleet_.state_at(slot, head_slot(), variants()).consolidations)
          writer.begin_object()
              .member("source_index", std::to_string(one.source))
              .member("target_index", std::to_string(one.target))
              .end_object();
        writer.end_array();
      });
    });
    router.get("/eth/v1/beacon/states/{state}/sync_committees", [this](const http::Request& request) {
      return about(request, [](json::Writer& writer, std::uint64_t) {
        writer.begin_object().key("validators").begin_array();
        for (std::uint64_t i = 0; i < 511; ++i) writer.string(std::to_string(2'000 + 7 * i));
        writer.string(std::to_string(kSyncMember)).end_array().key("validator_aggregates").begin_array();
        writer.end_array().end_object();
      });
    });
    router.get("/eth/v2/beacon/blocks/{block}",
               [this](const http::Request& request) { return full_block(request.parameter("block")); });
    router.get("/eth/v1/beacon/rewards/blocks/{block}", [this](const http::Request& request) {
      return about_block(request, [this](json::Writer& writer, const BeaconBlock& block) {
        writer.begin_object()
            .member("proposer_index", std::to_string(block.proposer))
            .member("total", money::to_string(shown(block.attestations) + shown(block.sync_aggregate)))
            .member("attestations", money::to_string(shown(block.attestations)))
            .member("sync_aggregate", money::to_string(shown(block.sync_aggregate)))
            .member("proposer_slashings", "0")
            .member("attester_slashings", "0")
            .end_object();
      });
    });
    router.post("/eth/v1/beacon/rewards/sync_committee/{block}", [this](const http::Request& request) {
      return about_block(request, [this, &request](json::Writer& writer, const BeaconBlock& block) {
        writer.begin_array();
        if (asks_for(request.body, kSyncMember) && shown_count(1) > 0)
          writer.begin_object()
              .member("validator_index", std::to_string(kSyncMember))
              .member("reward", money::to_string(shown(block.sync_member)))
              .end_object();
        writer.end_array();
      });
    });
    router.post("/eth/v1/beacon/rewards/attestations/{epoch}",
                [this](const http::Request& request) { return attestation_rewards(request); });
    router.get("/eth/v1/validator/duties/proposer/{epoch}",
               [this](const http::Request& request) { return proposer_duties(request); });
  }

  /// Whether a list of indices names one; an empty list names all.
  static bool asks_for(const std::string& body, std::uint64_t index) {
    const auto list = json::parse(body);
    if (list.has_error() || list->kind() != json::Kind::kArray || list->as_array().empty()) return true;
    return std::any_of(list->as_array().begin(), list->as_array().end(), [&](const json::Value& one) {
      return one.kind() == json::Kind::kString && one.as_string() == std::to_string(index);
    });
  }

  template <class Write>
  http::Response about_block(const http::Request& request, Write&& write) const {
    const auto slot = block_named(request.parameter("block"));
    if (!slot) return http::Response::json(R"({"code":404,"message":"Block not found"})", 404);
    json::Writer writer;
    standing(writer, *slot);
    writer.key("data");
    write(writer, fleet_.block_at(*slot, head_slot(), variants()));
    return http::Response::json(writer.end_object().take());
  }

  http::Response full_block(const std::string& name) const {
    const auto slot = block_named(name);
    if (!slot) return http::Response::json(R"({"code":404,"message":"Block not found"})", 404);
    const BeaconBlock block = fleet_.block_at(*slot, head_slot(), variants());
    const std::string_view paid = !block.is_own()    ? std::string_view("stranger 1")
                                  : block.by_builder ? kBuilder
                                                     : kFleetOwner;
    const std::uint64_t first = world().rhythm(SimulatedChain::kEthereum).first;
    const std::uint64_t number = first + (*slot - slot_of(world(), first));
    json::Writer writer;
    standing(writer, *slot);
    writer.key("data").begin_object().key("message").begin_object();
    writer.member("slot", std::to_string(*slot))
        .member("proposer_index", std::to_string(block.proposer))
        .member("parent_root", root("block", last_block(*slot - 1)))
        .member("state_root", root("state", *slot))
        .key("body")
        .begin_object();
    writer.key("execution_payload")
        .begin_object()
        .member("fee_recipient", "0x" + account_hex(world().seed(), paid))
        .member("block_number", std::to_string(number))
        .member("block_hash",
                ledger_.block(number, tip(), [this](std::uint64_t height) { return variant(height); }).hash)
        .key("withdrawals")
        .begin_array();
    for (const BeaconWithdrawal& one : block.withdrawals)
      writer.begin_object()
          .member("index", std::to_string(one.number))
          .member("validator_index", std::to_string(one.validator))
          .member("address", "0x" + account_hex(world().seed(), one.validator >= kFleetFirst
                                                                    ? kFleetOwner
                                                                    : std::string_view("stranger 1")))
          .member("amount", money::to_string(shown(one.amount)))
          .end_object();
    writer.end_array().end_object().key("execution_requests").begin_object().key("deposits").begin_array();
    for (const FleetDeposit& one : block.deposits)
      writer.begin_object()
          .member("pubkey", pubkey(one.index))
          .member("withdrawal_credentials", fleet_credentials(2))
          .member("amount", money::to_string(shown(one.amount)))
          .member("signature", "0x" + std::string(192, 'a'))
          .member("index", std::to_string(one.slot))
          .end_object();
    writer.end_array().key("withdrawals").begin_array().end_array();
    writer.key("consolidations").begin_array().end_array().end_object();
    return http::Response::json(writer.end_object().end_object().end_object().end_object().take());
  }

  static std::optional<std::uint64_t> epoch_named(const std::string& text) {
    if (text.empty() || text.size() > 9 ||
        !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
      return std::nullopt;
    return std::stoull(text);
  }
  std::uint64_t first_slot() const {
    return slot_of(world(), world().rhythm(SimulatedChain::kEthereum).first);
  }

  /// Of slots without a block too: who was to propose there.
  http::Response proposer_duties(const http::Request& request) const {
    const auto epoch = epoch_named(request.parameter("epoch"));
    if (!epoch || *epoch > head_slot() / kSlotsPerEpoch || *epoch < first_slot() / kSlotsPerEpoch)
      return http::Response::json(R"({"code":404,"message":"Epoch not found"})", 404);
    json::Writer writer;
    writer.begin_object()
        .member("dependent_root", root("block", *epoch * kSlotsPerEpoch - 1))
        .member("execution_optimistic", has(ChainFault::kOptimistic))
        .key("data")
        .begin_array();
    for (std::uint64_t place = 0; place < shown_count(kSlotsPerEpoch); ++place) {
      const std::uint64_t slot = *epoch * kSlotsPerEpoch + place;
      const std::uint64_t proposer = fleet_.block_at(slot, head_slot(), variants()).proposer;
      writer.begin_object()
          .member("pubkey", pubkey(proposer))
          .member("validator_index", std::to_string(proposer))
          .member("slot", std::to_string(slot))
          .end_object();
    }
    return http::Response::json(writer.end_array().end_object().take());
  }

  http::Response attestation_rewards(const http::Request& request) const {
    const auto named = epoch_named(request.parameter("epoch"));
    const std::uint64_t epoch = named.value_or(0);
    const std::uint64_t first = first_slot() / kSlotsPerEpoch;
    if (!named || epoch + 2 > head_slot() / kSlotsPerEpoch || epoch + 2 <= first)
      return http::Response::json(R"({"code":404,"message":"Epoch not found"})", 404);
    json::Writer writer;
    standing(writer, (epoch + 2) * kSlotsPerEpoch);
    const auto row = [&](const std::string& key, const std::string& name, std::int64_t head,
                         std::int64_t target, std::int64_t source) {
      const auto amount = [this](std::int64_t gwei) {
        return money::to_string(has(ChainFault::kZeros) ? 0 : money::Int128{gwei});
      };
      writer.begin_object()
          .member(key, name)
          .member("head", amount(head))
          .member("target", amount(target))
          .member("source", amount(source))
          .member("inactivity", "0")
          .end_object();
    };
    writer.key("data").begin_object().key("ideal_rewards").begin_array();
    for (std::int64_t ether = 1; ether <= kEffectiveEtherMax; ++ether)
      row("effective_balance", std::to_string(ether) + "000000000", 2'417 * ether / 32, 4'502 * ether / 32,
          2'423 * ether / 32);
    writer.end_array().key("total_rewards").begin_array();
    std::vector<AttestationRow> rows = fleet_.attestations(epoch, head_slot(), variants());
    for (const SimulatedValidator& one : kValidators) {
      const std::int64_t times = one.balance_gwei / 32'000'000'000;
      if (one.status != "pending_queued")
        rows.push_back({one.index, 2'417 * times, 4'502 * times, 2'423 * times});
    }
    std::erase_if(rows, [&](const AttestationRow& one) { return !asks_for(request.body, one.index); });
    std::size_t left = has(ChainFault::kTruncated) ? std::min<std::size_t>(rows.size(), 1) : rows.size();
    for (const AttestationRow& one : rows) {
      if (left-- == 0) break;
      for (int again = 0; again < (has(ChainFault::kDuplicate) ? 2 : 1); ++again)
        row("validator_index", std::to_string(one.index), one.head, one.target, one.source);
    }
    return http::Response::json(writer.end_array().end_object().end_object().take());
  }

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

  /// The slot of a block: "head" and "finalized" are the last one up to there; nothing where nobody made one.
  std::optional<std::uint64_t> block_named(const std::string& name) const {
    const auto slot = slot_named(name);
    if (!slot || name == "head" || name == "finalized") return slot ? std::optional(last_block(*slot)) : slot;
    return fleet_.block_at(*slot, head_slot(), variants()).is_missed ? std::nullopt : slot;
  }
  std::uint64_t last_block(std::uint64_t slot) const {
    return fleet_.block_before(slot, head_slot(), variants());
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
    writer.begin_object()
        .member("version", slot / kSlotsPerEpoch < fleet_.first_epoch() + kForkAfter ? "electra" : "fulu")
        .member("execution_optimistic", optimistic);
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

  std::string pubkey(std::uint64_t index) const { return validator_pubkey(world().seed(), index); }
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
    std::vector<std::string> statuses;
    const json::Value* in = body->kind() == json::Kind::kObject ? body->find("statuses") : nullptr;
    if (in != nullptr && in->kind() == json::Kind::kArray) {
      for (const json::Value& one : in->as_array())
        statuses.push_back(one.kind() == json::Kind::kString ? one.as_string() : "");
    }
    const auto has_status = [&](std::string_view status) {
      return statuses.empty() || std::find(statuses.begin(), statuses.end(), status) != statuses.end();
    };
    return about(request, [&](json::Writer& writer, std::uint64_t slot) {
      writer.begin_array();
      const BeaconState state = fleet_.state_at(slot, head_slot(), variants());
      std::size_t left = shown_count(kValidators.size() + state.validators.size());
      const auto is_asked = [&](std::uint64_t index, const std::string& key) {
        return ids.empty() || std::any_of(ids.begin(), ids.end(), [&](const std::string& id) {
                 return id == key || id == std::to_string(index);
               });
      };
      for (auto one = kValidators.rbegin(); one != kValidators.rend();
           ++one) {  // In no order that may be relied on.
        const std::string key = pubkey(one->index);
        if (!is_asked(one->index, key) || !has_status(one->status) || left == 0) continue;
        --left;
        for (int again = 0; again < (has(ChainFault::kDuplicate) ? 2 : 1); ++again)
          write(writer, *one, key, slot);
      }
      for (const FleetValidator& one : state.validators) {
        if (!is_asked(one.index, pubkey(one.index)) || !has_status(status_of(one, slot / kSlotsPerEpoch)) ||
            left == 0)
          continue;
        --left;
        for (int again = 0; again < (has(ChainFault::kDuplicate) ? 2 : 1); ++again)
          write_fleet(writer, one, slot / kSlotsPerEpoch);
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
    writer.member("activation_eligibility_epoch", "300000")
        .member("activation_epoch", pending ? kFarFuture : "300010");
    writer.member("exit_epoch", one.withdrawable_epoch == kFarFuture ? kFarFuture : "459744")
        .member("withdrawable_epoch", one.withdrawable_epoch);
    writer.end_object().end_object();
  }

  void write_fleet(json::Writer& writer, const FleetValidator& one, std::uint64_t epoch) const {
    const auto epoch_text = [](std::uint64_t value) { return std::to_string(value); };
    writer.begin_object()
        .member("index", std::to_string(one.index))
        .member("balance", money::to_string(shown(one.balance)))
        .member("status", status_of(one, epoch));
    writer.key("validator")
        .begin_object()
        .member("pubkey", pubkey(one.index))
        .member("withdrawal_credentials", fleet_credentials(one.credentials))
        .member("effective_balance", std::to_string(one.effective))
        .member("slashed", one.slashed)
        .member("activation_eligibility_epoch", epoch_text(one.eligibility))
        .member("activation_epoch", epoch_text(one.activation))
        .member("exit_epoch", epoch_text(one.exit))
        .member("withdrawable_epoch", epoch_text(one.withdrawable))
        .end_object()
        .end_object();
  }

  static std::string_view status_of(const FleetValidator& one, std::uint64_t epoch) {
    if (epoch < one.activation) return one.eligibility == kNever ? "pending_initialized" : "pending_queued";
    if (epoch < one.exit) {
      if (one.exit == kNever) return "active_ongoing";
      return one.slashed ? "active_slashed" : "active_exiting";
    }
    if (epoch < one.withdrawable) return one.slashed ? "exited_slashed" : "exited_unslashed";
    return one.balance > 0 ? "withdrawal_possible" : "withdrawal_done";
  }

  std::string fleet_credentials(int type) const {
    return "0x0" + std::to_string(type) + std::string(22, '0') + account_hex(world().seed(), kFleetOwner);
  }

  Variant variants() const {
    return by_slot(world(), [this](std::uint64_t number) { return variant(number); });
  }

  void deposits(json::Writer& writer, std::uint64_t slot) const {
    struct Row {
      std::uint64_t key_of;
      int owner;
      std::int64_t gwei;
    };
    // A new validator of the fund's, a top-up of one of its own (whatever credentials it names), a
    // stranger's.
    constexpr std::array kRows{Row{600'001, 0, 32'000'000'000}, Row{500'001, -1, 1'500'000'000},
                               Row{600'002, -1, 32'000'000'000}};
    const BeaconState state = fleet_.state_at(slot, head_slot(), variants());
    // Strangers ahead of us: more of them every few epochs.
    const std::uint64_t strangers = 20 + slot / kSlotsPerEpoch % 7 * 10;
    writer.begin_array();
    std::size_t left = shown_count(kRows.size() + strangers + state.deposits.size());
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
    const auto add = [&](const std::string& key, const std::string& paid_to, std::int64_t gwei,
                         std::uint64_t at) {
      writer.begin_object()
          .member("pubkey", key)
          .member("withdrawal_credentials", paid_to)
          .member("amount", money::to_string(shown(gwei)))
          .member("signature", "0x" + std::string(192, 'a'))
          .member("slot", std::to_string(at))
          .end_object();
    };
    for (std::uint64_t i = 0; i < strangers && left > 0; ++i, --left)
      add(pubkey(700'000 + i), credentials(-1), 32'000'000'000, slot - 200);
    for (const FleetDeposit& one : state.deposits) {
      if (left-- == 0) break;
      add(pubkey(one.index), fleet_credentials(2), one.amount, one.slot);
    }
    writer.end_array();
  }

  void partials(json::Writer& writer, std::uint64_t slot) const {
    writer.begin_array();
    if (!has(ChainFault::kZeros)) {
      for (const auto& [index, gwei] :
           {std::pair<std::uint64_t, std::int64_t>{500'002, 20'000'000'000}, {123, 1'000'000'000}})
        writer.begin_object()
            .member("validator_index", std::to_string(index))
            .member("amount", money::to_string(shown(gwei)))
            .member("withdrawable_epoch", "455000")
            .end_object();
      for (const FleetPartial& one : fleet_.state_at(slot, head_slot(), variants()).partials)
        writer.begin_object()
            .member("validator_index", std::to_string(one.index))
            .member("amount", money::to_string(shown(one.amount)))
            .member("withdrawable_epoch", std::to_string(one.withdrawable))
            .end_object();
    }
    writer.end_array();
  }

  EvmLedger ledger_;
  BeaconLedger fleet_;
};

}  // namespace

std::unique_ptr<ChainNode> make_beacon(std::string name, const ChainWorld& world,
                                       const ChainFaultBoard& faults) {
  return std::make_unique<Beacon>(std::move(name), world, faults);
}

}  // namespace navkeeper::sandbox
