// Orders that settle in parts, as the bank and the transfer agent see them; checks on what was recorded since
// a strike.
#include <algorithm>

#include "services/nav/adapters/dealing_json.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/order_settlement_store.h"
#include "services/nav/adapters/share_position_store.h"
#include "tests/db/cash_fixture.h"

namespace navkeeper::nav {
namespace {

using dealing::OrderId;

class CashOfOrders : public CashTest {
 protected:
  void SetUp() override {
    CashTest::SetUp();
    dealing_.emplace(pool());
    account_and_payee();
    dealing_->add_participant(
        kFund, {dealing::ParticipantId::literal("ALPHA"), "Alpha Securities", day("2026-01-02"), {}},
        {model::ActorId::literal("mia"), kNow});
    import(bai2("260105", 0, {{ 5'000'000, "seed" }}));
    strike_on("2026-01-05");
    place("C-1", "creation", "3");
    strike_on("2026-01-06");
    approve_nav(ports(), {kFund, day("2026-01-06"), who("tom").actor, kNow, {}});
    for (const PriceLine& line : price_orders(orders(), kFund, day("2026-01-06"), {who("mia").actor, kNow}))
      EXPECT_TRUE(line.is_priced) << line.message;
    import(bai2("260106", 5'000'000, {}));
  }

  DealingPorts orders() { return {*dealing_, *store_}; }
  void place(const char* id, const char* side, const char* units) {
    place_orders(
        orders(), kFund,
        {read_order(
            *json::parse(std::string(R"({"id":")") + id + R"(","participant":"ALPHA","side":")" + side +
                         R"(","form":"cash","units":")" + units + R"(","trade_date":"2026-01-06"})"),
            kNow)},
        {who("olga").actor, kNow});
    accept_order(orders(), kFund, OrderId::literal(id), {who("tom").actor, kNow});
  }
  void settle(const char* date, const char* units, const char* reference) {
    const SettledPart part{units == nullptr ? std::nullopt : std::optional(dec(units)), day(date), reference};
    EXPECT_TRUE(settle_order(orders(), kFund, OrderId::literal("C-1"), part, {who("olga").actor, later_}));
  }
  Decimal cash() { return dealing_->find_order(kFund, OrderId::literal("C-1"))->price->fund_cash; }
  /// Cents of so many of the three units, after the ones before.
  std::int64_t part_cents(std::int64_t before, std::int64_t units) {
    const auto due = [&](std::int64_t by) {
      return money::mul_div(cash(), Decimal::of(by), dec("3"), 2, money::Rounding::kDown);
    };
    const Decimal cents = (due(before + units) - due(before)) * dec("100");
    return std::stoll(cents.to_fixed(0));
  }
  Check bank_check(const char* date) {
    return in_transaction([&](db::Transaction& t) {
      return check_bank(t, store_->latest_definition(kFund)->definition, day(date));
    });
  }
  Check share_check(const char* date) {
    return in_transaction([&](db::Transaction& t) {
      return check_shares(t, store_->latest_definition(kFund)->definition, day(date));
    });
  }
  void agent(const char* date, const char* shares) {
    in_transaction([&](db::Transaction& t) {
      return import_positions(t, kFund,
                              read_share_positions(std::string("date,fund,holder,shares\n") + date +
                                                       ",BTCETH,CEDE & CO," + shares + "\n",
                                                   "transfer_agent", "BTCETH"),
                              who("olga", later_));
    });
  }
  void match(const std::vector<BankLineName>& lines, const char* source, const char* id) {
    in_transaction([&](db::Transaction& t) {
      match_by_hand(t, kFund, lines, source, id, "the bank split it", who("olga"));
      return 0;
    });
  }

