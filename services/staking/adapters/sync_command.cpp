#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/table.h"
#include "services/staking/adapters/connect.h"
#include "services/staking/adapters/measure_store.h"
#include "services/staking/adapters/price_pass.h"
#include "services/staking/adapters/pricing_client.h"
#include "services/staking/adapters/staking_commands.h"
#include "services/staking/adapters/staking_store.h"
#include "services/staking/app/sync_source.h"

namespace navkeeper::staking {
namespace {

struct SyncWords {
  std::string fund;
  std::string source;
  bool json = false;
};

void print(std::ostream& out, const std::vector<SyncReport>& reports, const std::vector<FundPriced>& priced,
           bool as_json) {
  runtime::Table table({{"source"},
                        {"outcome"},
                        {"new positions", runtime::Align::kRight},
                        {"new events", runtime::Align::kRight},
                        {"new roll-forwards", runtime::Align::kRight},
                        {"new alerts", runtime::Align::kRight},
                        {"new measures", runtime::Align::kRight},
                        {"detail"}});
  json::Writer writer;
  writer.begin_object().key("syncs").begin_array();
  for (const SyncReport& report : reports) {
    const auto count = [](std::size_t n) { return std::to_string(n); };
    const auto whole = [](std::size_t n) { return static_cast<std::int64_t>(n); };
    table.row({report.run.source, std::string(describe(report.run.outcome)), count(report.positions_new),
               count(report.events_new), count(report.roll_forwards_new), count(report.alerts_new),
               count(report.measures_new), report.run.detail});
    writer.begin_object()
        .member("source", report.run.source)
        .member("outcome", describe(report.run.outcome))
        .member("detail", report.run.detail)
        .member("positions_new", whole(report.positions_new))
        .member("events_new", whole(report.events_new))
        .member("roll_forwards_new", whole(report.roll_forwards_new))
        .member("parameters_new", whole(report.parameters_new))
        .member("alerts_new", whole(report.alerts_new))
        .member("measures_new", whole(report.measures_new))
        .end_object();
  }
  writer.end_array().key("priced").begin_array();
  for (const FundPriced& one : priced)
    writer.begin_object()
        .member("fund", one.fund.value())
        .member("rows_priced", static_cast<std::int64_t>(one.report.priced))
        .member("rows_waiting", static_cast<std::int64_t>(one.report.waiting))
        .member("detail", one.report.detail)
        .end_object();
  writer.end_array().end_object();
  out << (as_json ? writer.take() + "\n" : table.to_string());
  if (as_json) return;
  for (const FundPriced& one : priced)
    out << "\n"
        << one.fund.value() << ": " << one.report.priced << " ends of rows were given their price"
        << (one.report.detail.empty()
                ? ""
                : ", " + std::to_string(one.report.waiting) + " wait: " + one.report.detail)
        << "\n";
}

}  // namespace

void add_sync_command(runtime::Command& staking, runtime::CommandContext& context,
                      const std::function<Dependencies()>& connect) {
  runtime::Command* command = staking.add_subcommand(
      "sync", "Reads the configured chains and custodians up to their newest final state");
  command->footer(
      "Positions, events, roll-forwards and parameters; every raw answer with them. Run again it goes on "
      "where\n"
      "the last complete reading ended, and stores what is new.\n"
      "Exit code 0: all of it; 1: not all, or not believed (the detail says what and why); 3: no source "
      "answered.\n\n"
      "  navkeeper --config navkeeper.toml staking sync --as operator");
  auto words = std::make_shared<SyncWords>();
  command->add_option("--fund", words->fund, "Of one fund alone");
  command->add_option("--source", words->source, "One source alone");
  command->add_flag("--json", words->json, "One JSON object on standard output");
  command->callback([words, connect, &context] {
    const Dependencies dependencies = connected(connect);
    if (!dependencies.settings->has_sources())
      base::refuse(
          "staking",
          "no source is configured: [[staking.ethereum]] or [[staking.cronos]] in the file of --config");
    auto sources = connect_sources(*dependencies.settings);
    std::erase_if(sources, [&](const std::unique_ptr<StakingSource>& source) {
      return (!words->fund.empty() && source->fund().value() != words->fund) ||
             (!words->source.empty() && source->name() != words->source);
    });
    if (sources.empty()) base::refuse("staking", "no configured source is of that fund and name");
    const model::Actor actor = dependencies.actor();
    model::require_role(actor, model::Role::kOperator, "read the chains");
    PostgresStakingStore store(*dependencies.pool);
    PostgresMeasureStore measures(*dependencies.pool);
    std::vector<SyncReport> reports;
    bool all_done = true;
    bool any_done = false;
    for (const auto& source : sources) {
      reports.push_back(sync_and_measure(*source, {store, measures}, *dependencies.clock, actor.id.value()));
      all_done = all_done && reports.back().run.outcome == SyncOutcome::kDone;
      any_done = any_done || reports.back().run.outcome != SyncOutcome::kFailed || reports.back().is_refused;
    }
    PricingClient pricing(dependencies.pricing_url, dependencies.peer_token);
    print(context.out, reports, price_pass(dependencies, pricing, actor.id.value(), words->fund),
          words->json);
    if (!all_done)
      context.exit_code = any_done ? runtime::ExitCode::kRefused : runtime::ExitCode::kUnavailable;
  });
}

}  // namespace navkeeper::staking
