#include "services/custody/adapters/chains/cosmos_source.h"

#include <algorithm>
#include <set>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/custody/adapters/chains/cosmos_walk.h"
#include "services/custody/adapters/chains/cosmos_wire.h"
#include "services/custody/adapters/chains/readings.h"
#include "services/custody/adapters/chains/wire_fields.h"

namespace navkeeper::custody {
namespace {

constexpr std::string_view kHeightHeader = "x-cosmos-block-height";
/// How the gateway passes on what its server said (grpc-gateway, runtime.MetadataHeaderPrefix).
constexpr std::string_view kHeightAnswer = "grpc-metadata-x-cosmos-block-height";
constexpr std::string_view kPageSize = "100";
constexpr std::size_t kPagesMax = 500;
constexpr int kNotFound = 404;
constexpr int kNotImplemented = 501;

class CosmosSource final : public ChainSource {
 public:
  CosmosSource(const std::string& name, std::shared_ptr<http::NodeCarrier> carrier, CosmosRules rules,
               std::shared_ptr<http::NodeCarrier> rpc)
      : node_(name, std::move(carrier)), rules_(std::move(rules)) {
    if (rpc) walker_.emplace(name + "/rpc", std::move(rpc), rules_.denomination);
  }

  const std::string& name() const override { return node_.name(); }

  ChainHead head() override {
    const CosmosBlock newest = block("latest");
    ChainHead head{newest.height, newest.at, {}};
    if (parse_cosmos_syncing(name(), node_.get("/cosmos/base/tendermint/v1beta1/syncing")))
      head.doubts.emplace_back("it is still syncing");
    node_.take_raw();
    return head;
  }

  ChainReading read(const std::string& address_text, std::uint64_t height) override {
    const auto owner = CosmosAddress::parse(address_text);
    if (owner.has_error()) throw base::Refused(owner.error().within("address"));
    if (owner->role != CosmosRole::kAccount) base::refuse("address", "must be an account's (cro1…)");
    node_.take_raw();
    height_ = height;
    doubts_.clear();
    ChainReading reading;
    reading.source = name();
    reading.chain = Chain::kCronosPos;
    reading.address = owner->to_string();
    const CosmosBlock at = block(std::to_string(height));
    if (at.height != height) base::refuse(name() + ": blocks", "another block was answered");
    reading.block = {height, at.hash};
    reading.block_time = at.at;

    const AddressStake own = stake_of(*owner, reading.parts);
    const std::vector<TierPosition> positions = tier_positions(*owner, reading.parts);
    const auto sum = sum_cro(*owner, own, positions);
    if (sum.has_error()) throw base::Refused(sum.error().within(name()));
    const Basecro spendable = spendable_of(*owner);
    if (spendable > own.free) base::refuse(name() + ": spendable_balances", "are more than the balance");
    reading.doubts = doubts_;
    reading.raw = node_.take_raw();
    Balance row = native_balance(reading);
    row.total = sum->total().coins();
    row.available = spendable.coins();
    row.reserved = (own.free - spendable).coins();
    row.staked = sum->staked.coins();
    row.unbonding = sum->unbonding.coins();
    row.unbonding_entries = sum->unbonding_entries;
    row.claimable = sum->claimable.coins();
    row.rewards_pending = sum->contingent.coins();
    add_balance(reading, std::move(row));
    return reading;
  }

  time::Instant time_of(std::uint64_t height) override {
    const CosmosBlock at = block(std::to_string(height));
    if (at.height != height) base::refuse(name() + ": blocks", "another block was answered");
    return at.at;
  }

  std::optional<ChainWalk> walk(const std::vector<std::string>& addresses,
                                const ChainWalkTerms& terms) override {
    if (!walker_) return std::nullopt;
    ChainWalk walk;
    walk.last = terms.to;
    walk.first = terms.to > terms.first_blocks ? terms.to - terms.first_blocks + 1 : 1;
    const CosmosBlock newest = block(std::to_string(terms.to));
    if (newest.height != terms.to || newest.hash != terms.to_hash)
      throw base::Unavailable(name() + ": block " + std::to_string(terms.to) +
                              " is another one than the balances were read at");
    if (terms.since) {
      if (newest.at <= *terms.since) return std::nullopt;
      walk.first = std::max<std::uint64_t>(first_since(*terms.since, terms.to), 2);
    }
    walk.from = time_of(walk.first);
    walk.to = newest.at;
    for (const std::string& address : addresses) {
      const auto owned_at = [&](std::uint64_t height) {
        return *read(address, height).balances.front().total;
      };
      const money::Decimal before = owned_at(walk.first - 1);
      const money::Decimal after = owned_at(walk.last);
      std::vector<ReadingPart> ignored;
      std::set<std::string> positions;
      for (const TierPosition& one : tier_positions(*CosmosAddress::parse(address), ignored))
        positions.insert(one.delegator.to_string());
      auto found = walker_->movements(address, positions, walk.first, walk.last,
                                      [this](std::uint64_t height) { return time_of(height); });
      money::Decimal net;
      for (ChainMovement& one : found) {
        net += one.received - one.spent;
        walk.movements.push_back(std::move(one));
      }
      // A slash, and what positions paid and were paid for themselves, stand in no payment of the account.
      if (const money::Decimal rest = after - before - net; !rest.is_zero())
        add_unlisted(walk, address, rest);
    }
    node_.take_raw();
    return walk;
  }

