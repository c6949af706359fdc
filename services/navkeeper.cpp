// The executable: subcommands and composition, nothing else. Each service adds its own subcommands; this file
// prints what they refuse and chooses the exit code.
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/errors.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/composition.h"
#include "services/custody/service.h"
#include "services/database_commands.h"
#include "services/demo.h"
#include "services/nav/adapters/books_commands.h"
#include "services/nav/service.h"
#include "services/pricing/service.h"
#include "services/sandbox/commands.h"
#include "services/staking/service.h"

namespace navkeeper {
namespace {

using runtime::CommandContext;
using runtime::ExitCode;

constexpr const char* kAbout =
    "Navkeeper, the open back office of crypto ETFs: prices the coins, keeps the books, strikes the NAV.\n"
    "Start with: navkeeper demo";

constexpr const char* kFooter =
    "Every command takes --json and --help (navkeeper help WORDS is the same). Who changes something is "
    "named\n"
    "with --as NAME: navkeeper db init makes operator, maker, approver, second-approver, auditor and\n"
    "administrator. --config FILE: config/navkeeper.example.toml shows what can be configured.\n"
    "NAVKEEPER_HOME is the folder of database, actors and tokens (default: var); NAVKEEPER_DATABASE_URL uses "
    "an\n"
    "existing PostgreSQL 15 instead of the embedded one; NAVKEEPER_TOKEN is the token of --as.\n"
    "Exit codes: 0 done, 1 refused or checks failed, 2 usage, 3 something outside does not answer. The "
    "compute\n"
    "forms are pure: files in, answer out, no database.";

constexpr const char* kUsageHint = " (navkeeper --help explains)";

std::string home_from_environment() {
  const char* home = std::getenv("NAVKEEPER_HOME");
  return home != nullptr && *home != '\0' ? home : "var";
}

void add_serve_command(runtime::Command& app, CommandContext& context, Composition& composition) {
  runtime::Command* serve =
      app.add_subcommand("serve", "Runs services until SIGTERM: all that this version has, or those named");
  auto services = std::make_shared<std::vector<std::string>>();
  serve->add_option("SERVICE", *services, "pricing, custody, staking, nav");
  auto as_json = std::make_shared<bool>(true);
  serve->add_flag("--json", *as_json, "Accepted for evenness: the log is one JSON object a line in any case");
  serve->callback([&context, &composition, services, as_json] {
    static_cast<void>(context);
    composition.serve(*services);
  });
}

/// Each service's own subcommands, and those that are about all of them.
void add_all_commands(runtime::Command& app, CommandContext& context, Composition& composition) {
  add_serve_command(app, context, composition);
  add_database_commands(app, context);
  nav::add_commands(app, context, [&composition] { return composition.nav(); });
  nav::add_books_commands(app, context,
                          {[&composition]() -> db::Pool& { return composition.pool("nav"); },
                           [&composition] { return composition.actor(); }});
  pricing::add_commands(app, context, [&composition] { return composition.pricing(); });
  staking::add_commands(app, context, [&composition] { return composition.staking(); });
  custody::add_commands(app, context, [&composition] { return composition.custody(); });
}

CommandAnswer execute(const std::vector<std::string>& words);

/// What a failure prints: one line.
CommandAnswer failure(std::string message, ExitCode code) {
  for (char& c : message) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return {code, {}, std::move(message)};
}

CommandAnswer parse_and_run(runtime::CommandLine& line, const CommandContext& context,
                            const std::ostringstream& out, const std::vector<std::string>& words) {
  using Outcome = runtime::Parsed::Outcome;
  try {
    runtime::Parsed parsed = line.parse(words);
    if (parsed.outcome == Outcome::kHelp) return {ExitCode::kDone, std::move(parsed.text), {}};
    if (parsed.outcome == Outcome::kUsageError) return failure(parsed.text + kUsageHint, ExitCode::kUsage);
  } catch (const runtime::UsageError& wrong) {
    return failure(std::string(wrong.what()) + kUsageHint, ExitCode::kUsage);
  } catch (const base::Refused& refused) {
    return failure(refused.what(), ExitCode::kRefused);
  } catch (const db::LockTimeout& busy) {
    return failure(busy.what(), ExitCode::kUnavailable);
  } catch (const base::Conflict& conflict) {
    return failure(conflict.what(), ExitCode::kRefused);
  } catch (const base::Unavailable& unavailable) {
    return failure(unavailable.what(), ExitCode::kUnavailable);
  } catch (const base::InDoubt& in_doubt) {
    return failure(std::string(in_doubt.what()) + " (it may have happened: run the same command again)",
                   ExitCode::kUnavailable);
  }
  return {context.exit_code, out.str(), {}};
}

/// "help nav run" asks what "nav run --help" does.
std::vector<std::string> asked(std::vector<std::string> words) {
  if (words.empty() || words.front() != "help") return words;
  words.erase(words.begin());
  words.emplace_back("--help");
  return words;
}

/// One command line from start to end. What it prints is held back until it succeeded, so that a refusal
/// prints nothing.
CommandAnswer execute(const std::vector<std::string>& words) {
  std::ostringstream out;
  time::SystemClock clock;
  CommandContext context{.out = out, .err = std::cerr, .clock = clock};
  context.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  context.home = home_from_environment();
  context.live_out = &std::cout;
  Composition composition(context);

  runtime::CommandLine line(kAbout, "navkeeper");
  runtime::Command& app = line.root();
  app.footer(kFooter);
  app.version("navkeeper " NAVKEEPER_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--config", context.config_path,
                 "Configuration file (TOML); without one the embedded defaults hold");
  app.add_option("--as", context.actor_name,
                 "Who acts: a name in the actor file; the token comes from NAVKEEPER_TOKEN or a file");
  add_all_commands(app, context, composition);
  add_demo_command(app, context, execute, std::cout);
  sandbox::add_commands(app, context, std::cout);
  return parse_and_run(line, context, out, asked(words));
}

}  // namespace
}  // namespace navkeeper

int main(int argc, char** argv) {
  using navkeeper::runtime::ExitCode;
  std::signal(SIGPIPE, SIG_IGN);
  navkeeper::CommandAnswer answer;
  try {
    answer = navkeeper::execute(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    answer = navkeeper::failure(error.what(), ExitCode::kRefused);
  }
  std::cout << answer.out << std::flush;
  if (!std::cout)
    answer = navkeeper::failure("the answer could not be written to standard output", ExitCode::kRefused);
  if (!answer.error.empty()) std::cerr << "navkeeper: " << answer.error << '\n';
  return static_cast<int>(answer.exit_code);
}
