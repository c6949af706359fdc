// `rates compute` from the command line to the answer, on files.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/base/refuse.h"
#include "common/json/value.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/csv.h"
#include "services/pricing/adapters/trade_file.h"
#include "services/pricing/service.h"

namespace navkeeper::pricing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIndex = R"(id = "T"
pair = "BTC/USD"
strike_time = "13:00"
time_zone = "America/New_York"
window_minutes = 60
partitions = 12
statistic = "volume_weighted_median"
tie = "lower"
empty_partition = "drop"
weights = "equal"
venues = ["coinbase", "kraken"]
venue_deviation_max = "0.05"
venue_deviation_reference = "others"
minimum_venues = 1
decimals = 2
rounding = "half_even"
)";

class RatesCompute : public ::testing::Test {
 protected:
  RatesCompute() {
    dir_ = fs::temp_directory_path() / ("navkeeper_rates_" + std::to_string(::getpid()));
    fs::create_directories(dir_);
    write("index.toml", kIndex);
  }
  ~RatesCompute() override { fs::remove_all(dir_); }

  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  /// The index with `from` replaced by `to`.
  void index_with(const std::string& from, const std::string& to) const {
    std::string text = kIndex;
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    write("index.toml", text.replace(at, from.size(), to));
  }

  std::string run(std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    time::ManualClock clock(time::Instant::literal("2026-01-01T00:00:00Z"));
    runtime::CommandContext context{out, err, clock};
    runtime::CommandLine line("test", "navkeeper");
    add_commands(line.root(), context);
    std::vector<std::string> all{"--index", path("index.toml"), "--json"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.begin(), {"rates", "compute"});
    outcome_ = line.parse(all).outcome;
    exit_code_ = context.exit_code;
    err_ = err.str();
    return out.str();
  }
  json::Value answer(std::vector<std::string> arguments) {
    auto value = json::parse(run(std::move(arguments)));
    EXPECT_TRUE(value.has_value());
    return *value;
  }
  bool is_usage_error(std::vector<std::string> arguments) {
    return run(std::move(arguments)).empty() && outcome_ == runtime::Parsed::Outcome::kUsageError;
  }
  std::string refusal(std::vector<std::string> arguments) {
    try {
      const std::string out = run(std::move(arguments));
      return "not refused: " + out;
    } catch (const base::Refused& refused) {
      EXPECT_EQ(std::string(refused.what()).find('\n'), std::string::npos);
      return refused.what();
    }
  }

  fs::path dir_;
  runtime::ExitCode exit_code_ = runtime::ExitCode::kDone;
  std::string err_;  ///< of the last run
  runtime::Parsed::Outcome outcome_ = runtime::Parsed::Outcome::kRun;
};

std::string text_at(const json::Value& value, std::string_view key) { return value.find(key)->as_string(); }

TEST_F(RatesCompute, GivesTheKnownRateOfARealHour) {
  const char* shared = std::getenv("NAVKEEPER_SHARED");
  const char* source = std::getenv("NAVKEEPER_SOURCE_DIR");
  const fs::path base =
      shared != nullptr ? fs::path(shared) : fs::path(source != nullptr ? source : ".") / "../shared";
  const fs::path file = base / "data/ticks/coinbase/questdb_btcusd_trades_20230905T16_1h.csv";
  if (!fs::exists(file)) GTEST_SKIP() << "the real hour of trades is not here: " << file;

  const TradeFile raw(file.string());
  CsvReader reader(raw.text());
  std::string csv = "time,venue,pair,price,size\n";
  ASSERT_TRUE(reader.next());
  while (reader.next()) {
    const auto& fields = reader.fields();
    csv.append(fields[4])
        .append(",coinbase,BTC/USD,")
        .append(fields[2])
        .append(",")
        .append(fields[3])
        .append("\n");
  }
  const json::Value value = answer({"--trades", write("t.csv", csv), "--date", "2023-09-05"});
  EXPECT_EQ(text_at(value, "value"), "25770.87");
  EXPECT_EQ(text_at(value, "unrounded"), "25770.871666666666666666666");
  // Twelve medians and counts computed with another program from the same file.
  const std::vector<std::pair<std::string, std::string>> known{
      {"25737.2", "424"},  {"25767.11", "419"}, {"25780.76", "469"}, {"25783.25", "461"},
      {"25773.38", "490"}, {"25782.34", "421"}, {"25779.58", "465"}, {"25796.46", "491"},
      {"25803.2", "513"},  {"25767.64", "656"}, {"25735.82", "573"}, {"25743.72", "500"}};
  const json::Array& partitions = value.find("partitions")->as_array();
  ASSERT_EQ(partitions.size(), known.size());
  for (std::size_t i = 0; i < known.size(); ++i) {
    EXPECT_EQ(text_at(partitions[i], "value"), known[i].first);
    EXPECT_EQ(partitions[i].find("trades")->as_number(), known[i].second);
  }
  const json::Value& venue = value.find("venues")->as_array().at(0);
  EXPECT_EQ(text_at(venue, "median"), "25773.07");
  EXPECT_EQ(text_at(venue, "volume"), "211.26789305");
}

