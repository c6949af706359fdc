#pragma once
// What time it is by the database's clock, the one that all who use it share.
#include "common/db/pool.h"
#include "common/time/instant.h"

namespace navkeeper::db {

time::Instant database_time(Pool& pool);

}  // namespace navkeeper::db
