#pragma once
// The use cases of dealing (services/nav/DEALING.md): place, accept, reject, cancel, price, settle, fail; the
// basket of a day. And the port that keeps orders. Every step is decided on what stands under the fund's
// lock.
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "services/nav/app/fund_acts.h"
#include "services/nav/app/ports.h"
#include "services/nav/domain/dealing/funding_plan.h"
#include "services/nav/domain/dealing/rebalancing.h"
#include "services/nav/domain/dealing/settlement.h"

namespace navkeeper::nav {

struct NewOrder {
  dealing::Order order;
  std::string content;  ///< canonical JSON as it was asked: the same id with other content is refused
  std::string place;    ///< named in a refusal: "orders.jsonl:3"; may be empty
};

/// What happened to an order, in the order of happening.
struct OrderEvent {
  int number = 1;
  std::string
      event;  ///< "placed", "accepted", "rejected", "cancelled", "execution_proposed", "execution",
              ///< "cash_in_lieu", "cash_in_lieu_withdrawn", "priced",
              ///< "settled", "failed", "collateral_received", "collateral_returned", "closed_out", "repriced"
  dealing::OrderState state = dealing::OrderState::kPlaced;  ///< since then
  std::optional<time::Date> date;
  std::optional<money::Decimal> units;
  std::optional<std::string> commodity;
  std::optional<money::Decimal> amount;
  std::string text;     ///< reason, ground, in words
  std::string content;  ///< canonical JSON of what has more to say: price, funding plans; else empty
  std::string actor;
  time::Instant known_at;
};

/// What of a trade on the blotter was done for an order.
struct OrderTrade {
  std::string trade;
  std::string execution;
  bool is_purchase = true;
  model::AssetId asset;
  money::Decimal quantity;  ///< whole coins: the order's part
  money::Decimal cash;      ///< dollars that changed hands for it, fees included
  std::string state;        ///< "executed", "unconfirmed: differs", "confirmed", "settled"
};

/// At which version of its day's NAV a priced order stands.
struct NavOfOrder {
  int version = 1;             ///< that priced it, or at which it was dealt anew
  bool was_published = false;  ///< that version, ever
  std::optional<int>
      current;  ///< at which orders of the day deal now (dealing_nav); none: it is not approved
};

struct StoredOrder {
  StoredOrder(dealing::Order order_, model::ActorId placer)
      : order(std::move(order_)), placed_by(std::move(placer)) {}
  dealing::Order order;
  std::string content;
  model::ActorId placed_by;
  time::Instant known_at;
  std::optional<model::ActorId> accepted_by;
  std::vector<OrderEvent> events;
  std::vector<OrderTrade> trades;  ///< in the order of execution
  std::optional<dealing::OrderPrice> price;
  std::optional<dealing::OrderDates> dates;  ///< since it was priced
  std::optional<NavOfOrder> stands_at;       ///< since it was priced
  money::Decimal settled;                    ///< units

  dealing::OrderState state() const { return events.back().state; }
  money::Decimal execution_difference() const;              ///< sum of what was recorded by hand
  std::vector<dealing::ComponentQuantity> in_lieu() const;  ///< sums by asset
  money::Decimal collateral() const;                        ///< held now
  money::Decimal repriced() const;  ///< dollars that the fund paid back (negative: took) by repricings
  /// The version that it is owed: it stands at one that nobody published, and a later one is approved. What
  /// stands at a published one is a matter of NAV errors (nav_error.h).
  std::optional<int> owed_version() const;
};

/// What is free of the fund's main account, under the lock: over everything posted, less what other orders
/// were promised. Commodities: assets, "USD", kCredit for the credit line, dealing::kShares for shares
/// outstanding.
struct DealingSight {
  std::map<std::string, money::Decimal> free;
  std::map<std::string, money::Decimal>
      in_other_states;  ///< coins staked, activating, unbonding, or at other accounts
  std::map<std::string, money::Decimal> promised;             ///< to the order itself; not in `free`
  std::optional<dealing::AuthorizedParticipant> participant;  ///< whose order it is, with its standings
};
inline constexpr const char* kCredit = "CREDIT LINE";

/// What a step writes.
struct OrderChange {
  OrderEvent event;  ///< number, actor and time are the store's
  std::vector<std::pair<std::string, money::Decimal>> reserve;
  bool releases = false;  ///< what was reserved for the order
  std::vector<dealing::FundingPlan> plans;
  std::optional<dealing::OrderPrice> price;
  std::optional<dealing::OrderDates> dates;
  std::optional<books::Event> booked;  ///< under source "order" and the order's id
  std::optional<DraftToPost> draft;    ///< beside it: collateral, or what was owed and is delivered
  std::string draft_source = "order collateral";
  std::optional<books::Event> unwinding;  ///< under source "order" and "ID close-out"
};

struct PlaceReport {
  std::size_t placed = 0;
  std::size_t unchanged = 0;  ///< placed before with the same content
};

/// The coins and shares of a basket: what the books have at the start of a day.
struct Deliverable {
  std::map<std::string, money::Decimal> coins;  ///< in position accounts, less what is payable in the coin
  money::Decimal shares;                        ///< after the splits
  std::vector<policy::ShareSplit> splits;       ///< approved, that take effect by the day
};

class DealingStore {
 public:
  using Check = std::function<void(const NewOrder&, const dealing::AuthorizedParticipant*)>;
  using Decide = std::function<std::optional<OrderChange>(const StoredOrder&, const DealingSight&)>;
  virtual ~DealingStore() = default;

