// Staking in the stored books: a reward's stages as accounts, coins that move between states, penalties,
// liquid-staking tokens, facts as they were known, and the unrealised gain that each strike posts.
#include "tests/db/fund_life_fixture.h"

namespace navkeeper::nav {
namespace {

std::string reward(const char* id, const char* date, const char* stage, const char* gross,
                   const std::string& more = "") {
  return std::string(R"({"id":")") + id + R"(","date":")" + date +
         R"(","fact":"reward","reward":"r1","type":"delegation","asset":"CRO","stage":")" + stage +
         R"(","gross":")" + gross + R"(","provider_cut":"50","price":"0.11")" + more + "}\n";
}

class FundRewards : public FundLife {
 protected:
  std::vector<OpenLot> tax_lots(const char* asset) {
    return acts_->open_lots(kFund, books::Book::kTax, asset);
  }
  void strike_and_compare(const char* date) {
    const StoredNav nav = strike_on(date);
    EXPECT_EQ(nav.summary.net_assets, net_assets_in_books(day(date))) << date;
  }
  /// The dollars of all that the fund has and owes, by trade dates.
  Decimal net_assets_in_books(Date date) {
    const auto books = pool().transact([&](db::Transaction& transaction) {
      return load_books(transaction, kFund, {books::Basis::kTradeDate, date, std::nullopt});
    });
    Decimal sum;
    for (const StoredBalance& row : books->balances) {
      const bool counts = row.account.starts_with("Assets:") || row.account.starts_with("Conversion:") ||
                          row.account.starts_with("Liabilities:");
      if (counts && row.commodity == "USD") sum += row.balance.to_decimal(row.decimals);
    }
    return sum;
  }
};

TEST_F(FundRewards, BelowItsStageARewardStandsBesideTheBooksAndInNoNav) {
  strike_on("2026-01-05");
  record(reward("a", "2026-01-06", "PROTOCOL_CREDIT", "1000", R"(,"place":"validator 1")"));
  EXPECT_EQ(balance("Conversion:CRO not yet income:Credited:validator 1", "CRO"), dec("950"));
  EXPECT_EQ(balance("Conversion:CRO not yet income", "CRO"), dec("-950"));
  const StoredNav without = strike_on("2026-01-06");
  EXPECT_NE(without.document.find(R"("quantity":"20000000")"), std::string::npos);
  record(reward("b", "2026-01-07", "CLAIMABLE", "1010", R"(,"place":"validator 1")"));
  EXPECT_EQ(balance("Conversion:CRO not yet income:Credited:validator 1", "CRO"), Decimal{});
  EXPECT_EQ(balance("Conversion:CRO not yet income:Claimable:validator 1", "CRO"), dec("960"));
  EXPECT_EQ(balance("Income:Rewards:delegation"), Decimal{});
  record(reward("c", "2026-01-08", "RECEIVED", "1000", R"(,"place":"wallet 2","state":"staked")"));
  EXPECT_EQ(balance("Conversion:CRO not yet income:Claimable:validator 1", "CRO"), Decimal{});
  EXPECT_EQ(balance("Conversion:CRO not yet income", "CRO"), Decimal{});
  EXPECT_EQ(balance("Assets:Staked:CRO:wallet 2", "CRO"), dec("950"));
  EXPECT_EQ(balance("Income:Rewards:delegation"), dec("-110"));
  ASSERT_EQ(tax_lots("CRO").size(), 2U);
  EXPECT_EQ(tax_lots("CRO")[1].place.account, "wallet 2");
  EXPECT_EQ(tax_lots("CRO")[1].held.cost, dec("104.5"));
  // A state is of coins that are there; what was said once is not said otherwise.
  EXPECT_NE(
      refusal([&] {
        record(
            R"({"id":"x","date":"2026-01-08","fact":"reward","reward":"r2","type":"delegation",)"
            R"("asset":"CRO","stage":"CLAIMABLE","gross":"1","provider_cut":"0","price":"1","state":"staked"})");
      }).find("a state is said where it was received"),
      std::string::npos);
  EXPECT_NE(refusal([&] { record(reward("d", "2026-01-08", "RECEIVED", "1000")); }).find("other content"),
            std::string::npos);
  EXPECT_NE(refusal([&] { record(reward("d", "2026-01-09", "CLAIMABLE", "1000")); }).find("goes back"),
            std::string::npos);
  strike_from("2026-01-07", "2026-01-09");
}

