#include "common/time/valuation.h"

#include <algorithm>
#include <string>

#include "common/base/ensure.h"
#include "common/base/refuse.h"

namespace navkeeper::time {

std::string_view describe(HalfDayRule rule) {
  switch (rule) {
    case HalfDayRule::kExchangeClose:
      return "exchange_close";
    case HalfDayRule::kAlwaysValuationTime:
      return "always_valuation_time";
  }
  ENSURE(false);
}

std::optional<HalfDayRule> parse_half_day_rule(std::string_view word) {
  for (const HalfDayRule rule : {HalfDayRule::kExchangeClose, HalfDayRule::kAlwaysValuationTime}) {
    if (describe(rule) == word) return rule;
  }
  return std::nullopt;
}

base::Checked<TimeOfDay> valuation_time_of(const Calendar& exchange, const ValuationTime& rule, Date date) {
  return base::checked([&] {
    if (!exchange.is_business_day(date)) {
      const std::string_view name = exchange.day_name(date);
      base::refuse("calendar " + exchange.name(),
                   date.to_string() + " is no business day (" +
                       std::string(name.empty() ? describe(date.weekday()) : name) + ")");
    }
    if (rule.half_day_rule == HalfDayRule::kExchangeClose && exchange.kind(date) == DayKind::kHalfDay) {
      return std::min(rule.time, *exchange.close(date));
    }
    return rule.time;
  });
}

base::Checked<Instant> valuation_instant(const Calendar& exchange, const ValuationTime& rule, Date date) {
  const auto time = valuation_time_of(exchange, rule, date);
  if (time.has_error()) return time.error();
  const auto instant = rule.zone.to_instant(date, *time);
  if (instant.has_error()) {
    return base::Refusal{
        "valuation time " + date.to_string() + " " + time->to_string() + " " + rule.zone.name(),
        std::string(describe(instant.error()))};
  }
  return *instant;
}

}  // namespace navkeeper::time
