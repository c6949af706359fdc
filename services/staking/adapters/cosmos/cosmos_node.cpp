#include "services/staking/adapters/cosmos/cosmos_node.h"

#include <algorithm>
#include <set>

#include "common/base/bytes.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/crypto/hash.h"
#include "services/staking/adapters/cosmos/block_facts.h"
#include "services/staking/adapters/cosmos/cosmos_wire.h"
#include "services/staking/adapters/cosmos/store_wire.h"
#include "services/staking/adapters/cosmos/wire_fields.h"

namespace navkeeper::staking {
namespace {

constexpr std::string_view kHeightHeader = "x-cosmos-block-height";
/// How the gateway passes on what its server said (grpc-gateway, runtime.MetadataHeaderPrefix).
constexpr std::string_view kHeightAnswer = "grpc-metadata-x-cosmos-block-height";
constexpr std::string_view kPageSize = "100";
constexpr std::uint64_t kSearchPageSize = 100;
constexpr std::size_t kPagesMax = 500;
constexpr std::size_t kBlocksKeptMax = 64;
constexpr int kFound = 200;
constexpr int kNotFound = 404;
constexpr int kNotImplemented = 501;
constexpr std::size_t kAddressBytes = 20;

std::string status_word(const std::string& status) {
  if (status == "BOND_STATUS_BONDED") return "bonded";
  if (status == "BOND_STATUS_UNBONDING") return "unbonding";
  if (status == "BOND_STATUS_UNBONDED") return "unbonded";
  return "of an unknown status";
}

class CosmosNode final : public CosmosChain {
 public:
  CosmosNode(std::string name, std::shared_ptr<http::NodeCarrier> rest,
             std::shared_ptr<http::NodeCarrier> rpc, CosmosRules rules)
      : rest_(name, std::move(rest)), rpc_(std::move(name), std::move(rpc)), rules_(std::move(rules)) {}

  const std::string& name() const override { return rest_.name(); }

  StateMark head() override {
    if (parse_cosmos_syncing(name(), rest_.get("/cosmos/base/tendermint/v1beta1/syncing")))
      throw base::Unavailable(name() + " is still syncing");
    const CosmosBlock newest = block("latest");
    if (newest.height < 2) base::refuse(name() + ": blocks", "the chain has no state yet");
    const CosmosBlock before = block_at(newest.height - 1);
    return {before.height, newest.app_hash, before.at};
  }

  /// A block is final when it is made; its state's hash stands in the next header.
  StateMark mark_at(std::uint64_t height) override {
    const auto known = marks_.find(height);
    if (known != marks_.end()) return known->second;
    const CosmosBlock own = block_at(height);
    const StateMark mark{height, block_at(height + 1).app_hash, own.at};
    return marks_.emplace(height, mark).first->second;
  }

  DelegatorState delegator(const std::string& address, const StateMark& mark) override {
    DelegatorState state;
    state.mark = mark;
    const std::uint64_t height = mark.height;
    const auto rewards =
        parse_rewards(name(), *ask("/cosmos/distribution/v1beta1/delegators/" + address + "/rewards", height),
                      rules_.denomination);
    for (DelegationRow& row : pages<DelegationRow>(
             "/cosmos/staking/v1beta1/delegations/" + address, height, [&](const std::string& body) {
               return parse_delegations(name(), body, address, rules_.denomination);
             })) {
      const auto earned = rewards.find(row.validator);
      if (earned == rewards.end())
        base::refuse(name() + ": rewards", "does not name " + row.validator + ", where coins are delegated");
      if (!state.delegations.emplace(row.validator, DelegationState{row.shares, row.tokens, earned->second})
               .second)
        base::refuse(name() + ": delegations", "validator " + row.validator + " comes twice");
    }
    if (rewards.size() != state.delegations.size())
      base::refuse(name() + ": rewards", "name a validator where nothing is delegated");
    state.unbondings = pages<UnbondingEntry>(
        "/cosmos/staking/v1beta1/delegators/" + address + "/unbonding_delegations", height,
        [&](const std::string& body) { return parse_unbondings(name(), body, address); });
    state.redelegations = pages<RedelegationEntry>(
        "/cosmos/staking/v1beta1/delegators/" + address + "/redelegations", height,
        [&](const std::string& body) { return parse_redelegations(name(), body, address); });
    const auto by_time = [](const auto& a, const auto& b) {
      return std::tie(a.creation_height, a.completes_at) < std::tie(b.creation_height, b.completes_at);
    };
    std::stable_sort(state.unbondings.begin(), state.unbondings.end(), by_time);
    std::stable_sort(state.redelegations.begin(), state.redelegations.end(), by_time);
    state.free = parse_balance(name(),
                               *ask("/cosmos/bank/v1beta1/balances/" + address + "/by_denom", height,
                                    {{"denom", rules_.denomination}}),
                               rules_.denomination);
    return state;
  }

