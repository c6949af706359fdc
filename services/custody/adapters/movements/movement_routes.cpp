// GET  /v1/custody/funds/{fund}/movements                    all, with their states
// POST /v1/custody/funds/{fund}/movements                    proposes one (maker; a service, such as staking)
// GET  /v1/custody/funds/{fund}/movements/{id}
// POST /v1/custody/funds/{fund}/movements/{id}/approve       another person, twice (approver)
// POST /v1/custody/funds/{fund}/movements/{id}/withdraw      while it cannot have left
// POST /v1/custody/funds/{fund}/movements/{id}/retry         {"reason"}: what was not found is sent again
// POST /v1/custody/funds/{fund}/movements/{id}/match         {"custodian_id"}: whose record it is
// GET  /v1/custody/funds/{fund}/movement-rules               policies and addresses; kind
// POST /v1/custody/funds/{fund}/movement-rules               proposes one (maker)
// POST /v1/custody/funds/{fund}/movement-rules/{kind}/{id}/approve|withdraw
#include "services/custody/adapters/movements/movement_routes.h"

#include "common/http/keyed_post.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "common/json/reader.h"
#include "services/custody/adapters/movements/movement_store.h"
#include "services/custody/adapters/movements/named_record.h"
#include "services/custody/adapters/movements/price_desk.h"
#include "services/custody/adapters/movements/stake_desk.h"

namespace navkeeper::custody {
namespace {

using http::Request;
using http::Response;

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};
constexpr int kCreated = 201;

/// One POST: what it does, and what it answers, in the transaction that keeps its key.
using Act = std::string (*)(db::Transaction&, const Dependencies&, const Request&, const model::FundId&,
                            const json::Value& body, const MovementActor&);

std::string movement_state(db::Transaction& transaction, const model::FundId& fund, const std::string& id) {
  return movements_json(fund, {known_movement(transaction, fund, id)});
}

/// Staking and pricing are asked before the transaction: nobody waits for another service under the fund's
/// lock.
Response propose_one(const Dependencies& dependencies, const http::KeyedPost& keyed,
                     const model::FundId& fund) {
  const Movement movement = read_movement(keyed.body);
  require_proposer({keyed.actor, keyed.now});
  const StakeTest test = tested_stake(dependencies, fund, movement);
  const CoinPrice price = priced_coin(dependencies, fund, movement);
  return http::once_in_transaction(*dependencies.pool, keyed, [&](db::Transaction& transaction) {
    const MovementActor who{keyed.actor, database_time(transaction)};
    propose_movement(transaction, *dependencies.settings, fund, movement, who, test, price);
    return db::StoredAnswer{kCreated, movement_state(transaction, fund, movement.id)};
  });
}

Response approve_one(const Dependencies& dependencies, const http::KeyedPost& keyed,
                     const model::FundId& fund, const std::string& id) {
  json::ObjectReader(keyed.body).finish();
  model::require_role(keyed.actor, model::Role::kApprover, "approve what moves coins");
  const CoinPrice price = priced_coin(dependencies, fund, id);
  return http::once_in_transaction(*dependencies.pool, keyed, [&](db::Transaction& transaction) {
    approve_movement(transaction, fund, id, {keyed.actor, database_time(transaction)}, price);
    return db::StoredAnswer{kCreated, movement_state(transaction, fund, id)};
  });
}

std::string withdraw_one(db::Transaction& transaction, const Dependencies&, const Request& request,
                         const model::FundId& fund, const json::Value& body, const MovementActor& who) {
  json::ObjectReader(body).finish();
  withdraw_movement(transaction, fund, request.parameter("id"), who);
  return movement_state(transaction, fund, request.parameter("id"));
}

std::string retry_one(db::Transaction& transaction, const Dependencies&, const Request& request,
                      const model::FundId& fund, const json::Value& body, const MovementActor& who) {
  json::ObjectReader reader(body);
  const std::string reason = reader.string("reason");
  reader.finish();
  retry_movement(transaction, fund, request.parameter("id"), reason, who);
  return movement_state(transaction, fund, request.parameter("id"));
}

/// The custodian is asked before the transaction.
Response match_one(const Dependencies& dependencies, const http::KeyedPost& keyed, const model::FundId& fund,
                   const std::string& id) {
  json::ObjectReader reader(keyed.body);
  const std::string custodian_id = reader.string("custodian_id");
  reader.finish();
  require_named_record(dependencies, keyed.actor, fund, id, custodian_id);
  return http::once_in_transaction(*dependencies.pool, keyed, [&](db::Transaction& transaction) {
    match_movement(transaction, fund, id, custodian_id, {keyed.actor, database_time(transaction)});
    return db::StoredAnswer{kCreated, movement_state(transaction, fund, id)};
  });
}

std::string rule_state(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
                       const std::string& id, time::Instant now) {
  return movement_rules_json(fund, load_movement_rules(transaction, fund, kind, id), now);
}

std::string propose_rule(db::Transaction& transaction, const Dependencies& dependencies, const Request&,
                         const model::FundId& fund, const json::Value& body, const MovementActor& who) {
  const MovementRule rule = read_movement_rule(body);
  propose_movement_rule(transaction, *dependencies.settings, fund, rule, who);
  return rule_state(transaction, fund, std::string(rule.kind()), rule.id(), who.now);
}

template <bool (*kDecide)(db::Transaction&, const model::FundId&, const std::string&, const std::string&,
                          const MovementActor&)>
std::string decide_rule(db::Transaction& transaction, const Dependencies&, const Request& request,
                        const model::FundId& fund, const json::Value& body, const MovementActor& who) {
  json::ObjectReader(body).finish();
  const std::string& kind = request.parameter("kind");
  const std::string& id = request.parameter("id");
  kDecide(transaction, fund, kind, id, who);
  return rule_state(transaction, fund, kind, id, who.now);
}

}  // namespace

