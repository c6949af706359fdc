#pragma once
// The rows of one batch of entries, gathered and then written table by table; and where the books stand
// before it. For the books' own stores.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/ensure.h"
#include "common/db/audit.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/domain/books/poster.h"

namespace navkeeper::nav {

struct BooksHead {
  std::int64_t entries = 0;  ///< the last seq given
  books::Units shares;
  std::optional<time::Date> closed_through;
};

/// A whole number of smallest units out of a column of them (pqxx::field); every sum was checked before it
/// was stored.
template <class Field>
books::Units units_of(const Field& field) {
  const auto units = books::Units::from(field.template as<money::Decimal>(), 0);
  ENSURE(units.has_value());
  return *units;
}

/// The date of `entry e` by which a basis counts it.
std::string date_column(books::Basis basis);
/// The day from which on statements show entry `e`: its trade date, or its book date where it came after that
/// day was closed. `known_at`: nanoseconds in SQL, as of which closings and reopenings are looked at.
std::string statement_date(const std::string& known_at);

/// Whether result_by_month keeps it: dollars of income and expenses, without unrealised gains.
bool counts_by_month(std::string_view account, std::string_view commodity);

base::Bytes content_hash(std::string_view content);
/// What a draft says, apart from who posts it and when: equal contents are the same draft.
std::string content_of(const DraftToPost& draft);

/// Refuses in the words of the rule that the constraint is the wall behind; throws it on where there is none.
[[noreturn]] void refuse_constraint(const std::string& fund, const db::ConstraintViolation& violation);

/// One record for a batch: which entries, and a hash over theirs.
db::AuditRecord audit_of_entries(const Stamp& stamp, std::span<const std::string> contents,
                                 std::int64_t first_seq, std::int64_t last_seq);

/// Locks the fund's books, making the head where there is none; all who post, close or reopen wait for one
/// another here. Refused: a fund that was never applied.
BooksHead lock_books(db::Transaction& transaction, const model::FundId& fund);
void refuse_unopened(const BooksHead& head, const model::FundId& fund);

/// Where the books stand over everything posted; changes of position accounts after `first` beside it, the
/// state of the share register only where `with_register`.
books::PosterStanding load_standing(db::Transaction& transaction, const model::FundId& fund,
                                    const BooksHead& head, time::Date first, bool with_register);

/// Lots identified for one disposal, with when that was recorded.
struct RecordedIdentification {
  books::Identification identification;
  time::Instant recorded_at;
};
using RecordedIdentifications = std::map<books::Source, std::vector<RecordedIdentification>>;
/// Of these sources.
RecordedIdentifications load_identifications(db::Transaction& transaction, const model::FundId& fund,
                                             std::span<const books::Source> sources);

/// Which of the sources were posted before, with the hash of what was posted.
class PostedBefore {
 public:
  PostedBefore(db::Transaction& transaction, const model::FundId& fund,
               std::span<const books::Source> sources);
  /// True: posted with the same content, now or earlier in this batch. Refuses other content.
  bool contains(const books::Source& source, const std::string& content, const std::string& place);

 private:
  std::map<books::Source, base::Bytes> hashes_;
};

class BooksBatch {
 public:
  BooksBatch(db::Transaction& transaction, const model::FundId& fund, const BooksHead& head,
             const Stamp& stamp);

  struct UsedIdentification {
    books::Source source;
    books::Book book;
    std::string asset;
    time::Instant recorded_at;
    time::Instant disposed_at;
  };
  /// An entry with its dates and source set; `chart` is where its lines point.
  void add(const books::Chart& chart, const books::PostedEvent& posted, const std::string& kind,
           const std::string& content, std::span<const UsedIdentification> used = {});
  /// The entry that takes `seq` back, with everything it did.
  void add_reversal(const books::Chart& chart, const books::PostedEvent& reversed, const std::string& content,
                    std::int64_t seq);
  /// Throws base::Refused where a check of the database says what the domain could not.
  PostReport write(std::size_t unchanged);

 private:
  struct EntryRow {
    std::int64_t seq;
    books::Source source;
    time::Date trade_date;
    time::Date book_date;
    time::Date settlement_date;
    std::string kind;
    std::string content;
    std::optional<std::int64_t> reverses;
  };
  struct PostingRow {
    std::int64_t seq;
    std::int32_t line;
    std::string debit;
    std::string credit;
    std::string commodity;
    books::Units amount;
  };
  struct MovementRow {
    std::int64_t seq;
    std::int32_t line;
    std::string asset;
    std::string place;  ///< tax lots only
    books::LotMovement movement;
  };
  struct FlowRow {
    std::int64_t seq;
    std::int32_t line;
    books::Book book;
    std::string asset;
    std::string place;
    books::FlowCause cause;
    books::Units quantity;
    books::Units cost;
    books::Units value;
    bool is_recognised;
  };
  struct SplitRow {
    std::int64_t seq;
    books::Split split;
    bool is_inverse;
  };
  struct UseRow {
    std::int64_t seq;
    UsedIdentification use;
  };
  struct LotKey {
    std::string asset;
    std::string place;
    books::LotNumber lot;
    auto operator<=>(const LotKey&) const = default;
  };

  void add_row(const books::Chart& chart, const books::PostedEvent& posted, const std::string& kind,
               const std::string& content, std::optional<std::int64_t> reverses);
  void write_accounts();
  void write_entries();
  void write_postings();
  void write_lots();
  void write_tax_lots();
  void write_flows();
  void write_shares();
  void write_balances();
  void write_results();
  void write_uses();
  void audit(const PostReport& report);

  db::Transaction& transaction_;
  std::string fund_;
  BooksHead head_;
  Stamp stamp_;  ///< as of known_time()
  std::vector<EntryRow> entries_;
  std::vector<PostingRow> postings_;
  std::vector<MovementRow> movements_;
  std::vector<MovementRow> tax_movements_;
  std::vector<FlowRow> flows_;
  std::vector<std::pair<std::int64_t, books::Units>> share_changes_;
  std::vector<SplitRow> splits_;
  std::vector<UseRow> uses_;
  std::map<std::pair<std::string, std::string>, books::Units> balances_;  ///< (account, commodity)
  std::map<std::pair<time::Date, std::string>, books::Units> results_;    ///< (month, account)
  std::map<LotKey, books::Lot> lots_;      ///< changes, and the day of a new one
  std::map<LotKey, books::Lot> tax_lots_;  ///< likewise
};

}  // namespace navkeeper::nav
