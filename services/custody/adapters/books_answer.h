#pragma once
// What nav answers about a fund's books, read into our words; each reader throws base::Refused for what is
// not such an answer, std::overflow_error for sums and days that do not fit.
#include <optional>
#include <string>
#include <vector>

#include "common/json/value.h"
#include "services/custody/app/reconcile.h"

namespace navkeeper::custody {

/// Of `positions`: an asset and place once, states within its total.
std::vector<BookPosition> read_positions(const json::Value& holdings);

struct BookedEntry {
  std::int64_t seq = 0;
  std::optional<std::int64_t> reverses;
  bool is_opening = false;
  time::Date settles;
  std::vector<CoinMovement> movements;  ///< by asset and place, none of zero
};
/// The entries of a page, and where the next one begins.
struct JournalAnswer {
  std::vector<BookedEntry> entries;
  std::optional<std::string> next_cursor;
};
JournalAnswer read_journal(const json::Value& page);

/// Settled and pending movements and the first day, of all entries. An entry and its reversal leave nothing
/// where both are on the same side of `date`.
void sort_entries(std::vector<BookedEntry> entries, time::Date date, FundBooks& books);

/// Positions and movements, line by line in one order: what a reconciliation compared, without clock times.
std::string books_text(const FundBooks& books);

}  // namespace navkeeper::custody
