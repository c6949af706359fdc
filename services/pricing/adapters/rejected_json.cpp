#include "services/pricing/adapters/rejected_json.h"

#include "common/json/reader.h"
#include "common/json/value.h"

namespace navkeeper::pricing {

void write_rejected(json::Writer& writer, const RejectedRows& rejected,
                    const std::vector<std::string>& files) {
  writer.begin_object();
  write_rejected_members(writer, rejected, files);
  writer.end_object();
}

void write_rejected_members(json::Writer& writer, const RejectedRows& rejected,
                            const std::vector<std::string>& files) {
  writer.member("count", static_cast<std::int64_t>(rejected.count()));
  writer.key("first").begin_array();
  for (const RejectedRow& row : rejected.first()) {
    writer.begin_object().member("file", std::string_view(files.at(row.place.file)));
    writer.member("line", static_cast<std::int64_t>(row.place.line));
    writer.member("reason", std::string_view(row.reason)).end_object();
  }
  writer.end_array();
}

std::string to_json(const RejectedRows& rejected, const std::vector<std::string>& files) {
  json::Writer writer;
  write_rejected(writer, rejected, files);
  return writer.take();
}

RejectedRows rejected_from_json(const std::string& text) {
  const json::Value document = json::parse(text).value();
  json::ObjectReader reader(document);
  std::vector<RejectedRow> first;
  for (const json::Place& place : reader.array("first")) {
    json::ObjectReader row(place);
    first.push_back({{0, static_cast<std::uint64_t>(row.integer("line", 0))}, row.string("reason")});
  }
  return RejectedRows::restored(static_cast<std::uint64_t>(reader.integer("count", 0)), std::move(first));
}

}  // namespace navkeeper::pricing
