// The shipped policies and indices read, and what a policy file may not say.
#include "services/pricing/adapters/policy_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "services/pricing/adapters/index_file.h"
#include "services/pricing/adapters/stored_json.h"
#include "tests/support/process.h"

namespace navkeeper::pricing {
namespace {

namespace fs = std::filesystem;

std::string bitcoin() { return tests::read_file(tests::source_dir() / "config" / "valuation" / "BTC.toml"); }

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& toml) {
  const auto policy = parse_policy(toml, "p.toml");
  return policy.has_error() ? policy.error().message() : "was read";
}

TEST(PolicyFile, EveryShippedPolicyReadsAndNamesShippedIndices) {
  std::map<std::string, IndexDefinition> indices;
  for (const auto& entry : fs::directory_iterator(tests::source_dir() / "config" / "indices")) {
    if (entry.path().stem().string().ends_with("_RT"))
      continue;  // a real-time index has a file of its own shape
    const auto index = load_index(entry.path().string());
    ASSERT_TRUE(index.has_value()) << index.error().message();
    indices.emplace(index->id, *index);
  }
  int coins = 0;
  for (const auto& entry : fs::directory_iterator(tests::source_dir() / "config" / "valuation")) {
    const auto policy = parse_policy(tests::read_file(entry.path()), entry.path().string());
    ASSERT_TRUE(policy.has_value()) << policy.error().message();
    EXPECT_EQ(entry.path().stem().string(), policy->asset.value());
    EXPECT_EQ(policy->tracks.size(), 2U);
    if (policy->token) continue;
    ++coins;
    const IndexDefinition& official = indices.at(policy->official_index->value());
    const IndexDefinition& second = indices.at(policy->second_index->value());
    EXPECT_EQ(official.pair, second.pair);
    EXPECT_EQ(official.strike_time, second.strike_time);
    EXPECT_NE(official.statistic, second.statistic) << "a second method, not the first again";
  }
  EXPECT_EQ(coins, 3);
}

TEST(PolicyFile, RefusalsNameFileLineAndKey) {
  EXPECT_NE(refusal(with(bitcoin(), "asset = \"BTC\"", "asset = \"B TC\"")).find("p.toml:"),
            std::string::npos);
  EXPECT_NE(refusal(bitcoin() + "surprise = 1\n").find("surprise"), std::string::npos);
  EXPECT_NE(
      refusal(with(bitcoin(), "basis_gap_max = \"0.005\"", "basis_gap_max = 0.005")).find("basis_gap_max"),
      std::string::npos);
  EXPECT_NE(refusal(with(bitcoin(), "basis_gap_max = \"0.005\"", "basis_gap_max = \"1.1\"")).find("between"),
            std::string::npos);
  EXPECT_NE(
      refusal(with(bitcoin(), "basis_gap_max = \"0.005\"", "basis_gap_max = \"0.0000001\"")).find("six"),
      std::string::npos);
  EXPECT_NE(
      refusal(with(bitcoin(), "\"manual\", \"previous\"", "\"previous\", \"manual\"")).find("last resort"),
      std::string::npos);
  EXPECT_NE(refusal(with(bitcoin(), "pair = \"BTC/USD\"", "pair = \"ETH/USD\"")).find("principal_market"),
            std::string::npos);
  EXPECT_NE(refusal(with(bitcoin(), "NK_BTCUSD_NY_VWAP", "NK_BTCUSD_NY")).find("cannot check itself"),
            std::string::npos);
  EXPECT_NE(refusal(with(bitcoin(), "\"manual\"", "\"exchange_rate\"")).find("liquid-staking"),
            std::string::npos);
  EXPECT_NE(refusal(with(bitcoin(), "act = \"ETP_1933\"\nbasis = \"index\"",
                         "act = \"ICA_1940\"\nbasis = \"fair_value\""))
                .find("appears twice"),
            std::string::npos);
  EXPECT_NE(refusal(with(bitcoin(), "effective_from = 2020-01-01",
                         "effective_from = 2020-01-01\neffective_to = 2019-12-31"))
                .find("before effective_from"),
            std::string::npos);
}

TEST(IndexFile, SaysFromWhichDayToWhichItHoldsAndHowLongItsTradesAreAwaited) {
  const std::string toml = tests::read_file(tests::source_dir() / "config" / "indices" / "NK_BTCUSD_NY.toml");
  const auto index = parse_index(toml, "i.toml");
  ASSERT_TRUE(index.has_value());
  EXPECT_EQ(index->effective_from, time::Date::literal("2020-01-01"));
  EXPECT_EQ(index->effective_to, std::nullopt);
  EXPECT_EQ(index->retrieval_delay_seconds, 60);
  EXPECT_TRUE(parse_index(toml + "effective_to = 2019-01-01\n", "i.toml").has_error());
  EXPECT_TRUE(
      parse_index(with(toml, "retrieval_delay_seconds = 60", "retrieval_delay_seconds = -1"), "i.toml")
          .has_error());
}

TEST(RateCoverage, ComesBackFromItsText) {
  RateCoverage coverage;
  coverage.coverage = {{3, 0}, {"coinbase"}, {time::Instant::literal("2026-03-05T20:01:00Z")}};
  coverage.last_trade = time::Instant::literal("2026-03-05T20:59:59.5Z");
  const RateCoverage read = coverage_from_json(coverage_to_json(coverage));
  EXPECT_EQ(read.coverage.partition_trades, coverage.coverage.partition_trades);
  EXPECT_EQ(read.coverage.venues_counted, coverage.coverage.venues_counted);
  EXPECT_EQ(read.coverage.missing_minutes, coverage.coverage.missing_minutes);
  EXPECT_EQ(read.last_trade, coverage.last_trade);
  EXPECT_EQ(coverage_from_json(coverage_to_json({})).last_trade, std::nullopt);
}

}  // namespace
}  // namespace navkeeper::pricing
