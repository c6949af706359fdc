// kill -9 at every step of sending and following: neither lost nor sent twice, whether the custodian keeps
// our ids (withdrawals) or not (Crypto.com's stakes). The custodian lives in memory that the killed processes
// share, as one outside would.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <thread>

#include "common/base/outside.h"
#include "common/time/clock.h"
#include "services/custody/app/advance_movements.h"
#include "tests/db/movement_fixture.h"

namespace navkeeper::custody {
namespace {

using S = MovementState;
using time::Duration;

/// Where the process dies: before the n-th step.
struct Fuse {
  int left = 0;
  void step() {
    if (--left == 0) ::kill(::getpid(), SIGKILL);
  }
};

/// What the custodian took; plain memory that survives its clients.
struct Taken {
  char client_id[64];
  char amount[64];
  int kind;
  std::int64_t at_ns;
};
struct World {
  std::atomic<int> count;
  std::atomic<int> tells;
  Taken rows[64];
};

class SharedWorld {
 public:
  SharedWorld()
      : world_(static_cast<World*>(
            ::mmap(nullptr, sizeof(World), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~SharedWorld() { ::munmap(world_, sizeof(World)); }
  SharedWorld(const SharedWorld&) = delete;
  SharedWorld& operator=(const SharedWorld&) = delete;
  World& operator*() const { return *world_; }

 private:
  World* world_;
};

class BurningCustodian final : public CustodianInstructions {
 public:
  BurningCustodian(World& world, const time::Clock& clock, Fuse& fuse, bool keyed, bool loses_answers)
      : world_(world), clock_(clock), fuse_(fuse), keyed_(keyed), loses_answers_(loses_answers) {}
  void check(const Instruction&) const override {}
  bool keeps_our_ids(MovementKind) const override { return keyed_; }
  Receipt tell(const Instruction& instruction) override {
    fuse_.step();
    ++world_.tells;
    for (int i = 0; i < world_.count; ++i) {
      if (keyed_ && instruction.client_id == world_.rows[i].client_id)
        throw base::Refused({"client_wid", "was used before"});
    }
    const int place = world_.count++;
    Taken& row = world_.rows[place];
    std::strncpy(row.client_id, instruction.client_id.c_str(), sizeof row.client_id - 1);
    std::strncpy(row.amount, instruction.amount.to_string().c_str(), sizeof row.amount - 1);
    row.kind = static_cast<int>(instruction.kind);
    row.at_ns = clock_.now().ns();
    fuse_.step();
    if (loses_answers_) throw base::InDoubt("its answer was lost");
    return {"R" + std::to_string(place), "NEW", "{}"};
  }
  InstructionHistory history(MovementKind kind, time::Instant) override {
    fuse_.step();
    InstructionHistory history;
    history.is_keyed = keyed_;
    history.as_of = clock_.now();
    for (int i = 0; i < world_.count; ++i) {
      const Taken& row = world_.rows[i];
      if (row.kind != static_cast<int>(kind)) continue;
      InstructionSeen seen;
      seen.id = "R" + std::to_string(i);
      seen.client_id = keyed_ ? row.client_id : "";
      seen.kind = kind;
      seen.asset = kind == MovementKind::kWithdrawal ? "BTC" : "ETH";
      seen.amount = money::Decimal::literal(row.amount);
      seen.address = kind == MovementKind::kWithdrawal ? kAddress : "";
      seen.created_at = time::Instant::from_ns(row.at_ns);
      seen.progress =
          history.as_of - seen.created_at > Duration::hours(1) ? Progress::kDone : Progress::kUnderWay;
      history.seen.push_back(seen);
    }
    return history;
  }
  CollectedEvidence take_evidence() override { return {}; }

 private:
  World& world_;
  const time::Clock& clock_;
  Fuse& fuse_;
  bool keyed_;
  bool loses_answers_;
};

class BurningStore final : public MovementStore {
 public:
  BurningStore(MovementStore& inner, Fuse& fuse) : inner_(inner), fuse_(fuse) {}
  std::vector<StoredMovement> open(const model::FundId& fund) override {
    fuse_.step();
    return inner_.open(fund);
  }
  Added add(const model::FundId& fund, const StoredMovement& seen, const std::vector<MovementChange>& changes,
            const std::vector<RawAnswer>& raw, const std::vector<Alarm>& alarms, const std::string& actor,
            time::Instant now) override {
    fuse_.step();
    const Added added = inner_.add(fund, seen, changes, raw, alarms, actor, now);
    fuse_.step();
    return added;
  }
  std::set<std::string> taken(const model::FundId& fund, const std::string& custodian,
                              const std::string& other_than) override {
    fuse_.step();
    return inner_.taken(fund, custodian, other_than);
  }

 private:
  MovementStore& inner_;
  Fuse& fuse_;
};

struct Case {
  bool keyed;
  bool loses_answers;
};

class MovementCrash : public MovementTest, public ::testing::WithParamInterface<Case> {
 protected:
  void pass(db::Pool& pool, World& world, Fuse& fuse, time::Instant now, bool loses_answers) {
    time::ManualClock clock(now);
    PostgresMovementStore inner(pool);
    BurningStore store(inner, fuse);
    BurningCustodian custodian(world, clock, fuse, GetParam().keyed, loses_answers);
    advance_movements({store, [&](const std::string&) -> CustodianInstructions& { return custodian; }, clock},
                      kFund, "navkeeper");
  }
  /// One pass, and one of half a minute later, in a process of its own that dies at its n-th step. True: it
  /// came to its end before.
  bool run_until(int step, World& world) {
    const pid_t child = ::fork();
    if (child == 0) {
      Fuse fuse{step};
      db::Pool own(pool().settings());
      pass(own, world, fuse, kNow, GetParam().loses_answers);
      pass(own, world, fuse, kNow + Duration::seconds(30), false);
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status);
  }
  void prepare() {
    SetUp();
    open_for_business();
    if (GetParam().keyed) {
      propose(withdrawal("m", "1.5"));
    } else {
      propose(stake("m", "1.5"));
    }
    approve_twice("m");
  }
};

TEST_P(MovementCrash, KilledAtEveryStepNothingIsLostAndNothingIsSentTwice) {
  int step = 1;
  int not_found = 0;
  for (bool is_finished = false; !is_finished; ++step) {
    ASSERT_LT(step, 60);
    SCOPED_TRACE("killed at step " + std::to_string(step));
    const SharedWorld world;
    prepare();
    is_finished = run_until(step, *world);
    // Others go on, some minutes later, then hours later.
    Fuse never;
    for (const int minutes : {2, 4, 6, 8}) {
      pass(pool(), *world, never, kNow + Duration::minutes(minutes), false);
      ASSERT_LE((*world).count, 1);
    }
    if (state("m") == S::kNotFound) {  // it was written down and never left
      ++not_found;
      ASSERT_EQ((*world).count, 0);
      in([&](auto& t) {
        retry_movement(t, kFund, "m", "the custodian has nothing", olga(kNow + Duration::minutes(9)));
        return 0;
      });
      pass(pool(), *world, never, kNow + Duration::minutes(10), false);
    }
    pass(pool(), *world, never, kNow + Duration::hours(3), false);
    EXPECT_EQ(state("m"), S::kConfirmed);
    EXPECT_EQ((*world).count, 1);
  }
  EXPECT_GE(step, 8);
  EXPECT_GE(not_found, 1);  // between the record and the request
}

TEST_P(MovementCrash, ManyWhoRunAtOnceSendEachMovementOnce) {
  const SharedWorld world;
  prepare();
  for (const char* id : {"n", "o"}) {
    propose(GetParam().keyed ? withdrawal(id, id[0] == 'n' ? "2" : "3")
                             : stake(id, id[0] == 'n' ? "2" : "3"));
    approve_twice(id);
  }
  std::vector<std::thread> others;
  for (int i = 0; i < 4; ++i)
    others.emplace_back([&] {
      Fuse never;
      for (int j = 0; j < 3; ++j)
        pass(pool(), *world, never, kNow + Duration::seconds(j), GetParam().loses_answers);
    });
  for (std::thread& other : others) other.join();
  EXPECT_EQ((*world).tells, 3);
  EXPECT_EQ((*world).count, 3);
  Fuse never;
  pass(pool(), *world, never, kNow + Duration::hours(3), false);
  for (const char* id : {"m", "n", "o"}) EXPECT_EQ(state(id), S::kConfirmed) << id;
}

TEST_P(MovementCrash, WhatMayNotBeSentAnyMoreIsWithdrawnInsteadAndNeverLeaves) {
  const SharedWorld world;
  Fuse never;
  prepare();
  pass(pool(), *world, never, kNow + Duration::hours(48), false);  // its approvals have lapsed
  EXPECT_EQ(state("m"), S::kWithdrawn);
  if (GetParam().keyed) {
    prepare();
    in([&](auto& t) { return withdraw_movement_rule(t, kFund, "destination", "ap", ann()); });
    pass(pool(), *world, never, kNow, false);
    EXPECT_EQ(state("m"), S::kWithdrawn);
  }
  prepare();
  pass(pool(), *world, never, kNow + Duration::hours(48) - Duration::from_ns(1), false);
  EXPECT_EQ(state("m"), S::kSent);
  EXPECT_EQ((*world).tells, 1);
}

INSTANTIATE_TEST_SUITE_P(Custodians, MovementCrash,
                         ::testing::Values(Case{true, false}, Case{true, true}, Case{false, false},
                                           Case{false, true}),
                         [](const auto& value) {
                           return std::string(value.param.keyed ? "WithOurIds" : "WithoutOurIds") +
                                  (value.param.loses_answers ? "LosingAnswers" : "");
                         });

}  // namespace
}  // namespace navkeeper::custody
