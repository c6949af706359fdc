#pragma once
// What a person should look at in a day of staking. Alarms are derived from figures that were read; they
// never change one.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/staking/domain/measures/effectiveness.h"
#include "services/staking/domain/measures/income_band.h"

namespace navkeeper::staking::measures {

enum class AlarmKind {
  kSlashed,            ///< a validator of ours, or one we delegate to
  kJailed,             ///< earns nothing until it is unjailed
  kTombstoned,         ///< for ever
  kMissedDuties,       ///< more attestations, or signed blocks, missed than the policy bears
  kWrongFeeRecipient,  ///< tips or MEV of a block of ours went elsewhere
  kWrongWithdrawalCredential,
  kIncomeOutsideBand,
  kQueueGrew,
};
std::string_view describe(AlarmKind kind);

struct Alarm {
  AlarmKind kind{};
  bool urgent = true;   ///< false: a remark
  std::string subject;  ///< place, pool or queue
  std::string detail;   ///< one sentence with the figures
  bool operator==(const Alarm&) const = default;
};

/// When each alarm rings. Every bound is exclusive: at the bound all is well.
struct AlarmPolicy {
  money::Decimal missed_rate_max = money::Decimal::of(5, 2);    ///< of a validator's duties in the period
  std::uint64_t missed_from_duties = 100;                       ///< fewer say nothing yet
  money::Decimal queue_growth_max = money::Decimal::of(50, 2);  ///< of the wait, from one reading to the next
  std::int64_t queue_wait_floor_seconds = 86'400;               ///< shorter waits ring no alarm
  BandLimits band;
};

/// A validator as read, and what it should be. Empty expectations are not checked.
struct WatchedValidator {
  std::string place;
  bool slashed = false;
  bool jailed = false;
  bool tombstoned = false;
  std::uint64_t duties = 0;
  std::uint64_t duties_missed = 0;
  std::uint64_t proposals = 0;
  std::uint64_t proposals_missed = 0;
  std::string withdrawal_credential;
  std::vector<std::string> expected_withdrawal_credentials;
};
/// A block that a validator of ours proposed.
struct WatchedBlock {
  std::string place;
  std::uint64_t slot = 0;
  std::string paid_to;  ///< fee recipient, or whom the builder's payment went to
  std::vector<std::string> expected;
};
struct WatchedQueue {
  std::string name;
  std::int64_t wait_seconds_before = 0;
  std::int64_t wait_seconds_now = 0;
};

std::vector<Alarm> alarms_of(const WatchedValidator& validator, const AlarmPolicy& policy);
std::vector<Alarm> alarms_of(const WatchedBlock& block);
std::vector<Alarm> alarms_of(const WatchedQueue& queue, const AlarmPolicy& policy);
std::vector<Alarm> alarms_of(const std::string& pool, const std::vector<BandFinding>& findings);

}  // namespace navkeeper::staking::measures
