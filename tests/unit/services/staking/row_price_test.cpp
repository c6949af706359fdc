// Dollars beside the coins: which day's price a row takes, what is not guessed, and how cents add up.
#include "services/staking/domain/row_price.h"

#include <gtest/gtest.h>

#include "common/base/refuse.h"
#include "services/staking/adapters/pricing_client.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;
using time::Date;
using time::Instant;

Decimal d(std::string_view text) { return Decimal::literal(text); }
const model::AssetId kEth = model::AssetId::literal("ETH");
const DollarTerms kTerms{model::FundId::literal("BTCETH"), "ICA_1940", "fair_value"};

DayPrice day(const char* date, const char* valuation, std::optional<Decimal> official) {
  return {Date::literal(date),
          Instant::literal(valuation),
          official,
          official ? "priced" : "determination open",
          "hash",
          "coinbase"};
}

/// Thursday to Sunday, 16:00 in New York; Saturday's price waits for a determination.
std::vector<DayPrice> days() {
  return {day("2026-03-05", "2026-03-05T21:00:00Z", d("2000.25")),
          day("2026-03-06", "2026-03-06T21:00:00Z", d("2100")),
          day("2026-03-07", "2026-03-07T21:00:00Z", std::nullopt),
          day("2026-03-08", "2026-03-08T20:00:00Z", d("2200"))};
}

TEST(RowPrice, IsOfTheFirstValuationAtOrAfterTheRowsEnd) {
  const auto price_at = [](const char* end) { return price_of_row(Instant::literal(end), days()); };
  EXPECT_EQ(price_at("2026-03-05T20:59:59Z").price->price, d("2000.25"));
  EXPECT_EQ(price_at("2026-03-05T21:00:00Z").price->price, d("2000.25"));
  EXPECT_EQ(price_at("2026-03-05T21:00:01Z").price->price, d("2100"));
  EXPECT_EQ(price_at("2026-03-07T21:00:01Z").price->date, Date::literal("2026-03-08"));
}

TEST(RowPrice, IsNeverGuessed) {
  const auto missing = [](const char* end, std::vector<DayPrice> all) {
    const RowPricing priced = price_of_row(Instant::literal(end), all);
    EXPECT_FALSE(priced.price.has_value());
    return priced.missing;
  };
  EXPECT_NE(missing("2026-03-08T20:00:01Z", days()).find("yet"), std::string::npos);
  EXPECT_NE(missing("2026-03-07T10:00:00Z", days()).find("determination open"), std::string::npos);
  EXPECT_NE(missing("2026-03-05T10:00:00Z", {}).find("yet"), std::string::npos);
  // Friday was not priced yet: Saturday's price is not Friday's.
  std::vector<DayPrice> gap = days();
  gap.erase(gap.begin() + 1);
  EXPECT_NE(missing("2026-03-05T21:00:01Z", gap).find("a day between"), std::string::npos);
  // A longer day, such as one whose market closed early before it, is one all the same.
  gap = {day("2026-11-27", "2026-11-27T18:00:00Z", d("1")),
         day("2026-11-28", "2026-11-28T21:00:00Z", d("2"))};
  EXPECT_EQ(price_of_row(Instant::literal("2026-11-27T19:00:00Z"), gap).price->price, d("2"));
}

TEST(RowPrice, DollarsFootAndTheirRoundingHasAName) {
  RollForward row{
      {Chain::kEthereum, "ether", "7", kEth}, Account::kStake, {}, {}, d("32.0001"), {}, d("31.9")};
  row.lines = {{EventKind::kWithdrawalSweep, d("0.1111")},
               {EventKind::kRewardAttestation, d("0.0123")},
               {EventKind::kPenalty, d("0.0013")}};
  ASSERT_TRUE(row.is_tied()) << row.difference().to_string();
  for (const char* price : {"2000.25", "1999.9999", "3333.333333", "0.01"}) {
    const RollForwardDollars dollars = in_dollars(row, d(price));
    Decimal sum = dollars.opening + dollars.rounding + dollars.difference;
    for (const RollForwardLine& line : dollars.lines)
      sum += effect(line.kind, Account::kStake) > 0 ? line.amount : -line.amount;
    EXPECT_EQ(sum, dollars.closing) << price;
    EXPECT_LE(dollars.rounding.abs(), d("0.03")) << price;  // half a cent for each of five figures
    EXPECT_TRUE(dollars.difference.is_zero());
  }
  EXPECT_EQ(in_dollars(row, d("2000.25")).lines[1].amount, d("24.6"));
  row.closing += d("1");
  EXPECT_EQ(in_dollars(row, d("2000.25")).difference, d("2000.25"));
}

