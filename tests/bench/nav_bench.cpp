// The NAV batch end to end: N funds of 12 positions struck by run_navs() with four workers on the real store
// (the embedded default with fsync on, made for this run in the temporary folder): definitions, books and the
// NAV before are read, prices taken, checks measured, NAV, checks, entries, outbox and audit records written,
// one transaction a fund. Prices come from memory: a batch asks pricing once a coin, twelve requests however
// many funds there are. Measured is the second day, when every fund has a NAV before; making the funds and
// the first day are not. Beside funds/s: peak_MiB of this process (PostgreSQL's own memory is apart: 256 MiB
// of shared buffers), cpu_ms a fund that this process spent and pg_cpu_ms that the server's processes did (on
// a machine that does other things besides these two can be compared, where seconds cannot), and WAL_KiB.
#include <benchmark/benchmark.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/db/cluster.h"
#include "common/db/database.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/posting_rules.h"
#include "services/nav/adapters/strike_posting.h"
#include "services/nav/app/run_navs.h"

namespace navkeeper::nav {
namespace {

namespace fs = std::filesystem;
using money::Decimal;

constexpr int kPositions = 12;
/// As many as `nav run` has by default; NAVKEEPER_BENCH_WORKERS tries others.
int workers() {
  const char* given = std::getenv("NAVKEEPER_BENCH_WORKERS");
  return given == nullptr ? 4 : std::max(1, std::atoi(given));
}

std::string definition_text(const std::string& fund) {
  std::string text = "id = \"" + fund + R"("
name = "A fund of the bench"
act = "ICA_1940"
tax_status = "RIC"
official_basis = "fair_value"
inception = 2026-01-02
effective_from = 2026-01-02
creation_unit_shares = "10000"
)";
  for (int i = 0; i < kPositions; ++i)
    text += "[[assets]]\nasset = \"C" + std::to_string(i) + "\"\ndecimals = 8\nofficial_index = \"NK_C" +
            std::to_string(i) + "\"\n";
  return text + R"([expenses]
accrual_days = "forward"
borne_by_fund = ["interest", "taxes"]
[[fees]]
name = "management fee"
type = "management fee"
from = 2026-01-02
base = "net_assets"
rate = "0.0095"
day_count = "act/365_or_366"
accrual_days = "forward"
paid_in = "USD"
rounding = "half_up"
rounding_scope = "each_strike"
payees = [{ name = "adviser", share = "1" }]
[[rewards]]
type = "delegation"
income_at = "RECEIVED"
presentation = "gross"
[distributions]
use = "retain"
[forks]
policy = "abandon"
[tax]
federal_rate = "0.21"
state_rate = "0"
valuation_allowance = "1"
loss_carryforward = "0"
year_start_month = 1
[rounding]
money_decimals = 2
per_share_decimals = 4
rounding = "half_up"
[lots]
sales = "fifo"
in_kind = "lowest_cost"
[calendars]
exchange = "exchange"
settlement = "settlement"
bank = "bank"
[valuation]
time_zone = "America/New_York"
time = "16:00"
half_day_rule = "exchange_close"
[tolerances]
price_change = "0.20"
nav_change = "0.20"
basis_deviation = "0.005"
nav_error_per_share = "0.01"
nav_error_material = "0.005"
)";
}

/// Prices of a day with both bases and the checks that pricing makes.
class DayRates final : public RateSource {
 public:
  std::optional<AssetPrice> price(const FundDefinition& fund, const FundAsset& asset,
                                  time::Date date) override {
    const Decimal value = Decimal::of(100 + static_cast<money::Int128>(asset.asset.value().size()) +
                                      (date - time::Date::literal("2026-01-02")));
    AssetPrice price;
    const std::string hash(64, 'a');
    price.official =
        ResolvedPrice{asset.official_index, value, hash, "principal_market", "coinbase, last trade"};
    price.bases = {{asset.official_index, value, hash, "index", "rate"}, *price.official};
    for (const char* name : {"unchanged", "stale", "second_source", "day_move", "confidence"})
      price.checks.push_back({name, "passed", "0.0012, at most 0.05: seen at the valuation instant"});
    price.valuation = plan_strike(fund, date, time::Instant::latest()).value().valued_at;
    return price;
  }
};

