// What waits for people: read for all funds of a batch at once, without their documents.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/late_entry_store.h"
#include "services/nav/adapters/nav_store.h"

namespace navkeeper::nav {
namespace {

constexpr db::TransactionOptions kSnapshot{db::Isolation::kRepeatableRead, true, {}, {}, {}};

model::ActorId named_actor(const pqxx::field& field) {
  return base::value_or_refuse(model::ActorId::parse(field.as<std::string>()));
}

VersionKind kind_of(const pqxx::field& field) {
  const auto kind = parse_version_kind(field.as<std::string>());
  ENSURE(kind.has_value());
  return *kind;
}

/// `days`: FROM … n, the versions that are meant, of funds $1 through $2.
std::vector<std::vector<StoredNav>> load_days(db::Transaction& transaction,
                                              const std::vector<model::FundId>& funds, time::Date through,
                                              const std::string& days) {
  std::vector<std::string> names;
  std::map<std::string, std::size_t> index;
  for (const model::FundId& fund : funds) {
    index.emplace(fund.value(), names.size());
    names.push_back(fund.value());
  }
  const std::string wanted = array_of(names);
  std::vector<std::vector<StoredNav>> found(funds.size());
  std::map<std::tuple<std::string, time::Date, int>, StoredNav*> by_version;
  for (const auto& row : db::query(transaction,
                                   "SELECT n.fund_id, n.valuation_date, n.version, n.kind, n.net_assets, "
                                   "n.shares, n.nav_per_share, n.document_hash, n.struck_by, "
                                   "n.struck_at_ns, a.approved_by " +
                                       days +
                                       "LEFT JOIN nav_approval a USING (fund_id, valuation_date, version) "
                                       "ORDER BY 1, 2",
                                   wanted, through.to_string())) {
    StoredNav nav(named_actor(row["struck_by"]));
    nav.summary.valuation_date = row["valuation_date"].as<time::Date>();
    nav.summary.version = row["version"].as<int>();
    nav.summary.net_assets = row["net_assets"].as<money::Decimal>();
    nav.summary.shares = row["shares"].as<money::Decimal>();
    nav.summary.nav_per_share = row["nav_per_share"].as<money::Decimal>();
    nav.kind = kind_of(row["kind"]);
    nav.document_hash = base::to_hex(row["document_hash"].as<base::Bytes>());
    nav.struck_at = time::Instant::from_ns(row["struck_at_ns"].as<std::int64_t>());
    if (!row["approved_by"].is_null()) nav.approved_by = named_actor(row["approved_by"]);
    found[index.at(row["fund_id"].as<std::string>())].push_back(std::move(nav));
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (StoredNav& nav : found[i])
      by_version.emplace(std::tuple(names[i], nav.summary.valuation_date, nav.summary.version), &nav);
  }
  if (by_version.empty()) return found;
  const auto of = [&](const pqxx::row& row) -> StoredNav& {
    return *by_version.at(
        {row["fund_id"].as<std::string>(), row["valuation_date"].as<time::Date>(), row["version"].as<int>()});
  };
  for (const auto& row : db::query(transaction,
                                   "SELECT fund_id, valuation_date, version, c.name, c.status " + days +
                                       "JOIN nav_check c USING (fund_id, valuation_date, version) "
                                       "ORDER BY 1, 2, c.position",
                                   wanted, through.to_string())) {
    const auto status = parse_check_status(row["status"].as<std::string>());
    ENSURE(status.has_value());
    of(row).checks.push_back({row["name"].as<std::string>(), *status, ""});
  }
  for (const auto& row :
       db::query(transaction,
                 "SELECT fund_id, valuation_date, version, o.name, o.overridden_by, o.reason " + days +
                     "JOIN nav_override o USING (fund_id, valuation_date, version) "
                     "ORDER BY o.known_at_ns, o.overridden_by",
                 wanted, through.to_string()))
    of(row).overrides.push_back(
        {row["name"].as<std::string>(), named_actor(row["overridden_by"]), row["reason"].as<std::string>()});
  return found;
}

/// Of each fund the NAVs that `navs` selects: of the fund w.wanted, published last on p.day, through $2.
std::vector<std::vector<StoredNav>> load_waiting(db::Pool& pool, const std::vector<model::FundId>& funds,
                                                 time::Date through, const std::string& navs) {
  return pool.transact(
      [&](db::Transaction& transaction) {
        return load_days(transaction, funds, through,
                         "FROM unnest($1::text[]) AS w (wanted), LATERAL (SELECT coalesce("
                         "max(valuation_date), '-infinity') AS day FROM nav_publication "
                         "WHERE fund_id = w.wanted) p, LATERAL (" +
                             navs + ") n ");
      },
      kSnapshot);
}

}  // namespace

std::vector<std::vector<StoredNav>> PostgresNavStore::unpublished(const std::vector<model::FundId>& funds,
                                                                  time::Date through) {
  return load_waiting(pool_, funds, through,
                      "SELECT DISTINCT ON (valuation_date) * FROM nav WHERE fund_id = w.wanted AND "
                      "valuation_date > p.day AND valuation_date <= $2::date "
                      "ORDER BY valuation_date, version DESC");
}

std::vector<std::vector<StoredNav>> PostgresNavStore::restated(const std::vector<model::FundId>& funds,
                                                               time::Date through) {
  // Further versions have an index of their own (nav_further_versions): they are few.
  return load_waiting(
      pool_, funds, through,
      "SELECT * FROM (SELECT DISTINCT ON (valuation_date) * FROM nav WHERE fund_id = w.wanted AND "
      "version > 1 AND valuation_date <= p.day AND valuation_date <= $2::date "
      "ORDER BY valuation_date, version DESC) v "
      "WHERE NOT EXISTS (SELECT FROM nav_publication q WHERE q.fund_id = v.fund_id AND "
      "q.valuation_date = v.valuation_date AND q.version = v.version)");
}

namespace {

/// Acts that somebody asked to be taken back, and nobody decided on: NAV errors in waiting.
void add_undos(db::Transaction& transaction, const std::string& wanted, std::vector<WaitingAct>& waiting) {
  for (const auto& row : db::query(
           transaction,
           "SELECT u.fund_id, u.act_id, u.asked_by, u.reason, a.kind, (SELECT max(s.step_date) FROM "
           "fund_act_step s WHERE s.fund_id = u.fund_id AND s.act_id = u.act_id) AS step_date FROM "
           "fund_act_undo u JOIN fund_act a USING (fund_id, act_id) WHERE u.fund_id = ANY($1::text[]) AND "
           "NOT "
           "EXISTS (SELECT FROM fund_act_undo_decision d WHERE (d.fund_id, d.act_id, d.number) = (u.fund_id, "
           "u.act_id, u.number)) ORDER BY u.fund_id, u.act_id",
           wanted)) {
    const auto fund = row["fund_id"].as<std::string>();
    const auto act = row["act_id"].as<std::string>();
    const auto kind = row["kind"].as<std::string>();
    const auto asked_by = row["asked_by"].as<std::string>();
    const std::string noun = kind == "distribution" ? "distribution" : "action";
    waiting.push_back(
        {model::FundId::literal(fund), row["step_date"].as<time::Date>(), "an approver, not " + asked_by,
         asked_by + " asks to undo the " + kind + " " + act + " (" + row["reason"].as<std::string>() + ")",
         "navkeeper " + noun + " approve-undo " + fund + " " + act + " --as APPROVER"});
  }
}

/// Struck NAVs that lack what is booked on their days.
void add_lacking(db::Transaction& transaction, const model::FundId& fund, time::Date through,
                 std::vector<WaitingAct>& waiting) {
  std::optional<time::Date> from;
  std::optional<time::Date> to;
  std::set<books::Source> late;
  for (const Lacking& one : lacking_on_their_days(transaction, fund, through)) {
    from = from ? std::min(*from, one.since) : one.since;
    to = to ? std::max(*to, one.day) : one.day;
    late.insert(one.source);
  }
  if (!from) return;
  const bool is_published =
      !db::query(transaction,
                 "SELECT FROM nav_publication WHERE fund_id = $1 AND valuation_date = $2 "
                 "LIMIT 1",
                 fund, from->to_string())
           .empty();
  const std::string first = from->to_string();
  const std::string last = to->to_string();
  const std::string command = is_published ? "navkeeper nav restate " + fund.value() + " " + first +
                                                 " --through " + last + " --reason WHY --as MAKER"
                                           : "navkeeper nav run --date " + first + " --fund " + fund.value() +
                                                 " --again WHY --as MAKER";
  waiting.push_back({fund, *from, "a maker",
                     "the NAVs of " + first + " to " + last + " lack " + std::to_string(late.size()) +
                         " late " + (late.size() == 1 ? "entry" : "entries") + " of their days",
                     command});
}

}  // namespace

std::vector<WaitingAct> PostgresNavStore::waiting_acts(const std::vector<model::FundId>& funds,
                                                       time::Date through) {
  std::vector<std::string> names;
  for (const model::FundId& fund : funds) names.push_back(fund.value());
  const std::string wanted = array_of(names);
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<WaitingAct> waiting;
        // Hardly any fund ever had one.
        for (const auto& row :
             db::query(transaction,
                       "SELECT DISTINCT fund_id FROM late_entry l WHERE fund_id = ANY($1::text[]) AND "
                       "(treatment = 'nav_error' OR EXISTS (SELECT FROM late_move m WHERE m.fund_id = "
                       "l.fund_id)) ORDER BY fund_id",
                       wanted))
          add_lacking(transaction, model::FundId::literal(row[0].as<std::string>()), through, waiting);
        add_undos(transaction, wanted, waiting);
        return waiting;
      },
      kSnapshot);
}

}  // namespace navkeeper::nav
