#include "services/nav/adapters/cash_commands.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/db/pool.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/input_file.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/nav/adapters/bank_statement_file.h"
#include "services/nav/adapters/bank_store.h"
#include "services/nav/adapters/fund_known_store.h"
#include "services/nav/adapters/share_position_store.h"
#include "services/nav/adapters/trade_store.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using runtime::check_date;
using runtime::CommandContext;
using runtime::ExitCode;

constexpr std::size_t kPositionsBytesMax = std::size_t{16} << 20;
constexpr int kDaysMax = 366;
constexpr int kLineMax = 1'000'000;

struct Options {
  std::string fund, file, kind, id, account, statement, entry, reason, as_of, out, source, execution, date,
      order;
  std::vector<std::string> accounts, statements, lines;
  int days = 30;
  bool json = false;
};
using Shared = std::shared_ptr<Options>;

model::FundId fund_of(const Options& options) { return runtime::named<model::FundId>(options.fund, "fund"); }

time::Date day_of(const Options& options, const CommandContext& context) {
  return options.as_of.empty() ? time::utc_date(context.clock.now()) : *time::Date::parse(options.as_of);
}

/// What each command does: reads `options`, prints to `context.out`.
using Run = void (*)(const Options&, CommandContext&, Service&);

db::Pool& pool_of(Service& service) { return *service.dependencies().pool; }

struct Adder {
  CommandContext& context;
  ServiceSource service;

  /// A command on a fund; --json is on all of them.
  runtime::Command* add(runtime::Command& parent, const char* name, const char* help, const Shared& options,
                        Run run) const {
    runtime::Command* command = parent.add_subcommand(name, help);
    command->add_option("fund", options->fund, "Fund")->required();
    command->add_flag("--json", options->json, "One JSON object on standard output");
    command->callback([options, run, &to = context, from = service] {
      const model::FundId fund = fund_of(*options);
      Service& service_of = from();
      pool_of(service_of).transact([&](db::Transaction& transaction) { require_fund(transaction, fund); });
      run(*options, to, service_of);
    });
    return command;
  }
};

CashActor who_of(Service& service) {
  return {service.dependencies().actor(), service.dependencies().clock->now()};
}

/// Runs it in one transaction and prints what it gives.
template <class Act>
void act(CommandContext& context, Service& service, Act&& does) {
  const CashActor who = who_of(service);
  const std::string text =
      pool_of(service).transact([&](db::Transaction& transaction) { return does(transaction, who); });
  context.out << text;
}
template <class Show>
void show(CommandContext& context, Service& service, Show&& shown) {
  context.out << pool_of(service).transact([&](db::Transaction& transaction) { return shown(transaction); });
}

std::string told(const Options& options, db::Transaction& transaction, const std::string& kind,
                 const std::string& id, bool is_new) {
  const model::FundId fund = fund_of(options);
  const auto stored = find_proposal(transaction, fund, kind, id);
  if (options.json) return proposals_json(fund, {*stored}) + "\n";
  return kind + " " + id + ": " + stored->state() + (is_new ? "" : " (it was before: nothing changed)") +
         "\n";
}

void run_propose(const Options& options, CommandContext& context, Service& service) {
  auto read = base::checked([&] { return read_proposal(read_json_file(options.file)); });
  if (read.has_error()) throw base::Refused(read.error().within(options.file));
  act(context, service, [&](db::Transaction& transaction, const CashActor& who) {
    const bool is_new = propose(transaction, fund_of(options), *read, who);
    return told(options, transaction, std::string(read->kind()), read->id(), is_new);
  });
}

void run_approve(const Options& options, CommandContext& context, Service& service) {
  act(context, service, [&](db::Transaction& transaction, const CashActor& who) {
    const bool is_new = approve(transaction, fund_of(options), options.kind, options.id, who);
    return told(options, transaction, options.kind, options.id, is_new);
  });
}

