// Reading the stored books.
#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "common/base/ensure.h"
#include "common/db/pqxx_access.h"
#include "common/db/write_batch.h"
#include "services/nav/adapters/books_batch.h"
#include "services/nav/adapters/books_store.h"

namespace navkeeper::nav {
namespace {

using books::Units;

/// Entries a page when the whole journal is read.
constexpr int kEntriesPage = 1000;

/// In the order of their bytes, whatever the database's collation: sorted here, since a join and a sort of a
/// chunk's balances cost the server more than reading them.
bool is_before(const StoredBalance& a, const StoredBalance& b) {
  return std::tie(a.account, a.commodity) < std::tie(b.account, b.commodity);
}

}  // namespace

std::string date_column(books::Basis basis) {
  switch (basis) {
    case books::Basis::kNav:
      return "e.book_date";
    case books::Basis::kTradeDate:
      return "e.trade_date";
    case books::Basis::kSettled:
      return "e.settlement_date";
  }
  ENSURE(false);
}

namespace {

/// Whether entry `e` came after its trade date was closed (sql/nav/0017_lasting_closings).
std::string is_late(const std::string& known_at) {
  return "EXISTS (SELECT FROM standing_closings(e.fund_id, " + known_at +
         ") k WHERE e.trade_date <= k.through AND e.seq > k.entries)";
}

/// The entries `e` that a view as of $2 does not count, by date alone.
std::string counted_later(const BooksView& view) {
  if (!view.keeps_closed) return "(" + date_column(view.basis) + " > $2::date)";
  ENSURE(view.basis == books::Basis::kTradeDate);
  return "(e.trade_date > $2::date OR (e.book_date > $2::date AND " + is_late("$3::bigint") + "))";
}

}  // namespace

std::string statement_date(const std::string& known_at) {
  return "(CASE WHEN " + is_late(known_at) + " THEN e.book_date ELSE e.trade_date END)";
}

Units StoredBooks::balance(std::string_view account, std::string_view commodity) const {
  for (const StoredBalance& candidate : balances)
    if (candidate.account == account && candidate.commodity == commodity) return candidate.balance;
  return {};
}

std::string array_of(std::span<const std::string> names) {
  db::ArrayText array;
  for (const std::string& name : names) array.add(name);
  return array.text();
}

namespace {

/// Which funds, and which entries `e` a view does not see ($2 is its day, $3 when it was known).
struct Unseen {
  const std::string& funds;
  const std::string& condition;
  const std::string& as_of;
  std::int64_t known_at_ns;
};

/// What stands, and what the view does not see of it, in one statement: nobody posts in between.
void load_balances_of(db::Transaction& transaction, const Unseen& unseen,
                      const std::map<std::pair<std::string, std::string>, int>& decimals,
                      std::map<std::string, StoredBooks>& found) {
  const auto rows =
      db::query(transaction,
                "SELECT fund_id, account, commodity, amount, false AS is_unseen FROM account_balance "
                "WHERE fund_id = ANY($1::text[]) UNION ALL "
                "SELECT e.fund_id, side.account, p.commodity, sum(side.amount), true FROM entry e "
                "JOIN posting p USING (fund_id, seq) CROSS JOIN LATERAL (VALUES (p.debit, p.amount), "
                "(p.credit, -p.amount)) AS side (account, amount) WHERE e.fund_id = ANY($1::text[]) AND " +
                    unseen.condition + " GROUP BY e.fund_id, side.account, p.commodity",
                unseen.funds, unseen.as_of, unseen.known_at_ns);
  for (const auto& row : rows) {
    if (row["is_unseen"].as<bool>()) continue;
    const auto fund = row["fund_id"].as<std::string>();
    const auto commodity = row["commodity"].as<std::string>();
    const Units standing = units_of(row["amount"]);
    found[fund].balances.push_back(
        {row["account"].as<std::string>(), commodity, decimals.at({fund, commodity}), standing, standing});
  }
  for (auto& [fund, stored] : found) std::sort(stored.balances.begin(), stored.balances.end(), is_before);
  for (const auto& row : rows) {
    if (!row["is_unseen"].as<bool>()) continue;
    std::vector<StoredBalance>& balances = found.at(row["fund_id"].as<std::string>()).balances;
    const StoredBalance key{row["account"].as<std::string>(), row["commodity"].as<std::string>(), 0, {}, {}};
    const auto at = std::lower_bound(balances.begin(), balances.end(), key, is_before);
    ENSURE(at != balances.end() && !is_before(key, *at));
    at->balance -= units_of(row["amount"]);
  }
}

}  // namespace

std::map<std::string, StoredBooks> load_books_of(db::Transaction& transaction,
                                                 std::span<const std::string> funds, const BooksView& view) {
  const std::string wanted = array_of(funds);
  std::map<std::string, StoredBooks> found;
  std::map<std::pair<std::string, std::string>, int> decimals;  // by fund and commodity
  for (const auto& row : db::query(transaction,
                                   "SELECT fund_id, position, commodity, decimals FROM commodity "
                                   "WHERE fund_id = ANY($1::text[]) ORDER BY fund_id, position",
                                   wanted)) {
    const auto fund = row["fund_id"].as<std::string>();
    const auto commodity = row["commodity"].as<std::string>();
    const int places = row["decimals"].as<int>();
    decimals.emplace(std::pair(fund, commodity), places);
    StoredBooks& stored = found[fund];
    if (row["position"].as<int>() > 0) stored.assets.push_back({commodity, places});
  }
  const std::string as_of = view.as_of.to_string();
  const std::int64_t known_at = view.known_at.value_or(time::Instant::latest()).ns();
  // What stands less what the view does not see: the later entries alone are read, not the fund's history.
  const std::string unseen = view.known_at ? "(" + counted_later(view) + " OR e.known_at_ns > $3)"
                                           : counted_later(view) + " AND $3::bigint > 0";
  for (const auto& row :
       db::query(transaction,
                 "SELECT h.fund_id, h.shares - coalesce(l.change, 0) AS shares FROM books_head h "
                 "LEFT JOIN (SELECT e.fund_id, sum(c.change) AS change FROM entry e "
                 "JOIN share_change c USING (fund_id, seq) WHERE e.fund_id = ANY($1::text[]) AND " +
                     unseen +
                     " GROUP BY e.fund_id) l USING (fund_id) WHERE h.fund_id = ANY($1::text[]) "
                     "AND NOT EXISTS (SELECT FROM share_split s WHERE s.fund_id = h.fund_id)",
                 wanted, as_of, known_at)) {
    const auto stored = found.find(row["fund_id"].as<std::string>());
    if (stored != found.end()) stored->second.shares = units_of(row["shares"]);
  }
  // A split multiplies what was posted before it: the shares of its fund are reckoned change by change.
  std::map<std::string, std::vector<books::RegisterLine>> lines;
  for (const auto& row :
       db::query(transaction,
                 "SELECT k.fund_id, coalesce(c.change, 0) AS change, s.ratio, s.for_shares, s.is_inverse, "
                 "e.trade_date, e.book_date "
                 "FROM (SELECT fund_id, seq FROM share_change WHERE fund_id IN "
                 "(SELECT fund_id FROM share_split WHERE fund_id = ANY($1::text[])) "
                 "UNION SELECT fund_id, seq FROM share_split WHERE fund_id = ANY($1::text[])) k "
                 "JOIN entry e USING (fund_id, seq) LEFT JOIN share_change c USING (fund_id, seq) "
                 "LEFT JOIN share_split s USING (fund_id, seq) WHERE NOT " +
                     counted_later(view) + " AND e.known_at_ns <= $3 ORDER BY k.fund_id, k.seq",
                 wanted, as_of, known_at))
    lines[row["fund_id"].as<std::string>()].push_back(
        {units_of(row["change"]),
         row["ratio"].is_null() ? std::nullopt
                                : std::optional(books::Split{row["ratio"].as<money::Decimal>(),
                                                             row["for_shares"].as<std::int64_t>()}),
         !row["is_inverse"].is_null() && row["is_inverse"].as<bool>(), row["trade_date"].as<time::Date>(),
         row["book_date"].as<time::Date>()});
  for (const auto& [fund, changes] : lines) found.at(fund).shares = books::shares_of(changes);
  load_balances_of(transaction, {wanted, unseen, as_of, known_at}, decimals, found);
  return found;
}

std::set<std::string> accounts_known(db::Transaction& transaction, const model::FundId& fund,
                                     time::Instant known_at) {
  std::set<std::string> known;
  for (const auto& row :
       db::query(transaction,
                 "SELECT DISTINCT side.account FROM entry e JOIN posting p USING (fund_id, seq) "
                 "CROSS JOIN LATERAL (VALUES (p.debit), (p.credit)) AS side (account) "
                 "WHERE e.fund_id = $1 AND e.known_at_ns <= $2",
                 fund.value(), known_at.ns()))
    known.insert(row[0].as<std::string>());
  return known;
}

std::map<std::string, StoredBooks> load_results_before(db::Transaction& transaction,
                                                       std::span<const std::string> funds, time::Date month) {
  ENSURE(month == month.start_of_month());
  std::map<std::string, StoredBooks> found;
  for (const auto& row : db::query(
           transaction,
           "SELECT b.fund_id, b.account, b.amount - coalesce(m.amount, 0) AS balance, b.amount AS standing "
           "FROM account_balance b LEFT JOIN (SELECT fund_id, account, sum(amount) AS amount "
           "FROM result_by_month WHERE fund_id = ANY($1::text[]) AND month >= $2::date "
           "GROUP BY fund_id, account) m USING (fund_id, account) WHERE b.fund_id = ANY($1::text[]) "
           "AND b.commodity = 'USD' AND (b.account LIKE 'Income:%' OR b.account LIKE 'Expenses:%') "
           "AND b.account NOT LIKE 'Income:Unrealised gain:%' ORDER BY b.fund_id, b.account",
           array_of(funds), month.to_string()))
    found[row["fund_id"].as<std::string>()].balances.push_back(
        {row["account"].as<std::string>(), "USD", books::kDollarDecimals, units_of(row["balance"]),
         units_of(row["standing"])});
  return found;
}

bool counts_by_month(std::string_view account, std::string_view commodity) {
  return commodity == "USD" && (account.starts_with("Income:") || account.starts_with("Expenses:")) &&
         !account.starts_with("Income:Unrealised gain:");
}

std::optional<StoredBooks> load_books(db::Transaction& transaction, const model::FundId& fund,
                                      const BooksView& view) {
  const std::array<std::string, 1> only{fund.value()};
  auto found = load_books_of(transaction, only, view);
  const auto stored = found.find(fund.value());
  if (stored == found.end()) return std::nullopt;
  return std::move(stored->second);
}

std::vector<Unsettled> load_unsettled(db::Transaction& transaction, const model::FundId& fund,
                                      const BooksView& view) {
  std::vector<Unsettled> unsettled;
  for (const auto& row : db::query(
           transaction,
           "SELECT p.commodity, c.decimals, sum(side.amount) AS amount FROM entry e "
           "JOIN posting p USING (fund_id, seq) "
           "JOIN commodity c ON c.fund_id = e.fund_id AND c.commodity = p.commodity "
           "CROSS JOIN LATERAL (VALUES (p.debit, p.amount), (p.credit, -p.amount)) AS side (account, amount) "
           "WHERE e.fund_id = $1 AND " +
               date_column(view.basis) +
               " <= $2::date AND e.settlement_date > $2::date AND e.known_at_ns <= $3 "
               "AND side.account LIKE 'Assets:%' "
               "GROUP BY p.commodity, c.decimals, c.position HAVING sum(side.amount) <> 0 ORDER BY "
               "c.position",
           fund.value(), view.as_of.to_string(), view.known_at.value_or(time::Instant::latest()).ns()))
    unsettled.push_back(
        {row["commodity"].as<std::string>(), row["decimals"].as<int>(), units_of(row["amount"])});
  return unsettled;
}

std::optional<JournalPage> load_journal(db::Transaction& transaction, const model::FundId& fund,
                                        const BooksView& view, std::int64_t after, int limit) {
  JournalPage page;
  std::map<std::string, books::CommodityIndex> commodities{{"USD", books::kDollars}};
  const auto known =
      db::query(transaction, "SELECT commodity, decimals FROM commodity WHERE fund_id = $1 ORDER BY position",
                fund.value());
  if (known.empty()) return std::nullopt;
  for (const auto& row : known) {
    const auto symbol = row["commodity"].as<std::string>();
    if (!commodities.contains(symbol))
      commodities.emplace(symbol, page.chart.add_commodity(symbol, row["decimals"].as<int>()));
  }
  const auto rows = db::query(
      transaction,
      "SELECT e.seq, e.source, e.source_id, e.trade_date, e.book_date, e.settlement_date, e.known_at_ns, "
      "e.posted_by, e.kind, e.reverses, p.debit, p.credit, p.commodity, p.amount "
      "FROM (SELECT * FROM entry e WHERE fund_id = $1 AND seq > $2 AND " +
          date_column(view.basis) +
          " <= $3::date AND known_at_ns <= $4 ORDER BY seq LIMIT $5) e "
          "LEFT JOIN posting p ON p.fund_id = e.fund_id AND p.seq = e.seq ORDER BY e.seq, p.line",
      fund.value(), after, view.as_of.to_string(), view.known_at.value_or(time::Instant::latest()).ns(),
      limit + 1);
  for (const auto& row : rows) {
    const auto seq = row["seq"].as<std::int64_t>();
    if (page.entries.empty() || page.entries.back().seq != seq) {
      if (page.entries.size() == static_cast<std::size_t>(limit)) {
        page.has_more = true;
        break;
      }
      JournalEntry next;
      next.seq = seq;
      next.entry.trade_date = row["trade_date"].as<time::Date>();
      next.entry.book_date = row["book_date"].as<time::Date>();
      next.entry.settlement_date = row["settlement_date"].as<time::Date>();
      next.entry.known_at = time::Instant::from_ns(row["known_at_ns"].as<std::int64_t>());
      next.entry.source = {row["source"].as<std::string>(), row["source_id"].as<std::string>()};
      next.entry.description = row["kind"].as<std::string>();
      next.posted_by = row["posted_by"].as<std::string>();
      next.reverses = db::optional_of<std::int64_t>(row["reverses"]);
      page.entries.push_back(std::move(next));
    }
    if (row["debit"].is_null()) continue;
    const auto commodity = commodities.at(row["commodity"].as<std::string>());
    const Units amount = units_of(row["amount"]);
    auto& postings = page.entries.back().entry.postings;
    postings.push_back({page.chart.line(row["debit"].as<std::string>(), commodity), amount});
    postings.push_back({page.chart.line(row["credit"].as<std::string>(), commodity), -amount});
  }
  return page;
}

std::optional<std::string> load_definition_source(db::Transaction& transaction, const model::FundId& fund) {
  const auto rows = db::query(
      transaction, "SELECT source FROM fund_definition WHERE fund_id = $1 ORDER BY version DESC LIMIT 1",
      fund.value());
  if (rows.empty()) return std::nullopt;
  return rows[0][0].as<std::string>();
}

void for_each_entry(db::Transaction& transaction, const model::FundId& fund,
                    const std::function<void(const books::Chart& chart, const books::Entry& entry)>& see) {
  books::Chart chart;
  std::map<std::string, books::CommodityIndex> commodities{{"USD", books::kDollars}};
  for (const auto& row : db::query(
           transaction,
           "SELECT commodity, decimals FROM commodity WHERE fund_id = $1 AND position > 0 ORDER BY position",
           fund.value())) {
    const auto symbol = row["commodity"].as<std::string>();
    commodities.emplace(symbol, chart.add_commodity(symbol, row["decimals"].as<int>()));
  }
  std::int64_t last = 0;
  while (true) {
    const auto rows =
        db::query(transaction,
                  "SELECT e.seq, e.source, e.source_id, e.trade_date::text, e.book_date::text, "
                  "e.settlement_date::text, "
                  "e.known_at_ns, e.kind, r.source AS reverses_source, r.source_id AS reverses_id, "
                  "p.debit, p.credit, p.commodity, p.amount "
                  "FROM (SELECT * FROM entry WHERE fund_id = $1 AND seq > $2 ORDER BY seq LIMIT $3) e "
                  "LEFT JOIN posting p ON p.fund_id = e.fund_id AND p.seq = e.seq "
                  "LEFT JOIN entry r ON r.fund_id = e.fund_id AND r.seq = e.reverses "
                  "ORDER BY e.seq, p.line",
                  fund.value(), last, kEntriesPage);
    if (rows.empty()) return;
    books::Entry entry;
    std::int64_t open = 0;
    for (const auto& row : rows) {
      const auto seq = row["seq"].as<std::int64_t>();
      if (seq != open) {
        if (open != 0) see(chart, entry);
        open = seq;
        entry = {};
        entry.trade_date = time::Date::literal(row["trade_date"].as<std::string>());
        entry.book_date = time::Date::literal(row["book_date"].as<std::string>());
        entry.settlement_date = time::Date::literal(row["settlement_date"].as<std::string>());
        entry.known_at = time::Instant::from_ns(row["known_at_ns"].as<std::int64_t>());
        entry.source = {row["source"].as<std::string>(), row["source_id"].as<std::string>()};
        entry.description = row["kind"].as<std::string>();
        if (!row["reverses_id"].is_null())
          entry.reverses = {row["reverses_source"].as<std::string>(), row["reverses_id"].as<std::string>()};
      }
      if (row["debit"].is_null()) continue;
      const auto commodity = commodities.at(row["commodity"].as<std::string>());
      const Units amount = units_of(row["amount"]);
      entry.postings.push_back({chart.line(row["debit"].as<std::string>(), commodity), amount});
      entry.postings.push_back({chart.line(row["credit"].as<std::string>(), commodity), -amount});
    }
    see(chart, entry);
    last = open;
  }
}

}  // namespace navkeeper::nav
