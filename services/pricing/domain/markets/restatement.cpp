#include "services/pricing/domain/markets/restatement.h"

#include "common/base/ensure.h"
#include "services/pricing/domain/markets/deviation.h"

namespace navkeeper::pricing {

std::string_view describe(RestatementRefusal refusal) {
  switch (refusal) {
    case RestatementRefusal::kValueNotPositive:
      return "the recomputed rate is not positive";
    case RestatementRefusal::kTooLate:
      return "the rate's own day is over";
    case RestatementRefusal::kNotAboveThreshold:
      return "the rate moves by no more than the threshold";
  }
  ENSURE(false);
}

bool restatement_is_open(const RestatementRule& rule, time::Date date, const time::Zone& zone,
                         time::Instant now) {
  // By the local clocks and not by an instant: it holds too where the deadline is skipped or happens twice.
  const time::LocalTime local = zone.to_local(now);
  return local.date < date || (local.date == date && local.time < rule.deadline);
}

base::Result<RateVersion, RestatementRefusal> restate(const RestatementRule& rule, const RateVersion& latest,
                                                      const money::Decimal& recomputed, time::Date date,
                                                      const time::Zone& zone, time::Instant now) {
  if (!recomputed.is_positive()) return RestatementRefusal::kValueNotPositive;
  if (!restatement_is_open(rule, date, zone, now)) return RestatementRefusal::kTooLate;
  if (!exceeds(deviation(recomputed, latest.value), rule.change_min_ppm))
    return RestatementRefusal::kNotAboveThreshold;
  return RateVersion{latest.version + 1, recomputed, now};
}

}  // namespace navkeeper::pricing