void run_withdraw(const Options& options, CommandContext& context, Service& service) {
  act(context, service, [&](db::Transaction& transaction, const CashActor& who) {
    const bool is_new = withdraw(transaction, fund_of(options), options.kind, options.id, who);
    return told(options, transaction, options.kind, options.id, is_new);
  });
}

void run_list(const Options& options, CommandContext& context, Service& service) {
  show(context, service, [&](db::Transaction& transaction) {
    const auto proposals = load_proposals(transaction, fund_of(options), options.kind);
    return options.json ? proposals_json(fund_of(options), proposals) + "\n" : proposals_table(proposals);
  });
}

/// Written beside its place and renamed onto it, so that nobody reads half an instruction.
void write_file(const std::string& path, const std::string& content) {
  const std::string part = path + ".part";
  {
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    out << content;
    out.flush();
    if (!out) base::refuse(path, "cannot be written");
  }
  std::error_code error;
  std::filesystem::rename(part, path, error);
  if (error) base::refuse(path, "cannot be written: " + error.message());
}

void run_release(const Options& options, CommandContext& context, Service& service) {
  const CashActor who = who_of(service);
  const ReleasedWire released = pool_of(service).transact([&](db::Transaction& transaction) {
    return release_wire(transaction, fund_of(options), options.id, who);
  });
  // It is released once it is stored; the file can be written again at any time with the same bytes.
  if (!options.out.empty()) write_file(options.out, released.instruction + "\n");
  if (options.json) {
    context.out << released.instruction << "\n";
    return;
  }
  context.out << "wire " << options.id
              << (released.is_new ? ": released\n" : ": was released before (the same instruction)\n");
}

void run_import(const Options& options, CommandContext& context, Service& service) {
  const auto statements = read_bank_statements(runtime::read_input_file(options.file, kStatementBytesMax));
  if (statements.has_error()) throw base::Refused(statements.error().within(options.file));
  act(context, service, [&](db::Transaction& transaction, const CashActor& who) {
    const ImportReport report =
        import_statements(transaction, fund_of(options), options.account, *statements, who);
    if (options.json) return import_json(fund_of(options), options.account, report) + "\n";
    return options.account + ": " + std::to_string(report.imported.size()) + " statements with " +
           std::to_string(report.lines) + " entries imported, " + std::to_string(report.known.size()) +
           " known before\n";
  });
}

void run_statements(const Options& options, CommandContext& context, Service& service) {
  show(context, service, [&](db::Transaction& transaction) {
    const auto statements = load_statements(transaction, fund_of(options));
    return options.json ? statements_list_json(fund_of(options), statements) + "\n"
                        : statements_list_table(statements);
  });
}

void run_reconcile(const Options& options, CommandContext& context, Service& service) {
  show(context, service, [&](db::Transaction& transaction) {
    const auto stored = load_reconciliation(transaction, fund_of(options), day_of(options, context));
    if (!stored)
      base::refuse(options.fund,
                   "no statement of every account was imported by " + day_of(options, context).to_string());
    if (!stored->agrees()) context.exit_code = ExitCode::kRefused;
    return options.json ? reconciliation_json(fund_of(options), *stored) + "\n"
                        : reconciliation_table(*stored);
  });
}

/// Of each line its account and statement, where one does not hold for all.
const std::string& each(const std::vector<std::string>& given, std::size_t i, std::size_t count,
                        const char* option) {
  if (given.size() != 1 && given.size() != count)
    runtime::refuse_usage(option, "is given neither once nor once for each --line");
  return given[given.size() == 1 ? 0 : i];
}

