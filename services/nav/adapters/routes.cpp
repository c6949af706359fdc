// GET  /v1/funds, /v1/funds/{fund}               definitions
// GET  /v1/funds/{fund}/navs                     struck NAVs in short; from, to, known_at
// GET  /v1/funds/{fund}/navs/{date}[/explain]    one NAV whole; its proof sheet
// POST /v1/funds/{fund}/navs/{date}/strike       201 struck, 200 struck before from the same inputs
// POST /v1/funds/{fund}/navs/{date}/approve      201 approved, 200 approved before by the same actor
// A POST needs an Idempotency-Key; the key is stored in the transaction of the effect and the same request is
// answered alike ever after.
#include "common/base/refuse.h"
#include "common/db/idempotency.h"
#include "common/http/problem.h"
#include "common/http/router.h"
#include "common/time/clock.h"
#include "services/nav/adapters/books_routes.h"
#include "services/nav/adapters/cash_routes.h"
#include "services/nav/adapters/dealing_routes.h"
#include "services/nav/adapters/explain.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/nav_view.h"
#include "services/nav/adapters/policy_routes.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using http::Request;
using http::Response;
constexpr int kOk = 200;
constexpr int kCreated = 201;
constexpr int kUnprocessable = 422;

model::FundId fund_of(const Request& request) {
  auto fund = model::FundId::parse(request.parameter("fund"));
  if (fund.has_error()) throw base::Refused(fund.error().within("fund"));
  return *std::move(fund);
}

std::optional<time::Date> optional_date(const Request& request, const char* name) {
  const std::string* const text = request.query_value(name);
  if (text == nullptr) return std::nullopt;
  return date_in(*text, name);
}

StoredDefinition known_fund(NavStore& store, const model::FundId& fund) {
  auto stored = store.latest_definition(fund);
  if (!stored) throw http::ProblemError(http::not_found("fund " + fund.value() + " is not known"));
  return *std::move(stored);
}

time::Instant known_at_in(const Request& request) {
  const std::string* const text = request.query_value("known_at");
  if (text == nullptr) return time::Instant::latest();
  const auto instant = time::parse_rfc3339(*text);
  if (!instant) base::refuse("known_at", "is not a time as RFC 3339 writes it");
  return *instant;
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
  const model::FundId fund = fund_of(request);
  NavStore& store = service.store();
  known_fund(store, fund);
  const time::Instant known_at = known_at_in(request);
  const std::string* const adjusted = request.query_value("adjusted");
  if (adjusted != nullptr && *adjusted != "true" && *adjusted != "false")
    base::refuse("adjusted", "is neither true nor false");
  FundNavs listed{fund,
                  store.navs(fund, optional_date(request, "from"), optional_date(request, "to"), known_at)};
  if (adjusted != nullptr && *adjusted == "true") adjust_for_splits(listed, store, known_at);
  return Response::json(navs_json({std::move(listed)}));
}

Response show_nav(Service& service, const Request& request) {
  request.refuse_unknown_query({"known_at"});
  const model::FundId fund = fund_of(request);
  return Response::json(nav_json(
      fund,
      struck_nav(service.store(), fund, date_in(request.parameter("date"), "date"), known_at_in(request))));
}

Response show_explanation(Service& service, const Request& request) {
  request.refuse_unknown_query({});
  const model::FundId fund = fund_of(request);
  const time::Date date = date_in(request.parameter("date"), "date");
  struck_nav(service.store(), fund, date);
  JsonDocuments documents;
  return Response::json(explanation_json(explain_nav(service.store(), documents, fund, date)));
}

/// The request's key, bound to who asks and to what is asked.
db::KeyedRequest keyed(const Request& request, const model::Actor& actor, time::Instant now) {
  const std::string* const text = request.headers.find("Idempotency-Key");
  if (text == nullptr) base::refuse("Idempotency-Key", "is missing");
  auto key = model::IdempotencyKey::parse(*text);
  if (key.has_error()) throw base::Refused(key.error().within("Idempotency-Key"));
  if (!request.body.empty() && request.body != "{}") base::refuse("body", "must be empty or {}");
  return {actor.id.value(), key->value(),
          db::request_hash(http::describe(request.method), request.path, "{}"), now.ns()};
}

/// The stored answer where there is one; else `act` runs on a store that writes the key with its effect and
/// says whether anything changed; what is answered then is the NAV in short.
template <class Act>
Response once(Service& service, const Request& request, const Authenticate& authenticate, Act&& act) {
  request.refuse_unknown_query({});
  const model::Actor actor = authenticate(request);
  const time::Instant now = service.dependencies().clock->now();
  const model::FundId fund = fund_of(request);
  const time::Date date = date_in(request.parameter("date"), "date");
  known_fund(service.store(), fund);
  PostgresNavStore store = service.keyed_store(keyed(request, actor, now));
  try {
    if (const auto answer = store.stored_answer()) return Response::json(answer->body, answer->status);
    const NavPorts ports = service.ports();
    const bool is_new =
        act(NavPorts{store, ports.rates, ports.documents, ports.acts}, fund, date, actor, now);
    const StoredNav nav = struck_nav(store, fund, date);
    return Response::json(nav_fact(fund, nav.summary, nav.document_hash), is_new ? kCreated : kOk);
  } catch (const db::KeyReused& reused) {
    http::Problem problem;
    problem.status = kUnprocessable;
    problem.code = "idempotency_key_reused";
    problem.detail = reused.what();
    throw http::ProblemError(std::move(problem));
  }
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
    return Response::json(fund_json(known_fund(service.store(), fund_of(request))));
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