 private:
  static void add_unlisted(ChainWalk& walk, const std::string& address, const money::Decimal& amount) {
    ChainMovement movement;
    movement.address = address;
    movement.transaction_id = "unlisted " + std::to_string(walk.first) + "-" + std::to_string(walk.last);
    movement.height = walk.last;
    // Before the next walk's first block, which is this one's last.
    movement.at = walk.to - time::Duration::from_ns(1);
    movement.received = amount.is_negative() ? money::Decimal() : amount;
    movement.spent = amount.is_negative() ? -amount : money::Decimal();
    movement.is_unlisted = true;
    movement.since = walk.from;
    walk.from = std::min(walk.from, movement.at);
    walk.movements.push_back(std::move(movement));
  }

  /// The lowest block made at or after `since`, at most `to`.
  std::uint64_t first_since(time::Instant since, std::uint64_t to) {
    std::uint64_t not_before = to;
    std::uint64_t before = to;
    for (std::uint64_t step = 64;; step *= 2) {
      if (before <= 1) return 1;
      before = before > step ? before - step : 1;
      if (time_of(before) < since) break;
      not_before = before;
    }
    while (not_before - before > 1) {
      const std::uint64_t middle = before + (not_before - before) / 2;
      (time_of(middle) < since ? before : not_before) = middle;
    }
    return not_before;
  }

  CosmosBlock block(const std::string& which) {
    CosmosBlock block =
        parse_cosmos_block(name(), node_.get("/cosmos/base/tendermint/v1beta1/blocks/" + which));
    if (block.chain_id != rules_.chain_id)
      base::refuse(name(), "is a node of another network: its chain id is " + block.chain_id.substr(0, 64));
    return block;
  }

  /// One answer at the height. `optional`: a node without the module answers nothing.
  std::optional<std::string> ask(const std::string& path, http::Parameters query, bool optional = false) {
    http::Response response =
        node_.send({.path = path,
                    .query = std::move(query),
                    .headers = {{std::string(kHeightHeader), std::to_string(height_)}}});
    if (optional && (response.status == kNotImplemented || response.status == kNotFound)) return std::nullopt;
    if (response.status != 200)
      throw base::Unavailable(name() + ": " + path + " was answered with status " +
                              std::to_string(response.status) + " at height " + std::to_string(height_));
    const std::string* said = response.headers.find(kHeightAnswer);
    if (said == nullptr) said = response.headers.find(kHeightHeader);
    if (said == nullptr) {
      doubt("it does not say at which height it answered");
    } else if (*said != std::to_string(height_)) {
      base::refuse(name() + ": " + path, "was answered at height " + said->substr(0, 20) + " instead of " +
                                             std::to_string(height_));
    }
    return std::move(response.body);
  }

  void doubt(std::string what) {
    if (std::find(doubts_.begin(), doubts_.end(), what) == doubts_.end()) doubts_.push_back(std::move(what));
  }

  /// All pages of a list. `parse` reads one.
  template <class Item, class Parse>
  std::optional<std::vector<Item>> pages(const std::string& path, Parse&& parse, bool optional = false) {
    std::vector<Item> all;
    std::set<std::string> keys;
    std::string next;
    for (std::size_t count = 0; count < kPagesMax; ++count) {
      http::Parameters query{{"pagination.limit", std::string(kPageSize)}};
      if (!next.empty()) query.emplace_back("pagination.key", next);
      const auto body = ask(path, std::move(query), optional);
      if (!body) return std::nullopt;
      CosmosPage<Item> page = parse(*body);
      for (Item& item : page.items) all.push_back(std::move(item));
      if (page.next.empty()) return all;
      if (!keys.insert(page.next).second) base::refuse(name() + ": " + path, "its pages lead in a circle");
      next = std::move(page.next);
    }
    base::refuse(name() + ": " + path, "has more than " + std::to_string(kPagesMax) + " pages");
  }

  Basecro free_of(const std::string& address, std::vector<ReadingPart>& parts) {
    const auto coins =
        *pages<CosmosCoin>("/cosmos/bank/v1beta1/balances/" + address,
                           [&](const std::string& body) { return parse_bank_page(name(), body); });
    std::set<std::string> denominations;
    Basecro free;
    for (const CosmosCoin& coin : coins) {
      if (!denominations.insert(coin.denomination).second)
        base::refuse(name() + ": balances", "denomination " + coin.denomination + " comes twice");
      if (coin.denomination == rules_.denomination)
        free = Basecro::of(coin.amount);
      else
        parts.push_back({"other_denomination",
                         coin.denomination.substr(0, 128),
                         money::to_string(coin.amount),
                         model::AssetId::literal("CRO"),
                         {},
                         false,
                         "not CRO: its smallest units stand beside"});
    }
    add_part(parts, "account", address, "", free);
    return free;
  }

