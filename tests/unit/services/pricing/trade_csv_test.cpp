#include "services/pricing/adapters/trade_csv.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "common/base/refuse.h"
#include "common/time/instant.h"
#include "services/pricing/adapters/csv.h"
#include "services/pricing/adapters/trade_file.h"

namespace navkeeper::pricing {
namespace {

using Rejected = std::vector<std::pair<std::uint64_t, std::string>>;

/// Every row as text, and what was rejected.
class Listing final : public TradeSink {
 public:
  void row(const TradeRow& row) override {
    rows.push_back(std::to_string(row.place.line) + " " + time::Instant::from_ns(row.time_ns).to_string() +
                   " " + std::string(row.venue) + " " + std::string(row.pair) + " " +
                   row.price.to_decimal().to_string() + " " + row.size.to_decimal().to_string() + " " +
                   std::string(row.id));
  }
  void reject(RowPlace place, std::string_view reason) override {
    rejected.emplace_back(place.line, std::string(reason));
  }
  std::vector<std::string> rows;
  Rejected rejected;
};

Listing read(const std::string& text) {
  Listing listing;
  read_trade_csv(text, "t.csv", 0, listing);
  return listing;
}

const std::string kHeader = "time,venue,pair,price,size,id\n";
const std::string kGood = "2023-09-05T16:00:01Z,a,BTC/USD,100,2,\n";

std::string refusal_of(const std::string& text) {
  try {
    read(text);
  } catch (const base::Refused& refused) {
    return refused.what();
  }
  return "";
}

/// Keeps how far a time is.
class FarTimes final : public TradeSink {
 public:
  void row(const TradeRow& row) override { keys.emplace_back(row.time_ns, row.far_key); }
  void reject(RowPlace, std::string_view) override { ++rejected; }
  std::vector<std::pair<std::int64_t, std::uint64_t>> keys;
  int rejected = 0;
};

TEST(TradeCsv, TimesThatNanosecondsCannotHoldAreTimesAllTheSame) {
  FarTimes sink;
  std::string text = kHeader;
  for (const char* time :
       {"1677-09-20T00:00:00Z", "0000-02-29T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
        "2300-01-01T00:00:00Z", "2300-01-01T01:00:00+01:00", "2300-01-01T00:00:00.000000001Z",
        "1299-12-31T23:30:00-01:00", "1300-01-01T00:30:00Z", "2100-01-01T00:00:00Z", "2300-02-29T00:00:00Z",
        "0001-13-01T00:00:00Z"}) {
    text += std::string(time) + ",a,BTC/USD,1,1,\n";
  }
  read_trade_csv(text, "t.csv", 0, sink);
  EXPECT_EQ(sink.rejected, 2) << "2300 is no leap year, and there is no month 13";
  ASSERT_EQ(sink.keys.size(), 9U);
  for (const std::size_t i : {0U, 1U}) EXPECT_EQ(sink.keys[i].first, INT64_MIN);
  for (const std::size_t i : {2U, 3U}) EXPECT_EQ(sink.keys[i].first, INT64_MAX);
  EXPECT_EQ(sink.keys[3], sink.keys[4]);
  EXPECT_NE(sink.keys[3], sink.keys[5]);
  EXPECT_EQ(sink.keys[6], sink.keys[7]);
  EXPECT_EQ(sink.keys[8].second, 0U) << "2100 is near";
}

TEST(TradeFile, DevicesAreRefusedAndPipesAreRead) {
  EXPECT_THROW(TradeFile("/dev/zero"), base::Refused);
  const std::string pipe =
      (std::filesystem::temp_directory_path() / ("navkeeper-pipe-" + std::to_string(::getpid()))).string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe) << kHeader << kGood; });
  const TradeFile file(pipe);
  writer.join();
  std::filesystem::remove(pipe);
  EXPECT_EQ(read(std::string(file.text())).rows.size(), 1U);
}

