// GET /v1/rates                 the indices
// GET /v1/rates/{index}         the newest rate of each date, oldest first; from, to, cursor, limit, as_of,
//                               known_at
// GET /v1/rates/{index}/{date}  one rate with its whole evidence; as_of, known_at
#include <algorithm>
#include <memory>

#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "common/json/write.h"
#include "services/pricing/adapters/equity_routes.h"
#include "services/pricing/adapters/rate_store.h"
#include "services/pricing/adapters/real_time_routes.h"
#include "services/pricing/adapters/stored_json.h"
#include "services/pricing/service.h"

namespace navkeeper::pricing {
namespace {

using http::Request;
using http::Response;

RateQuery query_of(const Request& request) {
  RateQuery query;
  query.index = request.parameter("index");
  query.as_of = http::query_instant_or_latest(request, "as_of");
  query.known_at = http::query_instant_or_latest(request, "known_at");
  return query;
}

void require_index(SqlRateStore& store, const std::string& index) {
  if (!store.definition(index)) throw http::ProblemError(http::not_found("index " + index + " is not known"));
}

Response list_indices(SqlRateStore& store, const Request& request) {
  request.refuse_unknown_query({});
  json::Writer writer;
  writer.begin_object().key("indices").begin_array();
  for (const StoredDefinition& definition : store.definitions()) {
    writer.begin_object().member("index", std::string_view(definition.index.id));
    writer.member("pair", std::string_view(definition.index.pair));
    writer.member("version", std::int64_t{definition.version});
    writer.member("hash", std::string_view(definition.hash_hex)).end_object();
  }
  return Response::json(writer.end_array().end_object().take());
}

Response list_rates(SqlRateStore& store, const Request& request) {
  request.refuse_unknown_query({"from", "to", "cursor", "limit", "as_of", "known_at"});
  RateQuery query = query_of(request);
  query.from = http::query_date(request, "from");
  query.to = http::query_date(request, "to");
  query.after = http::query_date(request, "cursor");
  const int limit = static_cast<int>(http::query_page_limit(request));
  query.count_max = limit + 1;
  require_index(store, query.index);
  const auto rates = store.find(query);
  const std::size_t shown = std::min(rates.size(), static_cast<std::size_t>(limit));
  json::Writer writer;
  writer.begin_object().key("rates").begin_array();
  for (std::size_t i = 0; i < shown; ++i) write_rate(writer, rates[i], false);
  writer.end_array().key("next_cursor");
  if (rates.size() > shown) {
    writer.string(rates[shown - 1].date.to_string());
  } else {
    writer.null();
  }
  return Response::json(writer.end_object().take());
}

Response show_rate(SqlRateStore& store, const Request& request) {
  request.refuse_unknown_query({"as_of", "known_at"});
  RateQuery query = query_of(request);
  query.from = query.to = http::path_date(request);
  require_index(store, query.index);
  const auto rates = store.find(query);
  if (rates.empty()) {
    throw http::ProblemError(
        http::not_found("there is no rate of " + query.index + " on " + query.from->to_string()));
  }
  json::Writer writer;
  write_rate(writer, rates.front(), true);
  return Response::json(writer.take());
}

}  // namespace

void register_routes(http::Router& router, const Dependencies& dependencies) {
  const auto store = std::make_shared<SqlRateStore>(*dependencies.pool);
  router.get("/v1/rates", [store](const Request& request) { return list_indices(*store, request); });
  router.get("/v1/rates/{index}", [store](const Request& request) { return list_rates(*store, request); });
  router.get("/v1/rates/{index}/{date}",
             [store](const Request& request) { return show_rate(*store, request); });
  register_real_time_routes(router, dependencies);
  register_equity_routes(router, dependencies);
}

}  // namespace navkeeper::pricing
