// GET  /v1/prices/{asset}              the newest price of each day and kind of fund
// GET  /v1/prices/{asset}/{date}       one with its ladder, checks and determination; act, basis
// GET  /v1/principal-markets/{asset}   the history of an asset's principal market
// GET  /v1/determinations              fair-value determinations with their life
// POST /v1/prices/{asset}/{date}/strike   prices the day; the same inputs change nothing
// POST .../manual                      {"price","source"} proposes
// POST .../manual/{number}/approve
// POST .../determine                   {"act","basis","price","method","inputs","for_board"}
// POST .../approve-determination       {"act","basis","number","price"}
// POST /v1/exchange-rates/{token}      {"rate","as_of","source"}
// What a person decides needs an Idempotency-Key, stored in the transaction of the effect.
#include "common/base/refuse.h"
#include "common/http/keyed_post.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "common/json/reader.h"
#include "services/pricing/adapters/price_json.h"
#include "services/pricing/adapters/price_store.h"
#include "services/pricing/adapters/rate_store.h"
#include "services/pricing/app/decide_by_hand.h"
#include "services/pricing/service.h"

namespace navkeeper::pricing {
namespace {

using http::Request;
using http::Response;

constexpr int kCreated = 201;

/// What every route of this file shares.
struct Routes {
  Routes(const Dependencies& dependencies, Authenticate who)
      : pool(*dependencies.pool),
        clock(dependencies.clock != nullptr ? *dependencies.clock : own_clock),
        authenticate(std::move(who)) {}
  db::Pool& pool;
  time::SystemClock own_clock;
  const time::Clock& clock;
  Authenticate authenticate;
};
using Shared = std::shared_ptr<const Routes>;

model::AssetId asset_of(const Request& request, const char* name = "asset") {
  return http::path_name<model::AssetId>(request, name);
}

Track track_in(const std::string& act_word, const std::string& basis_word) {
  const auto act = parse_fund_act(act_word);
  if (!act) base::refuse("act", "must be ICA_1940 or ETP_1933");
  const auto basis = parse_price_basis(basis_word);
  if (!basis) base::refuse("basis", "must be fair_value or index");
  return {*act, *basis};
}

SqlPriceStore::Query range_of(const Request& request) {
  SqlPriceStore::Query query;
  query.from = http::query_date(request, "from");
  query.to = http::query_date(request, "to");
  query.as_of = http::query_instant_or_latest(request, "as_of");
  query.known_at = http::query_instant_or_latest(request, "known_at");
  query.count_max = static_cast<int>(http::kPageMax);
  return query;
}

Response prices_answer(const std::vector<StoredPrice>& prices) {
  json::Writer writer;
  writer.begin_object().key("prices").begin_array();
  for (const StoredPrice& price : prices) write_price(writer, price, false);
  return Response::json(writer.end_array().end_object().take());
}

Response list_prices(const Routes& routes, const Request& request) {
  request.refuse_unknown_query({"from", "to", "as_of", "known_at"});
  SqlPriceStore store(routes.pool);
  SqlPriceStore::Query query = range_of(request);
  query.asset = asset_of(request);
  if (store.policies(*query.asset).empty())
    throw http::ProblemError(http::not_found(query.asset->value() + " has no valuation policy"));
  return prices_answer(store.find(query));
}

Response list_determinations(const Routes& routes, const Request& request) {
  request.refuse_unknown_query({"from", "to", "as_of", "known_at"});
  SqlPriceStore::Query query = range_of(request);
  query.determinations_only = true;
  return prices_answer(SqlPriceStore(routes.pool).find(query));
}

Response show_price(const Routes& routes, const Request& request) {
  request.refuse_unknown_query({"act", "basis", "as_of", "known_at"});
  SqlPriceStore::Query query = range_of(request);
  query.asset = asset_of(request);
  query.from = query.to = http::path_date(request);
  query.track = track_in(http::required_query(request, "act"), http::required_query(request, "basis"));
  SqlPriceStore store(routes.pool);
  const auto found = store.find(query);
  // Nobody ever prices what the policy has no ladder for: that is no "not yet".
  if (const auto policy = found.empty() ? store.policy_on(*query.asset, *query.from) : std::nullopt;
      policy && policy->policy.ladder(*query.track) == nullptr)
    base::refuse(query.asset->value(), "its valuation policy has no ladder for " + query.track->to_string());
  if (found.empty())
    throw http::ProblemError(http::not_found(PriceKey{*query.asset, *query.from, *query.track}.to_string() +
                                             " has not been priced"));
  json::Writer writer;
  write_price(writer, found.front(), true);
  return Response::json(writer.take());
}

Response show_markets(const Routes& routes, const Request& request) {
  request.refuse_unknown_query({});
  const model::AssetId asset = asset_of(request);
  const auto versions = SqlPriceStore(routes.pool).policies(asset);
  if (versions.empty()) throw http::ProblemError(http::not_found(asset.value() + " has no valuation policy"));
  json::Writer writer;
  writer.begin_object().member("asset", std::string_view(asset.value())).key("history").begin_array();
  for (const auto& period : base::value_or_refuse(policy_history(versions))) {
    writer.begin_object().member("from", std::string_view(period.first.to_string())).key("to");
    if (period.last) {
      writer.string(period.last->to_string());
    } else {
      writer.null();
    }
    if (const auto& market = period.value.policy.market)
      writer.member("venue", std::string_view(market->venue.value()))
          .member("pair", std::string_view(market->pair.value()))
          .member("reason", std::string_view(market->reason));
    writer.member("actor", std::string_view(period.value.actor))
        .member("known_at", std::string_view(period.value.known_at.to_string()))
        .end_object();
  }
  return Response::json(writer.end_array().end_object().take());
}

http::KeyedPost read_post(const Routes& routes, const Request& request) {
  return http::read_keyed_post(request, routes.authenticate, routes.clock);
}

/// One POST: `act` runs on a store that writes the key with its one effect and says whether anything changed.
template <class Act>
Response once(const Routes& routes, const http::KeyedPost& post, Act&& act) {
  return http::once(routes.pool, post, [&] {
    SqlRateStore rates(routes.pool);
    SqlPriceStore store = SqlPriceStore(routes.pool).keyed(post.key);
    const bool changed = act(PricePorts{rates, store, routes.clock}, post.actor);
    if (const auto answer = store.stored_answer()) return Response::json(answer->body, answer->status);
    json::Writer unchanged;
    unchanged.begin_object().member("changed", changed).end_object();
    return Response::json(unchanged.take());
  });
}

Response post_strike(const Routes& routes, const Request& request) {
  request.refuse_unknown_query({});
  http::require_empty_body(request);
  const model::Actor actor = routes.authenticate(request);
  if (!actor.has(model::Role::kOperator) && !actor.has(model::Role::kService))
    throw http::ProblemError(http::forbidden(actor.id.value() + " has not the role operator"));
  SqlRateStore rates(routes.pool);
  SqlPriceStore store(routes.pool);
  const auto saved = base::value_or_refuse(price_asset({rates, store, routes.clock}, asset_of(request),
                                                       http::path_date(request), actor.id.value()));
  bool is_new = false;
  json::Writer writer;
  writer.begin_object().key("prices").begin_array();
  for (const auto& one : saved) {
    write_price(writer, one.price, false);
    is_new = is_new || one.is_new;
  }
  return Response::json(writer.end_array().end_object().take(), is_new ? kCreated : 200);
}

Response post_manual(const Routes& routes, const Request& request) {
  const http::KeyedPost post = read_post(routes, request);
  json::ObjectReader reader(post.body);
  const ManualProposal proposal{asset_of(request), http::path_date(request), reader.decimal("price"),
                                reader.string("source")};
  reader.finish();
  return once(routes, post, [&](const PricePorts& ports, const model::Actor& actor) {
    propose_manual_price(ports, proposal, actor);
    return true;
  });
}

Response post_manual_approval(const Routes& routes, const Request& request) {
  const http::KeyedPost post = read_post(routes, request);
  json::ObjectReader(post.body).finish();
  const auto number = static_cast<std::int32_t>(
      http::path_integer(request, "number", 0, std::numeric_limits<std::int32_t>::max()));
  const model::AssetId asset = asset_of(request);
  const time::Date date = http::path_date(request);
  return once(routes, post, [&](const PricePorts& ports, const model::Actor& actor) {
    const bool changed = approve_manual_price(ports, asset, date, number, actor);
    // Priced again with it, by a store without the key, which has taken effect.
    SqlPriceStore plain(routes.pool);
    base::value_or_refuse(price_asset({ports.rates, plain, routes.clock}, asset, date, actor.id.value()));
    return changed;
  });
}

PriceKey key_in(const Request& request, json::ObjectReader& reader) {
  const std::string act = reader.string("act");
  return {asset_of(request), http::path_date(request), track_in(act, reader.string("basis"))};
}

Response post_determination(const Routes& routes, const Request& request) {
  const http::KeyedPost post = read_post(routes, request);
  json::ObjectReader reader(post.body);
  const PriceKey key = key_in(request, reader);
  const money::Decimal price = reader.decimal("price");
  const std::string method = reader.string("method");
  const bool for_board = reader.optional_boolean("for_board").value_or(false);
  std::vector<DeterminationInput> inputs;
  for (const json::Place& place : reader.optional_array("inputs")) {
    json::ObjectReader one(place);
    DeterminationInput input;
    input.name = one.string("name");
    input.value = one.string("value");
    input.source = one.string("source");
    one.finish();
    inputs.push_back(std::move(input));
  }
  reader.finish();
  return once(routes, post, [&](const PricePorts& ports, const model::Actor& actor) {
    determine_price(ports, key, price, method, inputs, for_board, actor);
    return true;
  });
}

Response post_determination_approval(const Routes& routes, const Request& request) {
  const http::KeyedPost post = read_post(routes, request);
  json::ObjectReader reader(post.body);
  const PriceKey key = key_in(request, reader);
  const auto number = static_cast<int>(reader.integer("number", 1, 1'000'000));
  const money::Decimal price = reader.decimal("price");
  reader.finish();
  return once(routes, post, [&](const PricePorts& ports, const model::Actor& actor) {
    return approve_determination(ports, key, number, price, actor);
  });
}

/// One person enters a rate and another approves it: the body is the same.
template <auto kDecide>
Response post_exchange_rate(const Routes& routes, const Request& request) {
  const http::KeyedPost post = read_post(routes, request);
  json::ObjectReader reader(post.body);
  const money::Decimal coins = reader.decimal("rate");
  const time::Instant as_of = reader.instant("as_of");
  const ExchangeRate rate{coins, as_of, reader.string("source")};
  reader.finish();
  const model::AssetId token = asset_of(request, "token");
  return once(routes, post, [&](const PricePorts& ports, const model::Actor& actor) {
    return kDecide(ports, token, rate, actor);
  });
}

Response list_exchange_rates(const Routes& routes, const Request& request) {
  request.refuse_unknown_query({});
  const model::AssetId token = asset_of(request, "token");
  return Response::json(
      exchange_rates_to_json(token, SqlPriceStore(routes.pool).exchange_rates(token, 1'000)));
}

}  // namespace

void register_price_routes(http::Router& router, const Dependencies& dependencies,
                           Authenticate authenticate) {
  const Shared routes = std::make_shared<const Routes>(dependencies, std::move(authenticate));
  using Answer = Response (*)(const Routes&, const Request&);
  const auto with = [&](Answer answer) {
    return [routes, answer](const Request& request) { return answer(*routes, request); };
  };
  router.get("/v1/prices/{asset}", with(list_prices));
  router.get("/v1/prices/{asset}/{date}", with(show_price));
  router.get("/v1/principal-markets/{asset}", with(show_markets));
  router.get("/v1/determinations", with(list_determinations));
  router.post("/v1/prices/{asset}/{date}/strike", with(post_strike));
  router.post("/v1/prices/{asset}/{date}/manual", with(post_manual));
  router.post("/v1/prices/{asset}/{date}/manual/{number}/approve", with(post_manual_approval));
  router.post("/v1/prices/{asset}/{date}/determine", with(post_determination));
  router.post("/v1/prices/{asset}/{date}/approve-determination", with(post_determination_approval));
  router.post("/v1/exchange-rates/{token}", with(post_exchange_rate<add_exchange_rate>));
  router.post("/v1/exchange-rates/{token}/approve", with(post_exchange_rate<approve_exchange_rate>));
  router.get("/v1/exchange-rates/{token}", with(list_exchange_rates));
}

}  // namespace navkeeper::pricing
