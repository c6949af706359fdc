// What becomes of a chain's answers on their way into the store: the certainty stays with every balance.
#include "services/custody/app/chains/sync_chain.h"

#include <gtest/gtest.h>

#include "services/custody/adapters/chains/chain_json.h"
#include "services/custody/adapters/record_json.h"
#include "services/custody/domain/chains/own_address.h"
#include "tests/unit/services/custody/custodians/memory_custody_store.h"

namespace navkeeper::custody {
namespace {

const time::Instant kStart = time::Instant::literal("2026-03-05T20:00:00Z");
const time::Instant kEnd = kStart + time::Duration::seconds(3);

ChainReading reading_of(const std::string& source, const std::string& address, const std::string& amount) {
  ChainReading reading;
  reading.source = source;
  reading.chain = Chain::kBitcoin;
  reading.address = address;
  reading.block = {100, "aa"};
  reading.block_time = kStart - time::Duration::minutes(70);
  reading.shown = Shown::kHeader;
  Balance balance;
  balance.place = {"bitcoin", address};
  balance.asset = model::AssetId::literal("BTC");
  balance.scale = 8;
  balance.total = balance.available = money::Decimal::literal(amount);
  balance.as_of = *reading.block_time;
  balance.block = reading.block;
  reading.balances.push_back(balance);
  reading.raw = {{"GET /address/" + address, "{\"from\":\"" + source + "\"}"}, {"GET /block", "same block"}};
  return reading;
}

ChainAnswer answer_of(const std::string& address, std::vector<SourceOutcome> outcomes) {
  ChainAnswer answer{{Chain::kBitcoin, address, {}}, 100, std::move(outcomes), {}};
  answer.agreement = agree(answer.outcomes);
  return answer;
}

SyncResult result_of(const std::vector<ChainAnswer>& answers, std::size_t body_bytes_max = 1'000) {
  return chain_result(answers, Chain::kBitcoin, kStart, kEnd,
                      {.limits = {}, .body_bytes_max = body_bytes_max}, evidence_json);
}

TEST(ChainResult, AnAgreedReadingIsDoneUnderTheChainsNameWithItsEvidence) {
  const SyncResult result = result_of({answer_of(
      "bc1a", {{"a", reading_of("a", "bc1a", "1.5"), ""}, {"b", reading_of("b", "bc1a", "1.5"), ""}})});
  EXPECT_EQ(result.run.source, "chain:bitcoin");
  EXPECT_EQ(result.run.outcome, SyncOutcome::kDone);
  EXPECT_EQ(result.run.detail, "");
  ASSERT_EQ(result.balances.size(), 1U);
  const Balance& balance = result.balances[0];
  EXPECT_EQ(balance.place, (Place{"chain:bitcoin", "bc1a"}));
  EXPECT_EQ(balance.certainty, Certainty::kAgreed);
  EXPECT_TRUE(is_sure(balance));
  EXPECT_TRUE(balance.doubts.empty());
  EXPECT_EQ(balance.as_of, kStart - time::Duration::minutes(70));
  ASSERT_EQ(result.raw.size(), 5U) << "evidence, and two bodies of each of two nodes";
  EXPECT_EQ(result.raw[0].operation, "evidence");
  EXPECT_EQ(crypto::sha256(result.raw[0].body), balance.raw_sha256);
  EXPECT_NE(result.raw[0].body.find(crypto::sha256_hex("same block")), std::string::npos);
  EXPECT_TRUE(result.alarms.empty());
}

TEST(ChainResult, AnUnsureReadingIsStoredAsSuchAndAlarmed) {
  const SyncResult result = result_of(
      {answer_of("bc1a",
                 {{"a", reading_of("a", "bc1a", "1.5"), ""}, {"b", reading_of("b", "bc1a", "2"), ""}}),
       answer_of("bc1b", {{"a", reading_of("a", "bc1b", "3"), ""}, {"b", std::nullopt, "timed out"}}),
       answer_of("bc1c", {{"a", std::nullopt, "x"}, {"b", std::nullopt, "y"}})});
  EXPECT_EQ(result.run.outcome, SyncOutcome::kPartly);
  EXPECT_NE(result.run.detail.find("bc1c: no node answered"), std::string::npos) << result.run.detail;
  ASSERT_EQ(result.balances.size(), 2U);
  for (const Balance& balance : result.balances) {
    EXPECT_EQ(balance.certainty, Certainty::kUnsure);
    EXPECT_FALSE(is_sure(balance));
    EXPECT_FALSE(balance.doubts.empty());
  }
  ASSERT_EQ(result.alarms.size(), 2U);
  EXPECT_EQ(result.alarms[1].subject, "bc1b");
}

TEST(ChainResult, WithoutAnyAnswerTheRunFailedAndNothingIsStored) {
  const SyncResult result = result_of({answer_of("bc1a", {{"a", std::nullopt, "no route"}})});
  EXPECT_EQ(result.run.outcome, SyncOutcome::kFailed);
  EXPECT_TRUE(result.balances.empty());
  EXPECT_TRUE(result.raw.empty());
}

TEST(ChainResult, TheSameAnswerHasTheSameHashAndLargeBodiesAreKeptByTheirHash) {
  const auto answers = {answer_of(
      "bc1a", {{"a", reading_of("a", "bc1a", "1.5"), ""}, {"b", reading_of("b", "bc1a", "1.5"), ""}})};
  EXPECT_EQ(result_of(answers).balances[0].raw_sha256, result_of(answers).balances[0].raw_sha256);
  const SyncResult small = result_of(answers, 11);
  EXPECT_EQ(small.raw.size(), 3U) << "the evidence always, and only the short body of each node";
  EXPECT_EQ(small.balances[0].raw_sha256, result_of(answers).balances[0].raw_sha256);
}

/// A chain of a block every ten minutes whose node keeps every transaction.
struct Indexed final : ChainSource {
  const std::string& name() const override { return name_; }
  ChainHead head() override { return {tip, time_of(tip), {}}; }
  time::Instant time_of(std::uint64_t height) override {
    return kStart - time::Duration::minutes(10 * (1'000 - static_cast<std::int64_t>(height)));
  }
  ChainReading read(const std::string& address, std::uint64_t height) override {
    ChainReading reading = reading_of(name_, address, "1.5");
    reading.block = {height, "aa"};
    reading.block_time = time_of(height);
    reading.balances[0].as_of = *reading.block_time;
    if (doubtful) reading.doubts.emplace_back("it lags");
    return reading;
  }
  std::optional<std::vector<ChainMovement>> movements(const std::string& address, time::Instant from,
                                                      std::uint64_t height) override {
    ++asked;
    asked_from = from;
    if (!keeps_transactions) return std::nullopt;
    std::vector<ChainMovement> found;
    for (const std::uint64_t at : {500U, 712U, 720U, 999U}) {
      if (at <= height && time_of(at) >= from)
        found.push_back({address, "tx" + std::to_string(at), at, time_of(at), money::Decimal::literal("1"),
                         money::Decimal::literal("0.25")});
    }
    return found;
  }
  /// Where it keeps no list its blocks are walked: one transaction in every fiftieth, and in 975 a
  /// contract's.
  std::optional<ChainWalk> walk(const std::vector<std::string>& addresses,
                                const ChainWalkTerms& terms) override {
    if (!is_walked) return std::nullopt;
    if (fails) throw base::Unavailable("a: does not know block " + std::to_string(terms.to));
    ChainWalk walk;
    walk.first = terms.to - 63;
    while (terms.since && time_of(walk.first - 1) >= *terms.since) --walk.first;
    while (terms.since && time_of(walk.first) < *terms.since) ++walk.first;
    walk.last = std::min(terms.to, walk.first + 39);
    walk.tokens = tokens;
    walk.from = time_of(walk.first);
    walk.to = time_of(walk.last);
    for (std::uint64_t at = walk.first; at <= walk.last; ++at) {
      if (at % 50 != 0 && at != 975) continue;
      ChainMovement movement{addresses.front(), "tx" + std::to_string(at),    at,
                             time_of(at),       money::Decimal::literal("1"), {}};
      movement.is_unlisted = at == 975;
      walk.movements.push_back(movement);
    }
    return walk;
  }
  bool is_walked = false;
  bool fails = false;
  std::vector<std::string> tokens;
  std::string name_ = "a";
  std::uint64_t tip = 1'000;
  bool doubtful = false;
  bool keeps_transactions = true;
  int asked = 0;
  time::Instant asked_from;
};

class SyncChain : public ::testing::Test {
 protected:
  SyncChain() {
    auto node = std::make_unique<Indexed>();
    node_ = node.get();
    sources_.push_back(std::move(node));
  }
  SyncReport sync(std::optional<time::Instant> at = {}) {
    clock_.advance(time::Duration::seconds(1));
    ChainSyncSettings settings;
    settings.limits = default_limits(Chain::kEthereum);
    settings.at = at;
    settings.edges = edges_;
    return sync_chain(sources_, Chain::kBitcoin, {"bc1a"}, settings, {evidence_json, movement_record}, store_,
                      model::FundId::literal("BTCETH"), clock_, "test");
  }
  std::vector<RecordState> transfers() const { return store_.of_kind(RecordKind::kTransfer); }
  std::vector<std::unique_ptr<ChainSource>> sources_;
  Indexed* node_ = nullptr;
  std::set<std::string> edges_;
  MemoryCustodyStore store_;
  time::ManualClock clock_{kStart};
};

TEST_F(SyncChain, WhatMovedIsKeptAsTransfersOfTheAddress) {
  EXPECT_EQ(sync().run.outcome, SyncOutcome::kDone);
  const auto kept = transfers();
  ASSERT_EQ(kept.size(), 4U);
  EXPECT_EQ(kept[0].record.key, "bc1a:tx500");
  EXPECT_EQ(kept[0].record.amount, money::Decimal::literal("0.75"));
  const auto transfer = transfer_of(kept[0].record);
  ASSERT_TRUE(transfer);
  EXPECT_EQ(transfer->account, "bc1a");
  EXPECT_EQ(transfer->transaction_id, "tx500");
  EXPECT_EQ(transfer->completed_at, node_->time_of(500));
}

TEST_F(SyncChain, AnEarlierInstantAskedForLaterMakesNothingVanish) {
  sync();
  // 48 hours before the end of the first answer lies block 712, which has a transaction.
  for (const int height : {600, 711, 712, 713, 980}) {
    const SyncReport report = sync(node_->time_of(static_cast<std::uint64_t>(height)));
    EXPECT_EQ(report.run.outcome, SyncOutcome::kDone) << report.run.detail;
    for (const RecordState& state : transfers())
      EXPECT_EQ(state.standing, Standing::kSure) << height << " " << state.record.key;
  }
  EXPECT_EQ(transfers().size(), 4U);
}

TEST_F(SyncChain, OfADoubtfulReadingNoTransferIsBelieved) {
  node_->doubtful = true;
  EXPECT_EQ(sync().run.outcome, SyncOutcome::kPartly);
  EXPECT_TRUE(transfers().empty());
  EXPECT_EQ(node_->asked, 0);
  EXPECT_EQ(store_.all_balances().at(0).balance.certainty, Certainty::kUnsure);
  EXPECT_TRUE(store_.has_alarm("unsure"));
}

TEST_F(SyncChain, ANodeWithoutAListOfTransactionsGivesNoAnswerAboutThem) {
  node_->keeps_transactions = false;
  EXPECT_EQ(sync().run.outcome, SyncOutcome::kDone);
  EXPECT_EQ(store_.whole_until(model::FundId::literal("BTCETH"), "chain:bitcoin", RecordKind::kTransfer),
            std::nullopt);
}

TEST_F(SyncChain, WhereBlocksAreWalkedTheListGoesOnFromWhereItEndedAndNothingVanishes) {
  node_->keeps_transactions = false;
  node_->is_walked = true;
  node_->tokens = {"CRO"};
  const auto until = [&] {
    return store_.whole_until(model::FundId::literal("BTCETH"), "chain:bitcoin", RecordKind::kTransfer);
  };
  EXPECT_EQ(sync().run.outcome, SyncOutcome::kDone);
  EXPECT_EQ(until(), node_->time_of(976)) << "a walk is bounded";
  sync();
  EXPECT_EQ(until(), node_->time_of(1'000));
  const auto kept = transfers();
  ASSERT_EQ(kept.size(), 3U);
  for (const RecordState& state : kept) {
    EXPECT_EQ(state.standing, Standing::kSure) << state.record.key;
    EXPECT_EQ(state.record.progress, state.record.key == "bc1a:tx975" ? Progress::kUnknown : Progress::kDone);
  }
  EXPECT_TRUE(store_.has_alarm("unlisted"));
  // From when on a token's transfers are listed is said once, by the first walk that listed it.
  const auto listed = store_.of_kind(RecordKind::kNetwork);
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].record.key, listed_key("CRO"));
  EXPECT_EQ(listed[0].record.at, node_->time_of(937));
  EXPECT_EQ(listed[0].standing, Standing::kSure);
  // One that fails says so; the balances were read for themselves.
  node_->fails = true;
  node_->tip = 1'010;
  clock_.advance(time::Duration::minutes(100));
  EXPECT_EQ(sync().run.outcome, SyncOutcome::kDone);
  EXPECT_TRUE(store_.has_alarm("transfers"));
  EXPECT_EQ(until(), node_->time_of(1'000));
  node_->tip = 1'011;
  clock_.advance(time::Duration::minutes(10));
  EXPECT_EQ(sync().alarms_new, 0U) << "once for each place where the list ends";
}

TEST_F(SyncChain, AnInstantThatIsNotFinalStoresNothing) {
  const SyncReport report = sync(kStart);
  EXPECT_EQ(report.run.outcome, SyncOutcome::kFailed);
  EXPECT_NE(report.run.detail.find("final"), std::string::npos) << report.run.detail;
  EXPECT_TRUE(store_.all_balances().empty());
}

TEST_F(SyncChain, AUsedAddressNearTheEndOfWhatIsWatchedAsksForMore) {
  edges_ = {"bc1b"};
  sync();
  EXPECT_FALSE(store_.has_alarm("gap"));
  edges_ = {"bc1a"};
  sync();
  EXPECT_TRUE(store_.has_alarm("gap"));
}

/// The test vector of BIP-84.
TEST(OwnAddresses, OfAnExtendedKeyAreItsReceivingAndChangeAddresses) {
  OwnKey key{
      "cold",
      "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAY"
      "z2oz2AGutZYs",
      3, 2};
  OwnAddress like;
  like.fund = model::FundId::literal("BTCETH");
  like.use = AddressUse::kSegregated;
  const auto derived = derived_addresses(key, like);
  ASSERT_TRUE(derived.has_value()) << derived.error().message();
  ASSERT_EQ(derived->size(), 6U);
  EXPECT_EQ((*derived)[0].address, "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu");
  EXPECT_EQ((*derived)[1].address, "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g");
  EXPECT_EQ((*derived)[3].address, "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el");
  EXPECT_EQ((*derived)[3].path, "cold/1/0");
  for (const OwnAddress& own : *derived) {
    EXPECT_EQ(own.chain, Chain::kBitcoin);
    EXPECT_EQ(own.use, AddressUse::kSegregated);
    EXPECT_EQ(own.is_edge, !own.path.ends_with("/0"));
  }
  key.gap_limit = 4;
  EXPECT_EQ(derived_addresses(key, like).error().where, "gap_limit");
  key.gap_limit = 2;
  // BIP-84's own private key, a key of another depth, an xpub: none of them.
  key.zpub =
      "zprvAdG4iTXWBoARxkkzNpNh8r6Qag3irQB8PzEMkAFeTRXxHpbF9z4QgEvBRmfvqWvGp42t42nvgGpNgYSJA9iefm1yYNZKEm7z6q"
      "UWCroSQ"
      "nE";
  EXPECT_TRUE(derived_addresses(key, like).has_error());
  key.zpub =
      "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6"
      "W1EGMcet"
      "8";
  EXPECT_TRUE(derived_addresses(key, like).has_error());
}

TEST(OwnAddresses, AreSpelledInOneWayAndOfTheirChain) {
  EXPECT_EQ(canonical_address(Chain::kBitcoin, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4")->text,
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
  EXPECT_EQ(canonical_address(Chain::kEthereum, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")->text,
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
  EXPECT_TRUE(canonical_address(Chain::kBitcoin, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").has_error());
  EXPECT_EQ(chain_of_source(chain_source(Chain::kCronosPos)), Chain::kCronosPos);
  EXPECT_EQ(chain_of_source("coinbase_prime"), std::nullopt);
  EXPECT_EQ(chain_of_source("chain:dogecoin"), std::nullopt);
}

}  // namespace
}  // namespace navkeeper::custody
