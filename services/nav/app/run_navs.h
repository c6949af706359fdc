#pragma once
// The batch: the NAVs of many funds for a day or a range, by several workers, each fund from its first day to
// its last. A fund that fails stops at that day; the others go on. What was struck stays struck, so running
// it again, after whatever end, takes up where it stopped and comes to the same result.
#include <functional>
#include <string>
#include <vector>

#include "services/nav/app/strike_fund.h"

namespace navkeeper::nav {

enum class RunOutcome {
  kStruck,
  kUnchanged,
  kRefused,      ///< a person must put something right
  kUnavailable,  ///< something outside does not answer
  kWaiting,      ///< an input is not there yet
  kClosed,       ///< no business day of the fund: nothing to do
  kOpen,         ///< struck by an earlier run, and waits for people still
};
std::string_view describe(RunOutcome outcome);

struct RunLine {
  model::FundId fund;
  time::Date date;
  RunOutcome outcome;
  std::string message;  ///< why not; empty when it was struck or unchanged
  std::optional<StoredNav> nav;
  std::string who = {};      ///< acts, where it waits and is no NAV (WaitingAct)
  std::string command = {};  ///< of that
};

/// How the batch waits for inputs that are missing.
struct RunWait {
  std::function<time::Instant()> now;
  std::function<void()> pause;  ///< between two passes
  /// The last local time of the run's last day, in the fund's own zone; without it the fund's own deadline,
  /// and a fund that has none is not waited for.
  std::optional<time::TimeOfDay> until;
};

struct RunRequest {
  std::vector<model::FundId> funds;  ///< empty: all
  time::Date from;
  time::Date to;  ///< the same as `from`: that day alone, which must be a business day
  model::Actor actor;
  time::Instant now;
  std::string again = {};  ///< as StrikeRequest has it
  bool catches_up =
      false;  ///< `to` with the days since the last NAV before it, in order; closed days are said
  int workers = 1;
  bool takes_staking = true;  ///< before a day is struck
};

/// In the order of funds and days; after them (not with `again`) the days through `to` that earlier runs
/// struck and that are not published (kOpen): what they wait for must not be lost with the run that said it.
/// With them, as kOpen without a NAV, the store's waiting_acts().
/// `progress` sees each line as it comes, one at a time. With `wait`, funds whose inputs are missing or whose
/// peers do not answer are tried again until their deadline.
std::vector<RunLine> run_navs(const NavPorts& ports, const RunRequest& request,
                              const std::function<void(const RunLine&)>& progress,
                              const RunWait* wait = nullptr);

}  // namespace navkeeper::nav
