// GET  /v1/funds/{fund}/holdings                 positions and balances; as_of, known_at, basis
// GET  /v1/funds/{fund}/journal                  entries; as_of, known_at, basis, cursor, limit
// GET  /v1/funds/{fund}/lots                     open lots; as_of, known_at, basis, book
// GET  /v1/funds/{fund}/rollforward              from, to, known_at, basis, book
// GET  /v1/funds/{fund}/periods                  closed through, reopenings
// POST /v1/funds/{fund}/periods/close            {"through"}; maker
// POST /v1/funds/{fund}/periods/reopen           {"from", "reason"}; maker asks
// POST /v1/funds/{fund}/periods/approve          {"number"}; an approver other than who asked
// POST /v1/funds/{fund}/journal/reverse          {"source", "id", "reason"}; operator
// POST /v1/funds/{fund}/lots/identify            {"source", "id", "book", "asset", "lots"}; operator
#include "services/nav/adapters/books_routes.h"

#include "common/base/refuse.h"
#include "common/http/keyed_post.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "services/nav/adapters/books_post.h"
#include "services/nav/adapters/books_views.h"
#include "services/nav/adapters/known_fund.h"
#include "services/nav/adapters/known_time.h"
#include "services/nav/adapters/late_entry_store.h"
#include "services/nav/adapters/late_json.h"
#include "services/nav/app/ports.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using http::Authenticate;
using http::Request;
using http::Response;

constexpr int kCreated = 201;
constexpr std::int64_t kCursorMax = std::numeric_limits<std::int64_t>::max() / 2;

db::Pool& pool_of(Service& service) { return *service.dependencies().pool; }

books::Basis basis_in(const Request& request, books::Basis otherwise) {
  const std::string* const text = request.query_value("basis");
  if (text == nullptr) return otherwise;
  const auto basis = books::basis_from(*text);
  if (!basis) base::refuse("basis", "is none of nav, trade_date, settled");
  return *basis;
}

books::Book book_from_word(const std::string& text) {
  const auto book = books::book_from(text);
  if (!book) base::refuse("book", "is neither gaap nor tax");
  return *book;
}

books::Book book_in(const Request& request) {
  const std::string* const text = request.query_value("book");
  return text == nullptr ? books::Book::kGaap : book_from_word(*text);
}

BooksView view_in(Service& service, const Request& request, books::Basis basis) {
  return {basis_in(request, basis),
          http::query_date(request, "as_of").value_or(time::utc_date(service.dependencies().clock->now())),
          http::query_instant(request, "known_at")};
}

[[noreturn]] void no_books(const model::FundId& fund) {
  throw http::ProblemError(http::not_found("fund " + fund.value() + " has no books"));
}

Response holdings(Service& service, const Request& request) {
  request.refuse_unknown_query({"as_of", "known_at", "basis"});
  const model::FundId fund = http::path_fund(request);
  const BooksView view = view_in(service, request, books::Basis::kNav);
  wait_until_known(pool_of(service), fund, view.known_at);
  const auto stored = pool_of(service).transact([&](db::Transaction& transaction) {
    auto books = load_books(transaction, fund, view);
    if (books) {
      books->unsettled = load_unsettled(transaction, fund, view);
      leave_known(transaction, fund, view, *books);
    }
    return books;
  });
  if (!stored) no_books(fund);
  return Response::json(to_json(fund, view, *stored) + "\n");
}

Response journal(Service& service, const Request& request) {
  request.refuse_unknown_query({"as_of", "known_at", "basis", "cursor", "limit"});
  const model::FundId fund = http::path_fund(request);
  const BooksView view = view_in(service, request, books::Basis::kNav);
  const std::int64_t cursor = http::query_integer(request, "cursor", 0, kCursorMax).value_or(0);
  const std::int64_t limit = http::query_page_limit(request);
  wait_until_known(pool_of(service), fund, view.known_at);
  const auto page = pool_of(service).transact([&](db::Transaction& transaction) {
    return load_journal(transaction, fund, view, cursor, static_cast<int>(limit));
  });
  if (!page) no_books(fund);
  return Response::json(journal_json(fund, view, *page));
}

Response lots(Service& service, const Request& request) {
  request.refuse_unknown_query({"as_of", "known_at", "basis", "book"});
  const model::FundId fund = http::path_fund(request);
  const BooksView view = view_in(service, request, books::Basis::kTradeDate);
  const books::Book book = book_in(request);
  wait_until_known(pool_of(service), fund, view.known_at);
  return Response::json(pool_of(service).transact([&](db::Transaction& transaction) {
    return lots_json(fund, book, view, load_lots(transaction, fund, book, view));
  }));
}

Response rollforward(Service& service, const Request& request) {
  request.refuse_unknown_query({"from", "to", "known_at", "basis", "book"});
  const model::FundId fund = http::path_fund(request);
  const PeriodView view{book_in(request), basis_in(request, books::Basis::kTradeDate),
                        http::required_query_date(request, "from"), http::required_query_date(request, "to"),
                        http::query_instant(request, "known_at")};
  wait_until_known(pool_of(service), fund, view.known_at);
  return Response::json(pool_of(service).transact([&](db::Transaction& transaction) {
    return rollforward_json(fund, view, load_rollforward(transaction, fund, view));
  }));
}

