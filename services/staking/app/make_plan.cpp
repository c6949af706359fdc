#include "services/staking/app/make_plan.h"

#include <algorithm>
#include <array>

#include "common/base/refuse.h"
#include "common/money/overflow.h"
#include "services/staking/app/take_measures.h"
#include "services/staking/domain/liquid_token.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;

constexpr std::int64_t kNsADay = std::int64_t{86'400} * 1'000'000'000;

const FundHolding& held_in(const LiquidityInputs& inputs, const model::AssetId& asset) {
  for (const FundHolding& held : inputs.facts.holdings) {
    if (held.asset == asset) return held;
  }
  base::refuse("asset", "the NAV of " + inputs.facts.date.to_string() + " holds no " + asset.value());
}

Decimal free_coins(const LiquidityPicture& picture, const model::AssetId& asset) {
  for (const liquidity::Holding& one : picture.holdings) {
    if (one.kind == liquidity::HoldingKind::kCoins && one.place == kFreeCoins && one.asset == asset)
      return one.quantity;
  }
  return {};
}

plan::PlanInputs plan_inputs(const LiquidityInputs& inputs, const LiquidityPicture& picture,
                             const std::optional<ValidatorSet>& set,
                             const std::vector<SaidCandidate>& candidates, const Decimal& chain_bonded,
                             const PlanRequest& request) {
  const model::AssetId& asset = request.asset();
  const FundHolding& held = held_in(inputs, asset);
  plan::PlanInputs asked;
  asked.asset = asset;
  asked.decimals = request.decimals;
  asked.price = held.price;
  asked.free_coins = free_coins(picture, asset);
  if (request.place_most) asked.free_coins = std::min(asked.free_coins, *request.place_most);
  asked.free_coins = asked.free_coins.rounded(request.decimals, money::Rounding::kDown);
  if (!asked.free_coins.is_positive()) base::refuse("asset", "no " + asset.value() + " is free to be placed");
  asked.coins_total = held.quantity;
  asked.chain_bonded = chain_bonded;
  const auto days = request.native_days ? request.native_days : unbonding_days(inputs, asset);
  if (!days)
    base::refuse("native_days",
                 "must be said: no source read how long unbonding of " + asset.value() + " takes");
  asked.native_days = *days;
  asked.native_elsewhere = staked_natively(inputs, asset);
  if (set) {
    for (const ValidatorRecord& record : set->validators) {
      if (std::none_of(candidates.begin(), candidates.end(),
                       [&](const SaidCandidate& one) { return one.candidate.place == record.address; }))
        asked.owners_elsewhere[record.name] += staked_at(inputs, asset, record.address);
    }
  }
  for (const SaidCandidate& one : candidates) {
    asked.native_elsewhere -= one.candidate.current;
    asked.validators.push_back(one.candidate);
  }
  asked.tokens = request.tokens;
  for (const HeldToken& held_token : request.tokens_held) {
    const auto named =
        std::find_if(asked.tokens.begin(), asked.tokens.end(),
                     [&](const plan::TokenCandidate& one) { return one.token == held_token.token; });
    (named == asked.tokens.end() ? asked.tokens_elsewhere[held_token.issuer] : named->current) +=
        held_token.coins;
  }
  asked.redemptions = request.redemptions;
  asked.liquidity = picture.test;
  asked.liquidity_policy = picture.policy;
  asked.policy = request.policy;
  return asked;
}

/// The fund's delegations, and what the chain lets be redelegated.
plan::MoveTerms move_terms(const LiquidityInputs& inputs, const PlanRequest& request) {
  plan::MoveTerms terms;
  terms.running = request.redelegations_read;
  const auto outlook = outlook_of(inputs.queues, inputs.terms, inputs.now);
  if (outlook.cronos) terms.entries_max = outlook.cronos->entries_max;
  for (const Position& position : inputs.positions) {
    const std::size_t slash = position.key.place.find('/');
    if (position.key.chain != Chain::kCronosPos || position.key.asset != request.asset() ||
        position.state != PositionState::kActive || slash == std::string::npos)
      continue;
    terms.stakes.push_back(
        {position.key.place.substr(0, slash), position.key.place.substr(slash + 1), position.amount});
  }
  return terms;
}

/// The two steps of a token that a custodian makes of staked coins.
void add_token_steps(const PlanRequest& request, const TokenDesk& from, PlanStep step, MadePlan& made) {
  for (const PlanStep::Act act : {PlanStep::Act::kStake, PlanStep::Act::kConvert}) {
    step.act = act;
    step.number = static_cast<int>(made.steps.size()) + 1;
    step.desk = from.desk;
    step.movement_id = "plan-" + request.id + "-" + std::to_string(step.number);
    if (act == PlanStep::Act::kConvert) {
      step.expected_rate = from.expected_rate;
      step.slippage_bps = from.slippage_bps;
    }
    made.steps.push_back(step);
  }
}

/// Until a free unbonding entry, of a stake at the validator.
int wait_days(const plan::PlanInputs& asked, const std::string& validator) {
  for (const plan::Candidate& one : asked.validators) {
    if (one.place == validator) return one.entry_wait_days;
  }
  return 0;
}

time::Instant after_days(const LiquidityInputs& inputs, int days) {
  return inputs.now + time::Duration::hours(std::int64_t{24} * days);
}

liquidity::Acquisition stake_of(const LiquidityInputs& inputs,
                                const std::vector<liquidity::Holding>& holdings, const StakeUnderWay& stake) {
  const FundHolding& held = held_in(inputs, stake.asset);
  const Decimal value = stake.coins * held.price;  // exact: a rounding could pass the limit or miss it
  liquidity::Acquisition acquisition;
  acquisition.bought.kind = liquidity::HoldingKind::kStaked;
  acquisition.bought.place = "acquisition";
  acquisition.bought.asset = stake.asset;
  acquisition.bought.quantity = stake.coins;
  acquisition.bought.value = value;
  acquisition.bought.free_at = stake.free_at;
  liquidity::Holding paid;
  paid.kind = liquidity::HoldingKind::kCoins;
  paid.place = kFreeCoins;
  paid.asset = stake.asset;
  paid.quantity = stake.coins;
  paid.value = value;
  // The free coins bear the cents that the positions' rounding took: a stake of all of them is worth them
  // all.
  for (const liquidity::Holding& one : holdings) {
    if (one.kind == paid.kind && one.place == paid.place && one.asset == stake.asset) {
      paid.value = std::min(paid.value, one.value);
      acquisition.bought.value = paid.value;
    }
  }
  acquisition.paid_by.push_back(std::move(paid));
  return acquisition;
}

liquidity::LiquidityTest checked_stake(const LiquidityInputs& inputs, const LiquidityPicture& picture,
                                       const StakeUnderWay& stake,
                                       const std::vector<StakeUnderWay>& others = {}) {
  std::vector<liquidity::Holding> holdings = picture.holdings;
  for (const StakeUnderWay& other : others) {
    auto after = liquidity::holdings_after(holdings, stake_of(inputs, holdings, other));
    if (!after)
      base::refuse("others", "fewer " + other.asset.value() + " are free than are under way to be staked");
    holdings = *std::move(after);
  }
  const auto test = liquidity::check_acquisition(
      holdings, inputs.facts.net_assets, stake_of(inputs, holdings, stake), picture.policy, inputs.now);
  if (test.has_error())
    base::refuse(std::string(liquidity::describe(picture.policy.regime)),
                 std::string(liquidity::describe(test.error())) + ": " + stake.coins.to_string() + " " +
                     stake.asset.value() + (others.empty() ? "" : " beside the stakes that are under way") +
                     (stake.free_at ? ", free again at " + stake.free_at->to_string()
                                    : std::string(", of which it is not known when they are free again")));
  return *test;
}

/// Runs `does`; figures that no arithmetic of ours holds are refused.
template <class Does>
auto within_range(Does&& does) {
  try {
    return does();
  } catch (const money::OverflowError&) {
    base::refuse("plan", "a figure is too large to be counted with");
  }
}

/// The newest windows of a token's rate, the better first: long enough to say something, and not too old.
constexpr std::array kRateWindows{30, 7, kSinceKnown};
constexpr int kTokenRateDecimals = 15;

}  // namespace

