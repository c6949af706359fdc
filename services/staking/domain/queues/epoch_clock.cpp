#include "services/staking/domain/queues/epoch_clock.h"

namespace navkeeper::staking::queues {

time::Instant EpochClock::start_of(ether::Epoch epoch) const {
  constexpr ether::Epoch kBeyondInstants = ether::Epoch{1} << 40;
  if (epoch > kBeyondInstants) time::throw_time_overflow();
  return time::Instant{} + time::Duration::seconds(genesis_seconds) +
         time::Duration::seconds(epoch_seconds()) * static_cast<std::int64_t>(epoch);
}

ether::Epoch EpochClock::epoch_at(time::Instant instant) const {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  const std::int64_t since = instant.ns() / kNsPerSecond - genesis_seconds;
  return since <= 0 ? 0 : static_cast<ether::Epoch>(since / epoch_seconds());
}

}  // namespace navkeeper::staking::queues
