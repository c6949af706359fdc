#pragma once
// `navkeeper staking compute FILE.json`: pure, no database.
namespace navkeeper::runtime {
class Command;
struct CommandContext;
}  // namespace navkeeper::runtime

namespace navkeeper::staking {

void add_compute_command(runtime::Command& staking, runtime::CommandContext& context);

}  // namespace navkeeper::staking
