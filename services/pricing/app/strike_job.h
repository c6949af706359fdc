#pragma once
// The job that strikes by itself: at the end of each window plus the time that trades are awaited, every
// index and then every asset, each day once; what was missed while nothing ran is caught up; and until the
// end of a rate's day late trades are looked for. One pass is run_strikes(); whoever calls it again and again
// holds the lease. It may be killed anywhere: a day is marked as done after its rate or price is stored, and
// storing the same again changes nothing.
#include <functional>
#include <optional>
#include <string>

#include "services/pricing/app/price_asset.h"

namespace navkeeper::pricing {

/// The days that the job looks after, of an index or an asset: none before the day on which it first saw it.
struct JobPlace {
  time::Date from;
  std::optional<time::Date> until;  ///< the last day that is done
};

enum class JobSubject { kIndex, kAsset };

class JobStore {
 public:
  virtual ~JobStore() = default;
  virtual std::optional<JobPlace> place(JobSubject subject, const std::string& id) = 0;
  virtual void set_place(JobSubject subject, const std::string& id, const JobPlace& place) = 0;
};

struct JobPorts {
  PricePorts pricing;
  JobStore& places;
};

/// What one pass did or could not do, for the log.
struct JobLine {
  std::string what;     ///< "rate struck", "rate restated", "price struck", "refused", "failed"
  std::string subject;  ///< "NK_BTCUSD_NY 2026-03-06"
  std::string detail;
};
using JobReport = std::function<void(const JobLine&)>;

/// Strikes what is due. `sweep`: also recomputes the rates of days that may still be restated. A subject that
/// fails is reported and does not stop the others.
void run_strikes(const JobPorts& ports, const std::string& actor, bool sweep, const JobReport& report);

/// Days that one pass strikes of one subject at most, so that a pass ends.
constexpr int kDaysAPass = 31;

}  // namespace navkeeper::pricing
