// The tape in a real PostgreSQL: batches, days, positions, and that the same tape by feed and by file is the
// same tape.
#include "services/pricing/adapters/tape_store.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "common/base/bytes.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/db/pqxx_access.h"
#include "services/pricing/adapters/feed_state_store.h"
#include "services/pricing/adapters/price_store.h"
#include "services/pricing/adapters/rate_store.h"
#include "services/pricing/adapters/take_over_store.h"
#include "services/pricing/adapters/tape_reading_store.h"
#include "services/pricing/adapters/tape_upkeep_store.h"
#include "services/pricing/adapters/trade_csv.h"
#include "services/pricing/adapters/trade_store.h"
#include "tests/db/framework_fixture.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::pricing {
namespace {

using time::Instant;

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
venues = ["coinbase", "bitstamp"]
venue_deviation_max = "0.05"
venue_deviation_reference = "others"
minimum_venues = 1
decimals = 2
rounding = "half_even"
)";
const time::Date kDay = time::Date::literal("2023-09-05");

class TapeStoreTest : public test::PostgresTest {
 protected:
  std::shared_ptr<const Feed> feed(const std::string& venue = "coinbase",
                                   std::vector<std::string> pairs = {"BTC/USD", "ETH/USD"}) {
    auto feed = std::make_shared<Feed>();
    feed->session = model::new_uuid_v7(clock_.now(), crypto::fill_random);
    feed->venue = venue;
    feed->pairs = std::move(pairs);
    feed->address = "ws://test";
    for (const auto& trades : store_.begin(*feed, clock_.now(), "ann"))
      feed->goes_on.push_back(!trades.empty());
    return feed;
  }
  static TapeTrade trade(const std::shared_ptr<const Feed>& feed, std::uint64_t id, const std::string& at,
                         std::int64_t price = 100) {
    TapeTrade trade;
    trade.feed = feed;
    trade.line = id;
    trade.whole = true;
    trade.time_ns = Instant::literal(at).ns();
    trade.received_ns = trade.time_ns + 5;
    trade.price = {price, 0, nullptr};
    trade.size = {15, 1, nullptr};
    trade.id = std::to_string(id);
    trade.number = feed->venue == "coinbase" ? id : 0;
    trade.message_hash = crypto::sha256("message " + trade.id);
    return trade;
  }
  TapeWritten write(std::vector<TapeTrade> trades, std::vector<TapeNote> notes = {}) {
    return store_.write({std::move(trades), std::move(notes)}, clock_.now());
  }
  ImportReport import_text(const std::string& text, const std::string& name = "t.csv") {
    SqlImportStore store(service_pool("pricing"));
    return import_trades(store, clock_, {name, "csv", "", "", crypto::sha256_hex(text)}, "ann",
                         [&](TradeSink& sink) { read_trade_csv(text, name, 0, sink); });
  }
  std::int64_t count(const std::string& what) {
    return service_pool("pricing").transact([&](db::Transaction& transaction) {
      return db::query(transaction, "SELECT count(*) FROM " + what)[0][0].as<std::int64_t>();
    });
  }
  StoredRate strike() {
    SqlRateStore rates(service_pool("pricing"));
    rates.define(kIndex, "i.toml", clock_.now(), "ann");
    return base::value_or_refuse(strike_rate(rates, clock_, "NK_TEST", kDay, "ann")).rate;
  }

  time::ManualClock clock_{Instant::literal("2023-09-05T18:00:00Z")};
  SqlTapeStore store_{service_pool("pricing")};
};

TEST_F(TapeStoreTest, KeepsBothTimesAndTheHashOfTheMessage) {
  const auto session = feed();
  EXPECT_EQ(write({trade(session, 7, "2023-09-05T16:00:00.000000001Z")}).by_venue.at("coinbase").stored, 1U);
  EXPECT_EQ(count("trade WHERE time_ns % 1000000000 = 1 AND received_ns = time_ns + 5 AND size = 1.5 AND "
                  "source_id = '" +
                  session->session.to_string() + "' AND message_hash = decode('" +
                  crypto::sha256_hex("message 7") + "', 'hex')"),
            1);
  EXPECT_EQ(count("trade_source WHERE name = 'feed coinbase " + session->session.to_string() + "'"), 1);
}

