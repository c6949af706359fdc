#include "services/sandbox/commands.h"

#include <charconv>
#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/runtime/shutdown.h"
#include "common/runtime/table.h"
#include "common/time/clock.h"
#include "services/sandbox/custodians/custodian_servers.h"
#include "services/sandbox/sandbox.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::int64_t kSpeedMax = 100'000;

struct Words {
  std::uint64_t seed = kDefaultSeed;
  std::string start;
  std::string length;
  std::int64_t speed = 1;
  std::string listen = "127.0.0.1:0";
  std::string tls_folder;
  std::vector<std::string> faults;
  std::string truth;
  std::int64_t activity = 1;
  bool empty_accounts = false;
  bool json = false;
};

void read_listen(const std::string& text, SandboxOptions& options) {
  const std::size_t colon = text.rfind(':');
  unsigned port = 0;
  const char* const end = text.data() + text.size();
  const auto read =
      std::from_chars(text.data() + (colon == std::string::npos ? text.size() : colon + 1), end, port);
  if (colon == std::string::npos || read.ec != std::errc() || read.ptr != end || port > 65'000)
    base::refuse("--listen",
                 "must be an address and a port up to 65000, such as 127.0.0.1:4900 (port 0: free ones)");
  options.address = text.substr(0, colon);
  options.port = static_cast<std::uint16_t>(port);
}

SandboxOptions read_words(const Words& words, time::Instant now) {
  SandboxOptions options;
  options.seed = words.seed;
  options.activity = words.activity;
  options.start = now;
  if (!words.start.empty()) {
    const auto start = time::parse_rfc3339(words.start);
    if (!start) base::refuse("--start", "must be an instant, such as 2026-03-05T20:00:00Z");
    options.start = *start;
  }
  if (!words.length.empty()) options.until = options.start + parse_span(words.length, "--length");
  if (words.speed < 1 || words.speed > kSpeedMax) base::refuse("--speed", "must be from 1 to 100000");
  read_listen(words.listen, options);
  options.tls_folder = words.tls_folder;
  options.truth_file = words.truth;
  options.custodians = true;
  options.empty_accounts = words.empty_accounts;
  options.chains = true;
  for (const std::string& fault : words.faults) options.faults.push_back(parse_fault(fault, options.start));
  return options;
}

/// Whatever is wrong here is the command line.
SandboxOptions options_of(const Words& words, time::Instant now) {
  try {
    return read_words(words, now);
  } catch (const base::Refused& refused) {
    throw runtime::UsageError(refused.refusal());
  }
}

void print_endpoints(Sandbox& sandbox, const SandboxOptions& options, std::ostream& out) {
  runtime::Table table({{.title = "venue"}, {.title = "websocket"}, {.title = "REST"}});
  for (const VenueEndpoint& place : sandbox.endpoints()) table.row({place.venue, place.socket, place.rest});
  out << "A SIMULATED world (seed " << options.seed << ") from " << options.start.to_string()
      << "; no price in it is a market's.\n\n"
      << table.to_string() << "\n";
  runtime::Table custodians({{.title = "custodian"},
                             {.title = "URL"},
                             {.title = "account"},
                             {.title = "key"},
                             {.title = "secret"},
                             {.title = "passphrase"}});
  for (const CustodianEndpoint& place : sandbox.custodians()->endpoints())
    custodians.row(
        {place.custodian, place.url, place.account, place.key.key, place.key.secret, place.key.passphrase});
  out << custodians.to_string() << "\n";
  runtime::Table nodes({{.title = "node"}, {.title = "chain"}, {.title = "URL"}});
  for (const ChainNodeEndpoint& node : sandbox.chains()->endpoints())
    nodes.row({node.node, std::string(name_of(node.chain)), node.url});
  out << nodes.to_string() << "\nControl: " << sandbox.control_url() << "/sandbox/v1/faults\n";
  if (!sandbox.ca_file().empty()) out << "Trust:   " << sandbox.ca_file() << "\n";
  out << "Runs until it is stopped (Ctrl-C).\n" << std::flush;
}

void run(const runtime::CommandContext& context, const Words& words, std::ostream& out) {
  const SandboxOptions options = options_of(words, context.clock.now());
  runtime::ShutdownSignals signals;
  const time::ScaledClock world(context.clock, options.start, words.speed);
  Sandbox sandbox(options, world, context.clock);
  if (words.json)
    out << sandbox.to_json() << '\n' << std::flush;
  else
    print_endpoints(sandbox, options, out);
  signals.wait();
  sandbox.stop();
}

}  // namespace

