#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/random.h"
#include "common/db/lease.h"
#include "common/log/log.h"
#include "common/model/uuid.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/conversion_rate.h"
#include "services/pricing/adapters/price_store.h"
#include "services/pricing/adapters/rate_store.h"
#include "services/pricing/app/strike_job.h"
#include "services/pricing/service.h"

namespace navkeeper::pricing {
namespace {

constexpr const char* kScope = "shared";
constexpr const char* kLeaseName = "strike_job";
constexpr const char* kActor = "navkeeper";
constexpr std::chrono::milliseconds kBetweenPasses{1'000};
constexpr std::int64_t kSweepEvery = 60;  ///< seconds: late trades come in minutes, not in milliseconds

}  // namespace

struct StrikeScheduler::Implementation {
  explicit Implementation(const Dependencies& given)
      : dependencies(given), run(model::new_uuid_v7(given.clock->now(), crypto::fill_random).to_string()) {}

  Dependencies dependencies;
  std::string run;
  std::thread thread;
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  std::optional<db::Lease> lease;
  std::optional<time::Instant> swept;
  std::map<std::string, time::Instant> polled;      ///< by token
  std::map<std::string, std::string> last_trouble;  ///< by subject: said once, not every second

  void loop() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      lock.unlock();
      try {
        pass();
        last_trouble.erase("");
      } catch (const std::exception& error) {
        say({"failed", "", error.what()});
      }
      lock.lock();
      wake.wait_for(lock, kBetweenPasses, [this] { return stopping; });
    }
  }

  void say(const JobLine& line) {
    const bool trouble = line.what == "refused" || line.what == "failed";
    if (trouble) {
      std::string& last = last_trouble[line.subject];
      if (last == line.detail) return;
      last = line.detail;
      dependencies.logger->warning("strike job: " + line.what,
                                   {{"subject", line.subject}, {"detail", line.detail}});
      return;
    }
    dependencies.logger->info(line.what, {{"subject", line.subject}, {"detail", line.detail}});
  }

  void pass() {
    lease = dependencies.pool->transact([&](db::Transaction& transaction) {
      return db::acquire_lease(transaction, kScope, kLeaseName, run, kStrikeLease);
    });
    if (!lease) return;  // another process strikes
    SqlRateStore rates = SqlRateStore(*dependencies.pool).under(*lease);
    SqlPriceStore prices = SqlPriceStore(*dependencies.pool).under(*lease);
    const PricePorts ports{rates, prices, *dependencies.clock};
    const time::Instant now = dependencies.clock->now();
    const bool sweep = !swept || now < *swept || now - *swept >= time::Duration::seconds(kSweepEvery);
    run_strikes({ports, prices}, kActor, sweep, [this](const JobLine& line) { say(line); });
    if (sweep) swept = now;
    poll_rates(ports);
  }

  void poll_rates(const PricePorts& ports) {
    const time::Instant now = ports.clock.now();
    for (const model::AssetId& asset : ports.prices.assets()) {
      const auto policy = ports.prices.policy_on(asset, time::utc_date(now));
      if (!policy || !policy->policy.token || policy->policy.token->rate_url.empty()) continue;
      const auto last = polled.find(asset.value());
      const auto every = time::Duration::seconds(policy->policy.token->poll_seconds);
      if (last != polled.end() && now >= last->second && now - last->second < every) continue;
      polled[asset.value()] = now;
      poll(ports, asset, policy->policy.token->rate_url);
    }
  }

  void poll(const PricePorts& ports, const model::AssetId& token, const std::string& url) {
    try {
      const std::string answer = ask_conversion_rate(url, token);
      const auto rate = read_conversion_rate(answer, token);
      if (rate.has_error()) {
        say({"refused", token.value() + " exchange rate", rate.error().message()});
        return;
      }
      const time::Instant now = ports.clock.now();
      const bool is_new = ports.prices.add_exchange_rate(token, {{*rate, now, url}, answer, now, kActor});
      if (is_new) say({"exchange rate", token.value(), rate->to_string()});
    } catch (const base::Unavailable& unavailable) {
      say({"failed", token.value() + " exchange rate", unavailable.what()});
    }
  }

  void give_back() {
    if (!lease) return;
    try {
      dependencies.pool->transact(
          [&](db::Transaction& transaction) { db::release_lease(transaction, *lease); });
    } catch (const std::exception& error) {
      dependencies.logger->warning("strike job: its lease runs out by itself", {{"detail", error.what()}});
    }
    lease.reset();
  }
};

StrikeScheduler::StrikeScheduler(const Dependencies& dependencies)
    : implementation_(std::make_unique<Implementation>(dependencies)) {
  ENSURE(dependencies.pool != nullptr && dependencies.clock != nullptr && dependencies.logger != nullptr);
}

StrikeScheduler::~StrikeScheduler() { stop(); }

void StrikeScheduler::start() {
  ENSURE(!implementation_->thread.joinable());
  implementation_->thread = std::thread([this] { implementation_->loop(); });
}

void StrikeScheduler::stop() {
  if (!implementation_->thread.joinable()) return;
  {
    const std::lock_guard lock(implementation_->mutex);
    implementation_->stopping = true;
  }
  implementation_->wake.notify_all();
  implementation_->thread.join();
  implementation_->give_back();
}

}  // namespace navkeeper::pricing
