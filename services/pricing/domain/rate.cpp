#include "services/pricing/domain/rate.h"

#include <algorithm>
#include <utility>

#include "common/base/ensure.h"
#include "common/money/big_integer.h"
#include "services/pricing/domain/bucket_tally.h"
#include "services/pricing/domain/tally.h"

namespace navkeeper::pricing {
namespace {

using money::BigInteger;
using money::Rational;
using WideGroup = Group<BigInteger, BigInteger>;
using NarrowSortTally = SortTally<std::int64_t, money::Int128>;
using WideSortTally = SortTally<BigInteger, BigInteger>;

BigInteger power_of_ten(int exponent) {
  return boost::multiprecision::pow(BigInteger(10), static_cast<unsigned>(exponent));
}

/// Not in lowest terms: a sum of thousands need not look for common divisors at each step.
struct Fraction {
  BigInteger numerator = 0;
  BigInteger denominator = 1;
  Rational to_rational() const { return Rational::of_integers(numerator.str(), denominator.str()); }
};

Fraction operator+(const Fraction& a, const Fraction& b) {
  if (a.denominator == b.denominator) return {a.numerator + b.numerator, a.denominator};
  return {a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator};
}

/// In pairs, so that the denominators grow evenly. At least one term.
Fraction sum_of(std::vector<Fraction> terms) {
  ENSURE(!terms.empty());
  while (terms.size() > 1) {
    std::vector<Fraction> halved;
    halved.reserve(terms.size() / 2 + 1);
    for (std::size_t i = 0; i + 1 < terms.size(); i += 2) halved.push_back(terms[i] + terms[i + 1]);
    if (terms.size() % 2 == 1) halved.push_back(std::move(terms.back()));
    terms = std::move(halved);
  }
  return std::move(terms.front());
}

/// A price of a group as a fraction of quote currency, and whether it was traded.
struct GroupPrice {
  Fraction value;
  bool traded = false;
  Quote to_quote() const { return {value.to_rational(), traded}; }
};

/// What the columns' integers mean.
struct Scales {
  int price = 0;
  int size = 0;
};

template <class AnyGroup>
GroupPrice median_of(const AnyGroup& group, Scales scales) {
  const BigInteger lower(group.lower);
  const BigInteger upper(group.upper);
  if (lower == upper) return {{lower, power_of_ten(scales.price)}, true};
  return {{lower + upper, 2 * power_of_ten(scales.price)}, false};
}

template <class AnyGroup>
GroupPrice statistic_of(const AnyGroup& group, Scales scales, Statistic statistic) {
  if (statistic == Statistic::kVolumeWeightedMedian) return median_of(group, scales);
  return {{BigInteger(group.notional), BigInteger(group.volume) * power_of_ten(scales.price)}, false};
}

template <class AnyGroup>
Rational volume_of(const AnyGroup& group, Scales scales) {
  return Fraction{BigInteger(group.volume), power_of_ten(scales.size)}.to_rational();
}

/// The plain median: the middle one, or the mean of the two middle ones. At least one.
Rational plain_median(std::vector<Rational> values) {
  ENSURE(!values.empty());
  std::ranges::sort(values, [](const Rational& a, const Rational& b) { return a < b; });
  const std::size_t half = values.size() / 2;
  if (values.size() % 2 == 1) return values[half];
  return (values[half - 1] + values[half]) / Rational::of(2);
}

/// One pass: every venue is held against the same medians, excluded or not.
void screen(const IndexDefinition& index, std::vector<VenueResult>& venues) {
  const Rational deviation_max(index.venue_deviation_max);
  for (std::size_t venue = 0; venue < venues.size(); ++venue) {
    if (!venues[venue].median) continue;
    std::vector<Rational> others;
    for (std::size_t other = 0; other < venues.size(); ++other) {
      if (other != venue && venues[other].median) others.push_back(venues[other].median->value);
    }
    if (others.empty()) {
      venues[venue].deviation = Rational();
      continue;
    }
    const Rational& median = venues[venue].median->value;
    if (index.venue_deviation_reference == DeviationReference::kAll) others.push_back(median);
    const Rational reference = plain_median(std::move(others));
    venues[venue].deviation = (median - reference).abs() / reference;
    venues[venue].excluded = *venues[venue].deviation > deviation_max;
  }
}

/// The decimals as integers at their highest common scale.
std::pair<std::vector<BigInteger>, int> integers_of(const std::vector<money::Decimal>& decimals) {
  int scale = 0;
  for (const money::Decimal& decimal : decimals) scale = std::max(scale, decimal.scale());
  std::vector<BigInteger> powers;
  for (int exponent = 0; exponent <= scale; ++exponent) powers.push_back(power_of_ten(exponent));
  std::vector<BigInteger> integers;
  integers.reserve(decimals.size());
  for (const money::Decimal& decimal : decimals) {
    BigInteger value = 0;
    const auto& limbs = decimal.magnitude_limbs();
    boost::multiprecision::import_bits(value, limbs.begin(), limbs.end(), 64, false);
    integers.push_back(value * powers[static_cast<std::size_t>(scale - decimal.scale())]);
  }
  return {std::move(integers), scale};
}

/// The partitions' weights as integers in their proportions.
std::vector<BigInteger> weights_of(const IndexDefinition& index) {
  if (index.weights.empty()) return std::vector<BigInteger>(static_cast<std::size_t>(index.partitions), 1);
  return integers_of(index.weights).first;
}

/// The weighted mean over the partitions that have a value or carry one; nothing when their weights add up to
/// zero.
std::optional<Rational> mean_of(const IndexDefinition& index,
                                const std::vector<std::optional<GroupPrice>>& prices) {
  const std::vector<BigInteger> weights = weights_of(index);
  std::vector<Fraction> terms;
  BigInteger weight_sum = 0;
  const GroupPrice* carried = nullptr;
  for (std::size_t partition = 0; partition < prices.size(); ++partition) {
    if (prices[partition]) {
      carried = &*prices[partition];
    } else if (carried == nullptr || index.empty_partition == EmptyPartition::kDrop) {
      continue;
    }
    weight_sum += weights[partition];
    if (weights[partition] == 0) continue;
    terms.push_back({carried->value.numerator * weights[partition], carried->value.denominator});
  }
  if (weight_sum == 0) return std::nullopt;
  Fraction sum = sum_of(std::move(terms));
  sum.denominator *= weight_sum;
  return sum.to_rational();
}

template <class Tally>
Rate rate_from(const IndexDefinition& index, Scales scales, Tally tally,
               const std::optional<money::Decimal>& previous) {
  Rate rate;
  for (const auto& group : tally.by_venue()) {
    VenueResult& venue = rate.venues.emplace_back();
    venue.trades = group.trades;
    venue.volume = volume_of(group, scales);
    if (group.trades > 0) venue.median = median_of(group, scales).to_quote();
  }
  screen(index, rate.venues);

  std::vector<bool> excluded;
  std::int64_t remaining = 0;
  for (const VenueResult& venue : rate.venues) {
    excluded.push_back(venue.excluded);
    if (venue.trades > 0 && !venue.excluded) ++remaining;
  }
  std::vector<std::optional<GroupPrice>> prices;
  for (const auto& group : tally.by_partition(excluded)) {
    PartitionResult& partition = rate.partitions.emplace_back();
    partition.trades = group.trades;
    partition.volume = volume_of(group, scales);
    auto& price = prices.emplace_back();
    if (group.trades > 0) {
      price = statistic_of(group, scales, index.statistic);
      partition.value = price->to_quote();
    }
  }

  const int decimals = static_cast<int>(index.decimals);
  if (remaining > 0 && remaining >= index.minimum_venues) rate.unrounded = mean_of(index, prices);
  if (rate.unrounded) {
    rate.status = RateStatus::kOk;
    rate.value = rate.unrounded->to_fixed(decimals, index.rounding);
  } else if (previous) {
    rate.status = RateStatus::kPrevious;
    rate.value = previous->to_fixed(decimals);
  }
  return rate;
}

TallyOptions options_of(const IndexDefinition& index) {
  return {index.venues.size(), index.tie, index.statistic};
}

Rate by_sorting(const IndexDefinition& index, const Window& window, const NarrowTrades& trades,
                const std::optional<money::Decimal>& previous) {
  const NarrowSortTally tally(trades.time_ns, trades.venue, trades.price, trades.size, window,
                              options_of(index));
  return rate_from(index, {trades.price_scale, trades.size_scale}, tally, previous);
}

Rate by_sorting(const IndexDefinition& index, const Window& window, const WideTrades& trades,
                const std::optional<money::Decimal>& previous) {
  const auto [price, price_scale] = integers_of(trades.price);
  const auto [size, size_scale] = integers_of(trades.size);
  const WideSortTally tally(trades.time_ns, trades.venue, price, size, window, options_of(index));
  return rate_from(index, {price_scale, size_scale}, tally, previous);
}

}  // namespace

std::string exact_string(const Rational& value) {
  std::string text = value.to_fixed(money::Decimal::kDigitsAfter, money::Rounding::kDown);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string Quote::to_string() const { return traded ? exact_string(value) : value.to_quotient_string(); }

Rate compute_rate_by_sorting(const IndexDefinition& index, const Window& window, const Trades& trades,
                             const std::optional<money::Decimal>& previous) {
  return std::visit([&](const auto& columns) { return by_sorting(index, window, columns, previous); },
                    trades);
}

Rate compute_rate(const IndexDefinition& index, const Window& window, const Trades& trades,
                  const std::optional<money::Decimal>& previous) {
  const auto* const narrow = std::get_if<NarrowTrades>(&trades);
  const std::size_t cells = index.venues.size() * static_cast<std::size_t>(window.partitions);
  if (narrow == nullptr || !BucketTally::worthwhile(narrow->time_ns.size(), cells)) {
    return compute_rate_by_sorting(index, window, trades, previous);
  }
  return rate_from(index, {narrow->price_scale, narrow->size_scale},
                   BucketTally(*narrow, window, options_of(index)), previous);
}

}  // namespace navkeeper::pricing
