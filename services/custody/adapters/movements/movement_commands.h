#pragma once
// `navkeeper custody movements ...`.
#include <functional>

#include "services/custody/service.h"

namespace navkeeper::custody {

void add_movement_commands(runtime::Command& custody, runtime::CommandContext& context,
                           const std::function<Dependencies()>& connect);

}  // namespace navkeeper::custody
