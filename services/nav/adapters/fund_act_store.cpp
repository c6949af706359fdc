#include "services/nav/adapters/fund_act_store.h"

#include <algorithm>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/errors.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/fund_act_json.h"
#include "services/nav/adapters/known_time.h"
#include "services/nav/adapters/late_entry_store.h"
#include "services/nav/adapters/posting_rules.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

model::ActorId actor_of(const pqxx::field& field) {
  return base::value_or_refuse(model::ActorId::parse(field.as<std::string>()));
}

base::Bytes hash_of(std::string_view content) {
  const auto digest = crypto::sha256(content);
  return {digest.begin(), digest.end()};
}

}  // namespace

std::string payment_taken_back(const std::string& known_at_ns) {
  return "(s.step = 'paid' AND EXISTS (SELECT FROM entry e JOIN entry r ON r.fund_id = e.fund_id "
         "AND r.reverses = e.seq WHERE e.fund_id = s.fund_id AND e.source = 'distribution' AND e.source_id = "
         "s.act_id || '/paid' || CASE WHEN s.attempt = 1 THEN '' ELSE ' ' || s.attempt END "
         "AND r.known_at_ns <= " +
         known_at_ns + "))";
}

std::string act_undone(const std::string& known_at_ns) {
  return "EXISTS (SELECT FROM fund_act_undo_decision u WHERE (u.fund_id, u.act_id) = (a.fund_id, a.act_id) "
         "AND u.is_approved AND u.known_at_ns <= " +
         known_at_ns + ")";
}

