#include "services/staking/app/sync_source.h"

#include <map>
#include <set>

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

/// A node's account that does not begin with what was read of it last: coins from nowhere, or coins that went
/// without a word.
void raise_discontinued(const StakingSource& source, const std::vector<StoredReading>& stored_before,
                        SyncResult& result) {
  if (result.roll_forwards.empty()) return;
  std::set<Chain> read;
  std::map<std::pair<PositionKey, Account>, money::Decimal> last;
  for (const StoredReading& stored : stored_before) {
    if (stored.reading.source != source.name()) continue;
    read.insert(stored.reading.chain);
    for (const Position& one : stored.reading.positions) {
      const auto account = account_of(stored.reading.chain, one.state);
      if (account) last[{one.key, *account}] += one.amount;
    }
  }
  for (const RollForward& one : result.roll_forwards) {  // of a place in the order of time
    if (one.key.chain != Chain::kEthereum && one.key.chain != Chain::kCronosPos) continue;
    if (!is_chained(one) || !read.contains(one.key.chain)) continue;
    money::Decimal& before = last[{one.key, one.account}];
    if (one.opening != before)
      result.alerts.push_back(
          {source.name(), "not_continuous", one.key.place + " " + std::string(describe(one.account)),
           "begins with " + one.opening.to_string() + " " + one.key.asset.value() + " at " +
               std::to_string(one.from.height) + ", and was left with " + before.to_string()});
    before = one.closing;
  }
}

/// What two sources read of one chain is added up: no place may be read by both.
void refuse_what_others_read(const StakingSource& source, const std::vector<StoredReading>& stored_before,
                             const SyncResult& result) {
  std::map<std::pair<Chain, std::string>, std::string> others;
  for (const StoredReading& stored : stored_before) {
    const PositionReading& reading = stored.reading;
    if (reading.source == source.name() ||
        (reading.chain != Chain::kEthereum && reading.chain != Chain::kCronosPos))
      continue;
    for (const Position& one : reading.positions)
      if (one.amount.is_positive()) others.try_emplace({reading.chain, one.key.place}, reading.source);
  }
  if (others.empty()) return;
  for (const PositionReading& reading : result.readings) {
    for (const Position& one : reading.positions) {
      const auto other = others.find({reading.chain, one.key.place});
      if (one.amount.is_positive() && other != others.end())
        base::refuse(source.name(), one.key.place + " is read by source " + other->second +
                                        " already, and would be counted twice");
    }
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
  std::vector<StoredReading> stored_before;
  bool is_refused = false;
  const time::Instant started_at = clock.now();
  try {
    result = source.read(store);
    stored_before = store.readings(source.fund(), {});
    refuse_what_others_read(source, stored_before, result);
    result.run.outcome = result.run.detail.empty() ? SyncOutcome::kDone : SyncOutcome::kPartly;
  } catch (const base::Unavailable& unavailable) {
    result = {};
    result.run.outcome = SyncOutcome::kFailed;
    result.run.detail = unavailable.what();
  } catch (const base::Refused& refused) {
    result = {};
    result.run.outcome = SyncOutcome::kFailed;
    result.run.detail = refused.what();
    is_refused = true;
    result.alerts.push_back({source.name(), "not_believed", refused.refusal().where, refused.refusal().rule});
  }
  for (model::NodeAnswer& answer : source.take_raw()) result.raw.push_back(std::move(answer));
  result.run.source = source.name();
  result.run.started_at = started_at;
  result.run.ended_at = std::max(started_at, clock.now());
  raise_untied(result);
  raise_discontinued(source, stored_before, result);
  raise_grown_queues(source, store, result);
  SyncReport report = store.save(source.fund(), result, result.run.ended_at, actor);
  report.is_refused = is_refused;
  return report;
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
