#pragma once
// What is read from the stored books beside positions, as JSON and as tables.
#include <string>
#include <vector>

#include "common/model/id.h"
#include "services/nav/adapters/books_lots.h"
#include "services/nav/adapters/books_periods.h"

namespace navkeeper::nav {

std::string lots_json(const model::FundId& fund, books::Book book, const BooksView& view,
                      const std::vector<StoredLot>& lots);
std::string lots_table(const std::vector<StoredLot>& lots);

std::string rollforward_json(const model::FundId& fund, const PeriodView& view,
                             const StoredRollForward& rolls);
std::string rollforward_table(const model::FundId& fund, const PeriodView& view,
                              const StoredRollForward& rolls);

/// `next_cursor` is the sequence number to go on from, null at the end.
std::string journal_json(const model::FundId& fund, const BooksView& view, const JournalPage& page);
std::string journal_table(const JournalPage& page);

std::string periods_json(const model::FundId& fund, const Periods& periods);
std::string periods_table(const model::FundId& fund, const Periods& periods);

}  // namespace navkeeper::nav
