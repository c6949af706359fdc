#pragma once
// Lease: work that must happen once (a strike, a batch, a dispatch) is done by the holder of a row with a
// fencing token. A process that froze, lost its lease and woke up carries an old token: verify_lease in the
// transaction of each of its writes refuses them.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "common/db/transaction.h"

namespace navkeeper::db {

/// The lease was taken by somebody else, or released: nothing may be written under it any more.
struct Fenced : base::Conflict {
  using Conflict::Conflict;
};

struct Lease {
  std::string scope;       ///< a fund or "shared"
  std::string name;        ///< "strike/2026-03-31"
  std::string holder;      ///< who: one run of one process, never reused
  std::int64_t token = 0;  ///< grows by one each time the lease changes hands
};

/// The lease for `duration` from the database's clock (the one clock all holders share), or nothing while
/// somebody else holds it. The holder itself gets its own lease again, with the same token.
std::optional<Lease> acquire_lease(Transaction& transaction, const std::string& scope,
                                   const std::string& name, const std::string& holder,
                                   std::chrono::milliseconds duration);
/// How long the present holder still has it when it does not renew; nothing while nobody holds it.
std::optional<std::chrono::milliseconds> lease_remaining(Transaction& transaction, const std::string& scope,
                                                         const std::string& name);
/// Extends it; throws Fenced when it is no longer held.
void renew_lease(Transaction& transaction, const Lease& lease, std::chrono::milliseconds duration);
/// Locks the lease row until the transaction ends and throws Fenced unless its token and holder are still
/// ours. To be called in every transaction that writes under the lease, first. An expired lease that nobody
/// has taken is still ours.
void verify_lease(Transaction& transaction, const Lease& lease);
/// Gives it back; no error when it is no longer held.
void release_lease(Transaction& transaction, const Lease& lease);

}  // namespace navkeeper::db
