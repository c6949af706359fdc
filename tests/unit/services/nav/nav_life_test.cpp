// From the strike to publication and restatement, on fake ports; the checks that look at a NAV from outside.
#include "services/nav/app/nav_life.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "services/nav/adapters/bases.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/run_view.h"
#include "services/nav/app/contingent.h"
#include "services/nav/domain/sanity_checks.h"
#include "tests/unit/services/nav/memory_acts.h"
#include "tests/unit/services/nav/memory_navs.h"

namespace navkeeper::nav {
namespace {

using model::Role;
using money::Decimal;
using time::Date;
using time::Instant;

const Instant kLater = Instant::literal("2026-02-01T00:00:00Z");
const model::FundId kFund = model::FundId::literal("TEST");

Date day(const char* text) { return Date::literal(text); }
model::Actor actor(const char* name) {
  return {model::ActorId::literal(name), {Role::kMaker, Role::kApprover, Role::kOperator}};
}

class MemoryOrders final : public OrderSource {
 public:
  std::vector<DealtOrder> dealt(const model::FundId&, const StoredNav& correct) override {
    return orders[correct.summary.valuation_date];
  }
  std::map<Date, std::vector<DealtOrder>> orders;
};

class MemoryContingents final : public ContingentStore {
 public:
  int add_contingent(const model::FundId&, const ContingentNav& nav, const model::ActorId&,
                     Instant) override {
    kept.push_back(nav);
    return static_cast<int>(kept.size());
  }
  std::vector<StoredContingent> contingents(const model::FundId&, std::optional<Date>) override { return {}; }
  std::vector<ContingentNav> kept;
};

class NavLife : public testing::Test {
 protected:
  void SetUp() override {
    FundDefinition fund = test_fund("TEST");
    apply_fund(store, {fund, definition_hash(fund), "text", definition_json(fund)}, actor("olga"), kLater);
  }
  StrikeReport strike_on(const char* date, const std::string& again = "") {
    return strike_fund(ports, {kFund, day(date), actor("mia"), kLater, again});
  }
  LifeRequest by(const char* who, const char* date = "2026-01-09") {
    return {kFund, day(date), actor(who), kLater, {}};
  }
  void set_aside_unavailable(const char* date = "2026-01-09") {
    for (const std::string& check : store.find_nav(kFund, day(date))->standing_unavailable())
      for (const char* who : {"tom", "zoe"}) override_check(ports, by(who, date), check, "no service yet");
  }
  void publish(const char* date = "2026-01-09") {
    approve_nav(ports, by("tom", date));
    set_aside_unavailable(date);
    publish_nav(ports, by("zoe", date));
  }
  NavState state(const char* date = "2026-01-09") { return store.find_nav(kFund, day(date))->state(); }
  template <class Act>
  std::string refusal(Act act) {
    try {
      act();
    } catch (const base::Refused& refused) {
      return refused.what();
    } catch (const StaleDraft& stale) {
      return stale.what();
    }
    ADD_FAILURE() << "was not refused";
    return "";
  }
  bool refuses(const std::string& words, const std::function<void()>& act) {
    const std::string message = refusal(act);
    EXPECT_NE(message.find(words), std::string::npos) << message;
    return message.find(words) != std::string::npos;
  }

