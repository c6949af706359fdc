#include "services/staking/app/liquidity_picture.h"

#include "common/base/refuse.h"

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
                   const queues::Outlook& outlook, const LiquidityTerms& terms) {
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

}  // namespace

std::vector<Position> positions_of(const std::vector<StoredReading>& readings) {
  std::vector<Position> positions;
  for (const StoredReading& stored : readings)
    positions.insert(positions.end(), stored.reading.positions.begin(), stored.reading.positions.end());
  return positions;
}

LiquidityPicture picture_of(const FundFacts& facts, const std::vector<Position>& positions,
                            const queues::Outlook& outlook, const LiquidityTerms& terms) {
  LiquidityPicture picture;
  picture.policy = terms.policy;
  const auto regime = liquidity::parse_regime(facts.act);
  if (!regime) base::refuse("act", "'" + facts.act + "' has no liquidity rule here");
  picture.policy.regime = *regime;
  const model::AssetId dollars = model::AssetId::literal("USD");
  if (facts.cash.is_positive())
    picture.holdings.push_back(
        free_of(HoldingKind::kCash, "cash", dollars, facts.cash, facts.cash, outlook.now));
  if (facts.other_assets.is_positive())
    picture.holdings.push_back(free_of(HoldingKind::kCash, "other assets", dollars, facts.other_assets,
                                       facts.other_assets, std::nullopt));
  for (const FundHolding& held : facts.holdings) {
    Decimal quantity = held.quantity;
    Decimal value = held.value;
    for (const Position& position : positions) {
      if (position.key.asset != held.asset || !counts(position)) continue;
      Holding holding = holding_of(position, held.price, positions, outlook, terms);
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
          free_of(HoldingKind::kCoins, "free", held.asset, quantity, value, outlook.now));
  }
  auto tested = liquidity::test(picture.holdings, facts.net_assets, picture.policy, outlook.now);
  if (tested.has_error())
    base::refuse("NAV of " + facts.date.to_string(), std::string(liquidity::describe(tested.error())));
  picture.test = *std::move(tested);
  return picture;
}

}  // namespace navkeeper::staking
