#pragma once
// A staking plan out of what is known of a fund and what people ask: a pure function of its inputs, so that a
// stored plan can be made again to the last unit.
#include <map>
#include <set>

#include "services/staking/app/plan_candidates.h"
#include "services/staking/domain/plan/redelegation.h"

namespace navkeeper::staking {

/// Where stakes of a place can be asked for; both empty: people place them by hand.
struct Desk {
  std::string custodian;
  std::string account;
};

/// How a token is bought through a custodian: free coins are staked there, and once they are, converted.
struct TokenDesk {
  Desk desk;
  std::optional<money::Decimal> expected_rate;  ///< staked coins a token; nothing: as it was read last
  int slippage_bps = 0;
};

/// What the fund has of a liquid token of the plan's coin.
struct HeldToken {
  std::string token;
  std::string issuer;    ///< by the fund's terms, else as the request says; empty: nobody says
  money::Decimal coins;  ///< what it is worth, by its newest rate
};

/// A person's question. What the fund has at a validator and how many unbondings run there is not asked: the
/// readings say it; so do they of the validators themselves, unless the request says otherwise.
struct PlanRequest {
  std::string id;
  CandidateQuestion candidates;  ///< asset, and validators as the request says them
  int decimals = 8;              ///< of the smallest unit of which a stake is made
  plan::PlanPolicy policy;
  std::optional<int> native_days;            ///< nothing: the chain's own unbonding, in whole days
  money::Decimal chain_bonded;               ///< zero: not known
  std::optional<money::Decimal> place_most;  ///< nothing: all free coins
  std::vector<plan::TokenCandidate> tokens;  ///< `current` is filled in
  std::set<std::string> tokens_unrated;      ///< whose net_rate the request leaves to what was read
  std::map<std::string, std::string> token_rates_read;  ///< by token: over which window it was
  std::vector<HeldToken> tokens_held;                   ///< those that the request does not name too
  Desk desk;                                            ///< of validators without one of their own
  std::map<std::string, Desk> desks;                    ///< by place
  std::map<std::string, TokenDesk> token_desks = {};    ///< by token; of others people buy them
  bool redelegate = false;  ///< whether stakes that would yield more elsewhere are to be named
  std::vector<plan::RunningRedelegation> redelegations_read = {};  ///< filled in: those that run
  std::vector<plan::ExpectedRedemption> redemptions;
  const model::AssetId& asset() const { return candidates.asset; }
};

struct PlanStep {
  /// Of a token bought through a custodian there are two steps: the coins are staked, then converted. The
  /// second waits until custody says that the first is confirmed.
  enum class Act { kStake, kConvert } act = Act::kStake;
  int number = 0;
  plan::Placement placement;
  Desk desk;
  std::string movement_id;                           ///< custody's, "plan-<plan>-<number>"; empty: by hand
  std::optional<money::Decimal> expected_rate = {};  ///< of a conversion
  int slippage_bps = 0;
};

struct MadePlan {
  plan::StakingPlan plan;
  std::vector<SaidCandidate> candidates;  ///< among whom it chose
  liquidity::LiquidityTest before;
  liquidity::LiquidityTest after;      ///< as the fund would stand with all of it placed
  std::vector<PlanStep> steps;         ///< one a placement, two of a token bought through a custodian
  std::vector<plan::Move> moves = {};  ///< people make them: no custodian's API redelegates
};

/// Fills in the net rates that the request leaves out: what the token's own rate rose a year, over 30 days,
/// else seven, else since it is known. Throws base::Refused where no rate was read over time.
void resolve_token_rates(StakingStore& store, const model::FundId& fund, PlanRequest& request,
                         time::Instant now);

/// Where the request wants stakes named that would yield more elsewhere: the redelegations of the last
/// unbonding period, by the chain's own events.
void resolve_redelegations(StakingStore& store, const model::FundId& fund, const LiquidityInputs& inputs,
                           PlanRequest& request);
/// Fills in the tokens that the fund has and whose issuers the fund's terms name. Throws base::Refused where
/// a limit on tokens or issuers is asked for and a token's rate or issuer is not known, and where the request
/// names another issuer than the terms.
void resolve_tokens_held(const LiquidityInputs& inputs, PlanRequest& request);

/// `set`: of resolve_validators(). Throws base::Refused naming the rule: nothing free of the asset, an
/// unbonding that is not known, a figure of a validator that nobody says, an acquisition beyond the act's
/// limit, figures that are too large.
MadePlan make_plan(const LiquidityInputs& inputs, const std::optional<ValidatorSet>& set,
                   const PlanRequest& request);

/// The fund's test with so many coins of the asset staked that are free now and come back after `days`, or at
/// `free_at` (nothing: nobody knows when, which counts as illiquid). Throws base::Refused with the act as its
/// place and the rule that forbids it.
liquidity::LiquidityTest check_stake(const LiquidityInputs& inputs, const model::AssetId& asset,
                                     const money::Decimal& coins, int days);
struct StakeUnderWay {
  model::AssetId asset = model::AssetId::literal("UNSET");
  money::Decimal coins;
  std::optional<time::Instant> free_at;
};
/// `others`: stakes that are under way and that no reading shows yet, of any coin: they count as staked, for
/// the limit is of the fund and not of a coin.
liquidity::LiquidityTest check_stake(const LiquidityInputs& inputs, const model::AssetId& asset,
                                     const money::Decimal& coins, const std::optional<time::Instant>& free_at,
                                     const std::vector<StakeUnderWay>& others = {});

/// From when a stake of the asset that is made now would be free, were it asked back at once: by the notice
/// of the custodian's source (empty: none is named), else the longest wait that any stake of the asset has.
/// Nothing: not known.
std::optional<time::Instant> stake_free_at(const LiquidityInputs& inputs, const model::AssetId& asset,
                                           const std::string& source);

/// Whole days until a stake of the asset that is asked back is free, by the chain's own parameters; of ether
/// by its queues, the longest of the fund's validators. Nothing: not known.
std::optional<int> unbonding_days(const LiquidityInputs& inputs, const model::AssetId& asset);

}  // namespace navkeeper::staking