Response periods(Service& service, const Request& request) {
  request.refuse_unknown_query({});
  const model::FundId fund = http::path_fund(request);
  served_fund(service.store(), fund);
  return Response::json(pool_of(service).transact(
      [&](db::Transaction& transaction) { return periods_json(fund, load_periods(transaction, fund)); }));
}

struct BooksAct {
  db::Transaction& transaction;
  const model::FundId& fund;
  json::ObjectReader& body;
  const Stamp& stamp;
};

/// One POST, its effect and its answer in one transaction.
template <class Do>
Response once(Service& service, const Request& request, const Authenticate& authenticate, model::Role role,
              std::string_view what, Do&& act) {
  const http::KeyedPost post = http::read_keyed_post(request, authenticate, *service.dependencies().clock);
  model::require_role(post.actor, role, what);
  const model::FundId fund = http::path_fund(request);
  const Stamp stamp{post.actor.id, post.now};
  return http::once_in_transaction(pool_of(service), post, [&](db::Transaction& transaction) {
    json::ObjectReader reader(post.body);
    return db::StoredAnswer{kCreated, act(BooksAct{transaction, fund, reader, stamp})};
  });
}

std::string close(const BooksAct& act) {
  const time::Date through = act.body.date("through");
  act.body.finish();
  close_books(act.transaction, act.fund, through, act.stamp);
  return periods_json(act.fund, load_periods(act.transaction, act.fund));
}

std::string reopen(const BooksAct& act) {
  const time::Date from = act.body.date("from");
  const std::string reason = act.body.string("reason");
  act.body.finish();
  ask_reopening(act.transaction, act.fund, from, reason, act.stamp);
  return periods_json(act.fund, load_periods(act.transaction, act.fund));
}

std::string approve(const BooksAct& act) {
  const auto number = static_cast<int>(act.body.integer("number", 1, 1'000'000));
  act.body.finish();
  approve_reopening(act.transaction, act.fund, number, act.stamp);
  return periods_json(act.fund, load_periods(act.transaction, act.fund));
}

std::string reverse(const BooksAct& act) {
  const books::Source wrong{act.body.string("source"), act.body.string("id")};
  const std::string reason = act.body.string("reason");
  act.body.finish();
  if (reason.empty()) base::refuse("reason", "is empty");
  const PostReport report =
      reverse_told(act.transaction, act.fund, wrong, reversal_source(wrong), act.stamp, reason);
  json::Writer out;
  out.begin_object().member("fund", act.fund.value());
  write_late(out, report.lateness);
  out.member("posted", static_cast<std::int64_t>(report.posted));
  return out.member("unchanged", static_cast<std::int64_t>(report.unchanged)).end_object().take() + "\n";
}

std::string identify(const BooksAct& act) {
  const books::Source disposal{act.body.string("source"), act.body.string("id")};
  const books::Book book = book_from_word(act.body.string("book"));
  const std::string asset = act.body.string("asset");
  std::vector<LotChoice> choices;
  for (const json::Place& place : act.body.array("lots")) {
    json::ObjectReader lot(place);
    choices.push_back({static_cast<books::LotNumber>(lot.integer("lot", 1)), lot.decimal("quantity")});
    lot.finish();
  }
  act.body.finish();
  const time::Instant recorded_at =
      identify_lots(act.transaction, act.fund, disposal, book, asset, choices, act.stamp);
  json::Writer out;
  out.begin_object().member("fund", act.fund.value());
  return out.member("recorded_at", recorded_at.to_string()).end_object().take() + "\n";
}

}  // namespace

void register_books_routes(http::Router& router, Service& service, Authenticate authenticate) {
  using model::Role;
  const auto get = [&](const char* path, Response (*answer)(Service&, const Request&)) {
    router.get(path, [&service, answer](const Request& request) { return answer(service, request); });
  };
  const auto post = [&](const char* path, Role role, const char* what, std::string (*act)(const BooksAct&)) {
    router.post(path, [&service, authenticate, role, what, act](const Request& request) {
      return once(service, request, authenticate, role, what, act);
    });
  };
  get("/v1/funds/{fund}/holdings", holdings);
  get("/v1/funds/{fund}/journal", journal);
  get("/v1/funds/{fund}/lots", lots);
  get("/v1/funds/{fund}/rollforward", rollforward);
  get("/v1/funds/{fund}/periods", periods);
  post("/v1/funds/{fund}/periods/close", Role::kMaker, "close the books", close);
  post("/v1/funds/{fund}/periods/reopen", Role::kMaker, "ask for a reopening", reopen);
  post("/v1/funds/{fund}/periods/approve", Role::kApprover, "approve a reopening", approve);
  post("/v1/funds/{fund}/journal/reverse", Role::kOperator, "reverse an entry", reverse);
  post("/v1/funds/{fund}/lots/identify", Role::kOperator, "identify lots", identify);
}

}  // namespace navkeeper::nav
