#include "services/nav/adapters/pricing_client.h"

#include <gtest/gtest.h>

#include "common/base/refuse.h"

namespace navkeeper::nav {
namespace {

const model::IndexId kIndex = model::IndexId::literal("NK_BTCUSD_NY");
const time::Date kDay = time::Date::literal("2026-01-09");

std::string answer(const std::string& status, const std::string& value,
                   const std::string& date = "2026-01-09") {
  return R"({"index":"NK_BTCUSD_NY","pair":"BTC/USD","date":")" + date + R"(","status":")" + status +
         R"(","value":)" + value + R"(,"input_hash":"ab12","partitions":[]})";
}

TEST(ReadRate, GivesValueAndInputHash) {
  const auto rate = read_rate(answer("ok", "\"84000.01\""), kIndex, kDay);
  ASSERT_TRUE(rate.has_value());
  EXPECT_EQ(rate->value.to_string(), "84000.01");
  EXPECT_EQ(rate->input_hash, "ab12");
}

TEST(ReadRate, YesterdaysPriceAndAFailedRateAreNoRate) {
  EXPECT_FALSE(read_rate(answer("previous", "\"83000\""), kIndex, kDay).has_value());
  EXPECT_FALSE(read_rate(answer("failed", "null"), kIndex, kDay).has_value());
}

TEST(ReadRate, RefusesWhatIsNotThatRate) {
  EXPECT_THROW(read_rate(answer("ok", "\"84000\"", "2026-01-08"), kIndex, kDay), base::Refused);
  EXPECT_THROW(read_rate(answer("ok", "\"0\""), kIndex, kDay), base::Refused);
  EXPECT_THROW(read_rate(answer("ok", "84000"), kIndex, kDay), base::Refused);
  EXPECT_THROW(read_rate("<html>", kIndex, kDay), base::Refused);
  EXPECT_THROW(read_rate(answer("ok", "\"84000\""), model::IndexId::literal("OTHER"), kDay), base::Refused);
}

}  // namespace
}  // namespace navkeeper::nav