  std::string withdraw_address(const std::string& address, std::uint64_t height) override {
    return parse_withdraw_address(
        name(), *ask("/cosmos/distribution/v1beta1/delegators/" + address + "/withdraw_address", height));
  }

  CosmosValidator validator(const std::string& address, std::uint64_t height) override {
    CosmosValidator validator = validator_of(validator_state(address, height));
    if (validator.consensus_address.empty()) return validator;
    const auto info =
        ask("/cosmos/slashing/v1beta1/signing_infos/" + validator.consensus_address, height, {}, true);
    validator.tombstoned = info && parse_tombstoned(name(), *info);
    return validator;
  }

  CosmosValidatorList validators(std::uint64_t height) override {
    CosmosValidatorList list;
    std::map<std::string, SigningInfo> infos;
    for (SigningInfo& info :
         pages<SigningInfo>("/cosmos/slashing/v1beta1/signing_infos", height,
                            [&](const std::string& body) { return parse_signing_infos(name(), body); })) {
      std::string key = info.consensus_address;
      if (!infos.emplace(std::move(key), std::move(info)).second)
        base::refuse(name() + ": signing_infos", "name a validator twice");
    }
    for (const ValidatorState& state :
         pages<ValidatorState>("/cosmos/staking/v1beta1/validators", height,
                               [&](const std::string& body) { return parse_validators(name(), body); })) {
      CosmosValidatorList::Row row{validator_of(state), state.name, {}, 0};
      if (const auto info = infos.find(row.validator.consensus_address); info != infos.end()) {
        row.validator.tombstoned = info->second.tombstoned;
        row.signing_since = info->second.start_height;
        row.missed_blocks = info->second.missed_blocks;
      }
      list.rows.push_back(std::move(row));
    }
    std::sort(list.rows.begin(), list.rows.end(),
              [](const auto& a, const auto& b) { return a.validator.address < b.validator.address; });
    for (std::size_t i = 1; i < list.rows.size(); ++i) {
      if (list.rows[i].validator.address == list.rows[i - 1].validator.address)
        base::refuse(name() + ": validators", list.rows[i].validator.address + " comes twice");
    }
    list.bonded = parse_bonded(name(), *ask("/cosmos/staking/v1beta1/pool", height));
    money::Decimal sum;
    for (const CosmosValidatorList::Row& row : list.rows)
      if (row.validator.status == "bonded") sum += row.validator.tokens;
    if (sum != list.bonded)
      base::refuse(name() + ": validators",
                   "bonded ones have " + sum.to_string() + " together, the pool " + list.bonded.to_string());
    if (const auto minted = ask("/cosmos/mint/v1beta1/annual_provisions", height, {}, true))
      list.annual_provisions = parse_annual_provisions(name(), *minted);
    return list;
  }

  /// The bounds of the question are called heights, and nodes compare the slash's period with them: all are
  /// asked for.
  std::vector<CosmosSlash> slashes(const std::string& address, std::uint64_t height) override {
    std::vector<CosmosSlash> all;
    for (const SlashRow& row :
         pages<SlashRow>("/cosmos/distribution/v1beta1/validators/" + address + "/slashes", height,
                         [&](const std::string& body) { return parse_slashes(name(), body); },
                         {{"starting_height", "0"}, {"ending_height", std::to_string(UINT64_MAX)}}))
      all.push_back({row.period, row.fraction});
    std::sort(all.begin(), all.end(),
              [](const CosmosSlash& a, const CosmosSlash& b) { return a.period < b.period; });
    return all;
  }

