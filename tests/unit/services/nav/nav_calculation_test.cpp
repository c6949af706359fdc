// calculate_nav against a second implementation on Boost's unbounded rationals, against its own laws, and
// against what funds published.
#include "services/nav/domain/nav_calculation.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "common/money/big_integer.h"

namespace navkeeper::nav {
namespace {

using money::BigInteger;
using money::Decimal;
using money::Rounding;
using Exact = boost::multiprecision::cpp_rational;

Decimal dec(std::string_view text) { return Decimal::literal(text); }

BigInteger ten_to(int power) {
  return boost::multiprecision::pow(BigInteger(10), static_cast<unsigned>(power));
}

Exact exact(const Decimal& value) {
  std::string text = value.to_string();
  int scale = 0;
  if (const auto point = text.find('.'); point != std::string::npos) {
    scale = static_cast<int>(text.size() - point - 1);
    text.erase(point, 1);
  }
  const bool negative = text[0] == '-';
  text.erase(0, text.find_first_not_of("-0"));
  const BigInteger whole(text.empty() ? "0" : text);
  return Exact(negative ? BigInteger(-whole) : whole, ten_to(scale));
}

/// The nearest multiple of 10^-decimals, found by counting the multiples below.
Exact naive_round(const Exact& value, int decimals, Rounding rounding) {
  const Exact unit = decimals >= 0 ? Exact(BigInteger(1), ten_to(decimals)) : Exact(ten_to(-decimals));
  const Exact magnitude = (value < 0 ? Exact(-value) : value) / unit;
  const BigInteger below = numerator(magnitude) / denominator(magnitude);
  const Exact rest = magnitude - Exact(below);
  const Exact half(1, 2);
  const bool up = rounding == Rounding::kHalfUp     ? rest >= half
                  : rounding == Rounding::kHalfEven ? rest > half || (rest == half && below % 2 == 1)
                                                    : false;
  const Exact result = Exact(up ? BigInteger(below + 1) : below) * unit;
  return value < 0 ? Exact(-result) : result;
}

struct NaiveNav {
  std::vector<Exact> values, accruals;
  Exact total_assets, fee_base, total_liabilities, net_assets, per_share, per_share_exact;
};

Exact naive_years(const AccrualInput& accrual) {
  Exact years;
  for (const AccrualPart& part : accrual.parts) years += exact(part.days) / exact(part.year_days);
  return years;
}

NaiveNav naive_nav(const NavInput& input) {
  const auto& [money_decimals, per_share_decimals, rounding] = input.terms;
  NaiveNav nav;
  for (const PositionInput& position : input.positions) {
    const auto* holding = std::get_if<QuantityAtPrice>(&position.holding);
    const Exact value = holding != nullptr ? naive_round(exact(holding->quantity) * exact(holding->price),
                                                         money_decimals, rounding)
                                           : exact(std::get<GivenValue>(position.holding).value);
    nav.values.push_back(value);
    nav.total_assets += value;
  }
  for (const auto& line : input.other_assets) nav.total_assets += exact(line.amount);
  nav.total_assets += exact(input.pending_creations);
  for (const auto& line : input.liabilities) nav.total_liabilities += exact(line.amount);
  nav.total_liabilities += exact(input.pending_redemptions);
  nav.fee_base = nav.total_assets - nav.total_liabilities;
  for (const AccrualInput& accrual : input.accruals) {
    nav.accruals.push_back(naive_round(nav.fee_base * exact(accrual.annual_rate) * naive_years(accrual),
                                       money_decimals, rounding));
    nav.total_liabilities += nav.accruals.back();
  }
  for (const auto& line : input.provisions) nav.total_liabilities += exact(line.amount);
  nav.net_assets = nav.total_assets - nav.total_liabilities;
  nav.per_share_exact = nav.net_assets / exact(input.shares_outstanding);
  nav.per_share = naive_round(nav.per_share_exact, per_share_decimals, rounding);
  return nav;
}

Decimal any_decimal(int digits, int decimals, bool may_be_negative) {
  std::string text;
  for (int i = *rc::gen::inRange(1, digits + 1); i > 0; --i)
    text.push_back(static_cast<char>('0' + *rc::gen::inRange(0, 10)));
  const int after = *rc::gen::inRange(0, decimals + 1);
  if (after > 0) text.push_back('.');
  for (int i = after; i > 0; --i) text.push_back(*rc::gen::element('0', '5', '9', '3'));
  const bool negative = may_be_negative && *rc::gen::arbitrary<bool>();
  return dec((negative ? "-" : "") + text);
}

NavInput any_input() {
  NavInput input;
  input.terms = {*rc::gen::inRange(-4, 9), *rc::gen::inRange(0, 9),
                 *rc::gen::element(Rounding::kHalfUp, Rounding::kHalfEven, Rounding::kDown)};
  for (int i = *rc::gen::inRange(0, 5); i > 0; --i) {
    PositionInput position{"A" + std::to_string(i), GivenValue{any_decimal(12, 4, true)}};
    if (*rc::gen::arbitrary<bool>())
      position.holding = QuantityAtPrice{any_decimal(10, 18, false), any_decimal(8, 6, false)};
    input.positions.push_back(position);
  }
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i)
    input.other_assets.push_back({"other", any_decimal(10, 2, true)});
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i)
    input.liabilities.push_back({"owed", any_decimal(10, 2, true)});
  input.pending_creations = any_decimal(9, 2, false);
  input.pending_redemptions = any_decimal(9, 2, false);
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    AccrualInput accrual{"fee", any_decimal(1, 6, true), {}};
    for (int part = *rc::gen::inRange(1, 3); part > 0; --part)
      accrual.parts.push_back({dec(std::to_string(*rc::gen::inRange(0, 40))),
                               dec(*rc::gen::element<std::string>("365", "366", "365.25"))});
    input.accruals.push_back(accrual);
  }
  input.shares_outstanding = any_decimal(9, 0, false) + dec("1");
  return input;
}

