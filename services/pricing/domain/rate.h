#pragma once
// The rate of an index over one window, with its whole evidence. Pure and exact: every median, price and mean
// is a rational, the value is rounded once, from the exact mean.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/money/rational.h"
#include "services/pricing/domain/index_definition.h"
#include "services/pricing/domain/trades.h"
#include "services/pricing/domain/window.h"

namespace navkeeper::pricing {

enum class RateStatus {
  kOk,
  kPrevious,  ///< nothing to compute from; the value is the previous one
  kFailed,    ///< nothing to compute from and no previous value
};
constexpr std::string_view describe(RateStatus status) {
  return status == RateStatus::kOk ? "ok" : status == RateStatus::kPrevious ? "previous" : "failed";
}

/// A price that a statistic gave: one that was traded, which is written whole, or a quotient, which is
/// written cut after 21 decimals.
struct Quote {
  money::Rational value;
  bool traded = false;
  std::string to_string() const;
};

struct PartitionResult {
  std::uint64_t trades = 0;
  money::Rational volume;      ///< base currency; has at most 38 decimals
  std::optional<Quote> value;  ///< nothing without trades, even where a value is carried
};

struct VenueResult {
  std::uint64_t trades = 0;  ///< over the whole window, screened or not
  money::Rational volume;
  std::optional<Quote> median;  ///< volume-weighted; nothing without trades
  std::optional<money::Rational>
      deviation;  ///< |median - reference| / reference; zero for a venue with no other
  bool excluded = false;
};

struct Rate {
  RateStatus status = RateStatus::kFailed;
  std::optional<std::string> value;          ///< with exactly the index's decimals; nothing when failed
  std::optional<money::Rational> unrounded;  ///< the exact mean; only when ok
  std::vector<PartitionResult> partitions;   ///< oldest first, over the trades that count
  std::vector<VenueResult> venues;           ///< in the index's order
};

/// An exact decimal, written whole and without trailing zeros. `value` needs at most 38 decimals.
std::string exact_string(const money::Rational& value);

/// The rate of a checked definition. `previous` must have at most the index's decimals (ENSURE).
///
/// Few trades, and numbers that no 64-bit column holds, are sorted and scanned; many narrow ones are counted
/// into price buckets in one pass. The answers are the same.
Rate compute_rate(const IndexDefinition& index, const Window& window, const Trades& trades,
                  const std::optional<money::Decimal>& previous);

/// The same by the general way, whatever the number of trades: for tests and for comparison.
Rate compute_rate_by_sorting(const IndexDefinition& index, const Window& window, const Trades& trades,
                             const std::optional<money::Decimal>& previous);

}  // namespace navkeeper::pricing
