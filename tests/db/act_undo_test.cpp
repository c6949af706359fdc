// An act that took effect and was wrong: one person asks for it to be taken back, another approves; its
// entries are reversed on their dates, and the NAVs that had it are errors until they are struck again.
#include "common/http/router.h"
#include "common/time/clock.h"
#include "services/nav/adapters/books_periods.h"
#include "services/nav/adapters/fund_act_json.h"
#include "services/nav/service.h"
#include "tests/db/fund_life_fixture.h"

namespace navkeeper::nav {
namespace {

constexpr const char* kWrong =
    R"({"kind":"distribution","id":"2026-01","declared":"2026-01-07","ex":"2026-01-08","record":"2026-01-08",)"
    R"("pay":"2026-01-12","per_share":"0.05","sources":{"income":"0.03","capital":"0.02"}})";

class ActUndoTest : public FundLife {
 protected:
  bool ask(const char* id, const char* who = "mia", const char* reason = "the amount was wrong") {
    return ask_undo(act_ports(), kFund, id, reason, actor(who), kLater);
  }
  std::optional<LateReport> approve_undoing(const char* id, const char* who = "tom") {
    return approve_undo(act_ports(), kFund, id, actor(who), kLater);
  }
  StoredAct act(const char* id, Instant known_at = Instant::latest()) {
    return *acts_->find_act(kFund, id, known_at);
  }
  /// After all NAVs of the tests were struck.
  const Instant kLater = Instant::literal("2026-03-02T00:00:00Z");
};

TEST_F(ActUndoTest, ADistributionInEffectIsTakenBackByTwoAndItsNavsAreErrors) {
  strike_from("2026-01-05", "2026-01-06");
  propose(kWrong);
  approve("2026-01");
  EXPECT_NE(refusal([&] { ask("2026-01"); }).find("is approved and not in effect"), std::string::npos);
  strike_from("2026-01-07", "2026-01-09");
  const StoredNav wrong = *store_->find_nav(kFund, day("2026-01-08"), Instant::latest());
  EXPECT_EQ(balance("Liabilities:Distributions payable:2026-01"), dec("-5000"));
  EXPECT_NE(refusal([&] { approve_undoing("2026-01"); }).find("nobody asked"), std::string::npos);
  EXPECT_NE(refusal([&] { ask("2026-01", "mia", " "); }).find("reason: is empty"), std::string::npos);
  EXPECT_TRUE(ask("2026-01"));
  EXPECT_FALSE(ask("2026-01"));
  EXPECT_NE(refusal([&] { ask("2026-01", "zoe"); }).find("waits to be undone already, as mia asked"),
            std::string::npos);
  EXPECT_NE(refusal([&] { approve_undoing("2026-01", "mia"); }).find("may not approve it"),
            std::string::npos);
  EXPECT_TRUE(withdraw_undo(act_ports(), kFund, "2026-01", actor("mia"), kLater));
  EXPECT_FALSE(withdraw_undo(act_ports(), kFund, "2026-01", actor("mia"), kLater));
  EXPECT_TRUE(ask("2026-01", "zoe"));
  const auto waiting = store_->waiting_acts({kFund}, day("2026-01-09"));
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting[0].who, "an approver, not zoe");
  EXPECT_EQ(waiting[0].command, "navkeeper distribution approve-undo CROYIELD 2026-01 --as APPROVER");
  const auto report = approve_undoing("2026-01");
  ASSERT_TRUE(report.has_value());
  const auto after = store_->waiting_acts({kFund}, day("2026-01-09"));
  ASSERT_EQ(after.size(), 1U);
  EXPECT_NE(after[0].what.find("the NAVs of 2026-01-08 to 2026-01-09 lack 1 late entry"), std::string::npos)
      << after[0].what;
  EXPECT_EQ(report->error_from, day("2026-01-08"));
  EXPECT_EQ(report->error_through, day("2026-01-09"));
  EXPECT_EQ(report->error_per_share, dec("0.05"));
  EXPECT_FALSE(approve_undoing("2026-01").has_value());
  EXPECT_EQ(balance("Liabilities:Distributions payable:2026-01"), Decimal{});
  EXPECT_EQ(balance("Capital:Distributions:Income"), Decimal{});
  EXPECT_EQ(act("2026-01").state(), "undone");
  EXPECT_EQ(act("2026-01", kNow).state(), "recorded") << "as it was known then";
  EXPECT_NE(act_text(store_->latest_definition(kFund)->definition, act("2026-01"), acts_->acts(kFund))
                .find("undone, approved by tom"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              pay_distribution(act_ports(), kFund, "2026-01", day("2026-01-12"), actor("olga"), kLater);
            }).find("is undone: nothing is paid"),
            std::string::npos);
  EXPECT_NE(refusal([&] { ask("2026-01"); }).find("nothing to undo"), std::string::npos);
  // The next NAV is red until the days are struck again without it.
  const auto next = strike_fund(ports(), {kFund, day("2026-01-12"), actor("mia"), kLater});
  const auto late = [](const StoredNav& nav) {
    for (const Check& check : nav.checks)
      if (check.name == "late_facts") return check.status == CheckStatus::kFailed;
    return false;
  };
  EXPECT_TRUE(late(next.nav));
  for (const char* date : {"2026-01-08", "2026-01-09", "2026-01-12"})
    strike_fund(ports(), {kFund, day(date), actor("mia"), kLater + time::Duration::minutes(1), "undone"});
  const StoredNav right = *store_->find_nav(kFund, day("2026-01-08"), Instant::latest());
  // Less the fee on what stayed.
  EXPECT_LT((right.summary.net_assets - wrong.summary.net_assets - dec("5000")).abs(), dec("1"));
  EXPECT_FALSE(late(*store_->find_nav(kFund, day("2026-01-12"), Instant::latest())));
  EXPECT_EQ(count("outbox WHERE kind = 'fund_act_undone'"), 1);
}

