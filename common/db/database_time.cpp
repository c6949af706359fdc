#include "common/db/database_time.h"

#include "common/db/pqxx_access.h"

namespace navkeeper::db {

time::Instant database_time(Transaction& transaction) {
  return query(transaction, std::string("SELECT ") + kDatabaseTime)[0][0].as<time::Instant>();
}

time::Instant database_time(Pool& pool) {
  return pool.transact([](Transaction& transaction) { return database_time(transaction); });
}

}  // namespace navkeeper::db
