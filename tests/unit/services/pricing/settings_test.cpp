// The service's own part of the configuration.
#include "services/pricing/adapters/settings.h"

#include <gtest/gtest.h>

#include "common/base/refuse.h"

namespace navkeeper::pricing {
namespace {

Settings read(const std::string& text) {
  const auto document = base::value_or_refuse(runtime::TomlDocument::parse(text, "n.toml"));
  return read_settings(document.root().table("pricing"), "/etc/navkeeper");
}

std::string refusal(const std::string& text) {
  try {
    read(text);
    return "accepted";
  } catch (const base::Refused& refused) {
    return refused.what();
  }
}

TEST(PricingSettings, AVenueTakesAllThatItOffersFromItsOwnHosts) {
  const Settings settings =
      read("[[pricing.venues]]\nname = \"kraken\"\npairs = [\"BTC/USD\", \"DOGE/USD\"]\n");
  ASSERT_EQ(settings.venues.size(), 1U);
  const VenueSettings& kraken = settings.venues[0];
  EXPECT_EQ(kraken.venue, venues::Venue::kKraken);
  EXPECT_EQ(kraken.instruments[0].symbol, "BTC/USD");
  EXPECT_EQ(kraken.instruments[0].rest_symbol, "XBTUSD");
  EXPECT_EQ(kraken.instruments[1].rest_symbol, "XDGUSD");
  EXPECT_TRUE(kraken.trades);
  EXPECT_TRUE(kraken.books);
  EXPECT_EQ(kraken.socket_base + kraken.rest_base + kraken.ca_file, "");
  EXPECT_EQ(settings.tape.keep_days, 400);
  EXPECT_EQ(settings.resume_hours, std::nullopt);
}

TEST(PricingSettings, EveryKeyIsRead) {
  const Settings settings = read(
      "[pricing.tape]\nresume_hours = 48\nkeep_days = 30\nkeep_days_of = { \"CRO/USD\" = 7 "
      "}\n[[pricing.venues]]\nname = "
      "\"coinbase\"\n"
      "pairs = [\"BTC/USD\"]\nfeeds = [\"books\"]\nsocket_base = \"ws://h:1\"\nrest_base = \"http://h:2\"\n"
      "books_socket_base = \"wss://h:3\"\nca_file = \"ca.pem\"\n");
  const VenueSettings& coinbase = settings.venues.at(0);
  EXPECT_FALSE(coinbase.trades);
  EXPECT_TRUE(coinbase.books);
  EXPECT_EQ(coinbase.socket_base, "ws://h:1");
  EXPECT_EQ(coinbase.books_socket_base, "wss://h:3");
  EXPECT_EQ(coinbase.books_rest_base, "http://h:2");
  EXPECT_EQ(coinbase.ca_file, "/etc/navkeeper/ca.pem");
  EXPECT_EQ(settings.tape.keep_days, 30);
  EXPECT_EQ(settings.resume_hours, 48);
  EXPECT_EQ(settings.tape.keep_days_of.at("CRO/USD"), 7);
}

TEST(PricingSettings, AStrikesWaitForFeedsIsReadAndBounded) {
  EXPECT_EQ(read("[pricing]\n").feeds_wait, time::Duration::seconds(300));
  EXPECT_EQ(read("[pricing.strikes]\nfeeds_wait_seconds = 0\n").feeds_wait, time::Duration());
  EXPECT_EQ(read("[pricing]\n").catch_up_days, 10);
  EXPECT_EQ(read("[pricing.strikes]\ncatch_up_days = 0\n").catch_up_days, 0);
  EXPECT_NE(refusal("[pricing.strikes]\ncatch_up_days = 367\n").find("catch_up_days"), std::string::npos);
  EXPECT_NE(refusal("[pricing.strikes]\ncatch_up_days = -1\n").find("catch_up_days"), std::string::npos);
  EXPECT_NE(refusal("[pricing.strikes]\nfeeds_wait_seconds = 21601\n").find("feeds_wait_seconds"),
            std::string::npos);
}

TEST(PricingSettings, MistakesAreRefusedWithTheirPlace) {
  const auto venue = [](const std::string& rest) { return refusal("[[pricing.venues]]\n" + rest); };
  EXPECT_EQ(
      venue("name = \"nyse\"\npairs = [\"BTC/USD\"]\n"),
      "n.toml:2: pricing.venues[0].name: must be crypto_com, coinbase, kraken, bitstamp, gemini, bullish or "
      "lmax");
  EXPECT_NE(
      venue("name = \"gemini\"\npairs = [\"BTC/USD\"]\nfeeds = [\"books\"]\n").find("does not offer it"),
      std::string::npos);
  EXPECT_NE(venue("name = \"gemini\"\npairs = [\"btcusd\"]\n").find("must be BASE/QUOTE"), std::string::npos);
  EXPECT_NE(venue("name = \"gemini\"\npairs = []\n").find("1 to 200 pairs"), std::string::npos);
  EXPECT_NE(venue("name = \"gemini\"\npairs = [\"BTC/USD\", \"BTC/USD\"]\n").find("is named twice"),
            std::string::npos);
  EXPECT_NE(venue("name = \"gemini\"\npairs = [\"BTC/USD\"]\nsocket_base = \"http://h\"\n")
                .find("must begin with ws://"),
            std::string::npos);
  EXPECT_NE(venue("name = \"gemini\"\npairs = [\"BTC/USD\"]\ncolour = 1\n").find("unknown key"),
            std::string::npos);
  EXPECT_NE(venue("name = \"gemini\"\npairs = [\"BTC/USD\"]\n[[pricing.venues]]\nname = \"gemini\"\npairs = "
                  "[\"ETH/USD\"]\n")
                .find("the venue is named twice"),
            std::string::npos);
  EXPECT_NE(refusal("[pricing.tape]\nkeep_days = 6\n").find("must be between 7 and 36600"),
            std::string::npos);
}

TEST(VenueCatalogue, EveryVenueSpellsThePairAsItsDocumentationDoes) {
  using venues::Venue;
  const auto spelled = [](Venue venue) {
    const auto instrument = venues::instrument_of(venue, "BTC/USD");
    return instrument->symbol + " " + instrument->rest_symbol;
  };
  EXPECT_EQ(spelled(Venue::kCryptoCom), "BTC_USD BTC_USD");
  EXPECT_EQ(spelled(Venue::kCoinbase), "BTC-USD BTC-USD");
  EXPECT_EQ(spelled(Venue::kKraken), "BTC/USD XBTUSD");
  EXPECT_EQ(spelled(Venue::kBitstamp), "btcusd btcusd");
  EXPECT_EQ(spelled(Venue::kGemini), "BTCUSD btcusd");
  EXPECT_EQ(spelled(Venue::kBullish), "BTCUSD BTCUSD");
  EXPECT_EQ(spelled(Venue::kLmax), "btc-usd btc-usd");
  for (const char* pair : {"BTC", "BTC/", "/USD", "btc/USD", "BTC/USD/X", "B&C/USD"}) {
    EXPECT_FALSE(venues::instrument_of(Venue::kKraken, pair)) << pair;
  }
}

TEST(VenueCatalogue, EveryVenueMakesAProtocolForWhatItOffers) {
  using venues::Venue;
  for (const Venue venue : {Venue::kCryptoCom, Venue::kCoinbase, Venue::kKraken, Venue::kBitstamp,
                            Venue::kGemini, Venue::kBullish, Venue::kLmax}) {
    EXPECT_EQ(venues::parse_venue(venues::name_of(venue)), venue);
    for (const auto feed : {venues::Feed::kTrades, venues::Feed::kBooks}) {
      if (!venues::offers(venue, feed)) continue;
      const auto protocol = venues::make_protocol(venue, feed, {*venues::instrument_of(venue, "BTC/USD")});
      EXPECT_EQ(protocol->facts().venue, venue);
      EXPECT_FALSE(protocol->subscribe(1).empty());
    }
  }
  EXPECT_FALSE(venues::parse_venue("nyse"));
}

}  // namespace
}  // namespace navkeeper::pricing
