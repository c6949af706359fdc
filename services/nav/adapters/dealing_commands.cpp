#include "services/nav/adapters/dealing_commands.h"

#include <memory>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/time/clock.h"
#include "services/nav/adapters/dealing_json.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/dealing_view.h"
#include "services/nav/adapters/known_fund.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using runtime::CommandContext;

struct Options {
  std::string fund, id, file, date, to, text, ground, amount, asset, units, out, format = "json";
  std::string participant, side, form, cycle, received_at, trade_date, name;
  bool json = false, withdraw = false;
};
using OptionsPointer = std::shared_ptr<Options>;

model::FundId fund_of(const std::string& text) {
  auto fund = model::FundId::parse(text);
  if (fund.has_error()) throw base::Refused(fund.error().within("fund"));
  return *std::move(fund);
}

time::Date date_of(const std::string& text, const char* option) {
  const auto date = time::Date::parse(text);
  if (!date) base::refuse(option, "is not a date YYYY-MM-DD that exists: " + text);
  return *date;
}
std::optional<time::Date> optional_date(const std::string& text, const char* option) {
  if (text.empty()) return std::nullopt;
  return date_of(text, option);
}

money::Decimal decimal_of(const std::string& text, const char* option) {
  const auto value = money::Decimal::parse(text);
  if (value.has_error()) base::refuse(option, std::string(money::describe(value.error())));
  return *value;
}

runtime::Command* add(runtime::Command& parent, const OptionsPointer& options, const char* name,
                      const char* help) {
  runtime::Command* command = parent.add_subcommand(name, help);
  command->add_option("fund", options->fund, "Fund")->required();
  command->add_flag("--json", options->json, "One JSON object on standard output");
  return command;
}

/// Where the order stands after a step.
void tell(const Options& options, CommandContext& context, Service& nav, bool is_new) {
  const model::FundId fund = fund_of(options.fund);
  const auto order = nav.dealing().find_order(fund, order_id_of(options.id));
  if (!order) base::refuse("order " + options.id, "is not known");
  if (options.json) {
    context.out << order_json(fund, *order) << "\n";
    return;
  }
  context.out << fund.value() << " order " << options.id << ": " << describe(order->state())
              << (is_new ? "" : " (it was before: nothing changed)") << "\n";
  const OrderEvent& last = order->events.back();
  if (is_new && last.event == "accepted" && !last.content.empty())
    context.out << "ALERT: the fund has not all of it free; the plan: " << last.content << "\n";
  if (is_new && last.event == "failed")
    context.out << "Collateral that the participant owes: " << last.amount->to_string() << " USD, held "
                << order->collateral().to_string() << "\n";
}

using Take = std::function<bool(const DealingPorts&, const model::FundId&, const dealing::OrderId&,
                                const Options&, const Acting&)>;

runtime::Command* add_step(runtime::Command& parent, CommandContext& context, const ServiceSource& service,
                           const OptionsPointer& options, const char* name, const char* help, Take take) {
  runtime::Command* command = add(parent, options, name, help);
  command->add_option("id", options->id, "The order's id")->required();
  command->callback([options, &context, service, take = std::move(take)] {
    Service& nav = service();
    const model::Actor actor = nav.dependencies().actor();
    const bool is_new = take({nav.dealing(), nav.store()}, fund_of(options->fund), order_id_of(options->id),
                             *options, {actor, nav.dependencies().clock->now()});
    tell(*options, context, nav, is_new);
  });
  return command;
}

/// The order that the options spell, as its JSON.
std::vector<NewOrder> order_of_options(const Options& options, time::Instant now) {
  json::Writer writer;
  writer.begin_object()
      .member("id", options.id)
      .member("participant", options.participant)
      .member("side", options.side)
      .member("form", options.form)
      .member("units", options.units)
      .member("trade_date", options.trade_date);
  if (!options.cycle.empty()) writer.member("cycle", options.cycle);
  if (!options.received_at.empty()) writer.member("received_at", options.received_at);
  const json::Value value = base::value_or_refuse(json::parse(writer.end_object().take()));
  return {read_order(value, now)};
}

constexpr const char* kOrderShapes =
    R"(ORDERS.jsonl, one order a line: id, participant, side (creation, redemption), form (in_kind, cash), units (whole
creation units, a decimal string), trade_date; cycle (T+1, T+0), received_at, custom: {"components","reason","finding"}
of a custom basket (optional). The participant is recorded before: navkeeper participants add. Without
received_at an order is received now; it is refused after the cut-off of its trade date.

