#pragma once
// Whom a plan may choose among: the chain's validators as staking last read them, narrowed or said otherwise
// by the request, and what was said otherwise by name.
#include <optional>
#include <string>
#include <vector>

#include "services/staking/app/liquidity_picture.h"
#include "services/staking/domain/plan/staking_plan.h"
#include "services/staking/domain/validator_set.h"

namespace navkeeper::staking {

/// A validator that the request names. What it says holds instead of what was read; what it leaves out is
/// taken from the chain's set.
struct AskedValidator {
  std::string place;
  std::optional<std::string> owner = {};
  std::optional<money::Decimal> tokens = {};  ///< whole coins
  std::optional<money::Decimal> gross_rate = {};
  std::optional<money::Decimal> commission = {};
  std::optional<money::Decimal> uptime = {};
  std::optional<int> slashes = {};
  std::optional<int> observed_days = {};
  std::optional<money::Decimal> slash_fraction = {};
  std::optional<bool> jailed = {};
  std::optional<bool> tombstoned = {};

  /// Tokens, rate and commission are said: no set is needed.
  bool is_complete() const { return tokens && gross_rate && commission; }
};

struct CandidateQuestion {
  model::AssetId asset = model::AssetId::literal("UNSET");
  std::string source = {};                 ///< whose set; empty: of the one source that has one of the asset
  std::vector<AskedValidator> validators;  ///< empty: all of the set
  bool validators_named = false;           ///< the request names whom it allows, be it nobody
  std::optional<money::Decimal> gross_rate;  ///< of all that do not say their own
};

struct SaidCandidate {
  plan::Candidate candidate;
  bool is_read = false;           ///< the chain's set has it
  std::vector<std::string> said;  ///< fields that come from the request and not from what was read
};

/// The set that the plan is made from: where the request names validators, of those and of those where the
/// fund has stake by `positions`, whose operators count. Nothing where the request says all itself and no set
/// is known. Throws base::Refused: no set and figures missing, several sources to choose from, a set older
/// than the fund's terms allow.
std::optional<ValidatorSet> resolve_validators(StakingStore& store, const model::FundId& fund,
                                               const CandidateQuestion& question, const FundTerms& terms,
                                               time::Instant now,
                                               const std::vector<Position>& positions = {});

/// By the request's order, else by address; with what the fund has there and its unbonding entries in use.
/// Throws base::Refused naming the field that nobody says.
std::vector<SaidCandidate> candidates_of(const LiquidityInputs& inputs,
                                         const std::optional<ValidatorSet>& set,
                                         const CandidateQuestion& question);

/// In flight, pending, queued, active.
bool earns_or_will(PositionState state);
/// What the fund has at a validator: of the asset, in states that earn or will.
money::Decimal staked_at(const LiquidityInputs& inputs, const model::AssetId& asset,
                         const std::string& validator);
/// And natively anywhere.
money::Decimal staked_natively(const LiquidityInputs& inputs, const model::AssetId& asset);

}  // namespace navkeeper::staking
