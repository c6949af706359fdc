// A fund's dollars on the real store and the real books: proposals by two people, wires that leave once, a
// statement that leads to a break and its clearing, coin trades, share positions, statements that tie to the
// NAV, the official unit of indicative values. And what must be refused, with nothing changed.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "services/nav/adapters/composition_store.h"
#include "services/nav/adapters/dealing_json.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/indicative_store.h"
#include "services/nav/adapters/posting_rules.h"
#include "services/nav/adapters/share_position_store.h"
#include "services/nav/adapters/statements_store.h"
#include "services/nav/adapters/trade_store.h"
#include "tests/db/cash_fixture.h"

namespace navkeeper::nav {
namespace {

TEST_F(CashTest, ProposalsNeedTwoPeopleInTheDomainAndInTheDatabase) {
  const std::string account = R"({"kind":"bank_account","id":"main","number":"42","servicer":"021000021"})";
  EXPECT_TRUE(propose_json(account));
  EXPECT_FALSE(propose_json(account));
  expect_refused(
      refusal([&] {
        propose_json(R"({"kind":"bank_account","id":"main","number":"43","servicer":"021000021"})");
      }),
      "other content");
  expect_refused(
      refusal([&] {
        propose_json(R"({"kind":"bank_account","id":"second","number":"42","servicer":"021000021"})");
      }),
      "is that of account main");
  expect_refused(refusal([&] { approve_it("bank_account", "main", "mia"); }), "who may not approve it");
  EXPECT_THROW(
      in_transaction([&](db::Transaction& transaction) {
        db::execute(
            transaction,
            "INSERT INTO cash_decision (fund_id, kind, proposal_id, proposed_by, is_approved, "
            "decided_by, known_at_ns) VALUES ('BTCETH', 'bank_account', 'main', 'mia', true, 'mia', 1)");
        return 0;
      }),
      db::ConstraintViolation);
  EXPECT_TRUE(approve_it("bank_account", "main"));
  EXPECT_FALSE(approve_it("bank_account", "main"));
  expect_refused(refusal([&] { approve_it("bank_account", "main", "ann"); }), "was approved by tom already");
  expect_refused(refusal([&] { approve_it("wire", "none"); }), "is not a known wire");
  EXPECT_EQ(count("cash_decision"), 1);
}

TEST_F(CashTest, WiresStayWithinLimitsAndLeaveOnce) {
  account_and_payee();
  const auto wire = [](const char* id, const char* amount, const char* date = "2026-01-06") {
    return std::string(R"({"kind":"wire","id":")") + id +
           R"(","account":"main","payee":"adviser","amount":")" + amount + R"(","value_date":")" + date +
           R"(","purpose":"fee"})";
  };
  expect_refused(refusal([&] { propose_json(wire("W-0", "20000.01")); }), "above the limit of one wire");
  expect_refused(refusal([&] { propose_json(wire("W-0", "10", "2026-01-10")); }), "no day of the bank");
  expect_refused(refusal([&] { propose_json(wire("W-0", "10", "2026-01-02")); }), "has passed");
  expect_refused(refusal([&] { propose_json(replaced(wire("W-0", "10"), "adviser", "stranger")); }),
                 "not an approved payee");
  EXPECT_TRUE(propose_json(wire("W-1", "20000")));
  expect_refused(refusal([&] { propose_json(wire("W-2", "10000.01")); }), "day's limit");
  EXPECT_TRUE(propose_json(wire("W-2", "10000")));
  expect_refused(refusal([&] { release("W-1"); }), "not approved");
  approve_it("wire", "W-1");
  // 50,000 in cash settle on 2026-01-05; released by two at once it leaves once, with the same bytes.
  ReleasedWire first, second;
  std::thread other([&] { second = release("W-1"); });
  first = release("W-1");
  other.join();
  EXPECT_NE(first.is_new, second.is_new);
  EXPECT_EQ(first.instruction, second.instruction);
  EXPECT_NE(first.instruction.find(R"("amount":"20000.00")"), std::string::npos) << first.instruction;
  EXPECT_EQ(count("wire_release"), 1);
  EXPECT_EQ(count("outbox WHERE kind = 'wire_released'"), 1);
  expect_refused(
      refusal([&] {
        in_transaction([&](db::Transaction& t) { return withdraw(t, kFund, "wire", "W-1", who("tom")); });
      }),
      "has left already");
  // Never beyond what the books have settled.
  in_transaction([&](db::Transaction& t) { return withdraw(t, kFund, "wire", "W-2", who("mia")); });
  expect_refused(refusal([&] { approve_it("wire", "W-2"); }), "was withdrawn");
  for (const char* id : {"W-3", "W-4"}) {
    propose_json(wire(id, "20000", id == std::string("W-3") ? "2026-01-07" : "2026-01-08"));
    approve_it("wire", id);
  }
  EXPECT_TRUE(release("W-3").is_new);
  expect_refused(refusal([&] { release("W-4"); }), "would be -10000");
  const auto projected = in_transaction(
      [&](db::Transaction& t) { return load_projected_cash(t, kFund, day("2026-01-05"), 30); });
  EXPECT_EQ(projected.settled, dec("50000"));
  EXPECT_EQ(projected.short_on, day("2026-01-08"));
  EXPECT_THROW(in_transaction([&](db::Transaction& t) {
                 db::execute(t, "UPDATE wire_release SET released_by = 'x'");
                 return 0;
               }),
               db::SqlError);
}

