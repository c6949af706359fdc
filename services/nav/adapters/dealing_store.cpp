#include "services/nav/adapters/dealing_store.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/errors.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_batch.h"
#include "services/nav/adapters/dealing_json.h"
#include "services/nav/adapters/dealing_view.h"
#include "services/nav/adapters/posting_rules.h"

namespace navkeeper::nav {
namespace {

using dealing::OrderState;
using money::Decimal;

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};
constexpr int kOkStatus = 200;
constexpr int kCreatedStatus = 201;

base::Bytes hash_of(std::string_view content) {
  const auto digest = crypto::sha256(content);
  return {digest.begin(), digest.end()};
}

model::ActorId actor_of(const pqxx::field& field) {
  return base::value_or_refuse(model::ActorId::parse(field.as<std::string>()));
}

time::Instant instant_of(const pqxx::field& field) {
  return time::Instant::from_ns(field.as<std::int64_t>());
}

void announce(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
              const std::string& body, const ActStamp& stamp) {
  db::append_event(transaction, fund.value(), {0, kind, body, stamp.now.ns()});
  db::append_audit(transaction, fund.value(), {stamp.actor.value(), stamp.now.ns(), kind, body});
}

void make_head(db::Transaction& transaction, const model::FundId& fund) {
  db::execute(transaction, "INSERT INTO dealing_head (fund_id, orders) VALUES ($1, 0) ON CONFLICT DO NOTHING",
              fund);
}
/// All who decide on this fund's orders wait for one another here.
void lock_head(db::Transaction& transaction, const model::FundId& fund) {
  db::query(transaction, "SELECT FROM dealing_head WHERE fund_id = $1 FOR UPDATE", fund);
}

std::vector<dealing::AuthorizedParticipant> load_participants(db::Transaction& transaction,
                                                              const model::FundId& fund) {
  std::vector<dealing::AuthorizedParticipant> found;
  for (const auto& row :
       db::query(transaction,
                 "SELECT participant_id, name, agreement_from FROM participant WHERE fund_id = $1 "
                 "ORDER BY participant_id",
                 fund))
    found.push_back({db::name_of<dealing::ParticipantId>(row["participant_id"]),
                     row["name"].as<std::string>(),
                     row["agreement_from"].as<time::Date>(),
                     {}});
  for (const auto& row :
       db::query(transaction,
                 "SELECT participant_id, from_date, is_suspended, reason FROM participant_standing "
                 "WHERE fund_id = $1 ORDER BY participant_id, number",
                 fund)) {
    const auto id = row["participant_id"].as<std::string>();
    const auto owner =
        std::find_if(found.begin(), found.end(), [&](const auto& one) { return one.id.value() == id; });
    ENSURE(owner != found.end());
    owner->standings.push_back(
        {row["from_date"].as<time::Date>(), row["is_suspended"].as<bool>(), row["reason"].as<std::string>()});
  }
  return found;
}

OrderEvent event_of_row(const pqxx::row& row) {
  OrderEvent event;
  event.number = row["number"].as<int>();
  event.event = row["event"].as<std::string>();
  const auto state = dealing::parse_order_state(row["state"].as<std::string>());
  ENSURE(state.has_value());
  event.state = *state;
  event.date = db::optional_of<time::Date>(row["event_date"]);
  event.units = db::optional_of<Decimal>(row["units"]);
  event.commodity = db::optional_of<std::string>(row["commodity"]);
  event.amount = db::optional_of<Decimal>(row["amount"]);
  event.text = row["reason"].as<std::string>();
  event.content = row["content"].as<std::string>();
  event.actor = row["actor"].as<std::string>();
  event.known_at = instant_of(row["known_at_ns"]);
  return event;
}

std::vector<StoredOrder> orders_of(const pqxx::result& rows, const pqxx::result& events) {
  std::vector<StoredOrder> orders;
  std::map<std::string, std::size_t> index;
  for (const auto& row : rows) {
    const auto content = row["content"].as<std::string>();
    StoredOrder stored(read_stored_order(content, instant_of(row["received_at_ns"])),
                       actor_of(row["placed_by"]));
    stored.content = content;
    stored.known_at = instant_of(row["known_at_ns"]);
    if (!row["accepted_by"].is_null()) stored.accepted_by = actor_of(row["accepted_by"]);
    if (!row["price"].is_null()) {
      const StoredPrice priced = read_price(row["price"].as<std::string>());
      stored.price = priced.price;
      stored.dates = priced.dates;
      stored.stands_at = NavOfOrder{row["stands_at"].as<int>(), row["was_published"].as<bool>(),
                                    db::optional_of<int>(row["current_version"])};
    }
    stored.settled = row["settled"].as<Decimal>();
    index.emplace(row["order_id"].as<std::string>(), orders.size());
    orders.push_back(std::move(stored));
  }
  for (const auto& row : events)
    orders[index.at(row["order_id"].as<std::string>())].events.push_back(event_of_row(row));
  return orders;
}

/// Each order's parts of the blotter's executions; of the orders that the text chooses.
std::string trades_of(const std::string& chosen) {
  return "SELECT a.order_id, a.trade_id, a.execution_id, a.quantity, a.cash, "
         "c.content::jsonb->>'side' AS side, c.content::jsonb->>'asset' AS asset, "
         "CASE WHEN s.settled_on IS NOT NULL THEN 'settled' WHEN k.agreed IS NULL THEN 'executed' "
         "WHEN k.agreed THEN 'confirmed' ELSE 'unconfirmed: differs' END AS state "
         "FROM trade_allocation a JOIN trade_execution e USING (fund_id, trade_id, execution_id) "
         "JOIN cash_proposal c ON c.fund_id = a.fund_id AND c.kind = 'trade' AND c.proposal_id = a.trade_id "
         "LEFT JOIN trade_settlement s ON (s.fund_id, s.trade_id, s.execution_id) = "
         "(a.fund_id, a.trade_id, a.execution_id) "
         "LEFT JOIN LATERAL (SELECT bool_or(differences = '') AS agreed FROM trade_confirmation t WHERE "
         "(t.fund_id, t.trade_id, t.execution_id) = (a.fund_id, a.trade_id, a.execution_id)) k ON true "
         "WHERE a.fund_id = $1 AND (a.quantity <> 0 OR a.cash <> 0) AND a.order_id IN "
         "(SELECT o.order_id FROM " +
         chosen + ") ORDER BY e.known_at_ns, a.trade_id, e.position";
}

void add_trades(const pqxx::result& rows, std::vector<StoredOrder>& orders) {
  for (const auto& row : rows) {
    const auto id = row["order_id"].as<std::string>();
    const auto order = std::find_if(orders.begin(), orders.end(),
                                    [&](const auto& one) { return one.order.id.value() == id; });
    ENSURE(order != orders.end());
    order->trades.push_back(
        {row["trade_id"].as<std::string>(), row["execution_id"].as<std::string>(),
         row["side"].as<std::string>() == "buy", model::AssetId::literal(row["asset"].as<std::string>()),
         row["quantity"].as<Decimal>(), row["cash"].as<Decimal>(), row["state"].as<std::string>()});
  }
}

/// Of each priced order: the version of its day's NAV at which it stands, and the one at which the day deals.
constexpr const char* kVersionsOfPrice =
    "LEFT JOIN LATERAL (SELECT coalesce((SELECT max(r.version) FROM order_repriced r WHERE (r.fund_id, "
    "r.order_name, r.valuation_date) = (p.fund_id, p.order_id, p.valuation_date) AND r.order_id IS NOT NULL "
    "AND r.treatment = 'reprocessed'), p.version) AS stands_at WHERE p.order_id IS NOT NULL) v ON true "
    "LEFT JOIN LATERAL (SELECT max(u.version) AS latest, coalesce(bool_or(u.version = v.stands_at), false) "
    "AS was_published FROM nav_publication u WHERE (u.fund_id, u.valuation_date) = (p.fund_id, "
    "p.valuation_date)) u ON true "
    "LEFT JOIN LATERAL (SELECT max(n.version) AS latest FROM nav n WHERE (n.fund_id, n.valuation_date) = "
    "(p.fund_id, p.valuation_date)) n ON true "
    "LEFT JOIN nav_approval y ON (y.fund_id, y.valuation_date, y.version) = "
    "(p.fund_id, p.valuation_date, coalesce(u.latest, n.latest)) ";

/// The orders that `which` (of alias o, parameters from $2) chooses, with their events.
template <class... Parameters>
std::vector<StoredOrder> load_orders(db::Transaction& transaction, const model::FundId& fund,
                                     const std::string& which, const Parameters&... parameters) {
  const std::string chosen = "(SELECT * FROM dealing_order o WHERE o.fund_id = $1 AND " + which + ") o ";
  const pqxx::result rows =
      db::query(transaction,
                "SELECT o.order_id, o.content, o.received_at_ns, o.placed_by, o.known_at_ns, a.accepted_by, "
                "p.price, s.settled, v.stands_at, u.was_published, y.version AS current_version FROM " +
                    chosen +
                    "JOIN order_standing s ON s.fund_id = $1 AND s.order_id = o.order_id "
                    "LEFT JOIN order_acceptance a ON a.fund_id = $1 AND a.order_id = o.order_id "
                    "LEFT JOIN order_price p ON p.fund_id = $1 AND p.order_id = o.order_id " +
                    kVersionsOfPrice + "ORDER BY o.trade_date, o.order_id",
                fund, parameters...);
  if (rows.empty()) return {};
  auto orders =
      orders_of(rows, db::query(transaction,
                                "SELECT e.* FROM order_event e WHERE e.fund_id = $1 AND e.order_id IN "
                                "(SELECT o.order_id FROM " +
                                    chosen + ") ORDER BY e.order_id, e.number",
                                fund, parameters...));
  add_trades(db::query(transaction, trades_of(chosen), fund, parameters...), orders);
  return orders;
}

void insert_event(db::Transaction& transaction, const model::FundId& fund, const dealing::OrderId& id,
                  const OrderEvent& event, const ActStamp& stamp) {
  const auto day = event.date ? std::optional(event.date->to_string()) : std::nullopt;
  db::execute(
      transaction,
      "INSERT INTO order_event (fund_id, order_id, number, event, state, event_date, units, commodity, "
      "amount, "
      "reason, content, actor, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
      fund, id, event.number, event.event, describe(event.state), day, event.units, event.commodity,
      event.amount, event.text, event.content, stamp.actor, stamp.now.ns());
}

void reserve(db::Transaction& transaction, const model::FundId& fund, const dealing::OrderId& id,
             const OrderChange& change, const DealingSight& sight) {
  for (const auto& [commodity, quantity] : change.reserve) {
    const auto free = sight.free.find(commodity);
    const Decimal there = free == sight.free.end() ? Decimal{} : free->second;
    db::execute(
        transaction,
        "INSERT INTO coin_reserve AS r (fund_id, commodity, held, reserved) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (fund_id, commodity) DO UPDATE SET held = r.reserved + $3, reserved = r.reserved + $4",
        fund, commodity, there, quantity);
    db::execute(
        transaction,
        "INSERT INTO order_reservation (fund_id, order_id, commodity, quantity) VALUES ($1, $2, $3, $4)",
        fund, id, commodity, quantity);
  }
  if (!change.releases) return;
  db::execute(transaction,
              "UPDATE coin_reserve r SET reserved = r.reserved - o.quantity, held = r.held - o.quantity "
              "FROM order_reservation o WHERE r.fund_id = $1 AND o.fund_id = $1 AND o.order_id = $2 AND "
              "o.commodity = r.commodity",
              fund, id);
}

/// What the step leaves in the books, in the same transaction.
void book(db::Transaction& transaction, const FundDefinition& fund, const StoredOrder& stored,
          const OrderChange& change, const ActStamp& stamp) {
  const FundPostingRules rules(fund);
  const std::string& id = stored.order.id.value();
  const Stamp books_stamp{stamp.actor, stamp.now};
  const auto post = [&](const books::Event& event, const std::string& source_id, time::Date booked,
                        time::Date settled, const std::string& content) {
    const EventToPost one{event,         {"order", source_id},    booked, settled, content,
                          "order " + id, stored.order.received_at};
    post_events(transaction, fund.id, rules.rules(), std::span(&one, 1), books_stamp);
  };
  if (change.booked)
    post(*change.booked, id, change.dates->book_date, change.dates->settlement_date,
         price_json(*change.price, *change.dates));
  if (change.unwinding) {
    const time::Date date = change.unwinding->date;
    post(*change.unwinding, id + " close-out", date, date,
         order_fact(fund.id, stored.order.id, "closed_out", change.event.state));
  }
  if (change.draft) {
    PostRequest request(fund.id, stamp.actor, stamp.now);
    request.source = change.draft_source;
    request.drafts.push_back(*change.draft);
    post_drafts(transaction, rules.rules(), request);
  }
}

void record(db::Transaction& transaction, const model::FundId& fund, const StoredOrder& stored,
            const OrderChange& change, const ActStamp& stamp) {
  const dealing::OrderId& id = stored.order.id;
  if (change.event.event == "accepted")
    db::execute(transaction,
                "INSERT INTO order_acceptance (fund_id, order_id, placed_by, accepted_by, known_at_ns) "
                "VALUES ($1, $2, $3, $4, $5)",
                fund, id, stored.placed_by, stamp.actor, stamp.now.ns());
  if (change.price)
    db::execute(
        transaction,
        "INSERT INTO order_price (fund_id, order_id, valuation_date, version, book_date, settlement_date, "
        "nav_amount, fund_cash, price, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        fund, id, change.price->nav_date.to_string(), change.price->nav_version,
        change.dates->book_date.to_string(), change.dates->settlement_date.to_string(),
        change.price->nav_amount, change.price->fund_cash, price_json(*change.price, *change.dates),
        stamp.now.ns());
  if (change.event.event == "settled")
    db::execute(transaction,
                "WITH head AS (UPDATE dealing_head SET settlements = settlements + 1 WHERE fund_id = $1 "
                "RETURNING settlements) INSERT INTO order_settlement (fund_id, order_id, settled_before, "
                "units, order_units, settlement_date, settled_by, known_at_ns, reference, number) "
                "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, settlements FROM head",
                fund, id, stored.settled, *change.event.units, stored.order.units,
                change.event.date->to_string(), stamp.actor, stamp.now.ns(), change.event.text);
}

Decimal settled_by(const OrderChange& change) {
  return change.event.event == "settled" ? *change.event.units : Decimal{};
}

}  // namespace

