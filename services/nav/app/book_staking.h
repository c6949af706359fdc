#pragma once
// From staking's events to a fund's facts. Pure but for what it is given: prices, and what stands at a place.
//
// Rules, by name:
//   one reward a day and place   the rewards of one type at one place between two cut-offs are one reward
//   whole units                  only whole smallest units are booked; parts stand over to the next reward of
//                                the place, and a claim drops what it drops on the chain
//   all of the place             a claim receives every reward of its place that was not received, oldest
//   first;
//                                what it pays beyond them is income of that moment
//   oldest first, whole          a withdrawal receives the place's rewards while it covers them whole; the
//   rest
//                                of it is stake that came back
// The price of an event is that of the NAV it belongs to, and stays so.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "services/nav/app/fund_facts.h"
#include "services/nav/domain/late_true_up.h"
#include "services/nav/domain/staking_feed.h"

namespace navkeeper::nav {

/// A reward that is booked and not yet received.
struct OpenReward {
  std::string reward_id;
  std::string type;
  policy::RewardStage stage = policy::RewardStage::kProtocolCredit;  ///< the last one booked
  money::Decimal gross;
};

struct StakingStanding {
  std::map<std::string, money::Decimal> carried;  ///< parts of a smallest unit, by type of reward
  std::vector<OpenReward> open;                   ///< oldest first
  bool operator==(const StakingStanding&) const = default;
};
inline bool operator==(const OpenReward& a, const OpenReward& b) {
  return a.reward_id == b.reward_id && a.type == b.type && a.stage == b.stage && a.gross == b.gross;
}

/// An event that is to be booked.
struct DueEvent {
  StakingEvent event;
  std::string fact_id;      ///< made of the event's id; further facts of it have something behind that
  time::Date date;          ///< in the fund's zone
  time::Date valuation;     ///< the NAV it belongs to
  bool is_late = false;     ///< that NAV was struck without it
  bool in_opening = false;  ///< before the books open: what they open with has it, and it leaves nothing
};

struct StakingFact {
  FundFact fact;
  bool is_late = false;
  LateQuantity effect;  ///< on the NAVs since the one it belongs to
};

/// An event that is done.
struct BookedEvent {
  std::string event_id;
  std::string fact_id;  ///< the first of its facts; empty: it leaves nothing in the books
};

struct StakingBooking {
  std::vector<StakingFact> facts;  ///< in the order in which they are recorded
  std::vector<BookedEvent> events;
  std::map<StakingPlace, StakingStanding> standing;  ///< afterwards, of the places that were touched
  std::vector<std::pair<StakingPlace, OpenReward>> new_rewards;  ///< oldest first; perhaps received since
};

using StandingOf = std::function<StakingStanding(const StakingPlace&)>;
using PriceOf = std::function<money::Decimal(const model::AssetId&, time::Date)>;

/// Which events need the price of their coin.
bool needs_price(const StakingEvent& event);

/// `due` as sort_for_booking() orders them. Throws base::Refused naming the event: a kind nobody knows, a
/// coin that the fund's definition does not name, a reward of a type without a policy, more decimals than the
/// coin has.
StakingBooking book_staking(const FundDefinition& fund, const std::vector<DueEvent>& due,
                            const StandingOf& standing_of, const PriceOf& price_of);

}  // namespace navkeeper::nav