  virtual std::vector<dealing::AuthorizedParticipant> participants(const model::FundId& fund) = 0;  ///< by id
  /// False when it stands with the same content. Refused: the same id with other content.
  virtual bool add_participant(const model::FundId& fund, const dealing::AuthorizedParticipant& participant,
                               const ActStamp& stamp) = 0;
  /// Refused: nobody of that id.
  virtual void add_standing(const model::FundId& fund, const dealing::ParticipantId& id,
                            const dealing::ParticipantStanding& standing, const ActStamp& stamp) = 0;

  /// By trade date, then id; at most kOrdersShownMax, the latest.
  virtual std::vector<StoredOrder> orders(const model::FundId& fund, std::optional<time::Date> from,
                                          std::optional<time::Date> to) = 0;
  virtual std::optional<StoredOrder> find_order(const model::FundId& fund, const dealing::OrderId& id) = 0;
  /// All of them or none; each is given to `check`, which throws, unless it stands with the same content.
  virtual PlaceReport place(const model::FundId& fund, const std::vector<NewOrder>& orders,
                            const Check& check, const ActStamp& stamp) = 0;
  /// False when `decide` gives nothing. Refused: no such order, what `decide` refuses, what the books refuse.
  virtual bool change(const FundDefinition& fund, const dealing::OrderId& id, const Decide& decide,
                      const ActStamp& stamp) = 0;

