// The rate against a second way to it, written from the words of the contract alone, and properties that no
// rate may break.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "services/pricing/domain/bucket_tally.h"
#include "tests/unit/services/pricing/pricing_fixture.h"

namespace navkeeper::pricing {
namespace {

using money::Decimal;
using money::Rational;

Rational naive_median(const std::vector<const TestTrade*>& trades, Tie tie) {
  std::map<Decimal, Rational> volume_at;
  Rational total;
  for (const TestTrade* trade : trades) {
    const Rational size(Decimal::literal(trade->size));
    volume_at[Decimal::literal(trade->price)] += size;
    total += size;
  }
  Rational cumulative;
  for (auto it = volume_at.begin(); it != volume_at.end(); ++it) {
    cumulative += it->second;
    if (cumulative + cumulative < total) continue;
    const Rational price(it->first);
    if (tie == Tie::kAverage && cumulative + cumulative == total) {
      return (price + Rational(std::next(it)->first)) / Rational::of(2);
    }
    return price;
  }
  throw std::logic_error("no trades");
}

Rational naive_vwap(const std::vector<const TestTrade*>& trades) {
  Rational notional;
  Rational volume;
  for (const TestTrade* trade : trades) {
    const Rational size(Decimal::literal(trade->size));
    notional += Rational(Decimal::literal(trade->price)) * size;
    volume += size;
  }
  return notional / volume;
}

std::optional<Rational> naive_rate(const IndexDefinition& index, const std::vector<TestTrade>& trades) {
  std::vector<std::vector<const TestTrade*>> by_venue(index.venues.size());
  for (const TestTrade& trade : trades) by_venue[trade.venue].push_back(&trade);
  std::vector<std::optional<Rational>> medians;
  for (const auto& group : by_venue) {
    medians.push_back(group.empty() ? std::nullopt : std::optional(naive_median(group, index.tie)));
  }
  std::vector<bool> good(index.venues.size());
  for (std::size_t venue = 0; venue < medians.size(); ++venue) {
    if (!medians[venue]) continue;
    std::vector<Rational> reference;
    bool alone = true;
    for (std::size_t other = 0; other < medians.size(); ++other) {
      if (!medians[other]) continue;
      if (other != venue) alone = false;
      if (other != venue || index.venue_deviation_reference == DeviationReference::kAll) {
        reference.push_back(*medians[other]);
      }
    }
    if (alone) {
      good[venue] = true;
      continue;
    }
    std::sort(reference.begin(), reference.end(), [](const Rational& a, const Rational& b) { return a < b; });
    const Rational middle =
        (reference[(reference.size() - 1) / 2] + reference[reference.size() / 2]) / Rational::of(2);
    good[venue] = !((*medians[venue] - middle).abs() / middle > Rational(index.venue_deviation_max));
  }
  if (std::ranges::count(good, true) < std::max<std::int64_t>(index.minimum_venues, 1)) return std::nullopt;

  const money::Int128 window_ns = index.window_minutes * kMinuteNs;
  std::vector<std::vector<const TestTrade*>> by_partition(static_cast<std::size_t>(index.partitions));
  for (const TestTrade& trade : trades) {
    if (!good[trade.venue]) continue;
    by_partition[static_cast<std::size_t>(trade.offset_ns * money::Int128{index.partitions} / window_ns)]
        .push_back(&trade);
  }
  std::optional<Rational> last;
  Rational sum;
  Rational weights;
  for (std::size_t k = 0; k < by_partition.size(); ++k) {
    std::optional<Rational> value;
    if (!by_partition[k].empty()) {
      value = index.statistic == Statistic::kVwap ? naive_vwap(by_partition[k])
                                                  : naive_median(by_partition[k], index.tie);
      last = value;
    } else if (index.empty_partition == EmptyPartition::kCarry) {
      value = last;
    }
    if (!value) continue;
    const Rational weight = index.weights.empty() ? Rational::of(1) : Rational(index.weights[k]);
    sum += *value * weight;
    weights += weight;
  }
  if (weights.is_zero()) return std::nullopt;
  return sum / weights;
}

IndexDefinition any_index() {
  IndexDefinition index = plain_index(*rc::gen::element<std::int64_t>(1, 2, 3, 12, 60));
  index.statistic = *rc::gen::element(Statistic::kVolumeWeightedMedian, Statistic::kVwap);
  index.tie = *rc::gen::element(Tie::kLower, Tie::kAverage);
  index.empty_partition = *rc::gen::element(EmptyPartition::kDrop, EmptyPartition::kCarry);
  index.venue_deviation_reference = *rc::gen::element(DeviationReference::kOthers, DeviationReference::kAll);
  index.venue_deviation_max =
      *rc::gen::element(Decimal::literal("0.05"), Decimal::literal("0.01"), Decimal());
  index.minimum_venues = *rc::gen::inRange(1, 3);
  if (*rc::gen::arbitrary<bool>()) {
    for (std::int64_t k = 0; k < index.partitions; ++k) {
      index.weights.push_back(Decimal::of(*rc::gen::inRange(0, 4), *rc::gen::inRange(0, 2)));
    }
    if (std::ranges::all_of(index.weights, &Decimal::is_zero)) index.weights.front() = Decimal::of(1);
  }
  return index;
}

/// Few prices and sizes, so that ties and equal prices come often.
std::vector<TestTrade> any_trades() {
  const auto trade = rc::gen::apply(
      [](std::int64_t minute, int venue, int price, int size) {
        const std::int64_t offset = minute * kMinuteNs / 2 + (price % 2);
        return TestTrade{offset, static_cast<std::uint8_t>(venue), Decimal::of(1000 + price, 1).to_string(),
                         Decimal::of(size, 2).to_string()};
      },
      rc::gen::inRange<std::int64_t>(0, 120), rc::gen::inRange(0, 3), rc::gen::inRange(0, 60),
      rc::gen::inRange(1, 4));
  return *rc::gen::container<std::vector<TestTrade>>(trade);
}

void expect_same(const Rate& a, const Rate& b) {
  RC_ASSERT(a.status == b.status);
  RC_ASSERT(a.value == b.value);
  RC_ASSERT(a.unrounded == b.unrounded);
  RC_ASSERT(a.partitions.size() == b.partitions.size());
  for (std::size_t i = 0; i < a.partitions.size(); ++i) {
    RC_ASSERT(a.partitions[i].trades == b.partitions[i].trades);
    RC_ASSERT(a.partitions[i].volume == b.partitions[i].volume);
    RC_ASSERT(a.partitions[i].value.has_value() == b.partitions[i].value.has_value());
    if (a.partitions[i].value)
      RC_ASSERT(a.partitions[i].value->to_string() == b.partitions[i].value->to_string());
  }
  for (std::size_t i = 0; i < a.venues.size(); ++i) {
    RC_ASSERT(a.venues[i].trades == b.venues[i].trades);
    RC_ASSERT(a.venues[i].deviation == b.venues[i].deviation);
    RC_ASSERT(a.venues[i].excluded == b.venues[i].excluded);
    if (a.venues[i].median) RC_ASSERT(a.venues[i].median->to_string() == b.venues[i].median->to_string());
  }
}

RC_GTEST_PROP(RateProperty, EqualsTheNaiveRate, ()) {
  const IndexDefinition index = any_index();
  const auto trades = any_trades();
  const Rate rate = rate_of(index, trades);
  RC_ASSERT(rate.unrounded == naive_rate(index, trades));
}

RC_GTEST_PROP(RateProperty, OfWideNumbersEqualsThatOfNarrowOnes, ()) {
  const IndexDefinition index = any_index();
  const auto trades = any_trades();
  const Window window = plain_window(index);
  std::vector<Decimal> storage;
  const Rate narrow = compute_rate(index, window, builder_of(window, trades, storage).build(), std::nullopt);
  const Rate wide =
      compute_rate(index, window, Trades(builder_of(window, trades, storage).build_wide()), std::nullopt);
  expect_same(narrow, wide);
}

RC_GTEST_PROP(RateProperty, DoesNotDependOnTheOrderOfTrades, ()) {
  const IndexDefinition index = any_index();
  auto trades = any_trades();
  const Rate rate = rate_of(index, trades);
  std::ranges::reverse(trades);
  expect_same(rate, rate_of(index, trades));
}

RC_GTEST_PROP(RateProperty, DoesNotChangeWhenATradeIsSplitInTwo, ()) {
  const IndexDefinition index = any_index();
  auto trades = any_trades();
  RC_PRE(!trades.empty());
  const Rate rate = rate_of(index, trades);
  TestTrade part = trades.front();
  const Decimal size = Decimal::literal(part.size);
  const Decimal third = Decimal::of(1, 3);
  trades.front().size = third.to_string();
  part.size = (size - third).to_string();
  trades.push_back(part);
  RC_ASSERT(rate.unrounded == rate_of(index, trades).unrounded);
}

RC_GTEST_PROP(RateProperty, ScalesWithThePrices, ()) {
  const IndexDefinition index = any_index();
  auto trades = any_trades();
  const Rate rate = rate_of(index, trades);
  const Decimal factor = Decimal::literal("0.000037");
  for (TestTrade& trade : trades) trade.price = (Decimal::literal(trade.price) * factor).to_string();
  const Rate scaled = rate_of(index, trades);
  RC_ASSERT(rate.unrounded.has_value() == scaled.unrounded.has_value());
  if (rate.unrounded) RC_ASSERT(*rate.unrounded * Rational(factor) == *scaled.unrounded);
}

RC_GTEST_PROP(RateProperty, IsNotTouchedByAnExcludedVenuesTrades, ()) {
  const IndexDefinition index = any_index();
  const auto trades = any_trades();
  const Rate rate = rate_of(index, trades);
  auto more = trades;
  for (const TestTrade& trade : trades) {
    // The same trades again do not move a median of the venue, so it stays excluded.
    if (rate.venues[trade.venue].excluded) more.push_back(trade);
  }
  RC_ASSERT(rate.unrounded == rate_of(index, more).unrounded);
}

/// Enough trades for the buckets, a few prices far off, ties included.
std::vector<TestTrade> many_trades(std::uint64_t seed, std::size_t count, std::uint64_t spread) {
  std::vector<TestTrade> trades;
  trades.reserve(count);
  std::uint64_t state = seed * 2 + 1;
  const auto next = [&state](std::uint64_t below) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 33) % below;
  };
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t price =
        next(1000) == 0 ? 1 + next(90'000'000) : 2'577'000 + next(spread) + next(spread);
    trades.push_back({static_cast<std::int64_t>(next(static_cast<std::uint64_t>(60 * kMinuteNs))),
                      static_cast<std::uint8_t>(next(3)),
                      Decimal::of(static_cast<std::int64_t>(price), 2).to_string(),
                      Decimal::of(static_cast<std::int64_t>(1 + next(3)), 8).to_string()});
  }
  return trades;
}

