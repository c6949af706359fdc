#pragma once
// Financial statements of a period from the stored journal and NAVs, and the close with which they are kept.
#include <optional>
#include <string>

#include "common/db/pool.h"
#include "services/nav/adapters/cash_store.h"
#include "services/nav/app/strike_fund.h"
#include "services/nav/domain/statements/financial_statements.h"

namespace navkeeper::nav {

struct StatementsPeriod {
  time::Date from;
  time::Date to;
  std::optional<time::Instant> known_at;  ///< nothing: all that is known now
};

/// A period that no NAV precedes and that begins after the first entry begins with that one, and says so
/// (FinancialStatements::asked_from). Refused: an unknown fund, a period that ends before it begins or in
/// which no NAV was struck, a coin held that no NAV prices.
statements::FinancialStatements make_statements(db::Transaction& transaction, const model::FundId& fund,
                                                const StatementsPeriod& period);
/// From one snapshot.
statements::FinancialStatements make_statements(db::Pool& pool, const model::FundId& fund,
                                                const StatementsPeriod& period);

struct ClosedStatements {
  int version = 1;
  bool is_new = true;         ///< false: closed before with the same statements
  time::Date closed_through;  ///< of the books now: the period's last day, or a later one
  statements::FinancialStatements made;
};
/// Makes the statements under the lock of the fund's books, closes these through `to` and keeps the
/// statements (maker): no fact can come between what they say and what is closed. Refused: statements with
/// faults, an end whose last NAV is not approved, what close_books refuses.
ClosedStatements close_with_statements(db::Transaction& transaction, const model::FundId& fund,
                                       time::Date from, time::Date to, const CashActor& who);

/// Canonical: equal statements give equal bytes.
std::string statements_json(const statements::FinancialStatements& made);
std::string statements_text(const statements::FinancialStatements& made);

}  // namespace navkeeper::nav