void resolve_token_rates(StakingStore& store, const model::FundId& fund, PlanRequest& request,
                         time::Instant now) {
  for (auto& [token, from] : request.token_desks) {
    if (from.expected_rate) continue;
    for (const ParameterReading& one : store.parameters(fund, {}))
      if (one.name == "rate." + token) from.expected_rate = Decimal::literal(one.value);
    if (!from.expected_rate)
      base::refuse("tokens: " + token + ": expected_rate", "must be said: no source read a rate of it");
  }
  if (request.tokens_unrated.empty()) return;
  const std::vector<TokenRate> rates = token_rates_of(store, fund, now, time::Instant::latest());
  for (std::size_t i = 0; i < request.tokens.size(); ++i) {
    plan::TokenCandidate& token = request.tokens[i];
    if (!request.tokens_unrated.contains(token.token)) continue;
    const TokenRate* best = nullptr;
    for (const int window : kRateWindows) {
      for (const TokenRate& one : rates)
        if (best == nullptr && one.token == token.token && one.window_days == window) best = &one;
    }
    if (best == nullptr)
      base::refuse("tokens[" + std::to_string(i) + "].net_rate",
                   "must be said: no rate of " + token.token + " was read over time");
    const Decimal a_year = best->apr[0].rounded(kTokenRateDecimals, money::Rounding::kFloor);
    if (a_year.is_negative())
      base::refuse("tokens[" + std::to_string(i) + "].net_rate",
                   "must be said: the rate of " + token.token + " fell");
    token.net_rate = a_year;
    request.token_rates_read[token.token] = best->from.to_string() + " to " + best->to.to_string();
  }
  request.tokens_unrated.clear();
}

