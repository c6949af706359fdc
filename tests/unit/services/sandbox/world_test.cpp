// The world as an observer sees it: one price, venues close around it, books that hold, trades inside them.
#include "services/sandbox/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/base/refuse.h"
#include "services/sandbox/exchange.h"
#include "services/sandbox/fault.h"
#include "tests/support/process.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::int64_t kSecond = 1'772'740'800;  // 2026-03-05T20:00:00Z
constexpr std::int64_t kNsASecond = 1'000'000'000;

TEST(World, ThePriceIsTheSameHoweverOneComesToIt) {
  const World forward(7);
  const World backward(7);
  std::vector<std::int64_t> seen;
  for (std::int64_t second = kSecond; second < kSecond + 500; ++second)
    seen.push_back(forward.price_e8(Asset::kBtc, second));
  for (std::int64_t i = 499; i >= 0; --i)
    EXPECT_EQ(backward.price_e8(Asset::kBtc, kSecond + i), seen[static_cast<std::size_t>(i)]);
}

TEST(World, ThePriceMovesALittleEachSecondAndMoreInADay) {
  const World world(7);
  std::int64_t widest = 0;
  for (std::int64_t day = 0; day < 30; ++day) {
    for (std::int64_t second = 0; second < 200; ++second) {
      const std::int64_t at = kSecond + day * 86'400 + second * 431;
      const std::int64_t one = world.price_e8(Asset::kEth, at);
      const std::int64_t next = world.price_e8(Asset::kEth, at + 1);
      EXPECT_GT(one, 0);
      EXPECT_LT(std::llabs(next - one), one / 500) << at;
      widest = std::max<std::int64_t>(widest, std::llabs(one - world.price_e8(Asset::kEth, kSecond)));
    }
  }
  EXPECT_GT(widest, world.price_e8(Asset::kEth, kSecond) / 50);
}