void register_movement_routes(http::Router& router, const Dependencies& dependencies,
                              const Authenticate& authenticate) {
  const std::string root = "/v1/custody/funds/{fund}/";
  const auto post = [&](const std::string& pattern, Act act) {
    router.post(root + pattern, [dependencies, authenticate, act](const Request& request) {
      const http::KeyedPost keyed = http::read_keyed_post(request, authenticate, *dependencies.clock);
      const model::FundId fund = http::path_fund(request);
      return http::once_in_transaction(*dependencies.pool, keyed, [&](db::Transaction& transaction) {
        const MovementActor who{keyed.actor, database_time(transaction)};
        return db::StoredAnswer{kCreated, act(transaction, dependencies, request, fund, keyed.body, who)};
      });
    });
  };
  const auto reading = [](const Dependencies& from, const auto& show) {
    return Response::json(from.pool->transact(show, kReading));
  };
  router.get(root + "movements", [dependencies, reading](const Request& request) {
    request.refuse_unknown_query({});
    const model::FundId fund = http::path_fund(request);
    return reading(dependencies, [&](db::Transaction& transaction) {
      return movements_json(fund, load_movements(transaction, fund));
    });
  });
  router.get(root + "movements/{id}", [dependencies, reading](const Request& request) {
    request.refuse_unknown_query({});
    const model::FundId fund = http::path_fund(request);
    return reading(dependencies, [&](db::Transaction& transaction) {
      const auto found = load_movements(transaction, fund, request.parameter("id"));
      if (found.empty())
        throw http::ProblemError(http::not_found("there is no movement " + request.parameter("id")));
      return movements_json(fund, found);
    });
  });
  router.get(root + "movement-rules", [dependencies, reading](const Request& request) {
    request.refuse_unknown_query({"kind"});
    const model::FundId fund = http::path_fund(request);
    const std::string* const kind = request.query_value("kind");
    if (kind != nullptr && *kind != "policy" && *kind != "destination")
      base::refuse("kind", "must be policy or destination");
    return reading(dependencies, [&](db::Transaction& transaction) {
      return movement_rules_json(fund, load_movement_rules(transaction, fund, kind == nullptr ? "" : *kind),
                                 database_time(transaction));
    });
  });
  router.post(root + "movements", [dependencies, authenticate](const Request& request) {
    const http::KeyedPost keyed = http::read_keyed_post(request, authenticate, *dependencies.clock);
    return propose_one(dependencies, keyed, http::path_fund(request));
  });
  router.post(root + "movements/{id}/approve", [dependencies, authenticate](const Request& request) {
    const http::KeyedPost keyed = http::read_keyed_post(request, authenticate, *dependencies.clock);
    return approve_one(dependencies, keyed, http::path_fund(request), request.parameter("id"));
  });
  post("movements/{id}/withdraw", withdraw_one);
  post("movements/{id}/retry", retry_one);
  router.post(root + "movements/{id}/match", [dependencies, authenticate](const Request& request) {
    const http::KeyedPost keyed = http::read_keyed_post(request, authenticate, *dependencies.clock);
    return match_one(dependencies, keyed, http::path_fund(request), request.parameter("id"));
  });
  post("movement-rules", propose_rule);
  post("movement-rules/{kind}/{id}/approve", decide_rule<approve_movement_rule>);
  post("movement-rules/{kind}/{id}/withdraw", decide_rule<withdraw_movement_rule>);
}

}  // namespace navkeeper::custody
