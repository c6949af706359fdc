// GET  /v1/prices/{asset}                            the newest price of each day and kind of fund
// GET  /v1/prices/{asset}/{date}                     one with its ladder, checks and determination; act,
// basis GET  /v1/principal-markets/{asset}                 the history of an asset's principal market GET
// /v1/determinations                            fair-value determinations with their life POST
// /v1/prices/{asset}/{date}/strike              prices the day; the same inputs change nothing POST
// /v1/prices/{asset}/{date}/manual              {"price","source"} proposes; .../manual/{number}/approve POST
// /v1/prices/{asset}/{date}/determine           {"act","basis","price","method","inputs","for_board"} POST
// /v1/prices/{asset}/{date}/approve-determination  {"act","basis","price"} POST /v1/exchange-rates/{token}
// {"rate","as_of","source"} What a person decides needs an Idempotency-Key, stored in the transaction of the
// effect.
#include <charconv>

#include "common/base/refuse.h"
#include "common/db/idempotency.h"
#include "common/http/problem.h"
#include "common/http/router.h"
#include "common/json/reader.h"
#include "common/time/clock.h"
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
constexpr int kUnprocessable = 422;
constexpr int kPageMax = 1'000;

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
  auto asset = model::AssetId::parse(request.parameter(name));
  if (asset.has_error()) throw base::Refused(asset.error().within(name));
  return *std::move(asset);
}

time::Date date_in(const std::string& text, const char* where) {
  const auto date = time::Date::parse(text);
  if (!date) base::refuse(where, "must be a date YYYY-MM-DD");
  return *date;
}

time::Date date_of(const Request& request) { return date_in(request.parameter("date"), "date"); }

time::Instant instant_or_latest(const Request& request, const char* name) {
  const std::string* const text = request.query_value(name);
  if (text == nullptr) return time::Instant::latest();
  const auto instant = time::parse_rfc3339(*text);
  if (!instant) base::refuse(name, "must be an RFC 3339 time");
  return *instant;
}

Track track_in(const std::string& act_word, const std::string& basis_word) {
  const auto act = parse_fund_act(act_word);
  if (!act) base::refuse("act", "must be ICA_1940 or ETP_1933");
  const auto basis = parse_price_basis(basis_word);
  if (!basis) base::refuse("basis", "must be fair_value or index");
  return {*act, *basis};
}

std::string required(const Request& request, const char* name) {
  const std::string* const text = request.query_value(name);
  if (text == nullptr) base::refuse(name, "is missing");
  return *text;
}

