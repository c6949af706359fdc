// The CPU that the sessions of six venues' trades take at about 20,000 messages a second of the sandbox's
// traffic: connections, parsing, order, duplicates and hashes, without the store. The sandbox runs in a
// process of its own; what is counted is this one's. Needs the executable beside this one (./dev build
// release navkeeper), or its folder in NAVKEEPER_BINARY_DIR.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "common/json/value.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/venues/catalogue.h"
#include "services/pricing/adapters/venues/live_venue.h"
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

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

json::Value endpoints_of(const std::filesystem::path& log) {
  for (const auto end = std::chrono::steady_clock::now() + kPatience;
       std::chrono::steady_clock::now() < end;) {
    auto answer = json::parse(tests::read_file(log));
    if (answer.has_value()) return std::move(*answer);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("the sandbox did not start");
}

void listen_to_the_sandbox(benchmark::State& state) {
  const tests::TemporaryFolder folder;
  const auto log = folder.path() / "endpoints.json";
  const char* binaries = std::getenv("NAVKEEPER_BINARY_DIR");
  const auto executable =
      (binaries != nullptr ? std::filesystem::path(binaries)
                           : std::filesystem::read_symlink("/proc/self/exe").parent_path()) /
      "navkeeper";
  tests::Background sandbox(
      {executable.string(), "sandbox", "--start", "2026-03-05T20:00:00Z", "--speed", kSpeed, "--json"}, {},
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
    const double cpu_before = cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(kMeasured);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double cpu = cpu_seconds() - cpu_before;
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

}  // namespace
}  // namespace navkeeper::pricing::venues
