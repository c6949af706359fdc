#include "services/staking/adapters/ether/queue_readings.h"

#include "services/staking/domain/queues/ether_queues.h"

namespace navkeeper::staking::ether {
namespace {

constexpr std::int64_t kNsASecond = 1'000'000'000;

queues::EtherQueues queues_of(const EtherReading& reading, const std::vector<queues::SetExit>& exits,
                              time::Instant genesis, Gwei total_active) {
  queues::EtherQueues queues;
  queues.slot = reading.mark.height;
  queues.fork = reading.fork;
  queues.clock.genesis_seconds = genesis.ns() / kNsASecond;
  queues.total_active = total_active;
  queues.exits = queues::queue_of(exits, churn_of(rules_of(reading.fork), total_active).exit);
  std::map<std::string, const OwnValidator*> own;
  for (const OwnValidator& one : reading.validators) own.emplace(one.pubkey, &one);
  for (const PendingDeposit& one : reading.all_deposits) {
    queues::WaitingDeposit waiting{one.pubkey, "", {one.amount, one.slot}};
    // Whether a stranger's deposit is a top-up changes nothing for those behind it.
    if (const auto found = own.find(one.pubkey); found != own.end()) {
      const Validator& validator = found->second->validator;
      waiting.validator = std::to_string(validator.index);
      waiting.deposit.is_top_up = true;
      waiting.deposit.validator_exit_epoch = validator.exit_epoch;
      waiting.deposit.validator_withdrawable_epoch = validator.withdrawable_epoch;
    }
    queues.deposits.push_back(std::move(waiting));
  }
  queues.swept_per_round = total_active / kMinActivation;
  queues.pending_partials = reading.all_partials;
  return queues;
}

}  // namespace

std::vector<QueueReading> queue_readings(const std::string& source, const EtherReading& reading,
                                         const std::vector<queues::SetExit>& exits, time::Instant genesis,
                                         Gwei total_active) {
  const queues::EtherQueues queues = queues_of(reading, exits, genesis, total_active);
  const queues::QueueTimes times = queues::times_of(queues);
  const auto seconds_until = [&](Epoch epoch) {
    return static_cast<std::int64_t>(epoch - std::min(epoch, queues.epoch())) * queues.clock.epoch_seconds();
  };
  const auto made = [&](const char* name, std::optional<std::int64_t> wait) {
    return QueueReading{
        Chain::kEthereum, source, name,
        reading.mark,     wait,   {{"genesis_seconds", std::to_string(queues.clock.genesis_seconds)}}};
  };
  QueueReading exit = made("exit", {});
  if (times.exit) exit.wait_seconds = seconds_until(times.exit->withdrawable_epoch);
  exit.figures["churn_gwei"] = std::to_string(times.churn.exit);
  exit.figures["earliest_epoch"] = std::to_string(queues.exits.earliest_epoch);
  exit.figures["total_active_gwei"] = std::to_string(total_active);
  exit.figures["left_gwei"] = std::to_string(queues.exits.left);
  QueueReading entry = made("entry", {});
  if (times.entry && times.entry->earns_epoch) entry.wait_seconds = seconds_until(*times.entry->earns_epoch);
  entry.figures["churn_gwei"] = std::to_string(times.churn.activation);
  entry.figures["deposits"] = std::to_string(times.deposits);
  entry.figures["waiting_gwei"] = std::to_string(times.waiting_deposits);
  std::vector<std::string> places;
  for (const PendingDeposit& one : reading.deposits) places.push_back(one.pubkey);
  for (const auto& [place, epoch] : queues::outlook_of(queues, places).earns_from)
    entry.figures["earns " + place] = std::to_string(epoch);
  QueueReading sweep =
      made("sweep", static_cast<std::int64_t>(times.sweep_mean_epochs) * queues.clock.epoch_seconds());
  sweep.figures["withdrawals"] =
      std::to_string(queues::withdrawals_of_round(queues.swept_per_round, queues.pending_partials));
  sweep.figures["partials"] = std::to_string(queues.pending_partials);
  return {std::move(entry), std::move(exit), std::move(sweep)};
}

}  // namespace navkeeper::staking::ether
