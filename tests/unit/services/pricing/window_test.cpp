#include "services/pricing/domain/window.h"

#include <gtest/gtest.h>

#include "services/pricing/adapters/index_file.h"

namespace navkeeper::pricing {
namespace {

IndexDefinition at_four(std::optional<std::string> half_day_calendar) {
  IndexDefinition index;
  index.strike_time = time::TimeOfDay::literal("16:00");
  index.time_zone = "America/New_York";
  index.window_minutes = 60;
  index.partitions = 12;
  index.half_day_calendar = std::move(half_day_calendar);
  return index;
}

std::string end_of(const IndexDefinition& index, const char* date) {
  const auto window = window_of(index, time::Date::literal(date));
  EXPECT_TRUE(window.has_value()) << date;
  EXPECT_EQ(window->end_ns - window->start_ns, time::Duration::minutes(60).ns());
  return window->end().to_string();
}

TEST(Window, FollowsTheExchangesEarlyCloseWhereTheIndexSaysSo) {
  const IndexDefinition follows = at_four("exchange");
  EXPECT_EQ(end_of(follows, "2026-11-25"), "2026-11-25T21:00:00Z");
  EXPECT_EQ(end_of(follows, "2026-11-27"), "2026-11-27T18:00:00Z");  // the day after Thanksgiving: 13:00
  EXPECT_EQ(end_of(follows, "2026-11-28"), "2026-11-28T21:00:00Z");  // a Saturday has no close
  EXPECT_EQ(end_of(follows, "2025-07-03"), "2025-07-03T17:00:00Z");
  EXPECT_EQ(end_of(at_four(std::nullopt), "2026-11-27"), "2026-11-27T21:00:00Z");
}

TEST(Window, AnEarlierStrikeIsNotMovedToTheClose) {
  IndexDefinition early = at_four("exchange");
  early.strike_time = time::TimeOfDay::literal("11:00");
  EXPECT_EQ(end_of(early, "2026-11-27"), "2026-11-27T16:00:00Z");
}

TEST(Window, ADayThatTheCalendarDoesNotCoverIsRefused) {
  EXPECT_EQ(window_of(at_four("exchange"), time::Date::literal("2036-01-02")).error(),
            time::ZoneError::kOutOfRange);
  EXPECT_TRUE(window_of(at_four(std::nullopt), time::Date::literal("2036-01-02")).has_value());
}

TEST(Window, TheFilesCalendarMustBeOne) {
  const char* const file =
      "id = \"NK_X\"\npair = \"BTC/USD\"\nstrike_time = \"16:00\"\ntime_zone = \"America/New_York\"\n"
      "window_minutes = 60\npartitions = 12\nstatistic = \"vwap\"\ntie = \"lower\"\nempty_partition = "
      "\"drop\"\n"
      "weights = \"equal\"\nvenues = [\"kraken\"]\nvenue_deviation_max = \"0.05\"\n"
      "venue_deviation_reference = \"all\"\nminimum_venues = 1\ndecimals = 2\nrounding = \"down\"\n";
  ASSERT_TRUE(parse_index(file, "x.toml").has_value());
  EXPECT_EQ(
      parse_index(std::string(file) + "half_day_calendar = \"exchange\"\n", "x.toml")->half_day_calendar,
      "exchange");
  const auto refused = parse_index(std::string(file) + "half_day_calendar = \"lunar\"\n", "x.toml");
  ASSERT_TRUE(refused.has_error());
  EXPECT_NE(refused.error().message().find("half_day_calendar"), std::string::npos);
}

}  // namespace
}  // namespace navkeeper::pricing
