#pragma once
// What people do with a struck NAV: set a check aside, approve, publish. Each is about the day's latest
// version; one who names a version that is no longer the latest is refused, for what they looked at is stale.
#include <optional>
#include <string>

#include "common/base/outside.h"
#include "services/nav/app/strike_fund.h"

namespace navkeeper::nav {

struct LifeRequest {
  model::FundId fund;
  time::Date date;
  model::Actor actor;
  time::Instant now;
  std::optional<int> version = {};  ///< that the actor looked at; none: whatever is the latest
};

/// What was looked at is no longer what stands: another version, or inputs that have changed since. HTTP
/// answers 409.
struct StaleDraft : base::Conflict {
  using Conflict::Conflict;
};

/// Approves a checked NAV. Refused: no role (approver), by who struck it, a failed check stands, twice.
/// StaleDraft; Conflict when somebody else approved it.
void approve_nav(const NavPorts& ports, const LifeRequest& request);

/// One of the two voices that set a check aside that failed or could not be measured. False when the same
/// actor had done so before. Refused: no role (approver), by who struck it, no reason, a check that passed or
/// that there is not, a published NAV.
bool override_check(const NavPorts& ports, const LifeRequest& request, const std::string& check,
                    const std::string& reason);

/// Publishes an approved NAV and tells others by the outbox. Refused: no role (approver or operator), by who
/// struck it, not approved, twice, a check that nobody could measure and two people did not set aside, a
/// day since the one published last that is not approved yet, a restatement whose difference is not material
/// (its original stays official). StaleDraft.
void publish_nav(const NavPorts& ports, const LifeRequest& request);

}  // namespace navkeeper::nav
