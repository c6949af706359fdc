#include "services/pricing/domain/markets/fair_value.h"

#include <utility>

#include "common/base/ensure.h"
#include "services/pricing/domain/markets/deviation.h"

namespace navkeeper::pricing {

std::string_view describe(FundAct act) { return act == FundAct::kIca1940 ? "ICA_1940" : "ETP_1933"; }

std::optional<FundAct> parse_fund_act(std::string_view word) {
  for (const FundAct act : {FundAct::kIca1940, FundAct::kEtp1933}) {
    if (describe(act) == word) return act;
  }
  return std::nullopt;
}

std::optional<DeterminationTrigger> parse_determination_trigger(std::string_view word) {
  for (const auto trigger : {DeterminationTrigger::kNoPrice, DeterminationTrigger::kPreviousValue,
                             DeterminationTrigger::kUnchanged, DeterminationTrigger::kBasisGap,
                             DeterminationTrigger::kPegDeviation, DeterminationTrigger::kRateJump}) {
    if (describe(trigger) == word) return trigger;
  }
  return std::nullopt;
}

std::string_view describe(DeterminationTrigger trigger) {
  switch (trigger) {
    case DeterminationTrigger::kNoPrice:
      return "no_price";
    case DeterminationTrigger::kPreviousValue:
      return "previous_value";
    case DeterminationTrigger::kUnchanged:
      return "unchanged";
    case DeterminationTrigger::kBasisGap:
      return "basis_gap";
    case DeterminationTrigger::kPegDeviation:
      return "peg_deviation";
    case DeterminationTrigger::kRateJump:
      return "exchange_rate_jump";
  }
  ENSURE(false);
}

std::string_view describe(DeterminationState state) {
  switch (state) {
    case DeterminationState::kOpen:
      return "open";
    case DeterminationState::kDetermined:
      return "determined";
    case DeterminationState::kApproved:
      return "approved";
  }
  ENSURE(false);
}

std::string_view describe(DeterminationRefusal refusal) {
  switch (refusal) {
    case DeterminationRefusal::kNotOpen:
      return "the determination is approved already";
    case DeterminationRefusal::kNoMethod:
      return "a method is required";
    case DeterminationRefusal::kNoInput:
      return "at least one input is required";
    case DeterminationRefusal::kPriceNotPositive:
      return "price is not positive";
    case DeterminationRefusal::kNotDetermined:
      return "nothing is determined yet";
    case DeterminationRefusal::kSamePerson:
      return "who determined a price does not approve it";
    case DeterminationRefusal::kClockWentBack:
      return "the step is dated before the one that it follows";
  }
  ENSURE(false);
}

FairValueDetermination open_determination(model::AssetId asset, time::Date date, FundAct act,
                                          DeterminationTrigger trigger, std::string reason,
                                          std::vector<DeterminationInput> inputs, time::Instant now) {
  FairValueDetermination record{.asset = std::move(asset),
                                .date = date,
                                .act = act,
                                .trigger = trigger,
                                .reason = std::move(reason),
                                .opened_at = now,
                                .inputs = std::move(inputs),
                                .opened_with = 0,
                                .number = 0,
                                .state = DeterminationState::kOpen,
                                .method = {},
                                .price = {},
                                .determined_by = {},
                                .determined_at = {},
                                .approved_by = {},
                                .approved_at = {},
                                .for_board = act == FundAct::kIca1940};
  ENSURE(!record.reason.empty());
  record.opened_with = record.inputs.size();
  return record;
}

base::Result<FairValueDetermination, DeterminationRefusal> determine(FairValueDetermination record,
                                                                     DeterminedValue value,
                                                                     time::Instant now) {
  if (record.state == DeterminationState::kApproved) return DeterminationRefusal::kNotOpen;
  if (value.method.empty()) return DeterminationRefusal::kNoMethod;
  if (record.opened_with == 0 && value.inputs.empty()) return DeterminationRefusal::kNoInput;
  if (!value.price.is_positive()) return DeterminationRefusal::kPriceNotPositive;
  if (now < record.determined_at.value_or(record.opened_at)) return DeterminationRefusal::kClockWentBack;
  record.state = DeterminationState::kDetermined;
  record.method = std::move(value.method);
  record.inputs.resize(record.opened_with);
  record.inputs.insert(record.inputs.end(), value.inputs.begin(), value.inputs.end());
  record.price = value.price;
  record.determined_by = std::move(value.by);
  record.determined_at = now;
  ++record.number;
  record.for_board = record.for_board || value.for_board;
  return record;
}

base::Result<FairValueDetermination, DeterminationRefusal> approve(FairValueDetermination record,
                                                                   const model::ActorId& by,
                                                                   time::Instant now) {
  if (record.state == DeterminationState::kApproved) return DeterminationRefusal::kNotOpen;
  if (record.state == DeterminationState::kOpen) return DeterminationRefusal::kNotDetermined;
  if (*record.determined_by == by) return DeterminationRefusal::kSamePerson;
  if (now < *record.determined_at) return DeterminationRefusal::kClockWentBack;
  record.state = DeterminationState::kApproved;
  record.approved_by = by;
  record.approved_at = now;
  return record;
}

UnchangedRun unchanged_run(std::span<const StruckValue> strikes) {
  UnchangedRun run;
  for (std::size_t i = strikes.size(); i-- > 0;) {
    ENSURE(i == 0 || strikes[i - 1].date < strikes[i].date);
    const bool still = run.strikes == strikes.size() - 1 - i && strikes[i].value == strikes.back().value;
    if (!still) continue;
    ++run.strikes;
    run.since = strikes[i].date;
  }
  return run;
}

bool is_stale(const UnchangedRun& run, std::size_t strikes_max) {
  ENSURE(strikes_max >= 2);
  return run.strikes >= strikes_max;
}

money::Rational basis_gap(const IndexPrice& index, const PrincipalMarketPrice& principal) {
  return deviation(index.value, principal.value);
}

std::vector<FairValueDetermination> review_price(const FairValueRule& rule, const model::AssetId& asset,
                                                 FundAct act, std::span<const StruckValue> strikes,
                                                 const IndexPrice* index,
                                                 const PrincipalMarketPrice* principal, time::Instant now) {
  std::vector<FairValueDetermination> opened;
  const UnchangedRun run = unchanged_run(strikes);
  if (is_stale(run, rule.unchanged_strikes_max)) {
    opened.push_back(open_determination(
        asset, strikes.back().date, act, DeterminationTrigger::kUnchanged,
        "unchanged for " + std::to_string(run.strikes) + " strikes, since " + run.since->to_string() + "; " +
            std::to_string(rule.unchanged_strikes_max) + " are too many",
        {{"price", strikes.back().value.to_string(), "strikes since " + run.since->to_string()}}, now));
  }
  if (index != nullptr && principal != nullptr) {
    const money::Rational gap = basis_gap(*index, *principal);
    if (exceeds(gap, rule.basis_gap_max_ppm)) {
      opened.push_back(
          open_determination(asset, index->date, act, DeterminationTrigger::kBasisGap,
                             "index and principal market are " + gap.to_quotient_string() +
                                 " apart; at most " + ppm_text(rule.basis_gap_max_ppm) + " is allowed",
                             {{"index", index->value.to_string(),
                               index->index.value() + " version " + std::to_string(index->version)},
                              {"principal market", principal->value.to_string(),
                               principal->venue.value() + " " + principal->pair.value() + " trade " +
                                   principal->trade_id + " at " + principal->traded_at.to_string()}},
                             now));
    }
  }
  return opened;
}

}  // namespace navkeeper::pricing