namespace {

/// Of the fund $1 as known at $2.
const char* const kActs =
    "SELECT a.act_id, a.content, a.proposed_by, a.known_at_ns, y.decided_by AS approved_by, "
    "n.decided_by AS withdrawn_by FROM fund_act a "
    "LEFT JOIN fund_act_decision y ON (y.fund_id, y.act_id) = (a.fund_id, a.act_id) AND y.is_approved "
    "AND y.known_at_ns <= $2 "
    "LEFT JOIN fund_act_decision n ON (n.fund_id, n.act_id) = (a.fund_id, a.act_id) AND NOT n.is_approved "
    "AND n.known_at_ns <= $2 WHERE a.fund_id = $1 AND a.known_at_ns <= $2 ";

void load_undo(db::Transaction& transaction, const std::string& fund, time::Instant known_at,
               StoredAct& stored) {
  const auto rows = db::query(
      transaction,
      "SELECT u.number, u.reason, u.asked_by, u.known_at_ns, d.is_approved, d.decided_by FROM fund_act_undo "
      "u "
      "LEFT JOIN fund_act_undo_decision d ON (d.fund_id, d.act_id, d.number) = (u.fund_id, u.act_id, "
      "u.number) AND d.known_at_ns <= $3 WHERE u.fund_id = $1 AND u.act_id = $2 AND u.known_at_ns <= $3 "
      "ORDER "
      "BY u.number DESC LIMIT 1",
      fund, stored.act.id, known_at.ns());
  if (rows.empty()) return;
  const auto& row = rows[0];
  ActUndo undo(actor_of(row["asked_by"]));
  undo.number = row["number"].as<int>();
  undo.reason = row["reason"].as<std::string>();
  undo.asked_at = time::Instant::from_ns(row["known_at_ns"].as<std::int64_t>());
  if (!row["decided_by"].is_null())
    (row["is_approved"].as<bool>() ? undo.approved_by : undo.withdrawn_by) = actor_of(row["decided_by"]);
  if (undo.approved_by) stored.undone = std::exchange(stored.steps, {});
  stored.undo = std::move(undo);
}

StoredAct act_of(db::Transaction& transaction, const std::string& fund, const pqxx::row& row,
                 time::Instant known_at) {
  StoredAct stored(actor_of(row["proposed_by"]));
  stored.content = row["content"].as<std::string>();
  stored.act = read_act_text(stored.content).act;
  stored.proposed_at = time::Instant::from_ns(row["known_at_ns"].as<std::int64_t>());
  if (!row["approved_by"].is_null()) stored.approved_by = actor_of(row["approved_by"]);
  if (!row["withdrawn_by"].is_null()) stored.withdrawn_by = actor_of(row["withdrawn_by"]);
  for (const auto& step :
       db::query(transaction,
                 "SELECT s.step, s.step_date::text AS day, s.shares, s.memo, s.attempt, " +
                     payment_taken_back("$3") +
                     " AS is_taken_back FROM fund_act_step s "
                     "WHERE s.fund_id = $1 AND s.act_id = $2 AND s.known_at_ns <= $3 "
                     "ORDER BY array_position(ARRAY['ex', 'recorded', 'paid', 'applied'], s.step), s.attempt",
                 fund, stored.act.id, known_at.ns())) {
    if (step["is_taken_back"].as<bool>()) {
      ++stored.payments_taken_back;
      continue;
    }
    ActStep taken{step["step"].as<std::string>(), time::Date::literal(step["day"].as<std::string>()),
                  std::nullopt, step["memo"].as<std::string>(), step["attempt"].as<int>()};
    if (!step["shares"].is_null()) taken.shares = step["shares"].as<Decimal>();
    stored.steps.push_back(std::move(taken));
  }
  load_undo(transaction, fund, known_at, stored);
  return stored;
}

/// Whoever decides on a fund's acts and facts waits here for the others.
void lock_policies(db::Transaction& transaction, const model::FundId& fund) {
  db::query(transaction, "SELECT FROM policy_head WHERE fund_id = $1 FOR UPDATE", fund);
}

/// As it stands under the lock.
StoredAct act_now(db::Transaction& transaction, const model::FundId& fund, const StoredAct& act) {
  const auto rows = db::query(transaction, std::string(kActs) + "AND a.act_id = $3", fund,
                              time::Instant::latest().ns(), act.act.id);
  ENSURE(!rows.empty());
  return act_of(transaction, fund.value(), rows[0], time::Instant::latest());
}

/// Under which a step's entry stands; a step may have none.
books::Source source_of(const FundAct& act, const ActStep& step) {
  const std::string kind(act.kind());
  if (kind == "distribution")
    return {kind, act.id + "/" + step.step + (step.attempt == 1 ? "" : " " + std::to_string(step.attempt))};
  return {kind, (kind == "spin_off" ? "spin-off" : kind) + "/" + act.id};
}

/// What others have begun on the ground of the act stops it: a wire that pays a distribution, orders in the
/// shares of a split.
void refuse_begun(db::Transaction& transaction, const model::FundId& fund, const StoredAct& act) {
  const std::string where = fund.value() + " " + act.act.id;
  if (act.act.kind() == "distribution") {
    // Of a payment that was booked and taken back the dollars have returned.
    const auto wires = db::query(
        transaction,
        "SELECT p.proposal_id, r.wire_id IS NOT NULL AS is_released FROM cash_proposal p LEFT JOIN "
        "wire_release r ON r.fund_id = p.fund_id AND r.wire_id = p.proposal_id WHERE p.fund_id = $1 AND "
        "p.kind "
        "= 'wire' AND p.content::jsonb #>> '{pays,source}' = 'distribution' AND split_part(p.content::jsonb "
        "#>> '{pays,id}', '/', 1) = $2 AND NOT EXISTS (SELECT FROM cash_decision n WHERE (n.fund_id, n.kind, "
        "n.proposal_id) = (p.fund_id, p.kind, p.proposal_id) AND NOT n.is_approved) AND (r.wire_id IS NULL "
        "OR "
        "$3::integer = 0) ORDER BY r.wire_id IS NULL, p.proposal_id LIMIT 1",
        fund, act.act.id, act.payments_taken_back);
    if (!wires.empty())
      base::refuse(where,
                   "the wire " + wires[0]["proposal_id"].as<std::string>() + " pays it" +
                       (wires[0]["is_released"].as<bool>()
                            ? " and has left: its payment is booked, and taken back when the dollars are"
                            : ": it is withdrawn first (navkeeper cash withdraw)"));
  }
  if (act.act.kind() == "split") {
    db::query(transaction, "SELECT FROM dealing_head WHERE fund_id = $1 FOR UPDATE", fund);
    const auto orders =
        db::query(transaction,
                  "SELECT order_id, state FROM order_standing WHERE fund_id = $1 AND "
                  "trade_date >= $2 AND state IN ('placed', 'accepted') ORDER BY order_id LIMIT 1",
                  fund, act.act.effective().to_string());
    if (!orders.empty())
      base::refuse(where, "the order " + orders[0]["order_id"].as<std::string>() + " in new shares is " +
                              orders[0]["state"].as<std::string>() +
                              ": orders since the split are rejected or cancelled first");
  }
}

/// The entries of the act's steps, the last one first. Each stays on its dates, so that NAVs that had it are
/// wrong by it and said to be.
LateReport take_back(db::Transaction& transaction, const FundDefinition& fund, const StoredAct& act,
                     const Stamp& stamp) {
  LateWatch watch(transaction, fund);
  for (auto step = act.steps.rbegin(); step != act.steps.rend(); ++step) {
    const books::Source source = source_of(act.act, *step);
    if (db::query(transaction, "SELECT FROM entry WHERE fund_id = $1 AND source = $2 AND source_id = $3",
                  fund.id, source.name, source.id)
            .empty())
      continue;
    reverse_entry(transaction, fund.id, source, reversal_source(source), stamp, act.undo->reason,
                  ReversedBy::kTwoPeople);
  }
  // A strike that looked before must look again.
  db::execute(transaction, "UPDATE policy_head SET facts = facts + 1 WHERE fund_id = $1", fund.id);
  LateEntries late = watch.assess();
  watch.bring_others(late, stamp);
  return watch.keep(late, stamp);
}

ActStamp stamp_of(db::Transaction& transaction, const model::FundId& fund, const ActStamp& given) {
  return {given.actor, known_time(transaction, fund, given.now)};
}

void announce(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
              const std::string& body, const ActStamp& stamp) {
  db::append_event(transaction, fund.value(), {0, kind, body, stamp.now.ns()});
  db::append_audit(transaction, fund.value(), {stamp.actor.value(), stamp.now.ns(), kind, body});
}

}  // namespace

