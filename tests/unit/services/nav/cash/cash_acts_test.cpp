// Wires, coin trades, projected cash, share positions: each rule by what it refuses, the arithmetic against a
// second way of computing it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/refuse.h"
#include "services/nav/adapters/cash_json.h"

namespace navkeeper::nav::cash {
namespace {

using money::Decimal;
using time::Date;

const Date kDay = Date::literal("2026-03-10");
Decimal dec(std::string_view text) { return Decimal::literal(text); }

Wire wire() { return {"W-1", "main", "adviser", dec("100"), kDay, "fee", "", ""}; }
WireSight sight() {
  return {kDay, true, true, true, WireLimits{"L", "main", dec("1000"), dec("1500")}, dec("0")};
}
std::string refusal(const base::Checked<void>& checked) {
  return checked.has_error() ? checked.error().message() : "";
}

TEST(Wires, EachRuleRefuses) {
  EXPECT_EQ(refusal(check_wire(wire(), sight())), "");
  const auto with = [](auto change) {
    Wire one = wire();
    WireSight around = sight();
    change(one, around);
    return refusal(check_wire(one, around));
  };
  const auto expect = [](const std::string& text, const char* rule) {
    EXPECT_NE(text.find(rule), std::string::npos) << text;
  };
  expect(with([](Wire& one, WireSight&) { one.amount = dec("0"); }), "not positive");
  expect(with([](Wire& one, WireSight&) { one.amount = dec("1.001"); }), "two decimals");
  expect(with([](Wire& one, WireSight&) { one.amount = dec("1000.01"); }), "limit of one wire");
  expect(with([](Wire& one, WireSight& around) {
           one.amount = dec("600");
           around.day_total = dec("901");
         }),
         "day's limit");
  expect(with([](Wire&, WireSight& around) { around.limits.reset(); }), "no approved limits");
  expect(with([](Wire&, WireSight& around) { around.has_payee = false; }), "not an approved payee");
  expect(with([](Wire&, WireSight& around) { around.has_account = false; }), "not an approved account");
  expect(with([](Wire&, WireSight& around) { around.today = kDay + 1; }), "has passed");
  expect(with([](Wire&, WireSight& around) { around.is_value_date_bank_day = false; }), "no day of the bank");
  expect(with([](Wire& one, WireSight&) { one.pays_id = "x"; }), "both");
  const auto pays = [](Wire& one) { one.pays_source = "liability", one.pays_id = "Fees payable:audit"; };
  expect(with([&](Wire& one, WireSight&) { pays(one); }), "nothing that the books owe");
  expect(with([&](Wire& one, WireSight& around) {
           pays(one);
           around.debt = PaidDebt{dec("150"), dec("60"), "W-0"};
         }),
         "150 owed, of which 60 by wires that are not booked yet (W-0)");
  EXPECT_EQ(with([&](Wire& one, WireSight& around) {
              pays(one);
              around.debt = PaidDebt{dec("150"), dec("50"), "W-0"};
            }),
            "");
  expect(refusal(check_wire_funds(wire(), dec("99"), false, dec("0"))), "would be -1");
  expect(refusal(check_wire_funds(wire(), dec("150"), false, dec("60"))), "would be -10");
  EXPECT_EQ(refusal(check_wire_funds(wire(), dec("0"), true, dec("0"))), "");
}

CoinTrade trade() {
  CoinTrade one;
  one.id = "T-1";
  one.asset = "BTC";
  one.quantity = dec("3");
  one.date = kDay;
  one.counterparty = "desk";
  one.limit = dec("90000");
  one.allocations = {{"O-1", dec("1")}, {"O-2", dec("2")}};
  return one;
}

TEST(Trades, EachRuleRefuses) {
  EXPECT_EQ(refusal(check_trade(trade())), "");
  CoinTrade one = trade();
  one.allocations[1].quantity = dec("1");
  EXPECT_NE(refusal(check_trade(one)).find("add up to 2"), std::string::npos);
  one = trade();
  one.allocations[1].order = "O-1";
  EXPECT_NE(refusal(check_trade(one)).find("named twice"), std::string::npos);
  one = trade();
  one.allocations.clear();
  EXPECT_NE(refusal(check_trade(one)).find("names none"), std::string::npos);
  const Execution good{"E-1", kDay, dec("1"), dec("89999.99"), dec("10")};
  EXPECT_EQ(refusal(check_execution(trade(), good, dec("2"))), "");
  EXPECT_EQ(cash_of(trade(), good), dec("90009.99"));
  const auto with = [&](auto change, const char* executed = "0") {
    Execution part = good;
    change(part);
    return refusal(check_execution(trade(), part, dec(executed)));
  };
  EXPECT_NE(with([](Execution& part) { part.price = dec("90000.01"); }).find("beyond the limit"),
            std::string::npos);
  EXPECT_NE(with([](Execution& part) { part.date = kDay + 1; }).find("is not the trade's"),
            std::string::npos);
  EXPECT_NE(with([](Execution&) {}, "2.5").find("more than is left"), std::string::npos);
  EXPECT_NE(with([](Execution& part) { part.fee = dec("-1"); }).find("negative"), std::string::npos);
  // A fee is within what two people agreed to: 50 basis points where they said nothing, 450.00 of 89,999.99.
  EXPECT_EQ(with([](Execution& part) { part.fee = dec("450"); }), "");
  EXPECT_NE(with([](Execution& part) {
              part.fee = dec("450.01");
            }).find("above 50 basis points of what was traded, 450.00: the trade names no fee_bps_max"),
            std::string::npos);
  CoinTrade agreed = trade();
  agreed.fee_bps_max = 0;
  EXPECT_NE(refusal(check_execution(agreed, good, dec("0"))).find("fee_bps_max of the trade"),
            std::string::npos);
  agreed.fee_bps_max = 1001;
  EXPECT_NE(refusal(check_trade(agreed)).find("between 0 and 1000"), std::string::npos);
  CoinTrade sale = trade();
  sale.side = TradeSide::kSell;
  sale.limit.reset();
  EXPECT_EQ(cash_of(sale, good), dec("89989.99"));
  EXPECT_NE(refusal(check_execution(sale, {"E", kDay, dec("0.0001"), dec("10"), dec("0")}, dec("0")))
                .find("no dollars"),
            std::string::npos);
}

TEST(Trades, AConfirmationIsComparedWordByWord) {
  const Execution part{"E-1", kDay, dec("1"), dec("80000"), dec("10")};
  Confirmation said{"C-1",        "T-1",        "E-1", TradeSide::kBuy, "BTC", dec("1"),
                    dec("80000"), dec("80010"), kDay,  kDay + 1};
  EXPECT_TRUE(differences(trade(), part, kDay + 1, said).empty());
  said.cash = dec("80000");
  said.settlement_date = kDay + 2;
  const auto found = differences(trade(), part, kDay + 1, said);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], "cash: ours 80010, theirs 80000");
}

