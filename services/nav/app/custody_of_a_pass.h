#pragma once
// Custody as one pass of a batch asks it: once it did not answer, the pass does not wait for it again. Safe
// to share between threads.
#include <atomic>

#include "services/nav/app/ports.h"

namespace navkeeper::nav {

class CustodyOfAPass final : public ReconciliationSource {
 public:
  /// `source` may be null: then nothing may be asked.
  explicit CustodyOfAPass(ReconciliationSource* source) : source_(source) {}

  std::optional<PeerStatement> reconciliation(const model::FundId& fund, time::Date date) override {
    if (is_away_) throw base::Unavailable("custody did not answer");
    try {
      return source_->reconciliation(fund, date);
    } catch (const base::Unavailable&) {
      is_away_ = true;
      throw;
    }
  }

 private:
  ReconciliationSource* source_;
  std::atomic<bool> is_away_{false};
};

}  // namespace navkeeper::nav
