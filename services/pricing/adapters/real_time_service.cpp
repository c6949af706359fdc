#include "services/pricing/adapters/real_time_service.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/log/log.h"
#include "common/runtime/metrics.h"
#include "common/time/zone.h"
#include "services/pricing/adapters/book_feed.h"
#include "services/pricing/adapters/quote_feed.h"
#include "services/pricing/adapters/real_time_board.h"
#include "services/pricing/adapters/real_time_store.h"

namespace navkeeper::pricing {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
/// The longest wait: the clock may be stepped, or be another one than the machine's.
constexpr std::int64_t kWaitNsMax = 200'000'000;
constexpr std::int64_t kReloadNs = 5 * kSecondNs;

const std::vector<double> kDelayBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5};

}  // namespace

struct RealTimeService::Implementation {
  explicit Implementation(const Dependencies& given)
      : dependencies(given),
        clock(*given.clock),
        logger(*given.logger),
        store(*given.pool),
        live(given.clock->now()),
        delay(metrics().histogram("navkeeper_index_publish_delay_seconds",
                                  "From the full second to when its value was stored and shown", {},
                                  kDelayBuckets)),
        late(counter("navkeeper_index_late_total", "Values stored too late to be shown")),
        without(counter("navkeeper_index_without_value_total", "Seconds for which no value could be made")),
        unsaved(counter("navkeeper_index_unsaved_total", "Seconds that the database did not take")) {
    for (const VenueSettings& venue : given.settings->venues) {
      if (!venue.books) continue;
      if (venue.venue == venues::Venue::kLmax) {  // Its quotes are no book: they stand beside the index.
        quotes.push_back(std::make_unique<QuoteFeed>(venue, *given.board, clock, logger));
      } else {
        feeds.push_back(std::make_unique<BookFeed>(venue, live, clock, logger));
      }
    }
  }

  runtime::Metrics& metrics() const { return *dependencies.metrics; }
  runtime::Counter& counter(const std::string& name, const std::string& help) const {
    return metrics().counter(name, help);
  }

  void start() {
    // Without books there is nothing to make values from, and another process may make them.
    if (feeds.empty() || thread.joinable()) return;
    thread = std::thread([this] { run(); });
  }

