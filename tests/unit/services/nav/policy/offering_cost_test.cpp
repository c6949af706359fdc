// Offering costs add up to the cost whatever the strikes.
#include "services/nav/domain/policy/offering_cost.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "services/nav/domain/policy/month.h"
#include "tests/unit/services/nav/policy/support.h"

namespace navkeeper::nav::policy {
namespace {

TEST(MonthsAfter, IsTheSameDayOrTheFirstOfTheMonthAfter) {
  EXPECT_EQ(months_after(day("2026-02-13"), 12), day("2027-02-13"));
  EXPECT_EQ(months_after(day("2024-02-29"), 12), day("2025-03-01"));
  EXPECT_EQ(months_after(day("2026-10-31"), 4), day("2027-03-01"));
  EXPECT_EQ(months_after(day("2026-10-31"), 0), day("2026-10-31"));
  EXPECT_EQ(months_after(day("2026-12-15"), 36), day("2029-12-15"));
}

TEST(OfferingCosts, RunFromTheStartToTheDayBeforeItsAnniversary) {
  const auto cost = OfferingCost::of("Offering costs", dec("365"), day("2026-03-01")).value();
  EXPECT_EQ(cost.last(), day("2027-02-28"));
  EXPECT_EQ(cost.to_date(day("2026-02-28")), dec("0"));
  EXPECT_EQ(cost.to_date(day("2026-03-01")), dec("1"));
  EXPECT_EQ(cost.to_date(day("2027-02-27")), dec("364"));
  EXPECT_EQ(cost.to_date(day("2027-02-28")), dec("365"));
  EXPECT_EQ(cost.to_date(day("2030-01-01")), dec("365"));
}

TEST(OfferingCosts, EntryMovesTheDaysAmountFromDeferredToExpense) {
  const auto cost = OfferingCost::of("Offering costs", dec("365"), day("2026-03-01")).value();
  const auto entry = cost.entry(day("2026-03-06"), {day("2026-03-06"), day("2026-03-08")});
  EXPECT_TRUE(balances(entry));
  EXPECT_EQ(sum_of(entry, "Expenses:Fees:Offering costs", "USD"), dec("3"));
  EXPECT_EQ(sum_of(entry, "Assets:Deferred costs:Offering costs", "USD"), dec("-3"));
  EXPECT_TRUE(cost.entry(day("2027-03-01"), {day("2027-03-01"), day("2027-03-01")}).postings.empty());
  EXPECT_EQ(sum_of(cost.deferral(day("2026-02-20")), "Assets:Deferred costs:Offering costs", "USD"),
            dec("365"));
}

TEST(OfferingCosts, AnyPartitionOfTheDaysAddsUpToTheCostAndNoDayDriftsByMoreThanHalfACent) {
  EXPECT_TRUE(rc::check("cumulative amortisation is exact", [] {
    const Decimal cost = Decimal::of(*rc::gen::inRange(1, 500'000'000), 2);
    const time::Date start = day("2023-01-01") + *rc::gen::inRange(0, 800);
    const auto offering = OfferingCost::of("Offering costs", cost, start).value();
    Decimal sum;
    time::Date next = start - 3;
    while (next <= offering.last()) {
      const time::Date last = next + *rc::gen::inRange(0, 5);
      const Decimal amount = offering.amount({next, last});
      RC_ASSERT(!amount.is_negative());
      sum += amount;
      if (last >= start && last <= offering.last()) {
        const Exact naive = exact(cost) * Exact(last - start + 1) / Exact(offering.last() - start + 1);
        RC_ASSERT(magnitude(exact(sum) - naive) <= half_unit(2));
      }
      next = last + 1;
    }
    RC_ASSERT(sum == cost);
  }));
}

TEST(OfferingCosts, BadCostsAreRefused) {
  EXPECT_EQ(message_of(OfferingCost::of("Offering costs", dec("0"), day("2026-03-01"))),
            "offering cost 'Offering costs': is not positive");
  EXPECT_EQ(message_of(OfferingCost::of("Offering costs", dec("1.005"), day("2026-03-01"))),
            "offering cost 'Offering costs': has more than two decimals");
  EXPECT_EQ(message_of(OfferingCost::of("", dec("1"), day("2026-03-01"))),
            "offering cost '': is no name of an account");
}

}  // namespace
}  // namespace navkeeper::nav::policy
