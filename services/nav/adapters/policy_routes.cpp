// GET  /v1/funds/{fund}/distributions[/{id}]                 all; one with its steps and 19a-1 notice
// POST /v1/funds/{fund}/distributions                        declares one: 201, 200 when it was before
// POST /v1/funds/{fund}/distributions/{id}/approve|withdraw  never approved by who declared it
// POST /v1/funds/{fund}/distributions/{id}/pay               {"date":"YYYY-MM-DD"}
// GET  /v1/funds/{fund}/actions[/{id}], POST the same but pay: splits, forks, migrations, spin-offs
// GET  /v1/funds/{fund}/facts; POST {"facts":[...]}
// Every GET takes known_at: what was proposed, decided, done or recorded by then.
// A POST needs an Idempotency-Key, stored in the transaction of the effect: the same request is answered
// alike.
#include "services/nav/adapters/policy_routes.h"

#include <algorithm>

#include "common/base/refuse.h"
#include "common/db/idempotency.h"
#include "common/db/pool.h"
#include "common/http/problem.h"
#include "common/json/reader.h"
#include "common/time/clock.h"
#include "services/nav/adapters/fund_act_json.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/fund_fact_json.h"
#include "services/nav/adapters/fund_fact_store.h"
#include "services/nav/app/strike_fund.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using http::Request;
using http::Response;
using Authenticate = std::function<model::Actor(const Request&)>;

constexpr int kOk = 200;
constexpr int kCreated = 201;
constexpr int kUnprocessable = 422;
constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

model::FundId fund_of(const Request& request) {
  auto fund = model::FundId::parse(request.parameter("fund"));
  if (fund.has_error()) throw base::Refused(fund.error().within("fund"));
  return *std::move(fund);
}

FundDefinition known_fund(Service& service, const model::FundId& fund) {
  const auto stored = service.store().latest_definition(fund);
  if (!stored) throw http::ProblemError(http::not_found("fund " + fund.value() + " is not known"));
  return stored->definition;
}

bool belongs(bool is_distribution, const FundAct& act) {
  return (act.kind() == "distribution") == is_distribution;
}

/// The knowledge time that is asked for; the latest where none is.
time::Instant known_at_in(const Request& request) {
  const std::string* const text = request.query_value("known_at");
  if (text == nullptr) return time::Instant::latest();
  const auto instant = time::parse_rfc3339(*text);
  if (!instant) base::refuse("known_at", "is not a time as RFC 3339 writes it");
  return *instant;
}

StoredAct known_act(Service& service, bool is_distribution, const model::FundId& fund, const std::string& id,
                    time::Instant known_at = time::Instant::latest()) {
  auto act = service.acts().find_act(fund, id, known_at);
  if (!act || !belongs(is_distribution, act->act))
    throw http::ProblemError(http::not_found(id + " is not known"));
  return *std::move(act);
}

/// One POST: the stored answer where there is one, else `act` with the key.
template <class Act>
Response once(Service& service, const Request& request, const Authenticate& authenticate, Act&& act) {
  request.refuse_unknown_query({});
  const model::Actor actor = authenticate(request);
  const time::Instant now = service.dependencies().clock->now();
  const FundDefinition fund = known_fund(service, fund_of(request));
  const std::string* const text = request.headers.find("Idempotency-Key");
  if (text == nullptr) base::refuse("Idempotency-Key", "is missing");
  auto key = model::IdempotencyKey::parse(*text);
  if (key.has_error()) throw base::Refused(key.error().within("Idempotency-Key"));
  const json::Value body =
      base::value_or_refuse(json::parse(request.body.empty() ? std::string_view("{}") : request.body));
  const db::KeyedRequest keyed{
      actor.id.value(), key->value(),
      db::request_hash(http::describe(request.method), request.path, json::to_canonical(body)), now.ns()};
  try {
    const auto answer = service.dependencies().pool->transact(
        [&](db::Transaction& transaction) { return db::find_answer(transaction, keyed); }, kReading);
    if (answer) return Response::json(answer->body, answer->status);
    return act(fund, actor, now, body, keyed);
  } catch (const db::KeyReused& reused) {
    http::Problem problem;
    problem.status = kUnprocessable;
    problem.code = "idempotency_key_reused";
    problem.detail = reused.what();
    throw http::ProblemError(std::move(problem));
  }
}

/// What a POST on an act answers, now and ever after: its fact in short.
Response fact_of(Service& service, const FundDefinition& fund, const std::string& id, bool is_new) {
  const auto act = service.acts().find_act(fund.id, id);
  return Response::json(act_fact(fund.id, id, act->act.kind(), act->state()), is_new ? kCreated : kOk);
}

