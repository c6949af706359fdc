#include "services/nav/domain/books/rollforward.h"

#include "common/base/ensure.h"
#include "common/money/overflow.h"
#include "services/nav/domain/books/chart.h"

namespace navkeeper::nav::books {
namespace {

std::optional<Units> value_of(const AssetDefinition& asset, Units quantity, const CoinPrices& prices) {
  if (quantity.is_zero()) return Units{};
  const auto price = prices.find(asset.asset);
  if (price == prices.end()) return std::nullopt;
  const auto value = Units::from(money::multiply(quantity.to_decimal(asset.decimals), price->second,
                                                 kDollarDecimals, money::Rounding::kHalfEven),
                                 kDollarDecimals);
  if (!value) throw money::OverflowError("the value of a position needs more than 128 bits");
  return value;
}

void add(PeriodAmount& sum, const FlowSum& flow, bool is_turned) {
  sum.quantity += is_turned ? -flow.quantity : flow.quantity;
  sum.cost += is_turned ? -flow.cost : flow.cost;
  sum.value += is_turned ? -flow.value : flow.value;
}

void take(AssetRollForward& roll, const FlowSum& flow) {
  roll.closing.quantity += flow.quantity;
  roll.closing.cost += flow.cost;
  if (flow.is_before) {
    roll.opening.quantity += flow.quantity;
    roll.opening.cost += flow.cost;
  } else if (is_addition(flow.cause)) {
    add(roll.additions[flow.cause], flow, false);
  } else if (is_disposal(flow.cause)) {
    add(roll.disposals[flow.cause], flow, true);
    const Units gain = flow.cost - flow.value;  // both negative when coins went
    roll.realised += gain;
    if (flow.is_recognised) roll.recognised += gain;
  } else {
    add(roll.restated, flow, false);
  }
}

}  // namespace

std::vector<AssetRollForward> roll_forward(std::span<const AssetDefinition> assets,
                                           std::span<const FlowSum> flows, const CoinPrices& opening_prices,
                                           const CoinPrices& closing_prices) {
  std::vector<AssetRollForward> rolls;
  for (const AssetDefinition& asset : assets) {
    AssetRollForward roll;
    roll.asset = asset;
    for (const FlowSum& flow : flows) {
      if (flow.asset == asset.asset) take(roll, flow);
    }
    roll.opening.value = value_of(asset, roll.opening.quantity, opening_prices);
    roll.closing.value = value_of(asset, roll.closing.quantity, closing_prices);
    if (roll.opening.value && roll.closing.value)
      roll.change_in_unrealised =
          (*roll.closing.value - roll.closing.cost) - (*roll.opening.value - roll.opening.cost);
    ENSURE(foots(roll));
    rolls.push_back(std::move(roll));
  }
  return rolls;
}

bool foots(const AssetRollForward& roll) {
  Units quantity = roll.opening.quantity + roll.restated.quantity;
  Units cost = roll.opening.cost + roll.restated.cost;
  Units value = roll.restated.cost + roll.realised;
  for (const auto& [cause, added] : roll.additions) {
    quantity += added.quantity;
    cost += added.cost;
    value += added.cost;
  }
  for (const auto& [cause, gone] : roll.disposals) {
    quantity -= gone.quantity;
    cost -= gone.cost;
    value -= gone.value;
  }
  if (quantity != roll.closing.quantity || cost != roll.closing.cost) return false;
  if (!roll.change_in_unrealised) return true;
  return *roll.opening.value + value + *roll.change_in_unrealised == *roll.closing.value;
}

}  // namespace navkeeper::nav::books