PostgresDealingStore PostgresDealingStore::keyed(const db::KeyedRequest& request) const {
  PostgresDealingStore store = *this;
  store.request_ = request;
  return store;
}

namespace {
bool has_changed(bool is_new) { return is_new; }
bool has_changed(const PlaceReport& report) { return report.placed > 0; }
}  // namespace

/// Runs `effect`, which gives its result and the answer's body, with the request's key where there is one.
template <class Effect>
auto PostgresDealingStore::write(const Effect& effect) {
  try {
    return pool_.transact([&](db::Transaction& transaction) {
      if (request_ && db::find_or_claim(transaction, *request_)) throw db::AnsweredMeanwhile();
      const auto [result, body] = effect(transaction);
      if (request_)
        db::store_answer(transaction, *request_, {has_changed(result) ? kCreatedStatus : kOkStatus, body});
      return result;
    });
  } catch (const db::ConstraintViolation& violation) {
    if (violation.kind == db::ConstraintViolation::Kind::kUnique)
      throw base::Conflict("somebody else did so meanwhile: ask again");
    throw;
  }
}

std::vector<dealing::AuthorizedParticipant> PostgresDealingStore::participants(const model::FundId& fund) {
  return pool_.transact([&](db::Transaction& transaction) { return load_participants(transaction, fund); },
                        kReading);
}

