// The terms of a fund's file.
#include "services/nav/domain/dealing/dealing_terms.h"

#include <gtest/gtest.h>

#include "common/base/refuse.h"
#include "common/runtime/toml_reader.h"
#include "services/nav/adapters/dealing_file.h"
#include "tests/unit/services/nav/dealing/dealing_fixture.h"

namespace navkeeper::nav {
namespace {

using dealing::coin;
using dealing::day;
using dealing::dec;

constexpr const char* kFile = R"([[dealing]]
from = 2026-01-02
cut_off_in_kind = "16:00"
cut_off_cash = "14:00"
units_max = 200
in_kind = { fixed = "250", variable = "0" }
cash = { fixed = "500.50", variable = "0.001" }
fixed_fee_payee = "custodian"
transfer = [{ asset = "BTC", decimals = 8 }, { asset = "ETH", decimals = 8, unbonding_days = 5 }]
collateral = "1.05"
funding = ["cash", "sale"]
credit_line = "0"
)";

std::vector<dealing::DealingTerms> read(const std::string& text) {
  const auto document = runtime::TomlDocument::parse(text, "fund.toml").value();
  runtime::TomlReader root = document.root();
  return read_dealing(root);
}

std::string refusal(const std::string& from, const std::string& to) {
  std::string text = kFile;
  text.replace(text.find(from), from.size(), to);
  try {
    const auto terms = read(text);
    const auto broken = dealing::check_dealing(terms, {{coin("BTC"), 8}, {coin("ETH"), 18}},
                                               time::TimeOfDay::literal("16:00"));
    return broken ? broken->message() : "";
  } catch (const base::Refused& refused) {
    return refused.what();
  }
}

TEST(DealingFile, IsReadAndWrittenAgain) {
  const auto terms = read(kFile);
  ASSERT_EQ(terms.size(), 1U);
  EXPECT_EQ(terms[0].cash.fixed, dec("500.50"));
  EXPECT_EQ(terms[0].transfer[1].unbonding_days, 5);
  EXPECT_FALSE(terms[0].custom.has_value());
  json::Writer writer;
  writer.begin_object();
  write_dealing(writer, terms);
  const std::string text = writer.end_object().take();
  EXPECT_NE(text.find(R"("cash":{"fixed":"500.5","variable":"0.001"})"), std::string::npos) << text;
  json::Writer none;
  none.begin_object();
  write_dealing(none, {});
  EXPECT_EQ(none.end_object().take(), "{}");
}

TEST(DealingFile, RefusalsNameWhatIsWrong) {
  EXPECT_EQ(refusal("units_max = 200", "units_max = 200"), "");
  EXPECT_NE(refusal("\"16:00\"", "\"16:01\"").find("after the valuation time"), std::string::npos);
  EXPECT_NE(refusal("\"14:00\"", "\"25:00\"").find("fund.toml:4"), std::string::npos);
  EXPECT_NE(refusal("\"0.001\"", "\"0.021\"").find("0 to 0.02"), std::string::npos);
  EXPECT_NE(refusal("\"500.50\"", "\"-1\"").find("cash.fixed"), std::string::npos);
  EXPECT_NE(refusal("{ asset = \"BTC\", decimals = 8 }, ", "").find("does not name BTC"), std::string::npos);
  EXPECT_NE(refusal("decimals = 8 }", "decimals = 9 }").find("BTC has 8 decimals"), std::string::npos);
  EXPECT_NE(refusal("asset = \"BTC\"", "asset = \"CRO\"").find("no asset CRO"), std::string::npos);
  EXPECT_NE(refusal("\"1.05\"", "\"0.99\"").find("collateral"), std::string::npos);
  EXPECT_NE(refusal("\"sale\"", "\"cash\"").find("twice"), std::string::npos);
  EXPECT_NE(refusal("\"sale\"", "\"prayer\"").find("is not one of cash"), std::string::npos);
  EXPECT_NE(refusal("units_max", "unit_max").find("unit"), std::string::npos);
  EXPECT_NE(refusal("fixed_fee_payee = \"custodian\"", "fixed_fee_payee = \"\"").find("payee"),
            std::string::npos);
}

TEST(DealingTerms, TheVersionOfTheDayHolds) {
  std::vector<dealing::DealingTerms> versions{dealing::some_terms(), dealing::some_terms()};
  versions[1].from = day("2026-06-01");
  EXPECT_EQ(dealing::terms_on(versions, day("2026-01-01")), nullptr);
  EXPECT_EQ(dealing::terms_on(versions, day("2026-05-31")), &versions[0]);
  EXPECT_EQ(dealing::terms_on(versions, day("2026-06-01")), &versions[1]);
  versions[1].from = versions[0].from;
  EXPECT_TRUE(dealing::check_dealing(versions, {{coin("BTC"), 8}, {coin("ETH"), 18}},
                                     time::TimeOfDay::literal("16:00"))
                  .has_value());
}

}  // namespace
}  // namespace navkeeper::nav
