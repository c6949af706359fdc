#include "services/nav/adapters/fund_fact_store.h"

#include <utility>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/fund_fact_json.h"
#include "services/nav/adapters/known_time.h"
#include "services/nav/adapters/late_entry_store.h"
#include "services/nav/adapters/posting_rules.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};
constexpr const char* kSource = "facts";

base::Bytes hash_of(std::string_view content) {
  const auto digest = crypto::sha256(content);
  return {digest.begin(), digest.end()};
}

time::Date date_of(const pqxx::field& field) { return time::Date::literal(field.as<std::string>()); }

}  // namespace

std::string fact_taken_back() {
  return "EXISTS (SELECT FROM entry e JOIN entry r ON r.fund_id = e.fund_id AND r.reverses = e.seq "
         "WHERE e.fund_id = s.fund_id AND e.source = 'facts' AND e.source_id = s.fact_id)";
}

namespace {

class StoredSight final : public FactSight {
 public:
  StoredSight(db::Transaction& transaction, const FundDefinition& fund)
      : transaction_(transaction), fund_(fund) {}

  std::optional<time::Date> last_struck() const override {
    const auto rows =
        db::query(transaction_, "SELECT max(valuation_date)::text FROM nav WHERE fund_id = $1", fund_.id);
    if (rows[0][0].is_null()) return std::nullopt;
    return date_of(rows[0][0]);
  }

  std::optional<time::Date> closed_through() const override {
    const auto rows =
        db::query(transaction_, "SELECT closed_through::text FROM books_head WHERE fund_id = $1", fund_.id);
    if (rows.empty() || rows[0][0].is_null()) return std::nullopt;
    return date_of(rows[0][0]);
  }

  policy::RewardState reward(const std::string& reward_id) const override {
    policy::RewardState state;
    const auto rows = db::query(transaction_,
                                "SELECT reward_type, asset, stage, book_date::text AS day, gross, "
                                "provider_cut, price, recognised::text AS recognised, receivable, "
                                "receivable_value, event_date::text AS event_day, place, coin_state, "
                                "pending, standing_account, cut_value FROM reward_stage s "
                                "WHERE fund_id = $1 AND reward_id = $2 AND NOT " +
                                    fact_taken_back() + " ORDER BY stage DESC LIMIT 1",
                                fund_.id, reward_id);
    if (rows.empty()) return state;
    const auto& row = rows[0];
    policy::RewardEvent last;
    last.reward_id = reward_id;
    last.type = row["reward_type"].as<std::string>();
    last.asset = row["asset"].as<std::string>();
    last.stage = static_cast<policy::RewardStage>(row["stage"].as<int>());
    last.date = date_of(row["event_day"]);
    last.gross = row["gross"].as<Decimal>();
    last.provider_cut = row["provider_cut"].as<Decimal>();
    last.price = row["price"].as<Decimal>();
    last.place = {row["place"].as<std::string>(),
                  *books::coin_state_from(row["coin_state"].as<std::string>())};
    state.pending = row["pending"].as<Decimal>();
    state.standing_account = row["standing_account"].as<std::string>();
    state.last = std::move(last);
    if (!row["recognised"].is_null()) state.recognised = date_of(row["recognised"]);
    state.receivable = row["receivable"].as<Decimal>();
    state.receivable_value = row["receivable_value"].as<Decimal>();
    state.cut_value = row["cut_value"].as<Decimal>();
    return state;
  }

  Decimal balance(const std::string& account, const std::string& commodity) const override {
    const auto rows = db::query(transaction_,
                                "SELECT b.amount, c.decimals FROM account_balance b "
                                "JOIN commodity c USING (fund_id, commodity) "
                                "WHERE b.fund_id = $1 AND b.account = $2 AND b.commodity = $3",
                                fund_.id, account, commodity);
    if (rows.empty()) return {};
    const auto units = books::Units::from(rows[0]["amount"].as<Decimal>(), 0);
    ENSURE(units.has_value());  // every sum was checked before it was stored
    return units->to_decimal(rows[0]["decimals"].as<int>());
  }

  std::optional<TokenRate> last_rate(const std::string& token) const override {
    const auto rows = db::query(
        transaction_,
        "SELECT s.fact_date::text AS day, s.content::jsonb->>'rate_after' AS rate FROM fund_fact s JOIN "
        "entry "
        "e ON e.fund_id = s.fund_id AND e.source = 'facts' AND e.source_id = s.fact_id WHERE s.fund_id = $1 "
        "AND s.kind = 'token_rate' AND s.content::jsonb->>'token' = $2 AND NOT " +
            fact_taken_back() + " ORDER BY e.seq DESC LIMIT 1",
        fund_.id, token);
    if (rows.empty()) return std::nullopt;
    return TokenRate{date_of(rows[0]["day"]), rows[0]["rate"].as<Decimal>()};
  }

