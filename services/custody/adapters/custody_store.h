#pragma once
// Custody's facts in PostgreSQL (sql/custody). Chains and statements are stored through it too: a source is a
// name.
#include <optional>

#include "common/db/lease.h"
#include "common/db/pool.h"
#include "services/custody/app/custody_store.h"

namespace navkeeper::custody {

class PostgresCustodyStore final : public CustodyStore {
 public:
  explicit PostgresCustodyStore(db::Pool& pool) : pool_(pool) {}
  /// The same store, each of whose writes verifies that the lease is still held.
  PostgresCustodyStore under(const db::Lease& lease) const;

  SyncReport save(const model::FundId& fund, const SyncResult& result, time::Instant known_at,
                  const std::string& actor) override;
  std::optional<time::Instant> whole_until(const model::FundId& fund, const std::string& source,
                                           RecordKind kind) override;
  std::optional<time::Instant> read_over(const model::FundId& fund, const std::string& source,
                                         RecordKind kind, time::Duration length) override;
  std::optional<time::Instant> oldest_under_way(const model::FundId& fund, const std::string& source,
                                                RecordKind kind) override;
  std::vector<StoredBalance> balances(const model::FundId& fund, const CustodyQuery& query) override;
  std::vector<RecordState> records(const model::FundId& fund, const std::string& source, RecordKind kind,
                                   time::Instant from, const CustodyQuery& query) override;
  std::vector<SyncRun> runs(const model::FundId& fund, const CustodyQuery& query, int limit) override;
  std::vector<StoredAlarm> alarms(const model::FundId& fund, const CustodyQuery& query, int limit) override;
  std::vector<std::string> sources(const model::FundId& fund) override;
  /// The bytes of a raw answer; nothing when none has that hash.
  std::optional<std::string> raw_body(const model::FundId& fund, const crypto::Digest256& sha256);

 private:
  db::Pool& pool_;
  std::optional<db::Lease> lease_;
};

/// Raw answers and alarms of something other than a sync, in the caller's transaction.
void keep_evidence(db::Transaction& transaction, const model::FundId& fund, const std::string& source,
                   const std::vector<RawAnswer>& raw, const std::vector<Alarm>& alarms,
                   time::Instant known_at);

}  // namespace navkeeper::custody