SqlPriceStore::Query range_of(const Request& request) {
  SqlPriceStore::Query query;
  if (const auto* from = request.query_value("from")) query.from = date_in(*from, "from");
  if (const auto* to = request.query_value("to")) query.to = date_in(*to, "to");
  query.as_of = instant_or_latest(request, "as_of");
  query.known_at = instant_or_latest(request, "known_at");
  query.count_max = kPageMax;
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
  query.from = query.to = date_of(request);
  query.track = track_in(required(request, "act"), required(request, "basis"));
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

/// The request's body as it was sent, strictly read, and in canonical form.
json::Value body_of(const Request& request) {
  if (request.body.empty()) return json::Value::object({});
  return base::value_or_refuse(json::parse(request.body));
}

/// The stored answer where the key took effect before; else `act` runs on a store that writes the key with
/// its one effect. `act` says whether anything changed.
template <class Act>
Response once(const Routes& routes, const Request& request, const json::Value& body, Act&& act) {
  request.refuse_unknown_query({});
  const model::Actor actor = routes.authenticate(request);
  const std::string* const text = request.headers.find("Idempotency-Key");
  if (text == nullptr) base::refuse("Idempotency-Key", "is missing");
  const auto key = model::IdempotencyKey::parse(*text);
  if (key.has_error()) throw base::Refused(key.error().within("Idempotency-Key"));
  const db::KeyedRequest keyed{
      actor.id.value(), key->value(),
      db::request_hash(http::describe(request.method), request.path, json::to_canonical(body)),
      routes.clock.now().ns()};
  SqlRateStore rates(routes.pool);
  SqlPriceStore store = SqlPriceStore(routes.pool).keyed(keyed);
  try {
    if (const auto answer = store.stored_answer()) return Response::json(answer->body, answer->status);
    const bool changed = act(PricePorts{rates, store, routes.clock}, actor);
    if (const auto answer = store.stored_answer()) return Response::json(answer->body, answer->status);
    json::Writer unchanged;
    unchanged.begin_object().member("changed", changed).end_object();
    return Response::json(unchanged.take());
  } catch (const db::KeyReused& reused) {
    http::Problem problem;
    problem.status = kUnprocessable;
    problem.code = "idempotency_key_reused";
    problem.detail = reused.what();
    throw http::ProblemError(std::move(problem));
  }
}

Response post_strike(const Routes& routes, const Request& request) {
  request.refuse_unknown_query({});
  if (!request.body.empty() && request.body != "{}") base::refuse("body", "must be empty or {}");
  const model::Actor actor = routes.authenticate(request);
  if (!actor.has(model::Role::kOperator) && !actor.has(model::Role::kService))
    throw http::ProblemError(http::forbidden(actor.id.value() + " has not the role operator"));
  SqlRateStore rates(routes.pool);
  SqlPriceStore store(routes.pool);
  const auto saved = base::value_or_refuse(
      price_asset({rates, store, routes.clock}, asset_of(request), date_of(request), actor.id.value()));
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
  const json::Value body = body_of(request);
  json::ObjectReader reader(body);
  const ManualProposal proposal{asset_of(request), date_of(request), reader.decimal("price"),
                                reader.string("source")};
  reader.finish();
  return once(routes, request, body, [&](const PricePorts& ports, const model::Actor& actor) {
    propose_manual_price(ports, proposal, actor);
    return true;
  });
}

Response post_manual_approval(const Routes& routes, const Request& request) {
  const json::Value body = body_of(request);
  json::ObjectReader(body).finish();
  const std::string& text = request.parameter("number");
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    base::refuse("number", "is not a whole number");
  const model::AssetId asset = asset_of(request);
  const time::Date date = date_of(request);
  return once(routes, request, body, [&](const PricePorts& ports, const model::Actor& actor) {
    const bool changed = approve_manual_price(ports, asset, date, number, actor);
    // Priced again with it, by a store without the key, which has taken effect.
    SqlPriceStore plain(routes.pool);
    base::value_or_refuse(price_asset({ports.rates, plain, routes.clock}, asset, date, actor.id.value()));
    return changed;
  });
}

PriceKey key_in(const Request& request, json::ObjectReader& reader) {
  const std::string act = reader.string("act");
  return {asset_of(request), date_of(request), track_in(act, reader.string("basis"))};
}

Response post_determination(const Routes& routes, const Request& request) {
  const json::Value body = body_of(request);
  json::ObjectReader reader(body);
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
  return once(routes, request, body, [&](const PricePorts& ports, const model::Actor& actor) {
    determine_price(ports, key, price, method, inputs, for_board, actor);
    return true;
  });
}

Response post_determination_approval(const Routes& routes, const Request& request) {
  const json::Value body = body_of(request);
  json::ObjectReader reader(body);
  const PriceKey key = key_in(request, reader);
  const money::Decimal price = reader.decimal("price");
  reader.finish();
  return once(routes, request, body, [&](const PricePorts& ports, const model::Actor& actor) {
    return approve_determination(ports, key, price, actor);
  });
}

Response post_exchange_rate(const Routes& routes, const Request& request) {
  const json::Value body = body_of(request);
  json::ObjectReader reader(body);
  const money::Decimal coins = reader.decimal("rate");
  const time::Instant as_of = reader.instant("as_of");
  const ExchangeRate rate{coins, as_of, reader.string("source")};
  reader.finish();
  const model::AssetId token = asset_of(request, "token");
  return once(routes, request, body, [&](const PricePorts& ports, const model::Actor& actor) {
    return add_exchange_rate(ports, token, rate, actor);
  });
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
  router.post("/v1/exchange-rates/{token}", with(post_exchange_rate));
}

}  // namespace navkeeper::pricing