  /// Only looked for: what is answered is no evidence.
  std::optional<time::Instant> time_of(std::uint64_t height) override {
    const http::Response state =
        rest_.send({.path = "/cosmos/slashing/v1beta1/params",
                    .headers = {{std::string(kHeightHeader), std::to_string(height)}}});
    rest_.drop_last_raw();
    if (state.status != kFound) return std::nullopt;
    const http::Response answer =
        rest_.send({.path = "/cosmos/base/tendermint/v1beta1/blocks/" + std::to_string(height)});
    rest_.drop_last_raw();
    if (answer.status != kFound) return std::nullopt;
    const CosmosBlock found = parse_cosmos_block(name(), answer.body);
    if (found.height != height || found.chain_id != rules_.chain_id) return std::nullopt;
    return found.at;
  }

  CosmosParameters parameters(std::uint64_t height) override {
    const auto of = [&](const char* module) {
      return *ask("/cosmos/" + std::string(module) + "/v1beta1/params", height);
    };
    const CosmosParameters parameters =
        parse_parameters(name(), of("staking"), of("slashing"), of("distribution"));
    if (parameters.bond_denomination != rules_.denomination)
      base::refuse(name() + ": bond_denom", "is not " + rules_.denomination);
    return parameters;
  }

  std::vector<TierPosition> tier_positions(const std::string& owner, std::uint64_t height) override {
    const std::string path = "/chainmain/tieredrewards/v1/positions/" + owner;
    if (!ask(path, height, {{"pagination.limit", std::string(kPageSize)}}, true)) return {};
    auto positions = pages<TierPosition>(
        path, height, [&](const std::string& body) { return parse_tier_positions(name(), body); });
    for (TierPosition& position : positions) {
      const std::string id = std::to_string(position.id);
      // Up to chain-main v7 the address follows from the number; since v8 it stands in the position.
      if (position.delegator.empty())
        position.delegator = module_address(rules_.prefix, "tieredrewards/position/" + id);
      position.bonus = parse_bonus(name(), *ask("/chainmain/tieredrewards/v1/estimate_rewards/" + id, height),
                                   rules_.denomination);
    }
    return positions;
  }

  std::vector<std::uint64_t> busy_heights(const std::string& address, std::uint64_t first,
                                          std::uint64_t last) override {
    std::vector<std::uint64_t> heights;
    for (const char* key : {"message.sender", "transfer.recipient", "transfer.sender"})
      search("/tx_search", "tx.height", std::string(key) + "='" + address + "'", first, last, heights);
    for (const char* key :
         {"complete_unbonding.delegator", "transfer.recipient", "withdraw_rewards.delegator"})
      search("/block_search", "block.height", std::string(key) + "='" + address + "'", first, last, heights);
    return unique(std::move(heights));
  }

  std::vector<std::uint64_t> slash_heights(const std::string& address, std::uint64_t first,
                                           std::uint64_t last) override {
    std::vector<std::uint64_t> heights;
    search("/block_search", "block.height", "slash.address='" + address + "'", first, last, heights);
    search("/block_search", "block.height", "slash.jailed='" + address + "'", first, last, heights);
    return unique(std::move(heights));
  }

  BlockFacts facts(const std::string& address, std::uint64_t height,
                   const std::map<std::string, std::string>& consensus_addresses) override {
    return facts_of(results(height), {address, rules_.denomination, rules_.prefix, consensus_addresses});
  }

