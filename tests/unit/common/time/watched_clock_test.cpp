#include "common/time/watched_clock.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace navkeeper::time {
namespace {

const Instant kNoon = Instant::literal("2026-03-05T12:00:00Z");

struct WatchedClockTest : testing::Test {
  WatchedClockTest() {
    clock.on_event([this](WatchedClock::Event event, Duration by) { said.push_back(describe(event, by)); });
    EXPECT_EQ(clock.now(), kNoon);
  }
  void pass(Duration span) {
    wall.advance(span);
    steady.advance(span);
  }

  ManualClock wall{kNoon};
  ManualClock steady{Instant::from_ns(77)};
  WatchedClock clock{wall, steady};
  std::vector<std::string> said;
};

TEST_F(WatchedClockTest, FollowsAClockThatIsKeptRightInSmallSteps) {
  pass(Duration::hours(5));
  wall.advance(Duration::milliseconds(1'900));
  EXPECT_EQ(clock.now(), wall.now());
  wall.advance(Duration::milliseconds(-1'900));
  EXPECT_EQ(clock.now(), wall.now());
  EXPECT_TRUE(said.empty());
}

TEST_F(WatchedClockTest, AnHourAheadForSomeSecondsIsNeverShown) {
  wall.advance(Duration::hours(1));
  for (int second = 0; second < 59; ++second) {
    EXPECT_EQ(clock.now(), kNoon + Duration::seconds(second));
    pass(Duration::seconds(1));
  }
  wall.advance(Duration::hours(-1));
  EXPECT_EQ(clock.now(), kNoon + Duration::seconds(59));
  EXPECT_EQ(said, (std::vector<std::string>{
                      "the machine's clock was set forward by 3600 s: not followed unless it stays so",
                      "the machine's clock is right again after 59 s"}));
  pass(Duration::seconds(1));
  EXPECT_EQ(clock.now(), kNoon + Duration::seconds(60));
}

TEST_F(WatchedClockTest, OneThatStaysAheadIsFollowed) {
  wall.advance(Duration::hours(1));
  EXPECT_EQ(clock.now(), kNoon);
  pass(Duration::seconds(60));
  EXPECT_EQ(clock.now(), wall.now());
  EXPECT_EQ(said.back(), "the machine's clock stayed 3600 s ahead: it is followed");
  pass(Duration::seconds(1));
  EXPECT_EQ(clock.now(), wall.now());
  EXPECT_EQ(said.size(), 2U);
}

TEST_F(WatchedClockTest, OneThatIsSetBackIsFollowedAtOnce) {
  wall.advance(Duration::hours(-1));
  EXPECT_EQ(clock.now(), wall.now());
  EXPECT_EQ(said, (std::vector<std::string>{"the machine's clock was set back by 3600 s: followed"}));
}

}  // namespace
}  // namespace navkeeper::time
