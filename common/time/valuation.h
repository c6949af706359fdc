#pragma once
// The valuation instant of a fund's business day: 16:00 in New York, through daylight saving time; on a half
// day the exchange's early close or still 16:00, as the fund's prospectus says (rule 22c-1: an order is
// priced at the first NAV after it).
#include <optional>
#include <string_view>

#include "common/base/refusal.h"
#include "common/time/calendar.h"
#include "common/time/zone.h"

namespace navkeeper::time {

enum class HalfDayRule {
  kExchangeClose,        ///< "exchange_close": valued when the exchange closes early
  kAlwaysValuationTime,  ///< "always_valuation_time": valued at the usual time on every business day
};
std::string_view describe(HalfDayRule rule);
std::optional<HalfDayRule> parse_half_day_rule(std::string_view word);

struct ValuationTime {
  Zone zone;
  TimeOfDay time;  ///< local
  HalfDayRule half_day_rule = HalfDayRule::kExchangeClose;
};

/// The local time at which `date` is valued. Refused: a date outside the calendar, a day that is no business
/// day. Under exchange_close a half day is valued at the earlier of its close and the valuation time.
base::Checked<TimeOfDay> valuation_time_of(const Calendar& exchange, const ValuationTime& rule, Date date);

/// The instant of that; refused too when the clocks skip that local time.
base::Checked<Instant> valuation_instant(const Calendar& exchange, const ValuationTime& rule, Date date);

}  // namespace navkeeper::time
