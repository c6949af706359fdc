// Every line that was recorded from a venue, read by our protocols and by a second, slow reader: the general
// JSON tree and the general decimal. The recordings are not part of this repository.
#include <gtest/gtest.h>

#include <set>

#include "common/json/value.h"
#include "common/money/decimal.h"
#include "tests/unit/services/pricing/venues/venues_fixture.h"

namespace navkeeper::pricing::venues {
namespace {

using money::Decimal;

class Recorded : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(shared_data() / "data/ticks/fixtures")) {
      GTEST_SKIP() << "NOT CHECKED against recorded lines: no shared data at " << shared_data();
    }
  }
  /// The messages of a recording: each line is "time of receipt: message".
  static std::vector<std::string> messages(const char* name) {
    std::vector<std::string> texts;
    for (const std::string& line : lines_of(shared_data() / "data/ticks/fixtures" / name)) {
      const auto colon = line.find(": ");
      if (colon != std::string::npos) texts.push_back(line.substr(colon + 2));
    }
    return texts;
  }
};

/// A member as text, whatever its kind.
std::string text_of(const json::Value& object, std::string_view key) {
  const json::Value* value = object.find(key);
  if (value == nullptr) return "";
  return value->kind() == json::Kind::kString ? value->as_string() : value->as_number();
}

std::vector<Instrument> markets_of(const std::vector<std::string>& texts, const char* key) {
  std::set<std::string> symbols;
  for (const std::string& text : texts) symbols.insert(text_of(*json::parse(text), key));
  std::vector<Instrument> markets;
  for (const std::string& symbol : symbols) markets.push_back({symbol, symbol, symbol});
  return markets;
}

TEST_F(Recorded, CoinbaseMatchesOf2021AreReadToTheLastDigit) {
  const auto texts = messages("cryptofeed_coinbase_matches_20210417.txt");
  ASSERT_EQ(texts.size(), 107U);
  const auto protocol = coinbase(markets_of(texts, "product_id"));
  for (const std::string& text : texts) {
    const json::Value message = *json::parse(text);
    const Frame frame = read(*protocol, text);
    ASSERT_EQ(frame.refusal_count(), 0U) << text;
    ASSERT_EQ(frame.trades.size(), 1U) << text;
    const RawTrade& trade = frame.trades[0];
    EXPECT_EQ(protocol->instruments()[trade.instrument].symbol, text_of(message, "product_id"));
    EXPECT_EQ(trade.price.decimal(), *Decimal::parse(text_of(message, "price")));
    EXPECT_EQ(trade.size.decimal(), *Decimal::parse(text_of(message, "size")));
    EXPECT_EQ(trade.id.text(), text_of(message, "trade_id"));
    EXPECT_EQ(std::to_string(trade.number), text_of(message, "trade_id"));
    EXPECT_EQ(trade.exchange_ns, time::parse_rfc3339(text_of(message, "time"))->ns());
    EXPECT_EQ(trade.side, text_of(message, "side") == "sell" ? Side::kBuy : Side::kSell);
    EXPECT_EQ(frame.history, text_of(message, "type") == "last_match");
  }
}

TEST_F(Recorded, BitstampTradesOf2022AreReadToTheLastDigit) {
  const auto texts = messages("cryptofeed_bitstamp_live_trades_20220105.txt");
  ASSERT_EQ(texts.size(), 10U);
  const auto protocol = bitstamp_btc();
  for (const std::string& text : texts) {
    const json::Value message = *json::parse(text);
    const json::Value& data = *message.find("data");
    const Frame frame = read(*protocol, text);
    ASSERT_EQ(frame.refusal_count(), 0U) << text;
    ASSERT_EQ(frame.trades.size(), 1U) << text;
    const RawTrade& trade = frame.trades[0];
    EXPECT_EQ(protocol->instruments()[trade.instrument].pair, "ETH/USD");
    EXPECT_EQ(trade.price.decimal(), *Decimal::parse(text_of(data, "price_str")));
    EXPECT_EQ(trade.size.decimal(), *Decimal::parse(text_of(data, "amount_str")));
    EXPECT_EQ(trade.id.text(), text_of(data, "id"));
    EXPECT_EQ(std::to_string(trade.exchange_ns), text_of(data, "microtimestamp") + "000");
    EXPECT_EQ(trade.side, text_of(data, "type") == "0" ? Side::kBuy : Side::kSell);
  }
}