RC_GTEST_PROP(BucketTally, GivesWhatSortingGives, ()) {
  const IndexDefinition index = any_index();
  const auto spread = *rc::gen::element<std::uint64_t>(1, 4, 5000, 2'000'000);
  const auto trades = many_trades(*rc::gen::arbitrary<std::uint32_t>(), 20'000, spread);
  const Window window = plain_window(index);
  std::vector<Decimal> storage;
  const Trades columns = builder_of(window, trades, storage).build();
  RC_ASSERT(std::holds_alternative<NarrowTrades>(columns));
  RC_ASSERT(BucketTally::worthwhile(trades.size(), 3 * static_cast<std::size_t>(index.partitions)));
  expect_same(compute_rate(index, window, columns, std::nullopt),
              compute_rate_by_sorting(index, window, columns, std::nullopt));
}

TEST(BucketTally, GivesWhatSortingGivesAtAnExactHalf) {
  IndexDefinition index = plain_index(1);
  index.tie = Tie::kAverage;
  std::vector<TestTrade> trades;
  for (int i = 0; i < 20'000; ++i) trades.push_back({i, 0, i % 2 == 0 ? "100.5" : "90000", "1"});
  const Rate rate = rate_of(index, trades);
  EXPECT_EQ(rate.value, "45050.25");
}

}  // namespace
}  // namespace navkeeper::pricing
