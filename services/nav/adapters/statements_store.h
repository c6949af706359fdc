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

/// Refused: an unknown fund, a period that ends before it begins or in which no NAV was struck, a coin held
/// that no NAV prices.
statements::FinancialStatements make_statements(db::Pool& pool, NavStore& navs, ActStore& acts,
                                                const model::FundId& fund, const StatementsPeriod& period);

struct ClosedStatements {
  int version = 1;
  bool is_new = true;  ///< false: closed before with the same statements
};
/// Closes the books through the period's end and keeps its statements (maker). Refused: statements with
/// faults, an end whose NAV is not struck, what close_books refuses.
ClosedStatements close_with_statements(db::Transaction& transaction, const model::FundId& fund,
                                       const statements::FinancialStatements& made, const CashActor& who);

/// Canonical: equal statements give equal bytes.
std::string statements_json(const statements::FinancialStatements& made);
std::string statements_text(const statements::FinancialStatements& made);

}  // namespace navkeeper::nav
