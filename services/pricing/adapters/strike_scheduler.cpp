#include <map>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/database_time.h"
#include "common/db/job_lease.h"
#include "common/log/log.h"
#include "common/runtime/repeated_job.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/conversion_rate.h"
#include "services/pricing/adapters/price_store.h"
#include "services/pricing/adapters/rate_store.h"
#include "services/pricing/adapters/settings.h"
#include "services/pricing/adapters/venues/venue_clocks.h"
#include "services/pricing/app/strike_job.h"
#include "services/pricing/service.h"

namespace navkeeper::pricing {
namespace {

constexpr const char* kLeaseName = "strike_job";
constexpr const char* kActor = "navkeeper";
constexpr std::chrono::milliseconds kBetweenPasses{1'000};
/// A message is on its way for a moment, and venues' clocks are not ours to the second.
constexpr time::Duration kClockAheadMax = time::Duration::seconds(30);
constexpr std::int64_t kSweepEvery = 60;  ///< seconds: late trades come in minutes, not in milliseconds

}  // namespace

struct StrikeScheduler::Implementation {
  explicit Implementation(const Dependencies& given)
      : dependencies(given),
        lease(*given.pool, kLeaseName, kStrikeLease, *given.clock),
        feeds(wait_of(*given.settings)),
        job(
            kBetweenPasses, [this] { pass(); },
            [this](const std::string& what) {
              dependencies.logger->warning("strike job: failed", {{"subject", ""}, {"detail", what}});
            }) {}

  static FeedWait wait_of(const Settings& settings) {
    FeedWait wait;
    wait.most = settings.feeds_wait;
    for (const VenueSettings& venue : settings.venues) {
      if (!venue.trades) continue;
      for (const venues::Instrument& instrument : venue.instruments)
        wait.configured.insert({std::string(venues::name_of(venue.venue)), instrument.pair});
    }
    return wait;
  }

  Dependencies dependencies;
  db::JobLease lease;
  FeedWait feeds;
  std::optional<time::Instant> swept;
  std::map<std::string, time::Instant> polled;      ///< by token
  std::string clock_said;                           ///< the clock's trouble while it lasts
  std::map<std::string, std::string> last_trouble;  ///< by subject: said once, not every second
  runtime::RepeatedJob job;

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
    const bool warns = line.what == "waits for feeds" || line.what == "struck without whole feeds" ||
                       line.what == "days passed over" || line.what == "days looked at again";
    const log::Level level = warns ? log::Level::kWarning : log::Level::kInfo;
    dependencies.logger->write(level, line.what, {{"subject", line.subject}, {"detail", line.detail}});
  }

  /// Why it cannot be the time that the clock says; empty: nothing speaks against it. What venues say counts
  /// before the database, which may stand on the same machine.
  std::string clock_trouble() const {
    if (dependencies.venue_clocks == nullptr) return {};
    const time::Instant now = dependencies.clock->now();
    const auto venues = dependencies.venue_clocks->now();
    const time::Instant other = venues ? *venues : db::database_time(*dependencies.pool);
    if (now - other <= kClockAheadMax) return {};
    return "the clock is ahead of " + std::string(venues ? "every venue" : "the database") + ": " +
           now.to_string() + " here, " + other.to_string() + " there; nothing is struck";
  }

  /// Said when it begins and when it is over.
  bool is_clock_wrong() {
    const std::string trouble = clock_trouble();
    if (trouble.empty() == clock_said.empty()) return !trouble.empty();
    if (trouble.empty()) {
      dependencies.logger->info("strike job: the clock is right again");
    } else {
      dependencies.logger->warning("strike job: the clock is wrong", {{"detail", trouble}});
    }
    clock_said = trouble;
    return !trouble.empty();
  }

  void pass() {
    if (!lease.take()) return;  // another process strikes
    if (is_clock_wrong()) return;
    SqlRateStore rates = SqlRateStore(*dependencies.pool).under(*lease.held());
    SqlPriceStore prices = SqlPriceStore(*dependencies.pool).under(*lease.held());
    const PricePorts ports{rates, prices, *dependencies.clock};
    const time::Instant now = dependencies.clock->now();
    const bool sweep = !swept || now < *swept || now - *swept >= time::Duration::seconds(kSweepEvery);
    run_strikes({ports, prices, feeds, dependencies.settings->catch_up_days}, kActor, sweep,
                [this](const JobLine& line) { say(line); });
    if (sweep) swept = now;
    poll_rates(ports);
  }

  /// One token a pass, the one that was asked longest ago: an issuer that does not answer in time holds
  /// nothing up for longer than that, and none waits for ever behind others.
  void poll_rates(const PricePorts& ports) {
    const time::Instant now = ports.clock.now();
    std::optional<StoredPolicy> next;
    std::optional<time::Instant> next_asked;
    for (const model::AssetId& asset : ports.prices.assets()) {
      auto policy = ports.prices.policy_on(asset, time::utc_date(now));
      if (!policy || !policy->policy.token || policy->policy.token->rate_url.empty()) continue;
      const auto last = polled.find(asset.value());
      const auto every = time::Duration::seconds(policy->policy.token->poll_seconds);
      const auto asked = last == polled.end() ? std::nullopt : std::optional(last->second);
      if (asked && now >= *asked && now - *asked < every) continue;
      if (next && (!next_asked || (asked && *next_asked <= *asked))) continue;
      next = *std::move(policy);
      next_asked = asked;
    }
    if (!next) return;
    polled[next->policy.asset.value()] = now;
    poll(ports, next->policy.asset, next->policy.token->rate_url);
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
};

StrikeScheduler::StrikeScheduler(const Dependencies& dependencies)
    : implementation_(std::make_unique<Implementation>(dependencies)) {
  ENSURE(dependencies.pool != nullptr && dependencies.clock != nullptr && dependencies.logger != nullptr &&
         dependencies.settings != nullptr);
}

StrikeScheduler::~StrikeScheduler() { stop(); }

void StrikeScheduler::start() { implementation_->job.start(); }

void StrikeScheduler::stop() {
  if (!implementation_->job.stop()) return;
  if (const auto trouble = implementation_->lease.give_back())
    implementation_->dependencies.logger->warning("strike job: its lease runs out by itself",
                                                  {{"detail", *trouble}});
}

}  // namespace navkeeper::pricing
