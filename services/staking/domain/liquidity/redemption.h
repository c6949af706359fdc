#pragma once
// What a redemption of so many dollars would force: which holdings pay, in which order and when, what must be
// asked back, and how the fund stands by its liquidity rule afterwards. A forecast; it moves nothing.
#include "services/staking/domain/liquidity/liquidity.h"

namespace navkeeper::staking::liquidity {

enum class Act {
  kPay,      ///< cash
  kSell,     ///< coins or tokens
  kClaim,    ///< and sell
  kAwait,    ///< it is on its way back
  kAskBack,  ///< undelegate, exit
};
std::string_view describe(Act act);  ///< "pay", "sell", "claim", "await", "ask_back"

struct Step {
  Act act{};
  std::string place;
  model::AssetId asset = model::AssetId::literal("UNSET");
  money::Decimal quantity;  ///< whole coins: rounded up to the smallest unit, all of an indivisible one
  money::Decimal proceeds;  ///< dollars after what the sale loses, cut to the cent
  time::Instant at;         ///< when they are there
};

struct Redemption {
  money::Decimal asked;
  std::vector<Step> steps;               ///< by time, then loss, then yield given up, then place
  money::Decimal covered;                ///< proceeds in all; above `asked` by what cannot be divided
  money::Decimal shortfall;              ///< nothing can be found for it
  std::optional<time::Instant> paid_at;  ///< when all of it is there; nothing: never
  /// Cumulative proceeds by kHorizonDays, of these steps.
  std::array<money::Decimal, kHorizonDays.size()> covered_by{};
  money::Decimal sale_losses;
  money::Decimal yield_given_up;  ///< a year, of what stops earning
  LiquidityTest before;
  /// With the net assets less what was asked; nothing when that leaves none.
  std::optional<LiquidityTest> after;
};

/// 0 < asked <= net assets, else refused. `sale_settlement`: from free coins to cash.
base::Result<Redemption, LiquidityRefusal> redeem(const std::vector<Holding>& holdings,
                                                  const money::Decimal& net_assets,
                                                  const money::Decimal& asked, const LiquidityPolicy& policy,
                                                  time::Instant as_of, time::Duration sale_settlement);

}  // namespace navkeeper::staking::liquidity
