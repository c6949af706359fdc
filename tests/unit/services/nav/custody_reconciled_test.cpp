// The NAV's custody check by custody's own reconciliation: what fails, what is unmeasured, and that it is an
// input of the strike like any other.
#include <gtest/gtest.h>

#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/reconciliation_answer.h"
#include "services/nav/domain/sanity_checks.h"
#include "tests/unit/services/nav/memory_acts.h"
#include "tests/unit/services/nav/memory_navs.h"

namespace navkeeper::nav {
namespace {

const model::FundId kFund = model::FundId::literal("TEST");
const time::Date kDay = time::Date::literal("2026-01-12");

std::string answer(const std::string& breaks, const std::string& lines = "") {
  return R"({"fund":"TEST","date":"2026-01-12","number":2,"sha256":"ab","breaks":[)" + breaks +
         R"(],"document":{"fund":"TEST","date":"2026-01-12"},"next_cursor":null,"lines":[)" +
         R"({"asset":"BTC","place":"","books":"500","custodian":"500","chain":null,"difference":"0","status":"agrees","notes":[]},)"
         R"({"asset":"BTC","place":"cold","books":"100","custodian":"99","chain":null,"difference":"-1","status":"differs","notes":[]})" +
         lines + "]}";
}

PeerStatement read_reconciliation(const std::string& body, const model::FundId& fund, time::Date date) {
  ReconciliationReader reader(fund, date);
  if (!reader.read(body).empty()) throw std::logic_error("a page follows");
  return reader.take();
}

std::string broken(const std::string& explained, const std::string& over = "true") {
  return R"({"id":"0011","asset":"BTC","type":"missing","amount":"-1","over_tolerance":)" + over +
         R"(,"explained":)" + explained +
         R"(,"detail":"creation of 1","resolution":{"text":"late","evidence":"tx 7","by":"olga","confirmed_by":"tom"}})";
}

Check check_of(PeerStatement statement, const char* booked = "600") {
  for (PeerLine& line : statement.lines) line.booked = dec(booked);
  ResolvedStrike resolved = test_strike();
  resolved.peers = {std::move(statement)};
  return check_custody(resolved);
}

TEST(CustodyReconciled, AnUnexplainedBreakOverItsToleranceFails) {
  const PeerStatement open = read_reconciliation(answer(broken("false")), kFund, kDay);
  ASSERT_EQ(open.lines.size(), 1U);
  EXPECT_EQ(open.lines[0].closing, dec("599"));
  const Check failed = check_of(open);
  EXPECT_EQ(failed.status, CheckStatus::kFailed) << failed.detail;
  EXPECT_EQ(failed.measured, "1");
  EXPECT_NE(failed.detail.find("not explained: creation of 1"), std::string::npos) << failed.detail;
  const Check explained = check_of(read_reconciliation(answer(broken("true")), kFund, kDay));
  EXPECT_EQ(explained.status, CheckStatus::kPassed) << explained.detail;
  EXPECT_NE(explained.detail.find("late (tx 7), by olga and tom"), std::string::npos) << explained.detail;
  EXPECT_EQ(check_of(read_reconciliation(answer(broken("false", "false")), kFund, kDay)).status,
            CheckStatus::kPassed);
}

TEST(CustodyReconciled, OtherBooksFailAndWhatCouldNotBeComparedIsUnavailable) {
  const PeerStatement statement = read_reconciliation(answer(""), kFund, kDay);
  const Check other = check_of(statement, "601");
  EXPECT_EQ(other.status, CheckStatus::kFailed);
  EXPECT_NE(other.detail.find("BTC 600 then, 601 now"), std::string::npos) << other.detail;
  const PeerStatement unsure = read_reconciliation(
      answer("",
             R"(,{"asset":"ETH","place":"","books":"600","custodian":null,"chain":null,"difference":null,)"
             R"("status":"unsure","notes":["read too long ago"]})"),
      kFund, kDay);
  const Check check = check_of(unsure);
  EXPECT_EQ(check.status, CheckStatus::kUnavailable) << check.detail;
  EXPECT_NE(check.detail.find("ETH: read too long ago"), std::string::npos) << check.detail;
}

TEST(CustodyReconciled, WhatIsNoReconciliationOfTheFundAndDayIsRefused) {
  EXPECT_THROW(read_reconciliation("{}", kFund, kDay), base::Refused);
  EXPECT_THROW(read_reconciliation("[", kFund, kDay), base::Refused);
  EXPECT_THROW(read_reconciliation(answer(""), model::FundId::literal("OTHER"), kDay), base::Refused);
  EXPECT_THROW(read_reconciliation(answer(""), kFund, kDay + 1), base::Refused);
  EXPECT_THROW(read_reconciliation(answer(R"({"id":"0011","asset":"BTC"})"), kFund, kDay), base::Refused);
}

TEST(CustodyReconciled, PagesAddUpAndAreOfOneReconciliation) {
  const auto page = [](const char* number, const std::string& more, const std::string& next) {
    return std::string(R"({"fund":"TEST","date":"2026-01-12","number":)") + number +
           R"(,"sha256":"ab","next_cursor":)" + next + more + "}";
  };
  const std::string first =
      R"(,"document":{"fund":"TEST","date":"2026-01-12"},"breaks":[],"lines":[)"
      R"({"asset":"BTC","place":"","books":"500","custodian":"500","chain":null,"difference":"0","status":"agrees","notes":[]}])";
  const std::string second =
      R"(,"breaks":[)" + broken("false") +
      R"(],"lines":[{"asset":"BTC","place":"cold","books":"100","custodian":"99","chain":null,"difference":"-1","status":"differs","notes":[]}])";
  ReconciliationReader reader(kFund, kDay);
  EXPECT_EQ(reader.read(page("2", first, R"("2.1")")), "2.1");
  EXPECT_EQ(reader.read(page("2", second, "null")), "");
  const PeerStatement whole = reader.take();
  ASSERT_EQ(whole.lines.size(), 1U);
  EXPECT_EQ(whole.lines[0].closing, dec("599"));
  EXPECT_EQ(whole.lines[0].reconciled, dec("600"));
  EXPECT_EQ(whole.breaks.size(), 1U);

  ReconciliationReader mixed(kFund, kDay);
  EXPECT_EQ(mixed.read(page("2", first, R"("2.1")")), "2.1");
  EXPECT_THROW(mixed.read(page("3", second, "null")), base::Refused) << "of another reconciliation";
  EXPECT_THROW(ReconciliationReader(kFund, kDay).read(page("2", second, "null")), base::Refused)
      << "a first page has the document";
  EXPECT_THROW(ReconciliationReader(kFund, kDay).read(page("2", first, R"("")")), base::Refused);
}

class FixedCustody final : public ReconciliationSource {
 public:
  std::optional<PeerStatement> reconciliation(const model::FundId&, time::Date date) override {
    ++asked;
    if (is_away) throw base::Unavailable("away");
    if (text.empty() || date != kDay) return std::nullopt;
    PeerStatement statement = read_reconciliation(text, kFund, kDay);
    for (PeerLine& line : statement.lines) line.booked = *line.reconciled;
    return statement;
  }
  std::string text;
  bool is_away = false;
  int asked = 0;
};

class StrikeWithCustody : public testing::Test {
 protected:
  void SetUp() override {
    FundDefinition fund = test_fund("TEST");
    apply_fund(store, {fund, definition_hash(fund), "text", definition_json(fund)}, actor("olga"), kLater);
    strike_fund(ports, {kFund, time::Date::literal("2026-01-09"), actor("mia"), kLater});
  }
  static model::Actor actor(const char* name) {
    return {model::ActorId::literal(name),
            {model::Role::kMaker, model::Role::kApprover, model::Role::kOperator}};
  }
  StrikeReport strike(const std::string& again = "") {
    return strike_fund(ports, {kFund, kDay, actor("mia"), kLater, again});
  }
  static CheckStatus custody_of(const StoredNav& nav) {
    for (const Check& check : nav.checks) {
      if (check.name == check_name::kCustody) return check.status;
    }
    return CheckStatus::kUnavailable;
  }