TEST_F(RatesCompute, WritesTheAnswerOfTheContract) {
  index_with("partitions = 12", "partitions = 1");
  const std::string file = write("a.csv",
                                 "time,venue,pair,price,size\n"
                                 "2023-09-05T16:00:00Z,coinbase,BTC/USD,100,1.50\n"
                                 "2023-09-05T16:30:00Z,elsewhere,BTC/USD,100,1\n"
                                 "2023-09-05T17:00:00Z,coinbase,BTC/USD,500,1\n"
                                 "2023-09-05T16:00:00Z,coinbase,BTC/USD,0,1\n");
  EXPECT_EQ(
      run({"--trades", file, "--date", "2023-09-05"}),
      R"({"index":"T","pair":"BTC/USD","date":"2023-09-05","status":"ok","window":{"start":"2023-09-05T16:00:00Z",)"
      R"("end":"2023-09-05T17:00:00Z"},"value":"100.00","unrounded":"100.000000000000000000000",)"
      R"("partitions":[{"start":"2023-09-05T16:00:00Z","trades":1,"volume":"1.5","value":"100"}],)"
      R"("venues":[{"venue":"coinbase","trades":1,"volume":"1.5","median":"100","deviation":"0","excluded":false},)"
      R"({"venue":"kraken","trades":0,"volume":"0","median":null,"deviation":null,"excluded":false}],)"
      R"("rejected":{"count":1,"first":[{"file":")" +
          file + R"(","line":5,"reason":"price is not positive"}]},"ignored":1})" + "\n");
  EXPECT_EQ(exit_code_, runtime::ExitCode::kDone);
}

TEST_F(RatesCompute, WithoutTradesFailsOrTakesThePreviousValue) {
  const std::string file = write("a.csv", "time,venue,pair,price,size\n");
  const json::Value failed = answer({"--trades", file, "--date", "2023-09-05"});
  EXPECT_EQ(text_at(failed, "status"), "failed");
  EXPECT_TRUE(failed.find("value")->is_null());
  EXPECT_EQ(exit_code_, runtime::ExitCode::kRefused);
  EXPECT_EQ(err_,
            "navkeeper: no rate of T on 2023-09-05: no trade of its venues lies in its window, "
            "2023-09-05T16:00:00Z to 2023-09-05T17:00:00Z\n");
  const json::Value previous = answer({"--trades", file, "--date", "2023-09-05", "--previous", "99.5"});
  EXPECT_EQ(text_at(previous, "status"), "previous");
  EXPECT_EQ(text_at(previous, "value"), "99.50");
  EXPECT_TRUE(previous.find("unrounded")->is_null());
  EXPECT_EQ(exit_code_, runtime::ExitCode::kDone);
}

TEST_F(RatesCompute, ReadsSeveralFilesAsOneWhateverTheirOrder) {
  const std::string a =
      write("a.csv", "time,venue,pair,price,size,id\n2023-09-05T16:00:00Z,coinbase,BTC/USD,100,1,7\n");
  const std::string b = write("b.csv",
                              "id,size,price,pair,venue,time\n7,1,101,BTC/USD,coinbase,2023-09-05T16:00:00Z\n"
                              "8,1,102,BTC/USD,coinbase,2023-09-05T18:00:00+02:00\n");
  for (const auto& files : {std::pair(a, b), std::pair(b, a)}) {
    const json::Value value =
        answer({"--trades", files.first, "--trades", files.second, "--date", "2023-09-05"});
    EXPECT_EQ(text_at(value, "value"), "102.00");
    EXPECT_EQ(value.find("rejected")->find("count")->as_number(), "2");
    EXPECT_EQ(text_at(value.find("rejected")->find("first")->as_array().at(0), "file"), files.first);
  }
}

