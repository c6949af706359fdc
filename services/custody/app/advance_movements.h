#pragma once
// The use case that sends what two people approved, once, and follows it to its end. It may run in several
// processes at once and be killed anywhere: each state is stored before what follows from it is done, under
// the number that the movement's events had when they were read, and whoever comes second does nothing.
#include <functional>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "services/custody/app/custodian_instructions.h"
#include "services/custody/app/movement_store.h"

namespace navkeeper::custody {

/// What one pass did with one movement, for people and logs.
struct MovementLine {
  std::string id;
  MovementState state{};
  std::string what;             ///< "sent", "not found: ...", "unavailable: ..."
  bool needs_person = false;    ///< it does not go on by itself
  bool is_unavailable = false;  ///< the custodian did not answer
};

struct MovementPorts {
  MovementStore& store;
  /// The custodian of that name; base::Refused when none is configured. Kept between calls.
  std::function<CustodianInstructions&(const std::string& custodian)> custodian;
  const time::Clock& clock;
  MovementTiming timing = {};
  /// Whether it is time to look for a movement again; nothing: always.
  std::function<bool(const StoredMovement&)> is_due = nullptr;
  /// The official price of the coin of one with a dollar_cap, on the UTC day `today`.
  std::function<CoinPrice(const StoredMovement&, time::Date today)> price = nullptr;
};

/// One pass over the fund's movements that have not ended, first what is to be sent, then what is followed.
/// Of a custodian that gave no readable answer nothing more is asked or told in the pass. `actor` stands in
/// the audit trail. Trouble with one movement does not stop the others; base::InDoubt and base::Unavailable
/// of the store do.
std::vector<MovementLine> advance_movements(const MovementPorts& ports, const model::FundId& fund,
                                            const std::string& actor);

/// Asks the custodian whether the record that a person names may be the movement (check_match). Throws
/// base::Refused when not, and base::Unavailable when it does not answer.
void require_match(CustodianInstructions& custodian, const StoredMovement& stored,
                   const std::string& custodian_id);

}  // namespace navkeeper::custody
