#pragma once
// Under which rules coins may move: limits by role and day, how long a new address cools off, how long
// approvals hold. A policy and each whitelisted address are proposals themselves: two people other than the
// proposer put them in force; the policy that came into force last is the one that counts.
#include <set>
#include <string>
#include <vector>

#include "common/base/refusal.h"
#include "common/model/actor.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/instant.h"
#include "services/custody/domain/movement.h"

namespace navkeeper::custody {

/// What one person in a role may propose (maker, service) or approve (approver): of one movement, and of all
/// of one kind and coin on one UTC day. Whole coins; what was withdrawn later counts too.
struct MovementLimit {
  model::AssetId asset = model::AssetId::literal("UNSET");
  MovementKind kind{};
  model::Role role{};
  money::Decimal per_movement;
  money::Decimal per_day;
  bool operator==(const MovementLimit&) const = default;
};

struct MovementPolicy {
  std::string id;
  time::Duration cooling_off;   ///< from the second approval of an address until coins may go there
  time::Duration lapses_after;  ///< from a movement's second approval until it must have been sent
  std::vector<MovementLimit> limits;
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

/// What is wrong with it by itself: `where` is the field. An address must be one of its coin's chain, its
/// checksum right (Bitcoin mainnet; EIP-55; cro1... or EIP-55 for CRO).
base::Checked<void> check_policy(const MovementPolicy& policy);
base::Checked<void> check_destination(const Destination& destination);

/// Roles that propose and roles that approve.
bool may_propose(model::Role role);
bool may_approve(model::Role role);

/// The limit under which one who has `roles` may do this, after `used` of the same kind and coin on that day;
/// of several the one with the most left. Refused, naming the limit: none fits.
base::Checked<MovementLimit> limit_for(const MovementPolicy& policy, const Movement& movement,
                                       const std::set<model::Role>& roles, const money::Decimal& used);

}  // namespace navkeeper::custody
