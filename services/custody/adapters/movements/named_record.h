#pragma once
// A person's word for which record of a custodian is a movement, asked of the custodian before it counts.
#include <string>

#include "common/model/actor.h"
#include "services/custody/service.h"

namespace navkeeper::custody {

/// Asks the movement's custodian, outside any transaction, whether its history has the record now and whether
/// that says what was asked for. Nothing is asked of a movement that is not in doubt: match_movement refuses
/// it. Throws base::Refused naming "custodian_id", base::Unavailable, NotPermitted: no operator.
void require_named_record(const Dependencies& dependencies, const model::Actor& actor,
                          const model::FundId& fund, const std::string& id, const std::string& custodian_id);

}  // namespace navkeeper::custody
