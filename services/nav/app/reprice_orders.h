#pragma once
// What orders are owed that were dealt at a NAV that was restated since. Proposed by one person from the
// report of the error period (restate_nav.h), approved by another, posted to the books in one transaction.
//
//   own_effects    what the fund gained by each order of dealing: cash and coins of its price, less those at
//                  the correct NAV, coins at the correct NAV's prices
//   reprocessed    an order of a material day: the dollars go back to the participant, or come from it
//   netted         every other one: the fund keeps the period's net gain; a net loss is paid by who is
//                  responsible
//
// A correction is booked on the day of the next NAV to be struck and settles on the settlement day after:
// what was struck stays what was known then. Each order is corrected once a version of its NAV.
#include <optional>
#include <string>
#include <vector>

#include "services/nav/app/dealing.h"
#include "services/nav/app/restate_nav.h"

namespace navkeeper::nav {

struct RepricedOrder {
  std::string order;  ///< as the report names it: the id of dealing's own, "SOURCE:ID" of the books'
  bool is_own = true;
  std::string participant;
  time::Date date;
  int version = 1;  ///< of the correct NAV
  OrderSide side = OrderSide::kCreation;
  OrderTreatment treatment = OrderTreatment::kReprocessed;  ///< or kNetted
  money::Decimal effect;  ///< dollars; positive: the fund gained, and pays it back where it is reprocessed
  bool operator==(const RepricedOrder&) const = default;
};

struct Repricing {
  time::Date from;
  time::Date through;
  std::string reason;
  std::string responsible;            ///< who pays a net loss; empty where there is none to pay
  std::vector<RepricedOrder> orders;  ///< by date, as the report has them; none of no effect
  money::Decimal net;                 ///< of the netted ones, dollars; positive: a gain, which the fund keeps
  money::Decimal compensated;         ///< what who is responsible pays
  bool operator==(const Repricing&) const = default;
};

struct StoredRepricing {
  explicit StoredRepricing(model::ActorId by) : proposed_by(std::move(by)) {}
  int number = 0;  ///< of the fund, from 1
  Repricing repricing;
  model::ActorId proposed_by;
  time::Instant proposed_at;
  std::optional<model::ActorId> approved_by;
  std::optional<model::ActorId> withdrawn_by;
  time::Instant decided_at;
  std::optional<time::Date> booked_on;

  /// "proposed", "approved", "withdrawn".
  std::string_view state() const;
};

class RepricingStore {
 public:
  virtual ~RepricingStore() = default;
  /// By number.
  virtual std::vector<StoredRepricing> repricings(const model::FundId& fund) = 0;
  /// What approved ones have made good or netted of that day's orders.
  virtual std::vector<RepricedOrder> repriced(const model::FundId& fund, time::Date date) = 0;
  /// The number it got; the same content while it is not decided on has the number that it had.
  virtual int add_repricing(const model::FundId& fund, const Repricing& repricing, const ActStamp& stamp) = 0;
  /// Decision, entries, the orders' events in one transaction. Conflict when somebody decided meanwhile, or
  /// an order was corrected for that version.
  virtual void approve(const FundDefinition& fund, const StoredRepricing& repricing, time::Date booked_on,
                       const std::vector<DraftToPost>& drafts, const ActStamp& stamp) = 0;
  virtual void withdraw(const model::FundId& fund, const StoredRepricing& repricing,
                        const ActStamp& stamp) = 0;
};

/// The orders of a day for the report: those of the books that dealing did not book, then dealing's own,
/// repriced at the NAV that is held to be correct.
class DealtOrders final : public OrderSource {
 public:
  DealtOrders(OrderSource& books, const DealingPorts& dealing, RepricingStore& repricings)
      : books_(books), dealing_(dealing), repricings_(repricings) {}
  std::vector<DealtOrder> dealt(const model::FundId& fund, const StoredNav& correct) override;

 private:
  OrderSource& books_;
  DealingPorts dealing_;
  RepricingStore& repricings_;
};

/// What the fund gained by an order at the price it had, against the price at the correct NAV; dollars,
/// rounded half up to the cent once a coin.
money::Decimal gain_of(dealing::OrderSide side, const dealing::OrderPrice& dealt,
                       const dealing::OrderPrice& correct);

struct RepricingPorts {
  NavStore& navs;
  OrderSource& orders;
  RepricingStore& repricings;
};

struct RepricingRequest {
  model::FundId fund;
  time::Date from;
  time::Date through;
  std::string reason;
  std::string responsible;
};

/// Role maker. Gives its number. Refused: no reason, nothing that is off, a restatement that is not published
/// (reprocessed orders) or not approved (netted ones), an order to be reprocessed that dealing does not know,
/// a net loss that nobody is named to pay.
int propose_repricing(const RepricingPorts& ports, const RepricingRequest& request, const Acting& acting);

/// Role approver, never who proposed it. False when the same actor had approved it. Refused: not known, what
/// was withdrawn, what the books refuse. Conflict when the same proposal made now would be another: the NAV
/// was restated or an order corrected since.
bool approve_repricing(const RepricingPorts& ports, const model::FundId& fund, int number,
                       const Acting& acting);

/// Role maker who proposed it, or approver. False when it had been withdrawn. Refused: what was approved.
bool withdraw_repricing(const RepricingPorts& ports, const model::FundId& fund, int number,
                        const Acting& acting);

}  // namespace navkeeper::nav
