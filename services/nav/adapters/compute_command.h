#pragma once
// `navkeeper nav compute FILE.json [--json]`: pure, no database.

namespace navkeeper::runtime {
class Command;
struct CommandContext;
}  // namespace navkeeper::runtime

namespace navkeeper::nav {

void add_compute_command(runtime::Command& nav, runtime::CommandContext& context);

}  // namespace navkeeper::nav