TEST_F(CashTest, LimitsThatAreWithdrawnLeaveNoneAndNoLooserOnes) {
  account_and_payee();
  propose_json(R"({"kind":"limits","id":"L-2","account":"main","per_wire":"100","per_day":"100"})");
  approve_it("limits", "L-2");
  const std::string wire =
      R"({"kind":"wire","id":"W-1","account":"main","payee":"adviser","amount":"20000","value_date":"2026-01-06","purpose":"fee"})";
  expect_refused(refusal([&] { propose_json(wire); }), "above the limit of one wire");
  in_transaction([&](db::Transaction& t) { return withdraw(t, kFund, "limits", "L-2", who("mia")); });
  expect_refused(refusal([&] { propose_json(wire); }), "has no approved limits");
  propose_json(R"({"kind":"limits","id":"L-3","account":"main","per_wire":"20000","per_day":"20000"})");
  expect_refused(refusal([&] { propose_json(wire); }), "has no approved limits");
  approve_it("limits", "L-3");
  EXPECT_TRUE(propose_json(wire));
}

TEST_F(CashTest, ADebtIsPaidOnceHoweverManyWiresAsk) {
  account_and_payee();
  post(R"({"id":"a","date":"2026-01-02","event":"fee_accrued","name":"audit","amount":"100"})"
       "\n");
  const auto wire = [](const char* id, const char* amount, const char* source = "liability",
                       const char* name = "Fees payable:audit") {
    return std::string(R"({"kind":"wire","id":")") + id +
           R"(","account":"main","payee":"adviser","amount":")" + amount +
           R"(","value_date":"2026-01-06","purpose":"fee","pays":{"source":")" + source + R"(","id":")" +
           name + R"("}})";
  };
  expect_refused(refusal([&] { propose_json(wire("W-0", "1", "liability", "Fees payable:none")); }),
                 "nothing that the books owe");
  expect_refused(refusal([&] { propose_json(wire("W-0", "1", "file", "none")); }),
                 "nothing that the books owe");
  expect_refused(refusal([&] { propose_json(wire("W-0", "1", "distribution", "D")); }),
                 "nothing that the books owe");
  // Two people at once ask for the whole of it: one may.
  std::string of_twin;
  std::thread twin([&] {
    try {
      propose_json(wire("W-2", "100"), "ann");
    } catch (const base::Refused& refused) {
      of_twin = refused.what();
    }
  });
  std::string of_first;
  try {
    propose_json(wire("W-1", "100"));
  } catch (const base::Refused& refused) {
    of_first = refused.what();
  }
  twin.join();
  EXPECT_NE(of_first.empty(), of_twin.empty()) << of_first << of_twin;
  expect_refused(of_first + of_twin, "100 owed, of which 100 by wires that are not booked yet");
  const char* const paying = of_first.empty() ? "W-1" : "W-2";
  expect_refused(refusal([&] { propose_json(wire("W-3", "0.01")); }), "is more than what");
  approve_it("wire", paying);
  EXPECT_TRUE(release(paying).is_new);
  // Paid, and not booked: still nothing is left. Booked, the next bill is a debt of its own.
  post(R"({"id":"b","date":"2026-01-05","event":"fee_accrued","name":"audit","amount":"40"})"
       "\n");
  expect_refused(refusal([&] { propose_json(wire("W-3", "40.01")); }), "is more than what");
  post(R"({"id":"p","date":"2026-01-06","event":"fee_paid","name":"audit","amount":"100"})"
       "\n");
  expect_refused(refusal([&] { propose_json(wire("W-3", "40.01")); }), "40 owed");
  EXPECT_TRUE(propose_json(wire("W-3", "40")));
  // An entry of the journal is paid once, too.
  expect_refused(refusal([&] { propose_json(wire("W-4", "100.01", "file", "p")); }), "100 owed");
  EXPECT_TRUE(propose_json(wire("W-4", "100", "file", "p")));
  expect_refused(refusal([&] { propose_json(wire("W-5", "0.01", "file", "p")); }), "(W-4)");
}

