#include "services/pricing/domain/markets/fair_value.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/pricing/domain/markets/fallback_ladder.h"

namespace navkeeper::pricing {
namespace {

using money::Decimal;
using money::Rational;
using time::Date;
using time::Duration;
using time::Instant;

const auto kBtc = model::AssetId::literal("BTC");
const auto kDate = Date::literal("2026-03-02");
const auto kNow = Instant::literal("2026-03-02T21:05:00Z");
const auto kAnna = model::ActorId::literal("anna");
const auto kBen = model::ActorId::literal("ben");

IndexPrice index_price(const char* id, const char* value) {
  return {model::IndexId::literal(id), kDate, 1, Decimal::literal(value)};
}

PrincipalMarketPrice principal_price(const char* value) {
  return {model::VenueId::literal("cryptocom"),
          model::PairId::literal("BTC/USD"),
          Decimal::literal(value),
          kNow - Duration::minutes(5),
          "77",
          kNow - Duration::minutes(5)};
}

LadderInput nothing(FundAct act) {
  return {.asset = kBtc,
          .date = kDate,
          .act = act,
          .index = std::string("no trades in the window"),
          .second_index = std::string("fewer venues than the minimum"),
          .principal_market = PrincipalPriceProblem::kTooOld,
          .manual = std::nullopt,
          .previous = std::nullopt,
          .now = kNow};
}

ManualPrice manual(std::optional<model::ActorId> approver) {
  return {Decimal::literal("84001"),
          "broker quotes",
          kAnna,
          kNow,
          approver,
          approver ? std::optional(kNow + Duration::minutes(1)) : std::nullopt};
}

TEST(FallbackLadder, TakesTheFirstRungWithAPriceAndSaysWhy) {
  auto input = nothing(FundAct::kIca1940);
  input.second_index = index_price("NK_BTCUSD_NY2", "84000.12");
  const auto outcome = climb({}, input);
  EXPECT_EQ(outcome.rung, Rung::kSecondIndex);
  EXPECT_EQ(value_of(*outcome.price), Decimal::literal("84000.12"));
  EXPECT_TRUE(std::holds_alternative<IndexPrice>(*outcome.price));
  EXPECT_TRUE(outcome.approvable);
  EXPECT_FALSE(outcome.flagged);
  EXPECT_EQ(outcome.log, (std::vector<RungRecord>{{Rung::kIndex, false, "no trades in the window"},
                                                  {Rung::kSecondIndex, true, "NK_BTCUSD_NY2 version 1"}}));
}

TEST(FallbackLadder, PrincipalMarketPriceKeepsItsBasis) {
  auto input = nothing(FundAct::kEtp1933);
  input.principal_market = principal_price("83990");
  const auto outcome = climb({}, input);
  EXPECT_TRUE(std::holds_alternative<PrincipalMarketPrice>(*outcome.price));
  EXPECT_EQ(outcome.log.size(), 3U);
}

TEST(FallbackLadder, ManualPriceNeedsASecondPerson) {
  auto input = nothing(FundAct::kIca1940);
  const auto last_reason = [&] { return climb(*LadderOrder::of({Rung::kManual}), input).log.back().reason; };
  EXPECT_EQ(last_reason(), "no manual price is proposed");
  input.manual = manual(std::nullopt);
  EXPECT_EQ(last_reason(), "the manual price waits for a second person");
  input.manual = manual(kAnna);
  EXPECT_EQ(last_reason(), "the manual price was approved by who proposed it");
  input.manual = manual(kBen);
  EXPECT_EQ(last_reason(), "proposed by anna from broker quotes, approved by ben");
  EXPECT_EQ(climb({}, input).rung, Rung::kManual);
  input.manual->value = Decimal();
  EXPECT_EQ(last_reason(), "the manual price is not positive");
  input.manual = manual(kBen);
  input.manual->source.clear();
  EXPECT_EQ(last_reason(), "the manual price names no source");
}

TEST(FallbackLadder, PreviousValueIsFlaggedAndNeverApprovableForAFundOfThe1940Act) {
  auto input = nothing(FundAct::kIca1940);
  input.previous = PreviousPrice{Decimal::literal("83000"), kDate - 3};
  const auto fund = climb({}, input);
  EXPECT_EQ(fund.rung, Rung::kPrevious);
  EXPECT_TRUE(fund.flagged);
  EXPECT_FALSE(fund.approvable);
  ASSERT_TRUE(fund.determination.has_value());
  EXPECT_EQ(fund.determination->trigger, DeterminationTrigger::kPreviousValue);
  EXPECT_TRUE(fund.determination->for_board);
  EXPECT_EQ(fund.determination->reason, "only the value of 2026-02-27 is left");
  EXPECT_EQ(fund.determination->inputs.size(), 5U);
  EXPECT_EQ(fund.determination->inputs.back(),
            (DeterminationInput{"previous", "83000", "value of 2026-02-27"}));

  input.act = FundAct::kEtp1933;
  const auto trust = climb({}, input);
  EXPECT_TRUE(trust.flagged);
  EXPECT_TRUE(trust.approvable);
  EXPECT_EQ(trust.determination, std::nullopt);
}

TEST(FallbackLadder, WithoutAnyPriceNothingIsApprovable) {
  const auto outcome = climb({}, nothing(FundAct::kIca1940));
  EXPECT_EQ(outcome.price, std::nullopt);
  EXPECT_FALSE(outcome.approvable);
  EXPECT_EQ(outcome.log.size(), 5U);
  EXPECT_EQ(outcome.determination->trigger, DeterminationTrigger::kNoPrice);
  auto input = nothing(FundAct::kEtp1933);
  input.previous = PreviousPrice{Decimal::literal("83000"), kDate};
  EXPECT_EQ(climb({}, input).log.back().reason, "the previous value is not of an earlier day");
  EXPECT_FALSE(climb({}, input).approvable);
}

TEST(LadderOrder, RefusesRepeatsAndAPreviousValueBeforeOthers) {
  EXPECT_TRUE(LadderOrder::of({}).has_error());
  EXPECT_TRUE(LadderOrder::of({Rung::kIndex, Rung::kIndex}).has_error());
  EXPECT_EQ(LadderOrder::of({Rung::kPrevious, Rung::kIndex}).error().rule,
            "a previous value is the last resort");
  auto input = nothing(FundAct::kIca1940);
  input.index = index_price("NK_BTCUSD_NY", "84000");
  input.principal_market = principal_price("83990");
  EXPECT_EQ(climb(*LadderOrder::of({Rung::kPrincipalMarket, Rung::kIndex}), input).rung,
            Rung::kPrincipalMarket);
}

RC_GTEST_PROP(FallbackLadderProperty, TakesWhatANaiveLoopTakes, ()) {
  auto input = nothing(*rc::gen::element(FundAct::kIca1940, FundAct::kEtp1933));
  if (*rc::gen::arbitrary<bool>()) input.index = index_price("NK_A", "1");
  if (*rc::gen::arbitrary<bool>()) input.second_index = index_price("NK_B", "2");
  if (*rc::gen::arbitrary<bool>()) input.principal_market = principal_price("3");
  if (*rc::gen::arbitrary<bool>())
    input.manual =
        manual(*rc::gen::element(std::optional(kBen), std::optional(kAnna), std::optional<model::ActorId>()));
  if (*rc::gen::arbitrary<bool>())
    input.previous = PreviousPrice{Decimal::of(5), kDate - *rc::gen::inRange(0, 3)};
  std::optional<Rung> expected;
  if (input.previous && input.previous->date < kDate) expected = Rung::kPrevious;
  if (input.manual && input.manual->approved_by == kBen) expected = Rung::kManual;
  if (input.principal_market.has_value()) expected = Rung::kPrincipalMarket;
  if (input.second_index.has_value()) expected = Rung::kSecondIndex;
  if (input.index.has_value()) expected = Rung::kIndex;
  const auto outcome = climb({}, input);
  RC_ASSERT(outcome.rung == expected);
  RC_ASSERT(outcome.price.has_value() == expected.has_value());
  const bool carried = !expected || expected == Rung::kPrevious;
  RC_ASSERT(outcome.determination.has_value() == (carried && input.act == FundAct::kIca1940));
  RC_ASSERT(!(outcome.determination && outcome.approvable));
}

FairValueDetermination opened(FundAct act = FundAct::kIca1940) {
  return open_determination(kBtc, kDate, act, DeterminationTrigger::kNoPrice, "nothing", {}, kNow);
}

DeterminedValue determined(const model::ActorId& by) {
  return {
      Decimal::literal("84010"), "mean of three broker quotes", {{"quote 1", "84010", "broker"}}, by, false};
}

TEST(FairValueDetermination, IsDeterminedByOneAndApprovedByAnother) {
  const auto first = determine(opened(), determined(kAnna), kNow + Duration::minutes(1));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->state, DeterminationState::kDetermined);
  EXPECT_EQ(approve(*first, kAnna, kNow + Duration::minutes(2)).error(), DeterminationRefusal::kSamePerson);
  EXPECT_EQ(approve(*first, kBen, kNow).error(), DeterminationRefusal::kClockWentBack);
  const auto approved = approve(*first, kBen, kNow + Duration::minutes(2));
  ASSERT_TRUE(approved.has_value());
  EXPECT_EQ(approved->state, DeterminationState::kApproved);
  EXPECT_EQ(approved->approved_by, kBen);
  EXPECT_EQ(approved->price, Decimal::literal("84010"));
  EXPECT_TRUE(approved->for_board);
  EXPECT_EQ(determine(*approved, determined(kBen), kNow + Duration::hours(1)).error(),
            DeterminationRefusal::kNotOpen);
  EXPECT_EQ(approve(*approved, kBen, kNow + Duration::hours(1)).error(), DeterminationRefusal::kNotOpen);
}

TEST(FairValueDetermination, IncompleteStepsAreRefused) {
  EXPECT_EQ(approve(opened(), kBen, kNow).error(), DeterminationRefusal::kNotDetermined);
  auto value = determined(kAnna);
  value.method.clear();
  EXPECT_EQ(determine(opened(), value, kNow).error(), DeterminationRefusal::kNoMethod);
  value = determined(kAnna);
  value.inputs.clear();
  EXPECT_EQ(determine(opened(), value, kNow).error(), DeterminationRefusal::kNoInput);
  value = determined(kAnna);
  value.price = Decimal();
  EXPECT_EQ(determine(opened(), value, kNow).error(), DeterminationRefusal::kPriceNotPositive);
  EXPECT_EQ(determine(opened(), determined(kAnna), kNow - Duration::seconds(1)).error(),
            DeterminationRefusal::kClockWentBack);
}

TEST(FairValueDetermination, BoardFlagIsAddedByAPersonAndNeverTakenAway) {
  auto value = determined(kAnna);
  EXPECT_FALSE(determine(opened(FundAct::kEtp1933), value, kNow)->for_board);
  value.for_board = true;
  const auto flagged = determine(opened(FundAct::kEtp1933), value, kNow);
  EXPECT_TRUE(flagged->for_board);
  EXPECT_TRUE(determine(*flagged, determined(kBen), kNow)->for_board);
}

std::vector<StruckValue> strikes(const std::vector<int>& values) {
  std::vector<StruckValue> struck;
  for (std::size_t i = 0; i < values.size(); ++i)
    struck.push_back({kDate - static_cast<std::int64_t>(values.size() - 1 - i), Decimal::of(values[i])});
  return struck;
}

TEST(UnchangedRun, CountsTheLastStrikesWithOneValue) {
  EXPECT_EQ(unchanged_run({}).strikes, 0U);
  EXPECT_EQ(unchanged_run(strikes({5})), (UnchangedRun{1, kDate}));
  EXPECT_EQ(unchanged_run(strikes({5, 5, 4, 5, 5})), (UnchangedRun{2, kDate - 1}));
  EXPECT_TRUE(is_stale(unchanged_run(strikes({4, 5, 5, 5})), 3));
  EXPECT_FALSE(is_stale(unchanged_run(strikes({5, 5, 4, 4})), 3));
}

TEST(ReviewPrice, StalePriceAndBasisGapEachOpenADetermination) {
  const auto index = index_price("NK_BTCUSD_NY", "82982.75");
  const auto principal = principal_price("82445.02");
  EXPECT_EQ(basis_gap(index, principal),
            Rational(Decimal::literal("537.73")) / Rational(Decimal::literal("82445.02")));
  const auto quiet = strikes({1, 2, 3});
  const auto still = strikes({1, 3, 3, 3});
  // The published pair of 2025-03-31: 0.65% apart.
  const auto gap = review_price({}, kBtc, FundAct::kIca1940, quiet, &index, &principal, kNow);
  ASSERT_EQ(gap.size(), 1U);
  EXPECT_EQ(gap[0].trigger, DeterminationTrigger::kBasisGap);
  EXPECT_EQ(gap[0].reason,
            "index and principal market are 0.006522286003448116089 apart; at most 0.005 is allowed");
  const auto both = review_price({}, kBtc, FundAct::kIca1940, still, &index, &principal, kNow);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].trigger, DeterminationTrigger::kUnchanged);
  EXPECT_TRUE(review_price({}, kBtc, FundAct::kIca1940, quiet, &index, nullptr, kNow).empty());
  EXPECT_TRUE(review_price({3, 6'523}, kBtc, FundAct::kIca1940, quiet, &index, &principal, kNow).empty());
}

}  // namespace
}  // namespace navkeeper::pricing
