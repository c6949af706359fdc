#include "services/pricing/domain/markets/real_time_index.h"

#include <algorithm>
#include <limits>
#include <set>

#include "common/base/ensure.h"
#include "common/money/wide.h"
#include "services/pricing/domain/markets/fixed_exponential.h"
#include "services/pricing/domain/markets/price_volume_curve.h"

namespace navkeeper::pricing {
namespace {

using money::Int128;
using money::Uint128;
using money::wide::Wide;

constexpr int kDecayDecimals = 18;

std::vector<BookUse> uses_of(const RealTimeDefinition& definition, std::span<const VenueBook> books,
                             time::Instant at) {
  std::vector<BookUse> uses;
  uses.reserve(books.size());
  for (const VenueBook& venue : books) {
    const BookShape shape = venue.book == nullptr ? BookShape::kEmpty : venue.book->shape();
    BookUse use = BookUse::kUsed;
    if (shape == BookShape::kEmpty)
      use = BookUse::kAbsent;
    else if (venue.heard_at < at && at - venue.heard_at > definition.book_age_max)
      use = BookUse::kLate;
    else if (shape == BookShape::kOneSided)
      use = BookUse::kOneSided;
    else if (shape == BookShape::kCrossed)
      use = BookUse::kCrossed;
    uses.push_back(use);
  }
  return uses;
}

/// Screens the books that are otherwise good; what it drops becomes kDeviating.
ScreenState screen_books(const RealTimeDefinition& definition, std::span<const VenueBook> books,
                         const ScreenState& before, std::vector<BookUse>& uses) {
  std::vector<std::optional<std::int64_t>> twice_mid(books.size());
  for (std::size_t i = 0; i < books.size(); ++i) {
    if (uses[i] == BookUse::kUsed)
      twice_mid[i] = books[i].book->bids().best().ticks + books[i].book->asks().best().ticks;
  }
  ScreenState after = screen_state(definition.screen, before, twice_mid);
  for (std::size_t i = 0; i < books.size(); ++i) {
    if (uses[i] == BookUse::kUsed && after.dropped[i]) uses[i] = BookUse::kDeviating;
  }
  return after;
}

std::optional<RealTimeFailure> too_few(const RealTimeDefinition& definition,
                                       const std::vector<BookUse>& uses) {
  const auto used = static_cast<std::size_t>(std::count(uses.begin(), uses.end(), BookUse::kUsed));
  if (used == 0) return RealTimeFailure::kNoBook;
  if (used < definition.minimum_venues) return RealTimeFailure::kTooFewVenues;
  return std::nullopt;
}

std::int64_t cap_of(const SizeCapRule& rule, const Ladder& bids, const Ladder& asks) {
  std::vector<std::int64_t> sample;
  for (const Ladder* ladder : {&asks, &bids}) {
    for (std::size_t i = 0; i < std::min(rule.levels_per_side, ladder->size()); ++i)
      sample.push_back(ladder->best(i).lots);
  }
  return order_size_cap(sample, rule);
}

/// q = e^(-lambda s): the weight of a grid point over that of the one before it.
std::uint64_t decay_factor(const RealTimeDefinition& definition, std::int64_t grid_points) {
  const Int128 decay = *definition.decay.to_units(kDecayDecimals);
  if (definition.decay_rule == DecayRule::kFixed)
    return exp_minus(*definition.spacing.to_units(kDecayDecimals), decay);
  // lambda s = s / (f J s).
  return exp_minus(*money::Decimal::of(1).to_units(kDecayDecimals), decay * grid_points);
}

/// Sum of weight x (ask + bid) over the runs. Taken from the first run's sum, so that 128 bits hold it: all
/// weights together are below 2^77, so differences below 2^49 fit; wider ones, which no real book has, are
/// summed in Wide.
Wide weighted_sum(std::span<const CurveRun> runs, std::span<const Uint128> weights) {
  constexpr Int128 kDifferenceEnd = Int128{1} << 49;
  const auto weight_of = [&](const CurveRun& run) {
    return weights[static_cast<std::size_t>(run.last)] - weights[static_cast<std::size_t>(run.first) - 1];
  };
  const Int128 base = Int128{runs.front().ask_ticks} + runs.front().bid_ticks;
  Wide total = Wide(weights[static_cast<std::size_t>(runs.back().last)]) * base;
  Int128 narrow = 0;
  for (const CurveRun& run : runs) {
    const Int128 difference = Int128{run.ask_ticks} + run.bid_ticks - base;
    const Uint128 weight = weight_of(run);
    if (difference < kDifferenceEnd && difference > -kDifferenceEnd)
      narrow += static_cast<Int128>(weight) * difference;
    else
      total += Wide(weight) * difference;
  }
  return total + narrow;
}

/// The weighted mean of the runs' mids, rounded and cut.
void fill_value(const RealTimeDefinition& definition, std::span<const CurveRun> runs,
                std::span<const Uint128> weights, RealTimeValue& value) {
  const Wide numerator = weighted_sum(runs, weights);
  const Wide denominator = Wide(weights[static_cast<std::size_t>(runs.back().last)]) * 2 *
                           money::wide::power_of_ten<Wide>(definition.scale.price_decimals);
  const auto rounded = [&](int decimals, money::Rounding rounding) {
    const Wide scaled = numerator * money::wide::power_of_ten<Wide>(decimals);
    return money::wide::to_decimal(money::wide::divide(scaled, denominator, rounding), decimals);
  };
  value.value = rounded(definition.decimals, definition.rounding);
  value.unrounded = rounded(money::kQuotientDecimals, money::Rounding::kDown);
}

/// From the consolidated ladders to the value; `weights` with their factor are reused when they fit.
void evaluate(const RealTimeDefinition& definition, const Ladder& bids, const Ladder& asks,
              std::uint64_t& weights_q, std::vector<Uint128>& weights, RealTimeValue& value) {
  std::size_t cap_levels = 0;
  if (definition.size_cap) {
    value.cap_lots = cap_of(*definition.size_cap, bids, asks);
    cap_levels = definition.size_cap->levels_per_side;
  }
  const std::int64_t cap = definition.size_cap ? value.cap_lots : std::numeric_limits<std::int64_t>::max();
  const auto spacing =
      static_cast<std::int64_t>(*definition.spacing.to_units(definition.scale.size_decimals));
  const PriceVolumeCurve curve = price_volume_curve(
      bids, asks,
      {spacing, definition.spread_max_ppm, cap, definition.crossed == CrossedRule::kMatch, kGridPointsMax});
  value.bid_levels = std::max(curve.bid_levels, std::min(cap_levels, bids.size()));
  value.ask_levels = std::max(curve.ask_levels, std::min(cap_levels, asks.size()));
  if (curve.overran || curve.runs.empty()) {
    value.failure = curve.overran ? RealTimeFailure::kTooManyPoints : RealTimeFailure::kTooThin;
    return;
  }
  value.grid_points = curve.runs.back().last;
  value.depth = definition.spacing * money::Decimal::of(value.grid_points);
  const auto points = static_cast<std::size_t>(value.grid_points);
  const std::uint64_t q = decay_factor(definition, value.grid_points);
  if (q != weights_q || weights.size() <= points) {
    weights = cumulative_weights(q, points);
    weights_q = q;
  }
  fill_value(definition, curve.runs, weights, value);
}

}  // namespace

std::string_view describe(BookUse use) {
  switch (use) {
    case BookUse::kAbsent:
      return "absent";
    case BookUse::kLate:
      return "late";
    case BookUse::kOneSided:
      return "one_sided";
    case BookUse::kCrossed:
      return "crossed";
    case BookUse::kDeviating:
      return "deviating";
    case BookUse::kUsed:
      return "used";
  }
  ENSURE(false);
}

std::string_view describe(RealTimeFailure failure) {
  switch (failure) {
    case RealTimeFailure::kNoBook:
      return "no book is left";
    case RealTimeFailure::kTooFewVenues:
      return "fewer venues are left than the minimum";
    case RealTimeFailure::kTooThin:
      return "a side is thinner than one grid step";
    case RealTimeFailure::kTooManyPoints:
      return "the utilised depth has too many grid points";
  }
  ENSURE(false);
}

std::optional<std::string_view> problem_with(const RealTimeDefinition& definition) {
  if (definition.venues.empty() || definition.venues.size() > kRealTimeVenuesMax)
    return "venues must be 1 to 200";
  if (std::set(definition.venues.begin(), definition.venues.end()).size() != definition.venues.size())
    return "a venue appears twice";
  const auto decimals_fit = [](int decimals) { return decimals >= 0 && decimals <= kBookDecimalsMax; };
  if (!decimals_fit(definition.scale.price_decimals) || !decimals_fit(definition.scale.size_decimals) ||
      !decimals_fit(definition.decimals))
    return "decimals must be 0 to 18";
  if (definition.book_age_max <= time::Duration()) return "book_age_max must be positive";
  if (definition.screen.deviation_readmit_ppm < 0 ||
      definition.screen.deviation_readmit_ppm > definition.screen.deviation_max_ppm)
    return "the readmission bound must lie between 0 and the maximum deviation";
  if (definition.screen.deviation_max_ppm > 1'000'000) return "the maximum deviation must not exceed 1";
  if (definition.minimum_venues < 1 || definition.minimum_venues > definition.venues.size())
    return "minimum_venues must be 1 to the number of venues";
  if (definition.size_cap) {
    const SizeCapRule& cap = *definition.size_cap;
    if (cap.levels_per_side < 1 || cap.levels_per_side > kLevelsMax || cap.winsorised_ppm < 0 ||
        cap.winsorised_ppm >= 500'000 || cap.deviations_ppm < 0 || cap.deviations_ppm > 1'000'000'000)
      return "the size cap's levels, winsorised part or deviations are out of range";
  }
  const auto spacing = definition.spacing.is_positive()
                           ? definition.spacing.to_units(definition.scale.size_decimals)
                           : std::nullopt;
  if (!spacing || *spacing >= kLotsEnd) return "spacing must be positive and a whole number of lots";
  if (definition.spread_max_ppm < 0 || definition.spread_max_ppm >= 1'000'000)
    return "spread_max must be at least 0 and below 1";
  const auto decay =
      definition.decay.is_positive() ? definition.decay.to_units(kDecayDecimals) : std::nullopt;
  // Times kGridPointsMax it still fits 128 bits.
  if (!decay || *decay > (Int128{1} << 100)) return "decay must be positive with at most 18 decimals";
  return std::nullopt;
}

RealTimeValue compute_real_time(const RealTimeDefinition& definition, std::span<const VenueBook> books,
                                const ScreenState& before, time::Instant at) {
  ENSURE(!problem_with(definition));
  ENSURE(books.size() == definition.venues.size() && before.dropped.size() == books.size());
  RealTimeValue value;
  value.at = at;
  value.uses = uses_of(definition, books, at);
  value.screen = screen_books(definition, books, before, value.uses);
  value.failure = too_few(definition, value.uses);
  if (value.failure) return value;
  Ladder bids{Side::kBid};
  Ladder asks{Side::kAsk};
  for (std::size_t i = 0; i < books.size(); ++i) {
    if (value.uses[i] != BookUse::kUsed) continue;
    ENSURE(books[i].book->scale() == definition.scale);
    for (Ladder* ladder : {&bids, &asks}) {
      const Ladder& own = books[i].book->ladder(ladder->side());
      for (std::size_t k = 0; k < own.size(); ++k)
        ladder->set(own.best(k).ticks, ladder->lots_at(own.best(k).ticks) + own.best(k).lots);
    }
  }
  std::uint64_t weights_q = 0;
  std::vector<Uint128> weights;
  evaluate(definition, bids, asks, weights_q, weights, value);
  return value;
}

RealTimeIndex::RealTimeIndex(RealTimeDefinition definition, std::optional<ScreenState> state)
    : definition_(std::move(definition)) {
  ENSURE(!problem_with(definition_));
  venues_.assign(definition_.venues.size(), Venue{OrderBook(definition_.scale), {}, false, false});
  screen_ = state ? std::move(*state) : ScreenState{std::vector<bool>(venues_.size(), false)};
  ENSURE(screen_.dropped.size() == venues_.size());
}

void RealTimeIndex::consolidate(const Venue& venue, std::int64_t sign) {
  for (Ladder* ladder : {&bids_, &asks_}) {
    const Ladder& own = venue.book.ladder(ladder->side());
    // From the worst price up, so that most insertions are at the end.
    for (std::size_t k = own.size(); k-- > 0;) {
      const Level level = own.best(k);
      ladder->set(level.ticks, ladder->lots_at(level.ticks) + sign * level.lots);
    }
  }
}

std::optional<BookError> RealTimeIndex::snapshot(std::size_t venue, time::Instant heard_at,
                                                 std::span<const Level> bids, std::span<const Level> asks) {
  Venue& changed = venues_.at(venue);
  OrderBook fresh(definition_.scale);
  if (const auto problem = fresh.snapshot(bids, asks)) return problem;
  if (changed.included) consolidate(changed, -1);
  changed.book = std::move(fresh);
  if (changed.included) consolidate(changed, 1);
  heard(venue, heard_at);
  return std::nullopt;
}

std::optional<BookError> RealTimeIndex::update(std::size_t venue, time::Instant heard_at, Side side,
                                               Level level) {
  Venue& changed = venues_.at(venue);
  const std::int64_t before = changed.book.ladder(side).lots_at(level.ticks);
  if (const auto problem = changed.book.update(side, level)) return problem;
  if (changed.included) {
    Ladder& ladder = side == Side::kBid ? bids_ : asks_;
    ladder.set(level.ticks, ladder.lots_at(level.ticks) + level.lots - before);
  }
  heard(venue, heard_at);
  return std::nullopt;
}

void RealTimeIndex::heard(std::size_t venue, time::Instant heard_at) {
  Venue& changed = venues_.at(venue);
  changed.heard_at = changed.known ? std::max(changed.heard_at, heard_at) : heard_at;
  changed.known = true;
}

void RealTimeIndex::forget(std::size_t venue) {
  Venue& forgotten = venues_.at(venue);
  if (forgotten.included) consolidate(forgotten, -1);
  forgotten.book.clear();
  forgotten.known = false;
}

RealTimeValue RealTimeIndex::value_at(time::Instant at) {
  ENSURE(last_ <= at);
  last_ = at;
  std::vector<VenueBook> books;
  books.reserve(venues_.size());
  for (const Venue& venue : venues_) books.push_back({venue.known ? &venue.book : nullptr, venue.heard_at});
  RealTimeValue value;
  value.at = at;
  value.uses = uses_of(definition_, books, at);
  screen_ = screen_books(definition_, books, screen_, value.uses);
  value.screen = screen_;
  for (std::size_t i = 0; i < venues_.size(); ++i) {
    const bool include = value.uses[i] == BookUse::kUsed;
    if (include == venues_[i].included) continue;
    consolidate(venues_[i], include ? 1 : -1);
    venues_[i].included = include;
  }
  value.failure = too_few(definition_, value.uses);
  if (!value.failure) evaluate(definition_, bids_, asks_, weights_q_, weights_, value);
  return value;
}

}  // namespace navkeeper::pricing
