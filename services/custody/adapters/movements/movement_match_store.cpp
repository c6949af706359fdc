#include "services/custody/adapters/movements/movement_match_store.h"

#include "common/base/ensure.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"

namespace navkeeper::custody {

bool claim_record(db::Transaction& transaction, const model::FundId& fund, const Movement& movement,
                  const std::string& custodian_id, time::Instant now) {
  const auto last = db::query(
      transaction,
      "SELECT m.movement_id, m.turn, EXISTS (SELECT FROM movement_match_release r WHERE (r.fund_id, "
      "r.custodian, r.custodian_id, r.turn) = (m.fund_id, m.custodian, m.custodian_id, m.turn)) AS is_free "
      "FROM movement_match m WHERE m.fund_id = $1 AND m.custodian = $2 AND m.custodian_id = $3 "
      "ORDER BY m.turn DESC LIMIT 1",
      fund, movement.custodian, custodian_id);
  if (!last.empty() && !last[0]["is_free"].as<bool>())
    return last[0]["movement_id"].as<std::string>() == movement.id;
  std::optional<int> released;
  if (!last.empty()) released = last[0]["turn"].as<int>();
  db::execute(transaction,
              "INSERT INTO movement_match (fund_id, custodian, custodian_id, turn, released, movement_id, "
              "known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7)",
              fund, movement.custodian, custodian_id, released.value_or(0) + 1, released, movement.id, now);
  return true;
}

void release_other_records(db::Transaction& transaction, const model::FundId& fund,
                           const StoredMovement& ended, const MovementActor& who) {
  ENSURE(!ended.events.empty());
  const MovementChange& last = ended.events.back().change;
  for (const auto& row : db::query(
           transaction,
           "INSERT INTO movement_match_release (fund_id, custodian, custodian_id, turn, movement_id, seq, "
           "state, ended_with, known_at_ns) SELECT m.fund_id, m.custodian, m.custodian_id, m.turn, "
           "m.movement_id, $3::integer, $4, $5, $6::bigint FROM movement_match m WHERE m.fund_id = $1 AND "
           "m.movement_id = $2 "
           "AND m.custodian_id <> $5 AND NOT EXISTS (SELECT FROM movement_match_release r WHERE (r.fund_id, "
           "r.custodian, r.custodian_id, r.turn) = (m.fund_id, m.custodian, m.custodian_id, m.turn)) "
           "RETURNING custodian_id",
           fund, ended.movement.id, static_cast<int>(ended.events.size()), describe(last.state),
           last.custodian_id, who.now)) {
    json::Writer out;
    out.begin_object()
        .member("custodian_id", row[0].as<std::string>())
        .member("ended_with", last.custodian_id)
        .member("fund", fund.value())
        .member("id", ended.movement.id);
    announce_movement(transaction, fund, "movement_record_released", out.end_object().take(), who);
  }
}

std::set<std::string> records_of_others(db::Transaction& transaction, const model::FundId& fund,
                                        const std::string& custodian, const std::string& movement_id) {
  std::set<std::string> ids;
  for (const auto& row :
       db::query(transaction,
                 "SELECT m.custodian_id FROM movement_match m WHERE m.fund_id = $1 AND m.custodian = $2 "
                 "AND m.movement_id <> $3 AND NOT EXISTS (SELECT FROM movement_match_release r WHERE "
                 "(r.fund_id, r.custodian, r.custodian_id, r.turn) = (m.fund_id, m.custodian, "
                 "m.custodian_id, m.turn))",
                 fund, custodian, movement_id))
    ids.insert(row[0].as<std::string>());
  return ids;
}

}  // namespace navkeeper::custody
