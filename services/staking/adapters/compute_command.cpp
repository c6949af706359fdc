#include "services/staking/adapters/compute_command.h"

#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/input_file.h"
#include "services/staking/adapters/compute_json.h"

namespace navkeeper::staking {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{256} << 20;

struct Options {
  std::string file;
  bool json = false;
};

void run(const Options& options, runtime::CommandContext& context) {
  const std::string text = runtime::read_input_file(options.file, kFileBytesMax);
  try {
    const ComputeAnswer answer = compute(text);
    context.out << (options.json ? to_json(answer) + "\n" : to_table(answer));
  } catch (const base::Refused& refused) {
    throw base::Refused(refused.refusal().within(options.file));
  }
}

}  // namespace

void add_commands(runtime::Command& app, runtime::CommandContext& context) {
  runtime::Command* staking = app.add_subcommand("staking", "What staked coins earned");
  staking->require_subcommand(1);
  runtime::Command* command = staking->add_subcommand(
      "compute",
      "Income of ether validators between two slots, or the rewards of a Cosmos SDK validator's delegators\n"
      "event by event, from a file alone: no database, no network, no clock");
  auto options = std::make_shared<Options>();
  command->add_option("file", options->file, "FILE.json, as contracts describes it")->required();
  command->add_flag("--json", options->json, "One JSON object on standard output");
  command->callback([options, &context] { run(*options, context); });
}

}  // namespace navkeeper::staking
