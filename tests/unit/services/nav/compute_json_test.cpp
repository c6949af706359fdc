#include "services/nav/adapters/compute_json.h"

#include <gtest/gtest.h>

#include "common/base/refuse.h"

namespace navkeeper::nav {
namespace {

const char* const kContract = R"({"fund":"X","valuation_date":"2026-03-31","money_decimals":2,
 "per_share_decimals":4,"rounding":"half_up",
 "positions":[{"asset":"BTC","quantity":"600","price":"84000.00"},{"asset":"ETH","value":"33600000.00"}],
 "other_assets":[{"name":"cash","value":"25000.00"}],"liabilities":[{"name":"management fee payable","value":"45000.00"}],
 "pending":{"creations":"0","redemptions":"0"},
 "accruals":[{"name":"management fee","annual_rate":"0.0095","days":3,"year_days":365}],
 "shares_outstanding":"3360000"})";

std::string changed(const std::string& from, const std::string& to) {
  std::string text = kContract;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refusal_of(const std::string& text) {
  try {
    const std::string answer = compute_answer(text);
    ADD_FAILURE() << "was not refused: " << answer;
    return answer;
  } catch (const base::Refused& refused) {
    return refused.what();
  }
}

TEST(ComputeAnswer, IsTheContractsToTheByte) {
  EXPECT_EQ(
      compute_answer(kContract),
      R"({"fund":"X","valuation_date":"2026-03-31","positions":[{"asset":"BTC","quantity":"600",)"
      R"("price":"84000","value":"50400000","weight":"0.6"},{"asset":"ETH","value":"33600000","weight":"0.4"}],)"
      R"("total_assets":"84025000","fee_base":"83980000","accruals":[{"name":"management fee","amount":"6557.34"}],)"
      R"("total_liabilities":"51557.34","net_assets":"83973442.66","nav_per_share":"24.9921",)"
      R"("nav_per_share_unrounded":"24.992096029761904761904"})");
}

TEST(ComputeAnswer, OptionalListsMayBeAbsentAndAFundMayHoldNothing) {
  EXPECT_EQ(
      compute_answer(R"({"fund":"X","valuation_date":"2024-02-29","money_decimals":2,"per_share_decimals":2,
      "rounding":"down","positions":[],"shares_outstanding":"3"})"),
      R"({"fund":"X","valuation_date":"2024-02-29","positions":[],"total_assets":"0","fee_base":"0",)"
      R"("accruals":[],"total_liabilities":"0","net_assets":"0","nav_per_share":"0",)"
      R"("nav_per_share_unrounded":"0.000000000000000000000"})");
}

TEST(ComputeAnswer, WeightsAreNullWhenThePositionsAddUpToNothing) {
  const std::string answer = compute_answer(changed(
      R"([{"asset":"BTC","quantity":"600","price":"84000.00"},{"asset":"ETH","value":"33600000.00"}])",
      R"([{"asset":"BTC","quantity":"0","price":"84000.00"},{"asset":"A","value":"-5"},{"asset":"B","value":"5"}])"));
  EXPECT_NE(answer.find(R"({"asset":"BTC","quantity":"0","price":"84000","value":"0","weight":null})"),
            std::string::npos)
      << answer;
  EXPECT_NE(answer.find(R"({"asset":"A","value":"-5","weight":null})"), std::string::npos) << answer;
}

TEST(ComputeAnswer, AWaiverIsANegativeRateAndAYearMayHaveAQuarterDay) {
  const std::string answer =
      compute_answer(changed(R"("annual_rate":"0.0095","days":3,"year_days":365)",
                             R"("annual_rate":"-9.5E-3","days":3,"year_days":365.25)"));
  EXPECT_NE(answer.find(R"("amount":"-6552.85")"), std::string::npos) << answer;
}

