#include "services/pricing/adapters/equity_files.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "services/pricing/adapters/csv.h"
#include "services/pricing/adapters/trade_file.h"

namespace navkeeper::pricing {
namespace {

constexpr std::size_t kNowhere = SIZE_MAX;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// Where things stand in a row.
struct Layout {
  EquityFileShape shape = EquityFileShape::kWide;
  std::size_t columns = 0;
  std::size_t date = kNowhere;
  std::size_t close = kNowhere;   ///< of a file with one close a row
  std::size_t ticker = kNowhere;  ///< stooq_bulk
  std::size_t period = kNowhere;
  std::vector<std::pair<std::size_t, model::AssetId>> symbols;  ///< wide
};

struct KnownShape {
  EquityFileShape shape;
  std::vector<std::string_view> columns;  ///< in their order
};

const std::vector<KnownShape>& known_shapes() {
  static const std::vector<KnownShape> kShapes{
      {EquityFileShape::kYahoo, {"date", "open", "high", "low", "close", "adj close", "volume"}},
      {EquityFileShape::kOhlcv, {"date", "open", "high", "low", "close", "volume"}},
      {EquityFileShape::kOhlcv, {"date", "open", "high", "low", "close"}},
      {EquityFileShape::kStooqBulk,
       {"<ticker>", "<per>", "<date>", "<time>", "<open>", "<high>", "<low>", "<close>", "<vol>",
        "<openint>"}},
      {EquityFileShape::kClose, {"date", "close", "volume"}},
      {EquityFileShape::kClose, {"date", "close"}},
  };
  return kShapes;
}

std::size_t position_of(const std::vector<std::string>& header, std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? kNowhere : static_cast<std::size_t>(found - header.begin());
}

Layout wide_layout(const std::vector<std::string_view>& names, const std::string& path, std::uint64_t line) {
  const std::string where = path + ":" + std::to_string(line);
  static const std::set<std::string> kNoSymbols{"open", "high", "low", "close", "adj close", "volume"};
  Layout layout;
  layout.columns = names.size();
  if (names.size() < 2 || lower_case(names[0]) != "date")
    base::refuse(where, "the header is of no known shape");
  layout.date = 0;
  std::set<model::AssetId> seen;
  for (std::size_t i = 1; i < names.size(); ++i) {
    const auto symbol = model::AssetId::parse(names[i]);
    if (symbol.has_error() || kNoSymbols.contains(lower_case(names[i])))
      base::refuse(where, "the header is of no known shape: unknown column " + shown(names[i]));
    if (!seen.insert(*symbol).second) base::refuse(where, "column " + shown(names[i]) + " is repeated");
    layout.symbols.emplace_back(i, *symbol);
  }
  return layout;
}

Layout read_layout(CsvReader& reader, const std::string& path, Adjustment adjustment) {
  if (!reader.next()) base::refuse(path, "has no header");
  const std::string where = path + ":" + std::to_string(reader.line());
  if (!reader.problem().empty()) base::refuse(where, std::string(reader.problem()));
  const auto& names = reader.fields();
  if (names.size() > kEquityColumnsMax) base::refuse(where, "too many columns");
  std::vector<std::string> header;
  for (const std::string_view name : names) header.push_back(lower_case(name));
  for (const KnownShape& known : known_shapes()) {
    if (!std::equal(header.begin(), header.end(), known.columns.begin(), known.columns.end())) continue;
    Layout layout;
    layout.shape = known.shape;
    layout.columns = header.size();
    const bool bulk = known.shape == EquityFileShape::kStooqBulk;
    const bool total_return =
        known.shape == EquityFileShape::kYahoo && adjustment == Adjustment::kSplitsAndDividends;
    layout.date = position_of(header, bulk ? "<date>" : "date");
    layout.close = position_of(header, bulk ? "<close>" : total_return ? "adj close" : "close");
    layout.ticker = position_of(header, "<ticker>");
    layout.period = position_of(header, "<per>");
    return layout;
  }
  return wide_layout(names, path, reader.line());
}

void check_import(const Layout& layout, const EquityImport& import, const std::string& path) {
  if (import.source.empty()) base::refuse(path, "a source is required");
  const bool own_symbols =
      layout.shape == EquityFileShape::kWide || layout.shape == EquityFileShape::kStooqBulk;
  if (own_symbols && import.symbol) base::refuse(path, "the file names its symbols itself");
  if (!own_symbols && !import.symbol)
    base::refuse(path, "the file does not name its symbol: one is required");
  if (layout.shape == EquityFileShape::kYahoo && import.adjustment == Adjustment::kNone)
    base::refuse(path, "Yahoo's Close is adjusted for splits, its Adj Close for dividends too");
}

std::optional<time::Date> read_date(std::string_view text, EquityFileShape shape) {
  if (shape != EquityFileShape::kStooqBulk) return time::Date::parse(text);
  if (text.size() != 8) return std::nullopt;
  const std::string dashed = std::string(text.substr(0, 4)) + "-" + std::string(text.substr(4, 2)) + "-" +
                             std::string(text.substr(6));
  return time::Date::parse(dashed);
}

bool no_price(std::string_view text) { return text.empty() || text == "null" || text == "N/D"; }

/// Gathers prices as they stand in the file and decides at its end.
class Gathering {
 public:
  explicit Gathering(const EquityImport& import) : import_(import) {}

