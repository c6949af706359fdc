// GET  /v1/funds/{fund}/cash/proposals                       bank accounts, payees, limits, wires, trades;
// kind POST /v1/funds/{fund}/cash/proposals                       proposes one (maker) POST
// /v1/funds/{fund}/cash/proposals/{kind}/{id}/approve   another person (approver); .../withdraw POST
// /v1/funds/{fund}/cash/wires/{id}/release              lets an approved wire leave, once (operator) GET
// /v1/funds/{fund}/cash/statements                      bank statements; POST {"account","content"} GET
// /v1/funds/{fund}/cash/reconciliation                  books against bank; as_of POST
// /v1/funds/{fund}/cash/matches {"account","statement","line","source","id","reason"}, or "lines": several
// GET  /v1/funds/{fund}/cash/projected                       by day; as_of, days
// GET  /v1/funds/{fund}/trades                               the blotter; order
// POST /v1/funds/{fund}/trades/{id}/executions|confirmations
// POST /v1/funds/{fund}/trades/{id}/executions/{execution}/settle  {"date"}
// GET  /v1/funds/{fund}/shares/positions                     register against agent and depository; as_of
// POST /v1/funds/{fund}/shares/positions                     {"source","content"}
#include "services/nav/adapters/cash_routes.h"

#include "services/nav/adapters/bank_statement_file.h"
#include "services/nav/adapters/bank_store.h"
#include "services/nav/adapters/cash_requests.h"
#include "services/nav/adapters/known_fund.h"
#include "services/nav/adapters/share_position_store.h"
#include "services/nav/adapters/trade_store.h"

