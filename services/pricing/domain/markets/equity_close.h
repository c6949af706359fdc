#pragma once
// Daily closes of equities (and of coins beside them): each with the instant at which it was snapped and
// where it came from.
//
// "Close of 2 March" means nothing before one knows whose clock it is: a widely copied file of bitcoin closes
// is snapped at Central European midnight, and its daily returns correlate 0.93 with those of a file snapped
// at UTC midnight (facts on risk, top). So a series carries its clock, and series of different clocks are
// never put side by side.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/base/result.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "common/time/instant.h"
#include "common/time/zone.h"

namespace navkeeper::pricing {

/// When the close of a date is taken.
class SnapClock {
 public:
  /// When the New York exchanges close: 16:00, on half days earlier, through daylight saving time.
  static SnapClock nyse_close();
  /// When the date ends in a zone: the midnight after it. Refused: an unknown zone.
  static base::Checked<SnapClock> midnight(std::string_view zone);
  /// "nyse_close", or "midnight " and the zone: "midnight UTC", "midnight Europe/Berlin".
  static base::Checked<SnapClock> parse(std::string_view words);

  std::string to_string() const;
  /// The instant of the close of `date`. Refused: for nyse_close a date that its calendar does not cover or
  /// on which the exchange is closed; a midnight that the zone's clocks skip.
  base::Checked<time::Instant> snap(time::Date date) const;
  bool operator==(const SnapClock&) const = default;

 private:
  explicit SnapClock(std::string zone) : zone_(std::move(zone)) {}
  std::string zone_;  ///< empty: nyse_close
};

/// What is already worked into the prices of a series.
enum class Adjustment {
  kNone,                ///< as traded
  kSplits,              ///< earlier prices on today's share count
  kSplitsAndDividends,  ///< "adjusted close": total return
};
std::string_view describe(Adjustment adjustment);  ///< "none", "splits", "splits_and_dividends"
std::optional<Adjustment> parse_adjustment(std::string_view word);

struct PriceProvenance {
  std::string source;  ///< who published it
  std::string file;    ///< as given
  std::string sha256;  ///< of the file, hexadecimal
  bool operator==(const PriceProvenance&) const = default;
};

struct ClosePrice {
  time::Date date;
  money::Decimal value;  ///< positive
  time::Instant snapped_at;
  std::uint64_t line = 0;  ///< of the file
  bool operator==(const ClosePrice&) const = default;
};

struct CloseSeries {
  model::AssetId symbol;
  SnapClock clock;
  Adjustment adjustment = Adjustment::kNone;
  PriceProvenance provenance;
  std::vector<ClosePrice> closes;  ///< dates rising
};

struct AlignedCloses {
  time::Date date;
  time::Instant snapped_at;            ///< the same for all
  std::vector<money::Decimal> values;  ///< in the order of the series
  bool operator==(const AlignedCloses&) const = default;
};

/// The dates on which every series has a close, oldest first. Refused, naming two series: different clocks,
/// different adjustments, one symbol twice; none at all.
base::Checked<std::vector<AlignedCloses>> align_closes(std::span<const CloseSeries> series);

/// A price seen at an instant: a trade, the close of an hourly bar.
struct ObservedPrice {
  time::Instant at;
  money::Decimal value;
};

enum class SnapProblem {
  kNothingBefore,  ///< no observation at or before the instant
  kTooOld,         ///< the last one is older than allowed
};
std::string_view describe(SnapProblem problem);

/// The last observation at or before `instant` (of several at one instant the last in the list), not older
/// than `age_max`: how coins, which never close, get a price at the instant at which the equities do.
/// `observations` in order of time (ENSURE).
base::Result<ObservedPrice, SnapProblem> snap_price(std::span<const ObservedPrice> observations,
                                                    time::Instant instant, time::Duration age_max);

}  // namespace navkeeper::pricing
