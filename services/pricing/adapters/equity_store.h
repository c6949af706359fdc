#pragma once
// Closes of equities, and of coins beside them, in PostgreSQL: schema pricing, sql/pricing.
#include <optional>
#include <string>
#include <vector>

#include "common/db/pool.h"
#include "services/pricing/adapters/equity_files.h"
#include "services/pricing/domain/markets/corporate_actions.h"

namespace navkeeper::pricing {

struct EquityImportReport {
  std::string file;
  std::string shape;
  std::int64_t symbols = 0;
  std::int64_t closes = 0;
  std::int64_t closes_new = 0;  ///< that were not known, or known otherwise
  std::int64_t rejected = 0;
  std::vector<RejectedClose> first_rejected;
  bool already_imported = false;
};

/// Which series: those of a symbol that fit what is given.
struct SeriesChoice {
  std::string symbol;
  std::string source = {};                    ///< "": any
  std::optional<SnapClock> clock = {};        ///< nothing: any
  std::optional<Adjustment> adjustment = {};  ///< nothing: any
};

struct SeriesRange {
  std::optional<time::Date> from = {};
  std::optional<time::Date> to = {};
  time::Instant as_of = time::Instant::latest();     ///< closes snapped later are left out
  time::Instant known_at = time::Instant::latest();  ///< what was learned later is not there
};

struct SeriesSummary {
  std::string symbol;
  std::string source;
  std::string clock;
  std::string adjustment;
  time::Date first;
  time::Date last;
  std::int64_t closes = 0;
};

struct StoredAction {
  CorporateAction action;
  int version = 0;
  bool withdrawn = false;
  std::string source;
  time::Instant known_at;
};

/// A coin's price at the instant at which the equities closed.
struct CoinClose {
  time::Date date;
  time::Instant snapped_at;
  std::optional<money::Decimal> value;  ///< nothing: see `from`
  std::string from;  ///< "rate NK_BTCUSD_NY v1", "trade kraken 123 at …", or why there is none
};

class SqlEquityStore {
 public:
  explicit SqlEquityStore(db::Pool& pool) : pool_(pool) {}

  EquityImportReport import(const EquityFile& file, const EquityImport& how, const std::string& name,
                            const std::string& hash_hex, time::Instant known_at, const std::string& actor);

  /// What was newest at `known_at`, by symbol, source, clock and adjustment.
  std::vector<SeriesSummary> list(time::Instant known_at);
  /// The one series that fits. Throws base::Refused when none does, or several: then it names them.
  CloseSeries series(const SeriesChoice& choice, const SeriesRange& range);
  /// The same for several symbols, on the dates that all have. Refused also when their clocks or adjustments
  /// differ.
  std::vector<AlignedCloses> aligned(const std::vector<SeriesChoice>& choices, const SeriesRange& range);
  /// The security that trades as the symbol today, in stretches within which prices compare.
  std::vector<Stretch> history(const SeriesChoice& choice, const SeriesRange& range);

  /// Adds actions, or further versions of them; how many were new.
  int add_actions(const std::vector<StoredAction>& actions, time::Instant known_at, const std::string& actor);
  std::vector<StoredAction> actions(time::Instant known_at);

  /// A coin at the close of every exchange day in [from, to]: the rate struck at that very instant where
  /// there is one, else the last trade of `venue` not older than `age_max`.
  std::vector<CoinClose> coin_closes(const std::string& pair, const std::string& venue, time::Date from,
                                     time::Date to, time::Duration age_max, time::Instant known_at);

 private:
  db::Pool& pool_;
};

}  // namespace navkeeper::pricing
