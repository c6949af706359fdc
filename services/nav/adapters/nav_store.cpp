#include "services/nav/adapters/nav_store.h"

#include <chrono>
#include <thread>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/lease.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/nav/adapters/bank_store.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/share_position_store.h"

namespace navkeeper::nav {
namespace {

constexpr std::chrono::milliseconds kLeaseDuration{20'000};
constexpr std::chrono::milliseconds kLeasePause{50};
constexpr const char* kLeaseName = "strike";
constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

class HeldLease final : public StrikeLease {
 public:
  HeldLease(db::Pool& pool, db::Lease lease) : pool_(pool), lease_(std::move(lease)) {}
  ~HeldLease() override {
    try {
      pool_.transact([&](db::Transaction& transaction) { db::release_lease(transaction, lease_); });
    } catch (const std::exception&) {
      return;  // It runs out by itself.
    }
  }
  const db::Lease& lease() const { return lease_; }

 private:
  db::Pool& pool_;
  db::Lease lease_;
};

base::Bytes bytes_of_hex(const std::string& hex) {
  const auto bytes = base::from_hex(hex);
  ENSURE(bytes.has_value());
  return *bytes;
}

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

// Every NAV query returns these columns, of the fund $1 as known at $2; the approval comes along where there
// was one.
const char* const kNavs =
    "SELECT n.fund_id, n.valuation_date, n.version, n.definition_version, n.document, n.document_hash, "
    "n.inputs, "
    "n.inputs_hash, n.struck_by, n.struck_at_ns, a.approved_by, a.known_at_ns AS approved_at_ns "
    "FROM nav n LEFT JOIN nav_approval a ON a.fund_id = n.fund_id AND a.valuation_date = n.valuation_date "
    "AND "
    "a.version = n.version AND a.known_at_ns <= $2 WHERE n.fund_id = $1 AND n.struck_at_ns <= $2 AND ";

void load_checks(db::Transaction& transaction, const std::string& fund, time::Instant known_at,
                 StoredNav& nav) {
  const std::string date = nav.summary.valuation_date.to_string();
  for (const auto& row : db::query(transaction,
                                   "SELECT name, status, detail FROM nav_check WHERE fund_id = $1 AND "
                                   "valuation_date = $2 AND version = $3 ORDER BY position",
                                   fund, date, nav.summary.version)) {
    const auto status = parse_check_status(row["status"].as<std::string>());
    ENSURE(status.has_value());
    nav.checks.push_back({row["name"].as<std::string>(), *status, row["detail"].as<std::string>()});
  }
  for (const auto& row : db::query(
           transaction,
           "SELECT name, overridden_by, reason FROM nav_override WHERE fund_id = $1 AND "
           "valuation_date = $2 AND version = $3 AND known_at_ns <= $4 ORDER BY known_at_ns, overridden_by",
           fund, date, nav.summary.version, known_at.ns()))
    nav.overrides.push_back(
        {row["name"].as<std::string>(), actor_of(row["overridden_by"]), row["reason"].as<std::string>()});
}

StoredNav nav_of(db::Transaction& transaction, const pqxx::row& row, time::Instant known_at) {
  StoredNav nav(actor_of(row["struck_by"]));
  nav.document = row["document"].as<std::string>();
  nav.inputs = row["inputs"].as<std::string>();
  nav.document_hash = base::to_hex(row["document_hash"].as<base::Bytes>());
  nav.inputs_hash = base::to_hex(row["inputs_hash"].as<base::Bytes>());
  nav.summary = read_summary(nav.document, nav.inputs);
  nav.summary.version = row["version"].as<int>();
  nav.definition_version = row["definition_version"].as<int>();
  nav.struck_at = time::Instant::from_ns(row["struck_at_ns"].as<std::int64_t>());
  if (!row["approved_by"].is_null()) {
    nav.approved_by = actor_of(row["approved_by"]);
    nav.approved_at = time::Instant::from_ns(row["approved_at_ns"].as<std::int64_t>());
  }
  load_checks(transaction, row["fund_id"].as<std::string>(), known_at, nav);
  return nav;
}

std::optional<StoredNav> first_nav(db::Transaction& transaction, const pqxx::result& rows,
                                   time::Instant known_at = time::Instant::latest()) {
  if (rows.empty()) return std::nullopt;
  return nav_of(transaction, rows[0], known_at);
}

std::string why_it_waits(db::Pool& pool, const model::FundId& fund) {
  const auto remaining = pool.transact(
      [&](db::Transaction& transaction) {
        return db::lease_remaining(transaction, fund.value(), kLeaseName);
      },
      kReading);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(remaining.value_or(kLeasePause)).count();
  return fund.value() +
         ": waiting for another run, which holds the lease to strike this fund; if that run was " +
         "killed, its lease ends by itself in " + std::to_string(seconds) + " s";
}

/// The fact as others hear it and as the audit log keeps it.
void announce(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
              const std::string& body, const model::ActorId& actor, time::Instant now) {
  db::append_event(transaction, fund.value(), {0, kind, body, now.ns()});
  db::append_audit(transaction, fund.value(), {actor.value(), now.ns(), kind, body});
}

}  // namespace

std::string nav_fact(const model::FundId& fund, const NavSummary& nav, const std::string& document_hash) {
  json::Writer writer;
  writer.begin_object()
      .member("document_hash", document_hash)
      .member("fund", fund.value())
      .member("nav_per_share", nav.nav_per_share)
      .member("net_assets", nav.net_assets)
      .member("valuation_date", nav.valuation_date.to_string())
      .member("version", nav.version)
      .end_object();
  return writer.take();
}

template <class Effect>
void PostgresNavStore::write(const Effect& effect) {
  pool_.transact([&](db::Transaction& transaction) { db::write_once(transaction, request_, effect); });
}

PostgresNavStore PostgresNavStore::keyed(const db::KeyedRequest& request) const {
  PostgresNavStore store = *this;
  store.request_ = request;
  return store;
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
      [&](db::Transaction& transaction) {
        return first_definition(
            db::query(transaction,
                      std::string(kDefinitions) + "WHERE fund_id = $1 ORDER BY version DESC LIMIT 1", fund));
      },
      kReading);
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

void PostgresNavStore::add_definition(const NewDefinition& definition, int version,
                                      const model::ActorId& actor, time::Instant now) {
  const FundDefinition& fund = definition.definition;
  pool_.transact([&](db::Transaction& transaction) {
    db::execute(transaction, "INSERT INTO fund (fund_id) VALUES ($1) ON CONFLICT DO NOTHING", fund.id);
    db::execute(transaction,
                "INSERT INTO fund_definition (fund_id, version, effective_from, source, definition, "
                "definition_hash, applied_by, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                fund.id, version, fund.effective_from.to_string(), definition.source, definition.canonical,
                bytes_of_hex(definition.hash), actor, now.ns());
    json::Writer fact;
    fact.begin_object()
        .member("definition_hash", definition.hash)
        .member("effective_from", fund.effective_from.to_string())
        .member("fund", fund.id.value())
        .member("version", version)
        .end_object();
    announce(transaction, fund.id, "fund_applied", fact.take(), actor, now);
  });
}

Holdings PostgresNavStore::holdings_at_start(const FundDefinition& fund, time::Date date) {
  return pool_.transact(
      [&](db::Transaction& transaction) { return journal_.holdings_at_start(transaction, fund, date); },
      kReading);
}

std::optional<StoredNav> PostgresNavStore::find_nav(const model::FundId& fund, time::Date date,
                                                    time::Instant known_at) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        return first_nav(
            transaction,
            db::query(transaction,
                      std::string(kNavs) + "n.valuation_date = $3 ORDER BY n.version DESC LIMIT 1", fund,
                      known_at.ns(), date.to_string()),
            known_at);
      },
      kReading);
}

