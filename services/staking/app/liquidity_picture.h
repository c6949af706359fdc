#pragma once
// A fund as the liquidity rules see it: its coins and cash from a NAV, its staked positions from the chains,
// and how long each is from cash. First resolved, whole, so that it can be stored and made again; then a pure
// function of what was resolved.
#include "services/staking/app/fund_facts.h"
#include "services/staking/app/queue_outlook.h"
#include "services/staking/domain/liquidity/redemption.h"

namespace navkeeper::staking {

struct LiquidityInputs {
  FundFacts facts;
  std::vector<Position> positions;  ///< of the newest readings; contingent and claimable ones left out
  std::vector<QueueReading> queues;
  /// By asset: what stakes earned and lost since the NAV was valued, which it cannot hold yet.
  std::map<model::AssetId, money::Decimal> earned_since;
  FundTerms terms;
  time::Instant now;
  time::Instant read_at;  ///< of when the oldest of the readings is; not kept with a test
  std::map<std::string, time::Instant> read_at_of;  ///< by source, its oldest; likewise
};
/// Refused: a NAV or a reading that is too old by the fund's terms, a fund of which nothing was ever read.
LiquidityInputs resolve_liquidity(StakingStore& store, const model::FundId& fund, const FundFacts& facts,
                                  const FundTerms& terms, time::Instant now);

struct LiquidityPicture {
  std::vector<liquidity::Holding> holdings;
  liquidity::LiquidityPolicy policy;  ///< with the regime of the NAV's act
  liquidity::LiquidityTest test;
};

/// Claimable rewards are left out: they are small, and in some NAVs a receivable. Other assets than coins and
/// cash count as not available. Throws base::Refused when more of an asset is staked than the NAV holds and
/// stakes earned since, and when the NAV's net assets are not positive.
LiquidityPicture picture_of(const LiquidityInputs& inputs);

/// A fund's stakes of one coin, and what of them the ICA_1940 rule calls illiquid at `query.as_of`: not free
/// within the policy's days, or nobody knows when. Whole coins; claimable and contingent rewards, and coins
/// that lie free, are in neither.
struct IlliquidStakes {
  money::Decimal staked;
  money::Decimal illiquid;
};
std::map<model::AssetId, IlliquidStakes> illiquid_stakes(StakingStore& store, const model::FundId& fund,
                                                         const FundTerms& terms, const StakingQuery& query);

/// The place of the holding that is the free coins of an asset, and of cash.
inline constexpr const char* kFreeCoins = "free";
inline constexpr const char* kCash = "cash";

}  // namespace navkeeper::staking
