#pragma once
// From a draft in words to an entry of the fund's books.
#include <string>

#include "common/base/refusal.h"
#include "common/time/instant.h"
#include "services/nav/domain/books/journal.h"
#include "services/nav/domain/policy/entry_draft.h"

namespace navkeeper::nav::policy {

/// The entry, its source being (`source_name`, the draft's source_id); lines that the chart does not have are
/// made. Refused, leaving the chart as it was: no postings, debits that are not credits in each commodity, a
/// commodity that the chart does not count, an amount with more decimals than its commodity or too large.
base::Checked<books::Entry> to_entry(const EntryDraft& draft, const std::string& source_name,
                                     time::Instant known_at, books::Chart& chart);

}  // namespace navkeeper::nav::policy
