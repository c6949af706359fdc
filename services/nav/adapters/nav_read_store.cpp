// Reading funds and NAVs; what is written is nav_store.cpp's.
#include <algorithm>
#include <map>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "common/json/value.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/known_time.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/nav_life_store.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/peer_evidence.h"
#include "services/nav/adapters/staking_period_store.h"

namespace navkeeper::nav {
namespace {

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

time::Date date_of(const pqxx::field& field) { return time::Date::literal(field.as<std::string>()); }

model::ActorId actor_of(const pqxx::field& field) {
  return base::value_or_refuse(model::ActorId::parse(field.as<std::string>()));
}

const char* const kDefinitions =
    "SELECT fund_id, version, source, definition_hash, applied_by FROM fund_definition d ";

StoredDefinition definition_of(const pqxx::row& row) {
  const auto source = row["source"].as<std::string>();
  const auto fund = row["fund_id"].as<std::string>();
  StoredDefinition stored{read_fund_text(source, fund),
                          base::to_hex(row["definition_hash"].as<base::Bytes>()), source,
                          row["version"].as<int>(), row["applied_by"].as<std::string>()};
  return stored;
}

std::optional<StoredDefinition> first_definition(const pqxx::result& rows) {
  if (rows.empty()) return std::nullopt;
  return definition_of(rows[0]);
}

// Every NAV query returns these columns, as known at $2; approval and publication come along where there
// were.
const char* const kNavs =
    "SELECT n.fund_id, n.valuation_date, n.version, n.kind, n.reason, n.definition_version, n.document, "
    "n.document_hash, n.inputs, n.inputs_hash, n.struck_by, n.struck_at_ns, a.approved_by, "
    "a.known_at_ns AS approved_at_ns, p.published_by, p.known_at_ns AS published_at_ns "
    "FROM nav n LEFT JOIN nav_approval a ON a.fund_id = n.fund_id AND a.valuation_date = n.valuation_date "
    "AND a.version = n.version AND a.known_at_ns <= $2 LEFT JOIN nav_publication p ON p.fund_id = n.fund_id "
    "AND p.valuation_date = n.valuation_date AND p.version = n.version AND p.known_at_ns <= $2 WHERE ";
const char* const kOneFund = "n.fund_id = $1 AND n.struck_at_ns <= $2 AND ";

/// A check with its place among those of its NAV.
using PlacedCheck = std::pair<std::int64_t, Check>;

/// As nav.passed_checks has them (nav_store.cpp).
void add_passed(const std::string& text, std::vector<PlacedCheck>& checks) {
  const json::Value all = base::value_or_refuse(json::parse(text));
  for (const json::Value& one : all.as_array()) {
    const json::Array& parts = one.as_array();
    checks.emplace_back(std::stoll(parts.at(0).as_number()),
                        Check{parts.at(1).as_string(), CheckStatus::kPassed, parts.at(2).as_string(),
                              parts.at(3).as_string(), parts.at(4).as_string()});
  }
}

/// Checks and voices of NAVs of one fund, whatever their days, in three statements.
void load_checks(db::Transaction& transaction, const std::string& fund, time::Instant known_at,
                 std::vector<StoredNav>& navs) {
  if (navs.empty()) return;
  std::map<std::pair<time::Date, int>, StoredNav*> by_version;
  std::string keys = "[";
  for (StoredNav& nav : navs) {
    by_version.emplace(std::pair(nav.summary.valuation_date, nav.summary.version), &nav);
    keys += (keys.size() > 1 ? ",[\"" : "[\"") + nav.summary.valuation_date.to_string() + "\"," +
            std::to_string(nav.summary.version) + "]";
  }
  const auto of = [&](const pqxx::row& row) {
    return by_version.at({date_of(row["valuation_date"]), row["version"].as<int>()});
  };
  // OFFSET 0: each is looked up by its key.
  const std::string wanted = "FROM jsonb_array_elements($2::jsonb) AS wanted, LATERAL (SELECT * FROM ";
  const std::string keyed =
      " WHERE fund_id = $1 AND valuation_date = (wanted->>0)::date AND version = (wanted->>1)::int OFFSET 0) "
      "AS c ";
  std::map<StoredNav*, std::vector<PlacedCheck>> placed;
  for (const auto& row : db::query(transaction,
                                   "SELECT valuation_date::text, version, position, name, status, detail, "
                                   "measured, threshold " +
                                       wanted + "nav_check" + keyed,
                                   fund, keys + "]")) {
    const auto status = parse_check_status(row["status"].as<std::string>());
    ENSURE(status.has_value());
    placed[of(row)].emplace_back(
        row["position"].as<std::int64_t>(),
        Check{row["name"].as<std::string>(), *status, row["detail"].as<std::string>(),
              row["measured"].as<std::string>(), row["threshold"].as<std::string>()});
  }
  for (const auto& row :
       db::query(transaction, "SELECT valuation_date::text, version, passed_checks " + wanted + "nav" + keyed,
                 fund, keys + "]"))
    add_passed(row["passed_checks"].as<std::string>(), placed[of(row)]);
  for (auto& [nav, checks] : placed) {
    std::sort(checks.begin(), checks.end(),
              [](const PlacedCheck& a, const PlacedCheck& b) { return a.first < b.first; });
    for (PlacedCheck& check : checks) nav->checks.push_back(std::move(check.second));
  }
  for (const auto& row :
       db::query(transaction,
                 "SELECT valuation_date::text, version, name, overridden_by, reason " + wanted +
                     "nav_override" + keyed + "WHERE known_at_ns <= $3 ORDER BY known_at_ns, overridden_by",
                 fund, keys + "]", known_at.ns()))
    of(row)->overrides.push_back(
        {row["name"].as<std::string>(), actor_of(row["overridden_by"]), row["reason"].as<std::string>()});
}

/// Without its checks.
StoredNav nav_of(const pqxx::row& row) {
  StoredNav nav(actor_of(row["struck_by"]));
  nav.document = row["document"].as<std::string>();
  nav.inputs = row["inputs"].as<std::string>();
  nav.document_hash = base::to_hex(row["document_hash"].as<base::Bytes>());
  nav.inputs_hash = base::to_hex(row["inputs_hash"].as<base::Bytes>());
  nav.summary = read_summary(nav.document, nav.inputs);
  nav.summary.version = row["version"].as<int>();
  const auto kind = parse_version_kind(row["kind"].as<std::string>());
  ENSURE(kind.has_value());
  nav.kind = *kind;
  nav.reason = row["reason"].as<std::string>();
  nav.definition_version = row["definition_version"].as<int>();
  nav.struck_at = time::Instant::from_ns(row["struck_at_ns"].as<std::int64_t>());
  if (!row["approved_by"].is_null()) {
    nav.approved_by = actor_of(row["approved_by"]);
    nav.approved_at = time::Instant::from_ns(row["approved_at_ns"].as<std::int64_t>());
  }
  if (!row["published_by"].is_null()) {
    nav.published_by = actor_of(row["published_by"]);
    nav.published_at = time::Instant::from_ns(row["published_at_ns"].as<std::int64_t>());
  }
  return nav;
}

StoredNav whole_nav(db::Transaction& transaction, const pqxx::row& row, time::Instant known_at) {
  std::vector<StoredNav> one{nav_of(row)};
  load_checks(transaction, row["fund_id"].as<std::string>(), known_at, one);
  return std::move(one.front());
}

std::optional<StoredNav> first_nav(db::Transaction& transaction, const pqxx::result& rows,
                                   time::Instant known_at = time::Instant::latest()) {
  if (rows.empty()) return std::nullopt;
  return whole_nav(transaction, rows[0], known_at);
}

}  // namespace

std::optional<StoredDefinition> load_latest_definition(db::Transaction& transaction,
                                                       const model::FundId& fund) {
  return first_definition(db::query(
      transaction, std::string(kDefinitions) + "WHERE fund_id = $1 ORDER BY version DESC LIMIT 1", fund));
}

std::optional<StoredNav> load_nav_before(db::Transaction& transaction, const model::FundId& fund,
                                         time::Date date, time::Instant known_at) {
  return first_nav(
      transaction,
      db::query(transaction,
                std::string(kNavs) + kOneFund +
                    "n.valuation_date < $3 ORDER BY n.valuation_date DESC, n.version DESC LIMIT 1",
                fund, known_at.ns(), date.to_string()),
      known_at);
}

std::vector<StoredNav> load_navs(db::Transaction& transaction, const model::FundId& fund,
                                 std::optional<time::Date> from, std::optional<time::Date> to,
                                 time::Instant known_at) {
  const auto text = [](const std::optional<time::Date>& date) {
    return date ? std::optional(date->to_string()) : std::nullopt;
  };
  std::vector<StoredNav> navs;
  for (const auto& row :
       db::query(transaction,
                 std::string(kNavs) + kOneFund +
                     "($3::date IS NULL OR n.valuation_date >= $3::date) AND "
                     "($4::date IS NULL OR n.valuation_date <= $4::date) AND n.version = (SELECT "
                     "max(version) FROM nav l WHERE l.fund_id = n.fund_id AND l.valuation_date = "
                     "n.valuation_date AND l.struck_at_ns <= $2) ORDER BY n.valuation_date DESC LIMIT $5",
                 fund, known_at.ns(), text(from), text(to), kNavsMax))
    navs.push_back(nav_of(row));
  std::reverse(navs.begin(), navs.end());
  load_checks(transaction, fund.value(), known_at, navs);
  return navs;
}

std::vector<StoredDefinition> PostgresNavStore::funds() {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredDefinition> funds;
        for (const auto& row :
             db::query(transaction, std::string(kDefinitions) +
                                        "WHERE version = (SELECT max(version) FROM fund_definition l "
                                        "WHERE l.fund_id = d.fund_id) ORDER BY fund_id"))
          funds.push_back(definition_of(row));
        return funds;
      },
      kReading);
}

