#pragma once
// The fund's own validators as a plan may choose among them: what each has, how much more it could earn on,
// what it attested. Of the chain itself nothing is read but what was configured: its total active balance.
#include <map>

#include "services/staking/domain/ether/ether_books.h"
#include "services/staking/domain/measures/effectiveness.h"
#include "services/staking/domain/validator_set.h"

namespace navkeeper::staking::ether {

struct OwnValidatorsQuestion {
  std::string source;
  model::AssetId asset = model::AssetId::literal("ETH");
  Gwei total_active = 0;  ///< of the chain; 0: not known, then nothing says what a stake earns
  /// By validator: what the duties of the last days were.
  std::map<std::uint64_t, measures::Duties> duties = {};
  std::optional<StateMark> first = {};  ///< of the first set of this source; nothing: this is it
};

/// Those that may still hold something, by index. `tokens`: balance and pending deposits, in ether;
/// `tokens_max` what it earns on at most (32 ether; 2,048 with 0x02 credentials); `name` its credentials;
/// "bonded": it earns or will; tombstoned: slashed. A year's issuance is what all validators earn in 365
/// days, everything done by everybody (ideal_rewards), so that gross_rate() is the ideal one.
ValidatorSet own_validators(const EtherReading& reading, const OwnValidatorsQuestion& question,
                            const std::function<std::optional<time::Instant>(Epoch)>& time_of);

}  // namespace navkeeper::staking::ether
