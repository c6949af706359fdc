#include "services/nav/adapters/books_commands.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "services/nav/adapters/books_compute.h"

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

std::string check_date(const std::string& text) {
  return time::Date::parse(text) ? "" : "'" + text + "' is not a date (YYYY-MM-DD)";
}

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

void add_compute(CLI::App& books, runtime::CommandContext& context) {
  CLI::App* command =
      books.add_subcommand("compute", "Replay a fund's life from a file of events, without a database");
  auto options = std::make_shared<ComputeOptions>();
  command->add_option("EVENTS", options->events, "File of events, one JSON object a line")->required();
  command
      ->add_option("--as-of", options->as_of,
                   "Apply what is dated up to this day (the whole file is checked)")
      ->check(check_date);
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

}  // namespace

void add_books_commands(CLI::App& root, runtime::CommandContext& context) {
  CLI::App* books = root.add_subcommand("books", "A fund's double-entry books");
  books->require_subcommand(1);
  add_compute(*books, context);
}

}  // namespace navkeeper::nav