void resolve_redelegations(StakingStore& store, const model::FundId& fund, const LiquidityInputs& inputs,
                           PlanRequest& request) {
  request.redelegations_read.clear();
  if (!request.redelegate) return;
  const auto outlook = outlook_of(inputs.queues, inputs.terms, inputs.now);
  if (!outlook.cronos)
    base::refuse("redelegate",
                 "no source read how long a redelegation of " + request.asset().value() + " takes");
  StakingQuery query;
  query.from = inputs.now - outlook.cronos->unbonding;
  query.as_of = inputs.now;
  constexpr std::string_view kTo = "to ";
  for (const StoredEvent& stored : store.events(fund, query, {EventKind::kRedelegateOut})) {
    const StakingEvent& event = stored.event;
    const std::size_t slash = event.key.place.find('/');
    if (event.key.asset != request.asset() || slash == std::string::npos ||
        !event.type_detail.starts_with(kTo))
      continue;
    request.redelegations_read.push_back({event.key.place.substr(0, slash), event.key.place.substr(slash + 1),
                                          event.type_detail.substr(kTo.size())});
  }
}

void resolve_tokens_held(const LiquidityInputs& inputs, PlanRequest& request) {
  const plan::PlanPolicy& policy = request.policy;
  const Decimal all = Decimal::of(1);
  const auto issuer_of = [&](const std::string& token) {
    const auto known = inputs.terms.token_issuer.find(token);
    return known == inputs.terms.token_issuer.end() ? std::string() : known->second;
  };
  for (std::size_t i = 0; i < request.tokens.size(); ++i) {
    plan::TokenCandidate& token = request.tokens[i];
    const std::string issuer = issuer_of(token.token);
    if (issuer.empty()) continue;
    if (!token.issuer.empty() && token.issuer != issuer)
      base::refuse("tokens[" + std::to_string(i) + "].issuer",
                   "is " + token.issuer + ", and the fund's terms say " + issuer);
    token.issuer = issuer;
  }
  std::map<std::string, HeldToken> held;
  for (const Position& position : inputs.positions) {
    if (position.key.chain != Chain::kLiquid || !earns_or_will(position.state)) continue;
    const std::string token = position.key.asset.value();
    const auto worth = worth_in(position.detail);
    if (worth && worth->coin != request.asset().value()) continue;
    if (!worth || !worth->coins) {
      if (policy.liquid_share_max < all || policy.issuer_share_max < all)
        base::refuse(token,
                     "which the fund holds has no known rate: what of it counts against the limits on "
                     "tokens is not known");
      continue;
    }
    HeldToken& one = held[token];
    one.token = token;
    one.coins += *worth->coins;
    one.issuer = issuer_of(token);
    for (const plan::TokenCandidate& asked : request.tokens)
      if (one.issuer.empty() && asked.token == token) one.issuer = asked.issuer;
    if (one.issuer.empty() && policy.issuer_share_max < all)
      base::refuse(token,
                   "which the fund holds has no issuer in the fund's terms ([[staking.funds.tokens]])");
  }
  request.tokens_held.clear();
  for (auto& [token, one] : held) request.tokens_held.push_back(std::move(one));
}

