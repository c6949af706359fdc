#include "services/staking/adapters/staking_store.h"

#include <algorithm>
#include <map>

#include "common/base/bytes.h"
#include "common/base/outside.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/staking/adapters/rows.h"
#include "services/staking/adapters/set_aside_store.h"
#include "services/staking/adapters/staking_queue_store.h"
#include "services/staking/adapters/validator_set_store.h"

namespace navkeeper::staking {
namespace {

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};
constexpr std::size_t kRowsOfAStatement = 2'000;

base::Bytes bytes_of(const crypto::Digest256& digest) { return {digest.begin(), digest.end()}; }
base::Bytes sha256_bytes(std::string_view text) { return bytes_of(crypto::sha256(text)); }

void add_raw(db::Transaction& transaction, const model::FundId& fund, const SyncResult& result) {
  int position = 0;
  for (const model::NodeAnswer& answer : result.raw) {
    const base::Bytes sha256 = sha256_bytes(answer.body);
    db::execute(transaction,
                "INSERT INTO raw_body (fund_id, sha256, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                fund, sha256, base::Bytes(answer.body.begin(), answer.body.end()));
    db::execute(transaction,
                "INSERT INTO raw_answer (fund_id, source, started_at_ns, position, request, sha256) VALUES "
                "($1, $2, $3, $4, $5, $6)",
                fund, result.run.source, result.run.started_at, position++, answer.request, sha256);
  }
}

std::size_t add_readings(db::Transaction& transaction, const model::FundId& fund, const SyncResult& result,
                         time::Instant known_at) {
  std::size_t added = 0;
  for (const PositionReading& reading : result.readings) {
    const std::string raw = "\\x" + reading.raw_sha256;
    const std::size_t is_new = db::execute(
        transaction,
        "INSERT INTO position_reading (fund_id, chain, source, as_of_ns, height, root, finalized, raw_sha256,"
        " known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        fund, describe(reading.chain), reading.source, reading.mark.at, height_of(reading.mark.height),
        reading.mark.root, reading.finalized, raw, known_at);
    if (is_new == 0) continue;
    Rows rows(transaction,
              "position (fund_id, chain, source, as_of_ns, height, raw_sha256, place, asset, state, part,"
              " amount, due_at_ns, verifiable, detail)");
    for (const Position& one : reading.positions)
      rows.add(fund, describe(reading.chain), reading.source, reading.mark.at, height_of(reading.mark.height),
               raw, one.key.place, one.key.asset, describe(one.state), one.part, one.amount, one.due_at,
               one.verifiable, one.detail);
    added += rows.finish();
  }
  return added;
}

StakingEvent event_of(const pqxx::row& row) {
  StakingEvent event;
  event.id = row["id"].as<std::string>();
  event.key = {*parse_chain(row["chain"].as<std::string>()), row["source"].as<std::string>(),
               row["place"].as<std::string>(), db::name_of<model::AssetId>(row["asset"])};
  event.kind = *parse_event_kind(row["kind"].as<std::string>());
  event.amount = row["amount"].as<money::Decimal>();
  event.mark = {row["height"].as<std::uint64_t>(), row["root"].as<std::string>(),
                row["at_ns"].as<time::Instant>()};
  event.type_detail = row["type_detail"].as<std::string>();
  return event;
}

bool says_the_same(const StakingEvent& a, const StakingEvent& b) {
  return a.key.chain == b.key.chain && a.key.place == b.key.place && a.key.asset == b.key.asset &&
         a.kind == b.kind && a.amount == b.amount && a.mark.height == b.mark.height;
}

/// Events whose id was known before with other content.
void raise_contradictions(db::Transaction& transaction, const model::FundId& fund,
                          const std::vector<StakingEvent>& events, std::vector<Alert>& alerts) {
  db::WriteBatch writer(transaction);
  for (std::size_t begin = 0; begin < events.size(); begin += kRowsOfAStatement) {
    const std::size_t end = std::min(events.size(), begin + kRowsOfAStatement);
    std::map<std::string, const StakingEvent*> told;
    std::string ids;
    for (std::size_t i = begin; i < end; ++i) {
      told[events[i].id] = &events[i];
      ids += (ids.empty() ? "" : ", ") + writer.value(events[i].id);
    }
    for (const auto& row : db::query(transaction,
                                     "SELECT * FROM staking_event WHERE fund_id = $1 AND id IN (" + ids +
                                         ") AND " + stands("staking_event", "at_ns", "$2"),
                                     fund, time::Instant::latest())) {
      const StakingEvent stored = event_of(row);
      const StakingEvent& now = *told.at(stored.id);
      if (says_the_same(stored, now)) continue;
      alerts.push_back({now.key.source.value(), "contradiction", stored.id,
                        "told as " + std::string(describe(stored.kind)) + " " + stored.amount.to_string() +
                            " before and as " + std::string(describe(now.kind)) + " " +
                            now.amount.to_string() + " now"});
    }
  }
}

/// An event as it is stored.
struct NumberedEvent {
  StakingEvent event;
  std::int64_t series = 0;
};

/// Where states of the source were set aside: the same event again is a row of its own under its id; with
/// other content it is another event, whose id says so. One that stands keeps its series, and is not new.
std::vector<NumberedEvent> told_again(db::Transaction& transaction, const model::FundId& fund,
                                      const SyncResult& result) {
  const std::int64_t times = times_set_aside(transaction, fund, result.run.source);
  std::vector<NumberedEvent> numbered;
  numbered.reserve(result.events.size());
  for (const StakingEvent& event : result.events) {
    NumberedEvent one{event, times};
    if (times > 0) {
      bool is_other = false;
      for (const auto& row :
           db::query(transaction,
                     "SELECT *, " + stands("staking_event", "at_ns", "$3") +
                         " AS stands FROM staking_event WHERE fund_id = $1 AND id = $2 ORDER BY series",
                     fund, event.id, time::Instant::latest())) {
        is_other = !says_the_same(event_of(row), event);
        if (!row["stands"].as<bool>()) continue;
        one.series = row["series"].as<std::int64_t>();
        is_other = false;
        break;
      }
      if (is_other) one.event.id += "/again-" + std::to_string(times);
    }
    numbered.push_back(std::move(one));
  }
  return numbered;
}

std::size_t add_events(db::Transaction& transaction, const model::FundId& fund, const SyncResult& result,
                       time::Instant known_at, std::vector<Alert>& alerts) {
  Rows rows(transaction,
            "staking_event (fund_id, id, chain, source, place, asset, kind, amount, at_ns, height, root,"
            " type_detail, known_at_ns, series)");
  for (const auto& [event, series] : told_again(transaction, fund, result))
    rows.add(fund, event.id, describe(event.key.chain), event.key.source, event.key.place, event.key.asset,
             describe(event.kind), event.amount, event.mark.at, height_of(event.mark.height), event.mark.root,
             event.type_detail, known_at, series);
  const std::size_t added = rows.finish();
  if (added < result.events.size()) raise_contradictions(transaction, fund, result.events, alerts);
  return added;
}

/// What tells two versions of one interval apart.
std::string content_of(const RollForward& one) {
  std::string text = one.from.root.value() + " " + one.opening.to_string() + "\n" + one.to.root.value() +
                     " " + one.closing.to_string() + "\n";
  for (const RollForwardLine& line : one.lines)
    text += std::string(describe(line.kind)) + " " + line.amount.to_string() + "\n";
  return text;
}

std::size_t add_roll_forwards(db::Transaction& transaction, const model::FundId& fund,
                              const SyncResult& result, time::Instant known_at) {
  constexpr const char* kKey =
      "fund_id, chain, source, place, asset, account, from_ns, to_ns, from_height, to_height, content_sha256";
  Rows heads(transaction, std::string("roll_forward (") + kKey +
                              ", from_root, to_root, opening, closing, difference, known_at_ns)");
  Rows lines(transaction, std::string("roll_forward_line (") + kKey + ", kind, amount)");
  for (const RollForward& one : result.roll_forwards) {
    const base::Bytes content = sha256_bytes(content_of(one));
    heads.add(fund, describe(one.key.chain), one.key.source, one.key.place, one.key.asset,
              describe(one.account), one.from.at, one.to.at, height_of(one.from.height),
              height_of(one.to.height), content, one.from.root, one.to.root, one.opening, one.closing,
              one.difference(), known_at);
  }
  const std::size_t added = heads.finish();
  for (const RollForward& one : result.roll_forwards) {
    const base::Bytes content = sha256_bytes(content_of(one));
    for (const RollForwardLine& line : one.lines)
      lines.add(fund, describe(one.key.chain), one.key.source, one.key.place, one.key.asset,
                describe(one.account), one.from.at, one.to.at, height_of(one.from.height),
                height_of(one.to.height), content, describe(line.kind), line.amount);
  }
  lines.finish();
  return added;
}

std::size_t add_alerts(db::Transaction& transaction, const model::FundId& fund,
                       const std::vector<Alert>& alerts, time::Instant known_at) {
  Rows raised(transaction, "alert (fund_id, source, kind, subject, detail_sha256, detail, known_at_ns)");
  for (const Alert& alert : alerts)
    raised.add(fund, alert.source, alert.kind, alert.subject, sha256_bytes(alert.detail), alert.detail,
               known_at);
  return raised.finish();
}

std::string audit_text(const SyncReport& report) {
  json::Writer writer;
  const auto count = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  writer.begin_object()
      .member("alerts_new", count(report.alerts_new))
      .member("events_new", count(report.events_new))
      .member("outcome", describe(report.run.outcome))
      .member("parameters_new", count(report.parameters_new))
      .member("positions_new", count(report.positions_new))
      .member("roll_forwards_new", count(report.roll_forwards_new))
      .member("source", report.run.source)
      .member("started_at", report.run.started_at.to_string())
      .end_object();
  return writer.take();
}

StateMark mark_of(const pqxx::row& row, const std::string& side) {
  return {row[side + "_height"].as<std::uint64_t>(), row[side + "_root"].as<std::string>(),
          row[side + "_ns"].as<time::Instant>()};
}

std::string hex_of(const pqxx::field& field) { return base::to_hex(field.as<base::Bytes>()); }

}  // namespace

PostgresStakingStore PostgresStakingStore::under(const db::Lease& lease) const {
  PostgresStakingStore store(pool_);
  store.lease_ = lease;
  return store;
}

SyncReport PostgresStakingStore::save(const model::FundId& fund, const SyncResult& result,
                                      time::Instant known_at, const std::string& actor) {
  return pool_.transact([&](db::Transaction& transaction) {
    if (lease_) db::verify_lease(transaction, *lease_);
    SyncReport report;
    report.run = result.run;
    // What was read from a state that does not stand any more is read again.
    if (was_set_aside_since(transaction, fund, result.run.source, result.run.started_at))
      throw base::Conflict(result.run.source + ": states of it were set aside while it was read: sync again");
    const std::size_t is_new =
        db::execute(transaction,
                    "INSERT INTO sync_run (fund_id, source, started_at_ns, ended_at_ns, outcome, detail, "
                    "known_at_ns, actor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
                    fund, result.run.source, result.run.started_at, result.run.ended_at,
                    describe(result.run.outcome), result.run.detail, known_at, actor);
    if (is_new == 0) return report;  // stored before
    add_raw(transaction, fund, result);
    std::vector<Alert> alerts = result.alerts;
    report.positions_new = add_readings(transaction, fund, result, known_at);
    report.events_new = add_events(transaction, fund, result, known_at, alerts);
    report.roll_forwards_new = add_roll_forwards(transaction, fund, result, known_at);
    Rows parameters(transaction,
                    "parameter_reading (fund_id, chain, source, name, height, root, at_ns, value, "
                    "known_at_ns)");
    for (const ParameterReading& one : result.parameters)
      parameters.add(fund, describe(one.chain), one.source, one.name, height_of(one.mark.height),
                     one.mark.root, one.mark.at, one.value, known_at);
    report.parameters_new = parameters.finish();
    add_queues(transaction, fund, result.queues, known_at);
    add_duties(transaction, fund, result.duties, known_at);
    add_validator_sets(transaction, fund, result.validator_sets, known_at);
    report.alerts_new = add_alerts(transaction, fund, alerts, known_at);
    db::append_audit(transaction, fund.value(), {actor, known_at.ns(), "staking.synced", audit_text(report)});
    return report;
  });
}

std::size_t PostgresStakingStore::raise(const model::FundId& fund, const std::vector<Alert>& alerts,
                                        time::Instant known_at) {
  return pool_.transact([&](db::Transaction& transaction) {
    if (lease_) db::verify_lease(transaction, *lease_);
    return add_alerts(transaction, fund, alerts, known_at);
  });
}

std::vector<StoredReading> PostgresStakingStore::readings(const model::FundId& fund,
                                                          const StakingQuery& query) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredReading> found;
        for (const auto& row : db::query(
                 transaction,
                 "SELECT DISTINCT ON (chain, source) * FROM position_reading WHERE fund_id = $1"
                 " AND ($2 = '' OR source = $2) AND finalized AND as_of_ns <= $3 AND known_at_ns <= $4 AND " +
                     stands("position_reading", "as_of_ns", "$4") +
                     " ORDER BY chain, source, as_of_ns DESC, height DESC, known_at_ns DESC, raw_sha256",
                 fund, query.source, query.as_of, query.known_at)) {
          StoredReading stored;
          PositionReading& reading = stored.reading;
          reading.chain = *parse_chain(row["chain"].as<std::string>());
          reading.source = row["source"].as<std::string>();
          reading.mark = {row["height"].as<std::uint64_t>(), row["root"].as<std::string>(),
                          row["as_of_ns"].as<time::Instant>()};
          reading.finalized = row["finalized"].as<bool>();
          reading.raw_sha256 = hex_of(row["raw_sha256"]);
          stored.known_at = row["known_at_ns"].as<time::Instant>();
          found.push_back(std::move(stored));
        }
        for (StoredReading& stored : found) {
          PositionReading& reading = stored.reading;
          for (const auto& row :
               db::query(transaction,
                         "SELECT * FROM position WHERE fund_id = $1 AND chain = $2 AND source = $3 AND "
                         "as_of_ns = $4"
                         " AND height = $5 AND raw_sha256 = $6 AND ($7 = '' OR place = $7)"
                         " ORDER BY place, asset, state, part",
                         fund, describe(reading.chain), reading.source, reading.mark.at,
                         height_of(reading.mark.height), "\\x" + reading.raw_sha256, query.place)) {
            Position one;
            one.key = {reading.chain, reading.source, row["place"].as<std::string>(),
                       db::name_of<model::AssetId>(row["asset"])};
            one.state = *parse_position_state(row["state"].as<std::string>());
            one.part = row["part"].as<std::string>();
            one.amount = row["amount"].as<money::Decimal>();
            one.due_at = db::optional_of<time::Instant>(row["due_at_ns"]);
            one.verifiable = row["verifiable"].as<bool>();
            one.detail = row["detail"].as<std::string>();
            reading.positions.push_back(std::move(one));
          }
        }
        return found;
      },
      kReading);
}

