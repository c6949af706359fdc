#include "common/db/job_lease.h"

#include "common/crypto/random.h"
#include "common/model/uuid.h"

namespace navkeeper::db {
namespace {

constexpr const char* kScope = "shared";

}  // namespace

JobLease::JobLease(Pool& pool, std::string name, std::chrono::milliseconds duration, const time::Clock& clock)
    : pool_(pool),
      name_(std::move(name)),
      holder_(model::new_uuid_v7(clock.now(), crypto::fill_random).to_string()),
      duration_(duration) {}

const std::optional<Lease>& JobLease::take() {
  lease_ = pool_.transact([&](Transaction& transaction) {
    return acquire_lease(transaction, kScope, name_, holder_, duration_);
  });
  return lease_;
}

std::optional<std::string> JobLease::give_back() {
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
