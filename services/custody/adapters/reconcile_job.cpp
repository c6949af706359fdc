#include <algorithm>

#include "common/base/ensure.h"
#include "common/db/job_lease.h"
#include "common/log/log.h"
#include "common/runtime/repeated_job.h"
#include "common/time/clock.h"
#include "services/custody/adapters/chain_tasks.h"
#include "services/custody/adapters/custody_store.h"
#include "services/custody/adapters/nav_client.h"
#include "services/custody/adapters/reconciled_day_store.h"
#include "services/custody/adapters/reconciliation_json.h"
#include "services/custody/adapters/reconciliation_store.h"
#include "services/custody/service.h"

namespace navkeeper::custody {
namespace {

constexpr const char* kReconcileLease = "custody_reconcile";
constexpr std::chrono::milliseconds kBetweenLooks{2'000};
constexpr std::chrono::milliseconds kReconcileLeaseTime{
    15'000};                                                     ///< after which a killed process is replaced
constexpr std::chrono::milliseconds kReconcileTimeMax{600'000};  ///< longer than any reconciliation

model::Actor the_service() { return {model::ActorId::literal("navkeeper"), {model::Role::kService}}; }

/// Every fund of which a custodian or an address is configured, by name.
std::vector<WatchedFund> watched_funds(const Settings& settings) {
  std::map<std::string, WatchedFund> funds;
  const auto of = [&](const model::FundId& fund) -> WatchedFund& {
    return funds.try_emplace(fund.value(), WatchedFund{fund, {}, {}}).first->second;
  };
  for (const CustodianSettings& custodian : settings.custodians)
    of(custodian.fund).custodians.push_back(custodian.name);
  for (const ChainTask& task : chain_tasks(settings)) of(task.fund).chains.push_back(task.source());
  std::vector<WatchedFund> all;
  for (auto& [name, fund] : funds) all.push_back(std::move(fund));
  return all;
}

}  // namespace

struct ReconcileJob::Implementation {
  explicit Implementation(const Dependencies& given)
      : dependencies(given),
        lease(*given.pool, kReconcileLease, kReconcileLeaseTime, *given.clock, kReconcileTimeMax),
        funds(watched_funds(*given.settings)),
        reconciler({given.settings->reconciliation, given.settings->reconcile_wait}, the_service()),
        job(
            kBetweenLooks, [this] { pass(); },
            [this](const std::string& what) {
              dependencies.logger->warning("reconciliation", {{"detail", what}});
            }) {}

  Dependencies dependencies;
  db::JobLease lease;
  std::vector<WatchedFund> funds;
  DayReconciler reconciler;
  std::unique_ptr<NavClient> books;
  runtime::RepeatedJob job;

  void pass() {
    if (!lease.take()) return;  // another process reconciles
    if (!books)
      books = std::make_unique<NavClient>(dependencies.nav_url(), dependencies.pricing_url,
                                          dependencies.peer_token());
    PostgresCustodyStore facts = PostgresCustodyStore(*dependencies.pool).under(*lease.held());
    PostgresReconciliationStore store = PostgresReconciliationStore(*dependencies.pool).by_job(*lease.held());
    PostgresReconciledDayStore days = PostgresReconciledDayStore(*dependencies.pool).under(*lease.held());
    JsonReconciliationDocuments documents;
    const ReconcileDaysPorts ports{*books,
                                   facts,
                                   store,
                                   documents,
                                   days,
                                   [&](const model::FundId& fund, const std::string& source,
                                       time::Instant at) { return read_chain(fund, source, at, facts); }};
    for (const WatchedFund& fund : funds) {
      if (job.is_stopping()) return;
      for (const ReconciledDay& day : reconciler.pass(ports, fund, dependencies.clock->now()))
        dependencies.logger->write(day.state == DayState::kFailed ? log::Level::kWarning : log::Level::kInfo,
                                   "reconciliation",
                                   {{"fund", fund.fund.value()},
                                    {"date", day.date.to_string()},
                                    {"state", describe(day.state)},
                                    {"detail", day.detail}});
    }
  }

  SyncReport read_chain(const model::FundId& fund, const std::string& source, time::Instant at,
                        CustodyStore& facts) const {
    const std::vector<ChainTask> tasks = chain_tasks(*dependencies.settings);
    const auto task = std::find_if(tasks.begin(), tasks.end(), [&](const ChainTask& one) {
      return one.fund == fund && one.source() == source;
    });
    ENSURE(task != tasks.end());
    return ask_chain(*dependencies.settings, *task, facts, *dependencies.clock, the_service().id.value(), at);
  }
};

ReconcileJob::ReconcileJob(const Dependencies& dependencies)
    : implementation_(std::make_unique<Implementation>(dependencies)) {
  ENSURE(dependencies.pool != nullptr && dependencies.clock != nullptr && dependencies.logger != nullptr &&
         dependencies.settings != nullptr && dependencies.nav_url && dependencies.pricing_url &&
         dependencies.peer_token);
}

ReconcileJob::~ReconcileJob() { stop(); }

void ReconcileJob::start() {
  if (!implementation_->funds.empty()) implementation_->job.start();
}

void ReconcileJob::stop() {
  if (!implementation_->job.stop()) return;
  if (const auto trouble = implementation_->lease.give_back())
    implementation_->dependencies.logger->warning("reconciliation: its lease runs out by itself",
                                                  {{"detail", *trouble}});
}

}  // namespace navkeeper::custody
