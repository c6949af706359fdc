// A simulated Cronos POS node over REST (chain-main's swagger): bank, staking, distribution, tieredrewards.
// Every list is paged, the height of a question is taken from its header and said in the answer.
#include <algorithm>
#include <array>
#include <charconv>

#include "common/base/base64.h"
#include "common/crypto/bech32.h"
#include "common/crypto/hash.h"
#include "common/json/write.h"
#include "services/sandbox/chains/chain_node.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::size_t kOtherDenominations = 130;  ///< more than a page, so that CRO may stand on the second
constexpr std::size_t kPageDefault = 100;
constexpr std::uint64_t kStaleBlocks = 7;
constexpr money::Int128 kCro = 100'000'000;

/// What the fund has staked, by the number of its address.
struct SimulatedStake {
  std::vector<std::pair<int, money::Int128>> delegations;  ///< validator number, basecro
  std::vector<std::pair<int, money::Int128>> unbondings;
};

struct SimulatedPosition {
  std::uint64_t id;
  int owner;
  money::Int128 amount;
  money::Int128 bonus;
  bool exiting;
};
/// The second has an address that is not derived from its number, as since chain-main v8.
constexpr std::array kPositions{SimulatedPosition{7, 0, 2'000'000 * kCro, 1'234'567, false},
                                SimulatedPosition{8, 0, 50'000 * kCro + 5, 99, true}};

std::string bech32(const char* prefix, std::span<const std::uint8_t> bytes) {
  return *crypto::write_bech32({crypto::Bech32Kind::kBech32, prefix, crypto::to_words(bytes)});
}

std::string coin(std::string_view denomination, const std::string& amount) {
  return R"({"denom":")" + std::string(denomination) + R"(","amount":")" + amount + "\"}";
}

class Cronos final : public ChainNode {
 public:
  Cronos(std::string name, const ChainWorld& world, const ChainFaultBoard& faults)
      : ChainNode(std::move(name), SimulatedChain::kCronosPos, world, faults) {}

  void add_routes(http::Router& router) override {
    router.get("/cosmos/base/tendermint/v1beta1/blocks/{height}",
               [this](const http::Request& request) { return block(request.parameter("height")); });
    router.get("/cosmos/base/tendermint/v1beta1/syncing", [this](const http::Request&) {
      return http::Response::json(has(ChainFault::kSyncing) ? R"({"syncing":true})" : R"({"syncing":false})");
    });
    const auto at = [&](const char* pattern, auto write) {
      router.get(pattern, [this, write](const http::Request& request) { return at_height(request, write); });
    };
    at("/cosmos/bank/v1beta1/balances/{address}", [this](const http::Request& request, std::uint64_t height) {
      return paged(request, "balances", balances(request.parameter("address"), height));
    });
    at("/cosmos/bank/v1beta1/spendable_balances/{address}/by_denom",
       [this](const http::Request& request, std::uint64_t height) {
         return R"({"balance":)" +
                coin("basecro", money::to_string(shown(free_at(request.parameter("address"), height)))) + "}";
       });
    at("/cosmos/staking/v1beta1/delegations/{address}", [this](const http::Request& request, std::uint64_t) {
      return paged(request, "delegation_responses", delegations(request.parameter("address")));
    });
    at("/cosmos/staking/v1beta1/delegators/{address}/unbonding_delegations",
       [this](const http::Request& request, std::uint64_t) {
         return paged(request, "unbonding_responses", unbondings(request.parameter("address")));
       });
    at("/cosmos/distribution/v1beta1/delegators/{address}/rewards",
       [this](const http::Request& request, std::uint64_t height) {
         return rewards(request.parameter("address"), height);
       });
    at("/chainmain/tieredrewards/v1/positions/{owner}", [this](const http::Request& request, std::uint64_t) {
      return paged(request, "positions", positions(request.parameter("owner")));
    });
    at("/chainmain/tieredrewards/v1/estimate_rewards/{id}",
       [this](const http::Request& request, std::uint64_t) {
         for (const SimulatedPosition& position : kPositions) {
           if (std::to_string(position.id) == request.parameter("id"))
             return R"({"base_rewards":[],"bonus_rewards":[)" +
                    coin("basecro", money::to_string(shown(position.bonus))) + "]}";
         }
         return std::string(R"({"base_rewards":[],"bonus_rewards":[]})");
       });
  }

 private:
  template <class Write>
  http::Response at_height(const http::Request& request, const Write& write) const {
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

  std::string position_address(const SimulatedPosition& position) const {
    const std::string name =
        "tieredrewards/position/" + std::to_string(position.id) + (position.exiting ? "/salt" : "");
    return bech32("cro", first_bytes(crypto::sha256(name), 20));
  }
  const SimulatedPosition* position_at(const std::string& address) const {
    for (const SimulatedPosition& position : kPositions) {
      if (position_address(position) == address) return &position;
    }
    return nullptr;
  }

  SimulatedStake stake_of(const std::string& address) const {
    if (is_fund(address, 0))
      return {{{1, 3'000'000 * kCro}, {2, 750'000 * kCro + 13}}, {{1, 40'000 * kCro}, {3, 5 * kCro + 1}}};
    if (is_fund(address, 1)) return {{{2, 10'000 * kCro}}, {}};
    if (const SimulatedPosition* position = position_at(address)) return {{{3, position->amount}}, {}};
    return {};
  }

  money::Int128 free_at(const std::string& address, std::uint64_t height) const {
    money::Int128 sum = 0;
    for (const ChainPayment& payment : world().payments(chain())) {
      const auto at = world().height_of(chain(), payment);
      if (!at || *at > height) continue;
      if (payment.to == address) sum += payment.amount;
      if (payment.from == address && sum >= payment.amount) sum -= payment.amount;
    }
    return sum;
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

  std::string validator(int number) const {
    return bech32("crocncl", first_bytes(crypto::sha256(std::to_string(world().seed()) +
                                                        "/cronos validator/" + std::to_string(number)),
                                         20));
  }

  std::vector<std::string> delegations(const std::string& address) const {
    std::vector<std::string> entries;
    for (const auto& [number, amount] : stake_of(address).delegations) {
      if (has(ChainFault::kZeros)) break;
      if (has(ChainFault::kTruncated) && !entries.empty()) break;
      entries.push_back(R"({"delegation":{"delegator_address":")" + address + R"(","validator_address":")" +
                        validator(number) + R"(","shares":")" + money::to_string(amount) +
                        R"(.000000000000000000"},"balance":)" +
                        coin("basecro", money::to_string(shown(amount))) + "}");
      if (has(ChainFault::kDuplicate)) entries.push_back(entries.back());
    }
    return entries;
  }

  std::vector<std::string> unbondings(const std::string& address) const {
    std::vector<std::string> entries;
    for (const auto& [number, amount] : stake_of(address).unbondings) {
      if (has(ChainFault::kZeros)) break;
      const time::Instant done =
          world().rhythm(chain()).first_at + time::Duration::hours(std::int64_t{24} * (20 + number));
      entries.push_back(
          R"({"delegator_address":")" + address + R"(","validator_address":")" + validator(number) +
          R"(","entries":[{"creation_height":"29000000","completion_time":")" + done.to_string() +
          R"(","initial_balance":")" + money::to_string(amount + kCro) + R"(","balance":")" +
          money::to_string(shown(amount)) + R"(","unbonding_id":"1","unbonding_on_hold_ref_count":"0"}]})");
    }
    return entries;
  }

  /// Grows with each block by a fraction that no basecro holds.
  std::string rewards(const std::string& address, std::uint64_t height) const {
    const money::Int128 blocks = static_cast<money::Int128>(height - world().rhythm(chain()).first);
    std::string rows;
    money::Int128 total = 0;
    for (const auto& [number, amount] : stake_of(address).delegations) {
      if (has(ChainFault::kZeros)) break;
      const money::Int128 earned = shown(blocks * 123'456'789'012'345'678 / 100 * (amount / kCro % 97 + 1));
      total += earned;
      rows += (rows.empty() ? "" : ",") + std::string(R"({"validator_address":")") + validator(number) +
              R"(","reward":[)" + coin("basecro", money::Decimal::of(earned, 18).to_fixed(18)) + "]}";
    }
    return R"({"rewards":[)" + rows + R"(],"total":[)" +
           (rows.empty() ? "" : coin("basecro", money::Decimal::of(total, 18).to_fixed(18))) + "]}";
  }

  std::vector<std::string> positions(const std::string& owner) const {
    std::vector<std::string> entries;
    for (const SimulatedPosition& position : kPositions) {
      if (!is_fund(owner, position.owner) || has(ChainFault::kZeros)) continue;
      if (has(ChainFault::kTruncated) && !entries.empty()) break;
      entries.push_back(R"({"id":")" + std::to_string(position.id) + R"(","owner":")" + owner +
                        R"(","tier_id":1,"amount":")" + money::to_string(shown(position.amount)) +
                        R"(","validator":")" + validator(3) + R"(","delegated_shares":")" +
                        money::to_string(position.amount) + R"(.000000000000000000","exit_triggered_at":)" +
                        (position.exiting ? R"("2026-02-01T00:00:00Z")" : "null") +
                        R"(,"created_at_height":"29900000","delegator_address":")" +
                        position_address(position) + "\"}");
      if (has(ChainFault::kDuplicate)) entries.push_back(entries.back());
    }
    return entries;
  }
};

}  // namespace

std::unique_ptr<ChainNode> make_cronos(std::string name, const ChainWorld& world,
                                       const ChainFaultBoard& faults) {
  return std::make_unique<Cronos>(std::move(name), world, faults);
}

}  // namespace navkeeper::sandbox
