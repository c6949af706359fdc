// What an asking makes of a custodian that tells less than before, told by a source that says what it is told
// to.
#include "services/custody/app/sync_custodian.h"

#include <gtest/gtest.h>

#include "tests/unit/services/custody/custodians/memory_custody_store.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;
using time::Duration;
using time::Instant;

const Instant kStart = Instant::literal("2026-03-05T10:00:00Z");

Balance wallet(const std::string& id, const std::string& total, Instant as_of) {
  Balance balance;
  balance.place = {"prime", id};
  balance.asset = model::AssetId::literal("BTC");
  balance.scale = 8;
  balance.total = Decimal::literal(total);
  balance.as_of = as_of;
  return balance;
}

Record line(RecordKind kind, const std::string& key, const std::string& account, const std::string& amount,
            Instant at) {
  Record record;
  record.kind = kind;
  record.key = key;
  record.at = record.updated_at = at;
  record.asset = "BTC";
  record.amount = Decimal::literal(amount);
  record.document = key;
  record.account = account;
  return record;
}

struct ToldSource final : CustodianSource {
  const std::string& name() const override { return name_; }
  std::vector<Balance> balances() override { return told; }
  std::vector<RecordKind> history_kinds() const override {
    return {RecordKind::kLedgerLine, RecordKind::kReward};
  }
  Duration history_max(RecordKind) const override { return Duration::hours(24); }
  WindowAnswer history(RecordKind kind, Instant from, Instant to) override {
    WindowAnswer answer{kind, from, to, to, {}};
    for (const Record& record : records) {
      if (record.kind == kind) answer.records.push_back({record, 1});
    }
    return answer;
  }
  std::vector<WindowAnswer> facts() override { return {}; }
  std::string name_ = "prime";
  std::vector<Balance> told;
  std::vector<Record> records;
};

struct Told {
  SyncReport sync() {
    return sync_custodian(source, evidence, store, model::FundId::literal("BTCETH"), settings, clock, "test");
  }
  /// Two wallets of ten, then the second alone after what moved.
  SyncReport second_alone(std::vector<Record> moved) {
    source.told = {wallet("wa", "10", clock.now()), wallet("wb", "10", clock.now())};
    EXPECT_EQ(sync().run.outcome, SyncOutcome::kDone);
    clock.advance(Duration::minutes(5));
    source.told = {wallet("wb", "10", clock.now())};
    source.records = std::move(moved);
    return sync();
  }
  /// The newest of a wallet of BTC.
  Balance newest(const std::string& id) {
    for (const StoredBalance& one : store.balances(model::FundId::literal("BTCETH"), {}))
      if (one.balance.place.account == id) return one.balance;
    return {};
  }
  SyncSettings settings;
  ToldSource source;
  CollectedEvidence evidence;
  MemoryCustodyStore store;
  time::ManualClock clock{kStart};
};

const Instant kMoved = kStart + Duration::minutes(2);

TEST(SyncCustodian, AWalletIsMissingThoughAnothersMovementsWouldExplainIt) {
  Told others;
  EXPECT_EQ(others.second_alone({line(RecordKind::kLedgerLine, "t1", "wb", "-10", kMoved)}).run.outcome,
            SyncOutcome::kPartly);
  EXPECT_TRUE(others.store.has_alarm("missing"));
  Told own;
  EXPECT_EQ(own.second_alone({line(RecordKind::kLedgerLine, "t1", "wa", "-10", kMoved)}).run.outcome,
            SyncOutcome::kDone);
  // Whose it was is not said, and there are two.
  Told nobodys;
  EXPECT_EQ(nobodys.second_alone({line(RecordKind::kLedgerLine, "t1", "", "-10", kMoved)}).run.outcome,
            SyncOutcome::kPartly);
}

