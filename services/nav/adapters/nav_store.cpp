#include "services/nav/adapters/nav_store.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "common/db/write_batch.h"
#include "common/json/write.h"
#include "services/nav/adapters/bank_store.h"
#include "services/nav/adapters/books_batch.h"
#include "services/nav/adapters/books_lots.h"
#include "services/nav/adapters/known_time.h"
#include "services/nav/adapters/late_entry_store.h"
#include "services/nav/adapters/share_position_store.h"

namespace navkeeper::nav {
namespace {

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

/// All that a strike looks up it finds by a key. A plan that the session keeps may be made while a table is
/// all but empty, and must still do when a batch has filled it.
db::TransactionOptions by_keys() {
  return {db::Isolation::kReadCommitted, false, {}, {}, {{"enable_seqscan", "off"}}};
}

base::Bytes bytes_of_hex(const std::string& hex) {
  const auto bytes = base::from_hex(hex);
  ENSURE(bytes.has_value());
  return *bytes;
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
  try {
    pool_.transact([&](db::Transaction& transaction) { db::write_once(transaction, request_, effect); },
                   by_keys());
  } catch (const db::ConstraintViolation& violation) {
    // Each of them stands once; who comes second was told so, unless both looked before either had written.
    if (violation.constraint == "nav_approval_pkey" || violation.constraint == "nav_override_pkey" ||
        violation.constraint == "nav_publication_pkey")
      throw base::Conflict("somebody did the same a moment ago: look at this NAV again before you repeat it");
    throw;
  }
}

PostgresNavStore PostgresNavStore::keyed(const db::KeyedRequest& request) const {
  PostgresNavStore store = *this;
  store.request_ = request;
  return store;
}

void PostgresNavStore::add_definition(const NewDefinition& definition, int version,
                                      const model::ActorId& actor, time::Instant now) {
  const FundDefinition& fund = definition.definition;
  pool_.transact(
      [&](db::Transaction& transaction) {
        db::execute(transaction, "INSERT INTO fund (fund_id) VALUES ($1) ON CONFLICT DO NOTHING", fund.id);
        db::execute(transaction,
                    "INSERT INTO fund_definition (fund_id, version, effective_from, source, definition, "
                    "definition_hash, applied_by, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                    fund.id, version, fund.effective_from.to_string(), definition.source,
                    definition.canonical, bytes_of_hex(definition.hash), actor, now.ns());
        json::Writer fact;
        fact.begin_object()
            .member("definition_hash", definition.hash)
            .member("effective_from", fund.effective_from.to_string())
            .member("fund", fund.id.value())
            .member("version", version)
            .end_object();
        announce(transaction, fund.id, "fund_applied", fact.take(), actor, now);
      },
      by_keys());
}

namespace {

std::string where_of(const model::FundId& fund, const std::string& date) { return fund.value() + " " + date; }

/// Whoever strikes, approves, overrides or publishes a fund's NAV waits here for the others, and finds the
/// version that they looked at to be the latest still.
void lock_version(db::Transaction& transaction, const model::FundId& fund, const StoredNav& nav) {
  db::query(transaction, "SELECT FROM books_head WHERE fund_id = $1 FOR UPDATE", fund);
  const std::string date = nav.summary.valuation_date.to_string();
  const auto latest = db::query(
      transaction, "SELECT max(version) FROM nav WHERE fund_id = $1 AND valuation_date = $2", fund, date);
  if (latest[0][0].is_null() || latest[0][0].as<int>() != nav.summary.version)
    throw base::Conflict(where_of(fund, date) + ": version " + std::to_string(nav.summary.version) +
                         " is stale: a further one was struck meanwhile");
}

/// Which records beside the books the fund has at all.
struct Records {
  bool has_bank = false;
  bool has_share_positions = false;
  bool has_late_facts = false;
  bool has_accounts = false;  ///< coins elsewhere than at the main account
};
constexpr const char* kRecords =
    "EXISTS (SELECT FROM cash_proposal WHERE fund_id = $1 AND kind = 'bank_account') AS has_bank, "
    "EXISTS (SELECT FROM share_position WHERE fund_id = $1) AS has_share_positions, "
    "EXISTS (SELECT FROM late_entry WHERE fund_id = $1) AS has_late_facts, "
    "EXISTS (SELECT FROM account_balance WHERE fund_id = $1 AND commodity <> 'USD' AND account ~ "
    "'^Assets:(Coins|Staked|Activating|Unbonding):[^:]+:') AS has_accounts";
/// The checks that check_records() makes, where it makes them.
constexpr const char* kRecordChecks[] = {"cash_against_bank", "share_register_against_agent", "tax_lots",
                                         "late_facts"};

Records records_of(const pqxx::row& row) {
  return {row["has_bank"].as<bool>(), row["has_share_positions"].as<bool>(), row["has_late_facts"].as<bool>(),
          row["has_accounts"].as<bool>()};
}

/// Those, and where the fund's audit chain stands.
struct Ground {
  bool is_closed = false;  ///< the NAV's day lies in a closed period
  Records records;
  db::AuditHead audit;
  time::Instant now;  ///< at which what this transaction writes is known
};

/// In one statement, since a batch asks it once a fund. Refuses where anything was posted, recorded or struck
/// since the mark.
Ground lock_marked(db::Transaction& transaction, const model::FundId& fund, const std::string& date,
                   const SightMark& mark, time::Instant given) {
  const std::string sql =
      "SELECT b.entries, coalesce(b.closed_through >= $2::date, false) AS is_closed, coalesce((SELECT facts "
      "FROM policy_head WHERE fund_id = $1), 0) AS facts, "
      "coalesce((SELECT max(version) FROM nav WHERE fund_id = $1 AND valuation_date = $2), 0) AS version, " +
      std::string(kRecords) + ", " + next_known_time("$3") +
      " AS known_at_ns, current_schema()::text AS service, h.seq, h.hash "
      "FROM books_head b LEFT JOIN audit_head h ON h.scope = $1 WHERE b.fund_id = $1 FOR UPDATE OF b";
  const auto rows = db::query_planned(transaction, sql, fund, date, given_time(transaction, given));
  const bool is_same = !rows.empty() && rows[0]["entries"].as<std::int64_t>() == mark.entries &&
                       rows[0]["facts"].as<std::int64_t>() == mark.facts &&
                       rows[0]["version"].as<int>() == mark.version;
  if (!is_same) throw SightChanged(where_of(fund, date) + ": the books were posted to while it was struck");
  const auto& row = rows[0];
  return {
      row["is_closed"].as<bool>(), records_of(row),
      db::audit_head_of(row["service"].as<std::string>(), fund.value(),
                        db::optional_of<std::int64_t>(row["seq"]), db::optional_of<base::Bytes>(row["hash"])),
      time::Instant::from_ns(row["known_at_ns"].as<std::int64_t>())};
}

/// What records beside the books answer, as they stand in this transaction.
void check_records(db::Transaction& transaction, const FundDefinition& fund, time::Date date,
                   const Records& records, std::vector<Check>& checks) {
  checks.push_back(records.has_bank ? check_bank(transaction, fund, date) : check_of_no_bank());
  checks.push_back(records.has_share_positions ? check_shares(transaction, fund, date)
                                               : check_of_no_share_positions());
  if (records.has_accounts)
    if (auto lots = check_tax_lots(transaction, fund.id)) checks.push_back(*std::move(lots));
  if (!records.has_late_facts) return;
  if (auto late = check_late_facts(transaction, fund, date)) checks.push_back(*std::move(late));
}

/// As nav.passed_checks keeps them; the others are rows of nav_check.
std::string passed_of(const std::vector<Check>& checks) {
  json::Writer passed;
  passed.begin_array();
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const Check& check = checks[i];
    if (check.status != CheckStatus::kPassed) continue;
    passed.begin_array().integer(static_cast<std::int64_t>(i)).string(check.name).string(check.detail);
    passed.string(check.measured).string(check.threshold).end_array();
  }
  return passed.end_array().take();
}

void add_blocking(db::WriteBatch& batch, const model::FundId& fund, const std::string& date, int version,
                  const std::vector<Check>& checks) {
  db::ArrayText positions, names, statuses, details, measured, thresholds;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const Check& check = checks[i];
    if (check.status == CheckStatus::kPassed) continue;
    positions.add(i);
    names.add(check.name);
    statuses.add(describe(check.status));
    details.add(check.detail);
    measured.add(check.measured);
    thresholds.add(check.threshold);
  }
  if (positions.empty()) return;
  batch.add(
      "INSERT INTO nav_check (fund_id, valuation_date, version, position, name, status, detail, measured, "
      "threshold) SELECT $1, $2::date, $3::integer, c.* FROM unnest($4::integer[], $5::text[], $6::text[], "
      "$7::text[], $8::text[], $9::text[]) AS c",
      fund, date, version, positions.text(), names.text(), statuses.text(), details.text(), measured.text(),
      thresholds.text());
}

}  // namespace

