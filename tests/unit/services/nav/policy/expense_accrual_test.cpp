// What a strike accrues, against a second arithmetic on Boost's rationals and against published terms.
#include "services/nav/domain/policy/expense_accrual.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/services/nav/policy/rules.h"

namespace navkeeper::nav::policy {
namespace {

const time::Calendar& kExchange = time::Calendar::exchange();
const model::AssetId kEth = model::AssetId::literal("ETH");
const model::AssetId kSol = model::AssetId::literal("SOL");

ExpenseSchedule schedule(std::vector<ExpenseRule> rules, std::vector<Waiver> waivers = {}) {
  return ExpenseSchedule::of(std::move(rules), std::move(waivers)).value();
}

StrikeBases on_net_assets(std::string_view strike, std::string_view net_assets) {
  StrikeBases bases;
  bases.strike = day(strike);
  bases.net_assets = dec(net_assets);
  return bases;
}

std::vector<ExpenseLine> lines(const ExpenseSchedule& fees, const StrikeBases& bases) {
  return accrue_expenses(fees, bases, {}, kExchange).value().lines;
}

Decimal sum_of_payees(const ExpenseLine& line) {
  Decimal sum;
  for (const PayeeAmount& payee : line.payees) sum += payee.amount;
  return sum;
}

TEST(AccrueExpenses, AFridayTakesThreeDaysOfTheContractsExample) {
  // contracts, "nav compute": 83,980,000 x 0.0095 x 3 / 365 = 6557.34; 2026-03-27 is a Friday.
  const auto result = lines(schedule({management_fee()}), on_net_assets("2026-03-27", "83980000"));
  ASSERT_EQ(result.size(), 1U);
  EXPECT_EQ(result[0].net, dec("6557.34"));
  EXPECT_EQ(result[0].days, (time::AccrualDays{day("2026-03-27"), day("2026-03-29")}));
  const auto entry = to_entry(result[0]);
  EXPECT_EQ(sum_of(entry, "Expenses:Fees:management fee", "USD"), dec("6557.34"));
  EXPECT_EQ(sum_of(entry, "Liabilities:Fees payable:management fee", "USD"), dec("-6557.34"));
  EXPECT_EQ(entry.book_date, day("2026-03-27"));
}

TEST(AccrueExpenses, LeapYearCountsDaysOf366WhereTheProspectusSaysSo) {
  auto fee = management_fee("0.0025", "2024-01-11");  // WisdomTree BTCW (facts 1.4)
  EXPECT_EQ(lines(schedule({fee}), on_net_assets("2024-02-28", "366000000"))[0].net, dec("2506.85"));
  fee.day_count = time::DayCount::kActualYear;
  EXPECT_EQ(lines(schedule({fee}), on_net_assets("2024-02-28", "366000000"))[0].net, dec("2500"));
}

TEST(AccrueExpenses, AWeekendOverNewYearUsesEachDaysOwnYear) {
  auto fee = management_fee("0.0366", "2024-01-01");
  fee.day_count = time::DayCount::kActualYear;
  fee.accrual_rule = time::AccrualRule::kForward;
  // Tuesday 2024-12-31 takes New Year's Day too: one day of 366, one of 365.
  const auto line = lines(schedule({fee}), on_net_assets("2024-12-31", "36500000"))[0];
  EXPECT_EQ(line.days.count(), 2);
  EXPECT_EQ(line.net, dec("7310"));  // 3650 + 3660
}

TEST(AccrueExpenses, MonthEndRuleLeavesTheNextMonthsDaysToItsFirstStrike) {
  auto fee = management_fee("0.0365", "2026-01-01");
  fee.accrual_rule = time::AccrualRule::kForwardMonthEnd;
  const auto fees = schedule({fee});
  EXPECT_EQ(lines(fees, on_net_assets("2026-01-30", "10000"))[0].net, dec("2"));  // Fri 30, Sat 31
  EXPECT_EQ(lines(fees, on_net_assets("2026-02-02", "10000"))[0].net, dec("2"));  // Sun 1, Mon 2
}

TEST(AccrueExpenses, EthaWaiverOnTheFirstTwoAndAHalfBillionShowsGrossAndWaived) {
  const auto fees = schedule(
      {management_fee("0.0025")},
      {waiver_of({{dec("0"), dec("0.0013")}, {dec("2500000000"), dec("0")}}, "2026-01-01", "2026-12-31")});
  const auto line = lines(fees, on_net_assets("2026-03-25", "3000000000"))[0];
  EXPECT_EQ(line.net, dec("11643.84"));    // (2.5bn x 0.12% + 0.5bn x 0.25%) / 365
  EXPECT_EQ(line.gross, dec("20547.95"));  // 3bn x 0.25% / 365
  EXPECT_EQ(line.waived, dec("8904.11"));
  const auto entry = to_entry(line);
  EXPECT_TRUE(balances(entry));
  EXPECT_EQ(sum_of(entry, waived_account("management fee"), "USD"), dec("-8904.11"));
  EXPECT_EQ(sum_of(entry, expense_account("management fee"), "USD"), dec("20547.95"));
}

TEST(AccrueExpenses, AWaiverThatEndsOnASaturdayStopsThere) {
  const auto fees = schedule({management_fee("0.0365")},
                             {waiver_of({{dec("0"), dec("0.0365")}}, "2026-01-01", "2026-03-28")});
  const auto line = lines(fees, on_net_assets("2026-03-27", "10000"))[0];
  EXPECT_EQ(line.gross, dec("3"));
  EXPECT_EQ(line.waived, dec("2"));
  EXPECT_EQ(line.net, dec("1"));
}

TEST(AccrueExpenses, AStrikeAcrossTwoVersionsGivesALineForEach) {
  auto first = management_fee("0.0365", "2026-01-01");
  first.to = day("2026-03-28");
  const auto result =
      lines(schedule({first, management_fee("0.073", "2026-03-29")}), on_net_assets("2026-03-27", "10000"));
  ASSERT_EQ(result.size(), 2U);
  EXPECT_EQ(result[0].net, dec("2"));
  EXPECT_EQ(result[1].net, dec("2"));
  EXPECT_NE(to_entry(result[0]).source_id, to_entry(result[1]).source_id);
}

TEST(AccrueExpenses, EthbShareOfGrossRewardsIsSplitToTheLastWei) {
  StrikeBases bases = on_net_assets("2026-03-25", "0");
  bases.assets[kEth] = {.gross_rewards = dec("10.000000000000000001"), .price = dec("2500")};
  const auto line = lines(schedule({staking_fee()}), bases)[0];
  EXPECT_EQ(line.net, dec("1.8"));
  EXPECT_EQ(sum_of_payees(line), line.net);
  EXPECT_EQ(line.payees[0], (PayeeAmount{"Sponsor", dec("0.72")}));
  EXPECT_EQ(line.payees[1], (PayeeAmount{"Prime agent", dec("0.63")}));
  const auto entry = to_entry(line);
  EXPECT_TRUE(balances(entry));
  EXPECT_EQ(sum_of(entry, "Expenses:Fees:staking fee", "USD"), dec("4500"));
  EXPECT_EQ(sum_of(entry, "Liabilities:Fees payable:staking fee:Validator", "ETH"), dec("-0.45"));
  EXPECT_EQ(sum_of(entry, "Conversion:ETH payable:staking fee", "USD"), dec("-4500"));
}

TEST(AccrueExpenses, AFeeTheAdviserBearsIsAlsoReceivableFromIt) {
  auto line = lines(schedule({management_fee()}), on_net_assets("2026-03-25", "83980000"))[0];
  line.payer = Payer::kAdviser;
  const auto entry = to_entry(line);
  EXPECT_TRUE(balances(entry));
  EXPECT_EQ(sum_of(entry, kAdviserReceivable, "USD"), line.net);
}

TEST(AccrueExpenses, StakedAssetsPayAYearlyRateInCoinOrInDollars) {
  ExpenseRule fee = staking_fee();
  fee.base = BaseKind::kStakedAssets;  // VanEck Solana: 0.28% p.a. of staked assets (facts 2.2)
  fee.asset = kSol;
  fee.tiers = {{dec("0"), dec("0.0028")}};
  fee.paid_in = kSol;
  fee.decimals = 9;
  StrikeBases bases = on_net_assets("2026-03-25", "0");
  bases.assets[kSol] = {.staked = dec("185735"), .price = dec("157.80")};
  EXPECT_EQ(lines(schedule({fee}), bases)[0].net, dec("1.424816438"));
  fee.paid_in.reset();
  fee.decimals = 2;
  EXPECT_EQ(lines(schedule({fee}), bases)[0].net, dec("224.84"));  // 185735 x 157.80 x 0.0028 / 365
}

TEST(AccrueExpenses, CoinEquivalentBaseIsNetAssetsOverThePrice) {
  ExpenseRule fee = staking_fee();
  fee.name = "sponsor fee";
  fee.base = BaseKind::kCoinEquivalent;  // BSOL (facts 1.4)
  fee.asset = kSol;
  fee.paid_in = kSol;
  fee.decimals = 9;
  fee.tiers = {{dec("0"), dec("0.0025")}};
  StrikeBases bases = on_net_assets("2026-03-25", "1000000");
  bases.assets[kSol] = {.price = dec("150")};
  EXPECT_EQ(lines(schedule({fee}), bases)[0].net, dec("0.045662100"));
}

TEST(AccrueExpenses, AverageOfDailyNetAssetsIsReckonedToDate) {
  auto fee = management_fee("0.0365", "2026-01-01");
  fee.base = BaseKind::kAverageNetAssets;
  fee.tiers = {{dec("0"), dec("0")}, {dec("10000"), dec("0.0365")}};
  const auto fees = schedule({fee});
  StrikeBases bases = on_net_assets("2026-03-02", "0");
  bases.daily_net_assets[day("2026-03-01")] = dec("10000");
  bases.daily_net_assets[day("2026-03-02")] = dec("30000");
  // mean 20,000, so 10,000 above the tier for two days
  const auto monday = accrue_expenses(fees, bases, {}, kExchange).value();
  EXPECT_EQ(monday.lines[0].net, dec("2"));
  // mean falls to 13,333.33: 3 days x 0.33 = 1 to date, one dollar goes back
  bases.strike = day("2026-03-03");
  bases.daily_net_assets[day("2026-03-03")] = dec("0");
  const auto tuesday = accrue_expenses(fees, bases, monday.states, kExchange).value();
  EXPECT_EQ(tuesday.lines[0].net, dec("-1"));
  EXPECT_TRUE(balances(to_entry(tuesday.lines[0])));
  bases.daily_net_assets.erase(day("2026-03-02"));
  EXPECT_EQ(message_of(accrue_expenses(fees, bases, {}, kExchange)),
            "expense rule 'management fee' from 2026-01-01: no net assets of 2026-03-02 given");
}

TEST(AccrueExpenses, WhatARuleNeedsAndNobodyGaveIsRefusedByName) {
  const std::string where = "expense rule 'staking fee' from 2026-01-01: ";
  StrikeBases bases = on_net_assets("2026-03-25", "0");
  const auto fees = schedule({staking_fee()});
  EXPECT_EQ(message_of(accrue_expenses(fees, bases, {}, kExchange)), where + "nothing given about ETH");
  bases.assets[kEth] = {.price = dec("1")};
  EXPECT_EQ(message_of(accrue_expenses(fees, bases, {}, kExchange)), where + "no gross rewards of ETH given");
  bases.assets[kEth] = {.gross_rewards = dec("-1"), .price = dec("1")};
  EXPECT_EQ(message_of(accrue_expenses(fees, bases, {}, kExchange)),
            where + "gross rewards of ETH is negative");
  bases.assets[kEth] = {.gross_rewards = dec("1"), .price = dec("0")};
  EXPECT_EQ(message_of(accrue_expenses(fees, bases, {}, kExchange)), where + "price of ETH is not positive");
  EXPECT_EQ(message_of(accrue_expenses(schedule({management_fee()}), on_net_assets("2026-03-25", "-1"), {},
                                       kExchange)),
            "expense rule 'management fee' from 2026-01-01: net assets is negative");
  EXPECT_EQ(message_of(accrue_expenses(schedule({management_fee()}), on_net_assets("2026-03-28", "1"), {},
                                       kExchange)),
            "calendar exchange: 2026-03-28 is no business day");
}

TEST(AccrueExpenses, AFeeThatHasEndedOrNotBegunAccruesNothing) {
  auto fee = management_fee();
  fee.to = day("2026-03-24");
  EXPECT_TRUE(lines(schedule({fee}), on_net_assets("2026-03-25", "1000000")).empty());
  EXPECT_TRUE(lines(schedule({management_fee("0.01", "2026-03-26")}), on_net_assets("2026-03-25", "1000000"))
                  .empty());
}

/// A day's fee by its definition: every tier's slice by itself, over a year's days.
Exact naive_day(const Exact& base, const std::vector<Tier>& tiers, int year_days) {
  Exact sum = 0;
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    Exact upto = base;
    if (i + 1 < tiers.size() && exact(tiers[i + 1].from) < upto) upto = exact(tiers[i + 1].from);
    if (upto > exact(tiers[i].from)) sum += (upto - exact(tiers[i].from)) * exact(tiers[i].rate);
  }
  return sum / year_days;
}

struct Life {
  Exact naive;
  Decimal booked;
  int strikes = 0;
};

/// Strikes from a random day on, each on its own base.
Life live(const ExpenseSchedule& fees, bool is_cumulative) {
  const ExpenseRule& fee = fees.rules().front();
  Life life;
  AccrualStates states;
  time::Date strike = kExchange.on_or_after(day("2026-01-02") + *rc::gen::inRange(0, 300));
  for (int i = 0; i < 12; ++i, strike = kExchange.next_business_day(strike)) {
    StrikeBases bases;
    bases.strike = strike;
    bases.net_assets = Decimal::of(*rc::gen::inRange<std::int64_t>(0, 400'000'000'000), 2);
    const auto result = accrue_expenses(fees, bases, states, kExchange).value();
    states = result.states;
    for (const ExpenseLine& line : result.lines) {
      life.booked += line.net;
      RC_ASSERT(line.gross == line.net + line.waived);
      RC_ASSERT(!line.net.is_negative() && !line.waived.is_negative());
      RC_ASSERT(sum_of_payees(line) == line.net);
      for (const PayeeAmount& payee : line.payees) RC_ASSERT(!payee.amount.is_negative());
      RC_ASSERT(balances(to_entry(line)));
      for (time::Date each = line.days.first; each <= line.days.last; ++each) {
        life.naive += naive_day(exact(bases.net_assets), fee.tiers, 365);
        if (const Waiver* waiver = fees.waiver(fee.name, each))
          life.naive -= naive_day(exact(bases.net_assets), waiver->tiers, 365);
      }
      ++life.strikes;
    }
    const Exact allowed = half_unit(2) * (is_cumulative ? 1 : life.strikes);
    RC_ASSERT(magnitude(exact(life.booked) - life.naive) <= allowed);
  }
  return life;
}

TEST(AccrueExpenses, SumsOverStrikesStayWithinTheStatedRoundingOfTheExactFee) {
  EXPECT_TRUE(rc::check("each strike: a half cent a strike; cumulative: a half cent in all", [] {
    auto fee = management_fee("0.0025");
    fee.tiers.push_back({Decimal::of(*rc::gen::inRange<std::int64_t>(1, 3'000'000'000)), dec("0.0040")});
    fee.payees = {{"Adviser", dec("0.6")}, {"Sub", dec("0.25")}, {"Platform", dec("0.15")}};
    fee.remainder_owner = *rc::gen::arbitrary<bool>() ? "Sub" : "Platform";
    const bool is_cumulative = *rc::gen::arbitrary<bool>();
    fee.rounding_scope = is_cumulative ? RoundingScope::kCumulative : RoundingScope::kEachStrike;
    fee.accrual_rule = *rc::gen::element(time::AccrualRule::kForward, time::AccrualRule::kBackward,
                                         time::AccrualRule::kForwardMonthEnd);
    const time::Date waived_from = day("2026-01-01") + *rc::gen::inRange(0, 300);
    const Waiver waiver{"management fee",
                        waived_from,
                        waived_from + *rc::gen::inRange(0, 60),
                        {{dec("0"), dec("0.0015")}, {dec("1000000000"), dec("0.0007")}},
                        "Adviser"};
    live(schedule({fee}, {waiver}), is_cumulative);
  }));
}

TEST(AccrueExpenses, AnAverageOnASingleRateIsTheSumOfTheDays) {
  EXPECT_TRUE(rc::check("mean x days = sum", [] {
    auto fee = management_fee("0.0095", "2026-01-01");
    fee.base = BaseKind::kAverageNetAssets;
    const auto fees = schedule({fee});
    StrikeBases bases;
    AccrualStates states;
    Decimal booked;
    Exact naive = 0;
    for (time::Date date = day("2026-03-01"); date <= day("2026-03-31"); ++date)
      bases.daily_net_assets[date] = Decimal::of(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000), 2);
    for (time::Date date = day("2026-03-02"); date <= day("2026-03-31");
         date = kExchange.next_business_day(date)) {
      bases.strike = date;
      const auto result = accrue_expenses(fees, bases, states, kExchange).value();
      states = result.states;
      booked += result.lines.at(0).net;
    }
    for (const auto& [date, net_assets] : bases.daily_net_assets)
      naive += exact(net_assets) * exact(dec("0.0095")) / 365;
    RC_ASSERT(magnitude(exact(booked) - naive) <= half_unit(2));
  }));
}

}  // namespace
}  // namespace navkeeper::nav::policy
