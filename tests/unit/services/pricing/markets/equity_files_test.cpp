#include "services/pricing/adapters/equity_files.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "services/pricing/adapters/csv.h"
#include "services/pricing/adapters/trade_file.h"
#include "services/pricing/domain/markets/corporate_actions.h"

namespace navkeeper::pricing {
namespace {

using money::Decimal;
using time::Date;
using time::Duration;
using time::Instant;

EquityImport import_of(Adjustment adjustment = Adjustment::kSplitsAndDividends,
                       const char* symbol = nullptr) {
  return {SnapClock::nyse_close(), adjustment, "Yahoo",
          symbol == nullptr ? std::nullopt : std::optional(model::AssetId::literal(symbol)),
          Instant::latest()};
}

EquityFile read_ok(std::string_view text, const EquityImport& import) {
  auto file = read_equity_closes(text, "f.csv", import);
  EXPECT_TRUE(file.has_value()) << (file.has_error() ? file.error().message() : "");
  return file.has_value() ? *file : EquityFile{};
}

TEST(EquityFile, WideHasAColumnASymbol) {
  const auto file = read_ok(
      "\xef\xbb\xbf"
      "date,MARA,RIOT\r\n2026-03-02,10.5,\r\n\r\n2026-03-03,11,21.25\r\n",
      import_of());
  EXPECT_EQ(file.shape, EquityFileShape::kWide);
  ASSERT_EQ(file.series.size(), 2U);
  EXPECT_EQ(file.series[0].symbol.value(), "MARA");
  EXPECT_EQ(file.series[0].closes[0], (ClosePrice{Date::literal("2026-03-02"), Decimal::literal("10.5"),
                                                  Instant::literal("2026-03-02T21:00:00Z"), 2}));
  EXPECT_EQ(file.series[1].closes.size(), 1U);
  EXPECT_EQ(file.series[1].closes[0].line, 4U);
  EXPECT_EQ(file.rejected, 0U);
  EXPECT_EQ(file.series[1].provenance.source, "Yahoo");
  EXPECT_EQ(file.series[1].provenance.file, "f.csv");
  EXPECT_EQ(file.series[1].provenance.sha256.size(), 64U);
}

TEST(EquityFile, ACloseThatHasNotComeIsRejectedAndSaysWhenItComes) {
  EquityImport import = import_of();
  import.now = Instant::literal("2026-03-03T20:59:59.999Z");
  const std::string text = "date,MARA\n2026-03-02,10.5\n2026-03-03,11\n2027-03-01,12\n";
  const auto file = read_ok(text, import);
  ASSERT_EQ(file.series.size(), 1U);
  EXPECT_EQ(file.series[0].closes.size(), 1U);
  EXPECT_EQ(file.rejected, 2U);
  EXPECT_EQ(file.first_rejected[0],
            (RejectedClose{
                3, "MARA: the close of 2026-03-03 is snapped at 2026-03-03T21:00:00Z, which has not come"}));
  import.now = Instant::literal("2026-03-03T21:00:00Z");
  EXPECT_EQ(read_ok(text, import).rejected, 1U);
}

TEST(EquityFile, YahooGivesCloseOrAdjustedClose) {
  const std::string text =
      "Date,Open,High,Low,Close,Adj "
      "Close,Volume\n2026-03-02,1,2,0.5,1.5,1.4,100\n2026-03-03,null,null,null,null,null,null\n";
  EXPECT_EQ(read_ok(text, import_of(Adjustment::kSplits, "MARA")).series[0].closes[0].value,
            Decimal::literal("1.5"));
  EXPECT_EQ(read_ok(text, import_of(Adjustment::kSplitsAndDividends, "MARA")).series[0].closes[0].value,
            Decimal::literal("1.4"));
  EXPECT_EQ(read_ok(text, import_of(Adjustment::kSplits, "MARA")).rejected, 0U)
      << "null is no price, and no fault";
  EXPECT_EQ(read_equity_closes(text, "f.csv", import_of(Adjustment::kNone, "MARA")).error().message(),
            "f.csv: Yahoo's Close is adjusted for splits, its Adj Close for dividends too");
}

TEST(EquityFile, StooqComesAsOneSymbolOrInBulk) {
  EXPECT_EQ(read_ok("Date,Open,High,Low,Close,Volume\n2026-03-02,1,2,0.5,1.5,100\n",
                    import_of(Adjustment::kSplits, "MARA"))
                .shape,
            EquityFileShape::kOhlcv);
  const auto bulk = read_ok(
      "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
      "MARA.US,D,20260302,000000,1,2,0.5,1.5,100,0\nRIOT.US,D,20260302,000000,1,2,0.5,7.5,100,0\n"
      "MARA.US,5,20260303,220000,1,2,0.5,1.5,100,0\nMARA.US,D,2026033,000000,1,2,0.5,1.5,100,0\n",
      import_of());
  EXPECT_EQ(bulk.shape, EquityFileShape::kStooqBulk);
  ASSERT_EQ(bulk.series.size(), 2U);
  EXPECT_EQ(bulk.series[1].symbol.value(), "RIOT");
  EXPECT_EQ(bulk.series[1].closes[0].value, Decimal::literal("7.5"));
  EXPECT_EQ(bulk.first_rejected,
            (std::vector<RejectedClose>{{4, "period '5' is not D"}, {5, "date '2026033' cannot be read"}}));
}

TEST(EquityFile, BadRowsAreRejectedAndTheFileGoesOn) {
  const auto file = read_ok(
      "date,MARA\n2026-03-02,1\n2026-03-03,0\n2026-03-04,-1\n2026-03-05,abc\n2026-02-30,1\n2026-03-07,"
      "1\n2026-03-06\n"
      "2026-03-09,\"1\"x\n2026-03-10,9\n",
      import_of());
  ASSERT_EQ(file.series.size(), 1U);
  EXPECT_EQ(file.series[0].closes.size(), 2U);
  EXPECT_EQ(file.rejected, 7U);
  EXPECT_EQ(file.first_rejected[0], (RejectedClose{3, "MARA: price is not positive"}));
  EXPECT_EQ(file.first_rejected[4],
            (RejectedClose{7, "MARA: 2026-03-07: the exchange is closed on this date"}));
  EXPECT_EQ(file.first_rejected[5], (RejectedClose{8, "has 1 fields, the header has 2"}));
}

TEST(EquityFile, CopiesThatAgreeCountOnceAndOthersNotAtAll) {
  const auto file = read_ok(
      "date,MARA\n2026-03-03,2\n2026-03-02,1\n2026-03-03,2.00\n2026-03-02,1.01\n2026-03-02,1\n", import_of());
  ASSERT_EQ(file.series[0].closes.size(), 1U);
  EXPECT_EQ(file.series[0].closes[0].value, Decimal::of(2));
  EXPECT_EQ(file.rejected, 3U);
  EXPECT_EQ(file.first_rejected[0], (RejectedClose{3, "MARA: contradicts another price of 2026-03-02"}));
}

TEST(EquityFile, WrongHeadersAndImportsAreRefused) {
  const auto rule = [](std::string_view text, const EquityImport& import) {
    return read_equity_closes(text, "f.csv", import).error().message();
  };
  EXPECT_EQ(rule("", import_of()), "f.csv: has no header");
  EXPECT_EQ(rule("day,MARA\n", import_of()), "f.csv:1: the header is of no known shape");
  EXPECT_EQ(rule("date,MARA,MARA\n", import_of()), "f.csv:1: column 'MARA' is repeated");
  EXPECT_EQ(rule("Date,Close,Open\n", import_of()),
            "f.csv:1: the header is of no known shape: unknown column 'Close'");
  EXPECT_EQ(rule("Date,Close\n", import_of()), "f.csv: the file does not name its symbol: one is required");
  EXPECT_EQ(rule("date,MARA\n", import_of(Adjustment::kNone, "MARA")),
            "f.csv: the file names its symbols itself");
  auto silent = import_of();
  silent.source.clear();
  EXPECT_EQ(rule("date,MARA\n", silent), "f.csv: a source is required");
}

RC_GTEST_PROP(EquityFileProperty, OrderOfRowsDoesNotMatter, ()) {
  const auto rows = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 9), rc::gen::inRange(0, 4)));
  const auto read = [](const std::vector<std::pair<int, int>>& lines) {
    std::string text = "date,MARA\n";
    for (const auto& [day, price] : lines)
      text += (Date::literal("2026-03-02") + day).to_string() + "," + std::to_string(price) + "\n";
    std::map<Date, Decimal> closes;
    const auto file = *read_equity_closes(text, "f.csv", import_of());
    for (const auto& series : file.series)
      for (const auto& close : series.closes) closes[close.date] = close.value;
    return std::pair(closes, file.rejected);
  };
  auto backwards = rows;
  std::reverse(backwards.begin(), backwards.end());
  RC_ASSERT(read(rows) == read(backwards));
}

