// The executable: subcommands and composition, nothing else. Each service adds its own subcommands; this file
// prints what they refuse and chooses the exit code.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/runtime/actors.h"
#include "common/runtime/command.h"
#include "common/runtime/config.h"
#include "common/time/clock.h"
#include "services/database_commands.h"
#include "services/nav/adapters/books_commands.h"
#include "services/nav/service.h"
#include "services/pricing/service.h"

namespace navkeeper {
namespace {

using runtime::CommandContext;
using runtime::ExitCode;

constexpr const char* kAbout =
    "Navkeeper, the open back office of crypto ETFs: prices the coins, keeps the books, strikes the NAV.\n"
    "Start with: navkeeper demo";

constexpr const char* kFooter =
    "Every command takes --json and --help. Exit codes: 0 done, 1 refused or checks failed, 2 usage, 3 "
    "something outside\n"
    "does not answer. The compute forms are pure: files in, answer out, no database.";

std::string home_from_environment() {
  const char* home = std::getenv("NAVKEEPER_HOME");
  return home != nullptr && *home != '\0' ? home : "var";
}

int print_failure(const std::string& message, ExitCode code) {
  std::string line = message;
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  std::cerr << "navkeeper: " << line << '\n';
  return static_cast<int>(code);
}

/// A service's pool as its own role, made when a command first needs it and kept until the program ends.
std::function<db::Pool*()> pool_on_demand(const CommandContext& context, std::string service) {
  return [&context, service = std::move(service), kept = std::make_shared<std::optional<db::Pool>>()] {
    if (!*kept) {
      db::Database database(database_settings(context));
      database.ensure_running();
      kept->emplace(database.pool(service));
    }
    return &**kept;
  };
}

/// Who acts, by --as and the token; asked for by the commands that change something.
std::function<model::Actor()> actor_on_demand(const CommandContext& context) {
  return [&context] {
    if (context.actor_name.empty()) base::refuse("--as", "this command needs to know who acts");
    const auto config = base::value_or_refuse(runtime::load_config(context.config_path, context.home));
    return base::value_or_refuse(
        runtime::authenticate_command(config.actor_file, context.actor_name, config.token_file));
  };
}

/// Each service's own subcommands.
void add_all_commands(CLI::App& app, CommandContext& context) {
  add_database_commands(app, context);
  nav::add_commands(app, context);
  nav::add_books_commands(app, context,
                          {.pool = [pool = pool_on_demand(context, "nav")]() -> db::Pool& { return *pool(); },
                           .actor = actor_on_demand(context)});
  pricing::add_commands(app, context, [pool = pool_on_demand(context, "pricing")] {
    return pricing::Dependencies{.pool = pool()};
  });
}

/// One command line from start to end. What it prints is held back until it succeeded, so that a refusal
/// prints nothing.
int run(int argc, char** argv) {
  std::ostringstream held_back;
  time::SystemClock clock;
  CommandContext context{.out = held_back, .err = std::cerr, .clock = clock};
  context.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  context.home = home_from_environment();

  CLI::App app{kAbout, "navkeeper"};
  app.footer(kFooter);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--config", context.config_path,
                 "Configuration file (TOML); without one the embedded defaults hold");
  app.add_option("--as", context.actor_name,
                 "Who acts: a name in the actor file; the token comes from NAVKEEPER_TOKEN or a file");
  add_all_commands(app, context);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    return print_failure(std::string(error.what()) + " (navkeeper --help explains)", ExitCode::kUsage);
  } catch (const base::Refused& refused) {
    return print_failure(refused.what(), ExitCode::kRefused);
  } catch (const base::Conflict& conflict) {
    return print_failure(conflict.what(), ExitCode::kRefused);
  } catch (const base::Unavailable& unavailable) {
    return print_failure(unavailable.what(), ExitCode::kUnavailable);
  } catch (const base::InDoubt& in_doubt) {
    return print_failure(std::string(in_doubt.what()) + " (it may have happened: run the same command again)",
                         ExitCode::kUnavailable);
  }
  std::cout << held_back.str() << std::flush;
  if (!std::cout)
    return print_failure("the answer could not be written to standard output", ExitCode::kRefused);
  return static_cast<int>(context.exit_code);
}

}  // namespace
}  // namespace navkeeper

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return navkeeper::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "navkeeper: " << error.what() << '\n';
    return static_cast<int>(navkeeper::runtime::ExitCode::kRefused);
  }
}
