#include "services/custody/service.h"

#include "common/runtime/command_line.h"
#include "services/custody/adapters/account_commands.h"
#include "services/custody/adapters/chains/chain_command.h"
#include "services/custody/adapters/custody_commands.h"
#include "services/custody/adapters/movements/movement_commands.h"
#include "services/custody/adapters/verify_command.h"

namespace navkeeper::custody {

void add_commands(runtime::Command& root, runtime::CommandContext& context,
                  std::function<Dependencies()> connect) {
  runtime::Command* custody = root.add_subcommand("custody", "Where every coin is, with evidence");
  custody->require_subcommand(1);
  add_sync_command(*custody, context, connect);
  add_show_command(*custody, context, connect);
  add_account_commands(*custody, context, connect);
  add_statement_commands(*custody, context, connect);
  add_attest_commands(*custody, context, connect);
  add_reconcile_command(*custody, context, connect);
  add_reconciliations_command(*custody, context, connect);
  add_breaks_command(*custody, context, connect);
  add_verify_command(*custody, context);
  add_chain_command(*custody, context);
  add_movement_commands(*custody, context, connect);
}

}  // namespace navkeeper::custody
