// A fund's totals out of the real stores: custody's own movements, as its route tells them, and staking's
// readings and events; and how many requests may wait for custody at once.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/http/client.h"
#include "common/http/problem.h"
#include "common/http/server.h"
#include "services/custody/adapters/movements/movement_store.h"
#include "services/staking/adapters/custody_days.h"
#include "services/staking/adapters/nav_client.h"
#include "services/staking/adapters/settings.h"
#include "services/staking/service.h"
#include "tests/db/staking_fixture.h"

namespace navkeeper::staking {
namespace {

using world::d;
using world::kCro;
using world::kFund;
using world::kNow;

/// Custody's movements are its own; its reconciliation is said by the test.
class DayOfTheTest final : public CustodyDays {
 public:
  explicit DayOfTheTest(db::Pool& custody) : custody_(custody) {}
  CustodyDay day(const model::FundId& fund, const std::optional<time::Date>&) override {
    CustodyDay day;
    day.at = at;
    day.number = 1;
    day.kept = {{kCro, d("9000"), d("9000"), d("6000"), d("0"), d("0")}};
    day.readings = {{"cc", kCro, world::hours_ago(1)}};
    const std::string movements = custody_.transact([&](db::Transaction& transaction) {
      return custody::movements_json(fund, custody::load_movements(transaction, fund));
    });
    day.sent = read_sent(json::parse(movements).value(), at);
    return day;
  }
  time::Instant at = std::max(kNow, time::SystemClock().now()) + time::Duration::hours(1);

