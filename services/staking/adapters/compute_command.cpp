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

constexpr const char* kShapes =
    R"(FILE.json is one object of one of two chains.

chain "ethereum": income of validators, in gwei (a billionth of an ether), whole numbers as strings:
  from_slot, to_slot  numbers; flows with from_slot < slot <= to_slot count, the others are shown as outside
  validators          list of {"index","opening_gwei","closing_gwei","flows"}
  flows               list of {"slot","kind","amount_gwei"}, kind: deposit | withdrawal | consolidation_in |
                      consolidation_out | moved_to_pending; no flows is []
chain "cosmos": rewards of one validator's delegators, in the coin's smallest unit:
  validator           {"commission_rate"}, from "0" to "1"
  events              in order, each a block of its own: {"event":"delegate","delegator","amount"},
                      {"event":"undelegate","delegator","amount"}, {"event":"allocate","rewards"},
                      {"event":"slash","fraction"}, {"event":"withdraw","delegator"}

Exit code 0: done. 1: refused (the line on standard error names the key and the rule). 2: the command line.

ether.json:
  {"chain":"ethereum","from_slot":100,"to_slot":200,"validators":[
   {"index":"33710","opening_gwei":"32000000000","closing_gwei":"32010000000",
    "flows":[{"slot":150,"kind":"withdrawal","amount_gwei":"5"}]}]}

Example: navkeeper staking compute ether.json --json

cronos.json:
  {"chain":"cosmos","validator":{"commission_rate":"0.1"},"events":[
   {"event":"delegate","delegator":"d1","amount":"100000000"},{"event":"allocate","rewards":"887068789.7"},
   {"event":"slash","fraction":"0.5"},{"event":"undelegate","delegator":"d1","amount":"1"},
   {"event":"withdraw","delegator":"d1"}]}

Example: navkeeper staking compute cronos.json --json
)";

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

void add_compute_command(runtime::Command& staking, runtime::CommandContext& context) {
  runtime::Command* command = staking.add_subcommand(
      "compute",
      "Income of ether validators between two slots, or the rewards of a Cosmos SDK validator's delegators\n"
      "event by event, from a file alone: no database, no network, no clock");
  auto options = std::make_shared<Options>();
  command->footer(kShapes);
  command->add_option("file", options->file, "FILE.json, as below")->required();
  command->add_flag("--json", options->json, "One JSON object on standard output");
  command->callback([options, &context] { run(*options, context); });
}

}  // namespace navkeeper::staking
