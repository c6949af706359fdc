#pragma once
// The strike's side of the stored books (books_store.h).
//
// On the nav basis an entry counts from its book date: orders and trades of T-1 are booked on T, so the view
// of T is what the strike of T values, together with income and expenses to date. The strike's own entries
// (its fees, its tax, its marks) are therefore traded on T and booked on the day after: the next strike finds
// them, and striking T again does not.
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/strike_journal.h"

namespace navkeeper::nav {

class BooksStrikeJournal final : public StrikeJournal {
 public:
  std::vector<Holdings> holdings_of_many(db::Transaction& transaction,
                                         const std::vector<const FundDefinition*>& funds,
                                         time::Date date) override;
  std::optional<db::AuditRecord> post_strike(db::Transaction& transaction, db::WriteBatch& batch,
                                             const NewNav& nav) override;
};

/// Accounts that the tax provision adds to the chart (domain/books/chart.h).
constexpr const char* kCurrentTaxExpense = "Expenses:Taxes:Current";
constexpr const char* kCurrentTaxPayable = "Liabilities:Taxes payable:Current";
constexpr const char* kDeferredTaxExpense = "Expenses:Taxes:Deferred";
constexpr const char* kDeferredTax = "Liabilities:Deferred tax";

/// The holdings that a view of the books shows. `year_start` is the view of the last day before the tax year.
Holdings holdings_of(const StoredBooks& books, const StoredBooks& year_start);

}  // namespace navkeeper::nav
