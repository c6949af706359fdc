// Imports, definitions and rates in a real PostgreSQL.
#include <gtest/gtest.h>

#include <tuple>

#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/pqxx_access.h"
#include "common/http/router.h"
#include "common/json/value.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/rate_store.h"
#include "services/pricing/adapters/trade_csv.h"
#include "services/pricing/adapters/trade_store.h"
#include "services/pricing/adapters/venue_files.h"
#include "services/pricing/service.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::pricing {
namespace {

constexpr const char* kIndex = R"(id = "NK_TEST"
pair = "BTC/USD"
strike_time = "17:00"
time_zone = "UTC"
window_minutes = 60
partitions = 2
statistic = "volume_weighted_median"
tie = "lower"
empty_partition = "drop"
weights = "equal"
venues = ["coinbase", "kraken"]
venue_deviation_max = "0.05"
venue_deviation_reference = "others"
minimum_venues = 1
decimals = 2
rounding = "half_even"
)";

const std::string kHeader = "time,venue,pair,price,size,id\n";
const std::string kFirst = "2023-09-05T16:00:00Z,coinbase,BTC/USD,100,1,1\n";
const std::string kSecond = "2023-09-05T16:30:00.000000001Z,kraken,XBT/USD,101,1e-8,1\n";
const time::Date kDay = time::Date::literal("2023-09-05");

class PricingStoreTest : public test::PostgresTest {
 protected:
  ImportReport import_text(const std::string& text, const std::string& name = "t.csv") {
    SqlImportStore store(service_pool("pricing"));
    return import_trades(store, clock_, {name, "csv", "", "", crypto::sha256_hex(text)}, "ann",
                         [&](TradeSink& sink) { read_trade_csv(text, name, 0, sink); });
  }
  base::Checked<RateStore::Saved> strike(time::Date date = kDay) {
    return strike_rate(store(), clock_, "NK_TEST", date, "ann");
  }
  SqlRateStore& store() {
    if (!store_) store_.emplace(service_pool("pricing"));
    return *store_;
  }
  std::int64_t count(const std::string& what) {
    return service_pool("pricing").transact([&](db::Transaction& transaction) {
      return db::query(transaction, "SELECT count(*) FROM " + what)[0][0].as<std::int64_t>();
    });
  }

  time::ManualClock clock_{time::Instant::literal("2023-09-05T18:00:00Z")};
  std::optional<SqlRateStore> store_;
};

TEST_F(PricingStoreTest, ImportsEachTradeOnceInTheHousesSpelling) {
  const ImportReport report = import_text(kHeader + kFirst + kSecond + "bad\n");
  EXPECT_EQ(report.rows, 3U);
  EXPECT_EQ(report.trades_new, 2U);
  EXPECT_EQ(report.rejected.count(), 1U);
  EXPECT_EQ(count("trade WHERE pair = 'BTC/USD'"), 2);
  EXPECT_EQ(count("trade WHERE price = 101 AND size = 0.00000001 AND time_ns % 1000000000 = 1"), 1);
  EXPECT_EQ(count("trade_incoming"), 0);
  EXPECT_EQ(count("audit"), 1);
}

TEST_F(PricingStoreTest, TheSameFileAgainChangesNothingAndSaysSo) {
  const std::string text = kHeader + kFirst + "bad\n";
  import_text(text);
  clock_.advance(time::Duration::hours(1));
  const ImportReport again = import_text(text, "another name.csv");
  EXPECT_TRUE(again.already_imported);
  EXPECT_EQ(again.rejected.count(), 1U);
  EXPECT_EQ(count("trade"), 1);
  EXPECT_EQ(count("trade_import"), 1);
}

TEST_F(PricingStoreTest, AFileThatOverlapsAddsWhatIsNew) {
  import_text(kHeader + kFirst);
  const ImportReport report = import_text(kHeader + kFirst + kSecond);
  EXPECT_EQ(report.trades_new, 1U);
  EXPECT_EQ(count("trade"), 2);
}

