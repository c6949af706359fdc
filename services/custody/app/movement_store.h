#pragma once
// Where movements are kept, as far as sending them and following them to their end needs it.
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/custody/app/custodian_source.h"
#include "services/custody/domain/movement_policy.h"

namespace navkeeper::custody {

/// What a movement may be worth when it is sent, by the policy in force.
struct DollarCap {
  std::string policy;
  DollarTerms terms;           ///< without limits
  money::Decimal dollars_max;  ///< of the roles in which it was proposed and approved the tightest
  bool operator==(const DollarCap&) const = default;
};

/// What it was worth when somebody proposed or approved it last.
struct Worth {
  money::Decimal dollars;
  money::Decimal price;
  time::Date price_date;
};

struct StoredMovement {
  Movement movement;
  std::string client_id;
  std::string proposed_by;
  std::optional<Destination> destination = {};  ///< of a withdrawal
  bool is_destination_revoked = false;
  /// Why the rules for addresses of now, or the cooling-off of the policy in force now, keep coins from going
  /// there; empty: nothing does.
  std::string destination_trouble = {};
  /// When its approvals lapse; nothing: not approved twice yet.
  std::optional<time::Instant> lapses_at = {};
  /// The policy in force, where its limits would not let the same people propose and approve it; else empty.
  std::string over_limits_of = {};
  std::optional<StakeTest> stake_test =
      {};  ///< of a stake; nothing: it was proposed before stakes were tested
  std::optional<DollarCap> dollar_cap = {};  ///< nothing: its kind is not limited in dollars now
  std::optional<Worth> worth = {};           ///< nothing: nobody had to value it
  std::vector<MovementEvent> events;         ///< at least one
};

enum class Added {
  kAdded,
  kOvertaken,  ///< somebody else went on with the movement first; nothing was stored
  kTaken,      ///< the custodian's id belongs to another movement; nothing was stored
};

class MovementStore {
 public:
  virtual ~MovementStore() = default;
  /// Those that have not ended, in the order in which they were proposed.
  virtual std::vector<StoredMovement> open(const model::FundId& fund) = 0;
  /// Adds what follows `seen`, in one transaction with the answers that say so and the alarms. base::InDoubt:
  /// load again.
  virtual Added add(const model::FundId& fund, const StoredMovement& seen,
                    const std::vector<MovementChange>& changes, const std::vector<RawAnswer>& raw,
                    const std::vector<Alarm>& alarms, const std::string& actor, time::Instant now) = 0;
  /// Ids of the custodian's records that belong to other movements than this.
  virtual std::set<std::string> taken(const model::FundId& fund, const std::string& custodian,
                                      const std::string& other_than) = 0;
};

}  // namespace navkeeper::custody
