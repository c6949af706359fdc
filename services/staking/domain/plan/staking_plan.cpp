#include "services/staking/domain/plan/staking_plan.h"

#include <algorithm>
#include <map>

namespace navkeeper::staking::plan {
namespace {

using money::Decimal;
using money::Rational;
using money::Rounding;

constexpr int kRateDecimals = 15;
constexpr int kDaysOfYear = 365;
/// Days that are later than every horizon: a token that nobody can sell at its value.
constexpr int kNever = 1'000'000;

Decimal one() { return Decimal::of(1); }

/// Coins in smallest units, cut: a limit is never exceeded by rounding.
Amount units_of(const Rational& coins, int decimals) {
  const auto units = coins.rounded(decimals, Rounding::kDown).to_units(decimals);
  if (!units) throw money::OverflowError("an amount of a plan is too large");
  return *units;
}

Rate rate_of(const Rational& rate) {
  const auto parts = rate.rounded(kRateDecimals, Rounding::kFloor).to_units(kRateDecimals);
  if (!parts || *parts > INT64_MAX || *parts < INT64_MIN) throw money::OverflowError("a rate is too large");
  return static_cast<Rate>(*parts);
}

Rational least(const Rational& a, const Rational& b) { return a < b ? a : b; }
Rational not_negative(const Rational& value) { return value.is_negative() ? Rational() : value; }

}  // namespace

std::string why_not_to(const Candidate& candidate, const PlanPolicy& policy) {
  if (candidate.tombstoned) return "tombstoned: it can never come back";
  if (candidate.jailed) return "jailed: it earns nothing";
  if (!candidate.bonded) return "outside the set that earns";
  if (candidate.commission > policy.commission_max)
    return "commission " + candidate.commission.to_string() + " is above " +
           policy.commission_max.to_string();
  if (candidate.uptime < policy.uptime_min)
    return "uptime " + candidate.uptime.to_string() + " is below " + policy.uptime_min.to_string();
  if (candidate.slashes > policy.slashes_max)
    return "slashed " + std::to_string(candidate.slashes) + " times in " +
           std::to_string(candidate.observed_days) + " days";
  if (candidate.observed_days < policy.observed_days_min)
    return "observed for " + std::to_string(candidate.observed_days) + " days, fewer than " +
           std::to_string(policy.observed_days_min);
  if (candidate.entries_left && *candidate.entries_left < static_cast<std::uint32_t>(policy.entries_left_min))
    return std::to_string(*candidate.entries_left) + " unbondings can be begun there, fewer than " +
           std::to_string(policy.entries_left_min);
  if (net_rate(candidate, policy) <= Rational()) return "its expected net yield is not positive";
  return "";
}

namespace {

/// The most more that a part `share` of a growing whole allows: own + x <= share (whole + x).
std::optional<Rational> room_in_whole(const Decimal& own, const Decimal& whole, const Decimal& share) {
  if (share >= one()) return std::nullopt;
  return not_negative(Rational(share * whole - own) / Rational(one() - share));
}

/// A validator's cap and the rule that makes it; the first of equal ones.
struct Cap {
  Rational most;
  std::string rule;
  void lower(const std::optional<Rational>& to, const char* name) {
    if (!to || *to >= most) return;
    most = *to;
    rule = name;
  }
};

Cap cap_of(const Candidate& candidate, const PlanInputs& inputs) {
  const PlanPolicy& policy = inputs.policy;
  Cap cap{inputs.free_coins, ""};
  cap.lower(room_in_whole(candidate.current, candidate.tokens, policy.validator_tokens_share_max),
            "fund's part of a validator");
  if (candidate.tokens_max)
    cap.lower(not_negative(*candidate.tokens_max - candidate.tokens), "what a validator earns on");
  if (inputs.chain_bonded.is_positive())
    cap.lower(room_in_whole(candidate.tokens, inputs.chain_bonded, policy.validator_chain_share_max),
              "validator's part of the chain");
  if (policy.fund_validator_share_max < one())
    cap.lower(not_negative(policy.fund_validator_share_max * inputs.coins_total - candidate.current),
              "one validator's part of the fund");
  return cap;
}

/// Destinations with what a limit needs to know of each.
struct Made {
  Problem problem;
  std::vector<Placement> placements;  ///< without amounts, by destination
  std::vector<int> days;              ///< until it is free again
};

void add_validators(Made& made, const PlanInputs& inputs, std::vector<Excluded>& excluded) {
  const int decimals = inputs.decimals;
  for (const Candidate& candidate : inputs.validators) {
    if (std::string reason = why_not_to(candidate, inputs.policy); !reason.empty()) {
      excluded.push_back({candidate.place, std::move(reason)});
      continue;
    }
    const Rational rate = net_rate(candidate, inputs.policy);
    const Cap cap = cap_of(candidate, inputs);
    made.problem.destinations.push_back({candidate.place, rate_of(rate), units_of(cap.most, decimals),
                                         cap.rule, units_of(inputs.policy.minimum, decimals),
                                         units_of(inputs.policy.stake_fee, decimals)});
    made.placements.push_back({Placement::Kind::kNative,
                               candidate.place,
                               candidate.owner,
                               {},
                               rate.rounded(kRateDecimals, Rounding::kFloor)});
    made.days.push_back(inputs.native_days + candidate.entry_wait_days);
  }
}

void add_tokens(Made& made, const PlanInputs& inputs, std::vector<Excluded>& excluded) {
  for (const TokenCandidate& token : inputs.tokens) {
    // What the purchase loses is lost once and must be earned within the horizon.
    const Rational rate =
        Rational(token.net_rate) -
        Rational(token.purchase_cost) * Rational::of(kDaysOfYear, inputs.policy.horizon_days);
    if (rate <= Rational()) {
      excluded.push_back({token.token, "its expected net yield is not positive"});
      continue;
    }
    made.problem.destinations.push_back(
        {token.token, rate_of(rate), units_of(inputs.free_coins, inputs.decimals), "", 0, 0});
    made.placements.push_back({Placement::Kind::kToken,
                               token.token,
                               token.issuer,
                               {},
                               rate.rounded(kRateDecimals, Rounding::kFloor)});
    const bool sells = token.sale_loss <= inputs.policy.sale_loss_max && token.days_to_free.has_value();
    made.days.push_back(sells ? *token.days_to_free : kNever);
  }
}

std::vector<std::size_t> members(const Made& made, const auto& is_member) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < made.placements.size(); ++i)
    if (is_member(i)) found.push_back(i);
  return found;
}

