// What somebody tells of a NAV, against nav and against itself.
#include "services/staking/app/fund_facts.h"

#include <gtest/gtest.h>

#include "common/base/refuse.h"
#include "tests/unit/services/staking/fund_world.h"

namespace navkeeper::staking {
namespace {

using world::d;

std::string why(const std::function<void()>& does) {
  try {
    does();
  } catch (const base::Refused& refused) {
    return refused.what();
  }
  return "";
}

TEST(FundFactsTold, MustBeWhatNavSaysFieldByField) {
  const FundFacts nav = world::facts();
  const auto told = [&](const std::function<void(FundFacts&)>& changed) {
    FundFacts facts = nav;
    changed(facts);
    return why([&] { require_same(facts, nav); });
  };
  EXPECT_EQ(told([](FundFacts&) {}), "");
  EXPECT_EQ(told([](FundFacts& one) { one.net_assets = d("1000000.00"); }), "") << "the same number";
  EXPECT_EQ(told([](FundFacts& one) { one.net_assets = d("1000000000000"); }),
            "facts.net_assets: is 1000000000000, and nav says 1000000");
  EXPECT_EQ(told([](FundFacts& one) { one.date = time::Date::literal("2031-05-05"); }),
            "facts.date: is 2031-05-05, and nav says 2026-11-30");
  EXPECT_EQ(told([](FundFacts& one) { one.version = 77; }), "facts.version: is 77, and nav says 1");
  EXPECT_EQ(told([](FundFacts& one) { one.state = "invented by me"; }),
            "facts.state: is invented by me, and nav says approved");
  EXPECT_EQ(told([](FundFacts& one) { one.act = "ETP_1933"; }),
            "facts.act: is ETP_1933, and nav says ICA_1940");
  EXPECT_NE(told([](FundFacts& one) { one.inputs_hash = "01"; }), "");
  EXPECT_NE(told([](FundFacts& one) { one.valued_at = world::kNow; }), "");
  EXPECT_NE(told([](FundFacts& one) { one.cash = d("0"); }), "");
  EXPECT_NE(told([](FundFacts& one) { one.other_assets = d("1"); }), "");
  EXPECT_EQ(told([](FundFacts& one) { one.holdings[0].price = d("0"); }),
            "facts.holdings[0].price: is 0, and nav says 0.1");
  EXPECT_NE(told([](FundFacts& one) { one.holdings[0].quantity = d("1"); }), "");
  EXPECT_NE(told([](FundFacts& one) { one.holdings[0].value = d("1"); }), "");
  EXPECT_EQ(told([](FundFacts& one) { one.holdings.clear(); }), "facts.holdings: nav holds CRO besides");
  EXPECT_EQ(told([](FundFacts& one) {
              one.holdings.push_back({model::AssetId::literal("ETH"), d("1"), d("1"), d("1")});
            }),
            "facts.holdings[1].asset: is ETH, which nav does not hold");
}

TEST(FundFactsTold, MustNotContradictThemselves) {
  const auto told = [](const std::function<void(FundFacts&)>& changed) {
    FundFacts facts = world::facts();
    changed(facts);
    return why([&] { require_consistent(facts, world::kNow); });
  };
  EXPECT_EQ(told([](FundFacts&) {}), "");
  EXPECT_EQ(told([](FundFacts& one) { one.net_assets = d("1000000.01"); }),
            "facts.net_assets: is more than all assets together, 1000000");
  EXPECT_EQ(told([](FundFacts& one) { one.net_assets = d("999999"); }), "") << "a fund has liabilities";
  EXPECT_EQ(told([](FundFacts& one) { one.date = time::Date::literal("2026-12-02"); }),
            "facts.date: lies in the future");
  EXPECT_EQ(told([](FundFacts& one) { one.holdings[0].price = one.holdings[0].value = d("0"); }),
            "facts.holdings[0].price: is not positive");
  EXPECT_EQ(told([](FundFacts& one) { one.holdings[0].value = d("950000.01"); }),
            "facts.holdings[0].value: is 950000.01, and quantity times price is 950000");
}

}  // namespace
}  // namespace navkeeper::staking