  std::optional<PostgresDealingStore> dealing_;
  const Instant later_ = Instant::literal("2026-01-30T22:00:00Z");
};

TEST_F(CashOfOrders, AnOrderThatSettlesInTwoPartsIsTwoLinesAndNoBreak) {
  settle("2026-01-07", "1", "a");
  std::int64_t balance = 5'000'000;
  import(bai2("260107", balance, {{ part_cents(0, 1), "?" }}));
  balance += part_cents(0, 1);
  auto stored = *reconciliation("2026-01-07");
  EXPECT_TRUE(stored.agrees()) << reconciliation_table(stored);
  ASSERT_EQ(stored.result.open.size(), 1U);
  EXPECT_EQ(stored.result.not_settled * dec("100"), Decimal::of(part_cents(1, 2)));
  EXPECT_EQ(stored.result.books, dec("50000") + cash()) << "by contract all of it has settled";
  EXPECT_EQ(stored.result.difference(), Decimal{});
  EXPECT_NE(reconciliation_table(stored).find("C-1"), std::string::npos);
  const Check check = bank_check("2026-01-08");
  EXPECT_EQ(check.status, CheckStatus::kPassed) << check.detail;
  EXPECT_NE(check.detail.find("not settled yet: C-1"), std::string::npos) << check.detail;
  // The agreement holds and the rest is found from there.
  import(bai2("260108", balance, {{ part_cents(1, 2), "?" }}));
  stored = *reconciliation("2026-01-08");
  EXPECT_EQ(stored.agreed_through, day("2026-01-07"));
  EXPECT_TRUE(stored.agrees()) << reconciliation_table(stored);
  EXPECT_NE(reconciliation_table(stored).find("not recorded as settled"), std::string::npos)
      << "the bank was first: " << reconciliation_table(stored);
  settle("2026-01-08", nullptr, "");
  stored = *reconciliation("2026-01-08");
  EXPECT_TRUE(stored.agrees() && stored.result.open.empty()) << reconciliation_table(stored);
  EXPECT_EQ(stored.result.bank, stored.result.books);
  EXPECT_EQ(bank_check("2026-01-09").status, CheckStatus::kPassed) << bank_check("2026-01-09").detail;
}

TEST_F(CashOfOrders, ASettlementOfADayThatAgreedEndsTheAgreement) {
  settle("2026-01-07", "1", "a");
  import(bai2("260107", 5'000'000, {{ part_cents(0, 1), "?" }}));
  EXPECT_TRUE(reconciliation("2026-01-07")->agrees());
  import(bai2("260108", 5'000'000 + part_cents(0, 1), {}));
  EXPECT_EQ(reconciliation("2026-01-08")->agreed_through, day("2026-01-08"));
  // Said to have come on the 7th, and it had not.
  settle("2026-01-07", nullptr, "");
  const auto stored = *reconciliation("2026-01-08");
  ASSERT_EQ(stored.result.breaks.size(), 1U) << reconciliation_table(stored);
  EXPECT_EQ(stored.result.breaks[0].type, cash::BreakType::kMissingAtBank);
  EXPECT_EQ(-stored.result.breaks[0].difference * dec("100"), Decimal::of(part_cents(1, 2)));
  EXPECT_EQ(bank_check("2026-01-09").status, CheckStatus::kFailed);
}

TEST_F(CashOfOrders, SeveralLinesAreNamedForOneEntryOrOneSettlementWhoseSumTheyAre) {
  settle("2026-01-07", "1", "a");
  settle("2026-01-08", nullptr, "");
  post(R"({"id":"fee-a","date":"2026-01-07","event":"fee_accrued","name":"audit","amount":"100"})"
       "\n"
       R"({"id":"fee","date":"2026-01-07","event":"fee_paid","name":"audit","amount":"100"})"
       "\n");
  std::int64_t balance = 5'000'000;
  import(bai2("260107", balance, {{part_cents(0, 1), "?"}, { -6'000, "x" }}));
  balance += part_cents(0, 1) - 6'000;
  import(bai2("260108", balance, {{part_cents(1, 2) - 700, "?"}, {700, "y"}, { -4'000, "z" }}));
  const auto stored = *reconciliation("2026-01-08");
  EXPECT_EQ(stored.result.breaks.size(), 6U) << reconciliation_table(stored);
  const std::string first = "BAI2 42 2026-01-07", second = "BAI2 42 2026-01-08";
  expect_refused(refusal([&] { match({{"main", first, 2}}, "file", "fee"); }), "the entry of -100");
  expect_refused(refusal([&] {
                   match({{"main", first, 2}, {"main", first, 2}}, "file", "fee");
                 }),
                 "named twice");
  expect_refused(
      refusal([&] {
        match({{"main", second, 2}}, "order", "C-1");
      }),
      "its settlement of 2026-01-08 of " + (Decimal::of(part_cents(1, 2)) * Decimal::of(1, 2)).to_string());
  match({{"main", first, 2}, {"main", second, 3}}, "file", "fee");
  match({{"main", second, 1}, {"main", second, 2}}, "order", "C-1");
  expect_refused(refusal([&] { match({{"main", second, 1}}, "order", "C-1"); }), "was matched before");
  EXPECT_TRUE(reconciliation("2026-01-08")->agrees()) << reconciliation_table(*reconciliation("2026-01-08"));
  EXPECT_EQ(reconciliation("2026-01-07")->result.breaks.size(), 2U)
      << "on the 7th one line of the fee had come";
}

TEST_F(CashOfOrders, AnOrderThatFailedIsOpenAndOneClosedOutLeavesNothing) {
  fail_order(orders(), kFund, OrderId::literal("C-1"), day("2026-01-07"), "no dollars",
             {who("olga").actor, later_});
  import(bai2("260107", 5'000'000, {}));
  EXPECT_TRUE(reconciliation("2026-01-07")->agrees());
  EXPECT_EQ(reconciliation("2026-01-07")->result.not_settled, cash());
  close_out_order(orders(), kFund, OrderId::literal("C-1"), day("2026-01-07"), "bought in",
                  {who("anna").actor, later_});
  const auto stored = *reconciliation("2026-01-07");
  EXPECT_TRUE(stored.agrees() && stored.result.open.empty()) << reconciliation_table(stored);
  EXPECT_EQ(stored.result.books, dec("50000"));
}

TEST_F(CashOfOrders, DollarsOfAnOrderThatFailedAreProjectedAndNotSpent) {
  const auto projected = [&](const char* as_of) {
    return in_transaction([&](db::Transaction& t) { return load_projected_cash(t, kFund, day(as_of), 30); });
  };
  fail_order(orders(), kFund, OrderId::literal("C-1"), day("2026-01-07"), "no dollars",
             {who("olga").actor, later_});
  const auto failed = projected("2026-01-08");
  EXPECT_EQ(failed.settled, dec("50000"));
  ASSERT_EQ(failed.days.size(), 1U);
  EXPECT_EQ(failed.days[0].closing, dec("50000") + cash());
  EXPECT_EQ(failed.days[0].flows[0].reference, "order:C-1");
  const Instant thursday = Instant::literal("2026-01-08T15:00:00Z");
  const auto wire = [&](const char* id, const char* amount) {
    return in_transaction([&](db::Transaction& t) {
      return propose(t, kFund,
                     read_proposal(*json::parse(std::string(R"({"kind":"wire","account":"main","id":")") +
                                                id + R"(","payee":"adviser","amount":")" + amount +
                                                R"(","value_date":"2026-01-08","purpose":"test"})")),
                     who("mia", thursday));
    });
  };
  propose_json(R"({"kind":"limits","id":"L-2","account":"main","per_wire":"60000","per_day":"60000"})");
  approve_it("limits", "L-2");
  wire("W-1", "50000.01");
  in_transaction([&](db::Transaction& t) { return approve(t, kFund, "wire", "W-1", who("tom", thursday)); });
  expect_refused(refusal([&] { release("W-1", thursday); }), "-0.01");
  settle("2026-01-08", nullptr, "");
  EXPECT_TRUE(release("W-1", thursday).is_new);
}

TEST_F(CashOfOrders, TheAgentHasTheSharesThatSettledAndNoOthers) {
  settle("2026-01-07", "1", "a");
  agent("2026-01-07", "110000");
  EXPECT_EQ(share_check("2026-01-07").status, CheckStatus::kPassed) << share_check("2026-01-07").detail;
  EXPECT_NE(share_check("2026-01-07").detail.find("-20,000 of C-1 (due 2026-01-07)"), std::string::npos)
      << share_check("2026-01-07").detail;
  agent("2026-01-07", "130000");
  const Check issued = share_check("2026-01-07");
  EXPECT_EQ(issued.status, CheckStatus::kFailed) << issued.detail;
  EXPECT_NE(issued.detail.find("differ by 20000 (the shares of orders that have not settled"),
            std::string::npos)
      << issued.detail;
  settle("2026-01-08", nullptr, "");
  EXPECT_EQ(share_check("2026-01-07").status, CheckStatus::kFailed) << "the 7th is as it was on the 7th";
  agent("2026-01-08", "130000");
  EXPECT_EQ(share_check("2026-01-08").status, CheckStatus::kPassed) << share_check("2026-01-08").detail;
  const auto open =
      in_transaction([&](db::Transaction& t) { return load_open_parts(t, kFund, day("2026-01-07")); });
  ASSERT_EQ(open.size(), 1U);
  const std::vector<policy::ShareSplit> splits = {{day("2026-01-07"), 4, 1}};
  EXPECT_EQ(shares_of(open[0], splits, day("2026-01-07")), dec("-80000")) << "in shares of the day";
  const auto listed = open_items(dealing_->orders(kFund, {}, {}), day("2026-01-07"), splits);
  ASSERT_EQ(listed.size(), 1U) << "as of that day";
  EXPECT_EQ(listed[0].legs.back().amount, dec("-80000"));
  EXPECT_TRUE(open_items(dealing_->orders(kFund, {}, {}), day("2026-01-08"), splits).empty());
}

TEST_F(CashOfOrders, WhatIsRecordedAfterAStrikeIsMeasuredAnewWhereSomebodyAsks) {
  const auto status = [](const StoredNav& nav, const char* check) {
    const auto found = std::find_if(nav.checks.begin(), nav.checks.end(),
                                    [&](const Check& one) { return one.name == check; });
    return found == nav.checks.end() ? std::string("none") : std::string(describe(found->status));
  };
  settle("2026-01-07", nullptr, "");
  strike_on("2026-01-07");
  const auto again = [&] {
    return strike_fund(ports(), {kFund, day("2026-01-07"), who("mia").actor,
                                 Instant::literal("2026-03-01T00:00:00Z"), "the agent's file came"});
  };
  EXPECT_EQ(again().outcome, StrikeOutcome::kUnchanged) << "nothing was recorded";
  const auto set_aside = [&](const char* name) {
    override_check(ports(), {kFund, day("2026-01-07"), who(name).actor, later_, {}},
                   "share_register_against_agent", "no file came");
  };
  set_aside("tom");
  agent("2026-01-07", "100000");
  const std::string refused = refusal([&] { set_aside("anna"); });
  expect_refused(refused, "was unavailable and is failed");
  expect_refused(refused, "--again WHY");
  const StrikeReport second = again();
  EXPECT_EQ(second.outcome, StrikeOutcome::kStruck);
  EXPECT_EQ(second.nav.summary.version, 2);
  EXPECT_EQ(status(second.nav, "share_register_against_agent"), "failed");
  agent("2026-01-07", "130000");
  const StrikeReport third = again();
  EXPECT_EQ(third.nav.summary.version, 3);
  EXPECT_EQ(status(third.nav, "share_register_against_agent"), "passed");
  EXPECT_EQ(third.nav.document_hash, second.nav.document_hash) << "the NAV itself is the same";
  EXPECT_EQ(again().outcome, StrikeOutcome::kUnchanged);
  // A bank's statement likewise.
  EXPECT_EQ(status(third.nav, "cash_against_bank"), "passed");
  import(bai2("260107", 5'000'000, {{part_cents(0, 3), "?"}, { -1'500, "WIRE FEE" }}));
  const StrikeReport fourth = again();
  EXPECT_EQ(fourth.nav.summary.version, 4);
  EXPECT_EQ(status(fourth.nav, "cash_against_bank"), "failed");
}

}  // namespace
}  // namespace navkeeper::nav
