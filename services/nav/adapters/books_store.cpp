#include "services/nav/adapters/books_store.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/copy_writer.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"

// Writing the stored books. Reading them is books_read_store.cpp.
namespace navkeeper::nav {
namespace {

using books::Applied;
using books::Books;
using books::Entry;
using books::Units;

constexpr std::string_view kFeesPayable = "Liabilities:Fees payable:";

base::Bytes hash_of(std::string_view content) {
  const auto digest = crypto::sha256(content);
  return {digest.begin(), digest.end()};
}

Units units_of(const pqxx::field& field) {
  const auto units = Units::from(field.as<money::Decimal>(), 0);
  ENSURE(units.has_value());  // every sum was checked before it was stored
  return *units;
}

money::Decimal number(Units units) { return units.to_decimal(0); }

/// COPY takes a date as its days since 2000-01-01.
std::int32_t copied_date(time::Date date) {
  static const time::Date kEpoch = time::Date::literal("2000-01-01");
  return static_cast<std::int32_t>(date - kEpoch);
}

struct Head {
  std::int64_t entries = 0;
  Units shares;
};

/// Locks the fund's books, making the head where there is none; two who post wait for one another here.
Head lock_books(db::Transaction& transaction, const model::FundId& fund) {
  // A foreign key's check is planned once a session, maybe when its table has one page; the plan must still
  // do when a batch has filled it. All that this transaction looks up has an index.
  db::execute(transaction, "SET LOCAL enable_seqscan = off");
  if (db::query(transaction, "SELECT FROM fund WHERE fund_id = $1", fund.value()).empty())
    base::refuse(fund.value(), "is not a fund that was applied");
  db::execute(transaction,
              "INSERT INTO books_head (fund_id, entries, shares) VALUES ($1, 0, 0) ON CONFLICT DO NOTHING",
              fund.value());
  const auto rows = db::query(
      transaction, "SELECT entries, shares FROM books_head WHERE fund_id = $1 FOR UPDATE", fund.value());
  return {rows[0]["entries"].as<std::int64_t>(), units_of(rows[0]["shares"])};
}

/// Where the books stand over everything posted.
books::Standing load_standing(db::Transaction& transaction, const model::FundId& fund, const Head& head) {
  books::Standing standing;
  standing.shares = head.shares;
  std::map<std::string, std::size_t> index;
  for (const auto& row :
       db::query(transaction,
                 "SELECT c.commodity, c.decimals, coalesce((SELECT max(l.lot) FROM lot l "
                 "WHERE l.fund_id = c.fund_id AND l.asset = c.commodity), 0) + 1 AS next_lot "
                 "FROM commodity c WHERE c.fund_id = $1 AND c.position > 0 ORDER BY c.position",
                 fund.value())) {
    books::Standing::Asset asset;
    asset.definition = {row["commodity"].as<std::string>(), row["decimals"].as<int>()};
    asset.next_lot = row["next_lot"].as<std::uint64_t>();
    index.emplace(asset.definition.asset, standing.assets.size());
    standing.assets.push_back(std::move(asset));
  }
  for (const auto& row : db::query(transaction,
                                   "SELECT asset, lot, quantity, cost FROM lot WHERE fund_id = $1 AND "
                                   "quantity > 0 ORDER BY asset, lot",
                                   fund.value())) {
    standing.assets[index.at(row["asset"].as<std::string>())].lots.emplace_back(
        row["lot"].as<std::uint64_t>(), books::Lot{units_of(row["quantity"]), units_of(row["cost"])});
  }
  for (const auto& row :
       db::query(transaction,
                 "SELECT account, amount FROM account_balance WHERE fund_id = $1 AND commodity = 'USD' "
                 "AND (account = 'Assets:Cash' OR account LIKE 'Liabilities:Fees payable:%') "
                 "ORDER BY account",
                 fund.value())) {
    const auto account = row["account"].as<std::string>();
    const Units amount = units_of(row["amount"]);
    if (account == "Assets:Cash")
      standing.cash = amount;
    else if (!amount.is_zero())
      standing.fees_payable.push_back(
          {books::name_of_part(std::string_view(account).substr(kFeesPayable.size())), -amount});
  }
  return standing;
}

/// The rows of one batch, gathered and then written table by table.
class Batch {
 public:
  Batch(db::Transaction& transaction, const model::FundId& fund, const Head& head, const Stamp& stamp)
      : transaction_(transaction), fund_(fund.value()), head_(head), stamp_(stamp) {}