  std::optional<RewardState> reward_state(const std::string& address, const std::string& validator_address,
                                          std::uint64_t height) override {
    const base::Bytes who = address_bytes(name() + ": delegator", address, rules_.prefix);
    const base::Bytes where =
        address_bytes(name() + ": validator", validator_address, rules_.validator_prefix);
    const auto start_value = stored(starting_info_key(where, who), height);
    const auto current_value = stored(current_rewards_key(where), height);
    if (!start_value || !current_value) return std::nullopt;
    const std::string told = name() + ": abci_query";
    const StartingInfo start = parse_starting_info(told, *start_value);
    const CurrentRewards current = parse_current_rewards(told, *current_value, rules_.denomination);
    if (current.period == 0) base::refuse(told, "the validator has no reward period");
    RewardState state;
    state.start_stake = start.stake;
    state.start_ratio = ratio(where, start.previous_period, height);
    state.ratio = ratio(where, current.period - 1, height);
    state.current_rewards = current.rewards;
    for (const CosmosSlash& slash : slashes(validator_address, height)) {
      if (slash.period > start.previous_period)
        state.slashes.push_back({ratio(where, slash.period, height), slash.fraction});
    }
    const ValidatorState at = validator_state(validator_address, height);
    state.validator_tokens = at.tokens;
    state.validator_shares = at.shares;
    for (const DelegationRow& row : pages<DelegationRow>(
             "/cosmos/staking/v1beta1/delegations/" + address, height, [&](const std::string& body) {
               return parse_delegations(name(), body, address, rules_.denomination);
             })) {
      if (row.validator == validator_address) state.shares = row.shares;
    }
    return state;
  }

  std::vector<model::NodeAnswer> take_raw() override {
    std::vector<model::NodeAnswer> raw = rest_.take_raw();
    for (model::NodeAnswer& answer : rpc_.take_raw()) raw.push_back(std::move(answer));
    return raw;
  }

 private:
  CosmosBlock block(const std::string& which) {
    CosmosBlock block =
        parse_cosmos_block(name(), rest_.get("/cosmos/base/tendermint/v1beta1/blocks/" + which));
    if (block.chain_id != rules_.chain_id)
      base::refuse(name(), "is a node of another network: its chain id is " + block.chain_id.substr(0, 64));
    return block;
  }
  CosmosBlock block_at(std::uint64_t height) {
    CosmosBlock found = block(std::to_string(height));
    if (found.height != height)
      base::refuse(name() + ": blocks", "block " + std::to_string(found.height) +
                                            " was answered instead of " + std::to_string(height));
    return found;
  }

  /// One answer about the height. `optional`: a node without the module answers nothing.
  std::optional<std::string> ask(const std::string& path, std::uint64_t height, http::Parameters query = {},
                                 bool optional = false) {
    http::Response response = rest_.send({.path = path,
                                          .query = std::move(query),
                                          .headers = {{std::string(kHeightHeader), std::to_string(height)}}});
    if (optional && (response.status == kNotImplemented || response.status == kNotFound)) return std::nullopt;
    if (response.status != kFound)
      throw base::Unavailable(name() + ": " + path + " was answered with status " +
                              std::to_string(response.status) + " at height " + std::to_string(height));
    const std::string* said = response.headers.find(kHeightAnswer);
    if (said == nullptr) said = response.headers.find(kHeightHeader);
    if (said == nullptr || *said != std::to_string(height))
      base::refuse(name() + ": " + path, said == nullptr ? "does not say at which height it was answered"
                                                         : "was answered at height " + said->substr(0, 20) +
                                                               " instead of " + std::to_string(height));
    return std::move(response.body);
  }

  template <class Item, class Parse>
  std::vector<Item> pages(const std::string& path, std::uint64_t height, Parse&& parse,
                          const http::Parameters& query = {}) {
    std::vector<Item> all;
    std::set<std::string> keys;
    std::string next;
    for (std::size_t count = 0; count < kPagesMax; ++count) {
      http::Parameters asked = query;
      asked.emplace_back("pagination.limit", std::string(kPageSize));
      if (!next.empty()) asked.emplace_back("pagination.key", next);
      CosmosPage<Item> page = parse(*ask(path, height, std::move(asked)));
      for (Item& item : page.items) all.push_back(std::move(item));
      if (page.next.empty()) return all;
      if (!keys.insert(page.next).second) base::refuse(name() + ": " + path, "its pages lead in a circle");
      next = std::move(page.next);
    }
    base::refuse(name() + ": " + path, "has more than " + std::to_string(kPagesMax) + " pages");
  }