namespace {

const Check* named(const std::vector<Check>& checks, const char* name) {
  const auto found =
      std::find_if(checks.begin(), checks.end(), [&](const Check& one) { return one.name == name; });
  return found == checks.end() ? nullptr : &*found;
}

std::optional<CheckStatus> status_of(const Check* check) {
  return check == nullptr ? std::nullopt : std::optional(check->status);
}

}  // namespace

std::vector<ChangedRecord> PostgresNavStore::changed_records(const model::FundId& fund,
                                                             const StoredNav& nav) {
  const time::Date date = nav.summary.valuation_date;
  const auto definition = definition_on(fund, date);
  ENSURE(definition.has_value());
  std::vector<Check> now;
  pool_.transact(
      [&](db::Transaction& transaction) {
        now.clear();
        const auto rows = db::query(transaction, std::string("SELECT ") + kRecords, fund);
        check_records(transaction, definition->definition, date, records_of(rows[0]), now);
      },
      kReading);
  std::vector<ChangedRecord> changed;
  for (const char* name : kRecordChecks) {
    const Check* const was = named(nav.checks, name);
    const Check* const is = named(now, name);
    if (status_of(was) != status_of(is) || (was != nullptr && was->detail != is->detail))
      changed.push_back({name, status_of(was), status_of(is)});
  }
  return changed;
}

