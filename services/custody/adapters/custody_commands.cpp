#include "services/custody/adapters/custody_commands.h"

#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/runtime/table.h"
#include "services/custody/adapters/balance_json.h"
#include "services/custody/adapters/custody_store.h"

namespace navkeeper::custody {
namespace {

using runtime::Align;
using runtime::Table;
using Connect = std::function<Dependencies()>;

constexpr int kRowsShown = 20;

struct ShowWords {
  std::string fund;
  std::string source;
  std::string records;
  std::string from;
  std::string as_of;
  std::string known_at;
  bool json = false;
};

Dependencies connected(const Connect& connect) {
  if (!connect) base::refuse("custody", "this program was built without a database");
  return connect();
}

model::FundId fund_named(const std::string& name) {
  auto fund = model::FundId::parse(name);
  if (fund.has_error()) throw base::Refused(fund.error().within("FUND"));
  return *std::move(fund);
}

time::Instant instant_or(const std::string& text, time::Instant otherwise) {
  return text.empty() ? otherwise : *time::parse_rfc3339(text);
}

CustodyQuery query_of(const ShowWords& words) {
  CustodyQuery query;
  query.source = words.source;
  query.as_of = instant_or(words.as_of, query.as_of);
  query.known_at = instant_or(words.known_at, query.known_at);
  return query;
}

std::string amount(const std::optional<money::Decimal>& value) { return value ? value->to_string() : ""; }

void show_balances(std::ostream& out, PostgresCustodyStore& store, const model::FundId& fund,
                   const CustodyQuery& query) {
  Table table({{"source"},
               {"account"},
               {"asset"},
               {"owned", Align::kRight},
               {"total", Align::kRight},
               {"available", Align::kRight},
               {"staked", Align::kRight},
               {"activating", Align::kRight},
               {"unbonding", Align::kRight},
               {"pending", Align::kRight},
               {"certainty"},
               {"as of"}});
  for (const StoredBalance& stored : store.balances(fund, query)) {
    const Balance& b = stored.balance;
    const auto whole = owned(b);
    table.row({b.place.source, b.place.account, b.asset.value(), whole ? whole->to_string() : "unsure",
               amount(b.total), amount(b.available), amount(b.staked), amount(b.activating),
               amount(b.unbonding), amount(b.rewards_pending),
               b.certainty ? std::string(describe(*b.certainty)) : "", b.as_of.to_string()});
  }
  out << table.to_string();
  const auto alarms = store.alarms(fund, query, kRowsShown);
  if (!alarms.empty()) {
    Table list({{"since"}, {"source"}, {"alarm"}, {"about"}, {"detail"}});
    for (const StoredAlarm& stored : alarms)
      list.row({stored.known_at.to_string(), stored.source, stored.alarm.kind, stored.alarm.subject,
                stored.alarm.detail});
    out << "\n" << list.to_string();
  }
  const auto runs = store.runs(fund, query, kRowsShown);
  if (runs.empty()) return;
  Table list({{"asked"}, {"source"}, {"outcome"}, {"detail"}});
  for (const SyncRun& run : runs)
    list.row({run.started_at.to_string(), run.source, std::string(describe(run.outcome)), run.detail});
  out << "\n" << list.to_string();
}

void show_balances_json(std::ostream& out, PostgresCustodyStore& store, const model::FundId& fund,
                        const CustodyQuery& query) {
  json::Writer writer;
  writer.begin_object().key("balances").begin_array();
  for (const StoredBalance& stored : store.balances(fund, query)) write_balance(writer, stored);
  writer.end_array().key("alarms").begin_array();
  for (const StoredAlarm& alarm : store.alarms(fund, query, kRowsShown)) write_alarm(writer, alarm);
  writer.end_array().key("syncs").begin_array();
  for (const SyncRun& run : store.runs(fund, query, kRowsShown)) write_run(writer, run);
  out << writer.end_array().end_object().take() << '\n';
}

void show_records(std::ostream& out, PostgresCustodyStore& store, const model::FundId& fund,
                  const ShowWords& words) {
  const CustodyQuery query = query_of(words);
  const RecordKind kind = *parse_record_kind(words.records);
  const time::Instant from = instant_or(words.from, time::Instant::earliest());
  const std::vector<std::string> sources =
      query.source.empty() ? store.sources(fund) : std::vector{query.source};
  Table table({{"at"}, {"source"}, {"key"}, {"asset"}, {"amount", Align::kRight}, {"status"}, {"standing"}});
  json::Writer writer;
  writer.begin_object().key("records").begin_array();
  for (const std::string& source : sources) {
    for (const RecordState& state : store.records(fund, source, kind, from, query)) {
      write_record(writer, state);
      const Record& record = state.record;
      table.row({record.at.to_string(), source, record.key, record.asset,
                 amount(record.amount) + (state.count > 1 ? " x" + std::to_string(state.count) : ""),
                 record.status, std::string(describe(state.standing))});
    }
  }
  writer.end_array().end_object();
  out << (words.json ? writer.take() + "\n" : table.to_string());
}

}  // namespace

void add_show_command(runtime::Command& custody, runtime::CommandContext& context, const Connect& connect) {
  runtime::Command* command = custody.add_subcommand(
      "show", "Balances of a fund by place and asset, alarms, when each source was asked");
  command->footer(
      "owned: every coin once, staked ones too; \"unsure\" where the source does not say how its amounts "
      "lie\n"
      "in one another. certainty: of a chain what its nodes together show (custody chain show --help).\nWith "
      "--records KIND its history: transfer, ledger_line, reward, stake, activity,\n"
      "validator, network, terms, wallet; a record that a later complete answer leaves out is "
      "\"vanished\".\n\n"
      "  navkeeper custody show BTCETH\n"
      "  navkeeper custody show BTCETH --records transfer --as-of 2026-03-10T21:00:00Z");
  auto words = std::make_shared<ShowWords>();
  command->add_option("FUND", words->fund, "The fund")->required();
  command->add_option("--source", words->source, "One custodian or chain alone");
  command->add_option("--records", words->records, "A kind of record instead of balances")
      ->check([](const std::string& text) {
        return parse_record_kind(text) ? std::string() : "there is no kind of record '" + text + "'";
      });
  command->add_option("--from", words->from, "Records from this instant on")->check(runtime::check_instant);
  command->add_option("--as-of", words->as_of, "Facts about later instants do not count")
      ->check(runtime::check_instant);
  command->add_option("--known-at", words->known_at, "Facts learned later do not count")
      ->check(runtime::check_instant);
  command->add_flag("--json", words->json, "One JSON object on standard output");
  command->callback([words, connect, &context] {
    PostgresCustodyStore store(*connected(connect).pool);
    const model::FundId fund = fund_named(words->fund);
    if (!words->records.empty()) return show_records(context.out, store, fund, *words);
    words->json ? show_balances_json(context.out, store, fund, query_of(*words))
                : show_balances(context.out, store, fund, query_of(*words));
  });
}

}  // namespace navkeeper::custody