std::optional<StoredDefinition> PostgresNavStore::latest_definition(const model::FundId& fund) {
  return pool_.transact(
      [&](db::Transaction& transaction) { return load_latest_definition(transaction, fund); }, kReading);
}

std::optional<StoredDefinition> PostgresNavStore::definition_on(const model::FundId& fund, time::Date date) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        return first_definition(
            db::query(transaction,
                      std::string(kDefinitions) +
                          "WHERE fund_id = $1 AND effective_from <= $2 ORDER BY version DESC LIMIT 1",
                      fund, date.to_string()));
      },
      kReading);
}

Holdings PostgresNavStore::holdings_at_start(const FundDefinition& fund, time::Date date) {
  return pool_.transact(
      [&](db::Transaction& transaction) { return journal_.holdings_at_start(transaction, fund, date); },
      kReading);
}

std::optional<StoredNav> PostgresNavStore::find_nav(const model::FundId& fund, time::Date date,
                                                    time::Instant known_at) {
  wait_until_known(pool_, fund, known_at);
  return pool_.transact(
      [&](db::Transaction& transaction) {
        return first_nav(
            transaction,
            db::query(transaction,
                      std::string(kNavs) + kOneFund + "n.valuation_date = $3 ORDER BY n.version DESC LIMIT 1",
                      fund, known_at.ns(), date.to_string()),
            known_at);
      },
      kReading);
}

