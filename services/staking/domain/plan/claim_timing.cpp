#include "services/staking/domain/plan/claim_timing.h"

#include <algorithm>

namespace navkeeper::staking::plan {
namespace {

/// Rewards of `days` on `stake`, cut to whole units as a payment is.
Amount rewards(Amount stake, Rate rate, int days) {
  return times(stake, times(rate, days)) / (kYearDays * kRateOne);
}

ClaimChoice lived(const ClaimTerms& terms, int interval) {
  ClaimChoice choice;
  choice.interval_days = interval;
  Amount stake = terms.stake;
  Amount room = terms.restake_room;
  int day = 0;
  for (; day + interval <= terms.days; day += interval) {
    const Amount claimed = rewards(stake, terms.rate, interval);
    choice.earned = plus(choice.earned, claimed);
    choice.fees = plus(choice.fees, terms.fee);
    ++choice.claims;
    // The fee is paid out of what was claimed.
    const Amount again = std::clamp<Amount>(claimed - terms.fee, 0, room);
    stake = plus(stake, again);
    room -= again;
  }
  choice.earned = plus(choice.earned, rewards(stake, terms.rate, terms.days - day));
  return choice;
}

}  // namespace

base::Result<ClaimTiming, PlanRefusal> best_claim_interval(const ClaimTerms& terms) {
  if (terms.stake < 0 || terms.rate < 0 || terms.fee < 0 || terms.restake_room < 0 ||
      terms.interval_days_max < 1 || terms.days < 1)
    return PlanRefusal::kNegative;
  try {
    ClaimTiming timing;
    for (int interval = 1; interval <= terms.interval_days_max; ++interval) {
      const ClaimChoice choice = lived(terms, interval);
      if (interval == 1) timing.daily = choice;
      if (interval == 1 || choice.net() >= timing.best.net()) timing.best = choice;
      timing.at_most = choice;
    }
    return timing;
  } catch (const money::OverflowError&) {
    return PlanRefusal::kTooLarge;
  }
}

}  // namespace navkeeper::staking::plan
