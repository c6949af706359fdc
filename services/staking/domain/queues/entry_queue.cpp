#include "services/staking/domain/queues/entry_queue.h"

#include <deque>
#include <unordered_map>

#include "common/base/ensure.h"

namespace navkeeper::staking::queues {
namespace {

using ether::Epoch;
using ether::Gwei;

/// The queue while it is worked off: numbers of deposits, taken from the front, postponed to the back.
struct Work {
  const std::vector<QueuedDeposit>& deposits;
  std::deque<std::size_t> waiting;
  Gwei carry;
};

template <class Applied>
void process(Work& work, Epoch epoch, ether::Slot finalized_slot, Gwei churn, Applied&& applied) {
  const Gwei available = work.carry + churn;
  Gwei processed = 0;
  std::vector<std::size_t> postponed;
  bool churn_reached = false;
  for (std::uint64_t taken = 0; !work.waiting.empty() && taken < kDepositsPerEpoch; ++taken) {
    const QueuedDeposit& deposit = work.deposits[work.waiting.front()];
    if (deposit.slot > finalized_slot) break;
    const bool withdrawn = deposit.validator_withdrawable_epoch < epoch + 1;
    if (!withdrawn && deposit.validator_exit_epoch < ether::kFarFuture) {
      postponed.push_back(work.waiting.front());
    } else {
      if (!withdrawn) {
        churn_reached = deposit.amount > available - processed;
        if (churn_reached) break;
        processed += deposit.amount;
      }
      applied(work.waiting.front());
    }
    work.waiting.pop_front();
  }
  work.waiting.insert(work.waiting.end(), postponed.begin(), postponed.end());
  work.carry = churn_reached ? available - processed : 0;
}

/// A validator is eligible in the next epoch but one, that epoch is finalized in the one after, and the
/// activation follows.
Epoch activation_after(Epoch applied_epoch) { return activation_exit_epoch(applied_epoch + 3); }

}  // namespace

std::vector<EntryForecast> forecast_entries(const DepositQueue& queue, const std::vector<std::size_t>& wanted,
                                            Epoch current, Gwei activation_churn, Epoch epochs_max) {
  std::vector<Gwei> ahead(queue.deposits.size());
  Work work{queue.deposits, {}, queue.carry};
  Gwei sum = 0;
  for (std::size_t i = 0; i < queue.deposits.size(); ++i) {
    ahead[i] = sum;
    sum += queue.deposits[i].amount;
    work.waiting.push_back(i);
  }
  std::vector<EntryForecast> forecasts;
  std::unordered_map<std::size_t, std::size_t> forecast_of;
  for (const std::size_t index : wanted) {
    ENSURE(index < queue.deposits.size());
    forecast_of.emplace(index, forecasts.size());
    forecasts.push_back({queue.deposits[index].amount, ahead[index], {}, {}});
  }
  std::size_t open = forecast_of.size();
  for (Epoch epoch = current; open > 0 && epoch - current < epochs_max; ++epoch) {
    const ether::Slot finalized_slot = epoch == 0 ? 0 : (epoch - 1) * ether::kSlotsPerEpoch;
    process(work, epoch, finalized_slot, activation_churn, [&](std::size_t index) {
      const auto found = forecast_of.find(index);
      if (found == forecast_of.end()) return;
      EntryForecast& forecast = forecasts[found->second];
      forecast.applied_epoch = epoch;
      forecast.earns_epoch = queue.deposits[index].is_top_up ? epoch + 1 : activation_after(epoch);
      --open;
    });
  }
  return forecasts;
}

}  // namespace navkeeper::staking::queues