std::optional<StoredNav> PostgresNavStore::last_nav_before(const model::FundId& fund, time::Date date) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        return load_nav_before(transaction, fund, date, time::Instant::latest());
      },
      kReading);
}

std::optional<time::Date> PostgresNavStore::last_struck(const model::FundId& fund) {
  return pool_.transact(
      [&](db::Transaction& transaction) -> std::optional<time::Date> {
        const auto rows =
            db::query(transaction, "SELECT max(valuation_date) FROM nav WHERE fund_id = $1", fund);
        if (rows[0][0].is_null()) return std::nullopt;
        return date_of(rows[0][0]);
      },
      kReading);
}

std::vector<StoredNav> PostgresNavStore::navs(const model::FundId& fund, std::optional<time::Date> from,
                                              std::optional<time::Date> to, time::Instant known_at) {
  wait_until_known(pool_, fund, known_at);
  return pool_.transact(
      [&](db::Transaction& transaction) { return load_navs(transaction, fund, from, to, known_at); },
      kReading);
}

std::vector<StoredNav> PostgresNavStore::versions(const model::FundId& fund, time::Date date,
                                                  time::Instant known_at) {
  wait_until_known(pool_, fund, known_at);
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredNav> all;
        for (const auto& row : db::query(
                 transaction, std::string(kNavs) + kOneFund + "n.valuation_date = $3 ORDER BY n.version",
                 fund, known_at.ns(), date.to_string()))
          all.push_back(whole_nav(transaction, row, known_at));
        return all;
      },
      kReading);
}