PostgresActStore PostgresActStore::keyed(const db::KeyedRequest& request) const {
  PostgresActStore store = *this;
  store.request_ = request;
  return store;
}

template <class Effect>
void PostgresActStore::write(const Effect& effect) {
  try {
    pool_.transact([&](db::Transaction& transaction) { db::write_once(transaction, request_, effect); });
  } catch (const db::ConstraintViolation& violation) {
    if (violation.kind == db::ConstraintViolation::Kind::kUnique)
      throw base::Conflict("somebody else did so meanwhile: ask again");
    throw;
  }
}

std::vector<StoredAct> load_acts(db::Transaction& transaction, const model::FundId& fund,
                                 time::Instant known_at) {
  std::vector<StoredAct> acts;
  for (const auto& row :
       db::query(transaction, std::string(kActs) + "ORDER BY a.act_id", fund, known_at.ns()))
    acts.push_back(act_of(transaction, fund.value(), row, known_at));
  std::stable_sort(acts.begin(), acts.end(), [](const StoredAct& a, const StoredAct& b) {
    return a.act.effective() < b.act.effective();
  });
  return acts;
}

std::vector<StoredAct> PostgresActStore::acts(const model::FundId& fund, time::Instant known_at) {
  wait_until_known(pool_, fund, known_at);
  return pool_.transact([&](db::Transaction& transaction) { return load_acts(transaction, fund, known_at); },
                        kReading);
}

std::optional<StoredAct> PostgresActStore::find_act(const model::FundId& fund, const std::string& id,
                                                    time::Instant known_at) {
  wait_until_known(pool_, fund, known_at);
  return pool_.transact(
      [&](db::Transaction& transaction) -> std::optional<StoredAct> {
        const auto rows =
            db::query(transaction, std::string(kActs) + "AND a.act_id = $3", fund, known_at.ns(), id);
        if (rows.empty()) return std::nullopt;
        return act_of(transaction, fund.value(), rows[0], known_at);
      },
      kReading);
}

BooksSight PostgresActStore::books_on(const model::FundId& fund, time::Date date, books::Basis basis) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        BooksSight sight;
        const auto stored = load_books(transaction, fund, {basis, date, std::nullopt});
        if (!stored) return sight;
        sight.shares = stored->shares.to_decimal(0);
        for (const StoredBalance& balance : stored->balances) {
          const Decimal amount = balance.balance.to_decimal(balance.decimals);
          if (balance.account == "Assets:Cash" && balance.commodity == policy::kDollars) {
            sight.cash = amount;
          } else if (balance.account.starts_with("Assets:") && balance.commodity != policy::kDollars) {
            sight.coins[balance.commodity] += amount;
          }
        }
        return sight;
      },
      kReading);
}

