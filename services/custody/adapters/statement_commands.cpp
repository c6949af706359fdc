#include <memory>
#include <ostream>

#include "common/base/bytes.h"
#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/runtime/table.h"
#include "common/time/clock.h"
#include "services/custody/adapters/account_commands.h"
#include "services/custody/adapters/account_view.h"
#include "services/custody/adapters/custody_store.h"
#include "services/custody/adapters/statements.h"

namespace navkeeper::custody {
namespace {

struct Words {
  std::string fund;
  std::string sha256;
  std::string source;
  std::string account;
  std::string from;
  std::string to;
  std::string known_at;
  bool all_versions = false;
  bool json = false;
};

Dependencies connected(const std::function<Dependencies()>& connect) {
  if (!connect) base::refuse("custody", "this program was built without a database");
  return connect();
}

std::optional<time::Date> date_of(const std::string& text) {
  return text.empty() ? std::nullopt : time::Date::parse(text);
}

std::string table_of(const std::vector<StoredStatement>& statements) {
  runtime::Table table({{"date"},
                        {"source"},
                        {"account"},
                        {"version", runtime::Align::kRight},
                        {"made"},
                        {"by"},
                        {"SHA-256"}});
  for (const StoredStatement& one : statements)
    table.row({one.date.to_string(), one.source, one.account, std::to_string(one.version),
               one.known_at.to_string(), one.actor, base::to_hex(one.sha256)});
  return table.to_string();
}

void add_make(runtime::Command& statements, runtime::CommandContext& context,
              const std::function<Dependencies()>& connect) {
  auto words = std::make_shared<Words>();
  runtime::Command* make =
      statements.add_subcommand("make", "Writes the daily statements of days that are over; operator");
  make->footer(
      "One for each account and UTC day on which its source told balances: balances at both ends, the "
      "roll-forward\n"
      "between them, every transfer, reward and other record. Written again, what is equal stays; what was\n"
      "corrected since becomes a further version. `serve custody` does it by itself after each day.\n\n"
      "  navkeeper custody statements make BTCETH --from 2026-03-09 --to 2026-03-10 --as operator");
  make->add_option("FUND", words->fund, "The fund")->required();
  make->add_option("--from", words->from, "First day; default: yesterday")->check(runtime::check_date);
  make->add_option("--to", words->to, "Last day; default: yesterday")->check(runtime::check_date);
  make->add_option("--source", words->source, "Of one custodian or chain alone");
  make->add_flag("--json", words->json, "One JSON object on standard output");
  make->callback([words, connect, &context] {
    const Dependencies dependencies = connected(connect);
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    const model::Actor actor = dependencies.actor();
    model::require_role(actor, model::Role::kOperator, "make statements");
    const time::Instant now = dependencies.clock->now();
    const time::Date yesterday = time::utc_date(now) - 1;
    const time::Date to = date_of(words->to).value_or(yesterday);
    const time::Date from = date_of(words->from).value_or(std::min(to, yesterday));
    if (from > to) runtime::refuse_usage("--from", "must not be after --to");
    if (to > yesterday) base::refuse("--to", "that day is not over");
    if (to - from > kStatementDaysMax)
      base::refuse("--from", "more than " + std::to_string(kStatementDaysMax) + " days at once");
    PostgresCustodyStore facts(*dependencies.pool);
    StatementStore store(*dependencies.pool);
    const auto made = make_statements(facts, store, fund, words->source, from, to, now, actor.id.value());
    context.out << (words->json ? statements_json(fund, made) : table_of(made));
  });
}

void add_list(runtime::Command& statements, runtime::CommandContext& context,
              const std::function<Dependencies()>& connect) {
  auto words = std::make_shared<Words>();
  runtime::Command* list = statements.add_subcommand("list", "Statements that are stored, newest versions");
  list->footer("  navkeeper custody statements list BTCETH --from 2026-03-01 --all-versions");
  list->add_option("FUND", words->fund, "The fund")->required();
  list->add_option("--source", words->source, "Of one custodian or chain alone");
  list->add_option("--account", words->account, "Of one account alone");
  list->add_option("--from", words->from, "From this day on")->check(runtime::check_date);
  list->add_option("--to", words->to, "Up to this day")->check(runtime::check_date);
  list->add_option("--known-at", words->known_at, "As it was then")->check(runtime::check_instant);
  list->add_flag("--all-versions", words->all_versions, "Earlier versions too");
  list->add_flag("--json", words->json, "One JSON object on standard output");
  list->callback([words, connect, &context] {
    const Dependencies dependencies = connected(connect);
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    StatementQuery query;
    query.source = words->source;
    query.account = words->account;
    query.from = date_of(words->from);
    query.to = date_of(words->to);
    if (!words->known_at.empty()) query.known_at = *time::parse_rfc3339(words->known_at);
    query.all_versions = words->all_versions;
    const auto found = StatementStore(*dependencies.pool).list(fund, query);
    context.out << (words->json ? statements_json(fund, found) : table_of(found));
  });
}

void add_show(runtime::Command& statements, runtime::CommandContext& context,
              const std::function<Dependencies()>& connect) {
  auto words = std::make_shared<Words>();
  runtime::Command* show = statements.add_subcommand("show", "One statement's document, byte by byte");
  show->footer(
      "The bytes have the SHA-256 that they are asked for by.\n\n"
      "  navkeeper custody statements show BTCETH SHA256");
  show->add_option("FUND", words->fund, "The fund")->required();
  show->add_option("SHA256", words->sha256, "Its hash, as `statements list` shows it")->required();
  show->add_flag("--json", words->json, "Accepted for evenness: the document is one JSON object in any case");
  show->callback([words, connect, &context] {
    const Dependencies dependencies = connected(connect);
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    const auto bytes = base::from_hex(words->sha256);
    crypto::Digest256 digest{};
    if (!bytes || bytes->size() != digest.size())
      runtime::refuse_usage("SHA256", "must be 64 hexadecimal digits");
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    const auto found = StatementStore(*dependencies.pool).find(fund, digest);
    if (!found) base::refuse("SHA256", "no statement has that hash");
    context.out << found->document;
  });
}

}  // namespace

void add_statement_commands(runtime::Command& custody, runtime::CommandContext& context,
                            const std::function<Dependencies()>& connect) {
  runtime::Command* statements =
      custody.add_subcommand("statements", "Daily statements of each account, stored whole");
  statements->require_subcommand(1);
  add_make(*statements, context, connect);
  add_list(*statements, context, connect);
  add_show(*statements, context, connect);
}

}  // namespace navkeeper::custody
