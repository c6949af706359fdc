// GET  /v1/funds/{fund}/orders[/{id}]          from, to by trade date; one with its price and its life
// POST /v1/funds/{fund}/orders                 one order, or {"orders":[...]}: all or none; 201, 200 when
//                                              placed before
// POST /v1/funds/{fund}/orders/price           {"date"}: every accepted order of the day at its official NAV
// POST /v1/funds/{fund}/orders/{id}/accept     never by who placed it
// POST .../reject {"ground","detail"}, /cancel {"reason"}, /execution {"difference","reason"},
//      /cash-in-lieu {"asset","quantity","reason"}, /settle {"date","units","reference"}, /fail
//      {"date","reason"}, /collateral {"amount","date","reference"}, /close-out {"date","reason"}
// GET  /v1/funds/{fund}/open-items             as_of: what was due and has not settled
// GET  /v1/funds/{fund}/baskets/{date}         the day's basket as it is now; format=json|csv
// POST .../baskets/{date}/publish              publishes it as the portfolio composition file; operator
// GET  .../baskets/{date}/published, /files    the file as it was published (format, number); all of them
// GET  /v1/funds/{fund}/rebalancing/{date}     what brings the coins back to their weights
// GET  /v1/funds/{fund}/participants, POST; POST /{id}/suspend|reinstate {"from","reason"}
#include "services/nav/adapters/dealing_routes.h"

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/keyed_post.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/json/reader.h"
#include "common/time/clock.h"
#include "services/nav/adapters/composition_store.h"
#include "services/nav/adapters/dealing_json.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/dealing_view.h"
#include "services/nav/adapters/known_fund.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using http::Authenticate;
using http::KeyedPost;
using http::Request;
using http::Response;
using json::ObjectReader;

constexpr int kOk = 200;
constexpr int kCreated = 201;
constexpr std::int64_t kFileNumberMax = 1'000'000;
constexpr const char* kCsv = "text/csv; charset=utf-8";
constexpr const char* kOrders = "/v1/funds/{fund}/orders";

