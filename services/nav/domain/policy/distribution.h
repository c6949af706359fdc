#pragma once
// A cash distribution from its declaration to its payment.
//
//   declared   amount per share to six decimals, its sources, four dates; the cash is there
//   ex         NAV falls: liability against capital for the shares then in the books, by source
//   record     the register of this day, with the shares booked on it, says who is paid; the liability is set
//   to it paid       cash goes, the liability is gone
//
// Under T+1 settlement (since 2024-05-28) ex and record are one day; before, ex was the business day before
// record. Orders of the record date are priced at an ex NAV and enter the register the day after, so they are
// not entitled; those of the day before were priced with it, are booked on the record date, and are (facts
// 8). Return of capital is allowed and said: a part that is not net investment income needs a notice under
// rule 19a-1.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/money/rounding.h"
#include "common/time/calendar.h"
#include "common/time/date.h"
#include "services/nav/domain/policy/entry_draft.h"

namespace navkeeper::nav::policy {

constexpr int kPerShareDecimals = 6;

enum class IncomeUse { kRetain, kDistribute };
std::string_view describe(IncomeUse use);  ///< "retain", "distribute"
std::optional<IncomeUse> parse_income_use(std::string_view word);

struct DistributionDates {
  time::Date declared;
  time::Date ex;
  time::Date record;
  time::Date pay;
  bool operator==(const DistributionDates&) const = default;
};

struct DistributionCalendars {
  const time::Calendar& exchange;  ///< of declaration, ex and record
  const time::Calendar& bank;      ///< of payment
};

/// The ex-date that belongs to a record date; which must be a business day of the exchange (else refused).
base::Checked<time::Date> ex_date_for(const time::Calendar& exchange, time::Date record);

/// Refused, in this order: dates that are not declared <= ex <= record <= pay; one on no business day of its
/// calendar; an ex-date that is not the record date's.
std::optional<base::Refusal> broken_date_rule(const DistributionDates& dates,
                                              const DistributionCalendars& calendars);

/// When a fund distributes by itself.
struct DistributionSchedule {
  std::vector<int> months;      ///< 1 to 12: {1, 4, 7, 10}
  int record_business_day = 1;  ///< of the month on the exchange: 1 the first, -1 the last
  int declared_before_ex = 1;   ///< business days of the exchange, 0 or more
  int pay_after_record = 1;     ///< business days of the bank, 0 or more
};
/// The dates of a year, in order. Refused: a month that is none or twice, business day 0 or one the month
/// does not have, negative distances, a calendar that does not reach.
base::Checked<std::vector<DistributionDates>> scheduled_dates(const DistributionSchedule& schedule, int year,
                                                              const DistributionCalendars& calendars);

/// Where the money comes from. Dollars or dollars a share; none negative.
struct SourceSplit {
  money::Decimal income;  ///< net investment income
  money::Decimal short_term_gain;
  money::Decimal long_term_gain;
  money::Decimal capital;  ///< return of capital
  money::Decimal total() const { return income + short_term_gain + long_term_gain + capital; }
  bool operator==(const SourceSplit&) const = default;
};
SourceSplit operator+(const SourceSplit& a, const SourceSplit& b);
SourceSplit operator-(const SourceSplit& a, const SourceSplit& b);

enum class Source { kIncome, kShortTermGain, kLongTermGain, kCapital };

/// `total` in proportion to `weights` (none negative, not all zero: ENSURE), cut toward zero to `decimals`;
/// the rest to `remainder_owner`. Adds up to `total`.
SourceSplit split_by_source(const money::Decimal& total, const SourceSplit& weights, int decimals,
                            Source remainder_owner);

struct PerShare {
  money::Decimal amount;   ///< dollars a share, six decimals
  money::Decimal paid;     ///< amount x shares, to the cent, half to even
  money::Decimal residue;  ///< total - paid: stays with its owner; negative where the rounding was not down
};
/// `total` dollars over `shares`, rounded as named; kDown never pays more than the total. Refused: a total
/// that is negative or has more than two decimals, shares not positive or not whole, a total that is nothing
/// a share.
base::Checked<PerShare> amount_per_share(const money::Decimal& total, const money::Decimal& shares,
                                         money::Rounding rounding = money::Rounding::kDown);

struct DistributionTerms {
  IncomeUse use = IncomeUse::kDistribute;
  Source remainder_owner = Source::kIncome;  ///< of a split by source
  bool is_registered = true;                 ///< under the 1940 Act: rule 19a-1 applies
};

struct Declaration {
  std::string id;  ///< "2025-Q4"
  DistributionDates dates;
  money::Decimal per_share;  ///< dollars, positive, at most six decimals
  /// Of one share; adds up to per_share exactly. None: refused.
  std::optional<SourceSplit> sources;
};

enum class DistributionStage { kDeclared, kEx, kRecorded, kPaid };
std::string_view describe(DistributionStage stage);  ///< "declared", "ex", "recorded", "paid"

struct Distribution {
  Declaration declaration;
  DistributionTerms terms;
  DistributionStage stage = DistributionStage::kDeclared;
  money::Decimal shares;  ///< that the liability stands on
  SourceSplit owed;       ///< dollars by source: the liability
};

struct DistributionStep {
  Distribution distribution;
  EntryDraft entry;  ///< without postings where nothing changed
};

/// Refused, in this order: a fund that retains its income; a bad id; dates; an amount not positive or with
/// more than six decimals; no sources, a negative one, sources that do not add up; `cash` (dollars that will
/// be there on the payment date) short of the amount for `shares`.
base::Checked<Distribution> declare(const DistributionTerms& terms, const Declaration& declaration,
                                    const DistributionCalendars& calendars, const money::Decimal& shares,
                                    const money::Decimal& cash);
/// `shares` in the books at the strike of the ex-date. Booked on the ex-date, so that day's NAV is without
/// it.
base::Checked<DistributionStep> go_ex(const Distribution& distribution, const money::Decimal& shares);
/// `shares` of the record date's register (entitled_shares).
base::Checked<DistributionStep> record(const Distribution& distribution, const money::Decimal& shares);
/// What is recorded is owed to `shares`, as the record date's register has them by now: shares that were
/// booked late. The entry is the change.
base::Checked<DistributionStep> correct_register(const Distribution& distribution,
                                                 const money::Decimal& shares);
/// Refused when `cash` is less than what is owed.
base::Checked<DistributionStep> pay(const Distribution& distribution, const money::Decimal& cash);

struct ShareMovement {
  time::Date book_date;
  money::Decimal shares;  ///< whole; positive: issued
};
/// Shares booked up to the end of `record`, in any order. Refused: a fraction, a sum below zero.
base::Checked<money::Decimal> entitled_shares(std::span<const ShareMovement> movements, time::Date record);

/// What rule 19a-1 has the fund say beside the payment.
struct SourceNotice {
  std::string distribution_id;
  SourceSplit per_share;
  SourceSplit percent;                ///< two decimals, adding up to 100
  SourceSplit fiscal_year_per_share;  ///< to date, this one included
  SourceSplit fiscal_year_percent;
};
/// None where the fund is not registered or all is net investment income. `before`: per share, this fiscal
/// year's earlier distributions.
std::optional<SourceNotice> notice_19a1(const Distribution& distribution, const SourceSplit& before = {});

std::string distribution_payable(std::string_view id);  ///< "Liabilities:Distributions payable:ID"

}  // namespace navkeeper::nav::policy
