#pragma once
// Where custody keeps what was said: balances and records are only ever added.
#include <optional>
#include <string>
#include <vector>

#include "common/model/actor.h"
#include "services/custody/app/custodian_source.h"
#include "services/custody/domain/record_book.h"

namespace navkeeper::custody {

/// One asking of one source: done, partly (what failed is named), failed (nothing of it is believed).
enum class SyncOutcome { kDone, kPartly, kFailed };
std::string_view describe(SyncOutcome outcome);  ///< "done", "partly", "failed"
std::optional<SyncOutcome> parse_sync_outcome(std::string_view word);

struct SyncRun {
  std::string source;
  time::Instant started_at;
  time::Instant ended_at;
  SyncOutcome outcome = SyncOutcome::kDone;
  std::string detail;  ///< what failed and why; empty when all is done
  bool operator==(const SyncRun&) const = default;
};

/// Everything that one asking brought, stored in one transaction.
struct SyncResult {
  SyncRun run;
  std::vector<Balance> balances = {};
  std::vector<WindowAnswer> answers = {};
  std::vector<RawAnswer> raw = {};
  std::vector<Alarm> alarms = {};
};

struct SyncReport {
  SyncRun run;
  std::size_t balances_new = 0;
  std::size_t records_new = 0;  ///< versions not seen before
  std::size_t alarms_new = 0;
  std::size_t answers_kept = 0;
};

struct StoredBalance {
  Balance balance;
  time::Instant known_at;
};

struct StoredAlarm {
  std::string source;
  Alarm alarm;
  time::Instant known_at;  ///< when it was first raised
};

/// What a read is about: facts up to `as_of`, as far as they were known at `known_at`.
struct CustodyQuery {
  std::string source = {};  ///< empty: all
  time::Instant as_of = time::Instant::latest();
  time::Instant known_at = time::Instant::latest();
  bool told_only = false;  ///< of balances: those that their source told (is_told)
};

class CustodyStore {
 public:
  virtual ~CustodyStore() = default;
  /// Adds what is new; the same result twice changes nothing the second time. `actor` stands in the audit
  /// trail. Throws base::InDoubt when it is not known whether it was stored: store it again.
  virtual SyncReport save(const model::FundId& fund, const SyncResult& result, time::Instant known_at,
                          const std::string& actor) = 0;
  /// The end of the last complete answer about a kind of record.
  virtual std::optional<time::Instant> whole_until(const model::FundId& fund, const std::string& source,
                                                   RecordKind kind) = 0;
  /// When a history was last read over at least that length; nothing: never.
  virtual std::optional<time::Instant> read_over(const model::FundId& fund, const std::string& source,
                                                 RecordKind kind, time::Duration length) = 0;
  /// The instant of the oldest record of a kind that no version tells to have ended: it must be asked for
  /// again.
  virtual std::optional<time::Instant> oldest_under_way(const model::FundId& fund, const std::string& source,
                                                        RecordKind kind) = 0;
  /// The newest of each place and asset, by place and asset.
  virtual std::vector<StoredBalance> balances(const model::FundId& fund, const CustodyQuery& query) = 0;
  /// What stands of one kind, of all instants up to as_of; from `from` on.
  virtual std::vector<RecordState> records(const model::FundId& fund, const std::string& source,
                                           RecordKind kind, time::Instant from,
                                           const CustodyQuery& query) = 0;
  /// The newest first, `limit` at most.
  virtual std::vector<SyncRun> runs(const model::FundId& fund, const CustodyQuery& query, int limit) = 0;
  virtual std::vector<StoredAlarm> alarms(const model::FundId& fund, const CustodyQuery& query,
                                          int limit) = 0;
  /// Sources that ever wrote for the fund, by name.
  virtual std::vector<std::string> sources(const model::FundId& fund) = 0;
};

}  // namespace navkeeper::custody
