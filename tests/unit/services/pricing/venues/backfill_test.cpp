// Fetching missed trades again: the requests as documented, the answers' examples, and every venue's paging
// against a small model of its REST interface, whose pages are of sizes that nobody promised.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/unit/services/pricing/venues/rest_model.h"
#include "tests/unit/services/pricing/venues/venues_fixture.h"

namespace navkeeper::pricing::venues {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
const time::Instant kNow = time::Instant::from_ns(1'700'000'000 * kSecond);

TEST(BackfillRequest, NamesThePathAndQueryThatEachVenueDocuments) {
  const std::int64_t from = 1'699'999'000 * kSecond;
  const Gap numbered{
      .number_first = 100, .number_last = 120, .from_ns = from, .until_ns = from + 10 * kSecond};
  const auto request = [&](VenueProtocol& venue, const Gap& gap) {
    return venue.backfill_request(gap, venue.begin_backfill(gap), kNow).value();
  };
  const auto coinbase = coinbase_btc();
  EXPECT_EQ(request(*coinbase, numbered).path, "/products/BTC-USD/trades");
  EXPECT_EQ(request(*coinbase, numbered).query, "limit=1000&after=121");
  const auto kraken = kraken_btc();
  EXPECT_EQ(request(*kraken, numbered).path, "/0/public/Trades");
  EXPECT_EQ(request(*kraken, numbered).query, "pair=XBTUSD&since=1699998999999999999&count=1000");
  const auto crypto_com = crypto_com_btc();
  EXPECT_EQ(request(*crypto_com, numbered).path, "/exchange/v1/public/get-trades");
  EXPECT_EQ(request(*crypto_com, numbered).query,
            "instrument_name=BTC_USDT&count=150&start_ts=1699999000000&end_ts=1699999010001");
  const auto bitstamp = bitstamp_btc();
  EXPECT_EQ(request(*bitstamp, numbered).path, "/api/v2/transactions/btcusd/");
  EXPECT_EQ(request(*bitstamp, numbered).query, "time=hour");
  const auto gemini = gemini_btc();
  Gap after_id = numbered;
  after_id.after_id = *TradeId::of("77");
  EXPECT_EQ(request(*gemini, after_id).path, "/v1/trades/btcusd");
  EXPECT_EQ(request(*gemini, after_id).query, "since_tid=77&limit_trades=500");
  EXPECT_EQ(request(*gemini, numbered).query, "timestamp=1699999000&limit_trades=500");
  const auto bullish = bullish_btc();
  EXPECT_EQ(request(*bullish, numbered).path, "/trading-api/v1/history/markets/BTCUSDC/trades");
  EXPECT_EQ(request(*bullish, numbered).query,
            "createdAtDatetime%5Bgte%5D=2023-11-14T21%3A56%3A40.000Z&createdAtDatetime%5Blte%5D=2023-11-"
            "14T21%3A56%3A50.000Z&"
            "_pageSize=100");
  const auto lmax = lmax_btc();
  EXPECT_FALSE(lmax->backfill_request(numbered, lmax->begin_backfill(numbered), kNow));
}

TEST(ReadBackfill, DocumentedAnswersAreRead) {
  Gap gap{.number_first = 74, .number_last = 74, .from_ns = 1, .until_ns = kNow.ns()};
  const auto read = [&](VenueProtocol& venue, std::string_view body, std::uint16_t market = 0) {
    gap.instrument = market;
    return venue.read_backfill(body, gap, venue.begin_backfill(gap));
  };
  // docs.cdp.coinbase.com, "Get product trades"
  auto page = read(
      *coinbase_btc(),
      R"([{"time":"2014-11-07T22:19:28.578544Z","trade_id":74,"price":"10.00000000","size":"0.01000000","side":"buy"},{"time":"2014-11-07T01:08:43.642366Z","trade_id":73,"price":"100.00000000","size":"0.01000000","side":"sell"}])");
  EXPECT_EQ(page.trades.size(), 2U);
  EXPECT_TRUE(page.done);
  EXPECT_FALSE(page.incomplete);
  // ccxt 4.5.84, cryptocom, comment (its two times contradict each other: milliseconds count)
  page = read(
      *crypto_com_btc(),
      R"({"id":-1,"method":"public/get-trades","code":0,"result":{"data":[{"s":"sell","p":"26386.00","q":"0.00453","t":1686944282062,"tn":1704476468851524373,"d":"4611686018455979970","i":"BTC_USD"}]}})",
      1);
  ASSERT_EQ(page.trades.size(), 1U);
  EXPECT_EQ(page.trades[0].exchange_ns, 1'686'944'282'062'000'000);
  EXPECT_FALSE(page.done);
  // www.bitstamp.net/api, "Transactions"
  page =
      read(*bitstamp_btc(),
           R"([{"date":"1582917861","tid":"106833903","price":"8302.92","type":"0","amount":"0.14406384"}])");
  ASSERT_EQ(page.trades.size(), 1U);
  EXPECT_TRUE(page.trades[0].coarse_time);
  EXPECT_TRUE(page.done);
  // docs.gemini.com/rest-api, "Trade history"
  page = read(
      *gemini_btc(),
      R"([{"timestamp":1547146811,"timestampms":1547146811357,"tid":5335307668,"price":"3610.85","amount":"0.27413495","exchange":"gemini","type":"buy"},{"timestamp":1547146811,"timestampms":1547146811358,"tid":5335307669,"price":"3610.85","amount":"5","exchange":"gemini","type":"block"}])");
  EXPECT_EQ(page.trades.size(), 1U);
  EXPECT_EQ(page.excluded, 1U);
  // api.exchange.bullish.com/docs, "Get Historical Market Trades"
  page = read(
      *bullish_btc(),
      R"([{"tradeId":"100020000000000060","symbol":"BTCUSDC","price":"1.00000000","quantity":"1.00000000","side":"BUY","isTaker":true,"createdAtDatetime":"2025-05-20T01:01:01.000Z","createdAtTimestamp":"1621490985000"}])");
  EXPECT_EQ(page.trades.size(), 1U);
}

TEST(ReadBackfill, ATradeHasTheTimeThatItsStreamGivesItThoughTheHistoryIsFiner) {
  const Gap gap{.instrument = 0, .number_first = 74, .number_last = 74, .from_ns = 1, .until_ns = kNow.ns()};
  const auto time_of = [&](VenueProtocol& venue, std::string_view frame, std::string_view body) {
    Frame streamed;
    venue.read(frame, streamed);
    const BackfillPage page = venue.read_backfill(body, gap, venue.begin_backfill(gap));
    EXPECT_EQ(streamed.trades.size(), 1U);
    EXPECT_EQ(page.trades.size(), 1U);
    EXPECT_EQ(streamed.trades.at(0).id, page.trades.at(0).id);
    EXPECT_EQ(streamed.trades.at(0).exchange_ns, page.trades.at(0).exchange_ns);
    return page.trades.at(0).exchange_ns;
  };
  // exchange-docs.crypto.com: the stream has `t`; public/get-trades `tn` beside it (change log).
  const std::string print =
      R"({"d":"4611686018455979970","s":"BUY","p":"26386.00","q":"0.00453","t":1613547060925,"i":"BTC_USDT")";
  EXPECT_EQ(time_of(*crypto_com_btc(),
                    R"({"id":1,"method":"subscribe","code":0,"result":{"instrument_name":"BTC_USDT",)"
                    R"("channel":"trade","data":[)" +
                        print + "}]}}",
                    R"({"id":-1,"method":"public/get-trades","code":0,"result":{"data":[)" + print +
                        R"(,"tn":1613547060925523623}]}})"),
            1'613'547'060'925'000'000);
  // docs.kraken.com: microseconds on the websocket, 100 nanoseconds over REST.
  EXPECT_EQ(time_of(*kraken_btc(),
                    R"({"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy",)"
                    R"("price":10.5,"qty":1,"ord_type":"limit","trade_id":74,)"
                    R"("timestamp":"2025-11-10T17:23:53.971744Z"}]})",
                    R"({"error":[],"result":{"XXBTZUSD":[["10.5","1",1762795433.9717445,"b","l","",74]],)"
                    R"("last":"1762795433971744500"}})"),
            1'762'795'433'971'744'000);
}

TEST(ReadBackfill, AnAnswerThatNamesAnotherInstrumentIsRefusedByField) {
  const Gap gap{.number_first = 74, .number_last = 74, .from_ns = 1, .until_ns = kNow.ns()};
  const auto refused = [&](VenueProtocol& venue, std::string_view body) {
    const BackfillPage page = venue.read_backfill(body, gap, venue.begin_backfill(gap));
    EXPECT_TRUE(page.trades.empty()) << body;
    EXPECT_FALSE(page.done) << body;
    if (page.refusals.size() != 1) return std::string("nothing, or more");
    return std::string(describe(page.refusals[0].problem)) + " " + page.refusals[0].field;
  };
  const std::string unknown(describe(Problem::kUnknownInstrument));
  const std::string row = R"(["7.5","1",1700000000.5,"b","l","",74])";
  const auto kraken_says = [&](const std::string& result) {
    return R"({"error":[],"result":{)" + result + R"(,"last":"1700000000500000000"}})";
  };
  EXPECT_EQ(refused(*kraken_btc(), kraken_says(R"("XBTUSDT":[)" + row + "]")), unknown + " result");
  EXPECT_EQ(refused(*kraken_btc(), kraken_says(R"("XETHZUSD":[)" + row + "]")), unknown + " result");
  EXPECT_EQ(refused(*kraken_btc(), kraken_says(R"("XXBTZUSD":[],"XXBTZUSD":[)" + row + "]")),
            std::string(describe(Problem::kNotJson)) + " ");
  for (const auto& [pair, rest, name] :
       {std::tuple("BTC/USD", "XBTUSD", "XXBTZUSD"), std::tuple("DOGE/USD", "XDGUSD", "XDGUSD"),
        std::tuple("ETH/USD", "ETHUSD", "XETHZUSD"), std::tuple("SOL/USDT", "SOLUSDT", "SOLUSDT")}) {
    const auto venue = kraken({{pair, pair, rest}});
    const BackfillPage page = venue->read_backfill(
        kraken_says('"' + std::string(name) + R"(":[)" + row + "]"), gap, venue->begin_backfill(gap));
    EXPECT_EQ(page.trades.size(), 1U) << name;
    EXPECT_TRUE(page.refusals.empty()) << name;
  }
  const auto crypto_com_row = [](const std::string& named) {
    return R"({"s":"buy","p":"3.25","q":"1","t":1700000000500,"d":"6")" + named + "}";
  };
  EXPECT_EQ(
      refused(*crypto_com_btc(), R"({"code":0,"result":{"data":[)" + crypto_com_row(R"(,"i":"BTC_USDT")") +
                                     "," + crypto_com_row(R"(,"i":"ETH_USDT")") + "]}}"),
      unknown + " i");
  EXPECT_EQ(
      refused(*bullish_btc(), R"([{"tradeId":"5","symbol":"BTCUSD","price":"7","quantity":"1","side":"BUY",)"
                              R"("createdAtTimestamp":"1700000000500"}])"),
      unknown + " symbol");
}

TEST(ReadBackfill, WhatIsNoAnswerGivesNoTradesAndSaysSo) {
  const Gap gap{.number_first = 1, .number_last = 9, .from_ns = 1, .until_ns = kNow.ns()};
  for (const auto& venue :
       {coinbase_btc(), kraken_btc(), crypto_com_btc(), bitstamp_btc(), gemini_btc(), bullish_btc()}) {
    for (const std::string_view body :
         {"", "<html>", "{}", "[1]", "[[", R"({"error":["EGeneral:Too many requests"]})",
          R"({"code":42901,"result":{}})", R"({"message":"NotFound"})"}) {
      const BackfillPage page = venue->read_backfill(body, gap, venue->begin_backfill(gap));
      EXPECT_TRUE(page.trades.empty()) << name_of(venue->facts().venue) << " " << body;
      const bool honest = !page.refusals.empty() || !page.done || page.incomplete;
      EXPECT_TRUE(honest) << name_of(venue->facts().venue) << " " << body;
    }
  }
}

RC_GTEST_PROP(Backfill, PagesOfAnySizeBringEveryMissingTradeOnce, ()) {
  const auto which = *rc::gen::inRange(0, 5);
  std::unique_ptr<VenueProtocol> protocol = which == 0   ? coinbase_btc()
                                            : which == 1 ? kraken_btc()
                                            : which == 2 ? crypto_com_btc()
                                            : which == 3 ? gemini_btc()
                                                         : bullish_btc();
  std::vector<Made> tape;
  std::int64_t ms = 1'700'000'000'000;
  const auto count = *rc::gen::inRange(3, 60);
  const int step_max = *rc::gen::element(3, 100, 40'000'000);
  for (int i = 0; i < count; ++i) {
    ms += *rc::gen::inRange(0, step_max);
    tape.push_back({static_cast<std::uint64_t>(1000 + i), ms});
  }
  const auto first = *rc::gen::inRange(1, count - 1);
  const auto last = *rc::gen::inRange(first, count - 1);
  const auto page_size = static_cast<std::size_t>(*rc::gen::inRange(2, 30));
  // No venue's millisecond may hold more trades than a page: that is its limit, which is reported, see below.
  std::map<std::int64_t, std::size_t> crowd;
  for (const Made& made : tape) RC_PRE(++crowd[made.ms] < page_size);
  const auto at = [&](int i) { return tape[static_cast<std::size_t>(i)]; };
  Gap gap;
  gap.from_ns = at(first - 1).ms * 1'000'000;
  gap.until_ns = at(last + 1).ms * 1'000'000;
  gap.after_id = *TradeId::of(std::to_string(at(first - 1).id));
  if (protocol->facts().gap_rule == GapRule::kDenseNumber) {
    gap.number_first = at(first).id;
    gap.number_last = at(last).id;
  }
  std::set<std::uint64_t> seen;
  BackfillCursor cursor = protocol->begin_backfill(gap);
  bool done = false;
  for (int pages = 0; pages < 500 && !done; ++pages) {
    const auto request = protocol->backfill_request(gap, cursor, kNow);
    const BackfillPage page =
        protocol->read_backfill(answer(protocol->facts().venue, tape, *request, page_size), gap, cursor);
    RC_ASSERT(page.refusals.empty());
    RC_ASSERT(!page.incomplete);
    for (const RawTrade& trade : page.trades) seen.insert(*read_unsigned(trade.id.text()));
    cursor = page.next;
    done = page.done;
  }
  RC_ASSERT(done);
  for (int i = first; i <= last; ++i) RC_ASSERT(seen.contains(at(i).id));
}

TEST(Backfill, AMillisecondWithMoreTradesThanAPageIsReportedAsIncomplete) {
  const auto protocol = bullish_btc();
  std::vector<Made> tape;
  for (std::uint64_t i = 0; i < 80; ++i) tape.push_back({1000 + i, 1'700'000'000'000});
  const Gap gap{.from_ns = 1'699'999'999 * kSecond, .until_ns = 1'700'000'000 * kSecond};
  BackfillCursor cursor = protocol->begin_backfill(gap);
  bool incomplete = false;
  for (bool done = false; !done;) {
    const auto request = protocol->backfill_request(gap, cursor, kNow);
    const BackfillPage page =
        protocol->read_backfill(answer(Venue::kBullish, tape, *request, 50), gap, cursor);
    incomplete = incomplete || page.incomplete;
    cursor = page.next;
    done = page.done;
  }
  EXPECT_TRUE(incomplete);
}

TEST(Backfill, CoinbaseHistoryThatEndsBeforeTheHoleIsReportedAsIncomplete) {
  const auto protocol = coinbase_btc();
  const Gap gap{.number_first = 50, .number_last = 60};
  const BackfillPage page = protocol->read_backfill("[]", gap, protocol->begin_backfill(gap));
  EXPECT_TRUE(page.done);
  EXPECT_TRUE(page.incomplete);
}

}  // namespace
}  // namespace navkeeper::pricing::venues
