// The real-time index as the service keeps it: what it makes of events, what it stores, and that what is
// stored makes every value again.
#include "services/pricing/app/live_index.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

#include "tests/unit/services/pricing/markets/memory_real_time_store.h"

namespace navkeeper::pricing {
namespace {

using money::Decimal;
using time::Date;
using time::Duration;
using time::Instant;

const Instant kStart = Instant::literal("2026-03-02T15:00:00Z");
const model::PairId kPair = model::PairId::literal("BTC/USD");
constexpr std::int64_t kDollar = 100'000'000;
constexpr std::int64_t kCoin = 100'000'000;

model::VenueId venue_of(std::size_t i) { return model::VenueId::literal("venue" + std::to_string(i)); }

RealTimeDefinition rules_of(std::size_t venues) {
  RealTimeDefinition rules{.id = model::IndexId::literal("NK_BTCUSD_RT"),
                           .pair = kPair,
                           .venues = {},
                           .scale = {},
                           .book_age_max = Duration::seconds(3),
                           .screen = {},
                           .minimum_venues = 1,
                           .size_cap = SizeCapRule{},
                           .crossed = CrossedRule::kKeep,
                           .spacing = Decimal::literal("0.5"),
                           .spread_max_ppm = 5'000,
                           .decay_rule = DecayRule::kDepth,
                           .decay = Decimal::literal("0.3"),
                           .decimals = 2,
                           .rounding = money::Rounding::kHalfEven};
  for (std::size_t i = 0; i < venues; ++i) rules.venues.push_back(venue_of(i));
  return rules;
}

StoredRealTimeFile file_of(const RealTimeDefinition& rules, int version = 1,
                           Date from = Date::literal("2026-01-01")) {
  return {{rules.id, rules.pair, *Dated<RealTimeDefinition>::of({{from, std::nullopt, rules}})},
          version,
          "00",
          kStart};
}

std::optional<RealTimeRecord> nothing_stored(const std::string&) { return std::nullopt; }

/// What a venue says at a time; levels with size 0 go.
struct Event {
  enum class Kind { kSnapshot, kChange, kHeard, kLost };
  Kind kind;
  std::size_t venue;
  Instant at;
  std::vector<Level> bids;
  std::vector<Level> asks;
};

/// The venues' own books, as sessions keep them, and the index fed from them.
class World {
 public:
  explicit World(const RealTimeDefinition& rules, std::size_t venues)
      : rules_(rules), live_(kStart), books_(venues), state_{std::vector<bool>(venues, false)} {
    live_.use({file_of(rules)}, nothing_stored);
  }

  void apply(const Event& event) {
    // The naive second: a copy of every book as it stood when the second ended.
    close_naive(event.at);
    auto& own = books_[event.venue];
    switch (event.kind) {
      case Event::Kind::kSnapshot:
        own = Own{OrderBook(), event.at};
        ASSERT_EQ(own->book.snapshot(event.bids, event.asks), std::nullopt);
        live_.snapshot(venue_of(event.venue), kPair, event.at, own->book);
        break;
      case Event::Kind::kChange: {
        if (!own) return live_.advance(event.at);
        std::vector<TouchedLevel> touched;
        for (const Level& level : event.bids) {
          ASSERT_EQ(own->book.update(Side::kBid, level), std::nullopt);
          touched.push_back({Side::kBid, level.ticks});
        }
        for (const Level& level : event.asks) {
          ASSERT_EQ(own->book.update(Side::kAsk, level), std::nullopt);
          touched.push_back({Side::kAsk, level.ticks});
        }
        own->heard_at = event.at;
        live_.change(venue_of(event.venue), kPair, event.at, own->book, touched);
        break;
      }
      case Event::Kind::kHeard:
        if (own) own->heard_at = event.at;
        live_.heard(venue_of(event.venue), event.at);
        break;
      case Event::Kind::kLost:
        own.reset();
        live_.lost(venue_of(event.venue), kPair, event.at);
        break;
    }
  }
  void end(Instant at) {
    close_naive(at);
    live_.advance(at);
  }

  LiveIndex& live() { return live_; }
  const std::vector<RealTimeValue>& naive() const { return naive_; }

