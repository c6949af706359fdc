#pragma once
// Markets and documented messages that the tests of the venues' protocols share.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/pricing/adapters/venues/protocol.h"

namespace navkeeper::pricing::venues {

/// The folder of shared data, or nothing.
inline std::filesystem::path shared_data() {
  if (const char* given = std::getenv("NAVKEEPER_SHARED")) return given;
  if (const char* source = std::getenv("NAVKEEPER_SOURCE_DIR"))
    return std::filesystem::path(source) / "../shared";
  return "../shared";
}

inline std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

inline Frame read(VenueProtocol& protocol, std::string_view text) {
  Frame frame;
  protocol.read(text, frame);
  return frame;
}

inline std::unique_ptr<VenueProtocol> crypto_com_btc() {
  return crypto_com({{"BTC/USDT", "BTC_USDT", "BTC_USDT"}, {"BTC/USD", "BTC_USD", "BTC_USD"}},
                    {.trades = true, .books = true});
}
inline std::unique_ptr<VenueProtocol> coinbase_btc() { return coinbase({{"BTC/USD", "BTC-USD", "BTC-USD"}}); }
inline std::unique_ptr<VenueProtocol> coinbase_level2_btc() {
  return coinbase_level2({{"BTC/USD", "BTC-USD", "BTC-USD"}});
}
inline std::unique_ptr<VenueProtocol> kraken_btc() {
  return kraken({{"BTC/USD", "BTC/USD", "XBTUSD"}, {"MATIC/USD", "MATIC/USD", "MATICUSD"}},
                {.trades = true, .books = true, .depth = 10});
}
inline std::unique_ptr<VenueProtocol> bitstamp_btc() {
  return bitstamp({{"BTC/USD", "btcusd", "btcusd"}, {"ETH/USD", "ethusd", "ethusd"}},
                  {.trades = true, .books = true});
}
inline std::unique_ptr<VenueProtocol> gemini_btc() { return gemini({{"BTC/USD", "BTCUSD", "btcusd"}}); }
inline std::unique_ptr<VenueProtocol> bullish_btc() { return bullish({{"BTC/USDC", "BTCUSDC", "BTCUSDC"}}); }
inline std::unique_ptr<VenueProtocol> lmax_btc() { return lmax({{"BTC/USD", "btc-usd", "btc-usd"}}); }

// The venues' documented examples; where each stands is said in the tests that use them.
constexpr std::string_view kCryptoComTrade =
    R"({"code":0,"method":"subscribe","result":{"instrument_name":"BTC_USDT","subscription":"trade.BTC_USDT","channel":"trade","data":[{"dataTime":1648122434405,"d":"2358394540212355488","s":"SELL","p":42980.85,"q":0.002325,"t":1648122434404,"i":"BTC_USDT"}]}})";
constexpr std::string_view kCoinbaseMatch =
    R"({"type":"match","trade_id":82047307,"maker_order_id":"0f358725-2134-435e-be11-753912a326e0","taker_order_id":"252b7002-87a3-425c-ac73-f5b9e23f3caf","side":"sell","size":"0.00513192","price":"9314.78","product_id":"BTC-USD","sequence":12038915443,"time":"2020-01-31T20:03:41.158814Z"})";
constexpr std::string_view kKrakenTrade =
    R"({"channel":"trade","type":"update","data":[{"symbol":"MATIC/USD","side":"sell","price":0.5117,"qty":40.0,"ord_type":"market","trade_id":4665906,"timestamp":"2023-09-25T07:49:37.708706Z"}]})";
constexpr std::string_view kKrakenBook =
    R"({"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"price":45283.5,"qty":0.10000000},{"price":45283.4,"qty":1.54582015},{"price":45282.1,"qty":0.10000000},{"price":45281.0,"qty":0.10000000},{"price":45280.3,"qty":1.54592586},{"price":45279.0,"qty":0.07990000},{"price":45277.6,"qty":0.03310103},{"price":45277.5,"qty":0.30000000},{"price":45277.3,"qty":1.54602737},{"price":45276.6,"qty":0.15445238}],"asks":[{"price":45285.2,"qty":0.00100000},{"price":45286.4,"qty":1.54571953},{"price":45286.6,"qty":1.54571109},{"price":45289.6,"qty":1.54560911},{"price":45290.2,"qty":0.15890660},{"price":45291.8,"qty":1.54553491},{"price":45294.7,"qty":0.04454749},{"price":45296.1,"qty":0.35380000},{"price":45297.5,"qty":0.09945542},{"price":45299.5,"qty":0.18772827}],"checksum":3310070434,"timestamp":"2023-10-06T17:35:55.440295Z"}]})";