RC_GTEST_PROP(Trades, AWholeTradeGivesEachOrderItsWholeAllocation, ()) {
  CoinTrade one = trade();
  one.limit.reset();
  one.allocations.clear();
  one.quantity = {};
  const int orders = *rc::gen::inRange(1, 5);
  for (int i = 0; i < orders; ++i) {
    const Decimal quantity = Decimal::of(*rc::gen::inRange<std::int64_t>(1, 10'000'000), 8);
    one.allocations.push_back({"O" + std::to_string(i), quantity});
    one.quantity += quantity;
  }
  std::vector<Execution> done;
  Decimal left = one.quantity, dollars;
  std::map<std::string, Decimal> coins_given, dollars_given;
  while (left.is_positive()) {
    const bool is_last = done.size() == 4;
    const Decimal part = is_last ? left : money::multiply(left, dec("0.37"), 8, money::Rounding::kUp);
    const Execution execution{"E" + std::to_string(done.size()), kDay, part,
                              Decimal::of(*rc::gen::inRange<std::int64_t>(1, 10'000'000), 2), dec("1.5")};
    Decimal coins_here, dollars_here;
    for (const AllocatedPart& share : allocate(one, done, execution, 8)) {
      coins_given[share.order] += share.quantity;
      dollars_given[share.order] += share.cash;
      coins_here += share.quantity;
      dollars_here += share.cash;
    }
    RC_ASSERT(coins_here == part);
    RC_ASSERT(dollars_here == cash_of(one, execution));
    dollars += dollars_here;
    done.push_back(execution);
    left -= part;
  }
  Decimal sum;
  for (const TradeAllocation& order : one.allocations) {
    RC_ASSERT(coins_given[order.order] == order.quantity);
    sum += dollars_given[order.order];
  }
  RC_ASSERT(sum == dollars);
}

