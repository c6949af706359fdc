#pragma once
// `navkeeper custody chain show`: asks the configured nodes; no database.
namespace navkeeper::runtime {
class Command;
struct CommandContext;
}  // namespace navkeeper::runtime

namespace navkeeper::custody {

void add_chain_command(runtime::Command& custody, runtime::CommandContext& context);

}  // namespace navkeeper::custody
