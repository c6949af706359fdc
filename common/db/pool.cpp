#include "common/db/pool.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

#include "common/base/ensure.h"
#include "common/db/connection.h"
#include "common/db/pqxx_access.h"

namespace navkeeper::db {
namespace {

/// A transaction whose process froze must not hold its locks for ever.
constexpr std::chrono::milliseconds kIdleInTransactionMax{60'000};
constexpr std::chrono::milliseconds kPauseFirst{4};
constexpr std::chrono::milliseconds kPauseMax{400};

std::string quoted_identifier(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

/// Between half and all of the pause of this attempt, so that those who met once do not meet again.
void pause_before(int attempt) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const auto longest = std::min(kPauseMax, kPauseFirst * (1 << std::min(attempt, 10)));
  std::uniform_int_distribution<std::int64_t> pause_us(longest.count() * 500, longest.count() * 1000);
  std::this_thread::sleep_for(std::chrono::microseconds(pause_us(random)));
}

}  // namespace

Connection::Connection(const std::string& options)
    : connection_base(policy_), options_(options), policy_(options_) {
  try {
    init();
  } catch (const pqxx::failure& error) {
    throw base::Unavailable(std::string("database: ") + error.what());
  }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  inhibit_reactivation(true);
#pragma GCC diagnostic pop
  quiet_ = std::make_unique<pqxx::quiet_errorhandler>(*this);
}

Connection::~Connection() noexcept {
  quiet_.reset();
  close();
}

namespace {

template <pqxx::readwrite_policy kAccess>
std::unique_ptr<pqxx::dbtransaction> begin_at(Connection& connection, Isolation isolation) {
  switch (isolation) {
    case Isolation::kReadCommitted:
      return std::make_unique<pqxx::transaction<pqxx::read_committed, kAccess>>(connection);
    case Isolation::kRepeatableRead:
      return std::make_unique<pqxx::transaction<pqxx::repeatable_read, kAccess>>(connection);
    case Isolation::kSerializable:
      return std::make_unique<pqxx::transaction<pqxx::serializable, kAccess>>(connection);
  }
  ENSURE(false && "an isolation that does not exist");
}

}  // namespace

std::unique_ptr<pqxx::dbtransaction> begin_work(Connection& connection, const TransactionOptions& options,
                                                const std::string& local_settings) {
  auto work = options.read_only ? begin_at<pqxx::read_only>(connection, options.isolation)
                                : begin_at<pqxx::read_write>(connection, options.isolation);
  std::string text = local_settings;
  for (const auto& [setting, value] : options.settings)
    text += "; SELECT set_config(" + work->quote(setting) + ", " + work->quote(value) + ", true)";
  work->exec(text);
  return work;
}

struct Pool::Implementation : std::enable_shared_from_this<Pool::Implementation> {
  explicit Implementation(PoolSettings settings_) : settings(std::move(settings_)) {
    ENSURE(settings.connections_max > 0);
  }

  std::string local_settings(const TransactionOptions& options) const {
    const auto or_default = [](std::chrono::milliseconds wanted, std::chrono::milliseconds usual) {
      return std::to_string((wanted.count() > 0 ? wanted : usual).count());
    };
    const std::string statement_timeout = or_default(options.statement_timeout, settings.statement_timeout);
    const auto idle_max = std::max(kIdleInTransactionMax, options.statement_timeout);
    return "SET LOCAL statement_timeout = " + statement_timeout +
           "; SET LOCAL lock_timeout = " + or_default(options.lock_timeout, settings.lock_timeout) +
           "; SET LOCAL idle_in_transaction_session_timeout = " + std::to_string(idle_max.count()) +
           "; SET LOCAL search_path = " +
           (settings.schema.empty() ? std::string("''") : quoted_identifier(settings.schema));
  }

  /// An idle connection, or null and the right to open one.
  std::unique_ptr<Connection> take() {
    std::unique_lock lock(mutex);
    const bool got = changed.wait_for(lock, settings.wait_max,
                                      [&] { return !idle.empty() || in_use < settings.connections_max; });
    if (!got)
      throw base::Unavailable("database: all " + std::to_string(settings.connections_max) +
                              " connections were busy for " + std::to_string(settings.wait_max.count()) +
                              " ms");
    ++in_use;
    if (idle.empty()) return nullptr;
    auto connection = std::move(idle.back());
    idle.pop_back();
    return connection;
  }