TEST_F(PricingStoreTest, ACopyThatContradictsAStoredTradeIsCountedAsSuchAndNotAsNew) {
  const auto row = [](const char* time, const char* price, const char* id) {
    return std::string(time) + ",coinbase,BTC/USD," + price + ",1," + id + "\n";
  };
  const char* const four = "2023-09-05T16:00:00Z";
  // Within one file: the first of an id is a new trade, what contradicts it is none.
  const ImportReport first =
      import_text(kHeader + row(four, "100", "a") + row(four, "101", "a") + row(four, "100", "b"));
  EXPECT_EQ(first.trades_new, 2U);
  EXPECT_EQ(first.trades_contradicting, 1U);
  // Against what is stored, at another time of the day too; an equal copy and a new trade beside it.
  const ImportReport second = import_text(kHeader + row(four, "100", "a") +
                                          row("2023-09-05T09:00:00Z", "100", "b") + row(four, "7", "c"));
  EXPECT_EQ(second.trades_new, 1U);
  EXPECT_EQ(second.trades_contradicting, 1U);
  EXPECT_EQ(count("trade"), 5);
  EXPECT_EQ(count("trade_import WHERE trades_contradicting = 1"), 2);
  // Rows without an id contradict nothing.
  EXPECT_EQ(import_text(kHeader + row(four, "3", "") + row(four, "4", "")).trades_contradicting, 0U);
}

TEST_F(PricingStoreTest, RowsWithoutIdCountAsOftenAsTheirFileSays) {
  const std::string row = "2023-09-05T16:00:00Z,coinbase,BTC/USD,100,1,\n";
  EXPECT_EQ(import_text(kHeader + row + row).trades_new, 2U);
  EXPECT_EQ(import_text(kHeader + row).trades_new, 0U);
  EXPECT_EQ(import_text(kHeader + row + row + row).trades_new, 1U);
}

TEST_F(PricingStoreTest, RowsAheadOfTheClockAreRejected) {
  const ImportReport report = import_text(kHeader + "2023-09-05T18:01:00Z,coinbase,BTC/USD,100,1,\n" +
                                          "2023-09-05T18:01:00.000000001Z,coinbase,BTC/USD,100,1,\n" +
                                          "2023-09-05T16:00:00Z,coin base,BTC/USD,100,1,\n" +
                                          "2023-09-05T16:00:00Z,coinbase,BTCUSD,100,1,\n");
  EXPECT_EQ(report.trades_new, 1U);
  ASSERT_EQ(report.rejected.first().size(), 3U);
  EXPECT_EQ(report.rejected.first()[0].reason, "time is more than 60 s ahead of the clock");
}

TEST_F(PricingStoreTest, AFileThatIsRefusedLeavesNothing) {
  EXPECT_THROW(import_text("time,venue\n"), base::Refused);
  EXPECT_EQ(count("trade_import"), 0);
}

TEST_F(PricingStoreTest, ReceiveTimesAreStoredAsSuch) {
  const std::string text = "recv_time_ms,trade_id,price,amount\n1430438404645,8111041,236.47,0.21144331\n";
  SqlImportStore imports(service_pool("pricing"));
  const ImportReport report = import_trades(
      imports, clock_, {"b.csv", "bitstamp_csv", "bitstamp", "BTC/USD", crypto::sha256_hex(text)}, "ann",
      [&](TradeSink& sink) {
        read_venue_file(TradeFormat::kBitstampCsv, {text, "b.csv", 0, "bitstamp", "BTC/USD"}, sink);
      });
  EXPECT_EQ(report.trades_new, 1U);
  EXPECT_EQ(count("trade WHERE received_ns = 1430438404645000000 AND received_ns = time_ns"), 1);
}

TEST_F(PricingStoreTest, AKrakenFileHasTheTimesThatItsStreamHas) {
  const std::string csv = "time_s,price,amount,side,ordtype,trade_id\n1672531200.9717445,10.5,1,b,l,74\n";
  const std::string rest =
      R"({"error":[],"result":{"XXBTZUSD":[["10.5","1",1672531200.9717445,"b","l","",74]],"last":"1"}})";
  SqlImportStore imports(service_pool("pricing"));
  for (const auto& [format, name, text] : {std::tuple(TradeFormat::kKrakenCsv, "kraken_csv", csv),
                                           std::tuple(TradeFormat::kKrakenRest, "kraken_rest", rest)}) {
    import_trades(imports, clock_, {"k.txt", name, "kraken", "BTC/USD", crypto::sha256_hex(text)}, "ann",
                  [&, format = format, &text = text](TradeSink& sink) {
                    read_venue_file(format, {text, "k.txt", 0, "kraken", "BTC/USD"}, sink);
                  });
  }
  EXPECT_EQ(count("trade WHERE trade_id = '74'"), 1);
  EXPECT_EQ(count("trade WHERE time_ns = 1672531200971744000"), 1);
}

