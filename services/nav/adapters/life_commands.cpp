// nav approve, override, publish, restate, errors, contingent, evidence: what people do with a struck NAV.
#include <algorithm>
#include <memory>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/input_file.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/nav/adapters/composition_store.h"
#include "services/nav/adapters/contingent_json.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/error_report.h"
#include "services/nav/adapters/known_fund.h"
#include "services/nav/adapters/nav_commands.h"
#include "services/nav/adapters/nav_life_store.h"
#include "services/nav/adapters/nav_view.h"
#include "services/nav/adapters/peer_evidence.h"
#include "services/nav/adapters/repricing_store.h"
#include "services/nav/adapters/run_view.h"
#include "services/nav/app/nav_life.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using runtime::CommandContext;

constexpr std::size_t kEvidenceBytesMax = std::size_t{1} << 20;

struct Options {
  std::string fund, date, through, check, reason, file;
  int version = 0;
  int report = 0;
  bool json = false;
};
using Shared = std::shared_ptr<Options>;

model::FundId fund_of(const std::string& text) { return runtime::named<model::FundId>(text, "fund"); }

/// Of an option that runtime::check_date has seen.
time::Date date_of(const std::string& text) { return *time::Date::parse(text); }

/// A subcommand about one fund and, where wanted, one day.
runtime::Command* add(runtime::Command& nav, const char* name, const char* about, const Shared& options,
                      bool with_date = true) {
  runtime::Command* command = nav.add_subcommand(name, about);
  command->add_option("fund", options->fund, "Fund")->required();
  if (with_date)
    command->add_option("date", options->date, "Valuation date YYYY-MM-DD")
        ->check(runtime::check_date)
        ->required();
  command->add_flag("--json", options->json, "One JSON object on standard output");
  return command;
}

void add_version(runtime::Command* command, const Shared& options) {
  command
      ->add_option("--version", options->version,
                   "The version that you looked at; refused when it is no longer the latest")
      ->check(runtime::positive_number());
}

/// The name is looked at before anything outside is asked.
LifeRequest request_of(const Options& options, const ServiceSource& source) {
  model::FundId fund = fund_of(options.fund);
  const Dependencies& dependencies = source().dependencies();
  return {std::move(fund), date_of(options.date), dependencies.actor(), dependencies.clock->now(),
          options.version == 0 ? std::nullopt : std::optional(options.version)};
}

/// What became of the NAV.
void print_nav(const Options& options, CommandContext& context, Service& service, const LifeRequest& request,
               const std::string& done) {
  const auto nav = service.store().find_nav(request.fund, request.date);
  if (options.json) {
    context.out << nav_json(request.fund, *nav) << "\n";
  } else {
    context.out << request.fund.value() << " " << request.date.to_string() << ": " << done << "; the NAV is "
                << describe(nav->state()) << "\n";
  }
}

/// Orders of the day that stand at another version of its NAV than the one at which the day deals now.
void tell_orders_elsewhere(CommandContext& context, Service& service, const LifeRequest& request) {
  std::string names;
  for (const StoredOrder& order : service.dealing().orders(request.fund, request.date, request.date)) {
    if (!order.stands_at || !order.stands_at->current || order.stands_at->current == order.stands_at->version)
      continue;
    names += (names.empty() ? "" : ", ") + order.order.id.value() + " at version " +
             std::to_string(order.stands_at->version);
  }
  if (!names.empty())
    context.err << "Orders of the day were dealt at another version of its NAV: " << names
                << "; navkeeper orders reprice " << request.fund.value() << " --from "
                << request.date.to_string() << " --reason WHY --as MAKER\n";
}

void add_approve(runtime::Command& nav, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      add(nav, "approve", "Approves a checked NAV; never by who struck it, never twice", options);
  add_version(command, options);
  command->callback([options, &context, service] {
    const LifeRequest request = request_of(*options, service);
    Service& nav_service = service();
    approve_nav(nav_service.ports(), request);
    print_nav(*options, context, nav_service, request, "approved by " + request.actor.id.value());
    tell_orders_elsewhere(context, nav_service, request);
  });
}

/// "one of two voices: another approver's is needed", "both voices".
std::string voices_of(const StoredNav& nav, const std::string& check) {
  const auto voices = std::count_if(nav.overrides.begin(), nav.overrides.end(),
                                    [&](const Override& voice) { return voice.check == check; });
  return voices < kOverridesNeeded ? "one of two voices: another approver's is needed" : "both voices";
}

