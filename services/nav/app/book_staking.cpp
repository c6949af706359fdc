#include "services/nav/app/book_staking.h"

#include <algorithm>
#include <utility>

#include "common/base/refuse.h"

namespace navkeeper::nav {
namespace {

using books::CoinState;
using books::Place;
using money::Decimal;
using policy::RewardStage;

constexpr const char* kGasName = "Network fees";
/// Only delegations are claimed: what a claim pays beyond known rewards is one of theirs.
constexpr const char* kClaimedType = "delegation";
constexpr std::string_view kPaidByCustodian = "reward_custodian";

class Booker {
 public:
  Booker(const FundDefinition& fund, const StandingOf& standing_of, const PriceOf& price_of)
      : fund_(fund), standing_of_(standing_of), price_of_(price_of) {}

  StakingBooking run(const std::vector<DueEvent>& due) {
    for (const DueEvent& one : due) book(one);
    while (!groups_.empty()) flush(groups_.begin()->first);
    return std::move(result_);
  }

 private:
  /// Rewards of one type at one place that become one.
  struct GroupKey {
    StakingPlace place;
    std::string type;
    auto operator<=>(const GroupKey&) const = default;
  };
  struct Group {
    std::vector<const DueEvent*> events;
    StakingRule rule;
    Decimal sum;
  };

  void book(const DueEvent& due) {
    if (due.in_opening) return result_.events.push_back({due.event.id, ""});
    const StakingRule rule = rule_of(due.event);
    const std::string where = "staking event " + due.event.id;
    if (due.event.amount.is_negative()) base::refuse(where, "has a negative amount");
    if (rule.effect == StakingEffect::kNothing || due.event.amount.is_zero())
      return result_.events.push_back({due.event.id, ""});
    if (rule.effect == StakingEffect::kReward) return collect(due, rule);
    if (due.event.amount.scale() > decimals_of(due))
      base::refuse(where, "has more decimals than a unit of " + due.event.asset.value());
    flush_place(place_of(due.event));
    const std::size_t known = result_.facts.size();
    decide(due, rule);
    result_.events.push_back(
        {due.event.id, known < result_.facts.size() ? result_.facts[known].fact.id : std::string()});
  }

  void decide(const DueEvent& due, const StakingRule& rule) {
    switch (rule.effect) {
      case StakingEffect::kNothing:
      case StakingEffect::kReward:
        return;
      case StakingEffect::kCollected:
        return receive_all(due);
      case StakingEffect::kPaidAway:
        receive_all(due);
        return add(
            due, "/away",
            PenaltySuffered{due.event.asset.value(), due.event.amount, Place{"", CoinState::kAvailable}},
            -due.event.amount);
      case StakingEffect::kWithdrawn:
        return receive_whole(due);
      case StakingEffect::kMoved:
        return add(due, "", moved(due, due.event.amount, rule.from, rule.to), {});
      case StakingEffect::kLost:
        return add(due, "", PenaltySuffered{due.event.asset.value(), due.event.amount, Place{"", rule.from}},
                   -due.event.amount);
      case StakingEffect::kSwapped:
        return swap(due, rule);
      case StakingEffect::kGas: {
        ExpenseIncurred gas;
        gas.type = policy::ExpenseType::kNetwork;
        gas.name = kGasName;
        gas.coins = policy::IncurredExpense::Coins{due.event.asset.value(), due.event.amount, price(due)};
        return add(due, "", gas, -due.event.amount);
      }
    }
  }

  void collect(const DueEvent& due, const StakingRule& rule) {
    decimals_of(due);
    const GroupKey key{place_of(due.event), std::string(rule.type)};
    const auto found = groups_.find(key);
    // Coins of another state, or of another NAV, are a reward of their own.
    if (found != groups_.end() &&
        (found->second.events.front()->valuation != due.valuation ||
         found->second.events.front()->is_late != due.is_late || found->second.rule.to != rule.to))
      flush(key);
    Group& group = groups_[key];
    group.rule = rule;
    group.events.push_back(&due);
    group.sum += due.event.amount;
    // What a custodian pays is a line of its own there: custody compares the two line by line.
    if (due.event.kind == kPaidByCustodian) flush(key);
  }

  void flush(const GroupKey& key) {
    const auto node = groups_.extract(key);
    const Group& group = node.mapped();
    const DueEvent& first = *group.events.front();
    const DueEvent& last = *group.events.back();
    Decimal& carried = standing(key.place).carried[key.type];
    const Decimal total = carried + group.sum;
    const Decimal gross = total.rounded(decimals_of(first), money::Rounding::kDown);
    carried = total - gross;
    if (!gross.is_zero()) {
      policy::RewardEvent event;
      event.reward_id = first.fact_id;
      event.type = key.type;
      event.asset = key.place.asset.value();
      event.stage = group.rule.stage;
      event.date = last.date;
      event.gross = gross;
      event.price = price(first);
      event.place = Place{"", group.rule.to};
      if (group.rule.stage != RewardStage::kReceived) {
        const OpenReward open{first.fact_id, key.type, group.rule.stage, gross};
        standing(key.place).open.push_back(open);
        result_.new_rewards.emplace_back(key.place, open);
      }
      DueEvent of_group = first;
      of_group.date = last.date;
      add(of_group, "", event, is_income_at(key.type, group.rule.stage) ? gross : Decimal{});
    }
    for (const DueEvent* one : group.events)
      result_.events.push_back({one->event.id, gross.is_zero() ? std::string() : first.fact_id});
  }

