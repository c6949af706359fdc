#pragma once
// The subcommands of `rates` about the real-time index: watch and replay.
#include <functional>

#include "common/runtime/command.h"
#include "services/pricing/service.h"

namespace navkeeper::pricing {

void add_real_time_commands(runtime::Command& rates, runtime::CommandContext& context,
                            std::function<Dependencies()> connect);

}  // namespace navkeeper::pricing
