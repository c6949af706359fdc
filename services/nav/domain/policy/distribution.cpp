#include "services/nav/domain/policy/distribution.h"

#include <array>
#include <set>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/money/split.h"

namespace navkeeper::nav::policy {
namespace {

using money::Decimal;
using money::Rounding;

constexpr int kPercentDecimals = 2;

std::array<Decimal, 4> parts(const SourceSplit& split) {
  return {split.income, split.short_term_gain, split.long_term_gain, split.capital};
}

bool any_negative(const SourceSplit& split) {
  for (const Decimal& part : parts(split)) {
    if (part.is_negative()) return true;
  }
  return false;
}

bool any_finer(const SourceSplit& split) {
  for (const Decimal& part : parts(split)) {
    if (part.scale() > kPerShareDecimals) return true;
  }
  return false;
}

std::string where_of(const Declaration& declaration) { return "distribution '" + declaration.id + "'"; }

void check_shares(const Decimal& shares, const std::string& where) {
  if (!shares.is_positive()) base::refuse(where, "shares are not positive");
  if (shares.scale() != 0) base::refuse(where, "shares are not whole");
}

Decimal total_for(const Decimal& per_share, const Decimal& shares) {
  return money::multiply(per_share, shares, kDollarDecimals, Rounding::kHalfEven);
}

void check_stage(const Distribution& distribution, DistributionStage expected) {
  if (distribution.stage != expected)
    base::refuse(where_of(distribution.declaration), "is " + std::string(describe(distribution.stage)) +
                                                         ", not " + std::string(describe(expected)));
}

/// The liability becomes that of `shares`; the entry is the change, by source.
DistributionStep owe(const Distribution& before, const Decimal& shares, DistributionStage stage,
                     time::Date date) {
  const Declaration& declaration = before.declaration;
  DistributionStep step{before,
                        entry_on(date, declaration.id + "/" + std::string(describe(stage)),
                                 "distribution " + declaration.id + " " + std::string(describe(stage)))};
  step.distribution.stage = stage;
  step.distribution.shares = shares;
  step.distribution.owed = split_by_source(total_for(declaration.per_share, shares), *declaration.sources,
                                           kDollarDecimals, before.terms.remainder_owner);
  const SourceSplit change = step.distribution.owed - before.owed;
  step.entry.debit("Capital:Distributions:Income", kDollars, change.income)
      .debit("Capital:Distributions:Short-term gain", kDollars, change.short_term_gain)
      .debit("Capital:Distributions:Long-term gain", kDollars, change.long_term_gain)
      .debit("Capital:Distributions:Return of capital", kDollars, change.capital)
      .credit(distribution_payable(declaration.id), kDollars, change.total());
  step.entry.settlement_date = declaration.dates.pay;
  return step;
}

time::Date nth_business_day(const time::Calendar& calendar, time::Date month, int which) {
  const time::Date first = month.start_of_month();
  const time::Date day =
      which > 0 ? calendar.add_business_days(calendar.on_or_after(first), which - 1)
                : calendar.add_business_days(calendar.on_or_before(first.end_of_month()), which + 1);
  if (day < first || first.end_of_month() < day)
    base::refuse("distribution schedule", "the month has no such business day: " + std::to_string(which));
  return day;
}

}  // namespace

std::string_view describe(IncomeUse use) {
  switch (use) {
    case IncomeUse::kRetain:
      return "retain";
    case IncomeUse::kDistribute:
      return "distribute";
  }
  ENSURE(false);
}

std::optional<IncomeUse> parse_income_use(std::string_view word) {
  for (const IncomeUse use : {IncomeUse::kRetain, IncomeUse::kDistribute}) {
    if (describe(use) == word) return use;
  }
  return std::nullopt;
}

std::string_view describe(DistributionStage stage) {
  switch (stage) {
    case DistributionStage::kDeclared:
      return "declared";
    case DistributionStage::kEx:
      return "ex";
    case DistributionStage::kRecorded:
      return "recorded";
    case DistributionStage::kPaid:
      return "paid";
  }
  ENSURE(false);
}

base::Checked<time::Date> ex_date_for(const time::Calendar& exchange, time::Date record) {
  return base::checked([&] {
    if (!exchange.is_business_day(record))
      base::refuse("record date", record.to_string() + " is no business day of " + exchange.name());
    const time::Date t_plus_1_since = time::Date::literal("2024-05-28");
    return record >= t_plus_1_since ? record : exchange.previous_business_day(record);
  });
}

std::optional<base::Refusal> broken_date_rule(const DistributionDates& dates,
                                              const DistributionCalendars& calendars) {
  const auto result = base::checked([&] {
    const auto in_order = [](const char* where, time::Date date, const char* what, time::Date before) {
      if (date < before)
        base::refuse(where, date.to_string() + " is before the " + what + " " + before.to_string());
    };
    in_order("ex-date", dates.ex, "declaration", dates.declared);
    in_order("record date", dates.record, "ex-date", dates.ex);
    in_order("payment date", dates.pay, "record date", dates.record);
    const auto open = [](const char* where, const time::Calendar& calendar, time::Date date) {
      if (!calendar.is_business_day(date))
        base::refuse(where, date.to_string() + " is no business day of " + calendar.name());
    };
    open("declaration", calendars.exchange, dates.declared);
    open("ex-date", calendars.exchange, dates.ex);
    open("record date", calendars.exchange, dates.record);
    open("payment date", calendars.bank, dates.pay);
    const time::Date ex = base::value_or_refuse(ex_date_for(calendars.exchange, dates.record));
    if (dates.ex != ex)
      base::refuse("ex-date",
                   dates.ex.to_string() + " does not belong to the record date: " + ex.to_string() + " does");
    return true;
  });
  return result.has_error() ? std::optional(result.error()) : std::nullopt;
}

base::Checked<std::vector<DistributionDates>> scheduled_dates(const DistributionSchedule& schedule, int year,
                                                              const DistributionCalendars& calendars) {
  return base::checked([&] {
    const std::string where = "distribution schedule";
    if (schedule.record_business_day == 0) base::refuse(where, "business day 0 is none");
    if (schedule.declared_before_ex < 0 || schedule.pay_after_record < 0)
      base::refuse(where, "a distance is negative");
    std::set<int> months;
    for (const int month : schedule.months) {
      if (month < 1 || month > 12) base::refuse(where, std::to_string(month) + " is no month");
      if (!months.insert(month).second)
        base::refuse(where, "month " + std::to_string(month) + " is listed twice");
    }
    std::vector<DistributionDates> result;
    for (const int month : months) {
      const auto first = time::Date::of(year, month, 1);
      if (!first) base::refuse(where, std::to_string(year) + " is no year");
      DistributionDates dates;
      dates.record = nth_business_day(calendars.exchange, *first, schedule.record_business_day);
      dates.ex = base::value_or_refuse(ex_date_for(calendars.exchange, dates.record));
      dates.declared = calendars.exchange.add_business_days(dates.ex, -schedule.declared_before_ex);
      dates.pay = calendars.bank.add_business_days(calendars.bank.on_or_after(dates.record),
                                                   schedule.pay_after_record);
      result.push_back(dates);
    }
    return result;
  });
}

SourceSplit operator+(const SourceSplit& a, const SourceSplit& b) {
  return {a.income + b.income, a.short_term_gain + b.short_term_gain, a.long_term_gain + b.long_term_gain,
          a.capital + b.capital};
}

SourceSplit operator-(const SourceSplit& a, const SourceSplit& b) {
  return {a.income - b.income, a.short_term_gain - b.short_term_gain, a.long_term_gain - b.long_term_gain,
          a.capital - b.capital};
}

SourceSplit split_by_source(const Decimal& total, const SourceSplit& weights, int decimals,
                            Source remainder_owner) {
  const auto split = money::split(total, parts(weights), decimals, static_cast<std::size_t>(remainder_owner));
  return {split[0], split[1], split[2], split[3]};
}

base::Checked<PerShare> amount_per_share(const Decimal& total, const Decimal& shares, Rounding rounding) {
  return base::checked([&] {
    const std::string where = "amount per share";
    if (total.is_negative()) base::refuse(where, "the total is negative");
    if (total.scale() > kDollarDecimals) base::refuse(where, "the total has more than two decimals");
    check_shares(shares, where);
    PerShare result;
    result.amount = money::divide(total, shares, kPerShareDecimals, rounding);
    if (!result.amount.is_positive()) base::refuse(where, "the total is nothing a share");
    result.paid = total_for(result.amount, shares);
    result.residue = total - result.paid;
    return result;
  });
}

base::Checked<Distribution> declare(const DistributionTerms& terms, const Declaration& declaration,
                                    const DistributionCalendars& calendars, const Decimal& shares,
                                    const Decimal& cash) {
  return base::checked([&] {
    const std::string where = where_of(declaration);
    if (terms.use == IncomeUse::kRetain) base::refuse(where, "the fund retains its income");
    if (!is_account_name(declaration.id)) base::refuse(where, "is no name of an account");
    if (auto broken = broken_date_rule(declaration.dates, calendars))
      throw base::Refused(broken->within(where));
    if (!declaration.per_share.is_positive()) base::refuse(where, "amount per share is not positive");
    if (declaration.per_share.scale() > kPerShareDecimals)
      base::refuse(where, "amount per share has more than six decimals");
    if (!declaration.sources) base::refuse(where, "has no split by source");
    if (any_negative(*declaration.sources)) base::refuse(where, "a source is negative");
    if (any_finer(*declaration.sources)) base::refuse(where, "a source has more than six decimals");
    if (declaration.sources->total() != declaration.per_share)
      base::refuse(where, "the sources add up to " + declaration.sources->total().to_string() + ", not " +
                              declaration.per_share.to_string());
    check_shares(shares, where);
    const Decimal total = total_for(declaration.per_share, shares);
    if (cash < total)
      base::refuse(where, "needs " + total.to_string() + " in cash and there will be " + cash.to_string());
    return Distribution{declaration, terms, DistributionStage::kDeclared, {}, {}};
  });
}

base::Checked<DistributionStep> go_ex(const Distribution& distribution, const Decimal& shares) {
  return base::checked([&] {
    check_stage(distribution, DistributionStage::kDeclared);
    check_shares(shares, where_of(distribution.declaration));
    return owe(distribution, shares, DistributionStage::kEx, distribution.declaration.dates.ex);
  });
}

base::Checked<DistributionStep> record(const Distribution& distribution, const Decimal& shares) {
  return base::checked([&] {
    check_stage(distribution, DistributionStage::kEx);
    check_shares(shares, where_of(distribution.declaration));
    return owe(distribution, shares, DistributionStage::kRecorded, distribution.declaration.dates.record);
  });
}

base::Checked<DistributionStep> correct_register(const Distribution& distribution, const Decimal& shares) {
  return base::checked([&] {
    check_stage(distribution, DistributionStage::kRecorded);
    check_shares(shares, where_of(distribution.declaration));
    return owe(distribution, shares, DistributionStage::kRecorded, distribution.declaration.dates.record);
  });
}

base::Checked<DistributionStep> pay(const Distribution& distribution, const Decimal& cash) {
  return base::checked([&] {
    check_stage(distribution, DistributionStage::kRecorded);
    const Declaration& declaration = distribution.declaration;
    const Decimal total = distribution.owed.total();
    if (cash < total)
      base::refuse(where_of(declaration), "needs " + total.to_string() + " and there is " + cash.to_string());
    DistributionStep step{distribution, entry_on(declaration.dates.pay, declaration.id + "/paid",
                                                 "distribution " + declaration.id + " paid")};
    step.distribution.stage = DistributionStage::kPaid;
    step.entry.debit(distribution_payable(declaration.id), kDollars, total)
        .credit("Assets:Cash", kDollars, total);
    return step;
  });
}

base::Checked<Decimal> entitled_shares(std::span<const ShareMovement> movements, time::Date record) {
  return base::checked([&] {
    Decimal shares;
    for (const ShareMovement& movement : movements) {
      if (movement.shares.scale() != 0)
        base::refuse("share register",
                     "a movement booked on " + movement.book_date.to_string() + " is not whole");
      if (movement.book_date <= record) shares += movement.shares;
    }
    if (shares.is_negative()) base::refuse("share register", "is below zero on " + record.to_string());
    return shares;
  });
}

std::optional<SourceNotice> notice_19a1(const Distribution& distribution, const SourceSplit& before) {
  const Declaration& declaration = distribution.declaration;
  if (!distribution.terms.is_registered || declaration.sources->income == declaration.per_share)
    return std::nullopt;
  const auto percent = [&](const SourceSplit& split) {
    return split_by_source(Decimal::of(100), split, kPercentDecimals, distribution.terms.remainder_owner);
  };
  const SourceSplit to_date = before + *declaration.sources;
  return SourceNotice{declaration.id, *declaration.sources, percent(*declaration.sources), to_date,
                      percent(to_date)};
}

std::string distribution_payable(std::string_view id) {
  return "Liabilities:Distributions payable:" + std::string(id);
}

}  // namespace navkeeper::nav::policy
