#pragma once
// The queues that were read, as forecasts need them; and for each staked position how long it is from cash.
#include "services/staking/app/fund_terms.h"
#include "services/staking/app/staking_store.h"
#include "services/staking/domain/queues/time_to_cash.h"

namespace navkeeper::staking {

/// Of several sources of a chain the longest wait counts. Throws base::Refused for a reading that lacks a
/// figure.
queues::Outlook outlook_of(const std::vector<QueueReading>& readings, const FundTerms& terms,
                           time::Instant now);

/// What the chain's validators are worth together, as it was configured when a source's queues were read;
/// 0: not known.
ether::Gwei total_active_of(const std::vector<QueueReading>& readings, const std::string& source);

/// The newest positions of every source in one list.
std::vector<Position> positions_of(const std::vector<StoredReading>& readings);

struct PositionWait {
  Position position;
  queues::TimeToCash wait;
  std::optional<queues::EntryRoom> entries;  ///< of a delegation: how many unbondings may still begin
};
struct FundQueues {
  std::vector<QueueReading> readings;
  std::vector<PositionWait> positions;  ///< those with an amount, contingent ones left out
  std::vector<queues::LadderRung> ladder;
};
FundQueues queues_of_fund(StakingStore& store, const model::FundId& fund, const FundTerms& terms,
                          const StakingQuery& query, time::Instant now);

}  // namespace navkeeper::staking
