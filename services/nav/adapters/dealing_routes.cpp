// GET  /v1/funds/{fund}/orders[/{id}]          from, to by trade date; one with its price and its life
// POST /v1/funds/{fund}/orders                 one order, or {"orders":[...]}: all or none; 201, 200 when
// placed before POST /v1/funds/{fund}/orders/price           {"date"}: every accepted order of the day at its
// approved NAV POST /v1/funds/{fund}/orders/{id}/accept     never by who placed it POST .../reject
// {"ground","detail"}, /cancel {"reason"}, /execution {"difference","reason"},
//      /cash-in-lieu {"asset","quantity","reason"}, /settle {"date","units","reference"}, /fail
//      {"date","reason"}, /collateral {"amount","date","reference"}, /close-out {"date","reason"}
// GET  /v1/funds/{fund}/open-items             as_of: what was due and has not settled
// GET  /v1/funds/{fund}/baskets/{date}         the portfolio composition file; format=json|csv
// GET  /v1/funds/{fund}/rebalancing/{date}     what brings the coins back to their weights
// GET  /v1/funds/{fund}/participants, POST; POST /{id}/suspend|reinstate {"from","reason"}
#include "services/nav/adapters/dealing_routes.h"

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/pool.h"
#include "common/http/problem.h"
#include "common/json/reader.h"
#include "common/time/clock.h"
#include "services/nav/adapters/dealing_json.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/dealing_view.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using http::Request;
using http::Response;
using json::ObjectReader;

constexpr int kOk = 200;
constexpr int kCreated = 201;
constexpr const char* kOrders = "/v1/funds/{fund}/orders";

std::optional<time::Date> date_query(const Request& request, const char* name) {
  const std::string* const text = request.query_value(name);
  if (text == nullptr) return std::nullopt;
  return date_in(*text, name);
}

StoredOrder known_order(Service& service, const model::FundId& fund, const std::string& id) {
  auto order = service.dealing().find_order(fund, order_id_of(id));
  if (!order) throw http::ProblemError(http::not_found("order " + id + " is not known"));
  return *std::move(order);
}

/// A step of one order: reads its body, takes the step, answers where the order stands.
using Take = std::function<bool(const DealingPorts&, const model::FundId&, const dealing::OrderId&,
                                ObjectReader&, const Acting&)>;

void add_step(http::Router& router, Service& service, const Authenticate& authenticate, const char* name,
              Take take) {
  router.post(std::string(kOrders) + "/{id}/" + name, [&service, authenticate,
                                                       take = std::move(take)](const Request& request) {
    return keyed_post(service, request, authenticate, [&](const KeyedPost& post) {
      const model::FundId& fund = post.fund.id;
      const std::string& id = request.parameter("id");
      known_order(service, fund, id);
      PostgresDealingStore store = service.dealing().keyed(post.keyed);
      ObjectReader reader(post.body);
      const bool is_new =
          take({store, service.store()}, fund, order_id_of(id), reader, {post.actor, post.now});
      const StoredOrder order = known_order(service, fund, id);
      return Response::json(order_fact(fund, order.order.id, order.events.back().event, order.state()),
                            is_new ? kCreated : kOk);
    });
  });
}

Response place(Service& service, const Request& request, const Authenticate& authenticate) {
  return keyed_post(service, request, authenticate, [&](const KeyedPost& post) {
    PostgresDealingStore store = service.dealing().keyed(post.keyed);
    const PlaceReport report = place_orders({store, service.store()}, post.fund.id,
                                            read_orders_body(post.body, post.now), {post.actor, post.now});
    return Response::json(place_report_json(post.fund.id, report), report.placed > 0 ? kCreated : kOk);
  });
}

/// An order a transaction, so the key is kept beside the answer afterwards; asked again without it, nothing
/// is priced twice.
Response price(Service& service, const Request& request, const Authenticate& authenticate) {
  return keyed_post(service, request, authenticate, [&](const KeyedPost& post) {
    ObjectReader reader(post.body);
    const time::Date date = reader.date("date");
    reader.finish();
    const auto lines =
        price_orders({service.dealing(), service.store()}, post.fund.id, date, {post.actor, post.now});
    const std::string body = price_lines_json(post.fund.id, date, lines);
    service.dependencies().pool->transact([&](db::Transaction& transaction) {
      if (!db::find_or_claim(transaction, post.keyed)) db::store_answer(transaction, post.keyed, {kOk, body});
    });
    return Response::json(body);
  });
}

