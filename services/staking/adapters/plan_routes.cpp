#include "services/staking/adapters/plan_routes.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/keyed_post.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "common/json/reader.h"
#include "common/time/clock.h"
#include "services/staking/adapters/liquidity_json.h"
#include "services/staking/adapters/liquidity_store.h"
#include "services/staking/adapters/movement_client.h"
#include "services/staking/adapters/nav_client.h"
#include "services/staking/adapters/peer_slots.h"
#include "services/staking/adapters/plan_json.h"
#include "services/staking/adapters/plan_store.h"
#include "services/staking/adapters/plans_at_work.h"
#include "services/staking/adapters/settings.h"
#include "services/staking/adapters/staking_store.h"

namespace navkeeper::staking {
namespace {

using http::KeyedPost;
using http::Request;
using http::Response;

constexpr int kCreated = 201;
constexpr std::int64_t kDaysMax = 3'660;

/// What the POSTs of one server share.
struct Peers {
  Peers(const Dependencies& dependencies, std::shared_ptr<PeerSlots> peer_slots)
      : nav(dependencies.nav_url, dependencies.nav_token), slots(std::move(peer_slots)) {}
  NavClient nav;
  std::shared_ptr<PeerSlots> slots;
  PlansAtWork at_work;
};

http::ProblemError unknown_plan(const model::FundId& fund, const std::string& id) {
  return http::ProblemError(http::not_found("plan " + id + " of " + fund.value() + " is not known"));
}

Response propose(const Dependencies& dependencies, Peers& peers, const Request& request,
                 const KeyedPost& post) {
  model::require_role(post.actor, {model::Role::kMaker, model::Role::kService}, "propose a staking plan");
  const model::FundId fund = http::path_fund(request);
  json::ObjectReader body(post.body);
  const json::Place asked = body.value("plan");
  PlanRequest plan = read_plan_request(asked.value);
  const AskedFacts told = [&] {
    const PeerSlots::Held held(*peers.slots, "another service");
    return asked_facts(peers.nav, fund, body, post.now);
  }();
  body.finish();
  // A plan decides what is acquired.
  if (!told.of_nav) throw base::Unavailable("no nav service is configured, which knows the NAV");
  const auto turn = peers.at_work.take(post.key);
  PostgresStakingStore readings(*dependencies.pool);
  const FundTerms terms = terms_of(dependencies.settings->funds, fund);
  const LiquidityInputs inputs = resolve_liquidity(readings, fund, told.facts, terms, post.now);
  resolve_token_rates(readings, fund, plan, post.now);
  resolve_redelegations(readings, fund, inputs, plan);
  resolve_tokens_held(inputs, plan);
  const auto validators =
      resolve_validators(readings, fund, plan.candidates, terms, post.now, inputs.positions);
  PostgresPlanStore store = PostgresPlanStore(*dependencies.pool).keyed(post.key);
  store.save(fund, inputs, validators, plan, make_plan(inputs, validators, plan), post.actor.id.value());
  return Response::json(plan_json(*store.find(fund, plan.id)), kCreated);
}

Response submit(const Dependencies& dependencies, Peers&, const Request& request, const KeyedPost& post) {
  model::require_role(post.actor, {model::Role::kMaker, model::Role::kService}, "submit a staking plan");
  json::ObjectReader(post.body).finish();
  const model::FundId fund = http::path_fund(request);
  const std::string id = request.parameter("id");
  PostgresPlanStore plans(*dependencies.pool);
  if (!plans.find(fund, id)) throw unknown_plan(fund, id);
  PostgresStakingStore readings(*dependencies.pool);
  MovementClient desk(dependencies.custody_url, dependencies.custody_token,
                      [&](const std::string& custodian) {
                        return custodian_source(*dependencies.settings, fund, custodian);
                      });
  const std::string answer =
      plan_json(submit_plan({readings, plans, desk}, fund, id, terms_of(dependencies.settings->funds, fund),
                            *dependencies.clock, post.actor.id.value()));
  dependencies.pool->transact([&](db::Transaction& transaction) {
    db::write_once(transaction, post.key, [&](db::Transaction&) { return answer; });
  });
  return Response::json(answer, kCreated);
}

/// Since when stakes that custody sent may not be shown yet: custodians show them, so that a chain's final
/// state, which is always older, does not count. Without a custodian the oldest reading.
time::Instant stakes_read_at(const Dependencies& dependencies, const model::FundId& fund,
                             const LiquidityInputs& inputs) {
  std::optional<time::Instant> oldest;
  for (const CustodianSettings& one : dependencies.settings->custodians) {
    const auto read = inputs.read_at_of.find(one.name);
    if (one.fund == fund && read != inputs.read_at_of.end())
      oldest = oldest ? std::min(*oldest, read->second) : read->second;
  }
  return oldest.value_or(inputs.read_at);
}

/// "ETH:2326:crypto_com,CRO:15": coin, amount, and through whom where that is known.
std::vector<StakeUnderWay> others_in(const Dependencies& dependencies, const Request& request,
                                     const model::FundId& fund, const LiquidityInputs& inputs) {
  std::vector<StakeUnderWay> others;
  const std::string* const text = request.query_value("others");
  if (text == nullptr) return others;
  const auto parts_of = [](const std::string& whole, char mark) {
    std::vector<std::string> parts{""};
    for (const char one : whole) {
      if (one == mark)
        parts.emplace_back();
      else
        parts.back() += one;
    }
    return parts;
  };
  for (const std::string& one : parts_of(*text, ',')) {
    const auto parts = parts_of(one, ':');
    if (parts.size() < 2 || parts.size() > 3) base::refuse("others", "must be ASSET:COINS[:CUSTODIAN],...");
    auto asset = model::AssetId::parse(parts[0]);
    if (asset.has_error()) base::refuse("others", asset.error().rule);
    const auto coins = money::Decimal::parse(parts[1]);
    if (coins.has_error() || !coins->is_positive())
      base::refuse("others", "must be decimals above 0, of at most 38 digits a side");
    const std::string source =
        parts.size() == 3 ? custodian_source(*dependencies.settings, fund, parts[2]) : std::string();
    others.push_back({*asset, *coins, stake_free_at(inputs, *asset, source)});
  }
  return others;
}

Response acquisition(const Dependencies& dependencies, const Request& request) {
  request.refuse_unknown_query({"asset", "coins", "days", "custodian", "others"});
  const model::FundId fund = http::path_fund(request);
  auto asset = model::AssetId::parse(http::required_query(request, "asset"));
  if (asset.has_error()) base::refuse("asset", asset.error().rule);
  const auto coins = money::Decimal::parse(http::required_query(request, "coins"));
  if (coins.has_error() || !coins->is_positive())
    base::refuse("coins", "must be a decimal above 0, of at most 38 digits a side");
  const auto days = http::query_integer(request, "days", 0, kDaysMax);
  const std::string* const custodian = request.query_value("custodian");
  const auto test = PostgresLiquidityStore(*dependencies.pool).newest_test(fund, time::Instant::latest());
  if (!test)
    throw http::ProblemError(
        http::not_found("no liquidity test of " + fund.value() + " was taken yet: POST .../liquidity"));
  // The NAV that the newest test was told, and what the chains and custodians show by now.
  PostgresStakingStore readings(*dependencies.pool);
  const LiquidityInputs inputs =
      resolve_liquidity(readings, fund, test->inputs.facts, terms_of(dependencies.settings->funds, fund),
                        dependencies.clock->now());
  const std::string source =
      custodian_source(*dependencies.settings, fund, custodian == nullptr ? "" : *custodian);
  const auto free_at = days ? std::optional(inputs.now + time::Duration::hours(std::int64_t{24} * *days))
                            : stake_free_at(inputs, *asset, source);
  return Response::json(acquisition_json(
      check_stake(inputs, *asset, *coins, free_at, others_in(dependencies, request, fund, inputs)),
      stakes_read_at(dependencies, fund, inputs)));
}

}  // namespace

void register_plan_routes(http::Router& router, const Dependencies& dependencies,
                          const Authenticate& authenticate, const std::shared_ptr<PeerSlots>& slots) {
  const std::string root = "/v1/staking/funds/{fund}/";
  const auto peers = std::make_shared<Peers>(dependencies, slots);
  router.get(root + "plans", [dependencies](const Request& request) {
    request.refuse_unknown_query({"known_at"});
    PostgresPlanStore store(*dependencies.pool);
    return Response::json(plans_json(
        store.plans(http::path_fund(request), http::query_instant_or_latest(request, "known_at"))));
  });
  router.get(root + "plans/{id}", [dependencies](const Request& request) {
    request.refuse_unknown_query({});
    const model::FundId fund = http::path_fund(request);
    const auto plan = PostgresPlanStore(*dependencies.pool).find(fund, request.parameter("id"));
    if (!plan) throw unknown_plan(fund, request.parameter("id"));
    return Response::json(plan_json(*plan));
  });
  router.get(root + "liquidity/acquisition",
             [dependencies](const Request& request) { return acquisition(dependencies, request); });
  const auto post = [&](const std::string& pattern, auto answer) {
    router.post(pattern, [dependencies, peers, authenticate, answer](const Request& request) {
      const KeyedPost keyed = http::read_keyed_post(request, authenticate, *dependencies.clock);
      return http::once(*dependencies.pool, keyed,
                        [&] { return answer(dependencies, *peers, request, keyed); });
    });
  };
  post(root + "plans", propose);
  post(root + "plans/{id}/submit",
       [](const Dependencies& with, Peers& shared, const Request& request, const KeyedPost& keyed) {
         const PeerSlots::Held held(*shared.slots, "another service");
         return submit(with, shared, request, keyed);
       });
}

}  // namespace navkeeper::staking