std::vector<StoredEvent> PostgresStakingStore::events(const model::FundId& fund, const StakingQuery& query,
                                                      const std::vector<EventKind>& only) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredEvent> found;
        for (const auto& row : db::query(
                 transaction,
                 "SELECT * FROM staking_event WHERE fund_id = $1 AND ($2 = '' OR source = $2)"
                 " AND ($3 = '' OR place = $3) AND at_ns > $4 AND at_ns <= $5 AND known_at_ns <= $6 AND " +
                     stands("staking_event", "at_ns", "$6") + " ORDER BY at_ns, height, id COLLATE \"C\"",
                 fund, query.source, query.place, query.from, query.as_of, query.known_at)) {
          StoredEvent stored{event_of(row), row["known_at_ns"].as<time::Instant>()};
          if (only.empty() || std::find(only.begin(), only.end(), stored.event.kind) != only.end())
            found.push_back(std::move(stored));
        }
        return found;
      },
      kReading);
}

std::vector<StoredEvent> PostgresStakingStore::events_learned(const model::FundId& fund,
                                                              const StakingQuery& query,
                                                              const LearnedPage& page) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredEvent> found;
        for (const auto& row : db::query(
                 transaction,
                 "SELECT * FROM staking_event WHERE fund_id = $1 AND ($2 = '' OR source = $2)"
                 " AND ($3 = '' OR place = $3) AND at_ns > $4 AND at_ns <= $5 AND known_at_ns <= $6 AND " +
                     stands("staking_event", "at_ns", "$6") +
                     " AND (known_at_ns, id COLLATE \"C\") > ($7, $8 COLLATE \"C\")"
                     " ORDER BY known_at_ns, id COLLATE \"C\" LIMIT $9",
                 fund, query.source, query.place, query.from, query.as_of, query.known_at, page.known_after,
                 page.after_id, page.limit))
          found.push_back({event_of(row), row["known_at_ns"].as<time::Instant>()});
        return found;
      },
      kReading);
}

