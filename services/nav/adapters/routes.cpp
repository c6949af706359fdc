// GET  /v1/funds, /v1/funds/{fund}               definitions
// GET  /v1/funds/{fund}/navs                     struck NAVs in short; from, to, known_at
// GET  /v1/funds/{fund}/navs/{date}[/explain]    one NAV whole; its proof sheet
// GET  /v1/funds/{fund}/navs/{date}/versions     every version of the day
// GET  /v1/funds/{fund}/nav-errors               the board's reports of NAV errors
// GET  /v1/funds/{fund}/contingent-navs          marked as such, never published
// POST /v1/funds/{fund}/navs/{date}/strike       {"again"?}: 201 struck, 200 struck before from the same
// inputs POST .../navs/{date}/approve, .../publish      {"version"?} POST .../navs/{date}/override {"check",
// "reason", "version"?}: 200 by the same actor before POST .../navs/{date}/restate {"reason"}: a version
// beside what was published A POST needs an Idempotency-Key; the key is stored in the transaction of the
// effect and the same request is answered alike ever after.
#include "common/base/refuse.h"
#include "common/db/idempotency.h"
#include "common/http/problem.h"
#include "common/http/router.h"
#include "common/json/reader.h"
#include "common/time/clock.h"
#include "services/nav/adapters/books_routes.h"
#include "services/nav/adapters/cash_routes.h"
#include "services/nav/adapters/contingent_json.h"
#include "services/nav/adapters/explain.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/nav_life_store.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/nav_view.h"
#include "services/nav/adapters/policy_routes.h"
#include "services/nav/app/nav_life.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using http::Request;
using http::Response;
using Authenticate = std::function<model::Actor(const Request&)>;

constexpr int kOk = 200;
constexpr int kCreated = 201;
constexpr int kUnprocessable = 422;

model::FundId fund_of(const Request& request) {
  auto fund = model::FundId::parse(request.parameter("fund"));
  if (fund.has_error()) throw base::Refused(fund.error().within("fund"));
  return *std::move(fund);
}

time::Date date_in(const std::string& text, const std::string& where) {
  const auto date = time::Date::parse(text);
  if (!date) base::refuse(where, "is not a date YYYY-MM-DD that exists");
  return *date;
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

/// The body as an object: {} where there is none.
json::Value body_of(const Request& request) {
  json::Value body = base::value_or_refuse(json::parse(request.body.empty() ? "{}" : request.body));
  if (body.kind() != json::Kind::kObject) base::refuse("body", "is not an object");
  return body;
}

/// The request's key, bound to who asks and to what is asked.
db::KeyedRequest keyed(const Request& request, const json::Value& body, const model::Actor& actor,
                       time::Instant now) {
  const std::string* const text = request.headers.find("Idempotency-Key");
  if (text == nullptr) base::refuse("Idempotency-Key", "is missing");
  auto key = model::IdempotencyKey::parse(*text);
  if (key.has_error()) throw base::Refused(key.error().within("Idempotency-Key"));
  return {actor.id.value(), key->value(),
          db::request_hash(http::describe(request.method), request.path, json::to_canonical(body)), now.ns()};
}

std::optional<int> version_in(json::ObjectReader& body) {
  constexpr std::int64_t kVersionMax = 1'000'000;
  if (!body.has("version")) return std::nullopt;
  return static_cast<int>(body.integer("version", 1, kVersionMax));
}

/// What a use case is given: ports whose store carries the key, who asks for what, the body.
struct Asked {
  NavPorts ports;
  LifeRequest life;
  json::ObjectReader& body;
};

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
  const json::Value body = body_of(request);
  PostgresNavStore store = service.keyed_store(keyed(request, body, actor, now));
  try {
    if (const auto answer = store.stored_answer()) return Response::json(answer->body, answer->status);
    const NavPorts ports = service.ports();
    json::ObjectReader reader(body);
    const bool is_new =
        act(Asked{{store, ports.rates, ports.documents, ports.acts}, {fund, date, actor, now, {}}, reader});
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

Response show_versions(Service& service, const Request& request) {
  request.refuse_unknown_query({"known_at"});
  const model::FundId fund = fund_of(request);
  const time::Date date = date_in(request.parameter("date"), "date");
  const time::Instant known_at = known_at_in(request);
  struck_nav(service.store(), fund, date, known_at);
  return Response::json(navs_json({FundNavs{fund, service.store().versions(fund, date, known_at)}}));
}

Response show_errors(Service& service, const Request& request) {
  request.refuse_unknown_query({});
  const model::FundId fund = fund_of(request);
  known_fund(service.store(), fund);
  std::string list;
  for (const StoredErrorReport& report : service.life().reports(fund))
    list += (list.empty() ? "" : ",") + report.content;
  return Response::json("{\"reports\":[" + list + "]}");
}

Response show_contingents(Service& service, const Request& request) {
  request.refuse_unknown_query({"date"});
  const model::FundId fund = fund_of(request);
  known_fund(service.store(), fund);
  std::string list;
  for (const StoredContingent& stored : service.life().contingents(fund, optional_date(request, "date")))
    list += (list.empty() ? "" : ",") + contingent_json(fund, stored.nav);
  return Response::json("{\"contingent_navs\":[" + list + "]}");
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
    return Response::json(fund_json(known_fund(service.store(), fund_of(request))));
  });
  router.get("/v1/funds/{fund}/navs",
             [&service](const Request& request) { return list_navs(service, request); });
  router.get("/v1/funds/{fund}/navs/{date}",
             [&service](const Request& request) { return show_nav(service, request); });
  router.get("/v1/funds/{fund}/navs/{date}/explain",
             [&service](const Request& request) { return show_explanation(service, request); });
  router.get("/v1/funds/{fund}/navs/{date}/versions",
             [&service](const Request& request) { return show_versions(service, request); });
  router.get("/v1/funds/{fund}/nav-errors",
             [&service](const Request& request) { return show_errors(service, request); });
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
