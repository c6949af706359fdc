// GET /v1/custody/funds/{fund}/balances         the newest of each place and asset, as of and as known at
// GET /v1/custody/funds/{fund}/records/{kind}   what stands of a source's history: transfers, rewards, ...
// GET /v1/custody/funds/{fund}/syncs            when each source was asked and what came of it
// GET /v1/custody/funds/{fund}/alarms           what a person should look at
// GET /v1/custody/funds/{fund}/raw/{sha256}     a raw answer, byte by byte
#include <memory>

#include "common/base/bytes.h"
#include "common/base/refuse.h"
#include "common/http/problem.h"
#include "common/http/router.h"
#include "services/custody/adapters/account_routes.h"
#include "services/custody/adapters/balance_json.h"
#include "services/custody/adapters/custody_store.h"
#include "services/custody/adapters/movements/movement_routes.h"
#include "services/custody/adapters/reconciliation_routes.h"
#include "services/custody/service.h"

namespace navkeeper::custody {
namespace {

using http::Request;
using http::Response;

constexpr int kRowsMax = 1'000;

model::FundId fund_of(const Request& request) {
  auto fund = model::FundId::parse(request.parameter("fund"));
  if (fund.has_error()) throw base::Refused(fund.error().within("fund"));
  return *std::move(fund);
}

time::Instant instant_in(const Request& request, const char* name, time::Instant otherwise) {
  const std::string* const text = request.query_value(name);
  if (text == nullptr) return otherwise;
  const auto instant = time::parse_rfc3339(*text);
  if (!instant) base::refuse(name, "must be an RFC 3339 time");
  return *instant;
}

CustodyQuery query_in(const Request& request) {
  CustodyQuery query;
  if (const auto* const source = request.query_value("source")) query.source = *source;
  query.as_of = instant_in(request, "as_of", query.as_of);
  query.known_at = instant_in(request, "known_at", query.known_at);
  return query;
}

Response balances(PostgresCustodyStore& store, const Request& request) {
  request.refuse_unknown_query({"source", "as_of", "known_at"});
  json::Writer writer;
  writer.begin_object().key("balances").begin_array();
  for (const StoredBalance& stored : store.balances(fund_of(request), query_in(request)))
    write_balance(writer, stored);
  return Response::json(writer.end_array().end_object().take());
}

Response records(PostgresCustodyStore& store, const Request& request) {
  request.refuse_unknown_query({"source", "from", "as_of", "known_at"});
  const auto kind = parse_record_kind(request.parameter("kind"));
  if (!kind) throw http::ProblemError(http::not_found("there is no kind of record of that name"));
  const model::FundId fund = fund_of(request);
  const CustodyQuery query = query_in(request);
  const time::Instant from = instant_in(request, "from", time::Instant::earliest());
  const std::vector<std::string> sources =
      query.source.empty() ? store.sources(fund) : std::vector{query.source};
  json::Writer writer;
  writer.begin_object().key("sources").begin_array();
  for (const std::string& source : sources) {
    writer.begin_object().member("source", source).key("records").begin_array();
    for (const RecordState& state : store.records(fund, source, *kind, from, query))
      write_record(writer, state);
    writer.end_array().end_object();
  }
  return Response::json(writer.end_array().end_object().take());
}

Response syncs(PostgresCustodyStore& store, const Request& request) {
  request.refuse_unknown_query({"source", "as_of", "known_at"});
  json::Writer writer;
  writer.begin_object().key("syncs").begin_array();
  for (const SyncRun& run : store.runs(fund_of(request), query_in(request), kRowsMax)) write_run(writer, run);
  return Response::json(writer.end_array().end_object().take());
}

Response alarms(PostgresCustodyStore& store, const Request& request) {
  request.refuse_unknown_query({"source", "known_at"});
  json::Writer writer;
  writer.begin_object().key("alarms").begin_array();
  for (const StoredAlarm& alarm : store.alarms(fund_of(request), query_in(request), kRowsMax))
    write_alarm(writer, alarm);
  return Response::json(writer.end_array().end_object().take());
}

Response raw(PostgresCustodyStore& store, const Request& request) {
  request.refuse_unknown_query({});
  const auto bytes = base::from_hex(request.parameter("sha256"));
  crypto::Digest256 digest{};
  if (!bytes || bytes->size() != digest.size()) base::refuse("sha256", "must be 64 hexadecimal digits");
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  auto body = store.raw_body(fund_of(request), digest);
  if (!body) throw http::ProblemError(http::not_found("no raw answer has that hash"));
  return {.body = std::move(*body), .content_type = "application/octet-stream"};
}

}  // namespace

void register_routes(http::Router& router, const Dependencies& dependencies, Authenticate authenticate) {
  register_account_routes(router, dependencies, authenticate);
  register_movement_routes(router, dependencies, authenticate);
  const auto store = std::make_shared<PostgresCustodyStore>(*dependencies.pool);
  const auto add = [&](const char* pattern, Response (*answer)(PostgresCustodyStore&, const Request&)) {
    router.get(pattern, [store, answer](const Request& request) { return answer(*store, request); });
  };
  add("/v1/custody/funds/{fund}/balances", balances);
  add("/v1/custody/funds/{fund}/records/{kind}", records);
  add("/v1/custody/funds/{fund}/syncs", syncs);
  add("/v1/custody/funds/{fund}/alarms", alarms);
  add("/v1/custody/funds/{fund}/raw/{sha256}", raw);
  register_reconciliation_routes(router, dependencies, authenticate);
}

}  // namespace navkeeper::custody