void run_match(const Options& options, CommandContext& context, Service& service) {
  const std::size_t colon = options.entry.find(':');
  if (colon == std::string::npos) runtime::refuse_usage("--entry", "is not SOURCE:ID");
  std::vector<BankLineName> lines;
  for (std::size_t i = 0; i < options.lines.size(); ++i)
    lines.push_back({each(options.accounts, i, options.lines.size(), "--account"),
                     each(options.statements, i, options.lines.size(), "--statement"),
                     std::stoi(options.lines[i])});
  act(context, service, [&](db::Transaction& transaction, const CashActor& who) {
    match_by_hand(transaction, fund_of(options), lines, options.entry.substr(0, colon),
                  options.entry.substr(colon + 1), options.reason, who);
    return options.json ? std::string("{\"matched\":true}\n") : std::string("matched\n");
  });
}

void run_projected(const Options& options, CommandContext& context, Service& service) {
  show(context, service, [&](db::Transaction& transaction) {
    const auto projected =
        load_projected_cash(transaction, fund_of(options), day_of(options, context), options.days);
    if (projected.short_on) context.exit_code = ExitCode::kRefused;
    return options.json ? projected_json(fund_of(options), projected) + "\n" : projected_table(projected);
  });
}

constexpr const char* kProposalShapes =
    R"(FILE.json has an id, a kind, and by kind (dollars and coins are decimal strings, days YYYY-MM-DD):
  bank_account  number, servicer; currency (USD where absent)
  payee         name, number, servicer
  limits        account, per_wire, per_day
  wire          account, payee, amount, value_date, purpose; pays: {"source","id"} of what it pays (optional)
  trade         side (buy, sell), asset, quantity, date, purpose (order, rebalancing, expense), counterparty; limit,
                fee_bps_max (50), settlement_days (1), allocations: list of {"order","quantity"} (optional)
A wire needs an account, a payee and limits of the account that are approved before it is proposed.

account.json:
  {"kind":"bank_account","id":"main","number":"42","servicer":"021000021"}

wire.json:
  {"kind":"wire","id":"W-1","account":"main","payee":"adviser","amount":"1000.00","value_date":"2035-03-07",
   "purpose":"management fee","pays":{"source":"liability","id":"Fees payable:management fee"}}

Example: navkeeper cash propose BTCETH account.json --as maker
Example: navkeeper cash propose BTCETH wire.json --as maker
)";

