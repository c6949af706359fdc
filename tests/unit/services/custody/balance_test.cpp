// The balance model and its units.
#include "services/custody/domain/balance.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "services/custody/domain/unit.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;

Decimal d(std::string_view text) { return Decimal::literal(text); }

Balance balance_of(std::string_view asset, int scale, std::string_view total) {
  Balance balance;
  balance.place = {"test", "one"};
  balance.asset = model::AssetId::literal(asset);
  balance.scale = scale;
  balance.total = d(total);
  return balance;
}

std::string broken(const Balance& balance) {
  const auto rule = broken_balance_rule(balance);
  return rule ? rule->message() : "";
}

TEST(Unit, TheThreeCountsOfCroAreThreeTypes) {
  static_assert(!std::is_same_v<Basecro, CronosWei> && !std::is_same_v<Basecro, TokenCro>);
  static_assert(!std::is_convertible_v<Basecro, CronosWei> && !std::is_convertible_v<Wei, Gwei>);
  EXPECT_EQ(Basecro::of(150'000'000).coins(), d("1.5"));
  EXPECT_EQ(TokenCro::of(150'000'000).coins(), d("1.5"));
  EXPECT_EQ(CronosWei::of(1'500'000'000'000'000'000).coins(), d("1.5"));
  EXPECT_EQ(Basecro::from_coins(d("0.000000001")), std::nullopt);
  EXPECT_EQ(CronosWei::from_coins(d("0.000000001"))->count(), 1'000'000'000);
}

TEST(Unit, GweiBecomesWeiExactlyAndWeiBecomesGweiOnlyWhenNothingIsLost) {
  EXPECT_EQ(wei_of(Gwei::of(32'000'000'001)).coins(), d("32.000000001"));
  EXPECT_EQ(gwei_of(Wei::of(5'000'000'000)), Gwei::of(5));
  EXPECT_EQ(gwei_of(Wei::of(5'000'000'001)), std::nullopt);
}

TEST(Unit, CountsAreDigitsAloneAndBounded) {
  EXPECT_TRUE(*parse_count("10000000000000000000") == money::Int128{10'000'000'000} * 1'000'000'000);
  for (const char* wrong :
       {"", "-1", "+1", "1.0", "1e3", "0x1", " 1", "123456789012345678901234567890123456789"})
    EXPECT_TRUE(parse_count(wrong).has_error()) << wrong;
  EXPECT_TRUE(*parse_hex_count("0x1bc16d674ec80000") == 2'000'000'000'000'000'000);
  for (const char* wrong : {"", "0x", "1b", "0x01", "0xg", "0x10000000000000000000000000000000"})
    EXPECT_TRUE(parse_hex_count(wrong).has_error()) << wrong;
}

TEST(Balance, WhatTheSourceDoesNotSayMakesASumUnsureNotWrong) {
  Balance balance = balance_of("ETH", 18, "100");
  EXPECT_EQ(owned(balance), d("100"));
  balance.staked = d("32");
  EXPECT_EQ(owned(balance), std::nullopt);
  balance.staked_in_total = Counted::kInside;
  EXPECT_EQ(owned(balance), d("100"));
  balance.staked_in_total = Counted::kApart;
  EXPECT_EQ(owned(balance), d("132"));
  balance.activating = d("2");
  balance.unbonding = d("1");
  balance.activating_in_staked = Counted::kNotStated;
  EXPECT_EQ(owned(balance), std::nullopt);
  balance.activating_in_staked = Counted::kApart;
  EXPECT_EQ(owned(balance), d("135"));
  balance.activating_in_staked = Counted::kInside;
  EXPECT_EQ(owned(balance), d("132"));
  // What is not told is not zero: of a custodian nobody knows what lies beside its stakes.
  balance.total.reset();
  EXPECT_EQ(owned(balance), std::nullopt);
  balance.certainty = Certainty::kAgreed;  // of a chain
  EXPECT_EQ(owned(balance), d("32"));
}

TEST(Balance, RewardsAreNeverPartOfWhatIsOwned) {
  Balance balance = balance_of("CRO", 8, "10");
  balance.rewards_pending = d("1");
  balance.claimable = d("1");
  balance.realised = d("5");
  EXPECT_EQ(owned(balance), d("10"));
}

TEST(Balance, AnAmountInAnotherUnitIsRefused) {
  EXPECT_EQ(broken(balance_of("BTC", 8, "20999999.99999999")), "");
  // 12.5 bitcoin in satoshi; ten ether in wei; CRO on the EVM read as if it had eight decimals.
  EXPECT_NE(broken(balance_of("BTC", 8, "1250000000")), "");
  EXPECT_NE(broken(balance_of("ETH", 18, "10000000000000000000")), "");
  EXPECT_NE(broken(balance_of("CRO", 8, "150000000000000")), "");
  EXPECT_NE(broken(balance_of("BTC", 8, "0.000000001")), "");
  EXPECT_NE(broken(balance_of("BTC", 18, "1")), "");
  EXPECT_NE(broken(balance_of("BTC", 8, "-1")), "");
}

TEST(Balance, PartsStayWithinTheTotalAndEntriesSum) {
  Balance balance = balance_of("CRO", 8, "10");
  balance.held = d("10.1");
  EXPECT_EQ(broken(balance), "held: is more than the total");
  balance.held = d("10");
  balance.unbonding = d("3");
  balance.unbonding_entries = {{d("1"), time::Instant::literal("2026-04-01T00:00:00Z")},
                               {d("1"), std::nullopt}};
  EXPECT_EQ(broken(balance), "unbonding: is not the sum of its entries");
  balance.unbonding_entries.push_back({d("1"), std::nullopt});
  EXPECT_EQ(broken(balance), "");
}

TEST(Balance, APointThatMovedIsToldFromAMovementOfCoins) {
  EXPECT_TRUE(is_scale_jump(d("1.25"), d("12500000000"), std::nullopt));
  EXPECT_TRUE(is_scale_jump(d("12500000000"), d("1.25"), d("0")));
  EXPECT_TRUE(is_scale_jump(d("1"), d("100"), d("98")));
  EXPECT_FALSE(is_scale_jump(d("1"), d("100"), d("99")));
  EXPECT_TRUE(is_scale_jump(d("1234567.1"), d("123456810"), d("1"))) << "a hundred times what it became";
  EXPECT_FALSE(is_scale_jump(d("1234567.1"), d("1234568.1"), d("1")));
  EXPECT_FALSE(is_scale_jump(d("1"), d("10"), std::nullopt));
  EXPECT_FALSE(is_scale_jump(d("1.25"), d("125.01"), std::nullopt));
  EXPECT_FALSE(is_scale_jump(d("0"), d("100"), std::nullopt));
}

TEST(Balance, AmountsOfCustodiansAreReadOrRefused) {
  EXPECT_EQ(*parse_amount("94.3411639875", "USDT"), d("94.3411639875"));
  EXPECT_EQ(*parse_amount("0.10", "BTC"), d("0.1"));
  for (const char* wrong : {"", "abc", "-0.1", "0.123456789", "21000000.1", "0x10", "1,5", "NaN"})
    EXPECT_TRUE(parse_amount(wrong, "BTC").has_error()) << wrong;
}

}  // namespace
}  // namespace navkeeper::custody