namespace {

/// SQL: an entry of which something is dated after the day `$n` (null: none is). What it brought was not
/// there on that day on some basis.
std::string is_since(const char* parameter) {
  return std::string("greatest(e.trade_date, e.book_date, e.settlement_date) > ") + parameter + "::date";
}

std::optional<std::string> text_of(const std::optional<time::Date>& date) {
  return date ? std::optional(date->to_string()) : std::nullopt;
}

}  // namespace

std::vector<OpenLot> load_open_lots(db::Transaction& transaction, const model::FundId& fund, books::Book book,
                                    const std::string& asset, std::optional<time::Date> held_on) {
  const bool is_tax = book == books::Book::kTax;
  const std::string place = is_tax ? "place" : "''::text";
  // An entry and its reversal, which has its dates, come to nothing together.
  // Lots and what came late are added up and not joined: no plan of many of both is quadratic.
  const std::string sql =
      "SELECT lot, place, min(acquired)::text AS acquired, sum(quantity) AS quantity, sum(cost) AS cost, "
      "(SELECT decimals FROM commodity WHERE fund_id = $1 AND commodity = $2) AS decimals, "
      "sum(quantity) - sum(came) AS held FROM (SELECT lot, " +
      place + " AS place, acquired, quantity, cost, 0::numeric AS came FROM " + (is_tax ? "tax_lot" : "lot") +
      " WHERE fund_id = $1 AND asset = $2 AND quantity > 0 UNION ALL SELECT m.lot, " + place +
      ", NULL, 0, 0, sum(m.quantity) FROM entry e CROSS JOIN LATERAL (SELECT * FROM " +
      (is_tax ? "tax_lot_movement" : "lot_movement") +
      " m WHERE m.fund_id = e.fund_id AND m.seq = e.seq OFFSET 0) AS m WHERE e.fund_id = $1 AND m.asset = $2 "
      "AND " +
      is_since("$3") +
      " GROUP BY 1, 2, coalesce(e.reverses, (SELECT v.seq FROM late_move v WHERE v.fund_id = e.fund_id AND "
      "v.back = e.seq), e.seq) HAVING sum(m.quantity) > 0) AS l GROUP BY 1, 2 "
      "HAVING sum(quantity) > sum(came) ORDER BY 3, 1, 2";
  std::vector<OpenLot> lots;
  for (const auto& row : db::query(transaction, sql, fund, asset, text_of(held_on))) {
    const auto whole = [](const Decimal& sum, int decimals) {
      const auto units = books::Units::from(sum, 0);
      ENSURE(units.has_value());  // every sum was checked before it was stored
      return units->to_decimal(decimals);
    };
    const Decimal held = row["held"].as<Decimal>();
    const Decimal cost = money::mul_div(row["cost"].as<Decimal>(), held, row["quantity"].as<Decimal>(), 0,
                                        money::Rounding::kHalfEven);
    OpenLot lot;
    lot.lot = row["lot"].as<std::uint64_t>();
    lot.place.account = row["place"].as<std::string>();
    lot.held = {std::to_string(lot.lot) + "@" + lot.place.account, whole(held, row["decimals"].as<int>()),
                whole(cost, books::kDollarDecimals), time::Date::literal(row["acquired"].as<std::string>())};
    lots.push_back(std::move(lot));
  }
  return lots;
}

std::vector<OpenLot> PostgresActStore::open_lots(const model::FundId& fund, books::Book book,
                                                 const std::string& asset,
                                                 std::optional<time::Date> held_on) {
  return pool_.transact(
      [&](db::Transaction& transaction) { return load_open_lots(transaction, fund, book, asset, held_on); },
      kReading);
}

namespace {

constexpr std::size_t kEntriesNamedMax = 3;

/// The first entries that stand, are dated after the day and move the coin.
std::vector<std::string> entries_since(db::Transaction& transaction, const model::FundId& fund,
                                       const std::string& asset, time::Date day) {
  std::vector<std::string> named;
  for (const auto& row :
       db::query(transaction,
                 "SELECT e.source || ':' || e.source_id AS name FROM entry e WHERE e.fund_id = $1 AND " +
                     is_since("$3") +
                     " AND e.reverses IS NULL AND EXISTS (SELECT FROM posting p WHERE p.fund_id = e.fund_id "
                     "AND p.seq = e.seq AND p.commodity = $2) AND NOT EXISTS (SELECT FROM entry r WHERE "
                     "r.fund_id = e.fund_id AND r.reverses = e.seq) ORDER BY e.seq LIMIT $4",
                 fund, asset, day.to_string(), static_cast<int>(kEntriesNamedMax)))
    named.push_back(row["name"].as<std::string>());
  return named;
}

}  // namespace

