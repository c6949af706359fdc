#include "services/staking/adapters/staking_queue_store.h"

#include "common/base/ensure.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/staking/adapters/rows.h"
#include "services/staking/adapters/set_aside_store.h"
#include "services/staking/adapters/staking_store.h"

namespace navkeeper::staking {
namespace {

constexpr db::TransactionOptions kReadingQueues{db::Isolation::kRepeatableRead, true, {}, {}, {}};

std::string figures_text(const std::map<std::string, std::string>& figures) {
  json::Writer writer;
  writer.begin_object();
  for (const auto& [name, value] : figures) writer.member(name, value);
  return writer.end_object().take();
}

std::map<std::string, std::string> figures_of(const std::string& text) {
  std::map<std::string, std::string> figures;
  const auto parsed = json::parse(text);
  ENSURE(parsed.has_value());  // a constraint of the table says so
  for (const json::Member& member : parsed->as_object()) figures[member.key] = member.value.as_string();
  return figures;
}

}  // namespace

void add_queues(db::Transaction& transaction, const model::FundId& fund,
                const std::vector<QueueReading>& readings, time::Instant known_at) {
  Rows queues(transaction,
              "queue_reading (fund_id, chain, source, name, as_of_ns, height, root, wait_seconds, figures,"
              " known_at_ns)");
  for (const QueueReading& one : readings)
    queues.add(fund, describe(one.chain), one.source, one.name, one.mark.at, height_of(one.mark.height),
               one.mark.root, one.wait_seconds, figures_text(one.figures), known_at);
  queues.finish();
}

void add_duties(db::Transaction& transaction, const model::FundId& fund,
                const std::vector<DutyReading>& readings, time::Instant known_at) {
  Rows rows(transaction,
            "duty (fund_id, source, place, from_height, from_ns, to_height, to_ns, effective_gwei,"
            " attestations_assigned, attestations_missed, attestations_without_ideal, proposals_made,"
            " proposals_missed, sync_slots_assigned,"
            " sync_slots_missed, attestation_rewards, attestation_penalties, attestation_ideal,"
            " proposal_rewards, sync_rewards, known_at_ns)");
  const auto gwei = [](money::Units units) { return units.to_decimal(0); };
  for (const DutyReading& one : readings) {
    const measures::Duties& duties = one.duties;
    std::optional<money::Decimal> proposals_missed;
    if (duties.proposals_told) proposals_missed = height_of(duties.proposals_missed);
    rows.add(fund, one.source, one.place, height_of(one.from.height), one.from.at, height_of(one.to.height),
             one.to.at, height_of(one.effective_gwei), height_of(duties.attestations_assigned),
             height_of(duties.attestations_missed), height_of(duties.attestations_without_ideal),
             height_of(duties.proposals_made), proposals_missed, height_of(duties.sync_slots_assigned),
             height_of(duties.sync_slots_missed), gwei(duties.attestation_rewards),
             gwei(duties.attestation_penalties), gwei(duties.attestation_ideal),
             gwei(duties.proposal_rewards), gwei(duties.sync_rewards), known_at);
  }
  rows.finish();
}

std::vector<QueueReading> PostgresStakingStore::queues(const model::FundId& fund, const StakingQuery& query) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<QueueReading> found;
        for (const auto& row :
             db::query(transaction,
                       "SELECT DISTINCT ON (chain, source, name) * FROM queue_reading WHERE fund_id = $1"
                       " AND ($2 = '' OR source = $2) AND as_of_ns <= $3 AND known_at_ns <= $4 AND " +
                           stands("queue_reading", "as_of_ns", "$4") +
                           " ORDER BY chain, source, name, as_of_ns DESC, height DESC",
                       fund, query.source, query.as_of, query.known_at))
          found.push_back({*parse_chain(row["chain"].as<std::string>()),
                           row["source"].as<std::string>(),
                           row["name"].as<std::string>(),
                           {row["height"].as<std::uint64_t>(), row["root"].as<std::string>(),
                            row["as_of_ns"].as<time::Instant>()},
                           db::optional_of<std::int64_t>(row["wait_seconds"]),
                           figures_of(row["figures"].as<std::string>())});
        return found;
      },
      kReadingQueues);
}

std::vector<DutyReading> PostgresStakingStore::duties(const model::FundId& fund, const StakingQuery& query) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<DutyReading> found;
        for (const auto& row : db::query(
                 transaction,
                 "SELECT source, place, min(from_height) AS from_height, min(from_ns) AS from_ns,"
                 " max(to_height) AS to_height, max(to_ns) AS to_ns,"
                 " (array_agg(effective_gwei ORDER BY to_ns DESC))[1] AS effective_gwei,"
                 " sum(effective_gwei * (to_height - from_height)) AS effective_slots,"
                 " sum(attestations_without_ideal) AS attestations_without_ideal,"
                 " coalesce(sum(proposals_missed), 0) AS proposals_missed,"
                 " bool_and(proposals_missed IS NOT NULL) AS proposals_told,"
                 " sum(attestations_assigned) AS attestations_assigned,"
                 " sum(attestations_missed) AS attestations_missed, sum(proposals_made) AS proposals_made,"
                 " sum(sync_slots_assigned) AS sync_slots_assigned, sum(sync_slots_missed) AS"
                 " sync_slots_missed, sum(attestation_rewards) AS attestation_rewards,"
                 " sum(attestation_penalties) AS attestation_penalties, sum(attestation_ideal) AS"
                 " attestation_ideal, sum(proposal_rewards) AS proposal_rewards, sum(sync_rewards) AS"
                 " sync_rewards FROM duty WHERE fund_id = $1 AND ($2 = '' OR source = $2)"
                 " AND ($3 = '' OR place = $3) AND from_ns >= $4 AND to_ns <= $5 AND known_at_ns <= $6 AND " +
                     stands("duty", "to_ns", "$6") + " GROUP BY source, place ORDER BY source, place",
                 fund, query.source, query.place, query.from, query.as_of, query.known_at)) {
          const auto count = [&](const char* name) { return row[name].as<std::uint64_t>(); };
          const auto gwei = [&](const char* name) {
            return *money::Units::from(row[name].as<money::Decimal>(), 0);
          };
          DutyReading one{row["source"].as<std::string>(),
                          row["place"].as<std::string>(),
                          {count("from_height"), "", row["from_ns"].as<time::Instant>()},
                          {count("to_height"), "", row["to_ns"].as<time::Instant>()},
                          count("effective_gwei"),
                          {},
                          gwei("effective_slots")};
          measures::Duties& duties = one.duties;
          duties.attestations_assigned = count("attestations_assigned");
          duties.attestations_missed = count("attestations_missed");
          duties.attestations_without_ideal = count("attestations_without_ideal");
          duties.proposals_made = count("proposals_made");
          duties.proposals_missed = count("proposals_missed");
          duties.proposals_told = row["proposals_told"].as<bool>();
          duties.sync_slots_assigned = count("sync_slots_assigned");
          duties.sync_slots_missed = count("sync_slots_missed");
          duties.attestation_rewards = gwei("attestation_rewards");
          duties.attestation_penalties = gwei("attestation_penalties");
          duties.attestation_ideal = gwei("attestation_ideal");
          duties.proposal_rewards = gwei("proposal_rewards");
          duties.sync_rewards = gwei("sync_rewards");
          found.push_back(std::move(one));
        }
        return found;
      },
      kReadingQueues);
}

}  // namespace navkeeper::staking
