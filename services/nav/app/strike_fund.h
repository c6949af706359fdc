#pragma once
// The use cases around a NAV: strike one, run many, approve one, set a failed check aside.
#include <functional>
#include <string>
#include <vector>

#include "services/nav/app/fund_acts.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

struct NavPorts {
  NavStore& store;
  RateSource& rates;
  NavDocuments& documents;
  ActStore& acts;
};

struct StrikeRequest {
  model::FundId fund;
  time::Date date;
  model::Actor actor;
  time::Instant now;
};

enum class StrikeOutcome { kStruck, kUnchanged };

struct StrikeReport {
  StrikeOutcome outcome;
  StoredNav nav;
};

/// Strikes the fund's NAV of that day, or finds that it was struck from the same inputs and changes nothing.
/// Throws Refused (unknown fund, no business day, too early, a missing rate, no shares, a gap after the last
/// NAV, no role), Conflict (struck before from other inputs, by anybody; the message says which differ),
/// Unavailable, InDoubt.
StrikeReport strike_fund(const NavPorts& ports, const StrikeRequest& request);

enum class RunOutcome { kStruck, kUnchanged, kRefused, kUnavailable };
std::string_view describe(RunOutcome outcome);

struct RunLine {
  model::FundId fund;
  time::Date date;
  RunOutcome outcome;
  std::string message;  ///< why not; empty when it was struck or unchanged
  std::optional<StoredNav> nav;
};

struct RunRequest {
  std::vector<model::FundId> funds;  ///< empty: all
  time::Date from;
  time::Date to;  ///< the same as `from`: that day alone, which must be a business day
  model::Actor actor;
  time::Instant now;
};

/// The batch: every fund, each from the first day to the last. A fund that fails stops at that day; the
/// others go on. What was struck stays struck, so running it again takes up where it stopped. `progress` sees
/// each line as it comes.
std::vector<RunLine> run_navs(const NavPorts& ports, const RunRequest& request,
                              const std::function<void(const RunLine&)>& progress);

/// Approves a checked NAV, by an approver who did not strike it. The inputs are resolved once more: where
/// they are no longer those that it was struck from it is stale (Conflict, with what differs). False when the
/// same actor had approved it before.
bool approve_nav(const NavPorts& ports, const model::FundId& fund, time::Date date, const model::Actor& actor,
                 time::Instant now);

/// One of the two voices that set a failed check aside. False when the same actor had done so before.
bool override_check(const NavPorts& ports, const model::FundId& fund, time::Date date,
                    const std::string& check, const std::string& reason, const model::Actor& actor,
                    time::Instant now);

enum class ApplyOutcome { kCreated, kChanged, kUnchanged };
struct ApplyReport {
  ApplyOutcome outcome;
  int version;
};

/// Stores a fund's definition: the first one, a new version of a changed one, or nothing when it is the same.
ApplyReport apply_fund(NavStore& store, const NewDefinition& definition, const model::Actor& actor,
                       time::Instant now);

}  // namespace navkeeper::nav
