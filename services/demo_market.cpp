#include "services/demo_market.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>

#include "common/base/outside.h"
#include "common/json/value.h"
#include "common/log/log.h"
#include "common/runtime/metrics.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/price_store.h"
#include "services/pricing/adapters/rate_store.h"
#include "services/pricing/adapters/real_time_board.h"
#include "services/pricing/adapters/settings.h"
#include "services/pricing/service.h"
#include "services/sandbox/sandbox.h"

namespace navkeeper {
namespace {

constexpr std::chrono::seconds kPatience{120};
constexpr std::chrono::milliseconds kLook{25};
/// After the window the clock goes on so far while the last trades are looked for, and no farther.
constexpr time::Duration kAfterTheWindow = time::Duration::seconds(30);

/// Stands at `origin` until it is released, then runs `speed` times as fast as the machine's clock, but not
/// beyond the instant that it may go to.
class MarketClock final : public time::Clock {
 public:
  MarketClock(time::Instant origin, std::int64_t speed) : origin_(origin), speed_(speed) {}
  void release() { released_ns_ = wall_.now().ns(); }
  void may_go_to(time::Instant instant) { limit_ns_ = instant.ns(); }
  time::Instant now() const override {
    const std::int64_t released = released_ns_;
    if (released == 0) return origin_;
    const time::Instant running = origin_ + (wall_.now() - time::Instant::from_ns(released)) * speed_;
    return std::min(running, time::Instant::from_ns(limit_ns_));
  }