  static void add_part(std::vector<ReadingPart>& parts, std::string kind, std::string id, std::string state,
                       Basecro amount, bool in_total = true, std::string remark = {}) {
    if (amount.is_zero()) return;
    parts.push_back({std::move(kind), std::move(id), std::move(state), model::AssetId::literal("CRO"),
                     amount.coins(), in_total, std::move(remark)});
  }

  AddressStake stake_of(const CosmosAddress& holder, std::vector<ReadingPart>& parts) {
    const std::string address = holder.to_string();
    AddressStake stake;
    stake.free = free_of(address, parts);
    stake.delegations =
        *pages<Delegation>("/cosmos/staking/v1beta1/delegations/" + address, [&](const std::string& body) {
          return parse_delegations_page(name(), body, address, rules_.denomination);
        });
    stake.unbondings = *pages<UnbondingRow>(
        "/cosmos/staking/v1beta1/delegators/" + address + "/unbonding_delegations",
        [&](const std::string& body) { return parse_unbondings_page(name(), body, address); });
    stake.rewards_basecro =
        parse_rewards(name(), *ask("/cosmos/distribution/v1beta1/delegators/" + address + "/rewards", {}),
                      rules_.denomination);
    for (const Delegation& delegation : stake.delegations)
      add_part(parts, "delegation", delegation.validator, "by " + address, delegation.amount);
    for (const UnbondingRow& row : stake.unbondings) {
      for (const Unbonding& unbonding : row.entries)
        add_part(parts, "unbonding", row.validator, "completes " + unbonding.completes_at.to_string(),
                 unbonding.amount);
    }
    return stake;
  }

  Basecro spendable_of(const CosmosAddress& owner) {
    const std::string path = "/cosmos/bank/v1beta1/spendable_balances/" + owner.to_string() + "/by_denom";
    const json::Value document = parse_node_json(name(), *ask(path, {{"denom", rules_.denomination}}));
    json::ObjectReader coin = json::ObjectReader(document, name()).object("balance");
    if (coin.string("denom") != rules_.denomination)
      base::refuse(coin.path_of("denom"), "is another denomination");
    return read_quantity<BasecroUnit>(coin.value("amount"));
  }

  std::vector<TierPosition> tier_positions(const CosmosAddress& owner, std::vector<ReadingPart>& parts) {
    const std::string address = owner.to_string();
    const auto rows = pages<TierPositionRow>(
        "/chainmain/tieredrewards/v1/positions/" + address,
        [&](const std::string& body) { return parse_positions_page(name(), body, address); }, true);
    if (!rows) {
      doubt("it does not know tiered-reward positions, whose coins lie at other addresses");
      return {};
    }
    std::vector<TierPosition> positions;
    for (const TierPositionRow& row : *rows) {
      TierPosition position{
          row.id, row.delegator.value_or(tier_position_address(row.id)), row.state, row.amount, {}, {}};
      const bool derived = position.delegator == tier_position_address(row.id);
      const std::size_t first_part = parts.size();
      position.stake = stake_of(position.delegator, parts);
      for (std::size_t i = first_part; i < parts.size(); ++i) {
        parts[i].kind = "tier_position_" + parts[i].kind;
        parts[i].remark = "position " + std::to_string(row.id) + ", " + row.state +
                          (derived ? ", address derived from its number" : ", address as the node states it");
      }
      if (std::string against = tier_position_doubt(position); !against.empty()) {
        doubt(std::move(against));
        add_part(parts, "tier_position", std::to_string(row.id), row.state, row.amount, false,
                 "by the module alone: not found at its address");
      }
      const std::string estimate = "/chainmain/tieredrewards/v1/estimate_rewards/" + std::to_string(row.id);
      position.bonus = parse_bonus(name(), *ask(estimate, {}), rules_.denomination);
      add_part(parts, "tier_bonus", std::to_string(row.id), row.state, position.bonus, false,
               "contingent: paid from a pool that may be short");
      positions.push_back(std::move(position));
    }
    return positions;
  }

  http::Node node_;
  CosmosRules rules_;
  std::optional<CosmosWalker> walker_;
  std::uint64_t height_ = 0;
  std::vector<std::string> doubts_;
};

}  // namespace

std::unique_ptr<ChainSource> cosmos_source(const std::string& name,
                                           std::shared_ptr<http::NodeCarrier> carrier, CosmosRules rules,
                                           std::shared_ptr<http::NodeCarrier> rpc) {
  return std::make_unique<CosmosSource>(name, std::move(carrier), std::move(rules), std::move(rpc));
}

}  // namespace navkeeper::custody