bool PostgresDealingStore::add_participant(const model::FundId& fund,
                                           const dealing::AuthorizedParticipant& participant,
                                           const ActStamp& stamp) {
  const std::string body =
      R"({"fund":")" + fund.value() + R"(","participant":")" + participant.id.value() + R"("})";
  return write([&](db::Transaction& transaction) -> std::pair<bool, std::string> {
    make_head(transaction, fund);
    lock_head(transaction, fund);
    for (const auto& known : load_participants(transaction, fund)) {
      if (known.id != participant.id) continue;
      if (known.name == participant.name && known.agreement_from == participant.agreement_from)
        return {false, participants_json(fund, load_participants(transaction, fund))};
      base::refuse("participant " + participant.id.value(), "is on record with another name or date");
    }
    db::execute(
        transaction,
        "INSERT INTO participant (fund_id, participant_id, name, agreement_from, recorded_by, known_at_ns) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        fund, participant.id, participant.name, participant.agreement_from.to_string(), stamp.actor,
        stamp.now.ns());
    announce(transaction, fund, "participant_recorded", body, stamp);
    return {true, participants_json(fund, load_participants(transaction, fund))};
  });
}

void PostgresDealingStore::add_standing(const model::FundId& fund, const dealing::ParticipantId& id,
                                        const dealing::ParticipantStanding& standing, const ActStamp& stamp) {
  const std::string body = R"({"from":")" + standing.from.to_string() + R"(","fund":")" + fund.value() +
                           R"(","participant":")" + id.value() + R"(","suspended":)" +
                           (standing.is_suspended ? "true" : "false") + "}";
  write([&](db::Transaction& transaction) -> std::pair<bool, std::string> {
    lock_head(transaction, fund);
    const auto all = load_participants(transaction, fund);
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.id == id; });
    if (found == all.end())
      base::refuse("participant " + id.value(), "is not an authorized participant of the fund");
    const auto is_same = [&](const dealing::ParticipantStanding& one) {
      return one.from == standing.from && one.is_suspended == standing.is_suspended &&
             one.reason == standing.reason;
    };
    if (!found->standings.empty() && is_same(found->standings.back()))
      return {false, participants_json(fund, all)};
    db::execute(
        transaction,
        "INSERT INTO participant_standing (fund_id, participant_id, number, from_date, is_suspended, reason, "
        "recorded_by, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        fund, id, static_cast<int>(found->standings.size()) + 1, standing.from.to_string(),
        standing.is_suspended, standing.reason, stamp.actor, stamp.now.ns());
    announce(transaction, fund, standing.is_suspended ? "participant_suspended" : "participant_reinstated",
             body, stamp);
    return {true, participants_json(fund, load_participants(transaction, fund))};
  });
}