  /// An entry with its dates and source set; `chart` is where its lines point.
  void add(const books::Chart& chart, const Entry& entry, const std::string& content,
           std::span<const books::LotChange> lots, Units shares_change,
           std::optional<std::int64_t> reverses = std::nullopt) {
    const std::int64_t seq = head_.entries + static_cast<std::int64_t>(entries_.size()) + 1;
    entries_.push_back({seq, entry.source, entry.trade_date, entry.book_date, entry.settlement_date,
                        entry.description, content, reverses});
    std::int32_t line = 0;
    for (const books::Transfer& transfer : books::to_transfers(chart, entry.postings)) {
      const books::Line& debit = chart.lines()[transfer.debit];
      const books::Line& credit = chart.lines()[transfer.credit];
      const std::string& commodity = chart.commodities()[debit.commodity].symbol;
      postings_.push_back({seq, line++, debit.account, credit.account, commodity, transfer.amount});
      balances_[{debit.account, commodity}] += transfer.amount;
      balances_[{credit.account, commodity}] -= transfer.amount;
    }
    line = 0;
    for (const books::LotChange& change : lots) {
      const std::string& asset = chart.commodities()[change.asset].symbol;
      movements_.push_back({seq, line++, asset, change.movement});
      books::Lot& total = lots_[{asset, change.movement.lot}];
      total.quantity += change.movement.quantity;
      total.cost += change.movement.cost;
    }
    if (!shares_change.is_zero()) share_changes_.emplace_back(seq, shares_change);
    head_.shares += shares_change;
  }

  /// Also the rows of accounts whose postings cancelled out or were zero are made when they are first named.
  PostReport write(std::size_t unchanged) {
    PostReport report;
    report.unchanged = unchanged;
    report.posted = entries_.size();
    if (entries_.empty()) return report;
    report.first_seq = entries_.front().seq;
    report.last_seq = entries_.back().seq;
    write_accounts();
    write_entries();
    write_postings();
    write_lots();
    write_shares();
    write_balances();
    db::execute(transaction_, "UPDATE books_head SET entries = $2, shares = $3 WHERE fund_id = $1", fund_,
                report.last_seq, number(head_.shares));
    audit(report);
    return report;
  }

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
    Units amount;
  };
  struct MovementRow {
    std::int64_t seq;
    std::int32_t line;
    std::string asset;
    books::LotMovement movement;
  };

  void write_accounts() {
    std::set<std::string> accounts;
    for (const auto& [key, amount] : balances_) accounts.insert(key.first);
    json::Writer rows;
    rows.begin_array();
    for (const std::string& account : accounts) rows.string(account);
    rows.end_array();
    db::execute(transaction_,
                "INSERT INTO account (fund_id, account) SELECT $1, jsonb_array_elements_text($2::jsonb) "
                "ON CONFLICT DO NOTHING",
                fund_, rows.take());
  }

  void write_entries() {
    db::CopyWriter copy(
        transaction_, "entry",
        {"fund_id", "seq", "source", "source_id", "trade_date", "book_date", "settlement_date", "known_at_ns",
         "posted_by", "kind", "content", "content_hash", "reverses"});
    for (const EntryRow& row : entries_) {
      copy.text(fund_).int64(row.seq).text(row.source.name).text(row.source.id);
      copy.int32(copied_date(row.trade_date))
          .int32(copied_date(row.book_date))
          .int32(copied_date(row.settlement_date));
      copy.int64(stamp_.known_at.ns()).text(stamp_.actor.value()).text(row.kind).text(row.content);
      copy.bytes(hash_of(row.content));
      if (row.reverses)
        copy.int64(*row.reverses);
      else
        copy.null();
      copy.end_row();
    }
    copy.finish();
  }

  void write_postings() {
    if (postings_.empty()) return;
    db::CopyWriter copy(transaction_, "posting",
                        {"fund_id", "seq", "line", "debit", "credit", "commodity", "amount"});
    for (const PostingRow& row : postings_) {
      copy.text(fund_).int64(row.seq).int32(row.line).text(row.debit).text(row.credit).text(row.commodity);
      copy.numeric(row.amount.count()).end_row();
    }
    copy.finish();
  }

