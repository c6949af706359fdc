#include "services/custody/adapters/movements/named_record.h"

#include "services/custody/adapters/custodians/instructions.h"
#include "services/custody/adapters/movements/movement_store.h"
#include "services/custody/adapters/pace_store.h"
#include "services/custody/app/advance_movements.h"

namespace navkeeper::custody {

void require_named_record(const Dependencies& dependencies, const model::Actor& actor,
                          const model::FundId& fund, const std::string& id, const std::string& custodian_id) {
  require_matcher(actor);
  const StoredMovement stored = dependencies.pool->transact(
      [&](db::Transaction& transaction) { return known_movement(transaction, fund, id); },
      {db::Isolation::kRepeatableRead, true, {}, {}, {}});
  if (standing_of(stored.events).state != MovementState::kInDoubt) return;
  std::map<std::string, std::unique_ptr<ConnectedInstructions>> made;
  require_match(instructions_of(*dependencies.settings, fund, stored.movement.custodian, *dependencies.clock,
                                shared_pace(*dependencies.pool), made),
                stored, custodian_id);
}

}  // namespace navkeeper::custody
