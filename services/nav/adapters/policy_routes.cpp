// GET  /v1/funds/{fund}/distributions[/{id}]                 all; one with its steps and 19a-1 notice
// POST /v1/funds/{fund}/distributions                        declares one: 201, 200 when it was before
// POST /v1/funds/{fund}/distributions/{id}/approve|withdraw  never approved by who declared it
// POST /v1/funds/{fund}/distributions/{id}/undo              {"reason"}: asks for one in effect to be taken
// back POST /v1/funds/{fund}/distributions/{id}/approve-undo|withdraw-undo  never approved by who asked POST
// /v1/funds/{fund}/distributions/{id}/pay               {"date":"YYYY-MM-DD"} GET
// /v1/funds/{fund}/actions[/{id}], POST the same but pay: splits, forks, migrations, spin-offs GET
// /v1/funds/{fund}/facts; POST {"facts":[...]} GET  /v1/funds/{fund}/rewards?from=D&to=D          gross,
// withheld, lost, staking fees by payee, net Every GET takes known_at: what was proposed, decided, done or
// recorded by then. A POST needs an Idempotency-Key, stored in the transaction of the effect: the same
// request is answered alike.
#include "services/nav/adapters/policy_routes.h"

#include <algorithm>

#include "common/base/refuse.h"
#include "common/http/keyed_post.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/json/reader.h"
#include "services/nav/adapters/fund_act_json.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/fund_fact_json.h"
#include "services/nav/adapters/fund_fact_store.h"
#include "services/nav/adapters/known_fund.h"
#include "services/nav/adapters/staking_income_store.h"
#include "services/nav/app/strike_fund.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using http::Authenticate;
using http::KeyedPost;
using http::Request;
using http::Response;

constexpr int kOk = 200;
constexpr int kCreated = 201;

bool belongs(bool is_distribution, const FundAct& act) {
  return (act.kind() == "distribution") == is_distribution;
}

StoredAct known_act(Service& service, bool is_distribution, const model::FundId& fund, const std::string& id,
                    time::Instant known_at = time::Instant::latest()) {
  auto act = service.acts().find_act(fund, id, known_at);
  if (!act || !belongs(is_distribution, act->act))
    throw http::ProblemError(http::not_found(id + " is not known"));
  return *std::move(act);
}

Response shown(Service& service, const FundDefinition& fund, const StoredAct& act, int status,
               time::Instant known_at = time::Instant::latest()) {
  return Response::json(act_json(fund, act, service.acts().acts(fund.id, known_at)), status);
}

/// One POST: `act` saves through a store that has the post's key.
template <class Act>
Response once(Service& service, const Request& request, const Authenticate& authenticate, Act&& act) {
  const KeyedPost post = http::read_keyed_post(request, authenticate, *service.dependencies().clock);
  const FundDefinition fund = served_fund(service.store(), http::path_fund(request)).definition;
  return http::once(*service.dependencies().pool, post, [&] { return act(fund, post); });
}

/// What a POST on an act answers, now and ever after: its fact in short.
Response fact_of(Service& service, const FundDefinition& fund, const std::string& id, bool is_new) {
  const auto act = service.acts().find_act(fund.id, id);
  return Response::json(act_fact(fund.id, id, act->act.kind(), act->state()), is_new ? kCreated : kOk);
}

Response propose(Service& service, const Request& request, const Authenticate& authenticate,
                 bool is_distribution) {
  return once(service, request, authenticate, [&](const FundDefinition& fund, const KeyedPost& post) {
    const NewAct act = read_act(post.body);
    if (!belongs(is_distribution, act.act))
      base::refuse("kind", is_distribution ? "is not distribution" : "is a distribution");
    PostgresActStore acts = service.acts().keyed(post.key);
    const bool is_new = propose_act({acts, service.store()}, fund.id, act, post.actor, post.now);
    return fact_of(service, fund, act.act.id, is_new);
  });
}

using Decide = bool (*)(const ActPorts&, const model::FundId&, const std::string&, const model::Actor&,
                        time::Instant);

struct ActAtHand {
  std::string id;
  PostgresActStore acts;  ///< under the request's key
};

/// The act that the path names; http::ProblemError 404 where the fund has none of its kind.
ActAtHand act_at_hand(Service& service, const Request& request, bool is_distribution,
                      const FundDefinition& fund, const KeyedPost& post) {
  const std::string id = request.parameter("id");
  known_act(service, is_distribution, fund.id, id);
  return {id, service.acts().keyed(post.key)};
}

Response decide(Service& service, const Request& request, const Authenticate& authenticate,
                bool is_distribution, Decide decision) {
  return once(service, request, authenticate, [&](const FundDefinition& fund, const KeyedPost& post) {
    json::ObjectReader(post.body).finish();
    auto [id, acts] = act_at_hand(service, request, is_distribution, fund, post);
    const bool is_new = decision({acts, service.store()}, fund.id, id, post.actor, post.now);
    return fact_of(service, fund, id, is_new);
  });
}

/// Act in the answer: what NAVs are wrong by since.
Response undo_of(Service& service, const FundDefinition& fund, const std::string& id,
                 const LateReport& lateness, bool is_new) {
  const auto act = service.acts().find_act(fund.id, id);
  return Response::json(undo_fact(fund.id, *act, act->state(), lateness), is_new ? kCreated : kOk);
}

