// The use cases on fake ports: what is refused, what is done once, who may do it.
#include "services/nav/app/strike_fund.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/nav/adapters/explain.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/grouped.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/run_view.h"
#include "tests/unit/services/nav/memory_acts.h"
#include "tests/unit/services/nav/memory_navs.h"

namespace navkeeper::nav {
namespace {

using model::Role;
using time::Date;
using time::Instant;

const Instant kLater = Instant::literal("2026-02-01T00:00:00Z");

model::Actor actor(const char* name,
                   std::set<Role> roles = {Role::kMaker, Role::kApprover, Role::kOperator}) {
  return {model::ActorId::literal(name), std::move(roles)};
}

Date day(const char* text) { return Date::literal(text); }
model::FundId fund_id(const char* text) { return model::FundId::literal(text); }

class StrikeFund : public testing::Test {
 protected:
  void SetUp() override { add_fund("TEST"); }
  void add_fund(const char* id) {
    const FundDefinition fund = test_fund(id);
    apply_fund(store, {fund, definition_hash(fund), "text", definition_json(fund)}, actor("olga"), kLater);
  }
  StrikeReport strike_on(const char* date, const char* who = "mia") {
    return strike_fund(ports, {fund_id("TEST"), day(date), actor(who), kLater});
  }
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
  std::vector<RunLine> run(const char* from, const char* to, std::vector<model::FundId> funds = {}) {
    return run_navs(ports, {std::move(funds), day(from), day(to), actor("mia"), kLater}, nullptr);
  }

