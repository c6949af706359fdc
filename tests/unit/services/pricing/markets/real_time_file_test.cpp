#include "services/pricing/adapters/real_time_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace navkeeper::pricing {
namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::filesystem::path indices() {
  const char* source = std::getenv("NAVKEEPER_SOURCE_DIR");
  return std::filesystem::path(source != nullptr ? source : ".") / "config" / "indices";
}

std::string shipped(const char* name) {
  std::ifstream file(indices() / name);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(RealTimeFile, TheShippedOnesAreRightAndRatesAreNoneOfThem) {
  for (const char* name : {"NK_BTCUSD_RT", "NK_ETHUSD_RT", "NK_CROUSD_RT"}) {
    const std::string text = shipped((std::string(name) + ".toml").c_str());
    EXPECT_TRUE(is_real_time_file(text)) << name;
    const auto file = parse_real_time_file(text, name);
    ASSERT_TRUE(file.has_value()) << file.error().message();
    EXPECT_EQ(file->id.value(), name);
    EXPECT_NE(rules_at(*file, time::Instant::literal("2026-01-01T00:00:00Z")), nullptr);
    EXPECT_EQ(rules_at(*file, time::Instant::literal("2025-12-31T23:59:59Z")), nullptr);
  }
  EXPECT_FALSE(is_real_time_file(shipped("NK_BTCUSD_NY.toml")));
}

TEST(RealTimeFile, WhatIsWrongIsRefusedByLineAndKey) {
  const std::string good = shipped("NK_BTCUSD_RT.toml");
  const auto message = [&](const std::string& from, const std::string& to) {
    const auto file = parse_real_time_file(replaced(good, from, to), "f.toml");
    return file.has_value() ? std::string("taken") : file.error().message();
  };
  EXPECT_EQ(message("kind = \"real_time\"", "kind = \"rate\""), "f.toml:3: kind: must be \"real_time\"");
  EXPECT_NE(message("id = \"NK_BTCUSD_RT\"", "id = \"BRTI\"").find("must begin with NK_"), std::string::npos);
  EXPECT_NE(message("spread_max = \"0.005\"", "spread_max = \"1\"")
                .find("spread_max must be at least 0 and below 1"),
            std::string::npos);
  EXPECT_NE(message("spread_max = \"0.005\"", "spread_max = 0.005").find("spread_max"), std::string::npos)
      << "a float is no amount";
  EXPECT_NE(message("crossed = \"keep\"", "crossed = \"both\"").find("must be \"keep\" or \"match\""),
            std::string::npos);
  EXPECT_NE(message("\"bitstamp\", ", "\"kraken\", ").find("a venue appears twice"), std::string::npos);
  EXPECT_NE(message("minimum_venues = 1", "minimum_venues = 5").find("minimum_venues"), std::string::npos);
  EXPECT_NE(message("decimals = 2", "decimals = 2\nunheard_of = 1").find("unheard_of"), std::string::npos);
  EXPECT_NE(message("deviation_readmit = \"0.025\"", "deviation_readmit = \"0.06\"").find("readmission"),
            std::string::npos);
}

}  // namespace
}  // namespace navkeeper::pricing