AddedNav PostgresNavStore::add_nav(const NewNav& nav) {
  AddedNav added;
  const FundDefinition& fund = nav.resolved.definition;
  const std::string date = nav.resolved.plan.valuation_date.to_string();
  const std::string document_hash = crypto::sha256_hex(nav.document);
  const int version = nav.mark.version + 1;
  try {
    write([&](db::Transaction& transaction) {
      const Ground ground = lock_marked(transaction, fund.id, date, nav.mark, nav.struck_at);
      keep_known_time(transaction, fund.id, ground.now);
      if (ground.is_closed && version > 1)
        base::refuse(where_of(fund.id, date),
                     "lies in a closed period: its NAV has a further version once two people opened it again "
                     "(navkeeper books reopen " +
                         fund.id.value() + " --from " + date + " --reason WHY --as MAKER)");
      added = {nav.checks, ground.now};
      check_records(transaction, fund, nav.resolved.plan.valuation_date, ground.records, added.checks);
      db::WriteBatch batch(transaction);
      batch.add(
          "INSERT INTO nav (fund_id, valuation_date, version, kind, reason, definition_version, "
          "net_assets, shares, nav_per_share, document, document_hash, inputs, inputs_hash, "
          "passed_checks, struck_by, struck_at_ns, entries) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
          fund.id, date, version, describe(nav.kind), nav.reason, nav.definition_version,
          nav.figures.nav.net_assets, nav.figures.shares, nav.figures.nav.nav_per_share, nav.document,
          bytes_of_hex(document_hash), nav.inputs, bytes_of_hex(crypto::sha256_hex(nav.inputs)),
          passed_of(added.checks), nav.struck_by, ground.now.ns(), nav.mark.entries);
      add_blocking(batch, fund.id, date, version, added.checks);
      const auto posted = journal_.post_strike(transaction, batch, nav);
      NavSummary summary = summary_of(nav.resolved, nav.figures);
      summary.version = version;
      const std::string fact = nav_fact(fund.id, summary, document_hash);
      const std::string kind = version == 1 ? "nav_struck" : "nav_struck_again";
      db::append_event(batch, fund.id.value(), {0, kind, fact, ground.now.ns()});
      if (!posted)
        batch.add("UPDATE books_head SET known_at_ns = $2 WHERE fund_id = $1", fund.id, ground.now.ns());
      // Entries that are not in the batch were posted, and audited, by now.
      const db::AuditHead head = posted ? ground.audit : db::read_audit_head(transaction, fund.id.value());
      std::vector<db::AuditRecord> records;
      if (posted) records.push_back(*posted);
      records.push_back({nav.struck_by.value(), ground.now.ns(), kind, fact});
      db::append_audit(batch, head, records);
      batch.run();
      return fact;
    });
  } catch (const db::ConstraintViolation& violation) {
    if (violation.constraint == "nav_pkey" || violation.constraint == "audit_pkey")
      throw SightChanged(where_of(fund.id, date) + ": somebody else wrote meanwhile");
    refuse_constraint(fund.id.value(), violation);
  }
  return added;
}