TEST(ComputeAnswer, ValuesGivenAreKeptAsGiven) {
  const std::string answer = compute_answer(changed("33600000.00", "33600000.123456"));
  EXPECT_NE(answer.find(R"("value":"33600000.123456")"), std::string::npos) << answer;
}

TEST(ComputeAnswer, NegativeMoneyDecimalsRoundBeforeThePoint) {
  const std::string answer = compute_answer(changed(R"("money_decimals":2)", R"("money_decimals":-3)"));
  EXPECT_NE(answer.find(R"("amount":"7000")"), std::string::npos) << answer;
}

TEST(ComputeAnswer, RefusesEachBrokenShapeByItsPlace) {
  const struct {
    const char* from;
    const char* to;
    const char* place;
  } kCases[] = {
      {R"("fund":"X",)", "", "fund"},
      {R"("fund":"X")", R"("fund":7)", "fund"},
      {R"("fund":"X")", R"("fund":"X","fnud":"Y")", "fnud"},
      {"2026-03-31", "2026-02-30", "valuation_date"},
      {"half_up", "floor", "rounding"},
      {R"("money_decimals":2)", R"("money_decimals":"2")", "money_decimals"},
      {R"("money_decimals":2)", R"("money_decimals":2.5)", "money_decimals"},
      {R"("money_decimals":2)", R"("money_decimals":99)", "money_decimals"},
      {R"("quantity":"600")", R"("quantity":600)", "positions[0].quantity"},
      {R"("quantity":"600")", R"("quantity":"-600")", "positions[0].quantity"},
      {R"("quantity":"600",)", "", "positions[0]"},
      {R"(,"price":"84000.00")", R"(,"price":"84000.00","value":"1")", "positions[0]"},
      {R"("quantity":"600","price":"84000.00")", R"("quantity":"600","value":"1")", "positions[0]"},
      {R"(,"quantity":"600","price":"84000.00")", "", "positions[0]"},
      {R"("price":"84000.00")", R"("price":"84,000.00")", "positions[0].price"},
      {R"("other_assets":[{"name":"cash","value":"25000.00"}])", R"("other_assets":null)", "other_assets"},
      {R"("creations":"0",)", "", "creations"},
      {R"("days":3)", R"("days":"3")", "accruals[0].days"},
      {R"("days":3)", R"("days":-3)", "accruals[0].days"},
      {R"("days":3)", R"("days":3.5)", "accruals[0].days"},
      {R"("year_days":365)", R"("year_days":0)", "accruals[0].year_days"},
      {R"("shares_outstanding":"3360000")", R"("shares_outstanding":"0")", "shares_outstanding"},
      {R"("shares_outstanding":"3360000")", R"("shares_outstanding":"-1")", "shares_outstanding"},
  };
  for (const auto& broken : kCases) {
    const std::string refusal = refusal_of(changed(broken.from, broken.to));
    EXPECT_NE(refusal.find(broken.place), std::string::npos) << broken.to << " gave: " << refusal;
    EXPECT_EQ(refusal.find('\n'), std::string::npos);
  }
}

TEST(ComputeAnswer, RefusesANumberOfFourHundredDigits) {
  EXPECT_NE(refusal_of(changed(R"("600")", '"' + std::string(400, '9') + '"')).find("positions[0].quantity"),
            std::string::npos);
  EXPECT_NE(refusal_of(changed(R"("days":3)", R"("days":)" + std::string(400, '9'))).find("accruals[0].days"),
            std::string::npos);
}

TEST(ComputeAnswer, RefusesARepeatedKeyAndWhatIsNotJson) {
  EXPECT_NE(refusal_of(changed(R"("fund":"X")", R"("fund":"X","fund":"X")")), "");
  EXPECT_NE(refusal_of(""), "");
  EXPECT_NE(refusal_of("[]"), "");
  EXPECT_NE(refusal_of(std::string(kContract) + "x"), "");
}

}  // namespace
}  // namespace navkeeper::nav
