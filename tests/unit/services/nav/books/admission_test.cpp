#include "services/nav/domain/books/admission.h"

#include <gtest/gtest.h>

namespace navkeeper::tests {
namespace {

namespace books = nav::books;
using books::AdmissionRefusal;
using books::RegisterEffect;
using time::Date;

books::Entry entry(const char* trade, const char* book, const char* settlement) {
  books::Entry entry;
  entry.trade_date = Date::literal(trade);
  entry.book_date = Date::literal(book);
  entry.settlement_date = Date::literal(settlement);
  return entry;
}

books::JournalState after_split(const char* date) {
  return {.closed_through = {}, .last_split = Date::literal(date), .later_shares = {}};
}

TEST(Admission, AnEntryIsNotBookedBeforeItWasAgreed) {
  EXPECT_TRUE(admit(entry("2026-03-02", "2026-03-03", "2026-03-04"), RegisterEffect::kNone, {}).has_value());
  EXPECT_EQ(admit(entry("2026-03-02", "2026-03-01", "2026-03-04"), RegisterEffect::kNone, {}).error(),
            AdmissionRefusal::kDatesOutOfOrder);
  EXPECT_EQ(admit(entry("2026-03-02", "2026-03-03", "2026-03-01"), RegisterEffect::kNone, {}).error(),
            AdmissionRefusal::kDatesOutOfOrder);
}

TEST(Admission, TheLastClosedDayIsClosedAndTheNextIsOpen) {
  books::JournalState state;
  state.closed_through = Date::literal("2026-02-28");
  const auto closed = admit(entry("2026-02-27", "2026-02-28", "2026-03-02"), RegisterEffect::kNone, state);
  EXPECT_EQ(closed.error(), AdmissionRefusal::kClosedPeriod);
  EXPECT_TRUE(
      admit(entry("2026-02-27", "2026-03-01", "2026-03-02"), RegisterEffect::kNone, state).has_value());
  EXPECT_EQ(books::admit_reversal({.book_date = Date::literal("2026-02-28")}, state).error(),
            AdmissionRefusal::kClosedPeriod);
}

TEST(Admission, AShareChangeFromBeforeASplitComesTooLate) {
  const auto late = entry("2026-03-02", "2026-03-10", "2026-03-10");
  const auto state = after_split("2026-03-05");
  EXPECT_EQ(admit(late, RegisterEffect::kChange, state).error(), AdmissionRefusal::kSharesBeforeSplit);
  EXPECT_EQ(admit(late, RegisterEffect::kSplit, state).error(), AdmissionRefusal::kSharesBeforeSplit);
  EXPECT_TRUE(admit(late, RegisterEffect::kNone, state).has_value());
  EXPECT_TRUE(
      admit(entry("2026-03-05", "2026-03-06", "2026-03-06"), RegisterEffect::kChange, state).has_value());
}

TEST(Admission, ASplitDoesNotMultiplySharesThatAreBookedLater) {
  books::JournalState state;
  state.later_shares = {{Date::literal("2026-03-04"), Date::literal("2026-03-06"), money::Units(1)}};
  EXPECT_EQ(admit(entry("2026-03-05", "2026-03-05", "2026-03-05"), RegisterEffect::kSplit, state).error(),
            AdmissionRefusal::kSplitBeforeShares);
  EXPECT_TRUE(
      admit(entry("2026-03-06", "2026-03-06", "2026-03-06"), RegisterEffect::kSplit, state).has_value());
}

TEST(Admission, OrdersOfTheSameDatesDoNotCancelBeforeASplitButWhatWasReversedIsGone) {
  const Date traded = Date::literal("2026-03-04");
  const Date booked = Date::literal("2026-03-06");
  const auto split = entry("2026-03-05", "2026-03-05", "2026-03-05");
  books::JournalState state;
  state.later_shares = {{traded, booked, money::Units(10)}, {traded, booked, money::Units(-10)}};
  EXPECT_EQ(admit(split, RegisterEffect::kSplit, state).error(), AdmissionRefusal::kSplitBeforeShares);
  state.later_shares = {{traded, booked, money::Units(0)}};  // as a store that adds them up says it
  EXPECT_EQ(admit(split, RegisterEffect::kSplit, state).error(), AdmissionRefusal::kSplitBeforeShares);
  state.later_shares = {{traded, booked, money::Units(10), false},
                        {traded, booked, money::Units(-10), false}};
  EXPECT_TRUE(admit(split, RegisterEffect::kSplit, state).has_value());
}

TEST(Admission, AnOrderOfTheSplitsDayIsInNewSharesThoughItCameFirst) {
  books::JournalState state;
  state.later_shares = {{Date::literal("2026-03-05"), Date::literal("2026-03-06"), money::Units(7)}};
  EXPECT_TRUE(
      admit(entry("2026-03-05", "2026-03-05", "2026-03-05"), RegisterEffect::kSplit, state).has_value());
  EXPECT_EQ(books::new_shares_of(Date::literal("2026-03-05"), state), money::Units(7));
  EXPECT_EQ(books::new_shares_of(Date::literal("2026-03-04"), state), money::Units(0));
}

TEST(Admission, ARegisterBelowZeroIsFoundOnItsDayByTradeAndByBookDate) {
  books::JournalState state;
  state.later_shares = {{Date::literal("2026-03-05"), Date::literal("2026-03-09"), money::Units(10)}};
  EXPECT_EQ(
      books::day_without_shares(money::Units(0), entry("2026-03-04", "2026-03-05", "2026-03-05"), state),
      Date::literal("2026-03-04"));
  EXPECT_EQ(
      books::day_without_shares(money::Units(0), entry("2026-03-05", "2026-03-06", "2026-03-06"), state),
      Date::literal("2026-03-06"));
  EXPECT_EQ(
      books::day_without_shares(money::Units(0), entry("2026-03-05", "2026-03-09", "2026-03-09"), state),
      std::nullopt);
}

TEST(Admission, SharesThatASplitMultipliedAreNotTakenBackAsTheyWere) {
  const Date day = Date::literal("2026-03-02");
  EXPECT_EQ(books::admit_reversal(
                {.book_date = day, .effect = RegisterEffect::kChange, .has_split_since = true}, {})
                .error(),
            AdmissionRefusal::kSplitSince);
  EXPECT_EQ(books::admit_reversal(
                {.book_date = day, .effect = RegisterEffect::kSplit, .has_shares_since = true}, {})
                .error(),
            AdmissionRefusal::kSharesSince);
  EXPECT_TRUE(books::admit_reversal(
                  {.book_date = day, .effect = RegisterEffect::kChange, .has_shares_since = true}, {})
                  .has_value());
  EXPECT_TRUE(books::admit_reversal({.book_date = day, .has_split_since = true}, {}).has_value());
}

TEST(Admission, AnEntryIsTakenBackOnceAndAReversalNever) {
  const Date day = Date::literal("2026-03-02");
  EXPECT_EQ(books::admit_reversal({.book_date = day, .is_reversed = true}, {}).error(),
            AdmissionRefusal::kReversedBefore);
  EXPECT_EQ(books::admit_reversal({.book_date = day, .is_reversal = true}, {}).error(),
            AdmissionRefusal::kReversalOfReversal);
}

}  // namespace
}  // namespace navkeeper::tests