CoinsThere PostgresActStore::coins_at(const model::FundId& fund, const std::string& asset,
                                      std::optional<time::Date> held_on) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        CoinsThere there;
        for (const auto& row : db::query(
                 transaction,
                 "WITH late AS (SELECT account, sum(came) AS came FROM (SELECT side.account, "
                 "sum(side.amount) AS came FROM entry e JOIN posting p USING (fund_id, seq) "
                 "CROSS JOIN LATERAL (VALUES (p.debit, p.amount), (p.credit, -p.amount)) AS side (account, "
                 "amount) WHERE e.fund_id = $1 AND p.commodity = $2 AND side.account LIKE 'Assets:%' AND " +
                     is_since("$3") +
                     " GROUP BY 1, coalesce(e.reverses, e.seq) HAVING sum(side.amount) > 0) AS each "
                     "GROUP BY 1) SELECT b.account, c.decimals, "
                     "greatest(b.amount - coalesce(late.came, 0), 0) AS held, "
                     "least(b.amount, coalesce(late.came, 0)) AS since FROM account_balance b "
                     "JOIN commodity c USING (fund_id, commodity) LEFT JOIN late USING (account) "
                     "WHERE b.fund_id = $1 AND b.commodity = $2 AND b.amount > 0 "
                     "AND b.account LIKE 'Assets:%' ORDER BY b.account",
                 fund, asset, text_of(held_on))) {
          const auto whole = [&](const char* column) {
            const auto units = books::Units::from(row[column].as<Decimal>(), 0);
            ENSURE(units.has_value());  // every sum was checked before it was stored
            return units->to_decimal(row["decimals"].as<int>());
          };
          const Decimal held = whole("held");
          there.came_since += whole("since");
          if (held.is_zero()) continue;
          if (const auto place = books::place_of_account(row["account"].as<std::string>()))
            there.places.push_back({place->second, held});
          else
            there.receivable += held;
        }
        if (held_on) there.entries_since = entries_since(transaction, fund, asset, *held_on);
        return there;
      },
      kReading);
}

