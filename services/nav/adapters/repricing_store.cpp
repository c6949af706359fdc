#include "services/nav/adapters/repricing_store.h"

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/errors.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_batch.h"
#include "services/nav/adapters/posting_rules.h"
#include "services/nav/adapters/repricing_json.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};
constexpr const char* kSource = "order repricing";

model::ActorId actor_of(const pqxx::field& field) {
  return base::value_or_refuse(model::ActorId::parse(field.as<std::string>()));
}

time::Instant instant_of(const pqxx::field& field) {
  return time::Instant::from_ns(field.as<std::int64_t>());
}

/// Behind whoever decides on the fund's orders.
void lock_head(db::Transaction& transaction, const model::FundId& fund) {
  if (db::query(transaction, "SELECT FROM dealing_head WHERE fund_id = $1 FOR UPDATE", fund).empty())
    base::refuse(fund.value(), "has had no dealing: its orders are entries of the books");
}

void announce(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
              const std::string& body, const ActStamp& stamp) {
  db::append_event(transaction, fund.value(), {0, kind, body, stamp.now.ns()});
  db::append_audit(transaction, fund.value(), {stamp.actor.value(), stamp.now.ns(), kind, body});
}

std::string fact_of(const model::FundId& fund, int number, std::string_view state,
                    const std::string& content) {
  return R"({"fund":")" + fund.value() + R"(","number":)" + std::to_string(number) + R"(,"state":")" +
         std::string(state) + R"(","terms":)" + content + "}";
}

void add_decision(db::Transaction& transaction, const model::FundId& fund, const StoredRepricing& stored,
                  std::optional<time::Date> booked_on, const ActStamp& stamp) {
  const auto day = booked_on ? std::optional(booked_on->to_string()) : std::nullopt;
  db::execute(transaction,
              "INSERT INTO order_repricing_decision (fund_id, number, proposed_by, is_approved, decided_by, "
              "booked_on, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7)",
              fund, stored.number, stored.proposed_by, booked_on.has_value(), stamp.actor, day,
              stamp.now.ns());
}

/// That it was dealt anew stands in the order's own life.
void add_order_event(db::Transaction& transaction, const model::FundId& fund, const RepricedOrder& one,
                     int number, time::Date booked_on, const ActStamp& stamp) {
  const std::string words = std::string(one.effect.is_positive() ? "the fund pays" : "the participant pays") +
                            " by version " + std::to_string(one.version) + " of the NAV of " +
                            one.date.to_string() + ", repricing " + std::to_string(number);
  db::execute(
      transaction,
      "INSERT INTO order_event (fund_id, order_id, number, event, state, event_date, commodity, amount, "
      "reason, content, actor, known_at_ns) SELECT fund_id, order_id, number + 1, 'repriced', state, "
      "$3, 'USD', $4, $5, '', $6, $7 FROM order_standing WHERE fund_id = $1 AND order_id = $2",
      fund, one.order, booked_on.to_string(), one.effect, words, stamp.actor, stamp.now.ns());
  if (db::execute(transaction,
                  "UPDATE order_standing SET number = number + 1 WHERE fund_id = $1 AND order_id = $2", fund,
                  one.order) != 1)
    base::refuse("order " + one.order, "is not known");
}

void add_repriced(db::Transaction& transaction, const model::FundId& fund, const RepricedOrder& one,
                  int number) {
  const bool is_reprocessed = one.treatment == OrderTreatment::kReprocessed;
  db::execute(
      transaction,
      "INSERT INTO order_repriced (fund_id, order_name, valuation_date, version, number, is_approved, "
      "order_id, treatment, published_version, effect) VALUES ($1, $2, $3, $4, $5, true, $6, $7, $8, $9)",
      fund, one.order, one.date.to_string(), one.version, number,
      one.is_own ? std::optional(one.order) : std::nullopt, describe(one.treatment),
      is_reprocessed ? std::optional(one.version) : std::nullopt, one.effect);
}

}  // namespace

PostgresRepricingStore PostgresRepricingStore::keyed(const db::KeyedRequest& request) const {
  PostgresRepricingStore store = *this;
  store.request_ = request;
  return store;
}

template <class Effect>
void PostgresRepricingStore::write(const Effect& effect) {
  try {
    pool_.transact([&](db::Transaction& transaction) { db::write_once(transaction, request_, effect); });
  } catch (const db::ConstraintViolation& violation) {
    if (violation.kind == db::ConstraintViolation::Kind::kUnique)
      throw base::Conflict(
          "somebody else decided on it, or corrected one of its orders, meanwhile: look again");
    throw;
  }
}

