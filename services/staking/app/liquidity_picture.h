#pragma once
// A fund as the liquidity rules see it: its coins and cash from a NAV, its staked positions from the chains,
// and how long each is from cash.
#include "services/staking/app/fund_facts.h"
#include "services/staking/app/staking_store.h"
#include "services/staking/domain/liquidity/breach.h"
#include "services/staking/domain/liquidity/redemption.h"
#include "services/staking/domain/queues/time_to_cash.h"

namespace navkeeper::staking {

/// A fund's row in the configuration; its act comes from the NAV.
struct LiquidityTerms {
  liquidity::LiquidityPolicy policy;
  time::Duration sale_settlement = time::Duration::hours(24);
  std::map<std::string, money::Decimal> token_sale_loss{};   ///< by asset
  std::map<std::string, time::Duration> custodian_notice{};  ///< by source
};

struct LiquidityPicture {
  std::vector<liquidity::Holding> holdings;
  liquidity::LiquidityPolicy policy;
  liquidity::LiquidityTest test;
};

/// The newest positions of every source in one list.
std::vector<Position> positions_of(const std::vector<StoredReading>& readings);

/// Claimable rewards are left out: they are small, and in some NAVs a receivable. Other assets than coins and
/// cash count as not available. Throws base::Refused when more of an asset is staked than the NAV holds, and
/// when the NAV's net assets are not positive.
LiquidityPicture picture_of(const FundFacts& facts, const std::vector<Position>& positions,
                            const queues::Outlook& outlook, const LiquidityTerms& terms);

}  // namespace navkeeper::staking
