#include "common/db/lease.h"

#include "common/base/ensure.h"
#include "common/db/pqxx_access.h"

namespace navkeeper::db {
namespace {

[[noreturn]] void fenced(const Lease& lease) {
  throw Fenced("the lease " + lease.name + " of " + lease.scope + " is no longer held by " + lease.holder +
               " (token " + std::to_string(lease.token) + ")");
}

}  // namespace

std::optional<Lease> acquire_lease(Transaction& transaction, const std::string& scope,
                                   const std::string& name, const std::string& holder,
                                   std::chrono::milliseconds duration) {
  ENSURE(!holder.empty() && duration.count() > 0);
  const auto rows =
      query(transaction,
            "INSERT INTO lease AS held (scope, name, holder, token, expires_at) "
            "VALUES ($1, $2, $3, 1, clock_timestamp() + $4 * interval '1 millisecond') "
            "ON CONFLICT (scope, name) DO UPDATE SET holder = EXCLUDED.holder, "
            "token = held.token + CASE WHEN held.holder = EXCLUDED.holder THEN 0 ELSE 1 END, "
            "expires_at = clock_timestamp() + $4 * interval '1 millisecond' "
            "WHERE held.holder = EXCLUDED.holder OR held.holder = '' OR held.expires_at < clock_timestamp() "
            "RETURNING token",
            scope, name, holder, static_cast<std::int64_t>(duration.count()));
  if (rows.empty()) return std::nullopt;
  return Lease{scope, name, holder, rows[0][0].as<std::int64_t>()};
}

std::optional<std::chrono::milliseconds> lease_remaining(Transaction& transaction, const std::string& scope,
                                                         const std::string& name) {
  const auto rows = query(transaction,
                          "SELECT ceil(extract(epoch FROM expires_at - clock_timestamp()) * 1000)::bigint "
                          "FROM lease WHERE scope = $1 AND name = $2 AND holder <> '' "
                          "AND expires_at >= clock_timestamp()",
                          scope, name);
  if (rows.empty()) return std::nullopt;
  return std::chrono::milliseconds(rows[0][0].as<std::int64_t>());
}

void renew_lease(Transaction& transaction, const Lease& lease, std::chrono::milliseconds duration) {
  const std::size_t renewed = execute(
      transaction,
      "UPDATE lease SET expires_at = clock_timestamp() + $5 * interval '1 millisecond' "
      "WHERE scope = $1 AND name = $2 AND holder = $3 AND token = $4",
      lease.scope, lease.name, lease.holder, lease.token, static_cast<std::int64_t>(duration.count()));
  if (renewed != 1) fenced(lease);
}

void verify_lease(Transaction& transaction, const Lease& lease) {
  const auto rows =
      query(transaction,
            "SELECT FROM lease WHERE scope = $1 AND name = $2 AND holder = $3 AND token = $4 FOR SHARE",
            lease.scope, lease.name, lease.holder, lease.token);
  if (rows.empty()) fenced(lease);
}

void release_lease(Transaction& transaction, const Lease& lease) {
  execute(transaction,
          "UPDATE lease SET holder = '', expires_at = clock_timestamp() "
          "WHERE scope = $1 AND name = $2 AND holder = $3 AND token = $4",
          lease.scope, lease.name, lease.holder, lease.token);
}

}  // namespace navkeeper::db
