#pragma once
// orders place|accept|reject|cancel|execution|cash-in-lieu|price|settle|fail|collateral|close-out|show|open;
// basket show|publish|published|export|rebalance; participants add|suspend|reinstate|show.
#include "services/nav/adapters/nav_commands.h"

namespace navkeeper::nav {

void add_order_commands(runtime::Command& orders, runtime::CommandContext& context, ServiceSource service);
/// reprice, approve-repricing, withdraw-repricing, repricings
void add_repricing_commands(runtime::Command& orders, runtime::CommandContext& context,
                            const ServiceSource& service);
void add_basket_commands(runtime::Command& basket, runtime::CommandContext& context, ServiceSource service);
void add_participant_commands(runtime::Command& participants, runtime::CommandContext& context,
                              ServiceSource service);

}  // namespace navkeeper::nav