TEST(TradeCsv, ReadsColumnsInAnyOrderQuotedOrNotWithByteOrderMarkAndBlankLines) {
  const Listing listing = read(
      "\xEF\xBB\xBF\n\"size\",price,id,pair,venue,time\r\n\r\n"
      "\"2.50\",100,7,\"BTC/USD\",\"a, \"\"b\"\"\",2023-09-05T16:00:00.5+02:00\r\n  "
      "\n1E-3,1.5e2,,BTC/USD,c,2023-09-05T16:00:00Z");
  EXPECT_EQ(listing.rows, (std::vector<std::string>{"4 2023-09-05T14:00:00.5Z a, \"b\" BTC/USD 100 2.5 7",
                                                    "6 2023-09-05T16:00:00Z c BTC/USD 150 0.001 "}));
  EXPECT_TRUE(listing.rejected.empty());
}

TEST(TradeCsv, CountsLinesInsideQuotes) {
  const Listing listing = read(kHeader + "2023-09-05T16:00:01Z,\"a\nb\",BTC/USD,100,2,\n" + kGood + "x\n");
  ASSERT_EQ(listing.rows.size(), 2U);
  EXPECT_TRUE(listing.rows[0].starts_with("2 "));
  EXPECT_TRUE(listing.rows[1].starts_with("4 "));
  EXPECT_EQ(listing.rejected, (Rejected{{5, "row has fewer fields than the header"}}));
}

TEST(TradeCsv, RejectsWhatCannotBeATradeAndGoesOn) {
  const std::string digits(400, '9');
  const Listing listing = read(kHeader +                               //
                               ",a,BTC/USD,1,1,\n"                     // 2
                               "2023-09-05T16:00:00,a,BTC/USD,1,1,\n"  // 3
                               "2023-09-05T16:00:00.1234567890Z,a,BTC/USD,1,1,\n"
                               "2023-02-29T16:00:00Z,a,BTC/USD,1,1,\n"    // 5
                               "2023-09-05T24:00:00Z,a,BTC/USD,1,1,\n"    // 6
                               "2023-09-05T16:00:00Z,,BTC/USD,1,1,\n"     // 7
                               "2023-09-05T16:00:00Z,a,,1,1,\n"           // 8
                               "2023-09-05T16:00:00Z,a,BTC/USD,,1,\n"     // 9
                               "2023-09-05T16:00:00Z,a,BTC/USD,NaN,1,\n"  // 10
                               "2023-09-05T16:00:00Z,a,BTC/USD,1," +
                               digits +
                               ",\n"
                               "2023-09-05T16:00:00Z,a,BTC/USD,0,1,\n"       // 12
                               "2023-09-05T16:00:00Z,a,BTC/USD,1,-0,\n"      // 13
                               "2023-09-05T16:00:00Z,a,BTC/USD,1,-2,\n"      // 14
                               "2023-09-05T16:00:00Z,a,BTC/USD, 1,2,\n"      // 15
                               "2023-09-05T16:00:00Z,a,BTC/USD,1\n"          // 16
                               "2023-09-05T16:00:00Z,a,BTC/USD,1,1,,\n"      // 17
                               "2023-09-05T16:00:00Z,\xFF,BTC/USD,1,1,\n"    // 18
                               "2023-09-05T16:00:00Z,a\"b,BTC/USD,1,1,\n"    // 19
                               "2023-09-05T16:00:00Z,\"a\"b,BTC/USD,1,1,\n"  // 20
                               "2023-09-05T16:00:00Z,\"a,BTC/USD,1,1,\n" +   // 21
                               kGood);
  EXPECT_EQ(listing.rejected, (Rejected{{2, "time is missing"},
                                        {3, "time is not RFC 3339 with at most 9 fraction digits"},
                                        {4, "time is not RFC 3339 with at most 9 fraction digits"},
                                        {5, "time is not RFC 3339 with at most 9 fraction digits"},
                                        {6, "time is not RFC 3339 with at most 9 fraction digits"},
                                        {7, "venue is missing"},
                                        {8, "pair is missing"},
                                        {9, "price is missing"},
                                        {10, "price is not a decimal number"},
                                        {11, "size has more than 38 digits before or after the point"},
                                        {12, "price is not positive"},
                                        {13, "size is not positive"},
                                        {14, "size is not positive"},
                                        {15, "price is not a decimal number"},
                                        {16, "row has fewer fields than the header"},
                                        {17, "row has more fields than the header"},
                                        {18, "row is not valid UTF-8"},
                                        {19, "quote inside a field that is not quoted"},
                                        {20, "text after a closing quote"},
                                        {21, "quote is not closed"}}));
  EXPECT_EQ(listing.rows.size(), 1U);
}