std::vector<StoredOrder> PostgresDealingStore::orders(const model::FundId& fund,
                                                      std::optional<time::Date> from,
                                                      std::optional<time::Date> to) {
  const auto text = [](const std::optional<time::Date>& date) {
    return date ? std::optional(date->to_string()) : std::nullopt;
  };
  return pool_.transact(
      [&](db::Transaction& transaction) {
        return load_orders(transaction, fund,
                           "($2::date IS NULL OR o.trade_date >= $2::date) AND "
                           "($3::date IS NULL OR o.trade_date <= $3::date) "
                           "ORDER BY o.trade_date DESC, o.order_id DESC LIMIT " +
                               std::to_string(kOrdersShownMax),
                           text(from), text(to));
      },
      kReading);
}

std::optional<StoredOrder> PostgresDealingStore::find_order(const model::FundId& fund,
                                                            const dealing::OrderId& id) {
  return pool_.transact(
      [&](db::Transaction& transaction) -> std::optional<StoredOrder> {
        auto found = load_orders(transaction, fund, "o.order_id = $2", id);
        if (found.empty()) return std::nullopt;
        return std::move(found.front());
      },
      kReading);
}

PlaceReport PostgresDealingStore::place(const model::FundId& fund, const std::vector<NewOrder>& orders,
                                        const Check& check, const ActStamp& stamp) {
  return write([&](db::Transaction& transaction) -> std::pair<PlaceReport, std::string> {
    make_head(transaction, fund);
    lock_head(transaction, fund);
    const auto participants = load_participants(transaction, fund);
    PlaceReport report;
    for (const NewOrder& asked : orders) {
      const dealing::Order& order = asked.order;
      const base::Bytes hash = hash_of(asked.content);
      const auto before = db::query(
          transaction, "SELECT content_hash FROM dealing_order WHERE fund_id = $1 AND order_id = $2", fund,
          order.id);
      if (!before.empty()) {
        if (before[0][0].as<base::Bytes>() != hash)
          base::refuse((asked.place.empty() ? "" : asked.place + ": ") + "order " + order.id.value() + ": id",
                       "an order of this id was placed before with other content");
        ++report.unchanged;
        continue;
      }
      const auto found = std::find_if(participants.begin(), participants.end(),
                                      [&](const auto& one) { return one.id == order.participant; });
      check(asked, found == participants.end() ? nullptr : &*found);
      db::execute(transaction,
                  "INSERT INTO dealing_order (fund_id, order_id, participant_id, side, form, units, "
                  "trade_date, cycle, "
                  "received_at_ns, content, content_hash, placed_by, known_at_ns) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                  fund, order.id, order.participant, describe(order.side), describe(order.form), order.units,
                  order.trade_date.to_string(), describe(order.cycle), order.received_at.ns(), asked.content,
                  hash, stamp.actor, stamp.now.ns());
      OrderEvent event;
      event.event = "placed";
      insert_event(transaction, fund, order.id, event, stamp);
      db::execute(transaction,
                  "INSERT INTO order_standing (fund_id, order_id, trade_date, state, number, units, settled) "
                  "VALUES ($1, $2, $3, 'placed', 1, $4, 0)",
                  fund, order.id, order.trade_date.to_string(), order.units);
      announce(transaction, fund, "order_placed", order_fact(fund, order.id, "placed", OrderState::kPlaced),
               stamp);
      ++report.placed;
    }
    db::execute(transaction, "UPDATE dealing_head SET orders = orders + $2 WHERE fund_id = $1", fund,
                static_cast<std::int64_t>(report.placed));
    const std::string body = R"({"fund":")" + fund.value() + R"(","placed":)" +
                             std::to_string(report.placed) + R"(,"unchanged":)" +
                             std::to_string(report.unchanged) + "}";
    return {report, body};
  });
}