std::vector<StoredRollForward> PostgresStakingStore::roll_forwards(const model::FundId& fund,
                                                                   const StakingQuery& query) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredRollForward> found;
        for (const auto& row : db::query(
                 transaction,
                 "SELECT h.*, l.kind, l.amount, p.price AS row_price, p.price_date, p.valuation_ns,"
                 " p.hash AS price_hash, p.source AS price_source FROM (SELECT DISTINCT ON (chain, source, "
                 "place, asset, "
                 "account,"
                 " from_ns, to_ns, from_height, to_height) * FROM roll_forward WHERE fund_id = $1"
                 " AND ($2 = '' OR source = $2) AND ($3 = '' OR place = $3) AND from_ns >= $4 AND to_ns <= $5"
                 " AND known_at_ns <= $6 AND " +
                     stands("roll_forward", "to_ns", "$6") +
                     " ORDER BY chain, source, place, asset, account, from_ns, to_ns,"
                     " from_height, to_height, known_at_ns DESC, content_sha256) h LEFT JOIN "
                     "roll_forward_line l"
                     " USING (fund_id, chain, source, place, asset, account, from_ns, to_ns, from_height,"
                     " to_height, content_sha256) LEFT JOIN row_price p ON p.fund_id = h.fund_id AND"
                     " p.asset = h.asset AND p.to_ns = h.to_ns AND p.known_at_ns <= $6 ORDER BY chain, "
                     "source, "
                     "place, asset, account, from_ns, to_ns,"
                     " from_height, to_height",
                 fund, query.source, query.place, query.from, query.as_of, query.known_at)) {
          StoredRollForward next;
          RollForward& one = next.roll_forward;
          one.key = {*parse_chain(row["chain"].as<std::string>()), row["source"].as<std::string>(),
                     row["place"].as<std::string>(), db::name_of<model::AssetId>(row["asset"])};
          one.account = *parse_account(row["account"].as<std::string>());
          one.from = mark_of(row, "from");
          one.to = mark_of(row, "to");
          one.opening = row["opening"].as<money::Decimal>();
          one.closing = row["closing"].as<money::Decimal>();
          next.known_at = row["known_at_ns"].as<time::Instant>();
          if (!row["row_price"].is_null())
            next.price = RowPrice{row["row_price"].as<money::Decimal>(), row["price_date"].as<time::Date>(),
                                  row["valuation_ns"].as<time::Instant>(),
                                  row["price_hash"].as<std::string>(), row["price_source"].as<std::string>()};
          const bool continues = !found.empty() && found.back().roll_forward.key == one.key &&
                                 found.back().roll_forward.account == one.account &&
                                 found.back().roll_forward.from == one.from &&
                                 found.back().roll_forward.to == one.to;
          if (!continues) found.push_back(std::move(next));
          if (row["kind"].is_null()) continue;
          found.back().roll_forward.lines.push_back(
              {*parse_event_kind(row["kind"].as<std::string>()), row["amount"].as<money::Decimal>()});
        }
        for (StoredRollForward& stored : found) {
          auto& lines = stored.roll_forward.lines;
          std::sort(lines.begin(), lines.end(),
                    [](const RollForwardLine& a, const RollForwardLine& b) { return a.kind < b.kind; });
        }
        return found;
      },
      kReading);
}

