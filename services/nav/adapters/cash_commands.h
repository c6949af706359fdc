#pragma once
// `cash`, `trades`, `shares` (cash_commands.cpp); `statements`, `indicative` (statements_commands.cpp).
#include "services/nav/adapters/nav_commands.h"

namespace navkeeper::nav {

void add_cash_commands(runtime::Command& root, runtime::CommandContext& context, ServiceSource service);
void add_statements_commands(runtime::Command& root, runtime::CommandContext& context, ServiceSource service);

}  // namespace navkeeper::nav