  const time::Instant kLater = time::Instant::literal("2026-02-01T00:00:00Z");
  MemoryStore store;
  FixedRates rates;
  JsonDocuments documents;
  MemoryActs acts;
  FixedCustody custody;
  NavPorts ports{store, rates, documents, acts, &custody};
};

TEST_F(StrikeWithCustody, AReconciliationIsAnInputAndAnExplanationMakesTheDraftStale) {
  custody.text = answer(broken("false"));
  const StrikeReport red = strike();
  EXPECT_EQ(custody_of(red.nav), CheckStatus::kFailed);
  EXPECT_EQ(red.nav.state(), NavState::kDrafted);
  EXPECT_EQ(strike().outcome, StrikeOutcome::kUnchanged);
  custody.text = answer(broken("true"));
  EXPECT_FALSE(changed_inputs(ports, kFund, red.nav).empty());
  const StrikeReport green = strike("the break is explained");
  EXPECT_EQ(custody_of(green.nav), CheckStatus::kPassed);
  // What is stored recomputes: the reconciliation is in the inputs, byte for byte.
  const ResolvedStrike again = documents.resolved(green.nav.inputs, test_fund("TEST"));
  EXPECT_EQ(documents.inputs(again), green.nav.inputs);
}

TEST_F(StrikeWithCustody, WhenCustodyIsAwayNobodyMeasuredAndABatchAsksOnce) {
  custody.is_away = true;
  const int before = custody.asked;
  const auto lines = run_navs(ports, {{}, kDay, kDay, actor("mia"), kLater}, nullptr);
  ASSERT_EQ(lines.size(), 2U);
  ASSERT_TRUE(lines[0].nav) << lines[0].message;
  EXPECT_EQ(custody_of(*lines[0].nav), CheckStatus::kUnavailable);
  EXPECT_EQ(custody.asked, before + 1);
}

}  // namespace
}  // namespace navkeeper::nav
