#pragma once
// Daily statements in PostgreSQL (sql/custody, statement): only ever added, a correction as a further
// version.
#include <optional>
#include <string>
#include <vector>

#include "common/crypto/digest.h"
#include "common/db/lease.h"
#include "common/db/pool.h"
#include "common/model/id.h"
#include "common/time/date.h"
#include "common/time/instant.h"

namespace navkeeper::custody {

struct StatementDraft {
  std::string source;
  std::string account;
  time::Date date;       ///< a UTC day
  std::string document;  ///< canonical JSON: equal facts have equal bytes
};

struct StoredStatement {
  std::string source;
  std::string account;
  time::Date date;
  int version = 0;
  crypto::Digest256 sha256{};
  time::Instant known_at;
  std::string actor;
  std::string document = {};  ///< empty in a list
};

struct StatementQuery {
  std::string source = {};   ///< empty: all
  std::string account = {};  ///< empty: all
  std::optional<time::Date> from = {};
  std::optional<time::Date> to = {};
  time::Instant known_at = time::Instant::latest();
  bool all_versions = false;  ///< else the newest that was known then
};

class StatementStore {
 public:
  explicit StatementStore(db::Pool& pool) : pool_(pool) {}
  /// The same store, whose writes verify that the lease is still held.
  StatementStore under(const db::Lease& lease) const;

  /// Adds those whose document is not the newest version's already, in one transaction with an entry of the
  /// audit trail; what was added, in the drafts' order.
  std::vector<StoredStatement> add(const model::FundId& fund, const std::vector<StatementDraft>& drafts,
                                   time::Instant known_at, const std::string& actor);
  /// By source, account, date, version; without documents.
  std::vector<StoredStatement> list(const model::FundId& fund, const StatementQuery& query);
  /// The statement with that hash, whole; nothing: there is none.
  std::optional<StoredStatement> find(const model::FundId& fund, const crypto::Digest256& sha256);

 private:
  db::Pool& pool_;
  std::optional<db::Lease> lease_;
};

}  // namespace navkeeper::custody
