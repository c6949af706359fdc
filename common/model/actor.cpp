#include "common/model/actor.h"

#include <algorithm>
#include <string>

#include "common/base/ensure.h"
#include "common/base/refuse.h"

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

void require_role(const Actor& actor, Role role, std::string_view what) { require_role(actor, {role}, what); }

void require_role(const Actor& actor, std::initializer_list<Role> any_of, std::string_view what) {
  if (std::any_of(any_of.begin(), any_of.end(), [&](Role role) { return actor.has(role); })) return;
  std::string rule = "may not " + std::string(what) + ": it has not the role ";
  for (const Role* role = any_of.begin(); role != any_of.end(); ++role) {
    if (role != any_of.begin()) rule += " or ";
    rule += describe(*role);
  }
  throw base::NotPermitted(base::Refusal{actor.id.value(), rule});
}

}  // namespace navkeeper::model
