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
#include "services/custody/adapters/custodians/connect.h"
#include "services/custody/adapters/custody_store.h"
#include "services/custody/app/sync_custodian.h"
#include "services/custody/service.h"

namespace navkeeper::custody {
namespace {

constexpr const char* kScope = "shared";
constexpr const char* kLeaseName = "custody_sync";
constexpr const char* kActor = "navkeeper";
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
      const time::Instant now = dependencies.clock->now();
      if (one.at && now >= *one.at && now - *one.at < dependencies.settings->sync_every) continue;
      one.at = now;
      ask(custodian, one);
    }
  }

  void ask(const CustodianSettings& custodian, Asked& one) {
    if (!one.source) one.source = connect_custodian(custodian, one.evidence, *dependencies.clock);
    PostgresCustodyStore store = PostgresCustodyStore(*dependencies.pool).under(*lease);
    SyncSettings settings;
    settings.history = time::Duration::hours(24 * std::int64_t{custodian.history_days});
    const SyncReport report = sync_custodian(*one.source, one.evidence, store, custodian.fund, settings,
                                             *dependencies.clock, kActor);
    dependencies.logger->write(
        report.run.outcome == SyncOutcome::kDone ? log::Level::kInfo : log::Level::kWarning,
        "custodian asked",
        {{"source", custodian.name},
         {"outcome", describe(report.run.outcome)},
         {"records_new", report.records_new},
         {"alarms_new", report.alarms_new},
         {"detail", report.run.detail}});
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
  if (implementation_->dependencies.settings->custodians.empty()) return;
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
