#pragma once
// The use case behind `rates import`: a file of trades into the store, each trade once, with a record of what
// was read.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "common/time/clock.h"
#include "services/pricing/domain/intake.h"

namespace navkeeper::pricing {

/// Rows further ahead of the clock than this are rejected: a venue's clock is not an hour wrong.
/// Why a row is rejected that a later import of the same file may take.
constexpr std::string_view kAheadReason = "time is more than 60 s ahead of the clock";
constexpr time::Duration kAheadMax = time::Duration::seconds(60);

/// A file as it is known to the store.
struct ImportFile {
  std::string name;      ///< as given
  std::string format;    ///< "csv", "coinbase_csv", ...
  std::string venue;     ///< of a raw file; empty for the canonical form, whose rows say it
  std::string pair;      ///< likewise
  std::string hash_hex;  ///< SHA-256 of its bytes as they lie on disk
};

struct ImportReport {
  ImportFile file;
  std::uint64_t rows = 0;        ///< read, rejected ones included
  std::uint64_t trades_new = 0;  ///< that the store did not have
  /// Stored too, but no new trades: another one with their id and other content was there, or came before
  /// them in the file. The rate refuses all of that id.
  std::uint64_t trades_contradicting = 0;
  RejectedRows rejected;
  bool already_imported = false;  ///< the same bytes were imported before: nothing was changed
  time::Instant known_at;
};

/// Reads a whole file into a sink; may throw base::Refused.
using ReadTrades = std::function<void(TradeSink&)>;

class ImportStore {
 public:
  virtual ~ImportStore() = default;
  /// What an earlier import of the same bytes in the same way said, or nothing. One that rejected rows for
  /// being ahead of the clock does not count: they may not be ahead any more.
  virtual std::optional<ImportReport> find_import(const ImportFile& file) = 0;
  /// Reads and saves in one transaction: all of the file or nothing. Rows with an id are the same trade when
  /// venue, pair, id, time, price and size agree; rows without one when all but the id agree and both are the
  /// n-th such row of their file. Throws Conflict, Unavailable, InDoubt; what `read` throws passes through
  /// and nothing is saved.
  virtual ImportReport import(const ImportFile& file, time::Instant known_at, const std::string& actor,
                              const ReadTrades& read) = 0;
};

/// Imports the file, or says that it was imported before. Pairs are spelled as the house does (XBT is BTC);
/// rows ahead of the clock, with a venue that is no name or a pair that is not BASE/QUOTE are rejected.
ImportReport import_trades(ImportStore& store, const time::Clock& clock, const ImportFile& file,
                           const std::string& actor, const ReadTrades& read);

/// "XBT/USD" is "BTC/USD"; nothing else has two names. USDT is never USD.
std::string house_pair(std::string_view pair);

}  // namespace navkeeper::pricing
