#pragma once
// NAV errors (facts/funds.md 1.7 and 8): what a wrong NAV was, day by day and order by order, and what is
// owed for it.
//
// Measured on unrounded values per share. A difference of a cent a share or more is an error; one that is
// also half a per cent or more of the correct NAV is material. Effects are the fund's: an order dealt at a
// NAV that was too high brought too much in (creation, a gain) or took too much out (redemption, a loss).
// Over the error period gains and losses are netted. An immaterial error is not restated: the fund keeps a
// net gain, who is responsible pays a net loss, and the original NAV stays official. The orders of a material
// day are reprocessed at the correct NAV, each above the fund's minimum; smaller ones are left and netted.
// An order that stands at a version that was struck anew before anybody published it is no error of a NAV: it
// is reprocessed at the version that it is owed.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/time/date.h"

namespace navkeeper::nav {

struct ErrorTerms {
  money::Decimal per_share;        ///< dollars: from this on it is an error
  money::Decimal material;         ///< part of the correct NAV
  money::Decimal account_minimum;  ///< dollars: a smaller correction of an order is not made
};

enum class OrderSide { kCreation, kRedemption };
std::string_view describe(OrderSide side);

/// An order that was dealt at the NAV of a day.
struct DealtOrder {
  std::string id;
  std::string participant;  ///< empty where the record does not name it
  OrderSide side = OrderSide::kCreation;
  money::Decimal shares;  ///< positive
  /// What the fund gained by it as dealing prices it: cash and coins of the price it had against those at the
  /// correct NAV. Nothing of an order that is not dealing's own: then difference x shares.
  std::optional<money::Decimal> gained = {};
  money::Decimal corrected = {};  ///< of that, made good or netted before
  int dealt_version = 1;          ///< of the day's NAV, at which it stands
  /// Of an order that stands at a version that nobody published: the one that it is owed, against which
  /// `gained` is. It is dealt anew whatever its size: it never had the NAV of its day (rule 22c-1).
  std::optional<int> owed_version = {};
};

struct ComparedDay {
  time::Date date;
  /// False: no wrong NAV was published, so there is no error of it; orders stand at an earlier version.
  bool was_published = true;
  int wrong_version = 0;
  int correct_version = 0;
  money::Rational wrong;    ///< unrounded dollars a share, as published
  money::Rational correct;  ///< as restated, without `lacks`
  money::Decimal shares;    ///< outstanding, of the correct NAV
  money::Decimal wrong_expenses;
  money::Decimal correct_expenses;
  std::vector<DealtOrder> orders;
  /// Of the published NAV, where they are others than of the correct one (a split that was undone).
  std::optional<money::Decimal> wrong_shares = {};
  /// Dollars that the correct version lacks still: came late, less than an error by themselves, booked after
  /// the day. They count with the error, so that no part of it is measured apart.
  money::Decimal lacks = {};
};

enum class ErrorSeverity { kNone, kError, kMaterial };
std::string_view describe(ErrorSeverity severity);  ///< "none", "error", "material"

enum class OrderTreatment {
  kNone,         ///< "none": the day has no error
  kNetted,       ///< "netted": a part of the period's net gain or loss
  kReprocessed,  ///< "reprocessed": dealt anew at the correct NAV
};
std::string_view describe(OrderTreatment treatment);

struct OrderEffect {
  DealtOrder order;
  money::Decimal effect;  ///< dollars, half-up to the cent, not yet corrected; positive: the fund gained
  OrderTreatment treatment = OrderTreatment::kNone;
};

struct DayError {
  ComparedDay day;
  money::Rational correct;     ///< with what the day lacks, dollars a share
  money::Rational difference;  ///< wrong - correct, dollars a share
  money::Rational relative;    ///< |difference| / correct
  ErrorSeverity severity = ErrorSeverity::kNone;
  money::Decimal net_assets;  ///< wrong - correct, each NAV x its shares, half-up to the cent
  money::Decimal expenses;    ///< that were accrued too much, negative: too little
  std::vector<OrderEffect> orders;
};

struct ErrorReport {
  std::vector<DayError> days;       ///< by date
  std::optional<time::Date> first;  ///< of the error period; none: no error
  std::optional<time::Date> last;
  ErrorSeverity severity = ErrorSeverity::kNone;  ///< of the worst day
  money::Decimal gains;                           ///< of netted orders on days with an error, dollars
  money::Decimal losses;                          ///< positive
  money::Decimal net;                             ///< gains - losses
  money::Decimal kept;                            ///< by the fund: a net gain
  money::Decimal compensated;                     ///< to the fund by who is responsible: a net loss
  money::Decimal reprocessed;                     ///< sum of |effect| of the orders dealt anew
};

/// How bad one day is. `correct` must be positive (ENSURE).
ErrorSeverity severity_of(const ErrorTerms& terms, const money::Rational& wrong,
                          const money::Rational& correct);

/// Days in any order, each once (ENSURE).
ErrorReport assess_errors(const ErrorTerms& terms, std::vector<ComparedDay> days);

}  // namespace navkeeper::nav