TEST_F(TapeStoreTest, TheSameBatchAgainStoresNothingTwice) {
  const auto session = feed();
  const std::vector<TapeTrade> batch = {trade(session, 1, "2023-09-05T16:00:00Z"),
                                        trade(session, 2, "2023-09-05T16:00:01Z")};
  TapeNote note;
  note.feed = session;
  note.seq = 1;
  note.kind = "gap_found";
  note.first = UINT64_MAX;
  EXPECT_EQ(write(batch, {note}).by_venue.at("coinbase").stored, 2U);
  const auto again = write(batch, {note}).by_venue.at("coinbase");
  EXPECT_EQ(again.stored, 0U);
  EXPECT_EQ(again.known, 2U);
  EXPECT_EQ(count("trade"), 2);
  EXPECT_EQ(
      count("trade_day WHERE trades = 2 AND received = 2 AND key_low = '000011' AND key_high = '000012'"), 1);
  EXPECT_EQ(count("feed_note WHERE first = 18446744073709551615"), 1);
  EXPECT_EQ(count("trade_incoming"), 0);
}

TEST_F(TapeStoreTest, ABatchMayReachOverMidnightAndOverSeveralFeeds) {
  const auto one = feed();
  const auto other = feed("bitstamp", {"BTC/USD"});
  clock_.set(Instant::literal("2023-09-06T00:00:10Z"));
  write({trade(one, 1, "2023-09-05T23:59:59.999999999Z"), trade(other, 1, "2023-09-06T00:00:00Z")});
  // Once more with one that is new, by the way of what may be known already.
  const TapeWritten written =
      write({trade(one, 1, "2023-09-05T23:59:59.999999999Z"), trade(other, 1, "2023-09-06T00:00:00Z"),
             trade(other, 2, "2023-09-06T00:00:01Z")});
  EXPECT_EQ(written.by_venue.at("bitstamp").stored, 1U);
  EXPECT_EQ(written.by_venue.at("bitstamp").known, 1U);
  EXPECT_EQ(count("trade WHERE tableoid = to_regclass('trade_20230905')"), 1);
  EXPECT_EQ(count("trade WHERE tableoid = to_regclass('trade_20230906')"), 2);
  EXPECT_EQ(count("trade_day"), 2);
}

TEST_F(TapeStoreTest, AFeedGoesOnFromTheLastTradeThatIsWhole) {
  const auto session = feed();
  TapeTrade late = trade(session, 9, "2023-09-05T16:00:09Z");
  late.whole = false;
  write({trade(session, 1, "2023-09-05T16:00:01Z"), trade(session, 2, "2023-09-05T16:00:02Z"), late});
  write({trade(session, 3, "2023-09-05T15:59:59Z", 101)});  // The number counts where there is one.
  const auto safe = store_.begin(*session, clock_.now(), "ann");
  ASSERT_EQ(safe.size(), 2U);
  EXPECT_TRUE(safe[1].empty());
  ASSERT_FALSE(safe[0].empty());
  EXPECT_EQ(safe[0].back().id, "3");
  EXPECT_EQ(safe[0].back().price, (Number{101, 0, nullptr}));
}

TEST_F(TapeStoreTest, WhereNumbersBeginAnewAFeedGoesOnFromTheNewOnes) {
  const auto session = feed();
  write({trade(session, 70'001, "2023-09-05T16:00:00Z"), trade(session, 70'002, "2023-09-05T16:00:01Z")});
  TapeTrade filled = trade(session, 2, "2023-09-05T16:00:03Z");
  TapeTrade anew = trade(session, 3, "2023-09-05T16:00:04Z");
  anew.anew = true;
  write({trade(session, 70'003, "2023-09-05T16:00:02Z"), filled, anew,
         trade(session, 4, "2023-09-05T16:00:05Z")});
  const auto place = [&] { return store_.begin(*session, clock_.now(), "ann").at(0).back().id; };
  EXPECT_EQ(place(), "4");
  write({trade(session, 5, "2023-09-05T16:00:06Z")});
  EXPECT_EQ(place(), "5");
}

TEST_F(TapeStoreTest, WithoutNumbersThePositionIsThatOfTheLatestTimeAndItsNeighboursAreKnownToo) {
  const auto session = feed("bitstamp", {"BTC/USD"});
  write({trade(session, 5, "2023-09-05T16:00:05Z"), trade(session, 4, "2023-09-05T16:00:04Z")});
  write({trade(session, 3, "2023-09-05T16:00:03Z")});
  const auto safe = store_.begin(*session, clock_.now(), "ann");
  std::vector<std::string> ids;
  for (const TapeTrade& trade : safe.at(0)) ids.push_back(trade.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"3", "4", "5"}));
}

