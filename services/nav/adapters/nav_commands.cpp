#include "services/nav/adapters/nav_commands.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/nav/adapters/explain.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/nav_view.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using runtime::CommandContext;
using runtime::ExitCode;

model::FundId fund_of(const std::string& text) { return runtime::named<model::FundId>(text, "fund"); }

/// Of an option that runtime::check_date has seen.
time::Date date_of(const std::string& text) { return *time::Date::parse(text); }

std::optional<time::Date> optional_date(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return date_of(text);
}

struct Options {
  std::vector<std::string> funds;
  std::string fund, date, from, to, known_at, check, reason;
  bool json = false;
  bool document = false;
  bool adjusted = false;
};

void add_json(CLI::App* command, const std::shared_ptr<Options>& options) {
  command->add_flag("--json", options->json, "One JSON object on standard output");
}

/// A day of its own is answered like any refusal: one line on stderr, nothing on stdout.
void throw_if_alone(const std::vector<RunLine>& lines) {
  if (lines.size() != 1) return;
  if (lines[0].outcome == RunOutcome::kRefused) base::refuse("", lines[0].message);
  if (lines[0].outcome == RunOutcome::kUnavailable) throw base::Unavailable(lines[0].message);
}

ExitCode exit_code_of(const std::vector<RunLine>& lines) {
  ExitCode code = ExitCode::kDone;
  for (const RunLine& line : lines) {
    if (line.outcome == RunOutcome::kRefused) return ExitCode::kRefused;
    if (line.outcome == RunOutcome::kUnavailable) code = ExitCode::kUnavailable;
  }
  return code;
}

void run(const Options& options, CommandContext& context, const ServiceSource& source) {
  if (options.date.empty() == options.from.empty())
    runtime::refuse_usage("nav run", "takes either --date or --from and --to");
  if (options.from.empty() != options.to.empty())
    runtime::refuse_usage("nav run", "takes --from and --to together");
  const time::Date from = options.date.empty() ? date_of(options.from) : date_of(options.date);
  const time::Date to = options.date.empty() ? date_of(options.to) : from;
  std::vector<model::FundId> funds;
  for (const std::string& fund : options.funds) funds.push_back(fund_of(fund));
  Service& service = source();
  const Dependencies& dependencies = service.dependencies();
  const RunRequest request{std::move(funds), from, to, dependencies.actor(), dependencies.clock->now()};
  const bool shows_progress = context.out_is_terminal && !options.json;
  const std::vector<RunLine> lines = run_navs(service.ports(), request, [&](const RunLine& line) {
    if (shows_progress)
      context.err << line.fund.value() << " " << line.date.to_string() << " " << describe(line.outcome)
                  << "\n";
  });
  const std::string fault = dependencies.keep_audit_heads ? dependencies.keep_audit_heads() : "";
  if (!fault.empty() && dependencies.note) dependencies.note(fault);
  throw_if_alone(lines);
  context.out << (options.json ? run_json(lines) + "\n" : run_table(lines));
  context.exit_code = exit_code_of(lines);
  if (!fault.empty() && context.exit_code == ExitCode::kDone) context.exit_code = ExitCode::kRefused;
}

void add_run(CLI::App& nav, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  CLI::App* command = nav.add_subcommand("run",
                                         "Strikes the NAV of one or all funds for a day, or for each "
                                         "business day from one to another; run again it "
                                         "changes nothing and says so");
  command->add_option("--date", options->date, "Valuation date YYYY-MM-DD")->check(runtime::check_date);
  command->add_option("--from", options->from, "First day of a range")->check(runtime::check_date);
  command->add_option("--to", options->to, "Last day of a range")->check(runtime::check_date);
  command->add_option("--fund", options->funds, "Fund; may be repeated. Without one: all funds");
  add_json(command, options);
  command->callback([options, &context, service] { run(*options, context, service); });
}

void add_approve(CLI::App& nav, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  CLI::App* command = nav.add_subcommand("approve", "Approves a checked NAV; never by who struck it");
  command->add_option("fund", options->fund, "Fund")->required();
  command->add_option("date", options->date, "Valuation date YYYY-MM-DD")
      ->check(runtime::check_date)
      ->required();
  add_json(command, options);
  command->callback([options, &context, service] {
    const model::FundId fund = fund_of(options->fund);
    const time::Date date = date_of(options->date);
    Service& nav_service = service();
    const Dependencies& dependencies = nav_service.dependencies();
    const model::Actor actor = dependencies.actor();
    const bool is_new = approve_nav(nav_service.ports(), fund, date, actor, dependencies.clock->now());
    json::Writer writer;
    writer.begin_object()
        .member("fund", fund.value())
        .member("date", date.to_string())
        .member("state", describe(NavState::kApproved))
        .member("approved_by", actor.id.value())
        .member("changed", is_new)
        .end_object();
    context.out << (options->json
                        ? writer.take()
                        : fund.value() + " " + date.to_string() +
                              (is_new ? ": approved by " : ": was already approved by ") + actor.id.value())
                << "\n";
  });
}

