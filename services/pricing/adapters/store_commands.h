#pragma once
// The subcommands of `rates` that work on the store: define, import, strike, show.
#include <functional>

#include "common/runtime/command.h"
#include "services/pricing/service.h"

namespace navkeeper::pricing {

void add_store_commands(runtime::Command& rates, runtime::CommandContext& context,
                        std::function<Dependencies()> connect);

}  // namespace navkeeper::pricing
