#include "services/staking/domain/liquidity/redemption.h"

#include <algorithm>
#include <tuple>

namespace navkeeper::staking::liquidity {
namespace {

using money::Decimal;
using money::Rounding;

constexpr int kCents = 2;
constexpr std::int64_t kDayHours = 24;

Act act_of(HoldingKind kind) {
  switch (kind) {
    case HoldingKind::kCash:
      return Act::kPay;
    case HoldingKind::kCoins:
    case HoldingKind::kToken:
      return Act::kSell;
    case HoldingKind::kStaked:
      return Act::kAskBack;
    case HoldingKind::kReturning:
      return Act::kAwait;
    case HoldingKind::kClaimable:
      return Act::kClaim;
  }
  return Act::kPay;
}

bool earns(HoldingKind kind) { return kind == HoldingKind::kStaked || kind == HoldingKind::kToken; }

struct Source {
  const Holding* holding;
  time::Instant at;
};

/// Those that can ever pay, in the order in which they are used.
std::vector<Source> sources_of(const std::vector<Holding>& holdings, time::Instant as_of,
                               time::Duration settlement) {
  std::vector<Source> sources;
  for (const Holding& holding : holdings) {
    if (!holding.free_at || !holding.value.is_positive() || !holding.quantity.is_positive()) continue;
    const time::Instant free = std::max(*holding.free_at, as_of);
    sources.push_back({&holding, holding.kind == HoldingKind::kCash ? free : free + settlement});
  }
  std::stable_sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) {
    const auto key = [](const Source& source) {
      return std::tie(source.at, source.holding->sale_loss, source.holding->yield_rate, source.holding->kind,
                      source.holding->place, source.holding->asset);
    };
    return key(a) < key(b);
  });
  return sources;
}

/// What selling `quantity` of it brings.
Decimal proceeds_of(const Holding& holding, const Decimal& quantity) {
  return money::mul_div(quantity, holding.value * (Decimal::of(1) - holding.sale_loss), holding.quantity,
                        kCents, Rounding::kFloor);
}

/// The least quantity whose proceeds reach `wanted`, or all of it.
Decimal quantity_for(const Holding& holding, const Decimal& wanted) {
  const Decimal all = proceeds_of(holding, holding.quantity);
  if (holding.indivisible || all <= wanted) return holding.quantity;
  const Decimal net_value = holding.value * (Decimal::of(1) - holding.sale_loss);
  const Decimal quantity =
      money::mul_div(wanted, holding.quantity, net_value, holding.decimals, Rounding::kCeiling);
  return std::min(quantity, holding.quantity);
}

}  // namespace

std::string_view describe(Act act) {
  switch (act) {
    case Act::kPay:
      return "pay";
    case Act::kSell:
      return "sell";
    case Act::kClaim:
      return "claim";
    case Act::kAwait:
      return "await";
    case Act::kAskBack:
      return "ask_back";
  }
  return "";
}

base::Result<Redemption, LiquidityRefusal> redeem(const std::vector<Holding>& holdings,
                                                  const Decimal& net_assets, const Decimal& asked,
                                                  const LiquidityPolicy& policy, time::Instant as_of,
                                                  time::Duration sale_settlement) {
  const auto before = test(holdings, net_assets, policy, as_of);
  if (before.has_error()) return before.error();
  if (!asked.is_positive()) return LiquidityRefusal::kNotPositive;
  if (asked > net_assets) return LiquidityRefusal::kMoreThanNetAssets;

  Redemption result;
  result.asked = asked;
  result.before = *before;
  std::vector<Holding> after = holdings;
  for (const Source& source : sources_of(holdings, as_of, sale_settlement)) {
    if (result.covered >= asked) break;
    const Holding& holding = *source.holding;
    // Proceeds are whole cents: parts of one that are asked for need another.
    const Decimal quantity =
        quantity_for(holding, (asked - result.covered).rounded(kCents, Rounding::kCeiling));
    const Decimal proceeds = proceeds_of(holding, quantity);
    const Decimal carried =
        quantity == holding.quantity
            ? holding.value
            : money::mul_div(holding.value, quantity, holding.quantity, kCents, Rounding::kHalfEven);
    result.steps.push_back(
        {act_of(holding.kind), holding.place, holding.asset, quantity, proceeds, source.at});
    result.covered += proceeds;
    result.sale_losses += carried - proceeds;
    if (earns(holding.kind)) result.yield_given_up += carried * holding.yield_rate;
    for (std::size_t i = 0; i < kHorizonDays.size(); ++i)
      if (source.at <= as_of + time::Duration::hours(kDayHours * kHorizonDays[i]))
        result.covered_by[i] += proceeds;
    Holding& left = after[static_cast<std::size_t>(&holding - holdings.data())];
    left.quantity -= quantity;
    left.value -= carried;
    if (result.covered >= asked) result.paid_at = source.at;
  }
  if (result.covered < asked) {
    result.shortfall = asked - result.covered;
  } else if (result.covered > asked) {
    Holding rest;
    rest.place = "left over";
    rest.quantity = rest.value = result.covered - asked;
    rest.decimals = kCents;
    rest.free_at = result.paid_at;
    after.push_back(rest);
  }
  const Decimal left = net_assets - asked - result.sale_losses;
  if (left.is_positive()) {
    const auto tested = test(after, left, policy, as_of);
    if (tested.has_value()) result.after = *tested;
  }
  return result;
}

}  // namespace navkeeper::staking::liquidity
