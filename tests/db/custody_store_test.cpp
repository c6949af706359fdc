// Custody's store in a real PostgreSQL: stored once, only added to, as it was known then, and standing as the
// rules say.
#include "services/custody/adapters/custody_store.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "common/db/errors.h"
#include "common/db/pqxx_access.h"
#include "services/custody/adapters/balance_json.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;
using time::Duration;
using time::Instant;

const model::FundId kFund = model::FundId::literal("BTCETH");
const model::FundId kOther = model::FundId::literal("CRONOS");
const Instant kStart = Instant::literal("2026-03-05T10:00:00Z");
Instant at(int minutes) { return kStart + Duration::minutes(minutes); }

Balance full_balance(int minute, const std::string& total) {
  Balance b;
  b.place = {"cryptocom", "main"};
  b.asset = model::AssetId::literal("CRO");
  b.scale = 18;
  b.total = Decimal::literal(total);
  b.held = Decimal::literal("0.5");
  b.available = Decimal::literal("1.000000000000000001");
  b.staked = Decimal::literal("7");
  b.activating = Decimal::literal("0");
  b.unbonding = Decimal::literal("3");
  b.unbonding_entries = {{Decimal::literal("1"), at(500)}, {Decimal::literal("2"), std::nullopt}};
  b.rewards_pending = Decimal::literal("0.1");
  b.realised = Decimal::literal("99.123456789");
  b.staked_in_total = Counted::kApart;
  b.activating_in_staked = Counted::kNotStated;
  b.as_of = at(minute);
  b.block = BlockMark{18'446'744'073'709'551'615ULL, "0xabc"};
  b.raw_sha256 = crypto::sha256("raw");
  return b;
}

Record record_of(const std::string& key, int minute, int updated, const std::string& amount,
                 Progress progress) {
  Record record;
  record.kind = RecordKind::kTransfer;
  record.key = key;
  record.at = at(minute);
  record.updated_at = at(updated);
  record.asset = "CRO";
  record.amount = Decimal::literal(amount);
  record.progress = progress;
  record.status = std::string(describe(progress));
  record.document = R"({"row":{"amount":")" + amount + R"(","n":")" + key + record.status +
                    std::to_string(updated) + "\"}}";
  return record;
}

SyncResult result_at(int minute) {
  SyncResult result;
  result.run = {"cryptocom", at(minute), at(minute) + Duration::seconds(1), SyncOutcome::kDone, ""};
  return result;
}

class CustodyStoreTest : public test::PostgresTest {
 protected:
  PostgresCustodyStore store() { return PostgresCustodyStore(service_pool("custody")); }
  std::vector<RecordState> states(const CustodyQuery& query = {}) {
    return store().records(kFund, "cryptocom", RecordKind::kTransfer, Instant::earliest(), query);
  }
  std::int64_t rows(const std::string& table) {
    return service_pool("auditor").transact([&](db::Transaction& transaction) {
      return db::query(transaction, "SELECT count(*) FROM custody." + table)[0][0].as<std::int64_t>();
    });
  }
};

TEST_F(CustodyStoreTest, WhatWasSaidComesBackToTheLastDigitAndIsStoredOnce) {
  SyncResult result = result_at(0);
  result.balances = {full_balance(0, "10")};
  const std::string body("{\"a\":1}\xff\0garbage", 15);
  result.raw = {{"private/user-balance", "{}", at(0), at(0), 200, body}, {"x", "", at(0), at(0), 503, ""}};
  result.alarms = {{"clock_skew", "cryptocom", "two minutes"}};
  result.answers = {
      {RecordKind::kTransfer, at(-60), at(0), at(0), {{record_of("1", -5, -5, "10.5", Progress::kDone), 2}}}};
  const SyncReport report = store().save(kFund, result, at(1), "test");
  EXPECT_EQ(report.balances_new, 1U);
  EXPECT_EQ(report.records_new, 1U);
  EXPECT_EQ(report.answers_kept, 2U);
  EXPECT_EQ(report.alarms_new, 1U);
  const SyncReport again = store().save(kFund, result, at(2), "test");
  EXPECT_EQ(again.balances_new + again.records_new + again.answers_kept + again.alarms_new, 0U);
  const auto balances = store().balances(kFund, {});
  ASSERT_EQ(balances.size(), 1U);
  EXPECT_EQ(balances[0].balance, result.balances[0]);
  EXPECT_EQ(balances[0].known_at, at(1));
  ASSERT_EQ(states().size(), 1U);
  EXPECT_EQ(states()[0].record, result.answers[0].records[0].record);
  EXPECT_EQ(states()[0].count, 2);
  EXPECT_EQ(store().raw_body(kFund, crypto::sha256(body)), body);
  EXPECT_EQ(store().raw_body(kFund, crypto::sha256("other")), std::nullopt);
  EXPECT_TRUE(store().balances(kOther, {}).empty());
  EXPECT_EQ(rows("audit"), 1);
  EXPECT_EQ(store().sources(kFund), std::vector<std::string>{"cryptocom"});
  EXPECT_EQ(store().runs(kFund, {}, 10).at(0), result.run);
  json::Writer writer;
  write_balance(writer, balances[0]);
  EXPECT_NE(writer.take().find(R"("owned":null)"), std::string::npos);  // nobody says what activating lies in
}

