// Instants and dates: the fast parser against the date library's own, and by hand at the edges.
#include "common/time/instant.h"

#include <date/date.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <chrono>
#include <iomanip>
#include <sstream>
#include <stdexcept>

#include "common/time/clock.h"
#include "common/time/date.h"

namespace navkeeper::time {
namespace {

using SysNs = date::sys_time<std::chrono::nanoseconds>;

std::int64_t ns_of(std::string_view text) {
  const auto instant = parse_rfc3339(text);
  EXPECT_TRUE(instant.has_value()) << text;
  return instant ? instant->ns() : 0;
}

TEST(ParseRfc3339, ReadsUtcOffsetsAndFractions) {
  EXPECT_EQ(ns_of("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(ns_of("2023-09-05T16:00:00Z"), 1'693'929'600'000'000'000);
  EXPECT_EQ(ns_of("2023-09-05t16:00:00z"), 1'693'929'600'000'000'000);
  EXPECT_EQ(ns_of("2023-09-05 16:00:00Z"), 1'693'929'600'000'000'000);
  EXPECT_EQ(ns_of("2023-09-05T12:00:00-04:00"), 1'693'929'600'000'000'000);
  EXPECT_EQ(ns_of("2023-09-06T05:45:00+13:45"), 1'693'929'600'000'000'000);
  EXPECT_EQ(ns_of("2023-09-05T16:00:00-00:00"), 1'693'929'600'000'000'000);
  EXPECT_EQ(ns_of("2023-09-05T16:00:00.1Z"), 1'693'929'600'100'000'000);
  EXPECT_EQ(ns_of("2023-09-05T16:00:00.000000001Z"), 1'693'929'600'000'000'001);
  EXPECT_EQ(ns_of("2023-09-05T16:00:00.123456789+00:00"), 1'693'929'600'123'456'789);
  EXPECT_EQ(ns_of("1969-12-31T23:59:59.999999999Z"), -1);
}

TEST(ParseRfc3339, RefusesWhatIsNotAnInstant) {
  for (const char* text : {"",
                           "2023-09-05",
                           "2023-09-05T16:00:00",
                           "2023-09-05T16:00Z",
                           "2023-09-05T16:00:00.Z",
                           "2023-09-05T16:00:00.",
                           "2023-09-05T16:00:00.1234567890Z",
                           "2023-09-05T16:00:60Z",
                           "2023-09-05T24:00:00Z",
                           "2023-09-05T16:60:00Z",
                           "2023-13-05T16:00:00Z",
                           "2023-00-05T16:00:00Z",
                           "2023-09-31T16:00:00Z",
                           "2023-09-00T16:00:00Z",
                           "2023-02-29T16:00:00Z",
                           "1900-02-29T16:00:00Z",
                           "2023-09-05T16:00:00+24:00",
                           "2023-09-05T16:00:00+00:60",
                           "2023-09-05T16:00:00+0000",
                           "2023-09-05T16:00:00+00",
                           "2023-09-05T16:00:00ZZ",
                           "2023-09-05T16:00:00Z ",
                           " 2023-09-05T16:00:00Z",
                           "2023/09/05T16:00:00Z",
                           "2023-09-05_16:00:00Z",
                           "2023-09-05T16.00.00Z",
                           "+023-09-05T16:00:00Z",
                           "2023-9-05T16:00:00.0Z",
                           "2023-09-05T16:00:00.1",
                           "2023-09-05T-1:00:00Z",
                           "12023-09-05T16:00:00Z",
                           "2023-09-05T16:00:00 +00:00",
                           "2023-09-05T16:00:00\xE2\x88\x92"
                           "04:00",
                           "0000-01-01T00:00:00Z",
                           "9999-12-31T23:59:59Z"}) {
    EXPECT_FALSE(parse_rfc3339(text).has_value()) << text;
  }
  EXPECT_FALSE(parse_rfc3339(std::string_view("2023-09-05T16:00:00\0", 20)).has_value());
}

TEST(ParseRfc3339, ReachesExactlyTheEndsOf64Bits) {
  EXPECT_EQ(ns_of("2262-04-11T23:47:16.854775807Z"), INT64_MAX);
  EXPECT_FALSE(parse_rfc3339("2262-04-11T23:47:16.854775808Z").has_value());
  EXPECT_EQ(ns_of("1677-09-21T00:12:43.145224192Z"), INT64_MIN);
  EXPECT_FALSE(parse_rfc3339("1677-09-21T00:12:43.145224191Z").has_value());
  EXPECT_EQ(Instant::latest().to_string(), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(Instant::earliest().to_string(), "1677-09-21T00:12:43.145224192Z");
}

TEST(ParseRfc3339, LeapDayOfALeapCenturyExists) {
  EXPECT_EQ(ns_of("2000-02-29T00:00:00Z"), 951'782'400'000'000'000);
  EXPECT_EQ(Instant::literal("2024-02-29T00:00:00Z") + Duration::hours(24),
            Instant::literal("2024-03-01T00:00:00Z"));
}

TEST(Instant, WritesAFractionOnlyWhenThereIsOne) {
  EXPECT_EQ(Instant::literal("2023-09-05T16:00:00Z").to_string(), "2023-09-05T16:00:00Z");
  EXPECT_EQ(Instant::literal("2023-09-05T16:00:00.250Z").to_string(), "2023-09-05T16:00:00.25Z");
  EXPECT_EQ(Instant::from_ns(-1).to_string(), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(Instant::from_ns(10).to_string(), "1970-01-01T00:00:00.00000001Z");
}

TEST(Instant, ArithmeticThatLeavesTheRangeThrows) {
  EXPECT_THROW((void)(Instant::latest() + Duration::from_ns(1)), std::overflow_error);
  EXPECT_THROW((void)(Instant::earliest() - Duration::from_ns(1)), std::overflow_error);
  EXPECT_THROW((void)(Instant::latest() - Instant::earliest()), std::overflow_error);
  EXPECT_THROW((void)Duration::hours(INT64_MAX), std::overflow_error);
  EXPECT_THROW((void)(Duration::from_ns(INT64_MAX) + Duration::from_ns(1)), std::overflow_error);
  EXPECT_EQ(Instant::latest() - Duration::from_ns(INT64_MAX), Instant());
  EXPECT_EQ(Duration::minutes(5) * 12, Duration::hours(1));
}

TEST(Instant, EveryInstantIsReadBackAsTheDateLibraryWritesIt) {
  EXPECT_TRUE(rc::check("every instant", [](std::int64_t ns) {
    const Instant instant = Instant::from_ns(ns);
    RC_ASSERT(parse_rfc3339(instant.to_string()) == instant);
    // date::format rounds days toward the past in 64 bits; near the very ends that overflows, so it is kept
    // inside.
    RC_PRE(ns > INT64_MIN + 86'400'000'000'000);
    const std::string reference = date::format("%FT%TZ", SysNs(std::chrono::nanoseconds(ns)));
    RC_ASSERT(parse_rfc3339(reference) == instant);
    RC_ASSERT(utc_date(instant).to_string() ==
              date::format("%F", date::floor<date::days>(SysNs(std::chrono::nanoseconds(ns)))));
  }));
}

TEST(Instant, OffsetsAreTakenFromTheLocalTimeThatTheDateLibraryWrites) {
  EXPECT_TRUE(rc::check("every offset", [] {
    const auto seconds = *rc::gen::inRange<std::int64_t>(-9'000'000'000, 9'000'000'000);
    const auto fraction = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000);
    const auto offset = *rc::gen::inRange<std::int64_t>(-1439, 1440);
    const SysNs local(std::chrono::seconds(seconds) + std::chrono::nanoseconds(fraction));
    std::ostringstream text;
    text << date::format("%FT%T", local) << (offset < 0 ? '-' : '+') << std::setfill('0') << std::setw(2)
         << std::abs(offset) / 60 << ':' << std::setw(2) << std::abs(offset) % 60;
    const SysNs reference = local - std::chrono::minutes(offset);
    const auto instant = parse_rfc3339(text.str());
    RC_ASSERT(instant.has_value());
    RC_ASSERT(instant->ns() == reference.time_since_epoch().count());
  }));
}

TEST(Instant, MutatedTextIsNeverReadAsAnotherSpellingOfAnImpossibleDate) {
  EXPECT_TRUE(rc::check("a changed character", [](std::int64_t ns) {
    std::string text = Instant::from_ns(ns).to_string();
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = *rc::gen::character<char>();
    const auto instant = parse_rfc3339(text);
    if (!instant) return;
    // Whatever it reads, it reads the same digits: the canonical spelling begins with the same date and time.
    text[10] = 'T';
    RC_ASSERT(instant->to_string().substr(0, 19) == text.substr(0, 19));
  }));
}

TEST(Date, EveryDayAgreesWithTheDateLibrary) {
  for (std::int32_t days = -719'528; days <= 2'932'896;
       days += 1 + (days < -200'000 || days > 200'000 ? 12 : 0)) {
    const Date day = Date::from_days(days);
    const date::year_month_day reference{date::sys_days(date::days(days))};
    ASSERT_EQ(day.year(), int{reference.year()});
    ASSERT_EQ(day.month(), static_cast<int>(unsigned{reference.month()}));
    ASSERT_EQ(day.day(), static_cast<int>(unsigned{reference.day()}));
    ASSERT_EQ(static_cast<unsigned>(day.weekday()) + 1,
              date::weekday(date::sys_days(reference)).iso_encoding());
    ASSERT_EQ(Date::of(day.year(), day.month(), day.day()), day);
    ASSERT_EQ(Date::parse(day.to_string()), day);
    ASSERT_EQ(day.end_of_month().day(),
              static_cast<int>(unsigned{(reference.year() / reference.month() / date::last).day()}));
    ASSERT_EQ(day.start_of_month().day(), 1);
  }
}

TEST(Date, RefusesWhatIsNotADay) {
  for (const char* text :
       {"", "2023-9-05", "2023-09-5", "2023-02-29", "2023-00-10", "2023-13-10", "2023-01-00", "2023-01-32",
        "20230905", "2023-09-05 ", "2023/09/05", "-023-09-05", "99999-01-01", "2023-0a-05", "1e23-01-01"}) {
    EXPECT_FALSE(Date::parse(text).has_value()) << text;
  }
}

TEST(Date, ArithmeticStaysInsideTenThousandYears) {
  EXPECT_EQ(Date::literal("2024-02-28") + 2, Date::literal("2024-03-01"));
  EXPECT_EQ(Date::literal("2024-03-01") - Date::literal("2023-03-01"), 366);
  EXPECT_THROW((void)(Date::literal("9999-12-31") + 1), std::overflow_error);
  EXPECT_THROW((void)(Date::literal("0000-01-01") - 1), std::overflow_error);
  EXPECT_THROW((void)(Date::literal("2023-01-01") + INT64_MAX), std::overflow_error);
  EXPECT_EQ(Date::literal("2023-09-05").utc_midnight(), Instant::literal("2023-09-05T00:00:00Z"));
  EXPECT_THROW((void)Date::literal("9999-12-31").utc_midnight(), std::overflow_error);
  EXPECT_EQ(utc_date(Instant::from_ns(-1)), Date::literal("1969-12-31"));
}

TEST(Clock, TheManualOneMovesOnlyWhenToldAndTheSystemOneIsInThisCentury) {
  ManualClock clock(Instant::literal("2026-03-31T20:00:00Z"));
  EXPECT_EQ(clock.now(), clock.now());
  clock.advance(Duration::minutes(1));
  EXPECT_EQ(clock.now().to_string(), "2026-03-31T20:01:00Z");
  const Instant before = SystemClock().now();
  EXPECT_GT(before, Instant::literal("2020-01-01T00:00:00Z"));
  EXPECT_LT(before, Instant::literal("2100-01-01T00:00:00Z"));
}

}  // namespace
}  // namespace navkeeper::time
