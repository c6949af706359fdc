#pragma once
// Bank statements as they were imported, and the books against them (sql/nav, bank_...). Inside the caller's
// transaction.
#include <optional>
#include <string>
#include <vector>

#include "services/nav/adapters/cash_store.h"
#include "services/nav/domain/cash/bank_matching.h"
#include "services/nav/domain/checks.h"
#include "services/nav/domain/fund.h"

namespace navkeeper::nav {

struct ImportReport {
  std::vector<std::string> imported;  ///< ids of statements
  std::vector<std::string> known;     ///< imported before with the same content
  std::size_t lines = 0;
};

/// All statements of a file, in their order, or none. Refused: no role (operator), an account that is not
/// approved, what admit_statement refuses.
ImportReport import_statements(db::Transaction& transaction, const model::FundId& fund,
                               const std::string& account, const std::vector<cash::BankStatement>& statements,
                               const CashActor& who);

struct StoredStatement {
  std::string account;
  std::string id;
  std::string format;
  time::Date from;
  time::Date to;
  money::Decimal opening;
  money::Decimal closing;
  int lines = 0;
  std::string imported_by;
};
/// By account, then day.
std::vector<StoredStatement> load_statements(db::Transaction& transaction, const model::FundId& fund);
std::optional<StoredStatement> first_statement(db::Transaction& transaction, const model::FundId& fund,
                                               const std::string& account);
/// The last one that ends by that day.
std::optional<StoredStatement> last_statement(db::Transaction& transaction, const model::FundId& fund,
                                              const std::string& account, std::optional<time::Date> by);

/// Bank days of an account between two statements of it of which nobody imported one.
struct StatementGap {
  std::string account;
  time::Date from;
  time::Date to;
};

struct StoredReconciliation {
  time::Date as_of;
  std::vector<StoredStatement> last;         ///< of each account, the statement that it stands on
  std::optional<time::Date> agreed_through;  ///< through here all agreed: what follows was looked at
  std::string accounts;                      ///< that it compares: canonical JSON
  std::vector<StatementGap> gaps;            ///< by its day: what the bank did there nobody has seen
  bool agrees() const { return gaps.empty() && result.agrees(); }
  cash::ReconciliationInput input;
  cash::Reconciliation result;
};
/// Settled cash of the books against all accounts together, as of the last day that every account has a
/// statement of, at most `as_of`. Nothing where an account has none by then, or the fund has no account. Only
/// what came after the last agreement that still holds (sql/nav/0011_agreed_cash) is read.
std::optional<StoredReconciliation> load_reconciliation(db::Transaction& transaction,
                                                        const model::FundId& fund,
                                                        std::optional<time::Date> as_of);
/// Keeps the day through which bank and books agree now, where it is later than what is kept and still holds;
/// under the lock of the fund's cash.
void keep_agreement(db::Transaction& transaction, const model::FundId& fund, const CashActor& who);

/// A line of a statement of an account of ours.
struct BankLineName {
  std::string account;
  std::string statement;
  int line = 0;  ///< from 1
  bool operator==(const BankLineName&) const = default;
  std::string in_words() const;
};
inline constexpr std::size_t kLinesMatchedMax = 50;

/// What no rule finds: lines whose sum is an entry's, or of an order that settles in parts one settlement's.
/// Refused: no role (operator), a line or an entry that is not there, another amount, one that is matched
/// already, a day through which bank and books agree.
void match_by_hand(db::Transaction& transaction, const model::FundId& fund,
                   const std::vector<BankLineName>& lines, const std::string& source, const std::string& id,
                   const std::string& reason, const CashActor& who);

/// The NAV's check "cash_against_bank": failed where a break stands, unavailable where there is no statement
/// of the bank day before `date` or later, or one between two statements is missing.
Check check_bank(db::Transaction& transaction, const FundDefinition& fund, time::Date date);
/// What it is where the fund has no bank account.
Check check_of_no_bank();

std::string import_json(const model::FundId& fund, const std::string& account, const ImportReport& report);
std::string statements_list_json(const model::FundId& fund, const std::vector<StoredStatement>& statements);
std::string statements_list_table(const std::vector<StoredStatement>& statements);
std::string reconciliation_json(const model::FundId& fund, const StoredReconciliation& stored);
std::string reconciliation_table(const StoredReconciliation& stored);

}  // namespace navkeeper::nav