  ValidatorState validator_state(const std::string& address, std::uint64_t height) {
    return parse_validator(name(), *ask("/cosmos/staking/v1beta1/validators/" + address, height), address);
  }

  /// Without its signing info.
  CosmosValidator validator_of(const ValidatorState& state) const {
    CosmosValidator validator{state.address, {},           status_word(state.status), state.jailed, false,
                              state.tokens,  state.shares, state.commission_rate};
    if (!state.consensus_key.empty())
      validator.consensus_address = consensus_address(name() + ": consensus_pubkey", state.consensus_key,
                                                      rules_.validator_prefix + "cons");
    return validator;
  }

  void search(const std::string& path, const std::string& height_key, const std::string& what,
              std::uint64_t first, std::uint64_t last, std::vector<std::uint64_t>& heights) {
    if (last < first) return;
    const std::string query = "\"" + what + " AND " + height_key + ">=" + std::to_string(first) + " AND " +
                              height_key + "<=" + std::to_string(last) + "\"";
    std::uint64_t found = 0;
    for (std::uint64_t page = 1; page <= kPagesMax; ++page) {
      const SearchPage answer =
          parse_search(name(), rpc_.get(path, {{"query", query},
                                               {"page", std::to_string(page)},
                                               {"per_page", std::to_string(kSearchPageSize)},
                                               {"order_by", "\"asc\""}}));
      for (const std::uint64_t height : answer.heights) {
        if (height < first || height > last)
          base::refuse(name() + ": " + path,
                       "found block " + std::to_string(height) + ", which was not asked for");
        heights.push_back(height);
      }
      found += answer.heights.size();
      if (found >= answer.total) return;
      if (answer.heights.empty())
        base::refuse(name() + ": " + path, "ends before what it says that it found");
    }
    base::refuse(name() + ": " + path, "has more than " + std::to_string(kPagesMax) + " pages");
  }

  static std::vector<std::uint64_t> unique(std::vector<std::uint64_t> heights) {
    std::sort(heights.begin(), heights.end());
    heights.erase(std::unique(heights.begin(), heights.end()), heights.end());
    return heights;
  }

  const BlockResults& results(std::uint64_t height) {
    const auto known = blocks_.find(height);
    if (known != blocks_.end()) return known->second;
    BlockResults block =
        parse_block_results(name(), rpc_.get("/block_results", {{"height", std::to_string(height)}}));
    if (block.height != height)
      base::refuse(name() + ": block_results", "block " + std::to_string(block.height) +
                                                   " was answered instead of " + std::to_string(height));
    if (blocks_.size() >= kBlocksKeptMax) blocks_.clear();
    return blocks_.emplace(height, std::move(block)).first->second;
  }

  std::optional<base::Bytes> stored(const base::Bytes& key, std::uint64_t height) {
    const http::Response response = rpc_.send({.path = "/abci_query",
                                               .query = {{"path", "\"/store/distribution/key\""},
                                                         {"data", "0x" + base::to_hex(key)},
                                                         {"height", std::to_string(height)}}});
    if (response.status != 200) return std::nullopt;
    return parse_store_answer(name(), response.body, key, height);
  }

  money::Decimal ratio(const base::Bytes& validator_bytes, std::uint64_t period, std::uint64_t height) {
    const auto value = stored(historical_rewards_key(validator_bytes, period), height);
    if (!value)
      base::refuse(name() + ": abci_query", "the store has no reward period " + std::to_string(period));
    return parse_historical_ratio(name() + ": abci_query", *value, rules_.denomination);
  }

  http::Node rest_;
  http::Node rpc_;
  CosmosRules rules_;
  std::map<std::uint64_t, StateMark> marks_;
  std::map<std::uint64_t, BlockResults> blocks_;
};

}  // namespace

std::unique_ptr<CosmosChain> cosmos_node(const std::string& name, std::shared_ptr<http::NodeCarrier> rest,
                                         std::shared_ptr<http::NodeCarrier> rpc, CosmosRules rules) {
  return std::make_unique<CosmosNode>(name, std::move(rest), std::move(rpc), std::move(rules));
}

}  // namespace navkeeper::staking