constexpr std::string_view kBitstampTrade =
    R"({"data":{"buy_order_id":1207733769326592,"amount_str":"0.14406384","timestamp":"1583691851","microtimestamp":"1583691851934000","id":106833903,"amount":0.14406384,"sell_order_id":1207733765476352,"price_str":"8302.92","type":0,"price":8302.92},"event":"trade","channel":"live_trades_btcusd"})";
constexpr std::string_view kGeminiTrade =
    R"({"type":"trade","symbol":"BTCUSD","event_id":122278173770,"timestamp":1655335880981,"price":"22530.80","quantity":"0.04","side":"buy"})";
constexpr std::string_view kBullishTrade =
    R"({"type":"snapshot","dataType":"V1TAAnonymousTradeUpdate","data":{"trades":[{"tradeId":"100086000000609304","isTaker":true,"price":"104889.2063","createdAtTimestamp":"1749124509118","quantity":"0.01000000","publishedAtTimestamp":"1749124531466","side":"BUY","createdAtDatetime":"2025-06-05T11:55:09.118Z","symbol":"BTCUSDC"}],"createdAtTimestamp":"1749124509118","publishedAtTimestamp":"1749124531466","symbol":"BTCUSDC"}})";
constexpr std::string_view kLmaxTicker =
    R"({"type":"TICKER","instrument_id":"btc-usd","timestamp":"2024-05-01T12:00:00.123Z","best_bid":"57000.50","best_ask":"57001.00","trade_id":"0B5WMAAAAAAAAAAA","last_quantity":"0.10","last_price":"57000.75","session_open":"57500.00","session_low":"56900.00","session_high":"57600.00"})";
constexpr std::string_view kCoinbaseLevel2 =
    R"({"channel":"l2_data","client_id":"","timestamp":"2026-04-07T14:30:00.123456Z","sequence_num":0,"events":[{"type":"snapshot","product_id":"BTC-USD","updates":[{"side":"bid","event_time":"2026-04-07T14:30:00.123456Z","price_level":"68900.00","new_quantity":"1.50000000"},{"side":"offer","event_time":"2026-04-07T14:30:00.123456Z","price_level":"68901.00","new_quantity":"0.50000000"}]}]})";
constexpr std::string_view kCryptoComBook =
    R"({"id":-1,"method":"subscribe","code":0,"result":{"instrument_name":"BTC_USDT","subscription":"book.BTC_USDT.50","channel":"book.update","depth":50,"data":[{"update":{"asks":[["43755.46","0.10000","1"]],"bids":[["43737.46","0.14096","1"]]},"t":1704484068898,"tt":1704484068892,"u":78795598253024,"pu":78795598162080,"cs":-781431132}]}})";
constexpr std::string_view kBitstampBook =
    R"({"data":{"timestamp":"1583656800","microtimestamp":"1583656800237527","bids":[["8732.02","0.00002478"],["8729.62","0.01600000"]],"asks":[["8735.67","2.00000000"],["8735.68","1.53294500"]]},"event":"data","channel":"order_book_btcusd"})";

}  // namespace navkeeper::pricing::venues
