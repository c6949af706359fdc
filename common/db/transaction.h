#pragma once
// Transaction: one database transaction on a connection borrowed from a Pool. Not committed when destroyed:
// rolled back. A *_store.cpp runs its SQL through pqxx_access.h, which maps every error to errors.h.
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/db/errors.h"

namespace navkeeper::db {

enum class Isolation { kReadCommitted, kRepeatableRead, kSerializable };

struct TransactionOptions {
  Isolation isolation = Isolation::kReadCommitted;
  bool read_only = false;
  /// Zero: the pool's.
  std::chrono::milliseconds statement_timeout{0};
  std::chrono::milliseconds lock_timeout{0};
  /// Settings of this transaction alone (SET LOCAL), for row-level security: {"app.funds", "{A,B}"}.
  std::vector<std::pair<std::string, std::string>> settings;
};

class Transaction {
 public:
  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();  ///< rolls back what was not committed

  /// Throws base::InDoubt when the connection was lost while COMMIT was on its way; Retryable,
  /// ConstraintViolation (a deferred one) or base::Unavailable when it was certainly not committed.
  void commit();

  bool has_given_time() const;  ///< of the pool's settings
  /// By scope, in nanoseconds: the time that a store gave to all that this transaction writes there.
  std::map<std::string, std::int64_t>& times();

  struct Implementation;
  Implementation& implementation() { return *implementation_; }
  explicit Transaction(std::unique_ptr<Implementation> implementation);

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::db