  MemoryStore store;
  FixedRates rates;
  JsonDocuments documents;
  MemoryActs acts;
  NavPorts ports{store, rates, documents, acts};
};

TEST_F(StrikeFund, TheSecondStrikeFromTheSameInputsChangesNothingAndSaysSo) {
  const StrikeReport first = strike_on("2026-01-09");
  EXPECT_EQ(first.outcome, StrikeOutcome::kStruck);
  const StrikeReport second = strike_on("2026-01-09", "tom");
  EXPECT_EQ(second.outcome, StrikeOutcome::kUnchanged);
  EXPECT_EQ(second.nav.document, first.nav.document);
  EXPECT_EQ(second.nav.struck_by.value(), "mia");
}

TEST_F(StrikeFund, OtherInputsForAStruckDayAreAConflictThatNamesThem) {
  strike_on("2026-01-09");
  rates.bitcoin = dec("84001");
  try {
    strike_on("2026-01-09", "tom");
    ADD_FAILURE() << "was struck again";
  } catch (const base::Conflict& conflict) {
    const std::string message = conflict.what();
    EXPECT_NE(message.find("struck by mia"), std::string::npos) << message;
    EXPECT_NE(message.find("positions[0].price.value: 84000 then, 84001 now"), std::string::npos) << message;
  }
  EXPECT_EQ(store.struck.size(), 1U);
}

TEST_F(StrikeFund, TheDocumentHoldsNoActorAndNoClock) {
  const StrikeReport a = strike_on("2026-01-09");
  MemoryStore other_store;
  other_store.definitions = store.definitions;
  const StrikeReport b = strike_fund(
      {other_store, rates, documents, acts},
      {fund_id("TEST"), day("2026-01-09"), actor("zoe"), Instant::literal("2027-01-01T00:00:00Z")});
  EXPECT_EQ(a.nav.document, b.nav.document);
  EXPECT_EQ(a.nav.document.find("mia"), std::string::npos);
  EXPECT_EQ(a.nav.document.find("2026-02-01"), std::string::npos);
}

TEST_F(StrikeFund, RefusesAnUnknownFundAMissingRateAFundWithoutSharesAndTheWrongRole) {
  EXPECT_NE(refusal([&] {
              strike_fund(ports, {fund_id("NOPE"), day("2026-01-09"), actor("mia"), kLater});
            }).find("NOPE: is not a known fund"),
            std::string::npos);
  rates.missing = {day("2026-01-09")};
  EXPECT_NE(refusal([&] { strike_on("2026-01-09"); }).find("no price for 2026-01-09"), std::string::npos);
  rates.missing.clear();
  store.books.books.shares = {};
  EXPECT_NE(refusal([&] { strike_on("2026-01-09"); }).find("no shares outstanding"), std::string::npos);
  store.books = test_holdings();
  EXPECT_NE(refusal([&] {
              strike_fund(ports, {fund_id("TEST"), day("2026-01-09"), actor("vic", {Role::kViewer}), kLater});
            }).find("maker"),
            std::string::npos);
  EXPECT_TRUE(store.struck.empty());
}

TEST_F(StrikeFund, ACoinThatTheDefinitionDoesNotNameIsRefused) {
  store.books.positions.push_back({model::AssetId::literal("DOGE"), dec("1"), dec("1"), {}, {}});
  EXPECT_NE(refusal([&] { strike_on("2026-01-09"); }).find("DOGE"), std::string::npos);
}

TEST_F(StrikeFund, NoDayMayBeLeftOut) {
  strike_on("2026-01-09");
  EXPECT_NE(refusal([&] { strike_on("2026-01-13"); }).find("2026-01-12 has to be struck before"),
            std::string::npos);
  EXPECT_NE(refusal([&] { strike_on("2026-01-08"); }).find("2026-01-09 has been struck already"),
            std::string::npos);
  EXPECT_EQ(strike_on("2026-01-12").outcome, StrikeOutcome::kStruck);
}

TEST_F(StrikeFund, AStrikeBeginsAnewWhereTheBooksMovedOnAndGivesUpInTheEnd) {
  store.changes_left = 3;
  EXPECT_EQ(strike_on("2026-01-09").outcome, StrikeOutcome::kStruck);
  store.changes_left = 100;
  EXPECT_THROW(strike_on("2026-01-12"), base::Conflict);
  EXPECT_EQ(store.struck.size(), 1U);
}

TEST_F(StrikeFund, ARunTakesTheBusinessDaysAndASecondOneChangesNothing) {
  const auto lines = run("2026-01-05", "2026-01-12");
  ASSERT_EQ(lines.size(), 6U);
  for (const RunLine& line : lines) EXPECT_EQ(line.outcome, RunOutcome::kStruck) << line.message;
  for (const RunLine& line : run("2026-01-05", "2026-01-12")) EXPECT_EQ(line.outcome, RunOutcome::kUnchanged);
  EXPECT_NE(run_table(run("2026-01-05", "2026-01-12")).find("Nothing changed"), std::string::npos);
}

TEST_F(StrikeFund, OneFundsFailureDoesNotStopTheOthersAndTheRunResumes) {
  add_fund("ABLE");
  store.definitions.at(fund_id("TEST")).back().definition.inception = day("2026-01-06");
  auto lines = run("2026-01-05", "2026-01-06");
  ASSERT_EQ(lines.size(), 3U);  // ABLE both days, TEST stops at its first
  EXPECT_EQ(lines[0].outcome, RunOutcome::kStruck);
  EXPECT_EQ(lines[1].outcome, RunOutcome::kStruck);
  EXPECT_EQ(lines[2].outcome, RunOutcome::kRefused);
  EXPECT_NE(lines[2].message.find("inception"), std::string::npos);
  lines = run("2026-01-06", "2026-01-06");
  EXPECT_EQ(lines[0].outcome, RunOutcome::kUnchanged);
  EXPECT_EQ(lines[1].outcome, RunOutcome::kStruck);
}

TEST_F(StrikeFund, WithoutPricingARunIsUnavailableNotRefused) {
  rates.is_down = true;
  EXPECT_EQ(run("2026-01-05", "2026-01-05").front().outcome, RunOutcome::kUnavailable);
}

TEST_F(StrikeFund, NobodyApprovesWhatTheyStruckAndApprovalNeedsTheRole) {
  strike_on("2026-01-09", "mia");
  const auto approve = [&](const model::Actor& who) {
    approve_nav(ports, {fund_id("TEST"), day("2026-01-09"), who, kLater});
  };
  EXPECT_NE(refusal([&] { approve(actor("mia")); }).find("struck by mia"), std::string::npos);
  EXPECT_NE(refusal([&] { approve(actor("tom", {Role::kMaker})); }).find("approver"), std::string::npos);
  approve(actor("tom"));
  EXPECT_NE(refusal([&] { approve(actor("tom")); }).find("nobody approves twice"), std::string::npos);
  EXPECT_THROW(approve(actor("zoe")), base::Conflict);
  EXPECT_EQ(store.find_nav(fund_id("TEST"), day("2026-01-09"))->state(), NavState::kApproved);
  EXPECT_NE(refusal([&] {
              approve_nav(ports, {fund_id("TEST"), day("2026-01-12"), actor("tom"), kLater});
            }).find("has not been struck"),
            std::string::npos);
}

TEST_F(StrikeFund, ANavWhoseInputsHaveChangedSinceIsNotApproved) {
  strike_on("2026-01-09", "mia");
  const auto approve = [&] {
    approve_nav(ports, {fund_id("TEST"), day("2026-01-09"), actor("tom"), kLater});
  };
  rates.bitcoin = dec("84001");
  const std::string message = refusal(approve);
  EXPECT_NE(message.find("TEST 2026-01-09: is a stale draft"), std::string::npos) << message;
  EXPECT_NE(message.find("positions[0].price.value: 84000 then, 84001 now"), std::string::npos) << message;
  EXPECT_EQ(store.find_nav(fund_id("TEST"), day("2026-01-09"))->state(), NavState::kChecked);
  rates.bitcoin = dec("84000");
  strike_on("2026-01-12");
  EXPECT_NO_THROW(approve()) << "a later strike changes nothing of it";
}

TEST_F(StrikeFund, AFailedCheckKeepsANavDraftedUntilTwoOthersSetItAside) {
  strike_on("2026-01-09");
  rates.bitcoin = dec("120000");
  EXPECT_EQ(strike_on("2026-01-12").nav.state(), NavState::kDrafted);
  const auto approve = [&] {
    approve_nav(ports, {fund_id("TEST"), day("2026-01-12"), actor("tom"), kLater});
  };
  EXPECT_NE(refusal(approve).find("price_change BTC"), std::string::npos);
  const auto voice = [&](const char* who, const char* check) {
    return override_check(ports, {fund_id("TEST"), day("2026-01-12"), actor(who), kLater}, check,
                          "a real move");
  };
  EXPECT_NE(refusal([&] { voice("mia", "price_change BTC"); }).find("may not override"), std::string::npos);
  EXPECT_TRUE(voice("tom", "price_change BTC"));
  EXPECT_FALSE(voice("tom", "price_change BTC"));
  EXPECT_NE(refusal(approve), "");
  for (const char* check : {"price_change BTC", "nav_change"}) {
    voice("tom", check);
    voice("zoe", check);
  }
  EXPECT_EQ(store.find_nav(fund_id("TEST"), day("2026-01-12"))->state(), NavState::kChecked);
  approve();
  EXPECT_NE(refusal([&] { voice("tom", "no_such_check"); }).find("no_such_check"), std::string::npos);
}

TEST_F(StrikeFund, ADefinitionIsStoredOnceAndAChangedOneIsANewVersionFromALaterDay) {
  FundDefinition fund = test_fund();
  const auto apply = [&] {
    return apply_fund(store, {fund, definition_hash(fund), "text", definition_json(fund)}, actor("olga"),
                      kLater);
  };
  EXPECT_EQ(apply().outcome, ApplyOutcome::kUnchanged);
  strike_on("2026-01-09");
  fund.policies.fees[0].tiers[0].rate = dec("0.009");
  EXPECT_NE(refusal(apply).find("after the last struck NAV"), std::string::npos);
  fund.effective_from = day("2026-01-12");
  EXPECT_EQ(apply().version, 2);
  EXPECT_NE(strike_on("2026-01-12").nav.document.find("\"0.009\""), std::string::npos);
  fund.assets[0].decimals = 9;
  EXPECT_NE(refusal(apply).find("decimals"), std::string::npos);
}

TEST_F(StrikeFund, AChangedDefinitionKeepsWhatItsFeesStandOnAndAnOfferingCostThatIsInTheBooks) {
  FundDefinition fund = test_fund();
  const auto apply = [&] {
    return apply_fund(store, {fund, definition_hash(fund), "text", definition_json(fund)}, actor("olga"),
                      kLater);
  };
  fund.policies.borne_by_fund.push_back(policy::ExpenseType::kOffering);
  fund.policies.offering_costs.push_back({"Offering", dec("1000"), day("2026-01-05")});
  EXPECT_EQ(apply().version, 2);  // nothing has been struck
  strike_on("2026-01-09");
  fund.effective_from = day("2026-01-12");
  const FundDefinition before = fund;
  const auto changed = [&](const auto& change) {
    fund = before;
    change(fund.policies);
    return refusal(apply);
  };
  EXPECT_NE(changed([](FundPolicies& policies) {
              policies.fees[0].accrual_rule = time::AccrualRule::kBackward;
            }).find("fees: expense rule 'management fee' from 2026-01-02: changes the accrual days"),
            std::string::npos);
  EXPECT_NE(changed([](FundPolicies& policies) {
              policies.fees[0].base = policy::BaseKind::kCoinsHeld;
              policies.fees[0].asset = model::AssetId::literal("BTC");
            }).find("changes the base"),
            std::string::npos);
  EXPECT_NE(changed([](FundPolicies& policies) {
              policies.accrual_rule = time::AccrualRule::kBackward;
            }).find("accrual_days of limits and offering costs cannot change"),
            std::string::npos);
  const std::string stays =
      "offering_costs: Offering: is in the books from 2026-01-05 and stays as it is until it is expensed, on "
      "2027-01-04";
  EXPECT_NE(changed([](FundPolicies& policies) { policies.offering_costs.clear(); }).find(stays),
            std::string::npos);
  EXPECT_NE(changed([](FundPolicies& policies) { policies.offering_costs[0].cost = dec("800"); }).find(stays),
            std::string::npos);
  fund = before;
  fund.policies.fees[0].tiers[0].rate = dec("0.009");
  EXPECT_EQ(apply().version, 3);
}

StoredAct stored_act(FundAct act, std::vector<ActStep> steps) {
  StoredAct stored(model::ActorId::literal("mia"));
  stored.act = std::move(act);
  stored.approved_by = model::ActorId::literal("tom");
  stored.steps = std::move(steps);
  return stored;
}

FundAct distribution(const char* id, const char* date, const char* income, const char* capital) {
  policy::Declaration declaration;
  declaration.id = id;
  declaration.dates = {day(date), day(date), day(date), day(date)};
  declaration.sources = policy::SourceSplit{dec(income), {}, {}, dec(capital)};
  declaration.per_share = declaration.sources->total();
  return {id, declaration};
}

TEST(NoticeOf, EarlierAmountsAreRestatedByTheSplitsBetween) {
  FundDefinition fund = test_fund();
  fund.policies.distributions.use = policy::IncomeUse::kDistribute;
  const std::vector<StoredAct> acts{stored_act(distribution("d1", "2026-02-06", "0.1", "0"), {}),
                                    stored_act({"split", policy::ShareSplit{day("2026-02-13"), 10, 1}},
                                               {{"applied", day("2026-02-13"), {}, ""}}),
                                    stored_act(distribution("d2", "2026-02-17", "0", "0.01"), {})};
  const auto notice = notice_of(fund, acts[2], acts);
  ASSERT_TRUE(notice.has_value());
  EXPECT_EQ(notice->fiscal_year_per_share, (policy::SourceSplit{dec("0.01"), {}, {}, dec("0.01")}));
  EXPECT_EQ(notice->fiscal_year_percent, (policy::SourceSplit{dec("50"), {}, {}, dec("50")}));
}

TEST(Clash, ASplitByARecordDateAndTwoActsOfADayOnOneCoin) {
  const FundAct paid = distribution("d", "2026-02-06", "0.1", "0");
  const FundAct split{"s", policy::ShareSplit{day("2026-02-06"), 4, 1}};
  const FundAct later{"s", policy::ShareSplit{day("2026-02-09"), 4, 1}};
  EXPECT_TRUE(clash(paid, split).has_value());
  EXPECT_NE(clash(split, paid)->find("per old or new share: the other one, d,"), std::string::npos);
  EXPECT_FALSE(clash(paid, later).has_value());
  policy::Migration terms;
  terms.date = day("2026-02-06");
  terms.old_token = "CRO";
  terms.new_token = "NCR";
  policy::SpinOff spin;
  spin.date = terms.date;
  spin.parent = "CRO";
  spin.child = "KID";
  const FundAct migration{"m", terms};
  EXPECT_EQ(*clash({"k", spin}, migration),
            "m changes CRO on the same day, and nothing says which comes first");
  EXPECT_FALSE(clash(migration, split).has_value());
  spin.date = day("2026-02-09");
  EXPECT_FALSE(clash({"k", spin}, migration).has_value());
}

TEST_F(StrikeFund, APriceThatWaitsForTwoPeopleRefusesTheStrikeUntilTheyDecided) {
  rates.waits_for = "a fair-value determination is open: only the value of 2026-01-08 is left";
  EXPECT_NE(refusal([&] { strike_on("2026-01-09"); }).find("BTC: a fair-value determination is open"),
            std::string::npos);
  EXPECT_TRUE(store.struck.empty());
  rates.waits_for.clear();
  strike_on("2026-01-09");
  EXPECT_EQ(store.struck.size(), 1U);
}

TEST_F(StrikeFund, WhatPricingFoundKeepsTheNavDraftedAndIsReproducedFromItsInputs) {
  rates.checks = {{"stale", "failed", "7200 s, at most 3600 s: seen"},
                  {"second_source", "not_measured", "there is none"}};
  strike_on("2026-01-09");
  const StoredNav nav = *store.find_nav(fund_id("TEST"), day("2026-01-09"));
  EXPECT_EQ(nav.state(), NavState::kDrafted);
  EXPECT_EQ(nav.standing_failures(), (std::vector<std::string>{"pricing: BTC stale", "pricing: ETH stale"}));
  const auto status = [&](const std::string& name) {
    const auto found = std::find_if(nav.checks.begin(), nav.checks.end(),
                                    [&](const Check& check) { return check.name == name; });
    return found == nav.checks.end() ? "missing" : std::string(describe(found->status));
  };
  EXPECT_EQ(status("pricing: BTC second_source"), "unavailable");
  EXPECT_EQ(status("pricing: BTC valuation_time"), "passed");
  EXPECT_TRUE(explain_nav(store, documents, fund_id("TEST"), day("2026-01-09")).is_reproduced);
  const auto definition = store.definition_on(fund_id("TEST"), day("2026-01-09"));
  const ResolvedStrike read = read_inputs(nav.inputs, definition->definition);
  EXPECT_EQ(documents.inputs(read), nav.inputs) << "bases and checks come back from the stored inputs";
  EXPECT_EQ(read.positions[0].price_checks.size(), 3U);
  EXPECT_EQ(read.positions[0].bases.size(), 1U);
}

TEST_F(StrikeFund, TheExplanationReproducesTheDocumentAndAddsUp) {
  strike_on("2026-01-09");
  rates.bitcoin = dec("85000");
  strike_on("2026-01-12");
  const Explanation explanation = explain_nav(store, documents, fund_id("TEST"), day("2026-01-12"));
  EXPECT_TRUE(explanation.is_reproduced);
  ASSERT_TRUE(explanation.change.has_value());
  EXPECT_EQ(explanation.change->price, dec("600000"));
  EXPECT_TRUE(explanation.change->remainder.is_zero());
  const std::string text = explanation_text(explanation);
  EXPECT_NE(text.find("rate NK_BTCUSD_NY, inputs aa"), std::string::npos) << text;
  EXPECT_NE(text.find("byte for byte"), std::string::npos);
  EXPECT_FALSE(explain_nav(store, documents, fund_id("TEST"), day("2026-01-09")).change.has_value());
}

TEST_F(StrikeFund, TheProofSheetShowsDollarsWithTwoDecimalsAndCoinsWithTheirOwn) {
  strike_on("2026-01-09");
  rates.bitcoin = dec("85000");
  strike_on("2026-01-12");
  const Explanation explanation = explain_nav(store, documents, fund_id("TEST"), day("2026-01-12"));
  const std::string text = explanation_text(explanation);
  const auto cell = [&](const std::string& line) {
    const std::size_t at = text.find("\n" + line + "  ") + line.size() + 1;
    const std::size_t begin = text.find_first_not_of(' ', at);
    return text.substr(begin, text.find_first_of(" \n", begin) - begin);
  };
  EXPECT_EQ(cell("BTC quantity"), "600") << text;
  EXPECT_EQ(cell("BTC price"), "85,000.00") << text;
  EXPECT_EQ(cell("BTC value"), "51,000,000.00") << text;
  EXPECT_EQ(cell("price of BTC from 84000 to 85000"), "600,000.00") << text;
  EXPECT_EQ(cell("tax"), "0.00") << text;
  for (const ProofLine& line : explanation.lines) {
    if (line.name == "shares outstanding") {
      EXPECT_EQ(cell(line.name), grouped(line.amount, 0)) << text;
    }
    if (line.name == "NAV per share") {
      EXPECT_EQ(cell(line.name), grouped(line.amount, 4)) << text;
    }
  }
}

TEST(Grouped, HasAtLeastTheDecimalsAskedForAndDropsNone) {
  EXPECT_EQ(grouped(dec("1234567.5"), 2), "1,234,567.50");
  EXPECT_EQ(grouped(dec("-1234"), 2), "-1,234.00");
  EXPECT_EQ(grouped(dec("0.09429"), 2), "0.09429");
  EXPECT_EQ(grouped(dec("0"), 0), "0");
  EXPECT_EQ(grouped(dec("5000"), -3), "5,000");
}

}  // namespace
}  // namespace navkeeper::nav
