#pragma once
// fund record|facts; distribution declare|approve|withdraw|pay|show; action propose|approve|withdraw|show.
#include "services/nav/adapters/nav_commands.h"

namespace navkeeper::nav {

void add_fact_commands(CLI::App& fund, runtime::CommandContext& context, ServiceSource service);
void add_distribution_commands(CLI::App& distribution, runtime::CommandContext& context,
                               ServiceSource service);
void add_action_commands(CLI::App& action, runtime::CommandContext& context, ServiceSource service);

}  // namespace navkeeper::nav
