#include "services/pricing/domain/markets/equity_close.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/pricing/domain/markets/corporate_actions.h"

namespace navkeeper::pricing {
namespace {

using money::Decimal;
using money::Rational;
using time::Date;
using time::Duration;
using time::Instant;

TEST(SnapClock, NyseCloseFollowsDaylightSavingTimeAndHalfDays) {
  const auto at = [](const char* date) { return SnapClock::nyse_close().snap(Date::literal(date)); };
  EXPECT_EQ(at("2026-01-05")->to_string(), "2026-01-05T21:00:00Z");
  EXPECT_EQ(at("2026-07-06")->to_string(), "2026-07-06T20:00:00Z");
  EXPECT_EQ(at("2025-11-28")->to_string(), "2025-11-28T18:00:00Z")
      << "the day after Thanksgiving closes at 13:00";
  EXPECT_EQ(at("2026-01-03").error().rule, "the exchange is closed on this date");
  EXPECT_EQ(at("2025-01-09").error().rule, "the exchange is closed on this date");
  EXPECT_EQ(at("2019-12-31").error().rule, "the exchange calendar does not cover this date");
}

TEST(SnapClock, MidnightEndsTheDateInItsZone) {
  const auto at = [](const char* zone, const char* date) {
    return SnapClock::midnight(zone)->snap(Date::literal(date))->to_string();
  };
  EXPECT_EQ(at("UTC", "2026-03-02"), "2026-03-03T00:00:00Z");
  EXPECT_EQ(at("Europe/Berlin", "2026-01-05"), "2026-01-05T23:00:00Z");
  EXPECT_EQ(at("Europe/Berlin", "2026-07-06"), "2026-07-06T22:00:00Z");
  EXPECT_TRUE(SnapClock::midnight("UTC")->snap(Date::literal("9999-12-31")).has_error());
  EXPECT_TRUE(SnapClock::midnight("UTC")->snap(Date::literal("0001-01-01")).has_error());
}

TEST(SnapClock, IsReadBackFromItsWords) {
  for (const char* words : {"nyse_close", "midnight UTC", "midnight Europe/Berlin"})
    EXPECT_EQ(SnapClock::parse(words)->to_string(), words);
  EXPECT_TRUE(SnapClock::parse("midnight Nowhere/At_All").has_error());
  EXPECT_TRUE(SnapClock::parse("midnight").has_error());
  EXPECT_TRUE(SnapClock::parse("noon").has_error());
}

CloseSeries series(const char* symbol, const SnapClock& clock,
                   std::vector<std::pair<const char*, const char*>> closes,
                   Adjustment adjustment = Adjustment::kNone) {
  CloseSeries made{model::AssetId::literal(symbol), clock, adjustment, {"test", "none", ""}, {}};
  for (const auto& [date, value] : closes)
    made.closes.push_back(
        {Date::literal(date), Decimal::literal(value), *clock.snap(Date::literal(date)), 0});
  return made;
}

TEST(AlignCloses, KeepsTheDatesThatAllHave) {
  const auto clock = SnapClock::nyse_close();
  const std::vector<CloseSeries> both{
      series("MARA", clock, {{"2026-03-02", "10"}, {"2026-03-03", "11"}, {"2026-03-05", "13"}}),
      series("RIOT", clock, {{"2026-03-03", "21"}, {"2026-03-04", "22"}, {"2026-03-05", "23"}})};
  const auto rows = align_closes(both);
  ASSERT_TRUE(rows.has_value());
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0], (AlignedCloses{Date::literal("2026-03-03"),
                                       Instant::literal("2026-03-03T21:00:00Z"),
                                       {Decimal::of(11), Decimal::of(21)}}));
  EXPECT_EQ((*rows)[1].date, Date::literal("2026-03-05"));
}

TEST(AlignCloses, MixedClocksAreRefused) {
  const auto equity = series("MARA", SnapClock::nyse_close(), {{"2026-03-02", "10"}});
  const auto utc = series("BTC", *SnapClock::midnight("UTC"), {{"2026-03-02", "84000"}});
  const auto berlin = series("ETH", *SnapClock::midnight("Europe/Berlin"), {{"2026-03-02", "2000"}});
  EXPECT_EQ(align_closes(std::vector{equity, utc}).error().message(),
            "MARA and BTC: clocks are never mixed: nyse_close and midnight UTC");
  EXPECT_EQ(align_closes(std::vector{utc, berlin}).error().rule,
            "clocks are never mixed: midnight UTC and midnight Europe/Berlin");
  const auto adjusted = series("RIOT", SnapClock::nyse_close(), {{"2026-03-02", "10"}}, Adjustment::kSplits);
  EXPECT_EQ(align_closes(std::vector{equity, adjusted}).error().rule,
            "adjustments are never mixed: none and splits");
  EXPECT_TRUE(align_closes(std::vector{equity, equity}).has_error());
  EXPECT_TRUE(align_closes({}).has_error());
}