  MemoryStore store;
  FixedRates rates;
  JsonDocuments documents;
  MemoryActs acts;
  NavPorts ports{store, rates, documents, acts};
};

TEST_F(NavLife, OnlyWhatIsApprovedIsPublishedOnceAndNotByItsStriker) {
  strike_on("2026-01-09");
  refuses("only an approved NAV", [&] { publish_nav(ports, by("zoe")); });
  approve_nav(ports, by("tom"));
  refuses("custody_reconciled", [&] { publish_nav(ports, by("zoe")); });
  set_aside_unavailable();
  refuses("struck by mia", [&] { publish_nav(ports, by("mia")); });
  publish_nav(ports, by("zoe"));
  EXPECT_EQ(state(), NavState::kPublished);
  refuses("nothing is published twice", [&] { publish_nav(ports, by("zoe")); });
  refuses("is published", [&] { override_check(ports, by("tom"), "custody_reconciled", "late"); });
}

TEST_F(NavLife, AStaleDraftIsNeitherApprovedNorPublished) {
  strike_on("2026-01-09");
  rates.bitcoin = dec("84500");  // a determination was approved after the strike
  refuses("stale draft", [&] { approve_nav(ports, by("tom")); });
  EXPECT_EQ(strike_on("2026-01-09", "the determination came late").nav.summary.version, 2);
  LifeRequest old = by("tom");
  old.version = 1;
  refuses("version 1 is stale", [&] { approve_nav(ports, old); });
  approve_nav(ports, by("tom"));
  set_aside_unavailable();
  rates.bitcoin = dec("84600");
  refuses("stale draft and cannot be published", [&] { publish_nav(ports, by("zoe")); });
  EXPECT_EQ(state(), NavState::kApproved);
}

TEST_F(NavLife, AnUnpublishedNavIsStruckAnewAndAPublishedOneOnlyRestated) {
  strike_on("2026-01-09");
  EXPECT_EQ(strike_on("2026-01-09", "why not").outcome, StrikeOutcome::kUnchanged);
  rates.bitcoin = dec("90000");
  const StrikeReport again = strike_on("2026-01-09", "late price");
  EXPECT_EQ(again.nav.kind, VersionKind::kAgain);
  EXPECT_EQ(store.struck.at({kFund, day("2026-01-09")}).size(), 2U);
  EXPECT_EQ(state(), NavState::kChecked);
  publish();
  rates.bitcoin = dec("84000");
  refuses("is published: navkeeper nav restate", [&] { strike_on("2026-01-09", "again"); });
}

TEST_F(NavLife, ARestatementStandsBesideWhatWasPublishedAndIsPublishedWhenItIsMaterial) {
  const auto restate = [&] {
    return restate_nav(ports,
                       {kFund, day("2026-01-09"), day("2026-01-09"), "wrong price", actor("mia"), kLater});
  };
  refuses("has not been struck", restate);
  strike_on("2026-01-09");
  refuses("was never published", restate);
  publish();
  refuses("nothing to restate", restate);
  rates.bitcoin = dec("84050");  // 30,000 dollars on 84 million: 0.009 a share
  restate();
  approve_nav(ports, by("tom"));
  set_aside_unavailable();
  refuses("is no error, the original stays official", [&] { publish_nav(ports, by("zoe")); });
  rates.bitcoin = dec("84200");  // 0.036 a share, 0.14%
  restate();
  approve_nav(ports, by("tom"));
  set_aside_unavailable();
  refuses("is not restated", [&] { publish_nav(ports, by("zoe")); });
  rates.bitcoin = dec("85000");  // 0.7%
  restate();
  publish();
  const auto& versions = store.struck.at({kFund, day("2026-01-09")});
  ASSERT_EQ(versions.size(), 4U);
  EXPECT_EQ(official_nav(store, kFund, day("2026-01-09"))->summary.version, 4);
  EXPECT_TRUE(versions.front().published_by.has_value()) << "the old one stays as it was";

  MemoryOrders orders;
  orders.orders[day("2026-01-09")] = {{"o1", "AP", OrderSide::kCreation, dec("10000")}};
  const ErrorReport report = assess_period(store, orders, kFund, day("2026-01-09"), day("2026-01-09"));
  ASSERT_EQ(report.days.size(), 1U);
  EXPECT_EQ(report.days[0].day.wrong_version, 1);
  EXPECT_EQ(report.severity, ErrorSeverity::kMaterial);
  EXPECT_TRUE(report.days[0].orders[0].effect.is_negative());  // created too cheaply
  EXPECT_EQ(report.days[0].orders[0].treatment, OrderTreatment::kReprocessed);
}

TEST_F(NavLife, AnErrorPeriodIsRestatedDayByDayAndLaterDaysOweTheCorrectFees) {
  for (const char* date : {"2026-01-09", "2026-01-12"}) {
    strike_on(date);
    publish(date);
  }
  const auto owed = [&](const StoredNav& nav) { return nav.inputs; };
  const std::string before = owed(*store.find_nav(kFund, day("2026-01-12")));
  rates.bitcoin = dec("90000");
  const auto reports =
      restate_nav(ports, {kFund, day("2026-01-09"), day("2026-01-12"), "wrong price", actor("mia"), kLater});
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[1].nav.kind, VersionKind::kRestatement);
  const Decimal more =
      reports[0].nav.summary.expenses - store.versions(kFund, day("2026-01-09"), kLater)[0].summary.expenses;
  EXPECT_TRUE(more.is_positive());
  const auto definition = store.definition_on(kFund, day("2026-01-12"))->definition;
  EXPECT_EQ(documents.resolved(reports[1].nav.inputs, definition).books.liabilities[0].amount,
            documents.resolved(before, definition).books.liabilities[0].amount + more);
}

TEST_F(NavLife, AReasonIsNeededAndOneVoiceIsNotTwo) {
  strike_on("2026-01-09");
  refuses("reason: is empty", [&] { override_check(ports, by("tom"), "custody_reconciled", "  "); });
  refuses("reason: is empty", [&] {
    restate_nav(ports, {kFund, day("2026-01-09"), day("2026-01-09"), "", actor("mia"), kLater});
  });
  EXPECT_TRUE(override_check(ports, by("tom"), "custody_reconciled", "no service"));
  EXPECT_FALSE(override_check(ports, by("tom"), "custody_reconciled", "no service"));
  approve_nav(ports, by("zoe"));
  refuses("custody_reconciled", [&] { publish_nav(ports, by("zoe")); });
}

TEST_F(NavLife, NoDayIsPublishedBeforeTheDaysBeforeItAreApproved) {
  for (const char* date : {"2026-01-09", "2026-01-12", "2026-01-13"}) strike_on(date);
  approve_nav(ports, by("tom", "2026-01-13"));
  set_aside_unavailable("2026-01-13");
  refuses("the NAV of 2026-01-09 before it is only checked",
          [&] { publish_nav(ports, by("zoe", "2026-01-13")); });
  approve_nav(ports, by("tom", "2026-01-09"));
  store.struck.at({kFund, day("2026-01-12")})
      .back()
      .checks.push_back({"cash_against_bank", CheckStatus::kFailed, "a break"});
  refuses("the NAV of 2026-01-12 before it is only drafted (failed checks stand: cash_against_bank",
          [&] { publish_nav(ports, by("zoe", "2026-01-13")); });
  for (const char* who : {"tom", "zoe"})
    override_check(ports, by(who, "2026-01-12"), "cash_against_bank", "the bank's mistake");
  approve_nav(ports, by("tom", "2026-01-12"));
  publish_nav(ports, by("zoe", "2026-01-13"));
  EXPECT_EQ(state("2026-01-13"), NavState::kPublished);
  // What was published last is where it begins.
  strike_on("2026-01-14");
  publish("2026-01-14");
}

TEST_F(NavLife, EveryRunOfTheBatchSaysWhatEarlierRunsLeftForPeople) {
  strike_on("2026-01-09");
  strike_on("2026-01-12");
  store.struck.at({kFund, day("2026-01-09")})
      .back()
      .checks.push_back({"cash_against_bank", CheckStatus::kFailed, "a break"});
  const auto open = [&] {
    std::vector<std::string> told;
    for (const RunLine& line :
         run_navs(ports, {{}, day("2026-01-13"), day("2026-01-13"), actor("mia"), kLater}, nullptr)) {
      if (line.outcome == RunOutcome::kOpen)
        told.push_back(line.date.to_string() + " " + std::string(describe(line.nav->state())));
    }
    return told;
  };
  const std::vector<std::string> both{"2026-01-09 drafted", "2026-01-12 checked"};
  EXPECT_EQ(open(), both);
  EXPECT_EQ(open(), both) << "the same run says the same again";
  const auto lines =
      run_navs(ports, {{}, day("2026-01-13"), day("2026-01-13"), actor("mia"), kLater}, nullptr);
  EXPECT_NE(run_table(lines).find("2 of earlier runs wait for people"), std::string::npos);
  const auto steps = next_steps(lines);
  EXPECT_TRUE(std::any_of(steps.begin(), steps.end(), [](const NextStep& step) {
    return step.date == day("2026-01-09") && step.command.find("nav override") != std::string::npos;
  }));
  for (const char* who : {"tom", "zoe"})
    override_check(ports, by(who, "2026-01-09"), "cash_against_bank", "the bank's mistake");
  publish("2026-01-09");
  EXPECT_EQ(open(), std::vector<std::string>{"2026-01-12 checked"});
}

TEST_F(NavLife, ARestatementOfAnEarlierDayWaitsForPeopleToo) {
  for (const char* date : {"2026-01-09", "2026-01-12", "2026-01-13"}) {
    strike_on(date);
    publish(date);
  }
  const auto open = [&] {
    std::vector<std::string> told;
    for (const RunLine& line :
         run_navs(ports, {{}, day("2026-01-13"), day("2026-01-13"), actor("mia"), kLater}, nullptr)) {
      if (line.outcome == RunOutcome::kOpen)
        told.push_back(line.date.to_string() + " " + std::to_string(line.nav->summary.version) + " " +
                       std::string(describe(line.nav->state())));
    }
    return told;
  };
  EXPECT_TRUE(open().empty());
  const auto restate = [&](const char* bitcoin) {
    rates.bitcoin = dec(bitcoin);
    restate_nav(ports, {kFund, day("2026-01-09"), day("2026-01-09"), "wrong price", actor("mia"), kLater});
    rates.bitcoin = dec("84000");
  };
  restate("85000");
  EXPECT_EQ(open(), std::vector<std::string>{"2026-01-09 2 checked"});
  rates.bitcoin = dec("85000");
  approve_nav(ports, by("tom"));
  rates.bitcoin = dec("84000");
  EXPECT_EQ(open(), std::vector<std::string>{"2026-01-09 2 approved"});
  // What is no material error is done with once it is approved.
  restate("84200");
  EXPECT_EQ(open(), std::vector<std::string>{"2026-01-09 3 checked"});
  rates.bitcoin = dec("84200");
  approve_nav(ports, by("tom"));
  EXPECT_TRUE(open().empty());
}

TEST_F(NavLife, TheBatchCatchesUpMissedDaysInOrderAndKnowsClosedOnes) {
  strike_on("2026-01-14");
  RunRequest request{{kFund}, day("2026-01-20"), day("2026-01-20"), actor("mia"), kLater};
  request.catches_up = true;
  const auto lines = run_navs(ports, request, nullptr);
  std::vector<std::string> days;
  for (const RunLine& line : lines) {
    if (line.date == day("2026-01-14")) {
      EXPECT_EQ(line.outcome, RunOutcome::kOpen) << "an earlier run struck it and nobody approved it yet";
      continue;
    }
    EXPECT_EQ(line.outcome, RunOutcome::kStruck) << line.message;
    days.push_back(line.date.to_string());
  }
  // Thursday, Friday, then Tuesday: Monday the 19th is Martin Luther King's.
  EXPECT_EQ(days, (std::vector<std::string>{"2026-01-15", "2026-01-16", "2026-01-20"}));
  request.from = request.to = day("2026-01-19");
  EXPECT_EQ(run_navs(ports, request, nullptr).front().outcome, RunOutcome::kClosed);
}

TEST_F(NavLife, TheBatchWaitsForItsInputsUntilTheDeadlineAndThenSaysWhatIsMissing) {
  rates.missing = {day("2026-01-09")};
  RunRequest request{
      {kFund},
      day("2026-01-09"),
      day("2026-01-09"),
      actor("mia"),
      Instant::literal("2026-01-09T20:30:00Z")};  // 15:30: not even the valuation time has come
  Instant now = request.now;
  int pauses = 0;
  RunWait wait;
  wait.now = [&] { return now; };
  wait.pause = [&] {
    now = now + time::Duration::minutes(15);
    if (++pauses == 6) rates.missing.clear();
  };
  wait.until = time::TimeOfDay::literal("17:30");
  auto lines = run_navs(ports, request, nullptr, &wait);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].outcome, RunOutcome::kStruck) << lines[0].message;
  EXPECT_EQ(pauses, 6);
  rates.missing = {day("2026-01-12")};
  request.from = request.to = day("2026-01-12");
  now = Instant::literal("2026-01-12T22:00:00Z");
  request.now = now;
  pauses = 100;
  lines = run_navs(ports, request, nullptr, &wait);
  EXPECT_EQ(lines[0].outcome, RunOutcome::kWaiting);
  EXPECT_EQ(pauses, 102);  // 17:00, 17:15, given up at 17:30
  const auto steps = next_steps(lines);
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[1].command, "navkeeper nav approve TEST 2026-01-09 --as APPROVER");
  EXPECT_EQ(steps[0].command, "navkeeper prices strike BTC --date 2026-01-12 --as OPERATOR");
  MemoryContingents contingents;
  refuses("BTC: has no price", [&] {
    strike_contingent(ports, contingents, {kFund, day("2026-01-12"), actor("mia"), kLater}, lines[0].message);
  });
  rates.missing.clear();
  rates.waits_for = "a determination is open";
  refuses("has no price", [&] {
    strike_contingent(ports, contingents, {kFund, day("2026-01-12"), actor("mia"), kLater}, "x");
  });
  rates.keeps_bases = true;
  strike_contingent(ports, contingents, {kFund, day("2026-01-12"), actor("mia"), kLater}, "x");
  ASSERT_EQ(contingents.kept.size(), 1U);
  EXPECT_EQ(contingents.kept[0].based_on, day("2026-01-09"));
  EXPECT_EQ(store.struck.size(), 1U) << "it is no NAV";
}

