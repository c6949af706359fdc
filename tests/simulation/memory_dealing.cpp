#include "tests/simulation/memory_dealing.h"

#include <algorithm>
#include <utility>

#include "common/base/refuse.h"

namespace navkeeper::simulation {

using money::Decimal;
using nav::OrderChange;
using nav::StoredOrder;

nav::StoredNav& MemoryNavs::latest(time::Date date) {
  nav::StoredNav* found = nullptr;
  for (nav::StoredNav& nav : navs_) {
    if (nav.summary.valuation_date == date) found = &nav;
  }
  ENSURE(found != nullptr);
  return *found;
}

void MemoryNavs::approve(time::Date date, const model::ActorId& actor) { latest(date).approved_by = actor; }

void MemoryNavs::publish(time::Date date, const model::ActorId& actor) {
  ENSURE(latest(date).approved_by.has_value() && latest(date).struck_by != actor);
  latest(date).published_by = actor;
}

std::vector<nav::StoredNav> MemoryNavs::versions(const model::FundId&, time::Date date, time::Instant) {
  std::vector<nav::StoredNav> all;
  for (const nav::StoredNav& nav : navs_) {
    if (nav.summary.valuation_date == date) all.push_back(nav);
  }
  return all;
}

std::optional<nav::StoredNav> MemoryNavs::find_nav(const model::FundId& fund, time::Date date,
                                                   time::Instant known_at) {
  auto all = versions(fund, date, known_at);
  if (all.empty()) return std::nullopt;
  return std::move(all.back());
}

std::optional<nav::StoredNav> MemoryNavs::last_nav_before(const model::FundId&, time::Date date) {
  std::optional<nav::StoredNav> last;
  for (const nav::StoredNav& nav : navs_) {
    if (nav.summary.valuation_date < date &&
        (!last || nav.summary.valuation_date >= last->summary.valuation_date))
      last = nav;
  }
  return last;
}

std::optional<time::Date> MemoryNavs::last_struck(const model::FundId&) {
  std::optional<time::Date> last;
  for (const nav::StoredNav& nav : navs_) last = std::max(last, std::optional(nav.summary.valuation_date));
  return last;
}

void MemoryDealing::add_standing(const model::FundId&, const nav::dealing::ParticipantId& id,
                                 const nav::dealing::ParticipantStanding& standing, const nav::ActStamp&) {
  for (auto& participant : participants_) {
    if (participant.id == id) return participant.standings.push_back(standing);
  }
  base::refuse(id.value(), "is not an authorized participant of the fund");
}

std::vector<StoredOrder> MemoryDealing::orders(const model::FundId&, std::optional<time::Date> from,
                                               std::optional<time::Date> to) {
  std::vector<StoredOrder> found;
  for (const auto& [id, stored] : orders_) {
    const time::Date date = stored.order.trade_date;
    if ((!from || date >= *from) && (!to || date <= *to)) found.push_back(stored);
  }
  return found;
}

std::optional<StoredOrder> MemoryDealing::find_order(const model::FundId&, const nav::dealing::OrderId& id) {
  const auto found = orders_.find(id.value());
  if (found == orders_.end()) return std::nullopt;
  return found->second;
}

nav::PlaceReport MemoryDealing::place(const model::FundId&, const std::vector<nav::NewOrder>& orders,
                                      const Check& check, const nav::ActStamp& stamp) {
  nav::PlaceReport report;
  std::map<std::string, StoredOrder> placed;
  for (const nav::NewOrder& asked : orders) {
    const auto known = orders_.find(asked.order.id.value());
    if (known != orders_.end()) {
      if (known->second.content != asked.content)
        base::refuse(asked.order.id.value(), "an order of this id was placed before with other content");
      ++report.unchanged;
      continue;
    }
    const auto owner = std::find_if(participants_.begin(), participants_.end(),
                                    [&](const auto& one) { return one.id == asked.order.participant; });
    check(asked, owner == participants_.end() ? nullptr : &*owner);
    StoredOrder stored(asked.order, stamp.actor);
    stored.content = asked.content;
    stored.known_at = stamp.now;
    stored.events.resize(1);
    stored.events[0].event = "placed";
    stored.events[0].actor = stamp.actor.value();
    placed.emplace(asked.order.id.value(), std::move(stored));
    ++report.placed;
  }
  orders_.merge(placed);
  return report;
}

nav::DealingSight MemoryDealing::sight() const {
  nav::DealingSight sight;
  const books::Chart& chart = ledger_.chart();
  for (std::size_t line = 0; line < ledger_.balances().size(); ++line) {
    const books::Line& at = chart.lines()[line];
    const books::Commodity& commodity = chart.commodities()[at.commodity];
    if (at.account != "Assets:Cash" && at.account != "Assets:Coins:" + commodity.symbol &&
        !at.account.starts_with(books::kOwedCoins) && !at.account.starts_with(nav::dealing::kCollateralHeld))
      continue;
    sight.free[commodity.symbol] += ledger_.balances()[line].to_decimal(commodity.decimals);
  }
  sight.free[std::string(nav::dealing::kShares)] = ledger_.shares().to_decimal(0);
  for (const auto& [commodity, quantity] : reserved_) sight.free[commodity] -= quantity;
  return sight;
}

void MemoryDealing::book(const StoredOrder& stored, const OrderChange& change, const nav::ActStamp& stamp) {
  const auto post = [&](const books::Event& event, const std::string& id, time::Date booked,
                        time::Date settled) {
    const auto answer = ledger_.post({event, {"order", id}, booked, settled, stamp.now});
    if (answer.outcome == MemoryLedger::Outcome::kRefused) base::refuse(id, answer.rule);
    ENSURE(answer.outcome == MemoryLedger::Outcome::kPosted);
  };
  const std::string& id = stored.order.id.value();
  if (change.booked) post(*change.booked, id, change.dates->book_date, change.dates->settlement_date);
  if (change.unwinding)
    post(*change.unwinding, id + " close-out", change.unwinding->date, change.unwinding->date);
  if (change.draft)
    post(nav::event_of(*change.draft, {}), change.draft->entry.source_id, change.draft->entry.book_date,
         change.draft->entry.settlement_date);
}

bool MemoryDealing::change(const nav::FundDefinition&, const nav::dealing::OrderId& id, const Decide& decide,
                           const nav::ActStamp& stamp) {
  const Crash crashes = std::exchange(crash, Crash::kNone);
  const auto found = orders_.find(id.value());
  if (found == orders_.end()) base::refuse(id.value(), "is not known");
  StoredOrder& stored = found->second;
  nav::DealingSight seen = sight();
  if (const auto own = promises_.find(id.value()); own != promises_.end()) {
    for (const auto& [commodity, quantity] : own->second) seen.promised[commodity] += quantity;
  }
  for (const auto& participant : participants_) {
    if (participant.id == stored.order.participant) seen.participant = participant;
  }
  const auto change = decide(stored, seen);
  if (!change) return false;
  if (crashes == Crash::kBefore) throw base::Unavailable("the process died before it was kept");
  const auto free = sight();
  for (const auto& [commodity, quantity] : change->reserve) {
    const auto there = free.free.find(commodity);
    ENSURE(there != free.free.end() && quantity <= there->second);  // no coin is promised twice
  }
  book(stored, *change, stamp);  // refused: nothing below happens
  for (const auto& [commodity, quantity] : change->reserve) {
    reserved_[commodity] += quantity;
    promises_[id.value()].emplace_back(commodity, quantity);
  }
  if (change->releases) {
    for (const auto& [commodity, quantity] : promises_[id.value()]) reserved_[commodity] -= quantity;
    promises_.erase(id.value());
  }
  nav::OrderEvent event = change->event;
  event.number = stored.events.back().number + 1;
  event.actor = stamp.actor.value();
  event.known_at = stamp.now;
  if (event.event == "accepted") stored.accepted_by = stamp.actor;
  if (event.event == "settled") stored.settled += *event.units;
  if (change->price) stored.price = change->price;
  if (change->dates) stored.dates = change->dates;
  stored.events.push_back(std::move(event));
  if (crashes == Crash::kAfter) throw base::InDoubt("the process died after it was kept");
  return true;
}

std::map<std::string, Decimal> MemoryDealing::promised() const {
  std::map<std::string, Decimal> sums;
  for (const auto& [id, promises] : promises_) {
    ENSURE(orders_.at(id).state() == nav::dealing::OrderState::kAccepted);
    for (const auto& [commodity, quantity] : promises) sums[commodity] += quantity;
  }
  return sums;
}

nav::Deliverable MemoryDealing::deliverable(const model::FundId&, time::Date date, time::Instant known_at) {
  nav::Deliverable deliverable;
  const books::Chart& chart = ledger_.chart();
  const auto balances = balances_at(chart, ledger_.entries(), books::Basis::kNav, date, known_at);
  for (std::size_t line = 0; line < balances.size(); ++line) {
    const books::Line& at = chart.lines()[line];
    const books::Commodity& commodity = chart.commodities()[at.commodity];
    if (at.commodity != books::kDollars && books::is_position_account(at.account))
      deliverable.coins[commodity.symbol] += balances[line].to_decimal(commodity.decimals);
  }
  deliverable.shares = ledger_.shares_at(books::Basis::kNav, date, known_at).to_decimal(0);
  return deliverable;
}

void MemoryDealing::add_event(const std::string& id, nav::OrderEvent event) {
  StoredOrder& stored = orders_.at(id);
  event.number = stored.events.back().number + 1;
  event.state = stored.state();
  stored.events.push_back(std::move(event));
}

template <class Keep>
void MemoryRepricings::keep(const Keep& keep) {
  const Crash crashes = std::exchange(dealing_.crash, Crash::kNone);
  if (crashes == Crash::kBefore) throw base::Unavailable("the process died before it was kept");
  keep();
  if (crashes == Crash::kAfter) throw base::InDoubt("the process died after it was kept");
}

std::vector<nav::RepricedOrder> MemoryRepricings::repriced(const model::FundId&, time::Date date) {
  std::vector<nav::RepricedOrder> found;
  for (const nav::StoredRepricing& stored : all_) {
    if (!stored.approved_by) continue;
    for (const nav::RepricedOrder& one : stored.repricing.orders) {
      if (one.date == date) found.push_back(one);
    }
  }
  return found;
}

int MemoryRepricings::add_repricing(const model::FundId&, const nav::Repricing& repricing,
                                    const nav::ActStamp& stamp) {
  for (const nav::StoredRepricing& stored : all_) {
    if (stored.state() == "proposed" && stored.repricing == repricing && stored.proposed_by == stamp.actor)
      return stored.number;
  }
  keep([&] {
    nav::StoredRepricing stored(stamp.actor);
    stored.number = static_cast<int>(all_.size()) + 1;
    stored.repricing = repricing;
    stored.proposed_at = stamp.now;
    all_.push_back(std::move(stored));
  });
  return static_cast<int>(all_.size());
}

void MemoryRepricings::approve(const nav::FundDefinition&, const nav::StoredRepricing& repricing,
                               time::Date booked_on, const std::vector<nav::DraftToPost>& drafts,
                               const nav::ActStamp& stamp) {
  Decimal paid;
  for (const nav::RepricedOrder& one : repricing.repricing.orders) {
    if (one.treatment == nav::OrderTreatment::kReprocessed && one.effect.is_positive()) paid += one.effect;
  }
  if (paid > ledger_.balance("Assets:Cash", books::kDollars).to_decimal(2))
    base::refuse("repricing", "the dollars for it are not there");
  keep([&] {
    nav::StoredRepricing& stored = all_.at(static_cast<std::size_t>(repricing.number) - 1);
    ENSURE(stored.state() == "proposed" && stored.proposed_by != stamp.actor);
    for (const nav::DraftToPost& draft : drafts) {
      const auto answer = ledger_.post({nav::event_of(draft, {}),
                                        {"order repricing", draft.entry.source_id},
                                        draft.entry.book_date,
                                        draft.entry.settlement_date,
                                        stamp.now});
      ENSURE(answer.outcome == MemoryLedger::Outcome::kPosted);  // a year of dealing has the dollars
    }
    stored.approved_by = stamp.actor;
    stored.booked_on = booked_on;
    for (const nav::RepricedOrder& one : stored.repricing.orders) {
      nav::OrderEvent event;
      event.event = "repriced";
      event.amount = one.effect;
      if (one.treatment == nav::OrderTreatment::kReprocessed) dealing_.add_event(one.order, std::move(event));
    }
  });
}

void MemoryRepricings::withdraw(const model::FundId&, const nav::StoredRepricing& repricing,
                                const nav::ActStamp& stamp) {
  keep([&] { all_.at(static_cast<std::size_t>(repricing.number) - 1).withdrawn_by = stamp.actor; });
}

}  // namespace navkeeper::simulation