/// How soon it must be cash: the fund's rule and the redemptions, each a set of those that take longer.
void add_time_limits(Made& made, const PlanInputs& inputs) {
  const auto slower_than = [&](int days) {
    return members(made, [&](std::size_t i) { return made.days[i] > days; });
  };
  const auto add = [&](std::string name, std::vector<std::size_t> who, const Rational& coins) {
    made.problem.by_time.push_back(
        {std::move(name), std::move(who),
         units_of(least(not_negative(coins), inputs.free_coins), inputs.decimals)});
  };
  for (const ExpectedRedemption& redemption : inputs.redemptions)
    add("redemptions within " + std::to_string(redemption.days) + " days", slower_than(redemption.days),
        Rational(inputs.free_coins) - Rational(redemption.coins));
  const auto room = liquidity::room_for_illiquid(inputs.liquidity, inputs.liquidity_policy);
  if (!room || !inputs.price.is_positive()) return;
  const Rational coins = *room / Rational(inputs.price);
  switch (inputs.liquidity_policy.regime) {
    case liquidity::Regime::kIca1940:
      add("illiquid investments (ICA_1940)", slower_than(inputs.liquidity_policy.sale_days), coins);
      break;
    case liquidity::Regime::kEtp1933:
      add("readily available assets (ETP_1933)", slower_than(0), coins);
      break;
  }
}

/// Groups of what it is: native and its operators, tokens and their issuers.
void add_kind_limits(Made& made, const PlanInputs& inputs) {
  const PlanPolicy& policy = inputs.policy;
  const auto add = [&](const std::string& name, const auto& is_member, const Decimal& share,
                       const Decimal& current) {
    if (share >= one()) return;
    made.problem.by_kind.push_back(
        {name, members(made, is_member),
         units_of(not_negative(share * inputs.coins_total - current), inputs.decimals)});
  };
  Decimal native = inputs.native_elsewhere;
  Decimal tokens;
  std::map<std::string, Decimal> of_owner;
  std::map<std::string, Decimal> of_issuer;
  for (const Candidate& candidate : inputs.validators) {
    native += candidate.current;
    of_owner[candidate.owner] += candidate.current;
  }
  for (const TokenCandidate& token : inputs.tokens) {
    tokens += token.current;
    of_issuer[token.issuer] += token.current;
  }
  // What the fund has beside the candidates counts too; a limit that no candidate is under limits nothing.
  for (const auto& [owner, current] : inputs.owners_elsewhere)
    if (const auto found = of_owner.find(owner); found != of_owner.end()) found->second += current;
  for (const auto& [issuer, current] : inputs.tokens_elsewhere) {
    tokens += current;
    if (const auto found = of_issuer.find(issuer); found != of_issuer.end()) found->second += current;
  }
  const auto is = [&](Placement::Kind kind) {
    return [&made, kind](std::size_t i) { return made.placements[i].kind == kind; };
  };
  const auto belongs = [&](Placement::Kind kind, const std::string& owner) {
    return [&made, kind, owner](std::size_t i) {
      return made.placements[i].kind == kind && made.placements[i].owner == owner;
    };
  };
  add("native staking", is(Placement::Kind::kNative), policy.native_share_max, native);
  for (const auto& [owner, current] : of_owner)
    if (!owner.empty())
      add("operator " + owner, belongs(Placement::Kind::kNative, owner), policy.fund_owner_share_max,
          current);
  add("liquid tokens", is(Placement::Kind::kToken), policy.liquid_share_max, tokens);
  for (const auto& [issuer, current] : of_issuer)
    if (!issuer.empty())
      add("issuer " + issuer, belongs(Placement::Kind::kToken, issuer), policy.issuer_share_max, current);
}

