#pragma once
// When we learned of something: the instants by which a past is asked for ("known at"), and by which lots
// were identified before their disposal. They are the database's, whose clock all processes share, under the
// lock of the fund's books, and each transaction's is later than all before it: so what was known by a time
// does not change afterwards, whoever wrote late, waited for the lock, or has a wrong clock.
#include <optional>
#include <string>

#include "common/db/pool.h"
#include "common/model/id.h"
#include "common/time/instant.h"

namespace navkeeper::nav {

/// The instant at which all that this transaction writes of the fund is known, the same each time it is asked
/// for. Locks the fund's books, as lock_books() does. In tests and simulations (PoolSettings::has_given_time)
/// `given` takes the place of the database's clock, a later one within a transaction counts, and two may be
/// equal. A fund
/// without books has no order to keep: the clock.
time::Instant known_time(db::Transaction& transaction, const model::FundId& fund, time::Instant given);

/// SQL of that instant beside `books_head b`, whose row is locked; `given` names the parameter that
/// given_time() fills. Who uses it keeps what it gave (keep_known_time) and writes it into the head.
std::string next_known_time(const std::string& given);
std::optional<std::int64_t> given_time(const db::Transaction& transaction, time::Instant given);
void keep_known_time(db::Transaction& transaction, const model::FundId& fund, time::Instant known);

/// Before a past is read, and outside the transaction that reads it: where somebody is writing what will have
/// been known by then, waits until that is there. Later writers are known later. Nothing where nobody asks
/// for a time, and nothing to wait for where a later one is there already.
void wait_until_known(db::Pool& pool, const model::FundId& fund, std::optional<time::Instant> known_at);

}  // namespace navkeeper::nav
