#include "services/staking/domain/measures/yield.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/money/big_integer.h"
#include "common/money/units.h"
#include "services/staking/domain/measures/power.h"
#include "tests/support/vectors.h"

namespace navkeeper::staking::measures {
namespace {

using money::Decimal;
using money::Rational;
using money::Rounding;
using tests::member;
using time::Duration;
using time::Instant;

Decimal d(const char* text) { return Decimal::literal(text); }
Decimal decimal_of(const json::Value& value) {
  return Decimal::literal(value.kind() == json::Kind::kNumber ? value.as_number() : value.as_string());
}
Instant start() { return Instant::literal("2026-03-01T00:00:00Z"); }
Instant hours_on(std::int64_t hours) { return start() + Duration::hours(hours); }

/// Compared with as many decimals as the vector was cut at.
std::string cut(const Rational& value, int decimals) { return value.to_fixed(decimals, Rounding::kDown); }

TEST(Yield, ReproducesRotkisPerformanceAndItsPortfolioIsWeightedByTheStake) {
  const auto vectors = tests::shared_vectors("staking/rotki/performance_vectors.json");
  SKIP_WITHOUT(vectors, "staking/rotki");
  std::vector<StakeHistory> all;
  Rational mean;
  std::string unweighted;
  Instant end;
  for (const json::Value& vector : member(*vectors, "cases").as_array()) {
    if (const auto* whole = vector.find("all_unweighted_mean_apr")) {
      unweighted = whole->as_string();
      continue;
    }
    StakeHistory history;
    for (const json::Value& balance : member(vector, "balances_eth").as_array())
      history.stakes.push_back(
          {hours_on(std::stoll(balance.as_array()[0].as_number())), decimal_of(balance.as_array()[1])});
    end = hours_on(std::stoll(member(vector, "hours").as_number()));
    // Income of the last hour with a stake: validator 4 has none at the end.
    history.income.push_back({hours_on(30), decimal_of(member(vector, "income_eth"))});
    const auto yield = yield_over(history, start(), end);
    ASSERT_TRUE(yield.has_value()) << describe(yield.error());
    EXPECT_EQ(cut(yield->apr[0], 60), tests::text(vector, "apr").substr(0, 62));
    mean += yield->apr[0];
    all.push_back(history);
  }
  ASSERT_EQ(all.size(), 3U);
  // rotki's figure of all validators is the mean of their rates, whatever each had staked.
  EXPECT_EQ(cut(mean / Rational::of(3), 60), unweighted.substr(0, 62));
  const auto ours = yield_over(together(all), start(), end);
  ASSERT_TRUE(ours.has_value());
  Rational stake_hours =
      Rational::of(32 + 96 * 35 + 92 * 64) + Rational::of(32 + 42 * 71) + Rational::of(32 * 40 + 156 * 60);
  EXPECT_EQ(ours->apr[0],
            Rational(d("0.08")) * Rational::of(31'536'000) / (stake_hours * Rational::of(3'600)));
  EXPECT_LT(Rational(d("0.0003")), (ours->apr[0] - mean / Rational::of(3)).abs());
}

TEST(Yield, ReproducesLidosAprButAFallingRateStaysNegative) {
  const auto vectors = tests::shared_vectors("staking/lido/lido_oracle_test_numbers.json");
  SKIP_WITHOUT(vectors, "staking/lido");
  int falling = 0;
  int seen = 0;
  for (const json::Value& vector : member(member(*vectors, "apr"), "cases").as_array()) {
    const auto of = [&](const char* key) { return decimal_of(member(vector, key)); };
    const auto apr = share_rate_apr(
        {of("pre_ether"), of("pre_shares")}, {of("post_ether"), of("post_shares")}, of("fee_shares"),
        Duration::seconds(std::stoll(member(vector, "elapsed").as_number())), YearBasis::kDays365Quarter);
    ASSERT_TRUE(apr.has_value());
    if (apr->is_negative()) {
      ++falling;
      EXPECT_EQ(of("apr"), Decimal());
      EXPECT_EQ(*apr, Rational::of(-1, 10));
    } else {
      EXPECT_EQ(apr->rounded(26, Rounding::kHalfEven), of("apr").rounded(26, Rounding::kHalfEven));
    }
    ++seen;
  }
  EXPECT_EQ(seen, 7);
  EXPECT_EQ(falling, 1);
  const ShareRate pool{d("1000"), d("1000")};
  const Duration year = Duration::seconds(31'557'600);
  EXPECT_EQ(share_rate_apr({d("1"), Decimal()}, pool, Decimal(), year, YearBasis::kDays365).error(),
            YieldRefusal::kNoSupply);
  EXPECT_EQ(share_rate_apr(pool, pool, d("1000"), year, YearBasis::kDays365).error(),
            YieldRefusal::kNoSupply);
  EXPECT_EQ(share_rate_apr(pool, pool, Decimal(), Duration(), YearBasis::kDays365).error(),
            YieldRefusal::kEmptyWindow);
}

TEST(Yield, DailyRewardsCompoundOverTheWindowsOfOneSevenThirtyAndAYear) {
  StakeHistory history{{{start(), d("100")}}, {}};
  Decimal stake = d("100");
  for (int day = 1; day <= 365; ++day) {
    const Decimal income = money::multiply(stake, d("0.0001"), 18, Rounding::kDown);
    history.income.push_back({hours_on(24 * day), income});
    stake += income;
    history.stakes.push_back({hours_on(24 * day), stake});
  }
  const auto windows = yields_until(history, hours_on(24 * 365));
  ASSERT_EQ(windows.size(), 4U);
  for (const WindowYield& window : windows) {
    ASSERT_TRUE(window.yield.has_value());
    // (1.0001)^365 - 1, whatever the window; simple rates stay near 0.0365.
    EXPECT_EQ(window.yield->apy[0].rounded(9, Rounding::kHalfEven), d("0.037172411")) << window.days;
    EXPECT_EQ(window.yield->apr[0].rounded(4, Rounding::kHalfEven), d("0.0365"));
    EXPECT_LT(window.yield->apr[0], window.yield->apr[1]);
  }
  EXPECT_EQ(windows[0].yield->apy[1].rounded(9, Rounding::kHalfEven), d("0.037198340"));
  const auto early = yields_until(history, hours_on(24 * 10));
  EXPECT_TRUE(early[1].yield.has_value());
  EXPECT_EQ(early[2].yield.error(), YieldRefusal::kUnknownStakeAtStart);
}

TEST(Yield, ALossIsReportedAsALoss) {
  const StakeHistory history{{{start(), d("32")}}, {{hours_on(5), d("-0.5")}}};
  const auto yield = yield_over(history, start(), hours_on(24));
  ASSERT_TRUE(yield.has_value());
  EXPECT_EQ(yield->apr[0], Rational::of(-365, 64));
  EXPECT_TRUE(yield->apy[0].is_negative());
  EXPECT_GT(yield->apy[0], d("-1"));
}

TEST(Yield, NamesWhatItCannotMeasure) {
  const Instant end = hours_on(10);
  const auto refusal = [&](StakeHistory history) { return yield_over(history, start(), end).error(); };
  EXPECT_EQ(yield_over({{{start(), d("1")}}, {}}, end, end).error(), YieldRefusal::kEmptyWindow);
  EXPECT_EQ(refusal({{{start(), d("1")}, {start(), d("2")}}, {}}), YieldRefusal::kOutOfOrder);
  EXPECT_EQ(refusal({{{start(), d("1")}}, {{hours_on(2), d("1")}, {hours_on(1), d("1")}}}),
            YieldRefusal::kOutOfOrder);
  EXPECT_EQ(refusal({{{start(), d("-1")}}, {}}), YieldRefusal::kNegativeStake);
  EXPECT_EQ(refusal({{}, {}}), YieldRefusal::kUnknownStakeAtStart);
  EXPECT_EQ(refusal({{{hours_on(1), d("1")}}, {}}), YieldRefusal::kUnknownStakeAtStart);
  EXPECT_EQ(refusal({{{start(), d("0")}}, {}}), YieldRefusal::kNoStake);
  EXPECT_EQ(refusal({{{start(), d("0")}}, {{hours_on(1), d("1")}}}), YieldRefusal::kIncomeWithoutStake);
  EXPECT_EQ(refusal({{{start(), d("1")}}, {{hours_on(1), d("-2")}}}), YieldRefusal::kLostMoreThanAll);
  EXPECT_EQ(refusal({{{start(), d("1")}}, {{hours_on(1), d("9")}}}), YieldRefusal::kOutOfRange);
}

/// y = x^(p/q) rounded at 18 decimals, shown by whole numbers alone: (y - half a unit)^q <= x^p < (y +
/// half)^q.
void expect_power(const Decimal& base, int p, int q) {
  using money::BigInteger;
  const Decimal y = power(base, p, q, 18);
  const BigInteger unit = boost::multiprecision::pow(BigInteger(10), 18);
  const BigInteger twice = BigInteger(money::to_string(*y.to_units(18))) * 2;
  const BigInteger x(money::to_string(*base.to_units(18)));
  const auto up = [](const BigInteger& value, int exponent) {
    return BigInteger(boost::multiprecision::pow(value, static_cast<unsigned>(exponent)));
  };
  // Scaled: (twice -+ 1)^q / (2 unit)^q against x^p / unit^p.
  const BigInteger left = up(x, p) * up(unit * 2, q);
  EXPECT_LE(up(twice - 1, q) * up(unit, p), left);
  EXPECT_LE(left, up(twice + 1, q) * up(unit, p));
}

TEST(Power, IsRoundedRightlyByAProofInWholeNumbers) {
  for (const char* base : {"1.0001", "0.9997", "1.05", "0.5", "2", "1.000000000000000001", "1"}) {
    expect_power(d(base), 365, 7);
    expect_power(d(base), 1461, 28);
    expect_power(d(base), 73, 6);
    expect_power(d(base), 1461, 1460);
  }
  EXPECT_EQ(power(d("1.1"), 2, 1, 18), d("1.21"));
  EXPECT_EQ(power(d("1.21"), 1, 2, 18), d("1.1"));
  EXPECT_EQ(power(d("2"), -1, 1, 18), d("0.5"));
  EXPECT_THROW(power(d("2"), 1'000, 1, 18), money::OverflowError);
  EXPECT_EQ(power(d("0.5"), 1'000, 1, 18), Decimal());
}

RC_GTEST_PROP(YieldProperty, PartsOfAWindowAddUpToTheWhole, ()) {
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(1, 50), rc::gen::inRange(-5, 40)));
  RC_PRE(!steps.empty());
  StakeHistory history{{{start(), d("1000")}}, {}};
  std::int64_t hour = 0;
  for (const auto& [gap, income] : steps) {
    hour += gap;
    history.income.push_back({hours_on(hour), Decimal::of(income, 2)});
    history.stakes.push_back({hours_on(hour), Decimal::of(100'000 + income, 2)});
  }
  const std::int64_t middle = *rc::gen::inRange<std::int64_t>(1, hour + 1);
  const auto whole = yield_over(history, start(), hours_on(hour + 1));
  const auto first = yield_over(history, start(), hours_on(middle));
  const auto second = yield_over(history, hours_on(middle), hours_on(hour + 1));
  RC_ASSERT(whole->income == first->income + second->income);
  RC_ASSERT(whole->mean_stake * Rational::of(hour + 1) ==
            first->mean_stake * Rational::of(middle) + second->mean_stake * Rational::of(hour + 1 - middle));
  // A year of the same: the yearly rates are means of the parts', weighted by stake and time.
  RC_ASSERT(whole->apr[0] * whole->mean_stake * Rational::of(hour + 1) ==
            first->apr[0] * first->mean_stake * Rational::of(middle) +
                second->apr[0] * second->mean_stake * Rational::of(hour + 1 - middle));
}

RC_GTEST_PROP(YieldProperty, TheOrderOfPositionsChangesNothing, ()) {
  std::vector<StakeHistory> histories;
  const int count = *rc::gen::inRange(1, 6);
  for (int i = 0; i < count; ++i) {
    StakeHistory history{{{hours_on(-i), Decimal::of(*rc::gen::inRange(1, 1'000))}}, {}};
    history.stakes.push_back({hours_on(*rc::gen::inRange(1, 9)), Decimal::of(*rc::gen::inRange(1, 1'000))});
    history.income.push_back({hours_on(*rc::gen::inRange(1, 9)), Decimal::of(*rc::gen::inRange(-9, 9), 3)});
    histories.push_back(history);
  }
  const auto forward = yield_over(together(histories), start(), hours_on(10));
  std::reverse(histories.begin(), histories.end());
  const auto backward = yield_over(together(histories), start(), hours_on(10));
  RC_ASSERT(forward->income == backward->income);
  RC_ASSERT(forward->apr[1] == backward->apr[1]);
}

}  // namespace
}  // namespace navkeeper::staking::measures
