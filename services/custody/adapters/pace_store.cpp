#include "services/custody/adapters/pace_store.h"

#include "common/base/outside.h"
#include "common/crypto/digest.h"
#include "common/db/database_time.h"
#include "common/db/pqxx_access.h"

namespace navkeeper::custody {
namespace {

/// A clock of the database that was set back holds nobody up for longer.
constexpr auto kQueueMax = time::Duration::seconds(60);

}  // namespace

SharedPace shared_pace(db::Pool& pool) {
  return [&pool](const std::string& key, const std::string& bucket, const TokenBucket& rate) {
    const std::string now = db::kDatabaseTime;
    const std::int64_t left = pool.transact([&](db::Transaction& transaction) {
      // The row's lock orders those who come together; the clock is read again when it is held.
      return db::query(transaction,
                       "INSERT INTO request_pace AS p (key_hash, bucket, full_at_ns) VALUES ($1, $2, " + now +
                           " + $3::bigint) ON CONFLICT (key_hash, bucket) DO UPDATE SET full_at_ns = "
                           "$3::bigint + CASE WHEN p.full_at_ns > " +
                           now + " + $5::bigint THEN " + now + " ELSE greatest(p.full_at_ns, " + now +
                           ") END RETURNING full_at_ns - $4::bigint - " + now,
                       crypto::sha256_hex(key), bucket, rate.refill().ns(), rate.refill().ns() * rate.burst(),
                       kQueueMax.ns())[0][0]
          .as<std::int64_t>();
    });
    return time::Duration::from_ns(left > 0 ? left : 0);
  };
}

}  // namespace navkeeper::custody
