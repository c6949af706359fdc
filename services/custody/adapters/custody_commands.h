#pragma once
// `navkeeper custody sync`, `custody show`, `custody reconcile`,
// `custody reconciliations`, `custody breaks`.
#include "services/custody/service.h"

namespace navkeeper::custody {

void add_sync_command(runtime::Command& custody, runtime::CommandContext& context,
                      const std::function<Dependencies()>& connect);
void add_reconcile_command(runtime::Command& custody, runtime::CommandContext& context,
                           const std::function<Dependencies()>& connect);
void add_reconciliations_command(runtime::Command& custody, runtime::CommandContext& context,
                                 const std::function<Dependencies()>& connect);
void add_breaks_command(runtime::Command& custody, runtime::CommandContext& context,
                        const std::function<Dependencies()>& connect);
void add_show_command(runtime::Command& custody, runtime::CommandContext& context,
                      const std::function<Dependencies()>& connect);

}  // namespace navkeeper::custody
