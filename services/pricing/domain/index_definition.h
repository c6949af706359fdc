#pragma once
// What an index is: which trades it reads, how it turns them into a rate, how it is rounded. The words are
// those of the index file (contracts: rates compute); every one of them is stored with each rate that it
// made.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/money/decimal.h"
#include "common/money/rounding.h"
#include "common/time/date.h"
#include "common/time/zone.h"

namespace navkeeper::pricing {

enum class Statistic { kVolumeWeightedMedian, kVwap };
/// Which price a volume-weighted median takes when exactly half of the volume lies at or below a price: that
/// price, or the mean of it and the next higher one.
enum class Tie { kLower, kAverage };
/// What a partition without trades does: leaves the mean, or counts with the value before it.
enum class EmptyPartition { kDrop, kCarry };
/// What a venue's median is compared with: the plain median of the other venues' medians, or of all of them.
enum class DeviationReference { kOthers, kAll };

constexpr std::string_view describe(Statistic statistic) {
  return statistic == Statistic::kVwap ? "vwap" : "volume_weighted_median";
}
constexpr std::string_view describe(Tie tie) { return tie == Tie::kLower ? "lower" : "average"; }
constexpr std::string_view describe(EmptyPartition empty) {
  return empty == EmptyPartition::kDrop ? "drop" : "carry";
}
constexpr std::string_view describe(DeviationReference reference) {
  return reference == DeviationReference::kOthers ? "others" : "all";
}

struct IndexDefinition {
  std::string id;               ///< "NK_BTCUSD_NY"
  std::string pair;             ///< "BTC/USD", as the trades spell it
  time::TimeOfDay strike_time;  ///< local; the window ends here
  std::string time_zone;        ///< IANA name
  std::int64_t window_minutes = 0;
  std::int64_t partitions = 0;
  Statistic statistic = Statistic::kVolumeWeightedMedian;
  Tie tie = Tie::kLower;
  EmptyPartition empty_partition = EmptyPartition::kDrop;
  std::vector<money::Decimal> weights;  ///< oldest first, one a partition; empty: equal
  std::vector<std::string> venues;
  money::Decimal venue_deviation_max;  ///< a fraction: 0.05 is 5%
  DeviationReference venue_deviation_reference = DeviationReference::kOthers;
  std::int64_t minimum_venues = 0;
  std::int64_t decimals = 0;  ///< of the published value
  money::Rounding rounding = money::Rounding::kHalfEven;
  /// "exchange": on a half day of that calendar the strike is at its close, where that is earlier, so that
  /// the window follows the valuation instant of a fund that is valued then. Without one: always strike_time.
  std::optional<std::string> half_day_calendar;
  // How the service uses it; what a rate comes to does not depend on them.
  std::optional<time::Date> effective_from;   ///< first day that it holds for; without one: any
  std::optional<time::Date> effective_to;     ///< last day; without one: until further notice
  std::int64_t retrieval_delay_seconds = 60;  ///< how long after the window its trades are still awaited
};
constexpr std::int64_t kRetrievalDelayMax = std::int64_t{24} * 3600;

constexpr std::int64_t kWindowMinutesMax = std::int64_t{60} * 24 * 366;
constexpr std::int64_t kPartitionsMax = 10'000;
constexpr std::size_t kVenuesMax = 200;
constexpr std::int64_t kDecimalsMax = 38;

/// A key of the index file and the rule that its value breaks.
struct DefinitionProblem {
  std::string key;
  std::string rule;
};

/// The first problem in the order of the fields above, or nothing. The zone's name is checked with the date.
std::optional<DefinitionProblem> problem_with(const IndexDefinition& index);

}  // namespace navkeeper::pricing
