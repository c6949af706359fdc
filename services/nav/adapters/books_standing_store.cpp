#include <algorithm>
#include <map>
#include <utility>

#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "common/db/write_batch.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "services/nav/adapters/books_batch.h"

// Where the stored books stand before a batch.
namespace navkeeper::nav {
namespace {

using books::Units;

/// Looked up at once; a batch may have any number.
constexpr std::size_t kSourcesPerStatement = 2'000;

template <class Row>
books::Lot lot_of(const Row& row) {
  return {units_of(row["quantity"]), units_of(row["cost"]), row["acquired"].template as<time::Date>()};
}

void load_assets(db::Transaction& transaction, const model::FundId& fund, books::PosterStanding& standing) {
  std::map<std::string, std::size_t> index;
  for (const auto& row :
       db::query(transaction,
                 "SELECT c.commodity, c.decimals, coalesce((SELECT max(l.lot) FROM lot l "
                 "WHERE l.fund_id = c.fund_id AND l.asset = c.commodity), 0) + 1 AS next_lot, "
                 "coalesce((SELECT max(t.lot) FROM tax_lot t "
                 "WHERE t.fund_id = c.fund_id AND t.asset = c.commodity), 0) + 1 AS next_tax_lot "
                 "FROM commodity c WHERE c.fund_id = $1 AND c.position > 0 ORDER BY c.position",
                 fund.value())) {
    books::Standing::Asset asset;
    asset.definition = {row["commodity"].as<std::string>(), row["decimals"].as<int>()};
    asset.next_lot = row["next_lot"].as<std::uint64_t>();
    standing.next_tax_lot.emplace_back(asset.definition.asset, row["next_tax_lot"].as<std::uint64_t>());
    index.emplace(asset.definition.asset, standing.gaap.assets.size());
    standing.gaap.assets.push_back(std::move(asset));
  }
  for (const auto& row : db::query(transaction,
                                   "SELECT asset, lot, quantity, cost, acquired FROM lot WHERE fund_id = $1 "
                                   "AND quantity > 0 ORDER BY asset, lot",
                                   fund.value()))
    standing.gaap.assets[index.at(row["asset"].as<std::string>())].lots.emplace_back(
        row["lot"].as<std::uint64_t>(), lot_of(row));
  for (const auto& row : db::query(transaction,
                                   "SELECT asset, place, lot, quantity, cost, acquired FROM tax_lot "
                                   "WHERE fund_id = $1 AND quantity > 0 ORDER BY asset, place, lot",
                                   fund.value()))
    standing.tax_lots.push_back({row["asset"].as<std::string>(), row["place"].as<std::string>(),
                                 row["lot"].as<std::uint64_t>(), lot_of(row)});
}

void load_balances(db::Transaction& transaction, const model::FundId& fund, time::Date first,
                   books::Standing& standing) {
  for (const auto& row :
       db::query(transaction,
                 "SELECT account, commodity, amount FROM account_balance WHERE fund_id = $1 "
                 "AND (account LIKE 'Assets:%' OR account LIKE 'Liabilities:Fees payable:%') "
                 "ORDER BY account",
                 fund.value()))
    standing.balances.push_back(
        {row["account"].as<std::string>(), row["commodity"].as<std::string>(), units_of(row["amount"])});
  // An entry traded after `first` is booked after it too, and by that there is an index.
  for (const auto& row : db::query(
           transaction,
           "SELECT side.account, p.commodity, e.trade_date, sum(side.amount) AS amount "
           "FROM entry e JOIN posting p USING (fund_id, seq) "
           "CROSS JOIN LATERAL (VALUES (p.debit, p.amount), (p.credit, -p.amount)) AS side (account, amount) "
           "WHERE e.fund_id = $1 AND e.book_date > $2 AND e.trade_date > $2 "
           "AND (side.account LIKE 'Assets:%' OR side.account LIKE 'Liabilities:Fees payable:%') "
           "GROUP BY side.account, p.commodity, e.trade_date ORDER BY e.trade_date",
           fund.value(), first))
    standing.later.push_back({row["account"].as<std::string>(), row["commodity"].as<std::string>(),
                              row["trade_date"].as<time::Date>(), units_of(row["amount"])});
}

/// Of the entries that stand; changes of shares booked after `first` of all.
void load_register(db::Transaction& transaction, const model::FundId& fund, time::Date first,
                   books::JournalState& state) {
  for (const auto& later :
       db::query(transaction,
                 "SELECT e.trade_date, e.book_date, sum(c.change) AS change, bool_or(e.reverses IS NULL "
                 "AND NOT EXISTS (SELECT FROM entry r WHERE r.fund_id = e.fund_id AND r.reverses = e.seq)) "
                 "AS stands FROM share_change c "
                 "JOIN entry e USING (fund_id, seq) WHERE c.fund_id = $1 AND e.book_date > $2 GROUP BY 1, 2",
                 fund.value(), first))
    state.later_shares.push_back({later["trade_date"].as<time::Date>(), later["book_date"].as<time::Date>(),
                                  units_of(later["change"]), later["stands"].as<bool>()});
  const auto row =
      db::query(transaction,
                "SELECT max(e.trade_date) AS last_split FROM share_split s JOIN entry e USING (fund_id, seq) "
                "WHERE s.fund_id = $1 "
                "AND e.reverses IS NULL "
                "AND NOT EXISTS (SELECT FROM entry r WHERE r.fund_id = e.fund_id AND r.reverses = e.seq)",
                fund.value())[0];
  state.last_split = db::optional_of<time::Date>(row["last_split"]);
}

}  // namespace

BooksHead lock_books(db::Transaction& transaction, const model::FundId& fund) {
  // A foreign key's check is planned once a session, maybe when its table has one page; the plan must still
  // do when a batch has filled it. All that this transaction looks up has an index.
  db::WriteBatch batch(transaction);
  batch.add("SET LOCAL enable_seqscan = off");
  batch.add(
      "INSERT INTO books_head (fund_id, entries, shares) SELECT fund_id, 0, 0 FROM fund WHERE fund_id = $1 "
      "ON CONFLICT DO NOTHING",
      fund.value());
  batch.run();
  const auto rows = db::query(
      transaction, "SELECT entries, shares, closed_through FROM books_head WHERE fund_id = $1 FOR UPDATE",
      fund.value());
  if (rows.empty()) base::refuse(fund.value(), "is not a fund that was applied");
  const auto& row = rows[0];
  return {row["entries"].as<std::int64_t>(), units_of(row["shares"]),
          db::optional_of<time::Date>(row["closed_through"])};
}

void refuse_unopened(const BooksHead& head, const model::FundId& fund) {
  if (head.entries == 0) base::refuse(fund.value(), "its books are not open");
}

books::PosterStanding load_standing(db::Transaction& transaction, const model::FundId& fund,
                                    const BooksHead& head, time::Date first, bool with_register) {
  books::PosterStanding standing;
  standing.gaap.shares = head.shares;
  standing.journal.closed_through = head.closed_through;
  load_assets(transaction, fund, standing);
  load_balances(transaction, fund, first, standing.gaap);
  if (with_register) load_register(transaction, fund, first, standing.journal);
  return standing;
}

RecordedIdentifications load_identifications(db::Transaction& transaction, const model::FundId& fund,
                                             std::span<const books::Source> sources) {
  RecordedIdentifications found;
  if (db::query(transaction, "SELECT FROM lot_identification WHERE fund_id = $1 LIMIT 1", fund.value())
          .empty())
    return found;
  json::Writer ids;
  ids.begin_array();
  for (const books::Source& source : sources)
    ids.begin_array().string(source.name).string(source.id).end_array();
  ids.end_array();
  for (const auto& row : db::query(
           transaction,
           "SELECT i.source, i.source_id, i.book, i.asset, i.picks, i.recorded_at_ns "
           "FROM jsonb_array_elements($2::jsonb) AS wanted JOIN lot_identification i "
           "ON i.fund_id = $1 AND i.source = wanted->>0 AND i.source_id = wanted->>1 ORDER BY 1, 2, 3, 4",
           fund.value(), ids.take())) {
    RecordedIdentification one;
    one.identification.book = *books::book_from(row["book"].as<std::string>());
    one.identification.asset = row["asset"].as<std::string>();
    one.recorded_at = time::Instant::from_ns(row["recorded_at_ns"].as<std::int64_t>());
    for (const auto& pick : db::query(transaction,
                                      "SELECT (p->>0)::bigint AS lot, (p->>1)::numeric AS quantity "
                                      "FROM jsonb_array_elements($1::jsonb) AS p",
                                      row["picks"].as<std::string>()))
      one.identification.picks.push_back({pick["lot"].as<std::uint64_t>(), units_of(pick["quantity"])});
    found[{row["source"].as<std::string>(), row["source_id"].as<std::string>()}].push_back(std::move(one));
  }
  return found;
}

// OFFSET 0: each is looked up by the unique key, whatever the planner believes of a table that grew since it
// was last analysed.
PostedBefore::PostedBefore(db::Transaction& transaction, const model::FundId& fund,
                           std::span<const books::Source> sources) {
  while (!sources.empty()) {
    const auto some = sources.first(std::min(sources.size(), kSourcesPerStatement));
    sources = sources.subspan(some.size());
    json::Writer ids;
    ids.begin_array();
    for (const books::Source& source : some)
      ids.begin_array().string(source.name).string(source.id).end_array();
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
}

bool PostedBefore::contains(const books::Source& source, const std::string& content,
                            const std::string& place) {
  base::Bytes hash = content_hash(content);
  const auto [found, is_new] = hashes_.try_emplace(source, std::move(hash));
  if (is_new) return false;
  if (found->second != hash)
    base::refuse(place, "id \"" + source.id + "\" was posted before with other content");
  return true;
}

}  // namespace navkeeper::nav
