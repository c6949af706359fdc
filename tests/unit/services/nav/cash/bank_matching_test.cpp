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
  input.named = {{{1}, {0}}};
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

TEST(Agreement, IsTheLastDayFromWhichNothingCanReachBack) {
  ReconciliationInput input = input_of({book(1, "10", kDay, "A"), book(2, "20", kDay + 1)},
                                       {bank(1, "10", kDay, "A"), bank(2, "20", kDay + 1)});
  auto agreed = agreement_in(input, reconcile(input));
  ASSERT_TRUE(agreed.has_value());
  EXPECT_EQ(agreed->day, input.as_of);
  EXPECT_EQ(agreed->balance, Decimal::literal("30"));
  // A day apart: three days later a nearer one can no longer come, so it stands in the way until then.
  input.bank[1].booked = input.bank[1].value = kDay + 2;
  EXPECT_EQ(agreement_in(input, reconcile(input))->day, input.as_of);
  input.as_of = kDay + 4;
  agreed = agreement_in(input, reconcile(input));
  EXPECT_EQ(agreed->day, kDay);
  EXPECT_EQ(agreed->balance, Decimal::literal("10"));
  // A break, and what is matched across it.
  input = input_of({book(1, "10", kDay - 3, "A"), book(2, "7", kDay - 1)}, {bank(1, "10", kDay, "A")});
  EXPECT_EQ(agreement_in(input, reconcile(input))->day, kDay - 4);
  input.bank_opening = Decimal::literal("1");
  EXPECT_FALSE(agreement_in(input, reconcile(input)).has_value()) << "the accounts began apart";
}

/// Pairs of the past, most of them within the days; what came later under references of its own.
RC_GTEST_PROP(Agreement, WhatCameLaterIsMatchedAlikeWithAndWithoutThePast, ()) {
  const char* const amounts[] = {"1", "-1", "2", "-3", "10.5"};
  const auto amount = [&] { return amounts[*rc::gen::inRange<std::size_t>(0, 5)]; };
  std::vector<BookMovement> books;
  std::vector<BankMovement> lines;
  const int pairs = *rc::gen::inRange(0, 14);
  for (int i = 0; i < pairs; ++i) {
    const char* const sum = amount();
    const Date day = kDay - *rc::gen::inRange(0, 25);
    const std::string reference = *rc::gen::inRange(0, 3) == 0 ? "R" + std::to_string(i) : "";
    books.push_back(book(i, sum, day, reference.c_str()));
    if (*rc::gen::inRange(0, 8) != 0)
      lines.push_back(bank(i + 1, sum, std::min(kDay, day + *rc::gen::inRange(0, 5)), reference.c_str()));
  }
  ReconciliationInput input = input_of(books, lines);
  input.as_of = kDay;
  const auto agreed = agreement_in(input, reconcile(input));
  RC_PRE(agreed.has_value());
  input.as_of = kDay + 9;
  const int later = *rc::gen::inRange(0, 10);
  for (int i = 0; i < later; ++i) {
    const Date day = kDay + *rc::gen::inRange(1, 9);
    if (*rc::gen::inRange(0, 2) == 0)
      input.book.push_back(book(100 + i, amount(), day));
    else
      input.bank.push_back(bank(100 + i, amount(), day));
  }
  ReconciliationInput rest = input;
  rest.opening_day = agreed->day + 1;
  rest.bank_opening = rest.books_opening = agreed->balance;
  std::erase_if(rest.book, [&](const BookMovement& one) { return one.settled <= agreed->day; });
  std::erase_if(rest.bank, [&](const BankMovement& one) { return one.booked <= agreed->day; });
  const Reconciliation whole = reconcile(input);
  const Reconciliation after = reconcile(rest);
  RC_ASSERT(after.bank == whole.bank);
  RC_ASSERT(after.books == whole.books);
  const auto breaks_of = [](const ReconciliationInput& of, const Reconciliation& result) {
    std::multiset<std::string> found;
    for (const Break& one : result.breaks) {
      std::string text =
          std::string(describe(one.type)) + " " + one.difference.to_string() + " " + one.since.to_string();
      for (const std::size_t i : one.book) text += " book " + std::to_string(of.book[i].seq);
      for (const std::size_t i : one.bank) text += " bank " + std::to_string(of.bank[i].line);
      found.insert(text);
    }
    return found;
  };
  RC_ASSERT(breaks_of(rest, after) == breaks_of(input, whole));
}

}  // namespace
}  // namespace navkeeper::nav::cash