Response propose(Service& service, const Request& request, const Authenticate& authenticate,
                 bool is_distribution) {
  return once(service, request, authenticate,
              [&](const FundDefinition& fund, const model::Actor& actor, time::Instant now,
                  const json::Value& body, const db::KeyedRequest& keyed) {
                const NewAct act = read_act(body);
                if (!belongs(is_distribution, act.act))
                  base::refuse("kind", is_distribution ? "is not distribution" : "is a distribution");
                PostgresActStore acts = service.acts().keyed(keyed);
                const bool is_new = propose_act({acts, service.store()}, fund.id, act, actor, now);
                return fact_of(service, fund, act.act.id, is_new);
              });
}

using Decide = bool (*)(const ActPorts&, const model::FundId&, const std::string&, const model::Actor&,
                        time::Instant);

Response decide(Service& service, const Request& request, const Authenticate& authenticate,
                bool is_distribution, Decide decision) {
  return once(service, request, authenticate,
              [&](const FundDefinition& fund, const model::Actor& actor, time::Instant now,
                  const json::Value& body, const db::KeyedRequest& keyed) {
                json::ObjectReader(body).finish();
                const std::string id = request.parameter("id");
                known_act(service, is_distribution, fund.id, id);
                PostgresActStore acts = service.acts().keyed(keyed);
                const bool is_new = decision({acts, service.store()}, fund.id, id, actor, now);
                return fact_of(service, fund, id, is_new);
              });
}

Response pay(Service& service, const Request& request, const Authenticate& authenticate) {
  return once(service, request, authenticate,
              [&](const FundDefinition& fund, const model::Actor& actor, time::Instant now,
                  const json::Value& body, const db::KeyedRequest& keyed) {
                json::ObjectReader reader(body);
                const time::Date date = reader.date("date");
                reader.finish();
                const std::string id = request.parameter("id");
                known_act(service, true, fund.id, id);
                PostgresActStore acts = service.acts().keyed(keyed);
                const bool is_new = pay_distribution({acts, service.store()}, fund.id, id, date, actor, now);
                return fact_of(service, fund, id, is_new);
              });
}

Response record(Service& service, const Request& request, const Authenticate& authenticate) {
  return once(service, request, authenticate,
              [&](const FundDefinition& fund, const model::Actor& actor, time::Instant now,
                  const json::Value& body, const db::KeyedRequest& keyed) {
                PostgresFactStore facts = service.facts().keyed(keyed);
                const FactReport report = record_facts(facts, service.store(), fund.id,
                                                       read_facts_body(json::to_canonical(body)), actor, now);
                return Response::json(fact_report_json(fund.id, report),
                                      report.recorded > 0 ? kCreated : kOk);
              });
}

void add_acts(http::Router& router, Service& service, const Authenticate& authenticate,
              const std::string& path, bool is_distribution) {
  router.get(path, [&service, is_distribution](const Request& request) {
    request.refuse_unknown_query({"known_at"});
    const FundDefinition fund = known_fund(service, fund_of(request));
    const auto all = service.acts().acts(fund.id, known_at_in(request));
    std::vector<StoredAct> some;
    std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                 [&](const StoredAct& act) { return belongs(is_distribution, act.act); });
    return Response::json(acts_json(fund, some, all));
  });
  router.get(path + "/{id}", [&service, is_distribution](const Request& request) {
    request.refuse_unknown_query({"known_at"});
    const FundDefinition fund = known_fund(service, fund_of(request));
    const time::Instant known_at = known_at_in(request);
    const StoredAct act = known_act(service, is_distribution, fund.id, request.parameter("id"), known_at);
    return Response::json(act_json(fund, act, service.acts().acts(fund.id, known_at)));
  });
  router.post(path, [&service, authenticate, is_distribution](const Request& request) {
    return propose(service, request, authenticate, is_distribution);
  });
  router.post(path + "/{id}/approve", [&service, authenticate, is_distribution](const Request& request) {
    return decide(service, request, authenticate, is_distribution, approve_act);
  });
  router.post(path + "/{id}/withdraw", [&service, authenticate, is_distribution](const Request& request) {
    return decide(service, request, authenticate, is_distribution, withdraw_act);
  });
}

}  // namespace

void register_policy_routes(http::Router& router, Service& service, Authenticate authenticate) {
  add_acts(router, service, authenticate, "/v1/funds/{fund}/distributions", true);
  router.post("/v1/funds/{fund}/distributions/{id}/pay", [&service, authenticate](const Request& request) {
    return pay(service, request, authenticate);
  });
  add_acts(router, service, authenticate, "/v1/funds/{fund}/actions", false);
  router.get("/v1/funds/{fund}/facts", [&service](const Request& request) {
    request.refuse_unknown_query({"known_at"});
    const FundDefinition fund = known_fund(service, fund_of(request));
    return Response::json(facts_json(fund.id, service.facts().facts(fund.id, known_at_in(request))));
  });
  router.post("/v1/funds/{fund}/facts", [&service, authenticate](const Request& request) {
    return record(service, request, authenticate);
  });
}

}  // namespace navkeeper::nav
