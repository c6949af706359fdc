// basket show, publish, published, export, rebalance.
#include <fstream>
#include <memory>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/nav/adapters/composition_store.h"
#include "services/nav/adapters/dealing_commands.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/dealing_view.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using runtime::CommandContext;

struct Options {
  std::string fund, date, out, format = "json";
  int number = 0;
  bool live = false, json = false;
};
using Shared = std::shared_ptr<Options>;

runtime::Command* add(runtime::Command& basket, const Shared& options, const char* name, const char* help) {
  runtime::Command* command = basket.add_subcommand(name, help);
  command->add_option("fund", options->fund, "Fund")->required();
  command->add_option("--date", options->date, "Trade date, YYYY-MM-DD")
      ->check(runtime::check_date)
      ->required();
  command->add_flag("--json", options->json, "One JSON object on standard output");
  return command;
}

model::FundId fund_of(const Options& options) { return runtime::named<model::FundId>(options.fund, "fund"); }
time::Date date_of(const Options& options) { return *time::Date::parse(options.date); }

DayBasket basket_of(Service& nav, const Options& options) {
  return basket_on({nav.dealing(), nav.store()}, fund_of(options), date_of(options),
                   nav.dependencies().clock->now());
}

void show_published(const Options& options, CommandContext& context, Service& nav) {
  const auto all = nav.compositions().compositions(fund_of(options), date_of(options));
  context.out << (options.json ? compositions_json(fund_of(options), date_of(options), all) + "\n"
                               : compositions_table(all));
}

void add_publish(runtime::Command& basket, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  add(basket, options, "publish",
      "Publishes the portfolio composition file of a day and keeps it byte for byte: an estimate by the "
      "published NAV of the day before, final by the day's own (which nav publish does by itself)")
      ->callback([options, &context, service] {
        const model::FundId fund = fund_of(*options);
        Service& nav = service();
        const model::Actor actor = nav.dependencies().actor();
        publish_basket({nav.dealing(), nav.store()}, nav.compositions(), fund, date_of(*options),
                       {actor, nav.dependencies().clock->now()});
        show_published(*options, context, nav);
      });
  auto listed = std::make_shared<Options>();
  add(basket, listed, "published",
      "The day's portfolio composition files as they were published, with hashes")
      ->callback([listed, &context, service] { show_published(*listed, context, service()); });
}

/// The file's text: of what was published, or computed now.
std::string file_of(const Options& options, Service& nav) {
  const bool is_csv = options.format == "csv";
  if (options.live) {
    const DayBasket day = basket_of(nav, options);
    return is_csv ? basket_csv(day) : basket_json(day);
  }
  const auto all = nav.compositions().compositions(fund_of(options), date_of(options));
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    if (options.number == 0 || one->number == options.number) return is_csv ? one->csv : one->content;
  }
  base::refuse(options.fund + " " + options.date,
               std::string(all.empty() ? "no portfolio composition" : "no such file") +
                   " was published: basket publish does, and --live computes one");
}

void export_file(const Options& options, CommandContext& context, Service& nav) {
  if (options.format != "json" && options.format != "csv")
    base::refuse("--format", "is neither json nor csv");
  const std::string text = file_of(options, nav);
  if (options.out.empty()) {
    context.out << text << (text.ends_with('\n') ? "" : "\n");
    return;
  }
  std::ofstream file(options.out, std::ios::binary | std::ios::trunc);
  file << text;
  file.flush();
  if (!file) base::refuse(options.out, "cannot be written");
  context.out << (options.json ? "{\"file\":" + json::quoted(options.out) + "}" : "Written: " + options.out)
              << "\n";
}

void add_export(runtime::Command& basket, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      add(basket, options, "export",
          "Writes the portfolio composition file that was published last for the day, byte for byte");
  command->add_option("--format", options->format, "json or csv")->capture_default_str();
  command->add_option("--out", options->out, "File; without it standard output");
  command->add_option("--number", options->number, "An earlier file of the day")
      ->check(runtime::positive_number());
  command->add_flag("--live", options->live, "What would be published now, instead of what was");
  command->callback([options, &context, service] { export_file(*options, context, service()); });
}

}  // namespace

void add_basket_commands(runtime::Command& basket, CommandContext& context, ServiceSource service) {
  auto options = std::make_shared<Options>();
  add(basket, options, "show",
      "What a creation unit is exchanged for: an estimate by the NAV before, fixed once the day's own is "
      "struck")
      ->callback([options, &context, service] {
        const DayBasket day = basket_of(service(), *options);
        context.out << (options->json ? basket_json(day) + "\n" : basket_table(day));
      });
  add_publish(basket, context, service);
  add_export(basket, context, service);
  auto weights = std::make_shared<Options>();
  add(basket, weights, "rebalance",
      "What to sell and buy so that each coin has its target weight again, at the last NAV's prices; moves "
      "nothing")
      ->callback([weights, &context, service] {
        Service& nav = service();
        const model::FundId fund = fund_of(*weights);
        const DayRebalancing day = rebalancing_on({nav.dealing(), nav.store()}, fund, date_of(*weights),
                                                  nav.dependencies().clock->now());
        context.out << (weights->json ? rebalancing_json(fund, day) + "\n" : rebalancing_table(day));
      });
}

}  // namespace navkeeper::nav
