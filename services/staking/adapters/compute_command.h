#pragma once
// `navkeeper staking compute FILE.json`: pure, no database.
namespace navkeeper::runtime {
class Command;
struct CommandContext;
}  // namespace navkeeper::runtime

namespace navkeeper::staking {

void add_commands(runtime::Command& app, runtime::CommandContext& context);

}  // namespace navkeeper::staking