  void write_lots() {
    if (movements_.empty()) return;
    json::Writer rows;
    rows.begin_array();
    for (const auto& [key, change] : lots_) {
      rows.begin_array().string(key.first).integer(static_cast<std::int64_t>(key.second));
      rows.decimal(number(change.quantity)).decimal(number(change.cost)).end_array();
    }
    rows.end_array();
    const std::string changes = rows.take();
    // Not INSERT ... ON CONFLICT: its checks would look at the change alone, which may well be negative.
    const std::size_t changed =
        db::execute(transaction_,
                    "UPDATE lot SET quantity = quantity + (c->>2)::numeric, cost = cost + (c->>3)::numeric "
                    "FROM jsonb_array_elements($2::jsonb) AS c "
                    "WHERE fund_id = $1 AND asset = c->>0 AND lot = (c->>1)::bigint",
                    fund_, changes);
    if (changed < lots_.size())
      db::execute(transaction_,
                  "INSERT INTO lot (fund_id, asset, lot, quantity, cost) "
                  "SELECT $1, c->>0, (c->>1)::bigint, (c->>2)::numeric, (c->>3)::numeric "
                  "FROM jsonb_array_elements($2::jsonb) AS c WHERE NOT EXISTS (SELECT FROM lot "
                  "WHERE fund_id = $1 AND asset = c->>0 AND lot = (c->>1)::bigint OFFSET 0)",
                  fund_, changes);
    db::CopyWriter copy(transaction_, "lot_movement",
                        {"fund_id", "seq", "line", "asset", "lot", "quantity", "cost"});
    for (const MovementRow& row : movements_) {
      copy.text(fund_).int64(row.seq).int32(row.line).text(row.asset).int64(
          static_cast<std::int64_t>(row.movement.lot));
      copy.numeric(row.movement.quantity.count()).numeric(row.movement.cost.count()).end_row();
    }
    copy.finish();
  }

  void write_shares() {
    if (share_changes_.empty()) return;
    db::CopyWriter copy(transaction_, "share_change", {"fund_id", "seq", "change"});
    for (const auto& [seq, change] : share_changes_)
      copy.text(fund_).int64(seq).numeric(change.count()).end_row();
    copy.finish();
  }

  void write_balances() {
    json::Writer rows;
    rows.begin_array();
    for (const auto& [key, change] : balances_)
      rows.begin_array().string(key.first).string(key.second).decimal(number(change)).end_array();
    rows.end_array();
    const std::string changes = rows.take();
    // As with the lots.
    const std::size_t changed = db::execute(transaction_,
                                            "UPDATE account_balance SET amount = amount + (c->>2)::numeric "
                                            "FROM jsonb_array_elements($2::jsonb) AS c "
                                            "WHERE fund_id = $1 AND account = c->>0 AND commodity = c->>1",
                                            fund_, changes);
    if (changed < balances_.size())
      db::execute(transaction_,
                  "INSERT INTO account_balance (fund_id, account, commodity, amount) "
                  "SELECT $1, c->>0, c->>1, (c->>2)::numeric FROM jsonb_array_elements($2::jsonb) AS c "
                  "WHERE NOT EXISTS (SELECT FROM account_balance "
                  "WHERE fund_id = $1 AND account = c->>0 AND commodity = c->>1)",
                  fund_, changes);
  }

  /// One record for the batch: which entries, and a hash over theirs.
  void audit(const PostReport& report) {
    crypto::Sha256 hash;
    for (const EntryRow& row : entries_) hash.update(hash_of(row.content));
    const auto digest = hash.finish();
    json::Writer payload;
    payload.begin_object();
    payload.member("contents_sha256", base::to_hex(digest));
    payload.member("first_seq", report.first_seq).member("last_seq", report.last_seq);
    payload.end_object();
    db::append_audit(transaction_, fund_,
                     {stamp_.actor.value(), stamp_.known_at.ns(), "books.posted", payload.take()});
  }

  db::Transaction& transaction_;
  std::string fund_;
  Head head_;
  const Stamp& stamp_;
  std::vector<EntryRow> entries_;
  std::vector<PostingRow> postings_;
  std::vector<MovementRow> movements_;
  std::vector<std::pair<std::int64_t, Units>> share_changes_;
  std::map<std::pair<std::string, std::string>, Units> balances_;  ///< (account, commodity)
  std::map<std::pair<std::string, books::LotNumber>, books::Lot> lots_;
};

/// Which of the sources were posted before, with the hash of what was posted.
class PostedBefore {
 public:
  // OFFSET 0: each is looked up by the unique key, whatever the planner believes of a table that grew since
  // it was last analysed.
  template <class Items>
  PostedBefore(db::Transaction& transaction, const model::FundId& fund, const Items& items) {
    json::Writer ids;
    ids.begin_array();
    for (const auto& item : items)
      ids.begin_array().string(item.source.name).string(item.source.id).end_array();
    ids.end_array();
    for (const auto& row : db::query(transaction,
                                     "SELECT e.source, e.source_id, e.content_hash "
                                     "FROM jsonb_array_elements($2::jsonb) AS wanted, LATERAL ("
                                     "SELECT source, source_id, content_hash FROM entry "
                                     "WHERE fund_id = $1 AND source = wanted->>0 "
                                     "AND source_id = wanted->>1 OFFSET 0) AS e",
                                     fund.value(), ids.take()))
      hashes_[{row[0].as<std::string>(), row[1].as<std::string>()}] = row[2].as<base::Bytes>();
  }

