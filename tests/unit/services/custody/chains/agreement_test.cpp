// Nodes that lag, fork, answer zero or lie are never believed silently.
#include <gtest/gtest.h>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/custody/app/chains/read_chain.h"

namespace navkeeper::custody {
namespace {

const time::Instant kNow = time::Instant::literal("2026-03-05T20:00:00Z");

/// A node by a script.
struct Scripted final : ChainSource {
  explicit Scripted(std::string name) : name_(std::move(name)) {}
  const std::string& name() const override { return name_; }
  ChainHead head() override {
    if (silent) throw base::Unavailable("no route");
    if (wrong_chain) base::refuse(name_, "is a node of another network");
    return {final_height, newest_at, {}};
  }
  /// A block a minute; `swapped` says two blocks to be dated the other way round.
  time::Instant time_of(std::uint64_t height) override {
    if (mute) throw base::Unavailable("timed out");
    if (height == swapped)
      ++height;
    else if (swapped != 0 && height == swapped + 1)
      --height;
    return kNow - time::Duration::minutes(static_cast<std::int64_t>(final_height - height)) + ahead;
  }
  std::uint64_t swapped = 0;
  time::Duration ahead = time::Duration::seconds(0);
  ChainReading read(const std::string& address, std::uint64_t height) override {
    if (mute) throw base::Unavailable("timed out");
    ChainReading reading;
    reading.source = name_;
    reading.chain = Chain::kBitcoin;
    reading.address = address;
    reading.block = {height + shift, hash};
    reading.shown = shown;
    Balance balance;
    balance.asset = model::AssetId::literal("BTC");
    balance.scale = 8;
    balance.total = balance.available = money::Decimal::literal(amount);
    reading.balances.push_back(balance);
    if (!doubt.empty()) reading.doubts.push_back(doubt);
    return reading;
  }
  std::string name_;
  std::uint64_t final_height = 100;
  time::Instant newest_at = kNow;
  std::string hash = "aa";
  std::string amount = "1.5";
  std::string doubt;
  std::uint64_t shift = 0;
  Shown shown = Shown::kHeader;
  bool silent = false, mute = false, wrong_chain = false;
};

class ReadChain : public ::testing::Test {
 protected:
  Scripted& add(const char* name) {
    auto source = std::make_unique<Scripted>(name);
    Scripted& reference = *source;
    sources_.push_back(std::move(source));
    return reference;
  }
  ChainAnswer ask(std::optional<std::uint64_t> height = {}) {
    return read_chain(sources_, {Chain::kBitcoin, "addr", height}, default_limits(Chain::kBitcoin), kNow);
  }
  Certainty certainty() { return ask().agreement.certainty; }
  std::vector<std::unique_ptr<ChainSource>> sources_;
};

TEST_F(ReadChain, NoNodeIsUnknown) {
  EXPECT_EQ(certainty(), Certainty::kUnknown);
  add("a").silent = true;
  EXPECT_EQ(certainty(), Certainty::kUnknown);
  EXPECT_FALSE(ask().agreement.shown);
}

TEST_F(ReadChain, OneNodeIsASingleSourceAndItsProofCounts) {
  Scripted& node = add("a");
  EXPECT_EQ(certainty(), Certainty::kSingleSource);
  node.shown = Shown::kProof;
  EXPECT_EQ(certainty(), Certainty::kProven);
  node.amount = "0";
  EXPECT_EQ(certainty(), Certainty::kProven);
  node.shown = Shown::kStated;
  EXPECT_EQ(certainty(), Certainty::kUnsure) << "a zero that nothing proves";
}

TEST_F(ReadChain, TwoNodesAgreeAtTheLowerOfTheirHeights) {
  add("a");
  add("b").final_height = 98;
  const ChainAnswer answer = ask();
  EXPECT_EQ(answer.height, 98U);
  EXPECT_EQ(answer.agreement.certainty, Certainty::kAgreed);
  EXPECT_EQ(ask(97).height, 97U);
}

TEST_F(ReadChain, WhateverIsWrongIsSaid) {
  const auto unsure = [&](auto&& spoil, std::string_view word) {
    sources_.clear();
    add("a");
    spoil(add("b"));
    const ChainAnswer answer = ask();
    EXPECT_EQ(answer.agreement.certainty, Certainty::kUnsure) << word;
    ASSERT_FALSE(answer.agreement.reasons.empty());
    EXPECT_NE(answer.agreement.reasons[0].find(word), std::string::npos) << answer.agreement.reasons[0];
    EXPECT_TRUE(answer.agreement.shown);
  };
  unsure([](Scripted& b) { b.silent = true; }, "no route");
  unsure([](Scripted& b) { b.mute = true; }, "timed out");
  unsure([](Scripted& b) { b.wrong_chain = true; }, "another network");
  unsure([](Scripted& b) { b.hash = "bb"; }, "different hashes");
  unsure([](Scripted& b) { b.amount = "1.50000001"; }, "differ in BTC");
  unsure([](Scripted& b) { b.amount = "0"; }, "differ in BTC");
  unsure([](Scripted& b) { b.shift = 1; }, "different blocks");
  unsure([](Scripted& b) { b.doubt = "not final"; }, "not final");
  unsure([](Scripted& b) { b.final_height = 90; }, "blocks behind");
  unsure([](Scripted& b) { b.newest_at = kNow - time::Duration::hours(4); }, "lags");
  unsure([](Scripted& b) { b.newest_at = kNow + time::Duration::hours(4); }, "yet to come");
}

TEST_F(ReadChain, AHeightThatIsNotFinalIsNotRead) {
  add("a");
  add("b").final_height = 98;
  const ChainAnswer answer = ask(99);
  EXPECT_EQ(answer.agreement.certainty, Certainty::kUnsure);
  EXPECT_NE(answer.outcomes[1].failure.find("not final there"), std::string::npos);
  EXPECT_EQ(ask(101).agreement.certainty, Certainty::kUnknown);
}

TEST_F(ReadChain, AnInstantLiesAtTheLastBlockNotAfterIt) {
  add("a").final_height = 1'000;
  const auto at = [&](int minutes_ago, int seconds_more = 0) {
    return height_at(sources_, Chain::kEthereum,
                     kNow - time::Duration::minutes(minutes_ago) + time::Duration::seconds(seconds_more));
  };
  for (const int ago : {1, 2, 3, 7, 64, 65, 333, 999}) {
    EXPECT_EQ(at(ago), 1'000U - static_cast<unsigned>(ago));
    EXPECT_EQ(at(ago, 59), 1'000U - static_cast<unsigned>(ago));
  }
  EXPECT_THROW(at(0), base::Unavailable) << "a block of that instant may still come";
  EXPECT_THROW(at(1'001), base::Unavailable) << "refused by the one node there is";
}

TEST_F(ReadChain, BlocksDatedOutOfOrderAreStillPlacedInOneWay) {
  Scripted& a = add("a");
  a.final_height = 1'000;
  a.swapped = 500;  // 501 is dated before 500
  EXPECT_EQ(height_at(sources_, Chain::kBitcoin, a.time_of(501)), 501U);
  EXPECT_EQ(height_at(sources_, Chain::kBitcoin, a.time_of(500)), 501U);
  EXPECT_EQ(height_at(sources_, Chain::kBitcoin, a.time_of(499)), 499U);
}

TEST_F(ReadChain, NodesThatPlaceAnInstantApartAreRefused) {
  add("a").final_height = 1'000;
  add("b").final_height = 1'000;
  const time::Instant at = kNow - time::Duration::minutes(10);
  EXPECT_EQ(height_at(sources_, Chain::kEthereum, at), 990U);
  static_cast<Scripted&>(*sources_[1]).ahead = time::Duration::minutes(3);
  EXPECT_THROW(height_at(sources_, Chain::kEthereum, at), base::Refused);
  static_cast<Scripted&>(*sources_[1]).silent = true;
  EXPECT_EQ(height_at(sources_, Chain::kEthereum, at), 990U);
}

}  // namespace
}  // namespace navkeeper::custody