void add_steps(http::Router& router, Service& service, const Authenticate& authenticate) {
  using Ports = DealingPorts;
  using Fund = model::FundId;
  using Id = dealing::OrderId;
  const auto add = [&](const char* name, Take take) {
    add_step(router, service, authenticate, name, std::move(take));
  };
  add("accept",
      [](const Ports& ports, const Fund& fund, const Id& id, ObjectReader& reader, const Acting& acting) {
        reader.finish();
        return accept_order(ports, fund, id, acting);
      });
  add("reject",
      [](const Ports& ports, const Fund& fund, const Id& id, ObjectReader& reader, const Acting& acting) {
        const auto ground = dealing::parse_rejection_ground(reader.string("ground"));
        if (!ground) base::refuse("ground", "is not one of form, cut_off, trust_terms");
        const std::string detail = reader.string("detail");
        reader.finish();
        return reject_order(ports, fund, id, *ground, detail, acting);
      });
  add("cancel",
      [](const Ports& ports, const Fund& fund, const Id& id, ObjectReader& reader, const Acting& acting) {
        const std::string reason = reader.string("reason");
        reader.finish();
        return cancel_order(ports, fund, id, reason, acting);
      });
  add("execution",
      [](const Ports& ports, const Fund& fund, const Id& id, ObjectReader& reader, const Acting& acting) {
        const money::Decimal difference = reader.decimal("difference");
        const std::string reason = reader.string("reason");
        reader.finish();
        return record_execution(ports, fund, id, difference, reason, acting);
      });
  add("cash-in-lieu",
      [](const Ports& ports, const Fund& fund, const Id& id, ObjectReader& reader, const Acting& acting) {
        auto asset = model::AssetId::parse(reader.string("asset"));
        if (asset.has_error()) throw base::Refused(asset.error().within("asset"));
        const dealing::ComponentQuantity coins{*asset, reader.decimal("quantity")};
        const std::string reason = reader.string("reason");
        reader.finish();
        return agree_cash_in_lieu(ports, fund, id, coins, reason, acting);
      });
  add("settle",
      [](const Ports& ports, const Fund& fund, const Id& id, ObjectReader& reader, const Acting& acting) {
        const time::Date date = reader.date("date");
        const SettledPart part{reader.optional_decimal("units"), date,
                               reader.optional_string("reference").value_or("")};
        reader.finish();
        return settle_order(ports, fund, id, part, acting);
      });
  add("fail",
      [](const Ports& ports, const Fund& fund, const Id& id, ObjectReader& reader, const Acting& acting) {
        const time::Date date = reader.date("date");
        const std::string reason = reader.string("reason");
        reader.finish();
        return fail_order(ports, fund, id, date, reason, acting);
      });
  add("collateral",
      [](const Ports& ports, const Fund& fund, const Id& id, ObjectReader& reader, const Acting& acting) {
        const money::Decimal amount = reader.decimal("amount");
        const time::Date date = reader.date("date");
        const CollateralMove move{amount, date, reader.string("reference")};
        reader.finish();
        return move_collateral(ports, fund, id, move, acting);
      });
  add("close-out",
      [](const Ports& ports, const Fund& fund, const Id& id, ObjectReader& reader, const Acting& acting) {
        const time::Date date = reader.date("date");
        const std::string reason = reader.string("reason");
        reader.finish();
        return close_out_order(ports, fund, id, date, reason, acting);
      });
}

