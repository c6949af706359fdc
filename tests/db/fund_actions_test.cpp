// Corporate actions on the real books: a token migrates and spins off with its coins at several places, a
// fork is handed on, a reverse split that no decimal says; and acts as they were known.
#include "services/nav/adapters/explain.h"
#include "tests/db/fund_life_fixture.h"

namespace navkeeper::nav {
namespace {

class FundActions : public FundLife {
 protected:
  std::string definition() const override {
    return replaced(replaced(definition_text(), "unbonding_days = 28 }]",
                             "unbonding_days = 28 }, { asset = \"CRX\", decimals = 6 }]"),
                    "[expenses]\n", R"([[assets]]
asset = "CRX"
decimals = 6
official_index = "NK_CRXUSD_NY"

[expenses]
)");
  }
  /// A quarter of the coins is staked in a wallet; a second lot beside the first.
  void spread_coins() {
    strike_on("2026-01-05");
    record(
        R"({"id":"m1","date":"2026-01-06","fact":"transfer","asset":"CRO","quantity":"5000000","to":"wallet","to_state":"staked"})");
    post(R"({"date":"2026-01-06","event":"purchase","asset":"CRO","quantity":"7.00000003","cash":"0.77"})"
         "\n");
    strike_from("2026-01-06", "2026-01-07");
  }
  /// Tax lots are the coins of each account, GAAP lots all coins and their cost.
  void expect_lots_to_foot(const std::string& asset) {
    std::map<std::string, Decimal> by_account;
    Decimal quantity, cost;
    for (const OpenLot& lot : acts_->open_lots(kFund, books::Book::kTax, asset))
      by_account[lot.place.account] += lot.held.quantity;
    for (const OpenLot& lot : acts_->open_lots(kFund, books::Book::kGaap, asset)) {
      quantity += lot.held.quantity;
      cost += lot.held.cost;
    }
    for (const PlacedCoins& placed : acts_->coins_at(kFund, asset).places) {
      by_account[placed.place.account] -= placed.quantity;
      quantity -= placed.quantity;
    }
    for (const auto& [account, left] : by_account) EXPECT_TRUE(left.is_zero()) << asset << " at " << account;
    EXPECT_TRUE(quantity.is_zero()) << asset;
    EXPECT_EQ(cost, balance("Conversion:" + asset)) << asset;
  }
};

const char* const kPaidOut =
    R"({"kind":"distribution","id":"2026-01","declared":"2026-01-07","ex":"2026-01-08","record":"2026-01-08",)"
    R"("pay":"2026-01-12","per_share":"0.05","sources":{"income":"0.03","capital":"0.02"}})";
const char* const kMigration =
    R"({"kind":"migration","id":"CRX","date":"2026-01-08","old_token":"CRO","new_token":"CRX","new_decimals":6,"ratio":"0.3"})";

TEST_F(FundActions, ATokenMigratesWhereverItIsWithCostAndAgeAndGainsNothing) {
  spread_coins();
  const auto before = acts_->open_lots(kFund, books::Book::kTax, "CRO");
  propose(kMigration);
  approve("CRX");
  rates_.factor["CRX"] = money::divide(dec("10"), dec("3"), 18, money::Rounding::kHalfEven);
  const StoredNav was = *store_->find_nav(kFund, day("2026-01-07"), Instant::latest());
  const StoredNav is = strike_on("2026-01-08");
  // The day's expenses, and what they change of the deferred tax: nothing of the coins' value.
  EXPECT_LT((was.summary.net_assets - is.summary.net_assets - is.summary.expenses).abs(), dec("60"));
  EXPECT_TRUE(acts_->coins_at(kFund, "CRO").places.empty());
  // 20,000,007.00000003 x 0.3, cut to six decimals.
  EXPECT_EQ(balance("Assets:Coins:CRX", "CRX") + balance("Assets:Staked:CRX:wallet", "CRX"),
            dec("6000002.1"));
  EXPECT_EQ(balance("Assets:Staked:CRX:wallet", "CRX"), dec("1500000"));
  EXPECT_EQ(balance("Conversion:CRX"), dec("1900000.77"));
  EXPECT_EQ(balance("Conversion:CRO"), Decimal{});
  EXPECT_EQ(balance("Income:Realised gain:Sale") + balance("Income:Realised gain:Swap"), Decimal{});
  expect_lots_to_foot("CRO");
  expect_lots_to_foot("CRX");
  const auto after = acts_->open_lots(kFund, books::Book::kTax, "CRX");
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].held.acquired, before[i].held.acquired);
    EXPECT_EQ(after[i].held.cost, before[i].held.cost);
    EXPECT_EQ(after[i].place.account, before[i].place.account);
  }
  EXPECT_EQ(acts_->find_act(kFund, "CRX")->state(), "applied");
  strike_on("2026-01-09");
  EXPECT_TRUE(explain_nav(*store_, documents_, kFund, day("2026-01-08")).is_reproduced);
}

