#pragma once
// `prices` and its subcommands: policies, official prices, and what people decide about them.
#include <functional>

#include "services/pricing/service.h"

namespace navkeeper::pricing {

void add_price_commands(runtime::Command& root, runtime::CommandContext& context,
                        std::function<Dependencies()> connect);

}  // namespace navkeeper::pricing