TEST(SnapPrice, IsTheLastObservationNotTooOld) {
  const auto at = Instant::literal("2026-03-02T21:00:00Z");
  const std::vector<ObservedPrice> seen{{at - Duration::hours(2), Decimal::of(1)},
                                        {at, Decimal::of(2)},
                                        {at, Decimal::of(3)},
                                        {at + Duration::from_ns(1), Decimal::of(4)}};
  EXPECT_EQ(snap_price(seen, at, Duration::hours(1))->value, Decimal::of(3));
  EXPECT_EQ(snap_price(seen, at - Duration::from_ns(1), Duration::hours(2))->value, Decimal::of(1));
  EXPECT_EQ(snap_price(seen, at - Duration::from_ns(1), Duration::hours(1)).error(), SnapProblem::kTooOld);
  EXPECT_EQ(snap_price(seen, at - Duration::hours(3), Duration::hours(1)).error(),
            SnapProblem::kNothingBefore);
}

const auto kClock = *SnapClock::midnight("UTC");
model::AssetId id(const char* symbol) { return model::AssetId::literal(symbol); }
std::vector<std::string> values(const Stretch& stretch) {
  std::vector<std::string> texts;
  for (const auto& close : stretch)
    texts.push_back(close.symbol.value() + " " + close.value.to_quotient_string());
  return texts;
}

TEST(FollowSecurity, SplitPutsEarlierPricesOnTheLaterShareCount) {
  const std::vector<CloseSeries> raw{
      series("NVDA", kClock, {{"2024-06-06", "1210"}, {"2024-06-07", "1200"}, {"2024-06-10", "121"}})};
  const std::vector<CorporateAction> actions{ShareSplit{id("NVDA"), Date::literal("2024-06-10"), 10, 1}};
  const auto stretches = follow_security(id("NVDA"), raw, actions);
  ASSERT_TRUE(stretches.has_value());
  ASSERT_EQ(stretches->size(), 1U);
  EXPECT_EQ(values(stretches->front()), (std::vector<std::string>{"NVDA 121", "NVDA 120", "NVDA 121"}));
  auto adjusted = raw;
  adjusted[0].adjustment = Adjustment::kSplits;
  EXPECT_EQ(values(follow_security(id("NVDA"), adjusted, actions)->front())[0], "NVDA 1210")
      << "a series that has its splits worked in is not adjusted again";
}

TEST(FollowSecurity, ASplitOnTheDayOfANewTickerCountsByEitherName) {
  const std::vector<CloseSeries> all{series("AAA", kClock, {{"2026-01-02", "100"}}),
                                     series("BBB", kClock, {{"2026-01-05", "51"}})};
  for (const char* name : {"AAA", "BBB"}) {
    const std::vector<CorporateAction> actions{
        TickerChange{id("AAA"), id("BBB"), Date::literal("2026-01-05")},
        ShareSplit{id(name), Date::literal("2026-01-05"), 2, 1}};
    EXPECT_EQ(values(follow_security(id("BBB"), all, actions)->front()),
              (std::vector<std::string>{"AAA 50", "BBB 51"}))
        << name;
  }
}

TEST(FollowSecurity, ATickerThatWasGivenUpAndTradesOnIsAnotherSecurity) {
  const std::vector<CloseSeries> all{
      series("P", kClock, {{"2026-01-01", "10"}, {"2026-01-02", "11"}, {"2026-01-05", "600"}}),
      series("Q", kClock, {{"2026-01-03", "12"}})};
  const std::vector<CorporateAction> actions{
      TickerChange{id("P"), id("Q"), Date::literal("2026-01-03")},
      TickerChange{id("X"), id("Z"), Date::literal("2026-01-03")},
      TickerChange{id("Y"), id("Z"),
                   Date::literal("2026-01-03")}};  // Of others: contradicts, and is no matter.
  const auto old = follow_security(id("P"), all, actions);
  ASSERT_TRUE(old.has_value());
  ASSERT_EQ(old->size(), 1U);
  ASSERT_EQ(old->front().size(), 1U);
  EXPECT_EQ(old->front().front().date, Date::literal("2026-01-05"));
  const auto followed = follow_security(id("Q"), all, actions);
  ASSERT_TRUE(followed.has_value());
  EXPECT_EQ(followed->front().size(), 3U);
  EXPECT_TRUE(follow_security(id("Z"), all, actions).has_error());
}

