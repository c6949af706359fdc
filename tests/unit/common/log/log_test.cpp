#include "common/log/log.h"

#include <gtest/gtest.h>

#include "common/json/value.h"

namespace navkeeper::log {
namespace {

class LogTest : public testing::Test {
 protected:
  Logger logger(Level minimum) {
    return {"pricing", minimum, clock_, [this](std::string_view line) { lines_.emplace_back(line); }};
  }
  time::ManualClock clock_{time::Instant::literal("2024-01-02T03:04:05.5Z")};
  std::vector<std::string> lines_;
};

TEST_F(LogTest, ALineIsOneJsonObject) {
  logger(Level::kInfo)
      .info("rate \"struck\"\n",
            {{"index", "NK"}, {"rows", 17}, {"ok", true}, {"value", money::Decimal::literal("1.50")}});
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_EQ(lines_[0],
            "{\"time\":\"2024-01-02T03:04:05.5Z\",\"level\":\"info\",\"service\":\"pricing\",\"message\":"
            "\"rate \\\"struck\\\"\\n\","
            "\"index\":\"NK\",\"rows\":17,\"ok\":true,\"value\":\"1.5\"}\n");
  EXPECT_TRUE(json::parse(lines_[0]).has_value());
}

TEST_F(LogTest, LinesBelowTheLevelAreDropped) {
  const Logger log = logger(Level::kWarning);
  log.debug("a");
  log.info("b");
  EXPECT_TRUE(lines_.empty());
  log.warning("c");
  log.error("d");
  EXPECT_EQ(lines_.size(), 2u);
  logger(Level::kOff).error("e");
  Logger::silent().error("f");
  EXPECT_EQ(lines_.size(), 2u);
}

TEST_F(LogTest, TheTraceOfTheThreadIsOnTheLine) {
  const Trace trace = Trace::start();
  TraceScope scope(trace);
  logger(Level::kInfo).info("m");
  EXPECT_NE(lines_.at(0).find("\"trace_id\":\"" + trace.trace_id + "\""), std::string::npos);
}

TEST_F(LogTest, SecretsAreNeverWritten) {
  const base::Secret secret("hunter2");
  logger(Level::kInfo).info("connecting", {{"password", secret}});
  EXPECT_EQ(lines_.at(0).find("hunter2"), std::string::npos);
  EXPECT_NE(lines_.at(0).find("\"password\":\"***\""), std::string::npos);
  EXPECT_EQ(testing::PrintToString(secret), "***");
}

TEST_F(LogTest, BytesFromOutsideCannotBreakTheLine) {
  logger(Level::kInfo).info("m", {{"bytes", std::string_view("\xff\0\n\"}", 5)}});
  EXPECT_TRUE(json::parse(lines_.at(0)).has_value());
  EXPECT_EQ(lines_.at(0).find('\n'), lines_.at(0).size() - 1);
}

TEST(Level, WordsAreReadBack) {
  for (const Level level : {Level::kDebug, Level::kInfo, Level::kWarning, Level::kError, Level::kOff})
    EXPECT_EQ(parse_level(describe(level)), level);
  EXPECT_EQ(parse_level("verbose"), std::nullopt);
}

}  // namespace
}  // namespace navkeeper::log