// ---------------------------------------------------------------------------------------------------------------------
// The collected files.

std::filesystem::path prices() {
  const char* shared = std::getenv("NAVKEEPER_SHARED");
  const char* source = std::getenv("NAVKEEPER_SOURCE_DIR");
  const std::filesystem::path root =
      shared != nullptr ? shared : std::filesystem::path(source != nullptr ? source : ".") / ".." / "shared";
  return root / "data" / "prices";
}

#define SKIP_WITHOUT_PRICES() \
  if (!std::filesystem::exists(prices())) GTEST_SKIP() << "no collected prices at " << prices()

const CloseSeries& of(const EquityFile& file, std::string_view symbol) {
  for (const auto& series : file.series) {
    if (series.symbol.value() == symbol) return series;
  }
  throw std::runtime_error("no such symbol");
}

TEST(CollectedPrices, EveryRealTradingDaySince2020IsOneOfTheCalendar) {
  SKIP_WITHOUT_PRICES();
  const auto file = load_equity_closes((prices() / "equities_adjclose_2017_2026.csv").string(), import_of());
  ASSERT_TRUE(file.has_value()) << file.error().message();
  EXPECT_EQ(file->series.size(), 18U);
  const CloseSeries& spy = of(*file, "SPY");
  EXPECT_EQ(spy.closes.size(), 1'653U);
  EXPECT_EQ(spy.closes.front().date, Date::literal("2020-01-02"));
  EXPECT_EQ(spy.closes.back().date, Date::literal("2026-07-31"));
  // Rejected is what lies before the calendar, and nothing else: the cells of 754 days that hold a price.
  const TradeFile raw((prices() / "equities_adjclose_2017_2026.csv").string());
  CsvReader reader(raw.text());
  ASSERT_TRUE(reader.next());
  std::uint64_t before = 0;
  while (reader.next()) {
    if (reader.fields()[0] >= "2020") continue;
    for (std::size_t i = 1; i < reader.fields().size(); ++i) before += reader.fields()[i].empty() ? 0U : 1U;
  }
  EXPECT_EQ(file->rejected, before);
  EXPECT_NE(file->first_rejected[0].reason.find("the exchange calendar does not cover this date"),
            std::string::npos);
}

TEST(CollectedPrices, CoreScientificIsTwoSharesUnderOneTicker) {
  SKIP_WITHOUT_PRICES();
  const auto old_share = load_equity_closes((prices() / "CORZ_prebankruptcy_2021_2022.csv").string(),
                                            import_of(Adjustment::kSplitsAndDividends, "CORZ"));
  ASSERT_TRUE(old_share.has_value()) << old_share.error().message();
  EXPECT_EQ(old_share->shape, EquityFileShape::kClose);
  EXPECT_EQ(old_share->rejected, 0U);
  const auto all = load_equity_closes((prices() / "equities_adjclose_2017_2026.csv").string(), import_of());
  CloseSeries joined = of(*old_share, "CORZ");
  const CloseSeries& fresh = of(*all, "CORZ");
  joined.closes.insert(joined.closes.end(), fresh.closes.begin(), fresh.closes.end());
  const std::vector<CorporateAction> actions{Relisting{joined.symbol, Date::literal("2024-01-24")}};
  const auto stretches = follow_security(joined.symbol, std::vector{joined}, actions);
  ASSERT_EQ(stretches->size(), 2U);
  EXPECT_EQ((*stretches)[0].size(), 379U);
  EXPECT_EQ((*stretches)[0].back().date, Date::literal("2022-12-30"));
  EXPECT_EQ((*stretches)[1].front().date, Date::literal("2024-01-24"));
  EXPECT_EQ((*stretches)[1].front().value, money::Rational(Decimal::literal("3.44")));
}

TEST(CollectedPrices, CoinFilesOfDifferentClocksAreNotAligned) {
  SKIP_WITHOUT_PRICES();
  auto cet = import_of(Adjustment::kNone);
  cet.clock = *SnapClock::midnight("Europe/Berlin");
  auto utc = import_of(Adjustment::kNone, "BTC-USD");
  utc.clock = *SnapClock::midnight("UTC");
  const auto cet_file =
      load_equity_closes((prices() / "crypto_close_cet_midnight_2017_2026.csv").string(), cet);
  const auto utc_file =
      load_equity_closes((prices() / "BTC_close_utc_midnight_yahoo_2024-12_2026-08.csv").string(), utc);
  ASSERT_TRUE(cet_file.has_value() && utc_file.has_value());
  EXPECT_EQ(cet_file->rejected, 0U);
  EXPECT_EQ(cet_file->series.size(), 3U);
  EXPECT_EQ(utc_file->series[0].closes.size(), 624U);
  EXPECT_EQ(align_closes(std::vector{of(*cet_file, "BTC"), utc_file->series[0]}).error().rule,
            "clocks are never mixed: midnight Europe/Berlin and midnight UTC");
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double mean_a = 0, mean_b = 0, ab = 0, aa = 0, bb = 0;
  const auto n = static_cast<double>(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    mean_a += a[i] / n;
    mean_b += b[i] / n;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

TEST(CollectedPrices, BitcoinSnappedAtTheEquityCloseShowsTheCorrelationThatOtherClocksHide) {
  SKIP_WITHOUT_PRICES();
  const auto file = load_equity_closes((prices() / "equities_adjclose_2017_2026.csv").string(), import_of());
  const TradeFile hourly((prices() / "BTC_hourly_close_2018_2022.csv.gz").string());
  CsvReader reader(hourly.text());
  ASSERT_TRUE(reader.next());
  std::vector<ObservedPrice> bars;
  while (reader.next()) {
    // The close of a bar is seen an hour after its start.
    bars.push_back(
        {Instant::from_ns(std::stoll(std::string(reader.fields()[0])) * 1'000'000'000) + Duration::hours(1),
         *Decimal::parse(reader.fields()[1])});
  }
  CloseSeries bitcoin{
      model::AssetId::literal("BTC"), SnapClock::nyse_close(), Adjustment::kSplitsAndDividends, {}, {}};
  CloseSeries late = bitcoin;
  for (const ClosePrice& close : of(*file, "RIOT").closes) {
    if (close.date < Date::literal("2020-06-01") || close.date > Date::literal("2022-02-03")) continue;
    const auto snapped = snap_price(bars, close.snapped_at, Duration::minutes(30));
    ASSERT_TRUE(snapped.has_value()) << close.date.to_string();
    EXPECT_EQ(snapped->at, close.snapped_at) << "a bar ends exactly then";
    bitcoin.closes.push_back({close.date, snapped->value, close.snapped_at, 0});
    const auto midnight =
        snap_price(bars, *SnapClock::midnight("UTC")->snap(close.date), Duration::minutes(30));
    late.closes.push_back({close.date, midnight->value, close.snapped_at, 0});
  }
  const auto of_returns = [&](const CloseSeries& coin) {
    const auto rows = *align_closes(std::vector{coin, of(*file, "RIOT")});
    std::vector<double> a, b;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      const auto change = [&](std::size_t k) {
        return std::log(std::stod(rows[i].values[k].to_string()) /
                        std::stod(rows[i - 1].values[k].to_string()));
      };
      a.push_back(change(0));
      b.push_back(change(1));
    }
    return correlation(a, b);
  };
  const double snapped = of_returns(bitcoin), mixed = of_returns(late);
  std::cout << bitcoin.closes.size() - 1 << " returns, correlation with RIOT " << snapped
            << " at the equity close, " << mixed << " with closes at midnight UTC\n";
  EXPECT_EQ(bitcoin.closes.size(), 425U);
  EXPECT_NEAR(snapped, 0.663, 0.002) << "facts on risk, 1";
  EXPECT_NEAR(mixed, 0.591, 0.002);
}

}  // namespace
}  // namespace navkeeper::pricing
