#include "services/custody/adapters/chains/chain_command.h"

#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/config.h"
#include "services/custody/adapters/chains/chain_json.h"
#include "services/custody/adapters/chains/chain_settings.h"
#include "services/custody/adapters/settings.h"
#include "services/custody/domain/bitcoin_address.h"

namespace navkeeper::custody {
namespace {

constexpr const char* kPurpose =
    "What the configured nodes of a chain say lies at an address, compared and checked";

constexpr const char* kExplanation =
    "Asks every node in [[custody.chains.CHAIN.nodes]] at one height: the newest block that is final for all "
    "of\n"
    "them, or --height. The answer says how sure it is:\n"
    "  agreed         two nodes or more say the same of the same block\n"
    "  proven         one node, and its balance is proven against the state root of the header it gave\n"
    "  single_source  one node says so\n"
    "  unsure         something is against it (lag, fork, syncing, not final, nodes that differ): it says "
    "what\n"
    "  unknown        no node answered\n"
    "Exit code 0: agreed, proven or single_source. 1: unsure. 3: unknown.\n\n"
    "Example: navkeeper --config navkeeper.toml custody chain show bc1q... --chain bitcoin --json";

struct Options {
  std::string address;
  std::string chain;
  std::uint64_t height = 0;
  bool json = false;
};

/// An address of another chain is refused before anybody is asked.
void check_address(Chain chain, const std::string& address) {
  const auto check = [](const auto& parsed) {
    if (parsed.has_error()) throw base::Refused(parsed.error().within("ADDRESS"));
  };
  switch (chain) {
    case Chain::kBitcoin:
      return check(BitcoinAddress::parse(address));
    case Chain::kEthereum:
    case Chain::kCronosEvm:
      return check(EthereumAddress::parse(address));
    case Chain::kCronosPos:
      return check(CosmosAddress::parse(address));
  }
}

ChainSettings chain_settings(const runtime::CommandContext& context) {
  const runtime::Config config =
      base::value_or_refuse(runtime::load_config(context.config_path, context.home));
  const auto table = config.own_table("custody");
  if (!table) return {};
  const Settings settings = read_settings(*table, config.folder);
  return settings.chains ? *settings.chains : ChainSettings();
}

}  // namespace

void add_chain_command(runtime::Command& custody, runtime::CommandContext& context) {
  runtime::Command* chain = custody.add_subcommand("chain", "What the chains themselves say");
  chain->require_subcommand(1);
  runtime::Command* show = chain->add_subcommand("show", kPurpose);
  show->footer(kExplanation);
  auto options = std::make_shared<Options>();
  show->add_option("ADDRESS", options->address, "As the chain spells it")->required();
  show->add_option("--chain", options->chain, "bitcoin, ethereum, cronos_pos or cronos_evm")
      ->required()
      ->check(runtime::one_of({"bitcoin", "ethereum", "cronos_pos", "cronos_evm"}));
  auto* const height = show->add_option("--height", options->height,
                                        "A block that is final; default: the newest that is, for all nodes");
  show->add_flag("--json", options->json, "One JSON object on standard output");
  show->callback([options, height, &context] {
    const Chain which = *parse_chain(options->chain);
    check_address(which, options->address);
    const ChainSettings settings = chain_settings(context);
    std::optional<std::uint64_t> wanted;
    if (height->count() > 0) wanted = options->height;
    const ChainAnswer answer = read_chain(open_sources(settings, which), {which, options->address, wanted},
                                          limits_of(settings, which), context.clock.now());
    context.out << (options->json ? to_json(answer) + "\n" : to_text(answer));
    if (answer.agreement.certainty == Certainty::kUnsure) context.exit_code = runtime::ExitCode::kRefused;
    if (answer.agreement.certainty == Certainty::kUnknown)
      context.exit_code = runtime::ExitCode::kUnavailable;
  });
}

}  // namespace navkeeper::custody
