// Distributions: the published one recomputed, what each stage posts, and what is refused.
#include "services/nav/domain/policy/distribution.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/services/nav/policy/support.h"

namespace navkeeper::nav::policy {
namespace {

const DistributionCalendars kCalendars{time::Calendar::exchange(), time::Calendar::bank()};
const Decimal kShares = dec("112978504");
const Decimal kCash = dec("9500000");

/// Grayscale ETHE (facts 2.2): rewards of 6 October to 31 December 2025.
Declaration ethe() {
  return {"2025-Q4",
          {day("2026-01-05"), day("2026-01-05"), day("2026-01-05"), day("2026-01-06")},
          dec("0.083178"),
          SourceSplit{dec("0.083178"), {}, {}, {}}};
}

Declaration mixed() {
  auto declaration = ethe();
  declaration.sources = SourceSplit{dec("0.05"), dec("0.003178"), dec("0.01"), dec("0.02")};
  return declaration;
}

Distribution declared(const Declaration& declaration) {
  return declare({}, declaration, kCalendars, kShares, kCash).value();
}

std::string refused(const Declaration& declaration, const Decimal& cash = kCash) {
  return message_of(declare({}, declaration, kCalendars, kShares, cash));
}

TEST(Distributions, EtheAmountTimesSharesIsThePublishedTotal) {
  const auto step = go_ex(declared(ethe()), kShares).value();
  EXPECT_EQ(step.distribution.owed.total().rounded(0, Rounding::kHalfEven), dec("9397326"));
  // and back: the published total over the published amount is the number of shares
  EXPECT_EQ(money::divide(dec("9397326"), dec("0.083178"), 0, Rounding::kHalfEven), kShares);
  EXPECT_EQ(amount_per_share(dec("9397326"), kShares, Rounding::kHalfEven).value().amount, dec("0.083178"));
}

TEST(Distributions, CutAmountPerShareNeverPaysMoreThanTheTotalAndTheResidueIsSaid) {
  const auto cut = amount_per_share(dec("9397326"), kShares).value();
  EXPECT_EQ(cut.amount, dec("0.083177"));
  EXPECT_EQ(cut.paid, dec("9397213.03"));
  EXPECT_EQ(cut.residue, dec("112.97"));
  EXPECT_TRUE(rc::check("0 <= residue < a millionth a share and a cent", [] {
    const Decimal shares = Decimal::of(*rc::gen::inRange(1, 500'000'000));
    const Decimal total = Decimal::of(*rc::gen::inRange<std::int64_t>(1, 900'000'000'000), 2);
    const auto result = amount_per_share(total, shares);
    if (result.has_error()) return;
    RC_ASSERT(result->paid + result->residue == total);
    RC_ASSERT(!result->residue.is_negative());
    RC_ASSERT(result->residue < shares * dec("0.000001") + dec("0.01"));
  }));
}

TEST(Distributions, NavFallsOnTheExDateByALiabilityAgainstCapitalBySource) {
  const auto step = go_ex(declared(mixed()), dec("1000000")).value();
  EXPECT_TRUE(balances(step.entry));
  EXPECT_EQ(step.entry.book_date, day("2026-01-05"));
  EXPECT_EQ(step.entry.settlement_date, day("2026-01-06"));
  EXPECT_EQ(sum_of(step.entry, "Liabilities:Distributions payable:2025-Q4", "USD"), dec("-83178"));
  EXPECT_EQ(sum_of(step.entry, "Capital:Distributions:Income", "USD"), dec("50000"));
  EXPECT_EQ(sum_of(step.entry, "Capital:Distributions:Short-term gain", "USD"), dec("3178"));
  EXPECT_EQ(sum_of(step.entry, "Capital:Distributions:Long-term gain", "USD"), dec("10000"));
  EXPECT_EQ(sum_of(step.entry, "Capital:Distributions:Return of capital", "USD"), dec("20000"));
}

TEST(Distributions, SharesBookedOnTheRecordDateAreEntitledAndThoseOfTheDayAfterAreNot) {
  const std::vector<ShareMovement> register_{{day("2026-01-06"), dec("70000")},
                                             {day("2025-10-01"), dec("1000000")},
                                             {day("2026-01-05"), dec("-20000")},
                                             {day("2026-01-05"), dec("50000")}};
  EXPECT_EQ(entitled_shares(register_, day("2026-01-05")).value(), dec("1030000"));
  EXPECT_EQ(entitled_shares(register_, day("2026-01-02")).value(), dec("1000000"));
  EXPECT_EQ(message_of(entitled_shares(std::vector<ShareMovement>{{day("2026-01-05"), dec("-1")}},
                                       day("2026-01-05"))),
            "share register: is below zero on 2026-01-05");
  EXPECT_EQ(message_of(entitled_shares(std::vector<ShareMovement>{{day("2026-01-05"), dec("0.5")}},
                                       day("2026-01-05"))),
            "share register: a movement booked on 2026-01-05 is not whole");
}

TEST(Distributions, TheRecordDateSetsTheLiabilityAndThePaymentEndsIt) {
  const auto ex = go_ex(declared(mixed()), dec("1000000")).value();
  const auto unchanged = record(ex.distribution, dec("1000000")).value();
  EXPECT_TRUE(unchanged.entry.postings.empty());
  const auto recorded = record(ex.distribution, dec("1030000")).value();
  EXPECT_EQ(sum_of(recorded.entry, distribution_payable("2025-Q4"), "USD"), dec("-2495.34"));
  EXPECT_TRUE(balances(recorded.entry));
  EXPECT_EQ(message_of(pay(recorded.distribution, dec("85673.33"))),
            "distribution '2025-Q4': needs 85673.34 and there is 85673.33");
  const auto paid = pay(recorded.distribution, dec("85673.34")).value();
  EXPECT_EQ(sum_of(paid.entry, distribution_payable("2025-Q4"), "USD"), dec("85673.34"));
  EXPECT_EQ(sum_of(paid.entry, "Assets:Cash", "USD"), dec("-85673.34"));
  EXPECT_EQ(paid.entry.book_date, day("2026-01-06"));
  EXPECT_EQ(paid.distribution.stage, DistributionStage::kPaid);
}

TEST(Distributions, StagesComeInOrderAndOnceEach) {
  const auto first = declared(ethe());
  EXPECT_EQ(message_of(record(first, kShares)), "distribution '2025-Q4': is declared, not ex");
  EXPECT_EQ(message_of(pay(first, kCash)), "distribution '2025-Q4': is declared, not recorded");
  const auto ex = go_ex(first, kShares).value().distribution;
  EXPECT_EQ(message_of(go_ex(ex, kShares)), "distribution '2025-Q4': is ex, not declared");
  const auto paid = pay(record(ex, kShares).value().distribution, kCash).value().distribution;
  EXPECT_EQ(message_of(pay(paid, kCash)), "distribution '2025-Q4': is paid, not recorded");
}

TEST(Distributions, OverAnyLifeTheLiabilityEndsAtZeroAndSourcesAddUpToTheCash) {
  EXPECT_TRUE(rc::check("declared, ex, record, paid", [] {
    Declaration declaration = ethe();
    SourceSplit split{
        Decimal::of(*rc::gen::inRange(0, 99999), 6), Decimal::of(*rc::gen::inRange(0, 99999), 6),
        Decimal::of(*rc::gen::inRange(0, 99999), 6), Decimal::of(*rc::gen::inRange(1, 99999), 6)};
    declaration.sources = split;
    declaration.per_share = split.total();
    const auto start = declare({}, declaration, kCalendars, dec("1"), dec("1")).value();
    const auto ex = go_ex(start, Decimal::of(*rc::gen::inRange(1, 90'000'000))).value();
    const Decimal entitled = Decimal::of(*rc::gen::inRange(1, 90'000'000));
    const auto recorded = record(ex.distribution, entitled).value();
    const auto paid = pay(recorded.distribution, dec("100000000")).value();
    Decimal liability, cash, capital;
    for (const EntryDraft& entry : {ex.entry, recorded.entry, paid.entry}) {
      RC_ASSERT(balances(entry));
      liability += sum_of(entry, distribution_payable("2025-Q4"), "USD");
      cash += sum_of(entry, "Assets:Cash", "USD");
      for (const DraftPosting& posting : entry.postings)
        capital += posting.account.starts_with("Capital:") ? posting.amount : Decimal{};
    }
    RC_ASSERT(liability.is_zero());
    RC_ASSERT(capital == -cash);
    RC_ASSERT(magnitude(exact(-cash) - exact(declaration.per_share) * exact(entitled)) <= half_unit(2));
  }));
}

TEST(Distributions, WithoutASplitOrACashOrWithTheSumWrongTheyAreRefused) {
  const std::string where = "distribution '2025-Q4': ";
  auto bad = ethe();
  bad.sources.reset();
  EXPECT_EQ(refused(bad), where + "has no split by source");
  bad.sources = SourceSplit{dec("0.083177"), {}, {}, {}};
  EXPECT_EQ(refused(bad), where + "the sources add up to 0.083177, not 0.083178");
  bad.sources = SourceSplit{dec("0.083179"), dec("-0.000001"), {}, {}};
  EXPECT_EQ(refused(bad), where + "a source is negative");
  bad.sources = SourceSplit{dec("0.0831779"), {}, {}, dec("0.0000001")};
  EXPECT_EQ(refused(bad), where + "a source has more than six decimals");
  bad = ethe();
  bad.per_share = dec("0");
  EXPECT_EQ(refused(bad), where + "amount per share is not positive");
  bad.per_share = dec("-0.01");
  EXPECT_EQ(refused(bad), where + "amount per share is not positive");
  bad.per_share = dec("0.0831781");
  EXPECT_EQ(refused(bad), where + "amount per share has more than six decimals");
  EXPECT_EQ(refused(ethe(), dec("9397326")), where + "needs 9397326.01 in cash and there will be 9397326");
  EXPECT_EQ(message_of(declare({.use = IncomeUse::kRetain}, ethe(), kCalendars, kShares, kCash)),
            where + "the fund retains its income");
  bad = ethe();
  bad.id = "2025:Q4";
  EXPECT_EQ(refused(bad), "distribution '2025:Q4': is no name of an account");
}

TEST(Distributions, DatesOutOfOrderOrOnAClosedDayAreRefused) {
  const auto broken = [](std::string_view declared_on, std::string_view ex, std::string_view recorded,
                         std::string_view paid) {
    const auto refusal = broken_date_rule({day(declared_on), day(ex), day(recorded), day(paid)}, kCalendars);
    return refusal ? refusal->message() : std::string("fine");
  };
  EXPECT_EQ(broken("2026-01-05", "2026-01-05", "2026-01-05", "2026-01-06"), "fine");
  EXPECT_EQ(broken("2026-02-12", "2026-02-13", "2026-02-13", "2026-02-17"), "fine");  // TSOL
  EXPECT_EQ(broken("2026-01-06", "2026-01-05", "2026-01-05", "2026-01-06"),
            "ex-date: 2026-01-05 is before the declaration 2026-01-06");
  EXPECT_EQ(broken("2026-01-05", "2026-01-06", "2026-01-05", "2026-01-06"),
            "record date: 2026-01-05 is before the ex-date 2026-01-06");
  EXPECT_EQ(broken("2026-01-05", "2026-01-06", "2026-01-06", "2026-01-05"),
            "payment date: 2026-01-05 is before the record date 2026-01-06");
  EXPECT_EQ(broken("2026-01-02", "2026-01-03", "2026-01-03", "2026-01-05"),
            "ex-date: 2026-01-03 is no business day of exchange");
  EXPECT_EQ(broken("2026-10-09", "2026-10-09", "2026-10-09", "2026-10-12"),
            "payment date: 2026-10-12 is no business day of bank");  // Columbus Day
  EXPECT_EQ(broken("2026-01-02", "2026-01-02", "2026-01-05", "2026-01-06"),
            "ex-date: 2026-01-02 does not belong to the record date: 2026-01-05 does");
}

TEST(Distributions, ExDateWasADayBeforeRecordUntilSettlementTookOneDay) {
  EXPECT_EQ(ex_date_for(time::Calendar::exchange(), day("2024-05-24")).value(), day("2024-05-23"));
  EXPECT_EQ(ex_date_for(time::Calendar::exchange(), day("2024-05-28")).value(), day("2024-05-28"));
  EXPECT_EQ(message_of(ex_date_for(time::Calendar::exchange(), day("2024-05-27"))),
            "record date: 2024-05-27 is no business day of exchange");
}

TEST(Distributions, ScheduleGivesDatesThatPassTheirOwnRules) {
  DistributionSchedule monthly;
  monthly.months = {12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  for (const int which : {1, 3, -1, -2}) {
    monthly.record_business_day = which;
    const auto dates = scheduled_dates(monthly, 2026, kCalendars).value();
    ASSERT_EQ(dates.size(), 12U);
    for (const DistributionDates& each : dates) EXPECT_EQ(broken_date_rule(each, kCalendars), std::nullopt);
  }
  const auto quarterly = scheduled_dates({{1, 4}, 2, 1, 1}, 2026, kCalendars).value();
  EXPECT_EQ(quarterly[0],
            (DistributionDates{day("2026-01-02"), day("2026-01-05"), day("2026-01-05"), day("2026-01-06")}));
  EXPECT_EQ(message_of(scheduled_dates({{13}, 1, 1, 1}, 2026, kCalendars)),
            "distribution schedule: 13 is no month");
  EXPECT_EQ(message_of(scheduled_dates({{1}, 0, 1, 1}, 2026, kCalendars)),
            "distribution schedule: business day 0 is none");
  EXPECT_EQ(message_of(scheduled_dates({{1}, 23, 1, 1}, 2026, kCalendars)),
            "distribution schedule: the month has no such business day: 23");
}

TEST(Notice19a1, IsNeededWhereAnyPartIsNotIncomeAndAddsUpToAHundred) {
  EXPECT_FALSE(notice_19a1(declared(ethe())));
  auto trust = declared(mixed());
  trust.terms.is_registered = false;
  EXPECT_FALSE(notice_19a1(trust));
  const auto notice = notice_19a1(declared(mixed()), {dec("0.1"), {}, {}, {}});
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->percent.total(), dec("100"));
  EXPECT_EQ(notice->percent.capital, dec("24.04"));  // 0.02 / 0.083178
  EXPECT_EQ(notice->fiscal_year_per_share.total(), dec("0.183178"));
  EXPECT_EQ(notice->fiscal_year_percent.total(), dec("100"));
}

TEST(SplitBySource, AddsUpAndIsWithinAUnitOfProportion) {
  EXPECT_TRUE(rc::check("exact sum", [] {
    const SourceSplit weights{
        Decimal::of(*rc::gen::inRange(0, 1000)), Decimal::of(*rc::gen::inRange(0, 1000)),
        Decimal::of(*rc::gen::inRange(0, 1000)), Decimal::of(*rc::gen::inRange(1, 1000))};
    const Decimal total = Decimal::of(*rc::gen::inRange(0, 1'000'000'000), 2);
    const auto split = split_by_source(total, weights, 2, Source::kLongTermGain);
    RC_ASSERT(split.total() == total);
    const Exact fair = exact(total) * exact(weights.income) / exact(weights.total());
    RC_ASSERT(exact(split.income) <= fair && fair < exact(split.income) + Exact(1, 100));
  }));
}

}  // namespace
}  // namespace navkeeper::nav::policy
