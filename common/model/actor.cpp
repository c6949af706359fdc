#include "common/model/actor.h"

#include "common/base/ensure.h"

namespace navkeeper::model {

std::string_view describe(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kOperator:
      return "operator";
    case Role::kMaker:
      return "maker";
    case Role::kApprover:
      return "approver";
    case Role::kAuditor:
      return "auditor";
    case Role::kAdministrator:
      return "administrator";
    case Role::kService:
      return "service";
  }
  ENSURE(false);
}

std::optional<Role> parse_role(std::string_view word) {
  for (const Role role : {Role::kViewer, Role::kOperator, Role::kMaker, Role::kApprover, Role::kAuditor,
                          Role::kAdministrator, Role::kService}) {
    if (describe(role) == word) return role;
  }
  return std::nullopt;
}

}  // namespace navkeeper::model
