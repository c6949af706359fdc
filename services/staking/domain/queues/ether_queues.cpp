#include "services/staking/domain/queues/ether_queues.h"

#include <algorithm>
#include <set>

namespace navkeeper::staking::queues {
namespace {

using ether::Gwei;

constexpr Gwei kOneValidator = ether::kMinActivation;

DepositQueue queue_of_deposits(const EtherQueues& queues) {
  DepositQueue queue;
  queue.carry = queues.deposit_carry;
  for (const WaitingDeposit& waiting : queues.deposits) queue.deposits.push_back(waiting.deposit);
  return queue;
}

}  // namespace

QueueTimes times_of(const EtherQueues& queues) {
  QueueTimes times;
  times.churn = ether::churn_of(ether::rules_of(queues.fork), queues.total_active);
  times.deposits = queues.deposits.size();
  for (const WaitingDeposit& waiting : queues.deposits) times.waiting_deposits += waiting.deposit.amount;
  times.exit = forecast_exit(queues.exits, kOneValidator, times.churn.exit, queues.epoch());
  DepositQueue queue = queue_of_deposits(queues);
  QueuedDeposit now;
  now.amount = kOneValidator;
  now.slot = queues.slot;
  queue.deposits.push_back(now);
  times.entry =
      forecast_entries(queue, {queue.deposits.size() - 1}, queues.epoch(), times.churn.activation).front();
  const std::uint64_t round = withdrawals_of_round(queues.swept_per_round, queues.pending_partials);
  times.sweep_round_epochs = sweep_round_epochs(round);
  times.sweep_mean_epochs = mean_sweep_epochs(round);
  return times;
}

EtherOutlook outlook_of(const EtherQueues& queues, const std::vector<std::string>& places) {
  const ether::Churn churn = ether::churn_of(ether::rules_of(queues.fork), queues.total_active);
  EtherOutlook outlook;
  outlook.clock = queues.clock;
  outlook.current_epoch = queues.epoch();
  outlook.exit_churn = churn.exit;
  outlook.exits = queues.exits;
  outlook.sweep_withdrawals = withdrawals_of_round(queues.swept_per_round, queues.pending_partials);
  outlook.partials = queues.pending_partials;
  const std::set<std::string> own(places.begin(), places.end());
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < queues.deposits.size(); ++i)
    if (own.contains(queues.deposits[i].pubkey) || own.contains(queues.deposits[i].validator))
      wanted.push_back(i);
  const auto forecasts =
      forecast_entries(queue_of_deposits(queues), wanted, queues.epoch(), churn.activation);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!forecasts[i].earns_epoch) continue;
    const WaitingDeposit& waiting = queues.deposits[wanted[i]];
    for (const std::string& place : {waiting.pubkey, waiting.validator}) {
      if (place.empty()) continue;
      // Several deposits of one place: it can leave when the last of them earns.
      ether::Epoch& epoch = outlook.earns_from[place];
      epoch = std::max(epoch, *forecasts[i].earns_epoch);
    }
  }
  return outlook;
}

}  // namespace navkeeper::staking::queues