  void flush_place(const StakingPlace& place) {
    std::vector<GroupKey> keys;
    for (const auto& [key, group] : groups_) {
      if (key.place == place) keys.push_back(key);
    }
    for (const GroupKey& key : keys) flush(key);
  }

  void receive_all(const DueEvent& due) {
    const StakingPlace place = place_of(due.event);
    const Decimal rest = receive(due, place);
    standing(place).carried.clear();  // dropped by the chain with its dust
    if (rest.is_positive()) {
      policy::RewardEvent event;
      event.reward_id = due.fact_id + "/rest";
      event.type = kClaimedType;
      event.asset = place.asset.value();
      event.stage = RewardStage::kReceived;
      event.date = due.date;
      event.gross = rest;
      event.price = price(due);
      add(due, "/rest", event, rest);
    }
  }

  void receive_whole(const DueEvent& due) {
    const Decimal rest = receive(due, place_of(due.event));
    if (rest.is_positive())
      add(due, "/rest", moved(due, rest, CoinState::kStaked, CoinState::kAvailable), {});
  }

  /// A disposal of what was given at the NAV's price, which is the cost of what came. Staked coins are free
  /// for the moment in which they change hands.
  void swap(const DueEvent& due, const StakingRule& rule) {
    const Swapped came = swapped_into(due.event);
    policy::LiquidStakingSwap swap;
    swap.source_id = due.fact_id;
    swap.date = due.date;
    swap.coin = due.event.asset.value();
    swap.coins_in = due.event.amount;
    swap.coin_price = price(due);
    swap.token = came.asset;
    swap.tokens_out = came.quantity;
    if (rule.from != CoinState::kAvailable)
      add(due, "/freed", moved(due, due.event.amount, rule.from, CoinState::kAvailable), {});
    add(due, "", std::move(swap), {});
  }

  /// The place's rewards, oldest first, while they are covered whole; what is left of the amount.
  Decimal receive(const DueEvent& due, const StakingPlace& place) {
    std::vector<OpenReward>& open = standing(place).open;
    Decimal left = due.event.amount;
    std::size_t received = 0;
    for (; received < open.size() && open[received].gross <= left; ++received) {
      const OpenReward& reward = open[received];
      policy::RewardEvent event;
      event.reward_id = reward.reward_id;
      event.type = reward.type;
      event.asset = place.asset.value();
      event.stage = RewardStage::kReceived;
      event.date = due.date;
      event.gross = reward.gross;
      event.price = price(due);
      const bool is_new_income =
          is_income_at(reward.type, RewardStage::kReceived) && !is_income_at(reward.type, reward.stage);
      add(due, "/" + std::to_string(received + 1), event, is_new_income ? reward.gross : Decimal{});
      left -= reward.gross;
    }
    open.erase(open.begin(), open.begin() + static_cast<std::ptrdiff_t>(received));
    return left;
  }

  bool is_income_at(const std::string& type, RewardStage stage) const {
    const auto rule = fund_.policies.rewards.find(type);
    return rule != fund_.policies.rewards.end() && stage >= rule->second.income_at;
  }

  static CoinsMoved moved(const DueEvent& due, const Decimal& quantity, CoinState from, CoinState to) {
    CoinsMoved move;
    move.move.asset = due.event.asset.value();
    move.move.quantity = quantity;
    move.move.from = Place{"", from};
    move.move.to = Place{"", to};
    return move;
  }

  template <class What>
  void add(const DueEvent& due, const std::string& behind, What what, const Decimal& effect) {
    StakingFact staked;
    staked.fact.id = due.fact_id + behind;
    staked.fact.date = due.date;
    staked.fact.what = std::move(what);
    staked.fact.place = "staking event " + due.event.id;
    staked.is_late = due.is_late;
    staked.effect = {due.event.asset.value(), effect, due.valuation};
    result_.facts.push_back(std::move(staked));
  }

  StakingStanding& standing(const StakingPlace& place) {
    const auto found = result_.standing.find(place);
    if (found != result_.standing.end()) return found->second;
    return result_.standing.emplace(place, standing_of_(place)).first->second;
  }

  int decimals_of(const DueEvent& due) const {
    for (const FundAsset& asset : fund_.assets) {
      if (asset.asset == due.event.asset) return asset.decimals;
    }
    base::refuse("staking event " + due.event.id,
                 "is of " + due.event.asset.value() + ", which the fund's definition does not name");
  }
  Decimal price(const DueEvent& due) const { return price_of_(due.event.asset, due.valuation); }

  const FundDefinition& fund_;
  const StandingOf& standing_of_;
  const PriceOf& price_of_;
  std::map<GroupKey, Group> groups_;
  StakingBooking result_;
};

}  // namespace

bool needs_price(const StakingEvent& event) {
  const StakingEffect effect = rule_of(event).effect;
  return effect == StakingEffect::kReward || effect == StakingEffect::kCollected ||
         effect == StakingEffect::kPaidAway || effect == StakingEffect::kWithdrawn ||
         effect == StakingEffect::kGas || effect == StakingEffect::kSwapped;
}

StakingBooking book_staking(const FundDefinition& fund, const std::vector<DueEvent>& due,
                            const StandingOf& standing_of, const PriceOf& price_of) {
  return Booker(fund, standing_of, price_of).run(due);
}

}  // namespace navkeeper::nav