std::vector<ParameterReading> PostgresStakingStore::parameters(const model::FundId& fund,
                                                               const StakingQuery& query) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<ParameterReading> found;
        for (const auto& row :
             db::query(transaction,
                       "SELECT * FROM parameter_reading WHERE fund_id = $1 AND ($2 = '' OR source = $2)"
                       " AND at_ns <= $3 AND known_at_ns <= $4 ORDER BY chain, source, name, height, value",
                       fund, query.source, query.as_of, query.known_at))
          found.push_back({*parse_chain(row["chain"].as<std::string>()),
                           row["source"].as<std::string>(),
                           row["name"].as<std::string>(),
                           row["value"].as<std::string>(),
                           {row["height"].as<std::uint64_t>(), row["root"].as<std::string>(),
                            row["at_ns"].as<time::Instant>()}});
        return found;
      },
      kReading);
}

std::vector<StoredAlert> PostgresStakingStore::alerts(const model::FundId& fund, const StakingQuery& query,
                                                      int limit) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredAlert> found;
        for (const auto& row : db::query(
                 transaction,
                 "SELECT * FROM alert WHERE fund_id = $1 AND ($2 = '' OR source = $2) AND known_at_ns <= $3"
                 " AND known_at_ns > $5 AND ($6 = '' OR kind = $6)"
                 " ORDER BY known_at_ns DESC, source, kind, subject, detail LIMIT $4 OFFSET $7",
                 fund, query.source, query.known_at, limit, query.from, query.kind, query.skip))
          found.push_back({{row["source"].as<std::string>(), row["kind"].as<std::string>(),
                            row["subject"].as<std::string>(), row["detail"].as<std::string>()},
                           row["known_at_ns"].as<time::Instant>()});
        return found;
      },
      kReading);
}

std::vector<SyncRun> PostgresStakingStore::runs(const model::FundId& fund, const StakingQuery& query,
                                                int limit) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<SyncRun> found;
        for (const auto& row :
             db::query(transaction,
                       "SELECT * FROM sync_run WHERE fund_id = $1 AND ($2 = '' OR source = $2)"
                       " AND started_at_ns <= $3 AND known_at_ns <= $4 ORDER BY started_at_ns DESC, source "
                       "LIMIT $5 OFFSET $6",
                       fund, query.source, query.as_of, query.known_at, limit, query.skip))
          found.push_back({row["source"].as<std::string>(), row["started_at_ns"].as<time::Instant>(),
                           row["ended_at_ns"].as<time::Instant>(),
                           *parse_sync_outcome(row["outcome"].as<std::string>()),
                           row["detail"].as<std::string>()});
        return found;
      },
      kReading);
}

std::set<std::uint64_t> PostgresStakingStore::set_aside(const model::FundId& fund,
                                                        const std::string& source) {
  return pool_.transact(
      [&](db::Transaction& transaction) { return heights_set_aside(transaction, fund, source); }, kReading);
}

}  // namespace navkeeper::staking
