#include "services/staking/app/liquidity_picture.h"

#include <algorithm>

#include "common/base/refuse.h"
#include "common/money/overflow.h"

namespace navkeeper::staking {
namespace {

using liquidity::Holding;
using liquidity::HoldingKind;
using money::Decimal;

constexpr int kCents = 2;
constexpr int kGweiDecimals = 9;
constexpr int kBasecroDecimals = 8;

HoldingKind kind_of(const Position& position) {
  if (position.state == PositionState::kLiquid) return HoldingKind::kCoins;
  if (position.state == PositionState::kUnbonding || position.state == PositionState::kExiting ||
      position.state == PositionState::kWithdrawable || position.state == PositionState::kRedeeming)
    return HoldingKind::kReturning;
  return position.key.chain == Chain::kLiquid ? HoldingKind::kToken : HoldingKind::kStaked;
}

bool counts(const Position& position) {
  return position.state != PositionState::kContingent && position.state != PositionState::kClaimable &&
         position.amount.is_positive();
}

Holding holding_of(const Position& position, const Decimal& price, const std::vector<Position>& positions,
                   const queues::Outlook& outlook, const FundTerms& terms) {
  Holding holding;
  holding.kind = kind_of(position);
  holding.place = position.key.place + (position.part.empty() ? "" : " " + position.part);
  holding.asset = position.key.asset;
  holding.decimals = position.key.chain == Chain::kEthereum ? kGweiDecimals : kBasecroDecimals;
  holding.quantity = position.amount;
  holding.value = money::multiply(position.amount, price, kCents, money::Rounding::kHalfEven);
  holding.free_at = queues::time_to_cash(position, positions, outlook).free_at;
  // A validator leaves whole; whether it could leave in part depends on its credentials.
  holding.indivisible = position.key.chain == Chain::kEthereum && holding.kind == HoldingKind::kStaked;
  const auto loss = terms.token_sale_loss.find(position.key.asset.value());
  if (loss != terms.token_sale_loss.end()) holding.sale_loss = loss->second;
  return holding;
}

Holding free_of(HoldingKind kind, const char* place, const model::AssetId& asset, const Decimal& quantity,
                const Decimal& value, std::optional<time::Instant> free_at) {
  Holding holding;
  holding.kind = kind;
  holding.place = place;
  holding.asset = asset;
  holding.decimals = kind == HoldingKind::kCash ? kCents : kBasecroDecimals;
  holding.quantity = quantity;
  holding.value = value;
  holding.free_at = free_at;
  return holding;
}

LiquidityPicture painted(const LiquidityInputs& inputs) {
  const FundFacts& facts = inputs.facts;
  const std::vector<Position>& positions = inputs.positions;
  const queues::Outlook outlook = outlook_of(inputs.queues, inputs.terms, inputs.now);
  LiquidityPicture picture;
  picture.policy = inputs.terms.policy;
  const auto regime = liquidity::parse_regime(facts.act);
  if (!regime) base::refuse("facts.act", "'" + facts.act + "' has no liquidity rule here");
  picture.policy.regime = *regime;
  const model::AssetId dollars = model::AssetId::literal("USD");
  if (facts.cash.is_positive())
    picture.holdings.push_back(
        free_of(HoldingKind::kCash, kCash, dollars, facts.cash, facts.cash, outlook.now));
  if (facts.other_assets.is_positive())
    picture.holdings.push_back(free_of(HoldingKind::kCash, "other assets", dollars, facts.other_assets,
                                       facts.other_assets, std::nullopt));
  for (const Position& position : positions) {
    if (std::none_of(facts.holdings.begin(), facts.holdings.end(),
                     [&](const FundHolding& held) { return held.asset == position.key.asset; }))
      base::refuse(position.key.asset.value(), "the chains show " + position.amount.to_string() + " at " +
                                                   position.key.place + " and the NAV of " +
                                                   facts.date.to_string() + " holds none");
  }
  for (const FundHolding& held : facts.holdings) {
    Decimal quantity = held.quantity;
    Decimal value = held.value;
    if (const auto earned = inputs.earned_since.find(held.asset); earned != inputs.earned_since.end()) {
      quantity += earned->second;
      value += money::multiply(earned->second, held.price, kCents, money::Rounding::kHalfEven);
    }
    for (const Position& position : positions) {
      if (position.key.asset != held.asset) continue;
      Holding holding = holding_of(position, held.price, positions, outlook, inputs.terms);
      quantity -= holding.quantity;
      value -= holding.value;
      picture.holdings.push_back(std::move(holding));
    }
    if (quantity.is_negative())
      base::refuse(held.asset.value(), "the chains show " + (-quantity).to_string() +
                                           " more than the NAV of " + facts.date.to_string() + " holds");
    // A cent that the positions' own rounding lost or found belongs to the free coins.
    if (value.is_negative()) value = Decimal{};
    if (quantity.is_positive())
      picture.holdings.push_back(
          free_of(HoldingKind::kCoins, kFreeCoins, held.asset, quantity, value, outlook.now));
  }
  auto tested = liquidity::test(picture.holdings, facts.net_assets, picture.policy, outlook.now);
  if (tested.has_error()) base::refuse("facts.net_assets", std::string(liquidity::describe(tested.error())));
  picture.test = *std::move(tested);
  return picture;
}

}  // namespace

LiquidityInputs resolve_liquidity(StakingStore& store, const model::FundId& fund, const FundFacts& facts,
                                  const FundTerms& terms, time::Instant now) {
  if (facts.valued_at > now) base::refuse("facts.valued_at", "lies in the future");
  if (now - facts.valued_at > terms.nav_age_max)
    base::refuse("facts.valued_at", "the NAV of " + facts.date.to_string() +
                                        " is stale: strike a newer one (nav_age_hours_max)");
  LiquidityInputs inputs;
  inputs.facts = facts;
  inputs.terms = terms;
  inputs.now = now;
  StakingQuery query;
  query.as_of = now;
  const auto readings = store.readings(fund, query);
  if (readings.empty())
    base::refuse("fund " + fund.value(), "no source of it was ever read: run staking sync first");
  inputs.read_at = now;
  for (const StoredReading& stored : readings) {
    inputs.read_at = std::min(inputs.read_at, stored.reading.mark.at);
    const auto [at, is_first] = inputs.read_at_of.try_emplace(stored.reading.source, stored.reading.mark.at);
    at->second = std::min(at->second, stored.reading.mark.at);
    if (now - stored.reading.mark.at > terms.reading_age_max)
      base::refuse("source " + stored.reading.source,
                   "its newest reading, of " + stored.reading.mark.at.to_string() +
                       ", is stale: run staking sync (reading_age_hours_max)");
  }
  inputs.positions = positions_of(readings);
  std::erase_if(inputs.positions, [](const Position& position) { return !counts(position); });
  inputs.queues = store.queues(fund, query);
  query.from = facts.valued_at;
  for (const StoredEvent& stored : store.events(fund, query)) {
    const StakingEvent& event = stored.event;
    if (!is_reward(event.kind) && !is_loss(event.kind)) continue;
    const int way = effect(event.kind, Account::kStake);
    if (way != 0) inputs.earned_since[event.key.asset] += way > 0 ? event.amount : -event.amount;
  }
  return inputs;
}

std::map<model::AssetId, IlliquidStakes> illiquid_stakes(StakingStore& store, const model::FundId& fund,
                                                         const FundTerms& terms, const StakingQuery& query) {
  const auto positions = positions_of(store.readings(fund, query));
  const queues::Outlook outlook = outlook_of(store.queues(fund, query), terms, query.as_of);
  liquidity::LiquidityPolicy policy = terms.policy;
  policy.regime = liquidity::Regime::kIca1940;
  std::map<model::AssetId, IlliquidStakes> found;
  for (const Position& position : positions) {
    if (!counts(position) || position.state == PositionState::kLiquid) continue;
    IlliquidStakes& of_asset = found[position.key.asset];
    of_asset.staked += position.amount;
    // When it is free, and what a sale loses, does not depend on its price.
    const Holding holding = holding_of(position, Decimal::of(1), positions, outlook, terms);
    if (liquidity::is_illiquid(holding, policy, query.as_of)) of_asset.illiquid += position.amount;
  }
  return found;
}

LiquidityPicture picture_of(const LiquidityInputs& inputs) {
  try {
    return painted(inputs);
  } catch (const money::OverflowError&) {
    base::refuse("facts", "a figure is too large to be counted with");
  }
}

}  // namespace navkeeper::staking