TEST(FollowSecurity, TickerChangeLeadsFromOneSeriesToTheNext) {
  // The new ticker was somebody else's before.
  const std::vector<CloseSeries> raw{
      series("OLD", kClock, {{"2026-01-01", "10"}, {"2026-01-02", "11"}, {"2026-01-03", "99"}}),
      series("NEW", kClock, {{"2026-01-01", "500"}, {"2026-01-03", "6"}, {"2026-01-04", "7"}})};
  const std::vector<CorporateAction> actions{TickerChange{id("OLD"), id("NEW"), Date::literal("2026-01-03")},
                                             ShareSplit{id("OLD"), Date::literal("2026-01-02"), 1, 10},
                                             ShareSplit{id("NEW"), Date::literal("2026-01-03"), 2, 1},
                                             ShareSplit{id("NEW"), Date::literal("2026-01-02"), 3, 1}};
  const auto stretches = follow_security(id("NEW"), raw, actions);
  ASSERT_EQ(stretches->size(), 1U);
  EXPECT_EQ(values(stretches->front()), (std::vector<std::string>{"OLD 50", "OLD 5.5", "NEW 6", "NEW 7"}))
      << "10 x 10 / 2, 11 / 2; the split of the other NEW is not its own";
}

TEST(FollowSecurity, RelistingAfterABankruptcyBreaksTheHistory) {
  const std::vector<CloseSeries> raw{
      series("CORZ", kClock,
             {{"2022-12-19", "0.2"}, {"2022-12-20", "0.1"}, {"2024-01-24", "3.44"}, {"2024-01-25", "3.21"}})};
  const std::vector<CorporateAction> actions{Relisting{id("CORZ"), Date::literal("2024-01-24")},
                                             ShareSplit{id("CORZ"), Date::literal("2024-01-25"), 2, 1}};
  const auto stretches = follow_security(id("CORZ"), raw, actions);
  ASSERT_EQ(stretches->size(), 2U);
  EXPECT_EQ(values((*stretches)[0]), (std::vector<std::string>{"CORZ 0.2", "CORZ 0.1"}))
      << "the later split is the new share's";
  EXPECT_EQ(values((*stretches)[1]), (std::vector<std::string>{"CORZ 1.72", "CORZ 3.21"}));
}

TEST(FollowSecurity, ContradictionsAreRefused) {
  const std::vector<CloseSeries> raw{series("A", kClock, {{"2026-01-01", "10"}})};
  const auto rule = [&](std::vector<CloseSeries> with, std::vector<CorporateAction> actions) {
    return follow_security(id("A"), with, actions).error().rule;
  };
  EXPECT_EQ(rule(raw, {ShareSplit{id("A"), Date::literal("2026-01-01"), 0, 1}}),
            "a split's ratio must be positive");
  const ShareSplit split{id("A"), Date::literal("2026-01-01"), 2, 1};
  EXPECT_EQ(rule(raw, {split, split}), "two actions of one kind for one ticker and date");
  EXPECT_EQ(rule({}, {}), "there is no series of this security");
  EXPECT_EQ(rule({raw[0], raw[0]}, {}), "appears twice");
  EXPECT_EQ(rule({raw[0], series("B", SnapClock::nyse_close(), {{"2026-01-05", "1"}})},
                 {TickerChange{id("B"), id("A"), Date::literal("2026-01-06")}}),
            "series of one security must have one clock and one adjustment");
}

RC_GTEST_PROP(FollowSecurityProperty, SplitsAndTheirReversalChangeNothing, ()) {
  CloseSeries raw{id("A"), kClock, Adjustment::kNone, {}, {}};
  const int days = *rc::gen::inRange(2, 20);
  for (int i = 0; i < days; ++i) {
    const Date date = Date::literal("2026-01-01") + i;
    raw.closes.push_back({date, Decimal::of(*rc::gen::inRange(1, 1'000), 2), *kClock.snap(date), 0});
  }
  const auto day = *rc::gen::inRange(0, days);
  const auto other = (day + *rc::gen::inRange(1, days)) % days;
  const auto ratio = *rc::gen::inRange<std::int64_t>(1, 50);
  const std::vector<CorporateAction> actions{
      ShareSplit{id("A"), Date::literal("2026-01-01") + day, ratio, 7},
      ShareSplit{id("A"), Date::literal("2026-01-01") + other, 7, ratio}};
  const auto stretches = follow_security(id("A"), std::vector{raw}, actions);
  RC_ASSERT(stretches->size() == 1U);
  for (int i = 0; i < days; ++i) {
    // Naive: what one share of the date became by the end.
    Rational shares = Rational::of(1);
    if (i < day) shares = shares * Rational::of(ratio, 7);
    if (i < other) shares = shares * Rational::of(7, ratio);
    const auto index = static_cast<std::size_t>(i);
    RC_ASSERT(stretches->front()[index].value * shares == Rational(raw.closes[index].value));
  }
}

}  // namespace
}  // namespace navkeeper::pricing