TEST_F(CashTest, DaysBetweenStatementsAreAGapUntilTheirStatementTiesOnBothSides) {
  account_and_payee();
  import(bai2("260105", 0, {{ 5'000'000, "seed" }}));
  import(bai2("260108", 5'000'000, {}));
  const auto gap = reconciliation("2026-01-30");
  ASSERT_EQ(gap->gaps.size(), 1U);
  EXPECT_EQ(gap->gaps[0].from, day("2026-01-06"));
  EXPECT_EQ(gap->gaps[0].to, day("2026-01-07"));
  EXPECT_FALSE(gap->agrees());
  EXPECT_NE(reconciliation_table(*gap).find("no statement of account main of 2026-01-06 to 2026-01-07"),
            std::string::npos);
  EXPECT_LE(gap->agreed_through.value_or(day("2026-01-01")), day("2026-01-05"));
  const auto check = [&] {
    return in_transaction([&](db::Transaction& t) {
      return check_bank(t, store_->latest_definition(kFund)->definition, day("2026-01-09"));
    });
  };
  EXPECT_EQ(check().status, CheckStatus::kUnavailable) << check().detail;
  expect_refused(refusal([&] {
                   import(bai2("260106", 5'000'000, {{ -100, "fee" }}));
                 }),
                 "is not the opening balance of statement");
  // A statement of the 6th leaves the 7th open; money that came and went was never seen before.
  import(bai2("260106", 5'000'000, {{-100, "out"}, { 100, "back" }}));
  EXPECT_EQ(reconciliation("2026-01-30")->gaps.at(0).from, day("2026-01-07"));
  import(bai2("260107", 5'000'000, {}));
  const auto filled = reconciliation("2026-01-30");
  EXPECT_TRUE(filled->gaps.empty());
  EXPECT_EQ(filled->result.breaks.size(), 2U);
  EXPECT_EQ(check().status, CheckStatus::kFailed) << check().detail;
  // The database keeps the chain, whoever imports.
  EXPECT_THROW(in_transaction([&](db::Transaction& t) {
                 db::execute(t,
                             "INSERT INTO bank_statement SELECT fund_id, account, 'S-X', format, date_from, "
                             "date_to + 1, opening, closing, line_count, content_hash, imported_by, "
                             "known_at_ns, previous_to FROM bank_statement WHERE date_to = '2026-01-07'");
                 return 0;
               }),
               db::ConstraintViolation);
}

TEST_F(CashTest, AStatementLeadsToABreakAndItsClearing) {
  account_and_payee();
  EXPECT_FALSE(reconciliation("2026-01-30"));
  EXPECT_EQ(import(bai2("260105", 0, {{5'000'000, "seed"}})).imported.size(), 1U);
  EXPECT_TRUE(reconciliation("2026-01-30")->result.agrees());
  EXPECT_EQ(import(bai2("260105", 0, {{5'000'000, "seed"}})).known.size(), 1U);
  const std::int64_t lines = count("bank_line");
  expect_refused(refusal([&] { import(bai2("260105", 0, {{ 5'000'001, "seed" }})); }), "other content");
  expect_refused(refusal([&] { import(bai2("260106", 4'999'999, {})); }), "one between is missing");
  expect_refused(refusal([&] { import(bai2("260102", 0, {})); }), "before the first one");
  expect_refused(refusal([&] { import(replaced(bai2("260106", 5'000'000, {}), "03,42,", "03,43,")); }),
                 "is not the number of account main");
  EXPECT_EQ(count("bank_line"), lines);
  EXPECT_EQ(count("bank_statement"), 1);

  // The bank takes a fee that nobody booked, and an order's dollars come that the books have by another date.
  post(R"({"id":"O-2","date":"2026-01-05","event":"creation","shares":"10000","cash":"25000"})"
       "\n");
  EXPECT_EQ(import(bai2("260106", 5'000'000, {{-2500, "wire fee"}, {2'500'000, "O-2"}})).lines, 2U);
  auto stored = reconciliation("2026-01-30");
  ASSERT_EQ(stored->result.breaks.size(), 1U);
  EXPECT_EQ(stored->result.breaks[0].type, cash::BreakType::kMissingInBooks);
  EXPECT_EQ(stored->result.difference(), dec("-25"));
  Check check = in_transaction([&](db::Transaction& t) {
    return check_bank(t, store_->latest_definition(kFund)->definition, day("2026-01-07"));
  });
  EXPECT_EQ(check.status, CheckStatus::kFailed) << check.detail;
  check = in_transaction([&](db::Transaction& t) {
    return check_bank(t, store_->latest_definition(kFund)->definition, day("2026-01-09"));
  });
  EXPECT_EQ(check.status, CheckStatus::kUnavailable) << check.detail;

  post(R"({"id":"fee-a","date":"2026-01-06","event":"fee_accrued","name":"bank fee","amount":"25"})"
       "\n"
       R"({"id":"fee-p","date":"2026-01-06","event":"fee_paid","name":"bank fee","amount":"25"})"
       "\n");
  stored = reconciliation("2026-01-30");
  EXPECT_TRUE(stored->result.agrees());
  check = in_transaction([&](db::Transaction& t) {
    return check_bank(t, store_->latest_definition(kFund)->definition, day("2026-01-07"));
  });
  EXPECT_EQ(check.status, CheckStatus::kPassed) << check.detail;
  EXPECT_NE(reconciliation_json(kFund, *stored).find(R"("agrees":true)"), std::string::npos);
}