TEST(TradeCsv, AStrayQuoteThatClosesInALaterRowBreaksItsOwnRowOnly) {
  const Listing listing = read(kHeader + "2023-09-05T16:00:01Z,a,BTC/USD,\"1,1,\n" + kGood +
                               "2023-09-05T16:00:02Z,\"b\",BTC/USD,100,2,\n" + kGood);
  EXPECT_EQ(listing.rejected, (Rejected{{2, "text after a closing quote"}}));
  EXPECT_EQ(listing.rows.size(), 3U);
}

TEST(TradeCsv, TakesAnIdColumnOrNone) {
  EXPECT_EQ(read("time,venue,pair,price,size\n2023-09-05T16:00:01Z,a,BTC/USD,100,2\n").rows,
            std::vector<std::string>{"2 2023-09-05T16:00:01Z a BTC/USD 100 2 "});
  EXPECT_TRUE(read("time,venue,pair,price,size").rows.empty());
}

TEST(TradeCsv, RefusesAHeaderThatIsWrong) {
  EXPECT_EQ(refusal_of(""), "t.csv: is empty: a header with the columns' names is missing");
  EXPECT_EQ(refusal_of("time,venue,pair,price\n"), "t.csv:1: column 'size' is missing");
  EXPECT_EQ(refusal_of("time,venue,pair,price,size,side\n"), "t.csv:1: unknown column 'side'");
  EXPECT_EQ(refusal_of("time,venue,pair,price,size,size\n"), "t.csv:1: column 'size' comes twice");
  EXPECT_EQ(refusal_of("time,venue,pair,price,size, id\n"), "t.csv:1: unknown column ' id'");
  EXPECT_EQ(refusal_of("time,venue,pair,price,size,\"i\nd\"\n"), "t.csv:1: unknown column 'i?d'");
}

TEST(TradeCsv, ARowTooLongIsRejectedAndReadingGoesOn) {
  const Listing listing = read(kHeader + std::string(kRowBytesMax + 1, 'x') + "\n\"" +
                               std::string(kRowBytesMax, 'y') + "\"\n" + kGood);
  EXPECT_EQ(listing.rejected.size(), 2U);
  EXPECT_EQ(listing.rows.size(), 1U);
}

TEST(Number, KeepsItsValueWhateverItsSpelling) {
  for (const char* text :
       {"1", "25770.87", "0.00000001", "3.844E-5", "1e3", "1.5E+2", "999999999999999999",
        "9999999999999999999", "1.000000000000000000000", "00012.50", "+7", ".5", "5.",
        "123456789012345678901234567890.123456789", "1e-18", "1e-19", "1e17", "1e18", "12e17"}) {
    Number number;
    money::Decimal wide;
    ASSERT_EQ(read_number(text, number, wide), NumberField::kPositive) << text;
    EXPECT_EQ(number.to_decimal(), *money::Decimal::parse(text)) << text;
  }
}

std::string packed(const std::string& text) {
  const std::string path = (std::filesystem::temp_directory_path() / "navkeeper_trade_csv_test.gz").string();
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  std::ifstream in(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  std::filesystem::remove(path);
  return bytes;
}

TEST(Gunzip, ReadsEveryMember) {
  EXPECT_EQ(gunzip(packed(kHeader) + packed(kGood), "t"), kHeader + kGood);
  EXPECT_EQ(gunzip(packed(kHeader) + std::string(512, '\0'), "t"), kHeader);
}

TEST(Gunzip, RefusesWhatIsCutShortDamagedOrFollowedByOtherBytes) {
  const std::string whole = packed(kHeader + kGood);
  EXPECT_THROW(gunzip(whole.substr(0, whole.size() - 3), "t"), base::Refused);
  std::string damaged = whole;
  damaged[damaged.size() - 5] ^= 1;
  EXPECT_THROW(gunzip(damaged, "t"), base::Refused);
  EXPECT_THROW(gunzip(whole + "x", "t"), base::Refused);
}

TEST(TradeFile, RefusesWhatItCannotRead) {
  EXPECT_THROW(TradeFile("/nonexistent/file"), base::Refused);
  EXPECT_THROW(TradeFile("/"), base::Refused);
}

}  // namespace
}  // namespace navkeeper::pricing
