#pragma once
// How often rewards are best claimed and staked again: each claim costs a fee, each day unclaimed earns
// nothing. Every interval of whole days is tried, in whole smallest units.
#include <vector>

#include "common/base/result.h"
#include "services/staking/domain/plan/allocation.h"

namespace navkeeper::staking::plan {

struct ClaimTerms {
  Amount stake = 0;
  Rate rate = 0;               ///< a year, net of commission, not negative
  Amount fee = 0;              ///< a claim with its restaking
  Amount restake_room = 0;     ///< how much more may be staked before a limit binds; what is above lies free
  int interval_days_max = 90;  ///< claimed at least so often: distributions are due quarterly (Rev. Proc.
                               ///< 2025-31)
  int days = kYearDays;        ///< over which the intervals are compared
};

struct ClaimChoice {
  int interval_days = 0;
  int claims = 0;
  Amount earned = 0;  ///< rewards claimed and still unclaimed at the end, before fees
  Amount fees = 0;
  Amount net() const { return earned - fees; }
};

struct ClaimTiming {
  ClaimChoice best;     ///< the greatest net; of equal ones the longest interval
  ClaimChoice daily;    ///< for comparison
  ClaimChoice at_most;  ///< the longest interval that is allowed
};
/// kNegative, kTooLarge.
base::Result<ClaimTiming, PlanRefusal> best_claim_interval(const ClaimTerms& terms);

}  // namespace navkeeper::staking::plan
