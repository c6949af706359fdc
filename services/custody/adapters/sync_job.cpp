#include <map>

#include "common/base/ensure.h"
#include "common/db/job_lease.h"
#include "common/log/log.h"
#include "common/runtime/repeated_job.h"
#include "common/time/clock.h"
#include "services/custody/adapters/chain_tasks.h"
#include "services/custody/adapters/custodians/connect.h"
#include "services/custody/adapters/custody_store.h"
#include "services/custody/adapters/pace_store.h"
#include "services/custody/adapters/statements.h"
#include "services/custody/app/sync_custodian.h"
#include "services/custody/service.h"

namespace navkeeper::custody {
namespace {

constexpr const char* kLeaseName = "custody_sync";
constexpr const char* kActor = "navkeeper";
/// A custodian's history is read again as far as that, so that its corrections reach the statements.
constexpr std::int64_t kDaysWritten = 40;
constexpr std::chrono::milliseconds kBetweenPasses{1'000};
constexpr std::chrono::milliseconds kLease{15'000};        ///< after which a killed process is replaced
constexpr std::chrono::milliseconds kReadingMax{600'000};  ///< longer than any reading

}  // namespace

struct SyncJob::Implementation {
  explicit Implementation(const Dependencies& given)
      : dependencies(given),
        lease(*given.pool, kLeaseName, kLease, *given.clock, kReadingMax),
        job(
            kBetweenPasses, [this] { pass(); },
            [this](const std::string& what) {
              dependencies.logger->warning("custody sync", {{"detail", what}});
            }) {}

  /// A source lives as long as the job: its token buckets and its breaker remember.
  struct Asked {
    CollectedEvidence evidence;
    std::unique_ptr<CustodianSource> source;
    std::optional<time::Instant> at;
  };

  Dependencies dependencies;
  db::JobLease lease;
  std::map<std::string, Asked> asked;
  std::map<std::pair<std::string, Chain>, time::Instant> chains_asked;
  /// By fund and source: the last day of which statements were written.
  std::map<std::pair<std::string, std::string>, time::Date> written;
  runtime::RepeatedJob job;

  void pass() {
    if (!lease.take()) return;  // another process asks
    for (const CustodianSettings& custodian : dependencies.settings->custodians) {
      if (job.is_stopping()) return;
      Asked& one = asked[custodian.name];
      if (!is_due(one.at)) continue;
      one.at = dependencies.clock->now();
      ask(custodian, one);
    }
    for (const ChainTask& task : chain_tasks(*dependencies.settings)) {
      if (job.is_stopping()) return;
      const std::pair key(task.fund.value(), task.chain);
      const auto found = chains_asked.find(key);
      if (found != chains_asked.end() && !is_due(found->second)) continue;
      chains_asked[key] = dependencies.clock->now();
      PostgresCustodyStore store = PostgresCustodyStore(*dependencies.pool).under(*lease.held());
      report_of(task.fund, ask_chain(*dependencies.settings, task, store, *dependencies.clock, kActor));
    }
  }

  /// After the first asking that was answered on a new day, and after each that raised an alarm: what a
  /// source corrected or left out concerns days that are over.
  void write_statements(const model::FundId& fund, const SyncReport& report) {
    if (report.run.outcome == SyncOutcome::kFailed) return;
    const time::Instant now = dependencies.clock->now();
    const time::Date yesterday = time::utc_date(now) - 1;
    const std::pair key(fund.value(), report.run.source);
    const auto found = written.find(key);
    if (found != written.end() && found->second == yesterday && report.alarms_new == 0) return;
    PostgresCustodyStore facts(*dependencies.pool);
    StatementStore statements = StatementStore(*dependencies.pool).under(*lease.held());
    const auto made = make_statements(facts, statements, fund, report.run.source, yesterday - kDaysWritten,
                                      yesterday, now, kActor);
    written.insert_or_assign(key, yesterday);
    if (!made.empty())
      dependencies.logger->write(log::Level::kInfo, "statements written",
                                 {{"source", report.run.source}, {"statements", made.size()}});
  }

  bool is_due(const std::optional<time::Instant>& last) const {
    const time::Instant now = dependencies.clock->now();
    return !last || now < *last || now - *last >= dependencies.settings->sync_every;
  }

  void ask(const CustodianSettings& custodian, Asked& one) {
    if (!one.source)
      one.source =
          connect_custodian(custodian, one.evidence, *dependencies.clock, shared_pace(*dependencies.pool));
    PostgresCustodyStore store = PostgresCustodyStore(*dependencies.pool).under(*lease.held());
    report_of(custodian.fund, sync_custodian(*one.source, one.evidence, store, custodian.fund,
                                             sync_settings_of(custodian), *dependencies.clock, kActor));
  }

  void report_of(const model::FundId& fund, const SyncReport& report) {
    dependencies.logger->write(
        report.run.outcome == SyncOutcome::kDone ? log::Level::kInfo : log::Level::kWarning, "source asked",
        {{"source", report.run.source},
         {"outcome", describe(report.run.outcome)},
         {"records_new", report.records_new},
         {"alarms_new", report.alarms_new},
         {"detail", report.run.detail}});
    write_statements(fund, report);
  }
};

SyncJob::SyncJob(const Dependencies& dependencies)
    : implementation_(std::make_unique<Implementation>(dependencies)) {
  ENSURE(dependencies.pool != nullptr && dependencies.clock != nullptr && dependencies.logger != nullptr &&
         dependencies.settings != nullptr);
}

SyncJob::~SyncJob() { stop(); }

void SyncJob::start() {
  if (implementation_->dependencies.settings->custodians.empty() &&
      implementation_->dependencies.settings->addresses.empty())
    return;
  implementation_->job.start();
}

void SyncJob::stop() {
  if (!implementation_->job.stop()) return;
  if (const auto trouble = implementation_->lease.give_back())
    implementation_->dependencies.logger->warning("custody sync: its lease runs out by itself",
                                                  {{"detail", *trouble}});
}

}  // namespace navkeeper::custody
