#pragma once
// `rates tape`: what the tape holds, what is dropped from it, and that it gives every rate again.
#include <functional>

#include "common/runtime/command.h"
#include "services/pricing/service.h"

namespace navkeeper::pricing {

void add_tape_commands(runtime::Command& rates, runtime::CommandContext& context,
                       std::function<Dependencies()> connect);

}  // namespace navkeeper::pricing
