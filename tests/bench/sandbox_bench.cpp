// The service under the sandbox's traffic. The sandbox runs in a process of its own, PostgreSQL in others;
// what is counted is this one's.
//   listen_to_the_sandbox  the CPU that the sessions of six venues' trades take at about 20,000 messages a
//                          second: connections, parsing, order, duplicates and hashes, without the store
//   serve_the_sandbox      the same by the whole service: with queue, COPY and positions
//   day_of_the_sandbox     resident memory of the service over a day of the world, live into the store
//   seconds_of_the_index   how long after their second a minute's values of the real-time index were stored
//                          and shown; late ones are not shown as values
// Needs the executable beside this one (./dev build
// release navkeeper), or its folder in NAVKEEPER_BINARY_DIR.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <thread>

#include "common/json/value.h"
#include "common/log/log.h"
#include "common/runtime/metrics.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/real_time_board.h"
#include "services/pricing/adapters/real_time_store.h"
#include "services/pricing/adapters/settings.h"
#include "services/pricing/adapters/venues/catalogue.h"
#include "services/pricing/adapters/venues/live_venue.h"
#include "services/pricing/service.h"
#include "tests/bench/bench_server.h"
#include "tests/support/process.h"

namespace navkeeper::pricing::venues {
namespace {

constexpr const char* kSpeed = "12600";  // 1.585 trades a second of the world
constexpr std::chrono::seconds kMeasured{5};
constexpr std::chrono::seconds kPatience{60};

class Counting final : public SessionSink {
 public:
  explicit Counting(std::atomic<std::uint64_t>& trades) : trades_(trades) {}
  void trade(const ReceivedTrade&) override { trades_.fetch_add(1, std::memory_order_relaxed); }
  void quote(const Quote&, std::int64_t) override {}
  void book(std::uint16_t, const LiveBook&) override {}
  void book_lost(std::uint16_t) override {}
  void note(const SessionNote&) override {}

