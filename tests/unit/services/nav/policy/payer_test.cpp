// Who bears which expense, and what of it stands in the fund's books.
#include "services/nav/domain/policy/payer.h"

#include <gtest/gtest.h>

#include "tests/unit/services/nav/policy/support.h"

namespace navkeeper::nav::policy {
namespace {

const time::Date kStart = day("2026-04-29");

/// The sibling series' list (facts 0).
PayerTable unitary() {
  return PayerTable::unitary(
             std::vector{ExpenseType::kInterest, ExpenseType::kTaxes, ExpenseType::kAcquiredFund,
                         ExpenseType::kBrokerage, ExpenseType::kCreditFacility, ExpenseType::kExtraordinary},
             kStart)
      .value();
}

std::vector<PayerRule> all_by_fund() {
  std::vector<PayerRule> rules;
  for (const ExpenseType type : expense_types()) rules.push_back({type, Payer::kFund, kStart, std::nullopt});
  return rules;
}

std::vector<PayerRule> without(ExpenseType type) {
  auto rules = all_by_fund();
  std::erase_if(rules, [&](const PayerRule& rule) { return rule.type == type; });
  return rules;
}

IncurredExpense audit() {
  return {ExpenseType::kAudit, "Audit 2026", day("2026-05-04"), "invoice-7", dec("1250.50"),
          std::nullopt,        true};
}

TEST(Payers, EveryTypeHasItsOwnWordsAndReadsBack) {
  for (const ExpenseType type : expense_types()) EXPECT_EQ(parse_expense_type(describe(type)), type);
  EXPECT_EQ(parse_expense_type("gas"), std::nullopt);
  for (const Payer payer : {Payer::kFund, Payer::kAdviser}) EXPECT_EQ(parse_payer(describe(payer)), payer);
}

TEST(Payers, UnitaryFeeLeavesTheFundItsFeeAndTheListedExclusionsOnly) {
  int borne_by_fund = 0;
  for (const ExpenseType type : expense_types())
    borne_by_fund += unitary().payer(type, day("2027-01-01")).value() == Payer::kFund ? 1 : 0;
  EXPECT_EQ(borne_by_fund, 7);
  EXPECT_EQ(unitary().payer(ExpenseType::kTaxes, kStart).value(), Payer::kFund);
  EXPECT_EQ(unitary().payer(ExpenseType::kCustody, kStart).value(), Payer::kAdviser);
  EXPECT_EQ(unitary().payer(ExpenseType::kNetwork, kStart).value(), Payer::kAdviser);
}

TEST(Payers, UnitaryListWithARepeatedTypeOrTheFeeItselfIsRefused) {
  EXPECT_EQ(message_of(PayerTable::unitary(std::vector{ExpenseType::kTaxes, ExpenseType::kTaxes}, kStart)),
            "taxes: is listed twice as not covered");
  EXPECT_EQ(message_of(PayerTable::unitary(std::vector{ExpenseType::kManagement}, kStart)),
            "management fee: is the unitary fee itself, not an exclusion");
}

TEST(Payers, ChangeOfPayerHoldsFromItsDay) {
  auto rules = without(ExpenseType::kCustody);
  rules.push_back({ExpenseType::kCustody, Payer::kAdviser, day("2026-07-01"), std::nullopt});
  rules.push_back({ExpenseType::kCustody, Payer::kFund, kStart, day("2026-06-30")});
  const auto table = PayerTable::of(rules, kStart).value();
  EXPECT_EQ(table.payer(ExpenseType::kCustody, day("2026-06-30")).value(), Payer::kFund);
  EXPECT_EQ(table.payer(ExpenseType::kCustody, day("2026-07-01")).value(), Payer::kAdviser);
  EXPECT_EQ(message_of(table.payer(ExpenseType::kCustody, day("2026-04-28"))),
            "payer of custody fees: 2026-04-28 is before the fund's inception 2026-04-29");
}

TEST(Payers, OverlapGapMissingTypeAndBackwardRuleAreRefusedByName) {
  auto overlap = all_by_fund();
  overlap.push_back({ExpenseType::kAudit, Payer::kAdviser, day("2026-06-01"), std::nullopt});
  EXPECT_EQ(message_of(PayerTable::of(overlap, kStart)),
            "payer of audit fees from 2026-06-01: overlaps the rule before it");

  auto gap = without(ExpenseType::kAudit);
  gap.push_back({ExpenseType::kAudit, Payer::kFund, kStart, day("2026-05-31")});
  gap.push_back({ExpenseType::kAudit, Payer::kFund, day("2026-06-02"), std::nullopt});
  EXPECT_EQ(message_of(PayerTable::of(gap, kStart)),
            "payer of audit fees from 2026-06-02: leaves a gap from 2026-06-01");

  auto late = without(ExpenseType::kAudit);
  late.push_back({ExpenseType::kAudit, Payer::kFund, kStart + 1, std::nullopt});
  EXPECT_EQ(message_of(PayerTable::of(late, kStart)),
            "payer of audit fees from 2026-04-30: leaves a gap from 2026-04-29");

  EXPECT_EQ(message_of(PayerTable::of(without(ExpenseType::kAudit), kStart)),
            "payer of audit fees: is not ruled from 2026-04-29");

  auto backward = without(ExpenseType::kAudit);
  backward.push_back({ExpenseType::kAudit, Payer::kFund, kStart, kStart - 1});
  EXPECT_EQ(message_of(PayerTable::of(backward, kStart)),
            "payer of audit fees from 2026-04-29: ends before it begins");

  auto own = without(ExpenseType::kManagement);
  own.push_back({ExpenseType::kManagement, Payer::kAdviser, kStart, std::nullopt});
  EXPECT_EQ(message_of(PayerTable::of(own, kStart)),
            "payer of management fee from 2026-04-29: the adviser does not pay its own fee: waive it");
}

TEST(BookIncurred, ExpenseOfTheFundIsExpenseAndPayable) {
  const auto booking = book_incurred(PayerTable::of(all_by_fund(), kStart).value(), audit()).value();
  ASSERT_TRUE(booking.entry);
  EXPECT_TRUE(balances(*booking.entry));
  EXPECT_EQ(booking.entry->postings.size(), 2U);
  EXPECT_EQ(sum_of(*booking.entry, "Expenses:Fees:Audit 2026", "USD"), dec("1250.50"));
  EXPECT_EQ(sum_of(*booking.entry, "Liabilities:Fees payable:Audit 2026", "USD"), dec("-1250.50"));
  EXPECT_FALSE(booking.delivery);
}

TEST(BookIncurred, WhatTheFundOwesAndTheAdviserBearsIsReceivableFromTheAdviserAndCostsNothingNet) {
  const auto booking = book_incurred(unitary(), audit()).value();
  ASSERT_TRUE(booking.entry);
  EXPECT_TRUE(balances(*booking.entry));
  EXPECT_EQ(sum_of(*booking.entry, kAdviserReceivable, "USD"), dec("1250.50"));
  EXPECT_TRUE((sum_of(*booking.entry, expense_account("Audit 2026"), "USD") +
               sum_of(*booking.entry, reimbursed_account("Audit 2026"), "USD"))
                  .is_zero());
}

TEST(BookIncurred, WhatTheAdviserPaysItselfIsNotInTheBooks) {
  auto expense = audit();
  expense.is_charged_to_fund = false;
  EXPECT_FALSE(book_incurred(unitary(), expense).value().entry);
  // The fund's own expense is booked whoever was sent the invoice.
  expense.type = ExpenseType::kTaxes;
  EXPECT_TRUE(book_incurred(unitary(), expense).value().entry);
}

TEST(BookIncurred, GasLeavesTheFundsWalletAndComesBackFromTheAdviser) {
  IncurredExpense gas{ExpenseType::kNetwork,
                      "Network fees",
                      day("2026-05-04"),
                      "0xabc",
                      {},
                      IncurredExpense::Coins{"ETH", dec("0.000420001"), dec("2500")},
                      true};
  const auto booking = book_incurred(unitary(), gas).value();
  // 0.000420001 x 2500 = 1.0500025
  EXPECT_EQ(booking.delivery,
            (CoinDelivery{"ETH", dec("0.000420001"), dec("1.05"), DeliveryCause::kExpense}));
  EXPECT_EQ(sum_of(*booking.entry, payable_account("Network fees"), "USD"), dec("-1.05"));
  EXPECT_EQ(sum_of(*booking.entry, kAdviserReceivable, "USD"), dec("1.05"));
}

TEST(BookIncurred, BadExpensesAreRefused) {
  auto expense = audit();
  expense.amount = dec("0");
  EXPECT_EQ(message_of(book_incurred(unitary(), expense)), "expense 'Audit 2026': amount is not positive");
  expense.amount = dec("0.001");
  EXPECT_EQ(message_of(book_incurred(unitary(), expense)),
            "expense 'Audit 2026': amount has more than two decimals");
  expense = audit();
  expense.name = "a:b";
  EXPECT_EQ(message_of(book_incurred(unitary(), expense)), "expense 'a:b': is no name of an account");
  expense = audit();
  expense.coins = IncurredExpense::Coins{"ETH", dec("1"), dec("1")};
  EXPECT_EQ(message_of(book_incurred(unitary(), expense)),
            "expense 'Audit 2026': has both an amount and coins");
  expense.amount = {};
  expense.is_charged_to_fund = false;
  EXPECT_EQ(message_of(book_incurred(unitary(), expense)),
            "expense 'Audit 2026': is paid with the fund's coins but not charged to it");
  expense = audit();
  expense.date = day("2026-04-28");
  EXPECT_EQ(message_of(book_incurred(unitary(), expense)),
            "payer of audit fees: 2026-04-28 is before the fund's inception 2026-04-29");
}

TEST(SettleWithAdviser, WhatGoesBackBeyondWhatItOwesIsPayableAndSetOffAgainstWhatItOwesNext) {
  AdviserStanding standing{dec("100"), {}};
  const auto settled = [&](const char* change) {
    EntryDraft entry = entry_on(day("2026-05-04"), "limit", "limit");
    entry.debit(kAdviserReceivable, kDollars, dec(change)).credit(kAdviserReceivable, kDollars, dec("1"));
    entry.debit("Expenses:Fees:X", kDollars, dec("1") - dec(change));
    settle_with_adviser(entry, standing);
    EXPECT_TRUE(balances(entry));
    return std::pair(sum_of(entry, kAdviserReceivable, kDollars),
                     sum_of(entry, kReturnedToAdviser, kDollars));
  };
  EXPECT_EQ(settled("-59"), std::pair(dec("-60"), Decimal{}));
  EXPECT_EQ(settled("-69.5"), std::pair(dec("-40"), dec("-30.5")));
  EXPECT_EQ(standing.returned, dec("30.5"));
  EXPECT_EQ(settled("21"), std::pair(Decimal{}, dec("20")));
  EXPECT_EQ(settled("41"), std::pair(dec("29.5"), dec("10.5")));
  EXPECT_EQ(standing.receivable, dec("29.5"));
  EXPECT_EQ(standing.returned, Decimal{});
}

TEST(Payers, WhatAPayeeWasPaidTooMuchItOwesAndIsSetOffAgainstWhatItEarnsNext) {
  std::map<std::string, FeeStanding> standings{{"custody:bank", {dec("10"), {}}}};
  const auto settled = [&](const char* accrued, const char* fee = "custody:bank") {
    EntryDraft entry = entry_on(day("2026-05-04"), "fees", "fees");
    entry.debit(expense_account("custody"), kDollars, dec(accrued)).debit("Expenses:Fees:X", "CRO", dec("3"));
    entry.credit(payable_account(fee), kDollars, dec(accrued)).credit(payable_account(fee), "CRO", dec("3"));
    settle_fees(entry, standings);
    EXPECT_TRUE(balances(entry));
    EXPECT_EQ(sum_of(entry, payable_account(fee), "CRO"), dec("-3"));
    return std::pair(sum_of(entry, payable_account(fee), kDollars),
                     sum_of(entry, fee_receivable_account(fee), kDollars));
  };
  EXPECT_EQ(settled("5"), std::pair(dec("-5"), Decimal{}));
  EXPECT_EQ(settled("-15"), std::pair(dec("15"), Decimal{}));
  EXPECT_EQ(settled("-4.25"), std::pair(Decimal{}, dec("4.25")));
  EXPECT_EQ(settled("2", "audit"), std::pair(dec("-2"), Decimal{}));
  EXPECT_EQ(settled("4"), std::pair(Decimal{}, dec("-4")));
  EXPECT_EQ(settled("1"), std::pair(dec("-0.75"), dec("-0.25")));
  EXPECT_EQ(standings["custody:bank"].payable, dec("0.75"));
  EXPECT_EQ(standings["custody:bank"].receivable, Decimal{});
}

}  // namespace
}  // namespace navkeeper::nav::policy