void PostgresActStore::add_act(const model::FundId& fund, const NewAct& act, const ActStamp& given) {
  write([&](db::Transaction& transaction) {
    db::execute(transaction, "INSERT INTO policy_head (fund_id, facts) VALUES ($1, 0) ON CONFLICT DO NOTHING",
                fund);
    const ActStamp stamp = stamp_of(transaction, fund, given);
    db::execute(
        transaction,
        "INSERT INTO fund_act (fund_id, act_id, kind, content, content_hash, proposed_by, known_at_ns) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        fund, act.act.id, act.act.kind(), act.content, hash_of(act.content), stamp.actor, stamp.now.ns());
    const std::string fact = act_fact(fund, act.act.id, act.act.kind(), "proposed");
    announce(transaction, fund, "fund_act_proposed", fact, stamp);
    return fact;
  });
}

void PostgresActStore::add_decision(const model::FundId& fund, const StoredAct& act, bool is_approved,
                                    const ActStamp& given) {
  write([&](db::Transaction& transaction) {
    lock_policies(transaction, fund);
    const ActStamp stamp = stamp_of(transaction, fund, given);
    if (!is_approved &&
        !db::query(transaction, "SELECT FROM fund_act_step WHERE fund_id = $1 AND act_id = $2", fund,
                   act.act.id)
             .empty())
      throw base::Conflict(act.act.id + ": takes effect already");
    db::execute(transaction,
                "INSERT INTO fund_act_decision (fund_id, act_id, proposed_by, is_approved, decided_by, "
                "known_at_ns) VALUES ($1, $2, $3, $4, $5, $6)",
                fund, act.act.id, act.proposed_by, is_approved, stamp.actor, stamp.now.ns());
    const char* const state = is_approved ? "approved" : "withdrawn";
    const std::string fact = act_fact(fund, act.act.id, act.act.kind(), state);
    announce(transaction, fund, std::string("fund_act_") + state, fact, stamp);
    return fact;
  });
}

void PostgresActStore::add_step(const FundDefinition& fund, const StoredAct& act, const StepToTake& step,
                                const ActStamp& given) {
  const FundPostingRules rules(fund);
  write([&](db::Transaction& transaction) {
    // A withdrawal and a step wait for one another here; who comes second sees the other.
    lock_policies(transaction, fund.id);
    const ActStamp stamp = stamp_of(transaction, fund.id, given);
    if (!db::query(transaction,
                   "SELECT FROM fund_act_decision WHERE fund_id = $1 AND act_id = $2 AND NOT is_approved",
                   fund.id, act.act.id)
             .empty())
      throw base::Conflict(act.act.id + ": was withdrawn meanwhile");
    if (!db::query(transaction,
                   "SELECT FROM fund_act_undo_decision WHERE fund_id = $1 AND act_id = $2 AND is_approved",
                   fund.id, act.act.id)
             .empty())
      throw base::Conflict(act.act.id + ": was undone meanwhile");
    db::execute(transaction,
                "INSERT INTO fund_act_step (fund_id, act_id, step, is_approved, step_date, shares, memo, "
                "taken_by, known_at_ns, attempt) VALUES ($1, $2, $3, true, $4, $5, $6, $7, $8, $9)",
                fund.id, act.act.id, step.step.step, step.step.date.to_string(), step.step.shares,
                step.step.memo, stamp.actor, stamp.now.ns(), step.step.attempt);
    PostRequest request(fund.id, stamp.actor, stamp.now);
    request.source = std::string(act.act.kind());
    request.new_assets = step.new_assets;
    request.drafts = step.drafts;
    if (!request.drafts.empty()) post_drafts(transaction, rules.rules(), request);
    const std::string fact = act_fact(fund.id, act.act.id, act.act.kind(), step.step.step);
    announce(transaction, fund.id, "fund_act_" + step.step.step, fact, stamp);
    return fact;
  });
}

void PostgresActStore::add_undo(const model::FundId& fund, const StoredAct& act, const std::string& reason,
                                const ActStamp& given) {
  write([&](db::Transaction& transaction) {
    lock_policies(transaction, fund);
    const ActStamp stamp = stamp_of(transaction, fund, given);
    const StoredAct now = act_now(transaction, fund, act);
    if (now.undo && !now.undo->withdrawn_by)
      throw base::Conflict(act.act.id + ": somebody asked for it to be undone meanwhile");
    db::execute(transaction,
                "INSERT INTO fund_act_undo (fund_id, act_id, number, reason, asked_by, known_at_ns) VALUES "
                "($1, $2, $3, $4, $5, $6)",
                fund, act.act.id, now.undo ? now.undo->number + 1 : 1, reason, stamp.actor, stamp.now.ns());
    const std::string fact = act_fact(fund, act.act.id, act.act.kind(), act.state());
    announce(transaction, fund, "fund_act_undo_asked", fact, stamp);
    return fact;
  });
}

LateReport PostgresActStore::decide_undo(const FundDefinition& fund, const StoredAct& act, bool is_approved,
                                         const ActStamp& given) {
  LateReport lateness;
  write([&](db::Transaction& transaction) {
    lock_policies(transaction, fund.id);
    const ActStamp stamp = stamp_of(transaction, fund.id, given);
    const StoredAct now = act_now(transaction, fund.id, act);
    if (!now.undo || !now.undo->waits() || now.undo->number != act.undo->number ||
        now.steps.size() != act.steps.size())
      throw base::Conflict(act.act.id + ": moved on meanwhile: look at it again");
    db::execute(transaction,
                "INSERT INTO fund_act_undo_decision (fund_id, act_id, number, asked_by, is_approved, "
                "decided_by, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                fund.id, act.act.id, now.undo->number, now.undo->asked_by, is_approved, stamp.actor,
                stamp.now.ns());
    if (is_approved) refuse_begun(transaction, fund.id, now);
    if (is_approved) lateness = take_back(transaction, fund, now, {stamp.actor, stamp.now});
    const std::string fact = undo_fact(fund.id, act, is_approved ? "undone" : act.state(), lateness);
    announce(transaction, fund.id, is_approved ? "fund_act_undone" : "fund_act_undo_withdrawn", fact, stamp);
    return fact;
  });
  return lateness;
}

}  // namespace navkeeper::nav