std::optional<int> unbonding_days(const LiquidityInputs& inputs, const model::AssetId& asset) {
  const bool is_ether = std::any_of(
      inputs.positions.begin(), inputs.positions.end(),
      [&](const Position& one) { return one.key.chain == Chain::kEthereum && one.key.asset == asset; });
  if (is_ether) {
    const auto free_at = stake_free_at(inputs, asset, "");
    if (!free_at) return std::nullopt;
    return static_cast<int>(((*free_at - inputs.now).ns() + kNsADay - 1) / kNsADay);
  }
  const auto outlook = outlook_of(inputs.queues, inputs.terms, inputs.now);
  if (!outlook.cronos) return std::nullopt;
  return static_cast<int>((outlook.cronos->unbonding.ns() + kNsADay - 1) / kNsADay);
}

liquidity::LiquidityTest check_stake(const LiquidityInputs& inputs, const model::AssetId& asset,
                                     const Decimal& coins, int days) {
  return check_stake(inputs, asset, coins, std::optional(after_days(inputs, days)));
}

liquidity::LiquidityTest check_stake(const LiquidityInputs& inputs, const model::AssetId& asset,
                                     const Decimal& coins, const std::optional<time::Instant>& free_at,
                                     const std::vector<StakeUnderWay>& others) {
  return within_range([&] {
    return checked_stake(inputs, picture_of(inputs), {asset, coins, free_at}, others);
  });
}

std::optional<time::Instant> stake_free_at(const LiquidityInputs& inputs, const model::AssetId& asset,
                                           const std::string& source) {
  const queues::Outlook outlook = outlook_of(inputs.queues, inputs.terms, inputs.now);
  const auto notice = outlook.custodian_notice.find(source);
  if (notice != outlook.custodian_notice.end()) return inputs.now + notice->second;
  std::optional<time::Instant> longest;
  for (const Position& position : inputs.positions) {
    if (position.key.asset != asset || !earns_or_will(position.state)) continue;
    const auto free_at = queues::time_to_cash(position, inputs.positions, outlook).free_at;
    if (!free_at) return std::nullopt;
    longest = longest ? std::max(*longest, *free_at) : *free_at;
  }
  return longest;
}

MadePlan make_plan(const LiquidityInputs& inputs, const std::optional<ValidatorSet>& set,
                   const PlanRequest& request) {
  return within_range([&] {
    const LiquidityPicture picture = picture_of(inputs);
    std::vector<SaidCandidate> candidates = candidates_of(inputs, set, request.candidates);
    const Decimal bonded = request.chain_bonded.is_zero() && set ? set->bonded : request.chain_bonded;
    const plan::PlanInputs asked = plan_inputs(inputs, picture, set, candidates, bonded, request);
    const auto proposed = plan::propose(asked);
    if (proposed.has_error()) base::refuse("plan", std::string(plan::describe(proposed.error())));
    MadePlan made{*proposed, std::move(candidates), picture.test, picture.test, {}};
    Decimal native;
    int days = asked.native_days;
    for (const plan::Placement& placement : made.plan.placements) {
      if (placement.kind == plan::Placement::Kind::kNative) native += placement.amount;
      PlanStep step;
      step.number = static_cast<int>(made.steps.size()) + 1;
      step.placement = placement;
      if (const auto token = request.token_desks.find(placement.place);
          placement.kind == plan::Placement::Kind::kToken && token != request.token_desks.end()) {
        add_token_steps(request, token->second, std::move(step), made);
        continue;
      }
      if (placement.kind == plan::Placement::Kind::kNative) {
        const auto desk = request.desks.find(placement.place);
        step.desk = desk == request.desks.end() ? request.desk : desk->second;
        days = std::max(days, asked.native_days + wait_days(asked, placement.place));
      }
      if (!step.desk.custodian.empty()) {
        step.movement_id = "plan-" + request.id + "-" + std::to_string(step.number);
      }
      made.steps.push_back(std::move(step));
    }
    if (request.redelegate) {
      auto moves = plan::propose_moves(asked, made.plan, move_terms(inputs, request));
      if (moves.has_error()) base::refuse("plan", std::string(plan::describe(moves.error())));
      made.moves = *std::move(moves);
    }
    if (native.is_positive())
      made.after = checked_stake(inputs, picture, {request.asset(), native, after_days(inputs, days)});
    return made;
  });
}

}  // namespace navkeeper::staking
