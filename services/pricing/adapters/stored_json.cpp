#include "services/pricing/adapters/stored_json.h"

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

void write_import(json::Writer& writer, const ImportReport& report) {
  writer.begin_object().member("file", std::string_view(report.file.name));
  writer.member("format", std::string_view(report.file.format))
      .member("sha256", std::string_view(report.file.hash_hex));
  writer.member("already_imported", report.already_imported);
  writer.member("rows", static_cast<std::int64_t>(report.rows));
  writer.member("trades_new", static_cast<std::int64_t>(report.trades_new));
  writer.key("rejected");
  write_rejected(writer, report.rejected, {report.file.name});
  writer.end_object();
}

}  // namespace navkeeper::pricing
