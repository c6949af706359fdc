#include "services/pricing/adapters/rate_json.h"

#include <algorithm>
#include <sstream>

#include "common/json/write.h"
#include "services/pricing/adapters/rejected_json.h"

namespace navkeeper::pricing {
namespace {

void nullable(json::Writer& writer, std::string_view key, const std::optional<std::string>& text) {
  writer.key(key);
  if (text) {
    writer.string(*text);
  } else {
    writer.null();
  }
}

template <class Value, class Text>
std::optional<std::string> text_of(const std::optional<Value>& value, Text text) {
  return value ? std::optional<std::string>(text(*value)) : std::nullopt;
}

std::optional<std::string> quote_text(const std::optional<Quote>& quote) {
  return text_of(quote, [](const Quote& value) { return value.to_string(); });
}

std::optional<std::string> deviation_text(const VenueResult& venue) {
  return text_of(venue.deviation, [](const money::Rational& value) { return value.to_quotient_string(); });
}

void write_venues(json::Writer& writer, const ComputedRate& computed) {
  writer.key("venues").begin_array();
  for (std::size_t i = 0; i < computed.rate.venues.size(); ++i) {
    const VenueResult& venue = computed.rate.venues[i];
    writer.begin_object().member("venue", std::string_view(computed.index.venues[i]));
    writer.member("trades", static_cast<std::int64_t>(venue.trades));
    writer.member("volume", std::string_view(exact_string(venue.volume)));
    nullable(writer, "median", quote_text(venue.median));
    nullable(writer, "deviation", deviation_text(venue));
    writer.member("excluded", venue.excluded).end_object();
  }
  writer.end_array();
}

void write_partitions(json::Writer& writer, const ComputedRate& computed) {
  writer.key("partitions").begin_array();
  for (std::size_t i = 0; i < computed.rate.partitions.size(); ++i) {
    const PartitionResult& partition = computed.rate.partitions[i];
    const auto start = computed.window.partition_start(static_cast<std::int64_t>(i));
    writer.begin_object().member("start", std::string_view(start.to_string()));
    writer.member("trades", static_cast<std::int64_t>(partition.trades));
    writer.member("volume", std::string_view(exact_string(partition.volume)));
    nullable(writer, "value", quote_text(partition.value));
    writer.end_object();
  }
  writer.end_array();
}

/// All but the rejected rows, whose places are of no concern to the rate.
void write_answer(json::Writer& writer, const ComputedRate& computed) {
  const Rate& rate = computed.rate;
  writer.member("index", std::string_view(computed.index.id));
  writer.member("pair", std::string_view(computed.index.pair));
  writer.member("date", std::string_view(computed.date.to_string()));
  writer.member("status", describe(rate.status));
  writer.key("window").begin_object();
  writer.member("start", std::string_view(computed.window.start().to_string()));
  writer.member("end", std::string_view(computed.window.end().to_string())).end_object();
  nullable(writer, "value", rate.value);
  nullable(writer, "unrounded",
           text_of(rate.unrounded, [](const money::Rational& value) { return value.to_unrounded_string(); }));
  write_partitions(writer, computed);
  write_venues(writer, computed);
}

}  // namespace

std::string to_json(const ComputedRate& computed, const std::vector<std::string>& files) {
  json::Writer writer;
  writer.begin_object();
  write_answer(writer, computed);
  writer.key("rejected");
  write_rejected(writer, computed.rejected, files);
  writer.member("ignored", static_cast<std::int64_t>(computed.ignored)).end_object();
  return writer.take();
}

std::string to_document(const ComputedRate& computed) {
  json::Writer writer;
  writer.begin_object();
  write_answer(writer, computed);
  writer.key("rejected").begin_object();
  writer.member("count", static_cast<std::int64_t>(computed.rejected.count())).end_object();
  writer.member("ignored", static_cast<std::int64_t>(computed.ignored)).end_object();
  return json::to_canonical(*json::parse(writer.take()));
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      text += "  " + (i == 0 ? row[i] + padding : padding + row[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

std::string to_table(const ComputedRate& computed, const std::vector<std::string>& files) {
  const Rate& rate = computed.rate;
  std::ostringstream text;
  text << computed.index.id << "  " << computed.index.pair << "  " << computed.date.to_string() << "  "
       << describe(rate.status) << "\n  value      " << rate.value.value_or("none") << "\n  unrounded  "
       << (rate.unrounded ? rate.unrounded->to_unrounded_string() : "none") << "\n  window     "
       << computed.window.start().to_string() << " to " << computed.window.end().to_string() << "\n\n";
  std::vector<std::vector<std::string>> rows{{"partition", "trades", "volume", "value"}};
  for (std::size_t i = 0; i < rate.partitions.size(); ++i) {
    const PartitionResult& partition = rate.partitions[i];
    rows.push_back({computed.window.partition_start(static_cast<std::int64_t>(i)).to_string(),
                    std::to_string(partition.trades), exact_string(partition.volume),
                    quote_text(partition.value).value_or("-")});
  }
  text << aligned(rows) << "\n";
  rows = {{"venue", "trades", "volume", "median", "deviation", ""}};
  for (std::size_t i = 0; i < rate.venues.size(); ++i) {
    const VenueResult& venue = rate.venues[i];
    rows.push_back({computed.index.venues[i], std::to_string(venue.trades), exact_string(venue.volume),
                    quote_text(venue.median).value_or("-"), deviation_text(venue).value_or("-"),
                    venue.excluded ? "excluded" : ""});
  }
  text << aligned(rows) << "\n  rejected rows: " << computed.rejected.count()
       << ", trades of other venues: " << computed.ignored << "\n";
  for (const RejectedRow& row : computed.rejected.first()) {
    text << "    " << files.at(row.place.file) << ":" << row.place.line << ": " << row.reason << "\n";
  }
  return text.str();
}

}  // namespace navkeeper::pricing
