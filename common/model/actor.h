#pragma once
// Who acts: every command and every internal route carries an authenticated actor and what it may do.
#include <initializer_list>
#include <optional>
#include <set>
#include <string_view>

#include "common/model/id.h"

namespace navkeeper::model {

/// The role words of the actor file, in the spelling of describe().
enum class Role {
  kViewer,         ///< "viewer": reads
  kOperator,       ///< "operator": imports rates, applies funds, posts events
  kMaker,          ///< "maker": strikes a NAV and proposes what needs approval
  kApprover,       ///< "approver": approves what somebody else made
  kAuditor,        ///< "auditor": reads everything, the audit log too; changes nothing
  kAdministrator,  ///< "administrator": manages actors and the installation
  kService,        ///< "service": a peer service on an internal route
};
std::string_view describe(Role role);
std::optional<Role> parse_role(std::string_view word);

struct Actor {
  ActorId id;
  std::set<Role> roles;
  bool has(Role role) const { return roles.contains(role); }
  bool operator==(const Actor&) const = default;
};

/// Throws base::NotPermitted unless the actor has the role (one of the roles). `what` completes
/// "may not ...": "strike a NAV".
void require_role(const Actor& actor, Role role, std::string_view what);
void require_role(const Actor& actor, std::initializer_list<Role> any_of, std::string_view what);

}  // namespace navkeeper::model
