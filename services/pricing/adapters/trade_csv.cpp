#include "services/pricing/adapters/trade_csv.h"

#include <vector>

#include "common/base/ensure.h"
#include "services/pricing/adapters/csv.h"

namespace navkeeper::pricing {

std::string_view reason_of(std::string_view name, NumberField field) {
  const bool price = name == "price";
  switch (field) {
    case NumberField::kMissing:
      return price ? "price is missing" : "size is missing";
    case NumberField::kMalformed:
      return price ? "price is not a decimal number" : "size is not a decimal number";
    case NumberField::kTooManyDigits:
      return price ? "price has more than 38 digits before or after the point"
                   : "size has more than 38 digits before or after the point";
    case NumberField::kNotPositive:
      return price ? "price is not positive" : "size is not positive";
    case NumberField::kPositive:
      break;
  }
  ENSURE(false);
}

void read_trade_csv(std::string_view text, const std::string& path, std::uint32_t file, TradeSink& sink) {
  CsvReader reader(text);
  const auto columns =
      read_header(reader, {{"time"}, {"venue"}, {"pair"}, {"price"}, {"size"}, {"id", false}}, path);
  const std::size_t width = reader.fields().size();
  const std::size_t time = columns[0];
  const std::size_t venue = columns[1];
  const std::size_t pair = columns[2];
  const std::size_t price = columns[3];
  const std::size_t size = columns[4];
  const std::size_t id = columns[5];

  TimeField time_field;
  money::Decimal wide_price;
  money::Decimal wide_size;
  TradeRow row;
  const auto problem_of = [&](const std::vector<std::string_view>& fields) -> std::string_view {
    if (fields.size() < width) return "row has fewer fields than the header";
    if (fields.size() > width) return "row has more fields than the header";
    if (fields[time].empty()) return "time is missing";
    const auto read = time_field.read(fields[time]);
    if (!read) return "time is not RFC 3339 with at most 9 fraction digits";
    if (fields[venue].empty()) return "venue is missing";
    if (fields[pair].empty()) return "pair is missing";
    const NumberField price_read = read_number(fields[price], row.price, wide_price);
    if (price_read != NumberField::kPositive) return reason_of("price", price_read);
    const NumberField size_read = read_number(fields[size], row.size, wide_size);
    if (size_read != NumberField::kPositive) return reason_of("size", size_read);
    row.time_ns = *read;
    row.far_key = time_field.far_key();
    row.venue = fields[venue];
    row.pair = fields[pair];
    row.id = id == SIZE_MAX ? std::string_view{} : fields[id];
    return {};
  };
  while (reader.next()) {
    row.place = {file, reader.line()};
    const std::string_view problem =
        reader.problem().empty() ? problem_of(reader.fields()) : reader.problem();
    if (problem.empty()) {
      sink.row(row);
    } else {
      sink.reject(row.place, problem);
    }
  }
}

}  // namespace navkeeper::pricing
