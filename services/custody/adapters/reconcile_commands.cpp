// custody reconcile, custody reconciliations, custody breaks
#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/crypto/random.h"
#include "common/json/write.h"
#include "common/model/uuid.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/custody/adapters/break_acts.h"
#include "services/custody/adapters/custody_commands.h"
#include "services/custody/adapters/custody_store.h"
#include "services/custody/adapters/nav_client.h"
#include "services/custody/adapters/reconciled_day_store.h"
#include "services/custody/adapters/reconciliation_json.h"
#include "services/custody/adapters/reconciliation_store.h"
#include "services/custody/adapters/settings.h"

namespace navkeeper::custody {
namespace {

using Connect = std::function<Dependencies()>;

Dependencies connected(const Connect& connect) {
  if (!connect) base::refuse("custody", "this program was built without a database");
  return connect();
}

struct ReconcileWords {
  std::string fund;
  std::string date;
  bool show = false;
  bool newest = false;
  bool json = false;
};

StoredReconciliation stored_or_refuse(PostgresReconciliationStore& store, const model::FundId& fund,
                                      time::Date date) {
  auto stored = store.find(fund, date);
  if (!stored)
    base::refuse(fund.value() + " " + date.to_string(), "was not reconciled: navkeeper custody reconcile " +
                                                            fund.value() + " --date " + date.to_string() +
                                                            " --as operator");
  return *std::move(stored);
}

void reconcile_now(const Dependencies& dependencies, const model::FundId& fund, time::Date date,
                   bool by_newest) {
  ReconcileRequest request{fund, date, dependencies.settings->reconciliation, dependencies.actor(),
                           dependencies.clock->now()};
  request.by_newest = by_newest;
  NavClient books(dependencies.nav_url(), dependencies.pricing_url, dependencies.peer_token());
  PostgresCustodyStore facts(*dependencies.pool);
  PostgresReconciliationStore store(*dependencies.pool);
  JsonReconciliationDocuments documents;
  reconcile_fund({books, facts, store, documents}, request);
}

void reconcile_command(const ReconcileWords& words, runtime::CommandContext& context,
                       const Connect& connect) {
  const auto fund = runtime::named<model::FundId>(words.fund, "FUND");
  const time::Date date = *time::Date::parse(words.date);
  const Dependencies dependencies = connected(connect);
  if (!words.show) reconcile_now(dependencies, fund, date, words.newest);
  PostgresReconciliationStore store(*dependencies.pool);
  ShownReconciliation shown{stored_or_refuse(store, fund, date), {}, {}, {}};
  const ReconciliationMark mark{shown.stored.date, shown.stored.number};
  shown.lines = store.lines(fund, mark);
  shown.breaks = store.breaks_of(fund, mark);
  shown.verdict = verdict_of(store.line_statuses(fund, mark), shown.breaks);
  context.out << (words.json ? reconciliation_json(fund, shown) + "\n" : reconciliation_table(fund, shown));
  if (shown.verdict != "passed") context.exit_code = runtime::ExitCode::kRefused;
}

/// The days, whoever reconciled them, and what the job says of each.
void list_reconciliations(const ReconcileWords& words, runtime::CommandContext& context,
                          const Connect& connect) {
  constexpr int kDaysShown = 60;
  const auto fund = runtime::named<model::FundId>(words.fund, "FUND");
  const Dependencies dependencies = connected(connect);
  PostgresReconciliationStore store(*dependencies.pool);
  PostgresReconciledDayStore days(*dependencies.pool);
  const time::Date from = time::utc_date(dependencies.clock->now()) - kDaysShown;
  const auto of_job = days.days(fund, from);
  context.out << (words.json
                      ? reconciled_days_json(fund, of_job) + "\n"
                      : reconciliations_table(store.list(fund, time::Instant::latest(), kDaysShown), of_job));
}

struct BreakWords {
  std::string fund;
  std::string id;
  std::string text;
  std::string evidence;
  std::string status;
  std::string as_of;
  bool json = false;
};

void show_breaks(const BreakWords& words, runtime::CommandContext& context, const Connect& connect) {
  const auto fund = runtime::named<model::FundId>(words.fund, "FUND");
  PostgresReconciliationStore store(*connected(connect).pool);
  BreakQuery query;
  if (!words.as_of.empty()) query.as_of = *time::Date::parse(words.as_of);
  if (!words.id.empty()) {
    const auto found = store.find_break(fund, words.id);
    if (!found) base::refuse(words.id, "is no break of " + fund.value());
    json::Writer writer;
    write_break(writer, *found, true);
    context.out << (words.json ? writer.take() + "\n" : break_text(*found));
    return;
  }
  auto found = store.breaks(fund, query);
  if (!words.status.empty()) keep_status(found, words.status);
  context.out << (words.json ? breaks_json(fund, found) + "\n" : breaks_table(found));
}

/// A command has no idempotency key of its own: each call is one act.
void act_on_break(const BreakWords& words, BreakActKind kind, runtime::CommandContext& context,
                  const Connect& connect) {
  const auto fund = runtime::named<model::FundId>(words.fund, "FUND");
  const Dependencies dependencies = connected(connect);
  const model::Actor actor = dependencies.actor();
  require_act_role(actor, kind);
  BreakAct act{0, kind, actor.id, dependencies.clock->now()};
  act.text = words.text;
  act.evidence = words.evidence;
  const std::string key = "command-" + model::new_uuid_v7(act.at, crypto::fill_random).to_string();
  const auto after = dependencies.pool->transact([&](db::Transaction& transaction) {
    return PostgresReconciliationStore::act(transaction, {fund, words.id, act},
                                            {actor.id.value(), key, {}, act.at.ns()});
  });
  if (!after) base::refuse(words.id, "is no break of " + fund.value());
  json::Writer writer;
  write_break(writer, *after, true);
  context.out << (words.json ? writer.take() + "\n" : break_text(*after));
}

runtime::Command* add_act(runtime::Command& breaks, runtime::CommandContext& context, const Connect& connect,
                          const char* name, const char* about, BreakActKind kind,
                          const std::shared_ptr<BreakWords>& words) {
  runtime::Command* command = breaks.add_subcommand(name, about);
  command->add_option("FUND", words->fund, "The fund")->required();
  command->add_option("BREAK", words->id, "The break's id, as custody breaks show lists it")->required();
  command->add_flag("--json", words->json, "One JSON object on standard output");
  command->callback([words, kind, connect, &context] { act_on_break(*words, kind, context, connect); });
  return command;
}

}  // namespace

void add_reconcile_command(runtime::Command& custody, runtime::CommandContext& context,
                           const Connect& connect) {
  runtime::Command* command = custody.add_subcommand(
      "reconcile", "Compares a fund's books, custodians and chains at its valuation time of a day");
  command->footer(
      "The books are asked for over HTTP (settled basis), what custodians and chains said is what custody "
      "sync\n"
      "stored. By asset and place, top-down and bottom-up; what differs is a break. The day's last\n"
      "reconciliation counts, for the NAV's check too. Exit code 0: passed; 1: a break over tolerance that\n"
      "nothing explains, or something that could not be measured; 3: the books do not answer.\n\n"
      "  navkeeper custody reconcile BTCETH --date 2026-03-10 --as operator\n"
      "  navkeeper custody reconcile BTCETH --date 2026-03-10 --show");
  auto words = std::make_shared<ReconcileWords>();
  command->add_option("FUND", words->fund, "The fund")->required();
  command->add_option("--date", words->date, "Valuation date YYYY-MM-DD")
      ->required()
      ->check(runtime::check_date);
  command->add_flag("--newest", words->newest,
                    "By the custodians' newest readings, rolled back, and not the nearest: they corrected "
                    "themselves");
  command->add_flag("--show", words->show, "Show the stored one, make none");
  command->add_flag("--json", words->json, "One JSON object on standard output");
  command->callback([words, connect, &context] { reconcile_command(*words, context, connect); });
}

void add_reconciliations_command(runtime::Command& custody, runtime::CommandContext& context,
                                 const Connect& connect) {
  runtime::Command* command = custody.add_subcommand(
      "reconciliations", "The days that were reconciled, and what the job says of each");
  command->footer(
      "`serve` with custody and nav reconciles each fund by itself once its valuation point has come and "
      "its\n"
      "custodians and chains were read: waiting, failed (tried again), not_valued, done.\n\n"
      "  navkeeper custody reconciliations BTCETH");
  auto words = std::make_shared<ReconcileWords>();
  command->add_option("FUND", words->fund, "The fund")->required();
  command->add_flag("--json", words->json, "The job's days as one JSON object on standard output");
  command->callback([words, connect, &context] { list_reconciliations(*words, context, connect); });
}

void add_breaks_command(runtime::Command& custody, runtime::CommandContext& context, const Connect& connect) {
  runtime::Command* breaks =
      custody.add_subcommand("breaks", "The register of breaks: show, assign, comment, resolve, confirm");
  breaks->require_subcommand(1);
  breaks->footer(
      "A break clears by itself when a later reconciliation does not find it. One that stays is explained "
      "by\n"
      "two people: one resolves it with evidence, another confirms; that holds for exactly this "
      "difference.\n\n"
      "  navkeeper custody breaks show BTCETH --status open\n"
      "  navkeeper custody breaks assign BTCETH 0123456789abcdef --owner maker --as operator\n"
      "  navkeeper custody breaks resolve BTCETH 0123456789abcdef --text WHY --evidence WHERE --as operator\n"
      "  navkeeper custody breaks confirm BTCETH 0123456789abcdef --as approver");
  {
    auto words = std::make_shared<BreakWords>();
    runtime::Command* show = breaks->add_subcommand("show", "All breaks of a fund, or one with its history");
    show->add_option("FUND", words->fund, "The fund")->required();
    show->add_option("BREAK", words->id, "One break");
    show->add_option("--status", words->status, "open, explained or cleared");
    show->add_option("--as-of", words->as_of, "Reconciliations of later days do not count")
        ->check(runtime::check_date);
    show->add_flag("--json", words->json, "One JSON object on standard output");
    show->callback([words, connect, &context] { show_breaks(*words, context, connect); });
  }
  auto assigned = std::make_shared<BreakWords>();
  add_act(*breaks, context, connect, "assign", "Says who is on it", BreakActKind::kAssigned, assigned)
      ->add_option("--owner", assigned->text, "Who is to find out")
      ->required();
  auto commented = std::make_shared<BreakWords>();
  add_act(*breaks, context, connect, "comment", "Notes something", BreakActKind::kCommented, commented)
      ->add_option("--text", commented->text, "What")
      ->required();
  auto resolved = std::make_shared<BreakWords>();
  runtime::Command* resolve =
      add_act(*breaks, context, connect, "resolve", "Says what explains it; another person confirms",
              BreakActKind::kResolved, resolved);
  resolve->add_option("--text", resolved->text, "What explains the difference")->required();
  resolve
      ->add_option("--evidence", resolved->evidence,
                   "Where it can be seen: a transaction, a statement, a letter")
      ->required();
  add_act(*breaks, context, connect, "confirm",
          "Agrees with what explains it (approver, not who resolved it)", BreakActKind::kConfirmed,
          std::make_shared<BreakWords>());
}

}  // namespace navkeeper::custody