TEST_F(RatesCompute, FollowsTheClocksOfTheZone) {
  const std::string file = write("a.csv", "time,venue,pair,price,size\n");
  index_with("13:00", "16:00");
  const auto window = [&](const std::string& date) {
    const json::Value value = answer({"--trades", file, "--date", date});
    return text_at(*value.find("window"), "start") + " " + text_at(*value.find("window"), "end");
  };
  EXPECT_EQ(window("2023-03-11"), "2023-03-11T20:00:00Z 2023-03-11T21:00:00Z");
  EXPECT_EQ(window("2023-03-12"), "2023-03-12T19:00:00Z 2023-03-12T20:00:00Z");
  index_with("13:00", "01:30");
  EXPECT_EQ(window("2023-11-05"), "2023-11-05T04:30:00Z 2023-11-05T05:30:00Z") << "twice: the first";
  index_with("13:00", "02:30");
  EXPECT_EQ(refusal({"--trades", file, "--date", "2023-03-12"}),
            path("index.toml") +
                ":3: strike_time: 02:30 does not exist on 2023-03-12 in America/New_York: the clocks are put "
                "forward over it");
}

TEST_F(RatesCompute, RefusesAnIndexFileThatIsWrong) {
  const std::string file = write("a.csv", "time,venue,pair,price,size\n");
  const std::vector<std::array<std::string, 3>> cases{
      {"partitions = 12", "partitions = 7", ":6: partitions: "},
      {"\"0.05\"", "0.05", ":12: venue_deviation_max: "},
      {"\"0.05\"", "\"-0.05\"", ":12: venue_deviation_max: is negative"},
      {"tie = \"lower\"\n", "", "tie: key is missing"},
      {"\"lower\"", "\"higher\"", ":8: tie: must be \"lower\" or \"average\""},
      {"tie = ", "extra = 1\ntie = ", "extra"},
      {"tie = ", "tie = \"lower\"\ntie = ", "tie"},
      {"\"equal\"", "\"most\"", ":10: weights: "},
      {"\"equal\"", "[1, 2]", ":10: weights: has 2 weights for 12 partitions"},
      {"\"equal\"", "[0,0,0,0,0,0,0,0,0,0,0,\"0.0\"]", ":10: weights: all weights are zero"},
      {"\"equal\"", "[1,1,1,1,1,1,1,1,1,1,1,1.5]", ":10: weights[11]: "},
      {"\"equal\"", "[1,1,1,1,1,1,1,1,1,1,1,\"-1\"]", ":10: weights[11]: is negative"},
      {"[\"coinbase\", \"kraken\"]", "[]", ":11: venues: "},
      {"\"kraken\"", "\"coinbase\"", ":11: venues: names coinbase twice"},
      {"decimals = 2", "decimals = -1", ":15: decimals: "},
      {"decimals = 2", "decimals = \"2\"", ":15: decimals: "},
      {"\"half_even\"", "\"up\"", ":16: rounding: "},
      {"America/New_York", "America/Gotham", ":4: time_zone: "},
      {"13:00", "25:00", ":3: strike_time: "},
      {"BTC/USD", "BTCUSD", ":2: pair: must be BASE/QUOTE"},
      {"window_minutes = 60", "window_minutes = 0", ":5: window_minutes: "}};
  for (const auto& [from, to, expected] : cases) {
    index_with(from, to);
    const std::string said = refusal({"--trades", file, "--date", "2023-09-05"});
    EXPECT_NE(said.find(expected), std::string::npos) << to << " -> " << said;
    EXPECT_TRUE(said.starts_with(path("index.toml"))) << said;
  }
}

TEST_F(RatesCompute, TakesWeightsAsStringsOrWholeNumbers) {
  index_with("weights = \"equal\"", "weights = [1,1,1,1,1,1,1,1,1,1,1,\"0.5\"]");
  const std::string file =
      write("a.csv",
            "time,venue,pair,price,size\n2023-09-05T16:54:59.999999999Z,coinbase,BTC/USD,10,1\n"
            "2023-09-05T16:55:00Z,coinbase,BTC/USD,40,1\n");
  EXPECT_EQ(text_at(answer({"--trades", file, "--date", "2023-09-05"}), "value"), "20.00");
}

TEST_F(RatesCompute, RefusesFilesThatItCannotReadAndOptionsThatDoNotFit) {
  EXPECT_EQ(refusal({"--trades", path("none.csv"), "--date", "2023-09-05"}),
            path("none.csv") + ": cannot be read: No such file or directory");
  const std::string file = write("a.csv", "time,venue,pair,price,size\n");
  EXPECT_EQ(refusal({"--trades", file, "--date", "2023-09-05", "--previous", "1.234"}),
            "--previous: has more than the index's 2 decimals");
  EXPECT_TRUE(is_usage_error({"--trades", file, "--date", "2023-02-29"}));
  EXPECT_TRUE(is_usage_error({"--trades", file, "--date", "2023-09-05", "--previous", "x"}));
  EXPECT_TRUE(is_usage_error({"--date", "2023-09-05"}));
}

}  // namespace
}  // namespace navkeeper::pricing