class ClaimableRewards : public FundRewards {
 protected:
  std::string definition() const override {
    return replaced(definition_text(), "income_at = \"RECEIVED\"", "income_at = \"CLAIMABLE\"");
  }
};

TEST_F(ClaimableRewards, AtItsStageARewardIsIncomeAndReceivableAndOnReceiptALotAsOldAsIt) {
  strike_on("2026-01-05");
  record(reward("a", "2026-01-06", "PROTOCOL_CREDIT", "1000"));
  strike_on("2026-01-06");
  record(reward("b", "2026-01-07", "CLAIMABLE", "1000"));
  EXPECT_EQ(balance("Conversion:CRO not yet income", "CRO"), Decimal{});
  EXPECT_EQ(balance("Assets:Rewards receivable:Claimable:CRO", "CRO"), dec("950"));
  EXPECT_EQ(balance("Income:Rewards:delegation"), dec("-110"));
  const StoredNav with = strike_on("2026-01-07");
  EXPECT_NE(with.document.find(R"("quantity":"20000950")"), std::string::npos);
  EXPECT_EQ(with.summary.net_assets, net_assets_in_books(day("2026-01-07")));
  record(reward("c", "2026-01-08", "RECEIVED", "1100", R"(,"place":"wallet 2")"));
  EXPECT_EQ(balance("Assets:Rewards receivable:Claimable:CRO", "CRO"), Decimal{});
  EXPECT_EQ(balance("Assets:Coins:CRO:wallet 2", "CRO"), dec("1050"));
  EXPECT_EQ(balance("Income:Rewards:delegation"), dec("-121"));  // 100 more, net of no further cut
  const auto lots = tax_lots("CRO");
  ASSERT_EQ(lots.size(), 3U);
  EXPECT_EQ(lots[1].held.acquired, day("2026-01-07"));
  EXPECT_EQ(lots[2].held.acquired, day("2026-01-08"));
  strike_and_compare("2026-01-08");
}

class CreditedRewards : public FundRewards {
 protected:
  std::string definition() const override {
    return replaced(definition_text(), "income_at = \"RECEIVED\"", "income_at = \"PROTOCOL_CREDIT\"");
  }
};

TEST_F(CreditedRewards, WhatDoesNotComeGoesBackFromGrossIncomeAndFromTheCut) {
  const auto told = [](const char* id, const char* date, const char* rest) {
    return std::string(R"({"id":")") + id + R"(","date":")" + date +
           R"(","fact":"reward","reward":"r","type":"delegation","asset":"CRO",)" + rest + "}\n";
  };
  strike_on("2026-01-05");
  record(told("a", "2026-01-06",
              R"("stage":"PROTOCOL_CREDIT","gross":"100000","provider_cut":"10000","price":"0.08")"));
  EXPECT_EQ(balance("Income:Rewards:delegation"), dec("-8000"));
  EXPECT_EQ(balance("Expenses:Staking provider:delegation"), dec("800"));
  strike_on("2026-01-06");
  record(
      told("b", "2026-01-07", R"("stage":"CLAIMABLE","gross":"50000","provider_cut":"5000","price":"0.09")"));
  EXPECT_EQ(balance("Income:Rewards:delegation"), dec("-4000"));
  EXPECT_EQ(balance("Expenses:Staking provider:delegation"), dec("400"));
  strike_on("2026-01-07");
  record(
      told("c", "2026-01-08", R"("stage":"RECEIVED","gross":"60000","provider_cut":"6000","price":"0.1")"));
  EXPECT_EQ(balance("Income:Rewards:delegation"), dec("-5000"));
  EXPECT_EQ(balance("Expenses:Staking provider:delegation"), dec("500"));
  EXPECT_EQ(balance("Assets:Rewards receivable:Claimable:CRO", "CRO"), Decimal{});
  // No fee was charged on more than came, nor twice.
  EXPECT_EQ(strike_on("2026-01-08").summary.carried.rewards.at(model::AssetId::literal("CRO")).gross,
            dec("100000"));
}

