#pragma once
// `equities`: import, actions, show, history, coins.
#include <functional>

#include "common/runtime/command.h"
#include "services/pricing/service.h"

namespace navkeeper::pricing {

void add_equity_commands(runtime::Command& root, runtime::CommandContext& context,
                         std::function<Dependencies()> connect);

}  // namespace navkeeper::pricing