std::vector<StoredRepricing> PostgresRepricingStore::repricings(const model::FundId& fund) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredRepricing> found;
        for (const auto& row : db::query(
                 transaction,
                 "SELECT r.number, r.content, r.proposed_by, r.known_at_ns, d.is_approved, d.decided_by, "
                 "d.booked_on, d.known_at_ns AS decided_at_ns FROM order_repricing r LEFT JOIN "
                 "order_repricing_decision d USING (fund_id, number) WHERE r.fund_id = $1 "
                 "ORDER BY r.number",
                 fund)) {
          StoredRepricing stored(actor_of(row["proposed_by"]));
          stored.number = row["number"].as<int>();
          stored.repricing = read_repricing(row["content"].as<std::string>());
          stored.proposed_at = instant_of(row["known_at_ns"]);
          if (!row["is_approved"].is_null()) {
            (row["is_approved"].as<bool>() ? stored.approved_by : stored.withdrawn_by) =
                actor_of(row["decided_by"]);
            stored.decided_at = instant_of(row["decided_at_ns"]);
            stored.booked_on = db::optional_of<time::Date>(row["booked_on"]);
          }
          found.push_back(std::move(stored));
        }
        return found;
      },
      kReading);
}

std::vector<RepricedOrder> PostgresRepricingStore::repriced(const model::FundId& fund, time::Date date) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<RepricedOrder> found;
        for (const auto& row : db::query(transaction,
                                         "SELECT order_name, order_id, version, treatment, effect FROM "
                                         "order_repriced WHERE fund_id = $1 AND valuation_date = $2 "
                                         "ORDER BY order_name, version",
                                         fund, date.to_string())) {
          RepricedOrder one;
          one.order = row["order_name"].as<std::string>();
          one.is_own = !row["order_id"].is_null();
          one.date = date;
          one.version = row["version"].as<int>();
          one.treatment = row["treatment"].as<std::string>() == "netted" ? OrderTreatment::kNetted
                                                                         : OrderTreatment::kReprocessed;
          one.effect = row["effect"].as<Decimal>();
          found.push_back(std::move(one));
        }
        return found;
      },
      kReading);
}

int PostgresRepricingStore::add_repricing(const model::FundId& fund, const Repricing& repricing,
                                          const ActStamp& stamp) {
  const std::string content = repricing_content(repricing);
  int number = 0;
  write([&](db::Transaction& transaction) {
    lock_head(transaction, fund);
    const auto digest = crypto::sha256(content);
    const base::Bytes hash{digest.begin(), digest.end()};
    const auto known = db::query(transaction,
                                 "SELECT r.number FROM order_repricing r WHERE r.fund_id = $1 AND "
                                 "r.content_hash = $2 AND r.proposed_by = $3 AND NOT EXISTS (SELECT FROM "
                                 "order_repricing_decision d WHERE d.fund_id = r.fund_id AND "
                                 "d.number = r.number)",
                                 fund, hash, stamp.actor);
    if (!known.empty()) {
      number = known[0][0].as<int>();
      return repricing_fact(fund, number, "proposed");
    }
    number =
        db::query(transaction, "SELECT coalesce(max(number), 0) + 1 FROM order_repricing WHERE fund_id = $1",
                  fund)[0][0]
            .as<int>();
    db::execute(
        transaction,
        "INSERT INTO order_repricing (fund_id, number, content, content_hash, proposed_by, known_at_ns) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        fund, number, content, hash, stamp.actor, stamp.now.ns());
    announce(transaction, fund, "repricing_proposed", fact_of(fund, number, "proposed", content), stamp);
    return repricing_fact(fund, number, "proposed");
  });
  return number;
}

void PostgresRepricingStore::approve(const FundDefinition& fund, const StoredRepricing& stored,
                                     time::Date booked_on, const std::vector<DraftToPost>& drafts,
                                     const ActStamp& stamp) {
  write([&](db::Transaction& transaction) {
    lock_head(transaction, fund.id);
    lock_books(transaction, fund.id);
    const auto last =
        db::query(transaction, "SELECT max(valuation_date) >= $2::date FROM nav WHERE fund_id = $1", fund.id,
                  booked_on.to_string());
    if (!last[0][0].is_null() && last[0][0].as<bool>())
      throw base::Conflict("the NAV of " + booked_on.to_string() +
                           " was struck meanwhile: the next one can have the repricing; ask again");
    add_decision(transaction, fund.id, stored, booked_on, stamp);
    for (const RepricedOrder& one : stored.repricing.orders) {
      add_repriced(transaction, fund.id, one, stored.number);
      if (one.treatment == OrderTreatment::kReprocessed)
        add_order_event(transaction, fund.id, one, stored.number, booked_on, stamp);
    }
    if (!drafts.empty()) {
      PostRequest request(fund.id, stamp.actor, stamp.now);
      request.source = kSource;
      request.drafts = drafts;
      const FundPostingRules rules(fund);
      post_drafts(transaction, rules.rules(), request);
    }
    announce(transaction, fund.id, "repricing_approved",
             fact_of(fund.id, stored.number, "approved", repricing_content(stored.repricing)), stamp);
    return repricing_fact(fund.id, stored.number, "approved");
  });
}

void PostgresRepricingStore::withdraw(const model::FundId& fund, const StoredRepricing& stored,
                                      const ActStamp& stamp) {
  write([&](db::Transaction& transaction) {
    lock_head(transaction, fund);
    add_decision(transaction, fund, stored, std::nullopt, stamp);
    const std::string fact = repricing_fact(fund, stored.number, "withdrawn");
    announce(transaction, fund, "repricing_withdrawn", fact, stamp);
    return fact;
  });
}

}  // namespace navkeeper::nav
