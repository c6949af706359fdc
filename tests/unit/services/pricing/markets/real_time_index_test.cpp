#include "services/pricing/domain/markets/real_time_index.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>

#include "services/pricing/domain/markets/fixed_exponential.h"

namespace navkeeper::pricing {
namespace {

using money::Decimal;
using money::Rational;
using money::Rounding;
using time::Duration;
using time::Instant;

RealTimeDefinition definition_of(std::size_t venues) {
  RealTimeDefinition definition{.id = model::IndexId::literal("NK_BTCUSD_RT"),
                                .pair = model::PairId::literal("BTC/USD"),
                                .venues = {},
                                .scale = {2, 4},
                                .book_age_max = Duration::seconds(10),
                                .screen = {},
                                .minimum_venues = 1,
                                .size_cap = SizeCapRule{},
                                .crossed = CrossedRule::kKeep,
                                .spacing = Decimal::literal("0.5"),
                                .spread_max_ppm = 5'000,
                                .decay_rule = DecayRule::kDepth,
                                .decay = Decimal::literal("0.3"),
                                .decimals = 2,
                                .rounding = Rounding::kHalfEven};
  for (std::size_t i = 0; i < venues; ++i)
    definition.venues.push_back(model::VenueId::literal("venue" + std::to_string(i)));
  return definition;
}

ScreenState nobody_dropped(std::size_t venues) { return {std::vector<bool>(venues, false)}; }

OrderBook book_of(BookScale scale, std::vector<Level> bids, std::vector<Level> asks) {
  OrderBook book(scale);
  EXPECT_EQ(book.snapshot(bids, asks), std::nullopt);
  return book;
}

const Instant kNow = Instant::literal("2026-03-02T15:00:00Z");

// ---------------------------------------------------------------------------------------------------------------------
// The naive second implementation: rationals and maps, a grid point at a time, the exponential in long
// double.

struct Naive {
  std::optional<long double> value;
  std::int64_t grid_points = 0;
  long double cap = 0;
};

Rational marginal(const std::vector<std::pair<Rational, Rational>>& levels, const Rational& v,
                  bool& exhausted) {
  Rational cumulative;
  for (const auto& [price, size] : levels) {
    cumulative += size;
    if (cumulative >= v) return price;
  }
  exhausted = true;
  return {};
}

long double to_long_double(const Rational& r) { return std::stold(r.to_fixed(25, Rounding::kDown)); }

Naive naive_index(const RealTimeDefinition& d, const std::vector<const OrderBook*>& used) {
  std::map<std::int64_t, std::int64_t> bid_map, ask_map;
  for (const OrderBook* book : used) {
    for (std::size_t i = 0; i < book->bids().size(); ++i)
      bid_map[-book->bids().best(i).ticks] += book->bids().best(i).lots;
    for (std::size_t i = 0; i < book->asks().size(); ++i)
      ask_map[book->asks().best(i).ticks] += book->asks().best(i).lots;
  }
  Naive naive;
  std::int64_t cap = INT64_MAX;
  if (d.size_cap) {
    std::vector<long double> sample;
    for (const auto* map : {&bid_map, &ask_map}) {
      std::size_t taken = 0;
      for (const auto& [price, lots] : *map) {
        if (taken++ == d.size_cap->levels_per_side) break;
        sample.push_back(static_cast<long double>(lots));
      }
    }
    std::sort(sample.begin(), sample.end());
    const auto n = sample.size();
    const auto k = static_cast<std::size_t>(std::floor(0.25L * static_cast<long double>(n)));
    for (std::size_t i = 0; i < k; ++i) {
      sample[i] = sample[k];
      sample[n - 1 - i] = sample[n - 1 - k];
    }
    long double mean = 0, variance = 0;
    for (const auto x : sample) mean += x / static_cast<long double>(n);
    for (const auto x : sample) variance += (x - mean) * (x - mean) / static_cast<long double>(n - 1);
    naive.cap = mean + 3 * std::sqrt(variance);
    cap = static_cast<std::int64_t>(std::floor(naive.cap + 1e-9L));
  }
  const auto levels_of = [&](const std::map<std::int64_t, std::int64_t>& map) {
    std::vector<std::pair<Rational, Rational>> levels;
    for (const auto& [price, lots] : map)
      levels.emplace_back(Rational(Decimal::of(std::abs(price), d.scale.price_decimals)),
                          Rational(Decimal::of(std::min(lots, cap), d.scale.size_decimals)));
    return levels;
  };
  const auto bids = levels_of(bid_map), asks = levels_of(ask_map);
  std::vector<Rational> mids;
  for (int j = 1;; ++j) {
    const Rational v = Rational(d.spacing) * Rational::of(j);
    bool exhausted = false;
    const Rational ask = marginal(asks, v, exhausted), bid = marginal(bids, v, exhausted);
    if (exhausted) break;
    const Rational mid = (ask + bid) / Rational::of(2);
    if (j > 1 && ask / mid - Rational::of(1) > Rational::of(d.spread_max_ppm, 1'000'000)) break;
    mids.push_back(mid);
    if (ask / mid - Rational::of(1) > Rational::of(d.spread_max_ppm, 1'000'000)) break;
  }
  if (mids.empty()) return naive;
  naive.grid_points = static_cast<std::int64_t>(mids.size());
  const long double s = to_long_double(d.spacing);
  const long double depth = s * static_cast<long double>(mids.size());
  const long double lambda =
      1 / (to_long_double(d.decay) * (d.decay_rule == DecayRule::kDepth ? depth : 1.0L));
  long double numerator = 0, denominator = 0;
  for (std::size_t j = 0; j < mids.size(); ++j) {
    const long double weight = lambda * std::exp(-lambda * s * static_cast<long double>(j + 1));
    numerator += weight * to_long_double(mids[j]);
    denominator += weight;
  }
  naive.value = numerator / denominator;
  return naive;
}

// ---------------------------------------------------------------------------------------------------------------------

TEST(ExpMinus, IsTheTrueValueCutAfter63BinaryPlaces) {
  EXPECT_EQ(exp_minus(0, 1), kWeightOne);
  // arithmetic below.
  for (const auto& [numerator, denominator] : std::vector<std::pair<int, int>>{
           {1, 1}, {1, 2}, {1, 3}, {10, 3}, {100, 37}, {1, 10'000}, {63, 1}, {1, 3000}}) {
    // Brackets by the alternating series in exact rationals; large x by the power of e^-(x/64).
    const Rational x = Rational::of(numerator, money::Int128{denominator} * 64);
    Rational sum = Rational::of(1), term = Rational::of(1);
    std::vector<Rational> partial;
    for (int n = 1; n <= 22; ++n) {
      term = Rational::of(0) - term * x / Rational::of(n);
      sum += term;
      partial.push_back(sum);
    }
    Rational low = partial[20], high = partial[21];
    if (high < low) std::swap(low, high);
    // Cut the brackets to 60 decimals to keep the power small.
    const auto power64 = [](Rational base, Rounding rounding) {
      for (int i = 0; i < 6; ++i) base = Rational((base * base).rounded(60, rounding));
      return base;
    };
    const Rational scale = Rational::of(money::Int128{1} << 63);
    const Rational lower = power64(low, Rounding::kDown) * scale,
                   upper = power64(high, Rounding::kUp) * scale;
    const auto w = exp_minus(numerator, denominator);
    EXPECT_LE(Rational::of(money::Int128{w}), upper) << numerator << "/" << denominator;
    EXPECT_GT(Rational::of(money::Int128{w} + 1), lower) << numerator << "/" << denominator;
  }
  EXPECT_EQ(exp_minus(64, 1), 0U);
  EXPECT_EQ(exp_minus(money::Int128{1} << 100, 3), 0U);
}

RC_GTEST_PROP(ExpMinusProperty, NeverRisesWithItsArgument, ()) {
  const auto a = *rc::gen::inRange<std::int64_t>(0, 2'000'000);
  const auto b = *rc::gen::inRange<std::int64_t>(0, 2'000'000);
  const auto at = [](std::int64_t x) { return exp_minus(x, 31'250); };
  RC_ASSERT((a <= b) == (at(a) >= at(b)) || at(a) == at(b));
  RC_ASSERT(std::abs(static_cast<long double>(at(a)) -
                     std::exp(-static_cast<long double>(a) / 31'250) * 0x1p63L) < 4.0L);
}

TEST(CumulativeWeights, StayWithinTheStatedErrorOfThePowers) {
  const std::size_t count = 10'000;
  const auto q = exp_minus(1, 3000);
  const auto weights = cumulative_weights(q, count);
  long double exact = 0;
  for (std::size_t j = 1; j <= count; ++j) exact += std::exp(-static_cast<long double>(j - 1) / 3000);
  const long double got = static_cast<long double>(weights[count]) * 0x1p-63L;
  EXPECT_LE(got, exact + 1e-12L);
  EXPECT_GE(got, exact - 1e8L * 0x1p-63L - 1e-12L);
  EXPECT_EQ(weights[0], 0U);
  EXPECT_EQ(weights[1], kWeightOne);
}

TEST(OrderSizeCap, IsTheWinsorisedMeanPlusThreeDeviations) {
  // n 8, k 2: 3 3 3 4 5 6 6 6; mean 4.5, sum of squared deviations 14, sample variance 2; 4.5 + 3 * 1.4142
  // = 8.74.
  const std::vector<std::int64_t> lots{1, 2, 3, 4, 5, 6, 70, 8000};
  EXPECT_EQ(order_size_cap(lots, {}), 8);
  std::vector<std::int64_t> fine;
  for (const auto x : lots) fine.push_back(x * 1'000'000);
  // 4,500,000 + 3,000,000 * sqrt(2) = 8,742,640.687...
  EXPECT_EQ(order_size_cap(fine, {}), 8'742'640);
  EXPECT_EQ(order_size_cap(std::vector<std::int64_t>{42}, {}), 42);
  EXPECT_EQ(order_size_cap(std::vector<std::int64_t>(20, 7), {}), 7);
}

TEST(OrderSizeCap, DoesNotOverflowAtTheLargestLots) {
  std::vector<std::int64_t> lots(10, 1);
  lots.insert(lots.end(), 10, kLotsEnd - 1);
  EXPECT_GT(order_size_cap(lots, {}), kLotsEnd / 2);
}

TEST(RealTimeIndex, OfOneLevelASideIsTheMid) {
  const auto definition = definition_of(1);
  const OrderBook book = book_of(definition.scale, {{10'000, 20'000}}, {{10'010, 20'000}});
  const std::vector<VenueBook> books{{&book, kNow}};
  const auto value = compute_real_time(definition, books, nobody_dropped(1), kNow);
  EXPECT_EQ(value.value, Decimal::literal("100.05"));
  EXPECT_EQ(value.unrounded, Decimal::literal("100.05"));
  EXPECT_EQ(value.grid_points, 4);
  EXPECT_EQ(value.depth, Decimal::literal("2"));
}

TEST(RealTimeIndex, WeighsTheMidsByHandComputedWeights) {
  auto definition = definition_of(1);
  definition.size_cap.reset();
  definition.spacing = Decimal::literal("1");
  definition.decay_rule = DecayRule::kFixed;
  definition.decay = Decimal::literal("1");
  definition.decimals = 8;
  // mid(1) = 100.00, mid(2) = 100.10: the second ask is 0.20 higher.
  const OrderBook book = book_of(definition.scale, {{9'990, 20'000}}, {{10'010, 10'000}, {10'030, 10'000}});
  const std::vector<VenueBook> books{{&book, kNow}};
  const auto value = compute_real_time(definition, books, nobody_dropped(1), kNow);
  // 100 + 0.1 * e^-1 / (1 + e^-1) = 100 + 0.1 * 0.26894142137
  EXPECT_EQ(value.value, Decimal::literal("100.02689414"));
  EXPECT_EQ(value.grid_points, 2);
}

TEST(RealTimeIndex, IsTheSameInTheFinestTicks) {
  auto definition = definition_of(1);
  definition.size_cap.reset();
  definition.spacing = Decimal::literal("1");
  definition.decay_rule = DecayRule::kFixed;
  definition.decay = Decimal::literal("1");
  definition.decimals = 8;
  definition.scale.price_decimals = 18;
  // 2.00, then 2.01: as above, in ticks so fine that sums need more than 128 bits.
  const std::int64_t one = 1'000'000'000'000'000'000;
  const OrderBook book = book_of(definition.scale, {{2 * one - one / 200, 20'000}},
                                 {{2 * one + one / 200, 10'000}, {2 * one + one / 40, 10'000}});
  const std::vector<VenueBook> books{{&book, kNow}};
  definition.spread_max_ppm = 20'000;
  const auto value = compute_real_time(definition, books, nobody_dropped(1), kNow);
  EXPECT_EQ(value.value, Decimal::literal("2.00268941")) << "2 + 0.01 * 0.26894142";
}

TEST(RealTimeIndex, EndsBeforeTheSpreadBoundAndKeepsTheFirstPointWhenNoneIsInside) {
  auto definition = definition_of(1);
  definition.size_cap.reset();
  definition.spacing = Decimal::literal("1");
  // Spread (a-b)/(a+b): 10 / 20010, then exactly 0.005 at 10050 against 9950, then beyond.
  const OrderBook book = book_of(definition.scale, {{10'000, 10'000}, {9'950, 20'000}},
                                 {{10'010, 10'000}, {10'050, 10'000}, {10'051, 10'000}});
  const std::vector<VenueBook> books{{&book, kNow}};
  EXPECT_EQ(compute_real_time(definition, books, nobody_dropped(1), kNow).grid_points, 2);
  const OrderBook wide = book_of(definition.scale, {{9'000, 50'000}}, {{11'000, 50'000}});
  const std::vector<VenueBook> wide_books{{&wide, kNow}};
  const auto value = compute_real_time(definition, wide_books, nobody_dropped(1), kNow);
  EXPECT_EQ(value.grid_points, 1);
  EXPECT_EQ(value.value, Decimal::literal("100"));
}

TEST(RealTimeIndex, LateOneSidedAndCrossedBooksAreDroppedAndNamed) {
  const auto definition = definition_of(5);
  const OrderBook good = book_of(definition.scale, {{10'000, 20'000}}, {{10'010, 20'000}});
  const OrderBook one_sided = book_of(definition.scale, {{10'000, 20'000}}, {});
  const OrderBook crossed = book_of(definition.scale, {{10'010, 20'000}}, {{10'010, 20'000}});
  const std::vector<VenueBook> books{{&good, kNow - Duration::seconds(10)},
                                     {&good, kNow - Duration::seconds(10) - Duration::from_ns(1)},
                                     {&one_sided, kNow},
                                     {&crossed, kNow},
                                     {nullptr, {}}};
  const auto value = compute_real_time(definition, books, nobody_dropped(5), kNow);
  EXPECT_EQ(value.uses, (std::vector<BookUse>{BookUse::kUsed, BookUse::kLate, BookUse::kOneSided,
                                              BookUse::kCrossed, BookUse::kAbsent}));
  EXPECT_EQ(value.value, Decimal::literal("100.05"));
}

TEST(RealTimeIndex, FailsAndSaysWhy) {
  auto definition = definition_of(2);
  definition.minimum_venues = 2;
  const OrderBook good = book_of(definition.scale, {{10'000, 20'000}}, {{10'010, 20'000}});
  const OrderBook thin = book_of(definition.scale, {{10'000, 1}}, {{10'010, 1}});
  const auto failure = [&](std::vector<VenueBook> books) {
    const auto value = compute_real_time(definition, books, nobody_dropped(2), kNow);
    EXPECT_EQ(value.value, std::nullopt);
    return value.failure;
  };
  EXPECT_EQ(failure({{nullptr, {}}, {nullptr, {}}}), RealTimeFailure::kNoBook);
  EXPECT_EQ(failure({{&good, kNow}, {nullptr, {}}}), RealTimeFailure::kTooFewVenues);
  EXPECT_EQ(failure({{&thin, kNow}, {&thin, kNow}}), RealTimeFailure::kTooThin);
  definition.size_cap.reset();
  definition.spacing = Decimal::literal("0.0001");
  EXPECT_EQ(failure({{&good, kNow}, {&good, kNow}}), RealTimeFailure::kTooManyPoints);
}

TEST(VenueScreen, StaysDroppedUntilTheSmallerBound) {
  const auto definition = definition_of(3);
  RealTimeIndex index(definition);
  const auto set = [&](std::size_t venue, std::int64_t mid) {
    ASSERT_EQ(index.snapshot(venue, kNow, std::vector<Level>{{mid - 5, 20'000}},
                             std::vector<Level>{{mid + 5, 20'000}}),
              std::nullopt);
  };
  set(0, 10'000);
  set(1, 10'000);
  // The reference of venue 2 is 10,000, so 10,500 is 5% exactly and stays.
  const auto drops = [&](std::int64_t mid) {
    set(2, mid);
    return index.value_at(kNow).uses[2] == BookUse::kDeviating;
  };
  EXPECT_FALSE(drops(10'500));
  EXPECT_TRUE(drops(10'501));
  EXPECT_TRUE(drops(10'300)) << "3% is inside the maximum, not inside the readmission bound";
  EXPECT_TRUE(drops(10'250)) << "exactly half is not below it";
  EXPECT_FALSE(drops(10'249));
  EXPECT_FALSE(drops(10'400)) << "readmitted: the full maximum applies again";
}

TEST(VenueScreen, ReplayFromTheStoredStateGivesTheSameValues) {
  const auto definition = definition_of(3);
  RealTimeIndex first(definition);
  const auto feed = [&](RealTimeIndex& index, std::int64_t mid, int second) {
    for (std::size_t v = 0; v < 3; ++v) {
      const std::int64_t own = v == 2 ? mid : 10'000;
      EXPECT_EQ(index.snapshot(v, kNow + Duration::seconds(second), std::vector<Level>{{own - 5, 20'000}},
                               std::vector<Level>{{own + 5, 20'000}}),
                std::nullopt);
    }
    return index.value_at(kNow + Duration::seconds(second));
  };
  feed(first, 10'000, 0);
  feed(first, 11'000, 1);
  const ScreenState middle = first.screen();
  EXPECT_TRUE(middle.dropped[2]);
  const auto after = feed(first, 10'300, 2);
  RealTimeIndex replay(definition, middle);
  EXPECT_EQ(feed(replay, 10'300, 2), after);
  RealTimeIndex without_state(definition);
  EXPECT_NE(feed(without_state, 10'300, 2), after)
      << "the past matters: 3% off is used by an index without one";
}

TEST(VenueScreen, MarketThatCameApartCanComeTogetherAgain) {
  const ScreenRule rule;
  ScreenState state{{false, false}};
  state = screen_state(rule, state, std::vector<std::optional<std::int64_t>>{200, 300});
  EXPECT_EQ(state.dropped, (std::vector<bool>{true, true}));
  state = screen_state(rule, state, std::vector<std::optional<std::int64_t>>{300, std::nullopt});
  EXPECT_EQ(state.dropped, (std::vector<bool>{true, true})) << "alone it keeps its flag";
  state = screen_state(rule, state, std::vector<std::optional<std::int64_t>>{300, 301});
  EXPECT_EQ(state.dropped, (std::vector<bool>{false, false}));
}

TEST(VenueScreen, AllAndOthersDifferWithTwoVenues) {
  const std::vector<std::optional<std::int64_t>> mids{20'000, 21'200};
  ScreenRule rule;
  EXPECT_EQ(screen_state(rule, nobody_dropped(2), mids).dropped, (std::vector<bool>{true, true}));
  rule.reference = ScreenReference::kAll;
  EXPECT_EQ(screen_state(rule, nobody_dropped(2), mids).dropped, (std::vector<bool>{false, false}));
  const auto screened = screen_venues(rule, nobody_dropped(2), mids);
  EXPECT_EQ(screened.deviation[0], Rational::of(600, 20'600));
}

TEST(VenueScreen, OneWildVenueOfThreeTakesTheGoodOnesOutUnderOthersAndAloneUnderMajority) {
  using Mids = std::vector<std::optional<std::int64_t>>;
  const Mids wild{20'000, 20'010, 22'400};  // 12% too high
  ScreenRule rule;
  EXPECT_EQ(screen_state(rule, nobody_dropped(3), wild).dropped, (std::vector<bool>{true, true, true}));
  rule.reference = ScreenReference::kMajority;
  ScreenState state = screen_state(rule, nobody_dropped(3), wild);
  EXPECT_EQ(state.dropped, (std::vector<bool>{false, false, true}));
  state = screen_state(rule, state, wild);
  EXPECT_EQ(state.dropped, (std::vector<bool>{false, false, true})) << "and it stays so";
  // Two that disagree: nobody knows which is right. `all` would keep both up to twice the bound.
  const Mids two{20'000, 21'200, std::nullopt};
  EXPECT_EQ(screen_state(rule, nobody_dropped(3), two).dropped, (std::vector<bool>{true, true, false}));
  rule.reference = ScreenReference::kAll;
  EXPECT_EQ(screen_state(rule, nobody_dropped(3), two).dropped, (std::vector<bool>{false, false, false}));
}

RC_GTEST_PROP(VenueScreenProperty, MajorityIsOthersButForThreeBooksAndTwoThatAgreeAreNeverDropped, ()) {
  const auto venues = *rc::gen::inRange<std::size_t>(2, 8);
  std::vector<std::optional<std::int64_t>> mids;
  for (std::size_t i = 0; i < venues; ++i)
    mids.emplace_back(*rc::gen::element<std::int64_t>(19'000, 20'000, 20'010, 20'900, 22'400, 2'000'000));
  const ScreenRule others;
  ScreenRule majority;
  majority.reference = ScreenReference::kMajority;
  const auto dropped = screen_state(majority, nobody_dropped(venues), mids).dropped;
  if (venues != 3) {
    RC_ASSERT(dropped == screen_state(others, nobody_dropped(venues), mids).dropped);
    return;
  }
  // The naive rule: of three, the one in the middle is right.
  std::vector<std::int64_t> sorted{*mids[0], *mids[1], *mids[2]};
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < venues; ++i) {
    const std::int64_t distance = std::abs(*mids[i] - sorted[1]);
    RC_ASSERT(dropped[i] == (distance * 100 > sorted[1] * 5));
  }
}

TEST(RealTimeIndex, OfThreeBooksOneWildOneLeavesTheValueOfTheOtherTwoByTheShippedRule) {
  auto definition = definition_of(3);
  definition.screen.reference = ScreenReference::kMajority;
  const OrderBook one = book_of(definition.scale, {{9'995, 30'000}}, {{10'005, 30'000}});
  const OrderBook two = book_of(definition.scale, {{9'990, 30'000}}, {{10'010, 30'000}});
  const OrderBook wild = book_of(definition.scale, {{999'500, 30'000}}, {{1'000'500, 30'000}});  // decimals
  const std::vector<VenueBook> with{{&one, kNow}, {&two, kNow}, {&wild, kNow}};
  const std::vector<VenueBook> without{{&one, kNow}, {&two, kNow}, {nullptr, {}}};
  const auto value = compute_real_time(definition, with, nobody_dropped(3), kNow);
  ASSERT_TRUE(value.unrounded);
  EXPECT_EQ(value.uses[2], BookUse::kDeviating);
  EXPECT_EQ(value.unrounded, compute_real_time(definition, without, nobody_dropped(3), kNow).unrounded);
  definition.screen.reference = ScreenReference::kOthers;
  EXPECT_EQ(compute_real_time(definition, with, nobody_dropped(3), kNow).value, std::nullopt);
}

TEST(RealTimeIndex, MatchedCrossingLevelsLeaveBothSides) {
  auto definition = definition_of(2);
  definition.size_cap.reset();
  definition.spacing = Decimal::literal("1");
  const OrderBook low = book_of(definition.scale, {{10'000, 30'000}}, {{10'010, 10'000}, {10'040, 30'000}});
  const OrderBook high = book_of(definition.scale, {{10'020, 10'000}, {9'990, 30'000}}, {{10'030, 30'000}});
  const std::vector<VenueBook> books{{&low, kNow}, {&high, kNow}};
  const auto kept = compute_real_time(definition, books, nobody_dropped(2), kNow);
  definition.crossed = CrossedRule::kMatch;
  const auto matched = compute_real_time(definition, books, nobody_dropped(2), kNow);
  // Left: bids 100.00 x3, 99.90 x3; asks 100.30 x3, 100.40 x3. Kept: 100.15, then as matched.
  EXPECT_EQ(matched.grid_points, 6);
  EXPECT_EQ(kept.grid_points, 7);
  EXPECT_EQ(matched.value, Decimal::literal("100.15"));
}

struct RandomMarket {
  RealTimeDefinition definition;
  std::vector<OrderBook> books;
};

std::vector<Level> random_side(std::int64_t best, int direction) {
  std::vector<Level> levels;
  std::int64_t price = best;
  const int count = *rc::gen::inRange(1, 15);
  for (int i = 0; i < count; ++i) {
    levels.push_back({price, *rc::gen::inRange<std::int64_t>(1, 50'000)});
    price += direction * *rc::gen::inRange<std::int64_t>(1, 12);
  }
  return levels;
}

RandomMarket random_market(std::size_t venues) {
  RandomMarket market{definition_of(venues), {}};
  if (*rc::gen::arbitrary<bool>()) market.definition.size_cap.reset();
  if (*rc::gen::arbitrary<bool>()) {
    market.definition.decay_rule = DecayRule::kFixed;
    market.definition.decay = Decimal::literal("0.37");
  }
  market.definition.spread_max_ppm = *rc::gen::inRange<std::int64_t>(0, 10'000);
  for (std::size_t i = 0; i < venues; ++i) {
    const auto bid = *rc::gen::inRange<std::int64_t>(9'900, 10'100);
    const auto bids = random_side(bid, -1),
               asks = random_side(bid + *rc::gen::inRange<std::int64_t>(1, 20), 1);
    OrderBook book(market.definition.scale);
    RC_ASSERT(!book.snapshot(bids, asks));
    market.books.push_back(book);
  }
  return market;
}

RC_GTEST_PROP(RealTimeIndexProperty, AgreesWithTheNaiveReference, ()) {
  const RandomMarket market = random_market(*rc::gen::inRange<std::size_t>(1, 5));
  std::vector<VenueBook> books;
  std::vector<const OrderBook*> used;
  for (const OrderBook& book : market.books) {
    books.push_back({&book, kNow});
    used.push_back(&book);
  }
  const auto value = compute_real_time(market.definition, books, nobody_dropped(books.size()), kNow);
  const Naive naive = naive_index(market.definition, used);
  RC_ASSERT(value.value.has_value() == naive.value.has_value());
  if (!naive.value) return;
  RC_ASSERT(value.grid_points == naive.grid_points);
  RC_ASSERT(std::abs(std::stold(value.unrounded->to_string()) - *naive.value) < 1e-12L);
}

RC_GTEST_PROP(RealTimeIndexProperty, OrderOfVenuesDoesNotMatter, ()) {
  const RandomMarket market = random_market(3);
  const std::vector<VenueBook> forth{
      {&market.books[0], kNow}, {&market.books[1], kNow}, {&market.books[2], kNow}};
  const std::vector<VenueBook> back{
      {&market.books[2], kNow}, {&market.books[1], kNow}, {&market.books[0], kNow}};
  const auto a = compute_real_time(market.definition, forth, nobody_dropped(3), kNow);
  const auto b = compute_real_time(market.definition, back, nobody_dropped(3), kNow);
  RC_ASSERT(a.unrounded == b.unrounded);
  RC_ASSERT(a.cap_lots == b.cap_lots);
}

RC_GTEST_PROP(RealTimeIndexProperty, ScalingPricesScalesTheValue, ()) {
  RandomMarket market = random_market(2);
  market.definition.decimals = 8;
  std::vector<OrderBook> scaled;
  for (const OrderBook& book : market.books) {
    std::vector<Level> bids, asks;
    for (std::size_t i = 0; i < book.bids().size(); ++i)
      bids.push_back({book.bids().best(i).ticks * 1000, book.bids().best(i).lots});
    for (std::size_t i = 0; i < book.asks().size(); ++i)
      asks.push_back({book.asks().best(i).ticks * 1000, book.asks().best(i).lots});
    scaled.push_back(book_of(market.definition.scale, bids, asks));
  }
  const std::vector<VenueBook> plain{{&market.books[0], kNow}, {&market.books[1], kNow}};
  const std::vector<VenueBook> times{{&scaled[0], kNow}, {&scaled[1], kNow}};
  const auto a = compute_real_time(market.definition, plain, nobody_dropped(2), kNow);
  const auto b = compute_real_time(market.definition, times, nobody_dropped(2), kNow);
  RC_ASSERT(a.unrounded.has_value() == b.unrounded.has_value());
  if (a.unrounded)
    RC_ASSERT((*a.unrounded * Decimal::of(1000) - *b.unrounded).abs() < Decimal::literal("1e-17"));
}

RC_GTEST_PROP(RealTimeIndexProperty, VenueScreenedBeforeAndStillFarHasNoInfluence, ()) {
  RandomMarket market = random_market(4);
  const auto away = *rc::gen::inRange<std::int64_t>(12'000, 90'000);
  const OrderBook far = book_of(market.definition.scale, random_side(away, -1), random_side(away + 3, 1));
  ScreenState dropped = nobody_dropped(4);
  dropped.dropped[3] = true;
  const std::vector<VenueBook> with{
      {&market.books[0], kNow}, {&market.books[1], kNow}, {&market.books[2], kNow}, {&far, kNow}};
  const std::vector<VenueBook> without{with[0], with[1], with[2], {nullptr, {}}};
  const auto a = compute_real_time(market.definition, with, dropped, kNow);
  const auto b = compute_real_time(market.definition, without, dropped, kNow);
  RC_ASSERT(a.unrounded == b.unrounded);
  RC_ASSERT(a.uses[3] == BookUse::kDeviating);
}

RC_GTEST_PROP(RealTimeIndexProperty, IncrementalEqualsTheBatchAfterAnyMessages, ()) {
  const std::size_t venues = 3;
  RealTimeDefinition definition = definition_of(venues);
  definition.minimum_venues = *rc::gen::inRange<std::size_t>(1, 3);
  definition.crossed = *rc::gen::element(CrossedRule::kKeep, CrossedRule::kMatch);
  definition.decay_rule = *rc::gen::element(DecayRule::kFixed, DecayRule::kDepth);
  definition.screen.reference =
      *rc::gen::element(ScreenReference::kOthers, ScreenReference::kAll, ScreenReference::kMajority);
  RealTimeIndex index(definition);
  std::vector<OrderBook> books(venues, OrderBook(definition.scale));
  std::vector<std::optional<Instant>> heard(venues);
  ScreenState state = nobody_dropped(venues);
  Instant now = kNow;
  const int messages = *rc::gen::inRange(1, 60);
  for (int i = 0; i < messages; ++i) {
    const auto v = *rc::gen::inRange<std::size_t>(0, venues);
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
      case 1: {
        const auto best = *rc::gen::inRange<std::int64_t>(9'800, 11'200);
        const auto bids = random_side(best, -1), asks = random_side(best + 4, 1);
        RC_ASSERT(!index.snapshot(v, now, bids, asks));
        RC_ASSERT(!books[v].snapshot(bids, asks));
        heard[v] = now;
        break;
      }
      case 2:
        index.forget(v);
        books[v].clear();
        heard[v].reset();
        break;
      case 3:
        now = now + Duration::milliseconds(*rc::gen::inRange(0, 6'000));
        break;
      default: {
        const Side side = *rc::gen::element(Side::kBid, Side::kAsk);
        const Level level{*rc::gen::inRange<std::int64_t>(9'850, 10'150),
                          *rc::gen::inRange<std::int64_t>(-1, 9'000)};
        const auto problem = index.update(v, now, side, level);
        RC_ASSERT(problem == books[v].update(side, level));
        if (!problem) heard[v] = now;
      }
    }
    if (*rc::gen::inRange(0, 3) != 0) continue;
    std::vector<VenueBook> now_books;
    for (std::size_t b = 0; b < venues; ++b)
      now_books.push_back({heard[b] ? &books[b] : nullptr, heard[b].value_or(Instant())});
    const auto batch = compute_real_time(definition, now_books, state, now);
    state = batch.screen;
    RC_ASSERT(index.value_at(now) == batch);
  }
}

}  // namespace
}  // namespace navkeeper::pricing
