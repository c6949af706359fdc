#include "services/pricing/domain/markets/equity_close.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/time/calendar.h"

namespace navkeeper::pricing {
namespace {

constexpr std::string_view kNyseClose = "nyse_close";
constexpr std::string_view kMidnight = "midnight ";
constexpr int kYearMax = 2261;  // The last whole year of time::Instant.

base::Checked<time::Instant> nyse_close_of(time::Date date) {
  const time::Calendar& exchange = time::Calendar::exchange();
  if (!exchange.covers(date))
    return base::Refusal{date.to_string(), "the exchange calendar does not cover this date"};
  const auto close = exchange.close(date);
  if (!close) return base::Refusal{date.to_string(), "the exchange is closed on this date"};
  const auto instant = time::Zone::literal("America/New_York").to_instant(date, *close);
  ENSURE(instant.has_value());
  return *instant;
}

/// Why two series cannot stand side by side, or nothing.
std::optional<base::Refusal> mismatch(const CloseSeries& a, const CloseSeries& b) {
  const std::string where = a.symbol.value() + " and " + b.symbol.value();
  if (a.symbol == b.symbol) return base::Refusal{a.symbol.value(), "appears twice"};
  if (a.clock != b.clock) {
    return base::Refusal{where,
                         "clocks are never mixed: " + a.clock.to_string() + " and " + b.clock.to_string()};
  }
  if (a.adjustment != b.adjustment) {
    return base::Refusal{where, "adjustments are never mixed: " + std::string(describe(a.adjustment)) +
                                    " and " + std::string(describe(b.adjustment))};
  }
  return std::nullopt;
}

const ClosePrice* close_on(const CloseSeries& series, time::Date date) {
  const auto found =
      std::lower_bound(series.closes.begin(), series.closes.end(), date,
                       [](const ClosePrice& close, time::Date day) { return close.date < day; });
  return found == series.closes.end() || found->date != date ? nullptr : &*found;
}

}  // namespace

SnapClock SnapClock::nyse_close() { return SnapClock(std::string()); }

base::Checked<SnapClock> SnapClock::midnight(std::string_view zone) {
  const auto found = time::Zone::find(zone);
  if (found.has_error()) return base::Refusal{"clock", std::string(describe(found.error()))};
  return SnapClock(std::string(zone));
}

base::Checked<SnapClock> SnapClock::parse(std::string_view words) {
  if (words == kNyseClose) return nyse_close();
  if (words.starts_with(kMidnight)) return midnight(words.substr(kMidnight.size()));
  return base::Refusal{"clock", "must be nyse_close, or midnight and a zone"};
}

std::string SnapClock::to_string() const {
  return zone_.empty() ? std::string(kNyseClose) : std::string(kMidnight) + zone_;
}

base::Checked<time::Instant> SnapClock::snap(time::Date date) const {
  if (zone_.empty()) return nyse_close_of(date);
  if (date.year() > kYearMax) return base::Refusal{date.to_string(), "the date is out of range"};
  const auto instant = time::Zone::literal(zone_).to_instant(date + 1, time::TimeOfDay());
  if (instant.has_error()) return base::Refusal{date.to_string(), std::string(describe(instant.error()))};
  return *instant;
}

std::string_view describe(Adjustment adjustment) {
  switch (adjustment) {
    case Adjustment::kNone:
      return "none";
    case Adjustment::kSplits:
      return "splits";
    case Adjustment::kSplitsAndDividends:
      return "splits_and_dividends";
  }
  ENSURE(false);
}

std::optional<Adjustment> parse_adjustment(std::string_view word) {
  for (const Adjustment each : {Adjustment::kNone, Adjustment::kSplits, Adjustment::kSplitsAndDividends}) {
    if (describe(each) == word) return each;
  }
  return std::nullopt;
}

base::Checked<std::vector<AlignedCloses>> align_closes(std::span<const CloseSeries> series) {
  if (series.empty()) return base::Refusal{"", "no series is given"};
  for (std::size_t i = 0; i < series.size(); ++i) {
    for (std::size_t j = i + 1; j < series.size(); ++j) {
      if (auto problem = mismatch(series[i], series[j])) return std::move(*problem);
    }
  }
  std::vector<AlignedCloses> rows;
  for (const ClosePrice& first : series.front().closes) {
    AlignedCloses row{first.date, first.snapped_at, {}};
    for (const CloseSeries& each : series) {
      const ClosePrice* close = close_on(each, first.date);
      if (close == nullptr) break;
      ENSURE(close->snapped_at == first.snapped_at);
      row.values.push_back(close->value);
    }
    if (row.values.size() == series.size()) rows.push_back(std::move(row));
  }
  return rows;
}

std::string_view describe(SnapProblem problem) {
  switch (problem) {
    case SnapProblem::kNothingBefore:
      return "no observation at or before the instant";
    case SnapProblem::kTooOld:
      return "the last observation is too old";
  }
  ENSURE(false);
}

base::Result<ObservedPrice, SnapProblem> snap_price(std::span<const ObservedPrice> observations,
                                                    time::Instant instant, time::Duration age_max) {
  ENSURE(std::is_sorted(observations.begin(), observations.end(),
                        [](const ObservedPrice& a, const ObservedPrice& b) { return a.at < b.at; }));
  const auto after =
      std::upper_bound(observations.begin(), observations.end(), instant,
                       [](time::Instant at, const ObservedPrice& price) { return at < price.at; });
  if (after == observations.begin()) return SnapProblem::kNothingBefore;
  const ObservedPrice& last = *(after - 1);
  if (instant - last.at > age_max) return SnapProblem::kTooOld;
  return last;
}

}  // namespace navkeeper::pricing