TEST(ProjectedCash, ListsByDayWhatMovesAndFindsTheFirstShortDay) {
  const std::vector<ExpectedFlow> flows{
      {kDay + 2, "redemption", "r", dec("-80")}, {kDay + 1, "creation", "c", dec("50")},
      {kDay + 3, "sale", "s", dec("100")},       {std::nullopt, "fee", "f", dec("-5")},
      {kDay - 4, "wire", "late", dec("-1")},     {kDay + 99, "distribution", "d", dec("-7")}};
  const auto projected = project_cash(kDay, dec("20"), flows, 30);
  ASSERT_EQ(projected.days.size(), 3U);
  EXPECT_EQ(projected.days[0].closing, dec("69"));  // what was due before moves on the next day
  EXPECT_EQ(projected.days[1].closing, dec("-11"));
  EXPECT_EQ(projected.short_on, kDay + 2);
  EXPECT_EQ(projected.lowest, dec("-11"));
  EXPECT_EQ(projected.if_all_paid, dec("84"));
  EXPECT_EQ(projected.later.size(), 1U);
}

RC_GTEST_PROP(ProjectedCash, OrderDoesNotMatterAndNothingIsLost, ()) {
  std::vector<ExpectedFlow> flows;
  const int count = *rc::gen::inRange(0, 12);
  Decimal dated;
  for (int i = 0; i < count; ++i) {
    ExpectedFlow flow{kDay + *rc::gen::inRange(-3, 10), "x", std::to_string(i),
                      Decimal::of(*rc::gen::inRange(-50, 50))};
    dated += flow.amount;
    flows.push_back(flow);
  }
  const auto forward = project_cash(kDay, dec("10"), flows, 30);
  std::reverse(flows.begin(), flows.end());
  const auto backward = project_cash(kDay, dec("10"), flows, 30);
  RC_ASSERT(forward.lowest == backward.lowest);
  RC_ASSERT(forward.short_on == backward.short_on);
  RC_ASSERT(forward.if_all_paid == dec("10") + dated);
}

TEST(Shares, BreaksAreFoundBetweenRegisterAgentAndDepository) {
  const auto agent = nav::read_share_positions(
      "date,fund,holder,shares\n2026-03-10,X,CEDE & CO,19000\n2026-03-10,X,\"Seed, LLC\",1000\n",
      kTransferAgent, "X");
  const auto depository =
      nav::read_share_positions("date,fund,shares\r\n2026-03-10,X,19000\r\n", kDepository, "X");
  EXPECT_TRUE(compare_shares({dec("20000"), {}, {}}, agent, depository).breaks.empty());
  const auto later = compare_shares({dec("10000"), dec("10000"), {}}, agent, depository);
  ASSERT_EQ(later.breaks.size(), 1U);
  EXPECT_NE(later.breaks[0].detail.find("not settled yet"), std::string::npos);
  SharePositions short_one = depository;
  short_one.holders[kNominee] = dec("18000");
  const auto found = compare_shares({dec("20000"), {}, {}}, agent, short_one);
  ASSERT_EQ(found.breaks.size(), 1U);
  EXPECT_EQ(found.breaks[0].between, "transfer agent's nominee and depository");
  EXPECT_EQ(found.breaks[0].difference(), dec("-1000"));
}

TEST(Shares, BadFilesAreRefusedByLine) {
  const auto refused = [](const char* text, const char* source = kTransferAgent) {
    const auto read = base::checked([&] { return nav::read_share_positions(text, source, "X"); });
    return read.has_error() ? read.error().message() : std::string("taken");
  };
  EXPECT_NE(refused("date,fund,shares\n2026-03-10,X,1\n").find("the columns are not"), std::string::npos);
  EXPECT_NE(refused("date,fund,holder,shares\n2026-03-10,Y,A,1\n").find("line 2: fund: is not X"),
            std::string::npos);
  EXPECT_NE(refused("date,fund,holder,shares\n2026-03-10,X,A,1.5\n").find("fraction"), std::string::npos);
  EXPECT_NE(refused("date,fund,holder,shares\n2026-03-10,X,A,-1\n").find("fewer than no"), std::string::npos);
  EXPECT_NE(refused("date,fund,holder,shares\n2026-03-10,X,A,1\n2026-03-10,X,A,1\n").find("there twice"),
            std::string::npos);
  EXPECT_NE(refused("date,fund,holder,shares\n2026-03-10,X,A,1\n2026-03-11,X,B,1\n").find("another day"),
            std::string::npos);
  EXPECT_NE(refused("date,fund,shares\n2026-03-10,X,1\n", "broker").find("neither transfer_agent"),
            std::string::npos);
}

}  // namespace
}  // namespace navkeeper::nav::cash
