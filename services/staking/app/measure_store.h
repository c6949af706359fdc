#pragma once
// Where measures are kept. Only ever added to: of a day the one that was known last counts.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/time/date.h"
#include "services/staking/domain/position.h"

namespace navkeeper::staking {

/// Rates as parts of one; whole coins. What is a quotient is rounded half-even to 18 decimals.
struct MeasuredYield {
  money::Decimal income;
  money::Decimal mean_stake;
  money::Decimal period_return;
  money::Decimal apr_365;
  money::Decimal apr_365_25;
  money::Decimal apy_365;
  money::Decimal apy_365_25;
  bool operator==(const MeasuredYield&) const = default;
};

struct Measure {
  model::AssetId asset = model::AssetId::literal("UNSET");
  std::optional<PositionKey> key;  ///< nothing: all of the asset's positions together
  int window_days = 0;
  time::Instant from;
  time::Instant to;
  std::optional<MeasuredYield> yield;
  std::string refusal;  ///< why there is no yield
  std::string history;  ///< stakes and income that it was made from, as text; stored as its hash
};

struct StoredMeasure {
  Measure measure;          ///< its history stays empty
  std::string inputs_hash;  ///< SHA-256 of the history, 64 hexadecimal digits
  time::Instant known_at;
};

class MeasureStore {
 public:
  virtual ~MeasureStore() = default;
  /// How many were new.
  virtual std::size_t save(const model::FundId& fund, const std::vector<Measure>& measures,
                           time::Instant known_at, const std::string& actor) = 0;
  /// Of each asset the newest UTC day at or before that of `as_of`, of each position and window of that day
  /// what was known last at `known_at`; totals first.
  virtual std::vector<StoredMeasure> measures(const model::FundId& fund, time::Instant as_of,
                                              time::Instant known_at) = 0;
  /// The newest day of which each asset has a measure.
  virtual std::map<model::AssetId, time::Date> newest_days(const model::FundId& fund) = 0;
};

}  // namespace navkeeper::staking
