// GET  /v1/funds/{fund}/repricings                       what orders are owed for NAV errors
// POST /v1/funds/{fund}/repricings                       {"from","through","reason","responsible"?}; maker
// POST /v1/funds/{fund}/repricings/{number}/approve      another person (approver); /withdraw
#include "common/http/keyed_post.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/json/reader.h"
#include "common/time/clock.h"
#include "services/nav/adapters/dealing_routes.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/known_fund.h"
#include "services/nav/adapters/nav_life_store.h"
#include "services/nav/adapters/repricing_json.h"
#include "services/nav/adapters/repricing_store.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using http::Authenticate;
using http::KeyedPost;
using http::Request;
using http::Response;

constexpr int kOk = 200;
constexpr int kCreated = 201;
constexpr const char* kPath = "/v1/funds/{fund}/repricings";
constexpr std::int64_t kNumberMax = 1'000'000;

/// One POST: `act(ports, fund, post)` saves through a store that has the post's key.
template <class Act>
Response once(Service& service, const Request& request, const Authenticate& authenticate, Act&& act) {
  const KeyedPost post = http::read_keyed_post(request, authenticate, *service.dependencies().clock);
  const model::FundId fund = served_fund(service.store(), http::path_fund(request)).definition.id;
  return http::once(*service.dependencies().pool, post, [&] {
    PostgresRepricingStore store = service.repricings().keyed(post.key);
    DealtOrders orders(service.life(), {service.dealing(), service.store()}, store);
    return act(RepricingPorts{service.store(), orders, store}, fund, post);
  });
}

Response propose(const RepricingPorts& ports, const model::FundId& fund, const KeyedPost& post) {
  json::ObjectReader body(post.body);
  RepricingRequest request{fund, body.date("from"), {}, "", ""};
  request.through = body.date("through");
  request.reason = body.string("reason");
  request.responsible = body.optional_string("responsible").value_or("");
  body.finish();
  const int number = propose_repricing(ports, request, {post.actor, post.now});
  return Response::json(repricing_fact(fund, number, "proposed"), kCreated);
}

void add_decision(http::Router& router, Service& service, const Authenticate& authenticate, const char* name,
                  const char* state,
                  bool (*decide)(const RepricingPorts&, const model::FundId&, int, const Acting&)) {
  router.post(std::string(kPath) + "/{number}/" + name, [&service, authenticate, state,
                                                         decide](const Request& request) {
    return once(service, request, authenticate,
                [&](const RepricingPorts& ports, const model::FundId& fund, const KeyedPost& post) {
                  json::ObjectReader(post.body).finish();
                  const int number = static_cast<int>(http::path_integer(request, "number", 1, kNumberMax));
                  const bool is_new = decide(ports, fund, number, {post.actor, post.now});
                  return Response::json(repricing_fact(fund, number, state), is_new ? kCreated : kOk);
                });
  });
}

}  // namespace

void register_repricing_routes(http::Router& router, Service& service, const Authenticate& authenticate) {
  router.get(kPath, [&service](const Request& request) {
    request.refuse_unknown_query({});
    const model::FundId fund = served_fund(service.store(), http::path_fund(request)).definition.id;
    return Response::json(repricings_json(fund, service.repricings().repricings(fund)));
  });
  router.post(kPath, [&service, authenticate](const Request& request) {
    return once(service, request, authenticate, propose);
  });
  add_decision(router, service, authenticate, "approve", "approved", approve_repricing);
  add_decision(router, service, authenticate, "withdraw", "withdrawn", withdraw_repricing);
}

}  // namespace navkeeper::nav
