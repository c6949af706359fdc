// A reward is income once, at the stage that the fund's policy names, whatever way its events come.
#include "services/nav/domain/policy/income_recognition.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/services/nav/policy/support.h"

namespace navkeeper::nav::policy {
namespace {

const std::array kStages{RewardStage::kProtocolCredit, RewardStage::kClaimable, RewardStage::kReceived};

RecognitionPolicy at(RewardStage stage, RewardPresentation presentation = RewardPresentation::kGross) {
  return {{"consensus", {stage, presentation}}};
}

RewardEvent event(RewardStage stage, std::string_view date, std::string_view price) {
  return {"r1", "consensus", "ETH", stage, day(date), dec("1"), dec("0.1"), dec(price), {}};
}

TEST(Recognition, WordsReadBack) {
  for (const RewardStage stage : kStages) EXPECT_EQ(parse_reward_stage(describe(stage)), stage);
  for (const RewardPresentation each : {RewardPresentation::kGross, RewardPresentation::kNet})
    EXPECT_EQ(parse_reward_presentation(describe(each)), each);
  EXPECT_EQ(parse_reward_stage("received"), std::nullopt);
}

TEST(Recognition, OnlyTheNamedStagePostsIncome) {
  for (const RewardStage stage : kStages) {
    RewardState state;
    for (const RewardStage each : kStages) {
      const auto decision = recognise(at(stage), state, event(each, "2026-05-04", "2500")).value();
      state = decision.state;
      EXPECT_EQ(decision.income, each == stage ? dec("2500") : dec("0")) << describe(stage) << describe(each);
      ASSERT_TRUE(decision.entry.has_value());  // each stage has an account of its own
      EXPECT_TRUE(balances(*decision.entry));
      EXPECT_EQ(state.pending, each < stage ? dec("0.9") : dec("0"));
      EXPECT_EQ(state.receivable, each >= stage && each != RewardStage::kReceived ? dec("0.9") : dec("0"));
    }
    EXPECT_TRUE(state.receivable.is_zero());
    EXPECT_TRUE(state.standing_account.empty());
  }
}

TEST(Recognition, ReceivableBecomesALotAtItsIncomeAndItsAge) {
  const auto policy = at(RewardStage::kClaimable);
  const auto claimable = recognise(policy, {}, event(RewardStage::kClaimable, "2026-05-04", "2500")).value();
  EXPECT_TRUE(balances(*claimable.entry));
  EXPECT_EQ(sum_of(*claimable.entry, "Assets:Rewards receivable:Claimable:ETH", "ETH"), dec("0.9"));
  EXPECT_EQ(sum_of(*claimable.entry, "Expenses:Staking provider:consensus", "USD"), dec("250"));
  EXPECT_TRUE(claimable.receipts.empty());
  const auto received =
      recognise(policy, claimable.state, event(RewardStage::kReceived, "2026-05-09", "3000")).value();
  EXPECT_TRUE(balances(*received.entry));
  EXPECT_EQ(received.receipts,
            (std::vector<LotReceipt>{{"ETH", dec("0.9"), dec("2250"), day("2026-05-04")}}));
  EXPECT_EQ(sum_of(*received.entry, "Assets:Coins:ETH", "ETH"), dec("0.9"));
  EXPECT_TRUE(received.income.is_zero());
}

TEST(Recognition, CoinsMoveFromStageToStageAndPlaceToPlace) {
  auto credited = event(RewardStage::kProtocolCredit, "2026-05-04", "2500");
  credited.place.account = "validator: 7";
  auto claimable = event(RewardStage::kClaimable, "2026-05-05", "2600");
  claimable.gross = dec("1.1");  // more by now: income where it is recognised, else only pending
  auto received = event(RewardStage::kReceived, "2026-05-06", "2700");
  received.gross = dec("1.1");
  received.place = {"wallet", books::CoinState::kStaked};
  for (const RewardStage income_at : kStages) {
    const auto policy = at(income_at);
    const auto first = recognise(policy, {}, credited).value();
    const auto second = recognise(policy, first.state, claimable).value();
    const auto third = recognise(policy, second.state, received).value();
    const auto in = [&](const std::string& account) {
      Decimal sum;
      for (const auto* each : {&first, &second, &third}) sum += sum_of(*each->entry, account, "ETH");
      return sum;
    };
    const bool is_income = income_at == RewardStage::kProtocolCredit;
    const std::string early =
        is_income ? reward_receivable_account("ETH", RewardStage::kProtocolCredit, "validator: 7")
                  : reward_pending_account("ETH", RewardStage::kProtocolCredit, "validator: 7");
    EXPECT_EQ(sum_of(*first.entry, early, "ETH"), dec("0.9"));
    EXPECT_EQ(sum_of(*second.entry, early, "ETH"), dec("-0.9"));
    const std::string later = income_at == RewardStage::kReceived
                                  ? reward_pending_account("ETH", RewardStage::kClaimable)
                                  : reward_receivable_account("ETH", RewardStage::kClaimable);
    EXPECT_EQ(sum_of(*second.entry, later, "ETH"), dec("1"));
    EXPECT_EQ(sum_of(*third.entry, later, "ETH"), dec("-1"));
    EXPECT_EQ(in("Assets:Staked:ETH:wallet"), dec("1"));
    EXPECT_TRUE(in("Conversion:ETH not yet income").is_zero());
    EXPECT_TRUE(in("Conversion:ETH receivable").is_zero());
  }
  EXPECT_EQ(reward_pending_account("ETH", RewardStage::kClaimable, "validator: 7"),
            "Conversion:ETH not yet income:Claimable:validator%3A%207");
}

TEST(Recognition, ASkippedStageIsRecognisedAtTheNextOne) {
  // Adding stake claims by itself: no CLAIMABLE is ever seen (facts 0, Cronos).
  const auto decision =
      recognise(at(RewardStage::kClaimable), {}, event(RewardStage::kReceived, "2026-05-04", "2500")).value();
  EXPECT_EQ(decision.income, dec("2500"));
  EXPECT_EQ(decision.receipts.at(0).cost, dec("2250"));
}

TEST(Recognition, NetPresentationShowsOnlyWhatTheFundKeeps) {
  const auto decision = recognise(at(RewardStage::kReceived, RewardPresentation::kNet), {},
                                  event(RewardStage::kReceived, "2026-05-04", "2500"))
                            .value();
  EXPECT_EQ(decision.income, dec("2250"));
  EXPECT_EQ(sum_of(*decision.entry, "Expenses:Staking provider:consensus", "USD"), dec("0"));
}

TEST(Recognition, MoreOrLessThanWasRecognisedIsIncomeOrTakenBackOnReceipt) {
  const auto policy = at(RewardStage::kProtocolCredit);
  const auto credited =
      recognise(policy, {}, event(RewardStage::kProtocolCredit, "2026-05-04", "2500")).value();
  auto more = event(RewardStage::kReceived, "2026-05-09", "3000");
  more.gross = dec("1.1");
  const auto with_more = recognise(policy, credited.state, more).value();
  EXPECT_EQ(with_more.income, dec("300"));
  EXPECT_EQ(with_more.receipts,
            (std::vector<LotReceipt>{{"ETH", dec("0.9"), dec("2250"), day("2026-05-04")},
                                     {"ETH", dec("0.1"), dec("300"), day("2026-05-09")}}));
  auto less = event(RewardStage::kReceived, "2026-05-09", "3000");
  less.gross = dec("0.4");
  const auto with_less = recognise(policy, credited.state, less).value();
  EXPECT_EQ(with_less.income, dec("-1500"));
  EXPECT_EQ(with_less.receipts,
            (std::vector<LotReceipt>{{"ETH", dec("0.3"), dec("750"), day("2026-05-04")}}));
  EXPECT_TRUE(balances(*with_less.entry));
}

TEST(Recognition, TheSameEventOnceMoreChangesNothingAndWithOtherContentIsRefused) {
  const auto policy = at(RewardStage::kClaimable);
  const auto first = event(RewardStage::kClaimable, "2026-05-04", "2500");
  const auto decision = recognise(policy, {}, first).value();
  const auto again = recognise(policy, decision.state, first).value();
  EXPECT_FALSE(again.entry);
  EXPECT_EQ(again.state, decision.state);
  auto other = first;
  other.gross = dec("2");
  EXPECT_EQ(message_of(recognise(policy, decision.state, other)),
            "reward 'r1' at CLAIMABLE: the same stage came before with other content");
  EXPECT_EQ(
      message_of(recognise(policy, decision.state, event(RewardStage::kProtocolCredit, "2026-05-04", "1"))),
      "reward 'r1' at PROTOCOL_CREDIT: its stage goes back");
  EXPECT_EQ(message_of(recognise(policy, decision.state, event(RewardStage::kReceived, "2026-05-03", "1"))),
            "reward 'r1' at RECEIVED: its date goes back");
}

TEST(Recognition, BadEventsAreRefused) {
  const auto policy = at(RewardStage::kReceived);
  auto bad = event(RewardStage::kReceived, "2026-05-04", "2500");
  bad.type = "execution";
  EXPECT_EQ(message_of(recognise(policy, {}, bad)),
            "reward 'r1' at RECEIVED: the fund has no policy for rewards of type 'execution'");
  bad = event(RewardStage::kReceived, "2026-05-04", "0");
  EXPECT_EQ(message_of(recognise(policy, {}, bad)), "reward 'r1' at RECEIVED: price is not positive");
  bad = event(RewardStage::kReceived, "2026-05-04", "1");
  bad.gross = dec("0");
  EXPECT_EQ(message_of(recognise(policy, {}, bad)), "reward 'r1' at RECEIVED: quantity is not positive");
  bad.gross = dec("0.05");
  EXPECT_EQ(message_of(recognise(policy, {}, bad)),
            "reward 'r1' at RECEIVED: the provider's cut is above the reward");
}

TEST(Recognition, AStateBeforeReceiptAndAPlaceTooLongAreRefused) {
  auto bad = event(RewardStage::kClaimable, "2026-05-04", "1");
  bad.place.state = books::CoinState::kStaked;
  EXPECT_EQ(message_of(recognise(at(RewardStage::kReceived), {}, bad)),
            "reward 'r1' at CLAIMABLE: a state is said where it was received, not before");
  bad.place = {std::string(101, 'x'), {}};
  EXPECT_EQ(message_of(recognise(at(RewardStage::kReceived), {}, bad)),
            "reward 'r1' at CLAIMABLE: its place is too long");
}

TEST(Recognition, OverAnyStagesCoinsAndIncomeAreCountedOnce) {
  EXPECT_TRUE(rc::check("coins in = net received; cost of lots + cuts = income", [] {
    const auto policy = at(kStages[static_cast<std::size_t>(*rc::gen::inRange(0, 3))]);
    RewardState state;
    Decimal coins, conversion_dollars, receivable, pending, income, cuts, lots_cost, lots_quantity;
    Decimal net;
    for (const RewardStage stage : kStages) {
      if (stage != RewardStage::kReceived && *rc::gen::arbitrary<bool>()) continue;
      RewardEvent each = event(stage, "2026-05-04", "1");
      each.gross = Decimal::of(*rc::gen::inRange(1, 2'000'000), 6);
      each.provider_cut =
          money::multiply(each.gross, Decimal::of(*rc::gen::inRange(0, 101), 2), 6, Rounding::kDown);
      each.price = Decimal::of(*rc::gen::inRange(1, 500'000), 2);
      net = each.gross - each.provider_cut;
      const auto decision = recognise(policy, state, each).value();
      state = decision.state;
      income += decision.income;
      for (const LotReceipt& lot : decision.receipts) {
        lots_cost += lot.cost;
        lots_quantity += lot.quantity;
      }
      if (!decision.entry) continue;
      RC_ASSERT(balances(*decision.entry));
      coins += sum_of(*decision.entry, "Assets:Coins:ETH", "ETH");
      for (const RewardStage before : {RewardStage::kProtocolCredit, RewardStage::kClaimable}) {
        receivable += sum_of(*decision.entry, reward_receivable_account("ETH", before), "ETH");
        pending += sum_of(*decision.entry, reward_pending_account("ETH", before), "ETH");
      }
      RC_ASSERT(receivable == state.receivable && pending == state.pending);
      RC_ASSERT(state.receivable.is_zero() || state.pending.is_zero());
      conversion_dollars += sum_of(*decision.entry, "Conversion:ETH receivable", "USD");
      cuts += sum_of(*decision.entry, "Expenses:Staking provider:consensus", "USD");
    }
    RC_ASSERT(coins == net);
    RC_ASSERT(lots_quantity == net);
    RC_ASSERT(receivable.is_zero() && pending.is_zero() && conversion_dollars.is_zero());
    RC_ASSERT(income == lots_cost + cuts);
  }));
}

}  // namespace
}  // namespace navkeeper::nav::policy