std::vector<model::FundId> PostgresNavStore::fund_ids() {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<model::FundId> ids;
        for (const auto& row : db::query(transaction, "SELECT fund_id FROM fund ORDER BY fund_id"))
          ids.push_back(model::FundId::literal(row[0].as<std::string>()));
        return ids;
      },
      kReading);
}

namespace {

/// What a batch asks of many funds at once, each kind of row in one statement.
class Sights {
 public:
  Sights(db::Transaction& transaction, const std::vector<model::FundId>& funds, time::Date date)
      : transaction_(transaction), date_(date) {
    for (const model::FundId& fund : funds) {
      index_.emplace(fund.value(), sights_.size());
      names_.push_back(fund.value());
      sights_.emplace_back(fund);
    }
    wanted_ = array_of(names_);
  }

  std::vector<StrikeSight> load(StrikeJournal& journal) {
    load_heads();
    load_definitions();
    load_navs();
    load_further();
    load_holdings(journal);
    load_peers();
    load_staking();
    return std::move(sights_);
  }

 private:
  StrikeSight& of(const pqxx::row& row) { return sights_[index_.at(row["fund_id"].as<std::string>())]; }

  void load_heads() {
    for (const auto& row : db::query(
             transaction_,
             "SELECT f.fund_id, coalesce(b.entries, 0) AS entries, coalesce(h.facts, 0) AS facts, "
             "EXISTS (SELECT FROM fund_act a WHERE a.fund_id = f.fund_id) AS has_acts "
             "FROM fund f LEFT JOIN books_head b USING (fund_id) LEFT JOIN policy_head h USING (fund_id) "
             "WHERE f.fund_id = ANY($1::text[])",
             wanted_)) {
      StrikeSight& sight = of(row);
      sight.is_known = true;
      sight.mark.entries = row["entries"].as<std::int64_t>();
      sight.mark.facts = row["facts"].as<std::int64_t>();
      sight.has_acts = row["has_acts"].as<bool>();
    }
  }

  void load_definitions() {
    for (const auto& row :
         db::query(transaction_,
                   "SELECT DISTINCT ON (fund_id) fund_id, version, source, definition_hash, applied_by "
                   "FROM fund_definition WHERE fund_id = ANY($1::text[]) AND effective_from <= $2 "
                   "ORDER BY fund_id, version DESC",
                   wanted_, date_.to_string()))
      of(row).definition = definition_of(row);
  }

  void load_navs() {
    for (const auto& row : db::query(transaction_,
                                     "SELECT fund_id, max(valuation_date)::text AS last_struck FROM nav "
                                     "WHERE fund_id = ANY($1::text[]) GROUP BY fund_id",
                                     wanted_))
      of(row).last_struck = date_of(row["last_struck"]);
    for (const auto& row : latest("d.valuation_date = $3")) {
      StrikeSight& sight = of(row);
      sight.existing = whole_nav(transaction_, row, time::Instant::latest());
      sight.mark.version = sight.existing->summary.version;
    }
    for (const auto& row : latest("d.valuation_date < $3")) of(row).before = nav_of(row);
  }

  /// Hardly any fund has one: the index nav_further holds nothing else.
  void load_further() {
    for (const auto& row : db::query(
             transaction_,
             "SELECT l.fund_id, l.document, l.inputs, p.document AS was_document, p.inputs AS was_inputs "
             "FROM unnest($1::text[]) AS w (fund_id) JOIN nav l ON l.fund_id = w.fund_id AND l.version > 1 "
             "CROSS JOIN LATERAL (SELECT d.valuation_date, d.struck_at_ns FROM nav d WHERE d.fund_id = "
             "w.fund_id AND d.valuation_date < $2 ORDER BY d.valuation_date DESC, d.version DESC LIMIT 1) b "
             "JOIN nav p ON p.fund_id = l.fund_id AND p.valuation_date = l.valuation_date AND p.version = "
             "l.version - 1 WHERE l.valuation_date < b.valuation_date AND l.struck_at_ns > b.struck_at_ns "
             "ORDER BY l.fund_id, l.struck_at_ns",
             wanted_, date_.to_string()))
      of(row).further.push_back(
          {read_summary(row["was_document"].as<std::string>(), row["was_inputs"].as<std::string>()),
           read_summary(row["document"].as<std::string>(), row["inputs"].as<std::string>())});
  }

