#include "services/staking/adapters/row_price_store.h"

#include "common/db/audit.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"

namespace navkeeper::staking {

std::vector<RowEnd> PostgresRowPriceStore::unpriced(const model::FundId& fund, int limit) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<RowEnd> ends;
        for (const auto& row :
             db::query(transaction,
                       "SELECT DISTINCT asset, to_ns FROM roll_forward r WHERE fund_id = $1 AND NOT EXISTS"
                       " (SELECT 1 FROM row_price p WHERE p.fund_id = r.fund_id AND p.asset = r.asset AND"
                       " p.to_ns = r.to_ns) ORDER BY to_ns, asset LIMIT $2",
                       fund, limit))
          ends.push_back({db::name_of<model::AssetId>(row["asset"]), row["to_ns"].as<time::Instant>()});
        return ends;
      },
      {db::Isolation::kRepeatableRead, true, {}, {}, {}});
}

std::size_t PostgresRowPriceStore::save(const model::FundId& fund,
                                        const std::vector<std::pair<RowEnd, RowPrice>>& prices,
                                        time::Instant known_at, const std::string& actor) {
  if (prices.empty()) return 0;
  return pool_.transact([&](db::Transaction& transaction) {
    std::size_t added = 0;
    for (const auto& [end, price] : prices)
      added +=
          db::execute(transaction,
                      "INSERT INTO row_price (fund_id, asset, to_ns, price, price_date, valuation_ns, hash,"
                      " source, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
                      " ON CONFLICT DO NOTHING",
                      fund, end.asset, end.at, price.price, price.date, price.valuation, price.hash,
                      price.source, known_at);
    if (added == 0) return added;
    json::Writer writer;
    writer.begin_object().member("rows_priced", static_cast<std::int64_t>(added)).end_object();
    db::append_audit(transaction, fund.value(), {actor, known_at.ns(), "staking.priced", writer.take()});
    return added;
  });
}

}  // namespace navkeeper::staking
