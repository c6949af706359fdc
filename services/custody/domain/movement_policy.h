#pragma once
// Under which rules coins may move: limits by role and day, how long a new address cools off, how long
// approvals hold. A policy and each whitelisted address are proposals themselves: two people other than the
// proposer put them in force; the policy that came into force last is the one that counts.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/refusal.h"
#include "common/model/actor.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/instant.h"
#include "services/custody/domain/movement.h"
#include "services/custody/domain/movement_dollars.h"

namespace navkeeper::custody {

/// What may be proposed (maker, service) or approved (approver) in a role: of one movement, and of all of one
/// kind and coin on one UTC day by everybody in the role together. Whole coins; what was withdrawn later
/// counts too. A movement counts once on each day on which somebody in the role acts on it, so two approvals
/// of one day are one use.
struct MovementLimit {
  model::AssetId asset = model::AssetId::literal("UNSET");
  MovementKind kind{};
  model::Role role{};
  money::Decimal per_movement;
  money::Decimal per_day;
  /// Of one person, in all their roles, so that one stolen token cannot use up the day; nothing: as per_day.
  std::optional<money::Decimal> per_person_day = {};
  bool operator==(const MovementLimit&) const = default;
};
/// per_person_day, or per_day where it is not given.
money::Decimal person_limit(const MovementLimit& limit);

struct MovementPolicy {
  std::string id;
  time::Duration cooling_off;   ///< from the second approval of an address until coins may go there
  time::Duration lapses_after;  ///< from a movement's second approval until it must have been sent
  std::vector<MovementLimit> limits;
  std::optional<DollarTerms> dollars = {};  ///< limits in dollars beside them; nothing: none
  bool operator==(const MovementPolicy&) const = default;
};

/// An address that coins may go to.
struct Destination {
  std::string id;
  std::string name;  ///< whose it is
  model::AssetId asset = model::AssetId::literal("UNSET");
  std::string network;  ///< the custodian's word for it; empty: its default
  std::string address;
  std::string address_tag;  ///< empty: none
  bool operator==(const Destination&) const = default;
};
/// "address", or "address?tag" where it has one, as custodians write it.
std::string address_with_tag(const Destination& destination);

/// What is wrong with it by itself: `where` is the field. An address must be one of its coin's chain and,
/// where one is named, of its network, its checksum right (Bitcoin mainnet; EIP-55; cro1... or EIP-55 for
/// CRO, which names its network then). Refused too: Bitcoin's witness programs that have no rules yet
/// (anybody could take what lies there), taproot outputs without a key (nobody could). A kind that is limited
/// in dollars is so for each role that has a limit in coins of it.
base::Checked<void> check_policy(const MovementPolicy& policy);
base::Checked<void> check_destination(const Destination& destination);

/// How many decimals the coin has at that address: CRO has 8 on Cronos POS and as a token of Ethereum, 18 on
/// Cronos. ENSURE: a checked destination.
int decimals_at(const Destination& destination);

/// The policy's limit in dollars of a kind and role; null: it has none.
const DollarLimit* dollar_limit(const MovementPolicy& policy, MovementKind kind, model::Role role);

/// Roles that propose and roles that approve.
bool may_propose(model::Role role);
bool may_approve(model::Role role);

/// What a UTC day holds already, of a movement's kind and coin, without the movement itself.
struct LimitUse {
  money::Decimal by_person;                            ///< by who acts, in whichever role
  std::map<model::Role, money::Decimal> of_role = {};  ///< by everybody in it; none: zero
};
/// The limit under which one who has `roles` may do this; of several the one with the most left. Refused,
/// naming the limit: none fits.
base::Checked<MovementLimit> limit_for(const MovementPolicy& policy, const Movement& movement,
                                       const std::set<model::Role>& roles, const LimitUse& use);

}  // namespace navkeeper::custody
