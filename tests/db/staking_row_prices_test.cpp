// Prices of roll-forwards in a real PostgreSQL: each row once, frozen, seen as known then.
#include <gtest/gtest.h>

#include "common/db/errors.h"
#include "common/db/pqxx_access.h"
#include "services/staking/adapters/row_price_store.h"
#include "services/staking/adapters/staking_store.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;
using time::Instant;

const model::FundId kFund = model::FundId::literal("BTCETH");
const model::AssetId kEth = model::AssetId::literal("ETH");
const Instant kStart = Instant::literal("2026-03-05T12:00:00Z");

class StakingRowPrices : public test::PostgresTest {
 protected:
  db::Pool& pool() { return service_pool("staking"); }
  static Instant at(int hours) { return kStart + time::Duration::hours(hours); }
  static RowPrice price(const char* dollars) {
    return {Decimal::literal(dollars), time::Date::literal("2026-03-06"), at(33), "abc", "coinbase ETH/USD"};
  }
  void save_rows() {
    SyncResult result;
    result.run = {"ether", kStart, at(1), SyncOutcome::kDone, ""};
    for (int hour = 0; hour < 3; ++hour) {
      for (const char* place : {"1", "2"})
        result.roll_forwards.push_back({{Chain::kEthereum, "ether", place, kEth},
                                        Account::kStake,
                                        {static_cast<std::uint64_t>(hour), "r", at(hour)},
                                        {static_cast<std::uint64_t>(hour + 1), "r", at(hour + 1)},
                                        Decimal::of(32),
                                        {},
                                        Decimal::of(32)});
    }
    PostgresStakingStore(pool()).save(kFund, result, at(4), "operator");
  }
  std::size_t priced(Instant known_at) {
    StakingQuery query;
    query.known_at = known_at;
    std::size_t count = 0;
    for (const StoredRollForward& one : PostgresStakingStore(pool()).roll_forwards(kFund, query))
      count += one.price ? 1U : 0U;
    return count;
  }
};

TEST_F(StakingRowPrices, ARowIsPricedOnceAndKeepsItsPrice) {
  save_rows();
  PostgresRowPriceStore store(pool());
  const auto waiting = store.unpriced(kFund, 10);
  ASSERT_EQ(waiting.size(), 3U);  // rows that end together have one price
  EXPECT_EQ(waiting[0].at, at(1));
  EXPECT_EQ(store.unpriced(kFund, 1).size(), 1U);
  EXPECT_TRUE(store.unpriced(model::FundId::literal("CROYIELD"), 10).empty());

  EXPECT_EQ(
      store.save(kFund, {{waiting[0], price("2000.25")}, {waiting[1], price("2000.25")}}, at(40), "job"), 2U);
  EXPECT_EQ(store.save(kFund, {{waiting[0], price("9")}}, at(41), "job"), 0U);
  EXPECT_EQ(store.unpriced(kFund, 10).size(), 1U);
  EXPECT_EQ(priced(Instant::latest()), 4U);
  EXPECT_EQ(priced(at(39)), 0U);  // as it was known before
  StakingQuery query;
  query.place = "1";
  const auto rows = PostgresStakingStore(pool()).roll_forwards(kFund, query);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].price, price("2000.25"));
  EXPECT_FALSE(rows[2].price.has_value());
}

TEST_F(StakingRowPrices, TheDatabaseKeepsThemToo) {
  save_rows();
  PostgresRowPriceStore store(pool());
  RowPrice early = price("1");
  early.valuation = at(0);
  EXPECT_ANY_THROW(store.save(kFund, {{{kEth, at(1)}, early}}, at(40), "job"));
  EXPECT_ANY_THROW(store.save(kFund, {{{kEth, at(1)}, price("-1")}}, at(40), "job"));
  store.save(kFund, {{{kEth, at(1)}, price("1")}}, at(40), "job");
  EXPECT_ANY_THROW(pool().transact([](db::Transaction& transaction) {
    return db::execute(transaction, "UPDATE row_price SET price = 2 WHERE fund_id = $1", kFund);
  }));
  EXPECT_ANY_THROW(pool().transact([](db::Transaction& transaction) {
    return db::execute(transaction, "DELETE FROM row_price WHERE fund_id = $1", kFund);
  }));
}

}  // namespace
}  // namespace navkeeper::staking