class Prices final : public PriceSource {
 public:
  std::vector<DayPrice> days(const model::AssetId&, const DollarTerms&, Date from, Date to) override {
    ++questions;
    std::vector<DayPrice> some;
    for (const DayPrice& one : all) {
      if (from <= one.date && one.date <= to) some.push_back(one);
    }
    return some;
  }
  std::vector<DayPrice> all;
  int questions = 0;
};
class Rows final : public RowPriceStore {
 public:
  std::vector<RowEnd> unpriced(const model::FundId&, int) override { return ends; }
  std::size_t save(const model::FundId&, const std::vector<std::pair<RowEnd, RowPrice>>& prices, Instant,
                   const std::string&) override {
    saved = prices;
    return prices.size();
  }
  std::vector<RowEnd> ends;
  std::vector<std::pair<RowEnd, RowPrice>> saved;
};

TEST(RowPrice, APassPricesWhatItCanAndSaysWhyTheRestWaits) {
  Prices prices;
  prices.all = days();
  Rows rows;
  for (const char* end : {"2026-03-05T10:00:00Z", "2026-03-05T22:00:00Z", "2026-03-07T10:00:00Z",
                          "2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z"})
    rows.ends.push_back({kEth, Instant::literal(end)});
  const PriceRowsReport report =
      price_rows(rows, prices, kTerms, Instant::literal("2026-03-09T01:00:00Z"), "x");
  EXPECT_EQ(report.priced, 3U);
  EXPECT_EQ(report.waiting, 2U);
  EXPECT_NE(report.detail.find("ETH: no official price stands on 2026-03-07"), std::string::npos);
  EXPECT_EQ(prices.questions, 1);
  ASSERT_EQ(rows.saved.size(), 3U);
  EXPECT_EQ(rows.saved[2].second.price, d("2200"));
}

TEST(RowPrice, PricingsAnswerIsReadStrictly) {
  const auto row = [](const char* asset, const char* date, const char* basis, const char* official) {
    return std::string(R"({"asset":")") + asset + R"(","date":")" + date + R"(","act":"ICA_1940","basis":")" +
           basis + R"(","state":"priced","official":)" + official +
           R"(,"official_hash":"h","official_source":"s","valuation":")" + date + R"(T21:00:00Z"})";
  };
  const auto read = [&](const std::string& rows) {
    return read_day_prices(R"({"prices":[)" + rows + "]}", kEth, kTerms);
  };
  const auto two = read(row("ETH", "2026-03-06", "fair_value", "\"2\"") + "," +
                        row("ETH", "2026-03-06", "index", "\"9\"") + "," +
                        row("ETH", "2026-03-05", "fair_value", "\"1\""));
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0].official, d("1"));
  EXPECT_FALSE(read(row("ETH", "2026-03-06", "fair_value", "null"))[0].official.has_value());
  EXPECT_THROW(read(row("BTC", "2026-03-06", "fair_value", "\"2\"")), base::Refused);
  EXPECT_THROW(read(row("ETH", "2026-03-06", "fair_value", "\"0\"")), base::Refused);
  EXPECT_THROW(read(row("ETH", "2026-03-06", "fair_value", "\"1\"") + "," +
                    row("ETH", "2026-03-06", "fair_value", "\"1\"")),
               base::Refused);
}

}  // namespace
}  // namespace navkeeper::staking