  void give_back(std::unique_ptr<Connection> connection) noexcept {
    {
      const std::lock_guard lock(mutex);
      --in_use;
      if (connection) idle.push_back(std::move(connection));
    }
    changed.notify_one();
  }

  PoolSettings settings;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::unique_ptr<Connection>> idle;
  std::size_t in_use = 0;
};

namespace {

class PoolConnection final : public Borrowed {
 public:
  explicit PoolConnection(std::shared_ptr<Pool::Implementation> pool)
      : pool_(std::move(pool)), connection_(pool_->take()) {}
  ~PoolConnection() override {
    const bool is_fit = connection_ && connection_->handle() != nullptr &&
                        PQtransactionStatus(connection_->handle()) == PQTRANS_IDLE;
    if (!is_fit) connection_.reset();
    pool_->give_back(std::move(connection_));
  }
  PoolConnection(const PoolConnection&) = delete;
  PoolConnection& operator=(const PoolConnection&) = delete;

  bool is_new() const { return !connection_; }
  void open() { connection_ = std::make_unique<Connection>(pool_->settings.connection); }
  Connection& connection() override { return *connection_; }
  void discard() { connection_.reset(); }

 private:
  std::shared_ptr<Pool::Implementation> pool_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace

Pool::Pool(PoolSettings settings) : implementation_(std::make_shared<Implementation>(std::move(settings))) {}
Pool::Pool(Pool&&) noexcept = default;
Pool& Pool::operator=(Pool&&) noexcept = default;
Pool::~Pool() = default;

const PoolSettings& Pool::settings() const { return implementation_->settings; }

std::size_t Pool::connections_open() const {
  const std::lock_guard lock(implementation_->mutex);
  return implementation_->idle.size() + implementation_->in_use;
}

Transaction Pool::begin(const TransactionOptions& options) {
  auto transaction = std::make_unique<Transaction::Implementation>();
  auto borrowed = std::make_unique<PoolConnection>(implementation_);
  const std::string local_settings = implementation_->local_settings(options);
  if (!borrowed->is_new()) {
    try {
      transaction->work = begin_work(borrowed->connection(), options, local_settings);
    } catch (const pqxx::failure&) {
      // The server was restarted, or something in between cut the line while it lay idle: once more on a new
      // one.
      transaction->work.reset();
      borrowed->discard();
    }
  }
  if (!transaction->work) {
    borrowed->open();
    try {
      transaction->work = begin_work(borrowed->connection(), options, local_settings);
    } catch (const pqxx::failure&) {
      borrowed->discard();
      rethrow_mapped();
    }
  }
  transaction->borrowed = std::move(borrowed);
  transaction->has_given_time = implementation_->settings.has_given_time;
  return Transaction(std::move(transaction));
}

void Pool::with_retries(const TransactionOptions& options, const std::function<void(Transaction&)>& use) {
  for (int attempt = 1;; ++attempt) {
    try {
      mapped([&] {
        Transaction transaction = begin(options);
        use(transaction);
        transaction.commit();
      });
      return;
    } catch (const Retryable&) {
      if (attempt == kAttemptsMax) throw;
    }
    pause_before(attempt);
  }
}

Transaction::Transaction(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Transaction::Transaction(Transaction&&) noexcept = default;

Transaction::~Transaction() = default;

bool Transaction::has_given_time() const { return implementation_->has_given_time; }
std::map<std::string, std::int64_t>& Transaction::times() { return implementation_->times; }

void Transaction::commit() {
  auto& self = *implementation_;
  ENSURE(!self.is_over);
  // A statement failed and its error was swallowed: the server would answer COMMIT with a silent ROLLBACK.
  if (PQtransactionStatus(self.borrowed->connection().handle()) == PQTRANS_INERROR)
    throw SqlError("commit of a transaction in which a statement failed (25P02)", "25P02");
  self.is_over = true;
  mapped([&] { self.work->commit(); });
}

}  // namespace navkeeper::db