TEST(World, LastsFrom2020To2035AndIsRefusedOutside) {
  const World world(7);
  EXPECT_GT(world.price_e8(Asset::kCro, 1'577'836'800), 0);
  EXPECT_GT(world.price_e8(Asset::kBtc, 2'082'758'399), 0);
  EXPECT_THROW(world.price_e8(Asset::kBtc, 1'577'836'799), base::Refused);
  EXPECT_THROW(world.price_e8(Asset::kBtc, 2'082'758'400), base::Refused);
}

TEST(World, AStakedCoinIsWorthMoreFromHourToHour) {
  const World world(7);
  EXPECT_EQ(world.conversion_rate_e9(kSecond), world.conversion_rate_e9(kSecond + 3'599));
  EXPECT_LT(world.conversion_rate_e9(kSecond), world.conversion_rate_e9(kSecond + 3'600));
  EXPECT_GT(world.conversion_rate_e9(kSecond), 1'000'000'000);
}

TEST(World, EveryVenueQuotesWithinAQuarterPerCentOfTheWorldsPrice) {
  const World world(7);
  for (const Exchange& venue : exchanges()) {
    for (std::size_t i = 0; i < venue.listings.size(); ++i) {
      const Market market(world, venue, i);
      std::int64_t tick_e8 = 1;
      for (int digit = market.listing().price_decimals; digit < 8; ++digit) tick_e8 *= 10;
      for (std::int64_t second = kSecond; second < kSecond + 100; ++second) {
        const Depth depth = market.depth(second);
        const std::int64_t price = world.price_e8(market.listing().asset, second);
        ASSERT_EQ(depth.bids.size(), Market::kLevels);
        ASSERT_EQ(depth.asks.size(), Market::kLevels);
        EXPECT_LT(depth.bids.front().price_ticks, depth.asks.front().price_ticks);
        EXPECT_LT(std::llabs(depth.bids.front().price_ticks * tick_e8 - price), price / 400);
        EXPECT_LT(std::llabs(depth.asks.front().price_ticks * tick_e8 - price), price / 400);
        for (std::size_t level = 1; level < Market::kLevels; ++level) {
          EXPECT_LT(depth.bids[level].price_ticks, depth.bids[level - 1].price_ticks);
          EXPECT_GT(depth.asks[level].price_ticks, depth.asks[level - 1].price_ticks);
          EXPECT_GT(depth.bids[level].size_units, 0);
          EXPECT_GT(depth.bids[level].price_ticks, 0);
        }
      }
    }
  }
}

TEST(World, EveryTradeLiesInsideItsVenuesBookAndNumbersHaveNoHolesAcrossHours) {
  const World world(7);
  const auto from = time::Instant::from_ns((kSecond - 1'800) * kNsASecond);
  for (const Exchange& venue : exchanges()) {
    for (std::size_t i = 0; i < venue.listings.size(); ++i) {
      const Market market(world, venue, i);
      const auto prints = market.prints(from, from + time::Duration::hours(2));
      ASSERT_FALSE(prints.empty());
      std::uint64_t number = prints.front().number;
      time::Instant last = from;
      for (const Print& print : prints) {
        EXPECT_EQ(print.number, number++);
        EXPECT_GE(print.time, last);
        last = print.time;
        EXPECT_EQ(print.time.ns() % venue.time_step_ns, 0);
        const Depth depth = market.depth(second_of(print.time));
        EXPECT_GE(print.price_ticks, depth.bids.front().price_ticks);
        EXPECT_LE(print.price_ticks, depth.asks.front().price_ticks);
        EXPECT_LE(print.size_units, (print.buyer_took ? depth.asks : depth.bids).front().size_units);
      }
    }
  }
}

TEST(World, SoManyTimesTheActivityIsSoManyTimesTheTrades) {
  const World world(7);
  const Exchange& venue = exchange("kraken");
  const auto from = time::Instant::from_ns(kSecond * kNsASecond);
  const auto until = from + time::Duration::hours(1);
  EXPECT_EQ(Market(world, venue, 0, 10).prints(from, until).size(),
            10 * Market(world, venue, 0).prints(from, until).size());
}

TEST(Fault, IsReadFromItsWordsAndRefusedWhenTheyAreNone) {
  const auto start = time::Instant::literal("2026-03-05T20:00:00Z");
  const FaultSpan span = parse_fault("coinbase:silence@5m+30s", start);
  EXPECT_EQ(span.venue, "coinbase");
  EXPECT_EQ(span.fault, Fault::kSilence);
  EXPECT_EQ(span.from, start + time::Duration::minutes(5));
  EXPECT_EQ(span.until, start + time::Duration::seconds(330));
  EXPECT_EQ(parse_fault("all:gap@2026-03-05T21:00:00Z+1h", start).from,
            time::Instant::literal("2026-03-05T21:00:00Z"));
  EXPECT_TRUE(parse_fault("all:gap@0s+1h", start).venue.empty());
  for (const char* wrong :
       {"", "coinbase", "coinbase:silence", "coinbase:silence@5m", "nowhere:silence@5m+30s",
        "coinbase:nothing@5m+30s", "coinbase:silence@5+30s", "coinbase:silence@5m+30",
        "coinbase:silence@-5m+30s", "coinbase:silence+5m@30s", "coinbase:silence@5m+99999999h"})
    EXPECT_THROW(parse_fault(wrong, start), base::Refused) << wrong;
}

TEST(Fault, HoldsForItsVenueAndItsTimeAlone) {
  const auto start = time::Instant::literal("2026-03-05T20:00:00Z");
  FaultBoard board({parse_fault("coinbase:silence@5m+30s", start)});
  const auto at = [&](int seconds) { return start + time::Duration::seconds(seconds); };
  EXPECT_FALSE(board.active("coinbase", Fault::kSilence, at(299)));
  EXPECT_TRUE(board.active("coinbase", Fault::kSilence, at(300)));
  EXPECT_FALSE(board.active("coinbase", Fault::kSilence, at(330)));
  EXPECT_FALSE(board.active("kraken", Fault::kSilence, at(300)));
  EXPECT_FALSE(board.active("coinbase", Fault::kGap, at(300)));
  board.add(parse_fault("all:gap@5m+30s", start));
  EXPECT_TRUE(board.active("kraken", Fault::kGap, at(300)));
  board.clear();
  EXPECT_FALSE(board.active("kraken", Fault::kGap, at(300)));
}

/// Every CMakeLists.txt below services/, but for the sandbox's own, that names its target.
TEST(SandboxTarget, IsLinkedByTheExecutableAlone) {
  std::vector<std::string> users;
  const std::filesystem::path source = tests::source_dir();
  for (const char* folder : {"services", "common"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source / folder)) {
      const std::string place = std::filesystem::relative(entry.path(), source).string();
      if (entry.path().filename() != "CMakeLists.txt" || place.find("services/sandbox/") == 0) continue;
      std::istringstream lines(tests::read_file(entry.path()));
      for (std::string line; std::getline(lines, line);) {
        if (line.find("nk_sandbox") != std::string::npos && line.find('#') != 0) users.push_back(place);
      }
    }
  }
  std::sort(users.begin(), users.end());
  EXPECT_EQ(users, std::vector<std::string>{"services/CMakeLists.txt"});
  const std::string executable = tests::read_file(source / "services" / "CMakeLists.txt");
  EXPECT_NE(executable.find("target_link_libraries(navkeeper PRIVATE"), std::string::npos);
}

TEST(SandboxTarget, NoServiceNamesItInItsSources) {
  const std::filesystem::path source = tests::source_dir();
  for (const char* service : {"pricing", "nav"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source / "services" / service)) {
      if (!entry.is_regular_file()) continue;
      EXPECT_EQ(tests::read_file(entry.path()).find("services/sandbox"), std::string::npos) << entry.path();
    }
  }
}

}  // namespace
}  // namespace navkeeper::sandbox
