#include "services/nav/adapters/books_lots.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/base/refuse.h"
#include "common/db/audit.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/nav/adapters/books_batch.h"
#include "services/nav/adapters/known_time.h"

namespace navkeeper::nav {
namespace {

using books::Units;

std::int64_t known_ns(const std::optional<time::Instant>& known_at) {
  return known_at.value_or(time::Instant::latest()).ns();
}

/// Prices of the last NAV struck by then, and its day.
std::optional<time::Date> load_prices(db::Transaction& transaction, const model::FundId& fund, time::Date day,
                                      std::int64_t known_at, books::CoinPrices& prices) {
  const auto rows =
      db::query(transaction,
                "SELECT n.valuation_date, p->>'asset' AS asset, p->'price'->>'value' AS price "
                "FROM (SELECT valuation_date, inputs FROM nav WHERE fund_id = $1 "
                "AND valuation_date <= $2 AND struck_at_ns <= $3 "
                "ORDER BY valuation_date DESC, version DESC LIMIT 1) n "
                "LEFT JOIN LATERAL jsonb_array_elements(n.inputs::jsonb->'positions') AS p ON true",
                fund.value(), day, known_at);
  if (rows.empty()) return std::nullopt;
  for (const auto& row : rows) {
    if (!row["asset"].is_null() && !row["price"].is_null())
      prices.emplace(row["asset"].as<std::string>(), row["price"].as<money::Decimal>());
  }
  return rows[0]["valuation_date"].as<time::Date>();
}

std::vector<books::AssetDefinition> load_definitions(db::Transaction& transaction,
                                                     const model::FundId& fund) {
  std::vector<books::AssetDefinition> assets;
  for (const auto& row : db::query(
           transaction,
           "SELECT commodity, decimals FROM commodity WHERE fund_id = $1 AND position > 0 ORDER BY position",
           fund.value()))
    assets.push_back({row[0].as<std::string>(), row[1].as<int>()});
  if (assets.empty()) base::refuse(fund.value(), "has no books");
  return assets;
}

}  // namespace

std::vector<StoredLot> load_lots(db::Transaction& transaction, const model::FundId& fund, books::Book book,
                                 const BooksView& view) {
  load_definitions(transaction, fund);
  const bool is_tax = book == books::Book::kTax;
  const std::string table = is_tax ? "tax_lot" : "lot";
  const std::string place = is_tax ? "m.place" : "''::text";
  // The movements of an entry are looked up by its key, and the day of a lot by the lot's: no plan here needs
  // statistics, which a table has none of when files of many lots were just posted.
  std::vector<StoredLot> lots;
  for (const auto& row : db::query(
           transaction,
           "WITH m AS MATERIALIZED (SELECT m.asset, m.lot, " + place +
               " AS place, sum(m.quantity) AS quantity, sum(m.cost) AS cost FROM entry e CROSS JOIN LATERAL "
               "(SELECT * FROM " +
               table +
               "_movement m WHERE m.fund_id = e.fund_id AND m.seq = e.seq OFFSET 0) AS m WHERE e.fund_id = "
               "$1 AND " +
               date_column(view.basis) +
               " <= $2::date AND e.known_at_ns <= $3 GROUP BY 1, 2, 3 HAVING sum(m.quantity) <> 0) "
               "SELECT m.*, c.decimals, (SELECT min(d.acquired) FROM " +
               table +
               " d WHERE d.fund_id = $1 AND d.asset = m.asset AND d.lot = m.lot) AS acquired "
               "FROM m JOIN commodity c ON c.fund_id = $1 AND c.commodity = m.asset "
               "ORDER BY c.position, m.place, acquired, m.lot",
           fund.value(), view.as_of.to_string(), known_ns(view.known_at)))
    lots.push_back({row["asset"].as<std::string>(),
                    row["decimals"].as<int>(),
                    row["lot"].as<std::uint64_t>(),
                    row["place"].as<std::string>(),
                    {units_of(row["quantity"]), units_of(row["cost"]), row["acquired"].as<time::Date>()}});
  return lots;
}

std::optional<Check> check_tax_lots(db::Transaction& transaction, const model::FundId& fund) {
  struct Account {
    Units coins;
    Units lots;
  };
  std::map<std::string, std::map<std::string, Account>> assets;
  std::map<std::string, int> decimals;
  for (const auto& row :
       db::query(transaction,
                 "SELECT b.account, b.commodity, b.amount, c.decimals FROM account_balance b "
                 "JOIN commodity c USING (fund_id, commodity) WHERE b.fund_id = $1 AND "
                 "b.commodity <> 'USD' AND b.account LIKE 'Assets:%' AND b.amount <> 0",
                 fund.value())) {
    const auto place = books::place_of_account(row["account"].as<std::string>());
    if (!place) continue;
    const auto asset = row["commodity"].as<std::string>();
    decimals[asset] = row["decimals"].as<int>();
    assets[asset][place->second.account].coins += units_of(row["amount"]);
  }
  for (const auto& row :
       db::query(transaction,
                 "SELECT asset, place, sum(quantity) AS quantity FROM tax_lot WHERE fund_id "
                 "= $1 AND quantity > 0 GROUP BY asset, place",
                 fund.value())) {
    const auto asset = row["asset"].as<std::string>();
    assets[asset][row["place"].as<std::string>()].lots += units_of(row["quantity"]);
  }
  std::string detail;
  for (const auto& [asset, accounts] : assets) {
    for (const auto& [account, here] : accounts) {
      if (here.coins == here.lots) continue;
      const int scale = decimals[asset];
      detail += (detail.empty() ? "" : "; ") + asset + " at " +
                (account.empty() ? "the main account" : account) + ": " +
                here.coins.to_decimal(scale).to_string() + " coins, tax lots of " +
                here.lots.to_decimal(scale).to_string();
    }
  }
  if (detail.empty()) return std::nullopt;
  return Check{"tax_lots", CheckStatus::kPassed, detail, "", ""};
}

time::Instant identify_lots(db::Transaction& transaction, const model::FundId& fund,
                            const books::Source& disposal, books::Book book, const std::string& asset,
                            const std::vector<LotChoice>& lots, const Stamp& stamp) {
  const BooksHead head = lock_books(transaction, fund);
  refuse_unopened(head, fund);
  const time::Instant recorded_at = known_time(transaction, fund, stamp.known_at);
  const std::string where = disposal.name + ":" + disposal.id;
  if (disposal.name.empty() || disposal.id.empty()) base::refuse("disposal", "must be SOURCE:ID");
  if (!db::query(transaction, "SELECT FROM entry WHERE fund_id = $1 AND source = $2 AND source_id = $3",
                 fund.value(), disposal.name, disposal.id)
           .empty())
    base::refuse(where, "is in the books already: lots are identified before a disposal");
  const auto commodity = db::query(
      transaction, "SELECT decimals FROM commodity WHERE fund_id = $1 AND commodity = $2 AND position > 0",
      fund.value(), asset);
  if (commodity.empty()) base::refuse(asset, "is not a coin of these books");
  if (lots.empty()) base::refuse(where, "names no lots");
  json::Writer picks;
  picks.begin_array();
  std::set<books::LotNumber> seen;
  for (const LotChoice& choice : lots) {
    const auto units = Units::from(choice.quantity, commodity[0][0].as<int>());
    if (!units || *units <= Units{})
      base::refuse(where, "a lot's quantity must be positive and fit " + asset);
    if (!seen.insert(choice.lot).second)
      base::refuse(where, "lot " + std::to_string(choice.lot) + " is named twice");
    const auto held = db::query(
        transaction,
        book == books::Book::kTax
            ? "SELECT coalesce(max(quantity), 0) FROM tax_lot WHERE fund_id = $1 AND asset = $2 AND lot = $3"
            : "SELECT coalesce(max(quantity), 0) FROM lot WHERE fund_id = $1 AND asset = $2 AND lot = $3",
        fund.value(), asset, static_cast<std::int64_t>(choice.lot));
    if (units_of(held[0][0]) < *units)
      base::refuse(where,
                   "lot " + std::to_string(choice.lot) + " of " + asset + " is not open, or holds less");
    picks.begin_array().integer(static_cast<std::int64_t>(choice.lot));
    picks.decimal(units->to_decimal(0)).end_array();
  }
  picks.end_array();
  const std::string text = picks.take();
  try {
    db::execute(
        transaction,
        "INSERT INTO lot_identification (fund_id, source, source_id, book, asset, picks, recorded_by, "
        "recorded_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        fund.value(), disposal.name, disposal.id, describe(book), asset, text, stamp.actor.value(),
        recorded_at.ns());
  } catch (const db::ConstraintViolation& violation) {
    if (violation.kind == db::ConstraintViolation::Kind::kUnique)
      base::refuse(where, "its lots of " + asset + " were identified before; that record stays");
    throw;
  }
  json::Writer payload;
  payload.begin_object().member("asset", asset).member("book", describe(book));
  payload.member("disposal", where).member("picks", text).end_object();
  db::append_audit(transaction, fund.value(),
                   {stamp.actor.value(), recorded_at.ns(), "books.lots_identified", payload.take()});
  return recorded_at;
}

StoredRollForward load_rollforward(db::Transaction& transaction, const model::FundId& fund,
                                   const PeriodView& view) {
  if (view.to < view.from) base::refuse("to", "is before from");
  auto assets = load_definitions(transaction, fund);
  const std::int64_t known_at = known_ns(view.known_at);
  std::vector<books::FlowSum> flows;
  const std::string date = date_column(view.basis);
  for (const auto& row :
       db::query(transaction,
                 "SELECT f.asset, f.cause, f.is_recognised, " + date +
                     " < $3::date AS is_before, sum(f.quantity) AS quantity, sum(f.cost) AS cost, "
                     "sum(f.value) AS value FROM coin_flow f JOIN entry e USING (fund_id, seq) "
                     "WHERE f.fund_id = $1 AND f.book = $2 AND " +
                     date + " <= $4::date AND e.known_at_ns <= $5 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
                 fund.value(), describe(view.book), view.from, view.to, known_at))
    flows.push_back({row["asset"].as<std::string>(), *books::flow_cause_from(row["cause"].as<std::string>()),
                     row["is_before"].as<bool>(), row["is_recognised"].as<bool>(), units_of(row["quantity"]),
                     units_of(row["cost"]), units_of(row["value"])});
  // A coin that had come by then; one that came later is in no answer as known before.
  std::erase_if(assets, [&](const books::AssetDefinition& asset) {
    return std::none_of(flows.begin(), flows.end(),
                        [&](const books::FlowSum& flow) { return flow.asset == asset.asset; });
  });
  StoredRollForward stored;
  books::CoinPrices opening;
  books::CoinPrices closing;
  stored.opening_nav = load_prices(transaction, fund, view.from - 1, known_at, opening);
  stored.closing_nav = load_prices(transaction, fund, view.to, known_at, closing);
  stored.assets = books::roll_forward(assets, flows, opening, closing);
  return stored;
}

}  // namespace navkeeper::nav