TEST_F(CustodyStoreTest, AChainsBalanceKeepsHowSureItIsAndHasNoOtherWayIn) {
  SyncResult result = result_at(0);
  result.run.source = "chain:bitcoin";
  Balance balance = full_balance(0, "10");
  balance.place = {"chain:bitcoin", "bc1a"};
  balance.certainty = Certainty::kUnsure;
  balance.doubts = {"a and b differ in \"BTC\"", "b lags"};
  result.balances = {balance};
  store().save(kFund, result, at(1), "test");
  EXPECT_EQ(store().balances(kFund, {}).at(0).balance, balance);
  const auto refused = [&](std::optional<Certainty> certainty, std::vector<std::string> doubts,
                           const std::string& source) {
    SyncResult wrong = result_at(2);
    wrong.run.source = source;
    wrong.balances = {full_balance(2, "10")};
    wrong.balances[0].place.source = source;
    wrong.balances[0].certainty = certainty;
    wrong.balances[0].doubts = std::move(doubts);
    EXPECT_THROW(store().save(kFund, wrong, at(3), "test"), std::exception);
  };
  refused(std::nullopt, {}, "chain:bitcoin");
  refused(Certainty::kAgreed, {"something is against it"}, "chain:bitcoin");
  refused(Certainty::kUnsure, {}, "chain:bitcoin");
  refused(Certainty::kUnknown, {}, "chain:bitcoin");
  refused(Certainty::kAgreed, {}, "cryptocom");
  EXPECT_EQ(store().balances(kFund, {}).size(), 1U);
}

TEST_F(CustodyStoreTest, ThePastIsShownAsItWasAndAsItWasKnown) {
  for (const int minute : {0, 10, 20}) {
    SyncResult result = result_at(minute);
    result.balances = {full_balance(minute, std::to_string(10 + minute))};
    const Record told = record_of("1", -5, minute, std::to_string(minute + 1), Progress::kDone);
    result.answers = {{RecordKind::kTransfer, at(-60), at(minute), at(minute), {{told, 1}}}};
    store().save(kFund, result, at(minute + 1), "test");
  }
  CustodyQuery query;
  query.as_of = at(15);
  EXPECT_EQ(*store().balances(kFund, query).at(0).balance.total, Decimal::literal("20"));
  query = {};
  query.known_at = at(1);
  EXPECT_EQ(*store().balances(kFund, query).at(0).balance.total, Decimal::literal("10"));
  EXPECT_EQ(*states(query).at(0).record.amount, Decimal::literal("1"));
  EXPECT_EQ(*states().at(0).record.amount, Decimal::literal("21"));
  EXPECT_TRUE(states().at(0).amount_restated);
  const auto alarms = store().alarms(kFund, {}, 10);
  EXPECT_TRUE(std::any_of(alarms.begin(), alarms.end(),
                          [](const StoredAlarm& stored) { return stored.alarm.kind == "restated"; }));
}

TEST_F(CustodyStoreTest, WhatVanishesIsSaidAndWhatIsUnderWayIsAskedForAgain) {
  SyncResult first = result_at(0);
  first.answers = {{RecordKind::kTransfer,
                    at(-60),
                    at(0),
                    at(0),
                    {{record_of("1", -50, -50, "1", Progress::kUnderWay), 1},
                     {record_of("2", -40, -40, "2", Progress::kDone), 1}}}};
  store().save(kFund, first, at(0), "test");
  EXPECT_EQ(store().oldest_under_way(kFund, "cryptocom", RecordKind::kTransfer), at(-50));
  EXPECT_EQ(store().whole_until(kFund, "cryptocom", RecordKind::kTransfer), at(0));
  EXPECT_EQ(store().read_over(kFund, "cryptocom", RecordKind::kTransfer, Duration::minutes(60)), at(0));
  EXPECT_EQ(store().read_over(kFund, "cryptocom", RecordKind::kTransfer, Duration::minutes(61)),
            std::nullopt);
  EXPECT_EQ(store().whole_until(kFund, "cryptocom", RecordKind::kReward), std::nullopt);
  SyncResult second = result_at(10);
  second.answers = {
      {RecordKind::kTransfer, at(-60), at(10), at(10), {{record_of("1", -50, 5, "1", Progress::kDone), 1}}}};
  store().save(kFund, second, at(10), "test");
  EXPECT_EQ(store().oldest_under_way(kFund, "cryptocom", RecordKind::kTransfer), std::nullopt);
  EXPECT_EQ(states().at(0).standing, Standing::kSure);
  EXPECT_EQ(states().at(1).standing, Standing::kVanished);
  const auto alarms = store().alarms(kFund, {}, 10);
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0].alarm.kind, "vanished");
  EXPECT_EQ(alarms[0].alarm.subject, "transfer 2");
}

