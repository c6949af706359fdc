#include "services/staking/adapters/liquidity_routes.h"

#include <memory>

#include "common/base/refuse.h"
#include "common/http/keyed_post.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "common/json/reader.h"
#include "common/time/clock.h"
#include "services/staking/adapters/liquidity_json.h"
#include "services/staking/adapters/liquidity_store.h"
#include "services/staking/adapters/nav_client.h"
#include "services/staking/adapters/peer_slots.h"
#include "services/staking/adapters/settings.h"
#include "services/staking/adapters/staking_store.h"

namespace navkeeper::staking {
namespace {

using http::KeyedPost;
using http::Request;
using http::Response;

constexpr int kCreated = 201;

Response shown(const Dependencies& dependencies, const Request& request) {
  request.refuse_unknown_query({"known_at"});
  const model::FundId fund = http::path_fund(request);
  const time::Instant known_at = http::query_instant_or_latest(request, "known_at");
  PostgresLiquidityStore store(*dependencies.pool);
  return Response::json(liquidity_json(store.newest_test(fund, known_at), store.breaches(fund, known_at)));
}

/// What nav's check asks: at the state that its books have.
Response illiquid(const Dependencies& dependencies, const Request& request) {
  request.refuse_unknown_query({"source", "as_of"});
  const model::FundId fund = http::path_fund(request);
  StakingQuery query;
  query.as_of = http::query_instant_or_latest(request, "as_of");
  if (query.as_of == time::Instant::latest()) query.as_of = dependencies.clock->now();
  if (const std::string* const source = request.query_value("source")) query.source = *source;
  PostgresStakingStore readings(*dependencies.pool);
  PostgresLiquidityStore store(*dependencies.pool);
  const FundTerms terms = terms_of(dependencies.settings->funds, fund);
  return Response::json(illiquid_json(illiquid_stakes(readings, fund, terms, query), query.as_of,
                                      terms.policy.sale_days, store.breaches(fund, time::Instant::latest())));
}

Response redemption(const Dependencies& dependencies, const Request& request) {
  request.refuse_unknown_query({"dollars"});
  const model::FundId fund = http::path_fund(request);
  const auto dollars = money::Decimal::parse(http::required_query(request, "dollars"));
  if (dollars.has_error()) base::refuse("dollars", "is not a decimal of at most 38 digits a side");
  const auto test = PostgresLiquidityStore(*dependencies.pool).newest_test(fund, time::Instant::latest());
  if (!test)
    throw http::ProblemError(
        http::not_found("no liquidity test of " + fund.value() + " was taken yet: POST .../liquidity"));
  return Response::json(redemption_json(redemption_of(*test, *dollars)));
}

/// What the POSTs of one server share.
struct Shared {
  Shared(const Dependencies& dependencies, std::shared_ptr<PeerSlots> peer_slots)
      : nav(dependencies.nav_url, dependencies.nav_token), slots(std::move(peer_slots)) {}
  NavClient nav;
  std::shared_ptr<PeerSlots> slots;
};

Response take(const Dependencies& dependencies, Shared& shared, const KeyedPost& post,
              const model::FundId& fund) {
  model::require_role(post.actor, {model::Role::kOperator, model::Role::kMaker, model::Role::kService},
                      "take a liquidity test");
  json::ObjectReader body(post.body);
  const AskedFacts asked = [&] {
    const PeerSlots::Held held(*shared.slots, "another service");
    return asked_facts(shared.nav, fund, body, post.now);
  }();
  body.finish();
  PostgresStakingStore readings(*dependencies.pool);
  const FundTerms terms = terms_of(dependencies.settings->funds, fund);
  if (!asked.of_nav) {  // shown, and no more: nobody's word opens or cures a breach or allows a stake
    const auto inputs = resolve_liquidity(readings, fund, asked.facts, terms, post.now);
    const std::string answer = picture_text(picture_of(inputs), post.now, false);
    dependencies.pool->transact([&](db::Transaction& transaction) {
      db::write_once(transaction, post.key, [&](db::Transaction&) { return answer; });
    });
    return Response::json(answer, kCreated);
  }
  PostgresLiquidityStore store = PostgresLiquidityStore(*dependencies.pool).keyed(post.key);
  const LiquidityPicture picture =
      test_liquidity({readings, store}, fund, asked.facts, terms, post.now, post.actor.id.value());
  return Response::json(picture_text(picture, post.now, true), kCreated);
}

Response act(const Dependencies& dependencies, Shared&, const KeyedPost& post, const model::FundId& fund) {
  model::require_role(post.actor, {model::Role::kOperator, model::Role::kMaker}, "record acts on a breach");
  json::ObjectReader body(post.body);
  const std::string word = body.string("kind");
  const auto kind = liquidity::parse_breach_event_kind(word);
  if (!kind) base::refuse("kind", "must be board_notified, form_filed or plan_recorded");
  const std::string text = body.string("text");
  body.finish();
  PostgresLiquidityStore store = PostgresLiquidityStore(*dependencies.pool).keyed(post.key);
  const StoredBreach breach = act_on_breach(store, fund, *kind, text, post.now, post.actor.id.value());
  return Response::json(breach_event_json(breach), kCreated);
}

}  // namespace

void register_liquidity_routes(http::Router& router, const Dependencies& dependencies,
                               const Authenticate& authenticate, const std::shared_ptr<PeerSlots>& slots) {
  const std::string root = "/v1/staking/funds/{fund}/liquidity";
  const auto shared = std::make_shared<Shared>(dependencies, slots);
  router.get(root, [dependencies](const Request& request) { return shown(dependencies, request); });
  router.get(root + "/illiquid",
             [dependencies](const Request& request) { return illiquid(dependencies, request); });
  router.get(root + "/redemption",
             [dependencies](const Request& request) { return redemption(dependencies, request); });
  const auto post =
      [&](const std::string& pattern,
          Response (*answer)(const Dependencies&, Shared&, const KeyedPost&, const model::FundId&)) {
        router.post(pattern, [dependencies, shared, authenticate, answer](const Request& request) {
          const KeyedPost keyed = http::read_keyed_post(request, authenticate, *dependencies.clock);
          const model::FundId fund = http::path_fund(request);
          return http::once(*dependencies.pool, keyed,
                            [&] { return answer(dependencies, *shared, keyed, fund); });
        });
      };
  post(root, take);
  post(root + "/breach", act);
}

}  // namespace navkeeper::staking
