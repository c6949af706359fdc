#pragma once
// A staking store in memory that keeps what it is given, for tests of sources.
#include <algorithm>
#include <map>

#include "services/staking/app/staking_store.h"

namespace navkeeper::staking {

class MemoryStore final : public StakingStore {
 public:
  SyncReport save(const model::FundId&, const SyncResult& result, time::Instant known_at,
                  const std::string&) override {
    SyncReport report;
    report.run = result.run;
    for (const PositionReading& one : result.readings) all_readings.push_back({one, known_at});
    for (const StakingEvent& one : result.events) {
      const bool is_new = std::none_of(all_events.begin(), all_events.end(),
                                       [&](const StoredEvent& other) { return other.event.id == one.id; });
      report.events_new += is_new ? 1U : 0U;
      repeated += is_new ? 0U : 1U;
      all_events.push_back({one, known_at});
    }
    for (const RollForward& one : result.roll_forwards) all_roll_forwards.push_back({one, known_at});
    for (const ParameterReading& one : result.parameters) all_parameters.push_back(one);
    all_duties.insert(all_duties.end(), result.duties.begin(), result.duties.end());
    all_queues.insert(all_queues.end(), result.queues.begin(), result.queues.end());
    all_sets.insert(all_sets.end(), result.validator_sets.begin(), result.validator_sets.end());
    for (const Alert& one : result.alerts) all_alerts.push_back({one, known_at});
    report.alerts_new = result.alerts.size();
    all_runs.push_back(result.run);
    return report;
  }
  std::size_t raise(const model::FundId&, const std::vector<Alert>& alerts, time::Instant known_at) override {
    for (const Alert& one : alerts) all_alerts.push_back({one, known_at});
    return alerts.size();
  }
  std::vector<StoredReading> readings(const model::FundId&, const StakingQuery& query) override {
    std::map<std::pair<std::string, Chain>, StoredReading> newest;
    for (const StoredReading& one : all_readings) {
      if (!query.source.empty() && query.source != one.reading.source) continue;
      const auto [at, is_new] = newest.try_emplace({one.reading.source, one.reading.chain}, one);
      if (!is_new && at->second.reading.mark.height < one.reading.mark.height) at->second = one;
    }
    std::vector<StoredReading> found;
    for (auto& [key, one] : newest) found.push_back(std::move(one));
    return found;
  }
  std::vector<StoredEvent> events(const model::FundId&, const StakingQuery&,
                                  const std::vector<EventKind>&) override {
    return all_events;
  }
  std::vector<StoredRollForward> roll_forwards(const model::FundId&, const StakingQuery&) override {
    return all_roll_forwards;
  }
  std::vector<ParameterReading> parameters(const model::FundId&, const StakingQuery&) override {
    return all_parameters;
  }
  std::vector<QueueReading> queues(const model::FundId&, const StakingQuery&) override {
    std::map<std::string, QueueReading> newest;
    for (const QueueReading& one : all_queues) newest.insert_or_assign(one.name, one);
    std::vector<QueueReading> found;
    for (const auto& [name, one] : newest) found.push_back(one);
    return found;
  }
  std::vector<DutyReading> duties(const model::FundId&, const StakingQuery&) override { return all_duties; }
  std::vector<ValidatorSet> validator_sets(const model::FundId&, const StakingQuery& query) override {
    if (all_sets.empty() || (!query.source.empty() && query.source != all_sets.back().source)) return {};
    return {all_sets.back()};
  }
  std::vector<StoredAlert> alerts(const model::FundId&, const StakingQuery&, int) override {
    return all_alerts;
  }
  std::vector<SyncRun> runs(const model::FundId&, const StakingQuery&, int) override { return all_runs; }
  std::set<std::uint64_t> set_aside(const model::FundId&, const std::string&) override { return all_aside; }

  bool has_alert(const std::string& kind, const std::string& subject = "") const {
    return std::any_of(all_alerts.begin(), all_alerts.end(), [&](const StoredAlert& one) {
      return one.alert.kind == kind && (subject.empty() || one.alert.subject == subject);
    });
  }
  money::Decimal sum(EventKind kind, const std::string& place = "") const {
    money::Decimal total;
    for (const StoredEvent& one : all_events) {
      if (one.event.kind == kind && (place.empty() || one.event.key.place == place))
        total += one.event.amount;
    }
    return total;
  }

  std::vector<StoredReading> all_readings;
  std::vector<StoredEvent> all_events;
  std::vector<StoredRollForward> all_roll_forwards;
  std::vector<ParameterReading> all_parameters;
  std::vector<QueueReading> all_queues;
  std::vector<DutyReading> all_duties;
  std::vector<ValidatorSet> all_sets;
  std::vector<StoredAlert> all_alerts;
  std::vector<SyncRun> all_runs;
  std::set<std::uint64_t> all_aside;
  std::size_t repeated = 0;
};

}  // namespace navkeeper::staking