 private:
  struct Own {
    OrderBook book;
    Instant heard_at;
  };
  /// The last full second at or before `at`, if it is a new one: as the service, which skips those it slept
  /// through.
  void close_naive(Instant at) {
    const Instant second = Instant::from_ns(at.ns() / 1'000'000'000 * 1'000'000'000);
    if (second <= closed_) return;
    closed_ = second;
    std::vector<VenueBook> given;
    for (const auto& own : books_) given.push_back(own ? VenueBook{&own->book, own->heard_at} : VenueBook{});
    naive_.push_back(compute_real_time(rules_, given, state_, second));
    state_ = naive_.back().screen;
  }

  RealTimeDefinition rules_;
  LiveIndex live_;
  std::vector<std::optional<Own>> books_;
  ScreenState state_;
  Instant closed_ = kStart;
  std::vector<RealTimeValue> naive_;
};

std::vector<Level> some_levels(std::mt19937_64& random, Side side, std::int64_t mid, std::size_t count,
                               bool deletes) {
  std::vector<Level> levels;
  for (std::size_t i = 0; i < count; ++i) {
    const auto distance = static_cast<std::int64_t>(random() % 200 + 1) * kDollar / 10;
    const auto lots =
        deletes && random() % 3 == 0 ? 0 : static_cast<std::int64_t>(random() % 300 + 1) * kCoin / 100;
    const std::int64_t ticks = side == Side::kBid ? mid - distance : mid + distance;
    const bool there =
        std::any_of(levels.begin(), levels.end(), [&](const Level& l) { return l.ticks == ticks; });
    if (!there) levels.push_back({ticks, lots});
  }
  return levels;
}

/// Events of venues over some seconds, in the order of their times, at most one a venue and instant.
std::vector<Event> some_events(std::uint64_t seed, std::size_t venues, int count) {
  std::mt19937_64 random(seed);
  std::vector<Event> events;
  std::int64_t at_ns = kStart.ns() + 1;
  for (int i = 0; i < count; ++i) {
    at_ns += static_cast<std::int64_t>(random() % 400'000'000) + 1;
    if (random() % 40 == 0) at_ns += 4'000'000'000;
    Event event{Event::Kind::kChange, random() % venues, Instant::from_ns(at_ns), {}, {}};
    // One venue in three is sometimes far away, so that the screen has something to do.
    const std::int64_t mid = (84'000 + (event.venue % 3 == 2 && random() % 3 == 0 ? 6'000 : 0)) * kDollar;
    const auto kind = random() % 10;
    if (kind < 3 || i < static_cast<int>(venues)) {
      event.kind = Event::Kind::kSnapshot;
      if (i < static_cast<int>(venues)) event.venue = static_cast<std::size_t>(i);
      event.bids = some_levels(random, Side::kBid, mid, random() % 12, false);
      event.asks = some_levels(random, Side::kAsk, mid + (random() % 20 == 0 ? -100 * kDollar : 0),
                               random() % 12, false);
    } else if (kind == 8) {
      event.kind = Event::Kind::kHeard;
    } else if (kind == 9 && random() % 3 == 0) {
      event.kind = Event::Kind::kLost;
    } else {
      event.bids = some_levels(random, Side::kBid, mid, random() % 4, true);
      event.asks = some_levels(random, Side::kAsk, mid, random() % 4, true);
    }
    events.push_back(std::move(event));
  }
  return events;
}

std::vector<ClosedSecond> run(World& world, const std::vector<Event>& events) {
  std::vector<ClosedSecond> all;
  const auto take = [&] {
    for (ClosedSecond& second : world.live().take()) all.push_back(std::move(second));
  };
  for (const Event& event : events) {
    world.apply(event);
    take();
  }
  world.end(events.back().at + Duration::seconds(1));
  take();
  return all;
}

RC_GTEST_PROP(LiveIndexProperty, ValuesAreThoseOfTheBooksAsTheyStoodWhenTheSecondEnded, ()) {
  const std::size_t venues = *rc::gen::inRange<std::size_t>(1, 5);
  World world(rules_of(venues), venues);
  const auto seconds = run(world, some_events(*rc::gen::arbitrary<std::uint64_t>(), venues, 120));
  RC_ASSERT(seconds.size() == world.naive().size());
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    RC_ASSERT(seconds[i].values.size() == 1U);
    RC_ASSERT(seconds[i].values[0].value == world.naive()[i]);
  }
}