 private:
  db::Pool& custody_;
};

class TotalsTest : public StakingStoreTest {
 protected:
  static custody::MovementActor who(const char* name, model::Role role) {
    return {{model::ActorId::literal(name), {role}}, time::SystemClock().now()};
  }
  template <class Does>
  void in(Does&& does) {
    service_pool("custody").transact([&](db::Transaction& transaction) {
      does(transaction);
      return 0;
    });
  }
  void stake(const char* id, const char* amount) {
    custody::Settings settings;
    custody::CustodianSettings one;
    one.name = "cc";
    one.protocol = custody::CustodianProtocol::kCryptoCom;
    one.fund = kFund;
    settings.custodians.push_back(one);
    custody::MovementPolicy policy;
    policy.id = "p1";
    policy.cooling_off = time::Duration::hours(24);
    policy.lapses_after = time::Duration::hours(48);
    for (const model::Role role : {model::Role::kMaker, model::Role::kApprover})
      policy.limits.push_back({kCro, custody::MovementKind::kStake, role, d("1000"), d("10000")});
    custody::Movement movement;
    movement.id = id;
    movement.kind = custody::MovementKind::kStake;
    movement.custodian = "cc";
    movement.asset = kCro;
    movement.amount = d(amount);
    movement.reason = "a test";
    const custody::MovementRule rule{policy};
    in([&](auto& t) {
      custody::propose_movement_rule(t, settings, kFund, rule, who("mia", model::Role::kMaker));
    });
    for (const char* name : {"ann", "bob"})
      in([&](auto& t) {
        custody::approve_movement_rule(t, kFund, "policy", "p1", who(name, model::Role::kApprover));
      });
    in([&](auto& t) {
      custody::propose_movement(t, settings, kFund, movement, who("mia", model::Role::kMaker));
    });
    for (const char* name : {"ann", "bob"})
      in([&](auto& t) { custody::approve_movement(t, kFund, id, who(name, model::Role::kApprover)); });
  }
  void send(const char* id, std::vector<custody::MovementChange> changes) {
    custody::PostgresMovementStore store(service_pool("custody"));
    for (const custody::StoredMovement& one : store.open(kFund))
      if (one.movement.id == id) store.add(kFund, one, changes, {}, {}, "test", time::SystemClock().now());
  }
  FundTotal total() {
    PostgresStakingStore facts = store();
    DayOfTheTest day(service_pool("custody"));
    const TotalledFund totalled = total_fund(facts, day, kFund, {}, {{"foris", "cc"}});
    EXPECT_EQ(totalled.is_tied(), totalled.found.totals.at(0).is_tied());
    return totalled.found.totals.at(0);
  }
  void read(std::vector<StakingEvent> events, time::Instant at, const char* pending = "0") {
    SyncResult result;
    result.run = {"foris", at, at, SyncOutcome::kDone, ""};
    PositionReading reading{Chain::kCustodian, "foris", {0, "", at}, true, std::string(64, 'a'), {}};
    for (const auto& [state, amount] :
         {std::pair{PositionState::kActive, "6000"}, std::pair{PositionState::kPending, pending}}) {
      Position one;
      one.key = {Chain::kCustodian, "foris", "main", kCro};
      one.state = state;
      one.amount = d(amount);
      one.verifiable = false;
      if (one.amount.is_positive()) reading.positions.push_back(one);
    }
    result.readings = {reading};
    result.events = std::move(events);
    store().save(kFund, result, at, kActor);
  }
};

TEST_F(TotalsTest, AStakeIsInFlightFromCustodysSendingToTheCustodiansWord) {
  read({}, world::hours_ago(1));
  stake("s-1", "500");
  EXPECT_EQ(total().in_flight, d("0")) << "two people approved it; it has not left";
  using S = custody::MovementState;
  send("s-1", {{S::kSending, ""}});
  FundTotal found = total();
  EXPECT_EQ(found.in_flight, d("500"));
  EXPECT_EQ(found.liquid, d("2500"));
  EXPECT_TRUE(found.is_tied());
  send("s-1", {{S::kSent, "", "STAKE:7"}});
  EXPECT_EQ(total().in_flight, d("500"));
  // The custodian's history has it: it is told by its own event now.
  StakingEvent asked;
  asked.key = {Chain::kCustodian, "foris", "main", kCro};
  asked.kind = EventKind::kDepositSubmitted;
  asked.amount = d("500");
  asked.mark.at = kNow;
  asked.type_detail = "STAKE:7";
  asked.id = event_id(asked.key, asked.kind, 0, asked.type_detail);
  read({asked}, kNow, "500");
  found = total();
  EXPECT_EQ(found.in_flight, d("0"));
  EXPECT_EQ(found.pending, d("500"));
  EXPECT_EQ(found.liquid, d("3000")) << "custody's balance, which still calls it free, is from before";
  EXPECT_EQ(found.less_custody, d("500"));
}

TEST_F(TotalsTest, AStakeThatFailedIsInFlightNoMore) {
  read({}, world::hours_ago(1));
  stake("s-1", "500");
  using S = custody::MovementState;
  send("s-1", {{S::kSending, ""}, {S::kRefused, "insufficient"}});
  EXPECT_EQ(total().in_flight, d("0"));
  send("s-1", {{S::kFailed, ""}});
  EXPECT_EQ(total().in_flight, d("0"));
  EXPECT_TRUE(total().is_tied());
}

/// A custody and a nav that answer nobody until they are let go.
class SlowPeer {
 public:
  SlowPeer() : server_(router(), {}, log::Logger::silent()) { server_.start(); }
  ~SlowPeer() { let_go(); }
  std::string url() const { return server_.url(); }
  void let_go() {
    const std::lock_guard lock(mutex_);
    is_free_ = true;
    free_.notify_all();
  }
  void wait_for(int waiting) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, std::chrono::seconds(20), [&] { return waiting_ >= waiting; });
  }

 private:
  http::Router router() {
    http::Router router;
    const auto slow = [&](const char* path, const char* answer) {
      router.get(path, [this, answer](const http::Request&) {
        std::unique_lock lock(mutex_);
        ++waiting_;
        came_.notify_all();
        free_.wait_for(lock, std::chrono::seconds(8), [&] { return is_free_; });
        return http::Response::json(answer);
      });
    };
    slow("/v1/custody/funds/{fund}/reconciliations", R"({"reconciliations":[]})");
    slow("/v1/funds/{fund}/navs", R"({"navs":[]})");
    return router;
  }
  std::mutex mutex_;
  std::condition_variable free_, came_;
  bool is_free_ = false;
  int waiting_ = 0;
  http::Server server_;
};

