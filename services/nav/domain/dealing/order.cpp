#include "services/nav/domain/dealing/order.h"

#include <algorithm>
#include <array>

#include "common/base/ensure.h"

namespace navkeeper::nav::dealing {
namespace {

using money::Decimal;

constexpr std::array kStates{OrderState::kPlaced,    OrderState::kAccepted, OrderState::kRejected,
                             OrderState::kCancelled, OrderState::kPriced,   OrderState::kSettling,
                             OrderState::kFailed,    OrderState::kSettled,  OrderState::kClosedOut};
constexpr std::array kGrounds{RejectionGround::kForm, RejectionGround::kCutOff, RejectionGround::kTrustTerms};

std::optional<OrderRefusal> broken_date_rule(const Order& order, const PlacementSight& sight) {
  const time::Calendar& exchange = *sight.exchange;
  if (!exchange.covers(order.trade_date) || !exchange.is_business_day(order.trade_date))
    return OrderRefusal::kNotABusinessDay;
  if (order.received_at > sight.now) return OrderRefusal::kReceivedInFuture;
  if (order.cycle == SettlementCycle::kSameDay && !sight.terms->cut_off_same_day)
    return OrderRefusal::kNoSameDayCycle;
  const auto cut_off =
      cut_off_instant(*sight.terms, exchange, *sight.valuation, order.form, order.cycle, order.trade_date);
  if (cut_off.has_error()) return OrderRefusal::kNotABusinessDay;
  if (order.received_at > *cut_off) return OrderRefusal::kAfterCutOff;
  const time::Date received_on = sight.valuation->zone.to_local(order.received_at).date;
  if (!exchange.covers(received_on) || received_on < exchange.previous_business_day(order.trade_date))
    return OrderRefusal::kTooFarAhead;
  if (sight.last_struck && order.trade_date <= *sight.last_struck) return OrderRefusal::kNavIsStruck;
  return std::nullopt;
}

std::optional<OrderRefusal> broken_custom_rule(const Order& order, const DealingTerms& terms) {
  if (!order.custom) return std::nullopt;
  if (!terms.custom) return OrderRefusal::kCustomNotAllowed;
  if (order.form == OrderForm::kCash) return OrderRefusal::kCustomInCash;
  const CustomBasket& custom = *order.custom;
  if (custom.reason.empty() || custom.finding.empty() || custom.per_unit.empty())
    return OrderRefusal::kCustomNotOnRecord;
  for (const ComponentQuantity& component : custom.per_unit) {
    const TransferPrecision* const precision = terms.precision_of(component.asset);
    const auto same = [&](const ComponentQuantity& other) { return other.asset == component.asset; };
    const bool is_once = std::count_if(custom.per_unit.begin(), custom.per_unit.end(), same) == 1;
    if (precision == nullptr || !is_once || !component.quantity.is_positive() ||
        component.quantity.scale() > precision->decimals)
      return OrderRefusal::kCustomComponent;
  }
  return std::nullopt;
}

}  // namespace

bool AuthorizedParticipant::is_suspended_on(time::Date date) const {
  bool is_suspended = false;
  for (const ParticipantStanding& standing : standings) {
    if (standing.from <= date) is_suspended = standing.is_suspended;
  }
  return is_suspended;
}

std::string_view describe(OrderRefusal refusal) {
  switch (refusal) {
    case OrderRefusal::kUnitsNotWhole:
      return "is not a whole number of creation units";
    case OrderRefusal::kUnitsNotPositive:
      return "is not positive: an order is for at least one creation unit";
    case OrderRefusal::kNoDealing:
      return "the fund's definition has no dealing terms on that day";
    case OrderRefusal::kUnitsTooMany:
      return "is more than one order may have (units_max)";
    case OrderRefusal::kNotABusinessDay:
      return "is not a business day of the fund";
    case OrderRefusal::kReceivedInFuture:
      return "lies in the future";
    case OrderRefusal::kNoSameDayCycle:
      return "the fund has no same-day cycle";
    case OrderRefusal::kAfterCutOff:
      return "the order came after its cut-off: the next NAV prices it (rule 22c-1)";
    case OrderRefusal::kTooFarAhead:
      return "the order was received before the business day before its trade date";
    case OrderRefusal::kNavIsStruck:
      return "the NAV of that day has been struck: an order is priced by a NAV still to come (rule 22c-1)";
    case OrderRefusal::kUnknownParticipant:
      return "is not an authorized participant of the fund";
    case OrderRefusal::kBeforeAgreement:
      return "the participant's agreement begins later";
    case OrderRefusal::kSuspended:
      return "the participant is suspended on that day";
    case OrderRefusal::kCustomNotAllowed:
      return "the fund has no policy for custom baskets (rule 6c-11(c)(3))";
    case OrderRefusal::kCustomInCash:
      return "an order in cash has no basket";
    case OrderRefusal::kCustomNotOnRecord:
      return "a custom basket needs components, a reason and a best-interest finding (rule 6c-11(c)(3))";
    case OrderRefusal::kCustomComponent:
      return "a component is no asset of the fund, comes twice, is not positive, or is finer than a transfer";
  }
  ENSURE(false);
}

std::string_view field_of(OrderRefusal refusal) {
  switch (refusal) {
    case OrderRefusal::kUnitsNotWhole:
    case OrderRefusal::kUnitsNotPositive:
    case OrderRefusal::kUnitsTooMany:
      return "units";
    case OrderRefusal::kNoDealing:
    case OrderRefusal::kNotABusinessDay:
    case OrderRefusal::kTooFarAhead:
    case OrderRefusal::kNavIsStruck:
      return "trade_date";
    case OrderRefusal::kReceivedInFuture:
    case OrderRefusal::kAfterCutOff:
      return "received_at";
    case OrderRefusal::kNoSameDayCycle:
      return "cycle";
    case OrderRefusal::kUnknownParticipant:
    case OrderRefusal::kBeforeAgreement:
    case OrderRefusal::kSuspended:
      return "participant";
    case OrderRefusal::kCustomNotAllowed:
    case OrderRefusal::kCustomInCash:
    case OrderRefusal::kCustomNotOnRecord:
    case OrderRefusal::kCustomComponent:
      return "custom";
  }
  ENSURE(false);
}

base::Result<void, OrderRefusal> check_order(const Order& order, const PlacementSight& sight) {
  ENSURE(sight.exchange != nullptr && sight.valuation.has_value());
  if (order.units.scale() > 0) return OrderRefusal::kUnitsNotWhole;
  if (!order.units.is_positive()) return OrderRefusal::kUnitsNotPositive;
  if (sight.terms == nullptr) return OrderRefusal::kNoDealing;
  if (order.units > Decimal::of(sight.terms->units_max)) return OrderRefusal::kUnitsTooMany;
  if (const auto broken = broken_date_rule(order, sight)) return *broken;
  if (sight.participant == nullptr) return OrderRefusal::kUnknownParticipant;
  if (order.trade_date < sight.participant->agreement_from) return OrderRefusal::kBeforeAgreement;
  if (sight.participant->is_suspended_on(order.trade_date)) return OrderRefusal::kSuspended;
  if (const auto broken = broken_custom_rule(order, *sight.terms)) return *broken;
  return {};
}

std::string_view describe(OrderState state) {
  switch (state) {
    case OrderState::kPlaced:
      return "placed";
    case OrderState::kAccepted:
      return "accepted";
    case OrderState::kRejected:
      return "rejected";
    case OrderState::kCancelled:
      return "cancelled";
    case OrderState::kPriced:
      return "priced";
    case OrderState::kSettling:
      return "settling";
    case OrderState::kFailed:
      return "failed";
    case OrderState::kSettled:
      return "settled";
    case OrderState::kClosedOut:
      return "closed_out";
  }
  ENSURE(false);
}

std::optional<OrderState> parse_order_state(std::string_view word) {
  const auto found =
      std::find_if(kStates.begin(), kStates.end(), [&](OrderState state) { return describe(state) == word; });
  if (found == kStates.end()) return std::nullopt;
  return *found;
}

std::string_view describe(OrderStep step) {
  switch (step) {
    case OrderStep::kAccept:
      return "accept";
    case OrderStep::kReject:
      return "reject";
    case OrderStep::kCancel:
      return "cancel";
    case OrderStep::kAmend:
      return "amend";
    case OrderStep::kPrice:
      return "price";
    case OrderStep::kSettlePart:
    case OrderStep::kSettleAll:
      return "settle";
    case OrderStep::kFail:
      return "fail";
    case OrderStep::kCloseOut:
      return "close out";
  }
  ENSURE(false);
}

std::optional<OrderState> after(OrderState state, OrderStep step) {
  const bool is_open =
      state == OrderState::kPriced || state == OrderState::kSettling || state == OrderState::kFailed;
  const auto when = [](bool holds, OrderState next) { return holds ? std::optional(next) : std::nullopt; };
  switch (step) {
    case OrderStep::kAccept:
      return when(state == OrderState::kPlaced, OrderState::kAccepted);
    case OrderStep::kReject:
      return when(state == OrderState::kPlaced, OrderState::kRejected);
    case OrderStep::kCancel:
      return when(state == OrderState::kPlaced || state == OrderState::kAccepted, OrderState::kCancelled);
    case OrderStep::kAmend:
      return when(state == OrderState::kAccepted, OrderState::kAccepted);
    case OrderStep::kPrice:
      return when(state == OrderState::kAccepted, OrderState::kPriced);
    case OrderStep::kSettlePart:
      return when(is_open, OrderState::kSettling);
    case OrderStep::kSettleAll:
      return when(is_open, OrderState::kSettled);
    case OrderStep::kFail:
      return when(is_open, OrderState::kFailed);
    case OrderStep::kCloseOut:
      return when(state == OrderState::kFailed, OrderState::kClosedOut);
  }
  ENSURE(false);
}

bool is_over(OrderState state) {
  switch (state) {
    case OrderState::kRejected:
    case OrderState::kCancelled:
    case OrderState::kSettled:
    case OrderState::kClosedOut:
      return true;
    case OrderState::kPlaced:
    case OrderState::kAccepted:
    case OrderState::kPriced:
    case OrderState::kSettling:
    case OrderState::kFailed:
      return false;
  }
  ENSURE(false);
}

bool is_undecided_or_unpriced(OrderState state) {
  return state == OrderState::kPlaced || state == OrderState::kAccepted;
}

std::string_view describe(RejectionGround ground) {
  switch (ground) {
    case RejectionGround::kForm:
      return "form";
    case RejectionGround::kCutOff:
      return "cut_off";
    case RejectionGround::kTrustTerms:
      return "trust_terms";
  }
  ENSURE(false);
}

std::optional<RejectionGround> parse_rejection_ground(std::string_view word) {
  const auto found = std::find_if(kGrounds.begin(), kGrounds.end(),
                                  [&](RejectionGround ground) { return describe(ground) == word; });
  if (found == kGrounds.end()) return std::nullopt;
  return *found;
}

}  // namespace navkeeper::nav::dealing
