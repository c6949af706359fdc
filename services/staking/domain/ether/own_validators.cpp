#include "services/staking/domain/ether/own_validators.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "services/staking/domain/ether/rewards.h"

namespace navkeeper::staking::ether {
namespace {

constexpr std::uint64_t kEpochsAYear = 365 * kEpochsPerDay;

std::string_view prefix_of(Credentials credentials) {
  switch (credentials) {
    case Credentials::kBls:
      return "0x00";
    case Credentials::kExecution:
      return "0x01";
    case Credentials::kCompounding:
      return "0x02";
    case Credentials::kOther:
      return "other";
  }
  ENSURE(false);
}

bool earns_or_will(ValidatorStatus status) {
  return status == ValidatorStatus::kPendingInitialized || status == ValidatorStatus::kPendingQueued ||
         status == ValidatorStatus::kActiveOngoing;
}

Gwei pending_of(const EtherReading& reading, const std::string& pubkey) {
  Gwei sum = 0;
  for (const PendingDeposit& one : reading.deposits) sum += one.pubkey == pubkey ? one.amount : 0;
  return sum;
}

}  // namespace

ValidatorSet own_validators(const EtherReading& reading, const OwnValidatorsQuestion& question,
                            const std::function<std::optional<time::Instant>(Epoch)>& time_of) {
  ValidatorSet set;
  set.source = question.source;
  set.asset = question.asset;
  set.mark = reading.mark;
  set.bonded = ether_of(question.total_active);
  if (question.total_active > 0)
    set.annual_provisions =
        ether_of(ideal_rewards(question.total_active, kEpochsAYear, question.total_active));
  const StateMark& first = question.first ? *question.first : reading.mark;
  set.history_from = first.height;
  set.history_since = first.at;
  for (const OwnValidator& one : reading.validators) {
    const Validator& v = one.validator;
    const ValidatorStatus status = status_at(v, reading.epoch());
    if (status == ValidatorStatus::kWithdrawalDone) continue;
    ValidatorRecord record;
    record.address = std::to_string(v.index);
    record.consensus_address = one.pubkey;
    record.name = std::string(prefix_of(v.credentials)) + " " + one.pays_to;
    record.status = earns_or_will(status) ? "bonded" : "unbonding";
    record.tombstoned = v.slashed;
    record.tokens = ether_of(v.balance + pending_of(reading, one.pubkey));
    record.tokens_max = ether_of(max_effective(v));
    const auto duties = question.duties.find(v.index);
    if (duties != question.duties.end()) {
      record.signed_window = duties->second.attestations_assigned;
      record.missed_blocks = duties->second.attestations_missed;
    }
    record.signing_since =
        v.activation_epoch == kFarFuture ? reading.mark.height : v.activation_epoch * kSlotsPerEpoch;
    const auto since = time_of(v.activation_epoch);
    record.observed_since = since ? std::min(std::max(*since, first.at), reading.mark.at) : reading.mark.at;
    record.slashes_to = reading.mark.height;
    set.validators.push_back(std::move(record));
  }
  // As every set is: by address, which is text.
  std::sort(set.validators.begin(), set.validators.end(),
            [](const ValidatorRecord& a, const ValidatorRecord& b) { return a.address < b.address; });
  return set;
}

}  // namespace navkeeper::staking::ether
