#pragma once
// Striking a NAV, and the definitions it is struck by. Many: run_navs.h; what comes after: nav_life.h and
// restate_nav.h.
#include <string>
#include <vector>

#include "common/base/refuse.h"
#include "services/nav/app/fund_acts.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

class StakingBooks;  // take_staking.h

struct NavPorts {
  NavStore& store;
  RateSource& rates;
  NavDocuments& documents;
  ActStore& acts;
  ReconciliationSource* custody = nullptr;  ///< null: there is none to ask
  StakingSource* staking = nullptr;         ///< likewise
  StakingBooks* staking_books = nullptr;    ///< into which the batch takes its events; null: it does not

  /// The same ports with another store: one that carries a request's key.
  NavPorts with(NavStore& keyed) const {
    return {keyed, rates, documents, acts, custody, staking, staking_books};
  }
};

struct StrikeRequest {
  model::FundId fund;
  time::Date date;
  model::Actor actor;
  time::Instant now;
  std::string again = {};  ///< why the day is struck anew where its inputs differ; empty: it is not
  bool restates = false;   ///< also beside what was published; with `again`
};

enum class StrikeOutcome { kStruck, kUnchanged };

struct StrikeReport {
  StrikeOutcome outcome;
  StoredNav nav;
};

/// Refused for now: the valuation time has not come, a price is not there or waits for people. The same
/// strike may succeed later, so a batch may wait.
struct InputsMissing : base::Refused {
  using Refused::Refused;
};

/// Strikes the fund's NAV of that day, or finds that it was struck from the same inputs and changes nothing.
/// From other inputs it is a Conflict that says which differ; with `again`, and while it is not published, a
/// further version, whose entries in the books are the differences from the version before; so too where the
/// inputs are the same and a check on records beside the books (a bank's statement, an agent's file) has
/// changed.
/// Throws Refused (unknown fund, no business day, no shares, a gap after the last NAV, no role;
/// InputsMissing), Conflict, Unavailable, InDoubt. Of two concurrent strikes one stores and the other finds
/// it stored.
StrikeReport strike_fund(const NavPorts& ports, const StrikeRequest& request);

/// The same from what was read before; throws SightChanged where that no longer holds. The role was asked.
StrikeReport strike_seen(const NavPorts& ports, const StrikeSight& sight, const StrikeRequest& request);

/// What the strike is a function of, from the store's sight and pricing.
ResolvedStrike resolve(const NavPorts& ports, const StrikeSight& sight, const StrikePlan& plan,
                       const std::vector<StoredAct>& acts);

/// What of the NAV's inputs would be other if it were struck now; empty: nothing, it is no stale draft.
std::vector<std::string> changed_inputs(const NavPorts& ports, const model::FundId& fund,
                                        const StoredNav& nav);

enum class ApplyOutcome { kCreated, kChanged, kUnchanged };
struct ApplyReport {
  ApplyOutcome outcome;
  int version;
};

/// Stores a fund's definition: the first one, a new version of a changed one, or nothing when it is the same.
ApplyReport apply_fund(NavStore& store, const NewDefinition& definition, const model::Actor& actor,
                       time::Instant now);

}  // namespace navkeeper::nav