TEST_F(PricingStoreTest, ADefinitionChangesOnlyWhenItsFileDoes) {
  EXPECT_TRUE(store().define(kIndex, "i.toml", clock_.now(), "ann").is_new);
  EXPECT_FALSE(store().define(kIndex, "i.toml", clock_.now(), "bob").is_new);
  const auto second =
      store().define(std::string(kIndex) + "# reviewed again\n", "i.toml", clock_.now(), "ann");
  EXPECT_TRUE(second.is_new);
  EXPECT_EQ(second.definition.version, 2);
  EXPECT_EQ(store().definitions().size(), 1U);
  EXPECT_THROW(store().define("id = 1\n", "i.toml", clock_.now(), "ann"), base::Refused);
}

TEST_F(PricingStoreTest, StrikesARateWithItsEvidenceAndOnlyOnceFromTheSameInputs) {
  store().define(kIndex, "i.toml", clock_.now(), "ann");
  import_text(kHeader + kFirst + kSecond + "bad\n");
  const auto first = strike();
  ASSERT_TRUE(first.has_value()) << first.error().message();
  EXPECT_TRUE(first->is_new);
  EXPECT_EQ(first->rate.value, "100.50");
  EXPECT_EQ(first->rate.unrounded, "100.500000000000000000000");
  EXPECT_NE(first->rate.document.find("\"partitions\""), std::string::npos);
  EXPECT_EQ(count("outbox"), 1);

  clock_.advance(time::Duration::hours(1));
  const auto again = strike();
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->rate.version, 1);
  EXPECT_EQ(again->rate.known_at, first->rate.known_at);
  EXPECT_EQ(count("rate"), 1);
  EXPECT_EQ(count("outbox"), 1);
}

TEST_F(PricingStoreTest, OtherInputsMakeAVersionBesideTheOldAndThePastStaysReadable) {
  store().define(kIndex, "i.toml", clock_.now(), "ann");
  import_text(kHeader + kFirst);
  const auto first = strike();
  clock_.advance(time::Duration::hours(1));
  import_text(kHeader + "2023-09-05T16:10:00Z,coinbase,BTC/USD,99,5,2\n");
  const auto second = strike();
  EXPECT_EQ(second->rate.version, 2);
  EXPECT_EQ(second->rate.value, "99.00");
  RateQuery query;
  query.index = "NK_TEST";
  EXPECT_EQ(store().find(query).at(0).value, "99.00");
  query.known_at = first->rate.known_at;
  EXPECT_EQ(store().find(query).at(0).value, "100.00");
  query.known_at = first->rate.known_at - time::Duration::from_ns(1);
  EXPECT_TRUE(store().find(query).empty());
}

TEST_F(PricingStoreTest, TheOrderOfImportsDoesNotMatter) {
  store().define(kIndex, "i.toml", clock_.now(), "ann");
  import_text(kHeader + kSecond);
  import_text(kHeader + kFirst);
  const std::string one = strike()->rate.document;
  const std::string one_hash = strike()->rate.input_hash_hex;
  SetUp();
  store().define(kIndex, "i.toml", clock_.now(), "ann");
  import_text(kHeader + kFirst + kSecond);
  EXPECT_EQ(strike()->rate.document, one);
  EXPECT_EQ(strike()->rate.input_hash_hex, one_hash);
}

TEST_F(PricingStoreTest, ACopyOutsideTheWindowContradictsATradeInside) {
  store().define(kIndex, "i.toml", clock_.now(), "ann");
  import_text(kHeader + kFirst + kSecond);
  import_text(kHeader + "2023-09-05T12:00:00Z,coinbase,BTC/USD,100,1,1\n");
  const auto saved = strike();
  EXPECT_EQ(saved->rate.value, "101.00");
  EXPECT_NE(saved->rate.rejected.find("\"count\":2"), std::string::npos) << saved->rate.rejected;
}

TEST_F(PricingStoreTest, WithoutTradesThePreviousRateIsTakenOver) {
  store().define(kIndex, "i.toml", clock_.now(), "ann");
  EXPECT_EQ(strike()->rate.status, "failed");
  import_text(kHeader + kFirst);
  EXPECT_EQ(strike()->rate.status, "ok");
  clock_.advance(time::Duration::hours(48));
  const auto next = strike(kDay + 1);
  EXPECT_EQ(next->rate.status, "previous");
  EXPECT_EQ(next->rate.value, "100.00");
  EXPECT_FALSE(next->rate.unrounded);
}

