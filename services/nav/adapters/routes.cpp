// GET  /v1/funds, /v1/funds/{fund}               definitions
// GET  /v1/funds/{fund}/navs                     struck NAVs in short; from, to, known_at
// GET  /v1/funds/{fund}/navs/{date}[/explain]    one NAV whole; its proof sheet
// POST /v1/funds/{fund}/navs/{date}/strike       201 struck, 200 struck before from the same inputs
// POST /v1/funds/{fund}/navs/{date}/approve      201 approved, 200 approved before by the same actor
// A POST needs an Idempotency-Key; the key is stored in the transaction of the effect and the same request is
// answered alike ever after.
#include "common/http/keyed_post.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "common/json/reader.h"
#include "services/nav/adapters/books_routes.h"
#include "services/nav/adapters/cash_routes.h"
#include "services/nav/adapters/explain.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/nav_view.h"
#include "services/nav/adapters/policy_routes.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using http::Authenticate;
using http::Request;
using http::Response;

constexpr int kOk = 200;
constexpr int kCreated = 201;

StoredDefinition known_fund(NavStore& store, const model::FundId& fund) {
  auto stored = store.latest_definition(fund);
  if (!stored) throw http::ProblemError(http::not_found("fund " + fund.value() + " is not known"));
  return *std::move(stored);
}

StoredNav struck_nav(NavStore& store, const model::FundId& fund, time::Date date,
                     time::Instant known_at = time::Instant::latest()) {
  known_fund(store, fund);
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
  known_fund(store, fund);
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

/// One POST: `act` runs on a store that writes the key with its effect and says whether anything changed;
/// what is answered then is the NAV in short.
template <class Act>
Response once(Service& service, const Request& request, const Authenticate& authenticate, Act&& act) {
  const http::KeyedPost post = http::read_keyed_post(request, authenticate, *service.dependencies().clock);
  json::ObjectReader(post.body).finish();
  const model::FundId fund = http::path_fund(request);
  const time::Date date = http::path_date(request);
  known_fund(service.store(), fund);
  return http::once(*service.dependencies().pool, post, [&] {
    PostgresNavStore store = service.keyed_store(post.key);
    const NavPorts ports = service.ports();
    const bool is_new =
        act(NavPorts{store, ports.rates, ports.documents, ports.acts}, fund, date, post.actor, post.now);
    const StoredNav nav = struck_nav(store, fund, date);
    return Response::json(nav_fact(fund, nav.summary, nav.document_hash), is_new ? kCreated : kOk);
  });
}

}  // namespace

void register_routes(http::Router& router, Service& service, Authenticate authenticate) {
  register_books_routes(router, service, authenticate);
  register_policy_routes(router, service, authenticate);
  register_cash_routes(router, service, authenticate);
  router.get("/v1/funds", [&service](const Request& request) {
    request.refuse_unknown_query({});
    return Response::json(funds_json(service.store().funds()));
  });
  router.get("/v1/funds/{fund}", [&service](const Request& request) {
    request.refuse_unknown_query({});
    return Response::json(fund_json(known_fund(service.store(), http::path_fund(request))));
  });
  router.get("/v1/funds/{fund}/navs",
             [&service](const Request& request) { return list_navs(service, request); });
  router.get("/v1/funds/{fund}/navs/{date}",
             [&service](const Request& request) { return show_nav(service, request); });
  router.get("/v1/funds/{fund}/navs/{date}/explain",
             [&service](const Request& request) { return show_explanation(service, request); });
  router.post("/v1/funds/{fund}/navs/{date}/strike", [&service, authenticate](const Request& request) {
    return once(service, request, authenticate,
                [](const NavPorts& ports, const model::FundId& fund, time::Date date,
                   const model::Actor& actor, time::Instant now) {
                  return strike_fund(ports, {fund, date, actor, now}).outcome == StrikeOutcome::kStruck;
                });
  });
  router.post("/v1/funds/{fund}/navs/{date}/approve", [&service, authenticate](const Request& request) {
    return once(
        service, request, authenticate,
        [](const NavPorts& ports, const model::FundId& fund, time::Date date, const model::Actor& actor,
           time::Instant now) { return approve_nav(ports, fund, date, actor, now); });
  });
}

}  // namespace navkeeper::nav
