#pragma once
// The real-time index of a pair: one value a second out of the venues' order books (facts on pricing, 1.3).
//
// Books that are late, one-sided, crossed or (venue_screen.h) far from the others are dropped; what is left
// is merged by price into one consolidated book; a level above the cap (order_size_cap.h) weighs the cap. On
// the grid v = s, 2s, 3s ... mid(v) is the mean of the marginal prices to buy and to sell v in all. v_T is
// the last grid point at which ask(v)/mid(v) - 1 does not exceed the spread bound, the first grid point when
// none does. The value is the mean of mid(v) up to v_T with weights e^(-lambda v).
//
// Numbers: ticks, lots, sums and comparisons are exact integers. The weights alone are approximate: 63 binary
// places, each at most 2j units low at grid point j (fixed_exponential.h). Over J grid points the unrounded
// value is therefore within 2 J^2 2^-63 (highest - lowest mid) of the true one: for J = 10,000 and mids 500
// dollars apart, 1.1e-8 dollars; for J = 100, 1.1e-12. It is rounded once, from the exact quotient of those
// weights. The same books give the same digits everywhere.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/money/rounding.h"
#include "common/time/instant.h"
#include "services/pricing/domain/markets/order_book.h"
#include "services/pricing/domain/markets/order_size_cap.h"
#include "services/pricing/domain/markets/venue_screen.h"

namespace navkeeper::pricing {

/// What 1/lambda is: a fixed size, or a part of the utilised depth v_T. The sources disagree (facts: "lambda
/// = 1/0.37" against "1/(0.3 v_T)"), so it is data.
enum class DecayRule { kFixed, kDepth };
constexpr std::string_view describe(DecayRule rule) { return rule == DecayRule::kFixed ? "fixed" : "depth"; }

/// What happens where the consolidated book crosses between venues: nothing (mid(v) is defined all the same),
/// or the crossing levels, already capped, are matched against each other and leave.
enum class CrossedRule { kKeep, kMatch };
constexpr std::string_view describe(CrossedRule rule) {
  return rule == CrossedRule::kKeep ? "keep" : "match";
}

/// Data with effective dates (dated.h); every value says which version made it.
struct RealTimeDefinition {
  model::IndexId id;
  model::PairId pair;
  std::vector<model::VenueId> venues;  ///< 1 to 200, differing
  BookScale scale;                     ///< of every venue's book
  time::Duration book_age_max;         ///< a book older than this is late
  ScreenRule screen;
  std::size_t minimum_venues = 1;  ///< books left, or there is no value
  std::optional<SizeCapRule> size_cap;
  CrossedRule crossed = CrossedRule::kKeep;
  money::Decimal spacing;               ///< s, base units, positive
  std::int64_t spread_max_ppm = 5'000;  ///< D: 0.5% is 5,000; below 1,000,000
  DecayRule decay_rule = DecayRule::kDepth;
  money::Decimal decay;  ///< kFixed: 1/lambda in base units; kDepth: the part of v_T; positive
  int decimals = 2;      ///< of the published value, 0 to 18
  money::Rounding rounding = money::Rounding::kHalfEven;
};
constexpr std::size_t kRealTimeVenuesMax = 200;
constexpr std::int64_t kGridPointsMax = 10'000;

/// The first rule that the definition breaks, as a sentence, or nothing.
std::optional<std::string_view> problem_with(const RealTimeDefinition& definition);

/// What became of a venue's book, tried in this order.
enum class BookUse {
  kAbsent,     ///< no book yet, or an empty one
  kLate,       ///< older than book_age_max
  kOneSided,   ///< erroneous
  kCrossed,    ///< erroneous: best bid at or above best ask
  kDeviating,  ///< dropped by the screen
  kUsed,
};
std::string_view describe(BookUse use);

/// Why there is no value, tried in this order.
enum class RealTimeFailure {
  kNoBook,         ///< nothing is left
  kTooFewVenues,   ///< less than the minimum is left
  kTooThin,        ///< a side has less than one grid step
  kTooManyPoints,  ///< more than kGridPointsMax grid points: the spacing is too fine for this depth
};
std::string_view describe(RealTimeFailure failure);

struct RealTimeValue {
  time::Instant at;
  std::optional<money::Decimal> value;      ///< rounded; nothing on failure
  std::optional<money::Decimal> unrounded;  ///< the quotient cut after 21 decimals
  std::optional<RealTimeFailure> failure;
  std::vector<BookUse> uses;     ///< a venue each
  std::int64_t cap_lots = 0;     ///< 0: none
  std::int64_t grid_points = 0;  ///< J
  money::Decimal depth;          ///< v_T = J s, base units
  ScreenState screen;            ///< after this value: what the next one starts from
  /// Best levels of each side of the consolidated book that were looked at; the value depends on no others.
  std::size_t bid_levels = 0;
  std::size_t ask_levels = 0;
  bool operator==(const RealTimeValue&) const = default;
};

/// A venue's book as it stands, and when it was last heard of.
struct VenueBook {
  const OrderBook* book = nullptr;  ///< null: none
  time::Instant heard_at;
};

/// The value at an instant, everything from the beginning: the reference for the incremental index below, and
/// what checks a stored value. `books` in the order of the definition's venues, which has no problem
/// (ENSURE).
RealTimeValue compute_real_time(const RealTimeDefinition& definition, std::span<const VenueBook> books,
                                const ScreenState& before, time::Instant at);

/// The same kept up to date message by message: books are changed, and the consolidated one with them, as
/// messages come; a value costs only what lies within the utilised depth. Always equal to compute_real_time
/// over the same books.
class RealTimeIndex {
 public:
  /// `state`: to go on from where another run, or a replay, left off.
  explicit RealTimeIndex(RealTimeDefinition definition, std::optional<ScreenState> state = std::nullopt);