void add_participant_routes(http::Router& router, Service& service, const Authenticate& authenticate) {
  constexpr const char* kPath = "/v1/funds/{fund}/participants";
  const auto all = [&service](const model::FundId& fund) {
    return participants_json(fund, service.dealing().participants(fund));
  };
  router.get(kPath, [&service, all](const Request& request) {
    request.refuse_unknown_query({});
    return Response::json(all(known_fund_of(service, request).id));
  });
  router.post(kPath, [&service, authenticate, all](const Request& request) {
    return keyed_post(service, request, authenticate, [&](const KeyedPost& post) {
      PostgresDealingStore store = service.dealing().keyed(post.keyed);
      const bool is_new = add_participant({store, service.store()}, post.fund.id, read_participant(post.body),
                                          {post.actor, post.now});
      return Response::json(all(post.fund.id), is_new ? kCreated : kOk);
    });
  });
  for (const bool is_suspended : {true, false}) {
    router.post(std::string(kPath) + "/{id}/" + (is_suspended ? "suspend" : "reinstate"),
                [&service, authenticate, all, is_suspended](const Request& request) {
                  return keyed_post(service, request, authenticate, [&](const KeyedPost& post) {
                    ObjectReader reader(post.body);
                    const time::Date from = reader.date("from");
                    const dealing::ParticipantStanding standing{from, is_suspended, reader.string("reason")};
                    reader.finish();
                    PostgresDealingStore store = service.dealing().keyed(post.keyed);
                    set_standing({store, service.store()}, post.fund.id,
                                 participant_id_of(request.parameter("id")), standing,
                                 {post.actor, post.now});
                    return Response::json(all(post.fund.id), kCreated);
                  });
                });
  }
}

Response show_basket(Service& service, const Request& request) {
  request.refuse_unknown_query({"format"});
  const FundDefinition fund = known_fund_of(service, request);
  const DayBasket day =
      basket_on({service.dealing(), service.store()}, fund.id, date_in(request.parameter("date"), "date"),
                service.dependencies().clock->now());
  const std::string* const format = request.query_value("format");
  if (format == nullptr || *format == "json") return Response::json(basket_json(day));
  if (*format != "csv") base::refuse("format", "is neither json nor csv");
  Response response = Response::text(basket_csv(day));
  response.content_type = "text/csv; charset=utf-8";
  return response;
}

}  // namespace

void register_dealing_routes(http::Router& router, Service& service, const Authenticate& authenticate) {
  router.get(kOrders, [&service](const Request& request) {
    request.refuse_unknown_query({"from", "to"});
    const FundDefinition fund = known_fund_of(service, request);
    return Response::json(orders_json(
        fund.id, service.dealing().orders(fund.id, date_query(request, "from"), date_query(request, "to"))));
  });
  router.get(std::string(kOrders) + "/{id}", [&service](const Request& request) {
    request.refuse_unknown_query({});
    const FundDefinition fund = known_fund_of(service, request);
    return Response::json(order_json(fund.id, known_order(service, fund.id, request.parameter("id"))));
  });
  router.post(kOrders, [&service, authenticate](const Request& request) {
    return place(service, request, authenticate);
  });
  router.post(std::string(kOrders) + "/price", [&service, authenticate](const Request& request) {
    return price(service, request, authenticate);
  });
  add_steps(router, service, authenticate);
  router.get("/v1/funds/{fund}/open-items", [&service](const Request& request) {
    request.refuse_unknown_query({"as_of"});
    const FundDefinition fund = known_fund_of(service, request);
    const time::Date as_of =
        date_query(request, "as_of")
            .value_or(fund.valuation().zone.to_local(service.dependencies().clock->now()).date);
    return Response::json(open_items_json(
        fund.id, as_of, open_items(service.dealing().orders(fund.id, std::nullopt, as_of), as_of)));
  });
  router.get("/v1/funds/{fund}/baskets/{date}",
             [&service](const Request& request) { return show_basket(service, request); });
  router.get("/v1/funds/{fund}/rebalancing/{date}", [&service](const Request& request) {
    request.refuse_unknown_query({});
    const FundDefinition fund = known_fund_of(service, request);
    return Response::json(rebalancing_json(
        fund.id,
        rebalancing_on({service.dealing(), service.store()}, fund.id,
                       date_in(request.parameter("date"), "date"), service.dependencies().clock->now())));
  });
  add_participant_routes(router, service, authenticate);
}

}  // namespace navkeeper::nav
