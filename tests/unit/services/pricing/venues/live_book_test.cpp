#include "services/pricing/adapters/venues/live_book.h"

#include <gtest/gtest.h>

#include "tests/unit/services/pricing/venues/venues_fixture.h"

namespace navkeeper::pricing::venues {
namespace {

std::optional<Problem> apply(LiveBook& book, const Frame& frame) {
  EXPECT_EQ(frame.books.size(), 1U);
  const BookUpdate& update = frame.books.at(0);
  return book.apply(update, std::span(frame.levels).subspan(update.first_level, update.level_count));
}

std::string kraken_update(std::string_view bids, std::string_view asks, std::uint32_t checksum) {
  return R"({"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[)" + std::string(bids) +
         R"(],"asks":[)" + std::string(asks) + R"(],"checksum":)" + std::to_string(checksum) +
         R"(,"timestamp":"2023-10-06T17:35:56.440295Z"}]})";
}

TEST(LiveBook,
     ChecksumOfKrakensDocumentedBookIsTheDocumentedOne) {  // docs.kraken.com, "Book checksum (WebSocket v2)"
  LiveBook book(10);
  EXPECT_EQ(apply(book, read(*kraken_btc(), kKrakenBook)), std::nullopt);
  EXPECT_EQ(book.checksum(), 3310070434U);
  EXPECT_EQ(book.book().bids().size(), 10U);
  EXPECT_EQ(book.book().asks().best().ticks, 4'528'520'000'000);
  EXPECT_EQ(book.exchange_ns(), time::Instant::literal("2023-10-06T17:35:55.440295Z").ns());
}

TEST(LiveBook, AnUpdateBeyondTheDepthForgetsTheWorstLevelAndItsChecksumIsChecked) {
  const auto protocol = kraken_btc();
  LiveBook book(10);
  ASSERT_EQ(apply(book, read(*protocol, kKrakenBook)), std::nullopt);
  // The same ten levels of the snapshot with a better bid in and the worst one out, computed with Python's
  // zlib.crc32.
  EXPECT_EQ(
      apply(book, read(*protocol, kraken_update(R"({"price":45284.0,"qty":0.25000000})", "", 1770254428U))),
      std::nullopt);
  EXPECT_EQ(book.book().bids().size(), 10U);
  EXPECT_EQ(book.book().bids().best().ticks, 4'528'400'000'000);
}

TEST(LiveBook, AWrongChecksumEmptiesTheBookUntilTheNextSnapshot) {
  const auto protocol = kraken_btc();
  LiveBook book(10);
  ASSERT_EQ(apply(book, read(*protocol, kKrakenBook)), std::nullopt);
  EXPECT_EQ(apply(book, read(*protocol, kraken_update(R"({"price":45284.0,"qty":0.25000000})", "", 1U))),
            Problem::kBookChecksum);
  EXPECT_FALSE(book.valid());
  EXPECT_TRUE(book.book().bids().empty());
  EXPECT_EQ(apply(book, read(*protocol, kraken_update(R"({"price":45284.0,"qty":0.25000000})", "", 1U))),
            Problem::kBookSequence);
  EXPECT_EQ(apply(book, read(*protocol, kKrakenBook)), std::nullopt);
  EXPECT_TRUE(book.valid());
}

BookUpdate snapshot_at(std::uint64_t sequence) {
  BookUpdate update;
  update.snapshot = true;
  update.exchange_ns = 1;
  update.sequence = sequence;
  return update;
}

BookUpdate update_at(std::uint64_t previous, std::uint64_t sequence) {
  BookUpdate update;
  update.exchange_ns = 2;
  update.sequence = sequence;
  update.previous_sequence = previous;
  return update;
}

BookLevel level(std::int64_t price, std::int64_t size, bool bid) { return {{price, 2}, {size, 3}, bid}; }

TEST(LiveBook, ALostUpdateShowsInTheNumberBeforeIt) {
  LiveBook book;
  const BookLevel start[] = {level(1000, 5, true), level(1001, 7, false)};
  EXPECT_EQ(book.apply(snapshot_at(10), start), std::nullopt);
  const BookLevel change[] = {level(1000, 0, true), level(999, 2, true)};
  EXPECT_EQ(book.apply(update_at(10, 12), change), std::nullopt);
  EXPECT_EQ(book.book().bids().best().ticks, 999'000'000);
  EXPECT_EQ(book.apply(update_at(13, 14), change), Problem::kBookSequence);
  EXPECT_FALSE(book.valid());
}

TEST(LiveBook, ACrossedBookIsNeverShown) {
  LiveBook book;
  const BookLevel crossed[] = {level(1001, 5, true), level(1001, 7, false)};
  EXPECT_EQ(book.apply(snapshot_at(1), crossed), Problem::kCrossedBook);
  EXPECT_FALSE(book.valid());
}

TEST(LiveBook, ALevelFinerThanTheScaleIsRefusedAndNotRounded) {
  LiveBook book(0, {.price_decimals = 1, .size_decimals = 3});
  const BookLevel fine[] = {level(1001, 5, true)};
  EXPECT_EQ(book.apply(snapshot_at(1), fine), Problem::kTooManyDigits);
  const BookLevel coarse[] = {level(1000, 5, true)};
  EXPECT_EQ(book.apply(snapshot_at(1), coarse), std::nullopt);
}

TEST(LiveBook, DocumentedCoinbaseAndBitstampBooksAreShown) {
  LiveBook coinbase;
  EXPECT_EQ(apply(coinbase, read(*coinbase_level2_btc(), kCoinbaseLevel2)), std::nullopt);
  EXPECT_EQ(coinbase.book().asks().best().ticks, 6'890'100'000'000);
  LiveBook bitstamp;
  EXPECT_EQ(apply(bitstamp, read(*bitstamp_btc(), kBitstampBook)), std::nullopt);
  EXPECT_EQ(bitstamp.book().bids().best().ticks, 873'202'000'000);
}

}  // namespace
}  // namespace navkeeper::pricing::venues
