#include "services/staking/domain/liquidity/liquidity.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::staking::liquidity {
namespace {

using money::Decimal;
using money::Rational;

constexpr std::int64_t kDayHours = 24;

time::Instant after_days(time::Instant as_of, int days) {
  return as_of + time::Duration::hours(kDayHours * days);
}

bool sells_at_about_its_value(const Holding& holding, const LiquidityPolicy& policy) {
  return holding.sale_loss <= policy.sale_loss_max;
}

bool same_place(const Holding& a, const Holding& b) {
  return a.kind == b.kind && a.place == b.place && a.asset == b.asset;
}

/// Takes `part` out of the holding it names.
bool take(std::vector<Holding>& holdings, const Holding& part) {
  const auto found = std::find_if(holdings.begin(), holdings.end(),
                                  [&](const Holding& holding) { return same_place(holding, part); });
  if (found == holdings.end() || part.quantity > found->quantity || part.value > found->value) return false;
  found->quantity -= part.quantity;
  found->value -= part.value;
  return true;
}

Standing standing_of(const LiquidityTest& test, const LiquidityPolicy& policy) {
  switch (policy.regime) {
    case Regime::kIca1940:
      return test.illiquid_share > Rational(policy.illiquid_max) ? Standing::kAboveIlliquid
                                                                 : Standing::kWithin;
    case Regime::kEtp1933:
      if (test.readily_share >= Rational(policy.readily_min)) return Standing::kWithin;
      return policy.written_policy.empty() ? Standing::kBelowReadily : Standing::kBelowReadilyCovered;
  }
  return Standing::kWithin;
}

}  // namespace

std::string_view describe(Regime regime) { return regime == Regime::kIca1940 ? "ICA_1940" : "ETP_1933"; }

std::optional<Regime> parse_regime(std::string_view word) {
  for (const Regime regime : {Regime::kIca1940, Regime::kEtp1933})
    if (word == describe(regime)) return regime;
  return std::nullopt;
}

std::string_view describe(HoldingKind kind) {
  switch (kind) {
    case HoldingKind::kCash:
      return "cash";
    case HoldingKind::kCoins:
      return "coins";
    case HoldingKind::kStaked:
      return "staked";
    case HoldingKind::kReturning:
      return "returning";
    case HoldingKind::kClaimable:
      return "claimable";
    case HoldingKind::kToken:
      return "token";
  }
  return "";
}

std::string_view describe(Standing standing) {
  switch (standing) {
    case Standing::kWithin:
      return "within";
    case Standing::kAboveIlliquid:
      return "above_illiquid";
    case Standing::kBelowReadilyCovered:
      return "below_readily_covered";
    case Standing::kBelowReadily:
      return "below_readily";
  }
  return "";
}

std::string_view describe(LiquidityRefusal refusal) {
  switch (refusal) {
    case LiquidityRefusal::kNoNetAssets:
      return "net assets are not positive";
    case LiquidityRefusal::kNegativeValue:
      return "a value or a loss is out of range";
    case LiquidityRefusal::kMoreThanHeld:
      return "is paid by more than is held";
    case LiquidityRefusal::kIlliquidLimit:
      return "would leave more of net assets illiquid than the fund's rule allows";
    case LiquidityRefusal::kNoWrittenPolicy:
      return "would leave less readily available than the rule asks, and no written policy stands";
    case LiquidityRefusal::kNotPositive:
      return "is not positive";
    case LiquidityRefusal::kMoreThanNetAssets:
      return "is more than the net assets";
  }
  return "";
}

std::optional<Rational> Ladder::share(std::size_t horizon) const {
  if (!assets.is_positive()) return std::nullopt;
  return Rational(available[horizon]) / Rational(assets);
}