bool PostgresDealingStore::change(const FundDefinition& fund, const dealing::OrderId& id,
                                  const Decide& decide, const ActStamp& stamp) {
  return write([&](db::Transaction& transaction) -> std::pair<bool, std::string> {
    lock_head(transaction, fund.id);
    const auto found = load_orders(transaction, fund.id, "o.order_id = $2", id);
    if (found.empty()) base::refuse("order " + id.value(), "is not known");
    const StoredOrder& stored = found.front();
    DealingSight sight;
    if (dealing::is_undecided_or_unpriced(stored.state())) {
      sight = load_sight(transaction, fund, stored.order);
      for (auto& one : load_participants(transaction, fund.id)) {
        if (one.id == stored.order.participant) sight.participant = std::move(one);
      }
    } else if (stored.price && !stored.price->owed_cash.is_zero()) {
      sight = load_sight(transaction, fund, stored.order);  // What is owed is paid of what is free.
    }
    auto change = decide(stored, sight);
    if (!change) return {false, order_fact(fund.id, id, stored.events.back().event, stored.state())};
    change->event.number = stored.events.back().number + 1;
    if (change->price) change->event.content = price_json(*change->price, *change->dates);
    if (!change->plans.empty()) change->event.content = plans_json(change->plans);
    record(transaction, fund.id, stored, *change, stamp);
    insert_event(transaction, fund.id, id, change->event, stamp);
    reserve(transaction, fund.id, id, *change, sight);
    if (db::execute(transaction,
                    "UPDATE order_standing SET state = $3, number = $4, settled = settled + $5 "
                    "WHERE fund_id = $1 AND order_id = $2 AND number = $4 - 1",
                    fund.id, id, describe(change->event.state), change->event.number,
                    settled_by(*change)) != 1)
      throw base::Conflict("order " + id.value() + ": somebody else took a step meanwhile");
    book(transaction, fund, stored, *change, stamp);
    const std::string fact = order_fact(fund.id, id, change->event.event, change->event.state);
    announce(transaction, fund.id, "order_" + change->event.event, fact, stamp);
    if (!change->plans.empty())
      announce(transaction, fund.id, "funding_plan_opened",
               R"({"fund":")" + fund.id.value() + R"(","order":")" + id.value() + R"(","plan":)" +
                   change->event.content + "}",
               stamp);
    return {true, fact};
  });
}

}  // namespace navkeeper::nav
