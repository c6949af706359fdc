#include "services/pricing/app/compute_rate.h"

#include <utility>

namespace navkeeper::pricing {

base::Checked<Window> checked_window(const IndexDefinition& index, time::Date date) {
  const auto window = window_of(index, date);
  if (window.has_value()) return *window;
  switch (window.error()) {
    case time::ZoneError::kUnknownZone:
      return base::Refusal{"time_zone", "is not a zone of the system's database: " + index.time_zone};
    case time::ZoneError::kNonexistent:
      return base::Refusal{"strike_time", index.strike_time.to_string() + " does not exist on " +
                                              date.to_string() + " in " + index.time_zone +
                                              ": the clocks are put forward over it"};
    case time::ZoneError::kOutOfRange:
      break;
  }
  return base::Refusal{"date", date.to_string() + " lies outside the years that can be computed"};
}

base::Checked<ComputedRate> compute_rate(const IndexDefinition& index, time::Date date,
                                         const std::optional<money::Decimal>& previous, TradeSource& source) {
  if (previous && !previous->is_positive()) return base::Refusal{"previous", "is not positive"};
  if (previous && previous->scale() > index.decimals) {
    return base::Refusal{"previous",
                         "has more than the index's " + std::to_string(index.decimals) + " decimals"};
  }
  const auto window = checked_window(index, date);
  if (window.has_error()) return window.error();

  TradeIntake intake(index, *window);
  source.read_into(intake);
  Intake taken = intake.finish();
  Trades trades = std::move(taken.trades).build();
  Rate rate = compute_rate(index, *window, trades, previous);
  return ComputedRate{
      index, date, *window, std::move(rate), std::move(taken.rejected), taken.ignored, std::move(trades)};
}

}  // namespace navkeeper::pricing
