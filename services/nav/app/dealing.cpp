
#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/nav/app/order_steps.h"

// Placing, deciding on and amending orders. Baskets are dealing_basket.cpp; pricing and settlement
// dealing_settle.cpp.
namespace navkeeper::nav {

using dealing::OrderState;
using dealing::OrderStep;
using money::Decimal;

Decimal StoredOrder::execution_difference() const {
  Decimal sum;
  for (const OrderEvent& event : events) {
    if (event.event == "execution") sum += event.amount.value_or(Decimal{});
  }
  return sum;
}

std::vector<dealing::ComponentQuantity> StoredOrder::in_lieu() const {
  std::vector<dealing::ComponentQuantity> sums;
  for (const OrderEvent& event : events) {
    const bool is_withdrawn = event.event == "cash_in_lieu_withdrawn";
    if (event.event != "cash_in_lieu" && !is_withdrawn) continue;
    const auto asset = model::AssetId::literal(*event.commodity);
    const Decimal amount = is_withdrawn ? -*event.amount : *event.amount;
    const auto found =
        std::find_if(sums.begin(), sums.end(), [&](const auto& one) { return one.asset == asset; });
    if (found == sums.end())
      sums.push_back({asset, amount});
    else
      found->quantity += amount;
  }
  std::erase_if(sums, [](const auto& one) { return one.quantity.is_zero(); });
  return sums;
}

Decimal StoredOrder::collateral() const {
  Decimal held;
  for (const OrderEvent& event : events) {
    if (event.event == "collateral_received") held += *event.amount;
    if (event.event == "collateral_returned") held -= *event.amount;
  }
  return held;
}

Decimal StoredOrder::repriced() const {
  Decimal sum;
  for (const OrderEvent& event : events) {
    if (event.event == "repriced") sum += *event.amount;
  }
  return sum;
}

std::optional<int> StoredOrder::owed_version() const {
  if (!stands_at || stands_at->was_published || state() == OrderState::kClosedOut) return std::nullopt;
  return stands_at->current == stands_at->version ? std::nullopt : stands_at->current;
}

namespace {

/// What a redemption takes of the fund, by the basket as it is known now.
std::vector<dealing::FundingNeed> needs_of(const dealing::Order& order, const dealing::Basket& basket,
                                           bool is_trust) {
  std::vector<dealing::FundingNeed> needs;
  if (order.side == dealing::OrderSide::kCreation) return needs;
  if (order.form == dealing::OrderForm::kCash && !is_trust) {
    needs.push_back({"USD", basket.nav_per_unit * order.units});
    return needs;
  }
  for (const dealing::BasketComponent& component : basket.components)
    needs.push_back({component.asset.value(), component.quantity * order.units});
  if (basket.balancing.is_positive()) needs.push_back({"USD", basket.balancing * order.units});
  return needs;
}

dealing::FundingSight funding_sight(const FundDefinition& fund, const dealing::Order& order,
                                    const DayBasket& day, const DealingSight& sight) {
  const auto amount = [](const std::map<std::string, Decimal>& from, const std::string& what) {
    const auto found = from.find(what);
    return found == from.end() ? Decimal{} : found->second;
  };
  dealing::FundingSight funding;
  funding.free_cash = amount(sight.free, "USD");
  funding.credit_line = amount(sight.free, kCredit);
  for (const dealing::BasketHolding& holding : day.input.holdings) {
    const std::string& asset = holding.asset.value();
    const dealing::TransferPrecision* const precision = day.terms.precision_of(holding.asset);
    ENSURE(precision != nullptr);
    funding.coins.push_back({holding.asset, amount(sight.free, asset), amount(sight.in_other_states, asset),
                             holding.price, precision->decimals, precision->unbonding_days});
  }
  const time::Calendar exchange = fund.calendar();
  const time::Calendar& settlement = *time::Calendar::find(fund.settlement_calendar);
  funding.days_to_settlement = dates_of(order, exchange, settlement).settlement_date - order.trade_date;
  funding.is_in_kind = order.form == dealing::OrderForm::kInKind;
  return funding;
}

/// Promises the order what is free of what it needs; the rest becomes plans, whose own coins and dollars are
/// promised too.
void fund_order(const FundDefinition& fund, const dealing::Order& order, const DayBasket& day,
                const dealing::Basket& basket, const DealingSight& sight, OrderChange& change) {
  std::map<std::string, Decimal> promised;
  dealing::FundingSight funding = funding_sight(fund, order, day, sight);
  std::vector<dealing::FundingNeed> short_of;
  for (const dealing::FundingNeed& need : needs_of(order, basket, fund.act == Act::kEtp1933)) {
    Decimal* free = need.commodity == "USD" ? &funding.free_cash : nullptr;
    for (dealing::FundingCoins& coins : funding.coins) {
      if (coins.asset.value() == need.commodity) free = &coins.free;
    }
    if (free == nullptr)
      base::refuse("order " + order.id.value(), need.commodity + " has no price to plan by");
    const Decimal given = std::min(need.quantity, std::max(*free, Decimal{}));
    *free -= given;
    promised[need.commodity] += given;
    if (given < need.quantity) short_of.push_back({need.commodity, need.quantity - given});
  }
  for (const dealing::FundingNeed& need : short_of) {
    change.plans.push_back(plan_funding(need, day.terms.funding, funding));
    for (const dealing::FundingStep& one : change.plans.back().steps) {
      if (one.source == dealing::FundingSource::kCash || one.source == dealing::FundingSource::kSale)
        promised[one.commodity] += one.quantity;
      if (one.source == dealing::FundingSource::kCreditLine) promised[kCredit] += one.quantity;
    }
  }
  for (const auto& [commodity, quantity] : promised) {
    if (quantity.is_positive()) change.reserve.emplace_back(commodity, quantity);
  }
  if (order.side == dealing::OrderSide::kCreation) return;
  const Decimal shares = order.units * day.unit_shares;
  const std::string commodity(dealing::kShares);
  const auto outstanding = sight.free.find(commodity);
  if (outstanding == sight.free.end() || shares > outstanding->second)
    base::refuse("order " + order.id.value() + ": units",
                 "are more shares than are outstanding and not being redeemed");
  change.reserve.emplace_back(commodity, shares);
}

const dealing::DealingTerms& terms_of(const FundDefinition& fund, const dealing::Order& order) {
  const dealing::DealingTerms* const terms = dealing::terms_on(fund.dealing, order.trade_date);
  ENSURE(terms != nullptr);
  return *terms;
}

time::Instant cut_off_of(const FundDefinition& fund, const dealing::Order& order) {
  return base::value_or_refuse(dealing::cut_off_instant(
      terms_of(fund, order), fund.calendar(), fund.valuation(), order.form, order.cycle, order.trade_date));
}

/// The basket that the order would get by what is known now; a custom one within its policy.
dealing::Basket order_basket(const StoredOrder& stored, const DayBasket& day) {
  if (!stored.order.custom) return day.basket;
  auto custom = dealing::custom_basket(day.basket, stored.order.custom->per_unit, day.input);
  if (custom.has_error()) throw base::Refused(custom.error().within(where_of(stored)));
  if (!day.terms.custom) base::refuse(where_of(stored), "the fund has no policy for custom baskets");
  if (custom->difference > day.terms.custom->difference_max)
    base::refuse(where_of(stored), "the custom basket differs by " + custom->difference.to_string() +
                                       " of the unit's NAV, the policy allows " +
                                       day.terms.custom->difference_max.to_string());
  return custom->basket;
}

}  // namespace

bool add_participant(const DealingPorts& ports, const model::FundId& fund,
                     const dealing::AuthorizedParticipant& participant, const Acting& acting) {
  model::require_role(acting.actor, model::Role::kMaker, "record a participant");
  known_definition(ports.navs, fund);
  require_text(participant.name, "name");
  return ports.orders.add_participant(fund, participant, {acting.actor.id, acting.now});
}

void set_standing(const DealingPorts& ports, const model::FundId& fund, const dealing::ParticipantId& id,
                  const dealing::ParticipantStanding& standing, const Acting& acting) {
  model::require_role(acting.actor, model::Role::kMaker, "suspend or reinstate a participant");
  known_definition(ports.navs, fund);
  require_text(standing.reason, "reason");
  ports.orders.add_standing(fund, id, standing, {acting.actor.id, acting.now});
}

PlaceReport place_orders(const DealingPorts& ports, const model::FundId& fund,
                         const std::vector<NewOrder>& orders, const Acting& acting) {
  model::require_role(acting.actor, model::Role::kOperator, "place an order");
  if (orders.empty()) base::refuse("orders", "there is none");
  if (orders.size() > kOrdersPerRequestMax)
    base::refuse("orders", "are more than " + std::to_string(kOrdersPerRequestMax) + " at once");
  const FundDefinition definition = known_definition(ports.navs, fund);
  const time::Calendar exchange = definition.calendar();
  dealing::PlacementSight sight;
  sight.exchange = &exchange;
  sight.valuation = definition.valuation();
  sight.last_struck = ports.navs.last_struck(fund);
  sight.now = acting.now;
  const auto check = [&](const NewOrder& asked, const dealing::AuthorizedParticipant* participant) {
    sight.terms = dealing::terms_on(definition.dealing, asked.order.trade_date);
    sight.participant = participant;
    const auto decided = dealing::check_order(asked.order, sight);
    if (!decided.has_error()) return;
    const std::string where =
        asked.place + (asked.place.empty() ? "" : ": ") + "order " + asked.order.id.value();
    base::refuse(where + ": " + std::string(field_of(decided.error())),
                 std::string(describe(decided.error())));
  };
  return ports.orders.place(fund, orders, check, {acting.actor.id, acting.now});
}

bool accept_order(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                  const Acting& acting) {
  model::require_role(acting.actor, model::Role::kApprover, "accept an order");
  const FundDefinition definition = known_definition(ports.navs, fund);
  const auto known = ports.orders.find_order(fund, id);
  if (!known) base::refuse(where_of(id), "is not known");
  const DayBasket day = basket_on(ports, fund, known->order.trade_date, acting.now);
  if (definition.act == Act::kEtp1933 && !day.is_estimate)
    base::refuse(where_of(*known),
                 "the trust's NAV of its trade date, which counts its orders, has been struck");
  return ports.orders.change(
      definition, id,
      [&](const StoredOrder& stored, const DealingSight& sight) -> std::optional<OrderChange> {
        if (stored.accepted_by == acting.actor.id) return std::nullopt;
        refuse_placer(stored, acting.actor, "accept it");
        OrderChange change = change_to("accepted", state_after(stored, OrderStep::kAccept));
        const time::Date received = definition.valuation().zone.to_local(stored.order.received_at).date;
        if (sight.participant && sight.participant->is_suspended_on(received))
          base::refuse(where_of(stored) + ": participant",
                       "was suspended when the order was received, on " + received.to_string() +
                           ": what came before a suspension stands, what comes in it is rejected for form");
        fund_order(definition, stored.order, day, order_basket(stored, day), sight, change);
        return change;
      },
      {acting.actor.id, acting.now});
}

bool reject_order(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                  dealing::RejectionGround ground, const std::string& detail, const Acting& acting) {
  model::require_role(acting.actor, model::Role::kApprover, "reject an order");
  const FundDefinition definition = known_definition(ports.navs, fund);
  require_text(detail, "detail");
  if (ground == dealing::RejectionGround::kTrustTerms && definition.act != Act::kEtp1933)
    base::refuse(
        "ground",
        "an order in proper form is accepted: a fund under ICA_1940 rejects for form or cut_off only");
  return ports.orders.change(
      definition, id,
      [&](const StoredOrder& stored, const DealingSight&) -> std::optional<OrderChange> {
        const std::string text = std::string(describe(ground)) + ": " + detail;
        const OrderEvent& last = stored.events.back();
        if (last.event == "rejected" && last.actor == acting.actor.id.value() && last.text == text)
          return std::nullopt;
        refuse_placer(stored, acting.actor, "reject it: it is cancelled, or another rejects it");
        OrderChange change = change_to("rejected", state_after(stored, OrderStep::kReject));
        if (ground == dealing::RejectionGround::kCutOff) {
          const time::Instant cut_off = cut_off_of(definition, stored.order);
          if (std::max(stored.order.received_at, stored.known_at) <= cut_off)
            base::refuse("ground", "the order was received at " + stored.order.received_at.to_string() +
                                       ", by its cut-off at " + cut_off.to_string());
        }
        change.event.text = text;
        return change;
      },
      {acting.actor.id, acting.now});
}

bool cancel_order(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                  const std::string& reason, const Acting& acting) {
  model::require_role(acting.actor, model::Role::kOperator, "cancel an order");
  const FundDefinition definition = known_definition(ports.navs, fund);
  require_text(reason, "reason");
  return ports.orders.change(
      definition, id,
      [&](const StoredOrder& stored, const DealingSight&) -> std::optional<OrderChange> {
        if (stored.state() == OrderState::kCancelled) return std::nullopt;
        OrderChange change = change_to("cancelled", state_after(stored, OrderStep::kCancel));
        if (!stored.trades.empty())
          base::refuse(where_of(stored),
                       "trade " + stored.trades.front().trade + " was executed for it already");
        const time::Instant cut_off = cut_off_of(definition, stored.order);
        if (acting.now > cut_off)
          base::refuse(where_of(stored), "is irrevocable since its cut-off at " + cut_off.to_string());
        change.event.text = reason;
        change.releases = true;
        return change;
      },
      {acting.actor.id, acting.now});
}

bool record_execution(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                      const Decimal& difference, const std::string& reason, const Acting& acting) {
  model::require_role(acting.actor, {model::Role::kOperator, model::Role::kApprover},
                      "record an execution difference");
  const FundDefinition definition = known_definition(ports.navs, fund);
  require_text(reason, "reason");
  if (difference.is_zero() || difference.scale() > dealing::kCents)
    base::refuse("difference", "is not an amount in whole cents other than 0");
  const auto known = ports.orders.find_order(fund, id);
  if (!known) base::refuse(where_of(id), "is not known");
  const Decimal part =
      terms_of(definition, known->order)
          .execution_difference_max.value_or(Decimal::literal(dealing::kExecutionDifferenceMax));
  const Decimal difference_max = money::multiply(value_of(ports, *known, acting.now, fund), part,
                                                 dealing::kCents, money::Rounding::kDown);
  return ports.orders.change(
      definition, id,
      [&](const StoredOrder& stored, const DealingSight&) -> std::optional<OrderChange> {
        const auto said = [&](const char* as) {
          return std::find_if(stored.events.begin(), stored.events.end(), [&](const OrderEvent& event) {
            return event.event == as && event.amount == difference && event.text == reason;
          });
        };
        // A trade is allocated once: its reason names it.
        if (said("execution") != stored.events.end()) return std::nullopt;
        state_after(stored, OrderStep::kAmend);
        if (!stored.trades.empty())
          base::refuse(where_of(stored), "has executions on the blotter (" + stored.trades.front().trade +
                                             "), which its difference comes from");
        const auto proposed = said("execution_proposed");
        const bool is_proposed = proposed != stored.events.end();
        if (is_proposed && proposed->actor == acting.actor.id.value()) return std::nullopt;
        if (is_proposed) {
          model::require_role(acting.actor, model::Role::kApprover, "agree to an execution difference");
          refuse_placer(stored, acting.actor, "agree to its execution difference");
        } else {
          model::require_role(acting.actor, model::Role::kOperator, "propose an execution difference");
        }
        if (difference.abs() > difference_max ||
            (stored.execution_difference() + difference).abs() > difference_max)
          base::refuse("difference", "comes to more than the " + difference_max.to_string() + " that are " +
                                         part.to_string() +
                                         " of the order's value (dealing's execution_difference_max)");
        OrderChange change = change_to(is_proposed ? "execution" : "execution_proposed", stored.state());
        change.event.commodity = "USD";
        change.event.amount = difference;
        change.event.text = reason;
        return change;
      },
      {acting.actor.id, acting.now});
}

bool agree_cash_in_lieu(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                        const dealing::ComponentQuantity& coins, const std::string& reason,
                        const Acting& acting) {
  model::require_role(acting.actor, model::Role::kApprover, "agree to cash in lieu");
  const FundDefinition definition = known_definition(ports.navs, fund);
  require_text(reason, "reason");
  if (!coins.quantity.is_positive()) base::refuse("quantity", "is not positive");
  const auto known = ports.orders.find_order(fund, id);
  if (!known) base::refuse(where_of(id), "is not known");
  const DayBasket day = basket_on(ports, fund, known->order.trade_date, acting.now);
  const dealing::TransferPrecision* const precision = day.terms.precision_of(coins.asset);
  if (precision == nullptr) base::refuse("asset", "the fund has no asset " + coins.asset.value());
  if (coins.quantity.scale() > precision->decimals)
    base::refuse("quantity",
                 "has more than the " + std::to_string(precision->decimals) + " decimals of a transfer");
  return ports.orders.change(
      definition, id,
      [&](const StoredOrder& stored, const DealingSight&) -> std::optional<OrderChange> {
        refuse_placer(stored, acting.actor, "agree to cash in lieu");
        // Said before: since it was withdrawn the last time, if ever.
        for (auto event = stored.events.rbegin(); event != stored.events.rend(); ++event) {
          if (event->commodity != coins.asset.value()) continue;
          if (event->event == "cash_in_lieu_withdrawn") break;
          if (event->event == "cash_in_lieu" && event->amount == coins.quantity && event->text == reason)
            return std::nullopt;
        }
        OrderChange change = change_to("cash_in_lieu", state_after(stored, OrderStep::kAmend));
        if (stored.order.form == dealing::OrderForm::kCash)
          base::refuse(where_of(stored), "is in cash already");
        Decimal there;
        for (const dealing::BasketComponent& component : order_basket(stored, day).components) {
          if (component.asset == coins.asset) there = component.quantity * stored.order.units;
        }
        for (const dealing::ComponentQuantity& before : stored.in_lieu()) {
          if (before.asset == coins.asset) there -= before.quantity;
        }
        if (coins.quantity > there)
          base::refuse("quantity", "is more than the " + there.to_string() + " " + coins.asset.value() +
                                       " that the order has in kind");
        change.event.commodity = coins.asset.value();
        change.event.amount = coins.quantity;
        change.event.text = reason;
        return change;
      },
      {acting.actor.id, acting.now});
}

bool withdraw_cash_in_lieu(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                           const dealing::ComponentQuantity& coins, const std::string& reason,
                           const Acting& acting) {
  model::require_role(acting.actor, model::Role::kApprover, "withdraw cash in lieu");
  const FundDefinition definition = known_definition(ports.navs, fund);
  require_text(reason, "reason");
  if (!coins.quantity.is_positive()) base::refuse("quantity", "is not positive");
  return ports.orders.change(
      definition, id,
      [&](const StoredOrder& stored, const DealingSight&) -> std::optional<OrderChange> {
        refuse_placer(stored, acting.actor, "withdraw its cash in lieu");
        OrderChange change = change_to("cash_in_lieu_withdrawn", state_after(stored, OrderStep::kAmend));
        const OrderEvent& last = stored.events.back();
        if (last.event == change.event.event && last.commodity == coins.asset.value() &&
            last.amount == coins.quantity && last.text == reason)
          return std::nullopt;
        Decimal agreed;
        for (const dealing::ComponentQuantity& one : stored.in_lieu()) {
          if (one.asset == coins.asset) agreed = one.quantity;
        }
        if (coins.quantity > agreed)
          base::refuse("quantity", "is more than the " + agreed.to_string() + " " + coins.asset.value() +
                                       " that are agreed on");
        change.event.commodity = coins.asset.value();
        change.event.amount = coins.quantity;
        change.event.text = reason;
        return change;
      },
      {acting.actor.id, acting.now});
}

}  // namespace navkeeper::nav
