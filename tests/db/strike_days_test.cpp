// The days of the strike job: one on which nothing can be struck stops no later one, and each is a day of the
// zone of the definition that holds on it.
#include <thread>

#include "services/pricing/adapters/real_time_store.h"
#include "services/pricing/adapters/tape_upkeep_store.h"
#include "tests/db/prices_fixture.h"

namespace navkeeper::pricing {
namespace {

/// `toml` with another line for `key`.
std::string with_line(std::string toml, const std::string& key, const std::string& value) {
  const auto at = toml.find("\n" + key + " = ") + 1;
  return toml.replace(at, toml.find('\n', at) - at, key + " = " + value);
}

class StrikeDaysTest : public PricesTest {
 protected:
  std::int64_t rates_of(const std::string& index, const std::string& date) {
    return count("rate WHERE index_id = '" + index + "' AND date = '" + date + "'");
  }
};

TEST_F(StrikeDaysTest, ADayWhoseStrikeTimeDoesNotExistStopsNoLaterOne) {
  const auto at_half_past_two = [](const std::string& toml) {
    return with_line(with_line(toml, "strike_time", "\"02:30\""), "time_zone", "\"America/New_York\"");
  };
  define(at_half_past_two(index_toml("NK_NIGHT", "vwap", 1, 1)));
  define(index_toml("NK_NOON", "vwap", 1, 1));
  clock_.set(Instant::literal("2026-03-06T12:00:00Z"));
  run_job();
  EXPECT_EQ(rates_of("NK_NIGHT", "2026-03-06"), 1);
  clock_.set(Instant::literal("2026-03-10T12:00:00Z"));
  run_job();
  EXPECT_EQ(rates_of("NK_NIGHT", "2026-03-07"), 1);
  EXPECT_EQ(rates_of("NK_NIGHT", "2026-03-08"), 0) << "clocks go from 02:00 to 03:00";
  EXPECT_EQ(rates_of("NK_NIGHT", "2026-03-09"), 1);
  EXPECT_EQ(rates_of("NK_NIGHT", "2026-03-10"), 1);
  EXPECT_EQ(lines_with("days passed over NK_NIGHT 2026-03-08: "), 1);
  run_job();
  EXPECT_EQ(lines_with("days passed over"), 1);
  EXPECT_EQ(lines_with("refused"), 0);
}

TEST_F(StrikeDaysTest, AnAssetIsPricedThoughItsSecondIndexCannotBeStruckThatDay) {
  define(with_line(with_line(with_line(index_toml("NK_AAA_VWAP", "vwap", 1, 1), "strike_time", "\"02:30\""),
                             "time_zone", "\"America/New_York\""),
                   "retrieval_delay_seconds", "60\neffective_from = 2026-03-07"));
  clock_.set(Instant::literal("2026-03-08T17:02:00Z"));
  trade_day(Date::literal("2026-03-08"), "100", "100.10");
  run_job();
  const auto price = prices_.price({kAsset, Date::literal("2026-03-08"), kFund}, Instant::latest());
  ASSERT_TRUE(price.has_value());
  EXPECT_EQ(price->official(), money::Decimal::literal("100.1"));
  EXPECT_NE(price->document.find("NK_AAA_VWAP"), std::string::npos) << price->document;
  EXPECT_EQ(lines_with("refused"), 0);
}

TEST_F(StrikeDaysTest, ADayWhoseTradesWereDroppedStopsNoLaterOne) {
  trade_day(kDay, "100", "100.10");
  run_job();
  clock_.set(kClose + Duration::hours(24 * 20));
  SqlTapeUpkeep upkeep(service_pool("pricing"));
  // A definition that comes later, for days that were dropped, and whose place was left before them.
  const RetentionPolicy policy{.keep_days = 10, .keep_days_of = {}};
  for (const PriceKey& key : {kFundKey, kTrustKey}) price_of({kAsset, kDay + 1, key.track});
  ASSERT_EQ(prune_tape(upkeep, ports(), policy, false, "adam").dropped.size(), 1U);
  define(index_toml("NK_LATE", "vwap", 1, 1));
  prices_.set_place(JobSubject::kIndex, "NK_LATE", {kDay, std::nullopt});
  run_strikes({ports(), prices_, feeds_, 100}, "navkeeper", false, [&](const JobLine& line) {
    lines_.push_back(line.what + " " + line.subject + " " + line.detail);
  });
  EXPECT_EQ(lines_with("days passed over NK_LATE 2026-03-05: AAA/USD: the tape of 2026-03-05 was dropped"),
            1);
  EXPECT_EQ(rates_of("NK_LATE", "2026-03-06"), 1);
  EXPECT_EQ(rates_of("NK_LATE", "2026-03-24"), 1);
}

TEST_F(StrikeDaysTest, ADefinitionOfAnotherZoneThatBeginsLaterLeavesTodayAsItIs) {
  const std::string evening =
      with_line(index_toml("NK_EVENING", "vwap", 1, 1), "time_zone", "\"America/New_York\"");
  define(evening);
  define(with_line(with_line(evening, "time_zone", "\"Asia/Tokyo\""), "retrieval_delay_seconds",
                   "60\neffective_from = 2026-03-20"));
  const Instant strike = Instant::literal("2026-03-05T22:00:00Z");  // 17:00 in New York, the 6th in Tokyo
  clock_.set(strike + Duration::minutes(2));
  trade("2026-03-05T21:30:00Z", "coinbase", "100");
  run_job();
  EXPECT_EQ(rates_of("NK_EVENING", "2026-03-05"), 1);
  trade("2026-03-05T21:31:00Z", "coinbase", "150", "2");
  clock_.advance(Duration::minutes(1));
  run_job(true);
  EXPECT_EQ(lines_with("rate restated NK_EVENING 2026-03-05"), 1);
  // Where the definition begins, both zones' days go on for a while.
  clock_.set(Instant::literal("2026-03-20T09:00:00Z"));  // 18:00 in Tokyo, 05:00 in New York
  lines_.clear();
  run_job();
  EXPECT_EQ(rates_of("NK_EVENING", "2026-03-19"), 1);
  EXPECT_EQ(rates_of("NK_EVENING", "2026-03-20"), 1);
}

TEST_F(StrikeDaysTest, NoNameIsThatOfARateAndOfARealTimeIndex) {
  SqlRealTimeStore real_time(service_pool("pricing"));
  const auto define_real_time = [&](const std::string& id) {
    real_time.define("kind = \"real_time\"\nid = \"" + id +
                         "\"\npair = \"AAA/USD\"\n[[version]]\nfrom = 2015-01-01\nvenues = [\"bitstamp\"]\n"
                         "book_age_max_ms = 30000\nminimum_venues = 1\ncrossed = \"keep\"\nspacing = \"1\"\n"
                         "spread_max = \"0.005\"\ndecay_rule = \"depth\"\ndecay = \"0.3\"\ndecimals = 2\n"
                         "rounding = \"half_even\"\n[version.screen]\ndeviation_max = \"0.05\"\n"
                         "deviation_readmit = \"0.025\"\nreference = \"others\"\n[version.size_cap]\n"
                         "levels_per_side = 10\nwinsorised = \"0.25\"\ndeviations = \"3\"\n",
                     "rt.toml", clock_.now(), "ann");
  };
  define_real_time("NK_X");
  EXPECT_EQ(refusal([&] { define(index_toml("NK_X", "vwap", 1, 1)); }),
            "index.toml: NK_X is the name of a real-time index");
  EXPECT_EQ(refusal([&] { define_real_time("NK_AAA"); }), "rt.toml: NK_AAA is the name of a rate");
  // Two at a time: one of them is refused.
  for (int round = 0; round < 10; ++round) {
    const std::string id = "NK_RACE" + std::to_string(round);
    std::thread other([&] { refusal([&] { define_real_time(id); }); });
    refusal([&] { define(index_toml(id, "vwap", 1, 1)); });
    other.join();
    EXPECT_EQ(count("index_definition WHERE index_id = '" + id + "'") +
                  count("real_time_definition WHERE index_id = '" + id + "'"),
              1)
        << id;
  }
}

}  // namespace
}  // namespace navkeeper::pricing
