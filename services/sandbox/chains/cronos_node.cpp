// A simulated Cronos POS node over REST (chain-main's swagger): bank, staking, distribution, slashing,
// tieredrewards. Every list is paged, the height of a question is taken from its header and said in the
// answer.
#include <algorithm>
#include <charconv>
#include <functional>

#include "common/base/base64.h"
#include "common/crypto/bech32.h"
#include "common/crypto/hash.h"
#include "common/json/write.h"
#include "services/sandbox/chains/chain_node.h"
#include "services/sandbox/chains/cronos_rpc.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::size_t kOtherDenominations = 130;  ///< more than a page, so that CRO may stand on the second
constexpr std::size_t kPageDefault = 100;
constexpr std::uint64_t kStaleBlocks = 7;
constexpr int kMissedBlocks = 10;

using Answer = std::function<std::string(const http::Request&, std::uint64_t)>;

std::string coin(std::string_view denomination, const std::string& amount) {
  return R"({"denom":")" + std::string(denomination) + R"(","amount":")" + amount + "\"}";
}

std::string not_found(const char* what) {
  return R"({"code":5,"message":")" + std::string(what) + R"( not found","details":[]})";
}

class Cronos final : public ChainNode {
 public:
  Cronos(std::string name, const ChainWorld& world, const ChainFaultBoard& faults, const CronosLedger& ledger)
      : ChainNode(std::move(name), SimulatedChain::kCronosPos, world, faults), ledger_(ledger) {}