  std::optional<Decimal> last_net_assets() const override {
    const auto rows = db::query(transaction_,
                                "SELECT net_assets FROM nav WHERE fund_id = $1 "
                                "ORDER BY valuation_date DESC, version DESC LIMIT 1",
                                fund_.id);
    return rows.empty() ? std::nullopt : std::optional(rows[0][0].as<Decimal>());
  }

  std::vector<OpenLot> open_lots(books::Book book, const std::string& asset) const override {
    return load_open_lots(transaction_, fund_.id, book, asset);
  }

 private:
  db::Transaction& transaction_;
  const FundDefinition& fund_;
};

/// Whoever records facts of a fund waits here for the others.
void lock_facts(db::Transaction& transaction, const model::FundId& fund) {
  db::execute(transaction, "INSERT INTO policy_head (fund_id, facts) VALUES ($1, 0) ON CONFLICT DO NOTHING",
              fund);
  db::query(transaction, "SELECT FROM policy_head WHERE fund_id = $1 FOR UPDATE", fund);
}

/// Whether it was recorded before with the same content; refuses the same id with other content, and one that
/// was reversed.
bool was_recorded(db::Transaction& transaction, const model::FundId& fund, const FundFact& fact) {
  const auto rows = db::query(transaction,
                              "SELECT content, " + fact_taken_back() +
                                  " AS is_taken_back FROM fund_fact s WHERE fund_id = $1 AND fact_id = $2",
                              fund, fact.id);
  if (rows.empty()) return false;
  if (rows[0]["is_taken_back"].as<bool>())
    base::refuse((fact.place.empty() ? "" : fact.place + ": ") + "fact " + fact.id,
                 "was reversed: what is true now is another fact, under an id of its own");
  if (rows[0]["content"].as<std::string>() == fact.content) return true;
  base::refuse((fact.place.empty() ? "" : fact.place + ": ") + "fact " + fact.id,
               "was recorded before with other content");
}

void add_reward(db::Transaction& transaction, const model::FundId& fund, const FundFact& fact,
                const policy::RewardEvent& event, const policy::RewardState& before,
                const FactDecision& decision) {
  const policy::RewardState& after = decision.reward->state;
  if (before.last && *before.last == event) return;  // the same stage under another id
  // Each stage tells the whole reward anew: what became income with it is the difference.
  Decimal income_gross;
  if (after.recognised) income_gross = before.recognised ? event.gross - before.last->gross : event.gross;
  Decimal came_in;
  for (const policy::LotReceipt& lot : decision.reward->receipts) came_in += lot.quantity;
  const std::optional<std::string> recognised =
      after.recognised ? std::optional(after.recognised->to_string()) : std::nullopt;
  db::execute(
      transaction,
      "INSERT INTO reward_stage (fund_id, reward_id, stage, fact_id, reward_type, asset, event_date, "
      "book_date, gross, provider_cut, price, recognised, receivable, receivable_value, income_gross, "
      "came_in, place, coin_state, pending, standing_account, cut_value) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, "
      "$21)",
      fund, event.reward_id, static_cast<int>(event.stage), fact.id, event.type, event.asset,
      event.date.to_string(), decision.book_date.to_string(), event.gross, event.provider_cut, event.price,
      recognised, after.receivable, after.receivable_value, income_gross, came_in, event.place.account,
      describe(event.place.state), after.pending, after.standing_account, after.cut_value);
}

void post(db::Transaction& transaction, const FundDefinition& fund, const FundFact& fact,
          const FactDecision& decision, const Stamp& stamp) {
  const FundPostingRules posting(fund);
  const PostingRules& rules = posting.rules();
  if (!decision.drafts.empty()) {
    PostRequest request(fund.id, stamp.actor, stamp.known_at);
    request.source = kSource;
    request.drafts = decision.drafts;
    request.new_assets = decision.new_assets;
    post_drafts(transaction, rules, request);
  }
  std::vector<EventToPost> events;
  for (const books::Event& event : decision.events)
    events.push_back({event,
                      {kSource, fact.id},
                      decision.book_date,
                      decision.book_date,
                      fact.content,
                      fact.place.empty() ? "fact " + fact.id : fact.place});
  if (!events.empty()) post_events(transaction, fund.id, rules, events, stamp);
}

void add_fact(db::Transaction& transaction, const FundDefinition& fund, const FundFact& fact,
              const Stamp& stamp) {
  const StoredSight sight(transaction, fund);
  const FactDecision decision = base::value_or_refuse(decide_fact(fund, fact, sight));
  db::execute(transaction,
              "INSERT INTO fund_fact (fund_id, fact_id, kind, fact_date, content, content_hash, recorded_by, "
              "known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
              fund.id, fact.id, fact.kind(), fact.date.to_string(), fact.content, hash_of(fact.content),
              stamp.actor, stamp.known_at.ns());
  if (const auto* expense = std::get_if<ExpenseIncurred>(&fact.what))
    db::execute(transaction,
                "INSERT INTO incurred_expense (fund_id, fact_id, expense_type, book_date, borne_by_fund) "
                "VALUES ($1, $2, $3, $4, $5)",
                fund.id, fact.id, policy::describe(expense->type), decision.book_date.to_string(),
                *decision.borne_by_fund);
  if (const auto* event = std::get_if<policy::RewardEvent>(&fact.what))
    add_reward(transaction, fund.id, fact, *event, sight.reward(event->reward_id), decision);
  post(transaction, fund, fact, decision, stamp);
}

std::string audit_body(const model::FundId& fund, const std::vector<FundFact>& facts,
                       const FactReport& report) {
  std::string all;
  for (const FundFact& fact : facts) all += fact.content + "\n";
  json::Writer writer;
  writer.begin_object()
      .member("content_hash", crypto::sha256_hex(all))
      .member("fund", fund.value())
      .member("recorded", static_cast<std::int64_t>(report.recorded))
      .member("unchanged", static_cast<std::int64_t>(report.unchanged))
      .end_object();
  return writer.take();
}

/// What people tell. Most of it is the next NAV's: it is recorded so, measured, and where it is a NAV error
/// recorded again on the days that lack it.
FactReport record_told(db::Transaction& transaction, const FundDefinition& fund,
                       const std::vector<FundFact>& facts, const Stamp& stamp) {
  lock_facts(transaction, fund.id);
  LateWatch watch(transaction, fund);
  FactReport report = record_facts_in(transaction, fund, facts, stamp.actor, stamp.known_at);
  LateEntries late = watch.assess();
  if (late.true_up.belongs_to_its_days()) {
    std::vector<FundFact> on_their_days = facts;
    std::map<std::string, time::Date> days;
    for (const LateEntry& one : late.entries) days.emplace(one.source.id, one.since);
    for (FundFact& fact : on_their_days)
      if (const auto own = days.find(fact.id); own != days.end()) fact.books_on = own->second;
    watch.refuse_closed(late, "fact");
    watch.rewind();
    report = record_facts_in(transaction, fund, on_their_days, stamp.actor, stamp.known_at);
    late = watch.assess();
    watch.bring_others(late, stamp);
  }
  report.lateness = watch.keep(late, stamp);
  return report;
}

}  // namespace

