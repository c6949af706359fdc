#include "services/staking/app/sync_source.h"

#include "common/base/outside.h"
#include "common/base/refuse.h"

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
  return store.save(source.fund(), result, result.run.ended_at, actor);
}

}  // namespace navkeeper::staking
