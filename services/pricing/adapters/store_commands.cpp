#include "services/pricing/adapters/store_commands.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/json/write.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/runtime/toml_reader.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/csv.h"
#include "services/pricing/adapters/index_file.h"
#include "services/pricing/adapters/rate_json.h"
#include "services/pricing/adapters/rate_store.h"
#include "services/pricing/adapters/real_time_file.h"
#include "services/pricing/adapters/real_time_store.h"
#include "services/pricing/adapters/stored_json.h"
#include "services/pricing/adapters/trade_file.h"
#include "services/pricing/adapters/trade_store.h"
#include "services/pricing/adapters/venue_files.h"

namespace navkeeper::pricing {
namespace {

using Connect = std::function<Dependencies()>;

db::Pool& pool_of(const Connect& connect) {
  if (!connect) base::refuse("", "there is no database here: this command needs one");
  return *connect().pool;
}

/// Who acts, authenticated; only an operator changes what pricing stores.
std::string operator_of(const Connect& connect) {
  if (!connect) base::refuse("", "there is no database here: this command needs one");
  const model::Actor actor = connect().actor();
  model::require_role(actor, model::Role::kOperator, "change what pricing stores");
  return actor.id.value();
}

struct DefineOptions {
  std::vector<std::string> paths;
  bool json = false;
};

void define(const DefineOptions& options, runtime::CommandContext& context, const Connect& connect) {
  SqlRateStore store(pool_of(connect));
  json::Writer writer;
  writer.begin_object().key("indices").begin_array();
  std::vector<std::vector<std::string>> table{{"index", "version", "effective from", ""}};
  const std::string actor = operator_of(connect);
  std::vector<runtime::TomlDocument> documents;
  for (const std::string& path : options.paths) {
    documents.push_back(base::value_or_refuse(runtime::TomlDocument::load(path)));
    const std::string text(documents.back().text());
    if (is_real_time_file(text)) {
      static_cast<void>(base::value_or_refuse(parse_real_time_file(text, path)));
    } else {
      static_cast<void>(base::value_or_refuse(parse_index(text, path)));
    }
  }
  for (std::size_t i = 0; i < options.paths.size(); ++i) {
    const std::string& path = options.paths[i];
    const runtime::TomlDocument& document = documents[i];
    const auto tell = [&](const std::string& index, int version, time::Date first, bool is_new) {
      writer.begin_object().member("index", std::string_view(index));
      writer.member("version", std::int64_t{version}).member("is_new", is_new).end_object();
      table.push_back({index, std::to_string(version), first.to_string(), is_new ? "defined" : "unchanged"});
    };
    if (is_real_time_file(document.text())) {
      const auto defined =
          SqlRealTimeStore(pool_of(connect)).define(document.text(), path, context.clock.now(), actor);
      tell(defined.file.file.id.value(), defined.file.version,
           defined.file.file.versions.periods().front().first, defined.is_new);
    } else {
      const auto defined = store.define(document.text(), path, context.clock.now(), actor);
      tell(defined.definition.index.id, defined.definition.version, first_day_of(defined.definition.index),
           defined.is_new);
    }
  }
  context.out << (options.json ? writer.end_array().end_object().take() + "\n" : aligned(table));
}

struct ImportOptions {
  std::vector<std::string> paths;
  std::string format = "csv";
  std::string venue;
  std::string pair;
  bool json = false;
};

class NoSink final : public TradeSink {
 public:
  void row(const TradeRow&) override {}
  void reject(RowPlace, std::string_view) override {}
};

void read_through(const ImportOptions& options, const std::string& path) {
  const TradeFile file(path);
  NoSink nowhere;
  read_venue_file(*parse_trade_format(options.format),
                  {file.text(), path, 0, options.venue, house_pair(options.pair)}, nowhere);
}

ImportReport import_file(const ImportOptions& options, const std::string& path, ImportStore& store,
                         const runtime::CommandContext& context, const std::string& actor) {
  const TradeFormat format = *parse_trade_format(options.format);
  const TradeFile file(path);
  const ImportFile known{path, options.format, options.venue, house_pair(options.pair),
                         crypto::sha256_hex(file.raw())};
  return import_trades(store, context.clock, known, actor, [&](TradeSink& sink) {
    read_venue_file(format, {file.text(), path, 0, options.venue, house_pair(options.pair)}, sink);
  });
}

void import(const ImportOptions& options, runtime::CommandContext& context, const Connect& connect) {
  const bool raw = options.format != "csv";
  if (raw && (options.venue.empty() || options.pair.empty())) {
    runtime::refuse_usage("--format " + options.format, "needs --venue and --pair");
  }
  if (!raw && !(options.venue.empty() && options.pair.empty())) {
    runtime::refuse_usage("--venue, --pair", "are for raw formats: each row of a csv file says its own");
  }
  const std::string actor = operator_of(connect);
  SqlImportStore store(pool_of(connect));
  // A file that cannot be read refuses them all, before anything of another is stored.
  if (options.paths.size() > 1) {
    for (const std::string& path : options.paths) read_through(options, path);
  }
  std::vector<ImportReport> reports;
  for (const std::string& path : options.paths)
    reports.push_back(import_file(options, path, store, context, actor));

  if (options.json) {
    json::Writer writer;
    writer.begin_object().key("files").begin_array();
    for (const ImportReport& report : reports) write_import(writer, report);
    context.out << writer.end_array().end_object().take() << "\n";
    return;
  }
  std::vector<std::vector<std::string>> table{
      {"file", "rows", "new trades", "contradicting", "rejected", ""}};
  for (const ImportReport& report : reports) {
    table.push_back({report.file.name, std::to_string(report.rows), std::to_string(report.trades_new),
                     std::to_string(report.trades_contradicting), std::to_string(report.rejected.count()),
                     report.already_imported ? "imported before, nothing changed" : ""});
  }
  context.out << aligned(table);
  for (const ImportReport& report : reports) {
    if (report.trades_contradicting > 0 && !report.already_imported)
      context.out << "    " << report.file.name << ": " << report.trades_contradicting
                  << " rows have the id of a stored trade and other content: a rate refuses every trade of "
                     "such an id\n";
    for (const RejectedRow& row : report.rejected.first()) {
      context.out << "    " << report.file.name << ":" << row.place.line << ": " << row.reason << "\n";
    }
  }
}

struct RateOptions {
  std::string index;
  std::string date;
  bool json = false;
};

std::vector<std::string> table_row(const StoredRate& rate) {
  return {rate.index,  rate.date.to_string(),        rate.value.value_or("-"),
          rate.status, std::to_string(rate.version), rate.known_at.to_string()};
}

const std::vector<std::string> kRateHeader{"index", "date", "value", "status", "version", "known at"};

/// Nothing of a first strike; of a later one why there is another version.
std::string what_became(const StoredRate& rate) {
  if (rate.version == 1) return "";
  return "  " + rate.cause + ": version " + std::to_string(rate.version) + " stands beside version " +
         std::to_string(rate.version - 1) + ", whose inputs were others\n";
}

void strike(const RateOptions& options, runtime::CommandContext& context, const Connect& connect) {
  SqlRateStore store(pool_of(connect));
  const auto saved = base::value_or_refuse(strike_rate(
      store, context.clock, options.index, *time::Date::parse(options.date), operator_of(connect)));
  if (options.json) {
    json::Writer writer;
    writer.begin_object().member("is_new", saved.is_new).key("rate");
    write_rate(writer, saved.rate, true);
    context.out << writer.end_object().take() << "\n";
  } else {
    context.out << aligned({kRateHeader, table_row(saved.rate)})
                << (saved.is_new ? what_became(saved.rate)
                                 : "  the same inputs gave this rate before: nothing changed\n");
  }
  if (saved.rate.status == "failed") context.exit_code = runtime::ExitCode::kRefused;
}

void restate(const RateOptions& options, runtime::CommandContext& context, const Connect& connect) {
  SqlRateStore store(pool_of(connect));
  const auto saved =
      base::value_or_refuse(strike_rate(store, context.clock, options.index, *time::Date::parse(options.date),
                                        operator_of(connect), RestatementRule{}));
  const std::string why = saved.is_new                 ? saved.rate.cause
                          : saved.kept_because.empty() ? "the same inputs"
                                                       : saved.kept_because;
  if (options.json) {
    json::Writer writer;
    writer.begin_object().member("is_new", saved.is_new).member("reason", std::string_view(why)).key("rate");
    write_rate(writer, saved.rate, true);
    context.out << writer.end_object().take() << "\n";
    return;
  }
  context.out << aligned({kRateHeader, table_row(saved.rate)})
              << (saved.is_new ? "  " : "  nothing changed: ") << why << "\n";
}

/// Every rate of an index, in pages, so that no answer of the store is without bound.
std::vector<StoredRate> all_rates(RateStore& store, RateQuery query) {
  constexpr int kPage = 1000;
  query.count_max = kPage;
  std::vector<StoredRate> all;
  for (;;) {
    auto page = store.find(query);
    all.insert(all.end(), page.begin(), page.end());
    if (page.size() < static_cast<std::size_t>(kPage)) return all;
    query.after = page.back().date;
  }
}

void show(const RateOptions& options, runtime::CommandContext& context, const Connect& connect) {
  SqlRateStore store(pool_of(connect));
  std::vector<std::string> indices;
  for (const StoredDefinition& definition : store.definitions()) {
    if (options.index.empty() || options.index == definition.index.id) indices.push_back(definition.index.id);
  }
  if (!options.index.empty() && indices.empty()) base::refuse("index", options.index + " is not known");
  std::vector<StoredRate> rates;
  for (const std::string& index : indices) {
    RateQuery query;
    query.index = index;
    if (!options.date.empty()) query.from = query.to = time::Date::parse(options.date);
    const auto found = all_rates(store, query);
    rates.insert(rates.end(), found.begin(), found.end());
  }
  if (rates.empty() && !options.date.empty()) {
    base::refuse(options.index.empty() ? "rates" : options.index, "there is no rate of " + options.date);
  }
  const bool one = !options.index.empty() && !options.date.empty();
  if (options.json) {
    json::Writer writer;
    if (one) {
      write_rate(writer, rates.front(), true);
    } else {
      writer.begin_object().key("rates").begin_array();
      for (const StoredRate& rate : rates) write_rate(writer, rate, false);
      writer.end_array().end_object();
    }
    context.out << writer.take() << "\n";
    return;
  }
  std::vector<std::vector<std::string>> table{kRateHeader};
  for (const StoredRate& rate : rates) table.push_back(table_row(rate));
  context.out << aligned(table);
  if (one)
    context.out << "  inputs    " << rates.front().input_hash_hex << "\n  evidence  "
                << rates.front().document << "\n";
}

}  // namespace

void add_store_commands(runtime::Command& rates, runtime::CommandContext& context, Connect connect) {
  const auto define_options = std::make_shared<DefineOptions>();
  auto* const define_command =
      rates.add_subcommand("define", "Store reviewed index files: the newest counts");
  define_command->add_option("files", define_options->paths, "Index files (TOML)")
      ->required()
      ->option_text("FILE ...");
  define_command->add_flag("--json", define_options->json, "Answer as one JSON object");
  define_command->callback([=, &context] { define(*define_options, context, connect); });

  const auto import_options = std::make_shared<ImportOptions>();
  auto* const import_command = rates.add_subcommand(
      "import", "Files of trades into the store; the same file, or the same trade, again changes nothing");
  import_command->add_option("files", import_options->paths, "Files, plain or gzip")
      ->required()
      ->option_text("FILE ...");
  import_command
      ->add_option(
          "--format", import_options->format,
          "csv (time,venue,pair,price,size[,id]), coinbase_csv, kraken_rest, kraken_csv or bitstamp_csv")
      ->check([](const std::string& text) {
        return parse_trade_format(text) ? "" : shown(text) + " is not a format of trade files";
      })
      ->option_text("FORMAT");
  import_command->add_option("--venue", import_options->venue, "The venue of a raw file")
      ->check([](const std::string& text) {
        return model::VenueId::parse(text).has_value()
                   ? ""
                   : shown(text) + " is not a name of letters, digits, '.', '_' and '-'";
      })
      ->option_text("VENUE");
  import_command->add_option("--pair", import_options->pair, "The pair of a raw file, BTC/USD")
      ->check([](const std::string& text) {
        const bool has_small = std::ranges::any_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
        return !has_small && model::PairId::parse(house_pair(text)).has_value()
                   ? ""
                   : shown(text) + " is not BASE/QUOTE in capital letters";
      })
      ->option_text("BASE/QUOTE");
  import_command->add_flag("--json", import_options->json, "Answer as one JSON object");
  import_command->callback([=, &context] { import(*import_options, context, connect); });

  const auto strike_options = std::make_shared<RateOptions>();
  auto* const strike_command = rates.add_subcommand(
      "strike", "The rate of an index on a date from the stored trades, stored with its evidence");
  strike_command->add_option("index", strike_options->index, "The index")->required()->option_text("INDEX");
  strike_command->add_option("--date", strike_options->date, "The day of the strike")
      ->required()
      ->check(runtime::check_date)
      ->option_text("YYYY-MM-DD");
  strike_command->add_flag("--json", strike_options->json, "Answer as one JSON object");
  strike_command->callback([=, &context] { strike(*strike_options, context, connect); });

  const auto restate_options = std::make_shared<RateOptions>();
  auto* const restate_command = rates.add_subcommand("restate",
                                                     "Computes a rate again, late trades included: a new "
                                                     "version only before the end of its own day and only "
                                                     "when it moves by more than 10 basis points");
  restate_command->add_option("index", restate_options->index, "The index")->required()->option_text("INDEX");
  restate_command->add_option("--date", restate_options->date, "The day of the strike")
      ->required()
      ->check(runtime::check_date)
      ->option_text("YYYY-MM-DD");
  restate_command->add_flag("--json", restate_options->json, "Answer as one JSON object");
  restate_command->callback([=, &context] { restate(*restate_options, context, connect); });

  const auto show_options = std::make_shared<RateOptions>();
  auto* const show_command =
      rates.add_subcommand("show", "Stored rates: all, of an index, or one with its evidence");
  show_command->add_option("index", show_options->index, "The index")->option_text("INDEX");
  show_command->add_option("--date", show_options->date, "The day of the strike")
      ->check(runtime::check_date)
      ->option_text("YYYY-MM-DD");
  show_command->add_flag("--json", show_options->json, "Answer as one JSON object");
  show_command->callback([=, &context] { show(*show_options, context, connect); });
}

}  // namespace navkeeper::pricing
