#include "common/db/job_lease.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "common/crypto/random.h"
#include "common/model/uuid.h"

namespace navkeeper::db {
namespace {

constexpr const char* kScope = "shared";
/// So many renewals in each duration: one may fail.
constexpr int kRenewals = 3;

}  // namespace

/// Renews what it was given last, until its time is over or the lease is somebody else's.
struct JobLease::Keeper {
  Keeper(Pool& given, std::chrono::milliseconds lease_duration)
      : pool(given), duration(lease_duration), thread([this] { run(); }) {}
  ~Keeper() {
    {
      const std::lock_guard lock(mutex);
      is_stopping = true;
    }
    changed.notify_one();
    thread.join();
  }

  void keep(const std::optional<Lease>& wanted, std::chrono::milliseconds for_long) {
    const std::lock_guard lock(mutex);
    lease = wanted;
    until = std::chrono::steady_clock::now() + for_long;
  }

  void run() {
    std::unique_lock lock(mutex);
    while (!changed.wait_for(lock, duration / kRenewals, [this] { return is_stopping; })) {
      if (!lease || std::chrono::steady_clock::now() >= until) continue;
      const Lease renewed = *lease;
      lock.unlock();
      bool is_lost = false;
      try {
        pool.transact([&](Transaction& transaction) { renew_lease(transaction, renewed, duration); });
      } catch (const Fenced&) {
        is_lost = true;  // every write under it is refused from here on
      } catch (const std::exception&) {
        // The database does not answer: tried again, else the lease runs out and the next take() says so.
      }
      lock.lock();
      if (is_lost && lease && lease->token == renewed.token) lease.reset();
    }
  }

  Pool& pool;
  std::chrono::milliseconds duration;
  std::mutex mutex;
  std::condition_variable changed;
  bool is_stopping = false;
  std::optional<Lease> lease;
  std::chrono::steady_clock::time_point until;
  std::thread thread;
};

JobLease::JobLease(Pool& pool, std::string name, std::chrono::milliseconds duration, const time::Clock& clock,
                   std::chrono::milliseconds kept_for)
    : pool_(pool),
      name_(std::move(name)),
      holder_(model::new_uuid_v7(clock.now(), crypto::fill_random).to_string()),
      duration_(duration),
      kept_for_(kept_for) {}

JobLease::~JobLease() = default;

const std::optional<Lease>& JobLease::take() {
  lease_ = pool_.transact([&](Transaction& transaction) {
    return acquire_lease(transaction, kScope, name_, holder_, duration_);
  });
  if (kept_for_ > duration_ && (keeper_ || lease_)) {
    if (!keeper_) keeper_ = std::make_unique<Keeper>(pool_, duration_);
    keeper_->keep(lease_, kept_for_);
  }
  return lease_;
}

std::optional<std::string> JobLease::give_back() {
  keeper_.reset();
  if (!lease_) return std::nullopt;
  std::optional<std::string> trouble;
  try {
    pool_.transact([&](Transaction& transaction) { release_lease(transaction, *lease_); });
  } catch (const std::exception& error) {
    trouble = error.what();
  }
  lease_.reset();
  return trouble;
}

}  // namespace navkeeper::db