PostgresFactStore PostgresFactStore::keyed(const db::KeyedRequest& request) const {
  PostgresFactStore store = *this;
  store.request_ = request;
  return store;
}

FactReport PostgresFactStore::record(const FundDefinition& fund, const std::vector<FundFact>& facts,
                                     const model::ActorId& actor, time::Instant now) {
  FactReport report;
  const auto effect = [&](db::Transaction& transaction) {
    report = record_told(transaction, fund, facts, {actor, now});
    return fact_report_json(fund.id, report);
  };
  pool_.transact([&](db::Transaction& transaction) { db::write_once(transaction, request_, effect); });
  return report;
}

FactReport record_facts_in(db::Transaction& transaction, const FundDefinition& fund,
                           const std::vector<FundFact>& facts, const model::ActorId& actor,
                           time::Instant now) {
  FactReport report;
  lock_facts(transaction, fund.id);
  const Stamp stamp{actor, known_time(transaction, fund.id, now)};
  for (const FundFact& fact : facts) {
    if (was_recorded(transaction, fund.id, fact)) {
      ++report.unchanged;
      continue;
    }
    add_fact(transaction, fund, fact, stamp);
    ++report.recorded;
  }
  if (report.recorded == 0) return report;
  db::execute(transaction, "UPDATE policy_head SET facts = facts + $2 WHERE fund_id = $1", fund.id,
              static_cast<std::int64_t>(report.recorded));
  const std::string body = audit_body(fund.id, facts, report);
  const std::int64_t at_ns = stamp.known_at.ns();
  db::append_event(transaction, fund.id.value(), {0, "fund_facts_recorded", body, at_ns});
  db::append_audit(transaction, fund.id.value(), {actor.value(), at_ns, "fund_facts_recorded", body});
  return report;
}

