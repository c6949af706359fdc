#pragma once
// The yields of a fund's positions, out of the roll-forwards and events that are stored: taken after each
// reading that brought something, and whenever somebody asks.
#include "services/staking/app/measure_store.h"
#include "services/staking/app/staking_store.h"
#include "services/staking/domain/measures/yield.h"

namespace navkeeper::staking {

/// Windows of 1, 7, 30 and 365 days, and 0: since the stake is known, a year at most.
inline constexpr int kSinceKnown = 0;

/// Stakes as the roll-forwards of the stake accounts open and close; income from rewards and losses. Bonuses
/// that are only contingent are no income. An asset's windows end at the state up to which all of its sources
/// were read. Totals of each asset (without a key) and each position, by asset, key and window.
std::vector<Measure> take_measures(const std::vector<StoredRollForward>& roll_forwards,
                                   const std::vector<StoredEvent>& events);

/// How well a source's validators of ether did what they were asked, over windows that end with its newest
/// duties.
struct Performance {
  std::string source;
  int window_days = 0;
  time::Instant from;  ///< of the first interval in it
  time::Instant to;
  measures::Duties duties;                   ///< of all of them
  std::size_t validators_without_ideal = 0;  ///< of which attestations are left out of the effectiveness
  measures::Effectiveness effectiveness;
  std::optional<measures::IncomeParts> parts;  ///< in Gwei; nothing where the chain's total is not known
};
std::vector<Performance> performance_of(StakingStore& store, const model::FundId& fund, time::Instant as_of,
                                        time::Instant known_at);

/// What a liquid token's rate rose or fell a year, between two states; by source, token and window.
struct TokenRate {
  std::string source;
  std::string token;
  int window_days = 0;
  time::Instant from;
  time::Instant to;
  money::Decimal rate_from;
  money::Decimal rate_to;
  std::array<money::Rational, 2> apr;  ///< by measures::kYearBases; a falling rate is negative
};
/// Windows that begin before a rate is known are left out, but for the one since it is known.
std::vector<TokenRate> token_rates_of(StakingStore& store, const model::FundId& fund, time::Instant as_of,
                                      time::Instant known_at);

enum class Measuring {
  kOnceADay,  ///< only where an asset was read up to a UTC day of which there is no measure yet
  kNow,
};
/// Takes them from what is stored and stores them. Gives how many are new: the same stakes and income give
/// the same measures, which are stored once.
std::size_t measure_fund(StakingStore& facts, MeasureStore& measures, const model::FundId& fund,
                         Measuring when, time::Instant known_at, const std::string& actor);

}  // namespace navkeeper::staking
