#pragma once
// What routes and commands share about acts on a break.
#include <string>
#include <vector>

#include "common/model/actor.h"
#include "services/custody/adapters/reconciliation_store.h"

namespace navkeeper::custody {

/// Assign, comment, resolve: operator, maker or approver; confirm: approver. Throws base::NotPermitted.
void require_act_role(const model::Actor& actor, BreakActKind kind);

/// Keeps those of one status ("open", "explained", "cleared"); base::Refused for another word.
void keep_status(std::vector<StoredBreak>& breaks, const std::string& status);

}  // namespace navkeeper::custody
