#include "services/custody/domain/balance.h"

#include "services/custody/domain/unit.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;

/// Of an asset without a rule of its own: as many as a Decimal reads.
constexpr int kDecimalsMaxOfOthers = Decimal::kDigitsAfter;

std::optional<base::Refusal> broken_amount_rule(const Decimal& amount, int scale, std::string_view asset,
                                                std::string_view state) {
  const auto broken = [&](std::string rule) { return base::Refusal{std::string(state), std::move(rule)}; };
  if (amount.is_negative()) return broken("must not be negative, is " + amount.to_string());
  if (amount.scale() > scale)
    return broken(amount.to_string() + " has more than the " + std::to_string(scale) + " decimals of " +
                  std::string(asset) + " here");
  const AssetRule* const rule = asset_rule(asset);
  if (rule != nullptr && rule->coins_max && amount > Decimal::of(*rule->coins_max))
    return broken(amount.to_string() + " is more " + std::string(asset) +
                  " than exist: an amount in another unit");
  return std::nullopt;
}

Decimal value(const std::optional<Decimal>& amount) { return amount.value_or(Decimal()); }

}  // namespace

std::string_view describe(Counted counted) {
  switch (counted) {
    case Counted::kInside:
      return "inside";
    case Counted::kApart:
      return "apart";
    case Counted::kNotStated:
      return "not_stated";
  }
  return "";
}

std::optional<Counted> parse_counted(std::string_view word) {
  for (const Counted counted : {Counted::kInside, Counted::kApart, Counted::kNotStated}) {
    if (describe(counted) == word) return counted;
  }
  return std::nullopt;
}

std::optional<Decimal> owned(const Balance& balance) {
  const Decimal moving = value(balance.activating) + value(balance.unbonding);
  const bool any_moving = !moving.is_zero();
  const bool any_staked = any_moving || !value(balance.staked).is_zero();
  if (!balance.total) {
    // Of a chain's delegations they are all there is; what a custodian does not tell beside them is not zero.
    if (!balance.certainty) return std::nullopt;
    if (!balance.staked && !balance.activating && !balance.unbonding) return std::nullopt;
    if (any_moving && balance.activating_in_staked == Counted::kNotStated) return std::nullopt;
    return value(balance.staked) + (balance.activating_in_staked == Counted::kApart ? moving : Decimal());
  }
  if (!any_staked || balance.staked_in_total == Counted::kInside) return balance.total;
  if (balance.staked_in_total == Counted::kNotStated) return std::nullopt;
  if (any_moving && balance.activating_in_staked == Counted::kNotStated) return std::nullopt;
  return *balance.total + value(balance.staked) +
         (balance.activating_in_staked == Counted::kApart ? moving : Decimal());
}

bool is_told(const Balance& balance) {
  return balance.total || balance.held || balance.available || balance.staked || balance.activating ||
         balance.unbonding || balance.reserved || balance.rewards_pending || balance.claimable ||
         balance.realised;
}

bool is_sure(const Balance& balance) {
  return balance.certainty != Certainty::kUnsure && balance.certainty != Certainty::kUnknown;
}

std::optional<base::Refusal> broken_balance_rule(const Balance& balance) {
  const std::string& asset = balance.asset.value();
  const AssetRule* const rule = asset_rule(asset);
  if (balance.scale < 0 || balance.scale > kDecimalsMaxOfOthers ||
      (rule != nullptr && balance.scale > rule->decimals_max))
    return base::Refusal{"scale",
                         std::to_string(balance.scale) + " decimals are more than " + asset + " has"};
  struct State {
    std::string_view name;
    const std::optional<Decimal>& amount;
  };
  const State states[] = {{"total", balance.total},           {"held", balance.held},
                          {"available", balance.available},   {"staked", balance.staked},
                          {"activating", balance.activating}, {"unbonding", balance.unbonding},
                          {"reserved", balance.reserved},     {"rewards_pending", balance.rewards_pending},
                          {"claimable", balance.claimable},   {"realised", balance.realised}};
  for (const State& state : states) {
    if (!state.amount) continue;
    if (auto broken = broken_amount_rule(*state.amount, balance.scale, asset, state.name)) return broken;
  }
  if (balance.total) {
    const State parts[] = {
        {"held", balance.held}, {"available", balance.available}, {"reserved", balance.reserved}};
    for (const State& part : parts) {
      if (part.amount && *part.amount > *balance.total)
        return base::Refusal{std::string(part.name), "is more than the total"};
    }
  }
  if (balance.unbonding_entries.empty()) return std::nullopt;
  Decimal sum;
  for (const UnbondingEntry& entry : balance.unbonding_entries) {
    if (auto broken = broken_amount_rule(entry.amount, balance.scale, asset, "unbonding")) return broken;
    sum += entry.amount;
  }
  if (!balance.unbonding || sum != *balance.unbonding)
    return base::Refusal{"unbonding", "is not the sum of its entries"};
  return std::nullopt;
}

namespace {

/// Equal digits, the point moved by at least as many places as kScaleJumpMin has.
bool has_its_point_moved(const Decimal& before, const Decimal& after) {
  if (!before.is_positive() || !after.is_positive() || before == after) return false;
  const Decimal& small = before < after ? before : after;
  const Decimal& large = before < after ? after : before;
  // Equal digits on both sides: the larger is the smaller with its point moved.
  Decimal moving = small * Decimal::of(kScaleJumpMin);
  const Decimal ten = Decimal::of(10);
  for (int places = 2; places <= Decimal::kDigitsBefore && moving <= large; ++places) {
    if (moving == large) return true;
    moving = moving * ten;
  }
  return false;
}

}  // namespace

bool is_scale_jump(const Decimal& before, const Decimal& after, const std::optional<Decimal>& moved) {
  if (moved && before + *moved == after) return false;
  return has_its_point_moved(before, after) || (moved && has_its_point_moved(before + *moved, after));
}

base::Checked<Decimal> parse_amount(std::string_view text, std::string_view asset) {
  const auto amount = Decimal::parse(text);
  if (amount.has_error()) return base::Refusal{"", std::string(money::describe(amount.error()))};
  const AssetRule* const rule = asset_rule(asset);
  if (auto broken =
          broken_amount_rule(*amount, rule == nullptr ? kDecimalsMaxOfOthers : rule->decimals_max, asset, ""))
    return *broken;
  return *amount;
}

}  // namespace navkeeper::custody
