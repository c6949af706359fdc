// `books` beside compute, post, show and export: what is read of lots and periods, and what a controller
// does: identify, reverse, close, reopen.
#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/db/pool.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/nav/adapters/books_commands.h"
#include "services/nav/adapters/books_control_commands.h"
#include "services/nav/adapters/books_views.h"
#include "services/nav/adapters/known_time.h"
#include "services/nav/adapters/late_entry_store.h"
#include "services/nav/adapters/late_json.h"

namespace navkeeper::nav {
namespace {

using runtime::check_date;
using runtime::check_instant;
using runtime::CommandContext;

struct Options {
  std::string fund, as_of, from, to, known_at, book, basis, id, source = "file", reason, asset, through;
  std::vector<std::string> lots;
  std::int64_t after = 0;
  int limit = 100;
  int approve = 0;
  bool json = false;
};
using Shared = std::shared_ptr<Options>;
using Access = std::shared_ptr<BooksAccess>;

std::string check_book(const std::string& text) {
  return books::book_from(text) ? "" : "'" + text + "' is neither gaap nor tax";
}
std::string check_basis(const std::string& text) {
  return books::basis_from(text) ? "" : "'" + text + "' is none of nav, trade_date, settled";
}

model::FundId fund_of(const Options& options) { return runtime::named<model::FundId>(options.fund, "fund"); }

db::Pool& pool_of(const BooksAccess& access) {
  if (!access.pool)
    base::refuse("books", "this command needs the database, which this program was not given");
  return access.pool();
}

/// Who acts and when; refused without the role.
Stamp stamp_of(const BooksAccess& access, const CommandContext& context,
               std::initializer_list<model::Role> any_of, std::string_view what) {
  if (!access.actor) base::refuse("books", "this command needs actors, which this program was not given");
  const model::Actor actor = access.actor();
  model::require_role(actor, any_of, what);
  return {actor.id, context.clock.now()};
}

BooksView view_of(const Options& options, const CommandContext& context) {
  BooksView view;
  view.basis = *books::basis_from(options.basis);
  view.as_of =
      options.as_of.empty() ? time::utc_date(context.clock.now()) : *time::Date::parse(options.as_of);
  if (!options.known_at.empty()) view.known_at = time::parse_rfc3339(options.known_at);
  return view;
}

void add_fund(runtime::Command* command, const Shared& options) {
  command->add_option("FUND", options->fund, "Fund")->required();
  command->add_flag("--json", options->json, "One JSON object instead of a table");
}

void add_view(runtime::Command* command, const Shared& options, const char* basis) {
  options->basis = basis;
  command->add_option("--as-of", options->as_of, "Day (default: today, UTC)")->check(check_date);
  command->add_option("--basis", options->basis, "nav, trade_date or settled")
      ->check(check_basis)
      ->capture_default_str();
  command->add_option("--known-at", options->known_at, "Only what was known then (RFC 3339; default: now)")
      ->check(check_instant);
}

void add_book(runtime::Command* command, const Shared& options, const char* book) {
  options->book = book;
  command->add_option("--book", options->book, "gaap (lots pooled) or tax (lots by wallet or account)")
      ->check(check_book)
      ->capture_default_str();
}

void add_lots(runtime::Command& books, CommandContext& context, const Access& access) {
  runtime::Command* command = books.add_subcommand("lots", "Open lots with their day, cost and place");
  const auto options = std::make_shared<Options>();
  add_fund(command, options);
  add_book(command, options, "gaap");
  add_view(command, options, "trade_date");
  command->callback([options, access, &context] {
    const model::FundId fund = fund_of(*options);
    const BooksView view = view_of(*options, context);
    const books::Book book = *books::book_from(options->book);
    wait_until_known(pool_of(*access), fund, view.known_at);
    const auto lots = pool_of(*access).transact(
        [&](db::Transaction& transaction) { return load_lots(transaction, fund, book, view); });
    context.out << (options->json ? lots_json(fund, book, view, lots) : lots_table(lots));
  });
}

void add_journal(runtime::Command& books, CommandContext& context, const Access& access) {
  runtime::Command* command =
      books.add_subcommand("journal", "The entries in the order of posting, a page at a time");
  const auto options = std::make_shared<Options>();
  add_fund(command, options);
  add_view(command, options, "nav");
  command->add_option("--after", options->after, "Go on after this sequence number")
      ->check(runtime::non_negative_number());
  command->add_option("--limit", options->limit, "Entries (default: 100)")->check(runtime::in_range(1, 1000));
  command->callback([options, access, &context] {
    const model::FundId fund = fund_of(*options);
    const BooksView view = view_of(*options, context);
    wait_until_known(pool_of(*access), fund, view.known_at);
    const auto page = pool_of(*access).transact([&](db::Transaction& transaction) {
      return load_journal(transaction, fund, view, options->after, options->limit);
    });
    if (!page) base::refuse(fund.value(), "has no books");
    context.out << (options->json ? journal_json(fund, view, *page) : journal_table(*page));
  });
}

void add_rollforward(runtime::Command& books, CommandContext& context, const Access& access) {
  runtime::Command* command = books.add_subcommand(
      "rollforward",
      "Opening, additions, disposals, gains and closing of each coin over a period (ASC 350-60-50)");
  const auto options = std::make_shared<Options>();
  options->basis = "trade_date";
  add_fund(command, options);
  command->add_option("--from", options->from, "First day")->required()->check(check_date);
  command->add_option("--to", options->to, "Last day")->required()->check(check_date);
  add_book(command, options, "gaap");
  command->add_option("--basis", options->basis, "trade_date (default: financial statements), nav, settled")
      ->check(check_basis);
  command->add_option("--known-at", options->known_at, "Only what was known then (RFC 3339; default: now)")
      ->check(check_instant);
  command->callback([options, access, &context] {
    const model::FundId fund = fund_of(*options);
    PeriodView view{*books::book_from(options->book), *books::basis_from(options->basis),
                    *time::Date::parse(options->from), *time::Date::parse(options->to), std::nullopt};
    if (!options->known_at.empty()) view.known_at = time::parse_rfc3339(options->known_at);
    wait_until_known(pool_of(*access), fund, view.known_at);
    const auto rolls = pool_of(*access).transact(
        [&](db::Transaction& transaction) { return load_rollforward(transaction, fund, view); });
    context.out << (options->json ? rollforward_json(fund, view, rolls)
                                  : rollforward_table(fund, view, rolls));
  });
}

/// "7=0.5": half a coin of lot 7.
LotChoice choice_of(const std::string& text) {
  const std::size_t sign = text.find('=');
  const std::string number = text.substr(0, sign);
  const bool is_number =
      !number.empty() && number.size() <= 18 && number.find_first_not_of("0123456789") == std::string::npos;
  if (sign == std::string::npos || !is_number)
    runtime::refuse_usage("--lot", "must be LOT=QUANTITY, not " + text);
  const auto quantity = money::Decimal::parse(text.substr(sign + 1));
  if (quantity.has_error()) runtime::refuse_usage("--lot", "has no quantity: " + text);
  return {std::stoull(number), *quantity};
}

void add_identify(runtime::Command& books, CommandContext& context, const Access& access) {
  runtime::Command* command = books.add_subcommand(
      "identify",
      "Name the lots that a disposal to come will take; counts only where recorded before the disposal");
  const auto options = std::make_shared<Options>();
  add_fund(command, options);
  command->add_option("ID", options->id, "Id under which the disposal will be posted")->required();
  command->add_option("--source", options->source, "Its source (default: file)");
  command->add_option("--asset", options->asset, "Coin")->required();
  command->add_option("--lot", options->lots, "LOT=QUANTITY; again for each lot (books lots lists them)")
      ->required();
  add_book(command, options, "tax");
  command->callback([options, access, &context] {
    const model::FundId fund = fund_of(*options);
    std::vector<LotChoice> lots;
    for (const std::string& text : options->lots) lots.push_back(choice_of(text));
    const Stamp stamp = stamp_of(*access, context, {model::Role::kOperator}, "identify lots");
    const time::Instant recorded_at = pool_of(*access).transact([&](db::Transaction& transaction) {
      return identify_lots(transaction, fund, {options->source, options->id},
                           *books::book_from(options->book), options->asset, lots, stamp);
    });
    context.out << (options->json ? "{\"recorded_at\":\"" + recorded_at.to_string() + "\"}\n"
                                  : "Recorded at " + recorded_at.to_string() + ".\n");
  });
}

void add_reverse(runtime::Command& books, CommandContext& context, const Access& access) {
  runtime::Command* command = books.add_subcommand(
      "reverse",
      "Take an entry back by a reversing one on the same dates; then the right one is posted anew");
  const auto options = std::make_shared<Options>();
  add_fund(command, options);
  command->footer(
      "Takes back what one person posted: a file of events, a fact (--source facts), the payment of a "
      "distribution\n"
      "(ID/paid --source distribution). What a strike, an order, a trade or two people's decision posted is "
      "refused\n"
      "with the act that changes it.");
  command->add_option("ID", options->id, "Id of the wrong entry")->required();
  command->add_option("--source", options->source, "Its source (default: file)");
  command->add_option("--reason", options->reason, "Why")->required();
  command->callback([options, access, &context] {
    const model::FundId fund = fund_of(*options);
    if (options->reason.empty()) runtime::refuse_usage("--reason", "is empty");
    const Stamp stamp = stamp_of(*access, context, {model::Role::kOperator}, "reverse an entry");
    const PostReport report = pool_of(*access).transact([&](db::Transaction& transaction) {
      return reverse_told(transaction, fund, {options->source, options->id},
                          reversal_source({options->source, options->id}), stamp, options->reason);
    });
    const bool is_new = report.posted != 0;
    if (options->json) {
      json::Writer out;
      out.begin_object();
      write_late(out, report.lateness);
      out.member("posted", static_cast<std::int64_t>(report.posted));
      context.out << out.member("unchanged", static_cast<std::int64_t>(report.unchanged)).end_object().take()
                  << "\n";
      return;
    }
    context.out << (is_new ? "Reversed: entry " + std::to_string(report.last_seq) + ".\n"
                           : std::string("Nothing to do: it was reversed before for this reason.\n"))
                << late_text(fund, report.lateness, true);
  });
}

void print_periods(const Options& options, const BooksAccess& access, CommandContext& context) {
  const model::FundId fund = fund_of(options);
  const Periods periods =
      pool_of(access).transact([&](db::Transaction& transaction) { return load_periods(transaction, fund); });
  context.out << (options.json ? periods_json(fund, periods) : periods_table(fund, periods));
}

void add_periods(runtime::Command& books, CommandContext& context, const Access& access) {
  runtime::Command* close =
      books.add_subcommand("close", "Close a fund's books through a day: nothing more is booked there");
  const auto closing = std::make_shared<Options>();
  add_fund(close, closing);
  close->add_option("--through", closing->through, "Last day of the period")->required()->check(check_date);
  close->callback([closing, access, &context] {
    const model::FundId fund = fund_of(*closing);
    const Stamp stamp = stamp_of(*access, context, {model::Role::kMaker}, "close the books");
    pool_of(*access).transact([&](db::Transaction& transaction) {
      close_books(transaction, fund, *time::Date::parse(closing->through), stamp);
    });
    print_periods(*closing, *access, context);
  });

  runtime::Command* reopen = books.add_subcommand(
      "reopen",
      "Ask for closed days to be opened (--from, --reason), or approve what somebody else asked for");
  const auto opening = std::make_shared<Options>();
  add_fund(reopen, opening);
  auto* const from =
      reopen->add_option("--from", opening->from, "Open this day and what follows")->check(check_date);
  auto* const reason = reopen->add_option("--reason", opening->reason, "Why");
  auto* const approve = reopen->add_option("--approve", opening->approve, "Number of the reopening")
                            ->check(runtime::in_range(1, 1'000'000));
  from->excludes(approve)->needs(reason);
  reason->needs(from);
  reopen->callback([opening, access, &context] {
    if (opening->from.empty() && opening->approve == 0)
      runtime::refuse_usage("books reopen", "needs --from and --reason, or --approve");
    const model::FundId fund = fund_of(*opening);
    const bool is_approval = opening->approve != 0;
    const Stamp stamp =
        stamp_of(*access, context, {is_approval ? model::Role::kApprover : model::Role::kMaker},
                 is_approval ? "approve a reopening" : "ask for a reopening");
    pool_of(*access).transact([&](db::Transaction& transaction) {
      if (is_approval)
        approve_reopening(transaction, fund, opening->approve, stamp);
      else
        ask_reopening(transaction, fund, *time::Date::parse(opening->from), opening->reason, stamp);
    });
    print_periods(*opening, *access, context);
  });

  runtime::Command* periods =
      books.add_subcommand("periods", "Through which day the books are closed, and every reopening");
  const auto shown = std::make_shared<Options>();
  add_fund(periods, shown);
  periods->callback([shown, access, &context] { print_periods(*shown, *access, context); });
}

}  // namespace

void add_books_control_commands(runtime::Command& books, CommandContext& context, const Access& access) {
  add_lots(books, context, access);
  add_journal(books, context, access);
  add_rollforward(books, context, access);
  add_identify(books, context, access);
  add_reverse(books, context, access);
  add_periods(books, context, access);
}

}  // namespace navkeeper::nav