TEST_F(TapeStoreTest, ASessionThatDoesNotGoOnFromThePlaceNeverMovesIt) {
  const auto one = feed();
  const auto other = feed();  // Began when there was no place either.
  write({trade(one, 1, "2023-09-05T16:00:01Z")});
  write({trade(other, 5, "2023-09-05T16:00:05Z")});
  EXPECT_EQ(store_.begin(*other, clock_.now(), "ann").at(0).back().id, "1") << "what lies between is unknown";
  const auto later = feed();
  write({trade(later, 6, "2023-09-05T16:00:06Z")});
  EXPECT_EQ(store_.begin(*later, clock_.now(), "ann").at(0).back().id, "6");
}

TEST_F(TapeStoreTest, TheSameTapeByFeedAndByFileGivesTheSameRateToTheLastDigit) {
  std::string text = "time,venue,pair,price,size,id\n";
  std::vector<TapeTrade> trades;
  const auto coinbase = feed();
  const auto bitstamp = feed("bitstamp", {"BTC/USD"});
  for (std::uint64_t id = 1; id <= 60; ++id) {
    const std::string at =
        "2023-09-05T16:" + std::string(id < 11 ? "0" : "") + std::to_string(id - 1) + ":30.123456789Z";
    const std::int64_t price = 10'000 + static_cast<std::int64_t>(id * 7919 % 97);
    trades.push_back(trade(id % 3 == 0 ? bitstamp : coinbase, id, at, price));
    text += at + "," + (id % 3 == 0 ? "bitstamp" : "coinbase") + ",BTC/USD," + std::to_string(price) +
            ",1.5," + std::to_string(id) + "\n";
  }
  // A trade that contradicts another of its id, and one outside the window that contradicts one inside.
  trades.push_back(trade(coinbase, 10, "2023-09-05T16:09:30.123456789Z", 9'999));
  text += "2023-09-05T16:09:30.123456789Z,coinbase,BTC/USD,9999,1.5,10\n";
  trades.push_back(trade(coinbase, 11, "2023-09-05T17:30:00Z", 9'999));
  text += "2023-09-05T17:30:00Z,coinbase,BTC/USD,9999,1.5,11\n";

  write(trades);
  const StoredRate by_feed = strike();
  EXPECT_EQ(by_feed.status, "ok");
  EXPECT_EQ(import_text(text).trades_new, 0U) << "the file says what the feed said";
  PostgresTest::SetUp();  // Everything forgotten.
  import_text(text);
  const StoredRate by_file = strike();
  EXPECT_EQ(by_feed.value, by_file.value);
  EXPECT_EQ(by_feed.unrounded, by_file.unrounded);
  EXPECT_EQ(by_feed.trade_hash_hex, by_file.trade_hash_hex);
  EXPECT_EQ(by_feed.document, by_file.document);
  EXPECT_NE(by_feed.rejected.find("\"count\":4"), std::string::npos) << by_feed.rejected;
}

TEST_F(TapeStoreTest, ACopyInWholeSecondsFromAVenuesHistoryAgreesWithTheLiveTrade) {
  const auto session = feed("bitstamp", {"BTC/USD"});
  TapeTrade coarse = trade(session, 1, "2023-09-05T16:10:00Z");
  coarse.coarse_time = true;
  write({coarse});
  write({trade(session, 1, "2023-09-05T16:10:00.5Z"), trade(session, 2, "2023-09-05T16:11:00Z")});
  const StoredRate rate = strike();
  EXPECT_EQ(rate.status, "ok");
  EXPECT_NE(rate.rejected.find("\"count\":0"), std::string::npos) << rate.rejected;
  EXPECT_NE(rate.document.find("\"trades\":2"), std::string::npos) << rate.document;
}

TEST_F(TapeStoreTest, WhatIsLearnedAfterAStrikeIsKnownLaterWhateverTheWritersClockSays) {
  const auto session = feed();
  write({trade(session, 1, "2023-09-05T16:10:00Z")});
  const StoredRate rate = strike();
  clock_.set(clock_.now() + time::Duration::minutes(-5));  // This writer's clock is behind.
  write({trade(session, 2, "2023-09-05T16:11:00Z")});
  import_text("time,venue,pair,price,size,id\n2023-09-05T16:12:00Z,coinbase,BTC/USD,1,1,3\n");
  EXPECT_EQ(count("trade WHERE known_at_ns <= " + std::to_string(rate.known_at.ns())), 1);
}

TEST_F(TapeStoreTest, AStrikeWaitsForAWriterThatIsUnderWay) {
  db::Pool& pool = service_pool("pricing");
  std::optional<db::Transaction> writer(pool.begin());
  db::execute(*writer,
              "INSERT INTO tape_head (pair, known_at_ns) VALUES ('BTC/USD', 0) ON CONFLICT DO NOTHING");
  db::query(*writer, "SELECT FROM tape_head FOR SHARE");
  std::optional<Instant> settled;
  std::thread reader([&] { settled = settle_tape(pool, "BTC/USD", clock_.now()); });
  const auto waits = [&] {
    return administrator_pool().transact([](db::Transaction& transaction) {
      return !db::query(transaction, "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'").empty();
    });
  };
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!waits() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_FALSE(settled.has_value());
  writer->commit();
  reader.join();
  EXPECT_EQ(settled, clock_.now());
}

TEST_F(TapeStoreTest, TheServiceMakesDaysButNeitherChangesNorDropsThem) {
  db::Pool& pool = service_pool("pricing");
  const auto day_made = [&](const char* day) {
    return pool.transact([&](db::Transaction& transaction) {
      return db::query(transaction, "SELECT make_trade_day($1)", std::string(day))[0][0].as<bool>();
    });
  };
  EXPECT_TRUE(day_made("2031-01-01"));
  EXPECT_FALSE(day_made("2031-01-01"));
  EXPECT_THROW(day_made("2008-12-31"), db::SqlError);
  EXPECT_THROW(day_made("2262-01-01"), db::SqlError);
  for (const char* statement :
       {"UPDATE trade SET price = 1", "DELETE FROM trade", "DELETE FROM trade_20310101",
        "INSERT INTO trade_20310101 SELECT * FROM trade", "DROP TABLE trade_20310101",
        "CREATE TABLE x (y int)", "DELETE FROM tape_drop", "UPDATE feed_note SET kind = 'x'",
        "DELETE FROM trade_day", "DELETE FROM trade_dropped_copy",
        "ALTER TABLE trade DETACH PARTITION trade_20310101",
        "SELECT drop_trade_day('2020-01-01', 'BTC/USD')"}) {
    EXPECT_THROW(pool.transact([&](db::Transaction& transaction) { db::execute(transaction, statement); }),
                 db::SqlError)
        << statement;
  }
}

TEST_F(TapeStoreTest, DatesBefore2009ShareOnePartition) {
  const std::string text =
      "time,venue,pair,price,size,id\n1700-01-01T00:00:00Z,coinbase,BTC/"
      "USD,1,1,1\n1999-01-01T00:00:00Z,coinbase,BTC/USD,1,1,2\n";
  EXPECT_EQ(import_text(text).trades_new, 2U);
  EXPECT_EQ(count("trade WHERE tableoid = to_regclass('trade_early')"), 2);
  EXPECT_EQ(count("trade_day"), 2);
}

TEST_F(TapeStoreTest, ADayIsDroppedOnlyWhenItsRatesAreStruckAndLeavesEvidence) {
  const auto session = feed();
  write({trade(session, 1, "2023-09-05T16:10:00Z"), trade(session, 2, "2023-09-05T16:11:00Z", 101)});
  const std::string eth = "time,venue,pair,price,size,id\n2023-09-05T16:00:00Z,coinbase,ETH/USD,1,1,1\n";
  import_text(eth);
  SqlRateStore rates(service_pool("pricing"));
  rates.define(kIndex, "i.toml", clock_.now(), "ann");
  SqlPriceStore prices(service_pool("pricing"));
  SqlTapeUpkeep upkeep(service_pool("pricing"));
  RetentionPolicy policy;
  policy.keep_days = 10;
  policy.keep_days_of["ETH/USD"] = 20;
  clock_.set(Instant::literal("2023-09-15T12:00:00Z"));
  const auto prune = [&](bool dry_run = false) {
    return prune_tape(upkeep, {rates, prices, clock_}, policy, dry_run, "adam");
  };
  EXPECT_TRUE(prune().dropped.empty() && prune().kept.empty()) << "ten days are not over";

  clock_.set(Instant::literal("2023-09-16T12:00:00Z"));
  const PruneReport unstruck = prune();
  ASSERT_EQ(unstruck.kept.size(), 1U);
  EXPECT_EQ(unstruck.kept[0].why, DropRefusal::kNotStruck);
  EXPECT_EQ(unstruck.kept[0].needed_by, "NK_TEST 2023-09-05");
  const StoredRate rate = base::value_or_refuse(strike_rate(rates, clock_, "NK_TEST", kDay, "ann")).rate;

  EXPECT_EQ(prune(true).dropped.size(), 1U);
  EXPECT_EQ(count("trade"), 3) << "a dry run drops nothing";
  const PruneReport report = prune();
  ASSERT_EQ(report.dropped.size(), 1U);
  EXPECT_EQ(report.dropped[0].held.trades, 2U);
  EXPECT_EQ(count("trade"), 1);
  EXPECT_EQ(count("trade_day"), 1) << "the other pair keeps the day";
  EXPECT_EQ(
      count("audit WHERE kind = 'tape.dropped' AND payload LIKE '%" + report.dropped[0].hash_hex + "%'"), 1);
  const auto drops = upkeep.drops({});
  ASSERT_EQ(drops.size(), 1U);
  EXPECT_EQ(drops[0].rates, R"([{"date":"2023-09-05","index":"NK_TEST","version":1}])");

  // The rate stands; nothing is struck from a tape that is not there, and what is dropped does not come back.
  EXPECT_THROW(strike_rate(rates, clock_, "NK_TEST", kDay, "ann"), base::Refused);
  RateQuery query;
  query.index = "NK_TEST";
  EXPECT_TRUE(replay_rates(rates, query).at(0).dropped);
  const ImportReport again =
      import_text("time,venue,pair,price,size,id\n2023-09-05T16:10:00Z,coinbase,BTC/USD,100,1.5,1\n");
  EXPECT_EQ(again.trades_new, 0U);
  EXPECT_EQ(again.rejected.first().at(0).reason, kDroppedDayReason);
  EXPECT_EQ(write({trade(session, 1, "2023-09-05T16:10:00Z")}).by_venue.at("coinbase").dropped, 1U);
  EXPECT_EQ(count("trade"), 1);

  clock_.set(Instant::literal("2023-09-26T12:00:00Z"));
  EXPECT_EQ(prune().dropped.size(), 1U) << "no index rests on ether";
  EXPECT_EQ(count("trade"), 0);
  EXPECT_EQ(administrator_pool().transact([](db::Transaction& transaction) {
    return db::query(transaction, "SELECT to_regclass('pricing.trade_20230905') IS NULL")[0][0].as<bool>();
  }),
            true)
      << "the day goes with its last pair";
}

TEST_F(TapeStoreTest, ADroppedDayLeavesWhatItSaysAboutTradesOfKeptDays) {
  std::string text = "time,venue,pair,price,size,id\n";
  for (const char* day : {"2023-09-04", "2023-09-05", "2023-09-06"}) {
    const std::string row = std::string(day) + "T16:10:00Z,coinbase,BTC/USD,100,1,";
    text += row + day[9] + "\n";
  }
  // One id, three contents on three days: the rate of each day refuses its own.
  text +=
      "2023-09-04T12:00:00Z,coinbase,BTC/USD,7,50,555\n2023-09-05T12:00:00Z,coinbase,BTC/USD,8,50,555\n"
      "2023-09-06T16:01:00Z,coinbase,BTC/USD,500,50,555\n";
  clock_.set(Instant::literal("2023-09-06T18:00:00Z"));
  import_text(text);
  SqlRateStore rates(service_pool("pricing"));
  rates.define(kIndex, "i.toml", clock_.now(), "ann");
  SqlPriceStore prices(service_pool("pricing"));
  SqlTapeUpkeep upkeep(service_pool("pricing"));
  const auto strike_day = [&](int day) {
    return base::value_or_refuse(strike_rate(rates, clock_, "NK_TEST", kDay + day, "ann"));
  };
  for (const int day : {-1, 0, 1}) EXPECT_EQ(strike_day(day).rate.value, "100.00") << day;
  const auto prune_at = [&](const char* now) {
    clock_.set(Instant::literal(now));
    RetentionPolicy policy;
    policy.keep_days = 10;
    return prune_tape(upkeep, {rates, prices, clock_}, policy, false, "adam").dropped.size();
  };
  RateQuery query;
  query.index = "NK_TEST";
  const auto differing = [&] {
    std::string found;
    for (const ReplayedRate& rate : replay_rates(rates, query))
      found += rate.dropped ? "dropped " : "(" + rate.difference + ") ";
    return found;
  };
  EXPECT_EQ(prune_at("2023-09-15T12:00:00Z"), 1U);
  EXPECT_EQ(differing(), "dropped () () ");
  EXPECT_EQ(count("trade_dropped_copy"), 1) << "of the day that went, the row that others need";
  EXPECT_EQ(prune_at("2023-09-16T12:00:00Z"), 1U);
  EXPECT_EQ(differing(), "dropped dropped () ");
  EXPECT_EQ(count("trade_dropped_copy"), 2);
  EXPECT_FALSE(strike_day(1).is_new) << "a later strike sees what the first one saw";
  EXPECT_EQ(prune_at("2023-09-17T12:00:00Z"), 1U);
  EXPECT_EQ(count("trade"), 0);
  EXPECT_EQ(count("trade_dropped_copy"), 0) << "nobody needs them any more";
}

TEST_F(TapeStoreTest, NobodyDropsWithoutEvidenceOrAYoungDay) {
  const auto session = feed();
  write({trade(session, 1, "2023-09-05T16:10:00Z")});
  const auto attempt = [&](const std::string& day, const std::string& trades) {
    service_pool("pricing").transact([&](db::Transaction& transaction) {
      if (!trades.empty()) {
        db::execute(transaction,
                    "INSERT INTO tape_drop (day, pair, trades, hash, keep_days, rates, known_at_ns, actor) "
                    "VALUES ($1,"
                    " 'BTC/USD', $2::bigint, decode(repeat('00', 32), 'hex'), 7, '[]', 0, 'eve')",
                    day, trades);
      }
      db::query(transaction, "SELECT drop_trade_day($1, 'BTC/USD')", day);
    });
  };
  EXPECT_THROW(attempt("2023-09-05", ""), db::SqlError);
  EXPECT_THROW(attempt("2023-09-05", "2"), db::SqlError);
  const time::Date today = time::Date::from_days(time::SystemClock().now().ns() / 86'400'000'000'000);
  EXPECT_THROW(attempt((today + -6).to_string(), "1"), db::SqlError);
  EXPECT_EQ(count("trade"), 1);
  attempt("2023-09-05", "1");
  EXPECT_EQ(count("trade"), 0);
}

TEST_F(TapeStoreTest, AReplayOfTheTapeGivesEveryPublishedVersionAgain) {
  const auto session = feed();
  std::vector<TapeTrade> trades;
  for (std::uint64_t id = 1; id <= 50; ++id)
    trades.push_back(trade(session, id, "2023-09-05T16:" + std::to_string(id < 10 ? 10 + id : id) + ":00Z",
                           100 + static_cast<std::int64_t>(id % 7)));
  write(trades);
  strike();
  // Late trades, a copy that contradicts, and a file: three further versions, each from other inputs.
  for (const auto& [id, price] : {std::pair{60U, 120}, std::pair{7U, 90}}) {
    clock_.advance(time::Duration::minutes(1));
    write({trade(session, id, "2023-09-05T16:59:00Z", price)});
    strike();
  }
  import_text("time,venue,pair,price,size,id\n2023-09-05T16:30:00Z,bitstamp,BTC/USD,101,70,1\nbad\n");
  const StoredRate last = strike();
  EXPECT_EQ(last.version, 4);
  write({trade(session, 61, "2023-09-05T16:59:30Z", 150)});  // Learned after the last version.
  SqlRateStore rates(service_pool("pricing"));
  RateQuery query;
  query.index = "NK_TEST";
  const auto replayed = replay_rates(rates, query);
  ASSERT_EQ(replayed.size(), 4U);
  for (const ReplayedRate& rate : replayed) EXPECT_EQ(rate.difference, "") << rate.stored.version;
  run_as_administrator("UPDATE pricing.trade SET size = 1000 WHERE trade_id = '3'");
  EXPECT_NE(replay_rates(rates, query).at(0).difference, "") << "what was changed behind our back shows";
}

TEST_F(TapeStoreTest, ARateNamesTheImportsAndFeedsOfItsWindowWithWhatTheyRejected) {
  const auto session = feed();
  TapeNote gap;
  gap.feed = session;
  gap.seq = 1;
  gap.at_ns = Instant::literal("2023-09-05T16:20:00Z").ns();
  gap.kind = "gap_abandoned";
  gap.market = 0;
  write({trade(session, 1, "2023-09-05T16:10:00Z")}, {gap});
  const std::string inside =
      "time,venue,pair,price,size,id\n2023-09-05T16:30:00Z,coinbase,BTC/USD,101,1,8\nbad\nbad\n";
  import_text(inside, "inside.csv");
  import_text("time,venue,pair,price,size,id\n2023-09-05T16:30:00Z,coinbase,ETH/USD,101,1,8\nbad\n",
              "another pair.csv");
  import_text("time,venue,pair,price,size,id\n2023-09-05T14:30:00Z,coinbase,BTC/USD,101,1,9\nbad\n",
              "before.csv");
  EXPECT_EQ(
      strike().rejected,
      R"({"count":0,"first":[],"imports":[{"file":"inside.csv","hash":")" + crypto::sha256_hex(inside) +
          R"(","rows":3,"rejected":2}],"feeds":[{"venue":"coinbase","session":")" +
          session->session.to_string() +
          R"(","refused":0,"contradictions":0,"gaps_found":0,"gaps_closed":0,"gaps_abandoned":1}],"feeds_unwhole":[]})")
      << "the feed began after the window";
}

