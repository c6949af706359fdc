#pragma once
// The lease of a job that one process does for all: taken or kept in each pass, given back at the end.
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "common/db/lease.h"
#include "common/db/pool.h"
#include "common/time/clock.h"

namespace navkeeper::db {

class JobLease {
 public:
  /// `name` is the lease's in the scope "shared". The holder is this object: never another one again.
  /// `kept_for`, where it is longer than `duration`: a thread of its own renews the lease until so long after
  /// take(), however long the pass takes. So who dies is replaced after `duration`, and who hangs after
  /// `kept_for`.
  JobLease(Pool& pool, std::string name, std::chrono::milliseconds duration, const time::Clock& clock,
           std::chrono::milliseconds kept_for = {});
  ~JobLease();
  JobLease(const JobLease&) = delete;
  JobLease& operator=(const JobLease&) = delete;

  /// The lease for another `duration`, or nothing while another process holds it.
  const std::optional<Lease>& take();
  /// What take() gave last.
  const std::optional<Lease>& held() const { return lease_; }
  /// Another process may take it at once. What failed, if something did: then it runs out by itself.
  std::optional<std::string> give_back();

 private:
  struct Keeper;

  Pool& pool_;
  std::string name_;
  std::string holder_;
  std::chrono::milliseconds duration_;
  std::chrono::milliseconds kept_for_;
  std::optional<Lease> lease_;
  std::unique_ptr<Keeper> keeper_;  ///< from the first take() on; null: nothing renews it
};

}  // namespace navkeeper::db
