#pragma once
// `navkeeper staking` and its subcommands.
#include "services/staking/service.h"

namespace navkeeper::staking {

/// Refuses where the program has no database.
Dependencies connected(const std::function<Dependencies()>& connect);

void add_sync_command(runtime::Command& staking, runtime::CommandContext& context,
                      const std::function<Dependencies()>& connect);
void add_validators_command(runtime::Command& staking, runtime::CommandContext& context,
                            const std::function<Dependencies()>& connect);
void add_show_command(runtime::Command& staking, runtime::CommandContext& context,
                      const std::function<Dependencies()>& connect);
void add_rollforward_command(runtime::Command& staking, runtime::CommandContext& context,
                             const std::function<Dependencies()>& connect);
void add_totals_command(runtime::Command& staking, runtime::CommandContext& context,
                        const std::function<Dependencies()>& connect);
void add_measures_command(runtime::Command& staking, runtime::CommandContext& context,
                          const std::function<Dependencies()>& connect);
void add_queues_command(runtime::Command& staking, runtime::CommandContext& context,
                        const std::function<Dependencies()>& connect);
void add_liquidity_command(runtime::Command& staking, runtime::CommandContext& context,
                           const std::function<Dependencies()>& connect);
void add_breach_command(runtime::Command& staking, runtime::CommandContext& context,
                        const std::function<Dependencies()>& connect);
void add_set_aside_command(runtime::Command& staking, runtime::CommandContext& context,
                           const std::function<Dependencies()>& connect);
void add_plan_command(runtime::Command& staking, runtime::CommandContext& context,
                      const std::function<Dependencies()>& connect);

}  // namespace navkeeper::staking
