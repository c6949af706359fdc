#include "services/staking/service.h"

#include "common/runtime/command_line.h"
#include "services/staking/adapters/compute_command.h"
#include "services/staking/adapters/staking_commands.h"

namespace navkeeper::staking {

void add_commands(runtime::Command& root, runtime::CommandContext& context,
                  std::function<Dependencies()> connect) {
  runtime::Command* staking = root.add_subcommand("staking", "What staked coins are and what they earned");
  staking->require_subcommand(1);
  add_sync_command(*staking, context, connect);
  add_show_command(*staking, context, connect);
  add_validators_command(*staking, context, connect);
  add_rollforward_command(*staking, context, connect);
  add_totals_command(*staking, context, connect);
  add_measures_command(*staking, context, connect);
  add_queues_command(*staking, context, connect);
  add_liquidity_command(*staking, context, connect);
  add_breach_command(*staking, context, connect);
  add_set_aside_command(*staking, context, connect);
  add_plan_command(*staking, context, connect);
  add_compute_command(*staking, context);
}

}  // namespace navkeeper::staking
