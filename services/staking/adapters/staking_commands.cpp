#include "services/staking/adapters/staking_commands.h"

#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/runtime/table.h"
#include "services/staking/adapters/staking_json.h"
#include "services/staking/adapters/staking_store.h"
#include "services/staking/adapters/validator_set_json.h"

namespace navkeeper::staking {
namespace {

using runtime::Align;
using runtime::Table;
using Connect = std::function<Dependencies()>;

constexpr int kRowsShown = 20;

struct Words {
  std::string fund;
  std::string source;
  std::string place;
  std::string from;
  std::string as_of;
  std::string known_at;
  bool json = false;
};

time::Instant instant_or(const std::string& text, time::Instant otherwise) {
  return text.empty() ? otherwise : *time::parse_rfc3339(text);
}

StakingQuery query_of(const Words& words) {
  StakingQuery query;
  query.source = words.source;
  query.place = words.place;
  query.from = instant_or(words.from, query.from);
  query.as_of = instant_or(words.as_of, query.as_of);
  query.known_at = instant_or(words.known_at, query.known_at);
  return query;
}

/// What is asked of readings: whose, by which source, as they were when.
void add_reading_options(runtime::Command& command, const std::shared_ptr<Words>& words) {
  command.add_option("FUND", words->fund, "The fund")->required();
  command.add_option("--source", words->source, "One source alone");
  command.add_option("--as-of", words->as_of, "Facts about later instants do not count")
      ->check(runtime::check_instant);
  command.add_option("--known-at", words->known_at, "Facts learned later do not count")
      ->check(runtime::check_instant);
  command.add_flag("--json", words->json, "One JSON object on standard output");
}

void add_query_options(runtime::Command& command, const std::shared_ptr<Words>& words) {
  add_reading_options(command, words);
  command.add_option("--place", words->place, "One validator, delegation, account or token alone");
  command.add_option("--from", words->from, "What happened after this instant")
      ->check(runtime::check_instant);
}

void show_table(std::ostream& out, PostgresStakingStore& store, const model::FundId& fund,
                const StakingQuery& query) {
  Table positions({{"chain"},
                   {"source"},
                   {"place"},
                   {"state"},
                   {"amount", Align::kRight},
                   {"asset"},
                   {"due"},
                   {"on chain"},
                   {"height", Align::kRight},
                   {"as of"}});
  for (const StoredReading& stored : store.readings(fund, query)) {
    const PositionReading& reading = stored.reading;
    for (const Position& one : reading.positions)
      positions.row({std::string(describe(reading.chain)), reading.source,
                     one.key.place + (one.part.empty() ? "" : " " + one.part),
                     std::string(describe(one.state)), one.amount.to_string(), one.key.asset.value(),
                     one.due_at ? one.due_at->to_string() : "", one.verifiable ? "yes" : "no",
                     std::to_string(reading.mark.height), reading.mark.at.to_string()});
  }
  out << positions.to_string();
  const auto alerts = store.alerts(fund, query, kRowsShown);
  if (!alerts.empty()) {
    Table list({{"since"}, {"source"}, {"alert"}, {"about"}, {"detail"}});
    for (const StoredAlert& stored : alerts)
      list.row({stored.known_at.to_string(), stored.alert.source, stored.alert.kind, stored.alert.subject,
                stored.alert.detail});
    out << "\n" << list.to_string();
  }
  const auto runs = store.runs(fund, query, kRowsShown);
  if (runs.empty()) return;
  Table list({{"asked"}, {"source"}, {"outcome"}, {"detail"}});
  for (const SyncRun& run : runs)
    list.row({run.started_at.to_string(), run.source, std::string(describe(run.outcome)), run.detail});
  out << "\n" << list.to_string();
}

void show_json(std::ostream& out, PostgresStakingStore& store, const model::FundId& fund,
               const StakingQuery& query) {
  json::Writer writer;
  writer.begin_object().key("readings").begin_array();
  for (const StoredReading& stored : store.readings(fund, query)) write_reading(writer, stored);
  writer.end_array().key("alerts").begin_array();
  for (const StoredAlert& alert : store.alerts(fund, query, kRowsShown)) write_alert(writer, alert);
  writer.end_array().key("syncs").begin_array();
  for (const SyncRun& run : store.runs(fund, query, kRowsShown)) write_run(writer, run);
  out << writer.end_array().end_object().take() << '\n';
}

void print_roll_forwards(std::ostream& out, const std::vector<StoredRollForward>& found, bool as_json) {
  if (as_json) {
    json::Writer writer;
    writer.begin_object().key("roll_forwards").begin_array();
    for (const StoredRollForward& stored : found) write_roll_forward(writer, stored);
    out << writer.end_array().end_object().take() << '\n';
    return;
  }
  Table table({{"place"},
               {"account"},
               {"heights"},
               {"line"},
               {"amount", Align::kRight},
               {"asset"},
               {"dollars", Align::kRight},
               {"difference", Align::kRight}});
  for (const StoredRollForward& stored : found) {
    const RollForward& one = stored.roll_forward;
    const std::string account(describe(one.account));
    const std::string asset = one.key.asset.value();
    const auto dollars = stored.price ? std::optional(in_dollars(one, stored.price->price)) : std::nullopt;
    const auto cents = [&](const money::Decimal& amount) {
      return dollars ? amount.to_fixed(2) : std::string("no price");
    };
    table.row({one.key.place, account,
               std::to_string(one.from.height) + " to " + std::to_string(one.to.height), "opening",
               one.opening.to_string(), asset, cents(dollars ? dollars->opening : money::Decimal{}), ""});
    for (std::size_t i = 0; i < one.lines.size(); ++i) {
      const RollForwardLine& line = one.lines[i];
      const std::string sign = effect(line.kind, one.account) > 0 ? "" : "-";
      table.row({"", "", "", std::string(describe(line.kind)), sign + line.amount.to_string(), asset,
                 dollars ? sign + cents(dollars->lines[i].amount) : "", ""});
    }
    if (dollars && !dollars->rounding.is_zero())
      table.row({"", "", "", "rounding", "", "", cents(dollars->rounding), ""});
    table.row({"", "", "", "closing", one.closing.to_string(), asset,
               cents(dollars ? dollars->closing : money::Decimal{}), one.difference().to_string()});
  }
  out << table.to_string();
}

}  // namespace

Dependencies connected(const Connect& connect) {
  if (!connect) base::refuse("staking", "this program was built without a database");
  return connect();
}

void add_show_command(runtime::Command& staking, runtime::CommandContext& context, const Connect& connect) {
  runtime::Command* command = staking.add_subcommand(
      "show", "What a fund has staked where and in which state, alerts, when each source was asked");
  command->footer(
      "The newest final reading of each source. state: in_flight, pending, queued, active, exiting, "
      "unbonding,\n"
      "withdrawable, claimable, liquid, redeeming; contingent amounts may never be paid and are in no "
      "total.\n"
      "\"on chain: no\" marks what only its custodian or issuer can confirm.\n\n"
      "  navkeeper staking show BTCETH\n"
      "  navkeeper staking show BTCETH --as-of 2026-03-10T21:00:00Z");
  auto words = std::make_shared<Words>();
  add_query_options(*command, words);
  command->callback([words, connect, &context] {
    PostgresStakingStore store(*connected(connect).pool);
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    words->json ? show_json(context.out, store, fund, query_of(*words))
                : show_table(context.out, store, fund, query_of(*words));
  });
}

void add_validators_command(runtime::Command& staking, runtime::CommandContext& context,
                            const Connect& connect) {
  runtime::Command* command = staking.add_subcommand(
      "validators", "The chain's validators as each source last read them: what plans choose among");
  command->footer(
      "Read at a final height every six hours by staking sync: tokens, commission, the signed part of the "
      "chain's\n"
      "window, and the slashes since a history that the first reading began ([[staking.cronos]] "
      "history_days).\n\n"
      "  navkeeper staking validators CROYIELD");
  auto words = std::make_shared<Words>();
  add_reading_options(*command, words);
  command->callback([words, connect, &context] {
    PostgresStakingStore store(*connected(connect).pool);
    const auto sets =
        store.validator_sets(runtime::named<model::FundId>(words->fund, "FUND"), query_of(*words));
    context.out << (words->json ? validator_sets_json(sets) + "\n" : validator_sets_table(sets));
  });
}

void add_rollforward_command(runtime::Command& staking, runtime::CommandContext& context,
                             const Connect& connect) {
  runtime::Command* command = staking.add_subcommand(
      "rollforward", "Opening, what went in and out by kind, closing and difference of each account");
  command->footer(
      "An account is the stake, pending, unbonding, claimable or liquid coins of one validator or "
      "delegation,\n"
      "between two states of the chain; each state stands with its height and root. A difference that is "
      "not\n"
      "zero is an exception of its own, and so is a row that does not begin with what the one before left: "
      "exit "
      "code 1. Dollars are at the official price of the first "
      "valuation "
      "at\n"
      "or after the row's end ([[staking.dollars]]), frozen when it was first known.\n\n"
      "  navkeeper staking rollforward BTCETH --from 2026-03-01T00:00:00Z --as-of 2026-03-08T00:00:00Z");
  auto words = std::make_shared<Words>();
  add_query_options(*command, words);
  command->callback([words, connect, &context] {
    PostgresStakingStore store(*connected(connect).pool);
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    const auto found = store.roll_forwards(fund, query_of(*words));
    print_roll_forwards(context.out, found, words->json);
    std::vector<RollForward> rows;
    for (const StoredRollForward& stored : found) {
      rows.push_back(stored.roll_forward);
      if (!stored.roll_forward.is_tied()) context.exit_code = runtime::ExitCode::kRefused;
    }
    for (const RollForward* one : not_continuous(rows)) {
      context.err << one->key.place << " " << describe(one->account) << ": begins with "
                  << one->opening.to_string() << " at height " << one->from.height
                  << ", which the row before did not leave\n";
      context.exit_code = runtime::ExitCode::kRefused;
    }
  });
}

}  // namespace navkeeper::staking
