#pragma once
// Pool: a bounded number of connections to one database as one role. Every process has one per service it
// runs.
//
//   const auto positions = pool.transact([&](db::Transaction& transaction) { return load(transaction, fund);
//   });
//
// Session state is never relied on: each transaction sets its own limits and search_path with SET LOCAL, so a
// transaction-pooling proxy or a failover in between changes nothing.
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>

#include "common/db/transaction.h"

namespace navkeeper::db {

struct PoolSettings {
  std::string connection;  ///< libpq connection string or postgresql:// URL, with the role
  std::string schema;      ///< the only schema in the search path; empty: none, names are qualified
  std::size_t connections_max = 8;
  std::chrono::milliseconds wait_max{5'000};  ///< for a free connection; then base::Unavailable
  std::chrono::milliseconds statement_timeout{30'000};
  std::chrono::milliseconds lock_timeout{5'000};
  /// Tests and simulations: what a store would ask the database's clock is what its caller gave as the time.
  bool has_given_time = false;
};

/// How often a transaction that was rolled back by its neighbours is run, the first time included.
inline constexpr int kAttemptsMax = 8;

class Pool {
 public:
  /// Opens nothing yet.
  explicit Pool(PoolSettings settings);
  Pool(Pool&&) noexcept;
  Pool& operator=(Pool&&) noexcept;
  ~Pool();  ///< no transaction may be open any more

  /// A connection that answers, with a transaction begun on it. A dead one in the pool is replaced by a new
  /// one once. Throws base::Unavailable when none is free within wait_max or the server does not answer.
  Transaction begin(const TransactionOptions& options = {});

  /// begin, use, commit; gives what `use` gives. Runs again, at most kAttemptsMax times with growing random
  /// pauses, when the database rolled it back for its neighbours' sake (Retryable), so `use` must have no
  /// effect outside the transaction. InDoubt is never tried again here: the caller looks its key up first.
  template <class Use>
  auto transact(Use&& use, const TransactionOptions& options = {})
      -> std::invoke_result_t<Use&, Transaction&> {
    using Value = std::invoke_result_t<Use&, Transaction&>;
    if constexpr (std::is_void_v<Value>) {
      with_retries(options, [&](Transaction& transaction) { use(transaction); });
    } else {
      std::unique_ptr<Value> value;
      with_retries(options,
                   [&](Transaction& transaction) { value = std::make_unique<Value>(use(transaction)); });
      return std::move(*value);
    }
  }

  const PoolSettings& settings() const;
  std::size_t connections_open() const;

  struct Implementation;

 private:
  void with_retries(const TransactionOptions& options, const std::function<void(Transaction&)>& use);

  std::shared_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::db