RC_GTEST_PROP(LiveIndexProperty, WhatIsStoredMakesEverySecondAgain, ()) {
  const std::size_t venues = *rc::gen::inRange<std::size_t>(1, 5);
  auto rules = rules_of(venues);
  if (*rc::gen::arbitrary<bool>()) rules.size_cap.reset();
  if (*rc::gen::arbitrary<bool>()) rules.crossed = CrossedRule::kMatch;
  rules.minimum_venues = *rc::gen::inRange<std::size_t>(1, venues + 1);
  World world(rules, venues);
  const auto seconds = run(world, some_events(*rc::gen::arbitrary<std::uint64_t>(), venues, 200));
  MemoryRealTimeStore store;
  store.all_files = {file_of(rules)};
  std::size_t values = 0;
  for (const ClosedSecond& second : seconds) {
    const RealTimeRecord record = second.values[0].record;
    values += record.value ? 1U : 0U;
    store.save({&record, 1});
  }
  const Replay replay = replay_real_time(store, "NK_BTCUSD_RT", Instant::earliest(), Instant::latest());
  RC_ASSERT(replay.differing == 0U);
  RC_ASSERT(replay.seconds == seconds.size());
  RC_ASSERT(replay.values == values);
  // From the middle too: the key before it is found.
  const Instant middle = seconds[seconds.size() / 2].at;
  const Replay half = replay_real_time(store, "NK_BTCUSD_RT", middle, Instant::latest());
  RC_ASSERT(half.differing == 0U);
  RC_ASSERT(half.seconds == seconds.size() - seconds.size() / 2);
}