TEST_F(FundActions, AMigrationOfWhatIsNotHeldIsRefusedAndStopsTheStrike) {
  strike_on("2026-01-05");
  const std::string turned = replaced(replaced(kMigration, R"("old_token":"CRO")", R"("old_token":"CRX")"),
                                      R"("new_token":"CRX")", R"("new_token":"CRO")");
  // What comes in has a name and units in the fund's file, or nothing would price it.
  EXPECT_NE(refusal([&] { propose(turned); }).find("CRO: has 8 decimals in the fund's definition, not 6"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              propose(replaced(kMigration, R"("new_token":"CRX")", R"("new_token":"ZZ")"));
            }).find("ZZ: is no asset of the fund's definition of that day"),
            std::string::npos);
  propose(replaced(turned, R"("new_decimals":6)", R"("new_decimals":8)"));
  approve("CRX");
  strike_from("2026-01-06", "2026-01-07");
  const auto entries = count("entry");
  EXPECT_NE(refusal([&] { strike_on("2026-01-08"); }).find("holds no CRX"), std::string::npos);
  EXPECT_EQ(count("entry"), entries);
  EXPECT_TRUE(withdraw_act(act_ports(), kFund, "CRX", actor("mia"), kNow));
  strike_on("2026-01-08");
}

TEST_F(FundActions, AMigrationTakesWhatWasHeldOnItsDayAndLeavesWhatCameLater) {
  strike_from("2026-01-05", "2026-01-07");
  propose(kMigration);
  approve("CRX");
  // Of the day itself, so in the NAV of the day after; of a later day; and a crumb without a cost.
  post(
      R"({"date":"2026-01-07","event":"purchase","asset":"CRO","quantity":"0.00000001","cash":"0","book_date":"2026-01-08","settlement_date":"2026-01-08"})"
      "\n"
      R"({"date":"2026-01-08","event":"purchase","asset":"CRO","quantity":"13","cash":"1.1","id":"b4"})"
      "\n"
      R"({"date":"2026-01-09","event":"purchase","asset":"CRO","quantity":"2","cash":"0.2","id":"b5"})"
      "\n");
  rates_.factor["CRX"] = money::divide(dec("10"), dec("3"), 18, money::Rounding::kHalfEven);
  strike_on("2026-01-08");
  EXPECT_EQ(acts_->find_act(kFund, "CRX")->steps.back().memo,
            "20000000.00000001 CRO become 6000000 CRX; 15 that came later stay");
  EXPECT_EQ(balance("Assets:Coins:CRO", "CRO"), dec("15"));
  EXPECT_EQ(balance("Conversion:CRO"), dec("1.3"));
  for (const books::Basis basis : {books::Basis::kTradeDate, books::Basis::kNav, books::Basis::kSettled})
    EXPECT_FALSE(acts_->books_on(kFund, day("2026-01-08"), basis).coins["CRO"].is_negative());
  expect_lots_to_foot("CRO");
  expect_lots_to_foot("CRX");
  strike_from("2026-01-09", "2026-01-12");
}

TEST_F(FundActions, AMigrationIsRefusedBeforeItsStepWhereItsCoinsWereMovedSince) {
  strike_from("2026-01-05", "2026-01-07");
  propose(kMigration);
  approve("CRX");
  rates_.factor["CRX"] = dec("3");
  record(
      R"({"id":"m9","date":"2026-01-09","fact":"transfer","asset":"CRO","quantity":"5","to":"wallet","to_state":"staked"})");
  EXPECT_NE(refusal([&] { strike_on("2026-01-08"); })
                .find("entries after 2026-01-08 have moved CRO that was held then, and are reversed first: "
                      "facts:m9"),
            std::string::npos);
  EXPECT_EQ(acts_->find_act(kFund, "CRX")->state(), "approved");
  pool().transact([&](db::Transaction& transaction) {
    reverse_entry(transaction, kFund, {"facts", "m9"}, reversal_source({"facts", "m9"}),
                  {model::ActorId::literal("olga"), kNow}, "too early");
  });
  strike_on("2026-01-08");
  EXPECT_EQ(balance("Assets:Coins:CRX", "CRX"), dec("6000000"));
}

class ClaimableActions : public FundActions {
 protected:
  std::string definition() const override {
    return replaced(FundActions::definition(), "income_at = \"RECEIVED\"", "income_at = \"CLAIMABLE\"");
  }
};