void add_override(CLI::App& nav, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  CLI::App* command = nav.add_subcommand(
      "override",
      "One of the two voices that set a failed check aside, with a reason; never by who struck the NAV");
  command->add_option("fund", options->fund, "Fund")->required();
  command->add_option("date", options->date, "Valuation date YYYY-MM-DD")
      ->check(runtime::check_date)
      ->required();
  command->add_option("--check", options->check, "Name of the check, as nav explain shows it")->required();
  command->add_option("--reason", options->reason, "Why it may stand")->required();
  add_json(command, options);
  command->callback([options, &context, service] {
    const model::FundId fund = fund_of(options->fund);
    const time::Date date = date_of(options->date);
    Service& nav_service = service();
    const Dependencies& dependencies = nav_service.dependencies();
    const bool is_new = override_check(nav_service.ports(), fund, date, options->check, options->reason,
                                       dependencies.actor(), dependencies.clock->now());
    const auto nav_now = nav_service.store().find_nav(fund, date);
    if (options->json) {
      context.out << nav_json(fund, *nav_now) << "\n";
    } else {
      context.out << fund.value() << " " << date.to_string() << ": " << options->check
                  << (is_new ? " overridden" : " had been overridden by you before") << "; the NAV is "
                  << describe(nav_now->state()) << "\n";
    }
  });
}

void show(const Options& options, CommandContext& context, const ServiceSource& service) {
  if (options.document && (options.date.empty() || options.fund.empty()))
    runtime::refuse_usage("nav show", "--document needs a fund and --date");
  std::vector<model::FundId> funds;
  if (!options.fund.empty()) funds.push_back(fund_of(options.fund));
  NavStore& store = service().store();
  const auto date = optional_date(options.date);
  const time::Instant known_at =
      options.known_at.empty() ? time::Instant::latest() : *time::parse_rfc3339(options.known_at);
  if (!options.fund.empty()) {
    if (!store.latest_definition(funds.front())) base::refuse(options.fund, "is not a known fund");
  } else {
    for (const StoredDefinition& stored : store.funds()) funds.push_back(stored.definition.id);
  }
  if (options.document || (date && funds.size() == 1 && !options.fund.empty() && options.json)) {
    const auto nav = store.find_nav(funds.front(), *date, known_at);
    if (!nav) base::refuse(options.fund + " " + date->to_string(), "has not been struck");
    context.out << (options.document ? nav->document : nav_json(funds.front(), *nav)) << "\n";
    return;
  }
  const auto from = date ? date : optional_date(options.from);
  const auto to = date ? date : optional_date(options.to);
  std::vector<FundNavs> found;
  for (const model::FundId& fund : funds) {
    found.push_back({fund, store.navs(fund, from, to, known_at)});
    if (options.adjusted) adjust_for_splits(found.back(), store, known_at);
  }
  if (date && !options.fund.empty() && found.front().navs.empty())
    base::refuse(options.fund + " " + date->to_string(), "has not been struck");
  context.out << (options.json ? navs_json(found) + "\n" : navs_table(found));
}

void add_show(CLI::App& nav, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      nav.add_subcommand("show", "Struck NAVs as a table; with a fund and --date one of them whole");
  command->add_option("fund", options->fund, "Fund; without one: all funds");
  command->add_option("--date", options->date, "One valuation date")->check(runtime::check_date);
  command->add_option("--from", options->from, "Not before this date")->check(runtime::check_date);
  command->add_option("--to", options->to, "Not after this date")->check(runtime::check_date);
  command->add_flag(
      "--adjusted", options->adjusted,
      "Each value per share also in the shares of the newest NAV, so that no split shows as a jump");
  command->add_option("--known-at", options->known_at, "As it was known then (RFC 3339; default: now)")
      ->check(runtime::check_instant);
  command->add_flag("--document", options->document, "The stored NAV document, byte for byte");
  add_json(command, options);
  command->callback([options, &context, service] { show(*options, context, service); });
}

void add_explain(CLI::App& nav, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  CLI::App* command = nav.add_subcommand(
      "explain", "The proof sheet: every number with where it came from, and the change since the last NAV");
  command->add_option("fund", options->fund, "Fund")->required();
  command->add_option("date", options->date, "Valuation date YYYY-MM-DD")
      ->check(runtime::check_date)
      ->required();
  add_json(command, options);
  command->callback([options, &context, service] {
    JsonDocuments documents;
    const model::FundId fund = fund_of(options->fund);
    const Explanation explanation = explain_nav(service().store(), documents, fund, date_of(options->date));
    context.out << (options->json ? explanation_json(explanation) + "\n" : explanation_text(explanation));
    if (!explanation.is_reproduced) context.exit_code = ExitCode::kRefused;
  });
}

}  // namespace

void add_nav_commands(CLI::App& nav, CommandContext& context, ServiceSource service) {
  add_run(nav, context, service);
  add_approve(nav, context, service);
  add_override(nav, context, service);
  add_show(nav, context, service);
  add_explain(nav, context, service);
}

}  // namespace navkeeper::nav
