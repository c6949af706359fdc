#pragma once
// A proposal for a fund's coins: how much to which validator, how much into liquid tokens, how much stays
// free, when to claim. Given the fund's liquidity rule, what is expected to be redeemed, the validators'
// records and the policy. It moves nothing; people propose and approve its movements in custody.
#include <map>
#include <string>
#include <vector>

#include "services/staking/domain/liquidity/liquidity.h"
#include "services/staking/domain/plan/allocation.h"
#include "services/staking/domain/plan/claim_timing.h"

namespace navkeeper::staking::plan {

struct Candidate {
  std::string place;       ///< validator
  std::string owner;       ///< who operates it: several validators may have one
  money::Decimal current;  ///< what the fund has there now, whole coins
  money::Decimal tokens;   ///< bonded there by everybody, the fund's included
  std::optional<money::Decimal> tokens_max =
      {};                     ///< that earn there at most, by everybody; nothing: no bound
  money::Decimal gross_rate;  ///< a year, before commission: 0.05
  money::Decimal commission;  ///< 0 to 1
  money::Decimal uptime = money::Decimal::of(1);  ///< signed part of the window, or attestation effectiveness
  int slashes = 0;                                ///< seen in the observed days
  int observed_days = 0;                          ///< 0: never observed, which a policy may refuse
  money::Decimal slash_fraction;                  ///< of the stake each time
  bool jailed = false;
  bool tombstoned = false;
  bool bonded = true;  ///< in the set that earns
  /// Unbondings that the fund can still begin there; nothing: no bound. Where none is left, a stake that is
  /// asked back waits for the first that ends.
  std::optional<std::uint32_t> entries_left = {};
  int entry_wait_days = 0;
};

/// A liquid-staking token to buy with coins.
struct TokenCandidate {
  std::string token;
  std::string issuer;
  money::Decimal current;           ///< coins' worth of it that the fund has
  money::Decimal net_rate;          ///< a year, after the issuer's fee
  money::Decimal purchase_cost;     ///< part of the amount lost by buying it
  money::Decimal sale_loss;         ///< part of the value lost by selling it at once
  std::optional<int> days_to_free;  ///< to sell or redeem at about its value; nothing: not known
};

struct PlanPolicy {
  int horizon_days = kYearDays;  ///< over which fees must be earned
  money::Decimal commission_max = money::Decimal::of(1);
  money::Decimal uptime_min = money::Decimal::of(0);
  int observed_days_min = 0;
  int slashes_max = 0;
  int entries_left_min = 0;  ///< unbondings that can still be begun at a validator
  money::Decimal validator_tokens_share_max = money::Decimal::of(1);  ///< the fund's part of a validator
  money::Decimal validator_chain_share_max = money::Decimal::of(1);   ///< a validator's part of the chain
  money::Decimal fund_validator_share_max = money::Decimal::of(1);  ///< of the fund's coins at one validator
  money::Decimal fund_owner_share_max = money::Decimal::of(1);      ///< at one operator
  money::Decimal native_share_max = money::Decimal::of(1);          ///< of the fund's coins staked natively
  money::Decimal liquid_share_max = money::Decimal::of(1);          ///< of the fund's coins in liquid tokens
  money::Decimal issuer_share_max = money::Decimal::of(1);          ///< in tokens of one issuer
  money::Decimal minimum;    ///< least amount of one delegation, whole coins
  money::Decimal stake_fee;  ///< of the chain, a delegation, whole coins
  money::Decimal claim_fee;  ///< a claim with its restaking
  int claim_interval_days_max = 90;
  money::Decimal staking_fee;  ///< part of gross rewards that goes to provider and sponsor
  money::Decimal sale_loss_max = money::Decimal::of(2, 2);  ///< a token above it is as good as stuck
};

/// What is expected to be redeemed within so many days from now, cumulative, whole coins.
struct ExpectedRedemption {
  int days = 0;
  money::Decimal coins;
};

struct PlanInputs {
  model::AssetId asset = model::AssetId::literal("UNSET");
  int decimals = 8;                 ///< of the smallest unit: basecro 8, Gwei 9
  money::Decimal price;             ///< dollars a coin
  money::Decimal free_coins;        ///< that can be placed now; cash for redemptions is kept out of them
  money::Decimal coins_total;       ///< all of the fund's coins of the asset, wherever they are
  money::Decimal chain_bonded;      ///< by everybody; nothing positive: no bound by the chain's share
  money::Decimal native_elsewhere;  ///< of the fund's, staked natively at none of the candidates
  /// Of the fund's, at validators that are no candidates, by operator; in native_elsewhere too.
  std::map<std::string, money::Decimal> owners_elsewhere = {};
  /// Of the fund's, in liquid tokens that are no candidates, by issuer: coins' worth.
  std::map<std::string, money::Decimal> tokens_elsewhere = {};
  int native_days = 28;  ///< until a native stake that is asked back is free, with an entry left
  std::vector<Candidate> validators;
  std::vector<TokenCandidate> tokens;
  std::vector<ExpectedRedemption> redemptions;
  liquidity::LiquidityTest liquidity;
  liquidity::LiquidityPolicy liquidity_policy;
  PlanPolicy policy;
};

struct Excluded {
  std::string place;
  std::string reason;
};

struct Placement {
  enum class Kind { kNative, kToken } kind{};
  std::string place;
  std::string owner;
  money::Decimal amount;    ///< whole coins, in whole smallest units
  money::Decimal net_rate;  ///< a year, cut at 15 decimals
};

/// A limit in coins, and what it costs over the horizon.
struct ShownLimit {
  std::string name;
  money::Decimal most;
  money::Decimal used;
  bool binds = false;
  money::Decimal yield_given_up;
  std::vector<std::string>
      tied_with;                    ///< limits that hold in its place: the yield is given up by all of them
  std::vector<std::string> places;  ///< of a validator's cap: those that it holds or shuts out
};

struct StakingPlan {
  std::vector<Placement> placements;  ///< by amount, greatest first, then by place
  money::Decimal placed;
  money::Decimal stays_free;
  money::Decimal net_yield;  ///< of the placements over the horizon, after fees, whole coins
  money::Decimal fees;
  money::Decimal proven_gap;  ///< no plan within the limits yields more than this above it
  std::vector<ShownLimit> limits;
  bool limits_complete = true;  ///< false: there was too much to compute to try all of them (allocation.h)
  std::vector<Excluded> excluded;
  money::Decimal
      redemption_shortfall;  ///< expected redemptions that free coins do not cover: nothing is placed
  ClaimTiming claims;
  int decimals = 0;  ///< of the amounts in `claims`
};

/// What the fund keeps of a year of staking there: gross x (1 - commission) x uptime x (1 - staking fee)
/// - slashes a year x fraction. Exact.
money::Rational net_rate(const Candidate& candidate, const PlanPolicy& policy);

/// Why the policy, or its standing, keeps coins from going to a validator; empty: nothing does.
std::string why_not_to(const Candidate& candidate, const PlanPolicy& policy);

base::Result<StakingPlan, PlanRefusal> propose(const PlanInputs& inputs);

}  // namespace navkeeper::staking::plan