std::optional<StoredNav> PostgresNavStore::last_nav_before(const model::FundId& fund, time::Date date) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        return first_nav(transaction, db::query(transaction,
                                                std::string(kNavs) +
                                                    "n.valuation_date < $3 ORDER BY n.valuation_date DESC, "
                                                    "n.version DESC LIMIT 1",
                                                fund, time::Instant::latest().ns(), date.to_string()));
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
  return pool_.transact(
      [&](db::Transaction& transaction) {
        const auto text = [](const std::optional<time::Date>& date) {
          return date ? std::optional(date->to_string()) : std::nullopt;
        };
        std::vector<StoredNav> navs;
        for (const auto& row : db::query(
                 transaction,
                 std::string(kNavs) +
                     "($3::date IS NULL OR n.valuation_date >= $3::date) AND "
                     "($4::date IS NULL OR n.valuation_date <= $4::date) AND n.version = (SELECT "
                     "max(version) FROM nav l WHERE l.fund_id = n.fund_id AND l.valuation_date = "
                     "n.valuation_date AND l.struck_at_ns <= $2) ORDER BY n.valuation_date DESC LIMIT $5",
                 fund, known_at.ns(), text(from), text(to), kNavsMax))
          navs.push_back(nav_of(transaction, row, known_at));
        return std::vector<StoredNav>(navs.rbegin(), navs.rend());
      },
      kReading);
}