TEST_F(ClaimableActions, ATokenDoesNotMigrateWhileItsRewardsAreToBeReceived) {
  spread_coins();
  record(
      R"({"id":"a","date":"2026-01-08","fact":"reward","reward":"r1","type":"delegation","asset":"CRO","stage":"CLAIMABLE","gross":"10","provider_cut":"0","price":"0.11"})");
  propose(kMigration);
  approve("CRX");
  EXPECT_NE(refusal([&] { strike_on("2026-01-08"); }).find("10 CRO of rewards are still to be received"),
            std::string::npos);
  record(
      R"({"id":"b","date":"2026-01-08","fact":"reward","reward":"r1","type":"delegation","asset":"CRO","stage":"RECEIVED","gross":"10","provider_cut":"0","price":"0.11"})");
  rates_.factor["CRX"] = dec("3");
  strike_on("2026-01-08");
  expect_lots_to_foot("CRX");
}

TEST_F(FundActions, ASpinOffSplitsCostByFairValueAndGainsNothing) {
  spread_coins();
  propose(
      R"({"kind":"spin_off","id":"SPIN","date":"2026-01-08","parent":"CRO","child":"CRX","child_decimals":6,)"
      R"("received":"2000000","parent_fair_value":"1980000","child_fair_value":"220000"})");
  approve("SPIN");
  rates_.factor["CRX"] = dec("1");
  strike_on("2026-01-08");
  EXPECT_EQ(balance("Conversion:CRO") + balance("Conversion:CRX"), dec("1900000.77"));
  EXPECT_LT((balance("Conversion:CRX") - dec("190000.07")).abs(), dec("0.05"));
  EXPECT_EQ(balance("Assets:Coins:CRX", "CRX") + balance("Assets:Coins:CRX:wallet", "CRX"), dec("2000000"));
  EXPECT_EQ(balance("Assets:Coins:CRO", "CRO") + balance("Assets:Staked:CRO:wallet", "CRO"),
            dec("20000007.00000003"));
  EXPECT_EQ(balance("Income:Realised gain:Swap"), Decimal{});
  expect_lots_to_foot("CRO");
  expect_lots_to_foot("CRX");
  for (const OpenLot& lot : acts_->open_lots(kFund, books::Book::kGaap, "CRX"))
    EXPECT_LE(lot.held.acquired, day("2026-01-06"));
  strike_on("2026-01-09");
  EXPECT_TRUE(explain_nav(*store_, documents_, kFund, day("2026-01-09")).is_reproduced);
}

TEST_F(FundActions, ASpinOffTakesNothingFromCoinsThatCameAfterIt) {
  strike_from("2026-01-05", "2026-01-07");
  propose(
      R"({"kind":"spin_off","id":"SPIN","date":"2026-01-08","parent":"CRO","child":"CRX","child_decimals":6,)"
      R"("received":"2000000","parent_fair_value":"1980000","child_fair_value":"220000"})");
  approve("SPIN");
  post(
      R"({"date":"2026-01-09","event":"purchase","asset":"CRO","quantity":"100000","cash":"11000","id":"b2"})"
      "\n");
  rates_.factor["CRX"] = dec("1");
  strike_on("2026-01-08");
  for (const books::Book book : {books::Book::kGaap, books::Book::kTax}) {
    const auto parents = acts_->open_lots(kFund, book, "CRO");
    ASSERT_EQ(parents.size(), 2U);
    EXPECT_EQ(parents[0].held.cost, dec("1710000"));
    EXPECT_EQ(parents[1].held.cost, dec("11000"));
    const auto children = acts_->open_lots(kFund, book, "CRX");
    ASSERT_EQ(children.size(), 1U);
    EXPECT_EQ(children[0].held,
              (policy::HeldLot{children[0].held.id, dec("2000000"), dec("190000"), day("2026-01-02")}));
  }
  expect_lots_to_foot("CRO");
  expect_lots_to_foot("CRX");
  strike_on("2026-01-09");
}

TEST_F(FundActions, ASplitAndADistributionThatItWouldMakeUnclearAreRefused) {
  strike_on("2026-01-05");
  const std::string split =
      R"({"kind":"split","id":"aa-split","effective":"2026-01-08","new_shares":4,"old_shares":1})";
  propose(kPaidOut);
  EXPECT_NE(refusal([&] { propose(split); }).find("per old or new share: the other one, 2026-01,"),
            std::string::npos);
  propose(replaced(split, "2026-01-08", "2026-01-09"));
  withdraw_act(act_ports(), kFund, "aa-split", actor("mia"), kNow);
  withdraw_act(act_ports(), kFund, "2026-01", actor("mia"), kNow);
  propose(replaced(split, "aa-split", "zz-split"));
  EXPECT_NE(refusal([&] {
              propose(replaced(kPaidOut, "\"2026-01\"", "\"again\""));
            }).find("the other one, zz-split,"),
            std::string::npos);
}