TEST_F(CustodyStoreTest, WhatWasDoneAndIsTakenBackIsSaid) {
  const auto said_at = [&](int minute, std::vector<Record> told) {
    SyncResult result = result_at(minute);
    result.answers = {{RecordKind::kTransfer, at(-60), at(minute), at(minute), {}}};
    for (Record& record : told) result.answers[0].records.push_back({std::move(record), 1});
    store().save(kFund, result, at(minute + 1), "test");
    std::set<std::string> subjects;
    for (const StoredAlarm& stored : store().alarms(kFund, {}, 50)) {
      if (stored.alarm.kind == "taken_back")
        subjects.insert(stored.alarm.subject + " " + stored.alarm.detail);
    }
    return subjects;
  };
  const Record done = record_of("1", -50, -40, "1", Progress::kDone);
  const Record stale = record_of("1", -50, -50, "1", Progress::kUnderWay);
  EXPECT_TRUE(said_at(0, {stale}).empty());
  EXPECT_TRUE(said_at(10, {done}).empty());
  EXPECT_TRUE(said_at(20, {stale}).empty()) << "an older answer";
  const std::set<std::string> failed{"transfer 1 was done and is now told as failed"};
  EXPECT_EQ(said_at(30, {record_of("1", -50, 25, "1", Progress::kFailed)}), failed);
  EXPECT_EQ(said_at(40, {record_of("1", -50, 25, "1", Progress::kFailed)}), failed) << "once";
  // A custodian that dates what ended by its completion dates what did not by its creation.
  EXPECT_TRUE(said_at(50, {record_of("2", -45, -40, "1", Progress::kDone)}) == failed);
  EXPECT_EQ(said_at(60, {record_of("2", -45, -45, "1", Progress::kFailed)}).size(), 2U);
}

TEST_F(CustodyStoreTest, NothingIsChangedTakenAwayOrForged) {
  SyncResult result = result_at(0);
  result.balances = {full_balance(0, "10")};
  result.raw = {{"x", "", at(0), at(0), 200, "body"}};
  store().save(kFund, result, at(0), "test");
  const auto as_custody = [&](const std::string& sql) {
    service_pool("custody").transact([&](db::Transaction& transaction) { db::execute(transaction, sql); });
  };
  for (const char* table : {"raw_body", "raw_answer", "sync_run", "balance", "source_record", "source_window",
                            "source_sighting", "alarm"}) {
    EXPECT_ANY_THROW(as_custody(std::string("DELETE FROM ") + table)) << table;
    EXPECT_ANY_THROW(as_custody(std::string("UPDATE ") + table + " SET fund_id = 'X'")) << table;
  }
  EXPECT_ANY_THROW(as_custody("INSERT INTO raw_body VALUES ('F', sha256('one'), 'two')"));
  Balance too_fine = full_balance(1, "10.1234567");
  too_fine.scale = 6;
  SyncResult wrong = result_at(1);
  wrong.balances = {too_fine};
  EXPECT_ANY_THROW(store().save(kFund, wrong, at(1), "test"));
  EXPECT_EQ(rows("balance"), 1);
  EXPECT_EQ(rows("sync_run"), 1);
}

TEST_F(CustodyStoreTest, AnyAnswersStandInTheStoreAsTheyStandInTheBook) {
  std::mt19937 random(20260305);
  const auto draw = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
  RecordBook book;
  for (int i = 0; i < 40; ++i) {
    SyncResult result = result_at(i);
    const int from = draw(0, 20);
    WindowAnswer answer{RecordKind::kTransfer, at(from), at(from + draw(0, 20)), at(i), {}};
    for (int key = 0; key < 12; ++key) {
      const int minute = key * 3;
      if (at(minute) < answer.from || at(minute) > answer.to || draw(0, 3) == 0) continue;
      const int updated = draw(0, 2);
      answer.records.push_back({record_of(std::to_string(key), minute, minute + updated,
                                          std::to_string(draw(1, 2)), static_cast<Progress>(draw(0, 3))),
                                draw(1, 2)});
    }
    book.see(answer);
    result.answers = {answer};
    store().save(kFund, result, at(i), "test");
  }
  EXPECT_EQ(states(), book.states());
  EXPECT_GT(states().size(), 8U);
}

}  // namespace
}  // namespace navkeeper::custody