void add_commands(runtime::Command& root, runtime::CommandContext& context, std::ostream& out) {
  runtime::Command* command = root.add_subcommand(
      "sandbox", "The simulated outside world: the venues' interfaces and the chains' nodes on loopback");
  command->footer(
      "One seed is one world: the same prices, books and trades on every machine. Point the pricing service "
      "at it\n"
      "with [[pricing.venues]] socket_base and rest_base, which this command prints.\n\n"
      "Faults: VENUE:KIND@T+D, T after the start or an instant, D how long; VENUE may be \"all\".\n"
      "Kinds: silence disconnect duplicate reorder delay gap wrong_decimals outlier halt crossed_book "
      "garbage\n"
      "       rest_errors rate_limit slow_tls untrusted\n\n"
      "  navkeeper sandbox --fault coinbase:silence@5m+30s --fault all:gap@10m+1m\n"
      "  curl -X POST URL/sandbox/v1/faults -H 'content-type: application/json' \\\n"
      "       -d '{\"venue\":\"kraken\",\"kind\":\"garbage\",\"seconds\":30}'        (from now on)\n"
      "  curl URL/sandbox/v1/truth                                          (all that was printed, as "
      "CSV)\n\n"
      "Custodians, crypto_com and coinbase_prime: point [[custody.custodians]] base_url at them; key, secret "
      "and\n"
      "passphrase are printed.\n"
      "Kinds of fault: silence errors rate_limit garbage truncated repeated stale replay restated\n"
      "       wrong_account wrong_scale slow untrusted new_status skewed_clock lost_answer short_balance\n\n"
      "  curl -X POST URL/sandbox/v1/custodians/faults -H 'content-type: application/json' \\\n"
      "       -d '{\"custodian\":\"crypto_com\",\"kind\":\"restated\",\"seconds\":60}'\n"
      "  curl -X POST URL/sandbox/v1/custodians/deposits -H 'content-type: application/json' \\\n"
      "       -d "
      "'{\"custodian\":\"crypto_com\",\"coin\":\"BTC\",\"amount\":\"1.5\",\"transaction\":\"...\"}'\n\n"
      "Chains: two nodes of each; services/custody/CHAINS.md says how to point custody at them.\n"
      "  curl -X POST URL/sandbox/v1/chains/payments -d "
      "'{\"chain\":\"bitcoin\",\"to\":\"bc1...\",\"amount\":\"150000\"}'\n"
      "  curl -X POST URL/sandbox/v1/chains/faults -d "
      "'{\"node\":\"esplora\",\"kind\":\"lie\",\"seconds\":60}'\n"
      "  curl -X POST URL/sandbox/v1/chains/reorganisations -d '{\"chain\":\"bitcoin\",\"depth\":2}'     "
      "(each with\n"
      "       -H 'content-type: application/json')");
  auto words = std::make_shared<Words>();
  command->add_option("--seed", words->seed, "Which world")->capture_default_str();
  command->add_option("--start", words->start, "Where the world's clock begins; default: now");
  command->add_option("--length", words->length, "After so long (90s, 5m, 1h) the world stands still");
  command->add_option("--speed", words->speed, "So many seconds of the world in each of ours")
      ->capture_default_str();
  command
      ->add_option("--listen", words->listen,
                   "Address and port of the control endpoint; the venues take the ports after it")
      ->capture_default_str();
  command->add_option(
      "--tls-folder", words->tls_folder,
      "Speak TLS, with a certificate of an authority that is made and written there as ca.pem");
  command->add_option("--fault", words->faults, "VENUE:KIND@T+D, any number of times");
  command->add_option("--truth", words->truth,
                      "Write every trade that is printed into this canonical trade file");
  command->add_option("--activity", words->activity, "So many times the usual number of trades")
      ->check(runtime::in_range(1, 1000))
      ->capture_default_str();
  command->add_flag(
      "--empty-accounts", words->empty_accounts,
      "The custodians' accounts begin without coins and history: what is paid to them on a chain "
      "arrives");
  command->add_flag("--json", words->json, "The endpoints as one JSON object");
  command->callback([&context, &out, words] { run(context, *words, out); });
}

}  // namespace navkeeper::sandbox