 private:
  time::SystemClock wall_;
  time::Instant origin_;
  std::int64_t speed_;
  std::atomic<std::int64_t> released_ns_{0};
  std::atomic<std::int64_t> limit_ns_{time::Instant::latest().ns()};
};

/// The strike job's log, told as lines for people.
class JobLog {
 public:
  log::Sink sink() {
    return [this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(told(line));
    };
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  static std::string told(std::string_view line) {
    const auto parsed = json::parse(line.substr(0, line.find_last_not_of('\n') + 1));
    if (parsed.has_error()) return std::string(line);
    std::string text;
    for (const char* key : {"time", "message", "subject", "detail"}) {
      const json::Value* member = parsed->find(key);
      if (member == nullptr || member->kind() != json::Kind::kString) continue;
      text += (text.empty() ? "" : "  ") + member->as_string();
    }
    return text;
  }

  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// How long after the window's end the last of the day's indices is struck.
time::Duration retrieval_delay(pricing::RateStore& rates, time::Date day) {
  std::int64_t seconds = 0;
  for (const pricing::StoredDefinition& newest : rates.definitions()) {
    if (const auto definition = rates.definition_on(newest.index.id, day))
      seconds = std::max<std::int64_t>(seconds, definition->index.retrieval_delay_seconds);
  }
  return time::Duration::seconds(seconds);
}

/// True when the job does not look after that day of some asset: it began later.
bool begins_after(pricing::SqlPriceStore& prices, time::Date day) {
  const auto assets = prices.assets();
  return std::any_of(assets.begin(), assets.end(), [&](const model::AssetId& asset) {
    const auto place = prices.place(pricing::JobSubject::kAsset, asset.value());
    return place && day < place->from;
  });
}

bool has_priced(pricing::SqlPriceStore& prices, time::Date day) {
  const auto assets = prices.assets();
  return std::all_of(assets.begin(), assets.end(), [&](const model::AssetId& asset) {
    const auto place = prices.place(pricing::JobSubject::kAsset, asset.value());
    return place && place->until && day <= *place->until;
  });
}

/// The sum of all series of a metric.
std::uint64_t sum_of(const runtime::Metrics& metrics, const std::string& name) {
  const std::string text = metrics.to_text();
  std::uint64_t sum = 0;
  for (std::size_t at = text.find(name + "{"); at != std::string::npos; at = text.find(name + "{", at + 1)) {
    const std::size_t value = text.find("} ", at) + 2;
    std::uint64_t number = 0;
    std::from_chars(text.data() + value, text.data() + text.size(), number);
    sum += number;
  }
  return sum;
}

pricing::Settings settings_for(const sandbox::Sandbox& world) {
  pricing::Settings settings;
  settings.resume_hours = 1;  // The days between two windows are not lived through.
  for (const sandbox::Exchange& exchange : sandbox::exchanges()) {
    const auto venue = pricing::venues::parse_venue(exchange.name);
    if (!venue || !pricing::venues::offers(*venue, pricing::venues::Feed::kTrades)) continue;
    pricing::VenueSettings entry;
    entry.venue = *venue;
    entry.trades = true;
    const sandbox::VenueEndpoint& place = world.endpoint(std::string(exchange.name));
    entry.socket_base = place.socket;
    entry.rest_base = place.rest;
    for (const sandbox::Listing& listing : exchange.listings)
      entry.instruments.push_back(*pricing::venues::instrument_of(*venue, listing.pair));
    settings.venues.push_back(std::move(entry));
  }
  return settings;
}

void wait_for(const std::string& what, const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end)
      throw base::Unavailable("the demonstration's market: " + what + " did not happen in " +
                              std::to_string(kPatience.count()) + " seconds");
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace

HeardWindow hear_window(db::Pool& pool, std::uint64_t seed, const MarketHour& hour, std::int64_t speed) {
  const time::Date day = hour.day;
  const time::Instant from = hour.from;
  const time::Instant until = hour.until;
  const time::SystemClock wall;
  MarketClock market(from, speed);
  sandbox::SandboxOptions options;
  options.seed = seed;
  options.start = from;
  options.until = until;
  options.history = time::Duration();  // The tape begins with the window, and everything in it is counted.
  sandbox::Sandbox world(options, market, wall);
  const pricing::Settings settings = settings_for(world);
  runtime::Metrics metrics;
  pricing::RealTimeBoard board;  // Nothing comes to it: the feeds are of trades alone.
  const log::Logger logger = log::Logger::silent();
  pricing::Dependencies dependencies;
  dependencies.pool = &pool;
  dependencies.settings = &settings;
  dependencies.clock = &market;
  dependencies.logger = &logger;
  dependencies.metrics = &metrics;
  dependencies.board = &board;
  JobLog job_log;
  const log::Logger job_logger("pricing", log::Level::kInfo, market, job_log.sink());
  pricing::Dependencies job_dependencies = dependencies;
  job_dependencies.logger = &job_logger;
  market.may_go_to(until + kAfterTheWindow);
  pricing::LiveService service(dependencies);
  pricing::StrikeScheduler job(job_dependencies);
  service.start();
  job.start();
  const std::uint64_t venues = settings.venues.size();
  wait_for("listening to all venues", [&] { return sum_of(metrics, "navkeeper_tape_live") >= venues; });
  market.release();
  wait_for("the end of the window", [&] { return market.now() > until; });
  HeardWindow heard;
  wait_for("storing every trade that was printed", [&] {
    heard.trades = world.truth(from, until);
    heard.already_known = sum_of(metrics, "navkeeper_tape_known_total");
    return world.finished() &&
           sum_of(metrics, "navkeeper_tape_stored_total") + heard.already_known >= heard.trades.size();
  });
  pricing::SqlRateStore rates(pool);
  pricing::SqlPriceStore prices(pool);
  market.may_go_to(until + std::max(retrieval_delay(rates, day), kAfterTheWindow));
  heard.is_struck = !begins_after(prices, day);
  if (heard.is_struck) wait_for("the strike job's own strike", [&] { return has_priced(prices, day); });
  job.stop();
  service.stop();
  world.stop();
  heard.job = job_log.lines();
  heard.venues = static_cast<int>(venues);
  return heard;
}

}  // namespace navkeeper
