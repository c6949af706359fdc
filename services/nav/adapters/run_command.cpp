// nav run: the batch as a scheduler starts it.
#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/nav/adapters/nav_commands.h"
#include "services/nav/adapters/nav_life_store.h"
#include "services/nav/adapters/run_view.h"
#include "services/nav/app/contingent.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using runtime::CommandContext;
using runtime::ExitCode;

constexpr int kPollSecondsDefault = 30;
constexpr int kPollSecondsMax = 3600;
constexpr int kWorkersDefault = 4;
constexpr int kWorkersMax = 32;
/// Whose day it is when none is named: the exchange's.
constexpr const char* kHomeZone = "America/New_York";

struct Options {
  std::vector<std::string> funds;
  std::string date, from, to, wait_until, again;
  int poll_seconds = kPollSecondsDefault;
  int workers = kWorkersDefault;
  bool waits = false;
  bool contingent = false;
  bool without_staking = false;
  bool json = false;
};

/// Of an option that runtime::check_date has seen.
time::Date date_of(const std::string& text) { return *time::Date::parse(text); }

/// A day of its own is answered like any refusal: one line on stderr, nothing on stdout. A day on which the
/// fund is closed is none: there is nothing to do. Nor is one beside which a drafted NAV must be shown.
void throw_if_alone(const std::vector<RunLine>& lines) {
  const RunLine* only = nullptr;
  for (const RunLine& one : lines) {
    if (one.outcome == RunOutcome::kOpen && one.nav && one.nav->state() != NavState::kDrafted) continue;
    if (only != nullptr || one.outcome == RunOutcome::kOpen) return;
    only = &one;
  }
  if (only == nullptr) return;
  const RunLine& line = *only;
  const bool is_refused = line.outcome == RunOutcome::kRefused || line.outcome == RunOutcome::kWaiting;
  if (is_refused) base::refuse("", line.message);
  if (line.outcome == RunOutcome::kUnavailable) throw base::Unavailable(line.message);
}

/// 1 where somebody has to do something before the NAV can be approved, 3 where only the outside is in the
/// way.
ExitCode exit_code_of(const std::vector<RunLine>& lines) {
  ExitCode code = ExitCode::kDone;
  for (const RunLine& line : lines) {
    const bool is_drafted = line.nav && line.nav->state() == NavState::kDrafted;
    if (line.outcome == RunOutcome::kRefused || line.outcome == RunOutcome::kWaiting || is_drafted ||
        !line.who.empty())
      return ExitCode::kRefused;
    if (line.outcome == RunOutcome::kUnavailable) code = ExitCode::kUnavailable;
  }
  return code;
}

/// What was asked, before anything outside is.
std::vector<model::FundId> checked_funds(const Options& options) {
  const bool is_range = !options.from.empty();
  if (!options.date.empty() && is_range)
    runtime::refuse_usage("nav run", "takes either --date or --from and --to");
  if (options.from.empty() != options.to.empty())
    runtime::refuse_usage("nav run", "takes --from and --to together");
  if (!options.again.empty() && (is_range || options.funds.size() != 1))
    runtime::refuse_usage("--again", "is for one --fund and one --date");
  std::vector<model::FundId> funds;
  for (const std::string& name : options.funds) {
    const auto fund = runtime::named<model::FundId>(name, "fund");
    if (std::find(funds.begin(), funds.end(), fund) == funds.end()) funds.push_back(fund);
  }
  return funds;
}

RunRequest request_of(const Options& options, std::vector<model::FundId> funds,
                      const Dependencies& dependencies) {
  const time::Instant now = dependencies.clock->now();
  const bool is_range = !options.from.empty();
  time::Date to = time::Zone::literal(kHomeZone).to_local(now).date;
  if (is_range) to = date_of(options.to);
  if (!options.date.empty()) to = date_of(options.date);
  RunRequest request{std::move(funds), is_range ? date_of(options.from) : to, to, dependencies.actor(), now};
  request.again = options.again;
  request.catches_up = !is_range && options.again.empty();
  request.workers = options.workers;
  request.takes_staking = !options.without_staking;
  return request;
}

/// What can still be said of funds whose inputs failed; a line for each on stderr, marked.
void strike_contingents(CommandContext& context, Service& service, const RunRequest& request,
                        const std::vector<RunLine>& lines) {
  for (const RunLine& line : lines) {
    if (line.outcome != RunOutcome::kWaiting && line.outcome != RunOutcome::kUnavailable) continue;
    try {
      const ContingentNav nav = strike_contingent(
          service.ports(), service.life(),
          {line.fund, line.date, request.actor, service.dependencies().clock->now()}, line.message);
      context.err << line.fund.value() << " " << line.date.to_string() << " CONTINGENT "
                  << nav.nav_per_share.to_string() << " a share (holdings of " << nav.based_on.to_string()
                  << "), never to be published\n";
    } catch (const std::exception& error) {
      context.err << line.fund.value() << " " << line.date.to_string()
                  << " has no contingent NAV either: " << error.what() << "\n";
    }
  }
}

