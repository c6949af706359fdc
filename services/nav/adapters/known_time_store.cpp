#include "common/db/database_time.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/known_time.h"

namespace navkeeper::nav {
namespace {

/// As long as a statement may take: a file of many events is one transaction.
constexpr std::chrono::milliseconds kWaitMax{30'000};

std::string scope_of(const model::FundId& fund) { return "books " + fund.value(); }

}  // namespace

std::string next_known_time(const std::string& given) {
  return "coalesce(greatest(" + given + "::bigint, CASE WHEN " + given + "::bigint IS NOT NULL THEN " +
         "b.known_at_ns END), greatest(" + db::kDatabaseTime + ", b.known_at_ns + 1))";
}

std::optional<std::int64_t> given_time(const db::Transaction& transaction, time::Instant given) {
  return transaction.has_given_time() ? std::optional(given.ns()) : std::nullopt;
}

void keep_known_time(db::Transaction& transaction, const model::FundId& fund, time::Instant known) {
  transaction.times().insert_or_assign(scope_of(fund), known.ns());
}

time::Instant known_time(db::Transaction& transaction, const model::FundId& fund, time::Instant given) {
  const auto kept = transaction.times().find(scope_of(fund));
  const bool moves_on = transaction.has_given_time();
  if (kept != transaction.times().end() && !(moves_on && given.ns() > kept->second))
    return time::Instant::from_ns(kept->second);
  const auto taken = db::query(transaction,
                               "UPDATE books_head b SET known_at_ns = " + next_known_time("$2") +
                                   " WHERE fund_id = $1 RETURNING known_at_ns",
                               fund, given_time(transaction, given));
  if (taken.empty())
    return time::Instant::from_ns(
        db::query(transaction, std::string("SELECT coalesce($1::bigint, ") + db::kDatabaseTime + ")",
                  given_time(transaction, given))[0][0]
            .as<std::int64_t>());
  const auto known = time::Instant::from_ns(taken[0][0].as<std::int64_t>());
  keep_known_time(transaction, fund, known);
  return known;
}

void wait_until_known(db::Pool& pool, const model::FundId& fund, std::optional<time::Instant> known_at) {
  if (!known_at || *known_at == time::Instant::latest()) return;
  db::TransactionOptions options;
  options.lock_timeout = kWaitMax;
  pool.transact(
      [&](db::Transaction& transaction) {
        const auto rows =
            db::query(transaction, "SELECT known_at_ns FROM books_head WHERE fund_id = $1", fund);
        if (rows.empty() || known_at->ns() <= rows[0][0].as<std::int64_t>()) return;
        db::query(transaction, "SELECT FROM books_head WHERE fund_id = $1 FOR SHARE", fund);
      },
      options);
}

}  // namespace navkeeper::nav
