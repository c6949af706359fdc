#pragma once
// How much of a fund is cash today, in a day, in 7 and in 30, and what its rule says of it. Dollars, exact.
//
// ICA_1940 (rule 22e-4): at most 15 % of net assets in what cannot be sold within seven calendar days at
// about its carrying value. ETP_1933 (generic listing standards): where less than 85 % of the assets is
// readily available, a written liquidity-risk policy must stand. The numbers are parameters of the policy
// (facts/funds.md 0 and 2, facts/regulatory.md; the texts themselves were not at hand).
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/time/instant.h"

namespace navkeeper::staking::liquidity {

enum class Regime { kIca1940, kEtp1933 };
std::string_view describe(Regime regime);  ///< "ICA_1940", "ETP_1933"
std::optional<Regime> parse_regime(std::string_view word);

enum class HoldingKind {
  kCash,
  kCoins,      ///< free coins
  kStaked,     ///< earns; must be asked back
  kReturning,  ///< asked back: unbonding, exiting, redeeming
  kClaimable,  ///< rewards that any transaction fetches
  kToken,      ///< liquid-staking token
};
std::string_view describe(
    HoldingKind kind);  ///< "cash", "coins", "staked", "returning", "claimable", "token"

struct Holding {
  HoldingKind kind = HoldingKind::kCash;
  std::string place;  ///< unique among the holdings of its kind
  model::AssetId asset = model::AssetId::literal("UNSET");
  int decimals = 0;                      ///< of the asset's smallest unit
  money::Decimal quantity;               ///< whole coins, or dollars of cash
  money::Decimal value;                  ///< carrying value in dollars, not negative
  std::optional<time::Instant> free_at;  ///< from when it can be sold; nothing: not known
  money::Decimal sale_loss;              ///< what a sale of all of it then loses, as a part of its value
  bool indivisible = false;              ///< all or nothing: a 0x01 validator's exit
  money::Decimal yield_rate;             ///< a year, net; what giving it up costs
};

struct LiquidityPolicy {
  Regime regime = Regime::kIca1940;
  money::Decimal illiquid_max = money::Decimal::of(15, 2);  ///< of net assets; exactly that is allowed
  money::Decimal readily_min = money::Decimal::of(85, 2);   ///< of assets; exactly that is enough
  int sale_days = 7;                                        ///< calendar days
  money::Decimal sale_loss_max = money::Decimal::of(2, 2);  ///< still "about the carrying value"
  bool returning_counts = true;  ///< what comes back within the sale days counts as liquid
  std::string written_policy;    ///< reference of the written liquidity-risk policy; empty: none
};

inline constexpr std::array kHorizonDays{0, 1, 7, 30};

struct Ladder {
  /// Cumulative dollars that can be sold at about the carrying value, by kHorizonDays.
  std::array<money::Decimal, kHorizonDays.size()> available{};
  money::Decimal later;    ///< known, but not within the last horizon
  money::Decimal unknown;  ///< nobody knows when, or only at a loss beyond the policy's
  money::Decimal assets;   ///< all of it
  /// available / assets; nothing without assets.
  std::optional<money::Rational> share(std::size_t horizon) const;
};
/// Values not negative, losses between 0 and 1 (ENSURE).
Ladder ladder(const std::vector<Holding>& holdings, const LiquidityPolicy& policy, time::Instant as_of);

/// What the fund's rule calls illiquid of one holding: all of it or nothing.
bool is_illiquid(const Holding& holding, const LiquidityPolicy& policy, time::Instant as_of);

enum class Standing {
  kWithin,
  kAboveIlliquid,        ///< ICA_1940: more than the limit of net assets
  kBelowReadilyCovered,  ///< ETP_1933: below, and the written policy stands
  kBelowReadily,         ///< ETP_1933: below, and there is none
};
std::string_view describe(Standing standing);  ///< "within", "above_illiquid", ...

enum class LiquidityRefusal {
  kNoNetAssets,  ///< net assets of nothing or less: no share can be told
  kNegativeValue,
  kMoreThanHeld,
  kIlliquidLimit,    ///< the acquisition would leave more than the limit illiquid
  kNoWrittenPolicy,  ///< it would leave less than the least readily available, without a written policy
  kNotPositive,
  kMoreThanNetAssets,
};
std::string_view describe(LiquidityRefusal refusal);

struct LiquidityTest {
  Standing standing = Standing::kWithin;
  money::Decimal net_assets;
  money::Decimal illiquid;         ///< dollars, by the fund's rule
  money::Rational illiquid_share;  ///< of net assets
  money::Rational readily_share;   ///< today's part of the assets
  Ladder ladder;
};
base::Result<LiquidityTest, LiquidityRefusal> test(const std::vector<Holding>& holdings,
                                                   const money::Decimal& net_assets,
                                                   const LiquidityPolicy& policy, time::Instant as_of);

/// Something that is about to become illiquid or less available: a delegation, a deposit, a purchase.
struct Acquisition {
  Holding bought;  ///< as it will be held
  std::vector<Holding>
      paid_by;  ///< what it takes: kind, place and asset name the holding, quantity and value
};
/// What is held with it; nothing where more is paid than is held.
std::optional<std::vector<Holding>> holdings_after(const std::vector<Holding>& holdings,
                                                   const Acquisition& acquisition);
/// The test as it would stand afterwards; refused where it breaks the rule. One that makes nothing worse for
/// the rule (liquid for liquid) is allowed even in a breach: the rule forbids acquisitions of illiquid
/// investments, and forces no sale.
base::Result<LiquidityTest, LiquidityRefusal> check_acquisition(const std::vector<Holding>& holdings,
                                                                const money::Decimal& net_assets,
                                                                const Acquisition& acquisition,
                                                                const LiquidityPolicy& policy,
                                                                time::Instant as_of);

/// Dollars that may still go from what is available today to what is illiquid (ICA_1940) or not readily
/// available (ETP_1933) before the rule binds; never negative; nothing where the rule sets no bound.
std::optional<money::Rational> room_for_illiquid(const LiquidityTest& test, const LiquidityPolicy& policy);

}  // namespace navkeeper::staking::liquidity