orders.jsonl:
  {"id":"order-7","participant":"ALPHA","side":"creation","form":"in_kind","units":"2","trade_date":"2026-03-12"}
  {"id":"order-8","participant":"ALPHA","side":"redemption","form":"cash","units":"1","trade_date":"2026-03-12","received_at":"2026-03-12T15:00:00Z"}

Example: navkeeper orders place BTCETH orders.jsonl --as operator
)";

void add_place(runtime::Command& parent, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      add(parent, options, "place",
          "Places orders of authorized participants: one by its options, or ORDERS.jsonl, all or none. "
          "The same id with the same content changes nothing; refused after the cut-off, for fractional "
          "units, from unknown or suspended participants");
  runtime::Option* file = command->add_option("file", options->file, "ORDERS.jsonl, one order a line");
  command->add_option("--id", options->id, "The order's id")->excludes(file);
  command->add_option("--participant", options->participant, "Authorized participant");
  command->add_option("--side", options->side, "creation or redemption");
  command->add_option("--form", options->form, "in_kind or cash");
  command->add_option("--units", options->units, "Creation units, whole");
  command->add_option("--trade-date", options->trade_date, "T, whose NAV prices it, YYYY-MM-DD");
  command->add_option("--cycle", options->cycle, "T+1 (where absent) or T+0");
  command->footer(kOrderShapes);
  command->add_option("--received-at", options->received_at,
                      "When it was taken, RFC 3339, where that was before now; both times are kept");
  command->callback([options, &context, service] {
    Service& nav = service();
    const time::Instant now = nav.dependencies().clock->now();
    if (options->file.empty() && options->id.empty())
      base::refuse("orders place", "takes ORDERS.jsonl or --id and what goes with it");
    const auto orders =
        options->file.empty() ? order_of_options(*options, now) : read_orders_file(options->file, now);
    const model::Actor actor = nav.dependencies().actor();
    const model::FundId fund = fund_of(options->fund);
    const PlaceReport report = place_orders({nav.dealing(), nav.store()}, fund, orders, {actor, now});
    context.out << (options->json ? place_report_json(fund, report)
                                  : fund.value() + ": " + std::to_string(report.placed) + " placed, " +
                                        std::to_string(report.unchanged) + " known before")
                << "\n";
  });
}

void add_price(runtime::Command& parent, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      add(parent, options, "price",
          "Prices the accepted orders of a day at its approved NAV and books them: coins, "
          "cash and shares together on the "
          "next business day. Run again it changes nothing");
  command->add_option("--date", options->date, "Trade date, YYYY-MM-DD")->required();
  command->callback([options, &context, service] {
    Service& nav = service();
    const model::FundId fund = fund_of(options->fund);
    const time::Date date = date_of(options->date, "--date");
    const model::Actor actor = nav.dependencies().actor();
    const auto lines =
        price_orders({nav.dealing(), nav.store()}, fund, date, {actor, nav.dependencies().clock->now()});
    for (const PriceLine& line : lines) {
      if (!line.message.empty()) context.exit_code = runtime::ExitCode::kRefused;
    }
    context.out << (options->json ? price_lines_json(fund, date, lines) + "\n" : price_lines_table(lines));
  });
}

void add_show(runtime::Command& parent, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command = add(parent, options, "show",
                                  "A fund's orders by trade date; with an id one order, its price, its life");
  command->add_option("id", options->id, "The order's id");
  command->add_option("--from", options->date, "First trade date");
  command->add_option("--to", options->to, "Last trade date");
  command->callback([options, &context, service] {
    Service& nav = service();
    const model::FundId fund = fund_of(options->fund);
    known_fund(nav.store(), fund);
    if (!options->id.empty()) {
      const auto order = nav.dealing().find_order(fund, order_id_of(options->id));
      if (!order) base::refuse("order " + options->id, "is not known");
      context.out << (options->json ? order_json(fund, *order) + "\n" : order_text(*order));
      return;
    }
    const auto orders = nav.dealing().orders(fund, optional_date(options->date, "--from"),
                                             optional_date(options->to, "--to"));
    context.out << (options->json ? orders_json(fund, orders) + "\n" : orders_table(orders));
  });
}

