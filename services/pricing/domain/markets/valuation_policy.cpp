#include "services/pricing/domain/markets/valuation_policy.h"

#include <algorithm>

namespace navkeeper::pricing {
namespace {

bool names(const LadderOrder& ladder, Rung rung) {
  return std::find(ladder.rungs().begin(), ladder.rungs().end(), rung) != ladder.rungs().end();
}

std::optional<base::Refusal> ladder_problem(const ValuationPolicy& policy, const TrackLadder& track) {
  const std::string where = "ladders: " + track.track.to_string();
  if (names(track.ladder, Rung::kExchangeRate) != policy.token.has_value())
    return base::Refusal{where, "exchange_rate is the rung of liquid-staking tokens, and they need it"};
  if (policy.token && (names(track.ladder, Rung::kIndex) || names(track.ladder, Rung::kSecondIndex)))
    return base::Refusal{where, "a liquid-staking token has no index"};
  if (names(track.ladder, Rung::kSecondIndex) && !policy.second_index)
    return base::Refusal{where, "names second_index, and the policy has none"};
  if (names(track.ladder, Rung::kPrincipalMarket) && !policy.market)
    return base::Refusal{where, "names principal_market, and the policy has none"};
  return std::nullopt;
}

}  // namespace

std::optional<PriceBasis> parse_price_basis(std::string_view word) {
  for (const PriceBasis basis : {PriceBasis::kFairValue, PriceBasis::kIndex}) {
    if (describe(basis) == word) return basis;
  }
  return std::nullopt;
}

std::string Track::to_string() const {
  return std::string(describe(act)) + " " + std::string(describe(basis));
}

const LadderOrder* ValuationPolicy::ladder(const Track& track) const {
  for (const TrackLadder& known : tracks) {
    if (known.track == track) return &known.ladder;
  }
  return nullptr;
}

std::optional<base::Refusal> problem_with(const ValuationPolicy& policy) {
  if (policy.effective_to && *policy.effective_to < policy.effective_from)
    return base::Refusal{"effective_to", "lies before effective_from"};
  if (policy.token.has_value() == policy.official_index.has_value())
    return base::Refusal{"official_index", "a coin has one, a liquid-staking token has none"};
  if (policy.token && policy.second_index)
    return base::Refusal{"second_index", "a liquid-staking token has none"};
  if (policy.second_index && *policy.second_index == *policy.official_index)
    return base::Refusal{"second_index", "an index cannot check itself"};
  if (policy.token && policy.token->coin == policy.asset)
    return base::Refusal{"liquid_staking.coin", "a token does not stand for itself"};
  if (policy.token && redemption_discount(policy.token->terms) >= money::Rational::of(1))
    return base::Refusal{"liquid_staking.discount_annual", "the discount takes the whole value"};
  if (policy.market) {
    const auto markets = PrincipalMarkets::of(
        {{policy.asset, {{policy.effective_from, policy.effective_to, *policy.market}}}});
    if (markets.has_error()) return base::Refusal{"principal_market", markets.error().rule};
    if (policy.market->pair.quote().value() != "USD")
      return base::Refusal{"principal_market", "must be quoted in USD: " + policy.market->pair.value() +
                                                   " gives no dollar price"};
  }
  if (policy.tracks.empty()) return base::Refusal{"ladders", "there is none"};
  for (std::size_t i = 0; i < policy.tracks.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (policy.tracks[i].track == policy.tracks[j].track)
        return base::Refusal{"ladders", policy.tracks[i].track.to_string() + " appears twice"};
    }
    if (auto problem = ladder_problem(policy, policy.tracks[i])) return problem;
  }
  return std::nullopt;
}

}  // namespace navkeeper::pricing
