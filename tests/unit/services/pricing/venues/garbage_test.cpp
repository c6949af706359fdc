// Whatever the bytes are: a typed refusal with the connection's fate, never a crash, never a trade that was
// not there.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cctype>

#include "tests/unit/services/pricing/venues/venues_fixture.h"

namespace navkeeper::pricing::venues {
namespace {

struct Sample {
  std::unique_ptr<VenueProtocol> protocol;
  std::string_view message;
};

std::vector<Sample> samples() {
  std::vector<Sample> list;
  list.push_back({crypto_com_btc(), kCryptoComTrade});
  list.push_back({crypto_com_btc(), kCryptoComBook});
  list.push_back({coinbase_btc(), kCoinbaseMatch});
  list.push_back({coinbase_level2_btc(), kCoinbaseLevel2});
  list.push_back({kraken_btc(), kKrakenTrade});
  list.push_back({kraken_btc(), kKrakenBook});
  list.push_back({bitstamp_btc(), kBitstampTrade});
  list.push_back({bitstamp_btc(), kBitstampBook});
  list.push_back({gemini_btc(), kGeminiTrade});
  list.push_back({bullish_btc(), kBullishTrade});
  list.push_back({lmax_btc(), kLmaxTicker});
  return list;
}

void expect_sound(const Frame& frame) {
  for (const RawTrade& trade : frame.trades) {
    EXPECT_TRUE(trade.price.is_positive());
    EXPECT_TRUE(trade.size.is_positive());
    EXPECT_GT(trade.exchange_ns, 0);
    EXPECT_FALSE(trade.id.text().empty());
  }
  for (const BookUpdate& update : frame.books) {
    EXPECT_LE(update.first_level + update.level_count, frame.levels.size());
  }
  for (const BookLevel& level : frame.levels) EXPECT_GE(level.size.mantissa, 0);
  for (const FrameRefusal& refusal : frame.refusals) EXPECT_FALSE(describe(refusal.problem).empty());
}

TEST(Garbage, AMessageCutOffAnywhereAsksForAReconnectAndGivesNothing) {
  for (const Sample& sample : samples()) {
    for (std::size_t length = 0; length < sample.message.size(); ++length) {
      const Frame frame = read(*sample.protocol, sample.message.substr(0, length));
      EXPECT_TRUE(frame.trades.empty() && frame.books.empty() && frame.quotes.empty())
          << sample.message.substr(0, length);
      ASSERT_EQ(frame.refusal_count(), 1U) << sample.message.substr(0, length);
      EXPECT_EQ(frame.refusals[0].problem, Problem::kNotJson);
      EXPECT_EQ(frame.fate(), Fate::kReconnect);
    }
  }
}

TEST(Garbage, AnIdThatIsAStructureOrNoWholeNumberIsRefusedByItsField) {
  struct Case {
    std::unique_ptr<VenueProtocol> protocol;
    std::string message;
    std::string id;
    const char* field;
  };
  std::vector<Case> cases;
  cases.push_back({crypto_com_btc(), std::string(kCryptoComTrade), "\"2358394540212355488\"", "d"});
  cases.push_back({coinbase_btc(), std::string(kCoinbaseMatch), "82047307", "trade_id"});
  cases.push_back({kraken_btc(), std::string(kKrakenTrade), "4665906", "trade_id"});
  cases.push_back({bitstamp_btc(), std::string(kBitstampTrade), "106833903", "id"});
  cases.push_back({gemini_btc(), std::string(kGeminiTrade), "122278173770", "event_id"});
  cases.push_back({bullish_btc(), std::string(kBullishTrade), "\"100086000000609304\"", "tradeId"});
  for (const Case& sample : cases) {
    for (const char* id :
         {"[1]", "[]", "{}", R"({"a":1})", "true", "null", "-5", "1.5", "1e5", R"("a\"b")", R"("\u0031")"}) {
      const Frame frame = read(*sample.protocol, replaced(sample.message, sample.id, id));
      EXPECT_TRUE(frame.trades.empty()) << id << sample.message;
      ASSERT_EQ(frame.refusal_count(), 1U) << id << sample.message;
      EXPECT_EQ(frame.refusals[0].problem, Problem::kBadId) << id;
      EXPECT_STREQ(frame.refusals[0].field, sample.field) << id;
    }
  }
}

TEST(Garbage, BytesAfterTheMessageAskForAReconnectAndGiveNothing) {
  for (const Sample& sample : samples()) {
    for (const char* tail : {"x", "{}", "}", "]", "\"", "1", ","}) {
      const Frame frame = read(*sample.protocol, std::string(sample.message) + tail);
      EXPECT_TRUE(frame.trades.empty() && frame.books.empty() && frame.quotes.empty())
          << tail << sample.message;
      EXPECT_EQ(frame.fate(), Fate::kReconnect) << tail << sample.message;
    }
    EXPECT_EQ(read(*sample.protocol, std::string(sample.message) + " \r\n").refusal_count(), 0U);
  }
}

TEST(Garbage, OtherDocumentsAreRefusedByEveryVenue) {
  for (const Sample& sample : samples()) {
    for (const char* text : {"null", "true", "1", "\"x\"", "[]", "[{}]", "{", "\xff\xfe", "{\"a\"}",
                             "{\"a\":}", "{1:2}", "{\"type\":\"match\",}", "[[[[[[[[[["}) {
      const Frame frame = read(*sample.protocol, text);
      EXPECT_EQ(frame.refusal_count(), 1U) << text;
      EXPECT_TRUE(frame.trades.empty());
    }
    const Frame frame = read(*sample.protocol, "{}");
    ASSERT_EQ(frame.refusal_count(), 1U);
    EXPECT_EQ(frame.refusals[0].problem, Problem::kUnknownMessage);
  }
}

TEST(Garbage, AFieldThatStandsTwiceIsRefused) {
  for (const Sample& sample : samples()) {
    // The first scalar member of the message, twice.
    const auto comma = sample.message.find(',');
    if (sample.message.substr(1, comma - 1).find_first_of("{[") != std::string_view::npos) continue;
    const std::string text =
        "{" + std::string(sample.message.substr(1, comma - 1)) + "," + std::string(sample.message.substr(1));
    const Frame frame = read(*sample.protocol, text);
    EXPECT_EQ(frame.fate(), Fate::kReconnect) << text;
    EXPECT_TRUE(frame.trades.empty());
  }
}

TEST(Garbage, AFrameAboveTheLimitIsNotEvenParsed) {
  const std::string text(kFrameBytesMax + 1, ' ');
  for (const Sample& sample : samples()) {
    const Frame frame = read(*sample.protocol, text);
    ASSERT_EQ(frame.refusal_count(), 1U);
    EXPECT_EQ(frame.refusals[0].problem, Problem::kTooLarge);
  }
}

TEST(Garbage, OneFrameLeavesNothingBehindForTheNext) {
  for (const Sample& sample : samples()) {
    Frame frame;
    sample.protocol->read(sample.message, frame);
    const auto trades = frame.trades.size();
    const auto books = frame.books.size();
    sample.protocol->read("{", frame);
    EXPECT_TRUE(frame.trades.empty() && frame.books.empty() && frame.quotes.empty() && frame.levels.empty());
    sample.protocol->read(sample.message, frame);
    EXPECT_EQ(frame.trades.size(), trades);
    EXPECT_EQ(frame.books.size(), books);
    EXPECT_EQ(frame.refusal_count(), 0U);
  }
}

RC_GTEST_PROP(Garbage, MutatedMessagesNeverGiveAnUnsoundFrame, ()) {
  for (const Sample& sample : samples()) {
    std::string text(sample.message);
    const auto changes = *rc::gen::inRange(1, 4);
    for (int i = 0; i < changes; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      switch (*rc::gen::inRange(0, 3)) {
        case 0:
          text[at] = *rc::gen::arbitrary<char>();
          break;
        case 1:
          text.erase(at, *rc::gen::inRange<std::size_t>(1, 8));
          break;
        default:
          text.insert(at, 1, *rc::gen::elementOf(std::string("{}[]\",:0-9.eE\\ ntf")));
          break;
      }
      if (text.empty()) text = " ";
    }
    expect_sound(read(*sample.protocol, text));
    const Gap gap{.number_first = 1, .number_last = 2, .from_ns = 1, .until_ns = 2};
    const BackfillPage page = sample.protocol->read_backfill(text, gap, sample.protocol->begin_backfill(gap));
    for (const RawTrade& trade : page.trades)
      EXPECT_TRUE(trade.price.is_positive() && trade.size.is_positive());
  }
}

TEST(Garbage, AListOfTradesThatStandsTwiceIsRefusedAsAnyFieldThatDoes) {
  const auto refused = [](VenueProtocol& venue, const std::string& text) {
    const Frame frame = read(venue, text);
    return frame.trades.empty() && frame.refusals.size() == 1 && frame.refusals[0].problem == Problem::kTwice;
  };
  const auto bullish_row = [](const std::string& price) {
    return R"([{"tradeId":"4","price":")" + price +
           R"(","createdAtTimestamp":"1700000000500","quantity":"1","side":"BUY","symbol":"BTCUSDC"}])";
  };
  const std::string head = R"({"type":"update","dataType":"V1TAAnonymousTradeUpdate","data":)";
  const std::string one = R"({"trades":)" + bullish_row("100") + "}";
  EXPECT_EQ(read(*bullish_btc(), head + one + "}").trades.size(), 1U);
  EXPECT_TRUE(refused(*bullish_btc(), head + one + R"(,"data":{"trades":)" + bullish_row("51") + "}}"));
  EXPECT_TRUE(refused(*bullish_btc(), head + R"({"trades":)" + bullish_row("100") + R"(,"trades":)" +
                                          bullish_row("51") + "}}"));
  const std::string row = R"([{"d":"4","s":"BUY","p":1,"q":1,"t":1700000000500,"i":"BTC_USDT"}])";
  const std::string result = R"({"instrument_name":"BTC_USDT","channel":"trade","data":)" + row;
  EXPECT_EQ(read(*crypto_com_btc(), R"({"id":1,"code":0,"result":)" + result + "}}").trades.size(), 1U);
  EXPECT_TRUE(
      refused(*crypto_com_btc(), R"({"id":1,"code":0,"result":)" + result + R"(,"data":)" + row + "}}"));
}

}  // namespace
}  // namespace navkeeper::pricing::venues