Response undo(Service& service, const Request& request, const Authenticate& authenticate,
              bool is_distribution) {
  return once(service, request, authenticate, [&](const FundDefinition& fund, const KeyedPost& post) {
    json::ObjectReader reader(post.body);
    const std::string reason = reader.string("reason");
    reader.finish();
    auto [id, acts] = act_at_hand(service, request, is_distribution, fund, post);
    const bool is_new = ask_undo({acts, service.store()}, fund.id, id, reason, post.actor, post.now);
    return fact_of(service, fund, id, is_new);
  });
}

Response approve_undoing(Service& service, const Request& request, const Authenticate& authenticate,
                         bool is_distribution) {
  return once(service, request, authenticate, [&](const FundDefinition& fund, const KeyedPost& post) {
    json::ObjectReader(post.body).finish();
    auto [id, acts] = act_at_hand(service, request, is_distribution, fund, post);
    const auto lateness = approve_undo({acts, service.store()}, fund.id, id, post.actor, post.now);
    return undo_of(service, fund, id, lateness.value_or(LateReport{}), lateness.has_value());
  });
}

Response withdraw_undoing(Service& service, const Request& request, const Authenticate& authenticate,
                          bool is_distribution) {
  return once(service, request, authenticate, [&](const FundDefinition& fund, const KeyedPost& post) {
    json::ObjectReader(post.body).finish();
    auto [id, acts] = act_at_hand(service, request, is_distribution, fund, post);
    const bool is_new = withdraw_undo({acts, service.store()}, fund.id, id, post.actor, post.now);
    return undo_of(service, fund, id, {}, is_new);
  });
}

Response pay(Service& service, const Request& request, const Authenticate& authenticate) {
  return once(service, request, authenticate, [&](const FundDefinition& fund, const KeyedPost& post) {
    json::ObjectReader reader(post.body);
    const time::Date date = reader.date("date");
    reader.finish();
    auto [id, acts] = act_at_hand(service, request, true, fund, post);
    const bool is_new = pay_distribution({acts, service.store()}, fund.id, id, date, post.actor, post.now);
    return fact_of(service, fund, id, is_new);
  });
}

Response record(Service& service, const Request& request, const Authenticate& authenticate) {
  return once(service, request, authenticate, [&](const FundDefinition& fund, const KeyedPost& post) {
    PostgresFactStore facts = service.facts().keyed(post.key);
    const FactReport report =
        record_facts(facts, service.store(), fund.id, read_facts_body(json::to_canonical(post.body)),
                     post.actor, post.now);
    return Response::json(fact_report_json(fund.id, report), report.recorded > 0 ? kCreated : kOk);
  });
}

void add_acts(http::Router& router, Service& service, const Authenticate& authenticate,
              const std::string& path, bool is_distribution) {
  router.get(path, [&service, is_distribution](const Request& request) {
    request.refuse_unknown_query({"known_at"});
    const FundDefinition fund = served_fund(service.store(), http::path_fund(request)).definition;
    const auto all = service.acts().acts(fund.id, http::query_instant_or_latest(request, "known_at"));
    std::vector<StoredAct> some;
    std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                 [&](const StoredAct& act) { return belongs(is_distribution, act.act); });
    return Response::json(acts_json(fund, some, all));
  });
  router.get(path + "/{id}", [&service, is_distribution](const Request& request) {
    request.refuse_unknown_query({"known_at"});
    const FundDefinition fund = served_fund(service.store(), http::path_fund(request)).definition;
    const time::Instant known_at = http::query_instant_or_latest(request, "known_at");
    return shown(service, fund,
                 known_act(service, is_distribution, fund.id, request.parameter("id"), known_at), kOk,
                 known_at);
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
  router.post(path + "/{id}/undo", [&service, authenticate, is_distribution](const Request& request) {
    return undo(service, request, authenticate, is_distribution);
  });
  router.post(path + "/{id}/approve-undo", [&service, authenticate, is_distribution](const Request& request) {
    return approve_undoing(service, request, authenticate, is_distribution);
  });
  router.post(path + "/{id}/withdraw-undo",
              [&service, authenticate, is_distribution](const Request& request) {
                return withdraw_undoing(service, request, authenticate, is_distribution);
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
    const FundDefinition fund = served_fund(service.store(), http::path_fund(request)).definition;
    return Response::json(facts_json(
        fund.id, service.facts().facts(fund.id, http::query_instant_or_latest(request, "known_at"))));
  });
  router.get("/v1/funds/{fund}/rewards", [&service](const Request& request) {
    request.refuse_unknown_query({"from", "to"});
    const FundDefinition fund = served_fund(service.store(), http::path_fund(request)).definition;
    const time::Date from = http::required_query_date(request, "from");
    const time::Date to = http::required_query_date(request, "to");
    if (to < from) base::refuse("to", "is before from");
    return service.dependencies().pool->transact([&](db::Transaction& transaction) {
      return Response::json(
          staking_income_json(fund.id, from, to, load_staking_income(transaction, fund, from, to)));
    });
  });
  router.post("/v1/funds/{fund}/facts", [&service, authenticate](const Request& request) {
    return record(service, request, authenticate);
  });
}

}  // namespace navkeeper::nav
