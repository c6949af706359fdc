#pragma once
// The job that strikes by itself: at the end of each window plus the time that trades are awaited, every
// index and then every asset, each day once; what was missed while nothing ran is caught up, for a bounded
// number of days; and until the end of a rate's day late trades are looked for. One pass is run_strikes();
// whoever calls it again and again holds the lease. It may be killed anywhere: a day is marked as done after
// its rate or price is stored, and storing the same again changes nothing.
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

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

/// A rate is struck once the feeds of its venues are whole over its window, or, when they do not become so,
/// after this wait. Kept from pass to pass: a job that was frozen over the window begins to wait when it
/// wakes.
struct FeedWait {
  static constexpr std::int64_t kSecondsDefault = 300;
  /// From when the rate was seen to be due: its window's end plus the retrieval delay, or later.
  time::Duration most = time::Duration::seconds(kSecondsDefault);
  std::set<std::pair<std::string, std::string>> configured{};  ///< venue and pair that are to have a feed
  std::map<std::string, time::Instant> since{};                ///< by index and date, until it is struck
  std::set<std::string> said{};  ///< index and date of which it was said that the feeds are not whole
};

struct JobPorts {
  PricePorts pricing;
  JobStore& places;
  FeedWait& feeds;
  /// Days before today (in the zone of the definition that holds on it) that it goes back to. What is older
  /// is passed over, for good, and said once; a person can strike it. 0: today alone.
  int catch_up_days = kCatchUpDaysDefault;
  static constexpr int kCatchUpDaysDefault = 10;
};

/// What one pass did or could not do, for the log.
struct JobLine {
  std::string what;     ///< "rate struck", "rate restated", "price struck", "refused", "failed",
                        ///< "waits for feeds", "struck without whole feeds", "days passed over",
                        ///< "days looked at again"
  std::string subject;  ///< "NK_BTCUSD_NY 2026-03-06", of days passed over the index or asset alone
  std::string detail;
};
using JobReport = std::function<void(const JobLine&)>;

/// Strikes what is due. `sweep`: also recomputes the rates of days that may still be restated. A subject that
/// fails is reported and does not stop the others.
void run_strikes(const JobPorts& ports, const std::string& actor, bool sweep, const JobReport& report);

/// Days that one pass strikes of one subject at most, so that a pass ends.
constexpr int kDaysAPass = 31;

}  // namespace navkeeper::pricing
