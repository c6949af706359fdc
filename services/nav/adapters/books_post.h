#pragma once
// `books post`, `books show` and `books export`: files in and out of the stored books.
#include <string>
#include <vector>

#include "common/db/pool.h"
#include "common/model/actor.h"
#include "services/nav/adapters/books_store.h"

namespace navkeeper::nav {

/// Most lines that one file may post: it is one transaction.
constexpr std::size_t kEventsPerFileMax = 200'000;

/// Reads a file of events to be posted under the source `source`. A line without an id gets one of its
/// content and of how often the file had that content before, so that posting the file again changes nothing.
/// Throws base::Refused.
std::vector<EventToPost> read_events_to_post(const std::string& path, const std::string& source);

/// The whole file or nothing, in one transaction. Throws base::Refused: unknown fund, a bad line, an asset
/// whose decimals are not the fund's, a distribution or a split (two people decide on these), a source of
/// another act (domain/books/undo.h), what post_events refuses.
PostReport post_file(db::Pool& pool, const model::FundId& fund, const std::vector<EventToPost>& events,
                     const Stamp& stamp);

std::vector<PlacedCoins> coins_by_place(const StoredBooks& books, const books::AssetDefinition& asset);

/// As known at a time, an account that no entry had been posted to by then is not shown. (Among load_books()'
/// balances it is, with zero: a strike reads them by name.)
void leave_known(db::Transaction& transaction, const model::FundId& fund, const BooksView& view,
                 StoredBooks& stored);

/// The books as seen; refused when the fund has none.
StoredBooks show_books(db::Pool& pool, const model::FundId& fund, const BooksView& view);
std::string to_json(const model::FundId& fund, const BooksView& view, const StoredBooks& books);
std::string to_table(const model::FundId& fund, const BooksView& view, const StoredBooks& books);

/// Writes the whole journal for ledger and hledger, each entry on its book date. An account that others stand
/// under is written as a leaf of its own, ":(itself)", so that no program adds them to it. Entries written.
std::size_t export_books(db::Pool& pool, const model::FundId& fund, const std::string& path);

}  // namespace navkeeper::nav