  void read_row(const CsvReader& reader, const Layout& layout) {
    const std::uint64_t line = reader.line();
    const auto& fields = reader.fields();
    if (!reader.problem().empty()) return reject(line, std::string(reader.problem()));
    if (fields.size() != layout.columns) {
      return reject(line, "has " + std::to_string(fields.size()) + " fields, the header has " +
                              std::to_string(layout.columns));
    }
    const auto date = read_date(fields[layout.date], layout.shape);
    if (!date) return reject(line, "date " + shown(fields[layout.date]) + " cannot be read");
    if (layout.shape == EquityFileShape::kWide) {
      for (const auto& [column, symbol] : layout.symbols) read_price(line, *date, symbol, fields[column]);
      return;
    }
    if (layout.period != kNowhere && fields[layout.period] != "D")
      return reject(line, "period " + shown(fields[layout.period]) + " is not D");
    const auto symbol = layout.ticker == kNowhere ? base::Checked<model::AssetId>(*import_.symbol)
                                                  : model::AssetId::parse(ticker_of(fields[layout.ticker]));
    if (symbol.has_error()) return reject(line, symbol.error().rule);
    read_price(line, *date, *symbol, fields[layout.close]);
  }

  EquityFile finish(EquityFileShape shape, const PriceProvenance& provenance) {
    EquityFile file;
    file.shape = shape;
    for (const model::AssetId& symbol : order_) {
      CloseSeries series{symbol, import_.clock, import_.adjustment, provenance, decided(symbol)};
      if (!series.closes.empty()) file.series.push_back(std::move(series));
    }
    file.rejected = rejected_;
    file.first_rejected = std::move(first_rejected_);
    return file;
  }

 private:
  static std::string_view ticker_of(std::string_view text) {
    return text.ends_with(".US") ? text.substr(0, text.size() - 3) : text;
  }

  void reject(std::uint64_t line, std::string reason) {
    ++rejected_;
    const auto after = std::upper_bound(first_rejected_.begin(), first_rejected_.end(), line,
                                        [](std::uint64_t l, const RejectedClose& r) { return l < r.line; });
    if (after == first_rejected_.end() && first_rejected_.size() == kRejectedShownMax) return;
    first_rejected_.insert(after, {line, std::move(reason)});
    if (first_rejected_.size() > kRejectedShownMax) first_rejected_.pop_back();
  }

