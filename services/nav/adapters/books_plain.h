#pragma once
// Entries that touch no lot, no share and no account of assets (what a strike accrues): everything that the
// books would decide about them is a rule of the tables, so they are written without reading where the books
// stand, and in the caller's batch. Others go through post_drafts().
#include <optional>
#include <span>

#include "common/db/audit.h"
#include "services/nav/adapters/books_store.h"

namespace navkeeper::db {
class WriteBatch;
}

namespace navkeeper::nav {

/// Whether all of them are such entries.
bool are_plain(std::span<const DraftToPost> drafts);

/// Adds them to the batch, whose transaction has sequential scans off as lock_books() has, after the entry
/// `entries`, the last one of the fund's locked head, whose books are open. `assets` are the fund's coins
/// with their decimals; `request.known_at` is known_time()'s and goes into the head. The record is for the
/// audit log.
db::AuditRecord add_plain(db::WriteBatch& batch, const PostRequest& request, std::int64_t entries,
                          std::span<const books::AssetDefinition> assets);

}  // namespace navkeeper::nav