TEST_F(ActUndoTest, WhatWasPaidComesBackFirstAndAClosedPeriodIsOpenedFirst) {
  strike_from("2026-01-05", "2026-01-06");
  propose(kWrong);
  approve("2026-01");
  strike_from("2026-01-07", "2026-01-09");
  pay_distribution(act_ports(), kFund, "2026-01", day("2026-01-12"), actor("olga"), kNow);
  EXPECT_NE(
      refusal([&] { ask("2026-01"); }).find("books reverse CROYIELD 2026-01/paid --source distribution"),
      std::string::npos);
  pool().transact([&](db::Transaction& t) {
    const books::Source paid{"distribution", "2026-01/paid"};
    reverse_entry(t, kFund, paid, reversal_source(paid), {actor("olga").id, kNow}, "it came back");
  });
  EXPECT_TRUE(ask("2026-01"));
  pool().transact([&](db::Transaction& t) {
    close_books(t, kFund, day("2026-01-09"), {actor("mia").id, kLater});
  });
  EXPECT_NE(refusal([&] { approve_undoing("2026-01"); }).find("closed period"), std::string::npos);
  EXPECT_EQ(act("2026-01").state(), "recorded") << "nothing was changed";
  EXPECT_EQ(count("entry WHERE source = 'reversal'"), 1);
}

TEST_F(ActUndoTest, ASplitIsTakenBackWhileNoSharesChangedSince) {
  strike_from("2026-01-05", "2026-01-06");
  propose(R"({"kind":"split","id":"2-for-1","effective":"2026-01-07","new_shares":2,"old_shares":1})");
  approve("2-for-1");
  strike_from("2026-01-07", "2026-01-07");
  EXPECT_EQ(store_->find_nav(kFund, day("2026-01-07"), Instant::latest())->summary.shares, dec("200000"));
  ask("2-for-1");
  const auto report = approve_undoing("2-for-1");
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->error_from, day("2026-01-07"));
  strike_fund(ports(), {kFund, day("2026-01-07"), actor("mia"), kLater, "the split is undone"});
  EXPECT_EQ(store_->find_nav(kFund, day("2026-01-07"), Instant::latest())->summary.shares, dec("100000"));
  EXPECT_TRUE(splits_of(acts_->acts(kFund)).empty());
  EXPECT_EQ(splits_of(acts_->acts(kFund, kNow)).size(), 1U);
  // The same one is proposed anew under an id of its own, and shares that change afterwards keep it.
  propose(R"({"kind":"split","id":"again","effective":"2026-01-08","new_shares":2,"old_shares":1})");
  approve("again");
  strike_from("2026-01-08", "2026-01-08");
  post(R"({"id":"c","date":"2026-01-08","event":"creation","shares":"1000","cash":"10000"})"
       "\n");
  ask("again");
  EXPECT_NE(refusal([&] { approve_undoing("again"); }).find("shares changed after this split"),
            std::string::npos);
}

