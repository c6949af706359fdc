#pragma once
// The use case that compares a fund's books, custodians and chains at one valuation point and keeps what it
// found. It may be run again at any time: what is the same is stored once; what differs is a further
// reconciliation of the day, and the last one counts.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/model/actor.h"
#include "services/custody/app/custody_store.h"
#include "services/custody/domain/break.h"
#include "services/custody/domain/transfer.h"

namespace navkeeper::custody {

/// A fund's books of a day, settled basis, and when the fund is valued on it.
struct FundBooks {
  time::Date date;
  time::Instant valued_at;
  std::vector<BookPosition> positions;
  std::vector<CoinMovement> settled;  ///< by the day; openings and reversed entries are no movements
  std::vector<CoinMovement> pending;  ///< traded by the day, to settle later
  std::optional<time::Date> began;    ///< the day of the first entry
  std::string sha256;                 ///< of positions and movements, hexadecimal
  std::map<std::string, money::Decimal> prices;  ///< official prices of the day, where there are any
};

/// The port to the books. Throws base::Refused (no such fund or day), base::Unavailable.
class BooksSource {
 public:
  virtual ~BooksSource() = default;
  virtual FundBooks books(const model::FundId& fund, time::Date date) = 0;
  /// When the fund is valued on the day.
  virtual time::Instant valued_at(const model::FundId& fund, time::Date date) = 0;
};

struct StoredReconciliation {
  time::Date date;
  int number = 0;
  time::Instant at;        ///< the valuation point
  time::Instant known_at;  ///< when it was made
  std::string document;    ///< canonical JSON without lines (adapters/reconciliation_json.h)
  std::string sha256;      ///< of the document, hexadecimal
  std::string actor;
  std::string note = {};  ///< of a day that the job reconciles: what it went on without
};

struct StoredBreak {
  std::string id;  ///< 16 hexadecimal digits, of the key
  BreakState state;
};

/// A line as it is stored.
struct ReconciliationRow {
  std::string asset;
  std::string place;
  LineStatus status{};
  std::string body;  ///< canonical JSON
};

/// A reconciliation written down: the document names everything else by count and hash, and the rows are read
/// page by page.
struct ReconciliationPaper {
  std::string document;
  std::vector<ReconciliationRow> lines;  ///< by asset, place
  std::vector<std::string> balances;     ///< what was compared, canonical JSON, by place, asset
};

/// What a read of the register is about.
struct BreakQuery {
  std::optional<time::Date> as_of = {};  ///< reconciliations of later days do not count
  time::Instant known_at = time::Instant::latest();
};

class ReconciliationStore {
 public:
  virtual ~ReconciliationStore() = default;
  /// The first instant from which a source's transfers are known without a gap; nothing: none are known.
  virtual std::optional<time::Instant> history_begins(const model::FundId& fund,
                                                      const std::string& source) = 0;
  /// The first balance after an instant of each place and asset.
  virtual std::vector<Balance> balances_after(const model::FundId& fund, time::Instant instant) = 0;
  /// The number that it got; of the same document as the day's last, that one's, and nothing is stored.
  virtual int save(const model::FundId& fund, const StoredReconciliation& made,
                   const ReconciliationPaper& paper, const std::vector<FoundBreak>& breaks) = 0;
};

struct ReconcileRequest {
  model::FundId fund;
  time::Date date;
  ReconciliationTerms terms;  ///< its prices are those of the books
  model::Actor actor;
  time::Instant now;
  std::string note = {};  ///< of StoredReconciliation
  /// Of custodians the newest readings within the age that is allowed, rolled back to the valuation point,
  /// instead of the nearest ones: after a custodian corrected itself.
  bool by_newest = false;
};

struct ReconcileReport {
  Reconciliation found;
  StoredReconciliation stored;
};

/// Writes a reconciliation down with what it was made from.
class ReconciliationDocuments {
 public:
  virtual ~ReconciliationDocuments() = default;
  virtual ReconciliationPaper paper(const model::FundId& fund, const FundBooks& books,
                                    const ReconciliationInput& input, const ReconciliationTerms& terms,
                                    const Reconciliation& found) = 0;
  virtual std::optional<Transfer> transfer(const Record& record) = 0;
  virtual std::optional<Reward> reward(const Record& record) = 0;
  virtual std::optional<Converted> conversion(const Record& record) = 0;
};

struct ReconcilePorts {
  BooksSource& books;
  CustodyStore& facts;
  ReconciliationStore& store;
  ReconciliationDocuments& documents;
};

/// Refused: no role (operator, maker, service), no source that ever spoke of the fund, the fund's valuation
/// time of the day has not come.
ReconcileReport reconcile_fund(const ReconcilePorts& ports, ReconcileRequest request);

}  // namespace navkeeper::custody
