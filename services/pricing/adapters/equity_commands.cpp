#include "services/pricing/adapters/equity_commands.h"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/runtime/toml_reader.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/csv.h"
#include "services/pricing/adapters/equity_json.h"
#include "services/pricing/adapters/rate_json.h"
#include "services/pricing/adapters/trade_file.h"

namespace navkeeper::pricing {
namespace {

using Connect = std::function<Dependencies()>;
using Table = std::vector<std::vector<std::string>>;

db::Pool& pool_of(const Connect& connect) {
  if (!connect) base::refuse("", "there is no database here: this command needs one");
  return *connect().pool;
}

std::string operator_of(const Connect& connect) {
  if (!connect) base::refuse("", "there is no database here: this command needs one");
  const model::Actor actor = connect().actor();
  model::require_role(actor, model::Role::kOperator, "change what pricing stores");
  return actor.id.value();
}

std::string check_date(const std::string& text) {
  return time::Date::parse(text) ? "" : shown(text) + " is not a date YYYY-MM-DD";
}
std::string check_instant(const std::string& text) {
  return time::parse_rfc3339(text) ? "" : shown(text) + " is not a time like 2026-03-10T16:00:00Z";
}
std::string check_clock(const std::string& text) {
  const auto clock = parse_clock(text);
  return clock ? "" : shown(text) + " is not nyse_close or midnight:ZONE";
}
std::string check_adjustment(const std::string& text) {
  return parse_adjustment(text) ? "" : shown(text) + " is not none, splits or splits_and_dividends";
}

/// What --format promises and what the header says.
bool is_of_format(const std::string& format, EquityFileShape shape) {
  if (format == "auto" || format == describe(shape)) return true;
  return format == "stooq" && (shape == EquityFileShape::kOhlcv || shape == EquityFileShape::kStooqBulk);
}

struct ImportOptions {
  std::vector<std::string> paths;
  std::string format = "auto";
  std::string clock;
  std::string adjustment = "none";
  std::string source;
  std::string symbol;
  bool json = false;
};

EquityImport how_of(const ImportOptions& options, time::Instant now) {
  EquityImport how{base::value_or_refuse(parse_clock(options.clock)), *parse_adjustment(options.adjustment),
                   options.source, std::nullopt, now};
  if (!options.symbol.empty()) how.symbol = runtime::named<model::AssetId>(options.symbol, "--symbol");
  return how;
}

void import(const ImportOptions& options, runtime::CommandContext& context, const Connect& connect) {
  const EquityImport how = how_of(options, context.clock.now());
  const std::string actor = operator_of(connect);
  SqlEquityStore store(pool_of(connect));
  json::Writer writer;
  writer.begin_object().key("files").begin_array();
  Table table{{"file", "format", "symbols", "closes", "new", "rejected", ""}};
  std::string rejected;
  for (const std::string& path : options.paths) {
    const TradeFile raw(path);
    const EquityFile file = base::value_or_refuse(read_equity_closes(raw.text(), path, how));
    if (!is_of_format(options.format, file.shape))
      base::refuse(path, "is of the format " + std::string(describe(file.shape)) + ", not " + options.format);
    const auto report =
        store.import(file, how, path, crypto::sha256_hex(raw.raw()), context.clock.now(), actor);
    write_import(writer, report);
    table.push_back({path, report.shape, std::to_string(report.symbols), std::to_string(report.closes),
                     std::to_string(report.closes_new), std::to_string(report.rejected),
                     report.already_imported ? "imported before, nothing changed" : ""});
    for (const RejectedClose& row : report.first_rejected)
      rejected += "    " + path + ":" + std::to_string(row.line) + ": " + row.reason + "\n";
    if (static_cast<std::size_t>(report.rejected) > report.first_rejected.size())
      rejected += "    and " +
                  std::to_string(static_cast<std::size_t>(report.rejected) - report.first_rejected.size()) +
                  " more\n";
  }
  context.out << (options.json ? writer.end_array().end_object().take() + "\n" : aligned(table) + rejected);
}

struct ActionOptions {
  std::string path;
  bool json = false;
};

void actions(const ActionOptions& options, runtime::CommandContext& context, const Connect& connect) {
  SqlEquityStore store(pool_of(connect));
  int added = 0;
  if (!options.path.empty()) {
    const auto document = base::value_or_refuse(runtime::TomlDocument::load(options.path));
    const auto read = base::value_or_refuse(parse_actions(document.text(), options.path));
    added = store.add_actions(read, context.clock.now(), operator_of(connect));
  }
  const auto all = store.actions(time::Instant::latest());
  if (options.json) {
    json::Writer writer;
    writer.begin_object().member("added", std::int64_t{added}).key("actions").begin_array();
    for (const StoredAction& stored : all) write_action(writer, stored);
    context.out << writer.end_array().end_object().take() << "\n";
    return;
  }
  Table table{{"kind", "symbol", "date", "", "version", "source"}};
  for (const StoredAction& stored : all) {
    const ActionColumns columns = columns_of(stored.action);
    const std::string what = columns.kind == "split" ? std::to_string(columns.new_shares) + " for " +
                                                           std::to_string(columns.old_shares)
                             : columns.kind == "ticker_change" ? "now " + columns.to_symbol
                                                               : "another share";
    table.push_back({columns.kind, columns.symbol, columns.date.to_string(),
                     stored.withdrawn ? what + " (withdrawn)" : what, std::to_string(stored.version),
                     stored.source});
  }
  context.out << aligned(table);
  if (!options.path.empty()) context.out << "  " << added << " added\n";
}

struct ShowOptions {
  std::vector<std::string> symbols;
  std::string source;
  std::string clock;
  std::string adjustment;
  std::string from;
  std::string to;
  std::string as_of;
  std::string known_at;
  bool json = false;
};

SeriesChoice choice_of(const ShowOptions& options, const std::string& symbol) {
  SeriesChoice choice{symbol, options.source, std::nullopt, std::nullopt};
  if (!options.clock.empty()) choice.clock = parse_clock(options.clock).value();
  if (!options.adjustment.empty()) choice.adjustment = parse_adjustment(options.adjustment);
  return choice;
}

SeriesRange range_of(const ShowOptions& options) {
  SeriesRange range;
  if (!options.from.empty()) range.from = time::Date::parse(options.from);
  if (!options.to.empty()) range.to = time::Date::parse(options.to);
  if (!options.as_of.empty()) range.as_of = *time::parse_rfc3339(options.as_of);
  if (!options.known_at.empty()) range.known_at = *time::parse_rfc3339(options.known_at);
  return range;
}

void list(const ShowOptions& options, runtime::CommandContext& context, SqlEquityStore& store) {
  json::Writer writer;
  writer.begin_object().key("series").begin_array();
  Table table{{"symbol", "source", "clock", "adjustment", "first", "last", "closes"}};
  for (const SeriesSummary& summary : store.list(range_of(options).known_at)) {
    write_summary(writer, summary);
    table.push_back({summary.symbol, summary.source, summary.clock, summary.adjustment,
                     summary.first.to_string(), summary.last.to_string(), std::to_string(summary.closes)});
  }
  context.out << (options.json ? writer.end_array().end_object().take() + "\n" : aligned(table));
}

void show_one(const ShowOptions& options, runtime::CommandContext& context, SqlEquityStore& store) {
  const CloseSeries series = store.series(choice_of(options, options.symbols.front()), range_of(options));
  if (options.json) {
    json::Writer writer;
    writer.begin_object();
    write_series(writer, series);
    context.out << writer.end_object().take() << "\n";
    return;
  }
  Table table{{"date", series.symbol.value(), "snapped at"}};
  for (const ClosePrice& close : series.closes)
    table.push_back({close.date.to_string(), close.value.to_string(), close.snapped_at.to_string()});
  context.out << aligned(table) << "  " << series.provenance.source << ", " << series.clock.to_string()
              << ", " << describe(series.adjustment) << "; last file " << series.provenance.file << " "
              << series.provenance.sha256 << "\n";
}

void show(const ShowOptions& options, runtime::CommandContext& context, const Connect& connect) {
  SqlEquityStore store(pool_of(connect));
  if (options.symbols.empty()) return list(options, context, store);
  if (options.symbols.size() == 1) return show_one(options, context, store);
  std::vector<SeriesChoice> choices;
  for (const std::string& symbol : options.symbols) choices.push_back(choice_of(options, symbol));
  const auto closes = store.aligned(choices, range_of(options));
  if (options.json) {
    json::Writer writer;
    writer.begin_object();
    write_aligned(writer, options.symbols, closes);
    context.out << writer.end_object().take() << "\n";
    return;
  }
  Table table{{"date"}};
  for (const std::string& symbol : options.symbols) table.front().push_back(symbol);
  table.front().emplace_back("snapped at");
  for (const AlignedCloses& row : closes) {
    table.push_back({row.date.to_string()});
    for (const money::Decimal& value : row.values) table.back().push_back(value.to_string());
    table.back().push_back(row.snapped_at.to_string());
  }
  context.out << aligned(table);
}

void history(const ShowOptions& options, runtime::CommandContext& context, const Connect& connect) {
  SqlEquityStore store(pool_of(connect));
  const auto stretches = store.history(choice_of(options, options.symbols.front()), range_of(options));
  if (options.json) {
    json::Writer writer;
    writer.begin_object().member("symbol", std::string_view(options.symbols.front()));
    write_history(writer, stretches);
    context.out << writer.end_object().take() << "\n";
    return;
  }
  Table table{{"date", "ticker", "value", "stretch"}};
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    for (const ComparableClose& close : stretches[i])
      table.push_back(
          {close.date.to_string(), close.symbol.value(), history_value(close.value), std::to_string(i + 1)});
  }
  context.out << aligned(table);
}

struct CoinOptions {
  std::string pair;
  std::string venue;
  std::string from;
  std::string to;
  std::string known_at;
  std::int64_t age_max_s = 300;
  bool json = false;
};

void coins(const CoinOptions& options, runtime::CommandContext& context, const Connect& connect) {
  SqlEquityStore store(pool_of(connect));
  const auto closes = store.coin_closes(
      options.pair, options.venue, *time::Date::parse(options.from), *time::Date::parse(options.to),
      time::Duration::seconds(options.age_max_s),
      options.known_at.empty() ? time::Instant::latest() : *time::parse_rfc3339(options.known_at));
  if (options.json) {
    json::Writer writer;
    writer.begin_object();
    write_coin_closes(writer, options.pair, closes);
    context.out << writer.end_object().take() << "\n";
    return;
  }
  Table table{{"date", options.pair, "snapped at", "from"}};
  for (const CoinClose& close : closes)
    table.push_back({close.date.to_string(), close.value ? close.value->to_string() : "-",
                     close.snapped_at.to_string(), close.from});
  context.out << aligned(table);
}

void add_choice(runtime::Command& command, const std::shared_ptr<ShowOptions>& options) {
  command.add_option("--source", options->source, "Only this publisher's closes")->option_text("TEXT");
  command.add_option("--clock", options->clock, "Only closes of this clock")
      ->check(check_clock)
      ->option_text("CLOCK");
  command.add_option("--adjustment", options->adjustment, "none, splits or splits_and_dividends")
      ->check(check_adjustment)
      ->option_text("WORD");
  command.add_option("--from", options->from, "The first date")->check(check_date)->option_text("YYYY-MM-DD");
  command.add_option("--to", options->to, "The last date")->check(check_date)->option_text("YYYY-MM-DD");
  command.add_option("--as-of", options->as_of, "Leaves out what was snapped later")
      ->check(check_instant)
      ->option_text("TIME");
  command.add_option("--known-at", options->known_at, "As it was known then")
      ->check(check_instant)
      ->option_text("TIME");
  command.add_flag("--json", options->json, "Answer as one JSON object");
}

void add_import(runtime::Command& equities, runtime::CommandContext& context, const Connect& connect) {
  const auto options = std::make_shared<ImportOptions>();
  auto* const command = equities.add_subcommand(
      "import",
      "Files of daily closes into the store. What a file does not say about itself is said here:\n"
      "whose clock its days end by, what its prices are adjusted for, and who published it.");
  command->add_option("files", options->paths, "Files, plain or gzip")->required()->option_text("FILE ...");
  command->add_option("--format", options->format, "What the header must be; default: whatever it is")
      ->check(runtime::one_of({"auto", "wide", "yahoo", "stooq", "ohlcv", "stooq_bulk", "close"}))
      ->option_text("auto|wide|yahoo|stooq|close");
  command
      ->add_option("--clock", options->clock,
                   "nyse_close, or midnight:ZONE: when the day's close was taken (midnight:UTC)")
      ->required()
      ->check(check_clock)
      ->option_text("CLOCK");
  command
      ->add_option("--adjustment", options->adjustment,
                   "none (as traded), splits or splits_and_dividends (Yahoo's Adj Close)")
      ->check(check_adjustment)
      ->option_text("WORD");
  command->add_option("--source", options->source, "Who published it")->required()->option_text("TEXT");
  command->add_option("--symbol", options->symbol, "Of a file of one symbol")->option_text("SYMBOL");
  command->add_flag("--json", options->json, "Answer as one JSON object");
  command->callback([=, &context] { import(*options, context, connect); });
}

}  // namespace

