#include "services/staking/app/sync_source.h"

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/staking/app/watch_fund.h"
#include "services/staking/domain/measures/alarms.h"

namespace navkeeper::staking {
namespace {

void raise_untied(SyncResult& result) {
  for (const RollForward& one : result.roll_forwards) {
    if (one.is_tied()) continue;
    result.alerts.push_back(
        {result.run.source, "not_tied", one.key.place + " " + std::string(describe(one.account)),
         "from " + std::to_string(one.from.height) + " to " + std::to_string(one.to.height) +
             " the difference is " + one.difference().to_string() + " " + one.key.asset.value()});
  }
}

/// Queues in which one waits much longer than at the last reading.
void raise_grown_queues(const StakingSource& source, StakingStore& store, SyncResult& result) {
  if (result.queues.empty()) return;
  StakingQuery query;
  query.source = source.name();
  for (const QueueReading& before : store.queues(source.fund(), query)) {
    for (const QueueReading& now : result.queues) {
      if (now.chain != before.chain || now.name != before.name || now.mark.at <= before.mark.at) continue;
      if (!before.wait_seconds || !now.wait_seconds) continue;
      for (const measures::Alarm& alarm :
           measures::alarms_of(measures::WatchedQueue{now.name, *before.wait_seconds, *now.wait_seconds},
                               measures::AlarmPolicy{}))
        result.alerts.push_back(
            {source.name(), std::string(measures::describe(alarm.kind)), alarm.subject, alarm.detail});
    }
  }
}

}  // namespace

SyncReport sync_source(StakingSource& source, StakingStore& store, const time::Clock& clock,
                       const std::string& actor) {
  SyncResult result;
  const time::Instant started_at = clock.now();
  try {
    result = source.read(store);
    result.run.outcome = result.run.detail.empty() ? SyncOutcome::kDone : SyncOutcome::kPartly;
  } catch (const base::Unavailable& unavailable) {
    result = {};
    result.run.outcome = SyncOutcome::kFailed;
    result.run.detail = unavailable.what();
  } catch (const base::Refused& refused) {
    result = {};
    result.run.outcome = SyncOutcome::kFailed;
    result.run.detail = refused.what();
    result.alerts.push_back({source.name(), "not_believed", refused.refusal().where, refused.refusal().rule});
  }
  for (model::NodeAnswer& answer : source.take_raw()) result.raw.push_back(std::move(answer));
  result.run.source = source.name();
  result.run.started_at = started_at;
  result.run.ended_at = std::max(started_at, clock.now());
  raise_untied(result);
  raise_grown_queues(source, store, result);
  return store.save(source.fund(), result, result.run.ended_at, actor);
}

SyncReport sync_and_measure(StakingSource& source, const SyncStores& stores, const time::Clock& clock,
                            const std::string& actor) {
  SyncReport report = sync_source(source, stores.facts, clock, actor);
  if (report.positions_new > 0)
    report.measures_new =
        measure_fund(stores.facts, stores.measures, source.fund(), Measuring::kOnceADay, clock.now(), actor);
  // What is judged over a day is judged once a day.
  if (report.measures_new > 0)
    report.alerts_new +=
        stores.facts.raise(source.fund(), watch_fund(stores.facts, source.fund()), clock.now());
  return report;
}

}  // namespace navkeeper::staking
