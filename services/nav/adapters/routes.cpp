// GET  /v1/funds, /v1/funds/{fund}               definitions
// GET  /v1/funds/{fund}/navs                     struck NAVs in short; from, to, known_at
// GET  /v1/funds/{fund}/navs/{date}[/explain]    one NAV whole; its proof sheet
// GET  /v1/funds/{fund}/navs/{date}/versions     every version of the day
// GET  /v1/funds/{fund}/valuations/{date}        when the fund is valued on that day, by which act and basis
// GET  /v1/funds/{fund}/nav-errors               the board's reports of NAV errors
// POST /v1/funds/{fund}/nav-errors               {"from","through"}: reports what was wrong, and keeps it
// GET  /v1/funds/{fund}/contingent-navs          marked as such, never published
// POST /v1/funds/{fund}/navs/{date}/strike       {"again"?}: 201 struck, 200 before from the same inputs
// POST .../navs/{date}/approve, .../publish      {"version"?}
// POST .../navs/{date}/override                  {"check", "reason", "version"?}: 200 by the same actor
// before POST .../navs/{date}/restate                   {"reason"}: a version beside what was published A
// POST needs an Idempotency-Key; the key is stored in the transaction of the effect and the same request is
// answered alike ever after.
#include "common/http/keyed_post.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "common/json/reader.h"
#include "services/nav/adapters/books_routes.h"
#include "services/nav/adapters/cash_routes.h"
#include "services/nav/adapters/composition_store.h"
#include "services/nav/adapters/contingent_json.h"
#include "services/nav/adapters/dealing_routes.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/error_report.h"
#include "services/nav/adapters/explain.h"
#include "services/nav/adapters/known_fund.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/nav_life_store.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/nav_view.h"
#include "services/nav/adapters/policy_routes.h"
#include "services/nav/adapters/repricing_store.h"
#include "services/nav/app/nav_life.h"
#include "services/nav/app/reprice_orders.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using http::Authenticate;
using http::Request;
using http::Response;

constexpr int kOk = 200;
constexpr int kCreated = 201;

StoredNav struck_nav(NavStore& store, const model::FundId& fund, time::Date date,
                     time::Instant known_at = time::Instant::latest()) {
  served_fund(store, fund);
  auto nav = store.find_nav(fund, date, known_at);
  if (!nav)
    throw http::ProblemError(
        http::not_found("the NAV of " + fund.value() + " on " + date.to_string() + " has not been struck"));
  return *std::move(nav);
}

Response list_navs(Service& service, const Request& request) {
  request.refuse_unknown_query({"from", "to", "known_at", "adjusted"});
  const model::FundId fund = http::path_fund(request);
  NavStore& store = service.store();
  served_fund(store, fund);
  const time::Instant known_at = http::query_instant_or_latest(request, "known_at");
  const bool is_adjusted = http::query_boolean(request, "adjusted").value_or(false);
  FundNavs listed{
      fund, store.navs(fund, http::query_date(request, "from"), http::query_date(request, "to"), known_at)};
  if (is_adjusted) adjust_for_splits(listed, store, known_at);
  return Response::json(navs_json({std::move(listed)}));
}

Response show_nav(Service& service, const Request& request) {
  request.refuse_unknown_query({"known_at"});
  const model::FundId fund = http::path_fund(request);
  return Response::json(nav_json(fund, struck_nav(service.store(), fund, http::path_date(request),
                                                  http::query_instant_or_latest(request, "known_at"))));
}

Response show_explanation(Service& service, const Request& request) {
  request.refuse_unknown_query({});
  const model::FundId fund = http::path_fund(request);
  const time::Date date = http::path_date(request);
  struck_nav(service.store(), fund, date);
  JsonDocuments documents;
  return Response::json(explanation_json(explain_nav(service.store(), documents, fund, date)));
}

std::optional<int> version_in(json::ObjectReader& body) {
  constexpr std::int64_t kVersionMax = 1'000'000;
  if (!body.has("version")) return std::nullopt;
  return static_cast<int>(body.integer("version", 1, kVersionMax));
}