  /// True: posted with the same content, now or earlier in this batch. Refuses other content.
  bool contains(const books::Source& source, const std::string& content, const std::string& place) {
    const auto [found, is_new] = hashes_.emplace(source, hash_of(content));
    if (is_new) return false;
    if (found->second != hash_of(content))
      base::refuse(place, "id \"" + source.id + "\" was posted before with other content");
    return true;
  }

 private:
  std::map<books::Source, base::Bytes> hashes_;
};

/// Orders and trades enter the NAV on the next business day, together (rules 2a-4, 6c-11).
bool is_dealing(const books::Happening& happening) {
  return std::holds_alternative<books::Creation>(happening) ||
         std::holds_alternative<books::Redemption>(happening) ||
         std::holds_alternative<books::Purchase>(happening) || std::holds_alternative<books::Sale>(happening);
}

void set_dates(Entry& entry, const EventToPost& event, const PostingRules& rules) {
  const bool is_next_day = is_dealing(event.event.happening);
  const time::Date traded = event.event.date;
  if (event.book_date)
    entry.book_date = *event.book_date;
  else if (is_next_day)
    entry.book_date = rules.exchange->next_business_day(traded);
  if (event.settlement_date)
    entry.settlement_date = *event.settlement_date;
  else if (is_next_day)
    entry.settlement_date = rules.settlement->next_business_day(traded);
  if (entry.book_date < traded) base::refuse(event.place, "book_date is before the date of the event");
  if (entry.settlement_date < traded)
    base::refuse(event.place, "settlement_date is before the date of the event");
}

void add_commodities(db::Transaction& transaction, const model::FundId& fund, const books::Chart& chart) {
  for (std::size_t i = 0; i < chart.commodities().size(); ++i)
    db::execute(
        transaction, "INSERT INTO commodity (fund_id, position, commodity, decimals) VALUES ($1, $2, $3, $4)",
        fund.value(), static_cast<int>(i), chart.commodities()[i].symbol, chart.commodities()[i].decimals);
}

void refuse_unopened(const Head& head, const model::FundId& fund) {
  if (head.entries == 0) base::refuse(fund.value(), "its books are not open");
}

}  // namespace

PostReport post_events(db::Transaction& transaction, const model::FundId& fund, const PostingRules& rules,
                       std::span<const EventToPost> events, const Stamp& stamp) {
  const Head head = lock_books(transaction, fund);
  PostedBefore before(transaction, fund, events);
  Books books = head.entries == 0 ? Books(rules.lots)
                                  : Books::resume(rules.lots, load_standing(transaction, fund, head));
  Batch batch(transaction, fund, head, stamp);
  Applied applied;
  std::size_t unchanged = 0;
  for (const EventToPost& event : events) {
    if (before.contains(event.source, event.content, event.place)) {
      ++unchanged;
      continue;
    }
    if (const auto* open = std::get_if<books::Open>(&event.event.happening);
        open != nullptr && open->fund != fund.value())
      base::refuse(event.place, "opens the books of \"" + open->fund + "\", not of " + fund.value());
    const bool was_open = books.is_open();
    const auto decided = books.apply(event.event, applied);
    if (decided.has_error()) base::refuse(event.place, std::string(describe(decided.error())));
    if (!was_open) add_commodities(transaction, fund, books.chart());
    applied.entry.source = event.source;
    set_dates(applied.entry, event, rules);
    batch.add(books.chart(), applied.entry, event.content, applied.lots, applied.shares_change);
  }
  return batch.write(unchanged);
}

