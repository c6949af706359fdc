// orders reprice, approve-repricing, withdraw-repricing, repricings.
#include <memory>

#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/nav/adapters/dealing_commands.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/known_fund.h"
#include "services/nav/adapters/nav_life_store.h"
#include "services/nav/adapters/repricing_json.h"
#include "services/nav/adapters/repricing_store.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using runtime::CommandContext;

struct Options {
  std::string fund, from, through, reason, responsible;
  int number = 0;
  bool json = false;
};
using Shared = std::shared_ptr<Options>;

runtime::Command* add(runtime::Command& orders, const char* name, const char* about, const Shared& options) {
  runtime::Command* command = orders.add_subcommand(name, about);
  command->add_option("fund", options->fund, "Fund")->required();
  command->add_flag("--json", options->json, "One JSON object on standard output");
  return command;
}

void show(const Options& options, CommandContext& context, Service& nav, const model::FundId& fund,
          int number) {
  std::vector<StoredRepricing> shown;
  for (StoredRepricing& stored : nav.repricings().repricings(fund)) {
    if (number == 0 || stored.number == number) shown.push_back(std::move(stored));
  }
  context.out << (options.json ? repricings_json(fund, shown) + "\n" : repricings_text(fund, shown));
}

void add_reprice(runtime::Command& orders, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      add(orders, "reprice",
          "Proposes what the orders of a NAV error period are owed or owe: those of a material day are dealt "
          "anew at the published restatement, the others are netted and a net loss is paid by who is "
          "responsible. An approver books it (orders approve-repricing)",
          options);
  command->add_option("--from", options->from, "First day of the error period, YYYY-MM-DD")
      ->check(runtime::check_date)
      ->required();
  command->add_option("--through", options->through, "Last day; default: the first alone")
      ->check(runtime::check_date);
  command->add_option("--reason", options->reason, "What was wrong")->required();
  command->add_option("--responsible", options->responsible,
                      "Who pays the fund a net loss of the netted orders; needed where there is one");
  command->callback([options, &context, service] {
    const auto fund = runtime::named<model::FundId>(options->fund, "fund");
    Service& nav = service();
    const time::Date from = *time::Date::parse(options->from);
    const time::Date through = options->through.empty() ? from : *time::Date::parse(options->through);
    const model::Actor actor = nav.dependencies().actor();
    DealtOrders dealt(nav.life(), {nav.dealing(), nav.store()}, nav.repricings());
    const int number = propose_repricing({nav.store(), dealt, nav.repricings()},
                                         {fund, from, through, options->reason, options->responsible},
                                         {actor, nav.dependencies().clock->now()});
    show(*options, context, nav, fund, number);
  });
}

void add_decision(runtime::Command& orders, CommandContext& context, const ServiceSource& service,
                  const char* name, const char* about,
                  bool (*decide)(const RepricingPorts&, const model::FundId&, int, const Acting&)) {
  auto options = std::make_shared<Options>();
  runtime::Command* command = add(orders, name, about, options);
  command->add_option("number", options->number, "The repricing's number")
      ->check(runtime::positive_number())
      ->required();
  command->callback([options, &context, service, decide] {
    const auto fund = runtime::named<model::FundId>(options->fund, "fund");
    Service& nav = service();
    const model::Actor actor = nav.dependencies().actor();
    DealtOrders dealt(nav.life(), {nav.dealing(), nav.store()}, nav.repricings());
    decide({nav.store(), dealt, nav.repricings()}, fund, options->number,
           {actor, nav.dependencies().clock->now()});
    show(*options, context, nav, fund, options->number);
  });
}

}  // namespace

void add_repricing_commands(runtime::Command& orders, CommandContext& context, const ServiceSource& service) {
  add_reprice(orders, context, service);
  add_decision(
      orders, context, service, "approve-repricing",
      "Approves a repricing and books it on the day of the next NAV; never by who proposed it, never "
      "when what is owed has changed since",
      approve_repricing);
  add_decision(orders, context, service, "withdraw-repricing",
               "Withdraws a repricing that is not approved: who proposed it, or an approver",
               withdraw_repricing);
  auto options = std::make_shared<Options>();
  runtime::Command* shown =
      add(orders, "repricings", "Repricings of the fund's orders: proposed, approved, withdrawn", options);
  shown->add_option("number", options->number, "One by its number")->check(runtime::positive_number());
  shown->callback([options, &context, service] {
    const auto fund = runtime::named<model::FundId>(options->fund, "fund");
    Service& nav = service();
    known_fund(nav.store(), fund);
    show(*options, context, nav, fund, options->number);
  });
}

}  // namespace navkeeper::nav