TEST_F(FundRewards, AStageIsTakenBackAfterTheLaterOnesAndCanBeToldAnew) {
  const auto reverse = [&](const char* id) -> std::string {
    try {
      pool().transact([&](db::Transaction& transaction) {
        reverse_entry(transaction, kFund, {"facts", id}, reversal_source({"facts", id}),
                      {model::ActorId::literal("olga"), kNow}, "misread");
      });
    } catch (const base::Refused& refused) {
      return refused.what();
    }
    return "";
  };
  strike_on("2026-01-05");
  record(reward("a", "2026-01-06", "PROTOCOL_CREDIT", "1000"));
  record(reward("b", "2026-01-07", "RECEIVED", "1000"));
  EXPECT_NE(reverse("a").find("the fact \"b\" is reversed first"), std::string::npos);
  EXPECT_EQ(reverse("b"), "");
  EXPECT_EQ(balance("Conversion:CRO not yet income:Credited", "CRO"), dec("950"));
  EXPECT_EQ(balance("Income:Rewards:delegation"), Decimal{});
  EXPECT_NE(refusal([&] { record(reward("b", "2026-01-07", "RECEIVED", "1000")); }).find("was reversed"),
            std::string::npos);
  record(reward("b2", "2026-01-07", "RECEIVED", "900"));
  EXPECT_EQ(balance("Income:Rewards:delegation"), dec("-99"));
  EXPECT_EQ(reverse("b2"), "");
  EXPECT_EQ(reverse("a"), "");
  EXPECT_EQ(balance("Conversion:CRO not yet income:Credited", "CRO"), Decimal{});
  record(reward("a2", "2026-01-05", "PROTOCOL_CREDIT", "800"));
  record(reward("b3", "2026-01-07", "RECEIVED", "800"));
  EXPECT_EQ(balance("Income:Rewards:delegation"), dec("-88"));
  strike_from("2026-01-06", "2026-01-07");
}

TEST_F(FundRewards, CoinsMoveBetweenStatesByFactsAndAPenaltyTakesThemWhereTheyAre) {
  strike_on("2026-01-05");
  const auto moved = [](const char* id, const char* date, const std::string& where) {
    return std::string(R"({"id":")") + id + R"(","date":")" + date +
           R"(","fact":"transfer","asset":"CRO","quantity":"1000000",)" + where + "}\n";
  };
  record(moved("m1", "2026-01-06", R"("to":"validator 1","to_state":"activating")") +
         moved("m2", "2026-01-07",
               R"("from":"validator 1","from_state":"activating","to":"validator 1","to_state":"staked")"));
  EXPECT_EQ(balance("Assets:Staked:CRO:validator 1", "CRO"), dec("1000000"));
  const std::string penalty =
      R"({"id":"p1","date":"2026-01-08","fact":"penalty","asset":"CRO","quantity":"10000","place":"validator 1","state":"staked"})";
  EXPECT_NE(refusal([&] { record(replaced(penalty, "10000", "1000001")); }).find("at that place"),
            std::string::npos);
  record(penalty);
  EXPECT_EQ(record(penalty).unchanged, 1U);
  EXPECT_EQ(balance("Assets:Staked:CRO:validator 1", "CRO"), dec("990000"));
  EXPECT_EQ(balance("Expenses:Penalties"), dec("950"));  // the cost of what was lost
  EXPECT_NE(refusal([&] { record(replaced(penalty, "10000", "10001")); }).find("other content"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              record(moved("m3", "2026-01-08", R"("from":"validator 1","from_state":"bonded","to":"")"));
            }).find("none of available"),
            std::string::npos);
  strike_from("2026-01-06", "2026-01-08");
  // Known late, and 0.0099 a share: the struck NAV stays, the next one has it.
  record(replaced(replaced(penalty, "p1", "p2"), "10000", "9000"));
  EXPECT_EQ(strike_fund(ports(), {kFund, day("2026-01-08"), actor("tom"), kNow}).outcome,
            StrikeOutcome::kUnchanged);
  const StoredNav next = strike_on("2026-01-09");
  EXPECT_NE(next.document.find(R"("quantity":"19981000")"), std::string::npos);
  EXPECT_EQ(next.summary.net_assets, net_assets_in_books(day("2026-01-09")));
}