namespace navkeeper::nav {
namespace {

using http::Request;
using http::Response;

constexpr int kDaysDefault = 30;
constexpr int kDaysMax = 366;

BankLineName line_of(json::ObjectReader& reader) {
  BankLineName line;
  line.account = reader.string("account");
  line.statement = reader.string("statement");
  line.line = static_cast<int>(reader.integer("line", 1, 1'000'000));
  return line;
}

/// One line, or several whose sum is the entry's.
std::vector<BankLineName> lines_of(json::ObjectReader& reader) {
  if (!reader.has("lines")) return {line_of(reader)};
  std::vector<BankLineName> lines;
  for (const json::Place& place : reader.array("lines")) {
    json::ObjectReader line(place);
    lines.push_back(line_of(line));
    line.finish();
  }
  return lines;
}

time::Date day_in(Service& service, const Request& request, const char* name) {
  return http::query_date(request, name).value_or(time::utc_date(service.dependencies().clock->now()));
}

/// A GET on the fund's tables.
template <class Show>
Response show(Service& service, const Request& request, Show&& shown) {
  const model::FundId fund = http::path_fund(request);
  served_fund(service.store(), fund);
  return Response::json(pool_of(service).transact(
      [&](db::Transaction& transaction) { return shown(transaction, fund); }, kReadingRequest));
}

std::string proposal_state(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
                           const std::string& id) {
  return proposals_json(fund, {*find_proposal(transaction, fund, kind, id)});
}

void add_proposals(http::Router& router, Service& service, const Authenticate& authenticate) {
  const std::string path = "/v1/funds/{fund}/cash/proposals";
  router.get(path, [&service](const Request& request) {
    request.refuse_unknown_query({"kind"});
    const std::string* const kind = request.query_value("kind");
    return show(service, request, [&](db::Transaction& transaction, const model::FundId& fund) {
      return proposals_json(fund, load_proposals(transaction, fund, kind == nullptr ? "" : *kind));
    });
  });
  router.post(path, [&service, authenticate](const Request& request) {
    return answer_once(service, request, authenticate,
                       [](db::Transaction& transaction, const model::FundId& fund, const json::Value& body,
                          const CashActor& who) {
                         const cash::CashProposal proposal = read_proposal(body);
                         propose(transaction, fund, proposal, who);
                         return proposal_state(transaction, fund, std::string(proposal.kind()),
                                               proposal.id());
                       });
  });
  using Decide = bool (*)(db::Transaction&, const model::FundId&, const std::string&, const std::string&,
                          const CashActor&);
  const auto add = [&](const char* verb, Decide decide) {
    router.post(path + "/{kind}/{id}/" + verb, [&service, authenticate, decide](const Request& request) {
      return answer_once(service, request, authenticate,
                         [&](db::Transaction& transaction, const model::FundId& fund, const json::Value& body,
                             const CashActor& who) {
                           json::ObjectReader(body).finish();
                           const std::string& kind = request.parameter("kind");
                           const std::string& id = request.parameter("id");
                           decide(transaction, fund, kind, id, who);
                           return proposal_state(transaction, fund, kind, id);
                         });
    });
  };
  add("approve", approve);
  add("withdraw", withdraw);
  router.post("/v1/funds/{fund}/cash/wires/{id}/release", [&service, authenticate](const Request& request) {
    return answer_once(service, request, authenticate,
                       [&](db::Transaction& transaction, const model::FundId& fund, const json::Value& body,
                           const CashActor& who) {
                         json::ObjectReader(body).finish();
                         return release_wire(transaction, fund, request.parameter("id"), who).instruction;
                       });
  });
}

void add_bank(http::Router& router, Service& service, const Authenticate& authenticate) {
  router.get("/v1/funds/{fund}/cash/statements", [&service](const Request& request) {
    request.refuse_unknown_query({});
    return show(service, request, [](db::Transaction& transaction, const model::FundId& fund) {
      return statements_list_json(fund, load_statements(transaction, fund));
    });
  });
  router.post("/v1/funds/{fund}/cash/statements", [&service, authenticate](const Request& request) {
    return answer_once(
        service, request, authenticate,
        [](db::Transaction& transaction, const model::FundId& fund, const json::Value& body,
           const CashActor& who) {
          json::ObjectReader reader(body);
          const std::string account = reader.string("account");
          const auto statements = base::value_or_refuse(read_bank_statements(reader.string("content")));
          reader.finish();
          return import_json(fund, account, import_statements(transaction, fund, account, statements, who));
        });
  });
  router.get("/v1/funds/{fund}/cash/reconciliation", [&service](const Request& request) {
    request.refuse_unknown_query({"as_of"});
    const time::Date as_of = day_in(service, request, "as_of");
    return show(service, request, [&](db::Transaction& transaction, const model::FundId& fund) {
      const auto stored = load_reconciliation(transaction, fund, as_of);
      if (!stored)
        throw http::ProblemError(
            http::not_found("no statement of every account of " + fund.value() + " by " + as_of.to_string()));
      return reconciliation_json(fund, *stored);
    });
  });
  router.post("/v1/funds/{fund}/cash/matches", [&service, authenticate](const Request& request) {
    return answer_once(service, request, authenticate,
                       [](db::Transaction& transaction, const model::FundId& fund, const json::Value& body,
                          const CashActor& who) {
                         json::ObjectReader reader(body);
                         const std::vector<BankLineName> lines = lines_of(reader);
                         const std::string source = reader.string("source");
                         const std::string id = reader.string("id");
                         const std::string reason = reader.string("reason");
                         reader.finish();
                         match_by_hand(transaction, fund, lines, source, id, reason, who);
                         return json::to_compact(body);
                       });
  });
  router.get("/v1/funds/{fund}/cash/projected", [&service](const Request& request) {
    request.refuse_unknown_query({"as_of", "days"});
    const time::Date as_of = day_in(service, request, "as_of");
    const int days =
        static_cast<int>(http::query_integer(request, "days", 1, kDaysMax).value_or(kDaysDefault));
    return show(service, request, [&](db::Transaction& transaction, const model::FundId& fund) {
      return projected_json(fund, load_projected_cash(transaction, fund, as_of, days));
    });
  });
}

std::string trade_state(db::Transaction& transaction, const model::FundId& fund, const std::string& id) {
  return trades_json(fund, {*find_trade(transaction, fund, id)});
}

void refuse_other_trade(const Request& request, const std::string& trade) {
  if (trade != request.parameter("id")) base::refuse("trade", "is not " + request.parameter("id"));
}

void add_trades(http::Router& router, Service& service, const Authenticate& authenticate) {
  router.get("/v1/funds/{fund}/trades", [&service](const Request& request) {
    request.refuse_unknown_query({"order"});
    const std::string* const order = request.query_value("order");
    return show(service, request, [&](db::Transaction& transaction, const model::FundId& fund) {
      return trades_json(fund, load_trades(transaction, fund, order == nullptr ? "" : *order));
    });
  });
  router.post("/v1/funds/{fund}/trades/{id}/executions", [&service, authenticate](const Request& request) {
    return answer_once(service, request, authenticate,
                       [&](db::Transaction& transaction, const model::FundId& fund, const json::Value& body,
                           const CashActor& who) {
                         const ExecutionToRecord recorded = read_execution(body);
                         refuse_other_trade(request, recorded.trade);
                         execute_trade(transaction, fund, recorded, who);
                         return trade_state(transaction, fund, recorded.trade);
                       });
  });
  router.post("/v1/funds/{fund}/trades/{id}/confirmations", [&service, authenticate](const Request& request) {
    return answer_once(service, request, authenticate,
                       [&](db::Transaction& transaction, const model::FundId& fund, const json::Value& body,
                           const CashActor& who) {
                         const cash::Confirmation confirmation = read_confirmation(body);
                         refuse_other_trade(request, confirmation.trade);
                         confirm_trade(transaction, fund, confirmation, who);
                         return trade_state(transaction, fund, confirmation.trade);
                       });
  });
  router.post("/v1/funds/{fund}/trades/{id}/executions/{execution}/settle", [&service, authenticate](
                                                                                const Request& request) {
    return answer_once(service, request, authenticate,
                       [&](db::Transaction& transaction, const model::FundId& fund, const json::Value& body,
                           const CashActor& who) {
                         json::ObjectReader reader(body);
                         const time::Date date = reader.date("date");
                         reader.finish();
                         const std::string& id = request.parameter("id");
                         settle_trade(transaction, fund, id, request.parameter("execution"), date, who);
                         return trade_state(transaction, fund, id);
                       });
  });
}

void add_shares(http::Router& router, Service& service, const Authenticate& authenticate) {
  router.get("/v1/funds/{fund}/shares/positions", [&service](const Request& request) {
    request.refuse_unknown_query({"as_of"});
    const time::Date as_of = day_in(service, request, "as_of");
    return show(service, request, [&](db::Transaction& transaction, const model::FundId& fund) {
      const auto stored = load_share_comparison(transaction, fund, as_of);
      if (!stored)
        throw http::ProblemError(
            http::not_found("no share positions of " + fund.value() + " by " + as_of.to_string()));
      return shares_json(fund, *stored);
    });
  });
  router.post("/v1/funds/{fund}/shares/positions", [&service, authenticate](const Request& request) {
    return answer_once(service, request, authenticate,
                       [](db::Transaction& transaction, const model::FundId& fund, const json::Value& body,
                          const CashActor& who) {
                         json::ObjectReader reader(body);
                         const std::string source = reader.string("source");
                         const auto positions =
                             read_share_positions(reader.string("content"), source, fund.value());
                         reader.finish();
                         import_positions(transaction, fund, positions, who);
                         return shares_json(fund, *load_share_comparison(transaction, fund, positions.date));
                       });
  });
}

}  // namespace

void register_cash_routes(http::Router& router, Service& service, Authenticate authenticate) {
  add_proposals(router, service, authenticate);
  add_bank(router, service, authenticate);
  add_trades(router, service, authenticate);
  add_shares(router, service, authenticate);
}

}  // namespace navkeeper::nav
