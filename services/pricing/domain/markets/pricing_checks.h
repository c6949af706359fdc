#pragma once
// The checks that a NAV waits for: each with its threshold, what was measured, the result and its evidence,
// as data. All are made every time and in the same order; one that cannot be made has not passed.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "common/time/instant.h"
#include "services/pricing/domain/feed_state.h"
#include "services/pricing/domain/markets/fair_value.h"
#include "services/pricing/domain/rate.h"
#include "services/pricing/domain/window.h"

namespace navkeeper::pricing {

enum class PricingCheckKind {
  kStale,           ///< the price's age at the valuation time, in seconds
  kUnchanged,       ///< strikes in a row with the same value
  kSecondSource,    ///< deviation from the second source
  kYesterday,       ///< deviation from the last official price of an earlier day
  kThinPartitions,  ///< partitions with fewer trades than enough
  kVenueCount,      ///< venues that counted
  kMissingMinutes,  ///< minutes of the window without a trade
  kFeedsWhole,      ///< venues whose feed has not brought everything of the window
};
std::string_view describe(PricingCheckKind kind);

enum class CheckResult { kPassed, kFailed, kNotMeasured };
std::string_view describe(CheckResult result);

struct PricingCheck {
  PricingCheckKind kind;
  CheckResult result = CheckResult::kNotMeasured;
  std::string threshold;  ///< "at most 0.05", with its unit
  std::string measured;   ///< empty when not measured
  std::string evidence;   ///< what was compared, or what is missing
  bool operator==(const PricingCheck&) const = default;
};

/// Data with effective dates. A bound is itself allowed: only beyond it fails.
struct PricingCheckRule {
  std::int64_t age_max_seconds = 3'600;
  std::size_t unchanged_strikes_max = 2;  ///< in a row; at least 1
  std::int64_t second_source_deviation_max_ppm = 5'000;
  std::int64_t yesterday_deviation_max_ppm = 200'000;
  std::size_t partition_trades_min = 1;  ///< fewer make a partition thin
  std::size_t thin_partitions_max = 0;
  std::size_t venues_min = 2;
  std::size_t missing_minutes_max = 0;
};

/// What the rate's own evidence says about its coverage.
struct Coverage {
  std::vector<std::uint64_t> partition_trades;  ///< oldest first
  std::vector<std::string> venues_counted;      ///< with trades and not screened away
  std::vector<time::Instant> missing_minutes;   ///< their starts
  std::optional<FeedsOfWindow> feeds{};         ///< nothing: the rate does not say (an early release)
};

/// `venues` are the index's, in its order. `time_ns`: of the trades that counted.
Coverage coverage_of(const Rate& rate, const std::vector<std::string>& venues, const Window& window,
                     std::span<const std::int64_t> time_ns);
/// Starts of the window's minutes (the last may be shorter) without a time in them. Times in any order, those
/// outside the window do not count.
std::vector<time::Instant> missing_minutes(const Window& window, std::span<const std::int64_t> time_ns);

struct PricedAt {
  money::Decimal value;  ///< positive (ENSURE)
  time::Instant at;      ///< of the last observation behind it
};
struct NamedPrice {
  std::string source;
  money::Decimal value;  ///< positive (ENSURE)
};

struct PricingEvidence {
  std::optional<PricedAt> price;
  time::Instant valuation;
  std::vector<StruckValue> strikes;            ///< oldest first, the one under check last
  std::optional<money::Decimal> value;         ///< the one under check, whenever it was observed
  std::optional<StruckValue> official_before;  ///< the last official price of an earlier day
  std::optional<NamedPrice> second_source;
  std::optional<Coverage> coverage;  ///< nothing for a price that is no rate
};

std::vector<PricingCheck> check_price(const PricingCheckRule& rule, const PricingEvidence& evidence);
bool all_passed(std::span<const PricingCheck> checks);

}  // namespace navkeeper::pricing