/// What a use case is given: ports whose store carries the key, who asks for what, the body.
struct Asked {
  Service& service;
  NavPorts ports;
  LifeRequest life;
  json::ObjectReader& body;
};

/// One POST: `act` runs on a store that writes the key with its effect and says whether anything changed;
/// what is answered then is the NAV in short.
template <class Act>
Response once(Service& service, const Request& request, const Authenticate& authenticate, Act&& act) {
  const http::KeyedPost post = http::read_keyed_post(request, authenticate, *service.dependencies().clock);
  const model::FundId fund = http::path_fund(request);
  const time::Date date = http::path_date(request);
  served_fund(service.store(), fund);
  return http::once(*service.dependencies().pool, post, [&] {
    PostgresNavStore store = service.keyed_store(post.key);
    const NavPorts ports = service.ports();
    json::ObjectReader body(post.body);
    const bool is_new = act(Asked{service, ports.with(store), {fund, date, post.actor, post.now, {}}, body});
    const StoredNav nav = struck_nav(store, fund, date);
    return Response::json(nav_fact(fund, nav.summary, nav.document_hash), is_new ? kCreated : kOk);
  });
}

bool strike_asked(Asked asked) {
  StrikeRequest request{asked.life.fund, asked.life.date, asked.life.actor, asked.life.now};
  if (asked.body.has("again")) request.again = asked.body.string("again");
  asked.body.finish();
  return strike_fund(asked.ports, request).outcome == StrikeOutcome::kStruck;
}

bool approve_asked(Asked asked) {
  asked.life.version = version_in(asked.body);
  asked.body.finish();
  approve_nav(asked.ports, asked.life);
  return true;
}

bool publish_asked(Asked asked) {
  asked.life.version = version_in(asked.body);
  asked.body.finish();
  publish_nav(asked.ports, asked.life);
  // Where that is refused nothing is served as published, and indicative values say so.
  Service& service = asked.service;
  publish_final_basket({service.dealing(), service.store()}, service.compositions(), asked.life.fund,
                       asked.life.date, {asked.life.actor, asked.life.now});
  return true;
}

bool override_asked(Asked asked) {
  asked.life.version = version_in(asked.body);
  const std::string check = asked.body.string("check");
  const std::string reason = asked.body.string("reason");
  asked.body.finish();
  return override_check(asked.ports, asked.life, check, reason);
}

/// A day a request: the key stands in the transaction of its version.
bool restate_asked(Asked asked) {
  const std::string reason = asked.body.string("reason");
  asked.body.finish();
  const LifeRequest& life = asked.life;
  const auto reports =
      restate_nav(asked.ports, {life.fund, life.date, life.date, reason, life.actor, life.now});
  return reports.front().outcome == StrikeOutcome::kStruck;
}

Response show_valuation(Service& service, const Request& request) {
  request.refuse_unknown_query({});
  const model::FundId fund = http::path_fund(request);
  const time::Date date = http::path_date(request);
  served_fund(service.store(), fund);
  const auto stored = service.store().definition_on(fund, date);
  if (!stored)
    base::refuse(fund.value() + " " + date.to_string(), "no definition of the fund is effective then");
  const StrikePlan plan =
      base::value_or_refuse(plan_strike(stored->definition, date, time::Instant::latest()));
  json::Writer writer;
  writer.begin_object()
      .member("fund", fund.value())
      .member("date", date.to_string())
      .member("valued_at", plan.valued_at.to_string())
      .member("act", describe(stored->definition.act))
      .member("official_basis", describe(stored->definition.official_basis))
      .end_object();
  return Response::json(writer.take());
}

Response show_versions(Service& service, const Request& request) {
  request.refuse_unknown_query({"known_at"});
  const model::FundId fund = http::path_fund(request);
  const time::Date date = http::path_date(request);
  const time::Instant known_at = http::query_instant_or_latest(request, "known_at");
  struck_nav(service.store(), fund, date, known_at);
  return Response::json(navs_json({FundNavs{fund, service.store().versions(fund, date, known_at)}}));
}