TEST_F(NavLife, AMissedDayIsWaitedForUntilTheDeadlineOfTheRunsDay) {
  strike_on("2026-01-09");
  rates.missing = {day("2026-01-12"), day("2026-01-13")};
  RunRequest request{
      {kFund}, day("2026-01-13"), day("2026-01-13"), actor("mia"), Instant::literal("2026-01-13T21:30:00Z")};
  request.catches_up = true;
  Instant now = request.now;
  int pauses = 0;
  RunWait wait;
  wait.now = [&] { return now; };
  wait.pause = [&] {
    now = now + time::Duration::minutes(15);
    if (++pauses == 2) rates.missing.erase(day("2026-01-12"));
    if (pauses == 3) rates.missing.clear();
  };
  wait.until = time::TimeOfDay::literal("17:30");
  const auto lines = run_navs(ports, request, nullptr, &wait);
  ASSERT_GE(lines.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(lines[i].outcome, RunOutcome::kStruck) << lines[i].message;
  EXPECT_EQ(lines[0].date, day("2026-01-12"));
  EXPECT_EQ(lines[1].date, day("2026-01-13"));
  EXPECT_EQ(pauses, 3);
}

TEST_F(NavLife, TheSummarySaysWhoDoesWhatNext) {
  const auto lines_of = [&] {
    return run_navs(ports, {{kFund}, day("2026-01-09"), day("2026-01-09"), actor("mia"), kLater}, nullptr);
  };
  const auto first = [&] { return next_steps(lines_of()).at(0); };
  EXPECT_EQ(first().command, "navkeeper nav approve TEST 2026-01-09 --as APPROVER");
  EXPECT_EQ(first().who, "an approver, not mia");
  approve_nav(ports, by("tom"));
  EXPECT_NE(first().command.find("nav override TEST 2026-01-09 --check 'custody_reconciled'"),
            std::string::npos);
  set_aside_unavailable();
  EXPECT_EQ(first().command, "navkeeper nav publish TEST 2026-01-09 --as APPROVER");
  publish_nav(ports, by("zoe"));
  EXPECT_TRUE(next_steps(lines_of()).empty());
  EXPECT_NE(run_json(lines_of()).find("\"to_do\":[]"), std::string::npos);
  rates.bitcoin = dec("85000");
  EXPECT_EQ(first().command, "navkeeper nav restate TEST 2026-01-09 --reason WHY --as MAKER");
}

Check named(const std::vector<Check>& checks, const std::string& name) {
  const auto found =
      std::find_if(checks.begin(), checks.end(), [&](const Check& check) { return check.name == name; });
  if (found == checks.end()) {
    ADD_FAILURE() << "no check " << name;
    return {};
  }
  return *found;
}

/// Each check alone: a day after the fixture's, changed by `change`.
Check checked(const char* name, const std::function<void(ResolvedStrike&)>& change) {
  const auto with_rates = [](ResolvedStrike resolved) {
    for (ResolvedPosition& position : resolved.positions) position.bases = {*position.price};
    return resolved;
  };
  const ResolvedStrike before = with_rates(test_strike());
  const NavSummary summary = summary_of(before, strike(before).value());
  ResolvedStrike now = with_rates(test_strike());
  now.plan.valuation_date = day("2026-01-12");
  change(now);
  return named(check_nav(now, strike(now).value(), summary), name);
}

TEST(SanityChecks, AMoveOfTheMarketPassesAndAWrongPriceFails) {
  const auto market = [](ResolvedStrike& now) {
    now.positions[0].price->value = dec("92400");  // bitcoin rose by 10%, and so did its rate
    now.positions[0].bases[0].value = dec("92400");
  };
  EXPECT_EQ(checked("nav_against_rate", market).status, CheckStatus::kPassed);
  const auto wrong = [](ResolvedStrike& now) { now.positions[0].price->value = dec("92400"); };
  const Check failed = checked("nav_against_rate", wrong);
  EXPECT_EQ(failed.status, CheckStatus::kFailed);
  EXPECT_EQ(failed.threshold, "1.0000%");
  EXPECT_FALSE(failed.measured.empty());
  EXPECT_EQ(checked("nav_against_rate", [](ResolvedStrike& now) { now.positions[0].bases.clear(); }).status,
            CheckStatus::kUnavailable);
}

TEST(SanityChecks, CoinsThatVanishFailTheExpectedNav) {
  EXPECT_EQ(checked("expected_nav", [](ResolvedStrike&) {}).status, CheckStatus::kPassed);
  EXPECT_EQ(
      checked("expected_nav", [](ResolvedStrike& now) { now.positions[0].quantity = dec("594"); }).status,
      CheckStatus::kFailed);  // 1% of the bitcoin, 0.6% of the fund
  EXPECT_EQ(checked("expected_nav",
                    [](ResolvedStrike& now) {
                      now.definition.checks = {{"expected_nav", day("2026-01-12"), dec("0.01")}};
                      now.positions[0].quantity = dec("594");
                    })
                .status,
            CheckStatus::kPassed);
}

TEST(SanityChecks, SharesThatCameWithoutTheirCapitalFail) {
  const auto order = [](const char* dollars) {
    return checked("share_register", [&](ResolvedStrike& now) {
      now.books.shares += dec("10000");
      now.books.capital_total += dec(dollars);
    });
  };
  EXPECT_EQ(order("250000").status, CheckStatus::kPassed);
  EXPECT_EQ(order("210000").status, CheckStatus::kFailed);
  EXPECT_EQ(
      checked("share_register", [](ResolvedStrike& now) { now.books.capital_total -= dec("20000"); }).status,
      CheckStatus::kFailed);
}

TEST(SanityChecks, AFeeThatIsTooHighAndABalanceBelowZeroFail) {
  EXPECT_EQ(checked("fee_rate", [](ResolvedStrike&) {}).status, CheckStatus::kPassed);
  EXPECT_EQ(checked("fee_rate",
                    [](ResolvedStrike& now) { now.definition.policies.fees[0].tiers[0].rate = dec("0.095"); })
                .status,
            CheckStatus::kFailed);
  EXPECT_EQ(checked("nothing_below_zero", [](ResolvedStrike&) {}).status, CheckStatus::kPassed);
  const Check cash = checked("nothing_below_zero",
                             [](ResolvedStrike& now) { now.books.other_assets[0].amount = dec("-1"); });
  EXPECT_EQ(cash.status, CheckStatus::kFailed);
  EXPECT_NE(cash.detail.find("cash -1"), std::string::npos);
}

TEST(SanityChecks, StatementsOfOthersAreMeasuredAgainstTheBooks) {
  const auto custody = [](const char* held, const char* as_of) {
    return checked("custody_reconciled", [&](ResolvedStrike& now) {
      PeerLine line{model::AssetId::literal("BTC")};
      line.closing = dec(held);
      line.booked = dec("600");
      now.peers = {{PeerKind::kCustody, day(as_of), "statement 7", "aa", {line}}};
    });
  };
  EXPECT_EQ(custody("600", "2026-01-12").status, CheckStatus::kPassed);
  EXPECT_EQ(custody("600", "2026-01-09").status, CheckStatus::kPassed);
  EXPECT_EQ(custody("600", "2026-01-08").status, CheckStatus::kFailed) << "stale";
  const Check apart = custody("599.5", "2026-01-12");
  EXPECT_EQ(apart.status, CheckStatus::kFailed);
  EXPECT_EQ(apart.measured, "0.5");
  const auto staking = [](const char* closing) {
    return checked("staking_rolled_forward", [&](ResolvedStrike& now) {
      PeerLine line{model::AssetId::literal("ETH")};
      line.opening = dec("100");
      line.added = dec("10");
      line.rewards = dec("1");
      line.withdrawn = dec("5");
      line.penalties = dec("2");
      line.closing = dec(closing);
      line.booked = dec("104");
      now.peers = {{PeerKind::kStaking, day("2026-01-12"), "provider", "aa", {line}}};
    });
  };
  EXPECT_EQ(staking("104").status, CheckStatus::kPassed);
  EXPECT_EQ(staking("105").status, CheckStatus::kFailed);
}

/// Staking's word on so many illiquid coins of the first position; not told: the books have so many staked.
Check illiquid_check(const char* so_many, bool is_told, bool is_open, std::vector<std::string> missing,
                     const char* threshold = "") {
  return checked("liquidity_illiquid_share", [&](ResolvedStrike& now) {
    const ResolvedPosition& first = now.positions[0];
    const Decimal coins = dec(so_many);
    if (*threshold != 0)
      now.definition.checks = {{"liquidity_illiquid_share", day("2020-01-01"), dec(threshold)}};
    if (!is_told) {
      now.books.expenses.staked = {{first.asset, coins}};
      return;
    }
    PeerStatement statement{PeerKind::kStaking, day("2026-01-12"), "the staking service", "aa", {}};
    statement.is_reconciliation = true;
    statement.illiquid = StakedIlliquid{{{first.asset, coins}}, is_open, std::move(missing)};
    now.peers = {statement};
  });
}

TEST(IlliquidShare, IsHeldToTheLimitOfTheActAndAPassiveBreachStandsOnRecord) {
  const Check little = illiquid_check("0.01", true, false, {});
  EXPECT_EQ(little.status, CheckStatus::kPassed) << little.detail;
  EXPECT_EQ(little.threshold, "15.0000%");
  const Check much = illiquid_check("400", true, false, {});
  EXPECT_EQ(much.status, CheckStatus::kFailed) << much.measured;
  EXPECT_NE(much.detail.find("no breach is on record"), std::string::npos) << much.detail;
  const Check silent = illiquid_check("400", true, true, {"board_notified", "plan_recorded"});
  EXPECT_EQ(silent.status, CheckStatus::kFailed);
  EXPECT_NE(silent.detail.find("is not on record: board_notified plan_recorded"), std::string::npos);
  const Check recorded = illiquid_check("400", true, true, {});
  EXPECT_EQ(recorded.status, CheckStatus::kPassed);
  EXPECT_NE(recorded.detail.find("a passive breach, with its notice"), std::string::npos);
  // The fund's file has the threshold.
  EXPECT_EQ(illiquid_check("400", true, false, {}, "1").status, CheckStatus::kPassed);
  EXPECT_EQ(illiquid_check("0.01", true, false, {}, "0").status, CheckStatus::kFailed);
  // Nobody says when coins are free: all that is staked counts, and above the limit nothing can be said.
  EXPECT_EQ(illiquid_check("0.01", false, false, {}).status, CheckStatus::kPassed);
  EXPECT_EQ(illiquid_check("400", false, false, {}).status, CheckStatus::kUnavailable);
}

TEST(IlliquidShare, IsTheCoinsAtTheNavsPricesOverNetAssets) {
  ResolvedStrike resolved = test_strike();
  PeerStatement statement{PeerKind::kStaking, day("2026-01-12"), "the staking service", "aa", {}};
  statement.is_reconciliation = true;
  statement.illiquid = StakedIlliquid{{{resolved.positions[0].asset, dec("1.5")}}, true, {"plan_recorded"}};
  resolved.peers = {statement};
  const StrikeFigures figures = strike(resolved).value();
  const Check check = check_illiquid_share(resolved, figures);
  const money::Rational share = money::Rational(dec("1.5") * resolved.positions[0].price->value) /
                                money::Rational(figures.nav.net_assets);
  EXPECT_EQ(check.measured,
            (share * money::Rational(dec("100"))).to_fixed(4, money::Rounding::kHalfEven) + "%");
  resolved.definition.act = Act::kEtp1933;
  for (const Check& one : check_nav(resolved, figures, {})) EXPECT_NE(one.name, "liquidity_illiquid_share");
}

TEST(Bases, TheTwoNavsStandSideBySideAndAMissingPriceMakesNone) {
  ResolvedStrike resolved = test_strike();
  for (ResolvedPosition& position : resolved.positions) {
    ResolvedPrice market = *position.price;
    market.basis = "principal_market";
    market.value = market.value * dec("1.01");
    position.bases = {*position.price, market};
  }
  const auto index = nav_by_basis(resolved, "index");
  const auto market = nav_by_basis(resolved, "principal_market");
  ASSERT_TRUE(index && market);
  EXPECT_EQ(*index, strike(resolved).value().nav.nav_per_share);
  EXPECT_LT(*index, *market);
  resolved.positions[1].bases.pop_back();
  EXPECT_FALSE(nav_by_basis(resolved, "principal_market").has_value());
}

}  // namespace
}  // namespace navkeeper::nav