  void add_routes(http::Router& router) override {
    router.get("/cosmos/base/tendermint/v1beta1/blocks/{height}",
               [this](const http::Request& request) { return block(request.parameter("height")); });
    router.get("/cosmos/base/tendermint/v1beta1/syncing", [this](const http::Request&) {
      return http::Response::json(has(ChainFault::kSyncing) ? R"({"syncing":true})" : R"({"syncing":false})");
    });
    const auto at = [&](const char* pattern, Answer write) {
      router.get(pattern, [this, write = std::move(write)](const http::Request& request) {
        return at_height(request, write);
      });
    };
    at("/cosmos/bank/v1beta1/balances/{address}", [this](const http::Request& request, std::uint64_t height) {
      return paged(request, "balances", balances(request.parameter("address"), height));
    });
    at("/cosmos/bank/v1beta1/spendable_balances/{address}/by_denom",
       [this](const http::Request& request, std::uint64_t height) {
         return R"({"balance":)" +
                coin("basecro", money::to_string(shown(free_at(request.parameter("address"), height)))) + "}";
       });
    at("/cosmos/bank/v1beta1/balances/{address}/by_denom", [this](const http::Request& request,
                                                                  std::uint64_t height) {
      const std::string* denomination = request.query_value("denom");
      const bool is_cro = denomination != nullptr && *denomination == "basecro";
      const money::Int128 free = is_cro ? free_at(request.parameter("address"), height) : 0;
      return R"({"balance":)" +
             coin(is_cro ? "basecro" : "none", money::to_string(has(ChainFault::kZeros) ? 0 : shown(free))) +
             "}";
    });
    at("/cosmos/staking/v1beta1/delegations/{address}",
       [this](const http::Request& request, std::uint64_t height) {
         return paged(request, "delegation_responses", delegations(request.parameter("address"), height));
       });
    at("/cosmos/staking/v1beta1/delegators/{address}/unbonding_delegations",
       [this](const http::Request& request, std::uint64_t height) {
         return paged(request, "unbonding_responses", unbondings(request.parameter("address"), height));
       });
    at("/cosmos/staking/v1beta1/delegators/{address}/redelegations",
       [this](const http::Request& request, std::uint64_t height) {
         return paged(request, "redelegation_responses", redelegations(request.parameter("address"), height));
       });
    at("/cosmos/distribution/v1beta1/delegators/{address}/rewards",
       [this](const http::Request& request, std::uint64_t height) {
         return rewards(request.parameter("address"), height);
       });
    at("/cosmos/distribution/v1beta1/delegators/{address}/withdraw_address",
       [](const http::Request& request, std::uint64_t) {
         return R"({"withdraw_address":")" + request.parameter("address") + "\"}";
       });
    at("/cosmos/distribution/v1beta1/validators/{validator}/slashes",
       [this](const http::Request& request, std::uint64_t height) { return slashes(request, height); });
    at("/cosmos/staking/v1beta1/validators", [this](const http::Request& request, std::uint64_t height) {
      const CronosState state = ledger_.state_at(height);
      std::vector<std::string> entries;
      for (const auto& [number, seat] : state.validators) entries.push_back(validator_text(number, seat));
      return paged(request, "validators", std::move(entries));
    });
    at("/cosmos/staking/v1beta1/pool", [this](const http::Request&, std::uint64_t height) {
      money::Int128 bonded = 0;
      money::Int128 not_bonded = 0;
      for (const auto& [number, seat] : ledger_.state_at(height).validators)
        (seat.jailed ? not_bonded : bonded) += shown(seat.tokens);
      return R"({"pool":{"not_bonded_tokens":")" + money::to_string(not_bonded) + R"(","bonded_tokens":")" +
             money::to_string(bonded) + "\"}}";
    });
    at("/cosmos/mint/v1beta1/annual_provisions", [](const http::Request&, std::uint64_t) {
      return R"({"annual_provisions":")" + cronos_annual_provisions().to_fixed(18) + "\"}";
    });
    at("/cosmos/slashing/v1beta1/signing_infos", [this](const http::Request& request, std::uint64_t height) {
      const CronosState state = ledger_.state_at(height);
      std::vector<std::string> entries;
      for (const auto& [number, seat] : state.validators)
        entries.push_back(signing_text(number, seat, state));
      return paged(request, "info", std::move(entries));
    });
    at("/cosmos/staking/v1beta1/validators/{validator}",
       [this](const http::Request& request, std::uint64_t height) {
         return validator_answer(request.parameter("validator"), height);
       });
    at("/cosmos/slashing/v1beta1/signing_infos/{address}",
       [this](const http::Request& request, std::uint64_t height) {
         return signing_info(request.parameter("address"), height);
       });
    for (const char* module : {"staking", "slashing", "distribution"}) {
      at(("/cosmos/" + std::string(module) + "/v1beta1/params").c_str(),
         [this, which = std::string(module)](const http::Request&, std::uint64_t height) {
           return parameters(which, height);
         });
    }
    at("/chainmain/tieredrewards/v1/positions/{owner}",
       [this](const http::Request& request, std::uint64_t height) {
         return paged(request, "positions", positions(request.parameter("owner"), height));
       });
    at("/chainmain/tieredrewards/v1/estimate_rewards/{id}",
       [this](const http::Request& request, std::uint64_t) {
         for (const CronosTierPosition& position : cronos_tier_positions()) {
           if (std::to_string(position.id) == request.parameter("id"))
             return R"({"base_rewards":[],"bonus_rewards":[)" +
                    coin("basecro", money::to_string(shown(position.bonus))) + "]}";
         }
         return std::string(R"({"base_rewards":[],"bonus_rewards":[]})");
       });
    add_cronos_rpc(router, {.ledger = &ledger_,
                            .tip = [this] { return tip(); },
                            .first = world().rhythm(chain()).first,
                            .encoded = name() != "cronos"});
  }

 private:
  http::Response at_height(const http::Request& request, const Answer& write) const {
    std::uint64_t height = tip();
    if (const std::string* wanted = request.headers.find("x-cosmos-block-height")) {
      const auto read = std::from_chars(wanted->data(), wanted->data() + wanted->size(), height);
      if (read.ec != std::errc() || height > tip() || height < world().rhythm(chain()).first)
        return http::Response::json(
            R"({"code":3,"message":"codespace sdk code 26: invalid height: cannot query with height in the future","details":[]})",
            400);
    }
    if (has(ChainFault::kStaleHeight)) height -= kStaleBlocks;
    http::Response response = http::Response::json(write(request, height));
    response.headers.add("Grpc-Metadata-X-Cosmos-Block-Height", std::to_string(height));
    return response;
  }

  http::Response block(const std::string& which) const {
    std::uint64_t height = tip();
    if (which != "latest") {
      const auto read = std::from_chars(which.data(), which.data() + which.size(), height);
      if (read.ec != std::errc() || height > tip() || height < world().rhythm(chain()).first)
        return http::Response::json(
            R"({"code":3,"message":"requested block height is bigger then the chain length","details":[]})",
            400);
      if (has(ChainFault::kStaleHeight)) height -= kStaleBlocks;
    }
    const auto hash = crypto::sha256("cronos pos " + std::to_string(world().seed()) + "/" +
                                     std::to_string(height) + "/" + std::to_string(variant(height)));
    json::Writer writer;
    writer.begin_object()
        .key("block_id")
        .begin_object()
        .member("hash", base::to_base64(hash))
        .end_object()
        .key("block")
        .begin_object()
        .key("header")
        .begin_object();
    writer
        .member("chain_id",
                has(ChainFault::kWrongChain) ? "testnet-croeseid-4" : "crypto-org-chain-mainnet-1")
        .member("height", std::to_string(height));
    // A block's header has the hash of the state that the block before it left.
    const auto state = crypto::sha256("cronos state " + std::to_string(world().seed()) + "/" +
                                      std::to_string(height - 1) + "/" + std::to_string(variant(height - 1)));
    writer.member("app_hash", base::to_base64(state));
    writer.member("time", world().time_of(chain(), height).to_string()).end_object().end_object();
    return http::Response::json(writer.end_object().take());
  }

  /// The entries from the key on, as many as asked for; the key is the number of the first, in base64.
  std::string paged(const http::Request& request, std::string_view name,
                    std::vector<std::string> entries) const {
    std::size_t limit = kPageDefault;
    if (const std::string* wanted = request.query_value("pagination.limit"))
      std::from_chars(wanted->data(), wanted->data() + wanted->size(), limit);
    std::size_t first = 0;
    if (const std::string* key = request.query_value("pagination.key");
        key != nullptr && !has(ChainFault::kDuplicate)) {
      const auto bytes = base::from_base64(*key).value_or(base::Bytes());
      const std::string digits(bytes.begin(), bytes.end());
      std::from_chars(digits.data(), digits.data() + digits.size(), first);
    }
    const std::size_t end = std::min(entries.size(), first + std::min(limit, kPageDefault));
    std::string text = "{\"" + std::string(name) + "\":[";
    for (std::size_t i = first; i < end; ++i) text += (i == first ? "" : ",") + entries[i];
    // A node that cuts its lists short says that there is no more.
    const bool more = end < entries.size() && !has(ChainFault::kTruncated);
    const std::string digits = std::to_string(end);
    text += R"(],"pagination":{"next_key":)" +
            (more ? json::quoted(base::to_base64(base::Bytes(digits.begin(), digits.end()))) : "null");
    return text + R"(,"total":"0"}})";
  }

  bool is_fund(const std::string& address, int number) const {
    return world().addresses(chain())[static_cast<std::size_t>(number)] == address;
  }

  money::Int128 free_at(const std::string& address, std::uint64_t height) const {
    const CronosState state = ledger_.state_at(height);
    const auto change = state.bank.find(address);
    const money::Int128 staked = change == state.bank.end() ? 0 : change->second;
    return std::max<money::Int128>(ledger_.paid_in(address, height) + staked, 0);
  }

  std::vector<std::string> balances(const std::string& address, std::uint64_t height) const {
    std::vector<std::string> entries;
    if (is_fund(address, 0)) {
      for (std::size_t i = 0; i < kOtherDenominations; ++i)
        entries.push_back(coin("aibc/" + std::to_string(1000 + i), "5"));
    }
    const money::Int128 free = free_at(address, height);
    if (free > 0 && !has(ChainFault::kZeros))
      entries.push_back(coin("basecro", money::to_string(shown(free))));
    return entries;
  }

  std::string validator(int number) const { return ledger_.validator_address(number); }

  std::vector<std::string> delegations(const std::string& address, std::uint64_t height) const {
    std::vector<std::string> entries;
    const CronosState state = ledger_.state_at(height);
    for (const auto& [number, seat] : state.validators) {
      const auto held = seat.delegations.find(address);
      if (held == seat.delegations.end()) continue;
      if (has(ChainFault::kZeros)) break;
      if (has(ChainFault::kTruncated) && !entries.empty()) break;
      entries.push_back(R"({"delegation":{"delegator_address":")" + address + R"(","validator_address":")" +
                        validator(number) + R"(","shares":")" + held->second.shares.to_fixed(18) +
                        R"("},"balance":)" +
                        coin("basecro", money::to_string(shown(state.delegated(address, number)))) + "}");
      if (has(ChainFault::kDuplicate)) entries.push_back(entries.back());
    }
    return entries;
  }

  std::vector<std::string> unbondings(const std::string& address, std::uint64_t height) const {
    std::map<int, std::string> by_validator;
    int number = 0;  // the chain's own goes on over all delegators
    for (const CronosEntry& entry : ledger_.state_at(height).unbondings) {
      ++number;
      if (entry.delegator != address || has(ChainFault::kZeros)) continue;
      std::string& list = by_validator[entry.validator];
      list += (list.empty() ? "" : ",") + std::string(R"({"creation_height":")") +
              std::to_string(entry.height) + R"(","completion_time":")" + entry.completes_at.to_string() +
              R"(","initial_balance":")" + money::to_string(entry.initial) + R"(","balance":")" +
              money::to_string(shown(entry.balance)) + R"(","unbonding_id":")" + std::to_string(number) +
              R"(","unbonding_on_hold_ref_count":"0"})";
    }
    std::vector<std::string> entries;
    entries.reserve(by_validator.size());
    for (const auto& [which, list] : by_validator)
      entries.push_back(R"({"delegator_address":")" + address + R"(","validator_address":")" +
                        validator(which) + R"(","entries":[)" + list + "]}");
    return entries;
  }

  std::vector<std::string> redelegations(const std::string& address, std::uint64_t height) const {
    std::vector<std::string> entries;
    for (const CronosEntry& entry : ledger_.state_at(height).redelegations) {
      if (entry.delegator != address || has(ChainFault::kZeros)) continue;
      const std::string own = R"({"creation_height":")" + std::to_string(entry.height) +
                              R"(","completion_time":")" + entry.completes_at.to_string() +
                              R"(","initial_balance":")" + money::to_string(entry.initial) +
                              R"(","shares_dst":")" + entry.shares.to_fixed(18) +
                              R"(","unbonding_id":"1","unbonding_on_hold_ref_count":"0"})";
      entries.push_back(R"({"redelegation":{"delegator_address":")" + address +
                        R"(","validator_src_address":")" + validator(entry.validator) +
                        R"(","validator_dst_address":")" + validator(entry.destination) +
                        R"(","entries":null},"entries":[{"redelegation_entry":)" + own + R"(,"balance":")" +
                        money::to_string(shown(entry.balance)) + R"("}]})");
    }
    return entries;
  }

  std::string rewards(const std::string& address, std::uint64_t height) const {
    const CronosState state = ledger_.state_at(height);
    std::string rows;
    money::Decimal total;
    for (const auto& [number, seat] : state.validators) {
      if (!seat.delegations.contains(address)) continue;
      if (has(ChainFault::kZeros)) break;
      // The smallest part of a basecro is the 18th decimal.
      const money::Decimal earned =
          money::Decimal::of(shown(*state.rewards(address, number).to_units(18)), 18);
      total += earned;
      rows += (rows.empty() ? "" : ",") + std::string(R"({"validator_address":")") + validator(number) +
              R"(","reward":[)" + (earned.is_zero() ? "" : coin("basecro", earned.to_fixed(18))) + "]}";
    }
    return R"({"rewards":[)" + rows + R"(],"total":[)" +
           (total.is_zero() ? "" : coin("basecro", total.to_fixed(18))) + "]}";
  }

  std::optional<int> number_of(const CronosState& state, const std::string& address) const {
    for (const auto& [number, seat] : state.validators) {
      if (validator(number) == address || ledger_.consensus_address(number) == address) return number;
    }
    return std::nullopt;
  }

  std::string validator_answer(const std::string& address, std::uint64_t height) const {
    const CronosState state = ledger_.state_at(height);
    const auto number = number_of(state, address);
    if (!number) return not_found("validator");
    return R"({"validator":)" + validator_text(*number, state.validators.at(*number)) + "}";
  }

  std::string validator_text(int number, const CronosValidator& seat) const {
    json::Writer writer;
    writer.begin_object().member("operator_address", validator(number));
    writer.key("consensus_pubkey")
        .begin_object()
        .member("@type", "/cosmos.crypto.ed25519.PubKey")
        .member("key", ledger_.consensus_key(number))
        .end_object();
    writer.member("jailed", seat.jailed)
        .member("status", seat.jailed ? "BOND_STATUS_UNBONDING" : "BOND_STATUS_BONDED")
        .member("tokens", money::to_string(shown(seat.tokens)))
        .member("delegator_shares", seat.shares.to_fixed(18));
    writer.key("description")
        .begin_object()
        .member("moniker", "validator " + std::to_string(number))
        .end_object();
    writer.key("commission")
        .begin_object()
        .key("commission_rates")
        .begin_object()
        .member("rate", seat.commission_rate.to_fixed(18))
        .end_object()
        .end_object();
    return writer.end_object().take();
  }

  std::string signing_info(const std::string& address, std::uint64_t height) const {
    const CronosState state = ledger_.state_at(height);
    const auto number = number_of(state, address);
    if (!number) return not_found("signing info");
    return R"({"val_signing_info":)" + signing_text(*number, state.validators.at(*number), state) + "}";
  }

  /// Each misses as many blocks of the window as its number says, times kMissedBlocks, and those for which it
  /// is down.
  std::string signing_text(int number, const CronosValidator& seat, const CronosState& state) const {
    const std::uint64_t window = std::stoull(state.parameters.at("signed_blocks_window"));
    const std::uint64_t missed =
        static_cast<std::uint64_t>((number - 1) * kMissedBlocks) + seat.missed_of(window, state.height);
    json::Writer writer;
    writer.begin_object()
        .member("address", ledger_.consensus_address(number))
        .member("start_height", "0")
        .member("index_offset", "0")
        .member("jailed_until", seat.jailed_until.to_string())
        .member("tombstoned", seat.tombstoned)
        .member("missed_blocks_counter", std::to_string(std::min(missed, window)));
    return writer.end_object().take();
  }

  std::string slashes(const http::Request& request, std::uint64_t height) const {
    const CronosState state = ledger_.state_at(height);
    const auto number = number_of(state, request.parameter("validator"));
    if (!number) return not_found("validator");
    const auto bound = [&](const char* name, std::uint64_t otherwise) {
      const std::string* text = request.query_value(name);
      std::uint64_t value = otherwise;
      if (text != nullptr) std::from_chars(text->data(), text->data() + text->size(), value);
      return value;
    };
    const std::uint64_t from = bound("starting_height", 0);
    const std::uint64_t until = bound("ending_height", height);
    std::vector<std::string> entries;
    // As the module's query does: the bounds are called heights and compared with periods.
    for (const CronosSlash& slash : state.validators.at(*number).slashes) {
      if (slash.period >= from && slash.period <= until)
        entries.push_back(R"({"validator_period":")" + std::to_string(slash.period) + R"(","fraction":")" +
                          slash.fraction.to_fixed(18) + "\"}");
    }
    return paged(request, "slashes", entries);
  }

  std::string parameters(const std::string& module, std::uint64_t height) const {
    const auto all = ledger_.state_at(height).parameters;
    const auto fixed = [&](const char* name) { return money::Decimal::literal(all.at(name)).to_fixed(18); };
    const auto number = [&](const char* name) { return static_cast<std::int64_t>(std::stoll(all.at(name))); };
    json::Writer writer;
    writer.begin_object().key("params").begin_object();
    if (module == "staking") {
      writer.member("unbonding_time", all.at("unbonding_time") + "s")
          .member("max_validators", number("max_validators"))
          .member("max_entries", number("max_entries"))
          .member("historical_entries", 10'000)
          .member("bond_denom", "basecro");
    } else if (module == "distribution") {
      writer.member("community_tax", fixed("community_tax")).member("withdraw_addr_enabled", true);
    } else {
      writer.member("signed_blocks_window", all.at("signed_blocks_window"))
          .member("min_signed_per_window", fixed("min_signed_per_window"))
          .member("downtime_jail_duration", all.at("downtime_jail_duration") + "s")
          .member("slash_fraction_double_sign", fixed("slash_fraction_double_sign"))
          .member("slash_fraction_downtime", fixed("slash_fraction_downtime"));
    }
    return writer.end_object().end_object().take();
  }

  std::vector<std::string> positions(const std::string& owner, std::uint64_t height) const {
    std::vector<std::string> entries;
    const CronosState state = ledger_.state_at(height);
    for (const CronosTierPosition& position : cronos_tier_positions()) {
      if (!is_fund(owner, position.owner) || has(ChainFault::kZeros)) continue;
      if (has(ChainFault::kTruncated) && !entries.empty()) break;
      entries.push_back(R"({"id":")" + std::to_string(position.id) + R"(","owner":")" + owner +
                        R"(","tier_id":1,"amount":")" +
                        money::to_string(shown(state.delegated(cronos_tier_address(position), 3))) +
                        R"(","validator":")" + validator(3) + R"(","delegated_shares":")" +
                        money::to_string(position.amount) + R"(.000000000000000000","exit_triggered_at":)" +
                        (position.exiting ? R"("2026-02-01T00:00:00Z")" : "null") +
                        R"(,"created_at_height":"29900000","delegator_address":")" +
                        cronos_tier_address(position) + "\"}");
      if (has(ChainFault::kDuplicate)) entries.push_back(entries.back());
    }
    return entries;
  }

  const CronosLedger& ledger_;
};

}  // namespace

std::unique_ptr<ChainNode> make_cronos(std::string name, const ChainWorld& world,
                                       const ChainFaultBoard& faults, const CronosLedger& ledger) {
  return std::make_unique<Cronos>(std::move(name), world, faults, ledger);
}

}  // namespace navkeeper::sandbox