RC_GTEST_PROP(LiveIndexProperty, TheOrderAcrossVenuesWithinASecondDoesNotMatter, ()) {
  const std::size_t venues = 4;
  const auto events = some_events(*rc::gen::arbitrary<std::uint64_t>(), venues, 120);
  auto shuffled = events;
  // Seconds stay, and each venue's own order; what several venues say within one is dealt anew.
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  for (auto begin = shuffled.begin(); begin != shuffled.end();) {
    const std::int64_t second = begin->at.ns() / 1'000'000'000;
    const auto end = std::find_if(
        begin, shuffled.end(), [&](const Event& event) { return event.at.ns() / 1'000'000'000 != second; });
    std::vector<std::vector<Event>> own(venues);
    for (auto event = begin; event != end; ++event) own[event->venue].push_back(*event);
    for (auto& queue : own) std::reverse(queue.begin(), queue.end());
    for (auto event = begin; event != end;) {
      auto& queue = own[random() % venues];
      if (queue.empty()) continue;
      *event++ = queue.back();
      queue.pop_back();
    }
    begin = end;
  }
  World one(rules_of(venues), venues);
  World two(rules_of(venues), venues);
  const auto first = run(one, events);
  const auto second = run(two, shuffled);
  RC_ASSERT(first.size() == second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    RC_ASSERT(first[i].values[0].value == second[i].values[0].value);
    RC_ASSERT(first[i].values[0].record.evidence == second[i].values[0].record.evidence);
  }
}

RC_GTEST_PROP(LiveIndexProperty, AVenueThatIsScreenedOutHasNoInfluence, ()) {
  // Three venues that agree, and a fourth that is far away, each time elsewhere.
  const std::uint64_t seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto values_with = [&](std::int64_t far_mid, std::int64_t far_lots) {
    std::mt19937_64 random(seed);
    World world(rules_of(4), 4);
    std::vector<Event> events;
    for (std::size_t venue = 0; venue < 3; ++venue) {
      events.push_back({Event::Kind::kSnapshot, venue, kStart + Duration::milliseconds(10),
                        some_levels(random, Side::kBid, 84'000 * kDollar, 20, false),
                        some_levels(random, Side::kAsk, 84'000 * kDollar, 20, false)});
    }
    events.push_back({Event::Kind::kSnapshot,
                      3,
                      kStart + Duration::milliseconds(20),
                      {{far_mid - kDollar, far_lots}},
                      {{far_mid + kDollar, far_lots}}});
    return run(world, events);
  };
  const auto near_value = values_with(95'000 * kDollar, kCoin);
  const auto far_value = values_with(*rc::gen::inRange<std::int64_t>(90'000, 900'000) * kDollar,
                                     *rc::gen::inRange<std::int64_t>(1, 1'000) * kCoin);
  RC_ASSERT(near_value.size() == far_value.size());
  RC_ASSERT(near_value[0].values[0].value.uses[3] == BookUse::kDeviating);
  RC_ASSERT(near_value[0].values[0].value == far_value[0].values[0].value);
}

RC_GTEST_PROP(BookEvidenceProperty, AnyBytesAreDecodedOrRefused, ()) {
  const auto bytes = *rc::gen::arbitrary<std::vector<std::uint8_t>>();
  const auto decoded = decode_evidence(bytes, 2, nullptr, kStart);
  if (decoded)
    RC_ASSERT(decode_evidence(encode_evidence(*decoded, nullptr, kStart), 2, nullptr, kStart) == decoded);
  static_cast<void>(decode_evidence(bytes, 2, decoded ? &*decoded : nullptr, kStart));
}

class LiveIndexTest : public ::testing::Test {
 protected:
  static Event book(std::size_t venue, Instant at, std::int64_t mid_dollars = 84'000) {
    return {Event::Kind::kSnapshot,
            venue,
            at,
            {{(mid_dollars - 1) * kDollar, 5 * kCoin}, {(mid_dollars - 2) * kDollar, 5 * kCoin}},
            {{(mid_dollars + 1) * kDollar, 5 * kCoin}, {(mid_dollars + 2) * kDollar, 5 * kCoin}}};
  }
};

TEST_F(LiveIndexTest, AMessageOfTheNextSecondDoesNotReachBack) {
  World world(rules_of(1), 1);
  world.apply(book(0, kStart + Duration::milliseconds(500)));
  world.apply(book(0, kStart + Duration::milliseconds(1'000), 90'000));  // On the second is not before it.
  const auto seconds = world.live().take();
  ASSERT_EQ(seconds.size(), 1U);
  EXPECT_EQ(seconds[0].at, kStart + Duration::seconds(1));
  EXPECT_EQ(seconds[0].values[0].value.value, Decimal::literal("84000"));
}

TEST_F(LiveIndexTest, WithoutBooksThereIsNoValueAndTheReasonNamesTheVenues) {
  World world(rules_of(2), 2);
  world.apply(book(1, kStart + Duration::milliseconds(1)));
  world.end(kStart + Duration::seconds(10));
  const auto seconds = world.live().take();
  ASSERT_EQ(seconds.size(), 1U) << "a second that was slept through is not made up for";
  EXPECT_EQ(seconds[0].values[0].record.failure, "no book is left: venue0 absent, venue1 late");
  EXPECT_EQ(seconds[0].values[0].record.uses, "al");
  EXPECT_EQ(world.live().counters().skipped, 9U);
}

TEST_F(LiveIndexTest, AVenueOfLimitedDepthForgetsWhatFellOut) {
  LiveIndex live(kStart);
  live.use({file_of(rules_of(1))}, nothing_stored);
  OrderBook own;
  ASSERT_EQ(own.snapshot(std::vector<Level>{{100 * kDollar, kCoin}, {99 * kDollar, kCoin}},
                         std::vector<Level>{{101 * kDollar, kCoin}}),
            std::nullopt);
  live.snapshot(venue_of(0), kPair, kStart + Duration::milliseconds(1), own);
  // A better bid comes; the venue keeps two and drops the worst without a word.
  ASSERT_EQ(own.update(Side::kBid, {Level{100 * kDollar + 1, kCoin}}), std::nullopt);
  ASSERT_EQ(own.update(Side::kBid, {Level{99 * kDollar, 0}}), std::nullopt);
  const std::vector<TouchedLevel> touched{{Side::kBid, 100 * kDollar + 1}};
  live.change(venue_of(0), kPair, kStart + Duration::milliseconds(2), own, touched);
  live.advance(kStart + Duration::seconds(1));
  const auto seconds = live.take();
  const auto evidence =
      decode_evidence(seconds.at(0).values.at(0).record.evidence, 1, nullptr, seconds[0].at);
  ASSERT_TRUE(evidence.has_value());
  EXPECT_EQ(evidence->venues[0].bids,
            (std::vector<Level>{{100 * kDollar + 1, kCoin}, {100 * kDollar, kCoin}}));
}

TEST_F(LiveIndexTest, TheScreenGoesOnAfterARestart) {
  const auto rules = rules_of(3);
  World world(rules, 3);
  for (std::size_t venue = 0; venue < 3; ++venue)
    world.apply(book(venue, kStart + Duration::milliseconds(1), venue == 2 ? 89'000 : 84'000));
  world.end(kStart + Duration::seconds(1));
  const RealTimeRecord stored = world.live().take().at(0).values.at(0).record;
  ASSERT_EQ(stored.screen_after, "001");
  // After the restart the venue is within the bound, but not within the one for coming back.
  const auto again_with = [&](const std::optional<RealTimeRecord>& last) {
    LiveIndex live(kStart + Duration::seconds(5));
    live.use({file_of(rules)}, [&](const std::string&) { return last; });
    for (std::size_t venue = 0; venue < 3; ++venue) {
      OrderBook own;
      const Event event = book(venue, {}, venue == 2 ? 87'000 : 84'000);
      EXPECT_EQ(own.snapshot(event.bids, event.asks), std::nullopt);
      live.snapshot(venue_of(venue), kPair, kStart + Duration::milliseconds(5'500), own);
    }
    live.advance(kStart + Duration::seconds(6));
    return live.take().at(0).values.at(0).record;
  };
  EXPECT_EQ(again_with(stored).uses, "uud");
  EXPECT_EQ(again_with(stored).screen_before, "001");
  EXPECT_EQ(again_with(std::nullopt).uses, "uuu");
}

TEST_F(LiveIndexTest, ANewDefinitionTakesOverTheBooksAndTheScreenByVenue) {
  World world(rules_of(3), 3);
  for (std::size_t venue = 0; venue < 3; ++venue)
    world.apply(book(venue, kStart + Duration::milliseconds(1), venue == 2 ? 88'300 : 84'000));
  world.end(kStart + Duration::seconds(1));
  auto rules = rules_of(0);
  rules.venues = {venue_of(2), venue_of(0)};  // In another order, and without one.
  world.live().use({file_of(rules, 2)}, nothing_stored);
  world.live().advance(kStart + Duration::seconds(2));
  const auto seconds = world.live().take();
  ASSERT_EQ(seconds.size(), 2U);
  const RealTimeRecord& record = seconds[1].values[0].record;
  EXPECT_EQ(record.file_version, 2);
  EXPECT_EQ(record.screen_before, "10");
  EXPECT_EQ(record.uses, "du");
  EXPECT_TRUE(record.is_key);
}

TEST_F(LiveIndexTest, EachDayBeginsWithAWholeBookSoThatItReplaysWithoutTheDayBefore) {
  const Instant midnight = Instant::literal("2026-03-03T00:00:00Z");
  LiveIndex live(midnight - Duration::seconds(10));
  live.use({file_of(rules_of(1))}, nothing_stored);
  for (int i = -9; i <= 9; ++i) live.advance(midnight + Duration::seconds(i));
  MemoryRealTimeStore store;
  store.all_files = {file_of(rules_of(1))};
  for (const ClosedSecond& second : live.take()) {
    const RealTimeRecord& record = second.values.at(0).record;
    EXPECT_EQ(record.is_key, second.at == midnight || second.at == midnight - Duration::seconds(9));
    if (second.at >= midnight) store.save({&record, 1});
  }
  const Replay replay = replay_real_time(store, "NK_BTCUSD_RT", Instant::earliest(), Instant::latest());
  EXPECT_EQ(replay.seconds, 10U);
  EXPECT_EQ(replay.differing, 0U);
}

TEST_F(LiveIndexTest, OnADayWithoutAVersionThereIsNoIndex) {
  LiveIndex live(kStart);
  live.use({file_of(rules_of(1), 1, Date::literal("2026-03-03"))}, nothing_stored);
  live.advance(kStart + Duration::seconds(1));
  EXPECT_TRUE(live.take().empty());
  live.advance(Instant::literal("2026-03-03T00:00:00Z"));
  EXPECT_EQ(live.take().size(), 1U);
}

TEST_F(LiveIndexTest, SecondsThatNobodyTakesAreBoundedAndTheNextOneIsWhole) {
  World world(rules_of(1), 1);
  world.apply(book(0, kStart + Duration::milliseconds(1)));
  const int closed = static_cast<int>(LiveIndex::kWaitingMax) + 10;
  for (int i = 1; i <= closed; ++i) world.live().advance(kStart + Duration::seconds(i));
  EXPECT_EQ(world.live().take().size(), LiveIndex::kWaitingMax);
  EXPECT_EQ(world.live().counters().given_up, 10U);
  world.live().advance(kStart + Duration::seconds(closed + 1));
  EXPECT_TRUE(world.live().take().at(0).values.at(0).record.is_key);
}

TEST_F(LiveIndexTest, WhoTakesOverGoesOnFromWhatAnotherStoredAndBeginsWithAWholeBook) {
  LiveIndex standby(kStart);
  standby.use({file_of(rules_of(3))}, nothing_stored);
  for (int i = 1; i <= 5; ++i) standby.advance(kStart + Duration::seconds(i));
  RealTimeRecord stored;
  stored.index = "NK_BTCUSD_RT";
  stored.file_version = 1;
  stored.at = kStart + Duration::seconds(7);
  stored.screen_after = "010";
  standby.take_over([&](const std::string&) { return std::optional(stored); });
  EXPECT_TRUE(standby.take().empty()) << "what waited was made beside the other";
  standby.advance(kStart + Duration::seconds(7));
  EXPECT_TRUE(standby.take().empty()) << "the other has stored it";
  standby.advance(kStart + Duration::seconds(8));
  const auto seconds = standby.take();
  ASSERT_EQ(seconds.size(), 1U);
  EXPECT_EQ(seconds[0].values.at(0).record.screen_before, "010");
  EXPECT_TRUE(seconds[0].values.at(0).record.is_key);
}

TEST_F(LiveIndexTest, WhereNothingIsStoredAClockThatWentBackGoesOnFromThere) {
  LiveIndex live(kStart);
  live.use({file_of(rules_of(3))}, nothing_stored);
  live.advance(kStart + Duration::seconds(100));
  live.go_back_to(kStart + Duration::seconds(200));
  EXPECT_EQ(live.last_closed(), kStart + Duration::seconds(100)) << "never ahead";
  live.go_back_to(kStart + Duration::seconds(40));
  EXPECT_TRUE(live.take().empty());
  live.advance(kStart + Duration::seconds(41));
  const auto seconds = live.take();
  ASSERT_EQ(seconds.size(), 1U);
  EXPECT_TRUE(seconds[0].values.at(0).record.is_key);
}

TEST_F(LiveIndexTest, AClockThatStepsBackMakesNoSecondTwice) {
  World world(rules_of(1), 1);
  world.live().advance(kStart + Duration::seconds(10));
  EXPECT_EQ(world.live().take().size(), 1U);
  world.live().advance(kStart + Duration::seconds(5));
  world.apply(book(0, kStart + Duration::milliseconds(5'500)));
  EXPECT_TRUE(world.live().take().empty());
}

TEST(Replay, ATamperedValueAndAMissingKeyAreFound) {
  const auto rules = rules_of(1);
  World world(rules, 1);
  MemoryRealTimeStore store;
  store.all_files = {file_of(rules)};
  for (const ClosedSecond& second : run(world, some_events(3, 1, 60)))
    store.save({&second.values[0].record, 1});
  ASSERT_EQ(replay_real_time(store, "NK_BTCUSD_RT", Instant::earliest(), Instant::latest()).differing, 0U);
  auto& rows = store.rows["NK_BTCUSD_RT"];
  const auto with_value =
      std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row.second.value.has_value(); });
  ASSERT_NE(with_value, rows.end());
  with_value->second.value = "1";
  const Replay tampered = replay_real_time(store, "NK_BTCUSD_RT", Instant::earliest(), Instant::latest());
  EXPECT_EQ(tampered.differing, 1U);
  EXPECT_EQ(tampered.differences.at(0).what.substr(0, 15), "value: stored 1");
  rows.erase(rows.begin());
  const Replay without_key = replay_real_time(store, "NK_BTCUSD_RT", Instant::earliest(), Instant::latest());
  EXPECT_GE(without_key.differing, 1U);
  EXPECT_EQ(without_key.differences.at(0).what, "no key comes before it");
}

}  // namespace
}  // namespace navkeeper::pricing
