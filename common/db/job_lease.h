#pragma once
// The lease of a job that one process does for all: taken or kept in each pass, given back at the end.
#include <chrono>
#include <optional>
#include <string>

#include "common/db/lease.h"
#include "common/db/pool.h"
#include "common/time/clock.h"

namespace navkeeper::db {

class JobLease {
 public:
  /// `name` is the lease's in the scope "shared". The holder is this object: never another one again.
  JobLease(Pool& pool, std::string name, std::chrono::milliseconds duration, const time::Clock& clock);

  /// The lease for another `duration`, or nothing while another process holds it.
  const std::optional<Lease>& take();
  /// What take() gave last.
  const std::optional<Lease>& held() const { return lease_; }
  /// Another process may take it at once. What failed, if something did: then it runs out by itself.
  std::optional<std::string> give_back();

 private:
  Pool& pool_;
  std::string name_;
  std::string holder_;
  std::chrono::milliseconds duration_;
  std::optional<Lease> lease_;
};

}  // namespace navkeeper::db
