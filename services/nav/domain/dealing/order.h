#pragma once
// Order: what an authorized participant asks of a fund, and the life of it:
//
//   placed -> accepted -> priced -> settling -> settled
//          -> rejected            -> failed -> settling | settled | closed_out
//          -> cancelled (until its cut-off, also once accepted)
//
// An order of an ICA_1940 fund that is in proper form is accepted: a shortfall of coins opens a funding plan
// (funding_plan.h), it is no ground to reject. All rules that an order can break are here, in the order in
// which they are tried.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "services/nav/domain/dealing/dealing_terms.h"

namespace navkeeper::nav::dealing {

struct OrderTag {
  static constexpr std::string_view kWhat = "order", kExtra = "";
};
struct ParticipantTag {
  static constexpr std::string_view kWhat = "participant", kExtra = "";
};
using OrderId = model::Name<OrderTag>;
using ParticipantId = model::Name<ParticipantTag>;

/// From `from` on it may deal, or may not.
struct ParticipantStanding {
  time::Date from;
  bool is_suspended = false;
  std::string reason;
};

/// A firm with a participant agreement with this fund.
struct AuthorizedParticipant {
  ParticipantId id;
  std::string name;
  time::Date agreement_from;
  std::vector<ParticipantStanding> standings;  ///< in the order in which they were recorded

  bool may_deal_on(time::Date date) const { return date >= agreement_from && !is_suspended_on(date); }
  /// The last standing recorded of those that begin by then.
  bool is_suspended_on(time::Date date) const;
};

struct ComponentQuantity {
  model::AssetId asset;
  money::Decimal quantity;  ///< whole coins, positive
  bool operator==(const ComponentQuantity&) const = default;
};

/// A basket other than the standard one (rule 6c-11(c)(3)), with what the rule wants on record.
struct CustomBasket {
  std::vector<ComponentQuantity> per_unit;
  std::string reason;
  std::string finding;  ///< why it is in the best interests of the fund and its shareholders
};

struct Order {
  OrderId id;
  ParticipantId participant;
  OrderSide side = OrderSide::kCreation;
  OrderForm form = OrderForm::kInKind;
  money::Decimal units;  ///< creation units, whole
  time::Date trade_date;
  SettlementCycle cycle = SettlementCycle::kNextDay;
  time::Instant received_at;  ///< stamped by whoever took it; not later than when we learned of it
  std::optional<CustomBasket> custom;
};

/// In the order in which they are tried.
enum class OrderRefusal {
  kUnitsNotWhole,
  kUnitsNotPositive,
  kNoDealing,  ///< the fund has no terms on that day
  kUnitsTooMany,
  kNotABusinessDay,
  kReceivedInFuture,
  kNoSameDayCycle,
  kAfterCutOff,  ///< rule 22c-1: the next NAV prices it
  kTooFarAhead,  ///< received before the business day before its trade date
  kNavIsStruck,  ///< it became known after its NAV
  kUnknownParticipant,
  kBeforeAgreement,
  kSuspended,
  kCustomNotAllowed,
  kCustomInCash,
  kCustomNotOnRecord,  ///< no reason, no finding, or no component
  kCustomComponent,    ///< an asset the fund has not, twice, or more decimals than a transfer
};
/// The rule as a sentence without a full stop.
std::string_view describe(OrderRefusal refusal);
/// Whether what is wrong is the order's form or that it came late; the only grounds to reject (ICA_1940).
std::string_view field_of(OrderRefusal refusal);  ///< "units", "trade_date", "participant", ...

/// What a new order is held against.
struct PlacementSight {
  const DealingTerms* terms = nullptr;  ///< on its trade date
  const time::Calendar* exchange = nullptr;
  std::optional<time::ValuationTime> valuation{};
  const AuthorizedParticipant* participant = nullptr;  ///< null: nobody of that name
  std::optional<time::Date> last_struck{};
  time::Instant now{};
};

/// Whether the order is in proper form and in time.
base::Result<void, OrderRefusal> check_order(const Order& order, const PlacementSight& sight);

enum class OrderState {
  kPlaced,
  kAccepted,
  kRejected,
  kCancelled,
  kPriced,
  kSettling,  ///< a part has settled
  kFailed,    ///< what was due did not come; nothing or a part has settled
  kSettled,
  kClosedOut,  ///< what did not settle was taken back
};
enum class OrderStep { kAccept, kReject, kCancel, kAmend, kPrice, kSettlePart, kSettleAll, kFail, kCloseOut };
std::string_view describe(OrderState state);
std::optional<OrderState> parse_order_state(std::string_view word);
std::string_view describe(OrderStep step);  ///< "accept"

/// Where the step leads, or nothing: it is none of that state.
std::optional<OrderState> after(OrderState state, OrderStep step);
/// Nothing of it is still to come or to go.
bool is_over(OrderState state);
/// The order counts in a NAV still to come.
bool is_undecided_or_unpriced(OrderState state);

/// Why an order may be rejected. An ICA_1940 fund has the first two only (section 22(e), rule 6c-11: a
/// redemption is not refused for want of liquid coins).
enum class RejectionGround {
  kForm,        ///< "form": not in proper form
  kCutOff,      ///< "cut_off": it came too late after all
  kTrustTerms,  ///< "trust_terms": ETP_1933, a ground of the trust agreement
};
std::string_view describe(RejectionGround ground);
std::optional<RejectionGround> parse_rejection_ground(std::string_view word);

}  // namespace navkeeper::nav::dealing
