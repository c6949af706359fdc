#include "services/nav/adapters/books_commands.h"

#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/nav/adapters/books_compute.h"
#include "services/nav/adapters/books_control_commands.h"
#include "services/nav/adapters/books_post.h"
#include "services/nav/adapters/late_json.h"

namespace navkeeper::nav {
namespace {

struct ComputeOptions {
  std::string events;
  std::string as_of;
  std::string lots = "fifo";
  std::string lots_in_kind;
  std::string ledger;
  bool json = false;
};

std::string check_lot_rule(const std::string& text) {
  return books::lot_rule_from(text)
             ? ""
             : "'" + text + "' is none of fifo, lifo, highest_cost, lowest_cost, average";
}

void compute(const ComputeOptions& options, runtime::CommandContext& context) {
  BooksComputeRequest request;
  request.events_path = options.events;
  if (!options.as_of.empty()) request.as_of = time::Date::parse(options.as_of);
  request.rules.sale = *books::lot_rule_from(options.lots);
  request.rules.in_kind =
      *books::lot_rule_from(options.lots_in_kind.empty() ? options.lots : options.lots_in_kind);
  if (!options.ledger.empty()) request.ledger_path = options.ledger;
  const BooksAnswer answer = compute_books(request);
  context.out << (options.json ? to_json(answer) + "\n" : to_table(answer));
}

constexpr const char* kEventShapes =
    R"(EVENTS.jsonl has one JSON object a line, each with "date" (YYYY-MM-DD, never going back) and "event"; amounts are
decimal strings: coins and shares in whole units, money in dollars with at most two decimals. No event has an id here;
books post takes the same events without price, strike, distribution and split (two people decide on the last two:
navkeeper distribution, navkeeper action), each with an "id" if wanted.
  open              fund, assets: list of {"asset","decimals"}, shares; the first line
  opening_lot       asset, quantity, cost: held from before; capital pays for it
  creation          shares, and: asset, quantity, value | cash | components, cash
  redemption        the same, leaving
  purchase, sale    asset, quantity, cash
  fee_accrued       name, amount
  fee_paid          name, amount
  fee_paid_in_kind  asset, quantity, value; name where several fees are payable
  reward            asset, quantity, value, source
  penalty           asset, quantity, value (for information)
  split             ratio: new shares for one old, "0.25" is a reverse split
  distribution      cash
  price             asset, price: dollars for one coin
  strike            net assets at the prices so far
components is a list of {"asset","quantity","value"}; beside it cash may be negative (paid the other way).

Exit code 0: done. 1: refused (the line on standard error names the line and the rule). 2: the command line.

events.jsonl:
  {"date":"2026-01-02","event":"open","fund":"X","assets":[{"asset":"BTC","decimals":8}],"shares":"0"}
  {"date":"2026-01-02","event":"creation","shares":"10000","asset":"BTC","quantity":"2.5","value":"200000"}
  {"date":"2026-01-05","event":"creation","shares":"10000","cash":"200000"}
  {"date":"2026-01-05","event":"purchase","asset":"BTC","quantity":"1","cash":"80000"}
  {"date":"2026-01-05","event":"fee_accrued","name":"management fee","amount":"12.34"}
  {"date":"2026-01-06","event":"price","asset":"BTC","price":"84000"}
  {"date":"2026-01-06","event":"strike"}

Example: navkeeper books compute events.jsonl --lots lifo --ledger journal.ledger --json
)";

void add_compute(runtime::Command& books, runtime::CommandContext& context) {
  runtime::Command* command =
      books.add_subcommand("compute", "Replay a fund's life from a file of events, without a database");
  auto options = std::make_shared<ComputeOptions>();
  command->footer(kEventShapes);
  command->add_option("EVENTS", options->events, "File of events, one JSON object a line")->required();
  command
      ->add_option("--as-of", options->as_of,
                   "Apply what is dated up to this day (the whole file is checked)")
      ->check(runtime::check_date);
  command
      ->add_option("--lots", options->lots,
                   "Which lots leave first: fifo (default), lifo, highest_cost, lowest_cost, average")
      ->check(check_lot_rule);
  command
      ->add_option("--lots-in-kind", options->lots_in_kind,
                   "The same for redemptions and payments in kind (default: as --lots)")
      ->check(check_lot_rule);
  command->add_option("--ledger", options->ledger, "Write the journal to this file for ledger and hledger");
  command->add_flag("--json", options->json, "One JSON object instead of tables");
  command->callback([options, &context] { compute(*options, context); });
}

model::FundId fund_of(const std::string& text) { return runtime::named<model::FundId>(text, "fund"); }

db::Pool& pool_of(const BooksAccess& access) {
  if (!access.pool)
    base::refuse("books", "this command needs the database, which this program was not given");
  return access.pool();
}

struct PostOptions {
  std::string events;
  std::string fund;
  std::string source = "file";
  bool json = false;
};

void post(const PostOptions& options, const BooksAccess& access, runtime::CommandContext& context) {
  const model::FundId fund = fund_of(options.fund);
  const auto events = read_events_to_post(options.events, options.source);
  db::Pool& pool = pool_of(access);
  if (!access.actor) base::refuse("books", "posting needs actors, which this program was not given");
  const model::Actor actor = access.actor();
  model::require_role(actor, {model::Role::kOperator, model::Role::kService}, "post to the books");
  const PostReport report = post_file(pool, fund, events, {actor.id, context.clock.now()});
  if (options.json) {
    json::Writer out;
    out.begin_object().member("fund", fund.value());
    write_late(out, report.lateness);
    out.member("posted", static_cast<std::int64_t>(report.posted));
    out.member("unchanged", static_cast<std::int64_t>(report.unchanged));
    context.out << out.end_object().take() << '\n';
    return;
  }
  if (report.posted == 0)
    context.out << "Nothing to do: all " << report.unchanged << " events were posted before.\n";
  else
    context.out << report.posted << " events posted to the books of " << fund.value() << ", "
                << report.unchanged << " had been before.\n";
  context.out << late_text(fund, report.lateness);
}

void add_post(runtime::Command& books, runtime::CommandContext& context,
              const std::shared_ptr<BooksAccess>& access) {
  runtime::Command* command = books.add_subcommand(
      "post", "Post a file of events to a fund's books, all of it or nothing; again changes nothing");
  auto options = std::make_shared<PostOptions>();
  command
      ->add_option(
          "EVENTS", options->events,
          "File of events as for compute, without prices and strikes; each may also have an id, under which "
          "other content is refused, book_date, settlement_date, place, state and at")
      ->required();
  command->add_option("--fund", options->fund, "Fund")->required();
  command->add_option("--source", options->source,
                      "Where the events come from (default: file); ids are unique within it");
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, access, &context] { post(*options, *access, context); });
}

