#pragma once
// Files of daily closes in the shapes in which they are found:
//
//   wide        date,CORZ,CLSK,...                                   a column per symbol, empty where there
//   is no price yahoo       Date,Open,High,Low,Close,Adj Close,Volume            "null" where there is no
//   price ohlcv       Date,Open,High,Low,Close,Volume                      Stooq's download of one symbol;
//   Volume may be absent stooq_bulk  <TICKER>,<PER>,<DATE>,<TIME>,...,<CLOSE>,...         Stooq's bulk files;
//   dates YYYYMMDD, tickers like MARA.US close       date,Close  or  date,Close,Volume
//
// CSV as of csv.h; header words in any case. The shape is known by the header. What a file cannot say about
// itself (its clock, what its prices are adjusted for, who published it) the importer must.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "services/pricing/domain/markets/equity_close.h"

namespace navkeeper::pricing {

enum class EquityFileShape { kWide, kYahoo, kOhlcv, kStooqBulk, kClose };
std::string_view describe(EquityFileShape shape);

struct EquityImport {
  SnapClock clock;
  Adjustment adjustment = Adjustment::kNone;
  std::string source;                    ///< never empty
  std::optional<model::AssetId> symbol;  ///< of a file of one symbol; absent for the others
  /// When it is read: a close that is snapped later cannot be known yet and is rejected.
  time::Instant now = time::Instant::latest();
};

struct RejectedClose {
  std::uint64_t line = 0;
  std::string reason;  ///< "MARA: price is not positive"
  bool operator==(const RejectedClose&) const = default;
};

struct EquityFile {
  EquityFileShape shape = EquityFileShape::kWide;
  std::vector<CloseSeries> series;  ///< in the file's order; a symbol without any price is left out
  std::uint64_t rejected = 0;
  std::vector<RejectedClose> first_rejected;  ///< by line, at most kRejectedShownMax
};

constexpr std::size_t kRejectedShownMax = 10;
constexpr std::size_t kEquityBytesMax = std::size_t{256} << 20;
constexpr std::size_t kEquityColumnsMax = 2'000;
constexpr std::size_t kEquitySymbolsMax = 20'000;

/// Reads the bytes of a file; `path` is the file as given.
///
/// A price that cannot be used is rejected and reported, the file goes on: a date or a number that cannot be
/// read, a price that is not positive, a date on which the clock has no close (an exchange holiday) or whose
/// close has not come, two different prices of one symbol and date (both). Copies that agree count once.
/// Refused as a whole: no header or one of no known shape, a repeated column, a symbol given where the file
/// has its own or missing where it has not, no source, `none` for Yahoo (its Close has splits worked in, its
/// Adj Close dividends too), a file that is too large.
base::Checked<EquityFile> read_equity_closes(std::string_view text, const std::string& path,
                                             const EquityImport& import);

/// The same from the disk, plain or gzip.
base::Checked<EquityFile> load_equity_closes(const std::string& path, const EquityImport& import);

}  // namespace navkeeper::pricing
