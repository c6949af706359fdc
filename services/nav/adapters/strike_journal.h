#pragma once
// What a strike needs from the books: the holdings that it values, and the entries that it leaves. Both run
// in a transaction of nav's store, so that a NAV and its postings are there together or not at all.
#include "common/db/transaction.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

class StrikeJournal {
 public:
  virtual ~StrikeJournal() = default;
  /// On the nav basis, all that is booked before `date` and nothing of it.
  virtual Holdings holdings_at_start(db::Transaction& transaction, const FundDefinition& fund,
                                     time::Date date) = 0;
  /// The expenses, the tax provision and the change in unrealised gain of that day, once: keyed by source
  /// ("strike", its date).
  virtual void post_strike(db::Transaction& transaction, const NewNav& nav) = 0;
};

}  // namespace navkeeper::nav
