#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "common/base/ensure.h"
#include "common/crypto/random.h"
#include "common/db/lease.h"
#include "common/log/log.h"
#include "common/model/uuid.h"
#include "common/time/clock.h"
#include "services/custody/adapters/chain_tasks.h"
#include "services/custody/adapters/custodians/connect.h"
#include "services/custody/adapters/custody_store.h"
#include "services/custody/adapters/statements.h"
#include "services/custody/app/sync_custodian.h"
#include "services/custody/service.h"

namespace navkeeper::custody {
namespace {

constexpr const char* kScope = "shared";
constexpr const char* kLeaseName = "custody_sync";
constexpr const char* kActor = "navkeeper";
/// A custodian's history is read again as far as that, so that its corrections reach the statements.
constexpr std::int64_t kDaysWritten = 40;
constexpr std::chrono::milliseconds kBetweenPasses{1'000};
constexpr std::chrono::milliseconds kLease{600'000};  ///< longer than any reading

}  // namespace

struct SyncJob::Implementation {
  explicit Implementation(const Dependencies& given)
      : dependencies(given), run(model::new_uuid_v7(given.clock->now(), crypto::fill_random).to_string()) {}

  /// A source lives as long as the job: its token buckets and its breaker remember.
  struct Asked {
    CollectedEvidence evidence;
    std::unique_ptr<CustodianSource> source;
    std::optional<time::Instant> at;
  };

  Dependencies dependencies;
  std::string run;
  std::thread thread;
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  std::optional<db::Lease> lease;
  std::map<std::string, Asked> asked;
  std::map<std::pair<std::string, Chain>, time::Instant> chains_asked;
  /// By fund and source: the last day of which statements were written.
  std::map<std::pair<std::string, std::string>, time::Date> written;
  std::string last_trouble;

  void loop() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      lock.unlock();
      try {
        pass();
        last_trouble.clear();
      } catch (const std::exception& error) {
        if (last_trouble != error.what())
          dependencies.logger->warning("custody sync", {{"detail", error.what()}});
        last_trouble = error.what();
      }
      lock.lock();
      wake.wait_for(lock, kBetweenPasses, [this] { return stopping; });
    }
  }

  void pass() {
    lease = dependencies.pool->transact([&](db::Transaction& transaction) {
      return db::acquire_lease(transaction, kScope, kLeaseName, run, kLease);
    });
    if (!lease) return;  // another process asks
    for (const CustodianSettings& custodian : dependencies.settings->custodians) {
      {
        const std::lock_guard guard(mutex);
        if (stopping) return;
      }
      Asked& one = asked[custodian.name];
      if (!is_due(one.at)) continue;
      one.at = dependencies.clock->now();
      ask(custodian, one);
    }
    for (const ChainTask& task : chain_tasks(*dependencies.settings)) {
      {
        const std::lock_guard guard(mutex);
        if (stopping) return;
      }
      const std::pair key(task.fund.value(), task.chain);
      const auto found = chains_asked.find(key);
      if (found != chains_asked.end() && !is_due(found->second)) continue;
      chains_asked[key] = dependencies.clock->now();
      PostgresCustodyStore store = PostgresCustodyStore(*dependencies.pool).under(*lease);
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
    StatementStore statements = StatementStore(*dependencies.pool).under(*lease);
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
    if (!one.source) one.source = connect_custodian(custodian, one.evidence, *dependencies.clock);
    PostgresCustodyStore store = PostgresCustodyStore(*dependencies.pool).under(*lease);
    SyncSettings settings;
    settings.history = time::Duration::hours(24 * std::int64_t{custodian.history_days});
    report_of(custodian.fund, sync_custodian(*one.source, one.evidence, store, custodian.fund, settings,
                                             *dependencies.clock, kActor));
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

  void give_back() {
    if (!lease) return;
    try {
      dependencies.pool->transact(
          [&](db::Transaction& transaction) { db::release_lease(transaction, *lease); });
    } catch (const std::exception& error) {
      dependencies.logger->warning("custody sync: its lease runs out by itself", {{"detail", error.what()}});
    }
    lease.reset();
  }
};

SyncJob::SyncJob(const Dependencies& dependencies)
    : implementation_(std::make_unique<Implementation>(dependencies)) {
  ENSURE(dependencies.pool != nullptr && dependencies.clock != nullptr && dependencies.logger != nullptr &&
         dependencies.settings != nullptr);
}

SyncJob::~SyncJob() { stop(); }

void SyncJob::start() {
  ENSURE(!implementation_->thread.joinable());
  if (implementation_->dependencies.settings->custodians.empty() &&
      implementation_->dependencies.settings->addresses.empty())
    return;
  implementation_->thread = std::thread([this] { implementation_->loop(); });
}

void SyncJob::stop() {
  if (!implementation_->thread.joinable()) return;
  {
    const std::lock_guard lock(implementation_->mutex);
    implementation_->stopping = true;
  }
  implementation_->wake.notify_all();
  implementation_->thread.join();
  implementation_->give_back();
}

}  // namespace navkeeper::custody