TEST_F(CashTest, APersonMatchesWhatNoRuleFinds) {
  account_and_payee();
  import(bai2("260105", 0, {{ 5'000'000, "seed" }}));
  post(R"({"id":"late-a","date":"2026-01-06","event":"fee_accrued","name":"audit","amount":"100"})"
       "\n"
       R"({"id":"late","date":"2026-01-06","event":"fee_paid","name":"audit","amount":"100"})"
       "\n");
  import(bai2("260106", 5'000'000, {}));
  import(bai2("260113", 5'000'000, {{ -10'000, "?" }}));
  EXPECT_EQ(reconciliation("2026-01-30")->result.breaks.size(), 2U);
  const auto match = [&](int line, const char* id) {
    in_transaction([&](db::Transaction& t) {
      match_by_hand(t, kFund, {{"main", "BAI2 42 2026-01-13", line}}, "file", id, "paid late by the bank",
                    who("olga"));
      return 0;
    });
  };
  expect_refused(refusal([&] { match(2, "late"); }), "is not there");
  expect_refused(refusal([&] { match(1, "seed"); }), "the entry of 50000");
  match(1, "late");
  expect_refused(refusal([&] { match(1, "late"); }), "matched before");
  EXPECT_TRUE(reconciliation("2026-01-30")->result.agrees());
}

TEST_F(CashTest, ATradeIsExecutedForOrdersBookedOnceConfirmedAndSettledAndItsCostIsTheirs) {
  const std::string trade =
      R"({"kind":"trade","id":"T-1","side":"sell","asset":"BTC","quantity":"2","limit":"79000","date":"2026-01-06","purpose":"order","counterparty":"desk","settlement_days":1,"allocations":[{"order":"O-1","quantity":"0.5"},{"order":"O-2","quantity":"1.5"}]})";
  PostgresDealingStore dealing(pool());
  const DealingPorts orders{dealing, *store_};
  const auto order = [&](const char* id, const char* side) {
    place_orders(
        orders, kFund,
        {read_order(*json::parse(std::string(R"({"id":")") + id + R"(","participant":"ALPHA","side":")" +
                                 side + R"(","form":"cash","units":"1","trade_date":"2026-01-06"})"),
                    kNow)},
        {who("olga").actor, kNow});
  };
  const auto accept = [&](const char* id) {
    accept_order(orders, kFund, dealing::OrderId::literal(id), {who("tom").actor, kNow});
  };
  post(R"({"id":"dollars","date":"2026-01-02","event":"sale","asset":"BTC","quantity":"5","cash":"400000"})"
       "\n");
  strike_on("2026-01-05");
  dealing.add_participant(
      kFund, {dealing::ParticipantId::literal("ALPHA"), "Alpha Securities", day("2026-01-02"), {}},
      {model::ActorId::literal("mia"), kNow});
  expect_refused(refusal([&] { propose_json(trade); }), "order O-1: is not known");
  order("O-1", "creation");
  expect_refused(refusal([&] { propose_json(trade); }), "in cash is served by a purchase");
  order("O-2", "redemption");
  order("O-3", "redemption");
  const auto instead = [&](const std::string& text) { return replaced(text, "\"O-1\"", "\"O-3\""); };
  expect_refused(refusal([&] { propose_json(replaced(instead(trade), "2026-01-06", "2026-01-07")); }),
                 "is of 2026-01-06, the trade of 2026-01-07");
  propose_json(instead(trade));
  const ExecutionToRecord part{"T-1", {"E-1", day("2026-01-06"), dec("1"), dec("80000"), dec("40")}};
  const auto execute = [&](const ExecutionToRecord& one) {
    return in_transaction([&](db::Transaction& t) {
      return execute_trade(t, kFund, one, who("olga", Instant::literal("2026-01-06T20:00:00Z")));
    });
  };
  expect_refused(refusal([&] { execute(part); }), "not approved");
  approve_it("trade", "T-1");
  expect_refused(
      refusal([&] {
        in_transaction([&](db::Transaction& t) { return execute_trade(t, kFund, part, who("olga", kNow)); });
      }),
      "execution E-1: date: lies in the future: today is 2026-01-05");
  expect_refused(refusal([&] { execute(part); }), "accepted before anything is traded for it");
  accept("O-2");
  accept("O-3");
  EXPECT_TRUE(execute(part));
  EXPECT_FALSE(execute(part));
  ExecutionToRecord other = part;
  other.execution.price = dec("80001");
  expect_refused(refusal([&] { execute(other); }), "other content");
  other.execution.id = "E-2";
  other.execution.quantity = dec("1.5");
  expect_refused(refusal([&] { execute(other); }), "more than is left");
  EXPECT_EQ(count("entry WHERE source = 'trades'"), 1);
  // Trade date T; booked on the next exchange day; settled by the trade's cycle.
  EXPECT_EQ(balance("Assets:Cash", "USD", books::Basis::kTradeDate, "2026-01-06"), dec("529960"));
  EXPECT_EQ(balance("Assets:Cash", "USD", books::Basis::kNav, "2026-01-06"), dec("450000"));
  EXPECT_EQ(balance("Assets:Coins:BTC", "BTC", books::Basis::kNav, "2026-01-07"), dec("14"));
  EXPECT_EQ(balance("Assets:Cash", "USD", books::Basis::kSettled, "2026-01-07"), dec("529960"));

  cash::Confirmation said{"C-1",    "T-1",        "E-1",        cash::TradeSide::kSell, "BTC",
                          dec("1"), dec("80000"), dec("80000"), day("2026-01-06"),      day("2026-01-07")};
  const auto confirm = [&] {
    return in_transaction([&](db::Transaction& t) { return confirm_trade(t, kFund, said, who("olga")); });
  };
  EXPECT_EQ(confirm().differences, "cash: ours 79960, theirs 80000");
  const auto settle = [&](const char* date) {
    return in_transaction([&](db::Transaction& t) {
      // Seven in the evening of the 7th in New York.
      return settle_trade(t, kFund, "T-1", "E-1", day(date),
                          who("olga", Instant::literal("2026-01-08T00:00:00Z")));
    });
  };
  expect_refused(refusal([&] { settle("2026-01-07"); }), "not confirmed");
  said.cash = dec("79960");
  expect_refused(refusal([&] { confirm(); }), "other content");
  said.reference = "C-2";
  EXPECT_EQ(confirm().differences, "");
  said.reference = "C-3";
  expect_refused(refusal([&] { confirm(); }), "confirmed by C-2 already");
  expect_refused(refusal([&] { settle("2026-01-06"); }), "before its contractual day, 2026-01-07");
  expect_refused(refusal([&] { settle("2026-01-08"); }),
                 "execution E-1: date: lies in the future: today is 2026-01-07");
  EXPECT_TRUE(settle("2026-01-07"));
  EXPECT_FALSE(settle("2026-01-07"));
  const auto trades = in_transaction([&](db::Transaction& t) { return load_trades(t, kFund, "O-2"); });
  ASSERT_EQ(trades.size(), 1U);
  EXPECT_EQ(trades[0].executions[0].state(), "settled");
  const auto& parts = trades[0].executions[0].allocations;
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].quantity, dec("0.75"));  // O-2
  EXPECT_EQ(parts[0].cash, dec("59970"));
  // The order knows what was done for it; its price has what that cost beyond the NAV.
  const auto of = [&](const char* id) { return *dealing.find_order(kFund, dealing::OrderId::literal(id)); };
  ASSERT_EQ(of("O-2").trades.size(), 1U);
  EXPECT_EQ(of("O-2").trades[0].state, "settled");
  EXPECT_FALSE(of("O-2").trades[0].is_purchase);
  expect_refused(refusal([&] {
                   record_execution(orders, kFund, dealing::OrderId::literal("O-2"), dec("1"), "by hand",
                                    {who("olga").actor, kNow});
                 }),
                 "on the blotter (T-1)");
  expect_refused(refusal([&] {
                   cancel_order(orders, kFund, dealing::OrderId::literal("O-2"), "changed its mind",
                                {who("olga").actor, kNow});
                 }),
                 "T-1 was executed for it");
  reject_order(orders, kFund, dealing::OrderId::literal("O-1"), dealing::RejectionGround::kForm, "not signed",
               {who("tom").actor, kNow});
  strike_on("2026-01-06");
  approve_nav(ports(), {kFund, day("2026-01-06"), who("tom").actor, kNow, {}});
  for (const PriceLine& line : price_orders(orders, kFund, day("2026-01-06"), {who("mia").actor, kNow})) {
    EXPECT_TRUE(line.is_priced || line.order.value() == "O-1") << line.message;
  }
  // 80,035 in the NAV; 0.75 of a coin brought 59,970 after its fee.
  EXPECT_EQ(of("O-2").price->execution_difference, dec("56.25"));
  EXPECT_EQ(of("O-3").price->execution_difference, dec("18.75"));
  EXPECT_EQ(of("O-2").price->fund_cash, of("O-2").price->execution_difference +
                                            of("O-2").price->variable_fee - of("O-2").price->nav_amount);
  ExecutionToRecord late = part;
  late.execution.id = "E-3";
  expect_refused(refusal([&] { execute(late); }), "is priced: nothing more is traded for it");
  EXPECT_THROW(in_transaction([&](db::Transaction& t) {
                 db::execute(
                     t,
                     "INSERT INTO trade_allocation (fund_id, trade_id, execution_id, order_id, quantity, "
                     "cash) VALUES ('BTCETH', 'T-1', 'E-1', 'NOBODY', 1, 1)");
               }),
               db::ConstraintViolation);
}

TEST_F(CashTest, TheRegisterIsComparedWithAgentAndDepository) {
  const auto import = [&](const char* source, const std::string& csv) {
    return in_transaction([&](db::Transaction& t) {
      return import_positions(t, kFund, read_share_positions(csv, source, "BTCETH"), who("olga"));
    });
  };
  const auto check = [&](const char* date) {
    return in_transaction([&](db::Transaction& t) {
      return check_shares(t, store_->latest_definition(kFund)->definition, day(date));
    });
  };
  EXPECT_EQ(check("2026-01-06").status, CheckStatus::kUnavailable);
  expect_refused(refusal([&] { import("depository", "date,fund,shares\n2027-01-05,BTCETH,1\n"); }),
                 "2027-01-05 lies in the future");
  EXPECT_EQ(
      import("transfer_agent",
             "date,fund,holder,shares\n2026-01-05,BTCETH,CEDE & CO,99000\n2026-01-05,BTCETH,Seed,1000\n"),
      1);
  EXPECT_FALSE(
      import("transfer_agent",
             "date,fund,holder,shares\n2026-01-05,BTCETH,Seed,1000\n2026-01-05,BTCETH,CEDE & CO,99000\n"));
  EXPECT_EQ(check("2026-01-06").status, CheckStatus::kPassed) << check("2026-01-06").detail;
  EXPECT_EQ(check("2026-01-08").status, CheckStatus::kUnavailable);
  import("depository", "date,fund,shares\n2026-01-05,BTCETH,98999\n");
  EXPECT_EQ(check("2026-01-06").status, CheckStatus::kFailed);
  EXPECT_NE(check("2026-01-06").detail.find("differ by -1"), std::string::npos) << check("2026-01-06").detail;
}

TEST_F(CashTest, StatementsOfALifeFootTieAndAreKeptWithTheClose) {
  std::vector<StoredNav> navs;
  for (const char* date : {"2026-01-05", "2026-01-06"}) navs.push_back(strike_on(date));
  // The checks stand on the NAV: nothing was imported.
  for (const char* name : {"cash_against_bank", "share_register_against_agent"}) {
    const auto found = std::find_if(navs[0].checks.begin(), navs[0].checks.end(),
                                    [&](const Check& one) { return one.name == name; });
    ASSERT_NE(found, navs[0].checks.end());
    EXPECT_EQ(found->status, CheckStatus::kUnavailable);
  }
  post(
      R"({"id":"s-1","date":"2026-01-07","event":"sale","asset":"BTC","quantity":"1.5","cash":"120000"})"
      "\n"
      R"({"id":"o-2","date":"2026-01-07","event":"creation","shares":"10000","cash":"253000.10"})"
      "\n"
      R"({"id":"r-1","date":"2026-01-07","event":"reward","asset":"ETH","quantity":"0.25","value":"760","source":"consensus"})"
      "\n",
      "2026-01-07T12:00:00Z");
  for (const char* date : {"2026-01-07", "2026-01-08", "2026-01-09"}) strike_on(date);
  post(R"({"id":"p-1","date":"2026-01-09","event":"purchase","asset":"ETH","quantity":"10","cash":"30100"})"
       "\n",
       "2026-01-09T12:00:00Z");
  const auto made_of = [&](const char* from, const char* to) {
    return make_statements(pool(), kFund, {day(from), day(to), std::nullopt});
  };
  for (const auto& [from, to] : {std::pair{"2026-01-02", "2026-01-07"},
                                 {"2026-01-07", "2026-01-08"},
                                 {"2026-01-08", "2026-01-09"},
                                 {"2026-01-02", "2026-01-11"}}) {
    const auto made = made_of(from, to);
    EXPECT_TRUE(made.faults.empty()) << from << " to " << to << ": " << made.faults.front();
    EXPECT_TRUE(made.tie.ties);
  }
  // One period's end is the next one's beginning, when prices of one NAV value both.
  EXPECT_EQ(made_of("2026-01-02", "2026-01-07").changes.closing,
            made_of("2026-01-08", "2026-01-09").changes.opening);
  const auto month = made_of("2026-01-02", "2026-01-09");
  // No NAV prices what was held before the first one: the period begins with the books, and says so.
  auto later = made_of("2026-01-05", "2026-01-09");
  EXPECT_EQ(later.asked_from, day("2026-01-05"));
  EXPECT_NE(statements_text(later).find("Begins on 2026-01-02, the first day of the books"),
            std::string::npos);
  EXPECT_NE(statements_json(later).find(R"("asked_from":"2026-01-05")"), std::string::npos);
  later.asked_from.reset();
  EXPECT_EQ(statements_json(later), statements_json(month));
  EXPECT_FALSE(month.asked_from.has_value());
  const std::string text = statements_text(month);
  const char* dir = std::getenv("NAVKEEPER_SOURCE_DIR");
  const std::string golden =
      std::string(dir != nullptr ? dir : ".") + "/tests/golden/statements-BTCETH-2026-01.txt";
  if (std::getenv("NAVKEEPER_GOLDEN_UPDATE") != nullptr) std::ofstream(golden, std::ios::binary) << text;
  std::ifstream reviewed(golden, std::ios::binary);
  EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(reviewed), {}))
      << "if the change is meant, run with NAVKEEPER_GOLDEN_UPDATE=1 and review it";

  const auto close = [&] {
    return in_transaction([&](db::Transaction& t) {
      return close_with_statements(t, kFund, day("2026-01-02"), day("2026-01-09"),
                                   who("mia", Instant::literal("2026-02-01T12:00:00Z")));
    });
  };
  expect_refused(refusal([&] { close(); }), "a period is closed once its last NAV is approved");
  approve_nav(ports(), {kFund, day("2026-01-09"), who("tom").actor, kNow, {}});
  // Somebody is posting a fact of the period while it is closed: whoever closes waits, and the statements
  // have it.
  std::thread closer;
  std::optional<ClosedStatements> closed;
  const auto path = folder_.path() / "meanwhile.jsonl";
  std::ofstream(path)
      << R"({"id":"p-2","date":"2026-01-09","event":"purchase","asset":"ETH","quantity":"1","cash":"3009"})"
         "\n";
  const auto events = read_events_to_post(path.string(), "file");
  in_transaction([&](db::Transaction& t) {
    post_events(t, kFund, FundPostingRules(store_->latest_definition(kFund)->definition).rules(), events,
                {model::ActorId::literal("olga"), Instant::literal("2026-01-09T12:00:00Z")});
    closer = std::thread([&] { closed = close(); });
    while (count("pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%books_head%'") == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  });
  closer.join();
  ASSERT_TRUE(closed.has_value());
  EXPECT_TRUE(closed->is_new);
  EXPECT_NE(statements_json(closed->made), statements_json(month));
  EXPECT_EQ(statements_json(closed->made), statements_json(made_of("2026-01-02", "2026-01-09")));
  EXPECT_NE(statements_json(closed->made).find("file:p-2"), std::string::npos);
  EXPECT_FALSE(close().is_new);
  expect_refused(
      refusal([&] {
        post(R"({"id":"late","date":"2026-01-08","event":"fee_accrued","name":"audit","amount":"5000"})"
             "\n");
      }),
      "late: is a NAV error of 2026-01-08, -0.0455 dollars a share, in a period that is closed");
  expect_refused(refusal([&] { made_of("2026-02-02", "2026-02-06"); }), "no NAV was struck in the period");
}

