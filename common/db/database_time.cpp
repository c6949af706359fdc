#include "common/db/database_time.h"

#include "common/db/pqxx_access.h"

namespace navkeeper::db {

time::Instant database_time(Pool& pool) {
  return pool.transact([](Transaction& transaction) {
    return query(transaction, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint")[0][0]
        .as<time::Instant>();
  });
}

}  // namespace navkeeper::db