void add_override(runtime::Command& nav, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      add(nav, "override",
          "One of the two voices that set a check aside, with a reason: one that failed (it "
          "blocks approval) or could not be measured (it blocks publishing); never by who "
          "struck the NAV",
          options);
  command->add_option("--check", options->check, "Name of the check, as nav explain shows it")->required();
  command->add_option("--reason", options->reason, "Why it may stand")->required();
  add_version(command, options);
  command->callback([options, &context, service] {
    const LifeRequest request = request_of(*options, service);
    Service& nav_service = service();
    const bool is_new = override_check(nav_service.ports(), request, options->check, options->reason);
    const auto struck = nav_service.store().find_nav(request.fund, request.date);
    print_nav(*options, context, nav_service, request,
              options->check + (is_new ? " set aside by " : " had been set aside before by ") +
                  request.actor.id.value() + ", " + voices_of(*struck, options->check));
  });
}

void add_publish(runtime::Command& nav, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      add(nav, "publish",
          "Publishes an approved NAV and tells other services; never by who struck it, never while a check "
          "that nobody could measure stands, never from inputs that have changed",
          options);
  add_version(command, options);
  command->callback([options, &context, service] {
    const LifeRequest request = request_of(*options, service);
    Service& nav_service = service();
    publish_nav(nav_service.ports(), request);
    const std::string refused =
        publish_final_basket({nav_service.dealing(), nav_service.store()}, nav_service.compositions(),
                             request.fund, request.date, {request.actor, request.now});
    print_nav(*options, context, nav_service, request, "published by " + request.actor.id.value());
    if (!refused.empty())
      context.err << "The portfolio composition of the day is NOT published: " << refused << "\n";
    tell_orders_elsewhere(context, nav_service, request);
  });
}

void add_restate(runtime::Command& nav, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      add(nav, "restate",
          "Strikes a published day, and the days through another, again from what is known now: a version "
          "beside the old one, with checks of its own, to be approved and published by others",
          options);
  command->add_option("--through", options->through, "Last day of the error period; default: the day alone")
      ->check(runtime::check_date);
  command->add_option("--reason", options->reason, "What was wrong")->required();
  command->callback([options, &context, service] {
    const LifeRequest day = request_of(*options, service);
    Service& nav_service = service();
    RestateRequest request{day.fund, day.date, day.date, options->reason, day.actor, day.now};
    if (!options->through.empty()) request.through = date_of(options->through);
    std::vector<RunLine> lines;
    for (StrikeReport& report : restate_nav(nav_service.ports(), request)) {
      const auto outcome =
          report.outcome == StrikeOutcome::kStruck ? RunOutcome::kStruck : RunOutcome::kUnchanged;
      lines.push_back({day.fund, report.nav.summary.valuation_date, outcome, "", std::move(report.nav)});
    }
    context.out << (options->json ? run_json(lines) + "\n" : run_table(lines));
    if (!options->json)
      context.out << "\nWhat is owed for it: navkeeper nav errors " << day.fund.value() << " --from "
                  << request.from.to_string() << " --through " << request.through.to_string()
                  << " --as MAKER\n";
  });
}

void print_report(const Options& options, CommandContext& context, const StoredErrorReport& report) {
  context.out << (options.json ? report.content + "\n" : error_report_text(report));
}

void errors(const Options& options, CommandContext& context, const ServiceSource& source) {
  const model::FundId fund = fund_of(options.fund);
  Service& service = source();
  known_fund(service.store(), fund);
  PostgresNavLifeStore& life = service.life();
  if (!options.date.empty()) {
    const Dependencies& dependencies = service.dependencies();
    const model::Actor actor = dependencies.actor();
    model::require_role(actor, model::Role::kMaker, "report a NAV error");
    const time::Date from = date_of(options.date);
    const time::Date through = options.through.empty() ? from : date_of(options.through);
    DealtOrders orders(life, {service.dealing(), service.store()}, service.repricings());
    const ErrorReport report = assess_period(service.store(), orders, fund, from, through);
    const int number =
        life.add_report(fund, error_report_json(fund, report), actor.id, dependencies.clock->now());
    for (const StoredErrorReport& stored : life.reports(fund)) {
      if (stored.number == number) print_report(options, context, stored);
    }
    return;
  }
  const auto reports = life.reports(fund);
  for (const StoredErrorReport& stored : reports) {
    if (options.report == 0 || stored.number == options.report) print_report(options, context, stored);
  }
  if (reports.empty()) context.out << fund.value() << ": no NAV error was reported.\n";
}

