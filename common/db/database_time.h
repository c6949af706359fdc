#pragma once
// What time it is by the database's clock, the one that all who use it share.
#include "common/db/pool.h"
#include "common/time/instant.h"

namespace navkeeper::db {

/// SQL (bigint): nanoseconds since 1970, of the microseconds that PostgreSQL counts. Not the transaction's
/// beginning: read anew each time.
inline constexpr const char* kDatabaseTime = "(extract(epoch FROM clock_timestamp()) * 1000000000)::bigint";

time::Instant database_time(Transaction& transaction);
time::Instant database_time(Pool& pool);

}  // namespace navkeeper::db
