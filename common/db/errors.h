#pragma once
// What goes wrong in the database, as kinds of base::Unavailable, base::Conflict and base::InDoubt, so that a
// port tells its caller one of the three and a store may look closer.
//
//   connection lost before COMMIT was sent, server shutting down or full,
//   statement time-out, pool exhausted                                        base::Unavailable
//   connection lost while COMMIT was on its way                               base::InDoubt
//   serialization failure, deadlock                                           Retryable (a base::Conflict)
//   lock time-out                                                             LockTimeout (a base::Conflict)
//   unique, foreign key, check, exclusion or not-null constraint              ConstraintViolation (a
//   base::Conflict) a stale fencing token                                                     Fenced (a
//   base::Conflict, lease.h) anything else that SQL refuses (a privilege, a syntax error: our bug) SqlError
#include <stdexcept>
#include <string>

#include "common/base/outside.h"

namespace navkeeper::db {

/// Rolled back because another transaction was in the way: the same transaction may simply be run again.
struct Retryable : base::Conflict {
  using Conflict::Conflict;
};

/// A lock was not granted within lock_timeout.
struct LockTimeout : base::Conflict {
  using Conflict::Conflict;
};

/// A constraint of the schema refused the row.
struct ConstraintViolation : base::Conflict {
  enum class Kind { kUnique, kForeignKey, kCheck, kNotNull, kExclusion };
  ConstraintViolation(const std::string& message, Kind kind_, std::string constraint_)
      : Conflict(message), kind(kind_), constraint(std::move(constraint_)) {}
  Kind kind;
  std::string constraint;  ///< its name; the column's for kNotNull; empty when the server did not say
};

/// The statement itself was refused: a missing privilege (42501), a syntax error, a raised exception (P0001).
struct SqlError : std::runtime_error {
  SqlError(const std::string& message, std::string sqlstate_)
      : std::runtime_error(message), sqlstate(std::move(sqlstate_)) {}
  std::string sqlstate;
};

}  // namespace navkeeper::db
