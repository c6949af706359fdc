// Books against bank: what always holds, over random movements; and each type of break.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <set>

#include "services/nav/domain/cash/bank_matching.h"

namespace navkeeper::nav::cash {
namespace {

using money::Decimal;
using time::Date;

const Date kDay = Date::literal("2026-03-10");

BookMovement book(std::int64_t seq, const char* amount, Date day, const char* id = "") {
  return {seq, "orders", id, "creation", day, Decimal::literal(amount), {id}};
}
BankMovement bank(int line, const char* amount, Date day, const char* reference = "") {
  return {"main", "S", line, day, day, Decimal::literal(amount), {reference}, ""};
}
ReconciliationInput input_of(std::vector<BookMovement> books, std::vector<BankMovement> lines) {
  ReconciliationInput input;
  input.as_of = kDay + 5;
  input.opening_day = kDay - 30;
  input.book = std::move(books);
  input.bank = std::move(lines);
  return input;
}

TEST(Matching, ByReferenceThenAmountThenDays) {
  const auto result =
      reconcile(input_of({book(1, "10", kDay, "A"), book(2, "20", kDay), book(3, "30", kDay)},
                         {bank(1, "30", kDay + 2), bank(2, "10", kDay + 1, "A"), bank(3, "20", kDay)}));
  EXPECT_TRUE(result.agrees());
  ASSERT_EQ(result.matches.size(), 3U);
  EXPECT_EQ(result.matches[0].by, MatchedBy::kReference);
  EXPECT_EQ(result.matches[1].by, MatchedBy::kAmountAndDay);
  EXPECT_EQ(result.matches[2].by, MatchedBy::kAmountAndDays);
}

TEST(Matching, EachTypeOfBreakIsNamedWithItsAge) {
  ReconciliationInput input =
      input_of({book(1, "10", kDay, "A"), book(2, "20", kDay, "B"), book(3, "5", kDay - 20, "C")},
               {bank(1, "11", kDay, "A"), bank(2, "7", kDay + 4), bank(3, "5", kDay, "C")});
  input.bank_opening = Decimal::literal("3");
  const auto result = reconcile(input);
  ASSERT_EQ(result.breaks.size(), 5U);
  EXPECT_EQ(result.breaks[0].type, BreakType::kOpening);
  EXPECT_EQ(result.breaks[1].type, BreakType::kDateDiffers);
  EXPECT_EQ(result.breaks[1].age_days, 25);
  EXPECT_EQ(age_bucket(result.breaks[1].age_days), "6-30");
  EXPECT_EQ(result.breaks[2].type, BreakType::kAmountDiffers);
  EXPECT_EQ(result.breaks[2].difference, Decimal::literal("1"));
  EXPECT_EQ(result.breaks[3].type, BreakType::kMissingAtBank);
  EXPECT_EQ(result.breaks[3].difference, Decimal::literal("-20"));
  EXPECT_EQ(result.breaks[4].type, BreakType::kMissingInBooks);
  EXPECT_EQ(result.breaks[4].age_days, 1);
}

TEST(Matching, AnEntryAndItsReversalNeedNoBank) {
  BookMovement reversal = book(2, "-10", kDay);
  reversal.source = "reversal";
  reversal.id = "orders:A";
  EXPECT_TRUE(reconcile(input_of({book(1, "10", kDay, "A"), reversal}, {})).agrees());
}

TEST(Matching, APersonsPairGoesBeforeAnyRule) {
  ReconciliationInput input = input_of({book(1, "10", kDay), book(2, "10", kDay)}, {bank(1, "10", kDay)});
  input.named = {{1, 0}};
  const auto result = reconcile(input);
  EXPECT_EQ(result.matches[0].by, MatchedBy::kPerson);
  EXPECT_EQ(result.matches[0].book, std::vector<std::size_t>{1});
}

/// Few amounts, days and references, so that they meet.
ReconciliationInput random_input() {
  const char* const references[] = {"", "", "A", "B", "C"};
  const char* const amounts[] = {"1", "-1", "2", "-3", "10.5"};
  const auto pick = [](auto& list) { return list[*rc::gen::inRange<std::size_t>(0, 5)]; };
  std::vector<BookMovement> books;
  std::vector<BankMovement> lines;
  const int book_count = *rc::gen::inRange(0, 12);
  const int bank_count = *rc::gen::inRange(0, 12);
  for (int i = 0; i < book_count; ++i)
    books.push_back(book(i, pick(amounts), kDay - *rc::gen::inRange(0, 8), pick(references)));
  for (int i = 0; i < bank_count; ++i)
    lines.push_back(bank(i, pick(amounts), kDay - *rc::gen::inRange(0, 8), pick(references)));
  ReconciliationInput input = input_of(books, lines);
  input.bank_opening = Decimal::of(*rc::gen::inRange(0, 3));
  input.books_opening = Decimal::of(*rc::gen::inRange(0, 3));
  return input;
}

RC_GTEST_PROP(Matching, TheDifferenceIsTheSumOfTheBreaksAndNothingIsCountedTwice, ()) {
  const ReconciliationInput input = random_input();
  const Reconciliation result = reconcile(input);
  Decimal sum;
  std::multiset<std::size_t> books, lines;
  for (const Break& one : result.breaks) {
    sum += one.difference;
    if (one.type == BreakType::kDateDiffers) continue;  // matched too
    books.insert(one.book.begin(), one.book.end());
    lines.insert(one.bank.begin(), one.bank.end());
  }
  for (const Match& one : result.matches) {
    books.insert(one.book.begin(), one.book.end());
    lines.insert(one.bank.begin(), one.bank.end());
  }
  RC_ASSERT(result.bank - result.books == sum);
  RC_ASSERT(books.size() == input.book.size());
  RC_ASSERT(lines.size() == input.bank.size());
  for (std::size_t i = 0; i < input.book.size(); ++i) RC_ASSERT(books.count(i) == 1U);
}

RC_GTEST_PROP(Matching, NoPairOfEqualAmountsWithinTheDaysIsLeft, ()) {
  const ReconciliationInput input = random_input();
  const Reconciliation result = reconcile(input);
  for (const Break& ours : result.breaks) {
    if (ours.type != BreakType::kMissingAtBank) continue;
    for (const Break& theirs : result.breaks) {
      if (theirs.type != BreakType::kMissingInBooks) continue;
      const BookMovement& a = input.book[ours.book[0]];
      const BankMovement& b = input.bank[theirs.bank[0]];
      RC_ASSERT(a.amount != b.amount || std::abs(a.settled - b.value) > input.days_max);
    }
  }
}

}  // namespace
}  // namespace navkeeper::nav::cash