TEST(SyncCustodian, WhatMovementsTookIsZeroAndStaysSo) {
  Told told;
  told.second_alone({line(RecordKind::kLedgerLine, "t1", "wa", "-10", kMoved)});
  EXPECT_EQ(told.newest("wa").total, Decimal());
  // Long after, when no answer tells that movement any more.
  told.source.records.clear();
  told.clock.advance(Duration::hours(100));
  told.source.told = {wallet("wb", "10", told.clock.now())};
  EXPECT_EQ(told.sync().run.outcome, SyncOutcome::kDone);
  EXPECT_EQ(told.newest("wa").total, Decimal());
  EXPECT_EQ(told.newest("wa").as_of, told.clock.now());
}

TEST(SyncCustodian, ACoinThatIsLeftOutIsUnsureUntilAPersonSaysThatItIsGone) {
  Told told;
  EXPECT_EQ(told.second_alone({}).run.outcome, SyncOutcome::kPartly);
  EXPECT_FALSE(is_told(told.newest("wa")));
  EXPECT_EQ(told.newest("wb").total, Decimal::literal("10"));
  told.settings.gone = {"BTC"};
  told.clock.advance(Duration::minutes(5));
  EXPECT_EQ(told.sync().run.outcome, SyncOutcome::kDone);
  EXPECT_EQ(told.newest("wa").total, Decimal());
  // Told again it counts as told, and is compared with what was told last.
  told.settings.gone.clear();
  told.source.told.push_back(wallet("wa", "4", told.clock.now()));
  told.clock.advance(Duration::minutes(5));
  for (Balance& one : told.source.told) one.as_of = told.clock.now();
  EXPECT_EQ(told.sync().run.outcome, SyncOutcome::kDone);
  EXPECT_EQ(told.newest("wa").total, Decimal::literal("4"));
}

TEST(SyncCustodian, AWrongScaleIsSeenThoughTheCoinWasLeftOutBetween) {
  Told told;
  told.second_alone({});
  told.clock.advance(Duration::minutes(5));
  told.source.told = {wallet("wa", "1000", told.clock.now()), wallet("wb", "10", told.clock.now())};
  EXPECT_EQ(told.sync().run.outcome, SyncOutcome::kFailed);
  EXPECT_TRUE(told.store.has_alarm("wrong_amount"));
}

TEST(SyncCustodian, AnAnswerThatTellsNoneOfTheCoinsOfBeforeIsNotBelievedAboutOthers) {
  Told told;
  told.source.told = {wallet("wa", "10", told.clock.now())};
  told.sync();
  told.clock.advance(Duration::minutes(5));
  told.source.told = {wallet("other", "7", told.clock.now())};
  EXPECT_EQ(told.sync().run.outcome, SyncOutcome::kPartly);
  EXPECT_FALSE(is_told(told.newest("other")));
  EXPECT_FALSE(is_told(told.newest("wa")));
}

TEST(SyncCustodian, AnAccountWhoseOnlyCoinWentMayHoldAnother) {
  Told told;
  told.source.told = {wallet("wa", "10", told.clock.now())};
  told.sync();
  told.clock.advance(Duration::minutes(5));
  told.source.records = {line(RecordKind::kLedgerLine, "t1", "wa", "-10", kMoved)};
  told.source.told = {wallet("wb", "7", told.clock.now())};
  EXPECT_EQ(told.sync().run.outcome, SyncOutcome::kDone);
  EXPECT_EQ(told.newest("wa").total, Decimal());
  EXPECT_EQ(told.newest("wb").total, Decimal::literal("7"));
}

TEST(SyncCustodian, ARewardThatTheLedgerTellsTooCountsOnce) {
  const std::vector<Record> moved{line(RecordKind::kLedgerLine, "r1", "wa", "5", kMoved),
                                  line(RecordKind::kReward, "r1", "wa", "5", kMoved),
                                  line(RecordKind::kLedgerLine, "t1", "wa", "-15", kMoved)};
  Told told;
  EXPECT_EQ(told.second_alone(moved).run.outcome, SyncOutcome::kDone);
}

}  // namespace
}  // namespace navkeeper::custody