void add_cash(runtime::Command& root, const Adder& adder) {
  runtime::Command* cash = root.add_subcommand(
      "cash", "A fund's dollars: bank accounts and statements, books against bank, projected cash, wires");
  cash->require_subcommand(1);
  auto options = std::make_shared<Options>();
  runtime::Command* proposal =
      adder.add(*cash, "propose",
                "Proposes what moves dollars or coins, from a JSON file; it holds once "
                "another person approved it",
                options, run_propose);
  proposal->add_option("file", options->file, "FILE.json")->required();
  proposal->footer(kProposalShapes);
  const auto decision = [&](const char* name, const char* help, Run run) {
    auto own = std::make_shared<Options>();
    runtime::Command* command = adder.add(*cash, name, help, own, run);
    command->add_option("kind", own->kind, "bank_account, payee, limits, wire or trade")->required();
    command->add_option("id", own->id, "Its id")->required();
  };
  decision("approve", "Approves a proposal; never by who proposed it", run_approve);
  decision("withdraw", "Withdraws a proposal, approved or not, while nothing has left", run_withdraw);
  options = std::make_shared<Options>();
  adder.add(*cash, "list", "What was proposed, with its state", options, run_list)
      ->add_option("--kind", options->kind, "Only this kind");
  options = std::make_shared<Options>();
  runtime::Command* release =
      adder.add(*cash, "release",
                "Lets an approved wire leave: once, to the outbox and, with --out, to a file; "
                "again gives the same bytes",
                options, run_release);
  release->add_option("wire", options->id, "Its id")->required();
  release->add_option("--out", options->out, "File for the bank's portal");
  options = std::make_shared<Options>();
  runtime::Command* import =
      adder.add(*cash, "import",
                "Imports bank statements, camt.053 or BAI2; one that does not foot, overlaps or "
                "does not follow is refused, the same again changes nothing",
                options, run_import);
  import->add_option("file", options->file, "FILE")->required();
  import->add_option("--account", options->account, "Our name of the account")->required();
  options = std::make_shared<Options>();
  adder.add(*cash, "statements", "The bank statements that were imported", options, run_statements);
  options = std::make_shared<Options>();
  adder
      .add(*cash, "reconcile",
           "Settled cash of the books against the bank: matches, breaks by age; exit 1 with a break", options,
           run_reconcile)
      ->add_option("--as-of", options->as_of, "Day (default: today, UTC)")
      ->check(check_date);
  options = std::make_shared<Options>();
  runtime::Command* match = adder.add(
      *cash, "match",
      "Names a bank line and an entry that belong together, or several lines whose sum is the entry's "
      "or, of an order, a settlement's",
      options, run_match);
  match->add_option("--account", options->accounts, "Account; once, or once for each line")
      ->required()
      ->expected(1)
      ->take_all();
  match->add_option("--statement", options->statements, "Statement; once, or once for each line")
      ->required()
      ->expected(1)
      ->take_all();
  match->add_option("--line", options->lines, "Its line, from 1; again for each further one")
      ->required()
      ->expected(1)
      ->take_all();
  match->add_option("--entry", options->entry, "SOURCE:ID of the journal")->required();
  match->footer(
      "Example: navkeeper cash match BTCETH --account main --statement S-17 --line 1 --statement S-18 --line "
      "4 "
      "--entry order:C-1 --reason 'came in two' --as operator\n");
  match->add_option("--reason", options->reason, "Why")->required();
  options = std::make_shared<Options>();
  runtime::Command* projected =
      adder.add(*cash, "projected",
                "Cash by day from what is settled and what is on its way: orders, trades, "
                "distributions, wires, fees, tax; exit 1 when it falls below zero",
                options, run_projected);
  projected->add_option("--as-of", options->as_of, "Day (default: today, UTC)")->check(check_date);
  projected->add_option("--days", options->days, "How far (default 30)")
      ->check(runtime::in_range(1, kDaysMax));
}

void run_trades(const Options& options, CommandContext& context, Service& service) {
  show(context, service, [&](db::Transaction& transaction) {
    const auto trades = load_trades(transaction, fund_of(options), options.order);
    return options.json ? trades_json(fund_of(options), trades) + "\n" : trades_table(trades);
  });
}

std::string trade_told(const Options& options, db::Transaction& transaction, const std::string& id) {
  const StoredTrade trade = *find_trade(transaction, fund_of(options), id);
  return options.json ? trades_json(fund_of(options), {trade}) + "\n" : trades_table({trade});
}

void run_execute(const Options& options, CommandContext& context, Service& service) {
  auto read = base::checked([&] { return read_execution(read_json_file(options.file)); });
  if (read.has_error()) throw base::Refused(read.error().within(options.file));
  act(context, service, [&](db::Transaction& transaction, const CashActor& who) {
    execute_trade(transaction, fund_of(options), *read, who);
    return trade_told(options, transaction, read->trade);
  });
}

void run_confirm(const Options& options, CommandContext& context, Service& service) {
  auto read = base::checked([&] { return read_confirmation(read_json_file(options.file)); });
  if (read.has_error()) throw base::Refused(read.error().within(options.file));
  act(context, service, [&](db::Transaction& transaction, const CashActor& who) {
    const StoredConfirmation said = confirm_trade(transaction, fund_of(options), *read, who);
    if (!said.differences.empty()) context.exit_code = ExitCode::kRefused;
    return trade_told(options, transaction, read->trade);
  });
}

void run_settle(const Options& options, CommandContext& context, Service& service) {
  act(context, service, [&](db::Transaction& transaction, const CashActor& who) {
    settle_trade(transaction, fund_of(options), options.id, options.execution,
                 *time::Date::parse(options.date), who);
    return trade_told(options, transaction, options.id);
  });
}

