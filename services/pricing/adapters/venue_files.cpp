#include "services/pricing/adapters/venue_files.h"

#include <array>
#include <utility>
#include <vector>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/json/value.h"
#include "services/pricing/adapters/csv.h"
#include "services/pricing/adapters/fields.h"
#include "services/pricing/adapters/trade_csv.h"
#include "services/pricing/adapters/venues/catalogue.h"

namespace navkeeper::pricing {
namespace {

constexpr std::array<std::pair<TradeFormat, std::string_view>, 5> kFormats{{
    {TradeFormat::kCsv, "csv"},
    {TradeFormat::kCoinbaseCsv, "coinbase_csv"},
    {TradeFormat::kKrakenRest, "kraken_rest"},
    {TradeFormat::kKrakenCsv, "kraken_csv"},
    {TradeFormat::kBitstampCsv, "bitstamp_csv"},
}};

/// What the formats share: reads price and size, fills the row, passes it on or rejects it.
class RowWriter {
 public:
  RowWriter(const VenueFile& file, TradeSink& sink) : sink_(sink) {
    row_.venue = file.venue;
    row_.pair = file.pair;
    row_.place.file = file.file;
  }

  void reject(std::uint64_t line, std::string_view reason) { sink_.reject({row_.place.file, line}, reason); }

  void write(std::uint64_t line, std::optional<std::int64_t> time_ns, std::string_view price,
             std::string_view size, std::string_view id,
             std::optional<std::int64_t> received_ns = std::nullopt) {
    if (!time_ns) return reject(line, "time is missing or not of this format");
    const NumberField price_read = read_number(price, row_.price, wide_price_);
    if (price_read != NumberField::kPositive) return reject(line, reason_of("price", price_read));
    const NumberField size_read = read_number(size, row_.size, wide_size_);
    if (size_read != NumberField::kPositive) return reject(line, reason_of("size", size_read));
    row_.place.line = line;
    row_.time_ns = *time_ns;
    row_.id = id;
    row_.received_ns = received_ns;
    sink_.row(row_);
  }