void add_equity_commands(runtime::Command& root, runtime::CommandContext& context, Connect connect) {
  auto* const equities =
      root.add_subcommand("equities", "Closes of shares, and of coins at the shares' close: import, show");
  equities->require_subcommand(1);
  add_import(*equities, context, connect);

  const auto action_options = std::make_shared<ActionOptions>();
  auto* const actions_command = equities->add_subcommand(
      "actions",
      "Splits, ticker changes and re-listings: those that are known, after adding a reviewed file's");
  actions_command->add_option("file", action_options->path, "A file like config/equities/actions.toml")
      ->option_text("FILE");
  actions_command->add_flag("--json", action_options->json, "Answer as one JSON object");
  actions_command->callback([=, &context] { actions(*action_options, context, connect); });

  const auto show_options = std::make_shared<ShowOptions>();
  auto* const show_command = equities->add_subcommand(
      "show", "The stored series; the closes of one symbol; or several side by side, of one clock only");
  show_command->add_option("symbols", show_options->symbols, "Symbols")->option_text("SYMBOL ...");
  add_choice(*show_command, show_options);
  show_command->callback([=, &context] { show(*show_options, context, connect); });

  const auto history_options = std::make_shared<ShowOptions>();
  auto* const history_command = equities->add_subcommand(
      "history", "One security through its corporate actions, in stretches within which prices compare");
  history_command->add_option("symbol", history_options->symbols, "The ticker of today")
      ->required()
      ->expected(1)
      ->option_text("SYMBOL");
  add_choice(*history_command, history_options);
  history_command->callback([=, &context] { history(*history_options, context, connect); });

  const auto coin_options = std::make_shared<CoinOptions>();
  auto* const coins_command = equities->add_subcommand(
      "coins",
      "A coin at the instant at which the shares closed: the rate struck at it, else the last trade");
  coins_command->add_option("pair", coin_options->pair, "BASE/QUOTE")->required()->option_text("PAIR");
  coins_command->add_option("--from", coin_options->from, "The first date")
      ->required()
      ->check(check_date)
      ->option_text("YYYY-MM-DD");
  coins_command->add_option("--to", coin_options->to, "The last date")
      ->required()
      ->check(check_date)
      ->option_text("YYYY-MM-DD");
  coins_command->add_option("--venue", coin_options->venue, "Whose last trade counts where there is no rate")
      ->option_text("VENUE");
  coins_command->add_option("--age-max-s", coin_options->age_max_s, "How old that trade may be; default 300")
      ->check(runtime::in_range(1, 86'400))
      ->option_text("SECONDS");
  coins_command->add_option("--known-at", coin_options->known_at, "As it was known then")
      ->check(check_instant)
      ->option_text("TIME");
  coins_command->add_flag("--json", coin_options->json, "Answer as one JSON object");
  coins_command->callback([=, &context] { coins(*coin_options, context, connect); });
}

}  // namespace navkeeper::pricing
