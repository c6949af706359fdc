#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/db/pool.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/nav/adapters/cash_commands.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/indicative_store.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/statements_store.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using runtime::check_date;
using runtime::CommandContext;
using runtime::ExitCode;

struct Options {
  std::string fund, from, to, known_at, date;
  bool json = false;
};

model::FundId fund_of(const Options& options) { return runtime::named<model::FundId>(options.fund, "fund"); }

statements::FinancialStatements made_of(const Options& options, Service& service) {
  StatementsPeriod period{*time::Date::parse(options.from), *time::Date::parse(options.to), std::nullopt};
  if (!options.known_at.empty()) period.known_at = time::parse_rfc3339(options.known_at);
  return make_statements(*service.dependencies().pool, fund_of(options), period);
}

runtime::Command* add_period(runtime::Command& parent, const char* name, const char* help,
                             const std::shared_ptr<Options>& options) {
  runtime::Command* command = parent.add_subcommand(name, help);
  command->add_option("fund", options->fund, "Fund")->required();
  command->add_option("--from", options->from, "First day")->required()->check(check_date);
  command->add_option("--to", options->to, "Last day")->required()->check(check_date);
  command->add_flag("--json", options->json, "One JSON object on standard output");
  return command;
}

void add_statements(runtime::Command& root, CommandContext& context, const ServiceSource& service) {
  runtime::Command* statements =
      root.add_subcommand("statements", "Financial statements of a period; closing with them");
  statements->require_subcommand(1);
  auto options = std::make_shared<Options>();
  runtime::Command* show =
      add_period(*statements, "show",
                 "Assets and liabilities, operations, changes in net assets, highlights, schedule of "
                 "investments, and how net assets tie to the NAV; exit 1 where they do not foot or tie",
                 options);
  show->add_option("--known-at", options->known_at, "Only what was known then (RFC 3339; default: now)")
      ->check(runtime::check_instant);
  show->callback([options, &context, service] {
    const auto made = made_of(*options, service());
    if (!made.faults.empty()) context.exit_code = ExitCode::kRefused;
    context.out << (options->json ? statements_json(made) + "\n" : statements_text(made));
  });
  auto closing = std::make_shared<Options>();
  add_period(
      *statements, "close",
      "Closes the books through the last day and keeps the period's statements with them (maker); refused "
      "where they do not foot or tie",
      closing)
      ->callback([closing, &context, service] {
        Service& nav = service();
        const CashActor who{nav.dependencies().actor(), nav.dependencies().clock->now()};
        const ClosedStatements closed = nav.dependencies().pool->transact([&](db::Transaction& transaction) {
          return close_with_statements(transaction, fund_of(*closing), *time::Date::parse(closing->from),
                                       *time::Date::parse(closing->to), who);
        });
        if (closing->json)
          context.out << statements_json(closed.made) << "\n";
        else
          context.out << closing->fund << ": closed through " << closed.closed_through.to_string()
                      << ", statements of " << closed.made.from.to_string() << " to "
                      << closed.made.to.to_string() << " version " << closed.version
                      << (closed.is_new ? "\n" : " (it was before: nothing changed)\n");
      });
}

void add_indicative(runtime::Command& root, CommandContext& context, const ServiceSource& service) {
  runtime::Command* indicative = root.add_subcommand(
      "indicative", "Indicative values (serve nav makes them) and the holdings before the opening");
  indicative->require_subcommand(1);
  auto options = std::make_shared<Options>();
  runtime::Command* show = indicative->add_subcommand(
      "show", "The newest moment that was made, or why there was no value; exit 1 without one");
  show->add_option("fund", options->fund, "Fund")->required();
  show->add_flag("--json", options->json, "One JSON object on standard output");
  show->callback([options, &context, service] {
    const auto newest = last_indicative(*service().dependencies().pool, fund_of(*options), false);
    if (!newest) base::refuse(options->fund, "no indicative value was ever made");
    if (!newest->per_share) context.exit_code = ExitCode::kRefused;
    if (options->json)
      context.out << indicative_json(fund_of(*options), *newest) << "\n";
    else
      context.out << newest->at.to_string() << "  "
                  << (newest->per_share ? newest->per_share->to_string() : "no value: " + newest->reason)
                  << "\n";
  });
  auto holdings = std::make_shared<Options>();
  runtime::Command* pre_open = indicative->add_subcommand(
      "holdings", "What forms the basis of the next NAV: booked before the day begins (rule 6c-11)");
  pre_open->add_option("fund", holdings->fund, "Fund")->required();
  pre_open->add_option("--date", holdings->date, "Day of that NAV")->required()->check(check_date);
  pre_open->add_flag("--json", holdings->json, "Accepted for evenness: the answer is JSON in any case");
  pre_open->callback([holdings, &context, service] {
    Service& nav = service();
    context.out << pre_open_holdings_json(*nav.dependencies().pool, nav.store(), fund_of(*holdings),
                                          *time::Date::parse(holdings->date))
                << "\n";
  });
}

}  // namespace

void add_statements_commands(runtime::Command& root, CommandContext& context, ServiceSource service) {
  add_statements(root, context, service);
  add_indicative(root, context, service);
}

}  // namespace navkeeper::nav
