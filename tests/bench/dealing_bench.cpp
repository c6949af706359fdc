// Order intake through the whole path (definition, form, cut-off, participant, store, outbox, audit chain):
// one order a transaction by one and by four clients of as many funds, and in files of a thousand. The server
// is the embedded default with fsync on, made for this run in the temporary folder.
#include <benchmark/benchmark.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "common/db/cluster.h"
#include "common/db/database.h"
#include "common/json/value.h"
#include "services/nav/adapters/dealing_json.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/strike_posting.h"
#include "services/nav/app/strike_fund.h"

namespace navkeeper::nav {
namespace {

namespace fs = std::filesystem;

constexpr int kClientsMax = 4;
const time::Instant kNow = time::Instant::literal("2026-03-09T15:30:00Z");

model::Actor everybody(const char* name) {
  return {model::ActorId::literal(name),
          {model::Role::kMaker, model::Role::kApprover, model::Role::kOperator}};
}

class Server {
 public:
  static Server& only() {
    static Server server;
    return server;
  }
  DealingPorts ports() { return {*orders_, *navs_}; }

  /// A fund of its own, applied, with one participant.
  model::FundId new_fund() {
    const std::string id = "FUND" + std::to_string(++funds_);
    std::string text = source_;
    const std::string from = "id = \"BTCETH\"";
    text.replace(text.find(from), from.size(), "id = \"" + id + "\"");
    const FundDefinition fund = read_fund_text(text, id);
    navs_->add_definition({fund, definition_hash(fund), text, definition_json(fund)}, 1,
                          model::ActorId::literal("olga"), kNow);
    orders_->add_participant(fund.id, {dealing::ParticipantId::literal("ALPHA"), "Alpha", fund.inception, {}},
                             {model::ActorId::literal("mia"), kNow});
    return fund.id;
  }

 private:
  Server() {
    std::string name = (fs::temp_directory_path() / "navkeeper-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    home_ = name;
    chmod(name.c_str(), 0755);
    database_ = std::make_unique<db::Database>(db::DatabaseSettings{home_, "", {}});
    database_->init();
    pool_ = std::make_unique<db::Pool>(database_->pool("nav", kClientsMax));
    navs_ = std::make_unique<PostgresNavStore>(*pool_, journal_);
    orders_ = std::make_unique<PostgresDealingStore>(*pool_);
    source_ = load_fund_file("config/funds/btceth.toml").source;
  }
  ~Server() {
    navs_.reset();
    orders_.reset();
    pool_.reset();
    const db::EmbeddedCluster cluster(home_);
    const fs::path data = cluster.data_directory();
    const fs::path sockets = cluster.socket_directory();
    database_->stop();
    std::error_code ignored;
    for (const fs::path& left : {data, sockets, home_}) fs::remove_all(left, ignored);
  }

  fs::path home_;
  std::unique_ptr<db::Database> database_;
  std::unique_ptr<db::Pool> pool_;
  BooksStrikeJournal journal_;
  std::unique_ptr<PostgresNavStore> navs_;
  std::unique_ptr<PostgresDealingStore> orders_;
  std::string source_;
  std::atomic<int> funds_{0};
};

std::vector<NewOrder> new_orders(std::int64_t& made, std::int64_t count) {
  std::vector<NewOrder> orders;
  for (; count > 0; --count) {
    const std::string text =
        R"({"id":"O)" + std::to_string(++made) +
        R"(","participant":"ALPHA","side":"creation","form":"in_kind","units":"2","trade_date":"2026-03-09"})";
    orders.push_back(read_order(json::parse(text).value(), kNow));
  }
  return orders;
}

/// range(0): orders a transaction; threads: clients, each with a fund of its own.
void OrderIntake(benchmark::State& state) {
  const model::FundId fund = Server::only().new_fund();
  const model::Actor olga = everybody("olga");
  std::int64_t made = 0;
  for (auto _ : state) {
    const auto orders = new_orders(made, state.range(0));
    const PlaceReport report = place_orders(Server::only().ports(), fund, orders, {olga, kNow});
    if (report.placed != orders.size()) state.SkipWithError("not every order was placed");
  }
  state.counters["orders/s"] = benchmark::Counter(static_cast<double>(made), benchmark::Counter::kIsRate);
}
BENCHMARK(OrderIntake)->Arg(1)->Threads(1)->UseRealTime();
BENCHMARK(OrderIntake)->Arg(1)->Threads(kClientsMax)->UseRealTime();
BENCHMARK(OrderIntake)->Arg(1000)->Threads(1)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace navkeeper::nav