Decimal shortfall_of(const PlanInputs& inputs) {
  Decimal shortfall;
  for (const ExpectedRedemption& redemption : inputs.redemptions)
    shortfall = std::max(shortfall, redemption.coins - inputs.free_coins);
  return shortfall;
}

ClaimTerms claim_terms(const StakingPlan& plan, const PlanInputs& inputs) {
  ClaimTerms terms;
  Decimal stake;
  Rational yearly;
  for (const Candidate& candidate : inputs.validators) {
    stake += candidate.current;
    const Rational rate = not_negative(net_rate(candidate, inputs.policy));
    yearly += Rational(candidate.current) * rate;
  }
  for (const Placement& placement : plan.placements) {
    if (placement.kind != Placement::Kind::kNative) continue;
    stake += placement.amount;
    yearly += Rational(placement.amount * placement.net_rate);
  }
  terms.stake = units_of(stake, inputs.decimals);
  terms.rate = stake.is_positive() ? rate_of(yearly / Rational(stake)) : 0;
  terms.fee = units_of(inputs.policy.claim_fee, inputs.decimals);
  terms.interval_days_max = inputs.policy.claim_interval_days_max;
  // Rewards may be staked again only where no limit on native stake binds.
  terms.restake_room = units_of(inputs.coins_total, inputs.decimals);
  for (const ShownLimit& limit : plan.limits)
    if (limit.binds) terms.restake_room = 0;
  return terms;
}

}  // namespace

Rational net_rate(const Candidate& candidate, const PlanPolicy& policy) {
  const Rational earned = Rational(candidate.gross_rate * (one() - candidate.commission)) *
                          Rational(candidate.uptime) * Rational(one() - policy.staking_fee);
  if (candidate.observed_days <= 0 || candidate.slashes <= 0) return earned;
  return earned - Rational::of(money::Int128{candidate.slashes} * kDaysOfYear, candidate.observed_days) *
                      Rational(candidate.slash_fraction);
}

base::Result<StakingPlan, PlanRefusal> propose(const PlanInputs& inputs) {
  if (inputs.free_coins.is_negative() || inputs.policy.horizon_days <= 0) return PlanRefusal::kNegative;
  try {
    StakingPlan plan;
    plan.decimals = inputs.decimals;
    Made made;
    made.problem.amount = units_of(inputs.free_coins, inputs.decimals);
    made.problem.days = inputs.policy.horizon_days;
    add_validators(made, inputs, plan.excluded);
    add_tokens(made, inputs, plan.excluded);
    add_time_limits(made, inputs);
    add_kind_limits(made, inputs);
    const auto allocation = allocate(made.problem);
    if (allocation.has_error()) return allocation.error();
    const auto coins = [&](Amount units) { return Decimal::of(units, inputs.decimals); };
    for (std::size_t i = 0; i < made.placements.size(); ++i) {
      if (allocation->amounts[i] == 0) continue;
      Placement placement = made.placements[i];
      placement.amount = coins(allocation->amounts[i]);
      plan.placements.push_back(std::move(placement));
    }
    std::stable_sort(plan.placements.begin(), plan.placements.end(),
                     [](const Placement& a, const Placement& b) {
                       return a.amount != b.amount ? a.amount > b.amount : a.place < b.place;
                     });
    plan.placed = coins(allocation->placed);
    plan.stays_free = inputs.free_coins - plan.placed;
    plan.net_yield = coins(allocation->yield());
    plan.fees = coins(allocation->fees);
    plan.proven_gap = allocation->scaled_gap == 0
                          ? Decimal{}
                          : coins(allocation->scaled_gap / (Amount{kYearDays} * kRateOne) + 1);
    for (const LimitUse& use : allocation->limits)
      plan.limits.push_back({use.name, coins(use.most), coins(use.used), use.binds, coins(use.yield_given_up),
                             use.tied_with, use.places});
    plan.limits_complete = allocation->limits_complete;
    plan.redemption_shortfall = shortfall_of(inputs);
    const auto claims = best_claim_interval(claim_terms(plan, inputs));
    if (claims.has_error()) return claims.error();
    plan.claims = *claims;
    return plan;
  } catch (const money::OverflowError&) {
    return PlanRefusal::kTooLarge;
  }
}

}  // namespace navkeeper::staking::plan
