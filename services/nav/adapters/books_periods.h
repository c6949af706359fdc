#pragma once
// Closing and reopening the stored books (sql/nav/0003_whole_books). Inside the caller's transaction, under
// the lock that every poster holds. Each leaves an audit record. Throws base::Refused.
#include <optional>
#include <string>
#include <vector>

#include "services/nav/adapters/books_store.h"

namespace navkeeper::nav {

struct Reopening {
  int number = 0;
  time::Date from;
  std::string reason;
  std::string asked_by;
  std::optional<std::string> approved_by;
};

struct Periods {
  std::optional<time::Date> closed_through;
  std::vector<Reopening> reopenings;  ///< oldest first
};

/// From now on nothing is booked on or before `through`, which must be over and lie before the next NAV to be
/// struck.
void close_books(db::Transaction& transaction, const model::FundId& fund, time::Date through,
                 const Stamp& stamp);
/// Asks for it; the number under which somebody else approves it. Nothing is open yet.
int ask_reopening(db::Transaction& transaction, const model::FundId& fund, time::Date from,
                  const std::string& reason, const Stamp& stamp);
/// Opens the books from that reopening's day on.
void approve_reopening(db::Transaction& transaction, const model::FundId& fund, int number,
                       const Stamp& stamp);
Periods load_periods(db::Transaction& transaction, const model::FundId& fund);

}  // namespace navkeeper::nav
