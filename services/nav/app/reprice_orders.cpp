#include "services/nav/app/reprice_orders.h"

#include <algorithm>
#include <map>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "services/nav/app/order_steps.h"

namespace navkeeper::nav {

using money::Decimal;

std::string_view StoredRepricing::state() const {
  if (approved_by) return "approved";
  return withdrawn_by ? "withdrawn" : "proposed";
}

Decimal gain_of(dealing::OrderSide side, const dealing::OrderPrice& dealt,
                const dealing::OrderPrice& correct) {
  Decimal gained = dealt.fund_cash - correct.fund_cash;
  std::map<std::string, Decimal> coins;   // that the fund was given more of, or gave more of
  std::map<std::string, Decimal> prices;  // of the correct NAV where it has one
  for (const dealing::BasketComponent& one : dealt.components) {
    coins[one.asset.value()] += one.quantity;
    prices.emplace(one.asset.value(), one.price);
  }
  for (const dealing::BasketComponent& one : correct.components) {
    coins[one.asset.value()] -= one.quantity;
    prices[one.asset.value()] = one.price;
  }
  for (const auto& [asset, more] : coins) {
    const Decimal value = money::multiply(more, prices.at(asset), dealing::kCents, money::Rounding::kHalfUp);
    gained += side == dealing::OrderSide::kCreation ? value : -value;
  }
  return gained;
}

namespace {

std::string repricing_name(const model::FundId& fund, int number) {
  return fund.value() + " repricing " + std::to_string(number);
}

OrderSide side_of(dealing::OrderSide side) {
  return side == dealing::OrderSide::kCreation ? OrderSide::kCreation : OrderSide::kRedemption;
}

/// Whether what was given stands: priced, and not taken back whole.
bool is_dealt(const StoredOrder& order) {
  return order.price && order.state() != dealing::OrderState::kClosedOut;
}

}  // namespace

std::vector<DealtOrder> DealtOrders::dealt(const model::FundId& fund, const StoredNav& correct) {
  const time::Date date = correct.summary.valuation_date;
  std::vector<DealtOrder> all = books_.dealt(fund, correct);
  const std::vector<RepricedOrder> before = repricings_.repriced(fund, date);
  for (DealtOrder& order : all) {
    for (const RepricedOrder& one : before) {
      if (!one.is_own && one.order == order.id && one.version == correct.summary.version)
        order.corrected += one.effect;
    }
  }
  const std::vector<StoredOrder> own = dealing_.orders.orders(fund, date, date);
  if (std::none_of(own.begin(), own.end(), is_dealt)) return all;
  const FundDefinition definition = known_definition(dealing_.navs, fund);
  const DayBasket by_correct = basket_by(dealing_, fund, date, correct, correct.struck_at);
  std::optional<DayBasket> by_current;  // what an order is owed that stands at no published version
  for (const StoredOrder& stored : own) {
    if (!is_dealt(stored)) continue;
    const auto owed = stored.owed_version();
    if (owed && !by_current) {
      const auto current = dealing_nav(dealing_.navs, fund, date);
      by_current = basket_by(dealing_, fund, date, *current, current->struck_at);
    }
    const DayBasket& day = owed ? *by_current : by_correct;
    DealtOrder order;
    order.id = stored.order.id.value();
    order.participant = stored.order.participant.value();
    order.side = side_of(stored.order.side);
    order.shares = stored.price->shares;
    order.gained = gain_of(stored.order.side, *stored.price, price_at(definition, stored, day));
    order.dealt_version = stored.stands_at ? stored.stands_at->version : stored.price->nav_version;
    if (owed) order.owed_version = day.nav_version;
    for (const RepricedOrder& one : before) {
      if (one.is_own && one.order == order.id) order.corrected += one.effect;
    }
    all.push_back(std::move(order));
  }
  return all;
}

namespace {

/// The proposal as it would be made now.
Repricing repricing_of(const RepricingPorts& ports, const RepricingRequest& request) {
  const ErrorReport report =
      assess_period(ports.navs, ports.orders, request.fund, request.from, request.through);
  Repricing made;
  made.from = request.from;
  made.through = request.through;
  made.reason = request.reason;
  made.responsible = request.responsible;
  made.net = report.net;
  made.compensated = report.compensated;
  for (const DayError& day : report.days) {
    const auto versions = ports.navs.versions(request.fund, day.day.date, time::Instant::latest());
    for (const OrderEffect& effect : day.orders) {
      if (effect.effect.is_zero() || effect.treatment == OrderTreatment::kNone) continue;
      const bool is_reprocessed = effect.treatment == OrderTreatment::kReprocessed;
      const int version = effect.order.owed_version.value_or(day.day.correct_version);
      const auto correct = std::find_if(versions.begin(), versions.end(),
                                        [&](const StoredNav& nav) { return nav.summary.version == version; });
      ENSURE(correct != versions.end());
      const std::string where =
          request.fund.value() + " " + day.day.date.to_string() + ": version " + std::to_string(version);
      if (!correct->approved_by) base::refuse(where, "is not approved: nothing is owed by it yet");
      if (is_reprocessed && !correct->published_by)
        base::refuse(where, "is not published: orders are dealt anew at what is official");
      const bool is_own = effect.order.gained.has_value();
      if (is_reprocessed && !is_own)
        base::refuse("order " + effect.order.id,
                     "was not placed with dealing: it is dealt anew by entries of the books");
      made.orders.push_back({effect.order.id, is_own, effect.order.participant, day.day.date, version,
                             effect.order.side, effect.treatment, effect.effect});
    }
  }
  if (made.orders.empty())
    base::refuse(request.fund.value() + " " + request.from.to_string(),
                 "no order of the period is owed or owes anything");
  if (made.compensated.is_positive() && made.responsible.empty())
    base::refuse("responsible", "the net loss of " + made.compensated.to_string() +
                                    " dollars has to be paid by somebody: name who");
  if (made.compensated.is_zero()) made.responsible.clear();
  return made;
}

StoredRepricing known_repricing(RepricingStore& store, const model::FundId& fund, int number) {
  for (StoredRepricing& stored : store.repricings(fund)) {
    if (stored.number == number) return std::move(stored);
  }
  base::refuse(repricing_name(fund, number), "is not known");
}

policy::EntryDraft entry_of(const FundDefinition& fund, time::Date booked_on, std::string id,
                            std::string description) {
  const time::Calendar* const settlement = time::Calendar::find(fund.settlement_calendar);
  ENSURE(settlement != nullptr);
  policy::EntryDraft entry = policy::entry_on(booked_on, std::move(id), std::move(description));
  entry.settlement_date = settlement->next_business_day(booked_on);
  return entry;
}

/// Dollars and capital; shares and coins stay as they were dealt.
std::vector<DraftToPost> drafts_of(const FundDefinition& fund, const StoredRepricing& stored,
                                   time::Date booked_on) {
  std::vector<DraftToPost> drafts;
  const auto add = [&](policy::EntryDraft entry, const char* kind) {
    DraftToPost draft;
    draft.entry = std::move(entry);
    draft.kind = kind;
    drafts.push_back(std::move(draft));
  };
  const std::string number = std::to_string(stored.number);
  for (const RepricedOrder& one : stored.repricing.orders) {
    if (one.treatment != OrderTreatment::kReprocessed) continue;
    policy::EntryDraft entry =
        entry_of(fund, booked_on, number + " " + one.order,
                 "order " + one.order + " dealt anew at version " + std::to_string(one.version) +
                     " of the NAV of " + one.date.to_string());
    const char* const capital =
        one.side == OrderSide::kCreation ? "Capital:Creations" : "Capital:Redemptions";
    entry.debit(capital, policy::kDollars, one.effect).credit("Assets:Cash", policy::kDollars, one.effect);
    add(std::move(entry), "order_repriced");
  }
  if (stored.repricing.compensated.is_positive()) {
    policy::EntryDraft entry = entry_of(fund, booked_on, number + " compensation",
                                        "net loss of NAV errors, paid by " + stored.repricing.responsible);
    entry.debit("Assets:Cash", policy::kDollars, stored.repricing.compensated)
        .credit("Capital:NAV error compensation", policy::kDollars, stored.repricing.compensated);
    add(std::move(entry), "nav_error_compensated");
  }
  return drafts;
}

}  // namespace

int propose_repricing(const RepricingPorts& ports, const RepricingRequest& request, const Acting& acting) {
  model::require_role(acting.actor, model::Role::kMaker, "propose to reprice orders");
  require_text(request.reason, "reason");
  if (request.responsible.size() > kOrderTextMax) base::refuse("responsible", "has more than 1000 bytes");
  if (request.through < request.from) base::refuse("through", "is before the first day");
  return ports.repricings.add_repricing(request.fund, repricing_of(ports, request),
                                        {acting.actor.id, acting.now});
}

bool approve_repricing(const RepricingPorts& ports, const model::FundId& fund, int number,
                       const Acting& acting) {
  model::require_role(acting.actor, model::Role::kApprover, "approve a repricing");
  const FundDefinition definition = known_definition(ports.navs, fund);
  const StoredRepricing stored = known_repricing(ports.repricings, fund, number);
  const std::string where = repricing_name(fund, number);
  if (stored.proposed_by == acting.actor.id)
    base::refuse(where, "was proposed by " + acting.actor.id.value() + ", who may not approve it");
  if (stored.withdrawn_by) base::refuse(where, "was withdrawn by " + stored.withdrawn_by->value());
  if (stored.approved_by) {
    if (*stored.approved_by == acting.actor.id) return false;
    throw base::Conflict(where + ": was approved by " + stored.approved_by->value() + " already");
  }
  const Repricing& asked = stored.repricing;
  const auto owed_now = [&] {
    try {
      return repricing_of(ports, {fund, asked.from, asked.through, asked.reason, asked.responsible});
    } catch (const base::Refused&) {
      // Nothing is owed any more where another approval of it took effect while this one read.
      if (!known_repricing(ports.repricings, fund, number).approved_by) throw;
      throw base::Conflict(where + ": was approved by another at the same time");
    }
  };
  if (owed_now() != asked)
    throw base::Conflict(
        where +
        ": is stale: what is owed has changed since it was proposed (withdraw it and propose "
        "it anew)");
  const auto last = ports.navs.last_struck(fund);
  ENSURE(last.has_value());
  const time::Date booked_on = definition.calendar().next_business_day(*last);
  ports.repricings.approve(definition, stored, booked_on, drafts_of(definition, stored, booked_on),
                           {acting.actor.id, acting.now});
  return true;
}

bool withdraw_repricing(const RepricingPorts& ports, const model::FundId& fund, int number,
                        const Acting& acting) {
  const StoredRepricing stored = known_repricing(ports.repricings, fund, number);
  if (stored.proposed_by != acting.actor.id)
    model::require_role(acting.actor, model::Role::kApprover, "withdraw what another proposed");
  if (stored.withdrawn_by) return false;
  if (stored.approved_by)
    base::refuse(repricing_name(fund, number), "was approved by " + stored.approved_by->value());
  ports.repricings.withdraw(fund, stored, {acting.actor.id, acting.now});
  return true;
}

}  // namespace navkeeper::nav
