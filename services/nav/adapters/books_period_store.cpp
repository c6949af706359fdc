#include "common/base/refuse.h"
#include "common/db/audit.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/nav/adapters/books_batch.h"
#include "services/nav/adapters/books_periods.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/fund_known_store.h"
#include "services/nav/adapters/known_time.h"
#include "services/nav/domain/books/period.h"

namespace navkeeper::nav {
namespace {

void refuse_if(const books::PeriodDecided<void>& decided, const model::FundId& fund) {
  if (decided.has_error()) base::refuse(fund.value(), std::string(describe(decided.error())));
}

/// Nothing for books of a fund that no definition strikes NAVs of.
std::optional<time::Date> next_nav(db::Transaction& transaction, const model::FundId& fund) {
  const auto source = load_definition_source(transaction, fund);
  if (!source) return std::nullopt;
  const FundDefinition definition = read_fund_text(*source, fund.value());
  const time::Calendar calendar = definition.calendar();
  const auto last = db::optional_of<time::Date>(
      db::query(transaction, "SELECT max(valuation_date) FROM nav WHERE fund_id = $1", fund.value())[0][0]);
  if (last) return calendar.next_business_day(*last);
  return calendar.is_business_day(definition.inception) ? definition.inception
                                                        : calendar.next_business_day(definition.inception);
}

void audit(db::Transaction& transaction, const model::FundId& fund, const Stamp& stamp, const char* kind,
           std::string payload) {
  db::append_audit(transaction, fund.value(),
                   {stamp.actor.value(), stamp.known_at.ns(), kind, std::move(payload)});
}

/// Under the lock of the open books: where they stand, and the stamp of what is done now.
std::pair<BooksHead, Stamp> lock_open_books(db::Transaction& transaction, const model::FundId& fund,
                                            const Stamp& given) {
  const BooksHead head = lock_books(transaction, fund);
  refuse_unopened(head, fund);
  return {head, {given.actor, known_time(transaction, fund, given.known_at)}};
}

}  // namespace

void close_books(db::Transaction& transaction, const model::FundId& fund, time::Date through,
                 const Stamp& given) {
  const auto [head, stamp] = lock_open_books(transaction, fund, given);
  const auto next = next_nav(transaction, fund);
  const auto decided = books::admit_close(head.closed_through, through, time::utc_date(stamp.known_at), next);
  if (decided.has_error() && decided.error() == books::PeriodRefusal::kNavToCome)
    base::refuse(fund.value(),
                 std::string(describe(decided.error())) + "; that of " + next->to_string() + " is to come");
  refuse_if(decided, fund);
  db::execute(transaction,
              "INSERT INTO period_close (fund_id, number, closed_through, entries, closed_by, known_at_ns, "
              "after_reopening) SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, "
              "(SELECT reopenings FROM books_head WHERE fund_id = $1) FROM period_close WHERE fund_id = $1",
              fund.value(), through, head.entries, stamp.actor.value(), stamp.known_at.ns());
  db::execute(transaction, "UPDATE books_head SET closed_through = $2 WHERE fund_id = $1", fund.value(),
              through);
  json::Writer payload;
  payload.begin_object().member("closed_through", through.to_string()).member("entries", head.entries);
  audit(transaction, fund, stamp, "books.closed", payload.end_object().take());
}

int ask_reopening(db::Transaction& transaction, const model::FundId& fund, time::Date from,
                  const std::string& reason, const Stamp& given) {
  const auto [head, stamp] = lock_open_books(transaction, fund, given);
  refuse_if(books::admit_reopening(head.closed_through, from, reason), fund);
  const int number =
      db::query(transaction,
                "INSERT INTO period_reopening (fund_id, number, open_from, reason, asked_by, known_at_ns) "
                "SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5 FROM period_reopening "
                "WHERE fund_id = $1 RETURNING number",
                fund.value(), from, reason, stamp.actor.value(), stamp.known_at.ns())[0][0]
          .as<int>();
  json::Writer payload;
  payload.begin_object().member("from", from.to_string()).member("number", number).member("reason", reason);
  audit(transaction, fund, stamp, "books.reopening_asked", payload.end_object().take());
  return number;
}

void approve_reopening(db::Transaction& transaction, const model::FundId& fund, int number,
                       const Stamp& given) {
  const auto [head, stamp] = lock_open_books(transaction, fund, given);
  std::optional<books::AskedReopening> asked;
  int latest = 0;
  for (const auto& row : db::query(
           transaction,
           "SELECT number, open_from, asked_by FROM period_reopening WHERE fund_id = $1 ORDER BY number",
           fund.value())) {
    latest = row["number"].as<int>();
    if (latest == number)
      asked = {number, row["open_from"].as<time::Date>(), row["asked_by"].as<std::string>()};
  }
  const int done =
      db::query(transaction, "SELECT reopenings FROM books_head WHERE fund_id = $1", fund.value())[0][0]
          .as<int>();
  refuse_if(books::admit_approval(asked, done, latest, head.closed_through, stamp.actor.value()), fund);
  db::execute(transaction,
              "INSERT INTO period_reopening_approval (fund_id, number, asked_by, approved_by, known_at_ns) "
              "VALUES ($1, $2, $3, $4, $5)",
              fund.value(), number, asked->asked_by, stamp.actor.value(), stamp.known_at.ns());
  db::execute(transaction, "UPDATE books_head SET closed_through = $2, reopenings = $3 WHERE fund_id = $1",
              fund.value(), asked->from - 1, number);
  json::Writer payload;
  payload.begin_object().member("asked_by", asked->asked_by).member("from", asked->from.to_string());
  payload.member("number", number);
  audit(transaction, fund, stamp, "books.reopened", payload.end_object().take());
}

Periods load_periods(db::Transaction& transaction, const model::FundId& fund) {
  require_fund(transaction, fund);
  Periods periods;
  const auto head =
      db::query(transaction, "SELECT closed_through FROM books_head WHERE fund_id = $1", fund.value());
  if (!head.empty()) periods.closed_through = db::optional_of<time::Date>(head[0][0]);
  for (const auto& row : db::query(transaction,
                                   "SELECT r.number, r.open_from, r.reason, r.asked_by, a.approved_by "
                                   "FROM period_reopening r LEFT JOIN period_reopening_approval a "
                                   "USING (fund_id, number) WHERE r.fund_id = $1 ORDER BY r.number",
                                   fund.value()))
    periods.reopenings.push_back({row["number"].as<int>(), row["open_from"].as<time::Date>(),
                                  row["reason"].as<std::string>(), row["asked_by"].as<std::string>(),
                                  db::optional_of<std::string>(row["approved_by"])});
  return periods;
}

}  // namespace navkeeper::nav