/// One POST on a known fund: `act(fund, post)` saves through a store that has the post's key.
template <class Act>
Response once(Service& service, const Request& request, const Authenticate& authenticate, Act&& act) {
  const KeyedPost post = http::read_keyed_post(request, authenticate, *service.dependencies().clock);
  const model::FundId fund = served_fund(service.store(), http::path_fund(request)).definition.id;
  return http::once(*service.dependencies().pool, post, [&] { return act(fund, post); });
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
    return once(service, request, authenticate, [&](const model::FundId& fund, const KeyedPost& post) {
      const std::string& id = request.parameter("id");
      known_order(service, fund, id);
      PostgresDealingStore store = service.dealing().keyed(post.key);
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
  return once(service, request, authenticate, [&](const model::FundId& fund, const KeyedPost& post) {
    PostgresDealingStore store = service.dealing().keyed(post.key);
    const PlaceReport report = place_orders({store, service.store()}, fund,
                                            read_orders_body(post.body, post.now), {post.actor, post.now});
    return Response::json(place_report_json(fund, report), report.placed > 0 ? kCreated : kOk);
  });
}

/// An order a transaction, so the key is kept beside the answer afterwards; asked again without it, nothing
/// is priced twice.
Response price(Service& service, const Request& request, const Authenticate& authenticate) {
  return once(service, request, authenticate, [&](const model::FundId& fund, const KeyedPost& post) {
    ObjectReader reader(post.body);
    const time::Date date = reader.date("date");
    reader.finish();
    const auto lines = price_orders({service.dealing(), service.store()}, fund, date, {post.actor, post.now});
    const std::string body = price_lines_json(fund, date, lines);
    service.dependencies().pool->transact([&](db::Transaction& transaction) {
      if (!db::find_or_claim(transaction, post.key)) db::store_answer(transaction, post.key, {kOk, body});
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
        const bool withdraws = reader.has("withdraw") && reader.boolean("withdraw");
        reader.finish();
        const auto act = withdraws ? withdraw_cash_in_lieu : agree_cash_in_lieu;
        return act(ports, fund, id, coins, reason, acting);
      });
  add("settle",
      [](const Ports& ports, const Fund& fund, const Id& id, ObjectReader& reader, const Acting& acting) {
        const time::Date date = reader.date("date");
        const auto units = reader.optional_string("units");
        const SettledPart part{units ? std::optional(read_units(*units, "units")) : std::nullopt, date,
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
    return Response::json(all(served_fund(service.store(), http::path_fund(request)).definition.id));
  });
  router.post(kPath, [&service, authenticate, all](const Request& request) {
    return once(service, request, authenticate, [&](const model::FundId& fund, const KeyedPost& post) {
      PostgresDealingStore store = service.dealing().keyed(post.key);
      const bool is_new = add_participant({store, service.store()}, fund, read_participant(post.body),
                                          {post.actor, post.now});
      return Response::json(all(fund), is_new ? kCreated : kOk);
    });
  });
  for (const bool is_suspended : {true, false}) {
    router.post(
        std::string(kPath) + "/{id}/" + (is_suspended ? "suspend" : "reinstate"),
        [&service, authenticate, all, is_suspended](const Request& request) {
          return once(service, request, authenticate, [&](const model::FundId& fund, const KeyedPost& post) {
            ObjectReader reader(post.body);
            const time::Date from = reader.date("from");
            const dealing::ParticipantStanding standing{from, is_suspended, reader.string("reason")};
            reader.finish();
            PostgresDealingStore store = service.dealing().keyed(post.key);
            set_standing({store, service.store()}, fund, participant_id_of(request.parameter("id")), standing,
                         {post.actor, post.now});
            return Response::json(all(fund), kCreated);
          });
        });
  }
}

Response show_basket(Service& service, const Request& request) {
  request.refuse_unknown_query({"format"});
  const FundDefinition fund = served_fund(service.store(), http::path_fund(request)).definition;
  const DayBasket day = basket_on({service.dealing(), service.store()}, fund.id, http::path_date(request),
                                  service.dependencies().clock->now());
  const std::string* const format = request.query_value("format");
  if (format == nullptr || *format == "json") return Response::json(basket_json(day));
  if (*format != "csv") base::refuse("format", "is neither json nor csv");
  Response response = Response::text(basket_csv(day));
  response.content_type = kCsv;
  return response;
}

/// The file that was published last, or by `number`: the same bytes ever after. Its SHA-256 is the ETag.
Response published_basket(Service& service, const Request& request) {
  request.refuse_unknown_query({"format", "number"});
  const FundDefinition fund = served_fund(service.store(), http::path_fund(request)).definition;
  const time::Date date = http::path_date(request);
  const auto number = http::query_integer(request, "number", 1, kFileNumberMax);
  const std::string* const format = request.query_value("format");
  const bool is_csv = format != nullptr && *format == "csv";
  if (format != nullptr && !is_csv && *format != "json") base::refuse("format", "is neither json nor csv");
  const auto all = service.compositions().compositions(fund.id, date);
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    if (number && one->number != *number) continue;
    Response response = is_csv ? Response::text(one->csv) : Response::json(one->content);
    if (is_csv) response.content_type = kCsv;
    response.headers.add("ETag", "\"" + (is_csv ? one->csv_hash : one->content_hash) + "\"");
    return response;
  }
  throw http::ProblemError(http::not_found("no portfolio composition of " + fund.id.value() + " for " +
                                           date.to_string() + " was published"));
}

void add_basket_routes(http::Router& router, Service& service, const Authenticate& authenticate) {
  const std::string path = "/v1/funds/{fund}/baskets/{date}";
  router.get(path, [&service](const Request& request) { return show_basket(service, request); });
  router.get(path + "/published",
             [&service](const Request& request) { return published_basket(service, request); });
  router.get(path + "/files", [&service](const Request& request) {
    request.refuse_unknown_query({});
    const FundDefinition fund = served_fund(service.store(), http::path_fund(request)).definition;
    const time::Date date = http::path_date(request);
    return Response::json(
        compositions_json(fund.id, date, service.compositions().compositions(fund.id, date)));
  });
  router.post(path + "/publish", [&service, authenticate](const Request& request) {
    return once(service, request, authenticate, [&](const model::FundId& fund, const KeyedPost& post) {
      ObjectReader(post.body).finish();
      const time::Date date = http::path_date(request);
      PostgresCompositionStore store = service.compositions().keyed(post.key);
      publish_basket({service.dealing(), service.store()}, store, fund, date, {post.actor, post.now});
      return Response::json(compositions_json(fund, date, store.compositions(fund, date)), kCreated);
    });
  });
}

}  // namespace

void register_dealing_routes(http::Router& router, Service& service, const Authenticate& authenticate) {
  router.get(kOrders, [&service](const Request& request) {
    request.refuse_unknown_query({"from", "to"});
    const FundDefinition fund = served_fund(service.store(), http::path_fund(request)).definition;
    return Response::json(
        orders_json(fund.id, service.dealing().orders(fund.id, http::query_date(request, "from"),
                                                      http::query_date(request, "to"))));
  });
  router.get(std::string(kOrders) + "/{id}", [&service](const Request& request) {
    request.refuse_unknown_query({});
    const FundDefinition fund = served_fund(service.store(), http::path_fund(request)).definition;
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
    const FundDefinition fund = served_fund(service.store(), http::path_fund(request)).definition;
    const time::Instant now = service.dependencies().clock->now();
    const time::Date as_of =
        http::query_date(request, "as_of").value_or(fund.valuation().zone.to_local(now).date);
    const auto splits = service.dealing().deliverable(fund.id, as_of, now).splits;
    return Response::json(open_items_json(
        fund.id, as_of, open_items(service.dealing().orders(fund.id, std::nullopt, as_of), as_of, splits)));
  });
  add_basket_routes(router, service, authenticate);
  router.get("/v1/funds/{fund}/rebalancing/{date}", [&service](const Request& request) {
    request.refuse_unknown_query({});
    const FundDefinition fund = served_fund(service.store(), http::path_fund(request)).definition;
    return Response::json(rebalancing_json(
        fund.id, rebalancing_on({service.dealing(), service.store()}, fund.id, http::path_date(request),
                                service.dependencies().clock->now())));
  });
  add_participant_routes(router, service, authenticate);
  register_repricing_routes(router, service, authenticate);
}

}  // namespace navkeeper::nav