TEST(CalculateNav, AgreesWithTheNaiveImplementationOnAnyInput) {
  ASSERT_TRUE(rc::check([] {
    const NavInput input = any_input();
    const auto result = calculate_nav(input);
    RC_ASSERT(result.has_value());
    const NavFigures& nav = *result;
    const NaiveNav naive = naive_nav(input);
    Exact total;
    for (std::size_t i = 0; i < naive.values.size(); ++i) {
      RC_ASSERT(exact(nav.positions[i].value) == naive.values[i]);
      total += naive.values[i];
    }
    for (std::size_t i = 0; i < naive.values.size(); ++i) {
      RC_ASSERT(nav.positions[i].weight.has_value() == (total != 0));
      if (total != 0)
        RC_ASSERT(exact(*nav.positions[i].weight) ==
                  naive_round(naive.values[i] / total, 12, Rounding::kHalfEven));
    }
    for (std::size_t i = 0; i < naive.accruals.size(); ++i)
      RC_ASSERT(exact(nav.accruals[i].amount) == naive.accruals[i]);
    RC_ASSERT(exact(nav.total_assets) == naive.total_assets);
    RC_ASSERT(exact(nav.fee_base) == naive.fee_base);
    RC_ASSERT(exact(nav.total_liabilities) == naive.total_liabilities);
    RC_ASSERT(exact(nav.net_assets) == naive.net_assets);
    RC_ASSERT(exact(nav.nav_per_share) == naive.per_share);
    RC_ASSERT(nav.nav_per_share_exact * money::Rational(input.shares_outstanding) ==
              money::Rational(nav.net_assets));
  }));
}

TEST(CalculateNav, OrderOfThePositionsDoesNotMatterToTheTotals) {
  ASSERT_TRUE(rc::check([] {
    const NavInput input = any_input();
    NavInput reversed = input;
    std::reverse(reversed.positions.begin(), reversed.positions.end());
    std::reverse(reversed.liabilities.begin(), reversed.liabilities.end());
    const auto a = calculate_nav(input);
    const auto b = calculate_nav(reversed);
    RC_ASSERT(a->net_assets == b->net_assets);
    RC_ASSERT(a->nav_per_share == b->nav_per_share);
  }));
}

TEST(CalculateNav, MoreCashNeverMakesLessNavPerShare) {
  ASSERT_TRUE(rc::check([] {
    NavInput input = any_input();
    input.accruals.clear();
    const auto before = calculate_nav(input);
    input.other_assets.push_back({"more", any_decimal(8, 2, false)});
    const auto after = calculate_nav(input);
    RC_ASSERT(after->nav_per_share >= before->nav_per_share);
  }));
}

TEST(CalculateNav, TodaysAccrualAndProvisionAreOutsideTheFeeBase) {
  NavInput input;
  input.positions = {{"BTC", GivenValue{dec("1000000")}}};
  input.accruals = {{"fee", dec("0.365"), {{dec("1"), dec("365")}}},
                    {"fee 2", dec("0.73"), {{dec("1"), dec("365")}}}};
  input.provisions = {{"deferred tax", dec("500")}};
  input.shares_outstanding = dec("1000");
  const NavFigures nav = calculate_nav(input).value();
  EXPECT_EQ(nav.fee_base, dec("1000000"));
  EXPECT_EQ(nav.accruals[0].amount, dec("1000"));
  EXPECT_EQ(nav.accruals[1].amount, dec("2000"));
  EXPECT_EQ(nav.net_assets, dec("996500"));
}

