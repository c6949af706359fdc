// Live trades from a venue's message to the COMMIT that acknowledges them: reading, session, hash, queue,
// COPY, fsync. The server is the embedded default, made for this run in the temporary folder. `messages/s` is
// the whole path; `own_cpu_us` what this process spends on a message (PostgreSQL's backend is another
// process): times 20,000 it is the share of a core at 20,000 messages a second.
#include <benchmark/benchmark.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/crypto/random.h"
#include "common/db/cluster.h"
#include "common/db/database.h"
#include "services/pricing/adapters/tape_store.h"
#include "services/pricing/adapters/venues/catalogue.h"
#include "services/pricing/adapters/venues/venue_session.h"
#include "services/pricing/app/tape_writer.h"

namespace navkeeper::pricing {
namespace {

namespace fs = std::filesystem;

class Server {
 public:
  static Server& only() {
    static Server server;
    return server;
  }
  db::Pool& pool() { return *pool_; }

 private:
  Server() {
    std::string name = (fs::temp_directory_path() / "navkeeper-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    home_ = name;
    chmod(name.c_str(), 0755);
    database_ = std::make_unique<db::Database>(db::DatabaseSettings{home_, "", {}});
    database_->init();
    pool_ = std::make_unique<db::Pool>(database_->pool("pricing"));
  }
  ~Server() {
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
};

class Silent final : public TapeObserver {
 public:
  void acknowledged(const TapeBatch&, const TapeWritten&) override {}
  void write_failed(const std::string& why, int) override { throw std::runtime_error(why); }
};

class IntoWriter final : public venues::SessionSink {
 public:
  IntoWriter(TapeWriter& writer, std::shared_ptr<const Feed> feed)
      : writer_(writer), feed_(std::move(feed)) {}
  void trade(const venues::ReceivedTrade& received) override {
    TapeTrade trade;
    trade.feed = feed_;
    trade.line = ++line_;
    trade.whole = true;
    trade.time_ns = received.trade.exchange_ns;
    trade.received_ns = received.received_ns;
    trade.price = {received.trade.price.mantissa, received.trade.price.scale, nullptr};
    trade.size = {received.trade.size.mantissa, received.trade.size.scale, nullptr};
    trade.id = received.trade.id.text();
    trade.number = received.trade.number;
    trade.message_hash = received.message_hash;
    while (!writer_.add(trade)) std::this_thread::yield();
  }
  void quote(const venues::Quote&, std::int64_t) override {}
  void book(std::uint16_t, const venues::LiveBook&) override {}
  void book_lost(std::uint16_t) override {}
  void note(const venues::SessionNote&) override {}

 private:
  TapeWriter& writer_;
  std::shared_ptr<const Feed> feed_;
  std::uint64_t line_ = 0;
};

std::string match(std::uint64_t id, time::Instant at) {
  return R"({"type":"match","trade_id":)" + std::to_string(id) +
         R"(,"maker_order_id":"0f358725-2134-435e-be11-753912a326e0","taker_order_id":"252b7002-87a3-425c-ac73-f5b9e23f3caf","side":"sell","size":"0.00513192","price":")" +
         std::to_string(60'000 + id % 997) + R"(.25","product_id":"BTC-USD","sequence":1,"time":")" +
         at.to_string() + R"("})";
}

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& span) {
    return static_cast<double>(span.tv_sec) + static_cast<double>(span.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void from_message_to_commit(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  db::Pool& pool = Server::only().pool();
  time::SystemClock clock;
  SqlTapeStore store(pool);
  Silent observer;
  static std::uint64_t last_id = 0;
  double cpu = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto feed = std::make_shared<Feed>();
    feed->session = model::new_uuid_v7(clock.now(), crypto::fill_random);
    feed->venue = "coinbase";
    feed->pairs = {"BTC/USD"};
    feed->address = "bench";
    store.begin(*feed, clock.now(), "bench");
    feed->goes_on = {true};
    std::vector<std::string> messages;
    for (std::uint64_t i = 0; i < count; ++i) messages.push_back(match(++last_id, clock.now()));
    TapeWriter writer(store, clock, observer);
    IntoWriter sink(writer, feed);
    const auto protocol =
        venues::make_protocol(venues::Venue::kCoinbase, venues::Feed::kTrades,
                              {*venues::instrument_of(venues::Venue::kCoinbase, "BTC/USD")});
    venues::VenueSession session(*protocol, sink, clock, [] { return std::uint64_t{1}; });
    session.start();
    session.on_connected();
    session.on_frame(R"({"type":"subscriptions","channels":[]})");
    const double before = own_cpu_seconds();
    state.ResumeTiming();
    for (const std::string& message : messages) session.on_frame(message);
    if (!writer.wait_until_stored(std::chrono::minutes(5))) state.SkipWithError("not stored");
    state.PauseTiming();
    cpu += own_cpu_seconds() - before;
    writer.stop();
    state.ResumeTiming();
  }
  const auto all = static_cast<double>(count) * static_cast<double>(state.iterations());
  state.counters["messages/s"] = benchmark::Counter(all, benchmark::Counter::kIsRate);
  state.counters["own_cpu_us"] = cpu * 1e6 / all;
}

BENCHMARK(from_message_to_commit)->Arg(100'000)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace navkeeper::pricing
