// Postings through the whole path (validation, lots, journal, audit chain, PostgreSQL), one event a
// transaction and in batches, beside pgbench's simple-update (pgbench -N: two changes and an insert a
// transaction) on the same server in the same run. The server is the embedded default with fsync on, made for
// this run in the temporary folder. `events/s` counts events, `postings/s` rows of the journal: an amount
// moved from one account to another; `x_pgbench` is events/s over pgbench's transactions/s with as many
// clients.
//
// The life goes round: a reward, a purchase, a sale of both, a fee accrued and paid; so few lots stay open.
#include <benchmark/benchmark.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/db/cluster.h"
#include "common/db/database.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_store.h"

namespace navkeeper::nav {
namespace {

namespace fs = std::filesystem;
using money::Decimal;

constexpr const char* kPgbench = "/usr/lib/postgresql/15/bin/pgbench";
constexpr int kClientsMax = 4;

class Server {
 public:
  static Server& only() {
    static Server server;
    return server;
  }

  db::Pool& nav() { return *nav_; }
  /// Transactions a second of simple-update with that many clients, measured once.
  double simple_updates_per_second(int clients) {
    double& known = simple_updates_[clients];
    if (known == 0) {
      const std::string text = run(std::string(kPgbench) + " -n -N -T 6 -j 2 -c " + std::to_string(clients) +
                                   " \"" + connection_ + "\" 2>&1");
      const auto at = text.find("tps = ");
      known = at == std::string::npos ? 0 : std::stod(text.substr(at + 6));
    }
    return known;
  }

 private:
  Server() {
    std::string name = (fs::temp_directory_path() / "navkeeper-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    home_ = name;
    chmod(name.c_str(), 0755);
    database_ = std::make_unique<db::Database>(db::DatabaseSettings{home_, "", {}});
    database_->init();
    connection_ = database_->connection(std::string(db::kAdministratorRole));
    nav_ = std::make_unique<db::Pool>(database_->pool("nav", kClientsMax));
    run(std::string(kPgbench) + " -i -q -s 10 \"" + connection_ + "\" 2>&1");
  }
  ~Server() {
    nav_.reset();
    const db::EmbeddedCluster cluster(home_);
    const fs::path data = cluster.data_directory();
    const fs::path sockets = cluster.socket_directory();
    database_->stop();
    std::error_code ignored;
    for (const fs::path& left : {data, sockets, home_}) fs::remove_all(left, ignored);
  }

  static std::string run(const std::string& command) {
    std::string text;
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
    char buffer[4096];
    while (fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
    if (pclose(pipe) != 0) throw std::runtime_error(text);
    return text;
  }

  fs::path home_;
  std::unique_ptr<db::Database> database_;
  std::string connection_;
  std::unique_ptr<db::Pool> nav_;
  std::map<int, double> simple_updates_;
};

/// One fund's endless life.
class Life {
 public:
  explicit Life(std::string fund) : fund_(model::FundId::literal(fund)) {
    rules_.exchange = &time::Calendar::exchange();
    rules_.settlement = &time::Calendar::settlement();
    Server::only().nav().transact([&](db::Transaction& transaction) {
      db::execute(transaction, "INSERT INTO fund (fund_id) VALUES ($1)", fund);
    });
    add(books::Open{std::move(fund), {{"BTC", 8}, {"ETH", 18}}, {}});
    add(books::Creation{Decimal::of(1'000'000), {}, Decimal::of(900'000'000), false});
    add(books::Purchase{"ETH", Decimal::of(100), Decimal::of(300'000)});
    post();
  }

  void fill(std::size_t events) {
    while (events_.size() < events) {
      const Decimal reward = Decimal::of(1'234'567'890'123'456 + static_cast<money::Int128>(made_), 18);
      switch (made_ % 5) {
        case 0:
          add(books::Reward{{"ETH", reward, Decimal::of(371, 2)}, "consensus"});
          break;
        case 1:
          add(books::Purchase{"ETH", Decimal::of(1), Decimal::of(3000)});
          break;
        case 2:
          add(books::Sale{"ETH", Decimal::of(1) + Decimal::of(1'234'567'890'123'456, 18), Decimal::of(3004)});
          break;
        case 3:
          add(books::FeeAccrued{"management fee", Decimal::of(4321, 2)});
          break;
        default:
          add(books::FeePaid{"management fee", Decimal::of(4321, 2)});
      }
    }
  }
  void post() {
    Server::only().nav().transact([&](db::Transaction& transaction) {
      post_events(transaction, fund_, rules_, events_,
                  {model::ActorId::literal("bench"), date_.utc_midnight() + time::Duration::hours(20)});
    });
    events_.clear();
  }
  /// Rows of the journal.
  std::int64_t postings() const {
    return Server::only().nav().transact([&](db::Transaction& transaction) {
      return db::query(transaction, "SELECT count(*) FROM posting WHERE fund_id = $1", fund_.value())[0][0]
          .as<std::int64_t>();
    });
  }

 private:
  void add(books::Happening happening) {
    if (++made_ % 200 == 0) ++date_;
    const std::string id = std::to_string(made_);
    EventToPost event;
    event.event = {date_, std::move(happening)};
    event.source = {"bench", id};
    event.content = R"({"date":")" + date_.to_string() + R"(","event":")" +
                    std::string(describe(event.event.happening)) + R"(","id":")" + id + "\"}";
    events_.push_back(std::move(event));
  }

  model::FundId fund_;
  PostingRules rules_;
  std::vector<EventToPost> events_;
  std::uint64_t made_ = 0;
  time::Date date_ = time::Date::literal("2020-01-02");
};

void BM_PgbenchSimpleUpdate(benchmark::State& state) {
  double rate = 0;
  for (auto _ : state) rate = Server::only().simple_updates_per_second(static_cast<int>(state.range(0)));
  state.counters["transactions/s"] = rate;
}

/// `range(0)` events a transaction; each thread posts for a fund of its own.
void BM_Post(benchmark::State& state) {
  static std::atomic<int> funds{0};
  Life life("BENCH-" + std::to_string(++funds));
  const auto batch = static_cast<std::size_t>(state.range(0));
  const std::int64_t before = life.postings();
  for (auto _ : state) {
    state.PauseTiming();
    life.fill(batch);
    state.ResumeTiming();
    life.post();
  }
  const double events = static_cast<double>(batch) * static_cast<double>(state.iterations());
  const double rate = Server::only().simple_updates_per_second(state.threads());
  using benchmark::Counter;
  state.counters["events/s"] = Counter(events, Counter::kIsRate);
  state.counters["postings/s"] = Counter(static_cast<double>(life.postings() - before), Counter::kIsRate);
  state.counters["x_pgbench"] = Counter(events / rate, Counter::kIsRate);
}

BENCHMARK(BM_PgbenchSimpleUpdate)
    ->Arg(1)
    ->Arg(kClientsMax)
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Post)->Arg(1)->MinTime(3)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Post)->Arg(10)->Arg(100)->Arg(1000)->Arg(10000)->MinTime(2)->UseRealTime()->Unit(
    benchmark::kMillisecond);
BENCHMARK(BM_Post)
    ->Arg(1)
    ->Arg(1000)
    ->Threads(kClientsMax)
    ->MinTime(3)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace navkeeper::nav
