#include "services/pricing/adapters/real_time_service.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/db/job_lease.h"
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
constexpr const char* kRealTimeLeaseName = "real_time_index";

const std::vector<double> kDelayBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5};

}  // namespace

struct RealTimeService::Implementation {
  explicit Implementation(const Dependencies& given)
      : dependencies(given),
        clock(*given.clock),
        logger(*given.logger),
        store(*given.pool),
        lease(*given.pool, kRealTimeLeaseName, kRealTimeLease, *given.clock),
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
    if (const auto trouble = lease.give_back())
      logger.warning("the real-time index's lease runs out by itself", {{"detail", *trouble}});
    for (const auto& feed : feeds) feed->stop();
    for (const auto& feed : quotes) feed->stop();
  }

  void run() {
    while (!wait_for_second()) {
      live.advance(clock.now());
      const std::vector<ClosedSecond> closed = live.take();
      if (holding) {
        for (const ClosedSecond& second : closed) {
          if (!publish(second)) break;
        }
      } else {
        try {
          if (!take_over()) follow();
        } catch (const std::runtime_error& failure) {
          logger.warning("the real-time index's lease not read",
                         {{"error", std::string_view(failure.what())}});
        }
      }
      maintain();
    }
  }

  /// One process makes the indices: two would each go on from a screen of their own. True: this one from now
  /// on.
  bool take_over() {
    if (!lease.take()) {
      if (!std::exchange(stands_by, true))
        logger.info("another process makes the real-time index: standing by, showing what it stores");
      return false;
    }
    if (stands_by) logger.info("this process makes the real-time index from now on");
    stands_by = false;
    store.hold(*lease.held());
    live.take_over([this](const std::string& index) { return store.last(index, false); });
    holding = true;
    return true;
  }

  /// What another process has stored is shown here too.
  void follow() {
    for (const StoredRealTimeFile& file : followed) {
      const std::string& index = file.file.id.value();
      const auto record = store.last(index, false);
      const auto newest = dependencies.board->newest(index);
      if (!record || record->file_version != file.version || (newest && newest->at == record->at)) continue;
      dependencies.board->show(shown(*record, file));
    }
  }

  /// The clock shows an earlier second than the last one that was made. What is stored is never made again;
  /// where nothing is stored the index goes on from the clock's time.
  void went_back(time::Instant now) {
    if (warned_until && *warned_until == live.last_closed()) return;
    try {
      time::Instant stored = time::Instant::earliest();
      for (const StoredRealTimeFile& file : followed) {
        if (const auto record = store.last(file.file.id.value(), false))
          stored = std::max(stored, record->at);
      }
      live.go_back_to(std::max(now, stored));
      warned_until = live.last_closed();
      const bool waits = stored > now;
      back_unread = false;
      logger.warning("the clock went back: the real-time index goes on after the last stored second",
                     {{"now", now.to_string()}, {"from", live.last_closed().to_string()}});
      if (!waits) return;
      for (const StoredRealTimeFile& file : followed) {
        const std::string& index = file.file.id.value();
        auto second = dependencies.board->newest(index);
        if (!second)
          second = ShownSecond{index, file.file.pair.value(), stored, {}, {}, {}, file.version, {}};
        second->value.reset();
        second->unrounded.reset();
        second->reason = "the clock went back: seconds until " + stored.to_string() +
                         " are stored already, the next one is made after that";
        dependencies.board->show(*std::move(second));
      }
    } catch (const std::runtime_error& failure) {
      if (!std::exchange(back_unread, true))
        logger.warning("the clock went back, and the stored seconds cannot be read",
                       {{"error", std::string_view(failure.what())}});
    }
  }

  /// True when it is time to stop.
  bool wait_for_second() {
    std::unique_lock lock(mutex);
    for (;;) {
      if (stopping) return true;
      const std::int64_t now_ns = clock.now().ns();
      if (loaded && now_ns < live.last_closed().ns()) {
        lock.unlock();
        went_back(time::Instant::from_ns(now_ns));
        lock.lock();
      }
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
    } catch (const db::Fenced& lost) {
      holding = false;
      return failed(lost.what());
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
      followed = files;
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
  db::JobLease lease;
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
  bool holding = false;    ///< this process makes the indices
  bool stands_by = false;  ///< another one does, and that has been said
  std::vector<StoredRealTimeFile> followed;
  bool back_unread = false;
  std::optional<time::Instant>
      warned_until;  ///< the last closed second when the clock was last seen to be back
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
