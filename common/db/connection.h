#pragma once
// One connection and its transaction as common/db itself sees them; included by .cpp files of this folder
// only.
#include <libpq-fe.h>

#include <chrono>
#include <map>
#include <memory>
#include <pqxx/pqxx>
#include <string>

#include "common/db/transaction.h"

namespace navkeeper::db {

/// A libpqxx connection whose libpq handle can be had (for COPY in binary form) and that never reconnects
/// behind our back: libpqxx 6 would otherwise run the rest of a transaction in a new session, each statement
/// for itself.
class Connection final : public pqxx::connection_base {
 public:
  /// Throws base::Unavailable.
  explicit Connection(const std::string& options);
  ~Connection() noexcept;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  PGconn* handle() const { return policy_.current; }

  /// Statements that the session has prepared, by their text, with the name that each has.
  std::map<std::string, std::string>& planned() { return planned_; }
  static constexpr std::size_t kPlannedMax = 200;

 private:
  struct Policy final : pqxx::connect_direct {
    using connect_direct::connect_direct;
    handle do_startconnect(handle original) override {
      return current = connect_direct::do_startconnect(original);
    }
    handle do_disconnect(handle original) noexcept override {
      current = nullptr;
      return connect_direct::do_disconnect(original);
    }
    handle current = nullptr;
  };

  std::string options_;
  Policy policy_;
  std::unique_ptr<pqxx::quiet_errorhandler> quiet_;
  std::map<std::string, std::string> planned_;
};

/// Gives a connection back to its pool when it goes, unless it is broken.
class Borrowed {
 public:
  Borrowed() = default;
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  virtual ~Borrowed() = default;
  virtual Connection& connection() = 0;
};

struct Transaction::Implementation {
  std::unique_ptr<Borrowed> borrowed;
  std::unique_ptr<pqxx::dbtransaction> work;  ///< goes, rolling back, before its connection does
  bool is_over = false;
  bool has_given_time = false;
  std::map<std::string, std::int64_t> times;
};

/// Begins the transaction and sets its limits; the first round trip on a connection, so it also shows a dead
/// one.
std::unique_ptr<pqxx::dbtransaction> begin_work(Connection& connection, const TransactionOptions& options,
                                                const std::string& local_settings);

}  // namespace navkeeper::db
