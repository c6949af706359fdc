#include "services/nav/adapters/fund_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "common/base/refuse.h"

namespace navkeeper::nav {
namespace {

std::string path_of(const std::string& fund) {
  const char* dir = std::getenv("NAVKEEPER_SOURCE_DIR");
  return std::string(dir != nullptr ? dir : ".") + "/config/funds/" + fund + ".toml";
}

std::string text_of(const std::string& fund) {
  std::ifstream file(path_of(fund));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = text_of("croyield");
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refusal_of(const std::string& text) {
  try {
    static_cast<void>(read_fund_text(text, "fund.toml"));
  } catch (const base::Refused& refused) {
    return refused.what();
  }
  ADD_FAILURE() << "was not refused";
  return "";
}

TEST(FundFile, TheTwoFundsAreWhatTheFilingsSay) {
  const FundDefinition btceth = read_fund_file(path_of("btceth"));
  EXPECT_EQ(btceth.act, Act::kIca1940);
  ASSERT_EQ(btceth.policies.fees.size(), 1U);
  EXPECT_EQ(btceth.policies.fees[0].tiers[0].rate.to_string(), "0.0095");
  EXPECT_EQ(btceth.policies.borne_by_fund.size(), 6U);
  EXPECT_EQ(btceth.creation_unit_shares.to_string(), "10000");
  ASSERT_EQ(btceth.assets.size(), 2U);
  EXPECT_EQ(btceth.assets[1].decimals, 18);
  const FundDefinition cro = read_fund_file(path_of("croyield"));
  EXPECT_EQ(cro.act, Act::kIca1940);
  EXPECT_EQ(cro.tax.status, TaxStatus::kCCorp);
  EXPECT_EQ(cro.official_basis, PriceBasis::kFairValue);
}

TEST(FundFile, CommentsDoNotChangeTheDefinition) {
  const auto plain = read_fund_file(path_of("croyield"));
  const auto commented = read_fund_text("# another reader was here\n" + text_of("croyield"), "x.toml");
  EXPECT_EQ(definition_hash(plain), definition_hash(commented));
  const auto other = read_fund_text(changed("\"0.0095\"", "\"0.0094\""), "x.toml");
  EXPECT_NE(definition_hash(plain), definition_hash(other));
}

TEST(FundFile, ChecksAreDatedABatchHasADeadlineAndWithoutThemTheHashIsTheOld) {
  const FundDefinition plain = read_fund_file(path_of("croyield"));
  EXPECT_EQ(definition_json(plain).find("\"checks\""), std::string::npos);
  const std::string check =
      "\n[[checks]]\ncheck = \"expected_nav\"\nfrom = 2026-02-01\nthreshold = \"0.002\"\n";
  const FundDefinition fund = read_fund_text(text_of("croyield") + check, "x.toml");
  ASSERT_EQ(fund.checks.size(), 1U);
  EXPECT_EQ(fund.checks[0].threshold.to_string(), "0.002");
  EXPECT_NE(definition_hash(fund), definition_hash(plain));
  EXPECT_NE(refusal_of(text_of("croyield") + check + check).find("comes twice"), std::string::npos);
  EXPECT_NE(refusal_of(changed("[tolerances]",
                               "[[checks]]\ncheck = \"mood\"\nfrom = 2026-02-01\nthreshold = "
                               "\"1\"\n[tolerances]"))
                .find("mood is not one of nav_against_rate"),
            std::string::npos);
  const FundDefinition waits =
      read_fund_text(changed("half_day_rule =", "batch_deadline = \"19:30\"\nhalf_day_rule ="), "x.toml");
  EXPECT_EQ(waits.batch_deadline->to_string(), "19:30");
}

TEST(FundFile, WhichLotsLeaveInKindFollowsTheTaxStatusWhereTheFileDoesNotSay) {
  std::string text = text_of("croyield");
  const auto at = text.find("\nin_kind = \"") + 1;
  text.erase(at, text.find('\n', at) - at);
  EXPECT_EQ(read_fund_text(text, "x.toml").lots_in_kind, "highest_cost");
  EXPECT_EQ(default_lots_in_kind(TaxStatus::kRic), "lowest_cost");
  EXPECT_EQ(default_lots_in_kind(TaxStatus::kGrantorTrust), "fifo");
}

TEST(FundFile, RefusesByFileLineAndKey) {
  const struct {
    const char* from;
    const char* to;
    const char* what;
  } kCases[] = {
      {"id = \"CROYIELD\"", "id = \"CRO YIELD\"", "fund.toml:3: id"},
      {"act = \"ICA_1940\"", "act = \"ICA\"", "act"},
      {"tax_status = \"C_CORP\"", "tax_status = \"GRANTOR_TRUST\"", "tax_status"},
      {"tax_status = \"C_CORP\"", "", "tax_status"},
      {"rate = \"0.0095\"", "rate = 0.0095", "rate"},
      {"rate = \"0.0095\"", "rate = \"-1\"", "a rate is negative"},
      {"rate = \"0.0095\"", "rate = \"1\"", "an annual rate is not below 1"},
      {"base = \"net_assets\"", "base = \"net\"", "base"},
      {"share = \"1\"", "share = \"0.9\"", "shares add up to 0.9"},
      {"borne_by_fund = [\"interest\"", "borne_by_fund = [\"interests\"", "borne_by_fund[0]"},
      {"borne_by_fund = [\"interest\"", "borne_by_fund = [\"taxes\"", "listed twice"},
      {"[forks]",
       "[[waivers]]\nfee = \"fee\"\nfrom = 2026-01-02\nto = 2026-02-02\nrate = \"0.001\"\n"
       "granted_by = \"adviser\"\n[forks]",
       "there is no such fee"},
      {"income_at = \"RECEIVED\"", "income_at = \"SOON\"", "income_at"},
      {"use = \"distribute\"", "use = \"give\"", "use"},
      {"use = \"distribute\"", "use = \"retain\"", "distributions"},
      {"target_weight = \"1\"", "target_weight = \"0.9\"", "assets"},
      {"state_rate = \"0.055\"", "state_rate = \"1.055\"", "tax.state_rate"},
      {"sales = \"fifo\"", "sales = \"filo\"", "lots.sales"},
      {"exchange = \"exchange\"", "exchange = \"moon\"", "calendars.exchange"},
      {"America/New_York", "America/Gotham", "valuation.time_zone"},
      {"time = \"16:00\"", "time = \"25:00\"", "valuation.time"},
      {"effective_from = 2026-01-02", "effective_from = 2025-01-02", "effective_from"},
      {"creation_unit_shares = \"10000\"", "creation_unit_shares = \"0\"", "creation_unit_shares"},
      {"[tolerances]", "[tolerances]\nsurprise = 1", "surprise"},
      {"nav_change = \"0.25\"", "nav_change = \"0\"", "tolerances.nav_change"},
  };
  for (const auto& broken : kCases) {
    const std::string refusal = refusal_of(changed(broken.from, broken.to));
    EXPECT_NE(refusal.find(broken.what), std::string::npos) << broken.to << " gave: " << refusal;
    EXPECT_NE(refusal.find("fund.toml"), std::string::npos) << refusal;
  }
}

TEST(FundFile, ARefusalOfACrossCheckNamesTheLineOfItsTable) {
  const std::string refusal = refusal_of(changed("state_rate = \"0.055\"", "state_rate = \"1.055\""));
  EXPECT_NE(refusal.find("fund.toml:"), std::string::npos);
  EXPECT_NE(refusal.find("is not from 0 to 1"), std::string::npos) << refusal;
}

TEST(FundFile, AFundMayCloseOnADayOfItsOwn) {
  const auto fund = read_fund_text(
      text_of("croyield") +
          "\n[[calendars.exceptions]]\ndate = 2026-03-03\nkind = \"closed\"\nname = \"Flood\"\n",
      "fund.toml");
  EXPECT_FALSE(fund.calendar().is_business_day(time::Date::literal("2026-03-03")));
}

}  // namespace
}  // namespace navkeeper::nav
