// What each venue's documentation says its messages mean, on its own examples, and what is refused. None of
// the messages of Crypto.com, Kraken v2, Bullish, LMAX and of the order books was recorded by us: their
// sources are named at each test.
#include <gtest/gtest.h>

#include "tests/unit/services/pricing/venues/venues_fixture.h"

namespace navkeeper::pricing::venues {
namespace {

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result(text);
  const auto at = result.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return result.replace(at, from.size(), to);
}

void expect_refused(const Frame& frame, Problem problem, Fate fate, std::string_view field) {
  ASSERT_EQ(frame.refusal_count(), 1U);
  EXPECT_EQ(frame.refusals[0].problem, problem) << describe(frame.refusals[0].problem);
  EXPECT_EQ(frame.refusals[0].field, field);
  EXPECT_EQ(frame.fate(), fate);
  EXPECT_TRUE(frame.trades.empty());
  EXPECT_TRUE(frame.quotes.empty());
  EXPECT_TRUE(frame.books.empty());
}

TEST(CryptoCom, DocumentedTradeIsReadFromNumbersAndFromStrings) {  // ccxt 4.5.84, pro/cryptocom, comment
  const auto protocol = crypto_com_btc();
  for (const std::string& text :
       {std::string(kCryptoComTrade),
        replaced(replaced(kCryptoComTrade, "42980.85", "\"42980.85\""), "0.002325", "\"0.002325\""),
        replaced(kCryptoComTrade, "\"2358394540212355488\"", "2358394540212355488")}) {
    const Frame frame = read(*protocol, text);
    ASSERT_EQ(frame.trades.size(), 1U) << text;
    const RawTrade& trade = frame.trades[0];
    EXPECT_EQ(protocol->instruments()[trade.instrument].pair, "BTC/USDT");
    EXPECT_EQ(trade.price.decimal().to_string(), "42980.85");
    EXPECT_EQ(trade.size.decimal().to_string(), "0.002325");
    EXPECT_EQ(trade.id.text(), "2358394540212355488");
    EXPECT_EQ(trade.exchange_ns, 1'648'122'434'404'000'000);
    EXPECT_EQ(trade.side, Side::kSell);
    EXPECT_EQ(frame.refusal_count(), 0U);
  }
}

TEST(CryptoCom, DocumentedHeartbeatIsAnsweredWithItsOwnId) {  // exchange-docs.crypto.com, "Heartbeats"
  const auto protocol = crypto_com_btc();
  const Frame frame = read(*protocol, R"({"id":1587523073344,"method":"public/heartbeat","code":0})");
  EXPECT_TRUE(frame.heartbeat);
  EXPECT_EQ(frame.answer, R"({"id":1587523073344,"method":"public/respond-heartbeat"})");
}

TEST(CryptoCom, DocumentedBookUpdateNamesTheUpdateBeforeIt) {  // ccxt 4.5.84, pro/cryptocom, comment
  const Frame frame = read(*crypto_com_btc(), kCryptoComBook);
  ASSERT_EQ(frame.books.size(), 1U);
  EXPECT_FALSE(frame.books[0].snapshot);
  EXPECT_EQ(frame.books[0].sequence, 78795598253024U);
  EXPECT_EQ(frame.books[0].previous_sequence, 78795598162080U);
  EXPECT_EQ(frame.books[0].exchange_ns, 1'704'484'068'898'000'000);
  ASSERT_EQ(frame.levels.size(), 2U);
  EXPECT_FALSE(frame.levels[0].bid);
  EXPECT_EQ(frame.levels[0].price.decimal().to_string(), "43755.46");
  EXPECT_TRUE(frame.levels[1].bid);
}

TEST(CryptoCom, DocumentedBookSnapshotOfNumbersIsReadToo) {  // ccxt 4.5.84, pro/cryptocom, comment
  const Frame frame = read(
      *crypto_com_btc(),
      R"({"code":0,"method":"subscribe","result":{"instrument_name":"BTC_USD","subscription":"book.BTC_USD.150","channel":"book","depth":150,"data":[{"bids":[[122.21,0.74041,4]],"asks":[[122.29,0.00002,1]],"t":1648123943803,"s":754560122}]}})");
  ASSERT_EQ(frame.books.size(), 1U);
  EXPECT_TRUE(frame.books[0].snapshot);
  EXPECT_EQ(frame.books[0].instrument, 1);
  EXPECT_EQ(frame.levels.size(), 2U);
}

TEST(CryptoCom, BookUpdateWithABadLevelAsksForTheBookAgain) {
  expect_refused(read(*crypto_com_btc(), replaced(kCryptoComBook, "0.14096", "zero")), Problem::kBadNumber,
                 Fate::kResubscribeBook, "size");
  expect_refused(read(*crypto_com_btc(), replaced(kCryptoComBook, R"("pu":78795598162080,)", "")),
                 Problem::kMissingField, Fate::kResubscribeBook, "pu");
}

TEST(CryptoCom, ErrorCodeIsTheVenuesComplaint) {
  EXPECT_EQ(
      read(*crypto_com_btc(), R"({"id":1,"code":40003,"method":"subscribe","message":"Invalid request"})")
          .venue_error,
      "code 40003 Invalid request");
}

TEST(Coinbase,
     DocumentedMatchIsATradeOfTheTakersSide) {  // docs.cdp.coinbase.com/exchange/websocket-feed/channels
  const Frame frame = read(*coinbase_btc(), kCoinbaseMatch);
  ASSERT_EQ(frame.trades.size(), 1U);
  EXPECT_EQ(frame.trades[0].number, 82047307U);
  EXPECT_EQ(frame.trades[0].side, Side::kBuy) << "the message names the maker's side";
  EXPECT_EQ(frame.trades[0].exchange_ns, time::Instant::literal("2020-01-31T20:03:41.158814Z").ns());
  EXPECT_FALSE(frame.history);
}

TEST(Coinbase, DocumentedHeartbeatSaysHowFarTheTapeReaches) {  // the same page
  const Frame frame = read(
      *coinbase_btc(),
      R"({"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD","time":"2014-11-07T08:19:28.464459Z"})");
  EXPECT_TRUE(frame.heartbeat);
  ASSERT_EQ(frame.reached.size(), 1U);
  EXPECT_EQ(frame.reached[0].number, 20U);
}

TEST(Coinbase, SubscriptionsAndErrorsAreToldApart) {
  EXPECT_TRUE(read(*coinbase_btc(), R"({"type":"subscriptions","channels":[]})").subscribed);
  EXPECT_EQ(
      read(*coinbase_btc(), R"({"type":"error","message":"Failed to subscribe","reason":"XX is not valid"})")
          .venue_error,
      "Failed to subscribe: XX is not valid");
}

TEST(CoinbaseLevel2,
     DocumentedSnapshotIsABookAndANumberedMessage) {  // docs.cdp.coinbase.com, Advanced Trade level2
  const Frame frame = read(*coinbase_level2_btc(), kCoinbaseLevel2);
  EXPECT_EQ(frame.connection_sequence, 0U);
  ASSERT_EQ(frame.books.size(), 1U);
  EXPECT_TRUE(frame.books[0].snapshot);
  ASSERT_EQ(frame.levels.size(), 2U);
  EXPECT_TRUE(frame.levels[0].bid);
  EXPECT_EQ(frame.levels[1].price.decimal().to_string(), "68901");
}

TEST(CoinbaseLevel2, HeartbeatsAreNumberedToo) {
  const Frame frame = read(
      *coinbase_level2_btc(),
      R"({"channel":"heartbeats","client_id":"","timestamp":"2026-04-07T14:30:10.000000Z","sequence_num":7,"events":[{"current_time":"2026-04-07 14:30:10.000000000+00:00","heartbeat_counter":42}]})");
  EXPECT_TRUE(frame.heartbeat);
  EXPECT_EQ(frame.connection_sequence, 7U);
  EXPECT_EQ(read(*coinbase_level2_btc(), R"({"channel":"heartbeats","events":[]})").fate(), Fate::kReconnect)
      << "a message without a number hides a loss";
}

TEST(Kraken, DocumentedTradeIsReadFromTheTextOfItsNumbers) {  // docs.kraken.com, websocket v2 trade
  const Frame frame = read(*kraken_btc(), kKrakenTrade);
  ASSERT_EQ(frame.trades.size(), 1U);
  EXPECT_EQ(frame.trades[0].price.decimal().to_string(), "0.5117");
  EXPECT_EQ(frame.trades[0].size.mantissa, 400) << "40.0 keeps its written digits";
  EXPECT_EQ(frame.trades[0].number, 4665906U);
  EXPECT_EQ(frame.trades[0].side, Side::kSell);
  EXPECT_EQ(frame.trades[0].instrument, 1);
}

TEST(Kraken, MembersInAnyOrderAreTheSameMessage) {
  const Frame frame = read(
      *kraken_btc(),
      R"({"data":[{"symbol":"BTC/USD","side":"buy","price":1e4,"qty":0.5,"trade_id":7,"timestamp":"2023-09-25T07:49:37Z"}],"type":"snapshot","channel":"trade"})");
  ASSERT_EQ(frame.trades.size(), 1U);
  EXPECT_TRUE(frame.history);
  EXPECT_EQ(frame.trades[0].price.decimal().to_string(), "10000");
}

TEST(Kraken, DocumentedBookSnapshotCarriesItsChecksum) {  // docs.kraken.com, "Book checksum (WebSocket v2)"
  const Frame frame = read(*kraken_btc(), kKrakenBook);
  ASSERT_EQ(frame.books.size(), 1U);
  EXPECT_TRUE(frame.books[0].snapshot);
  EXPECT_EQ(frame.books[0].checksum, 3310070434U);
  EXPECT_EQ(frame.levels.size(), 20U);
}

TEST(Kraken, StatusHeartbeatPongAndSubscriptionAreToldApart) {
  const auto protocol = kraken_btc();
  EXPECT_EQ(read(*protocol,
                 R"({"channel":"status","type":"update","data":[{"system":"online","version":"2.0.0"}]})")
                .refusal_count(),
            0U);
  EXPECT_TRUE(read(*protocol, R"({"channel":"heartbeat"})").heartbeat);
  EXPECT_TRUE(
      read(*protocol, R"({"method":"pong","req_id":1,"time_in":"2023-09-24T14:10:23.799685Z"})").heartbeat);
  EXPECT_TRUE(read(*protocol,
                   R"({"method":"subscribe","result":{"channel":"trade","symbol":"BTC/USD"},"success":true})")
                  .subscribed);
  EXPECT_EQ(read(*protocol, R"({"error":"Currency pair not supported","method":"subscribe","success":false})")
                .venue_error,
            "Currency pair not supported");
}

TEST(Kraken, OneBadTradeOfABatchIsRefusedByItself) {
  const std::string text =
      R"({"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":1.5,"qty":-2,"trade_id":8,"timestamp":"2023-09-25T07:49:37Z"},{"symbol":"BTC/USD","side":"buy","price":1.5,"qty":2,"trade_id":9,"timestamp":"2023-09-25T07:49:37Z"}]})";
  const Frame frame = read(*kraken_btc(), text);
  ASSERT_EQ(frame.trades.size(), 1U);
  EXPECT_EQ(frame.trades[0].number, 9U);
  ASSERT_EQ(frame.refusals.size(), 1U);
  EXPECT_EQ(frame.refusals[0].problem, Problem::kNotPositive);
  EXPECT_EQ(frame.fate(), Fate::kKeep);
}

TEST(Bitstamp, DocumentedTradeIsReadFromItsStringFields) {  // ccxt 4.5.84, pro/bitstamp, comment
  const Frame frame = read(*bitstamp_btc(), kBitstampTrade);
  ASSERT_EQ(frame.trades.size(), 1U);
  EXPECT_EQ(frame.trades[0].price.decimal().to_string(), "8302.92");
  EXPECT_EQ(frame.trades[0].size.mantissa, 14'406'384);
  EXPECT_EQ(frame.trades[0].exchange_ns, 1'583'691'851'934'000'000);
  EXPECT_EQ(frame.trades[0].side, Side::kBuy);
}

TEST(Bitstamp, DocumentedBookIsAWholeSnapshot) {  // www.bitstamp.net/websocket/v2, order_book
  const Frame frame = read(*bitstamp_btc(), kBitstampBook);
  ASSERT_EQ(frame.books.size(), 1U);
  EXPECT_TRUE(frame.books[0].snapshot);
  EXPECT_EQ(frame.books[0].exchange_ns, 1'583'656'800'237'527'000);
  EXPECT_EQ(frame.levels.size(), 4U);
}

TEST(Bitstamp, RequestToReconnectHeartbeatAndErrorAreToldApart) {
  const auto protocol = bitstamp_btc();
  EXPECT_TRUE(
      read(*protocol, R"({"event":"bts:request_reconnect","channel":"","data":""})").please_reconnect);
  EXPECT_TRUE(
      read(*protocol, R"({"event":"bts:heartbeat","channel":"","data":{"status":"success"}})").heartbeat);
  EXPECT_TRUE(
      read(*protocol, R"({"event":"bts:subscription_succeeded","channel":"live_trades_btcusd","data":{}})")
          .subscribed);
  EXPECT_EQ(
      read(
          *protocol,
          R"({"event":"bts:error","channel":"","data":{"code":4009,"message":"Connection is unauthorized."}})")
          .venue_error,
      "4009 Connection is unauthorized.");
}

TEST(Gemini, DocumentedTradeIsRead) {  // ccxt 4.5.84, pro/gemini, comment
  const Frame frame = read(*gemini_btc(), kGeminiTrade);
  ASSERT_EQ(frame.trades.size(), 1U);
  EXPECT_EQ(frame.trades[0].price.decimal().to_string(), "22530.8");
  EXPECT_EQ(frame.trades[0].id.text(), "122278173770");
}

TEST(Gemini, DocumentedFirstAnswerHoldsRecentTradesAndNoAuctions) {  // ccxt 4.5.84, pro/gemini, comment
  const Frame frame = read(
      *gemini_btc(),
      R"({"type":"l2_updates","symbol":"BTCUSD","changes":[["buy","22252.37","0.02"]],"trades":[{"type":"trade","symbol":"BTCUSD","event_id":122258166738,"timestamp":1655330221424,"price":"22269.14","quantity":"0.00004473","side":"buy"},{"type":"trade","symbol":"BTCUSD","event_id":122258141090,"timestamp":1655330213216,"price":"22250.00","quantity":"0.00704098","side":"buy"},{"type":"block_trade","symbol":"BTCUSD","event_id":1,"timestamp":1655330213216,"price":"22250.00","quantity":"100"}],"auction_events":[{"type":"auction_result","symbol":"BTCUSD","time_ms":1655323200000,"result":"failure"}]})");
  EXPECT_EQ(frame.trades.size(), 2U);
  EXPECT_TRUE(frame.history);
  EXPECT_EQ(frame.excluded, 1U);
  EXPECT_EQ(frame.refusal_count(), 0U);
}

TEST(Gemini, HeartbeatAndBookChangesAreNoTrades) {
  EXPECT_TRUE(read(*gemini_btc(), R"({"type":"heartbeat","timestamp":1547742998508})").heartbeat);
  const Frame changes =
      read(*gemini_btc(), R"({"type":"l2_updates","symbol":"BTCUSD","changes":[["sell","22252.37","0"]]})");
  EXPECT_EQ(changes.refusal_count(), 0U);
  EXPECT_FALSE(changes.history);
  EXPECT_EQ(read(*gemini_btc(), R"({"result":"error","reason":"InvalidJson"})").venue_error, "InvalidJson");
}

TEST(Bullish, DocumentedSnapshotIsHistory) {  // ccxt 4.5.84, pro/bullish, comment
  const Frame frame = read(*bullish_btc(), kBullishTrade);
  ASSERT_EQ(frame.trades.size(), 1U);
  EXPECT_TRUE(frame.history);
  EXPECT_EQ(frame.trades[0].price.decimal().to_string(), "104889.2063");
  EXPECT_EQ(frame.trades[0].id.text(), "100086000000609304");
  EXPECT_EQ(frame.trades[0].exchange_ns, 1'749'124'509'118'000'000);
}

TEST(Bullish, TradesMatchedOverTheCounterAreLeftOut) {
  const auto protocol = bullish_btc();
  const std::string otc =
      replaced(kBullishTrade, R"("isTaker":true)", R"("isTaker":true,"otcMatchId":"100020000000000089")");
  EXPECT_TRUE(read(*protocol, otc).trades.empty());
  EXPECT_EQ(read(*protocol, otc).excluded, 1U);
  EXPECT_EQ(
      read(*protocol, replaced(kBullishTrade, R"("isTaker":true)", R"("isTaker":true,"otcMatchId":null)"))
          .trades.size(),
      1U);
}

TEST(Bullish, DocumentedPongIsAHeartbeat) {  // ccxt 4.5.84, pro/bullish, comment
  const auto protocol = bullish_btc();
  EXPECT_TRUE(
      read(
          *protocol,
          R"({"id":"7","jsonrpc":"2.0","result":{"responseCodeName":"OK","responseCode":"200","message":"Keep alive pong"}})")
          .heartbeat);
  EXPECT_TRUE(
      read(
          *protocol,
          R"({"id":"7","jsonrpc":"2.0","result":{"responseCodeName":"OK","responseCode":"200","message":"Successfully subscribed"}})")
          .subscribed);
  EXPECT_FALSE(read(*protocol, R"({"id":"7","jsonrpc":"2.0","error":{"code":-32602,"message":"bad topic"}})")
                   .venue_error.empty());
}

TEST(Lmax, DocumentedTickerFieldsAreAQuoteAndNoTrade) {  // docs.lmax.com/public-data-api: field names; the
                                                         // values are ours
  const Frame frame = read(*lmax_btc(), kLmaxTicker);
  EXPECT_TRUE(frame.trades.empty());
  ASSERT_EQ(frame.quotes.size(), 1U);
  EXPECT_EQ(frame.quotes[0].bid.decimal().to_string(), "57000.5");
  EXPECT_EQ(frame.quotes[0].ask.decimal().to_string(), "57001");
}

TEST(Lmax, CrossedOrOneSidedTickerGivesNoQuote) {
  expect_refused(read(*lmax_btc(), replaced(kLmaxTicker, "57000.50", "57001.00")), Problem::kCrossedBook,
                 Fate::kKeep, "best_bid");
  const Frame empty = read(*lmax_btc(), replaced(kLmaxTicker, "\"57000.50\"", "null"));
  EXPECT_TRUE(empty.quotes.empty());
  EXPECT_EQ(empty.refusal_count(), 0U);
}

TEST(EveryVenue, WrongDecimalsInATradeAreRefusedAndTheConnectionIsKept) {
  expect_refused(read(*coinbase_btc(), replaced(kCoinbaseMatch, "9314.78", "9314,78")), Problem::kBadNumber,
                 Fate::kKeep, "price");
  expect_refused(read(*coinbase_btc(), replaced(kCoinbaseMatch, "9314.78", "0.00")), Problem::kNotPositive,
                 Fate::kKeep, "price");
  expect_refused(read(*kraken_btc(), replaced(kKrakenTrade, "40.0", "-40.0")), Problem::kNotPositive,
                 Fate::kKeep, "qty");
  expect_refused(read(*kraken_btc(), replaced(kKrakenTrade, "40.0", "1e400")), Problem::kTooManyDigits,
                 Fate::kKeep, "qty");
  expect_refused(read(*bitstamp_btc(), replaced(kBitstampTrade, "0.14406384\"", "0.1440638400000000001\"")),
                 Problem::kTooManyDigits, Fate::kKeep, "amount");
  expect_refused(read(*gemini_btc(), replaced(kGeminiTrade, "\"0.04\"", "null")), Problem::kBadNumber,
                 Fate::kKeep, "quantity");
  expect_refused(read(*bullish_btc(), replaced(kBullishTrade, "104889.2063", "")), Problem::kBadNumber,
                 Fate::kKeep, "price");
  expect_refused(read(*crypto_com_btc(), replaced(kCryptoComTrade, "42980.85", "\"Infinity\"")),
                 Problem::kBadNumber, Fate::kKeep, "p");
  expect_refused(read(*crypto_com_btc(), replaced(kCryptoComTrade, "42980.85", "true")), Problem::kBadNumber,
                 Fate::kKeep, "p");
}

TEST(EveryVenue, MissingFieldsBadTimesAndBadIdsAreRefusedAndTheConnectionIsKept) {
  expect_refused(read(*coinbase_btc(), replaced(kCoinbaseMatch, R"("price":"9314.78",)", "")),
                 Problem::kMissingField, Fate::kKeep, "price");
  expect_refused(read(*coinbase_btc(), replaced(kCoinbaseMatch, "2020-01-31T", "2020-02-31T")),
                 Problem::kBadTime, Fate::kKeep, "time");
  expect_refused(read(*coinbase_btc(), replaced(kCoinbaseMatch, "82047307", "\"x\"")), Problem::kBadId,
                 Fate::kKeep, "trade_id");
  expect_refused(read(*kraken_btc(), replaced(kKrakenTrade, "4665906", "0")), Problem::kBadId, Fate::kKeep,
                 "trade_id");
  expect_refused(read(*bitstamp_btc(), replaced(kBitstampTrade, "\"1583691851934000\"", "\"-5\"")),
                 Problem::kBadTime, Fate::kKeep, "microtimestamp");
  expect_refused(read(*gemini_btc(), replaced(kGeminiTrade, R"("event_id":122278173770,)", "")),
                 Problem::kBadId, Fate::kKeep, "event_id");
  expect_refused(read(*bullish_btc(),
                      replaced(kBullishTrade, "100086000000609304", "1000860000006093041000860000006093")),
                 Problem::kBadId, Fate::kKeep, "tradeId");
}

TEST(EveryVenue, MarketsThatNobodyAskedForAreRefusedAndTheConnectionIsKept) {
  expect_refused(read(*coinbase_btc(), replaced(kCoinbaseMatch, "BTC-USD", "ETH-USD")),
                 Problem::kUnknownInstrument, Fate::kKeep, "product_id");
  expect_refused(read(*kraken_btc(), replaced(kKrakenTrade, "MATIC/USD", "DOGE/USD")),
                 Problem::kUnknownInstrument, Fate::kKeep, "symbol");
  expect_refused(read(*bitstamp_btc(), replaced(kBitstampTrade, "live_trades_btcusd", "live_trades_btceur")),
                 Problem::kUnknownInstrument, Fate::kKeep, "channel");
  expect_refused(read(*gemini_btc(), replaced(kGeminiTrade, "BTCUSD", "ETHUSD")), Problem::kUnknownInstrument,
                 Fate::kKeep, "symbol");
  expect_refused(
      read(*bullish_btc(), replaced(replaced(kBullishTrade, "BTCUSDC", "BTCUSD"), "BTCUSDC", "BTCUSD")),
      Problem::kUnknownInstrument, Fate::kKeep, "symbol");
  expect_refused(read(*crypto_com_btc(), replaced(kCryptoComTrade, R"("i":"BTC_USDT")", R"("i":"ETH_USDT")")),
                 Problem::kUnknownInstrument, Fate::kKeep, "i");
  expect_refused(read(*lmax_btc(), replaced(kLmaxTicker, "btc-usd", "eth-usd")), Problem::kUnknownInstrument,
                 Fate::kKeep, "instrument_id");
}

TEST(EveryVenue, SubscriptionsAreTheDocumentedTexts) {
  EXPECT_EQ(coinbase_btc()->subscribe(0),
            (std::vector<std::string>{
                R"({"type":"subscribe","product_ids":["BTC-USD"],"channels":["matches","heartbeat"]})"}));
  EXPECT_EQ(crypto_com({{"BTC/USD", "BTC_USD", "BTC_USD"}})->subscribe(5),
            (std::vector<std::string>{
                R"({"id":1,"method":"subscribe","params":{"channels":["trade.BTC_USD"]},"nonce":5})"}));
  EXPECT_EQ(
      kraken({{"BTC/USD", "BTC/USD", "XBTUSD"}})->subscribe(0),
      (std::vector<std::string>{
          R"({"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"],"snapshot":true}})"}));
  EXPECT_EQ(
      kraken_btc()->subscribe(0).at(1),
      R"({"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD","MATIC/USD"],"depth":10}})");
  EXPECT_EQ(
      bitstamp({{"BTC/USD", "btcusd", "btcusd"}})->subscribe(0),
      (std::vector<std::string>{R"({"event":"bts:subscribe","data":{"channel":"live_trades_btcusd"}})"}));
  EXPECT_EQ(gemini_btc()->subscribe(0),
            (std::vector<std::string>{
                R"({"type":"subscribe","subscriptions":[{"name":"l2","symbols":["BTCUSD"]}]})"}));
  EXPECT_EQ(
      bullish_btc()->subscribe(9),
      (std::vector<std::string>{
          R"({"jsonrpc":"2.0","type":"command","method":"subscribe","params":{"topic":"anonymousTrades","symbol":"BTCUSDC"},"id":"9"})"}));
  EXPECT_EQ(lmax_btc()->subscribe(0),
            (std::vector<std::string>{
                R"({"type":"SUBSCRIBE","channels":[{"name":"TICKER","instruments":["btc-usd"]}]})"}));
}

}  // namespace
}  // namespace navkeeper::pricing::venues