void add_open(runtime::Command& parent, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      add(parent, options, "open",
          "What was due by a day and has not settled: by how much custodian and bank differ from the "
          "settled view of the books");
  command->add_option("--as-of", options->date, "Day, YYYY-MM-DD")->required();
  command->callback([options, &context, service] {
    Service& nav = service();
    const model::FundId fund = fund_of(options->fund);
    known_fund(nav.store(), fund);
    const time::Date as_of = date_of(options->date, "--as-of");
    const auto splits = nav.dealing().deliverable(fund, as_of, nav.dependencies().clock->now()).splits;
    const auto items = open_items(nav.dealing().orders(fund, std::nullopt, as_of), as_of, splits);
    context.out << (options->json ? open_items_json(fund, as_of, items) + "\n" : open_items_table(items));
  });
}

void add_decisions(runtime::Command& orders, CommandContext& context, const ServiceSource& service) {
  using Ports = DealingPorts;
  using Fund = model::FundId;
  using Id = dealing::OrderId;
  auto options = std::make_shared<Options>();
  add_step(orders, context, service, options, "accept",
           "Accepts an order in proper form; never by who placed it. A shortfall of coins or cash opens a "
           "funding plan",
           [](const Ports& ports, const Fund& fund, const Id& id, const Options&, const Acting& acting) {
             return accept_order(ports, fund, id, acting);
           });
  options = std::make_shared<Options>();
  runtime::Command* command = add_step(
      orders, context, service, options, "reject",
      "Rejects an order; under ICA_1940 for form or cut_off only",
      [](const Ports& ports, const Fund& fund, const Id& id, const Options& given, const Acting& acting) {
        const auto ground = dealing::parse_rejection_ground(given.ground);
        if (!ground) base::refuse("--ground", "is not one of form, cut_off, trust_terms");
        return reject_order(ports, fund, id, *ground, given.text, acting);
      });
  command->add_option("--ground", options->ground, "form, cut_off, or of a trust trust_terms")->required();
  command->add_option("--detail", options->text, "What is wrong with it")->required();
  options = std::make_shared<Options>();
  command = add_step(orders, context, service, options, "cancel", "Cancels an order before its cut-off",
                     [](const Ports& ports, const Fund& fund, const Id& id, const Options& given,
                        const Acting& acting) { return cancel_order(ports, fund, id, given.text, acting); });
  command->add_option("--reason", options->text, "Who asked for it and why")->required();
  options = std::make_shared<Options>();
  command = add_step(
      orders, context, service, options, "execution",
      "What coins traded for the order cost beyond the NAV's prices; positive: the participant owes it. An "
      "operator proposes it, an approver who did not place the order agrees by saying the same",
      [](const Ports& ports, const Fund& fund, const Id& id, const Options& given, const Acting& acting) {
        return record_execution(ports, fund, id, decimal_of(given.amount, "--difference"), given.text,
                                acting);
      });
  command->add_option("--difference", options->amount, "Dollars, either sign")->required();
  command->add_option("--reason", options->text, "The trade that it comes from: each is recorded once")
      ->required();
  options = std::make_shared<Options>();
  command = add_step(
      orders, context, service, options, "cash-in-lieu",
      "Coins of the whole order that are settled in dollars; agreed by somebody who did not place it",
      [](const Ports& ports, const Fund& fund, const Id& id, const Options& given, const Acting& acting) {
        auto asset = model::AssetId::parse(given.asset);
        if (asset.has_error()) throw base::Refused(asset.error().within("--asset"));
        const auto act = given.withdraw ? withdraw_cash_in_lieu : agree_cash_in_lieu;
        return act(ports, fund, id, {*asset, decimal_of(given.amount, "--quantity")}, given.text, acting);
      });
  command->add_option("--asset", options->asset, "Coin")->required();
  command->add_option("--quantity", options->amount, "Whole coins")->required();
  command->add_flag("--withdraw", options->withdraw,
                    "Takes back so many of the coins agreed on, while the order is not priced");
  command->add_option("--reason", options->text, "Why")->required();
}