class FixedLive final : public LivePriceSource {
 public:
  indicative::LivePrice price(const std::string& asset, const std::string& index) override {
    asked.push_back(index);
    return {asset, asset == "BTC" ? dec("81000") : dec("3100"), kNow, ""};
  }
  std::vector<std::string> asked;
};

TEST_F(CashTest, TheIndicativeUnitIsThatOfThePublishedCompositionAdjustedForWhatHappenedSince) {
  StoredUnits units(pool(), *store_, *acts_);
  const FundDefinition fund = store_->latest_definition(kFund)->definition;
  EXPECT_NE(units.unit(fund, day("2026-01-06")).reason.find("has not been struck"), std::string::npos);
  const StoredNav nav = strike_on("2026-01-05");
  const auto reason = [&] { return units.unit(fund, day("2026-01-06")).reason; };
  EXPECT_NE(reason().find("is not published"), std::string::npos);
  approve_nav(ports(), {kFund, day("2026-01-05"), who("tom").actor, kNow, {}});
  EXPECT_NE(reason().find("is not published"), std::string::npos) << "approved is not enough";
  PostgresDealingStore dealing(pool());
  PostgresCompositionStore compositions(pool());
  const auto publish = [&] {
    return publish_basket({dealing, *store_}, compositions, kFund, day("2026-01-05"),
                          {who("olga").actor, kNow});
  };
  expect_refused(refusal(publish), "which is not published");
  for (const std::string& check : store_->find_nav(kFund, day("2026-01-05"))->standing_unavailable())
    for (const char* name : {"tom", "zoe"})
      override_check(ports(), {kFund, day("2026-01-05"), who(name).actor, kNow, {}}, check, "no service yet");
  publish_nav(ports(), {kFund, day("2026-01-05"), who("zoe").actor, kNow, {}});
  EXPECT_NE(reason().find("portfolio composition of 2026-01-05 by version 1"), std::string::npos);
  EXPECT_TRUE(publish());
  EXPECT_FALSE(publish());
  const OfficialUnit official = units.unit(fund, day("2026-01-06"));
  ASSERT_TRUE(official.unit.has_value()) << official.reason;
  EXPECT_EQ(official.unit->components[0].quantity, dec("2"));  // 20 / 100,000 x 10,000
  EXPECT_EQ(official.unit->components[1].quantity, dec("30"));

  FixedLive live;
  const auto made =
      make_indicative(units, live, fund, IndicativeSettings{}, day("2026-01-06"), kNow, [] { return kNow; });
  EXPECT_EQ(live.asked, (std::vector<std::string>{"NK_BTCUSD_RT", "NK_ETHUSD_RT"}));
  // By hand: (2 x 81000 + 30 x 3100 + cash of the unit) / 10,000, the cash being the NAV's less its
  // components.
  const Decimal cash =
      money::mul_div(nav.summary.net_assets, dec("10000"), dec("100000"), 2, money::Rounding::kHalfUp) -
      dec("2") * nav.summary.positions[0].price - dec("30") * nav.summary.positions[1].price;
  EXPECT_EQ(official.unit->net_cash, cash);
  EXPECT_EQ(*made.value.per_share,
            money::divide(dec("255000") + cash, dec("10000"), 4, money::Rounding::kHalfUp));
  EXPECT_TRUE(save_indicative(pool(), kFund, made, kNow));
  EXPECT_FALSE(save_indicative(pool(), kFund, made, kNow));
  EXPECT_EQ(last_indicative(pool(), kFund, true)->per_share, made.value.per_share);

  post(R"({"id":"slash","date":"2026-01-06","event":"penalty","asset":"ETH","quantity":"3","value":"9000"})"
       "\n");
  const OfficialUnit slashed = units.unit(fund, day("2026-01-06"));
  EXPECT_EQ(slashed.unit->components[1].quantity, dec("29.7"));
  EXPECT_EQ(slashed.unit->adjustments.size(), 1U);
  const std::string holdings = pre_open_holdings_json(pool(), *store_, kFund, day("2026-01-06"));
  EXPECT_NE(holdings.find(R"("ticker":"ETH","description":"ETH","quantity":"297")"), std::string::npos)
      << holdings;
}

}  // namespace
}  // namespace navkeeper::nav
