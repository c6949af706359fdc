// What `books compute` costs on a long file of events under each lot rule, where the time goes (reading,
// parsing, booking), and how a plain version fares: maps of exact rationals, every lot looked at for each
// disposal. ./dev bench books prints it. The floor is reading the file's bytes once.
//
// The life: of a hundred events 42 rewards, 22 purchases, 18 sales, 8 accruals, 4 prices, 2 payments of fees,
// 2 creations and 1 redemption in kind, 1 strike. What is sold keeps up with what comes, so open lots level
// off. `peak_MB` is the most memory resident while that one ran, less what was resident before it.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/money/rational.h"
#include "services/nav/adapters/books_compute.h"
#include "services/nav/adapters/books_events.h"

namespace navkeeper::nav {
namespace {

namespace fs = std::filesystem;
using money::Decimal;
using money::Rational;

constexpr std::size_t kEvents = 1'000'000;
constexpr std::size_t kNaiveEvents = 20'000;
constexpr int kEventsADay = 500;

/// A file of events, made once for each length and removed at the end.
class EventsFile {
 public:
  explicit EventsFile(std::size_t events)
      : path_(fs::temp_directory_path() /
              ("navkeeper_bench_" + std::to_string(getpid()) + "_" + std::to_string(events) + ".jsonl")) {
    std::ofstream file(path_, std::ios::binary);
    std::mt19937_64 random(20260331);
    time::Date date = time::Date::literal("2020-01-01");
    const auto start = [&](const char* kind) {
      return R"({"date":")" + date.to_string() + R"(","event":")" + kind + '"';
    };
    const auto coins = [&](std::uint64_t bound, int decimals) {
      return Decimal::of(static_cast<money::Int128>(1 + random() % bound), decimals).to_string();
    };
    const auto member = [](const char* key, const std::string& value) {
      return std::string(",\"") + key + "\":\"" + value + '"';
    };
    file
        << start("open")
        << R"(,"fund":"BENCH","assets":[{"asset":"BTC","decimals":8},{"asset":"ETH","decimals":18}],"shares":"0"})"
           "\n";
    file << start("creation") << member("shares", "1000000000") << member("cash", "900000000000") << "}\n";
    file << start("price") << member("asset", "BTC") << member("price", "84000") << "}\n";
    file << start("price") << member("asset", "ETH") << member("price", "3000") << "}\n";
    file << start("purchase") << member("asset", "BTC") << member("quantity", "1000")
         << member("cash", "84000000") << "}\n";
    file << start("purchase") << member("asset", "ETH") << member("quantity", "1000")
         << member("cash", "3000000") << "}\n";
    for (std::size_t i = 6; i < events; ++i) {
      if (i % kEventsADay == 0) ++date;
      const auto roll = random() % 100;
      const bool is_bitcoin = random() % 2 == 0;
      const std::string asset = is_bitcoin ? "BTC" : "ETH";
      const int decimals = is_bitcoin ? 8 : 18;
      const std::uint64_t one = is_bitcoin ? 100'000'000 : 1'000'000'000'000'000'000;
      if (roll < 42)
        file << start("reward") << member("asset", "ETH")
             << member("quantity", coins(10'000'000'000'000'000, 18)) << member("value", coins(3000, 2))
             << member("source", random() % 4 == 0 ? "execution" : "consensus");
      else if (roll < 64)
        file << start("purchase") << member("asset", asset) << member("quantity", coins(one, decimals))
             << member("cash", coins(8'400'000, 2));
      else if (roll < 82)
        file << start("sale") << member("asset", asset) << member("quantity", coins(one + one / 5, decimals))
             << member("cash", coins(8'400'000, 2));
      else if (roll < 90)
        file << start("fee_accrued") << member("name", "management fee")
             << member("amount", coins(100'000, 2));
      else if (roll < 94)
        file << start("price") << member("asset", asset) << member("price", coins(9'000'000, 2));
      else if (roll < 96)
        file << start("fee_paid") << member("name", "management fee") << member("amount", coins(1'000, 2));
      else if (roll < 98)
        file << start("creation") << member("shares", "10000") << member("asset", asset)
             << member("quantity", coins(one, decimals)) << member("value", coins(8'400'000, 2));
      else if (roll < 99)
        file << start("redemption") << member("shares", "10000") << member("asset", asset)
             << member("quantity", coins(one, decimals)) << member("value", coins(8'400'000, 2));
      else
        file << start("strike");
      file << "}\n";
    }
  }
  ~EventsFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  EventsFile(const EventsFile&) = delete;
  EventsFile& operator=(const EventsFile&) = delete;

  std::string path() const { return path_.string(); }
  std::size_t bytes() const { return fs::file_size(path_); }

 private:
  fs::path path_;
};

const EventsFile& events_file(std::size_t events) {
  static std::map<std::size_t, std::unique_ptr<EventsFile>> kept;
  auto& file = kept[events];
  if (!file) file = std::make_unique<EventsFile>(events);
  return *file;
}

/// A line of /proc/self/status, in kB.
double status_kb(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind(key + ":", 0) == 0) return std::stod(line.substr(key.size() + 1));
  return 0;
}

/// The peak of resident memory from here on.
class PeakMemory {
 public:
  PeakMemory() {
    malloc_trim(0);  // what an earlier run gave back to the allocator only
    before_kb_ = status_kb("VmRSS");
    std::ofstream("/proc/self/clear_refs") << "5";  // VmHWM starts anew
  }
  double megabytes() const { return (status_kb("VmHWM") - before_kb_) / 1024; }

 private:
  double before_kb_ = 0;
};

void count(benchmark::State& state, std::size_t events) {
  const auto all = static_cast<std::int64_t>(events) * state.iterations();
  state.SetItemsProcessed(all);
  state.SetBytesProcessed(static_cast<std::int64_t>(events_file(events).bytes()) * state.iterations());
}

std::vector<std::string> lines_of(std::size_t events) {
  std::ifstream file(events_file(events).path(), std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// The floor: every byte of the file, from the page cache, looked at once.
void BM_ReadBytes(benchmark::State& state) {
  const std::string path = events_file(kEvents).path();
  std::vector<unsigned char> buffer(std::size_t{1} << 20);
  for (auto _ : state) {
    const int file = open(path.c_str(), O_RDONLY);
    std::uint64_t sum = 0;
    for (ssize_t got; (got = read(file, buffer.data(), buffer.size())) > 0;)
      for (ssize_t i = 0; i < got; ++i) sum += buffer[static_cast<std::size_t>(i)];
    close(file);
    benchmark::DoNotOptimize(sum);
  }
  count(state, kEvents);
}

void BM_Parse(benchmark::State& state) {
  const auto lines = lines_of(100'000);
  for (auto _ : state)
    for (const std::string& line : lines) benchmark::DoNotOptimize(read_event(line, EventShape::kCompute));
  count(state, lines.size());
}

void BM_Book(benchmark::State& state, books::LotRule rule) {
  std::vector<books::Event> events;
  for (const std::string& line : lines_of(100'000))
    events.push_back(read_event(line, EventShape::kCompute).event);
  for (auto _ : state) {
    books::Books books({rule, rule});
    books::Applied applied;
    for (const books::Event& event : events)
      if (books.apply(event, applied).has_error()) state.SkipWithError("an event was refused");
    benchmark::DoNotOptimize(books.cash());
  }
  count(state, events.size());
}

void BM_Compute(benchmark::State& state, books::LotRules rules) {
  BooksComputeRequest request;
  request.events_path = events_file(kEvents).path();
  request.rules = rules;
  for (auto _ : state) {
    const PeakMemory peak;
    const BooksAnswer answer = compute_books(request);
    state.counters["peak_MB"] = peak.megabytes();
    state.counters["strikes"] = static_cast<double>(answer.strikes.size());
  }
  count(state, kEvents);
}

void BM_ComputeWithLedger(benchmark::State& state) {
  BooksComputeRequest request;
  request.events_path = events_file(kEvents).path();
  request.ledger_path = request.events_path + ".ledger";
  for (auto _ : state) {
    const PeakMemory peak;
    benchmark::DoNotOptimize(compute_books(request));
    state.counters["peak_MB"] = peak.megabytes();
  }
  fs::remove(*request.ledger_path);
  count(state, kEvents);
}

// The plain version.
struct NaiveLot {
  Rational quantity, cost;
};

struct NaiveBooks {
  books::LotRule rule;
  std::map<std::string, Rational> amounts;  ///< cash, fees, gains, income, shares by name
  std::map<std::string, Rational> prices;
  std::map<std::string, std::map<std::uint64_t, NaiveLot>> lots;
  std::uint64_t next = 1;

  static Rational cents(const Rational& exact) { return exact.rounded(2, money::Rounding::kHalfEven); }

  void receive(const std::string& asset, const Decimal& quantity, const Decimal& cost) {
    auto& held = lots[asset];
    if (rule == books::LotRule::kAverage && !held.empty()) {
      held.begin()->second.quantity += quantity;
      held.begin()->second.cost += cost;
    } else {
      held.emplace(next++, NaiveLot{quantity, cost});
    }
  }

  void deliver(const std::string& asset, const Decimal& quantity, const Decimal& value, const char* cause) {
    auto& held = lots[asset];
    Rational left = quantity;
    Rational relieved;
    while (!left.is_zero()) {
      auto first = held.begin();
      if (rule == books::LotRule::kLifo) first = std::prev(held.end());
      if (rule == books::LotRule::kHighestCost || rule == books::LotRule::kLowestCost) {
        for (auto at = held.begin(); at != held.end(); ++at) {
          const Rational a = at->second.cost / at->second.quantity;
          const Rational b = first->second.cost / first->second.quantity;
          if (rule == books::LotRule::kHighestCost ? a > b : a < b) first = at;
        }
      }
      NaiveLot& lot = first->second;
      if (left >= lot.quantity) {
        relieved += lot.cost;
        left = left - lot.quantity;
        held.erase(first);
        continue;
      }
      const Rational cost = cents(lot.cost * left / lot.quantity);
      lot.quantity = lot.quantity - left;
      lot.cost = lot.cost - cost;
      relieved += cost;
      left = {};
    }
    amounts[cause] += Rational(value) - relieved;
  }

  Rational net_assets() {
    Rational net = amounts["cash"] - amounts["payable"];
    for (const auto& [asset, held] : lots) {
      Rational quantity;
      for (const auto& [number, lot] : held) quantity += lot.quantity;
      net += cents(quantity * prices[asset]);
    }
    return net;
  }

  void operator()(const books::Creation& e) {
    for (const auto& c : e.components) receive(c.asset, c.quantity, c.value);
    amounts["cash"] += e.cash;
    amounts["shares"] += e.shares;
  }
  void operator()(const books::Redemption& e) {
    for (const auto& c : e.components) deliver(c.asset, c.quantity, c.value, "redemption");
    amounts["cash"] += -e.cash;
    amounts["shares"] += -e.shares;
  }
  void operator()(const books::Purchase& e) {
    receive(e.asset, e.quantity, e.cash);
    amounts["cash"] += -e.cash;
  }
  void operator()(const books::Sale& e) {
    deliver(e.asset, e.quantity, e.cash, "sale");
    amounts["cash"] += e.cash;
  }
  void operator()(const books::FeeAccrued& e) { amounts["payable"] += e.amount; }
  void operator()(const books::FeePaid& e) {
    amounts["payable"] += -e.amount;
    amounts["cash"] += -e.amount;
  }
  void operator()(const books::Reward& e) {
    receive(e.received.asset, e.received.quantity, e.received.value);
    amounts[e.source] += e.received.value;
  }
  void operator()(const books::Price& e) { prices[e.asset] = e.price; }
  void operator()(const books::Strike&) { benchmark::DoNotOptimize(net_assets()); }
  template <class Other>
  void operator()(const Other&) {}  // not in this life
};

/// Booking alone, as BM_Book is, on fewer events; and it must agree with the real books.
void BM_NaiveBook(benchmark::State& state, books::LotRule rule) {
  std::vector<books::Event> events;
  for (const std::string& line : lines_of(kNaiveEvents))
    events.push_back(read_event(line, EventShape::kCompute).event);
  books::Books real({rule, rule});
  books::Applied applied;
  for (const books::Event& event : events) {
    if (real.apply(event, applied).has_error()) state.SkipWithError("an event was refused");
  }
  const auto report = real.report();
  for (auto _ : state) {
    NaiveBooks naive{rule, {}, {}, {}};
    for (const books::Event& event : events) std::visit(naive, event.happening);
    if (naive.net_assets() != Rational(report->net_assets->to_decimal(2)) ||
        naive.amounts["sale"] != Rational(report->realised_gain[0].to_decimal(2)))
      state.SkipWithError("the plain version says something else");
  }
  count(state, events.size());
}

using books::LotRule;
BENCHMARK(BM_ReadBytes)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Parse)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Book, fifo, LotRule::kFifo)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Book, lifo, LotRule::kLifo)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Book, highest_cost, LotRule::kHighestCost)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Book, lowest_cost, LotRule::kLowestCost)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Book, average, LotRule::kAverage)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_NaiveBook, fifo, LotRule::kFifo)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_NaiveBook, highest_cost, LotRule::kHighestCost)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_NaiveBook, average, LotRule::kAverage)->Iterations(1)->Unit(benchmark::kMillisecond);
#define NAVKEEPER_COMPUTE(name, ...)                               \
  BENCHMARK_CAPTURE(BM_Compute, name, books::LotRules __VA_ARGS__) \
      ->Iterations(1)                                              \
      ->Unit(benchmark::kMillisecond)
NAVKEEPER_COMPUTE(fifo, {LotRule::kFifo, LotRule::kFifo});
NAVKEEPER_COMPUTE(lifo, {LotRule::kLifo, LotRule::kLifo});
NAVKEEPER_COMPUTE(highest_cost, {LotRule::kHighestCost, LotRule::kHighestCost});
NAVKEEPER_COMPUTE(lowest_cost, {LotRule::kLowestCost, LotRule::kLowestCost});
NAVKEEPER_COMPUTE(average, {LotRule::kAverage, LotRule::kAverage});
NAVKEEPER_COMPUTE(highest_then_average_in_kind, {LotRule::kHighestCost, LotRule::kAverage});
BENCHMARK(BM_ComputeWithLedger)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace navkeeper::nav