void add_settlements(runtime::Command& orders, CommandContext& context, const ServiceSource& service) {
  using Ports = DealingPorts;
  using Fund = model::FundId;
  using Id = dealing::OrderId;
  const auto dated = [](runtime::Command* command, const OptionsPointer& options) {
    command->add_option("--date", options->date, "Day, YYYY-MM-DD")->required();
  };
  auto options = std::make_shared<Options>();
  runtime::Command* command = add_step(
      orders, context, service, options, "settle",
      "Records that an order has settled, whole or some units of it",
      [](const Ports& ports, const Fund& fund, const Id& id, const Options& given, const Acting& acting) {
        const auto units =
            given.units.empty() ? std::nullopt : std::optional(read_units(given.units, "--units"));
        return settle_order(ports, fund, id, {units, date_of(given.date, "--date"), given.text}, acting);
      });
  dated(command, options);
  command->add_option("--units", options->units, "Units that settled now; without it all that is open");
  command->add_option("--reference", options->text,
                      "Of custodian or depository: each settles once; a part needs one");
  options = std::make_shared<Options>();
  command = add_step(
      orders, context, service, options, "fail",
      "Records that what was due did not come, and says what collateral the participant owes",
      [](const Ports& ports, const Fund& fund, const Id& id, const Options& given, const Acting& acting) {
        return fail_order(ports, fund, id, date_of(given.date, "--date"), given.text, acting);
      });
  dated(command, options);
  command->add_option("--reason", options->text, "What did not come, and why")->required();
  options = std::make_shared<Options>();
  command = add_step(
      orders, context, service, options, "collateral",
      "Collateral in dollars that came (positive) or went back (negative): cash, and a liability",
      [](const Ports& ports, const Fund& fund, const Id& id, const Options& given, const Acting& acting) {
        return move_collateral(
            ports, fund, id,
            {decimal_of(given.amount, "--amount"), date_of(given.date, "--date"), given.text}, acting);
      });
  dated(command, options);
  command->add_option("--amount", options->amount, "Dollars")->required();
  command->add_option("--reference", options->text, "The bank's: each is recorded once")->required();
  options = std::make_shared<Options>();
  command = add_step(
      orders, context, service, options, "close-out",
      "Takes a failed order of which nothing settled back, at the last NAV's prices; by a second person",
      [](const Ports& ports, const Fund& fund, const Id& id, const Options& given, const Acting& acting) {
        return close_out_order(ports, fund, id, date_of(given.date, "--date"), given.text, acting);
      });
  dated(command, options);
  command->add_option("--reason", options->text, "Why")->required();
}

}  // namespace

void add_order_commands(runtime::Command& orders, CommandContext& context, ServiceSource service) {
  add_place(orders, context, service);
  add_decisions(orders, context, service);
  add_price(orders, context, service);
  add_settlements(orders, context, service);
  add_show(orders, context, service);
  add_open(orders, context, service);
  add_repricing_commands(orders, context, service);
}

void add_participant_commands(runtime::Command& participants, CommandContext& context,
                              ServiceSource service) {
  const auto show_all = [&context, service](const Options& options) {
    Service& nav = service();
    const model::FundId fund = fund_of(options.fund);
    known_fund(nav.store(), fund);
    const auto all = nav.dealing().participants(fund);
    context.out << (options.json ? participants_json(fund, all) + "\n" : participants_table(all));
  };
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      add(participants, options, "add", "Records a participant agreement with the fund");
  command->add_option("id", options->id, "The participant's id")->required();
  command->add_option("--name", options->name, "The firm")->required();
  command->add_option("--from", options->date, "First day of the agreement, YYYY-MM-DD")->required();
  command->callback([options, service, show_all] {
    Service& nav = service();
    const model::Actor actor = nav.dependencies().actor();
    add_participant({nav.dealing(), nav.store()}, fund_of(options->fund),
                    {participant_id_of(options->id), options->name, date_of(options->date, "--from"), {}},
                    {actor, nav.dependencies().clock->now()});
    show_all(*options);
  });
  for (const bool is_suspended : {true, false}) {
    auto given = std::make_shared<Options>();
    runtime::Command* change =
        add(participants, given, is_suspended ? "suspend" : "reinstate",
            is_suspended ? "From a day on its orders are refused" : "From a day on it deals again");
    change->add_option("id", given->id, "The participant's id")->required();
    change->add_option("--from", given->date, "Day, YYYY-MM-DD")->required();
    change->add_option("--reason", given->text, "Why")->required();
    change->callback([given, service, show_all, is_suspended] {
      Service& nav = service();
      const model::Actor actor = nav.dependencies().actor();
      set_standing({nav.dealing(), nav.store()}, fund_of(given->fund), participant_id_of(given->id),
                   {date_of(given->date, "--from"), is_suspended, given->text},
                   {actor, nav.dependencies().clock->now()});
      show_all(*given);
    });
  }
  auto shown = std::make_shared<Options>();
  runtime::Command* show =
      add(participants, shown, "show", "The fund's authorized participants and their standing");
  show->callback([shown, show_all] { show_all(*shown); });
}

}  // namespace navkeeper::nav
