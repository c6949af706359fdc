#pragma once
// The use case that brings staking's events into a fund's books, each once: `fund record FUND
// --from-staking`, and a step of the batch before it strikes.
//
//   1  staking is asked for the last final state of each source at or before the valuation point: the cut-off
//   2  what it learned since nav asked last is kept (the same id with other content is refused)
//   3  events up to the cut-off are booked in one transaction with the cut-off itself, at the prices of the
//      NAVs they belong to
//
// Killed anywhere and run again it ends the same; of two at once one books and the other finds it booked. The
// cut-off of a struck day stands: an event that it should have had is late (domain/late_true_up.h).
//
// Before the first NAV no day is the next one, so that each day has its own: the business days since the
// first event that waits are taken one after the other, each up to its own cut-off and at its own prices, and
// what a later one has is in the books from the day after it on. Whichever day people strike first finds what
// was final by its valuation, and nothing else. A day without official prices has no NAV: its events go with
// the next one's.
#include <map>
#include <set>

#include "services/nav/app/book_staking.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

struct StakingDay {
  time::Date date;  ///< of the NAV that is to have the events
  std::vector<StakingCutOff> cut_offs;
  bool moves_struck = false;  ///< the day's NAV is struck anew: its cut-off may move on
};

using NeededPrice = std::pair<model::AssetId, time::Date>;
using StakingPrices = std::map<NeededPrice, money::Decimal>;

struct StakingTaken {
  std::vector<StakingCutOff> cut_offs;  ///< where the books stand on that day; none: nothing is staked
  std::size_t kept = 0;                 ///< events that were not known
  std::size_t events = 0;               ///< that are done now
  std::size_t facts = 0;                ///< that they left in the books
  std::size_t late = 0;                 ///< facts that a struck NAV lacks
  std::size_t in_opening = 0;           ///< events before the books open: their opening entries have them
  TrueUp true_up;                       ///< of the late ones
};

/// An event due needs a price that was not looked up.
struct StakingPriceMissing : base::Conflict {
  using Conflict::Conflict;
};

class StakingBooks {
 public:
  virtual ~StakingBooks() = default;
  /// From where staking is asked: a while before the last that was kept, since what is stored concurrently
  /// may be told in another order.
  virtual StakingBookmark bookmark(const model::FundId& fund) = 0;
  /// How many were new. Refused, and an alarm kept, where an id is known with other content.
  virtual std::size_t keep(const model::FundId& fund, const std::vector<StakingEvent>& events,
                           const model::ActorId& actor, time::Instant now) = 0;
  /// The day, in the fund's zone, of the first event that waits and is not the opening entries'.
  virtual std::optional<time::Date> first_waiting(const FundDefinition& fund) = 0;
  virtual std::set<NeededPrice> needed(const FundDefinition& fund, const StakingDay& day) = 0;
  /// One transaction under the fund's lock. Throws StakingPriceMissing, Refused as book_staking and
  /// decide_fact do, where a cut-off lies before one that stands, and where what a day that was not struck
  /// should have is booked for a later one.
  virtual StakingTaken post(const FundDefinition& fund, const StakingDay& day, const StakingPrices& prices,
                            const model::ActorId& actor, time::Instant now) = 0;
};

struct StakingPorts {
  StakingSource& staking;
  StakingBooks& books;
  NavStore& navs;
  RateSource& rates;
};

struct TakeStakingRequest {
  model::FundId fund;
  time::Date date;
  model::Actor actor;
  time::Instant now;
  bool moves_struck = false;
};

/// Throws Refused (an unknown fund, no business day, no role: maker, operator or service; what staking told
/// contradicts itself; what the books refuse), InputsMissing (a price), Unavailable, InDoubt.
StakingTaken take_staking(const StakingPorts& ports, const TakeStakingRequest& request);

/// The day whose NAV is struck next: the business day after the last struck one, before any of them the
/// first from `today` on.
time::Date next_to_strike(const FundDefinition& fund, std::optional<time::Date> last_struck,
                          time::Date today);

}  // namespace navkeeper::nav