TEST_F(TapeStoreTest, KnowsWhichGapsWereGivenUpAndAreStillOpen) {
  const auto session = feed();
  const auto other = feed("kraken", {"BTC/USD"});
  std::uint64_t seq = 0;
  const auto note = [&](const std::shared_ptr<const Feed>& of, const char* kind, const char* at,
                        std::uint64_t first, std::uint64_t last) {
    TapeNote made;
    made.feed = of;
    made.seq = ++seq;
    made.at_ns = Instant::literal(at).ns();
    made.kind = kind;
    made.market = 0;
    made.first = first;
    made.last = last;
    return made;
  };
  write({trade(session, 4, "2023-09-05T16:00:04Z"), trade(session, 7, "2023-09-05T16:00:07Z")},
        {note(session, "gap_abandoned", "2023-09-05T16:05:00Z", 5, 6),
         note(session, "gap_abandoned", "2023-09-05T16:06:00Z", 10, 12),
         note(session, "gap_closed", "2023-09-05T16:07:00Z", 10, 12),
         note(session, "gap_abandoned", "2023-09-05T16:08:00Z", 20, 21),
         note(session, "gap_lost", "2023-09-05T16:08:00Z", 20, 21),
         note(session, "gap_closed", "2023-09-05T16:09:00Z", 30, 31),
         note(session, "gap_abandoned", "2023-09-05T16:09:30Z", 30, 31),
         note(session, "gap_abandoned", "2023-09-05T14:00:00Z", 2, 2),
         note(other, "gap_abandoned", "2023-09-05T16:05:00Z", 90, 91)});
  const auto open = store_.abandoned_gaps(*session, Instant::literal("2023-09-05T15:00:00Z"));
  ASSERT_EQ(open.size(), 2U);
  EXPECT_EQ(open[0].first, 5U);
  EXPECT_EQ(open[0].last, 6U);
  EXPECT_EQ(open[0].before_ns, Instant::literal("2023-09-05T16:00:04Z").ns());
  EXPECT_EQ(open[0].after_ns, Instant::literal("2023-09-05T16:00:07Z").ns());
  EXPECT_EQ(open[1].first, 30U) << "closed before it was given up";
  EXPECT_FALSE(open[1].before_ns);
}

