#pragma once
// The stored books of a fund (sql/nav/0002_books). Every function works inside the caller's transaction, as
// nav's own role, so that a strike posts its entries in the transaction that stores the NAV. Throws what
// common/db/errors.h says, and base::Refused where said.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/db/transaction.h"
#include "common/model/actor.h"
#include "common/time/calendar.h"
#include "services/nav/app/post_entries.h"
#include "services/nav/domain/books/poster.h"
#include "services/nav/domain/late_true_up.h"

namespace navkeeper::nav {

/// What of a fund's definition decides its postings.
struct PostingRules {
  books::LotRules lots;       ///< of the GAAP book
  books::TaxRules tax_rules;  ///< of the tax book
  const time::Calendar* exchange = nullptr;
  const time::Calendar* settlement = nullptr;
};

/// Who posts, and when we learned of it: what is stored is known_time()'s.
struct Stamp {
  model::ActorId actor;
  time::Instant known_at;
};

struct EventToPost {
  books::Event event;  ///< no price and no strike
  books::Source source;
  /// Without them: orders and trades are booked on the next exchange day and settle on the next settlement
  /// day after their date (rules 2a-4(a)(2)-(3), T+1); everything else on its own date.
  std::optional<time::Date> book_date;
  std::optional<time::Date> settlement_date;
  std::string content;  ///< canonical JSON of the event: equal content makes the same id the same event
  std::string place;    ///< named in a refusal: "events.jsonl:12"; may be empty
  /// When a disposal was agreed. Lots identified for it must have been recorded before; without it, before
  /// the day began (UTC).
  std::optional<time::Instant> at = std::nullopt;
};

struct PostReport {
  std::size_t posted = 0;
  std::size_t unchanged = 0;   ///< had been posted before with the same content
  std::int64_t first_seq = 0;  ///< of the entries posted now; 0 when there are none
  std::int64_t last_seq = 0;
  LateReport lateness = {};  ///< where it was asked for: late_entry_store.h
};

/// Posts all of them, in their order, or throws. Locks the fund's books until the transaction ends. Dates may
/// lie before those posted earlier (a late fact) but not go back within `events`. Refused: what the books
/// refuse, and an id that was posted before with other content. Leaves an audit record where anything was
/// posted.
PostReport post_events(db::Transaction& transaction, const model::FundId& fund, const PostingRules& rules,
                       std::span<const EventToPost> events, const Stamp& stamp);

/// An entry that no event of the books makes: a tax provision, a receivable.
struct FreeEntry {
  struct Posting {
    std::string account;    ///< chart.h names the classes; parts of names from outside through account_part()
    std::string commodity;  ///< "USD" or a coin of the fund
    books::Units amount;    ///< positive: debit
  };
  time::Date trade_date;
  time::Date book_date;
  time::Date settlement_date;
  books::Source source;
  std::string kind;  ///< "tax_provision"
  std::string content;
  std::vector<Posting> postings;  ///< must balance in each commodity (ENSURE); no coins under Assets (ENSURE)
};
/// The same promises as post_events.
PostReport post_entries(db::Transaction& transaction, const model::FundId& fund,
                        std::span<const FreeEntry> entries, const Stamp& stamp);

/// What a policy decided (app/post_entries.h), in the caller's transaction.
Posted post_drafts(db::Transaction& transaction, const PostingRules& rules, const PostRequest& request);

/// Whose decision a reversal is: two people may take back what two decided on.
enum class ReversedBy { kOnePerson, kTwoPeople };

/// Under which a reversal is kept by the command and the route: "reversal", "SOURCE:ID".
books::Source reversal_source(const books::Source& wrong);

/// Takes back the entry of `wrong` by a reversing one on the same dates, lots and shares with it. Refused: no
/// such entry; it was reversed already; what it brought has gone since; what one person may not take back
/// (domain/books/undo.h).
PostReport reverse_entry(db::Transaction& transaction, const model::FundId& fund, const books::Source& wrong,
                         const books::Source& source, const Stamp& stamp, const std::string& reason = "",
                         ReversedBy by = ReversedBy::kOnePerson);

/// By number: what was brought to another day, and the two entries that did it.
struct MovedEntry {
  std::int64_t seq = 0;
  std::int64_t there = 0;
  std::int64_t back = 0;
};
/// Does on `to`, a day before its book date, what the entry `moved` did, and takes it from its book date: two
/// entries of the source "own day" that come to nothing together. The entry stays as it is, and reversing it
/// takes the two with it. Nothing is done where dollars, fees owed or shares would be less than nothing on a
/// day between. There must be such an entry (ENSURE).
std::optional<MovedEntry> move_entry(db::Transaction& transaction, const model::FundId& fund,
                                     const books::Source& moved, time::Date to, const Stamp& stamp);

/// Which past is asked for.
struct BooksView {
  books::Basis basis = books::Basis::kNav;
  time::Date as_of;
  std::optional<time::Instant> known_at;  ///< nothing: all that is known now
  /// On the trade-date basis: what came after its day was closed counts from its book date on, so that what
  /// the closing held stays (statement_date()).
  bool keeps_closed = false;
};

struct StoredBalance {
  std::string account;
  std::string commodity;
  int decimals = 0;
  books::Units balance;        ///< positive: debit
  books::Units standing = {};  ///< over everything posted, whatever the view sees
};

/// What the view counts and custodian and bank do not show yet: the receivables (positive) and payables of
/// orders and trades on their way, by commodity. Empty on the settled basis.
struct Unsettled {
  std::string commodity;
  int decimals = 0;
  books::Units amount;
};
std::vector<Unsettled> load_unsettled(db::Transaction& transaction, const model::FundId& fund,
                                      const BooksView& view);

struct StoredBooks {
  std::vector<books::AssetDefinition> assets;  ///< in the order of `open`
  books::Units shares;
  std::vector<StoredBalance>
      balances;  ///< every account that was ever posted to; zero where the view sees none of it
  std::vector<Unsettled> unsettled;  ///< where asked for: load_unsettled()
  /// The balance of one account in one commodity; zero when there is none.
  books::Units balance(std::string_view account, std::string_view commodity) const;
};

/// Accounts that an entry known by then posts to.
std::set<std::string> accounts_known(db::Transaction& transaction, const model::FundId& fund,
                                     time::Instant known_at);

/// Nothing when the fund's books were never opened.
std::optional<StoredBooks> load_books(db::Transaction& transaction, const model::FundId& fund,
                                      const BooksView& view);

/// Of many funds at once; those whose books were never opened are not among them.
std::map<std::string, StoredBooks> load_books_of(db::Transaction& transaction,
                                                 std::span<const std::string> funds, const BooksView& view);

/// What stood when `month` began, its first day, on the dollar accounts that result_by_month counts
/// (sql/nav/0013_level_costs), as load_books_of() has them for the day before on the nav basis: other
/// balances, assets and shares are left out. It reads months and not entries: a strike asks for the beginning
/// of its tax year.
std::map<std::string, StoredBooks> load_results_before(db::Transaction& transaction,
                                                       std::span<const std::string> funds, time::Date month);

/// The names as a text[] of PostgreSQL.
std::string array_of(std::span<const std::string> names);

/// An entry of the journal with what it posted, as the view sees it.
struct JournalEntry {
  std::int64_t seq = 0;
  books::Entry
      entry;  ///< description: its kind; postings: debit and credit in turn, lines of the page's chart
  std::string posted_by;
  std::optional<std::int64_t> reverses;
};
struct JournalPage {
  books::Chart chart;
  std::vector<JournalEntry> entries;  ///< in the order of posting
  bool has_more = false;
};
/// At most `limit` entries after `after`, of those whose date on the view's basis is not after its day and
/// that were known by its time. Nothing when the fund's books were never opened.
std::optional<JournalPage> load_journal(db::Transaction& transaction, const model::FundId& fund,
                                        const BooksView& view, std::int64_t after, int limit);

/// The reviewed file of the fund's latest definition; nothing when there is no such fund.
std::optional<std::string> load_definition_source(db::Transaction& transaction, const model::FundId& fund);

/// The journal in the order in which it was posted. `chart` grows as accounts turn up.
void for_each_entry(db::Transaction& transaction, const model::FundId& fund,
                    const std::function<void(const books::Chart& chart, const books::Entry& entry)>& see);

}  // namespace navkeeper::nav
