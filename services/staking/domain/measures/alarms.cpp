#include "services/staking/domain/measures/alarms.h"

#include <algorithm>

namespace navkeeper::staking::measures {
namespace {

using money::Rational;

constexpr int kRateDecimals = 6;

bool among(const std::string& word, const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " or ") + word;
  return text;
}

std::string shown(const Rational& rate) { return rate.to_fixed(kRateDecimals, money::Rounding::kHalfEven); }

Rational of(std::uint64_t count) { return Rational::of(static_cast<money::Int128>(count)); }

}  // namespace

std::string_view describe(AlarmKind kind) {
  switch (kind) {
    case AlarmKind::kSlashed:
      return "slashed";
    case AlarmKind::kJailed:
      return "jailed";
    case AlarmKind::kTombstoned:
      return "tombstoned";
    case AlarmKind::kMissedDuties:
      return "missed_duties";
    case AlarmKind::kWrongFeeRecipient:
      return "wrong_fee_recipient";
    case AlarmKind::kWrongWithdrawalCredential:
      return "wrong_withdrawal_credential";
    case AlarmKind::kIncomeOutsideBand:
      return "income_outside_band";
    case AlarmKind::kQueueGrew:
      return "queue_grew";
  }
  return "";
}

std::vector<Alarm> alarms_of(const WatchedValidator& validator, const AlarmPolicy& policy) {
  std::vector<Alarm> alarms;
  const auto ring = [&](AlarmKind kind, std::string detail) {
    alarms.push_back({kind, true, validator.place, std::move(detail)});
  };
  if (validator.slashed) ring(AlarmKind::kSlashed, "the chain has slashed it");
  if (validator.jailed) ring(AlarmKind::kJailed, "it is jailed and earns nothing");
  if (validator.tombstoned) ring(AlarmKind::kTombstoned, "it can never be unjailed");
  if (validator.duties > 0 && validator.duties >= policy.missed_from_duties) {
    const Rational rate = of(validator.duties_missed) / of(validator.duties);
    if (rate > Rational(policy.missed_rate_max))
      ring(AlarmKind::kMissedDuties, "missed " + std::to_string(validator.duties_missed) + " of " +
                                         std::to_string(validator.duties) + " duties, more than " +
                                         policy.missed_rate_max.to_string());
  }
  // A proposal comes every few months: one that is missed says something by itself.
  if (validator.proposals > 0 &&
      of(validator.proposals_missed) / of(validator.proposals) > Rational(policy.missed_rate_max))
    ring(AlarmKind::kMissedDuties, "missed " + std::to_string(validator.proposals_missed) + " of " +
                                       std::to_string(validator.proposals) + " proposals, more than " +
                                       policy.missed_rate_max.to_string());
  const auto& expected = validator.expected_withdrawal_credentials;
  if (!expected.empty() && !among(validator.withdrawal_credential, expected))
    ring(AlarmKind::kWrongWithdrawalCredential,
         "withdraws to '" + validator.withdrawal_credential + "' and not to " + joined(expected));
  return alarms;
}

std::vector<Alarm> alarms_of(const WatchedBlock& block) {
  if (block.expected.empty() || among(block.paid_to, block.expected)) return {};
  return {{AlarmKind::kWrongFeeRecipient, true, block.place,
           "the block of slot " + std::to_string(block.slot) + " paid '" + block.paid_to + "' and not " +
               joined(block.expected)}};
}

std::vector<Alarm> alarms_of(const WatchedQueue& queue, const AlarmPolicy& policy) {
  if (queue.wait_seconds_now <= queue.wait_seconds_before ||
      queue.wait_seconds_now <= policy.queue_wait_floor_seconds)
    return {};
  const Rational bound =
      Rational::of(queue.wait_seconds_before) * (Rational::of(1) + Rational(policy.queue_growth_max));
  if (Rational::of(queue.wait_seconds_now) <= bound) return {};
  return {{AlarmKind::kQueueGrew, true, queue.name,
           "the wait grew from " + std::to_string(queue.wait_seconds_before) + " s to " +
               std::to_string(queue.wait_seconds_now) + " s"}};
}

std::vector<Alarm> alarms_of(const std::string& pool, const std::vector<BandFinding>& findings) {
  std::vector<Alarm> alarms;
  alarms.reserve(findings.size());
  for (const BandFinding& finding : findings)
    alarms.push_back({AlarmKind::kIncomeOutsideBand, finding.binding, pool,
                      std::string(describe(finding.rule)) + ": " + shown(finding.measured) +
                          " against a limit of " + shown(finding.limit)});
  return alarms;
}

}  // namespace navkeeper::staking::measures
