#include "services/custody/adapters/account_commands.h"

#include <filesystem>
#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/runtime/actors.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/config.h"
#include "common/runtime/options.h"
#include "common/runtime/table.h"
#include "services/custody/adapters/account_view.h"
#include "services/custody/adapters/books_client.h"
#include "services/custody/adapters/custody_store.h"

namespace navkeeper::custody {
namespace {

using runtime::Align;
using runtime::Table;

struct Words {
  std::string fund;
  std::string source;
  std::string from;
  std::string to;
  std::string as_of;
  std::string known_at;
  bool books = false;
  bool json = false;
};

Dependencies connected(const std::function<Dependencies()>& connect) {
  if (!connect) base::refuse("custody", "this program was built without a database");
  return connect();
}

time::Instant instant_or(const std::string& text, time::Instant otherwise) {
  return text.empty() ? otherwise : *time::parse_rfc3339(text);
}

TransferPeriod period_of(const Words& words) {
  TransferPeriod period{*time::parse_rfc3339(words.from), *time::parse_rfc3339(words.to),
                        instant_or(words.known_at, time::Instant::latest())};
  if (period.from >= period.to) runtime::refuse_usage("--from", "must be before --to");
  return period;
}

/// Where the configuration says that nav answers, as whoever --as names.
BooksReader books_of(const runtime::CommandContext& context, const Words& words) {
  if (!words.books) return {};
  if (context.config_path.empty())
    runtime::refuse_usage("--books", "needs --config, which says where the nav service answers");
  const runtime::Config config =
      base::value_or_refuse(runtime::load_config(context.config_path, context.home));
  std::string file = config.token_file;
  if (file.empty() && !context.actor_name.empty())
    file = (std::filesystem::path(config.home) / "tokens" / context.actor_name).string();
  return books_over_http(config.endpoint("nav").url, base::value_or_refuse(runtime::read_token(file)));
}

std::string amount(const std::optional<money::Decimal>& value) { return value ? value->to_string() : ""; }

std::string sides(const std::vector<Side>& missing) {
  std::string text;
  for (const Side side : missing) text += (text.empty() ? "" : ", ") + std::string(describe(side));
  return text;
}

std::string accounts_table(const std::vector<AccountRow>& rows) {
  Table table({{"source"},
               {"account"},
               {"asset"},
               {"owned", Align::kRight},
               {"certainty"},
               {"use"},
               {"custodian"},
               {"attested"},
               {"as of"}});
  for (const AccountRow& row : rows) {
    const std::string use = row.own == nullptr ? "" : std::string(describe(row.own->use));
    const std::string custodian = row.own == nullptr ? "" : row.own->custodian;
    const std::string attested =
        row.attestation == nullptr
            ? ""
            : row.attestation->control + " " + time::utc_date(row.attestation->verified_at).to_string();
    if (row.balances.empty())
      table.row({row.source, row.account, "", "not asked yet", "", use, custodian, attested, ""});
    for (const StoredBalance& stored : row.balances) {
      const Balance& balance = stored.balance;
      const auto whole = owned(balance);
      table.row({row.source, row.account, balance.asset.value(), whole ? whole->to_string() : "unsure",
                 balance.certainty ? std::string(describe(*balance.certainty)) : "", use, custodian, attested,
                 balance.as_of.to_string()});
    }
  }
  return table.to_string();
}

/// What is against taking the facts for done: "custodian under_way", "custodian vanished".
std::string not_settled(const MatchedTransfer& transfer) {
  std::string text;
  for (const TransferFact& fact : transfer.facts) {
    const bool stands = fact.standing == Standing::kSure;
    if (stands && fact.progress == Progress::kDone) continue;
    text += (text.empty() ? "" : ", ") + std::string(describe(fact.side)) + " " +
            std::string(stands ? describe(fact.progress) : describe(fact.standing));
  }
  return text;
}

std::string transfers_table(const TransferView& view, const std::vector<OwnAddress>& addresses) {
  Table table({{"first seen"},
               {"asset"},
               {""},
               {"custodian", Align::kRight},
               {"chain", Align::kRight},
               {"books", Align::kRight},
               {"by"},
               {"score", Align::kRight},
               {"amounts"},
               {"missing"},
               {"not settled"}});
  for (const MatchedTransfer& transfer : view.transfers) {
    const TransferFact& first = transfer.facts.front();
    table.row({transfer.first_at().to_string(), first.asset, std::string(describe(first.direction)),
               amount(transfer.amount_of(Side::kCustodian)), amount(transfer.amount_of(Side::kChain)),
               amount(transfer.amount_of(Side::kBooks)), std::string(describe(transfer.by)),
               std::to_string(transfer.score) + (transfer.ambiguous ? " ambiguous" : ""),
               std::string(describe(transfer.amounts)), sides(missing_sides(transfer, view, addresses)),
               not_settled(transfer)});
  }
  std::string text = table.to_string();
  if (!view.books_asked) text += "\nThe books were not asked.\n";
  if (!view.books_failure.empty()) text += "\nThe books' side is missing: " + view.books_failure + "\n";
  return text;
}

std::string rolls_table(const std::vector<AssetRoll>& rolls) {
  Table table({{"source"},
               {"account"},
               {"asset"},
               {"opening", Align::kRight},
               {"in", Align::kRight},
               {"out", Align::kRight},
               {"fees", Align::kRight},
               {"staking", Align::kRight},
               {"closing", Align::kRight},
               {"difference", Align::kRight},
               {"state"},
               {""}});
  for (const AssetRoll& row : rolls) {
    const RollForward& roll = row.roll;
    const auto end = [](const std::optional<RollPoint>& point) {
      return !point ? std::string("none") : point->owned ? point->owned->to_string() : "unsure";
    };
    std::string note = row.transfers_told ? "" : "transfers are not told";
    if (!roll.open.empty())
      note += (note.empty() ? "" : ", ") + std::to_string(roll.open.size()) + " not settled";
    table.row({row.source, row.account, row.asset, end(roll.opening), roll.in.to_string(),
               roll.out.to_string(), roll.fees.to_string(), roll.staking.to_string(), end(roll.closing),
               amount(roll.difference), std::string(state_of(roll)), note});
  }
  return table.to_string();
}

runtime::Command* add(runtime::Command& custody, const char* name, const char* purpose, const char* more,
                      const std::shared_ptr<Words>& words) {
  runtime::Command* command = custody.add_subcommand(name, purpose);
  command->footer(more);
  command->add_option("FUND", words->fund, "The fund")->required();
  command->add_flag("--json", words->json, "One JSON object on standard output");
  command->add_option("--known-at", words->known_at, "Facts learned later do not count")
      ->check(runtime::check_instant);
  return command;
}

void add_period(runtime::Command& command, const std::shared_ptr<Words>& words) {
  command.add_option("--from", words->from, "From this instant")->required()->check(runtime::check_instant);
  command.add_option("--to", words->to, "To this instant")->required()->check(runtime::check_instant);
}

}  // namespace

void add_account_commands(runtime::Command& custody, runtime::CommandContext& context,
                          const std::function<Dependencies()>& connect) {
  auto words = std::make_shared<Words>();
  runtime::Command* accounts =
      add(custody, "accounts", "Places of a fund: what each holds, whose it is, who attested",
          "Accounts that custodians told of and the fund's own addresses ([[custody.addresses]]), with the "
          "use of\n"
          "an address (segregated, omnibus) and its newest attestation.\n\n"
          "  navkeeper --config navkeeper.toml custody accounts BTCETH",
          words);
  accounts->add_option("--as-of", words->as_of, "Balances at this instant")->check(runtime::check_instant);
  accounts->callback([words, connect, &context] {
    const Dependencies dependencies = connected(connect);
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    PostgresCustodyStore store(*dependencies.pool);
    CustodyQuery query;
    query.as_of = instant_or(words->as_of, query.as_of);
    query.known_at = instant_or(words->known_at, query.known_at);
    const auto balances = store.balances(fund, query);
    const auto attestations = dependencies.pool->transact(
        [&](db::Transaction& transaction) { return list_attestations(transaction, fund, ""); });
    const auto rows = account_rows(balances, dependencies.settings->addresses, attestations, fund);
    context.out << (words->json ? accounts_json(fund, rows) : accounts_table(rows));
  });

  words = std::make_shared<Words>();
  runtime::Command* transfers = add(
      custody, "transfers", "Transfers of a fund matched over custodian, chain and books",
      "Matched by the transaction's id (score 100), else by points: address 40, amount 40 (30 with a stated\n"
      "fee), time 20 or less; 45 and more are one transfer. \"ambiguous\": another one had as many points.\n"
      "missing: a side that should know it and does not.\n\n"
      "  navkeeper custody transfers BTCETH --from 2026-03-01T00:00:00Z --to 2026-03-11T00:00:00Z",
      words);
  add_period(*transfers, words);
  transfers->add_flag("--books", words->books,
                      "With the books' side, asked of the nav service that --config names");
  transfers->callback([words, connect, &context] {
    const Dependencies dependencies = connected(connect);
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    const TransferPeriod period = period_of(*words);
    PostgresCustodyStore store(*dependencies.pool);
    const auto& addresses = dependencies.settings->addresses;
    const TransferView view = match_with_books(store, addresses, fund, period, books_of(context, *words));
    context.out << (words->json ? transfers_json(fund, period, view, addresses)
                                : transfers_table(view, addresses));
  });

  words = std::make_shared<Words>();
  runtime::Command* rollforward =
      add(custody, "rollforward", "opening + in - out - fees + staking = closing, by place and asset",
          "Of balances at the ends (the newest at or before each), every coin once, staked ones too. The "
          "difference\n"
          "is shown whatever it is. state: even, differs, or unsure (an end is missing or not sure, or a "
          "transfer\n"
          "in between is not settled).\n\n"
          "  navkeeper custody rollforward BTCETH --from 2026-03-01T00:00:00Z --to 2026-03-11T00:00:00Z",
          words);
  add_period(*rollforward, words);
  rollforward->add_option("--source", words->source, "One custodian or chain alone");
  rollforward->callback([words, connect, &context] {
    const Dependencies dependencies = connected(connect);
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    const TransferPeriod period = period_of(*words);
    PostgresCustodyStore store(*dependencies.pool);
    const auto rolls = load_rolls(store, fund, words->source, period);
    context.out << (words->json ? rolls_json(fund, period, rolls) : rolls_table(rolls));
  });
}

}  // namespace navkeeper::custody