TEST(CalculateNav, RoundsMoneyBeforeThePointWhenDecimalsAreNegative) {
  NavInput input;
  input.terms = {-3, 2, Rounding::kHalfUp};
  input.positions = {{"ETH", QuantityAtPrice{dec("3114532.09753906"), dec("3644.75")}}};
  input.shares_outstanding = dec("1");
  EXPECT_EQ(calculate_nav(input)->net_assets, dec("11351691000"));
}

base::Refusal refusal_of(const NavInput& input) { return calculate_nav(input).error(); }

TEST(CalculateNav, RefusesWhatIsNoInput) {
  NavInput good;
  good.positions = {{"BTC", QuantityAtPrice{dec("1"), dec("2")}}, {"ETH", GivenValue{dec("-3")}}};
  good.accruals = {{"fee", dec("-0.01"), {{dec("0"), dec("365.25")}}}};
  good.shares_outstanding = dec("0.5");
  ASSERT_TRUE(calculate_nav(good).has_value());

  NavInput bad = good;
  bad.shares_outstanding = dec("0");
  EXPECT_EQ(refusal_of(bad).message(), "shares_outstanding: is not positive");
  bad = good;
  bad.positions[0].holding = QuantityAtPrice{dec("-1"), dec("2")};
  EXPECT_EQ(refusal_of(bad).message(), "positions[0].quantity: is negative");
  bad.positions[0].holding = QuantityAtPrice{dec("1"), dec("-2")};
  EXPECT_EQ(refusal_of(bad).message(), "positions[0].price: is negative");
  bad = good;
  bad.accruals[0].parts[0].days = dec("-1");
  EXPECT_EQ(refusal_of(bad).message(), "accruals[0].days: is negative");
  bad.accruals[0].parts[0].days = dec("1.5");
  EXPECT_EQ(refusal_of(bad).message(), "accruals[0].days: is not a whole number");
  bad.accruals[0].parts[0].days = dec("1");
  bad.accruals[0].parts[0].year_days = dec("0");
  EXPECT_EQ(refusal_of(bad).message(), "accruals[0].year_days: is not positive");
  bad = good;
  bad.terms.money_decimals = 39;
  EXPECT_EQ(refusal_of(bad).where, "money_decimals");
}

TEST(CalculateNav, NamesTheInputWhoseNumberDoesNotFit) {
  const Decimal huge = dec(std::string(38, '9') + ".33");
  NavInput input;
  input.shares_outstanding = dec("1");
  input.positions = {{"A", GivenValue{dec("1")}}, {"B", QuantityAtPrice{huge, huge}}};
  EXPECT_EQ(refusal_of(input).where, "positions[1]");
}

// Published balance sheets and holdings, to the last digit (facts/funds.md 3).

TEST(PublishedFunds, ISharesBitcoinTrustOfDecember2024ToTheDollarAndTheCent) {
  NavInput input;
  input.terms = {0, 2, Rounding::kHalfUp};
  input.positions = {{"BTC", GivenValue{dec("51530013513")}}};
  input.other_assets = {{"cash", dec("126735")}, {"receivable for investments sold", dec("23451063")}};
  input.liabilities = {{"sponsor fee payable", dec("10574324")},
                       {"payable for shares redeemed", dec("23450440")}};
  input.shares_outstanding = dec("970440000");
  const NavFigures nav = calculate_nav(input).value();
  EXPECT_EQ(nav.total_assets, dec("51553591311"));
  EXPECT_EQ(nav.total_liabilities, dec("34024764"));
  EXPECT_EQ(nav.net_assets, dec("51519566547"));
  EXPECT_EQ(nav.nav_per_share, dec("53.09"));
}

struct PublishedHolding {
  const char* fund;
  const char* quantity;
  const char* price;
  int money_decimals;
  const char* value;
};

class PublishedHoldings : public testing::TestWithParam<PublishedHolding> {};

TEST_P(PublishedHoldings, QuantityTimesPriceIsWhatTheFilingSays) {
  const PublishedHolding& holding = GetParam();
  NavTerms terms{holding.money_decimals, 2, Rounding::kHalfUp};
  EXPECT_EQ(value_of({"coin", QuantityAtPrice{dec(holding.quantity), dec(holding.price)}}, terms),
            dec(holding.value));
}

INSTANTIATE_TEST_SUITE_P(
    Filings, PublishedHoldings,
    testing::Values(PublishedHolding{"ETHW 2025-09-30, index", "120095.5620", "4131.76", 0, "496206039"},
                    PublishedHolding{"ETHW 2025-09-30, principal market", "120095.5620", "4161.61", 0,
                                     "499790892"},
                    PublishedHolding{"BITB 2025-03-31", "38003.7680", "82982.75", -3, "3153657000"},
                    PublishedHolding{"ETHE 2021-12-31", "3114532.09753906", "3644.75", -3, "11351691000"}));

}  // namespace
}  // namespace navkeeper::nav