Response show_errors(Service& service, const Request& request) {
  request.refuse_unknown_query({});
  const model::FundId fund = http::path_fund(request);
  served_fund(service.store(), fund);
  std::string list;
  for (const StoredErrorReport& report : service.life().reports(fund))
    list += (list.empty() ? "" : ",") + report.content;
  return Response::json("{\"reports\":[" + list + "]}");
}

/// What the published NAVs of a period were wrong by, kept for the board.
Response report_errors(Service& service, const Request& request, const Authenticate& authenticate) {
  const http::KeyedPost post = http::read_keyed_post(request, authenticate, *service.dependencies().clock);
  const model::FundId fund = http::path_fund(request);
  served_fund(service.store(), fund);
  model::require_role(post.actor, model::Role::kMaker, "report a NAV error");
  return http::once(*service.dependencies().pool, post, [&] {
    json::ObjectReader body(post.body);
    const time::Date from = body.date("from");
    const time::Date through = body.date("through");
    body.finish();
    PostgresNavLifeStore life = service.life().keyed(post.key);
    DealtOrders orders(life, {service.dealing(), service.store()}, service.repricings());
    const std::string content =
        error_report_json(fund, assess_period(service.store(), orders, fund, from, through));
    life.add_report(fund, content, post.actor.id, post.now);
    return Response::json(content, kCreated);
  });
}

Response show_contingents(Service& service, const Request& request) {
  request.refuse_unknown_query({"date"});
  const model::FundId fund = http::path_fund(request);
  served_fund(service.store(), fund);
  std::string list;
  for (const StoredContingent& stored : service.life().contingents(fund, http::query_date(request, "date")))
    list += (list.empty() ? "" : ",") + contingent_json(fund, stored.nav);
  return Response::json("{\"contingent_navs\":[" + list + "]}");
}

}  // namespace

void register_routes(http::Router& router, Service& service, Authenticate authenticate) {
  register_books_routes(router, service, authenticate);
  register_policy_routes(router, service, authenticate);
  register_cash_routes(router, service, authenticate);
  register_dealing_routes(router, service, authenticate);
  router.get("/v1/funds", [&service](const Request& request) {
    request.refuse_unknown_query({});
    return Response::json(funds_json(service.store().funds()));
  });
  router.get("/v1/funds/{fund}", [&service](const Request& request) {
    request.refuse_unknown_query({});
    return Response::json(fund_json(served_fund(service.store(), http::path_fund(request))));
  });
  router.get("/v1/funds/{fund}/navs",
             [&service](const Request& request) { return list_navs(service, request); });
  router.get("/v1/funds/{fund}/navs/{date}",
             [&service](const Request& request) { return show_nav(service, request); });
  router.get("/v1/funds/{fund}/navs/{date}/explain",
             [&service](const Request& request) { return show_explanation(service, request); });
  router.get("/v1/funds/{fund}/navs/{date}/versions",
             [&service](const Request& request) { return show_versions(service, request); });
  router.get("/v1/funds/{fund}/valuations/{date}",
             [&service](const Request& request) { return show_valuation(service, request); });
  router.get("/v1/funds/{fund}/nav-errors",
             [&service](const Request& request) { return show_errors(service, request); });
  router.post("/v1/funds/{fund}/nav-errors", [&service, authenticate](const Request& request) {
    return report_errors(service, request, authenticate);
  });
  router.get("/v1/funds/{fund}/contingent-navs",
             [&service](const Request& request) { return show_contingents(service, request); });
  const auto post = [&](const char* what, bool (*act)(Asked)) {
    router.post(std::string("/v1/funds/{fund}/navs/{date}/") + what,
                [&service, authenticate, act](const Request& request) {
                  return once(service, request, authenticate, act);
                });
  };
  post("strike", strike_asked);
  post("approve", approve_asked);
  post("override", override_asked);
  post("publish", publish_asked);
  post("restate", restate_asked);
}

}  // namespace navkeeper::nav
