// What an order may be, and the life of it.
#include "services/nav/domain/dealing/order.h"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "tests/unit/services/nav/dealing/dealing_fixture.h"

namespace navkeeper::nav::dealing {
namespace {

class CheckOrder : public ::testing::Test {
 protected:
  base::Result<void, OrderRefusal> check() {
    sight_.terms = has_terms_ ? &terms_ : nullptr;
    sight_.exchange = &time::Calendar::exchange();
    sight_.valuation = new_york();
    sight_.participant = is_known_ ? &participant_ : nullptr;
    return check_order(order_, sight_);
  }
  void expect(OrderRefusal refusal) {
    const auto checked = check();
    ASSERT_TRUE(checked.has_error()) << describe(refusal);
    EXPECT_EQ(checked.error(), refusal) << describe(checked.error());
    EXPECT_FALSE(field_of(refusal).empty());
  }

  DealingTerms terms_ = some_terms();
  Order order_ = some_order();
  AuthorizedParticipant participant_ = some_participant();
  PlacementSight sight_{.now = time::Instant::literal("2026-03-09T15:31:00Z")};
  bool has_terms_ = true;
  bool is_known_ = true;
};

TEST_F(CheckOrder, InProperFormAndInTimeIsTaken) { EXPECT_FALSE(check().has_error()); }

TEST_F(CheckOrder, FractionalZeroAndNegativeUnitsAreRefused) {
  order_.units = dec("1.5");
  expect(OrderRefusal::kUnitsNotWhole);
  order_.units = {};
  expect(OrderRefusal::kUnitsNotPositive);
  order_.units = dec("-1");
  expect(OrderRefusal::kUnitsNotPositive);
  order_.units = dec("51");
  expect(OrderRefusal::kUnitsTooMany);
  order_.units = dec("50");
  EXPECT_FALSE(check().has_error());
}

TEST_F(CheckOrder, WithoutTermsTheFundDoesNotDeal) {
  has_terms_ = false;
  expect(OrderRefusal::kNoDealing);
}

TEST_F(CheckOrder, AtTheCutOffIsInTimeAndANanosecondLaterIsNot) {
  sight_.now = time::Instant::literal("2026-03-10T00:00:00Z");
  order_.received_at =
      time::Instant::literal("2026-03-09T20:00:00Z");  // 16:00, in summer time since the day before
  EXPECT_FALSE(check().has_error());
  order_.received_at = order_.received_at + time::Duration::from_ns(1);
  expect(OrderRefusal::kAfterCutOff);
  order_.form = OrderForm::kCash;
  order_.received_at = time::Instant::literal("2026-03-09T18:00:00Z");
  EXPECT_FALSE(check().has_error());
  order_.received_at = time::Instant::literal("2026-03-09T18:00:01Z");
  expect(OrderRefusal::kAfterCutOff);
  order_.cycle = SettlementCycle::kSameDay;
  order_.received_at = time::Instant::literal("2026-03-09T17:30:01Z");
  expect(OrderRefusal::kAfterCutOff);
}

TEST_F(CheckOrder, AnEarlyCloseBringsTheCutOffForward) {
  order_.trade_date = day("2026-11-27");  // closes at 13:00
  sight_.now = time::Instant::literal("2026-11-28T00:00:00Z");
  order_.received_at = time::Instant::literal("2026-11-27T18:00:00Z");
  EXPECT_FALSE(check().has_error());
  order_.received_at = time::Instant::literal("2026-11-27T18:00:01Z");
  expect(OrderRefusal::kAfterCutOff);
  order_.form = OrderForm::kCash;  // two hours before the valuation, as on any day
  order_.received_at = time::Instant::literal("2026-11-27T16:00:01Z");
  expect(OrderRefusal::kAfterCutOff);
}

TEST_F(CheckOrder, DatesThatCannotBeAreRefused) {
  order_.trade_date = day("2026-03-08");  // a Sunday
  expect(OrderRefusal::kNotABusinessDay);
  order_.trade_date = day("2040-03-08");
  expect(OrderRefusal::kNotABusinessDay);
  order_ = some_order();
  order_.received_at = sight_.now + time::Duration::seconds(1);
  expect(OrderRefusal::kReceivedInFuture);
  order_ = some_order();
  order_.trade_date = day("2026-03-11");
  expect(OrderRefusal::kTooFarAhead);
  order_.trade_date = day("2026-03-10");  // the evening before
  EXPECT_FALSE(check().has_error());
  order_ = some_order();
  sight_.last_struck = day("2026-03-09");
  expect(OrderRefusal::kNavIsStruck);
}

TEST_F(CheckOrder, WhoMayNotDealIsRefused) {
  is_known_ = false;
  expect(OrderRefusal::kUnknownParticipant);
  is_known_ = true;
  participant_.agreement_from = day("2026-03-10");
  expect(OrderRefusal::kBeforeAgreement);
  participant_ = some_participant();
  participant_.standings.push_back({day("2026-03-09"), true, "margin call"});
  expect(OrderRefusal::kSuspended);
  participant_.standings.push_back({day("2026-03-10"), false, "paid"});
  expect(OrderRefusal::kSuspended);
  participant_.standings.push_back({day("2026-03-01"), false, "it was an error"});
  EXPECT_FALSE(check().has_error());
}

TEST_F(CheckOrder, ASameDayOrderNeedsACycle) {
  order_.cycle = SettlementCycle::kSameDay;
  EXPECT_FALSE(check().has_error());
  terms_.cut_off_same_day.reset();
  expect(OrderRefusal::kNoSameDayCycle);
}

TEST_F(CheckOrder, ACustomBasketNeedsItsPolicyAndItsRecord) {
  order_.custom =
      CustomBasket{{{coin("BTC"), dec("1.8")}}, "the participant's client holds bitcoin", "no dilution"};
  EXPECT_FALSE(check().has_error());
  order_.custom->finding.clear();
  expect(OrderRefusal::kCustomNotOnRecord);
  order_.custom->finding = "no dilution";
  order_.custom->per_unit.push_back({coin("BTC"), dec("1")});
  expect(OrderRefusal::kCustomComponent);
  order_.custom->per_unit = {{coin("CRO"), dec("1")}};
  expect(OrderRefusal::kCustomComponent);
  order_.custom->per_unit = {{coin("ETH"), dec("1.000000001")}};
  expect(OrderRefusal::kCustomComponent);
  order_.custom->per_unit = {{coin("ETH"), dec("1")}};
  order_.form = OrderForm::kCash;
  expect(OrderRefusal::kCustomInCash);
  terms_.custom.reset();
  expect(OrderRefusal::kCustomNotAllowed);
}

TEST(OrderLife, EveryStepOfEveryState) {
  using S = OrderState;
  using T = OrderStep;
  constexpr std::array kStates{S::kPlaced,   S::kAccepted, S::kRejected, S::kCancelled, S::kPriced,
                               S::kSettling, S::kFailed,   S::kSettled,  S::kClosedOut};
  constexpr std::array kSteps{T::kAccept,     T::kReject,    T::kCancel, T::kAmend,   T::kPrice,
                              T::kSettlePart, T::kSettleAll, T::kFail,   T::kCloseOut};
  // The whole table, in words: state, step, next.
  const std::map<std::pair<S, T>, S> allowed{
      {{S::kPlaced, T::kAccept}, S::kAccepted},     {{S::kPlaced, T::kReject}, S::kRejected},
      {{S::kPlaced, T::kCancel}, S::kCancelled},    {{S::kAccepted, T::kCancel}, S::kCancelled},
      {{S::kAccepted, T::kAmend}, S::kAccepted},    {{S::kAccepted, T::kPrice}, S::kPriced},
      {{S::kPriced, T::kSettlePart}, S::kSettling}, {{S::kPriced, T::kSettleAll}, S::kSettled},
      {{S::kPriced, T::kFail}, S::kFailed},         {{S::kSettling, T::kSettlePart}, S::kSettling},
      {{S::kSettling, T::kSettleAll}, S::kSettled}, {{S::kSettling, T::kFail}, S::kFailed},
      {{S::kFailed, T::kSettlePart}, S::kSettling}, {{S::kFailed, T::kSettleAll}, S::kSettled},
      {{S::kFailed, T::kFail}, S::kFailed},         {{S::kFailed, T::kCloseOut}, S::kClosedOut}};
  for (const S state : kStates) {
    EXPECT_EQ(parse_order_state(describe(state)), state);
    for (const T step : kSteps) {
      const auto found = allowed.find({state, step});
      const auto next = after(state, step);
      EXPECT_EQ(next.has_value(), found != allowed.end()) << describe(state) << " " << describe(step);
      if (next && found != allowed.end()) {
        EXPECT_EQ(*next, found->second);
      }
    }
  }
}

}  // namespace
}  // namespace navkeeper::nav::dealing