void add_errors(runtime::Command& nav, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      add(nav, "errors",
          "The board's reports of NAV errors; with --from, what the published NAVs of a period were wrong by "
          "against their restated versions, per day and order, netted, and kept as a further report",
          options, false);
  command->add_option("--from", options->date, "First day of the period")->check(runtime::check_date);
  command->add_option("--through", options->through, "Last day of the period")->check(runtime::check_date);
  command->add_option("--report", options->report, "One report by its number")
      ->check(runtime::positive_number());
  command->callback([options, &context, service] { errors(*options, context, service); });
}

void add_contingent(runtime::Command& nav, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      add(nav, "contingent",
          "Contingent NAVs of a fund (holdings of the last NAV at a day's prices, kept by nav run "
          "--contingent or here with --reason); marked as such, never approved, never published",
          options, false);
  command->add_option("--date", options->date, "One valuation date")->check(runtime::check_date);
  command->add_option("--reason", options->reason, "Strikes one for --date: why the NAV itself fails");
  command->callback([options, &context, service] {
    const model::FundId fund = fund_of(options->fund);
    std::optional<time::Date> date;
    if (!options->date.empty()) date = date_of(options->date);
    if (!options->reason.empty() && !date) runtime::refuse_usage("nav contingent", "--reason needs --date");
    Service& nav_service = service();
    known_fund(nav_service.store(), fund);
    if (!options->reason.empty()) {
      const Dependencies& dependencies = nav_service.dependencies();
      strike_contingent(nav_service.ports(), nav_service.life(),
                        {fund, *date, dependencies.actor(), dependencies.clock->now()}, options->reason);
    }
    std::string list;
    for (const StoredContingent& stored : nav_service.life().contingents(fund, date)) {
      if (options->json) {
        list += (list.empty() ? "" : ",") + contingent_json(fund, stored.nav);
      } else {
        list += fund.value() + " " + stored.nav.date.to_string() +
                " CONTINGENT, not a published NAV: " + stored.nav.nav_per_share.to_string() +
                " a share, holdings of " + stored.nav.based_on.to_string() + " version " +
                std::to_string(stored.nav.based_on_version) + "; " + stored.nav.why + "\n";
      }
    }
    if (options->json)
      context.out << "{\"contingent_navs\":[" << list << "]}\n";
    else
      context.out << (list.empty() ? fund.value() + ": no contingent NAV.\n" : list);
  });
}

constexpr const char* kEvidenceShapes =
    R"(FILE.json is one statement; whole coins as decimal strings, none negative, each asset once. as_of is a day.

custody.json:
  {"kind":"custody","as_of":"2026-03-10","source":"custodian's statement 77",
   "positions":[{"asset":"BTC","quantity":"600"}]}

staking.json:
  {"kind":"staking","as_of":"2026-03-10","source":"provider",
   "positions":[{"asset":"CRO","opening":"10","added":"5","rewards":"0.1","withdrawn":"0","penalties":"0",
                 "closing":"15.1"}]}

Example: navkeeper nav evidence BTCETH 2026-03-10 custody.json --as operator
Example: navkeeper nav evidence CROYIELD 2026-03-10 staking.json --as operator
)";

void add_evidence(runtime::Command& nav, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      add(nav, "evidence",
          "Records what the custodian or the staking provider says of the fund's coins for a day; its checks "
          "measure it when the day is struck (nav run --again where it was struck before)",
          options);
  command->add_option("file", options->file, "FILE.json")->required();
  command->footer(kEvidenceShapes);
  command->callback([options, &context, service] {
    const std::string text =
        canonical_peer_statement(runtime::read_input_file(options->file, kEvidenceBytesMax));
    const LifeRequest request = request_of(*options, service);
    Service& nav_service = service();
    model::require_role(request.actor, {model::Role::kOperator, model::Role::kMaker}, "record evidence");
    const bool is_new =
        nav_service.life().add_evidence(request.fund, request.date, text, request.actor.id, request.now);
    json::Writer writer;
    writer.begin_object()
        .member("fund", request.fund.value())
        .member("date", request.date.to_string())
        .member("recorded", is_new)
        .end_object();
    context.out << (options->json ? writer.take()
                                  : request.fund.value() + " " + request.date.to_string() +
                                        (is_new ? ": recorded" : ": had been recorded before"))
                << "\n";
  });
}

}  // namespace

void add_life_commands(runtime::Command& nav, CommandContext& context, ServiceSource service) {
  add_approve(nav, context, service);
  add_override(nav, context, service);
  add_publish(nav, context, service);
  add_restate(nav, context, service);
  add_errors(nav, context, service);
  add_contingent(nav, context, service);
  add_evidence(nav, context, service);
}

}  // namespace navkeeper::nav
