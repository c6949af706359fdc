#include "common/time/zone.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "common/time/calendar.h"
#include "common/time/valuation.h"

namespace navkeeper::time {
namespace {

std::string instant_of(std::string_view date, std::string_view time, std::string_view zone) {
  const auto instant = local_to_instant(Date::literal(date), TimeOfDay::literal(time), zone);
  return instant.has_value() ? instant->to_string() : std::string(describe(instant.error()));
}

TEST(Zone, SixteenHoursInNewYorkMovesWithDaylightSavingTime) {
  EXPECT_EQ(instant_of("2026-03-06", "16:00", "America/New_York"), "2026-03-06T21:00:00Z");
  EXPECT_EQ(instant_of("2026-03-09", "16:00", "America/New_York"), "2026-03-09T20:00:00Z");
  EXPECT_EQ(instant_of("2026-10-30", "16:00", "America/New_York"), "2026-10-30T20:00:00Z");
  EXPECT_EQ(instant_of("2026-11-02", "16:00", "America/New_York"), "2026-11-02T21:00:00Z");
  EXPECT_EQ(instant_of("2035-07-02", "16:00", "America/New_York"), "2035-07-02T20:00:00Z");
  EXPECT_EQ(instant_of("2023-09-05", "16:00", "UTC"), "2023-09-05T16:00:00Z");
  EXPECT_EQ(instant_of("2023-09-05", "16:00", "Asia/Kathmandu"), "2023-09-05T10:15:00Z");
}

TEST(Zone, ATimeThatTheClocksSkipIsRefused) {
  EXPECT_EQ(instant_of("2026-03-08", "02:00", "America/New_York"), describe(ZoneError::kNonexistent));
  EXPECT_EQ(instant_of("2026-03-08", "02:59:59", "America/New_York"), describe(ZoneError::kNonexistent));
  EXPECT_EQ(instant_of("2026-03-08", "01:59:59", "America/New_York"), "2026-03-08T06:59:59Z");
  EXPECT_EQ(instant_of("2026-03-08", "03:00", "America/New_York"), "2026-03-08T07:00:00Z");
  EXPECT_EQ(instant_of("2026-03-29", "01:30", "Europe/London"), describe(ZoneError::kNonexistent));
}

TEST(Zone, ATimeThatHappensTwiceMeansTheFirst) {
  EXPECT_EQ(instant_of("2026-11-01", "01:00", "America/New_York"), "2026-11-01T05:00:00Z");
  EXPECT_EQ(instant_of("2026-11-01", "01:30", "America/New_York"), "2026-11-01T05:30:00Z");
  EXPECT_EQ(instant_of("2026-11-01", "02:00", "America/New_York"), "2026-11-01T07:00:00Z");
  EXPECT_EQ(instant_of("2026-10-25", "01:30", "Europe/London"), "2026-10-25T00:30:00Z");
}

TEST(Zone, AnUnknownNameIsRefused) {
  for (const char* name :
       {"", "America", "America/Springfield", "america/new_york", "../UTC", "EST5", "Local"}) {
    EXPECT_EQ(instant_of("2026-11-01", "01:00", name), describe(ZoneError::kUnknownZone)) << name;
  }
}

TEST(Zone, AnInstantOutside64BitsIsRefused) {
  EXPECT_EQ(instant_of("2300-01-01", "01:00", "UTC"), describe(ZoneError::kOutOfRange));
  EXPECT_EQ(instant_of("0001-01-01", "01:00", "UTC"), describe(ZoneError::kOutOfRange));
}

TEST(Zone, ShowsTheLocalDateAndTime) {
  const Zone zone = Zone::literal("America/New_York");
  const LocalTime shown = zone.to_local(Instant::literal("2026-03-31T03:59:59.5Z"));
  EXPECT_EQ(shown.date, Date::literal("2026-03-30"));
  EXPECT_EQ(shown.time, TimeOfDay::literal("23:59:59"));
  EXPECT_EQ(shown.ns, 500'000'000);
  EXPECT_EQ(shown.offset_seconds, -4 * 3600);
  EXPECT_EQ(zone.name(), "America/New_York");
}

TEST(Zone, LocalTimeAndBackIsTheSameInstantUnlessItIsTheSecondOfTwo) {
  EXPECT_TRUE(rc::check("there and back", [] {
    const Zone zone = Zone::literal(*rc::gen::element<std::string>("America/New_York", "Europe/London", "UTC",
                                                                   "Australia/Lord_Howe", "Asia/Kathmandu"));
    const Instant instant = Instant() + Duration::seconds(*rc::gen::inRange<std::int64_t>(0, 2'100'000'000));
    const LocalTime shown = zone.to_local(instant);
    const auto back = zone.to_instant(shown.date, shown.time);
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back <= instant);
    RC_ASSERT(instant - *back <= Duration::hours(1));
    const LocalTime again = zone.to_local(*back);
    RC_ASSERT(again.date == shown.date);
    RC_ASSERT(again.time == shown.time);
  }));
}

TEST(TimeOfDay, ReadsHoursMinutesAndSecondsOnly) {
  EXPECT_EQ(TimeOfDay::literal("16:00").seconds(), 57'600);
  EXPECT_EQ(TimeOfDay::literal("23:59:59").seconds(), 86'399);
  EXPECT_EQ(TimeOfDay::literal("16:00:00").to_string(), "16:00");
  EXPECT_EQ(TimeOfDay::literal("09:05:07").to_string(), "09:05:07");
  for (const char* text : {"", "16", "4:00", "16:0", "24:00", "16:60", "16:00:60", "16:00:0", "16:00 ",
                           "-1:00", "16.00", "16:00Z", "1600", "ab:cd"}) {
    EXPECT_FALSE(TimeOfDay::parse(text).has_value()) << text;
  }
}

std::string valued_at(HalfDayRule rule, std::string_view date) {
  const ValuationTime valuation{Zone::literal("America/New_York"), TimeOfDay::literal("16:00"), rule};
  const auto instant = valuation_instant(Calendar::exchange(), valuation, Date::literal(date));
  return instant.has_value() ? instant->to_string() : instant.error().message();
}

TEST(ValuationInstant, IsSixteenHoursInNewYorkOnAnOrdinaryDay) {
  EXPECT_EQ(valued_at(HalfDayRule::kExchangeClose, "2026-03-31"), "2026-03-31T20:00:00Z");
  EXPECT_EQ(valued_at(HalfDayRule::kAlwaysValuationTime, "2026-01-30"), "2026-01-30T21:00:00Z");
}

TEST(ValuationInstant, OfAHalfDayIsTheExchangesCloseOnlyWhenTheFundSaysSo) {
  EXPECT_EQ(valued_at(HalfDayRule::kExchangeClose, "2026-11-27"), "2026-11-27T18:00:00Z");
  EXPECT_EQ(valued_at(HalfDayRule::kAlwaysValuationTime, "2026-11-27"), "2026-11-27T21:00:00Z");
  EXPECT_EQ(valued_at(HalfDayRule::kExchangeClose, "2025-07-03"), "2025-07-03T17:00:00Z");
}

TEST(ValuationInstant, OfAFundThatValuesBeforeTheEarlyCloseStaysThere) {
  const ValuationTime noon{Zone::literal("America/New_York"), TimeOfDay::literal("12:00"),
                           HalfDayRule::kExchangeClose};
  EXPECT_EQ(valuation_time_of(Calendar::exchange(), noon, Date::literal("2026-11-27")).value(),
            TimeOfDay::literal("12:00"));
}

TEST(ValuationInstant, OfAClosedOrUncoveredDayIsRefusedWithTheReason) {
  EXPECT_EQ(valued_at(HalfDayRule::kExchangeClose, "2026-04-03"),
            "calendar exchange: 2026-04-03 is no business day (Good Friday)");
  EXPECT_EQ(valued_at(HalfDayRule::kExchangeClose, "2026-04-04"),
            "calendar exchange: 2026-04-04 is no business day (Saturday)");
  EXPECT_EQ(
      valued_at(HalfDayRule::kExchangeClose, "2036-04-03"),
      "calendar exchange: 2036-04-03 is outside the table, which reaches from 2020-01-01 to 2035-12-31");
}

TEST(ValuationInstant, ThatTheClocksSkipIsRefused) {
  const ValuationTime night{Zone::literal("America/New_York"), TimeOfDay::literal("02:30"),
                            HalfDayRule::kAlwaysValuationTime};
  const auto instant = valuation_instant(Calendar::reference_rate(), night, Date::literal("2026-03-08"));
  ASSERT_TRUE(instant.has_error());
  EXPECT_EQ(instant.error().where, "valuation time 2026-03-08 02:30 America/New_York");
}

TEST(HalfDayRule, WordsAreReadBack) {
  EXPECT_EQ(parse_half_day_rule("exchange_close"), HalfDayRule::kExchangeClose);
  EXPECT_EQ(parse_half_day_rule("always_valuation_time"), HalfDayRule::kAlwaysValuationTime);
  EXPECT_FALSE(parse_half_day_rule("16:00").has_value());
}

}  // namespace
}  // namespace navkeeper::time