/// The service on a port, beside a custody and a nav that are slow.
class SlowPeersTest : public TotalsTest {
 protected:
  void SetUp() override {
    TotalsTest::SetUp();
    read({}, world::hours_ago(1));
    Dependencies dependencies;
    dependencies.pool = &pool();
    dependencies.settings = &settings_;
    dependencies.clock = &clock_;
    dependencies.custody_url = dependencies.nav_url = [this] { return peer_.url(); };
    dependencies.custody_token = dependencies.nav_token = [] { return base::Secret("token"); };
    http::Router router;
    register_routes(router, dependencies, [](const http::Request&) {
      return model::Actor{model::ActorId::literal("mia"), {model::Role::kMaker}};
    });
    server_ = std::make_unique<http::Server>(std::move(router), http::ServerOptions{}, log::Logger::silent());
    server_->start();
  }
  http::Response ask(const std::string& what, const std::string& key = "") const {
    http::Client client({.base_url = server_->url()});
    http::ClientRequest request;
    request.path = "/v1/staking/funds/CROYIELD/" + what;
    if (!key.empty()) {
      request.method = http::Method::kPost;
      request.headers = {{"Idempotency-Key", key}};
      request.body = what == "plans" ? std::string(R"({"plan":)") + world::kRequest + "}" : "{}";
    }
    return client.send(request);
  }
  /// Four ask at once: three are turned away at once, and other questions are answered meanwhile. What the
  /// one was answered that waited.
  http::Response one_of_four(const std::function<http::Response(int)>& asks) {
    std::mutex mutex;
    std::vector<http::Response> answers;
    std::vector<std::thread> asking;
    for (int i = 0; i < 4; ++i)
      asking.emplace_back([&, i] {
        http::Response answer = asks(i);
        const std::lock_guard lock(mutex);
        answers.push_back(std::move(answer));
      });
    peer_.wait_for(1);
    for (int i = 0; i < 200; ++i) {
      {
        const std::lock_guard lock(mutex);
        if (answers.size() == 3) break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    {
      const std::lock_guard lock(mutex);
      EXPECT_EQ(answers.size(), 3U);
      for (const http::Response& one : answers) {
        EXPECT_EQ(one.status, 503) << one.body;
        EXPECT_NE(one.body.find("try again"), std::string::npos) << one.body;
      }
    }
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(ask("positions").status, 200);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
    peer_.let_go();
    for (std::thread& one : asking) one.join();
    return answers.back();
  }

  const Settings settings_;
  const time::SystemClock clock_;
  SlowPeer peer_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(SlowPeersTest, FourThatAskCustodyAtOnceLeaveThreadsForWhoCustodyAsksBack) {
  EXPECT_EQ(one_of_four([&](int) { return ask("totals"); }).status, 400)
      << "custody has reconciled no day of it yet";
  // Who comes afterwards finds a place.
  EXPECT_EQ(ask("totals").status, 400);
}

TEST_F(SlowPeersTest, FourThatWaitForNavAtOnceLeaveThreadsForTheOthers) {
  const http::Response waited = one_of_four([&](int number) {
    return ask(number % 2 == 0 ? "liquidity" : "plans", "key-" + std::to_string(number));
  });
  EXPECT_EQ(waited.status, 400) << waited.body;
  EXPECT_NE(waited.body.find("has no NAV that was valued by"), std::string::npos) << waited.body;
}

/// A handler thread does not wait longer than a client of ours does.
TEST_F(SlowPeersTest, ANavThatDoesNotAnswerIsWaitedForWithABound) {
  const auto began = std::chrono::steady_clock::now();
  const http::Response answer = ask("liquidity", "key");
  EXPECT_EQ(answer.status, 503) << answer.body;
  EXPECT_LT(std::chrono::steady_clock::now() - began, NavClient::kAllMax + NavClient::kAnswerMax);
  EXPECT_EQ(ask("positions").status, 200);
}

}  // namespace
}  // namespace navkeeper::staking
