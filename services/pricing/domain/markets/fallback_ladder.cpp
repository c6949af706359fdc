#include "services/pricing/domain/markets/fallback_ladder.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::pricing {
namespace {

/// What a rung has to offer: a price and what is said for it, or why not.
struct Offer {
  std::optional<LadderPrice> price;
  std::string reason;
};

Offer offer_index(const IndexAnswer& answer) {
  if (answer.has_error()) return {std::nullopt, answer.error()};
  ENSURE(answer->value.is_positive());
  return {*answer, answer->index.value() + " version " + std::to_string(answer->version)};
}

Offer offer_principal(const PrincipalAnswer& answer) {
  if (answer.has_error()) return {std::nullopt, std::string(describe(answer.error()))};
  ENSURE(answer->value.is_positive());
  return {*answer, answer->venue.value() + " " + answer->pair.value() + ", last trade at " +
                       answer->traded_at.to_string()};
}

Offer offer_exchange_rate(const ExchangeRateAnswer& answer) {
  if (answer.has_error()) return {std::nullopt, answer.error()};
  ENSURE(answer->value.is_positive());
  return {*answer, answer->how};
}

Offer offer_manual(const std::optional<ManualPrice>& manual) {
  if (!manual) return {std::nullopt, "no manual price is proposed"};
  if (!manual->value.is_positive()) return {std::nullopt, "the manual price is not positive"};
  if (manual->source.empty()) return {std::nullopt, "the manual price names no source"};
  if (!manual->approved_by || !manual->approved_at)
    return {std::nullopt, "the manual price waits for a second person"};
  if (*manual->approved_by == manual->proposed_by)
    return {std::nullopt, "the manual price was approved by who proposed it"};
  if (*manual->approved_at < manual->proposed_at)
    return {std::nullopt, "the manual price was approved before it was proposed"};
  return {*manual, "proposed by " + manual->proposed_by.value() + " from " + manual->source +
                       ", approved by " + manual->approved_by->value()};
}

Offer offer_previous(const LadderInput& input) {
  if (!input.previous) return {std::nullopt, "there is no earlier value"};
  ENSURE(input.previous->value.is_positive());
  if (input.previous->date >= input.date)
    return {std::nullopt, "the previous value is not of an earlier day"};
  return {*input.previous, "value of " + input.previous->date.to_string()};
}

Offer offer_of(Rung rung, const LadderInput& input) {
  switch (rung) {
    case Rung::kIndex:
      return offer_index(input.index);
    case Rung::kSecondIndex:
      return offer_index(input.second_index);
    case Rung::kPrincipalMarket:
      return offer_principal(input.principal_market);
    case Rung::kExchangeRate:
      return offer_exchange_rate(input.exchange_rate);
    case Rung::kManual:
      return offer_manual(input.manual);
    case Rung::kPrevious:
      return offer_previous(input);
  }
  ENSURE(false);
}

/// What was found on the way up, for whoever determines the fair value.
std::vector<DeterminationInput> inputs_of(const std::vector<RungRecord>& log, const LadderInput& input) {
  std::vector<DeterminationInput> inputs;
  for (const RungRecord& record : log) {
    const bool previous = record.rung == Rung::kPrevious && record.taken;
    inputs.push_back({std::string(describe(record.rung)),
                      previous ? input.previous->value.to_string() : "none", record.reason});
  }
  return inputs;
}

}  // namespace

std::string_view describe(Rung rung) {
  switch (rung) {
    case Rung::kIndex:
      return "index";
    case Rung::kSecondIndex:
      return "second_index";
    case Rung::kPrincipalMarket:
      return "principal_market";
    case Rung::kExchangeRate:
      return "exchange_rate";
    case Rung::kManual:
      return "manual";
    case Rung::kPrevious:
      return "previous";
  }
  ENSURE(false);
}

std::optional<Rung> parse_rung(std::string_view word) {
  for (const Rung rung : {Rung::kIndex, Rung::kSecondIndex, Rung::kPrincipalMarket, Rung::kExchangeRate,
                          Rung::kManual, Rung::kPrevious}) {
    if (describe(rung) == word) return rung;
  }
  return std::nullopt;
}

const money::Decimal& value_of(const LadderPrice& price) {
  return std::visit([](const auto& kind) -> const money::Decimal& { return kind.value; }, price);
}

LadderOrder::LadderOrder()
    : rungs_{Rung::kIndex, Rung::kSecondIndex, Rung::kPrincipalMarket, Rung::kManual, Rung::kPrevious} {}

base::Checked<LadderOrder> LadderOrder::of(std::vector<Rung> rungs) {
  if (rungs.empty()) return base::Refusal{"", "a ladder needs a rung"};
  for (std::size_t i = 0; i < rungs.size(); ++i) {
    const std::string where(describe(rungs[i]));
    if (std::count(rungs.begin(), rungs.end(), rungs[i]) > 1) return base::Refusal{where, "appears twice"};
    if (rungs[i] == Rung::kPrevious && i + 1 < rungs.size())
      return base::Refusal{where, "a previous value is the last resort"};
  }
  LadderOrder order;
  order.rungs_ = std::move(rungs);
  return order;
}

LadderOutcome climb(const LadderOrder& order, const LadderInput& input) {
  LadderOutcome outcome;
  for (const Rung rung : order.rungs()) {
    Offer offer = offer_of(rung, input);
    outcome.log.push_back({rung, offer.price.has_value(), std::move(offer.reason)});
    if (!offer.price) continue;
    outcome.rung = rung;
    outcome.price = std::move(offer.price);
    break;
  }
  outcome.flagged = outcome.rung == Rung::kPrevious;
  // Forward pricing at fair value (rules 22c-1 and 2a-5): yesterday's price is a missing input.
  const bool unsupported = !outcome.rung || outcome.flagged;
  outcome.approvable = outcome.rung && !(outcome.flagged && input.act == FundAct::kIca1940);
  if (unsupported && input.act == FundAct::kIca1940) {
    const bool none = !outcome.rung;
    outcome.determination = open_determination(
        input.asset, input.date, input.act,
        none ? DeterminationTrigger::kNoPrice : DeterminationTrigger::kPreviousValue,
        none ? "no rung of the ladder has a price" : "only the " + outcome.log.back().reason + " is left",
        inputs_of(outcome.log, input), input.now);
  }
  return outcome;
}

}  // namespace navkeeper::pricing