 private:
  TradeSink& sink_;
  TradeRow row_;
  money::Decimal wide_price_;
  money::Decimal wide_size_;
};

/// Calls `use` with the wanted fields of each row that has as many fields as the header.
template <class Use>
void each_row(const VenueFile& file, const std::vector<CsvColumn>& columns, RowWriter& writer, Use use) {
  CsvReader reader(file.text);
  const auto positions = read_header(reader, columns, file.path);
  const std::size_t width = reader.fields().size();
  std::vector<std::string_view> wanted(columns.size());
  while (reader.next()) {
    if (!reader.problem().empty()) {
      writer.reject(reader.line(), reader.problem());
    } else if (reader.fields().size() != width) {
      writer.reject(reader.line(), reader.fields().size() < width ? "row has fewer fields than the header"
                                                                  : "row has more fields than the header");
    } else {
      for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = reader.fields()[positions[i]];
      use(reader.line(), wanted);
    }
  }
}

void read_coinbase_csv(const VenueFile& file, RowWriter& writer) {
  TimeField time;
  each_row(file, {{"symbol"}, {"side"}, {"price"}, {"amount"}, {"timestamp"}}, writer,
           [&](std::uint64_t line, const std::vector<std::string_view>& fields) {
             if (!venues::is_symbol_of(fields[0], file.pair))
               return writer.reject(line, "symbol is of another pair");
             auto at = time.read(fields[4]);
             if (time.far_key() != 0) at.reset();
             writer.write(line, at, fields[2], fields[3], {});
           });
}

/// Kraken's files have seven decimals where its stream has six: what the stream has not is cut off, so that a
/// trade that came by feed and by file is one row.
std::optional<std::int64_t> read_kraken_seconds(std::string_view text) {
  constexpr std::int64_t kMicrosecond = 1'000;
  const auto ns = read_epoch_seconds(text);
  if (!ns) return ns;
  return *ns - (*ns % kMicrosecond + kMicrosecond) % kMicrosecond;
}

void read_kraken_csv(const VenueFile& file, RowWriter& writer) {
  each_row(file, {{"time_s"}, {"price"}, {"amount"}, {"side"}, {"ordtype"}, {"trade_id"}}, writer,
           [&](std::uint64_t line, const std::vector<std::string_view>& fields) {
             writer.write(line, read_kraken_seconds(fields[0]), fields[1], fields[2], fields[5]);
           });
}

/// Whole milliseconds since the epoch.
std::optional<std::int64_t> read_epoch_milliseconds(std::string_view text) {
  constexpr std::size_t kFractionDigits = 3;
  if (text.size() <= kFractionDigits || text.find('.') != std::string_view::npos) return std::nullopt;
  const std::size_t whole = text.size() - kFractionDigits;
  return read_epoch_seconds(std::string(text.substr(0, whole)) + "." + std::string(text.substr(whole)));
}

void read_bitstamp_csv(const VenueFile& file, RowWriter& writer) {
  each_row(file, {{"recv_time_ms"}, {"trade_id"}, {"price"}, {"amount"}}, writer,
           [&](std::uint64_t line, const std::vector<std::string_view>& fields) {
             const auto received = read_epoch_milliseconds(fields[0]);
             writer.write(line, received, fields[2], fields[3], fields[1], received);
           });
}

/// The text of a string or the token of a number: nothing passes through binary floating point.
std::string_view token_of(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::kNumber:
      return value.as_number();
    case json::Kind::kString:
      return value.as_string();
    case json::Kind::kNull:
    case json::Kind::kBoolean:
    case json::Kind::kArray:
    case json::Kind::kObject:
      break;
  }
  return {};
}

void read_kraken_rest(const VenueFile& file, RowWriter& writer) {
  const auto document = json::parse(file.text);
  if (document.has_error()) throw base::Refused(document.error().within(file.path));
  const json::Value* const result =
      document->kind() == json::Kind::kObject ? document->find("result") : nullptr;
  if (result == nullptr || result->kind() != json::Kind::kObject) {
    base::refuse(file.path + ": result", "is missing: this is no answer of Kraken's Trades");
  }
  const json::Value* const errors = document->find("error");
  if (errors != nullptr && errors->kind() == json::Kind::kArray && !errors->as_array().empty()) {
    base::refuse(file.path + ": error", "is not empty: the venue answered with an error");
  }
  constexpr std::size_t kPrice = 0;
  constexpr std::size_t kSize = 1;
  constexpr std::size_t kTime = 2;
  constexpr std::size_t kId = 6;  // absent in answers before 2021
  bool found = false;
  for (const json::Member& member : result->as_object()) {
    if (member.key == "last") continue;
    if (!venues::is_symbol_of(member.key, file.pair)) {
      base::refuse(file.path + ": result", shown(member.key) + " is not " + file.pair);
    }
    if (member.value.kind() != json::Kind::kArray) {
      base::refuse(file.path + ": result." + member.key, "is not a list of trades");
    }
    found = true;
    std::uint64_t line = 0;
    for (const json::Value& trade : member.value.as_array()) {
      ++line;
      if (trade.kind() != json::Kind::kArray || trade.as_array().size() <= kTime) {
        writer.reject(line, "trade is not a list of price, size and time");
        continue;
      }
      const json::Array& fields = trade.as_array();
      writer.write(line, read_kraken_seconds(token_of(fields[kTime])), token_of(fields[kPrice]),
                   token_of(fields[kSize]), fields.size() > kId ? token_of(fields[kId]) : std::string_view{});
    }
  }
  if (!found) base::refuse(file.path + ": result", "holds no list of trades");
}

}  // namespace

std::string_view describe(TradeFormat format) {
  for (const auto& [known, word] : kFormats) {
    if (known == format) return word;
  }
  ENSURE(false);
}

std::optional<TradeFormat> parse_trade_format(std::string_view word) {
  for (const auto& [format, known] : kFormats) {
    if (known == word) return format;
  }
  return std::nullopt;
}

void read_venue_file(TradeFormat format, const VenueFile& file, TradeSink& sink) {
  RowWriter writer(file, sink);
  switch (format) {
    case TradeFormat::kCsv:
      return read_trade_csv(file.text, file.path, file.file, sink);
    case TradeFormat::kCoinbaseCsv:
      return read_coinbase_csv(file, writer);
    case TradeFormat::kKrakenRest:
      return read_kraken_rest(file, writer);
    case TradeFormat::kKrakenCsv:
      return read_kraken_csv(file, writer);
    case TradeFormat::kBitstampCsv:
      return read_bitstamp_csv(file, writer);
  }
}

}  // namespace navkeeper::pricing
