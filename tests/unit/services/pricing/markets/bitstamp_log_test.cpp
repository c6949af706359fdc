// A recorded day of a real venue's order book through the real-time index: 5,011 books of BTC/USD,
// 2015-05-01.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "services/pricing/domain/markets/real_time_index.h"

namespace navkeeper::pricing {
namespace {

using money::Decimal;
using time::Duration;
using time::Instant;

std::filesystem::path log_path() {
  const char* shared = std::getenv("NAVKEEPER_SHARED");
  const char* source = std::getenv("NAVKEEPER_SOURCE_DIR");
  const std::filesystem::path root =
      shared != nullptr ? shared : std::filesystem::path(source != nullptr ? source : ".") / ".." / "shared";
  return root / "data" / "ticks" / "bitstamp" / "bitstamp_btcusd_ws_20150501.log.xz";
}

struct LoggedBook {
  Instant at;
  std::vector<Level> bids;
  std::vector<Level> asks;
};

/// The pairs of quoted decimals between `from` and `to`: ["236.47", "1.78855669"].
std::vector<Level> levels_between(const std::string& line, std::size_t from, std::size_t to,
                                  BookScale scale) {
  std::vector<Level> levels;
  std::vector<Decimal> numbers;
  while ((from = line.find('"', from)) < to) {
    const std::size_t end = line.find('"', from + 1);
    numbers.push_back(*Decimal::parse(std::string_view(line).substr(from + 1, end - from - 1)));
    from = end + 1;
  }
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2)
    levels.push_back(*level_of(numbers[i], numbers[i + 1], scale));
  return levels;
}

std::vector<LoggedBook> read_log(const std::filesystem::path& path, BookScale scale) {
  std::vector<LoggedBook> books;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(
      ::popen(("xz -dc '" + path.string() + "'").c_str(), "r"), ::pclose);
  char* text = nullptr;
  std::size_t capacity = 0;
  while (pipe && ::getline(&text, &capacity, pipe.get()) > 0) {
    const std::string line(text);
    if (line.find(" order_book ") == std::string::npos) continue;
    const std::size_t bids = line.find("[", line.find("\"bids\"")),
                      asks = line.find("[", line.find("\"asks\""));
    books.push_back({Instant::from_ns(std::stoll(line) * 1'000'000),
                     levels_between(line, bids, line.rfind("\"asks\""), scale),
                     levels_between(line, asks, line.size(), scale)});
  }
  std::free(text);
  return books;
}

RealTimeDefinition definition() {
  return {.id = model::IndexId::literal("NK_BTCUSD_RT"),
          .pair = model::PairId::literal("BTC/USD"),
          .venues = {model::VenueId::literal("bitstamp")},
          .scale = {2, 8},
          .book_age_max = Duration::seconds(30),
          .screen = {},
          .minimum_venues = 1,
          .size_cap = SizeCapRule{},
          .crossed = CrossedRule::kKeep,
          .spacing = Decimal::literal("1"),
          .spread_max_ppm = 5'000,
          .decay_rule = DecayRule::kDepth,
          .decay = Decimal::literal("0.3"),
          .decimals = 2,
          .rounding = money::Rounding::kHalfEven};
}

/// The changes that lead from one side to the next.
void apply_changes(RealTimeIndex& index, Instant at, Side side, const std::vector<Level>& next) {
  Ladder wanted(side);
  wanted.assign(next);
  std::vector<std::int64_t> gone;
  const Ladder& now = index.book(0).ladder(side);
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (wanted.lots_at(now.best(i).ticks) == 0) gone.push_back(now.best(i).ticks);
  }
  for (const std::int64_t ticks : gone) ASSERT_EQ(index.update(0, at, side, {ticks, 0}), std::nullopt);
  for (const Level& level : next) ASSERT_EQ(index.update(0, at, side, level), std::nullopt);
}

TEST(BitstampLog, GivesTheSameValueBySnapshotsByChangesAndFromTheBeginning) {
  if (!std::filesystem::exists(log_path())) GTEST_SKIP() << "no recorded order books at " << log_path();
  if (std::system("xz --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "no xz to unpack " << log_path();
  const RealTimeDefinition rules = definition();
  const auto logged = read_log(log_path(), rules.scale);
  ASSERT_EQ(logged.size(), 5'011U);

  RealTimeIndex by_snapshot(rules);
  RealTimeIndex by_change(rules);
  ScreenState state{{false}};
  std::optional<Instant> heard_at;
  std::size_t values = 0, late = 0, crossed = 0;
  std::optional<Decimal> lowest, highest, first, last;
  Instant second = Instant::from_ns(logged.front().at.ns() / 1'000'000'000 * 1'000'000'000);
  for (const LoggedBook& book : logged) {
    // A value at the top of every second that passed before this book came.
    for (; second < book.at; second = second + Duration::seconds(1)) {
      const RealTimeValue value = by_snapshot.value_at(second);
      ASSERT_EQ(value, by_change.value_at(second));
      const OrderBook& standing = by_snapshot.book(0);
      const std::vector<VenueBook> books{{heard_at ? &standing : nullptr, heard_at.value_or(Instant())}};
      ASSERT_EQ(value, compute_real_time(rules, books, state, second));
      state = value.screen;
      late += value.uses[0] == BookUse::kLate ? 1U : 0U;
      crossed += value.uses[0] == BookUse::kCrossed ? 1U : 0U;
      if (!value.value) continue;
      ++values;
      if (!first) first = value.value;
      last = value.value;
      if (!lowest || *value.value < *lowest) lowest = value.value;
      if (!highest || *highest < *value.value) highest = value.value;
      // Between the outermost prices of the levels that it can have looked at.
      ASSERT_LE(Decimal::of(standing.bids().best(standing.bids().size() - 1).ticks, 2), *value.value);
      ASSERT_GE(Decimal::of(standing.asks().best(standing.asks().size() - 1).ticks, 2), *value.value);
    }
    ASSERT_EQ(by_snapshot.snapshot(0, book.at, book.bids, book.asks), std::nullopt);
    heard_at = book.at;
    apply_changes(by_change, book.at, Side::kBid, book.bids);
    apply_changes(by_change, book.at, Side::kAsk, book.asks);
    ASSERT_EQ(by_snapshot.book(0), by_change.book(0));
  }
  std::cout << values << " values, " << late << " seconds late, " << crossed << " crossed, first "
            << first->to_string() << ", last " << last->to_string() << ", lowest " << lowest->to_string()
            << ", highest " << highest->to_string() << "\n";
  EXPECT_GT(values, 15'000U);
  EXPECT_GT(*lowest, Decimal::literal("225"));
  EXPECT_LT(*highest, Decimal::literal("245"));
}

}  // namespace
}  // namespace navkeeper::pricing
