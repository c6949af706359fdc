#include "services/pricing/adapters/equity_json.h"

#include "common/base/refuse.h"
#include "common/runtime/toml_reader.h"

namespace navkeeper::pricing {
namespace {

using runtime::TomlReader;

constexpr int kHistoryDecimals = 12;
constexpr std::int64_t kSharesMax = 1'000'000;

model::AssetId read_symbol(TomlReader& table, std::string_view key) {
  const auto place = table.value(key);
  const auto symbol = model::AssetId::parse(place.string());
  if (!symbol) place.refuse(symbol.error().rule);
  return *symbol;
}

CorporateAction read_what(TomlReader& table, std::string_view kind) {
  const time::Date date = table.date("date");
  if (kind == "split") {
    const auto symbol = read_symbol(table, "symbol");
    const auto new_shares = table.integer("new_shares", 1, kSharesMax);
    return ShareSplit{symbol, date, new_shares, table.integer("old_shares", 1, kSharesMax)};
  }
  if (kind == "ticker_change") {
    const auto from = read_symbol(table, "from");
    return TickerChange{from, read_symbol(table, "to"), date};
  }
  return Relisting{read_symbol(table, "symbol"), date};
}

StoredAction read_action(TomlReader& table, std::string_view kind) {
  StoredAction stored{read_what(table, kind), 0, false, table.string("source"), {}};
  if (stored.source.empty()) table.refuse("source", "must not be empty");
  stored.withdrawn = table.optional_boolean("withdrawn").value_or(false);
  table.finish();
  return stored;
}

}  // namespace

std::string rejected_json(const std::vector<RejectedClose>& rejected) {
  json::Writer writer;
  writer.begin_array();
  for (const RejectedClose& row : rejected) {
    writer.begin_object().member("line", static_cast<std::int64_t>(row.line));
    writer.member("reason", std::string_view(row.reason)).end_object();
  }
  return writer.end_array().take();
}

ActionColumns columns_of(const CorporateAction& action) {
  if (const auto* const split = std::get_if<ShareSplit>(&action))
    return {"split", split->symbol.value(), split->date, "", split->new_shares, split->old_shares};
  if (const auto* const change = std::get_if<TickerChange>(&action))
    return {"ticker_change", change->from.value(), change->date, change->to.value(), 0, 0};
  const auto& relisting = std::get<Relisting>(action);
  return {"relisting", relisting.symbol.value(), relisting.date, "", 0, 0};
}

base::Checked<std::vector<StoredAction>> parse_actions(std::string_view toml, const std::string& file) {
  const auto document = runtime::TomlDocument::parse(toml, file);
  if (document.has_error()) return document.error();
  return base::checked([&] {
    TomlReader root = document->root();
    std::vector<StoredAction> actions;
    for (const std::string_view kind : {"split", "ticker_change", "relisting"}) {
      for (TomlReader& table : root.optional_tables(kind)) actions.push_back(read_action(table, kind));
    }
    root.finish();
    if (actions.empty()) base::refuse(file, "has no [[split]], [[ticker_change]] or [[relisting]]");
    return actions;
  });
}

void write_import(json::Writer& writer, const EquityImportReport& report) {
  writer.begin_object().member("file", std::string_view(report.file));
  writer.member("format", std::string_view(report.shape)).member("symbols", report.symbols);
  writer.member("closes", report.closes).member("closes_new", report.closes_new);
  writer.member("already_imported", report.already_imported).member("rejected", report.rejected);
  writer.key("first_rejected").begin_array();
  for (const RejectedClose& row : report.first_rejected) {
    writer.begin_object().member("line", static_cast<std::int64_t>(row.line));
    writer.member("reason", std::string_view(row.reason)).end_object();
  }
  writer.end_array().end_object();
}

void write_summary(json::Writer& writer, const SeriesSummary& summary) {
  writer.begin_object().member("symbol", std::string_view(summary.symbol));
  writer.member("source", std::string_view(summary.source)).member("clock", std::string_view(summary.clock));
  writer.member("adjustment", std::string_view(summary.adjustment));
  writer.member("first", std::string_view(summary.first.to_string()));
  writer.member("last", std::string_view(summary.last.to_string()));
  writer.member("closes", summary.closes).end_object();
}

void write_series(json::Writer& writer, const CloseSeries& series) {
  writer.member("symbol", std::string_view(series.symbol.value()));
  writer.member("source", std::string_view(series.provenance.source));
  writer.member("clock", std::string_view(series.clock.to_string()));
  writer.member("adjustment", describe(series.adjustment));
  writer.member("file", std::string_view(series.provenance.file));
  writer.member("sha256", std::string_view(series.provenance.sha256));
  writer.key("closes").begin_array();
  for (const ClosePrice& close : series.closes) {
    writer.begin_object()
        .member("date", std::string_view(close.date.to_string()))
        .member("value", close.value);
    writer.member("snapped_at", std::string_view(close.snapped_at.to_string()));
    writer.member("line", static_cast<std::int64_t>(close.line)).end_object();
  }
  writer.end_array();
}

void write_aligned(json::Writer& writer, const std::vector<std::string>& symbols,
                   const std::vector<AlignedCloses>& closes) {
  writer.key("symbols").begin_array();
  for (const std::string& symbol : symbols) writer.string(symbol);
  writer.end_array().key("closes").begin_array();
  for (const AlignedCloses& row : closes) {
    writer.begin_object().member("date", std::string_view(row.date.to_string()));
    writer.member("snapped_at", std::string_view(row.snapped_at.to_string())).key("values").begin_array();
    for (const money::Decimal& value : row.values) writer.decimal(value);
    writer.end_array().end_object();
  }
  writer.end_array();
}

std::string history_value(const money::Rational& value) {
  return value.rounded(kHistoryDecimals, money::Rounding::kHalfEven).to_string();
}

void write_history(json::Writer& writer, const std::vector<Stretch>& stretches) {
  writer.key("stretches").begin_array();
  for (const Stretch& stretch : stretches) {
    writer.begin_array();
    for (const ComparableClose& close : stretch) {
      writer.begin_object().member("date", std::string_view(close.date.to_string()));
      writer.member("symbol", std::string_view(close.symbol.value()));
      writer.member("value", std::string_view(history_value(close.value)));
      writer.member("snapped_at", std::string_view(close.snapped_at.to_string())).end_object();
    }
    writer.end_array();
  }
  writer.end_array();
}

void write_action(json::Writer& writer, const StoredAction& stored) {
  const ActionColumns columns = columns_of(stored.action);
  writer.begin_object().member("kind", std::string_view(columns.kind));
  writer.member("symbol", std::string_view(columns.symbol));
  writer.member("date", std::string_view(columns.date.to_string()));
  if (columns.kind == "ticker_change") writer.member("to", std::string_view(columns.to_symbol));
  if (columns.kind == "split")
    writer.member("new_shares", columns.new_shares).member("old_shares", columns.old_shares);
  writer.member("source", std::string_view(stored.source)).member("withdrawn", stored.withdrawn);
  writer.member("version", std::int64_t{stored.version}).end_object();
}

void write_coin_closes(json::Writer& writer, const std::string& pair, const std::vector<CoinClose>& closes) {
  writer.member("pair", std::string_view(pair)).key("closes").begin_array();
  for (const CoinClose& close : closes) {
    writer.begin_object().member("date", std::string_view(close.date.to_string()));
    writer.member("snapped_at", std::string_view(close.snapped_at.to_string())).key("value");
    if (close.value) {
      writer.decimal(*close.value);
    } else {
      writer.null();
    }
    writer.member("from", std::string_view(close.from)).end_object();
  }
  writer.end_array();
}

base::Checked<SnapClock> parse_clock(std::string text) {
  constexpr std::string_view kColon = "midnight:";
  if (text.starts_with(kColon)) text[kColon.size() - 1] = ' ';
  return SnapClock::parse(text);
}

}  // namespace navkeeper::pricing
