#pragma once
// fund record|facts; distribution declare|approve|withdraw|pay|show; action propose|approve|withdraw|show.
#include "services/nav/adapters/nav_commands.h"

namespace navkeeper::nav {

void add_fact_commands(runtime::Command& fund, runtime::CommandContext& context, ServiceSource service);
void add_distribution_commands(runtime::Command& distribution, runtime::CommandContext& context,
                               ServiceSource service);
void add_action_commands(runtime::Command& action, runtime::CommandContext& context, ServiceSource service);

}  // namespace navkeeper::nav