class ForksHandedOn : public FundLife {
 protected:
  std::string definition() const override {
    return replaced(definition_text(), "\"hold_at_zero\"", "\"distribute\"");
  }
};

TEST_F(ForksHandedOn, AForkIsDistributedToTheHoldersOfItsRecordDateAndIsInNoNav) {
  strike_on("2026-01-05");
  const std::string fork =
      R"({"kind":"fork","id":"CROX","coin":"CRO","new_coin":"CROX","new_decimals":8,"date":"2026-01-06","ratio":"1.00000003"})";
  EXPECT_FALSE(refusal([&] { propose(fork); }).empty());  // no dates
  propose(replaced(fork, R"("ratio")", R"("declared":"2026-01-07","record":"2026-01-09","ratio")"));
  approve("CROX");
  post(
      R"({"date":"2026-01-07","event":"creation","shares":"20000","components":[{"asset":"CRO","quantity":"4000000","value":"440000"}],"cash":"0"})"
      "\n");
  strike_from("2026-01-06", "2026-01-09");
  const StoredAct act = *acts_->find_act(kFund, "CROX");
  ASSERT_EQ(act.state(), "applied");
  EXPECT_EQ(act.steps.back().date, day("2026-01-09"));
  EXPECT_EQ(act.steps.back().shares, dec("120000"));  // those created on the 7th are on the register
  // 20,000,000.6 CROX over 120,000 shares, cut to eight decimals.
  EXPECT_NE(act.steps.back().memo.find("166.66667166 a share, 0.0008 left over is abandoned"),
            std::string::npos)
      << act.steps.back().memo;
  EXPECT_EQ(balance("Assets:Coins:CROX", "CROX"), Decimal{});
  EXPECT_EQ(count("entry WHERE kind = 'fork'"), 0);
  EXPECT_EQ(store_->find_nav(kFund, day("2026-01-09"), Instant::latest())->document.find("CROX"),
            std::string::npos);
}

TEST_F(FundLife, AReverseSplitOfOneForThreeIsBookedExactlyAndRefusedWhereAFractionIsLeft) {
  strike_on("2026-01-05");
  const std::string split =
      R"({"kind":"split","id":"1-for-3","effective":"2026-01-08","new_shares":1,"old_shares":3})";
  EXPECT_NE(refusal([&] { propose(split); }).find("100000 shares leave a fraction"), std::string::npos);
  post(
      R"({"date":"2026-01-06","event":"creation","shares":"20000","components":[{"asset":"CRO","quantity":"4000000","value":"440000"}],"cash":"0"})"
      "\n");
  strike_from("2026-01-06", "2026-01-07");
  propose(split);
  approve("1-for-3");
  const StoredNav after = strike_on("2026-01-08");
  EXPECT_EQ(after.summary.shares, dec("40000"));
  EXPECT_EQ(after.state(), NavState::kChecked);
}

TEST_F(FundLife, ActsAreShownAsTheyWereKnown) {
  strike_on("2026-01-05");
  const auto at = [](const char* text) { return Instant::literal(text); };
  const NewAct act = read_act_text(
      R"({"kind":"split","id":"2-for-1","effective":"2026-01-07","new_shares":2,"old_shares":1})");
  propose_act(act_ports(), kFund, act, actor("mia"), at("2026-03-01T10:00:00Z"));
  approve_act(act_ports(), kFund, "2-for-1", actor("tom"), at("2026-03-01T11:00:00Z"));
  strike_on("2026-01-06");
  strike_fund(ports(), {kFund, day("2026-01-07"), actor("mia"), at("2026-03-01T12:00:00Z")});
  EXPECT_TRUE(acts_->acts(kFund, at("2026-03-01T09:59:59Z")).empty());
  EXPECT_FALSE(acts_->find_act(kFund, "2-for-1", at("2026-03-01T09:59:59Z")).has_value());
  EXPECT_EQ(acts_->find_act(kFund, "2-for-1", at("2026-03-01T10:30:00Z"))->state(), "proposed");
  EXPECT_EQ(acts_->find_act(kFund, "2-for-1", at("2026-03-01T11:30:00Z"))->state(), "approved");
  EXPECT_EQ(acts_->acts(kFund).front().state(), "applied");
}

}  // namespace
}  // namespace navkeeper::nav