std::unique_ptr<StrikeLease> PostgresNavStore::lease_strike(const model::FundId& fund) {
  const auto acquire = [&] {
    return pool_.transact([&](db::Transaction& transaction) {
      return db::acquire_lease(transaction, fund.value(), kLeaseName, run_, kLeaseDuration);
    });
  };
  auto lease = acquire();
  if (!lease && on_wait_) on_wait_(why_it_waits(pool_, fund));
  for (auto waited = kLeasePause; !lease && waited < lease_wait_; waited += kLeasePause) {
    std::this_thread::sleep_for(kLeasePause);
    lease = acquire();
  }
  if (!lease) return nullptr;
  return std::make_unique<HeldLease>(pool_, *std::move(lease));
}

void PostgresNavStore::add_nav(const StrikeLease& lease, const NewNav& nav) {
  const auto* held = dynamic_cast<const HeldLease*>(&lease);
  ENSURE(held != nullptr);
  const FundDefinition& fund = nav.resolved.definition;
  const std::string date = nav.resolved.plan.valuation_date.to_string();
  const std::string document_hash = crypto::sha256_hex(nav.document);
  constexpr int kFirstVersion = 1;  // A restatement will add the next one.
  write([&](db::Transaction& transaction) {
    db::verify_lease(transaction, held->lease());
    db::execute(transaction,
                "INSERT INTO nav (fund_id, valuation_date, version, definition_version, net_assets, shares, "
                "nav_per_share, document, document_hash, inputs, inputs_hash, struck_by, struck_at_ns) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                fund.id, date, kFirstVersion, nav.definition_version, nav.figures.nav.net_assets,
                nav.figures.shares, nav.figures.nav.nav_per_share, nav.document, bytes_of_hex(document_hash),
                nav.inputs, bytes_of_hex(crypto::sha256_hex(nav.inputs)), nav.struck_by, nav.struck_at.ns());
    // What records beside the books answer, as they stand in this transaction.
    std::vector<Check> checks = nav.checks;
    checks.push_back(check_bank(transaction, fund, nav.resolved.plan.valuation_date));
    checks.push_back(check_shares(transaction, fund, nav.resolved.plan.valuation_date));
    for (std::size_t i = 0; i < checks.size(); ++i)
      db::execute(transaction,
                  "INSERT INTO nav_check (fund_id, valuation_date, version, name, position, status, detail) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                  fund.id, date, kFirstVersion, checks[i].name, static_cast<int>(i),
                  describe(checks[i].status), checks[i].detail);
    journal_.post_strike(transaction, nav);
    const std::string fact = nav_fact(fund.id, summary_of(nav.resolved, nav.figures), document_hash);
    announce(transaction, fund.id, "nav_struck", fact, nav.struck_by, nav.struck_at);
    return fact;
  });
}

void PostgresNavStore::add_approval(const model::FundId& fund, const StoredNav& nav,
                                    const model::ActorId& actor, time::Instant now) {
  write([&](db::Transaction& transaction) {
    db::execute(
        transaction,
        "INSERT INTO nav_approval (fund_id, valuation_date, version, struck_by, approved_by, known_at_ns) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        fund, nav.summary.valuation_date.to_string(), nav.summary.version, nav.struck_by, actor, now.ns());
    const std::string fact = nav_fact(fund, nav.summary, nav.document_hash);
    announce(transaction, fund, "nav_approved", fact, actor, now);
    return fact;
  });
}

void PostgresNavStore::add_override(const model::FundId& fund, const StoredNav& nav,
                                    const Override& override_, time::Instant now) {
  write([&](db::Transaction& transaction) {
    const std::string date = nav.summary.valuation_date.to_string();
    db::execute(transaction,
                "INSERT INTO nav_override (fund_id, valuation_date, version, name, struck_by, overridden_by, "
                "reason, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                fund, date, nav.summary.version, override_.check, nav.struck_by, override_.actor,
                override_.reason, now.ns());
    json::Writer fact;
    fact.begin_object()
        .member("check", override_.check)
        .member("fund", fund.value())
        .member("reason", override_.reason)
        .member("valuation_date", date)
        .member("version", nav.summary.version)
        .end_object();
    std::string body = fact.take();
    announce(transaction, fund, "nav_check_overridden", body, override_.actor, now);
    return body;
  });
}

}  // namespace navkeeper::nav
