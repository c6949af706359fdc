// The issuer's exchange rate: the documented answer (Crypto.com Exchange v1,
// public/staking/get-conversion-rate), the form that the exchange is known to send, and what a lying or
// broken peer may send.
#include "services/pricing/adapters/conversion_rate.h"

#include <gtest/gtest.h>

#include "common/base/outside.h"
#include "common/http/router.h"
#include "common/http/server.h"
#include "common/log/log.h"

namespace navkeeper::pricing {
namespace {

const model::AssetId kToken = model::AssetId::literal("CDCETH");

std::string refusal(std::string_view answer) {
  const auto rate = read_conversion_rate(answer, kToken);
  return rate.has_error() ? rate.error().message() : "was read";
}

TEST(ConversionRate, ReadsTheDocumentedAnswerAndTheOneWithANumber) {
  EXPECT_EQ(
      *read_conversion_rate(
          R"({"id":"1","method":"public/staking/get-conversion-rate","code":"0","result":{"instrument_name":"CDCETH","conversion_rate":"1.0203"}})",
          kToken),
      money::Decimal::literal("1.0203"));
  EXPECT_EQ(
      *read_conversion_rate(
          R"({"id":1,"code":0,"result":{"instrument_name":"CDCETH","conversion_rate":"1.0203"}})", kToken),
      money::Decimal::literal("1.0203"));
}

TEST(ConversionRate, RefusesWhatIsNoRateOfThatToken) {
  EXPECT_NE(
      refusal(R"({"id":"1","code":"42901","message":"TOO_MANY_REQUESTS"})").find("42901 TOO_MANY_REQUESTS"),
      std::string::npos);
  EXPECT_NE(
      refusal(R"({"code":0,"result":{"instrument_name":"CDCSOL","conversion_rate":"1.02"}})").find("CDCETH"),
      std::string::npos);
  for (const char* rate :
       {"\"0\"", "\"-1.02\"", "1.02", "\"1.02x\"", "\"\"", "null", "\"1.0000000000000000001\""}) {
    EXPECT_NE(refusal(std::string(R"({"code":0,"result":{"instrument_name":"CDCETH","conversion_rate":)") +
                      rate + "}}"),
              "was read")
        << rate;
  }
  EXPECT_NE(refusal("<html>"), "was read");
  EXPECT_NE(refusal("{}"), "was read");
  EXPECT_NE(refusal(R"({"code":0})"), "was read");
}

TEST(ConversionRate, IsAskedForByPostAndAFailureIsUnavailable) {
  http::Router router;
  std::string asked;
  router.post("/exchange/v1/public/staking/get-conversion-rate", [&](const http::Request& request) {
    asked = request.body;
    return http::Response::json(R"({"code":0,"result":{}})");
  });
  http::Server server(std::move(router), {}, log::Logger::silent());
  server.start();
  const std::string url = server.url() + "/exchange/v1/public/staking/get-conversion-rate";
  EXPECT_EQ(ask_conversion_rate(url, kToken), R"({"code":0,"result":{}})");
  EXPECT_EQ(
      asked,
      R"({"id":1,"method":"public/staking/get-conversion-rate","params":{"instrument_name":"CDCETH"}})");
  EXPECT_THROW(ask_conversion_rate(server.url() + "/other", kToken), base::Unavailable);
  server.stop();
  EXPECT_THROW(ask_conversion_rate(url, kToken), base::Unavailable);
  EXPECT_THROW(ask_conversion_rate("nowhere", kToken), base::Unavailable);
}

}  // namespace
}  // namespace navkeeper::pricing
