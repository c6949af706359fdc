#include "services/pricing/domain/markets/official_price.h"

#include <algorithm>

namespace navkeeper::pricing {
namespace {

/// What value_liquid_staking says of a token, as two answers of the ladder.
struct TokenAnswers {
  PrincipalAnswer market = PrincipalPriceProblem::kNoMarket;
  ExchangeRateAnswer by_rate = std::string();
  std::optional<LiquidStakingValue> value;
  std::string unchecked_peg;  ///< why the peg could not be checked although the market gives the price
};

std::string how_by_rate(const PriceFacts& facts, const TokenPolicy& token) {
  return facts.exchange_rate->coins_per_token.to_string() + " " + token.coin.value() + " x " +
         facts.coin_price->to_string() + " less " + redemption_discount(token.terms).to_quotient_string() +
         ", rate as of " + facts.exchange_rate->as_of.to_string();
}

TokenAnswers value_token(const ValuationPolicy& policy, const Track& track, const PriceFacts& facts) {
  TokenAnswers answers;
  const auto no_coin = [&] {
    return "no price of " + policy.token->coin.value() + ": " + facts.coin_price.error();
  };
  answers.market = principal_market_price(policy.market ? &*policy.market : nullptr, facts.trades,
                                          facts.valuation, policy.token->terms.trade_age_max);
  const auto without_rate = [&](std::string why) {
    answers.by_rate = std::move(why);
    if (answers.market.has_value()) answers.market = PrincipalPriceProblem::kNoRate;
    return answers;
  };
  if (!facts.exchange_rate) return without_rate("no exchange rate is known");
  LiquidStakingInput input{policy.asset,       facts.date,   track.act,     *facts.exchange_rate,
                           facts.earlier_rate, std::nullopt, policy.market, facts.trades,
                           facts.valuation,    facts.now};
  if (facts.coin_price.has_value()) input.coin_price = *facts.coin_price;
  auto value = value_liquid_staking(policy.token->terms, input);
  if (value.has_error() && value.error() == LiquidStakingProblem::kNoCoinPrice) {
    if (answers.market.has_value()) answers.market = PrincipalPriceProblem::kNotActive;
    answers.by_rate = no_coin();
    return answers;
  }
  if (value.has_error()) return without_rate(std::string(describe(value.error())));
  if (value->source == LiquidStakingSource::kMarket) {
    answers.market = *value->market_price;
    answers.by_rate = std::string("the market is active");
    if (facts.coin_price.has_error()) answers.unchecked_peg = no_coin();
  } else {
    if (answers.market.has_value()) answers.market = PrincipalPriceProblem::kNotActive;
    answers.by_rate = ExchangeRatePrice{value->official, how_by_rate(facts, *policy.token)};
  }
  answers.value = *std::move(value);
  return answers;
}

/// When the price that was taken was observed, and what it is compared with.
struct Seen {
  std::optional<time::Instant> at;
  std::optional<NamedPrice> other;
  const std::optional<Coverage>* coverage = nullptr;
};

std::optional<NamedPrice> named(const IndexAnswer& answer) {
  if (answer.has_error()) return std::nullopt;
  return NamedPrice{answer->index.value(), answer->value};
}

std::optional<NamedPrice> named(const std::optional<PrincipalMarketPrice>& price) {
  if (!price) return std::nullopt;
  return NamedPrice{price->venue.value() + " " + price->pair.value(), price->value};
}

Seen seen_of(const OfficialPrice& price, const PriceFacts& facts) {
  Seen seen;
  const auto index = named(facts.index.answer);
  const auto second = named(facts.second_index.answer);
  const auto market = named(price.principal);
  if (index)
    seen.coverage = &facts.index.coverage;
  else if (second)
    seen.coverage = &facts.second_index.coverage;
  if (!price.outcome.rung) return seen;
  switch (*price.outcome.rung) {
    case Rung::kIndex:
      seen.at = facts.index.observed;
      seen.other = second ? second : market;
      break;
    case Rung::kSecondIndex:
      seen.at = facts.second_index.observed;
      seen.other = market;
      break;
    case Rung::kPrincipalMarket:
      seen.at = price.principal->traded_at;
      seen.other = index ? index : second;
      if (price.token) {  // The other source is the peg, or none: an index is of the coin.
        seen.other.reset();
        if (price.token->by_rate > money::Rational())
          seen.other = NamedPrice{"exchange rate x coin",
                                  price.token->by_rate.rounded(18, money::Rounding::kHalfEven)};
      }
      break;
    case Rung::kExchangeRate:
      seen.at = facts.exchange_rate->as_of;
      if (price.token && price.token->market_price)
        seen.other = named(std::optional(*price.token->market_price));
      break;
    case Rung::kManual:
      seen.at = std::get<ManualPrice>(*price.outcome.price).proposed_at;
      if (*seen.at > facts.valuation) seen.at = facts.valuation;  // named later, for that moment
      seen.other = index ? index : second ? second : market;
      break;
    case Rung::kPrevious:
      break;  // observed on another day: nothing of today
  }
  return seen;
}

std::vector<PricingCheck> checks_of(const ValuationPolicy& policy, const OfficialPrice& price,
                                    const PriceFacts& facts, const std::vector<StruckValue>& strikes) {
  const Seen seen = seen_of(price, facts);
  PricingEvidence evidence;
  evidence.valuation = facts.valuation;
  evidence.strikes = strikes;
  if (price.outcome.price) evidence.value = value_of(*price.outcome.price);
  if (facts.previous) evidence.official_before = StruckValue{facts.previous->date, facts.previous->value};
  if (price.outcome.price && seen.at) evidence.price = PricedAt{value_of(*price.outcome.price), *seen.at};
  evidence.second_source = seen.other;
  if (seen.coverage != nullptr) evidence.coverage = *seen.coverage;
  auto checks = check_price(policy.checks, evidence);
  if (policy.token) {
    // A token has no window of its own; its coin's has been checked with the coin.
    std::erase_if(checks, [](const PricingCheck& check) {
      return check.kind == PricingCheckKind::kThinPartitions || check.kind == PricingCheckKind::kVenueCount ||
             check.kind == PricingCheckKind::kMissingMinutes || check.kind == PricingCheckKind::kFeedsWhole;
    });
  }
  return checks;
}

}  // namespace

std::optional<FairValueDetermination> merged(std::vector<FairValueDetermination> opened) {
  if (opened.empty()) return std::nullopt;
  FairValueDetermination all = std::move(opened.front());
  for (std::size_t i = 1; i < opened.size(); ++i) {
    all.reason += "; also " + std::string(describe(opened[i].trigger)) + ": " + opened[i].reason;
    all.inputs.insert(all.inputs.end(), opened[i].inputs.begin(), opened[i].inputs.end());
    all.opened_with = all.inputs.size();
    all.for_board = all.for_board || opened[i].for_board;
  }
  return all;
}

OfficialPrice decide_price(const ValuationPolicy& policy, const Track& track, const LadderOrder& ladder,
                           const PriceFacts& facts) {
  OfficialPrice price;
  LadderInput input{policy.asset,
                    facts.date,
                    track.act,
                    facts.index.answer,
                    facts.second_index.answer,
                    PrincipalPriceProblem::kNoMarket,
                    facts.manual,
                    facts.previous,
                    facts.now};
  std::vector<FairValueDetermination> opened;
  if (policy.token) {
    TokenAnswers answers = value_token(policy, track, facts);
    input.principal_market = answers.market;
    input.exchange_rate = answers.by_rate;
    price.token = std::move(answers.value);
    if (price.token) price.token->unchecked_peg = std::move(answers.unchecked_peg);
    if (price.token) price.principal = price.token->market_price;
  } else {
    input.principal_market = principal_market_price(policy.market ? &*policy.market : nullptr, facts.trades,
                                                    facts.valuation, policy.trade_age_max);
    if (input.principal_market.has_value()) price.principal = *input.principal_market;
  }
  if (facts.index.answer.has_value()) price.index = *facts.index.answer;
  price.outcome = climb(ladder, input);
  if (price.outcome.determination) opened.push_back(*price.outcome.determination);

  std::vector<StruckValue> strikes = facts.strikes;
  if (price.outcome.price) strikes.push_back({facts.date, value_of(*price.outcome.price)});
  // A value that is carried again and again is unchanged as well, unless being carried has opened its own.
  const IndexPrice* basis = price.index ? &*price.index : nullptr;
  if (basis == nullptr && facts.second_index.answer.has_value()) basis = &*facts.second_index.answer;
  const bool counts = price.outcome.price && !price.outcome.determination;
  const auto reviewed =
      review_price(policy.fair_value, policy.asset, track.act,
                   counts ? std::span<const StruckValue>(strikes) : std::span<const StruckValue>(), basis,
                   price.principal ? &*price.principal : nullptr, facts.now);
  opened.insert(opened.end(), reviewed.begin(), reviewed.end());
  if (price.token && price.token->determination) opened.push_back(*price.token->determination);
  price.checks = checks_of(policy, price, facts, strikes);
  price.determination = merged(std::move(opened));
  price.stands = price.outcome.approvable && !(price.determination && track.act == FundAct::kIca1940);
  return price;
}

}  // namespace navkeeper::pricing
