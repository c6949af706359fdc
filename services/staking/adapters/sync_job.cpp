#include <map>
#include <optional>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/job_lease.h"
#include "common/log/log.h"
#include "common/runtime/repeated_job.h"
#include "common/time/clock.h"
#include "services/staking/adapters/connect.h"
#include "services/staking/adapters/liquidity_store.h"
#include "services/staking/adapters/measure_store.h"
#include "services/staking/adapters/nav_client.h"
#include "services/staking/adapters/price_pass.h"
#include "services/staking/adapters/pricing_client.h"
#include "services/staking/adapters/settings.h"
#include "services/staking/adapters/staking_store.h"
#include "services/staking/app/sync_source.h"
#include "services/staking/app/test_liquidity.h"
#include "services/staking/service.h"

namespace navkeeper::staking {
namespace {

constexpr const char* kLeaseName = "staking_sync";
constexpr const char* kActor = "navkeeper";
constexpr std::chrono::milliseconds kBetweenPasses{1'000};
constexpr std::chrono::milliseconds kLease{15'000};        ///< after which a killed process is replaced
constexpr std::chrono::milliseconds kReadingMax{600'000};  ///< and one that hangs; longer than any reading

}  // namespace

struct SyncJob::Implementation {
  explicit Implementation(const Dependencies& given)
      : dependencies(given),
        pricing(given.pricing_url, given.peer_token),
        nav(given.nav_url, given.nav_token),
        lease(*given.pool, kLeaseName, kLease, *given.clock, kReadingMax),
        job(
            kBetweenPasses, [this] { pass(); },
            [this](const std::string& what) {
              dependencies.logger->warning("staking sync", {{"detail", what}});
            }) {}

  Dependencies dependencies;
  PricingClient pricing;
  NavClient nav;
  db::JobLease lease;
  std::vector<std::unique_ptr<StakingSource>> sources;
  std::map<std::string, time::Instant> asked;
  std::map<model::FundId, std::string> untested;  ///< why, as it was said last
  runtime::RepeatedJob job;

  void pass() {
    if (!lease.take()) return;  // another process asks
    if (sources.empty()) sources = connect_sources(*dependencies.settings);
    for (const auto& source : sources) {
      if (job.is_stopping()) return;
      const time::Instant now = dependencies.clock->now();
      const auto last = asked.find(source->name());
      if (last != asked.end() && now >= last->second &&
          now - last->second < dependencies.settings->sync_every)
        continue;
      asked[source->name()] = now;
      ask(*source);
      for (const FundPriced& one : price_pass(dependencies, pricing, kActor, source->fund().value()))
        dependencies.logger->write(log::Level::kInfo, "rows priced",
                                   {{"fund", one.fund.value()},
                                    {"priced", one.report.priced},
                                    {"waiting", one.report.waiting},
                                    {"detail", one.report.detail}});
      test(source->fund());
    }
  }

  /// The day's liquidity test, as soon as nav and the readings allow it; why not is said once.
  void test(const model::FundId& fund) {
    PostgresStakingStore facts(*dependencies.pool);
    PostgresLiquidityStore tests(*dependencies.pool);
    std::string why;
    try {
      const auto picture =
          test_of_the_day({facts, tests}, fund, nav, terms_of(dependencies.settings->funds, fund),
                          dependencies.clock->now(), kActor);
      if (picture)
        dependencies.logger->write(
            picture->test.standing == liquidity::Standing::kWithin ? log::Level::kInfo : log::Level::kWarning,
            "liquidity tested",
            {{"fund", fund.value()},
             {"standing", liquidity::describe(picture->test.standing)},
             {"illiquid", picture->test.illiquid.to_string()},
             {"net_assets", picture->test.net_assets.to_string()}});
    } catch (const base::Unavailable& unavailable) {
      why = unavailable.what();
    } catch (const base::Refused& refused) {
      why = refused.what();
    } catch (const base::Conflict& conflict) {
      why = conflict.what();
    }
    std::string& said = untested[fund];
    if (!why.empty() && why != said)
      dependencies.logger->warning("liquidity not tested", {{"fund", fund.value()}, {"detail", why}});
    said = why;
  }

  void ask(StakingSource& source) {
    PostgresStakingStore store = PostgresStakingStore(*dependencies.pool).under(*lease.held());
    PostgresMeasureStore measures = PostgresMeasureStore(*dependencies.pool).under(*lease.held());
    const SyncReport report = sync_and_measure(source, {store, measures}, *dependencies.clock, kActor);
    dependencies.logger->write(
        report.run.outcome == SyncOutcome::kDone ? log::Level::kInfo : log::Level::kWarning, "staking read",
        {{"source", source.name()},
         {"outcome", describe(report.run.outcome)},
         {"events_new", report.events_new},
         {"alerts_new", report.alerts_new},
         {"measures_new", report.measures_new},
         {"detail", report.run.detail}});
  }
};

SyncJob::SyncJob(const Dependencies& dependencies)
    : implementation_(std::make_unique<Implementation>(dependencies)) {
  ENSURE(dependencies.pool != nullptr && dependencies.clock != nullptr && dependencies.logger != nullptr &&
         dependencies.settings != nullptr);
}

SyncJob::~SyncJob() { stop(); }

void SyncJob::start() {
  if (!implementation_->dependencies.settings->has_sources()) return;
  implementation_->job.start();
}

void SyncJob::stop() {
  if (!implementation_->job.stop()) return;
  if (const auto trouble = implementation_->lease.give_back())
    implementation_->dependencies.logger->warning("staking sync: its lease runs out by itself",
                                                  {{"detail", *trouble}});
}

}  // namespace navkeeper::staking
