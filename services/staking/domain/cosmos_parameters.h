#pragma once
// The chain's own parameters of staking, slashing and distribution, and which held at a height: governance
// changes them, so a figure names the height whose parameters it was made with (facts/staking.md 2.3).
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/instant.h"

namespace navkeeper::staking {

struct CosmosParameters {
  time::Duration unbonding_time;
  std::uint32_t max_entries =
      0;  ///< unbondings at once of a delegator and validator; redelegations of a pair
  std::uint32_t max_validators = 0;
  std::string bond_denomination;
  money::Decimal community_tax;  ///< 0 to 1
  std::uint64_t signed_blocks_window = 0;
  money::Decimal min_signed_per_window;
  time::Duration downtime_jail;
  money::Decimal slash_double_sign;  ///< fraction
  money::Decimal slash_downtime;     ///< fraction
  bool operator==(const CosmosParameters&) const = default;
};

/// Each parameter by the chain's name for it, and its value as text.
std::vector<std::pair<std::string, std::string>> named(const CosmosParameters& parameters);

/// Refused: a fraction outside 0 to 1, no unbonding time, no entries.
base::Checked<void> check(const CosmosParameters& parameters);

struct ParameterChange {
  std::uint64_t after;  ///< the last height at which the old value was read
  std::uint64_t until;  ///< the first at which the new one was
  std::string name;
  std::string from;
  std::string to;
};

class ParameterHistory {
 public:
  /// Refused: other parameters at a height that was read already.
  base::Checked<void> add(std::uint64_t height, const CosmosParameters& parameters);
  /// The newest reading at or before `height`; null: nothing is known.
  const CosmosParameters* at(std::uint64_t height) const;
  std::vector<ParameterChange> changes() const;

 private:
  std::map<std::uint64_t, CosmosParameters> readings_;
};

}  // namespace navkeeper::staking
