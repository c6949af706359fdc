#pragma once
// orders place|accept|reject|cancel|execution|cash-in-lieu|price|settle|fail|collateral|close-out|show|open;
// basket show|export; rebalance show; participants add|suspend|reinstate|show.
#include "services/nav/adapters/nav_commands.h"

namespace navkeeper::nav {

void add_order_commands(CLI::App& orders, runtime::CommandContext& context, ServiceSource service);
void add_basket_commands(CLI::App& basket, runtime::CommandContext& context, ServiceSource service);
void add_participant_commands(CLI::App& participants, runtime::CommandContext& context,
                              ServiceSource service);

}  // namespace navkeeper::nav
