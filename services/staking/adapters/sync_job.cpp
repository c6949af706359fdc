#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "common/base/ensure.h"
#include "common/crypto/random.h"
#include "common/db/lease.h"
#include "common/log/log.h"
#include "common/model/uuid.h"
#include "common/time/clock.h"
#include "services/staking/adapters/connect.h"
#include "services/staking/adapters/staking_store.h"
#include "services/staking/app/sync_source.h"
#include "services/staking/service.h"

namespace navkeeper::staking {
namespace {

constexpr const char* kScope = "shared";
constexpr const char* kLeaseName = "staking_sync";
constexpr const char* kActor = "navkeeper";
constexpr std::chrono::milliseconds kBetweenPasses{1'000};
constexpr std::chrono::milliseconds kLease{600'000};  ///< longer than any reading

}  // namespace

struct SyncJob::Implementation {
  explicit Implementation(const Dependencies& given)
      : dependencies(given), run(model::new_uuid_v7(given.clock->now(), crypto::fill_random).to_string()) {}

  Dependencies dependencies;
  std::string run;
  std::thread thread;
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  std::optional<db::Lease> lease;
  std::vector<std::unique_ptr<StakingSource>> sources;
  std::map<std::string, time::Instant> asked;
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
          dependencies.logger->warning("staking sync", {{"detail", error.what()}});
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
    if (sources.empty()) sources = connect_sources(*dependencies.settings);
    for (const auto& source : sources) {
      {
        const std::lock_guard guard(mutex);
        if (stopping) return;
      }
      const time::Instant now = dependencies.clock->now();
      const auto last = asked.find(source->name());
      if (last != asked.end() && now >= last->second &&
          now - last->second < dependencies.settings->sync_every)
        continue;
      asked[source->name()] = now;
      ask(*source);
    }
  }

  void ask(StakingSource& source) {
    PostgresStakingStore store = PostgresStakingStore(*dependencies.pool).under(*lease);
    const SyncReport report = sync_source(source, store, *dependencies.clock, kActor);
    dependencies.logger->write(
        report.run.outcome == SyncOutcome::kDone ? log::Level::kInfo : log::Level::kWarning, "staking read",
        {{"source", source.name()},
         {"outcome", describe(report.run.outcome)},
         {"events_new", report.events_new},
         {"alerts_new", report.alerts_new},
         {"detail", report.run.detail}});
  }

  void give_back() {
    if (!lease) return;
    try {
      dependencies.pool->transact(
          [&](db::Transaction& transaction) { db::release_lease(transaction, *lease); });
    } catch (const std::exception& error) {
      dependencies.logger->warning("staking sync: its lease runs out by itself", {{"detail", error.what()}});
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
  if (!implementation_->dependencies.settings->has_sources()) return;
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

}  // namespace navkeeper::staking
