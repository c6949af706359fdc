#pragma once
// What a strike needs from the books: the holdings that it values, and the entries that it leaves. Both run
// in a transaction of nav's store, so that a NAV and its postings are there together or not at all.
#include "common/db/audit.h"
#include "common/db/transaction.h"
#include "services/nav/app/ports.h"

namespace navkeeper::db {
class WriteBatch;
}

namespace navkeeper::nav {

class StrikeJournal {
 public:
  virtual ~StrikeJournal() = default;
  /// On the nav basis, all that is booked before `date` and nothing of it. Throws base::Refused where orders
  /// traded before would be missing from it (refuse_unpriced_orders).
  Holdings holdings_at_start(db::Transaction& transaction, const FundDefinition& fund, time::Date date) {
    return holdings_of_many(transaction, {&fund}, date).front();
  }
  /// The same of many funds, in their order.
  virtual std::vector<Holdings> holdings_of_many(db::Transaction& transaction,
                                                 const std::vector<const FundDefinition*>& funds,
                                                 time::Date date) = 0;
  /// The expenses, the tax provision and the change in unrealised gain of that day, once: keyed by source
  /// ("strike", its date). Of a further version, what they differ by from those of the version before.
  /// Under the lock of the fund's books, whose last entry is nav.mark.entries. What needs no answer is added
  /// to the batch, with its record for the audit log given back; else it was posted with its record, and
  /// nothing is given.
  virtual std::optional<db::AuditRecord> post_strike(db::Transaction& transaction, db::WriteBatch& batch,
                                                     const NewNav& nav) = 0;
};

}  // namespace navkeeper::nav
