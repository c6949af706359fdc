#pragma once
// How long trades are kept, and what must have happened before a day of them may be dropped.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/date.h"

namespace navkeeper::pricing {

struct RetentionPolicy {
  /// No shorter than a week, so that every rate and its restatement are over; the schema holds to it too.
  static constexpr int kKeepDaysMin = 7;
  static constexpr int kKeepDaysMax = 36'600;
  int keep_days = 400;
  std::map<std::string, int> keep_days_of;  ///< of single pairs

  int days_of(const std::string& pair) const {
    const auto found = keep_days_of.find(pair);
    return found == keep_days_of.end() ? keep_days : found->second;
  }
};

/// A rate whose window reaches into the day.
struct RateOfDay {
  std::string index;
  time::Date date;
  int version = 0;  ///< newest; 0: not struck
  bool restatement_open = false;
};

/// An asset's price of a date whose trades, of its principal market or of an index, reach into the day.
struct PriceOfDay {
  std::string asset;
  time::Date date;
  bool is_priced = false;  ///< for every kind of fund that its policy names
  bool determination_open = false;
};

/// Tried in this order.
enum class DropRefusal { kStillKept, kNotStruck, kRestatementOpen, kNotPriced, kDeterminationOpen };
std::string_view describe(DropRefusal refusal);

/// Why the pair's trades of `day` may not be dropped, or nothing: they may. A day is kept while it is not
/// more than keep_days before `today`.
std::optional<DropRefusal> why_kept(time::Date day, time::Date today, int keep_days,
                                    const std::vector<RateOfDay>& rates,
                                    const std::vector<PriceOfDay>& prices);

}  // namespace navkeeper::pricing