  void read_price(std::uint64_t line, time::Date date, const model::AssetId& symbol, std::string_view text) {
    if (no_price(text)) return;
    const auto price = money::Decimal::parse(text);
    if (price.has_error())
      return reject(line,
                    symbol.value() + ": price " + shown(text) + " " + std::string(describe(price.error())));
    if (!price->is_positive()) return reject(line, symbol.value() + ": price is not positive");
    const auto snapped_at = snap(date);
    if (snapped_at.has_error()) return reject(line, symbol.value() + ": " + snapped_at.error().message());
    if (*snapped_at > import_.now)
      return reject(line, symbol.value() + ": the close of " + date.to_string() + " is snapped at " +
                              snapped_at->to_string() + ", which has not come");
    const auto [found, fresh] = closes_.try_emplace(symbol);
    if (fresh) {
      if (closes_.size() > kEquitySymbolsMax) base::refuse("", "too many symbols");
      order_.push_back(symbol);
    }
    found->second.push_back({date, *price, *snapped_at, line});
  }

  /// Rows of one date, and often whole files of it, stand together.
  const base::Checked<time::Instant>& snap(time::Date date) {
    if (!snapped_ || snapped_->first != date) snapped_.emplace(date, import_.clock.snap(date));
    return snapped_->second;
  }

  /// One close a date: copies that agree are one, copies that do not are none.
  std::vector<ClosePrice> decided(const model::AssetId& symbol) {
    std::vector<ClosePrice>& read = closes_.at(symbol);
    std::stable_sort(read.begin(), read.end(),
                     [](const ClosePrice& a, const ClosePrice& b) { return a.date < b.date; });
    std::vector<ClosePrice> kept;
    for (std::size_t from = 0, to = 0; from < read.size(); from = to) {
      bool agree = true;
      for (to = from; to < read.size() && read[to].date == read[from].date; ++to)
        agree = agree && read[to].value == read[from].value;
      if (agree) {
        kept.push_back(read[from]);
        continue;
      }
      for (std::size_t i = from; i < to; ++i) {
        reject(read[i].line, symbol.value() + ": contradicts another price of " + read[i].date.to_string());
      }
    }
    return kept;
  }

  const EquityImport& import_;
  std::map<model::AssetId, std::vector<ClosePrice>> closes_;
  std::vector<model::AssetId> order_;
  std::optional<std::pair<time::Date, base::Checked<time::Instant>>> snapped_;
  std::uint64_t rejected_ = 0;
  std::vector<RejectedClose> first_rejected_;
};

EquityFile read(std::string_view text, const std::string& path, const EquityImport& import,
                const std::string& sha256) {
  if (text.size() > kEquityBytesMax) base::refuse(path, "the file is too large");
  CsvReader reader(text);
  const Layout layout = read_layout(reader, path, import.adjustment);
  check_import(layout, import, path);
  Gathering gathering(import);
  while (reader.next()) gathering.read_row(reader, layout);
  return gathering.finish(layout.shape, {import.source, path, sha256});
}

}  // namespace

std::string_view describe(EquityFileShape shape) {
  switch (shape) {
    case EquityFileShape::kWide:
      return "wide";
    case EquityFileShape::kYahoo:
      return "yahoo";
    case EquityFileShape::kOhlcv:
      return "ohlcv";
    case EquityFileShape::kStooqBulk:
      return "stooq_bulk";
    case EquityFileShape::kClose:
      return "close";
  }
  ENSURE(false);
}

base::Checked<EquityFile> read_equity_closes(std::string_view text, const std::string& path,
                                             const EquityImport& import) {
  return base::checked([&] { return read(text, path, import, crypto::sha256_hex(text)); });
}

base::Checked<EquityFile> load_equity_closes(const std::string& path, const EquityImport& import) {
  return base::checked([&] {
    const TradeFile file(path);
    return read(file.text(), path, import, crypto::sha256_hex(file.raw()));
  });
}

}  // namespace navkeeper::pricing