TEST_F(TapeStoreTest, HoweverManyGapsWereClosedALostOneInTheWindowIsSeen) {
  const auto session = feed("bitstamp");
  const Window window{Instant::literal("2023-09-05T16:00:00Z").ns(),
                      Instant::literal("2023-09-05T17:00:00Z").ns(), 1};
  std::vector<TapeNote> lost;
  for (const char* kind : {"gap_abandoned", "gap_lost"}) {
    TapeNote& note = lost.emplace_back();
    note.feed = session;
    note.seq = lost.size();
    note.at_ns = window.start_ns + 1'200'000'000'000;
    note.kind = kind;
    note.market = 0;
    note.first = static_cast<std::uint64_t>(note.at_ns);
    note.last = note.first + 1'000'000'000;
    note.detail = "too short";
  }
  write({}, lost);
  const auto add_notes = [&](const std::string& kind, int from_seq, int count) {
    service_pool("pricing").transact([&](db::Transaction& transaction) {
      db::execute(
          transaction,
          "INSERT INTO feed_note (session_id, seq, at_ns, kind, pair, first, last, detail, known_at_ns)"
          " SELECT $1, $2 + i, $3 + i * 4000000000, $4, 'BTC/USD', $3 + i * 4000000000,"
          " $3 + i * 4000000000 + 1000000000, '', $3 FROM generate_series(1, $5) i",
          session->session, std::int64_t{from_seq}, window.start_ns - 20LL * 3'600'000'000'000, kind,
          std::int64_t{count});
    });
  };
  const auto missing = [&] {
    return service_pool("pricing").transact([&](db::Transaction& transaction) {
      const auto states = read_feed_states(transaction, "BTC/USD", window, clock_.now());
      return states.at(0).missing;
    });
  };
  add_notes("gap_found", 100, 15'000);
  add_notes("gap_closed", 20'000, 15'000);
  ASSERT_EQ(missing().size(), 1U);
  EXPECT_TRUE(missing()[0].lost);
  EXPECT_EQ(missing()[0].why, "too short");
  add_notes("gap_abandoned", 50'000, 20'001);
  bool said = false;
  for (const MissingSpan& span : missing()) {
    if (span.from_ns == window.start_ns && span.until_ns == window.end_ns)
      said = span.why == "more gaps are noted than are read: what they say is not known";
  }
  EXPECT_TRUE(said) << "what is not read is not called whole";
}

TEST_F(TapeStoreTest, ShowsDaysGapsAndPlaces) {
  const auto session = feed();
  TapeNote gap;
  gap.feed = session;
  gap.seq = 1;
  gap.at_ns = Instant::literal("2023-09-05T16:00:01Z").ns();
  gap.kind = "gap_found";
  gap.market = 0;
  write({trade(session, 1, "2023-09-05T16:00:00Z"), trade(session, 2, "2023-09-05T16:00:01Z")}, {gap});
  import_text("time,venue,pair,price,size,id\n2023-09-05T16:00:02Z,coinbase,BTC/USD,1,1,3\n");
  SqlTapeUpkeep upkeep(service_pool("pricing"));
  const auto days = upkeep.days({});
  ASSERT_EQ(days.size(), 1U);
  EXPECT_EQ(days[0].trades, 3U);
  EXPECT_EQ(days[0].received, 2U);
  EXPECT_EQ(days[0].gaps_found, 1U);
  EXPECT_EQ(days[0].gaps_closed, 0U);
  EXPECT_EQ(upkeep.places().at(0).trade_id, "2");
  TapeQuery other;
  other.pair = "ETH/USD";
  EXPECT_TRUE(upkeep.days(other).empty());
}

/// The migration that made the tape, over what was imported before it.
class TapeMigrationTest : public test::FrameworkTest {};

TEST_F(TapeMigrationTest, MovesWhatWasImportedIntoItsDays) {
  std::vector<db::Migration> before;
  std::vector<db::Migration> after;
  for (db::Migration& migration : db::read_migrations(db::embedded_sql())) {
    if (migration.service != "pricing" || migration.number > 2) continue;
    if (migration.number == 1) before.push_back(migration);
    after.push_back(std::move(migration));
  }
  auto migrator_pool = migrator();
  db::migrate(migrator_pool, before);
  tamper(
      "SET search_path = pricing; INSERT INTO trade_import VALUES ('00000000-0000-0000-0000-000000000001', "
      "'f', 'csv', '',"
      " '', decode(repeat('00', 32), 'hex'), 3, 0, 3, '{}', 5, 'ann', false);"
      " INSERT INTO trade VALUES ('BTC/USD', 1693929600000000000, 'kraken', '9', 1, 1, 0, NULL, "
      "'00000000-0000-0000-0000-000000000001', 2, 5),"
      " ('BTC/USD', 1693929600000000001, 'kraken', '10', 1, 1, 0, 7, '00000000-0000-0000-0000-000000000001', "
      "3, 5),"
      " ('BTC/USD', -1, 'kraken', '', 1, 1, 0, NULL, '00000000-0000-0000-0000-000000000001', 4, 5)");
  db::migrate(migrator_pool, after);
  db::Pool pool = service("pricing");
  const auto number = [&](const std::string& sql) {
    return pool.transact(
        [&](db::Transaction& transaction) { return db::query(transaction, sql)[0][0].as<std::int64_t>(); });
  };
  EXPECT_EQ(number("SELECT count(*) FROM trade"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM trade WHERE tableoid = to_regclass('trade_20230905')"), 2);
  EXPECT_EQ(
      number("SELECT count(*) FROM trade_day WHERE day = '1969-12-31' AND trades = 1 AND key_low IS NULL"),
      1);
  EXPECT_EQ(
      number(
          "SELECT count(*) FROM trade_day WHERE trades = 2 AND key_low = '000019' AND key_high = '0000210'"),
      1);
  EXPECT_EQ(number("SELECT count(*) FROM import_span WHERE first_ns = -1 AND trades = 3"), 1);
  EXPECT_EQ(number("SELECT known_at_ns FROM tape_head"), 5);
}

}  // namespace
}  // namespace navkeeper::pricing
