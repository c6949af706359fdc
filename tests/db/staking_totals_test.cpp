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

/// A custody that answers nobody until it is let go.
class SlowCustody {
 public:
  SlowCustody() : server_(router(), {}, log::Logger::silent()) { server_.start(); }
  ~SlowCustody() { let_go(); }
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
    router.get("/v1/custody/funds/{fund}/reconciliations", [this](const http::Request&) {
      std::unique_lock lock(mutex_);
      ++waiting_;
      came_.notify_all();
      free_.wait_for(lock, std::chrono::seconds(8), [&] { return is_free_; });
      return http::Response::json(R"({"reconciliations":[]})");
    });
    return router;
  }
  std::mutex mutex_;
  std::condition_variable free_, came_;
  bool is_free_ = false;
  int waiting_ = 0;
  http::Server server_;
};

TEST_F(TotalsTest, FourThatAskCustodyAtOnceLeaveThreadsForWhoCustodyAsksBack) {
  read({}, world::hours_ago(1));
  SlowCustody custody;
  const Settings settings;
  const time::SystemClock clock;
  Dependencies dependencies;
  dependencies.pool = &pool();
  dependencies.settings = &settings;
  dependencies.clock = &clock;
  dependencies.custody_url = [&] { return custody.url(); };
  dependencies.custody_token = [] { return base::Secret("token"); };
  http::Router router;
  register_routes(router, dependencies, [](const http::Request&) {
    return model::Actor{model::ActorId::literal("mia"), {model::Role::kMaker}};
  });
  http::Server server(std::move(router), {}, log::Logger::silent());
  server.start();
  std::mutex mutex;
  std::map<int, int> answers;
  std::vector<std::thread> asking;
  for (int i = 0; i < 4; ++i)
    asking.emplace_back([&] {
      http::Client client({.base_url = server.url()});
      http::ClientRequest request;
      request.path = "/v1/staking/funds/CROYIELD/totals";
      const int status = client.send(request).status;
      const std::lock_guard lock(mutex);
      ++answers[status];
    });
  custody.wait_for(1);
  for (int i = 0; i < 200; ++i) {
    {
      const std::lock_guard lock(mutex);
      if (answers[503] == 3) break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  // All four came; three were turned away at once, and what custody asks back is answered.
  http::Client client({.base_url = server.url()});
  http::ClientRequest request;
  request.path = "/v1/staking/funds/CROYIELD/positions";
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(client.send(request).status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  custody.let_go();
  for (std::thread& one : asking) one.join();
  EXPECT_EQ(answers[503], 3);
  EXPECT_EQ(answers[400], 1) << "custody has reconciled no day of it yet";
  // Who comes afterwards finds a place.
  request.path = "/v1/staking/funds/CROYIELD/totals";
  EXPECT_EQ(client.send(request).status, 400);
}

}  // namespace
}  // namespace navkeeper::staking
