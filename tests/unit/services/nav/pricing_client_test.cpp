#include "services/nav/adapters/pricing_client.h"

#include <gtest/gtest.h>

#include "common/base/refuse.h"
#include "tests/unit/services/nav/nav_fixture.h"

namespace navkeeper::nav {
namespace {

const time::Date kDay = time::Date::literal("2026-01-09");

/// What pricing answers for bitcoin on that day; `open` stands for the fields that a case is about.
std::string answer(const std::string& state, const std::string& official, const std::string& rung,
                   const std::string& determination = "null", const std::string& flagged = "false") {
  return R"({"asset":"BTC","date":"2026-01-09","act":"ICA_1940","basis":"fair_value","version":1,"state":")" +
         state + R"(","official":)" + official +
         R"(,"official_source":"coinbase BTC/USD, last trade at X","official_hash":)" +
         (official == "null"      ? "null"
          : state == "determined" ? "\"ef56\""
                                  : "\"ab12\"") +
         R"(,"rung":)" + rung +
         R"(,"valuation":"2026-01-09T21:00:00Z","input_hash":"ab12","determination":)" + determination +
         R"(,"document":{"flagged":)" + flagged +
         R"(,"bases":{"index":{"index":"NK_BTCUSD_NY","input_hash":"cd34","value":"84000","version":1},)"
         R"("principal_market":{"venue":"coinbase","pair":"BTC/USD","value":"84001","traded_at":"X","trade":"1"},)"
         R"("second_index":{"missing":"none"}},"checks":[{"check":"stale","result":"passed","measured":"1 s",)"
         R"("threshold":"at most 60 s","evidence":"seen"},{"check":"yesterday","result":"not_measured",)"
         R"("measured":"","threshold":"at most 0.2","evidence":"no strike before"}]}})";
}

AssetPrice read(const std::string& body) {
  const FundDefinition fund = test_fund();
  return read_price_answer(body, fund, fund.assets[0], kDay);
}

TEST(ReadPriceAnswer, GivesTheOfficialPriceBothBasesAndTheChecks) {
  const AssetPrice price = read(answer("stands", "\"84001\"", "\"principal_market\""));
  ASSERT_TRUE(price.official.has_value());
  EXPECT_EQ(price.official->value, dec("84001"));
  EXPECT_EQ(price.official->basis, "principal_market");
  EXPECT_EQ(price.official->input_hash, "ab12");
  ASSERT_EQ(price.bases.size(), 2U);
  EXPECT_EQ(price.bases[0].basis, "index");
  EXPECT_EQ(price.bases[0].value, dec("84000"));
  EXPECT_EQ(price.bases[0].input_hash, "cd34");
  ASSERT_EQ(price.checks.size(), 2U);
  EXPECT_EQ(price.checks[0], (PriceCheck{"stale", "passed", "1 s, at most 60 s: seen"}));
  EXPECT_EQ(price.checks[1].detail, "at most 0.2: no strike before");
}

TEST(ReadPriceAnswer, APriceThatWaitsIsNoneAndSaysForWhat) {
  const std::string open = R"({"state":"open","reason":"only the value of 2026-01-08 is left"})";
  const AssetPrice waiting = read(answer("waits", "null", "\"previous\"", open));
  EXPECT_FALSE(waiting.official.has_value());
  EXPECT_NE(waiting.waits_for.find("is open: only the value of 2026-01-08 is left"), std::string::npos);
  EXPECT_NE(read(answer("none", "null", "null")).waits_for.find("there is no price"), std::string::npos);
}

TEST(ReadPriceAnswer, ADeterminedPriceAnswersTheChecksOfTheOneThatItReplaces) {
  const std::string approved =
      R"({"state":"approved","reason":"gap","price":"83950","method":"mean of quotes","determined_by":"ann"})";
  const AssetPrice price = read(answer("determined", "\"83950\"", "\"previous\"", approved, "true"));
  EXPECT_EQ(price.official->basis, "determination");
  EXPECT_EQ(price.official->input_hash, "ef56") << "it names the determination, not only what opened it";
  ASSERT_EQ(price.checks.size(), 1U);
  EXPECT_EQ(price.checks[0].name, "fair_value");
  EXPECT_EQ(price.checks[0].result, "passed");
  EXPECT_EQ(price.checks[0].detail.find("ann"), std::string::npos) << "a NAV's inputs name no person";
}

TEST(ReadPriceAnswer, APreviousValueAndAnOpenDeterminationFailAsChecks) {
  const std::string open = R"({"state":"open","reason":"gap"})";
  const AssetPrice price = read(answer("stands", "\"84001\"", "\"previous\"", open, "true"));
  ASSERT_EQ(price.checks.size(), 4U);
  EXPECT_EQ(price.checks[2].name, "price_of_the_day");
  EXPECT_EQ(price.checks[2].result, "failed");
  EXPECT_EQ(price.checks[3].detail, "a determination is open: gap");
}

TEST(ReadPriceAnswer, RefusesWhatIsNotThatPrice) {
  const std::string good = answer("stands", "\"84001\"", "\"principal_market\"");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = good;
    return changed.replace(changed.find(from), from.size(), to);
  };
  EXPECT_NO_THROW(read(good));
  EXPECT_THROW(read(with("\"BTC\"", "\"ETH\"")), base::Refused);
  EXPECT_THROW(read(with("2026-01-09", "2026-01-08")), base::Refused);
  EXPECT_THROW(read(with("ICA_1940", "ETP_1933")), base::Refused);
  EXPECT_THROW(read(with("fair_value", "index")), base::Refused);
  EXPECT_THROW(read(with("NK_BTCUSD_NY", "NK_OTHER")), base::Refused);
  EXPECT_THROW(read(answer("stands", "\"0\"", "\"index\"")), base::Refused);
  EXPECT_THROW(read(answer("stands", "84001", "\"index\"")), base::Refused);
  EXPECT_THROW(read("<html>"), base::Refused);
}

}  // namespace
}  // namespace navkeeper::nav