  const RealTimeDefinition& definition() const { return definition_; }
  const OrderBook& book(std::size_t venue) const { return venues_[venue].book; }
  const ScreenState& screen() const { return screen_; }
  bool known(std::size_t venue) const { return venues_[venue].known; }
  time::Instant heard_at(std::size_t venue) const { return venues_[venue].heard_at; }
  /// A side of the consolidated book as the last value left it.
  const Ladder& consolidated(Side side) const { return side == Side::kBid ? bids_ : asks_; }

  /// A whole book. Refused as OrderBook refuses it; the refused message still counts as heard of only if
  /// `heard` did before: nothing changes.
  std::optional<BookError> snapshot(std::size_t venue, time::Instant heard_at, std::span<const Level> bids,
                                    std::span<const Level> asks);
  std::optional<BookError> update(std::size_t venue, time::Instant heard_at, Side side, Level level);
  /// A heartbeat: the book stands as it is.
  void heard(std::size_t venue, time::Instant heard_at);
  /// Its state is unknown (a gap, a lost connection): the book is empty until the next snapshot.
  void forget(std::size_t venue);

  /// The value at `at`, which must not be before the last one (ENSURE); moves the screen's state on.
  RealTimeValue value_at(time::Instant at);

 private:
  struct Venue {
    OrderBook book;
    time::Instant heard_at;
    bool known = false;
    bool included = false;  ///< its levels stand in the consolidated ladders
  };
  void consolidate(const Venue& venue, std::int64_t sign);

  RealTimeDefinition definition_;
  std::vector<Venue> venues_;
  Ladder bids_{Side::kBid};
  Ladder asks_{Side::kAsk};
  ScreenState screen_;
  time::Instant last_ = time::Instant::earliest();
  /// Sums of powers, kept while the decay is the same.
  std::uint64_t weights_q_ = 0;
  std::vector<money::Uint128> weights_;
};

}  // namespace navkeeper::pricing
