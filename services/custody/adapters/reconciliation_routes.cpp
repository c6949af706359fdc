// GET  /v1/custody/funds/{fund}/reconciliations          the days, newest first; known_at, limit
// GET  /v1/custody/funds/{fund}/reconciliations/{date}   the day's last, page by page: lines and their
// breaks; the first page has verdict and document; known_at, cursor, limit
// GET  /v1/custody/funds/{fund}/reconciliations/{date}/balances   what was compared; known_at, cursor, limit
// GET  /v1/custody/funds/{fund}/reconciliation-days      what became of the days that the job reconciles;
// from GET  /v1/custody/funds/{fund}/breaks                   the register; status, as_of, known_at GET
// /v1/custody/funds/{fund}/breaks/{id}              one break with all that was done about it POST
// .../breaks/{id}/assign    {"owner"}               operator, maker or approver POST .../breaks/{id}/comment
// {"text"}                the same POST .../breaks/{id}/resolve   {"text", "evidence"}    the same: what
// explains it; waits for a second person POST .../breaks/{id}/confirm   {}                      approver
// other than who resolved it
#include <algorithm>
#include <charconv>
#include <memory>

#include "common/base/refuse.h"
#include "common/http/keyed_post.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "common/json/reader.h"
#include "services/custody/adapters/break_acts.h"
#include "services/custody/adapters/reconciled_day_store.h"
#include "services/custody/adapters/reconciliation_json.h"
#include "services/custody/adapters/reconciliation_routes.h"

namespace navkeeper::custody {
namespace {

using http::Request;
using http::Response;

constexpr int kCreated = 201;

[[noreturn]] void no_such_break() {
  throw http::ProblemError(http::not_found("the fund has no break of that id"));
}

Response list(PostgresReconciliationStore& store, const Request& request) {
  request.refuse_unknown_query({"known_at", "limit"});
  const model::FundId fund = http::path_fund(request);
  return Response::json(
      reconciliations_json(fund, store.list(fund, http::query_instant_or_latest(request, "known_at"),
                                            static_cast<int>(http::query_page_limit(request)))));
}

/// Where a page begins: in which reconciliation of the day, behind which row. Pages that follow one another
/// are of one reconciliation, whatever is stored meanwhile.
struct Page {
  StoredReconciliation stored;
  RowSpan rows;
  bool is_first = true;

