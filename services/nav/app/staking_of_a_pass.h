#pragma once
// Staking as one pass of a batch asks it: once it did not answer, the pass does not wait for it again. Safe
// to share between threads.
#include <atomic>

#include "services/nav/app/ports.h"

namespace navkeeper::nav {

class StakingOfAPass final : public StakingSource {
 public:
  /// `source` may be null: then nothing may be asked.
  explicit StakingOfAPass(StakingSource* source) : source_(source) {}

  std::vector<StakingCutOff> cut_offs(const model::FundId& fund, time::Instant as_of) override {
    return ask([&] { return source_->cut_offs(fund, as_of); });
  }
  StakingPage events(const model::FundId& fund, const StakingBookmark& after) override {
    return ask([&] { return source_->events(fund, after); });
  }
  std::optional<PeerStatement> roll_forward(const model::FundId& fund, time::Date date,
                                            time::Instant valued_at, const StakingPeriod& period) override {
    return ask([&] { return source_->roll_forward(fund, date, valued_at, period); });
  }

 private:
  template <class Ask>
  auto ask(const Ask& asked) -> decltype(asked()) {
    if (is_away_) throw base::Unavailable("staking did not answer");
    try {
      return asked();
    } catch (const base::Unavailable&) {
      is_away_ = true;
      throw;
    }
  }

  StakingSource* source_;
  std::atomic<bool> is_away_{false};
};

}  // namespace navkeeper::nav
