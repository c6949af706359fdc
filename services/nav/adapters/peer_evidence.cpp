#include "services/nav/adapters/peer_evidence.h"

#include <set>

#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"

namespace navkeeper::nav {
namespace {

constexpr std::size_t kSourceBytesMax = 200;

money::Decimal coins(json::ObjectReader& reader, const char* key) {
  const money::Decimal value = reader.decimal(key);
  if (value.is_negative()) base::refuse(reader.path_of(key), "is negative");
  return value;
}

PeerLine read_line(json::ObjectReader reader, PeerKind kind) {
  PeerLine line{base::value_or_refuse(model::AssetId::parse(reader.string("asset")))};
  if (kind == PeerKind::kCustody) {
    line.closing = coins(reader, "quantity");
  } else {
    line.opening = coins(reader, "opening");
    line.added = coins(reader, "added");
    line.rewards = coins(reader, "rewards");
    line.withdrawn = coins(reader, "withdrawn");
    line.penalties = coins(reader, "penalties");
    line.closing = coins(reader, "closing");
  }
  reader.finish();
  return line;
}

}  // namespace

PeerStatement read_peer_statement(std::string_view text) {
  const json::Value value = base::value_or_refuse(json::parse(text));
  json::ObjectReader reader(value);
  PeerStatement statement;
  const auto kind = parse_peer_kind(reader.string("kind"));
  if (!kind) base::refuse("kind", "is neither custody nor staking");
  statement.kind = *kind;
  statement.as_of = reader.date("as_of");
  statement.source = reader.string("source");
  if (statement.source.empty() || statement.source.size() > kSourceBytesMax)
    base::refuse("source", "must have 1 to 200 bytes");
  std::set<model::AssetId> seen;
  for (const json::Place& place : reader.array("positions")) {
    statement.lines.push_back(read_line(json::ObjectReader(place), *kind));
    if (!seen.insert(statement.lines.back().asset).second)
      base::refuse("positions", statement.lines.back().asset.value() + " comes twice");
  }
  reader.finish();
  return statement;
}

std::string canonical_peer_statement(std::string_view text) {
  read_peer_statement(text);
  return json::to_canonical(base::value_or_refuse(json::parse(text)));
}

}  // namespace navkeeper::nav
