#pragma once
// Dollars beside the coins of a roll-forward: its row is valued at the official price of the first valuation
// at or after its end, and that price is frozen with it. A price that is not there is not guessed from
// another day's.
#include <optional>
#include <string>
#include <vector>

#include "common/time/date.h"
#include "services/staking/domain/roll_forward.h"

namespace navkeeper::staking {

/// What pricing says of an asset on one day.
struct DayPrice {
  time::Date date;
  time::Instant valuation;
  std::optional<money::Decimal> official;  ///< dollars of one coin; nothing: no price stands that day
  std::string state;                       ///< pricing's own word for why
  std::string hash;                        ///< of what the official price came from
  std::string source;
};

/// A price that a row was given, and keeps.
struct RowPrice {
  money::Decimal price;
  time::Date date;
  time::Instant valuation;
  std::string hash;
  std::string source;
  bool operator==(const RowPrice&) const = default;
};

struct RowPricing {
  std::optional<RowPrice> price;
  std::string missing;  ///< why there is none
};
/// `days` by date, each once. The day is the first one whose valuation is not before `end`: it must be within
/// a day of it, or follow a day that was valued before `end`; else a day between may not have been priced
/// yet.
RowPricing price_of_row(time::Instant end, const std::vector<DayPrice>& days);

/// Each amount to the cent, half-even, from the exact product.
struct RollForwardDollars {
  money::Decimal opening;
  std::vector<RollForwardLine> lines;
  money::Decimal closing;
  money::Decimal difference;
  money::Decimal
      rounding;  ///< what the cents of the lines miss: closing = opening + in - out + difference + this
};
RollForwardDollars in_dollars(const RollForward& row, const money::Decimal& price);

}  // namespace navkeeper::staking
