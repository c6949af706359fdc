#include "services/pricing/domain/markets/price_volume_curve.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::pricing {
namespace {

using money::Int128;

/// Walks a side from the best level on, each weighing at most the cap.
class Walk {
 public:
  Walk(const Ladder& ladder, std::int64_t cap) : ladder_(ladder), cap_(cap) { load(); }
  bool done() const { return at_ == ladder_.size(); }
  std::int64_t ticks() const { return ladder_.best(at_).ticks; }
  std::int64_t left() const { return left_; }
  /// Takes `lots` of what is left at this level away, moving on when it is used up.
  void take(std::int64_t lots) {
    left_ -= lots;
    if (left_ == 0) {
      ++at_;
      load();
    }
  }
  /// Everything left at this level joins the cumulative size.
  void count() { cumulative_ += left_; }
  /// On to the next level, its size cumulated.
  void next() {
    ++at_;
    load();
    if (!done()) count();
  }
  Int128 cumulative() const { return cumulative_; }
  std::size_t levels() const { return std::min(at_ + 1, ladder_.size()); }

 private:
  void load() {
    if (!done()) left_ = std::min(ladder_.best(at_).lots, cap_);
  }
  const Ladder& ladder_;
  std::int64_t cap_;
  std::size_t at_ = 0;
  std::int64_t left_ = 0;
  Int128 cumulative_ = 0;
};

void match(Walk& bids, Walk& asks) {
  while (!bids.done() && !asks.done() && bids.ticks() >= asks.ticks()) {
    const std::int64_t lots = std::min(bids.left(), asks.left());
    bids.take(lots);
    asks.take(lots);
  }
}

bool within_spread(std::int64_t ask, std::int64_t bid, std::int64_t spread_max_ppm) {
  return (Int128{ask} - bid) * 1'000'000 <= (Int128{ask} + bid) * spread_max_ppm;
}

void walk_grid(Walk& bid, Walk& ask, const CurveRule& rule, PriceVolumeCurve& curve) {
  if (bid.done() || ask.done()) return;
  bid.count();
  ask.count();
  std::int64_t first = 1;
  while (!bid.done() && !ask.done()) {
    const Int128 shared = std::min(bid.cumulative(), ask.cumulative());
    const Int128 last = shared / rule.spacing_lots;
    if (last >= first) {
      const bool within = within_spread(ask.ticks(), bid.ticks(), rule.spread_max_ppm);
      if (!within && first > 1) break;
      if (last > rule.grid_points_max && within) {
        curve.overran = true;
        break;
      }
      const auto end = within ? static_cast<std::int64_t>(last) : std::int64_t{1};
      curve.runs.push_back({first, end, ask.ticks(), bid.ticks()});
      if (!within) break;
      first = end + 1;
    }
    const bool bid_used = bid.cumulative() == shared;
    const bool ask_used = ask.cumulative() == shared;
    if (bid_used) bid.next();
    if (ask_used) ask.next();
  }
}

}  // namespace

PriceVolumeCurve price_volume_curve(const Ladder& bids, const Ladder& asks, const CurveRule& rule) {
  ENSURE(rule.spacing_lots > 0 && rule.cap_lots > 0);
  ENSURE(bids.side() == Side::kBid && asks.side() == Side::kAsk);
  PriceVolumeCurve curve;
  Walk bid(bids, rule.cap_lots);
  Walk ask(asks, rule.cap_lots);
  if (rule.match_crossed) match(bid, ask);
  walk_grid(bid, ask, rule, curve);
  curve.bid_levels = bid.levels();
  curve.ask_levels = ask.levels();
  return curve;
}

}  // namespace navkeeper::pricing
