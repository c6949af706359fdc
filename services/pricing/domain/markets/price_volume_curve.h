#pragma once
// The two price-volume curves of a consolidated book on a grid of sizes: what the next lot would cost after v
// have been bought, and what it would bring after v have been sold. Exact integers throughout.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/pricing/domain/markets/order_book.h"

namespace navkeeper::pricing {

struct CurveRule {
  std::int64_t spacing_lots = 1;    ///< s, positive
  std::int64_t spread_max_ppm = 0;  ///< D; the curve ends before the first point with (a - b)/(a + b) > D
  std::int64_t cap_lots = 0;        ///< what a level weighs at most, positive
  bool match_crossed = false;       ///< levels with bid >= ask are matched against each other first
  std::int64_t grid_points_max = 1;
};

/// Grid points `first` to `last` (v = first * s .. last * s) with the same two marginal prices.
struct CurveRun {
  std::int64_t first = 1;
  std::int64_t last = 1;
  std::int64_t ask_ticks = 0;
  std::int64_t bid_ticks = 0;
  bool operator==(const CurveRun&) const = default;
};

struct PriceVolumeCurve {
  std::vector<CurveRun> runs;  ///< without gaps from 1 to v_T / s; empty when a side is thinner than one step
  bool overran = false;        ///< more than grid_points_max points
  /// Best levels of each side that were looked at: without the others the curve is the same.
  std::size_t bid_levels = 0;
  std::size_t ask_levels = 0;
};

/// The marginal price of v is that of the level at which the cumulative size first reaches v. ask(v) never
/// falls and bid(v) never rises, so the spread ask/mid - 1 = (a - b)/(a + b) never falls, and the points
/// within the bound are the first ones; when not even the first is, the curve is that point alone.
PriceVolumeCurve price_volume_curve(const Ladder& bids, const Ladder& asks, const CurveRule& rule);

}  // namespace navkeeper::pricing