TEST_F(FundRewards, FactsAreShownAsTheyWereKnown) {
  strike_on("2026-01-05");
  const Instant first = Instant::literal("2026-03-01T10:00:00Z");
  const Instant second = Instant::literal("2026-03-01T11:00:00Z");
  record(reward("a", "2026-01-07", "CLAIMABLE", "1000"), first);
  record(
      R"({"id":"inv","date":"2026-01-06","fact":"expense_incurred","type":"audit fees","name":"Audit","amount":"10"})",
      second);
  EXPECT_EQ(facts_->facts(kFund).size(), 2U);
  const auto then = facts_->facts(kFund, first);
  ASSERT_EQ(then.size(), 1U);
  EXPECT_EQ(then[0].id, "a");
  EXPECT_EQ(then[0].known_at, first);
  EXPECT_TRUE(facts_->facts(kFund, first - time::Duration::from_ns(1)).empty());
}

TEST_F(FundRewards, EachStrikePostsTheUnrealisedGainSoThatTheBooksHaveTheNetAssetsOfTheNav) {
  strike_and_compare("2026-01-05");
  EXPECT_EQ(balance("Income:Unrealised gain:CRO"), dec("-100000"));  // 20,000,000 at 0.1, cost 1,900,000
  EXPECT_EQ(balance("Conversion:CRO unrealised"), dec("100000"));
  strike_and_compare("2026-01-06");
  EXPECT_EQ(balance("Income:Unrealised gain:CRO"), dec("-300000"));
  post(R"({"date":"2026-01-07","event":"sale","asset":"CRO","quantity":"5000000","cash":"550000"})"
       "\n");
  strike_on("2026-01-07");
  strike_and_compare("2026-01-08");
  EXPECT_EQ(balance("Income:Unrealised gain:CRO"), dec("-225000"));
  EXPECT_EQ(balance("Income:Realised gain:Sale"), dec("-75000"));
  post(R"({"date":"2026-01-09","event":"sale","asset":"CRO","quantity":"15000000","cash":"1650000"})"
       "\n");
  strike_on("2026-01-09");
  strike_and_compare("2026-01-12");
  EXPECT_EQ(balance("Income:Unrealised gain:CRO"), Decimal{});
  EXPECT_EQ(balance("Conversion:CRO unrealised"), Decimal{});
  EXPECT_EQ(count("entry WHERE kind = 'unrealised_gain'"), 4);  // none where nothing moved
}

class LiquidTokens : public FundRewards {
 protected:
  virtual const char* accretion() const { return "unrealised"; }
  std::string definition() const override {
    return replaced(replaced(replaced(definition_text(), "unbonding_days = 28 }]",
                                      "unbonding_days = 28 }, { asset = \"TOK\", decimals = 8 }]"),
                             "[expenses]\n", R"([[assets]]
asset = "TOK"
decimals = 8
official_index = "NK_TOKUSD_NY"

[expenses]
)"),
                    "[distributions]\n",
                    std::string("[[liquid_staking]]\ntoken = \"TOK\"\naccretion = \"") + accretion() +
                        "\"\n\n[distributions]\n");
  }
  void swap_and_strike() {
    strike_on("2026-01-05");
    record(
        R"({"id":"swap","date":"2026-01-06","fact":"token_swap","coin":"CRO","coins_in":"1000000","coin_price":"0.11","token":"TOK","tokens_out":"500000"})");
    strike_on("2026-01-06");
  }
  void tell_rate(const char* id, const char* date, const char* before, const char* after) {
    record(std::string(R"({"id":")") + id + R"(","date":")" + date +
           R"(","fact":"token_rate","token":"TOK","rate_before":")" + before + R"(","rate_after":")" + after +
           R"(","coin_price":"0.11"})");
  }
};