TEST_F(Recorded, GeminiTradesOf2021AreReadToTheLastDigit) {
  const auto texts = messages("cryptofeed_gemini_v2_trades_20210624.txt");
  ASSERT_EQ(texts.size(), 16U);
  const auto protocol = gemini(markets_of(texts, "symbol"));
  for (const std::string& text : texts) {
    const json::Value message = *json::parse(text);
    const Frame frame = read(*protocol, text);
    ASSERT_EQ(frame.refusal_count(), 0U) << text;
    ASSERT_EQ(frame.trades.size(), 1U) << text;
    const RawTrade& trade = frame.trades[0];
    EXPECT_EQ(protocol->instruments()[trade.instrument].symbol, text_of(message, "symbol"));
    EXPECT_EQ(trade.price.decimal(), *Decimal::parse(text_of(message, "price")));
    EXPECT_EQ(trade.size.decimal(), *Decimal::parse(text_of(message, "quantity")));
    EXPECT_EQ(trade.id.text(), text_of(message, "event_id"));
    EXPECT_EQ(std::to_string(trade.exchange_ns), text_of(message, "timestamp") + "000000");
  }
}

TEST_F(Recorded, KrakenLinesOfTheFrozenFirstVersionAreRefusedAndCountNothing) {
  const auto texts = messages("cryptofeed_kraken_v1_trades_20210417.txt");
  ASSERT_EQ(texts.size(), 18U);
  const auto protocol = kraken_btc();
  for (const std::string& text : texts) {
    const Frame frame = read(*protocol, text);
    EXPECT_TRUE(frame.trades.empty()) << text;
    ASSERT_EQ(frame.refusal_count(), 1U) << text;
    const bool array = text.front() == '[';
    EXPECT_EQ(frame.refusals[0].problem, array ? Problem::kNotJson : Problem::kUnknownMessage) << text;
  }
}

TEST_F(Recorded, KrakenRestTradesOf2025AreReadToTheLastDigit) {
  std::ifstream file(shared_data() / "data/ticks/kraken/kraken_xbtusdt_rest_trades_20251110.json");
  const std::string body((std::istreambuf_iterator<char>(file)), {});
  const json::Value answer = *json::parse(body);
  const json::Array& rows = answer.find("result")->find("XBTUSDT")->as_array();
  ASSERT_EQ(rows.size(), 1000U);
  const auto protocol = kraken({{"BTC/USDT", "BTC/USDT", "XBTUSDT"}});
  const Gap gap{.number_first = 10218208, .number_last = 10300000};
  const BackfillPage page = protocol->read_backfill(body, gap, protocol->begin_backfill(gap));
  ASSERT_TRUE(page.refusals.empty());
  ASSERT_EQ(page.trades.size(), 1000U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const json::Array& row = rows[i].as_array();
    const RawTrade& trade = page.trades[i];
    EXPECT_EQ(trade.price.decimal(), *Decimal::parse(row[0].as_string()));
    EXPECT_EQ(trade.size.decimal(), *Decimal::parse(row[1].as_string()));
    const Decimal below = *Decimal::parse(row[2].as_number()) - Decimal::of(trade.exchange_ns, 9);
    EXPECT_TRUE(!below.is_negative() && below < Decimal::of(1, 6))
        << "the microsecond of " << row[2].as_number();
    EXPECT_EQ(trade.exchange_ns % 1'000, 0);
    EXPECT_EQ(trade.side, row[3].as_string() == "b" ? Side::kBuy : Side::kSell);
    EXPECT_EQ(trade.id.text(), row[6].as_number());
  }
  EXPECT_FALSE(page.done) << "the last missing trade has not come";
  EXPECT_EQ(page.next.token, answer.find("result")->find("last")->as_string());
}

TEST_F(Recorded, TheDocumentedExampleOfEachVenueGivesItsOneTrade) {
  const auto texts = lines_of(shared_data() / "data/ticks/fixtures/venue_examples.jsonl");
  ASSERT_EQ(texts.size(), 8U);
  int read_here = 0;
  for (const std::string& line : texts) {
    const json::Value example = *json::parse(line);
    const std::string& venue = example.find("venue")->as_string();
    const std::string message =
        line.substr(line.find(R"("msg":)") + 6, line.size() - line.find(R"("msg":)") - 7);
    std::unique_ptr<VenueProtocol> protocol = venue == "cryptocom"  ? crypto_com_btc()
                                              : venue == "coinbase" ? coinbase_btc()
                                              : venue == "kraken"   ? kraken_btc()
                                              : venue == "bitstamp" ? bitstamp_btc()
                                              : venue == "gemini"   ? gemini_btc()
                                              : venue == "bullish"  ? bullish_btc()
                                                                    : nullptr;
    if (!protocol) continue;  // REST examples; the tests of the backfill read those of our venues.
    const Frame frame = read(*protocol, message);
    EXPECT_EQ(frame.refusal_count(), 0U) << line;
    EXPECT_EQ(frame.trades.size(), 1U) << line;
    ++read_here;
  }
  EXPECT_EQ(read_here, 6);
}

}  // namespace
}  // namespace navkeeper::pricing::venues
