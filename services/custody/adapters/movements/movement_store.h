#pragma once
// A fund's movements in PostgreSQL: deciding on them, inside the caller's transaction; and the port by which
// they are sent and followed (app/movement_store.h).
#include <optional>
#include <string>
#include <vector>

#include "common/db/pool.h"
#include "services/custody/adapters/movements/movement_rule_store.h"
#include "services/custody/app/movement_store.h"

namespace navkeeper::custody {

/// In the order in which they were proposed; `id` empty: all.
std::vector<StoredMovement> load_movements(db::Transaction& transaction, const model::FundId& fund,
                                           const std::string& id = "");
/// Refused: unknown.
StoredMovement known_movement(db::Transaction& transaction, const model::FundId& fund, const std::string& id);

/// Throws NotPermitted: neither a maker nor a service.
void require_proposer(const MovementActor& who);
/// False when the same was proposed before. Refused: no role (maker; a service, such as staking's plans); a
/// custodian that is not configured for the fund, or that never takes it; a destination that is not
/// whitelisted, is taken back or still cools off; no policy in force; above the proposer's limits; the same
/// id with other content. `test`: of a stake, what app/test_stake.h gave; without one the stake is kept as
/// one that nobody tested. `price`: of its coin, what price_desk.h gave. base::Conflict: other stakes came
/// while it was asked for; base::Unavailable: it is limited in dollars and pricing did not answer.
bool propose_movement(db::Transaction& transaction, const Settings& settings, const model::FundId& fund,
                      const Movement& movement, const MovementActor& who, const StakeTest& test = {},
                      const CoinPrice& price = {});
/// False when the same person had approved it. Refused: no role (approver), by who proposed it, above the
/// approver's limits, a destination taken back since, what was withdrawn. `price` as of propose_movement.
bool approve_movement(db::Transaction& transaction, const model::FundId& fund, const std::string& id,
                      const MovementActor& who, const CoinPrice& price = {});
/// False when it had been withdrawn. Refused: no role (who proposed it, or an approver), what may have left.
bool withdraw_movement(db::Transaction& transaction, const model::FundId& fund, const std::string& id,
                       const MovementActor& who);
/// What the custodian's history does not have may be sent again, with the same id: a person's word
/// (operator). Refused in any other state, and without a reason.
void retry_movement(db::Transaction& transaction, const model::FundId& fund, const std::string& id,
                    const std::string& reason, const MovementActor& who);
/// Throws NotPermitted: no operator.
void require_matcher(const model::Actor& actor);
/// Names the custodian's record of a movement in doubt, where several could be it: an operator who did not
/// propose it, after the custodian was asked (named_record.h). Refused in any other state; base::Conflict:
/// the record is another movement's.
void match_movement(db::Transaction& transaction, const model::FundId& fund, const std::string& id,
                    const std::string& custodian_id, const MovementActor& who);

std::string movements_json(const model::FundId& fund, const std::vector<StoredMovement>& movements);
std::string movements_table(const std::vector<StoredMovement>& movements);
/// What it was worth by whose price, in one line; empty where nobody had to value it.
std::string worth_text(const StoredMovement& movement);
/// One with all its events.
std::string movement_history_table(const StoredMovement& movement);

/// Each call is a transaction of its own.
class PostgresMovementStore final : public MovementStore {
 public:
  explicit PostgresMovementStore(db::Pool& pool) : pool_(pool) {}
  std::vector<StoredMovement> open(const model::FundId& fund) override;
  Added add(const model::FundId& fund, const StoredMovement& seen, const std::vector<MovementChange>& changes,
            const std::vector<RawAnswer>& raw, const std::vector<Alarm>& alarms, const std::string& actor,
            time::Instant now) override;
  std::set<std::string> taken(const model::FundId& fund, const std::string& custodian,
                              const std::string& other_than) override;

 private:
  db::Pool& pool_;
};

}  // namespace navkeeper::custody