class Server {
 public:
  static Server& only() {
    static Server server;
    return server;
  }
  db::Pool& nav() { return *nav_; }
  /// Of all processes of the server, those that ended too.
  double cpu_seconds() const {
    const int server = db::EmbeddedCluster(home_).process_id().value();
    double ticks = 0;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
      std::ifstream file(entry.path() / "stat");
      std::string text;
      if (!std::getline(file, text)) continue;
      std::istringstream fields(text.substr(text.rfind(')') + 2));
      std::vector<std::string> words(std::istream_iterator<std::string>(fields), {});
      const bool is_server = std::stoi(text) == server;
      if (words.size() < 15 || !(is_server || std::stoi(words[1]) == server)) continue;
      for (const std::size_t at : {11U, 12U}) ticks += std::stod(words[at]);
      if (is_server) ticks += std::stod(words[13]) + std::stod(words[14]);
    }
    return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
  }

 private:
  Server() {
    std::string name = (fs::temp_directory_path() / "navkeeper-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    home_ = name;
    chmod(name.c_str(), 0755);
    database_ = std::make_unique<db::Database>(db::DatabaseSettings{home_, "", {}});
    database_->init();
    nav_ = std::make_unique<db::Pool>(database_->pool("nav", static_cast<std::size_t>(workers()) * 2));
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
  fs::path home_;
  std::unique_ptr<db::Database> database_;
  std::unique_ptr<db::Pool> nav_;
};

const time::Instant kNow = time::Instant::literal("2026-02-01T00:00:00Z");

model::Actor maker() {
  return {model::ActorId::literal("batch"), {model::Role::kMaker, model::Role::kOperator}};
}

void make_fund(PostgresNavStore& store, const std::string& id) {
  const std::string text = definition_text(id);
  const FundDefinition fund = read_fund_text(text, id);
  apply_fund(store, {fund, definition_hash(fund), text, definition_json(fund)}, maker(), kNow);
  books::Open open{id, {}, {}};
  books::Creation creation{Decimal::of(1'000'000), {}, Decimal::of(25'000), false};
  for (int i = 0; i < kPositions; ++i) {
    const std::string coin = "C" + std::to_string(i);
    open.assets.push_back({coin, 8});
    creation.components.push_back({coin, Decimal::of(1000 + i), Decimal::of(100'000 + i)});
  }
  std::vector<EventToPost> events(2);
  events[0].event = {time::Date::literal("2026-01-02"), std::move(open)};
  events[1].event = {time::Date::literal("2026-01-02"), std::move(creation)};
  for (int i = 0; i < 2; ++i) {
    events[static_cast<std::size_t>(i)].source = {"bench", std::to_string(i)};
    events[static_cast<std::size_t>(i)].content = "{\"id\":" + std::to_string(i) + "}";
  }
  const FundPostingRules rules(fund);
  Server::only().nav().transact([&](db::Transaction& transaction) {
    post_events(transaction, fund.id, rules.rules(), events, {maker().id, kNow});
  });
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void BM_NavBatch(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  db::Pool& pool = Server::only().nav();
  BooksStrikeJournal journal;
  PostgresNavStore store(pool, journal);
  PostgresActStore acts(pool);
  JsonDocuments documents;
  DayRates rates;
  const NavPorts ports{store, rates, documents, acts};
  std::vector<model::FundId> funds;
  for (int i = 0; i < count; ++i)
    funds.push_back(model::FundId::literal("B" + std::to_string(count) + "-" + std::to_string(i)));
  std::atomic<int> next{0};
  std::vector<std::thread> makers;
  for (int i = 0; i < workers(); ++i)
    makers.emplace_back([&] {
      for (int at = next++; at < count; at = next++)
        make_fund(store, funds[static_cast<std::size_t>(at)].value());
    });
  for (std::thread& one : makers) one.join();
  const auto run = [&](const char* date) {
    RunRequest request{funds, time::Date::literal(date), time::Date::literal(date), maker(), kNow};
    request.catches_up = true;
    request.workers = workers();
    for (const RunLine& line : run_navs(ports, request, nullptr)) {
      // The first day of each fund stays open, since nobody approves it here: the second run lists it.
      if (line.outcome != RunOutcome::kStruck && line.outcome != RunOutcome::kOpen)
        throw std::runtime_error(line.message);
    }
  };
  run("2026-01-05");
  const auto wal_bytes = [&] {
    return pool.transact([](db::Transaction& transaction) {
      return db::query(transaction, "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")[0][0].as<double>();
    });
  };
  const double wal_before = wal_bytes();
  const double server_before = Server::only().cpu_seconds();
  const double cpu_before = cpu_seconds();
  for (auto _ : state) run("2026-01-06");
  const double cpu = cpu_seconds() - cpu_before;
  const double server_cpu = Server::only().cpu_seconds() - server_before;
  const double wal = wal_bytes() - wal_before;
  const auto audited = pool.transact([&](db::Transaction& transaction) {
    return db::query(transaction,
                     "SELECT count(*) FROM audit WHERE kind = 'nav_struck' AND scope LIKE $1 || '-%'",
                     "B" + std::to_string(count))[0][0]
        .as<std::int64_t>();
  });
  if (audited != 2 * count) throw std::runtime_error("not every NAV was audited");
  state.counters["funds/s"] = benchmark::Counter(count, benchmark::Counter::kIsRate);
  state.counters["cpu_ms"] = cpu * 1000 / count;
  state.counters["pg_cpu_ms"] = server_cpu * 1000 / count;
  state.counters["WAL_KiB"] = wal / 1024 / count;
  state.counters["peak_MiB"] = peak_mib();
}
BENCHMARK(BM_NavBatch)
    ->Arg(100)
    ->Arg(1000)
    ->Arg(10000)
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace navkeeper::nav
