#include "services/custody/adapters/break_acts.h"

#include <algorithm>
#include <array>

#include "common/base/refuse.h"

namespace navkeeper::custody {

void require_act_role(const model::Actor& actor, BreakActKind kind) {
  using model::Role;
  if (kind == BreakActKind::kConfirmed)
    return model::require_role(actor, Role::kApprover, "confirm what explains a break");
  model::require_role(actor, {Role::kOperator, Role::kMaker, Role::kApprover}, "work on a break");
}

void keep_status(std::vector<StoredBreak>& breaks, const std::string& status) {
  constexpr std::array kAll{BreakStatus::kOpen, BreakStatus::kExplained, BreakStatus::kCleared};
  const bool is_known =
      std::any_of(kAll.begin(), kAll.end(), [&](BreakStatus one) { return describe(one) == status; });
  if (!is_known) base::refuse("status", "is none of open, explained, cleared");
  std::erase_if(breaks, [&](const StoredBreak& one) { return describe(one.state.status) != status; });
}

}  // namespace navkeeper::custody
