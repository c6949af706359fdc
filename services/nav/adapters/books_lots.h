#pragma once
// The stored lots: open ones as of a day and as known at a time, lots identified for a disposal to come, and
// the roll-forward of a period. Inside the caller's transaction.
#include <optional>
#include <string>
#include <vector>

#include "services/nav/adapters/books_store.h"
#include "services/nav/domain/books/rollforward.h"
#include "services/nav/domain/checks.h"

namespace navkeeper::nav {

struct StoredLot {
  std::string asset;
  int decimals = 0;
  books::LotNumber number = 0;
  std::string place;  ///< tax book
  books::Lot lot;
};
/// The lots that the view sees, by asset, place, age.
std::vector<StoredLot> load_lots(db::Transaction& transaction, const model::FundId& fund, books::Book book,
                                 const BooksView& view);

/// The NAV's check `tax_lots`: says where an account's tax lots are not its coins, as the books stand
/// (domain/books/tax_book.h). It passes: no NAV depends on tax lots. Nothing where they agree everywhere.
std::optional<Check> check_tax_lots(db::Transaction& transaction, const model::FundId& fund);

struct LotChoice {
  books::LotNumber lot = 0;
  money::Decimal quantity;  ///< whole coins
};
/// Records which lots the disposal `disposal` will take, and gives when that was (known_time()); it takes
/// effect when that is posted, and only if it was agreed later. Refused: a disposal in the books already, an
/// identification recorded before, a lot that is not open or holds less.
time::Instant identify_lots(db::Transaction& transaction, const model::FundId& fund,
                            const books::Source& disposal, books::Book book, const std::string& asset,
                            const std::vector<LotChoice>& lots, const Stamp& stamp);

/// Which period, on which dates, as known when.
struct PeriodView {
  books::Book book = books::Book::kGaap;
  books::Basis basis = books::Basis::kTradeDate;  ///< as financial statements have it
  time::Date from;
  time::Date to;
  std::optional<time::Instant> known_at;
};
struct StoredRollForward {
  std::vector<books::AssetRollForward> assets;
  std::optional<time::Date> opening_nav;  ///< the struck NAV whose prices value the opening
  std::optional<time::Date> closing_nav;
};
/// Values are at the prices of the last NAV struck on or before the day before `from`, and `to`. Refused: a
/// period that ends before it begins, a fund without books.
StoredRollForward load_rollforward(db::Transaction& transaction, const model::FundId& fund,
                                   const PeriodView& view);

}  // namespace navkeeper::nav