  /// Of each fund its latest version of the latest day for which `days` holds.
  pqxx::result latest(const std::string& days) {
    return db::query(transaction_,
                     std::string(kNavs) +
                         "(n.fund_id, n.valuation_date, n.version) IN (SELECT k.fund_id, k.valuation_date, "
                         "k.version FROM unnest($1::text[]) AS w (fund_id), LATERAL (SELECT d.fund_id, "
                         "d.valuation_date, d.version FROM nav d WHERE d.fund_id = w.fund_id AND " +
                         days + " ORDER BY d.valuation_date DESC, d.version DESC LIMIT 1) k)",
                     wanted_, time::Instant::latest().ns(), date_.to_string());
  }

  void load_holdings(StrikeJournal& journal) {
    std::vector<const FundDefinition*> funds;
    std::vector<StrikeSight*> owners;
    for (StrikeSight& sight : sights_) {
      if (!sight.definition) continue;
      funds.push_back(&sight.definition->definition);
      owners.push_back(&sight);
    }
    if (funds.empty()) return;
    std::vector<Holdings> holdings = journal.holdings_of_many(transaction_, funds, date_);
    for (std::size_t i = 0; i < owners.size(); ++i) owners[i]->holdings = std::move(holdings[i]);
  }

  void load_peers() {
    for (const auto& row :
         db::query(transaction_,
                   "SELECT DISTINCT ON (fund_id, kind) fund_id, kind, content, content_hash "
                   "FROM nav_evidence WHERE fund_id = ANY($1::text[]) AND valuation_date = $2 "
                   "ORDER BY fund_id, kind, number DESC",
                   wanted_, date_.to_string())) {
      StrikeSight& sight = of(row);
      PeerStatement statement = read_peer_statement(row["content"].as<std::string>());
      statement.hash = base::to_hex(row["content_hash"].as<base::Bytes>());
      add_booked(transaction_, sight.fund, statement);
      sight.peers.push_back(std::move(statement));
    }
  }

  void load_staking() {
    for (auto& [fund, period] : load_staking_periods(transaction_, names_, date_)) {
      StrikeSight& sight = sights_[index_.at(fund)];
      sight.staking = std::move(period);
      if (sight.before) sight.staking.looked_at = sight.before->struck_at;
    }
  }

  db::Transaction& transaction_;
  time::Date date_;
  std::vector<StrikeSight> sights_;
  std::vector<std::string> names_;
  std::map<std::string, std::size_t> index_;
  std::string wanted_;
};

}  // namespace

std::vector<StrikeSight> PostgresNavStore::look(const std::vector<model::FundId>& funds, time::Date date) {
  return pool_.transact(
      [&](db::Transaction& transaction) { return Sights(transaction, funds, date).load(journal_); },
      // Some funds of many are looked up by their keys: a table read once a chunk is read as often as there
      // are chunks.
      {db::Isolation::kRepeatableRead, true, {}, {}, {{"enable_seqscan", "off"}}});
}

void PostgresNavStore::add_booked(const model::FundId& fund, PeerStatement& reconciliation) {
  pool_.transact([&](db::Transaction& transaction) { nav::add_booked(transaction, fund, reconciliation); },
                 kReading);
}

std::optional<time::Date> first_struck_after(db::Transaction& transaction, const model::FundId& fund,
                                             time::Date date) {
  const auto rows = db::query(
      transaction, "SELECT min(valuation_date)::text FROM nav WHERE fund_id = $1 AND valuation_date > $2",
      fund, date.to_string());
  if (rows[0][0].is_null()) return std::nullopt;
  return date_of(rows[0][0]);
}

}  // namespace navkeeper::nav
