// GET  /v1/funds/{fund}/indicative             the newest moment of the session, or why there is no value
// GET  /v1/funds/{fund}/indicative/stream      a websocket with every moment as it is made
// GET  /v1/funds/{fund}/indicative/values      stored moments; from, to, limit
// GET  /v1/funds/{fund}/holdings/pre_open      what forms the basis of the next NAV; date
// GET  /v1/funds/{fund}/statements             financial statements; from, to, known_at
// POST /v1/funds/{fund}/statements/close       {"from","to"}: closes the books with them (maker)
#include "common/http/channel.h"
#include "services/nav/adapters/cash_requests.h"
#include "services/nav/adapters/cash_routes.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/indicative_service.h"
#include "services/nav/adapters/indicative_store.h"
#include "services/nav/adapters/known_fund.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/statements_store.h"

namespace navkeeper::nav {
namespace {

using http::Request;
using http::Response;

constexpr int kCreated = 201;
constexpr int kPageDefault = 100;
constexpr int kPageMax = 2000;
/// A moment counts as missed when no value was stored for it within so many steps.
constexpr int kStepsUntilMissed = 2;

/// Null members where there is nothing.
void write_moment(json::Writer& out, const char* name, const model::FundId& fund,
                  const std::optional<StoredIndicative>& stored) {
  out.key(name);
  if (stored)
    out.value(*json::parse(indicative_json(fund, *stored)));
  else
    out.null();
}

Response indicative_now(Service& service, const IndicativeSettings& settings, const Request& request) {
  request.refuse_unknown_query({});
  const FundDefinition fund = served_fund(service.store(), http::path_fund(request)).definition;
  const time::Instant now = service.dependencies().clock->now();
  const indicative::Slot slot =
      indicative::slot_at(settings.session, fund.calendar(), time::Zone::literal(fund.time_zone), now);
  const auto newest = last_indicative(pool_of(service), fund.id, false);
  const auto value = newest && newest->per_share ? newest : last_indicative(pool_of(service), fund.id, true);
  std::string reason = slot.reason;
  const time::Duration patience = time::Duration::seconds(settings.session.every_seconds) * kStepsUntilMissed;
  const bool is_current = slot.at && newest && now - newest->at <= patience;
  if (slot.at && !newest) reason = "no value of this fund was ever made";
  if (slot.at && newest)
    reason = is_current ? newest->reason : "no value was made since " + newest->at.to_string();
  json::Writer out;
  out.begin_object().member("fund", fund.id.value()).key("value");
  if (is_current && newest->per_share)
    out.decimal(*newest->per_share);
  else
    out.null();
  out.key("at");
  if (is_current)
    out.string(newest->at.to_string());
  else
    out.null();
  out.key("reason");
  if (reason.empty())
    out.null();
  else
    out.string(reason);
  out.key("session").begin_object().member("date", slot.date.to_string()).member("open", slot.at.has_value());
  out.member("every_seconds", settings.session.every_seconds).end_object();
  write_moment(out, "last", fund.id, newest);
  write_moment(out, "last_value", fund.id, value);
  return Response::json(out.end_object().take());
}

Response stream(Service& service, IndicativeBoard& board, const Request& request) {
  request.refuse_unknown_query({});
  const model::FundId fund = served_fund(service.store(), http::path_fund(request)).definition.id;
  Response response;
  if (const auto newest = last_indicative(pool_of(service), fund, false))
    response.body = indicative_json(fund, *newest);
  response.channel = board.channel(fund);
  return response;
}

Response values(Service& service, const Request& request) {
  request.refuse_unknown_query({"from", "to", "limit"});
  const model::FundId fund = served_fund(service.store(), http::path_fund(request)).definition.id;
  const auto from = http::query_instant(request, "from").value_or(time::Instant::earliest());
  const auto to = http::query_instant(request, "to").value_or(time::Instant::latest());
  const int limit =
      static_cast<int>(http::query_integer(request, "limit", 1, kPageMax).value_or(kPageDefault));
  const auto found = indicative_values(pool_of(service), fund, from, to, limit + 1);
  json::Writer out;
  out.begin_object().member("fund", fund.value()).key("values").begin_array();
  const std::size_t count = std::min(found.size(), static_cast<std::size_t>(limit));
  for (std::size_t i = 0; i < count; ++i) out.value(*json::parse(indicative_json(fund, found[i])));
  out.end_array().key("next_from");
  if (found.size() > count)
    out.string(found[count].at.to_string());
  else
    out.null();
  return Response::json(out.end_object().take());
}

Response pre_open(Service& service, const Request& request) {
  request.refuse_unknown_query({"date"});
  const FundDefinition fund = served_fund(service.store(), http::path_fund(request)).definition;
  const time::Date today = local_day(fund.time_zone, service.dependencies().clock->now());
  const time::Date date = http::query_date(request, "date").value_or(fund.calendar().on_or_after(today));
  return Response::json(pre_open_holdings_json(pool_of(service), service.store(), fund.id, date));
}

Response show_statements(Service& service, const Request& request) {
  request.refuse_unknown_query({"from", "to", "known_at"});
  const model::FundId fund = served_fund(service.store(), http::path_fund(request)).definition.id;
  const auto from = http::query_date(request, "from");
  const auto to = http::query_date(request, "to");
  if (!from) base::refuse("from", "is missing");
  if (!to) base::refuse("to", "is missing");
  return Response::json(statements_json(
      make_statements(pool_of(service), fund, {*from, *to, http::query_instant(request, "known_at")})));
}

Response close(Service& service, const Request& request, const Authenticate& authenticate) {
  const http::KeyedPost post = http::read_keyed_post(request, authenticate, *service.dependencies().clock);
  const model::FundId fund = http::path_fund(request);
  json::ObjectReader reader(post.body);
  const time::Date from = reader.date("from");
  const time::Date to = reader.date("to");
  reader.finish();
  return http::once_in_transaction(pool_of(service), post, [&](db::Transaction& transaction) {
    const ClosedStatements closed =
        close_with_statements(transaction, fund, from, to, {post.actor, post.now});
    json::Writer out;
    out.begin_object()
        .member("fund", fund.value())
        .member("closed_through", closed.closed_through.to_string());
    return db::StoredAnswer{kCreated, out.member("version", closed.version).end_object().take()};
  });
}

}  // namespace

void register_indicative_routes(http::Router& router, Service& service, IndicativeContext& context,
                                Authenticate authenticate) {
  const auto get = [&](const char* path, Response (*answer)(Service&, const Request&)) {
    router.get(path, [&service, answer](const Request& request) { return answer(service, request); });
  };
  router.get("/v1/funds/{fund}/indicative", [&service, &context](const Request& request) {
    return indicative_now(service, context.settings, request);
  });
  router.get("/v1/funds/{fund}/indicative/stream", [&service, &context](const Request& request) {
    return stream(service, context.board, request);
  });
  get("/v1/funds/{fund}/indicative/values", values);
  get("/v1/funds/{fund}/holdings/pre_open", pre_open);
  get("/v1/funds/{fund}/statements", show_statements);
  router.post("/v1/funds/{fund}/statements/close", [&service, authenticate](const Request& request) {
    return close(service, request, authenticate);
  });
}

}  // namespace navkeeper::nav