struct ShowOptions {
  std::string fund;
  std::string as_of;
  std::string basis = "nav";
  std::string known_at;
  bool json = false;
};

std::string check_basis(const std::string& text) {
  return books::basis_from(text) ? "" : "'" + text + "' is none of nav, trade_date, settled";
}

void show(const ShowOptions& options, const BooksAccess& access, runtime::CommandContext& context) {
  const model::FundId fund = fund_of(options.fund);
  BooksView view;
  view.basis = *books::basis_from(options.basis);
  view.as_of =
      options.as_of.empty() ? time::utc_date(context.clock.now()) : *time::Date::parse(options.as_of);
  if (!options.known_at.empty()) view.known_at = time::parse_rfc3339(options.known_at);
  const StoredBooks books = show_books(pool_of(access), fund, view);
  context.out << (options.json ? to_json(fund, view, books) + "\n" : to_table(fund, view, books));
}

void add_show(runtime::Command& books, runtime::CommandContext& context,
              const std::shared_ptr<BooksAccess>& access) {
  runtime::Command* command =
      books.add_subcommand("show", "Positions and trial balance of a fund, as of a day, as known at a time");
  auto options = std::make_shared<ShowOptions>();
  command->add_option("FUND", options->fund, "Fund")->required();
  command->add_option("--as-of", options->as_of, "Day (default: today, UTC)")->check(runtime::check_date);
  command->add_option("--basis", options->basis, "nav (default), trade_date or settled")->check(check_basis);
  command->add_option("--known-at", options->known_at, "Only what was known then (RFC 3339; default: now)")
      ->check(runtime::check_instant);
  command->add_flag("--json", options->json, "One JSON object instead of tables");
  command->callback([options, access, &context] { show(*options, *access, context); });
}

struct ExportOptions {
  std::string fund;
  std::string ledger;
  bool json = false;
};

void add_export(runtime::Command& books, runtime::CommandContext& context,
                const std::shared_ptr<BooksAccess>& access) {
  runtime::Command* command = books.add_subcommand("export", "Write a fund's journal for ledger and hledger");
  auto options = std::make_shared<ExportOptions>();
  command->add_option("FUND", options->fund, "Fund")->required();
  command->add_option("--ledger", options->ledger, "File to write")->required();
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, access, &context] {
    const model::FundId fund = fund_of(options->fund);
    const std::size_t entries = export_books(pool_of(*access), fund, options->ledger);
    json::Writer out;
    out.begin_object().member("entries", static_cast<std::int64_t>(entries)).end_object();
    context.out << (options->json ? out.take()
                                  : std::to_string(entries) + " entries written to " + options->ledger)
                << '\n';
  });
}

}  // namespace

void add_books_commands(runtime::Command& root, runtime::CommandContext& context, BooksAccess access) {
  runtime::Command* books = root.add_subcommand("books", "A fund's double-entry books");
  books->require_subcommand(1);
  const auto shared = std::make_shared<BooksAccess>(std::move(access));
  add_compute(*books, context);
  add_post(*books, context, shared);
  add_show(*books, context, shared);
  add_export(*books, context, shared);
  add_books_control_commands(*books, context, shared);
}

}  // namespace navkeeper::nav