void run(const Options& options, CommandContext& context, const ServiceSource& source) {
  std::vector<model::FundId> funds = checked_funds(options);
  RunWait wait;
  if (!options.wait_until.empty()) {
    wait.until = time::TimeOfDay::parse(options.wait_until);
    if (!wait.until) runtime::refuse_usage("--wait-until", "is not a time HH:MM");
  }
  Service& service = source();
  const Dependencies& dependencies = service.dependencies();
  const RunRequest request = request_of(options, std::move(funds), dependencies);
  wait.now = [&] { return dependencies.clock->now(); };
  wait.pause = [&] {
    if (context.out_is_terminal)
      context.err << "waiting for inputs, next try in " << options.poll_seconds << " s\n";
    std::this_thread::sleep_for(std::chrono::seconds(options.poll_seconds));
  };
  const bool waits = options.waits || wait.until;
  const bool shows_progress = context.out_is_terminal && !options.json;
  std::size_t seen = 0;
  const std::vector<RunLine> lines = run_navs(
      service.ports(), request,
      [&](const RunLine& line) {
        ++seen;
        if (shows_progress)
          context.err << seen << " " << line.fund.value() << " " << line.date.to_string() << " "
                      << describe(line.outcome) << "\n";
      },
      waits ? &wait : nullptr);
  if (options.contingent) strike_contingents(context, service, request, lines);
  const std::string fault = dependencies.keep_audit_heads ? dependencies.keep_audit_heads() : "";
  if (!fault.empty() && dependencies.note) dependencies.note(fault);
  throw_if_alone(lines);
  context.out << (options.json ? run_json(lines) + "\n" : run_table(lines));
  context.exit_code = exit_code_of(lines);
  if (!fault.empty() && context.exit_code == ExitCode::kDone) context.exit_code = ExitCode::kRefused;
}

}  // namespace

void add_run_command(runtime::Command& nav, CommandContext& context, ServiceSource service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      nav.add_subcommand("run",
                         "Strikes the NAV of one or all funds: of today, of a day, or of "
                         "each business day of a range. Without a "
                         "range, days that were missed since the last NAV come first, in "
                         "order. Run again it changes nothing and "
                         "says so; killed at any point it takes up where it stopped.");
  command->footer(
      "Exit codes: 0 all struck and checked (or nothing to do), 1 somebody has to act (a check failed, a NAV "
      "was refused, an input is missing; the summary says who does what), 3 something outside does not "
      "answer.\n"
      "A scheduler: navkeeper nav run --wait-until 19:30 --contingent --as batch, an actor with the role "
      "maker "
      "that is added to the actor file (README.md, \"Actors\").");
  command->add_option("--date", options->date, "Valuation date YYYY-MM-DD; default: today in New York")
      ->check(runtime::check_date);
  command->add_option("--from", options->from, "First day of a range")->check(runtime::check_date);
  command->add_option("--to", options->to, "Last day of a range")->check(runtime::check_date);
  command->add_option("--fund", options->funds, "Fund; may be repeated. Without one: all funds");
  command->add_flag("--wait", options->waits,
                    "Wait for missing inputs until each fund's own batch_deadline (valuation in its file)");
  command->add_option("--wait-until", options->wait_until,
                      "Wait for missing inputs until HH:MM of the fund's zone on the valuation date");
  command->add_option("--poll-s", options->poll_seconds, "Seconds between two tries")
      ->check(runtime::in_range(1, kPollSecondsMax));
  command->add_option("--again", options->again,
                      "Why: strikes one fund's unpublished NAV anew, as a further version, where its inputs "
                      "have changed");
  command->add_flag(
      "--contingent", options->contingent,
      "For a fund whose inputs fail, keep a contingent NAV (holdings of the last NAV at today's "
      "prices); it is marked as such and never published");
  command->add_flag(
      "--without-staking", options->without_staking,
      "Strike from the books as they stand, where staking's events are refused; the NAV's check "
      "then says what is missing");
  command->add_option("--workers", options->workers, "Funds at a time")
      ->check(runtime::in_range(1, kWorkersMax));
  command->add_flag("--json", options->json, "One JSON object on standard output");
  command->callback([options, &context, service] { run(*options, context, service); });
}

}  // namespace navkeeper::nav
