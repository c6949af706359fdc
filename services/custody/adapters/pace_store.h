#pragma once
// One pace for all processes that use a custodian's key: each request takes its place in a row of the
// database before it leaves.
#include "common/db/pool.h"
#include "services/custody/domain/request_pace.h"

namespace navkeeper::custody {

/// By the database's clock. `pool` must outlive it. Throws base::Unavailable where the database does not
/// answer; a request whose place is taken then takes another one.
SharedPace shared_pace(db::Pool& pool);

}  // namespace navkeeper::custody