void add_trades(runtime::Command& root, const Adder& adder) {
  runtime::Command* trades = root.add_subcommand(
      "trades", "Coin trades of a fund: what was executed, confirmed, settled (cash propose begins one)");
  trades->require_subcommand(1);
  auto options = std::make_shared<Options>();
  adder.add(*trades, "show", "The blotter", options, run_trades)
      ->add_option("--order", options->order, "Only trades with a part for this order");
  options = std::make_shared<Options>();
  adder
      .add(*trades, "execute",
           "Records a part that was done, from JSON (trade, execution, date, quantity, price, fee), and "
           "books it "
           "once",
           options, run_execute)
      ->add_option("file", options->file, "FILE.json")
      ->required();
  options = std::make_shared<Options>();
  adder
      .add(*trades, "confirm",
           "Records the counterparty's confirmation, from JSON (reference, trade, execution, side, asset, "
           "quantity, price, cash, trade_date, settlement_date); exit 1 where it differs",
           options, run_confirm)
      ->add_option("file", options->file, "FILE.json")
      ->required();
  options = std::make_shared<Options>();
  runtime::Command* settle =
      adder.add(*trades, "settle", "Records that coins and dollars changed hands", options, run_settle);
  settle->add_option("trade", options->id, "Trade")->required();
  settle->add_option("execution", options->execution, "Execution")->required();
  settle->add_option("--date", options->date, "Day")->required()->check(check_date);
}

void run_import_shares(const Options& options, CommandContext& context, Service& service) {
  const std::string content = runtime::read_input_file(options.file, kPositionsBytesMax);
  auto read = base::checked([&] { return read_share_positions(content, options.source, options.fund); });
  if (read.has_error()) throw base::Refused(read.error().within(options.file));
  act(context, service, [&](db::Transaction& transaction, const CashActor& who) {
    const auto version = import_positions(transaction, fund_of(options), *read, who);
    const auto stored = load_share_comparison(transaction, fund_of(options), read->date);
    if (options.json) return shares_json(fund_of(options), *stored) + "\n";
    return (version ? "version " + std::to_string(*version) + "\n"
                    : "the same as before: nothing changed\n") +
           shares_table(*stored);
  });
}

void run_shares(const Options& options, CommandContext& context, Service& service) {
  show(context, service, [&](db::Transaction& transaction) {
    const auto stored = load_share_comparison(transaction, fund_of(options), day_of(options, context));
    if (!stored) base::refuse(options.fund, "no share positions by " + day_of(options, context).to_string());
    if (!stored->comparison.breaks.empty()) context.exit_code = ExitCode::kRefused;
    return options.json ? shares_json(fund_of(options), *stored) + "\n" : shares_table(*stored);
  });
}

void add_shares(runtime::Command& root, const Adder& adder) {
  runtime::Command* shares = root.add_subcommand(
      "shares", "The share register against the transfer agent's and the depository's daily positions");
  shares->require_subcommand(1);
  auto options = std::make_shared<Options>();
  runtime::Command* import =
      adder.add(*shares, "import",
                "Imports a position file (CSV: date, fund, holder, shares of the transfer agent; "
                "date, fund, shares of the depository)",
                options, run_import_shares);
  import->add_option("file", options->file, "FILE.csv")->required();
  import->add_option("--source", options->source, "transfer_agent or depository")->required();
  options = std::make_shared<Options>();
  adder.add(*shares, "show", "The last comparison; exit 1 with a break", options, run_shares)
      ->add_option("--as-of", options->as_of, "Day (default: today, UTC)")
      ->check(check_date);
}

}  // namespace

void add_cash_commands(runtime::Command& root, CommandContext& context, ServiceSource service) {
  const Adder adder{context, std::move(service)};
  add_cash(root, adder);
  add_trades(root, adder);
  add_shares(root, adder);
}

}  // namespace navkeeper::nav
