#pragma once
// `navkeeper custody accounts|transfers|rollforward|statements|attest|attestations`.
#include "services/custody/service.h"

namespace navkeeper::custody {

void add_account_commands(runtime::Command& custody, runtime::CommandContext& context,
                          const std::function<Dependencies()>& connect);
void add_statement_commands(runtime::Command& custody, runtime::CommandContext& context,
                            const std::function<Dependencies()>& connect);
void add_attest_commands(runtime::Command& custody, runtime::CommandContext& context,
                         const std::function<Dependencies()>& connect);

}  // namespace navkeeper::custody