  ReconciliationMark mark() const { return {stored.date, stored.number}; }
  /// Empty where `got` rows are the last ones.
  std::string next(std::size_t got) const {
    if (got < static_cast<std::size_t>(rows.count)) return "";
    return std::to_string(stored.number) + "." + std::to_string(rows.after + rows.count);
  }
};

int cursor_number(std::string_view text) {
  constexpr std::size_t kDigitsMax = 9;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.size() > kDigitsMax || error != std::errc() || end != text.data() + text.size() || number < 1)
    base::refuse("cursor", "is none that a page before gave as next_cursor");
  return number;
}

Page page_of(PostgresReconciliationStore& store, const Request& request, const model::FundId& fund) {
  request.refuse_unknown_query({"known_at", "cursor", "limit"});
  const time::Date date = http::path_date(request);
  Page page;
  page.rows.count = static_cast<int>(http::query_page_limit(request));
  std::optional<int> number;
  if (const std::string* const cursor = request.query_value("cursor")) {
    const std::string_view text = *cursor;
    const std::size_t point = std::min(text.find('.'), text.size());
    number = cursor_number(text.substr(0, point));
    page.rows.after = cursor_number(text.substr(std::min(point + 1, text.size())));
    page.is_first = false;
  }
  auto stored = store.find(fund, date, http::query_instant_or_latest(request, "known_at"), number);
  if (!stored)
    throw http::ProblemError(http::not_found(fund.value() + " was not reconciled for " + date.to_string()));
  page.stored = *std::move(stored);
  return page;
}

Response show(PostgresReconciliationStore& store, const Request& request) {
  const model::FundId fund = http::path_fund(request);
  const Page page = page_of(store, request, fund);
  const time::Instant known_at = http::query_instant_or_latest(request, "known_at");
  ShownReconciliation shown{page.stored, {}, {}, {}};
  shown.lines = store.lines(fund, page.mark(), page.rows);
  shown.breaks = store.breaks_of(fund, page.mark(), known_at, page.rows);
  shown.next_cursor = page.next(shown.lines.size());
  if (page.is_first)
    shown.verdict =
        verdict_of(store.line_statuses(fund, page.mark()),
                   shown.next_cursor.empty() ? shown.breaks : store.breaks_of(fund, page.mark(), known_at));
  return Response::json(reconciliation_json(fund, shown));
}

Response show_balances(PostgresReconciliationStore& store, const Request& request) {
  const model::FundId fund = http::path_fund(request);
  const Page page = page_of(store, request, fund);
  const auto balances = store.balances(fund, page.mark(), page.rows);
  return Response::json(balances_json(fund, page.stored, balances, page.next(balances.size())));
}

Response show_days(PostgresReconciledDayStore& store, const Request& request) {
  request.refuse_unknown_query({"from"});
  const model::FundId fund = http::path_fund(request);
  const time::Date from = http::query_date(request, "from").value_or(time::Date::literal("2020-01-01"));
  return Response::json(reconciled_days_json(fund, store.days(fund, from)));
}

Response breaks(PostgresReconciliationStore& store, const Request& request) {
  request.refuse_unknown_query({"status", "as_of", "known_at"});
  const model::FundId fund = http::path_fund(request);
  auto found = store.breaks(
      fund, {http::query_date(request, "as_of"), http::query_instant_or_latest(request, "known_at")});
  if (const std::string* const status = request.query_value("status")) keep_status(found, *status);
  return Response::json(breaks_json(fund, found));
}

Response one_break(PostgresReconciliationStore& store, const Request& request) {
  request.refuse_unknown_query({});
  const auto found = store.find_break(http::path_fund(request), request.parameter("id"));
  if (!found) no_such_break();
  json::Writer writer;
  write_break(writer, *found, true);
  return Response::json(writer.take());
}

BreakAct act_in(BreakActKind kind, const http::KeyedPost& post) {
  json::ObjectReader body(post.body);
  BreakAct act{0, kind, post.actor.id, post.now};
  switch (kind) {
    case BreakActKind::kAssigned:
      act.text = body.string("owner");
      break;
    case BreakActKind::kCommented:
      act.text = body.string("text");
      break;
    case BreakActKind::kResolved:
      act.text = body.string("text");
      act.evidence = body.string("evidence");
      break;
    case BreakActKind::kConfirmed:
      break;
  }
  body.finish();
  return act;
}

}  // namespace

void register_reconciliation_routes(http::Router& router, const Dependencies& dependencies,
                                    const http::Authenticate& authenticate) {
  const auto store = std::make_shared<PostgresReconciliationStore>(*dependencies.pool);
  const auto get = [&](const char* pattern,
                       Response (*answer)(PostgresReconciliationStore&, const Request&)) {
    router.get(pattern, [store, answer](const Request& request) { return answer(*store, request); });
  };
  get("/v1/custody/funds/{fund}/reconciliations", list);
  get("/v1/custody/funds/{fund}/reconciliations/{date}", show);
  get("/v1/custody/funds/{fund}/reconciliations/{date}/balances", show_balances);
  const auto days = std::make_shared<PostgresReconciledDayStore>(*dependencies.pool);
  router.get("/v1/custody/funds/{fund}/reconciliation-days",
             [days](const Request& request) { return show_days(*days, request); });
  get("/v1/custody/funds/{fund}/breaks", breaks);
  get("/v1/custody/funds/{fund}/breaks/{id}", one_break);
  const auto post = [&](const std::string& what, BreakActKind kind) {
    router.post(
        "/v1/custody/funds/{fund}/breaks/{id}/" + what,
        [pool = dependencies.pool, clock = dependencies.clock, authenticate, kind](const Request& request) {
          const http::KeyedPost keyed = http::read_keyed_post(request, authenticate, *clock);
          require_act_role(keyed.actor, kind);
          const BreakRequest wanted{http::path_fund(request), request.parameter("id"), act_in(kind, keyed)};
          return http::once_in_transaction(*pool, keyed, [&](db::Transaction& transaction) {
            const auto after = PostgresReconciliationStore::act(transaction, wanted, keyed.key);
            if (!after) no_such_break();
            json::Writer writer;
            write_break(writer, *after, true);
            return db::StoredAnswer{kCreated, writer.take()};
          });
        });
  };
  post("assign", BreakActKind::kAssigned);
  post("comment", BreakActKind::kCommented);
  post("resolve", BreakActKind::kResolved);
  post("confirm", BreakActKind::kConfirmed);
}

}  // namespace navkeeper::custody
