#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/nav/app/order_steps.h"

// An order's price, its settlement, fails, collateral, close-out.
namespace navkeeper::nav {

using dealing::OrderState;
using dealing::OrderStep;
using money::Decimal;

namespace {

const time::Calendar& settlement_of(const FundDefinition& fund) {
  const time::Calendar* const calendar = time::Calendar::find(fund.settlement_calendar);
  ENSURE(calendar != nullptr);
  return *calendar;
}

}  // namespace

namespace {

/// What the order's trades cost the fund beyond the NAV's prices; positive: more.
Decimal trade_difference(const StoredOrder& stored, const DayBasket& day) {
  Decimal sum;
  for (const OrderTrade& trade : stored.trades) {
    const auto holding =
        std::find_if(day.input.holdings.begin(), day.input.holdings.end(),
                     [&](const dealing::BasketHolding& one) { return one.asset == trade.asset; });
    if (holding == day.input.holdings.end())
      base::refuse(where_of(stored), "its trade " + trade.trade + " is in " + trade.asset.value() +
                                         ", which has no price in the NAV of " + day.nav_date.to_string());
    const Decimal value =
        money::multiply(trade.quantity, holding->price, dealing::kCents, money::Rounding::kHalfUp);
    sum += trade.is_purchase ? trade.cash - value : value - trade.cash;
  }
  return sum;
}

}  // namespace

dealing::OrderPrice price_at(const FundDefinition& fund, const StoredOrder& stored, const DayBasket& day) {
  const dealing::Order& order = stored.order;
  const bool is_trust = fund.act == Act::kEtp1933;
  dealing::OrderPricing pricing;
  pricing.basket = day.basket;
  if (order.custom) {
    const auto custom = dealing::custom_basket(day.basket, order.custom->per_unit, day.input);
    if (custom.has_error()) throw base::Refused(custom.error().within(where_of(stored)));
    pricing.basket = custom->basket;
    pricing.custom_difference = custom->difference;
  }
  pricing.unit_shares = day.unit_shares;
  pricing.fees = day.terms.fees(order.form);
  pricing.fixed_fee_payee = day.terms.fixed_fee_payee;
  pricing.execution_difference = stored.execution_difference() + trade_difference(stored, day);
  pricing.in_lieu = stored.in_lieu();
  pricing.has_coins = order.form == dealing::OrderForm::kInKind || is_trust;
  auto price = dealing::price_order(order, pricing);
  if (price.has_error()) base::refuse(where_of(stored), std::string(describe(price.error())));
  price->nav_date = day.nav_date;
  price->nav_version = day.nav_version;
  return *std::move(price);
}

namespace {

/// What the order may take now: what is free and what was promised to it.
std::map<std::string, Decimal> free_for(const DealingSight& sight) {
  std::map<std::string, Decimal> free = sight.free;
  for (const auto& [commodity, quantity] : sight.promised) free[commodity] += quantity;
  return free;
}

OrderChange price_change(const FundDefinition& fund, const StoredOrder& stored, const DayBasket& day,
                         const DealingSight& sight) {
  const dealing::Order& order = stored.order;
  OrderChange change = change_to("priced", state_after(stored, OrderStep::kPrice), order.trade_date);
  change.price = price_at(fund, stored, day);
  change.dates = dates_of(order, fund.calendar(), settlement_of(fund));
  dealing::owe_beyond(free_for(sight), order.side, *change.price);
  change.booked = books::Event{order.trade_date, happening_of(order.side, *change.price, order.id.value())};
  change.releases = true;
  return change;
}

/// Refuses a day that has not come where the fund is.
void refuse_future(const FundDefinition& fund, time::Date date, time::Instant now) {
  const time::Date today = fund.valuation().zone.to_local(now).date;
  if (date > today) base::refuse("date", "lies in the future: today is " + today.to_string());
}

/// The day from which a NAV can have what happened on `date`: that day, or the one after the last NAV.
time::Date bookable(NavStore& navs, const model::FundId& fund, time::Date date) {
  const auto last = navs.last_struck(fund);
  return last && date <= *last ? *last + 1 : date;
}

/// What the order was left owed and gets with units `stored.settled` + 1 to + `units`, out of coins and cash
/// of the main account; without postings where that is nothing. Delivered first is what was there when the
/// order was booked.
policy::EntryDraft delivery_of(const StoredOrder& stored, const Decimal& units, time::Date date,
                               time::Date booked) {
  const std::string& id = stored.order.id.value();
  const dealing::OrderPrice& price = *stored.price;
  policy::EntryDraft entry = policy::entry_on(date, id + " " + std::to_string(stored.events.size() + 1),
                                              "what order " + id + " was owed");
  entry.book_date = booked;
  const auto owed_after = [&](const Decimal& all, const Decimal& owed, const Decimal& settled) {
    const Decimal due = money::mul_div(all, settled, price.units, all.scale(), money::Rounding::kDown);
    return std::min(owed, all - due);
  };
  const auto cleared = [&](const Decimal& all, const Decimal& owed) {
    return owed_after(all, owed, stored.settled) - owed_after(all, owed, stored.settled + units);
  };
  for (const dealing::ComponentQuantity& owed : price.owed) {
    for (const dealing::BasketComponent& one : price.components) {
      if (one.asset != owed.asset) continue;
      const std::string part = books::account_part(owed.asset.value());
      const Decimal coins = cleared(one.quantity, owed.quantity);
      entry.debit(books::owed_account(part, id), owed.asset.value(), coins)
          .credit(books::position_account(part, {}), owed.asset.value(), coins);
    }
  }
  if (!price.owed_cash.is_zero()) {
    const Decimal cash = cleared(-price.fund_cash, price.owed_cash);
    entry.debit(std::string(books::kOrdersPayable) + books::account_part(id), policy::kDollars, cash)
        .credit("Assets:Cash", policy::kDollars, cash);
  }
  return entry;
}

/// The same was recorded: by its reference, or, without one, all that was open on that day. Refused: the
/// reference with another size or day.
bool was_settled_before(const StoredOrder& stored, const SettledPart& part) {
  if (part.reference.empty()) {
    const OrderEvent& last = last_step(stored);
    return stored.state() == OrderState::kSettled && last.event == "settled" && last.date == part.date;
  }
  for (const OrderEvent& event : stored.events) {
    if (event.event != "settled" || event.text != part.reference) continue;
    if (event.date == part.date && (!part.units || event.units == part.units)) return true;
    base::refuse("reference", "was recorded before with another size or date");
  }
  return false;
}

/// What an order that was priced before is told where it stands at a version that is not its day's; else "".
std::string standing_elsewhere(const model::FundId& fund, const StoredOrder& stored) {
  const auto owed = stored.owed_version();
  if (!owed) return "";
  return "stands at version " + std::to_string(stored.stands_at->version) +
         " of its NAV, which was never published; it is owed version " + std::to_string(*owed) +
         ": navkeeper orders reprice " + fund.value() + " --from " + stored.order.trade_date.to_string() +
         " --reason WHY --as MAKER";
}

/// Creations before redemptions, each by id.
bool is_before(const StoredOrder& a, const StoredOrder& b) {
  if (a.order.side != b.order.side) return a.order.side == dealing::OrderSide::kCreation;
  return a.order.id < b.order.id;
}

}  // namespace

std::vector<PriceLine> price_orders(const DealingPorts& ports, const model::FundId& fund, time::Date date,
                                    const Acting& acting) {
  model::require_role(acting.actor, model::Role::kMaker, "price orders");
  const std::string where = fund.value() + " " + date.to_string();
  const FundDefinition definition = known_definition(ports.navs, fund);
  const auto nav = dealing_nav(ports.navs, fund, date);
  if (!nav) base::refuse(where, "has not been struck: orders are priced by the NAV of their trade date");
  if (!nav->approved_by)
    base::refuse(where, "its NAV is " + std::string(describe(nav->state())) +
                            ": orders are priced by an approved NAV");
  const DayBasket day = basket_by(ports, fund, date, *nav, acting.now);
  std::vector<StoredOrder> orders = ports.orders.orders(fund, date, date);
  std::sort(orders.begin(), orders.end(), is_before);
  std::vector<PriceLine> lines;
  for (const StoredOrder& known : orders) {
    if (!is_undecided_or_unpriced(known.state())) {
      if (known.price) lines.push_back({known.order.id, false, standing_elsewhere(fund, known)});
      continue;
    }
    PriceLine line{known.order.id, false, ""};
    try {
      line.is_priced = ports.orders.change(
          definition, known.order.id,
          [&](const StoredOrder& stored, const DealingSight& sight) -> std::optional<OrderChange> {
            if (stored.price) return std::nullopt;
            if (stored.state() == OrderState::kPlaced)
              base::refuse(where_of(stored), "is placed and not decided on: accept or reject it");
            return price_change(definition, stored, day, sight);
          },
          {acting.actor.id, acting.now});
    } catch (const base::Refused& refused) {
      line.message = refused.what();
    } catch (const base::Conflict& conflict) {
      line.message = conflict.what();
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

bool settle_order(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                  const SettledPart& part, const Acting& acting) {
  model::require_role(acting.actor, model::Role::kOperator, "settle an order");
  const FundDefinition definition = known_definition(ports.navs, fund);
  if (part.units) require_text(part.reference, "reference");
  const time::Date booked = bookable(ports.navs, fund, part.date);
  return ports.orders.change(
      definition, id,
      [&](const StoredOrder& stored, const DealingSight& sight) -> std::optional<OrderChange> {
        if (was_settled_before(stored, part)) return std::nullopt;
        state_after(stored, OrderStep::kSettlePart);
        const Decimal open = stored.price->units - stored.settled;
        const Decimal units = part.units.value_or(open);
        const auto checked =
            dealing::check_settlement(units, stored.settled, stored.price->units, part.date,
                                      stored.dates->settlement_date, settlement_of(definition));
        if (checked.has_error())
          base::refuse(where_of(stored) + ": " + std::string(field_of(checked.error())),
                       std::string(describe(checked.error())));
        const bool is_all = units == open;
        OrderChange change =
            change_to("settled", state_after(stored, is_all ? OrderStep::kSettleAll : OrderStep::kSettlePart),
                      part.date);
        change.event.units = units;
        change.event.text = part.reference;
        refuse_future(definition, part.date, acting.now);
        DraftToPost delivery;
        delivery.kind = "order_delivered";
        delivery.entry = delivery_of(stored, units, part.date, booked);
        for (const auto& posting : delivery.entry.postings) {
          const Decimal there = free_for(sight)["USD"];
          if (posting.account == "Assets:Cash" && -posting.amount > there)
            base::refuse(where_of(stored), "is owed " + (-posting.amount).to_string() + " dollars of which " +
                                               there.to_string() +
                                               " are free: the rest is promised or collateral");
        }
        if (!delivery.entry.postings.empty()) {
          change.draft = std::move(delivery);
          change.draft_source = "order delivery";
        }
        return change;
      },
      {acting.actor.id, acting.now});
}

bool fail_order(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                time::Date date, const std::string& reason, const Acting& acting) {
  model::require_role(acting.actor, model::Role::kOperator, "record a fail");
  const FundDefinition definition = known_definition(ports.navs, fund);
  require_text(reason, "reason");
  return ports.orders.change(
      definition, id,
      [&](const StoredOrder& stored, const DealingSight&) -> std::optional<OrderChange> {
        const OrderEvent& last = last_step(stored);
        if (last.event == "failed" && last.date == date && last.text == reason) return std::nullopt;
        OrderChange change = change_to("failed", state_after(stored, OrderStep::kFail), date);
        const auto checked =
            dealing::check_fail(date, stored.dates->settlement_date, settlement_of(definition));
        if (checked.has_error())
          base::refuse(where_of(stored) + ": date", std::string(describe(checked.error())));
        const dealing::DealingTerms* const terms =
            dealing::terms_on(definition.dealing, stored.order.trade_date);
        ENSURE(terms != nullptr);
        refuse_future(definition, date, acting.now);
        change.event.units = stored.price->units - stored.settled;
        change.event.commodity = "USD";  // the collateral that the participant owes now
        change.event.amount =
            dealing::collateral_of(stored.order.side, *stored.price, stored.settled, terms->collateral);
        change.event.text = reason;
        return change;
      },
      {acting.actor.id, acting.now});
}

bool move_collateral(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                     const CollateralMove& move, const Acting& acting) {
  model::require_role(acting.actor, model::Role::kOperator, "record collateral");
  const FundDefinition definition = known_definition(ports.navs, fund);
  require_text(move.reference, "reference");
  if (move.amount.is_zero() || move.amount.scale() > dealing::kCents)
    base::refuse("amount", "is not an amount in whole cents other than 0");
  const auto known = ports.orders.find_order(fund, id);
  if (!known) base::refuse(where_of(id), "is not known");
  const dealing::DealingTerms* const terms = dealing::terms_on(definition.dealing, known->order.trade_date);
  ENSURE(terms != nullptr);
  // A creation owes its fee and execution difference too.
  const Decimal collateral_max =
      std::max(money::multiply(value_of(ports, *known, acting.now, fund), terms->collateral, dealing::kCents,
                               money::Rounding::kUp),
               known->price ? dealing::collateral_of(known->order.side, *known->price, {}, terms->collateral)
                            : Decimal{});
  const time::Date booked = bookable(ports.navs, fund, move.date);
  return ports.orders.change(
      definition, id,
      [&](const StoredOrder& stored, const DealingSight&) -> std::optional<OrderChange> {
        const bool is_received = move.amount.is_positive();
        OrderChange change =
            change_to(is_received ? "collateral_received" : "collateral_returned", stored.state(), move.date);
        change.event.commodity = "USD";
        change.event.amount = move.amount.abs();
        change.event.text = move.reference;
        for (const OrderEvent& event : stored.events) {
          if (event.text != move.reference || !event.event.starts_with("collateral")) continue;
          if (event.event == change.event.event && event.amount == change.event.amount &&
              event.date == move.date)
            return std::nullopt;
          base::refuse("reference", "was recorded before with another amount or date");
        }
        if (!stored.accepted_by)
          base::refuse(where_of(stored), "is not accepted: there is nothing to secure");
        refuse_future(definition, move.date, acting.now);
        if (is_received && dealing::is_over(stored.state()))
          base::refuse(where_of(stored), "is " + std::string(describe(stored.state())) +
                                             ": there is nothing to secure any more");
        if (is_received && move.amount > collateral_max - stored.collateral())
          base::refuse("amount", "with the " + stored.collateral().to_string() + " held is more than the " +
                                     collateral_max.to_string() + " that " + terms->collateral.to_string() +
                                     " times the order's value comes to (dealing's collateral)");
        if (!is_received && -move.amount > stored.collateral())
          base::refuse("amount",
                       "is more than the " + stored.collateral().to_string() + " that the fund holds");
        DraftToPost draft;
        draft.kind = change.event.event;
        draft.entry = policy::entry_on(move.date, id.value() + " " + std::to_string(stored.events.size() + 1),
                                       "collateral of order " + id.value());
        draft.entry.book_date = booked;
        draft.entry.debit("Assets:Cash", policy::kDollars, move.amount)
            .credit(std::string(dealing::kCollateralHeld) + books::account_part(id.value()), policy::kDollars,
                    move.amount);
        change.draft = std::move(draft);
        return change;
      },
      {acting.actor.id, acting.now});
}

bool close_out_order(const DealingPorts& ports, const model::FundId& fund, const dealing::OrderId& id,
                     time::Date date, const std::string& reason, const Acting& acting) {
  model::require_role(acting.actor, model::Role::kApprover, "close an order out");
  const FundDefinition definition = known_definition(ports.navs, fund);
  require_text(reason, "reason");
  const time::Calendar exchange = definition.calendar();
  if (!exchange.covers(date) || !exchange.is_business_day(date))
    base::refuse("date", "is not a business day of the fund");
  const auto nav = ports.navs.last_nav_before(fund, date);
  if (!nav) base::refuse("date", "there is no NAV before it");
  const auto last = ports.navs.last_struck(fund);
  if (last && date <= *last)
    base::refuse("date", "the NAV of " + last->to_string() + " has been struck: the next one can have it");
  // In the evening the next NAV is tomorrow's.
  if (!last || date != exchange.next_business_day(*last)) refuse_future(definition, date, acting.now);
  return ports.orders.change(
      definition, id,
      [&](const StoredOrder& stored, const DealingSight&) -> std::optional<OrderChange> {
        if (stored.state() == OrderState::kClosedOut) return std::nullopt;
        refuse_placer(stored, acting.actor, "close it out");
        OrderChange change = change_to("closed_out", state_after(stored, OrderStep::kCloseOut), date);
        if (!stored.settled.is_zero())
          base::refuse(where_of(stored),
                       "has settled in part: what is left is settled or bought in, not taken back");
        dealing::OrderPrice price = *stored.price;
        for (dealing::BasketComponent& component : price.components) {
          for (const NavPosition& position : nav->summary.positions) {
            if (position.asset == component.asset.value())
              component.value = money::multiply(component.quantity, position.price, dealing::kCents,
                                                definition.terms.rounding);
          }
        }
        price.fund_cash -= stored.repriced();  // what is left of it after corrections
        change.unwinding = books::Event{date, unwinding_of(stored.order.side, price, id.value())};
        change.event.text = reason;
        return change;
      },
      {acting.actor.id, acting.now});
}

}  // namespace navkeeper::nav
