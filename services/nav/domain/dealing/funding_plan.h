#pragma once
// FundingPlan: how an accepted order is met whose coins or dollars the fund has not free. Pure: the sources
// in the order of the fund's policy, each as far as it goes; what none of them covers is said. A plan moves
// nothing: the trades, draws and agreements in it are acts of their own.
#include <string>
#include <vector>

#include "services/nav/domain/dealing/dealing_terms.h"

namespace navkeeper::nav::dealing {

struct FundingNeed {
  std::string commodity;    ///< an asset, or "USD"
  money::Decimal quantity;  ///< whole coins or dollars, positive
};

/// Coins of the fund, as the books have them and open orders leave them.
struct FundingCoins {
  model::AssetId asset;
  money::Decimal free;    ///< available and not promised to another order, not negative
  money::Decimal staked;  ///< in any other state than available
  money::Decimal price;   ///< dollars a coin, positive: the last NAV's
  int transfer_decimals = 8;
  std::optional<int> unbonding_days;
};

struct FundingSight {
  money::Decimal free_cash;  ///< dollars
  money::Decimal credit_line;
  std::vector<FundingCoins> coins;
  std::int64_t days_to_settlement = 1;  ///< calendar days from the trade date
  bool is_in_kind = true;               ///< the participant can take dollars for coins
};

struct FundingStep {
  FundingSource source = FundingSource::kCash;
  std::string commodity;    ///< what is used: "USD", the coin that is sold, unstaked or settled in dollars
  money::Decimal quantity;  ///< of it
  money::Decimal covers;    ///< of the need, in the need's own unit
  std::string note;
};

struct FundingPlan {
  FundingNeed need;
  std::vector<FundingStep> steps;
  money::Decimal uncovered;  ///< need less what the steps cover
};

/// A coin that is needed is bought at the price given, so a dollar covers dollars / price, cut to the
/// transfer's decimals. `sight` is used up by what the plan takes, so that the next need does not count on it
/// again. A needed coin must be among the sight's (ENSURE).
FundingPlan plan_funding(const FundingNeed& need, const std::vector<FundingSource>& order,
                         FundingSight& sight);

}  // namespace navkeeper::nav::dealing
