#include "services/pricing/adapters/stored_json.h"

#include <limits>

#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/value.h"
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

}  // namespace

void write_rate(json::Writer& writer, const StoredRate& rate, bool evidence) {
  writer.begin_object().member("index", std::string_view(rate.index));
  writer.member("date", std::string_view(rate.date.to_string()))
      .member("version", std::int64_t{rate.version});
  writer.member("cause", std::string_view(rate.cause));
  writer.member("status", std::string_view(rate.status));
  nullable(writer, "value", rate.value);
  nullable(writer, "unrounded", rate.unrounded);
  writer.member("strike", std::string_view(rate.strike.to_string()))
      .member("method", std::string_view(rate.method));
  writer.member("definition_version", std::int64_t{rate.definition_version});
  writer.member("trade_hash", std::string_view(rate.trade_hash_hex));
  writer.member("input_hash", std::string_view(rate.input_hash_hex));
  writer.member("known_at", std::string_view(rate.known_at.to_string()));
  writer.member("actor", std::string_view(rate.actor));
  if (evidence) {
    writer.member("rejected", *json::parse(rate.rejected)).member("document", *json::parse(rate.document));
  }
  writer.end_object();
}

std::string coverage_to_json(const RateCoverage& coverage) {
  json::Writer writer;
  writer.begin_object();
  nullable(writer, "last_trade",
           coverage.last_trade ? std::optional(coverage.last_trade->to_string()) : std::nullopt);
  writer.key("missing_minutes").begin_array();
  for (const time::Instant minute : coverage.coverage.missing_minutes) writer.string(minute.to_string());
  writer.end_array().key("partitions").begin_array();
  for (const std::uint64_t trades : coverage.coverage.partition_trades)
    writer.integer(static_cast<std::int64_t>(trades));
  writer.end_array().key("venues").begin_array();
  for (const std::string& venue : coverage.coverage.venues_counted) writer.string(venue);
  writer.end_array();
  if (const auto& feeds = coverage.coverage.feeds) {
    writer.key("feeds_whole").begin_array();
    for (const std::string& venue : feeds->whole) writer.string(venue);
    writer.end_array().key("feeds_unwhole").begin_array();
    for (const UnwholeFeed& feed : feeds->unwhole) {
      writer.begin_object().member("venue", std::string_view(feed.venue));
      writer.member("why", std::string_view(feed.why)).end_object();
    }
    writer.end_array();
  }
  return writer.end_object().take();
}

RateCoverage coverage_from_json(const std::string& json) {
  const json::Value value = base::value_or_refuse(json::parse(json));
  json::ObjectReader reader(value);
  RateCoverage found;
  if (!reader.is_null("last_trade")) found.last_trade = reader.instant("last_trade");
  for (const json::Place& place : reader.array("missing_minutes"))
    found.coverage.missing_minutes.push_back(json::read_instant(place));
  for (const json::Place& place : reader.array("partitions"))
    found.coverage.partition_trades.push_back(
        static_cast<std::uint64_t>(json::read_integer(place, 0, std::numeric_limits<std::int64_t>::max())));
  for (const json::Place& place : reader.array("venues"))
    found.coverage.venues_counted.push_back(json::read_string(place));
  if (reader.has("feeds_whole")) {  // Rates of an early release do not say.
    FeedsOfWindow& feeds = found.coverage.feeds.emplace();
    for (const json::Place& place : reader.array("feeds_whole"))
      feeds.whole.push_back(json::read_string(place));
    for (const json::Place& place : reader.array("feeds_unwhole")) {
      json::ObjectReader feed(place);
      const std::string venue = feed.string("venue");
      feeds.unwhole.push_back({venue, feed.string("why"), false});
    }
  }
  return found;
}

void write_import(json::Writer& writer, const ImportReport& report) {
  writer.begin_object().member("file", std::string_view(report.file.name));
  writer.member("format", std::string_view(report.file.format))
      .member("sha256", std::string_view(report.file.hash_hex));
  writer.member("already_imported", report.already_imported);
  writer.member("rows", static_cast<std::int64_t>(report.rows));
  writer.member("trades_new", static_cast<std::int64_t>(report.trades_new));
  writer.member("trades_contradicting", static_cast<std::int64_t>(report.trades_contradicting));
  writer.key("rejected");
  write_rejected(writer, report.rejected, {report.file.name});
  writer.end_object();
}

}  // namespace navkeeper::pricing