TEST_F(ActUndoTest, AForkThatIsHeldAtZeroIsTakenBack) {
  strike_from("2026-01-05", "2026-01-06");
  propose(
      R"({"kind":"fork","id":"CROX","coin":"CRO","new_coin":"CROX","new_decimals":8,"date":"2026-01-07","ratio":"1"})");
  approve("CROX");
  strike_from("2026-01-07", "2026-01-07");
  EXPECT_EQ(balance("Assets:Coins:CROX", "CROX"), dec("20000000"));
  ask("CROX");
  approve_undoing("CROX");
  EXPECT_EQ(balance("Assets:Coins:CROX", "CROX"), Decimal{});
  EXPECT_TRUE(acts_->open_lots(kFund, books::Book::kTax, "CROX").empty());
  strike_from("2026-01-08", "2026-01-08");
}

TEST_F(ActUndoTest, OverHttpTheSameKeyIsAnsweredAlike) {
  strike_from("2026-01-05", "2026-01-06");
  propose(kWrong);
  approve("2026-01");
  strike_from("2026-01-07", "2026-01-08");
  const time::ManualClock clock(kLater);
  std::string who = "mia";
  Service service(Dependencies{&pool(), "http://127.0.0.1:9", {}, &clock, nullptr});
  http::Router router;
  register_routes(router, service, [&](const http::Request&) { return actor(who.c_str()); });
  const auto post = [&](const std::string& act, const std::string& key, const std::string& body) {
    http::Request request;
    request.method = http::Method::kPost;
    request.path = "/v1/funds/CROYIELD/distributions/2026-01/" + act;
    request.body = body;
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Idempotency-Key", key);
    return router.handle(std::move(request));
  };
  EXPECT_EQ(post("undo", "k1", R"({"reason":""})").status, 400);
  EXPECT_EQ(post("undo", "k2", "{}").status, 400);
  const auto asked = post("undo", "k3", R"({"reason":"the amount was wrong"})");
  EXPECT_EQ(asked.status, 201) << asked.body;
  EXPECT_EQ(post("undo", "k4", R"({"reason":"the amount was wrong"})").status, 200);
  EXPECT_EQ(post("approve-undo", "k5", "{}").status, 400);  // who asked
  who = "tom";
  const auto undone = post("approve-undo", "k6", "{}");
  EXPECT_EQ(undone.status, 201) << undone.body;
  EXPECT_NE(
      undone.body.find(R"("nav_error":{"from":"2026-01-08","per_share":"0.05","through":"2026-01-08"})"),
      std::string::npos)
      << undone.body;
  EXPECT_EQ(post("approve-undo", "k6", "{}").body, undone.body);
  EXPECT_EQ(post("approve-undo", "k7", "{}").status, 200);
  EXPECT_EQ(post("withdraw-undo", "k8", "{}").status, 400);
}

TEST_F(ActUndoTest, AWireThatPaysItStopsIt) {
  strike_from("2026-01-05", "2026-01-06");
  propose(kWrong);
  approve("2026-01");
  strike_from("2026-01-07", "2026-01-08");
  ask("2026-01");
  pool().transact([](db::Transaction& t) {
    db::execute(t, "INSERT INTO cash_head (fund_id, proposals) VALUES ('CROYIELD', 1)");
    db::execute(t,
                "INSERT INTO cash_proposal (fund_id, kind, proposal_id, seq, content, content_hash, account, "
                "amount, value_date, proposed_by, known_at_ns) VALUES ('CROYIELD', 'wire', 'WD', 1, "
                "'{\"pays\":{\"id\":\"2026-01\",\"source\":\"distribution\"}}', decode(repeat('00', 32), "
                "'hex'), 'main', 5000, '2026-01-12', 'mia', 1)");
  });
  EXPECT_NE(refusal([&] { approve_undoing("2026-01"); }).find("the wire WD pays it: it is withdrawn first"),
            std::string::npos);
  EXPECT_EQ(act("2026-01").state(), "recorded");
}

TEST_F(ActUndoTest, TheDatabaseToo) {
  strike_from("2026-01-05", "2026-01-06");
  propose(kWrong);
  approve("2026-01");
  strike_from("2026-01-07", "2026-01-08");
  ask("2026-01");
  EXPECT_THROW(pool().transact([](db::Transaction& t) {
    db::execute(t,
                "INSERT INTO fund_act_undo_decision (fund_id, act_id, number, asked_by, is_approved, "
                "decided_by, known_at_ns) VALUES ('CROYIELD', '2026-01', 1, 'mia', true, 'mia', 1)");
  }),
               db::ConstraintViolation);
}

}  // namespace
}  // namespace navkeeper::nav