PostReport post_entries(db::Transaction& transaction, const model::FundId& fund,
                        std::span<const FreeEntry> entries, const Stamp& stamp) {
  const Head head = lock_books(transaction, fund);
  refuse_unopened(head, fund);
  PostedBefore before(transaction, fund, entries);
  books::Chart chart;
  std::map<std::string, books::CommodityIndex> commodities{{"USD", books::kDollars}};
  for (const auto& asset : load_standing(transaction, fund, head).assets)
    commodities.emplace(asset.definition.asset,
                        chart.add_commodity(asset.definition.asset, asset.definition.decimals));
  Batch batch(transaction, fund, head, stamp);
  std::size_t unchanged = 0;
  for (const FreeEntry& free : entries) {
    if (before.contains(free.source, free.content, fund.value())) {
      ++unchanged;
      continue;
    }
    Entry entry;
    entry.trade_date = free.trade_date;
    entry.book_date = free.book_date;
    entry.settlement_date = free.settlement_date;
    entry.source = free.source;
    entry.description = free.kind;
    for (const FreeEntry::Posting& posting : free.postings) {
      const auto commodity = commodities.find(posting.commodity);
      ENSURE(commodity != commodities.end());
      // Coins move with their lots, through events only.
      ENSURE(commodity->second == books::kDollars || !posting.account.starts_with("Assets:"));
      entry.postings.push_back({chart.line(posting.account, commodity->second), posting.amount});
    }
    ENSURE(books::balances(chart, entry.postings));
    batch.add(chart, entry, free.content, {}, Units{});
  }
  return batch.write(unchanged);
}

PostReport reverse_entry(db::Transaction& transaction, const model::FundId& fund, const books::Source& wrong,
                         const books::Source& source, const Stamp& stamp) {
  const Head head = lock_books(transaction, fund);
  refuse_unopened(head, fund);
  const auto found =
      db::query(transaction,
                "SELECT seq, trade_date::text, book_date::text, settlement_date::text, kind, content "
                "FROM entry WHERE fund_id = $1 AND source = $2 AND source_id = $3",
                fund.value(), wrong.name, wrong.id);
  if (found.empty()) base::refuse(wrong.name + ":" + wrong.id, "is no entry of these books");
  const auto seq = found[0]["seq"].as<std::int64_t>();
  json::Writer content;
  content.begin_object().member("reverses", seq).end_object();
  const std::string text = content.take();
  struct Key {
    books::Source source;
  };
  PostedBefore before(transaction, fund, std::vector<Key>{{source}});
  if (before.contains(source, text, wrong.id)) return {.posted = 0, .unchanged = 1};

  books::Chart chart;
  std::map<std::string, books::CommodityIndex> commodities{{"USD", books::kDollars}};
  for (const auto& asset : load_standing(transaction, fund, head).assets)
    commodities.emplace(asset.definition.asset,
                        chart.add_commodity(asset.definition.asset, asset.definition.decimals));
  Entry entry;
  entry.trade_date = time::Date::literal(found[0]["trade_date"].as<std::string>());
  entry.book_date = time::Date::literal(found[0]["book_date"].as<std::string>());
  entry.settlement_date = time::Date::literal(found[0]["settlement_date"].as<std::string>());
  entry.source = wrong;
  entry.description = found[0]["kind"].as<std::string>();
  for (const auto& row : db::query(transaction,
                                   "SELECT debit, credit, commodity, amount FROM posting "
                                   "WHERE fund_id = $1 AND seq = $2 ORDER BY line",
                                   fund.value(), seq)) {
    const auto commodity = commodities.at(row["commodity"].as<std::string>());
    const Units amount = units_of(row["amount"]);
    entry.postings.push_back({chart.line(row["debit"].as<std::string>(), commodity), amount});
    entry.postings.push_back({chart.line(row["credit"].as<std::string>(), commodity), -amount});
  }
  std::vector<books::LotChange> lots;
  for (const auto& row : db::query(transaction,
                                   "SELECT asset, lot, quantity, cost FROM lot_movement "
                                   "WHERE fund_id = $1 AND seq = $2 ORDER BY line",
                                   fund.value(), seq))
    lots.push_back({commodities.at(row["asset"].as<std::string>()),
                    {row["lot"].as<std::uint64_t>(), -units_of(row["quantity"]), -units_of(row["cost"])}});
  const auto shares = db::query(
      transaction, "SELECT change FROM share_change WHERE fund_id = $1 AND seq = $2", fund.value(), seq);
  const Units shares_change = shares.empty() ? Units{} : -units_of(shares[0]["change"]);
  try {
    Batch batch(transaction, fund, head, stamp);
    batch.add(chart, books::reversal(entry, source, stamp.known_at), text, lots, shares_change, seq);
    return batch.write(0);
  } catch (const db::ConstraintViolation& violation) {
    if (violation.kind == db::ConstraintViolation::Kind::kUnique)
      base::refuse(wrong.id, "was reversed before");
    if (violation.kind == db::ConstraintViolation::Kind::kCheck)
      base::refuse(wrong.id,
                   "cannot be reversed: what it brought has gone since (" + violation.constraint + ")");
    throw;
  }
}

}  // namespace navkeeper::nav
