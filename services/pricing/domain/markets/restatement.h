#pragma once
// Restating a published rate (facts on pricing, 1.1: only on the same day and only when it moves by more than
// 0.10%): a new version beside the old one, never over it.
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/money/decimal.h"
#include "common/time/zone.h"

namespace navkeeper::pricing {

struct RestatementRule {
  std::int64_t change_min_ppm = 1'000;  ///< restated when |new - old| / old is strictly above: 1,000 is 10 bp
  time::TimeOfDay deadline = time::TimeOfDay::literal("23:59:59");  ///< local; restated strictly before it
};

struct RateVersion {
  int version = 1;
  money::Decimal value;
  time::Instant published_at;
  bool operator==(const RateVersion&) const = default;
};

/// Why a recomputed rate is not published, tried in this order.
enum class RestatementRefusal {
  kValueNotPositive,   ///< of the recomputed rate
  kTooLate,            ///< the rate's own day is over, by the index's clocks
  kNotAboveThreshold,  ///< the difference is not material
};
std::string_view describe(RestatementRefusal refusal);

/// The rate's own day is not over, by the index's clocks: strictly before the deadline.
bool restatement_is_open(const RestatementRule& rule, time::Date date, const time::Zone& zone,
                         time::Instant now);

/// The next version of the rate of `date`, or why there is none. `zone` is the index's. `latest` is positive
/// (ENSURE).
base::Result<RateVersion, RestatementRefusal> restate(const RestatementRule& rule, const RateVersion& latest,
                                                      const money::Decimal& recomputed, time::Date date,
                                                      const time::Zone& zone, time::Instant now);

}  // namespace navkeeper::pricing
