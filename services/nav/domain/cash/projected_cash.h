#pragma once
// Projected cash by day: what the bank should hold at the end of each day, from settled cash and everything
// that is known to be on its way. What has no day (a fee payable without a wire) is listed apart, so that
// nothing is left out and no day is invented.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/money/decimal.h"
#include "common/time/date.h"

namespace navkeeper::nav::cash {

struct ExpectedFlow {
  std::optional<time::Date> date;  ///< none: owed, no day known
  std::string cause;               ///< "creation", "sale", "distribution", "fee", "tax", "wire"
  std::string reference;           ///< the entry, the distribution, the wire
  money::Decimal amount;           ///< positive: comes in
};

struct ProjectedDay {
  time::Date date;
  money::Decimal opening;
  std::vector<ExpectedFlow> flows;
  money::Decimal closing;
};

struct ProjectedCash {
  time::Date as_of;
  money::Decimal settled;
  std::vector<ProjectedDay> days;  ///< after as_of, those on which something moves
  std::vector<ExpectedFlow> undated;
  std::vector<ExpectedFlow> later;     ///< beyond the horizon
  std::optional<time::Date> short_on;  ///< first day that ends below zero
  money::Decimal lowest;               ///< balance at the end of any day, today included
  money::Decimal if_all_paid;          ///< the last balance, with what has no day taken off too
};

/// `flows` in any order. What is dated on or before `as_of` and not settled is due: it moves on the next day.
/// Throws money::OverflowError.
ProjectedCash project_cash(time::Date as_of, const money::Decimal& settled,
                           std::span<const ExpectedFlow> flows, int days);

}  // namespace navkeeper::nav::cash