money::Decimal PostgresNavStore::lacking(const model::FundId& fund, time::Date date) {
  return pool_.transact(
      [&](db::Transaction& transaction) { return dollars_lacking(transaction, fund, date); }, kReading);
}

void PostgresNavStore::add_approval(const model::FundId& fund, const StoredNav& nav,
                                    const model::ActorId& actor, time::Instant now) {
  write([&](db::Transaction& transaction) {
    lock_version(transaction, fund, nav);
    const time::Instant known = known_time(transaction, fund, now);
    db::execute(
        transaction,
        "INSERT INTO nav_approval (fund_id, valuation_date, version, struck_by, approved_by, known_at_ns) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        fund, nav.summary.valuation_date.to_string(), nav.summary.version, nav.struck_by, actor, known.ns());
    const std::string fact = nav_fact(fund, nav.summary, nav.document_hash);
    announce(transaction, fund, "nav_approved", fact, actor, known);
    return fact;
  });
}

void PostgresNavStore::add_publication(const model::FundId& fund, const StoredNav& nav,
                                       const model::ActorId& actor, time::Instant now) {
  write([&](db::Transaction& transaction) {
    lock_version(transaction, fund, nav);
    const time::Instant known = known_time(transaction, fund, now);
    db::execute(transaction,
                "INSERT INTO nav_publication (fund_id, valuation_date, version, struck_by, published_by, "
                "known_at_ns) VALUES ($1, $2, $3, $4, $5, $6)",
                fund, nav.summary.valuation_date.to_string(), nav.summary.version, nav.struck_by, actor,
                known.ns());
    const std::string fact = nav_fact(fund, nav.summary, nav.document_hash);
    announce(transaction, fund, "nav_published", fact, actor, known);
    return fact;
  });
}

void PostgresNavStore::add_override(const model::FundId& fund, const StoredNav& nav,
                                    const Override& override_, time::Instant now) {
  write([&](db::Transaction& transaction) {
    lock_version(transaction, fund, nav);
    const time::Instant known = known_time(transaction, fund, now);
    const std::string date = nav.summary.valuation_date.to_string();
    db::execute(transaction,
                "INSERT INTO nav_override (fund_id, valuation_date, version, name, struck_by, overridden_by, "
                "reason, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                fund, date, nav.summary.version, override_.check, nav.struck_by, override_.actor,
                override_.reason, known.ns());
    json::Writer fact;
    fact.begin_object()
        .member("check", override_.check)
        .member("fund", fund.value())
        .member("reason", override_.reason)
        .member("valuation_date", date)
        .member("version", nav.summary.version)
        .end_object();
    announce(transaction, fund, "nav_check_overridden", fact.take(), override_.actor, known);
    return nav_fact(fund, nav.summary, nav.document_hash);
  });
}

}  // namespace navkeeper::nav