  void stop() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    changed.notify_all();
    if (thread.joinable()) thread.join();
    for (const auto& feed : feeds) feed->stop();
    for (const auto& feed : quotes) feed->stop();
  }

  void run() {
    while (!wait_for_second()) {
      live.advance(clock.now());
      for (const ClosedSecond& second : live.take()) {
        if (!publish(second)) break;
      }
      maintain();
    }
  }

  /// True when it is time to stop.
  bool wait_for_second() {
    std::unique_lock lock(mutex);
    for (;;) {
      if (stopping) return true;
      const std::int64_t now_ns = clock.now().ns();
      const std::int64_t next_ns = live.last_closed().ns() + kSecondNs;
      if (loaded && now_ns >= next_ns) return false;
      if (!loaded) {  // The first look at the definitions does not wait for a second.
        lock.unlock();
        maintain();
        lock.lock();
        if (loaded) continue;
      }
      const std::int64_t wait_ns = std::clamp<std::int64_t>(next_ns - now_ns, 1'000, kWaitNsMax);
      changed.wait_for(lock, std::chrono::nanoseconds(wait_ns), [this] { return stopping; });
    }
  }

  /// Stores the second, then shows it. False when it could not be stored: what waits behind it is given up.
  bool publish(const ClosedSecond& second) {
    std::vector<RealTimeRecord> records;
    for (const ClosedSecond::Value& value : second.values) {
      records.push_back(value.record);
      records.back().known_at = std::max(clock.now(), second.at);
    }
    std::string trouble = save(records);
    const time::Duration took = clock.now() - second.at;
    if (trouble.empty()) delay.observe(static_cast<double>(took.ns()) / static_cast<double>(kSecondNs));
    const bool in_time = took <= dependencies.settings->real_time.publish_within;
    for (const ClosedSecond::Value& value : second.values) {
      ShownSecond to_show = shown(value);
      if (!value.record.value) without.add();
      if (!trouble.empty() || (to_show.value && !in_time)) {
        to_show.reason = trouble.empty() ? "the value was stored too late to be published" : trouble;
        to_show.value.reset();
        to_show.unrounded.reset();
        if (trouble.empty()) late.add();
      }
      dependencies.board->show(std::move(to_show));
    }
    return trouble.empty();
  }

  /// "", or why the second is not in the database as far as anybody knows.
  std::string save(const std::vector<RealTimeRecord>& records) {
    const auto failed = [&](const std::string& why) {
      unsaved.add();
      live.start_anew();
      logger.error("index values not stored", {{"error", why}});
      return std::string("the value could not be stored");
    };
    try {
      store.save(records);
      return {};
    } catch (const base::Unavailable& failure) {
      return failed(failure.what());
    } catch (const base::Conflict& failure) {
      return failed(failure.what());
    } catch (const base::InDoubt& failure) {
      return failed(failure.what());
    } catch (const std::runtime_error& failure) {
      return failed(failure.what());
    }
  }

  /// New definitions, counters, and once a day what the policy says of old days.
  void maintain() {
    const time::Instant now = clock.now();
    const std::int64_t pause_ns = loaded ? kReloadNs : kSecondNs;
    if (now >= reloaded_at && now.ns() - reloaded_at.ns() < pause_ns) return;
    reloaded_at = now;
    try {
      const auto files = store.files();
      live.use(files, [this](const std::string& index) { return store.last(index, false); });
      loaded = true;
      if (!files.empty()) start_feeds();
      forget_old_days(now);
    } catch (const std::runtime_error& failure) {
      logger.warning("index definitions not read", {{"error", std::string_view(failure.what())}});
    }
    const LiveIndex::Counters counters = live.counters();
    const auto show = [&](const char* name, const char* help, std::uint64_t value) {
      metrics().gauge(name, help).set(static_cast<double>(value));
    };
    show("navkeeper_index_book_events", "Book messages taken since the start", counters.events);
    show("navkeeper_index_book_refusals", "Levels and books refused since the start", counters.refused);
    show("navkeeper_index_seconds_skipped", "Full seconds without a computation since the start",
         counters.skipped);
    show("navkeeper_index_seconds_given_up", "Seconds computed but never stored since the start",
         counters.given_up);
  }

  /// Nobody is asked for books before there is an index to make of them.
  void start_feeds() {
    if (std::exchange(following, true)) return;
    for (const auto& feed : feeds) feed->start();
    for (const auto& feed : quotes) feed->start();
  }

  void forget_old_days(time::Instant now) {
    const time::Date today = time::Zone::literal("UTC").to_local(now).date;
    if (forgotten_on == today) return;
    const auto gone = store.forget(today + -dependencies.settings->real_time.keep_days);
    forgotten_on = today;
    for (const std::string& name : gone) logger.info("index day dropped by policy", {{"partition", name}});
  }

  Dependencies dependencies;
  const time::Clock& clock;
  const log::Logger& logger;
  SqlRealTimeStore store;
  LiveIndex live;
  std::vector<std::unique_ptr<BookFeed>> feeds;
  std::vector<std::unique_ptr<QuoteFeed>> quotes;
  runtime::Histogram& delay;
  runtime::Counter& late;
  runtime::Counter& without;
  runtime::Counter& unsaved;

  std::mutex mutex;  ///< guards `stopping`
  std::condition_variable changed;
  bool stopping = false;
  std::thread thread;

  // The thread's own.
  bool loaded = false;
  bool following = false;
  time::Instant reloaded_at;
  std::optional<time::Date> forgotten_on;
};

RealTimeService::RealTimeService(const Dependencies& dependencies) {
  ENSURE(dependencies.pool != nullptr && dependencies.settings != nullptr && dependencies.clock != nullptr &&
         dependencies.logger != nullptr && dependencies.metrics != nullptr && dependencies.board != nullptr);
  implementation_ = std::make_unique<Implementation>(dependencies);
}

RealTimeService::~RealTimeService() { implementation_->stop(); }

void RealTimeService::start() { implementation_->start(); }

void RealTimeService::stop() { implementation_->stop(); }

}  // namespace navkeeper::pricing
