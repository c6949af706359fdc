#include "services/staking/adapters/set_aside_store.h"

#include "common/base/refuse.h"
#include "common/db/audit.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/staking/adapters/rows.h"

namespace navkeeper::staking {
namespace {

using time::Instant;

constexpr db::TransactionOptions kReadingAside{db::Isolation::kRepeatableRead, true, {}, {}, {}};

/// Proposals of a fund wait here for one another.
void lock_aside(db::Transaction& transaction, const model::FundId& fund) {
  db::query(transaction, "SELECT pg_advisory_xact_lock(hashtext('staking set aside'), hashtext($1))", fund);
}

std::vector<SetAside> load_aside(db::Transaction& transaction, const model::FundId& fund) {
  std::vector<SetAside> all;
  for (const auto& row :
       db::query(transaction,
                 "SELECT s.*, a.approved_by, a.known_at_ns AS approved_at_ns, (SELECT count(*) FROM "
                 "position_reading r WHERE r.fund_id = s.fund_id AND r.source = s.source AND r.as_of_ns > "
                 "s.after_ns AND (a.known_at_ns IS NULL OR r.known_at_ns <= a.known_at_ns)) AS readings, "
                 "(SELECT count(*) FROM staking_event e WHERE e.fund_id = s.fund_id AND e.source = s.source "
                 "AND e.at_ns > s.after_ns AND (a.known_at_ns IS NULL OR e.known_at_ns <= a.known_at_ns)) AS "
                 "events FROM set_aside s LEFT JOIN set_aside_approval a USING (fund_id, number) WHERE "
                 "s.fund_id = $1 ORDER BY number",
                 fund)) {
    SetAside one;
    one.number = row["number"].as<std::int64_t>();
    one.source = row["source"].as<std::string>();
    one.first = {row["height"].as<std::uint64_t>(), row["root"].as<std::string>(),
                 row["at_ns"].as<Instant>()};
    if (const auto after = row["after_ns"].as<Instant>(); after != Instant::earliest()) one.after = after;
    one.reason = row["reason"].as<std::string>();
    one.proposed_by = row["proposed_by"].as<std::string>();
    one.proposed_at = row["known_at_ns"].as<Instant>();
    one.approved_by = db::optional_of<std::string>(row["approved_by"]);
    one.approved_at = db::optional_of<Instant>(row["approved_at_ns"]);
    one.readings = row["readings"].as<std::int64_t>();
    one.events = row["events"].as<std::int64_t>();
    all.push_back(std::move(one));
  }
  return all;
}

void audit_aside(db::Transaction& transaction, const model::FundId& fund, const SetAside& one,
                 const model::ActorId& actor, Instant now, const char* kind) {
  json::Writer writer;
  writer.begin_object()
      .member("after", one.after ? one.after->to_string() : "")
      .member("events", one.events)
      .member("height", std::to_string(one.first.height))
      .member("number", one.number)
      .member("readings", one.readings)
      .member("reason", one.reason)
      .member("root", one.first.root.value())
      .member("source", one.source)
      .end_object();
  db::append_audit(transaction, fund.value(), {actor.value(), now.ns(), kind, writer.take()});
}

}  // namespace

SetAside PostgresSetAsideStore::propose(const model::FundId& fund, const std::string& source,
                                        std::uint64_t height, const std::string& reason,
                                        const model::ActorId& actor, Instant now) {
  if (reason.empty()) base::refuse("reason", "is empty");
  return pool_.transact([&](db::Transaction& transaction) {
    lock_aside(transaction, fund);
    const std::string where = fund.value() + " " + source;
    const auto rows =
        db::query(transaction,
                  "SELECT chain, root, as_of_ns FROM position_reading WHERE fund_id = $1 AND source = $2 AND "
                  "height = $3 AND " +
                      stands("position_reading", "as_of_ns", "$4") + " ORDER BY known_at_ns DESC LIMIT 1",
                  fund, source, height_of(height), Instant::latest());
    if (rows.empty())
      base::refuse(where, "has no state of height " + std::to_string(height) +
                              " that stands: navkeeper staking syncs and show name them");
    const Chain chain = *parse_chain(rows[0]["chain"].as<std::string>());
    if (chain != Chain::kEthereum && chain != Chain::kCronosPos)
      base::refuse(where, "is no chain's: what a custodian says is corrected by what it says next");
    const auto before = load_aside(transaction, fund);
    for (const SetAside& one : before)
      if (one.source == source && !one.approved_by)
        base::refuse(where, "proposal " + std::to_string(one.number) + " waits for a second person");
    const auto at = rows[0]["as_of_ns"].as<Instant>();
    const auto after = db::optional_of<Instant>(db::query(
        transaction,
        "SELECT max(as_of_ns) FROM position_reading WHERE fund_id = $1 AND source = $2 AND as_of_ns "
        "< $3 AND finalized AND " +
            stands("position_reading", "as_of_ns", "$4"),
        fund, source, at, Instant::latest())[0][0]);
    const std::int64_t number = before.empty() ? 1 : before.back().number + 1;
    db::execute(transaction,
                "INSERT INTO set_aside (fund_id, number, source, height, root, at_ns, after_ns, reason, "
                "proposed_by, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                fund, number, source, height_of(height), rows[0]["root"].as<std::string>(), at,
                after.value_or(Instant::earliest()), reason, actor, now);
    SetAside proposed = load_aside(transaction, fund).back();
    audit_aside(transaction, fund, proposed, actor, now, "staking.set_aside_proposed");
    return proposed;
  });
}

SetAside PostgresSetAsideStore::approve(const model::FundId& fund, std::int64_t number,
                                        const model::ActorId& actor, Instant now) {
  return pool_.transact([&](db::Transaction& transaction) {
    lock_aside(transaction, fund);
    const std::string where = fund.value() + " set aside " + std::to_string(number);
    const auto load = [&]() -> SetAside {
      for (SetAside& one : load_aside(transaction, fund))
        if (one.number == number) return std::move(one);
      base::refuse(where, "is not known");
    };
    const SetAside waits = load();
    if (waits.approved_by) base::refuse(where, "was approved by " + *waits.approved_by);
    if (waits.proposed_by == actor.value())
      base::refuse(where, "was proposed by " + actor.value() + ": another person approves it");
    db::execute(
        transaction,
        "INSERT INTO set_aside_approval (fund_id, number, proposed_by, source, after_ns, approved_by, "
        "known_at_ns) SELECT fund_id, number, proposed_by, source, after_ns, $3, greatest($4, (SELECT "
        "max(known_at_ns) FROM position_reading r WHERE r.fund_id = s.fund_id AND r.source = "
        "s.source)) FROM set_aside s WHERE fund_id = $1 AND number = $2",
        fund, number, actor, now);
    SetAside done = load();
    audit_aside(transaction, fund, done, actor, now, "staking.set_aside");
    return done;
  });
}

std::vector<SetAside> PostgresSetAsideStore::all(const model::FundId& fund) {
  return pool_.transact([&](db::Transaction& transaction) { return load_aside(transaction, fund); },
                        kReadingAside);
}

std::string stands(const std::string& table, const std::string& at, const std::string& known_at) {
  return "NOT EXISTS (SELECT FROM set_aside_approval y WHERE y.fund_id = " + table +
         ".fund_id AND y.source = " + table + ".source AND " + table + "." + at + " > y.after_ns AND " +
         table + ".known_at_ns <= y.known_at_ns AND y.known_at_ns <= " + known_at + ")";
}

std::int64_t times_set_aside(db::Transaction& transaction, const model::FundId& fund,
                             const std::string& source) {
  return db::query(transaction, "SELECT count(*) FROM set_aside_approval WHERE fund_id = $1 AND source = $2",
                   fund, source)[0][0]
      .as<std::int64_t>();
}

bool was_set_aside_since(db::Transaction& transaction, const model::FundId& fund, const std::string& source,
                         Instant since) {
  return !db::query(transaction,
                    "SELECT FROM set_aside_approval WHERE fund_id = $1 AND source = $2 AND known_at_ns >= $3",
                    fund, source, since)
              .empty();
}

std::set<std::uint64_t> heights_set_aside(db::Transaction& transaction, const model::FundId& fund,
                                          const std::string& source) {
  std::set<std::uint64_t> heights;
  for (const auto& row :
       db::query(transaction,
                 "SELECT DISTINCT height FROM position_reading WHERE fund_id = $1 AND source = $2 AND NOT " +
                     stands("position_reading", "as_of_ns", "$3"),
                 fund, source, Instant::latest()))
    heights.insert(row["height"].as<std::uint64_t>());
  return heights;
}

}  // namespace navkeeper::staking
