// The queue between feeds and store.
#include "services/pricing/app/tape_writer.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/services/pricing/venues/memory_tape.h"

namespace navkeeper::pricing {
namespace {

using std::chrono::milliseconds;

class Counts final : public TapeObserver {
 public:
  void acknowledged(const TapeBatch& batch, const TapeWritten&) override {
    largest = std::max(largest, batch.trades.size());
    for (const TapeTrade& trade : batch.trades) ids.push_back(trade.number);
  }
  void write_failed(const std::string&, int) override { ++failures; }
  std::vector<std::uint64_t> ids;
  std::size_t largest = 0;
  std::atomic<int> failures{0};
};

class TapeWriterTest : public ::testing::Test {
 protected:
  TapeTrade trade(std::uint64_t id) {
    TapeTrade trade;
    trade.feed = feed_;
    trade.id = std::to_string(id);
    trade.number = id;
    trade.price = trade.size = {1, 0, nullptr};
    return trade;
  }
  static TapeLimits quick() {
    TapeLimits limits;
    limits.linger = milliseconds(5);
    limits.retry_first = milliseconds(5);
    limits.retry_max = milliseconds(20);
    return limits;
  }

  std::shared_ptr<const Feed> feed_ = std::make_shared<Feed>(Feed{{}, "coinbase", {"BTC/USD"}, "", {true}});
  time::SystemClock clock_;
  MemoryTape store_;
  Counts counts_;
};

TEST_F(TapeWriterTest, AcknowledgesEverythingInOrderAndInBoundedBatches) {
  TapeLimits limits = quick();
  limits.batch_max = 100;
  TapeWriter writer(store_, clock_, counts_, limits);
  for (std::uint64_t id = 1; id <= 5'000; ++id) EXPECT_TRUE(writer.add(trade(id)));
  EXPECT_TRUE(writer.wait_until_stored(std::chrono::seconds(60)));
  EXPECT_EQ(writer.stop(), 0U);
  ASSERT_EQ(counts_.ids.size(), 5'000U);
  EXPECT_TRUE(std::is_sorted(counts_.ids.begin(), counts_.ids.end()));
  EXPECT_EQ(counts_.largest, 100U);
}

TEST_F(TapeWriterTest, WhatWaitsIsWrittenWhenTheStoreComesBack) {
  store_.set_away(true);
  TapeWriter writer(store_, clock_, counts_, quick());
  for (std::uint64_t id = 1; id <= 10; ++id) EXPECT_TRUE(writer.add(trade(id)));
  while (counts_.failures < 3) std::this_thread::yield();
  EXPECT_FALSE(writer.wait_until_stored(milliseconds(1)));
  EXPECT_EQ(writer.depth(), 10U);
  store_.set_away(false);
  EXPECT_TRUE(writer.wait_until_stored(std::chrono::seconds(60)));
  EXPECT_EQ(writer.depth(), 0U);
  EXPECT_EQ(store_.rows().size(), 10U);
}

TEST_F(TapeWriterTest, NoMoreWaitsThanMayAndTheRefusalIsSaid) {
  store_.set_away(true);
  TapeLimits limits = quick();
  limits.queue_max = 50;
  limits.notes_max = 3;
  limits.batch_max = 7;
  limits.flush_max = milliseconds(50);
  TapeWriter writer(store_, clock_, counts_, limits);
  int taken = 0;
  for (std::uint64_t id = 1; id <= 200; ++id) taken += writer.add(trade(id)) ? 1 : 0;
  EXPECT_EQ(taken, 50);
  EXPECT_EQ(writer.depth(), 50U);
  EXPECT_EQ(writer.stop(), 50U) << "what is not stored at the end is said";
  EXPECT_FALSE(writer.add(trade(201)));
}

TEST_F(TapeWriterTest, ACommitWithoutAnAnswerIsDoneAgainAndCountsOnce) {
  store_.be_in_doubt_every(2);
  TapeLimits limits = quick();
  limits.batch_max = 10;
  TapeWriter writer(store_, clock_, counts_, limits);
  for (std::uint64_t id = 1; id <= 200; ++id) EXPECT_TRUE(writer.add(trade(id)));
  EXPECT_TRUE(writer.wait_until_stored(std::chrono::seconds(60)));
  EXPECT_EQ(writer.stop(), 0U);
  EXPECT_EQ(store_.rows().size(), 200U);
  EXPECT_EQ(counts_.ids.size(), 200U);
}

TEST_F(TapeWriterTest, TheEndWritesWhatWaits) {
  TapeLimits limits = quick();
  limits.linger = std::chrono::seconds(30);
  TapeWriter writer(store_, clock_, counts_, limits);
  EXPECT_TRUE(writer.add(trade(1)));
  TapeNote note;
  note.feed = feed_;
  note.kind = "counts";
  EXPECT_TRUE(writer.note(note));
  EXPECT_EQ(writer.stop(), 0U);
  EXPECT_EQ(store_.rows().size(), 1U);
  EXPECT_EQ(store_.notes(), std::vector<std::string>{"counts"});
}

}  // namespace
}  // namespace navkeeper::pricing