 private:
  std::atomic<std::uint64_t>& trades_;
};

json::Value endpoints_of(const std::filesystem::path& log) {
  for (const auto end = std::chrono::steady_clock::now() + kPatience;
       std::chrono::steady_clock::now() < end;) {
    auto answer = json::parse(tests::read_file(log));
    if (answer.has_value()) return std::move(*answer);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("the sandbox did not start");
}

const std::filesystem::path& executable() {
  static const std::filesystem::path kPath = [] {
    const char* binaries = std::getenv("NAVKEEPER_BINARY_DIR");
    return (binaries != nullptr ? std::filesystem::path(binaries)
                                : std::filesystem::read_symlink("/proc/self/exe").parent_path()) /
           "navkeeper";
  }();
  return kPath;
}

void listen_to_the_sandbox(benchmark::State& state) {
  const tests::TemporaryFolder folder;
  const auto log = folder.path() / "endpoints.json";
  tests::Background sandbox(
      {executable().string(), "sandbox", "--start", "2026-03-05T20:00:00Z", "--speed", kSpeed, "--json"}, {},
      log);
  const json::Value world = endpoints_of(log);
  const time::SystemClock wall;
  const time::ScaledClock market(wall, time::Instant::literal("2026-03-05T20:00:00Z"), 12'600);
  std::atomic<std::uint64_t> trades{0};
  Counting sink(trades);
  std::vector<std::unique_ptr<VenueProtocol>> protocols;
  std::vector<std::unique_ptr<LiveVenue>> sessions;
  for (const json::Value& place : world.find("venues")->as_array()) {
    const auto venue = parse_venue(place.find("venue")->as_string());
    if (!venue || !offers(*venue, Feed::kTrades)) continue;
    std::vector<Instrument> markets{*instrument_of(*venue, "BTC/USD"), *instrument_of(*venue, "ETH/USD")};
    protocols.push_back(make_protocol(*venue, Feed::kTrades, std::move(markets)));
    LiveVenueOptions options;
    options.socket_base = place.find("socket")->as_string();
    options.rest_base = place.find("rest")->as_string();
    options.connection_clock = &wall;
    sessions.push_back(std::make_unique<LiveVenue>(*protocols.back(), sink, market, options));
    sessions.back()->start();
  }
  for (const auto& session : sessions) {
    while (session->state() != VenueSession::State::kLive)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const auto frames = [&] {
    std::uint64_t sum = 0;
    for (const auto& session : sessions) sum += session->counters().frames;
    return static_cast<double>(sum);
  };
  for (auto _ : state) {
    const double frames_before = frames();
    const auto trades_before = static_cast<double>(trades.load());
    const double cpu_before = bench::own_cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(kMeasured);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double cpu = bench::own_cpu_seconds() - cpu_before;
    const double messages = (frames() - frames_before) / seconds;
    state.counters["messages/s"] = messages;
    state.counters["trades/s"] = (static_cast<double>(trades.load()) - trades_before) / seconds;
    state.counters["cores"] = cpu / seconds;
    state.counters["us/message"] = cpu / seconds / messages * 1e6;
    state.SetIterationTime(seconds);
  }
  for (const auto& session : sessions) session->stop();
}
BENCHMARK(listen_to_the_sandbox)->UseManualTime()->Iterations(1)->Unit(benchmark::kSecond);

/// Of the registry's text: the sum of the series whose line begins so.
double sum_of(const runtime::Metrics& metrics, const std::string& begin) {
  std::istringstream text(metrics.to_text());
  double sum = 0;
  for (std::string line; std::getline(text, line);) {
    if (line.rfind(begin, 0) != 0) continue;
    double value = 0;
    const std::size_t at = line.rfind(' ') + 1;
    std::from_chars(line.data() + at, line.data() + line.size(), value);
    sum += value;
  }
  return sum;
}

double resident_mb() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  double resident = 0;
  file >> pages >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

Settings settings_of(const json::Value& world, bool trades, const std::vector<std::string>& pairs) {
  Settings settings;
  std::string advanced;
  for (const json::Value& place : world.find("venues")->as_array()) {
    if (place.find("venue")->as_string() == "coinbase_advanced") advanced = place.find("socket")->as_string();
  }
  for (const json::Value& place : world.find("venues")->as_array()) {
    const auto venue = parse_venue(place.find("venue")->as_string());
    if (!venue || !offers(*venue, trades ? Feed::kTrades : Feed::kBooks) || *venue == Venue::kLmax) continue;
    VenueSettings entry;
    entry.venue = *venue;
    entry.trades = trades;
    entry.books = !trades;
    entry.socket_base = place.find("socket")->as_string();
    entry.rest_base = place.find("rest")->as_string();
    if (*venue == Venue::kCoinbase) entry.books_socket_base = advanced;
    for (const std::string& pair : pairs) entry.instruments.push_back(*instrument_of(*venue, pair));
    settings.venues.push_back(std::move(entry));
  }
  return settings;
}

/// The sandbox, and the service that follows it.
class Served {
 public:
  Served(std::int64_t speed, bool trades, std::vector<std::string> words = {})
      : start_(time::Instant::literal("2026-03-05T20:00:00Z")) {
    const auto log = folder_.path() / "endpoints.json";
    words.insert(words.begin(), {executable().string(), "sandbox", "--json"});
    if (speed > 1)
      words.insert(words.end(), {"--start", start_.to_string(), "--speed", std::to_string(speed)});
    sandbox_ = std::make_unique<tests::Background>(words, std::map<std::string, std::string>{}, log);
    const json::Value world = endpoints_of(log);
    if (speed > 1) {
      market_ = std::make_unique<time::ScaledClock>(wall_, start_, speed);
    } else {
      market_ = std::make_unique<time::SystemClock>();
    }
    settings_ = settings_of(
        world, trades,
        trades ? std::vector<std::string>{"BTC/USD", "ETH/USD"} : std::vector<std::string>{"BTC/USD"});
    Dependencies dependencies;
    dependencies.pool = &bench::PricingServer::only().pool();
    dependencies.settings = &settings_;
    dependencies.clock = market_.get();
    dependencies.logger = &logger_;
    dependencies.metrics = &metrics;
    dependencies.board = &board_;
    service_ = std::make_unique<LiveService>(dependencies);
    service_->start();
  }
  ~Served() { service_->stop(); }
  void wait_for_trades() const {
    while (sum_of(metrics, "navkeeper_tape_live") < static_cast<double>(settings_.venues.size()))
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }

  runtime::Metrics metrics;

 private:
  tests::TemporaryFolder folder_;
  time::Instant start_;
  time::SystemClock wall_;
  std::unique_ptr<time::Clock> market_;
  std::unique_ptr<tests::Background> sandbox_;
  Settings settings_;
  log::Logger logger_ = log::Logger::silent();
  RealTimeBoard board_;
  std::unique_ptr<LiveService> service_;
};

void serve_the_sandbox(benchmark::State& state) {
  Served served(12'600, true);
  served.wait_for_trades();
  for (auto _ : state) {
    const double before = sum_of(served.metrics, "navkeeper_tape_acknowledged_total");
    const double cpu_before = bench::own_cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(kMeasured);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double cpu = bench::own_cpu_seconds() - cpu_before;
    const double trades = sum_of(served.metrics, "navkeeper_tape_acknowledged_total") - before;
    state.counters["trades/s"] = trades / seconds;
    state.counters["cores"] = cpu / seconds;
    state.counters["us/trade"] = cpu / trades * 1e6;
    state.counters["hang_ups"] = sum_of(served.metrics, "navkeeper_tape_hang_ups_total");
    state.SetIterationTime(seconds);
  }
}
BENCHMARK(serve_the_sandbox)->UseManualTime()->Iterations(1)->Unit(benchmark::kSecond);

constexpr std::int64_t kDaySpeed = 2'400;
constexpr int kQuarters = 4;

void day_of_the_sandbox(benchmark::State& state) {
  Served served(kDaySpeed, true);
  served.wait_for_trades();
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    for (int quarter = 0; quarter <= kQuarters; ++quarter) {
      std::this_thread::sleep_until(begin +
                                    std::chrono::milliseconds(86'400'000 / kDaySpeed * quarter / kQuarters));
      state.counters["MB_after_" + std::to_string(quarter * 6) + "h"] = resident_mb();
    }
    state.counters["trades"] = sum_of(served.metrics, "navkeeper_tape_stored_total");
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
}
BENCHMARK(day_of_the_sandbox)->UseManualTime()->Iterations(1)->Unit(benchmark::kSecond);

constexpr std::chrono::seconds kIndexMeasured{60};

void seconds_of_the_index(benchmark::State& state) {
  SqlRealTimeStore store(bench::PricingServer::only().pool());
  const auto file = std::filesystem::path(NAVKEEPER_BENCH_SOURCE_DIR) / "config/indices/NK_BTCUSD_RT.toml";
  store.define(tests::read_file(file), file.string(), time::SystemClock().now(), "bench");
  Served served(1, false);
  const std::string delay = "navkeeper_index_publish_delay_seconds";
  const auto all = [&] { return sum_of(served.metrics, delay + "_count"); };
  while (all() < 3) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  for (auto _ : state) {
    const double before = all();
    const double without = sum_of(served.metrics, "navkeeper_index_without_value_total");
    const double cpu_before = bench::own_cpu_seconds();
    std::vector<std::pair<std::string, double>> within;
    for (const char* bound : {"0.005", "0.01", "0.025", "0.05", "0.1"})
      within.emplace_back(bound, sum_of(served.metrics, delay + "_bucket{le=\"" + bound + "\""));
    std::this_thread::sleep_for(kIndexMeasured);
    const double seconds = all() - before;
    state.counters["seconds"] = seconds;
    for (const auto& [bound, count] : within)
      state.counters["within_" + bound + "s"] =
          sum_of(served.metrics, delay + "_bucket{le=\"" + bound + "\"") - count;
    state.counters["without_value"] = sum_of(served.metrics, "navkeeper_index_without_value_total") - without;
    state.counters["late"] = sum_of(served.metrics, "navkeeper_index_late_total");
    state.counters["cores"] =
        (bench::own_cpu_seconds() - cpu_before) / static_cast<double>(kIndexMeasured.count());
    state.SetIterationTime(static_cast<double>(kIndexMeasured.count()));
  }
}
BENCHMARK(seconds_of_the_index)->UseManualTime()->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace navkeeper::pricing::venues
