// The books' coins out of a journal page.
#include "services/custody/adapters/books_movements.h"

#include <gtest/gtest.h>

#include "common/base/refuse.h"

namespace navkeeper::custody {
namespace {

std::string entry(int seq, const std::string& id, const std::string& reverses, const std::string& postings,
                  const std::string& kind = "creation") {
  return R"({"seq":)" + std::to_string(seq) + R"(,"source":"orders","id":")" + id + R"(","kind":")" + kind +
         R"(","trade_date":"2026-03-09","book_date":"2026-03-10",)"
         R"("settlement_date":"2026-03-11","known_at":"2026-03-09T10:00:00Z","posted_by":"x","reverses":)" +
         reverses + R"(,"postings":[)" + postings + "]}";
}
std::string posting(const std::string& debit, const std::string& credit, const std::string& commodity,
                    const std::string& amount) {
  return R"({"debit":")" + debit + R"(","credit":")" + credit + R"(","commodity":")" + commodity +
         R"(","amount":")" + amount + "\"}";
}
std::string page(const std::string& entries, const std::string& next) {
  return R"({"fund":"BTCETH","entries":[)" + entries + R"(],"next_cursor":)" + next + "}";
}

TEST(BooksMovements, NetOfEachEntryByAssetWithoutStakingAndReversals) {
  JournalReader reader;
  const std::string first = page(
      entry(1, "c1", "null",
            posting("Assets:Coins:BTC", "Conversion:BTC", "BTC", "2") + "," +
                posting("Assets:Coins:BTC:prime", "Assets:Coins:BTC", "BTC", "1.5") + "," +
                posting("Conversion:ETH", "Assets:Coins:ETH", "ETH", "3")) +
          "," + entry(2, "s1", "null", posting("Assets:Staked:ETH", "Assets:Coins:ETH", "ETH", "32")) + "," +
          entry(3, "r1", "null",
                posting("Assets:Coins:ETH", "Conversion:ETH", "ETH", "0.1") + "," +
                    posting("Conversion:ETH", "Income:Rewards:validators", "USD", "200")) +
          "," +
          entry(6, "old", "null", posting("Assets:Coins:BTC", "Conversion:BTC", "BTC", "7"), "opening_lot") +
          "," + entry(4, "wrong", "null", posting("Assets:Coins:BTC", "Conversion:BTC", "BTC", "9")),
      "\"4\"");
  EXPECT_EQ(reader.read(first), "4");
  EXPECT_EQ(reader.facts().size(), 3U);
  EXPECT_EQ(reader.read(page(entry(5, "undo", "4", posting("Conversion:BTC", "Assets:Coins:BTC", "BTC", "9")),
                             "null")),
            "");
  const auto facts = reader.facts();
  ASSERT_EQ(facts.size(), 2U);
  EXPECT_EQ(facts[0].id, "orders:c1 BTC");
  EXPECT_EQ(facts[0].amount, money::Decimal::literal("2"));
  EXPECT_EQ(facts[0].direction, Direction::kIn);
  EXPECT_TRUE(facts[0].day_only);
  EXPECT_EQ(facts[0].at, time::Instant::literal("2026-03-11T00:00:00Z"));
  EXPECT_EQ(facts[1].direction, Direction::kOut);
}

TEST(BooksMovements, WhatIsNoJournalIsRefused) {
  const std::string one = entry(1, "c1", "null", posting("Assets:Coins:BTC", "Conversion:BTC", "BTC", "2"));
  JournalReader twice;
  EXPECT_THROW(twice.read(page(one + "," + one, "null")), base::Refused);
  for (const char* body :
       {"", "[]", "{}", R"({"entries":[{}],"next_cursor":null})", R"({"entries":[],"next_cursor":7})"}) {
    JournalReader reader;
    EXPECT_THROW(reader.read(body), base::Refused) << body;
  }
}

}  // namespace
}  // namespace navkeeper::custody
