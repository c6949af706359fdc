#pragma once
// `navkeeper staking sync`, `staking show` and `staking rollforward`.
#include "services/staking/service.h"

namespace navkeeper::staking {

void add_sync_command(runtime::Command& staking, runtime::CommandContext& context,
                      const std::function<Dependencies()>& connect);
void add_show_command(runtime::Command& staking, runtime::CommandContext& context,
                      const std::function<Dependencies()>& connect);
void add_rollforward_command(runtime::Command& staking, runtime::CommandContext& context,
                             const std::function<Dependencies()>& connect);

}  // namespace navkeeper::staking
