#pragma once
// The roll-forward of a fund's coins over a period (ASC 350-60-50: opening, additions, dispositions, gains
// and losses, closing), in either book. Pure: from the sums of flows before and within the period, and the
// prices at its two ends.
//
//   quantity   opening + additions - disposals + restated                                   = closing
//   cost       the same, at cost
//   value      opening + additions (at cost) - disposals (at value) + restated (at cost)
//              + realised + change in unrealised                                            = closing
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/money/decimal.h"
#include "common/money/units.h"
#include "services/nav/domain/books/event.h"
#include "services/nav/domain/books/place.h"

namespace navkeeper::nav::books {

using money::Units;

/// Flows of one asset and cause, summed; signed: positive came.
struct FlowSum {
  std::string asset;
  FlowCause cause = FlowCause::kOpening;
  bool is_before = false;  ///< the period
  bool is_recognised = true;
  Units quantity;
  Units cost;
  Units value;
};

struct PeriodAmount {
  Units quantity;
  Units cost;
  Units value;
};

struct PeriodBalance {
  Units quantity;
  Units cost;
  std::optional<Units> value;  ///< nothing where held and unpriced
};

struct AssetRollForward {
  AssetDefinition asset;
  PeriodBalance opening;
  std::map<FlowCause, PeriodAmount> additions;  ///< causes that had any
  std::map<FlowCause, PeriodAmount> disposals;  ///< positive
  PeriodAmount restated;                        ///< lots made into others; signed
  Units realised;                               ///< value - cost of the disposals
  Units recognised;                             ///< the taxable part of it (tax book)
  std::optional<Units> change_in_unrealised;
  PeriodBalance closing;
};

/// Dollars a coin.
using CoinPrices = std::map<std::string, money::Decimal>;

/// In the order of `assets`. Values are rounded to the cent, half to even. Throws money::OverflowError.
std::vector<AssetRollForward> roll_forward(std::span<const AssetDefinition> assets,
                                           std::span<const FlowSum> flows, const CoinPrices& opening_prices,
                                           const CoinPrices& closing_prices);

/// Whether all three lines of it add up.
bool foots(const AssetRollForward& roll);

}  // namespace navkeeper::nav::books
