#include "services/staking/domain/queues/exit_queue.h"

#include "common/base/ensure.h"

namespace navkeeper::staking::queues {

using ether::Gwei;

ether::ChurnQueue queue_of(const std::vector<SetExit>& exits, Gwei churn) {
  ENSURE(churn > 0);
  ether::ChurnQueue queue;
  Gwei leaving = 0;
  for (const SetExit& exit : exits) {
    if (exit.exit_epoch > queue.earliest_epoch) {
      queue.earliest_epoch = exit.exit_epoch;
      leaving = 0;
    }
    if (exit.exit_epoch == queue.earliest_epoch) leaving += exit.effective;
  }
  // A balance above the churn fills several epochs and is set for the last of them.
  const Gwei over = leaving % churn;
  queue.left = over == 0 ? 0 : churn - over;
  return queue;
}

std::optional<ExitForecast> forecast_exit(ether::ChurnQueue queue, Gwei amount, Gwei exit_churn,
                                          ether::Epoch current) {
  const ether::Epoch first = activation_exit_epoch(current);
  ExitForecast forecast;
  if (queue.earliest_epoch >= first)
    forecast.ahead = (queue.earliest_epoch - first + 1) * exit_churn - queue.left;
  const auto exit_epoch = ether::enter_queue(queue, exit_churn, current, amount);
  if (!exit_epoch) return std::nullopt;
  forecast.exit_epoch = *exit_epoch;
  forecast.withdrawable_epoch = *exit_epoch + ether::kWithdrawableDelay;
  return forecast;
}

}  // namespace navkeeper::staking::queues