  /// On the nav basis at the start of `date`, as known then; a split of the day counts before its strike has
  /// booked it.
  virtual Deliverable deliverable(const model::FundId& fund, time::Date date, time::Instant known_at) = 0;
};
constexpr int kOrdersShownMax = 1000;
constexpr std::size_t kOrdersPerRequestMax = 10'000;

struct DealingPorts {
  DealingStore& orders;
  NavStore& navs;
};

/// By whom, when.
struct Acting {
  const model::Actor& actor;
  time::Instant now;
};

/// Role maker; every agreement and suspension is on record.
bool add_participant(const DealingPorts& ports, const model::FundId& fund,
                     const dealing::AuthorizedParticipant& participant, const Acting& acting);
void set_standing(const DealingPorts& ports, const model::FundId& fund, const dealing::ParticipantId& id,
                  const dealing::ParticipantStanding& standing, const Acting& acting);

/// Role operator. Refused: no order, an unknown fund, what dealing::check_order refuses, naming order and
/// field.
PlaceReport place_orders(const DealingPorts& ports, const model::FundId& fund,
                         const std::vector<NewOrder>& orders, const Acting& acting);

/// Role approver, never by who placed it. Promises it what a redemption takes; a shortfall opens funding
/// plans and does not stand in the way. False when the same actor had accepted it. Refused: another state, a
/// redemption of more shares than are outstanding and not on their way already, a custom basket beyond its
/// policy, a fund without an NAV, a trust's order after its NAV, an order that was received while its
/// participant was suspended (one that came before stands: it was in proper form).
bool accept_order(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                  const Acting& acting);
/// Role approver, never who placed it (who cancels it). Refused: a ground that the fund's act does not know;
/// cut_off for an order that was received, and known here, by its cut-off; no detail.
bool reject_order(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                  dealing::RejectionGround ground, const std::string& detail, const Acting& acting);
/// Role operator. Refused after the order's cut-off: it is irrevocable then.
bool cancel_order(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                  const std::string& reason, const Acting& acting);
/// Positive: the participant owes it. Two voices say the same: an operator proposes, then an approver who
/// neither proposed it nor placed the order agrees; only then does it count. For an order without trades on
/// the blotter: theirs comes from their executions. Refused: an order that is not accepted, priced already,
/// or has such trades; differences that come to more than dealing's execution_difference_max of the order's
/// value by the basket as it is known.
bool record_execution(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                      const money::Decimal& difference, const std::string& reason, const Acting& acting);
/// Role approver, never who placed the order: coins of the whole order that are settled in dollars.
bool agree_cash_in_lieu(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                        const dealing::ComponentQuantity& coins, const std::string& reason,
                        const Acting& acting);
/// The same people: takes back so many of the coins agreed on, while the order is not priced.
bool withdraw_cash_in_lieu(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                           const dealing::ComponentQuantity& coins, const std::string& reason,
                           const Acting& acting);

struct PriceLine {
  dealing::OrderId order;
  bool is_priced = false;  ///< now
  std::string message;     ///< why not, or what it is owed; empty when it is priced, now or before
};
/// The NAV at which the orders of `date` deal: the version that was published last; while none is, the latest
/// one. So a restatement that nobody published yet stands in no order's way.
std::optional<StoredNav> dealing_nav(NavStore& navs, const model::FundId& fund, time::Date date);

/// Role maker. Prices every accepted order of `date` at its dealing_nav, which must be approved, and books
/// it: an order a transaction, creations first. What the fund has not free for a redemption it owes from then
/// on (OrderPrice::owed), until the order settles. An order that the books refuse is said and the others go
/// on.
std::vector<PriceLine> price_orders(const DealingPorts& ports, const model::FundId& fund, time::Date date,
                                    const Acting& acting);

struct DayBasket;
/// What the order comes to at the NAV of that basket: when it is priced, and when a restated NAV is held
/// against the one that priced it (who owes whom is the difference of fund_cash and of the components).
/// The execution difference of its trades is what they cost beyond that NAV's prices.
/// Refused: fees beyond its proceeds. Dates and books do not matter to it.
dealing::OrderPrice price_at(const FundDefinition& fund, const StoredOrder& order, const DayBasket& day);

/// A part of an order that has settled.
struct SettledPart {
  std::optional<money::Decimal> units;  ///< none: all that is open
  time::Date date;
  std::string reference;  ///< of custodian or depository: each settles once; a part needs one
};
/// Role operator. Delivers what the order was left owed of the part: refused by the books where it is not
/// there. Refused: a day that has not come.
bool settle_order(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                  const SettledPart& part, const Acting& acting);
/// Role operator: what is open did not come. Says what collateral the participant owes.
bool fail_order(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                time::Date date, const std::string& reason, const Acting& acting);
/// Role operator: collateral in dollars came (positive) or went back (negative), by the bank's reference,
/// once; it is cash and a liability. Refused: more in all than the order's value times dealing's collateral,
/// an order that is over (what is held goes back still), a day that has not come.
struct CollateralMove {
  money::Decimal amount;
  time::Date date;
  std::string reference;
};
bool move_collateral(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                     const CollateralMove& move, const Acting& acting);
/// Role approver, never who placed it: a failed order of which nothing settled is taken back, shares, coins
/// and cash, at the last NAV's prices, on `date`, a day after that NAV.
bool close_out_order(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                     time::Date date, const std::string& reason, const Acting& acting);

/// A basket with what it stands on: the portfolio composition file's data.
struct DayBasket {
  model::FundId fund;
  time::Date trade_date;
  bool is_estimate = true;  ///< by the NAV before, until the day's own is struck
  time::Date nav_date;
  int nav_version = 1;
  money::Decimal nav_per_share;
  money::Decimal unit_shares;
  money::Decimal shares_outstanding;  ///< with the deliverable coins
  dealing::Basket basket;
  dealing::BasketInput input;
  dealing::DealingTerms terms;
};
/// The day's basket: an estimate by the last NAV struck before it and the books at its start, or fixed by its
/// own NAV (of each day its dealing_nav). Refused: an unknown fund, no dealing terms, no business day, no NAV
/// to stand on.
DayBasket basket_on(const DealingPorts& ports, const model::FundId& fund, time::Date date, time::Instant now);
/// The same by that NAV, of the day or of a day before it.
DayBasket basket_by(const DealingPorts& ports, const model::FundId& fund, time::Date date,
                    const StoredNav& nav, time::Instant now);

/// What brings the coins back to their weights at the last NAV by `date`. Refused: no weights, no band.
struct DayRebalancing {
  time::Date nav_date;
  std::vector<dealing::WeightedPosition> positions;
  dealing::Rebalancing plan;
};
DayRebalancing rebalancing_on(const DealingPorts& ports, const model::FundId& fund, time::Date date,
                              time::Instant now);

/// What of priced orders was due by `date` and had not settled by then: by how much custodian, bank and
/// transfer agent differ from the settled view of the books. Shares as they are counted on the day.
struct OpenItem {
  dealing::OrderId order;
  dealing::ParticipantId participant;
  time::Date due;
  dealing::OrderState state = dealing::OrderState::kPriced;  ///< on that day
  std::vector<dealing::Leg> legs;                            ///< positive: still to come to the fund
};
std::vector<OpenItem> open_items(const std::vector<StoredOrder>& orders, time::Date date,
                                 std::span<const policy::ShareSplit> splits);

}  // namespace navkeeper::nav
