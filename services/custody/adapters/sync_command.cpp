#include <memory>
#include <ostream>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/runtime/table.h"
#include "services/custody/adapters/balance_json.h"
#include "services/custody/adapters/chain_tasks.h"
#include "services/custody/adapters/custodians/connect.h"
#include "services/custody/adapters/custody_commands.h"
#include "services/custody/adapters/custody_store.h"
#include "services/custody/adapters/pace_store.h"
#include "services/custody/app/sync_custodian.h"

namespace navkeeper::custody {
namespace {

struct SyncWords {
  std::string fund;
  std::string source;
  std::string at;
  bool json = false;
};

struct Wanted {
  std::vector<CustodianSettings> custodians;
  std::vector<ChainTask> chains;
};

Wanted wanted(const Settings& settings, const SyncWords& words) {
  Wanted found;
  const auto is_wanted = [&](const model::FundId& fund, const std::string& source) {
    return (words.fund.empty() || fund.value() == words.fund) &&
           (words.source.empty() || source == words.source);
  };
  for (const CustodianSettings& custodian : settings.custodians) {
    if (is_wanted(custodian.fund, custodian.name)) found.custodians.push_back(custodian);
  }
  for (ChainTask& task : chain_tasks(settings)) {
    if (is_wanted(task.fund, task.source())) found.chains.push_back(std::move(task));
  }
  if (settings.custodians.empty() && settings.addresses.empty())
    base::refuse("custody",
                 "no custodian and no address is configured: [[custody.custodians]] and "
                 "[[custody.addresses]] in the file of --config");
  if (found.custodians.empty() && found.chains.empty())
    base::refuse("custody", "no configured custodian or chain is of that fund and name");
  return found;
}

void print(std::ostream& out, const std::vector<SyncReport>& reports, bool as_json) {
  runtime::Table table({{"source"},
                        {"outcome"},
                        {"balances", runtime::Align::kRight},
                        {"new records", runtime::Align::kRight},
                        {"new alarms", runtime::Align::kRight},
                        {"detail"}});
  json::Writer writer;
  writer.begin_object().key("syncs").begin_array();
  for (const SyncReport& report : reports) {
    const auto count = [](std::size_t n) { return std::to_string(n); };
    table.row({report.run.source, std::string(describe(report.run.outcome)), count(report.balances_new),
               count(report.records_new), count(report.alarms_new), report.run.detail});
    writer.begin_object()
        .member("source", report.run.source)
        .member("outcome", describe(report.run.outcome))
        .member("detail", report.run.detail)
        .member("balances_new", static_cast<std::int64_t>(report.balances_new))
        .member("records_new", static_cast<std::int64_t>(report.records_new))
        .member("alarms_new", static_cast<std::int64_t>(report.alarms_new))
        .member("answers_kept", static_cast<std::int64_t>(report.answers_kept))
        .end_object();
  }
  writer.end_array().end_object();
  out << (as_json ? writer.take() + "\n" : table.to_string());
}

}  // namespace

void add_sync_command(runtime::Command& custody, runtime::CommandContext& context,
                      const std::function<Dependencies()>& connect) {
  runtime::Command* command =
      custody.add_subcommand("sync", "Asks the configured custodians and chains everything and stores it");
  command->footer(
      "Balances, transfers, ledger, rewards, stakes, approvals, validators, networks; every raw answer with "
      "them.\n"
      "Of the chains what lies at the fund's own addresses ([[custody.addresses]]), under the source\n"
      "chain:bitcoin and so on, with how sure that is.\n"
      "Run again it asks from a little before the end of the last complete answer, and stores what is new.\n"
      "Exit code 0: all of it; 1: not all, or a chain is unsure (the detail says what and why; what was read "
      "is\n"
      "stored); 3: nobody answered at all.\n\n"
      "  navkeeper --config navkeeper.toml custody sync --as operator\n"
      "  navkeeper --config navkeeper.toml custody sync --at 2026-03-10T21:00:00Z --as operator");
  auto words = std::make_shared<SyncWords>();
  command->add_option("--fund", words->fund, "Of one fund alone");
  command->add_option("--source", words->source, "One custodian or chain alone");
  command
      ->add_option("--at", words->at,
                   "Chains at their last block of this instant, a valuation's, which must be final; default: "
                   "the newest final block")
      ->check(runtime::check_instant);
  command->add_flag("--json", words->json, "One JSON object on standard output");
  command->callback([words, connect, &context] {
    if (!connect) base::refuse("custody", "this program was built without a database");
    const Dependencies dependencies = connect();
    const Wanted asked = wanted(*dependencies.settings, *words);
    const model::Actor actor = dependencies.actor();
    model::require_role(actor, model::Role::kOperator, "ask custodians");
    PostgresCustodyStore store(*dependencies.pool);
    std::vector<SyncReport> reports;
    bool all_done = true;
    bool any_answer = false;
    const auto add = [&](SyncReport report) {
      all_done = all_done && report.run.outcome == SyncOutcome::kDone;
      any_answer = any_answer || report.answers_kept > 0;
      reports.push_back(std::move(report));
    };
    for (const CustodianSettings& custodian : asked.custodians) {
      CollectedEvidence evidence;
      const auto source =
          connect_custodian(custodian, evidence, *dependencies.clock, shared_pace(*dependencies.pool));
      add(sync_custodian(*source, evidence, store, custodian.fund, sync_settings_of(custodian),
                         *dependencies.clock, actor.id.value()));
    }
    std::optional<time::Instant> at;
    if (!words->at.empty()) at = time::parse_rfc3339(words->at);
    for (const ChainTask& task : asked.chains)
      add(ask_chain(*dependencies.settings, task, store, *dependencies.clock, actor.id.value(), at));
    print(context.out, reports, words->json);
    if (!all_done)
      context.exit_code = any_answer ? runtime::ExitCode::kRefused : runtime::ExitCode::kUnavailable;
  });
}

}  // namespace navkeeper::custody