TEST_F(LiquidTokens, ASwapIsADisposalAndTheRiseOfTheTokenUnrealisedGain) {
  swap_and_strike();
  EXPECT_EQ(balance("Income:Realised gain:Swap"), dec("-15000"));  // 110,000 for a cost of 95,000
  EXPECT_EQ(balance("Conversion:TOK"), dec("110000"));
  EXPECT_EQ(balance("Assets:Coins:TOK", "TOK"), dec("500000"));
  rates_.factor["TOK"] = dec("2.1");
  tell_rate("rate", "2026-01-07", "2", "2.1");
  EXPECT_EQ(balance("Income:Rewards:liquid staking"), Decimal{});
  const StoredNav risen = strike_on("2026-01-07");
  EXPECT_EQ(balance("Income:Unrealised gain:TOK"), dec("-5500"));
  EXPECT_EQ(balance("Conversion:TOK"), dec("110000"));
  EXPECT_EQ(risen.summary.net_assets, net_assets_in_books(day("2026-01-07")));
  EXPECT_NE(refusal([&] { tell_rate("bad", "2026-01-08", "2", "0"); }).find("rate is not positive"),
            std::string::npos);
  EXPECT_NE(
      refusal([&] {
        record(
            R"({"id":"s","date":"2026-01-08","fact":"token_swap","coin":"CRO","coins_in":"1","coin_price":"0.11","token":"ELSE","tokens_out":"1"})");
      }).find("has no asset ELSE"),
      std::string::npos);
}

class AccretingTokens : public LiquidTokens {
 protected:
  const char* accretion() const override { return "income"; }
};

TEST_F(AccretingTokens, UnderTheOtherPolicyTheRateIsIncomeAndCostAndAFallIsALoss) {
  swap_and_strike();
  rates_.factor["TOK"] = dec("2.1");
  tell_rate("rise", "2026-01-07", "2", "2.1");
  EXPECT_EQ(balance("Income:Rewards:liquid staking"), dec("-5500"));
  EXPECT_EQ(balance("Conversion:TOK"), dec("115500"));
  for (const books::Book book : {books::Book::kGaap, books::Book::kTax}) {
    const auto lots = acts_->open_lots(kFund, book, "TOK");
    ASSERT_EQ(lots.size(), 1U);
    EXPECT_EQ(lots[0].held.cost, dec("115500"));
  }
  strike_and_compare("2026-01-07");
  EXPECT_EQ(balance("Income:Unrealised gain:TOK"), Decimal{});
  tell_rate("fall", "2026-01-08", "2.1", "2");
  EXPECT_EQ(balance("Expenses:Penalties"), dec("5500"));
  EXPECT_EQ(balance("Conversion:TOK"), dec("110000"));
  EXPECT_NE(refusal([&] { tell_rate("fall", "2026-01-08", "2.1", "1.9"); }).find("other content"),
            std::string::npos);
}

TEST_F(AccretingTokens, ARateGoesOnFromTheLastOneOnCoinsThatWereThereAndWithinTheFundsSize) {
  swap_and_strike();
  const auto refused = [&](const char* date, const char* before, const char* after) {
    return refusal([&] { tell_rate("r", date, before, after); });
  };
  EXPECT_NE(refused("2026-01-05", "2", "2.1").find("token: no TOK was held on 2026-01-05"),
            std::string::npos);
  EXPECT_NE(refused("2026-01-07", "2", "1000000").find("rate_after: is worth 54999890000 dollars, more than"),
            std::string::npos);
  EXPECT_NE(refused("2026-01-07", "4.1", "2").find("rate_after: takes 115500 from lot 1, which cost 110000"),
            std::string::npos);
  tell_rate("rise", "2026-01-08", "2", "2.1");
  EXPECT_NE(refused("2026-01-08", "2", "2.1")
                .find("rate_before: is 2, and the rate told last, of 2026-01-08, is 2.1"),
            std::string::npos);
  EXPECT_NE(refused("2026-01-07", "2.1", "2.2").find("date: is before that of the rate told last"),
            std::string::npos);
  EXPECT_EQ(balance("Income:Rewards:liquid staking"), dec("-5500"));
  pool().transact([&](db::Transaction& transaction) {
    reverse_entry(transaction, kFund, {"facts", "rise"}, reversal_source({"facts", "rise"}),
                  {model::ActorId::literal("olga"), kNow}, "wrong rate");
  });
  tell_rate("right", "2026-01-08", "2", "2.05");
  EXPECT_EQ(balance("Income:Rewards:liquid staking"), dec("-2750"));
}

}  // namespace
}  // namespace navkeeper::nav