TEST_F(PricingStoreTest, AStrikeIsRefusedBeforeTheWindowHasClosedAndForAnUnknownIndex) {
  EXPECT_EQ(strike().error().message(), "index: NK_TEST is not known");
  store().define(kIndex, "i.toml", clock_.now(), "ann");
  clock_.set(time::Instant::literal("2023-09-05T16:59:59.999999999Z"));
  EXPECT_EQ(strike().error().message(),
            "NK_TEST: the window of 2023-09-05 closes at 2023-09-05T17:00:00Z, it is "
            "2023-09-05T16:59:59.999999999Z");
  clock_.set(time::Instant::literal("2023-09-05T17:00:00Z"));
  EXPECT_TRUE(strike().has_value());
}

TEST_F(PricingStoreTest, RatesComeInPagesByDate) {
  store().define(kIndex, "i.toml", clock_.now(), "ann");
  clock_.advance(time::Duration::hours(24 * 10));
  for (int day = 0; day < 5; ++day) strike(kDay + day);
  RateQuery query;
  query.index = "NK_TEST";
  query.count_max = 2;
  EXPECT_EQ(store().find(query).at(1).date, kDay + 1);
  query.after = kDay + 1;
  EXPECT_EQ(store().find(query).at(0).date, kDay + 2);
  query.to = kDay + 2;
  EXPECT_EQ(store().find(query).size(), 1U);
  query.as_of = time::Instant::literal("2023-09-06T00:00:00Z");
  EXPECT_TRUE(store().find(query).empty());
}

TEST_F(PricingStoreTest, RoutesAnswerRatesPagesAndProblems) {
  store().define(kIndex, "i.toml", clock_.now(), "ann");
  import_text(kHeader + kFirst);
  clock_.advance(time::Duration::hours(24 * 10));
  for (int day = 0; day < 3; ++day) strike(kDay + day);
  http::Router router;
  Dependencies dependencies;
  dependencies.pool = &service_pool("pricing");
  register_routes(router, dependencies);
  const auto get = [&](const std::string& path, http::Parameters query = {}) {
    http::Request request;
    request.path = path;
    request.query = std::move(query);
    request.trace = log::Trace::start();
    return router.handle(request);
  };
  const auto body = [](const http::Response& response) { return json::parse(response.body).value(); };

  const json::Value one = body(get("/v1/rates/NK_TEST/2023-09-05"));
  EXPECT_EQ(one.find("value")->as_string(), "100.00");
  EXPECT_EQ(one.find("document")->find("partitions")->as_array().size(), 2U);

  const json::Value page = body(get("/v1/rates/NK_TEST", {{"limit", "2"}}));
  EXPECT_EQ(page.find("rates")->as_array().size(), 2U);
  EXPECT_EQ(page.find("next_cursor")->as_string(), "2023-09-06");
  const json::Value rest = body(get("/v1/rates/NK_TEST", {{"limit", "2"}, {"cursor", "2023-09-06"}}));
  EXPECT_EQ(rest.find("rates")->as_array().size(), 1U);
  EXPECT_TRUE(rest.find("next_cursor")->is_null());
  EXPECT_EQ(body(get("/v1/rates")).find("indices")->as_array().size(), 1U);

  EXPECT_EQ(get("/v1/rates/NK_TEST/2023-09-05", {{"known_at", "2023-09-05T18:00:00Z"}}).status, 404);
  EXPECT_EQ(get("/v1/rates/NK_TEST/2024-09-05").status, 404);
  EXPECT_EQ(get("/v1/rates/OTHER/2023-09-05").status, 404);
  EXPECT_EQ(get("/v1/rates/NK_TEST/yesterday").status, 400);
  EXPECT_EQ(get("/v1/rates/NK_TEST", {{"limit", "0"}}).status, 400);
  EXPECT_EQ(get("/v1/rates/NK_TEST", {{"page", "2"}}).status, 400);
  EXPECT_EQ(get("/v1/rates/NK_TEST", {{"as_of", "noon"}}).status, 400);
}

TEST_F(PricingStoreTest, TheServiceCannotChangeWhatWasLearned) {
  store().define(kIndex, "i.toml", clock_.now(), "ann");
  import_text(kHeader + kFirst);
  strike();
  for (const char* sql :
       {"UPDATE rate SET value = '1'", "DELETE FROM rate", "UPDATE trade SET price = 1", "DELETE FROM trade",
        "DELETE FROM trade_import", "UPDATE index_definition SET toml = ''"}) {
    EXPECT_THROW(service_pool("pricing").transact(
                     [&](db::Transaction& transaction) { db::execute(transaction, sql); }),
                 db::SqlError)
        << sql;
  }
}

}  // namespace
}  // namespace navkeeper::pricing