Ladder ladder(const std::vector<Holding>& holdings, const LiquidityPolicy& policy, time::Instant as_of) {
  Ladder result;
  for (const Holding& holding : holdings) {
    ENSURE(!holding.value.is_negative() && !holding.sale_loss.is_negative());
    result.assets += holding.value;
    if (!holding.free_at || !sells_at_about_its_value(holding, policy)) {
      result.unknown += holding.value;
      continue;
    }
    bool within = false;
    for (std::size_t i = 0; i < kHorizonDays.size(); ++i) {
      if (*holding.free_at > after_days(as_of, kHorizonDays[i])) continue;
      result.available[i] += holding.value;
      within = true;
    }
    if (!within) result.later += holding.value;
  }
  return result;
}

bool is_illiquid(const Holding& holding, const LiquidityPolicy& policy, time::Instant as_of) {
  if (!holding.free_at || !sells_at_about_its_value(holding, policy)) return true;
  if (holding.kind == HoldingKind::kReturning && !policy.returning_counts && *holding.free_at > as_of)
    return true;
  return *holding.free_at > after_days(as_of, policy.sale_days);
}

base::Result<LiquidityTest, LiquidityRefusal> test(const std::vector<Holding>& holdings,
                                                   const Decimal& net_assets, const LiquidityPolicy& policy,
                                                   time::Instant as_of) {
  if (!net_assets.is_positive()) return LiquidityRefusal::kNoNetAssets;
  for (const Holding& holding : holdings)
    if (holding.value.is_negative() || holding.sale_loss.is_negative() || holding.sale_loss > Decimal::of(1))
      return LiquidityRefusal::kNegativeValue;
  LiquidityTest result;
  result.net_assets = net_assets;
  result.ladder = ladder(holdings, policy, as_of);
  for (const Holding& holding : holdings)
    if (is_illiquid(holding, policy, as_of)) result.illiquid += holding.value;
  result.illiquid_share = Rational(result.illiquid) / Rational(net_assets);
  result.readily_share = result.ladder.share(0).value_or(Rational());
  result.standing = standing_of(result, policy);
  return result;
}

std::optional<std::vector<Holding>> holdings_after(const std::vector<Holding>& holdings,
                                                   const Acquisition& acquisition) {
  std::vector<Holding> after = holdings;
  for (const Holding& part : acquisition.paid_by) {
    if (!take(after, part)) return std::nullopt;
  }
  after.push_back(acquisition.bought);
  return after;
}

base::Result<LiquidityTest, LiquidityRefusal> check_acquisition(const std::vector<Holding>& holdings,
                                                                const Decimal& net_assets,
                                                                const Acquisition& acquisition,
                                                                const LiquidityPolicy& policy,
                                                                time::Instant as_of) {
  const auto before = test(holdings, net_assets, policy, as_of);
  if (before.has_error()) return before.error();
  for (const Holding& part : acquisition.paid_by)
    if (part.quantity.is_negative() || part.value.is_negative()) return LiquidityRefusal::kNegativeValue;
  const auto after = holdings_after(holdings, acquisition);
  if (!after) return LiquidityRefusal::kMoreThanHeld;
  auto result = test(*after, net_assets, policy, as_of);
  if (result.has_error()) return result;
  switch (policy.regime) {
    case Regime::kIca1940:
      if (result->standing == Standing::kAboveIlliquid && result->illiquid > before->illiquid)
        return LiquidityRefusal::kIlliquidLimit;
      break;
    case Regime::kEtp1933:
      if (result->standing == Standing::kBelowReadily && result->readily_share < before->readily_share)
        return LiquidityRefusal::kNoWrittenPolicy;
      break;
  }
  return result;
}

std::optional<Rational> room_for_illiquid(const LiquidityTest& test, const LiquidityPolicy& policy) {
  Rational room;
  switch (policy.regime) {
    case Regime::kIca1940:
      room = Rational(policy.illiquid_max * test.net_assets) - Rational(test.illiquid);
      break;
    case Regime::kEtp1933:
      if (!policy.written_policy.empty()) return std::nullopt;
      room = Rational(test.ladder.available[0]) - Rational(policy.readily_min * test.ladder.assets);
      break;
  }
  return room.is_negative() ? Rational() : room;
}

}  // namespace navkeeper::staking::liquidity
