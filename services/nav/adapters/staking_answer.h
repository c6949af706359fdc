#pragma once
// The staking service's answers as nav needs them. Each throws base::Refused for what is none; the sums are
// computed again here, and what staking says of them must be the same.
#include <string_view>

#include "services/nav/app/ports.h"

namespace navkeeper::nav {

/// Of GET .../positions: the state of each reading, all of them final and not after `as_of`.
std::vector<StakingCutOff> read_cut_offs(std::string_view body, time::Instant as_of);

/// Of GET .../events with a limit.
StakingPage read_staking_page(std::string_view body);

/// One account of all places of a source, from state to state.
struct StakingTotal {
  std::string chain;
  std::string account;
  model::AssetId asset = model::AssetId::literal("UNSET");
  PeerLine line{model::AssetId::literal("UNSET")};  ///< its `closing` is what staking states
  money::Decimal difference;  ///< sum of what intervals differ by, without sign, as staking states it
  std::int64_t not_tied = 0;
  std::int64_t broken = 0;
};
/// Of GET .../rollforward/totals.
std::vector<StakingTotal> read_totals(std::string_view body, const std::string& source);

/// What lies in one account of all places of a source, by its positions.
struct StakingHeld {
  std::string chain;
  std::string account;  ///< "stake", "pending", "unbonding"; positions of others are left out
  model::AssetId asset = model::AssetId::literal("UNSET");
  money::Decimal amount;
};
struct StakingPositions {
  std::vector<StakingCutOff> states;
  std::vector<StakingHeld> held;
};
StakingPositions read_staking_positions(std::string_view body, const std::string& source);

/// Of GET .../alerts, of these two kinds: what was raised after `since` and makes the roll-forward red, as
/// sentences.
inline constexpr const char* kContradiction = "contradiction";
inline constexpr const char* kClaimPaidAway = "claim_paid_away";
std::vector<std::string> read_contradictions(std::string_view body, time::Instant since);

/// Of GET .../liquidity/illiquid for one source: its coins are added.
void add_illiquid(StakedIlliquid& illiquid, std::string_view body);

/// Adds one source to the statement: its totals against themselves, against each other and against the
/// positions of the same state.
void add_source(PeerStatement& statement, const StakingCutOff& cut_off,
                const std::vector<StakingTotal>& totals, const StakingPositions& positions);

}  // namespace navkeeper::nav
