#pragma once
// Whether a pool's income is believable: the limits of Lido's OracleReportSanityChecker, adapted to pools in
// which one proposal is more than the flat limit (facts/staking.md 3). A figure outside its band is not
// changed; it is said, and a second source must confirm it before it is believed. Gwei, whole.
#include <cstdint>
#include <string>
#include <vector>

#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/money/units.h"

namespace navkeeper::staking::measures {

/// Parameters: Lido's mainnet values where it has them ([S] deployed-mainnet.json), else the house's.
struct BandLimits {
  money::Decimal daily_fall_max = money::Decimal::of(2, 4);        ///< 0.02 % of the stake a day
  money::Decimal daily_rise_max = money::Decimal::of(750'000, 9);  ///< maxPositiveTokenRebase
  money::Units proposal_allowance{60'000'000};                     ///< Gwei a proposal on top of the rise
  money::Units sync_seat_allowance{190'000'000};  ///< Gwei a seat for a whole period of the committee
  money::Decimal annual_rise_max = money::Decimal::of(1'000, 4);  ///< annualBalanceIncreaseBPLimit
  std::uint64_t annual_from_validators = 1'000;                   ///< below, luck alone may exceed it
  money::Decimal expected_ratio_min = money::Decimal::of(90, 2);
  money::Decimal expected_ratio_max = money::Decimal::of(110, 2);
  std::uint64_t expected_from_validators = 100;  ///< below, the ratio is a remark
  money::Units initial_slashing{8'000'000};      ///< initialSlashingAmountPWei, Gwei a validator in 18 days
  money::Units inactivity{101'000'000};  ///< inactivityPenaltiesAmountPWei, Gwei a validator in 54 days
};

struct PoolPeriod {
  std::int64_t seconds = 86'400;
  std::uint64_t epochs = 225;
  std::uint64_t validators = 0;
  money::Units stake;   ///< at the start
  money::Units income;  ///< of the consensus layer, signed
  std::uint64_t proposals = 0;
  std::uint64_t sync_seat_slots = 0;        ///< slots in which a validator of ours sat in the committee
  std::uint64_t sync_period_slots = 8'192;  ///< of a whole seat
  money::Units effective_balance;           ///< own, mean; of it ether::ideal_rewards are expected
  money::Units total_effective_balance;     ///< of the chain, mean
};

enum class BandRule {
  kDailyFall,
  kDailyRise,
  kAnnualRise,
  kExpectedRatio,
  kNegativePeriod,   ///< look for a slashing
  kNegativeRebases,  ///< LIP-23, over 18 and 54 days
};
std::string_view describe(BandRule rule);

struct BandFinding {
  BandRule rule{};
  bool binding = true;       ///< false: a remark, the pool is too small for the rule to bind
  money::Rational measured;  ///< a ratio; for kNegativePeriod and kNegativeRebases Gwei
  money::Rational limit;
};
/// What lies outside, in the order of BandRule; nothing: inside. A stake or a length of nothing: ENSURE.
std::vector<BandFinding> outside_band(const PoolPeriod& period, const BandLimits& limits);

/// LIP-23: the falls of 18 days may sum to what slashing and inactivity of the validators can explain.
struct NegativeRebases {
  money::Units fallen_in_18_days;  ///< not negative
  std::uint64_t validators = 0;
  std::uint64_t exited_18_days_ago = 0;
  std::uint64_t exited_54_days_ago = 0;
};
std::vector<BandFinding> outside_rebase_limit(const NegativeRebases& rebases, const BandLimits& limits);

}  // namespace navkeeper::staking::measures