std::vector<RecordedFact> PostgresFactStore::facts(const model::FundId& fund, time::Instant known_at) {
  wait_until_known(pool_, fund, known_at);
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<RecordedFact> found;
        for (const auto& row :
             db::query(transaction,
                       "SELECT fact_id, kind, fact_date::text AS day, content, recorded_by, "
                       "known_at_ns FROM fund_fact WHERE fund_id = $1 AND known_at_ns <= $3 "
                       "ORDER BY fact_date DESC, fact_id DESC LIMIT $2",
                       fund, kFactsShownMax, known_at.ns()))
          found.push_back({row["fact_id"].as<std::string>(), row["kind"].as<std::string>(),
                           date_of(row["day"]), row["content"].as<std::string>(),
                           row["recorded_by"].as<std::string>(),
                           time::Instant::from_ns(row["known_at_ns"].as<std::int64_t>())});
        return std::vector<RecordedFact>(found.rbegin(), found.rend());
      },
      kReading);
}

namespace {

/// SQL: the day of the fact `s`, its own where it was brought there (late_move).
std::string day_of_fact() {
  return "coalesce((SELECT m.book_date FROM late_move m WHERE m.fund_id = s.fund_id AND m.source = 'facts' "
         "AND m.source_id = s.fact_id), s.book_date)";
}

}  // namespace

std::map<std::string, FactTotals> load_fact_totals(db::Transaction& transaction,
                                                   std::span<const std::string> funds, time::Date date) {
  const std::string wanted = array_of(funds);
  std::map<std::string, FactTotals> totals;
  for (const auto& row :
       db::query(transaction,
                 "SELECT fund_id, expense_type, sum(borne_by_fund) AS borne FROM incurred_expense s "
                 "WHERE fund_id = ANY($1::text[]) AND " +
                     day_of_fact() + " <= $2::date AND borne_by_fund > 0 AND NOT " + fact_taken_back() +
                     " GROUP BY fund_id, expense_type ORDER BY fund_id, expense_type",
                 wanted, date.to_string())) {
    const auto type = policy::parse_expense_type(row["expense_type"].as<std::string>());
    ENSURE(type.has_value());
    totals[row["fund_id"].as<std::string>()].incurred.emplace(*type, row["borne"].as<Decimal>());
  }
  for (const auto& row :
       db::query(transaction,
                 "SELECT fund_id, asset, sum(income_gross) AS gross, sum(came_in) AS received "
                 "FROM reward_stage s WHERE fund_id = ANY($1::text[]) AND " +
                     day_of_fact() + " <= $2::date AND NOT " + fact_taken_back() +
                     " GROUP BY fund_id, asset ORDER BY fund_id, asset",
                 wanted, date.to_string()))
    totals[row["fund_id"].as<std::string>()].rewards.emplace(
        model::AssetId::literal(row["asset"].as<std::string>()),
        RewardTotals{row["gross"].as<Decimal>(), row["received"].as<Decimal>()});
  return totals;
}

policy::AdviserStanding load_adviser(db::Transaction& transaction, const model::FundId& fund) {
  policy::AdviserStanding standing;
  for (const auto& row : db::query(transaction,
                                   "SELECT account, amount FROM account_balance WHERE fund_id = $1 AND "
                                   "account IN ($2, $3) AND commodity = 'USD'",
                                   fund, policy::kAdviserReceivable, policy::kReturnedToAdviser)) {
    const Decimal dollars = row["amount"].as<Decimal>() * Decimal::of(1, books::kDollarDecimals);
    if (row["account"].as<std::string>() == policy::kAdviserReceivable)
      standing.receivable = dollars;
    else
      standing.returned = -dollars;
  }
  return standing;
}

std::map<std::string, policy::FeeStanding> load_fee_standings(db::Transaction& transaction,
                                                              const model::FundId& fund) {
  std::map<std::string, policy::FeeStanding> standings;
  const std::string owed = policy::payable_account("");
  const std::string due = policy::fee_receivable_account("");
  for (const auto& row :
       db::query(transaction,
                 "SELECT account, amount FROM account_balance WHERE fund_id = $1 AND commodity = 'USD' "
                 "AND (starts_with(account, $2) OR starts_with(account, $3)) AND amount <> 0",
                 fund, owed, due)) {
    const auto account = row["account"].as<std::string>();
    const Decimal dollars = row["amount"].as<Decimal>() * Decimal::of(1, books::kDollarDecimals);
    if (account.starts_with(owed))
      standings[account.substr(owed.size())].payable = -dollars;
    else
      standings[account.substr(due.size())].receivable = dollars;
  }
  return standings;
}

}  // namespace navkeeper::nav
