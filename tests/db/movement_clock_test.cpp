// What two people decide happens at the time of the database's clock, whatever the clock of the process says
// that takes their word.
#include "common/time/clock.h"
#include "tests/db/movement_desk.h"

namespace navkeeper::custody {
namespace {

using time::Duration;

class MovementClockTest : public MovementTest {
 protected:
  void SetUp() override {
    MovementTest::SetUp();
    Dependencies dependencies;
    dependencies.pool = &pool();
    dependencies.settings = &settings_;
    dependencies.clock = &clock_;
    desk_.open(dependencies);
  }
  void decide(const std::string& path, const std::string& id, const std::string& body) {
    EXPECT_EQ(desk_.post(maker(), path, body).status, 201);
    for (const MovementActor& approver : {ann(), bob()})
      EXPECT_EQ(desk_.post(approver, path + id + "/approve").status, 201);
  }
  time::Instant database_now() {
    return in([](db::Transaction& t) { return database_time(t); });
  }

  time::ManualClock clock_{kNow};
  MovementDesk desk_;
};

TEST_F(MovementClockTest, AClockThatIsSetForwardOrBackShortensNoCoolingOff) {
  const time::Instant began = database_now();
  clock_.set(began - Duration::hours(72));
  decide("movement-rules", "/policy/p1", rule_content(policy("p1")));
  decide("movement-rules", "/destination/ap", rule_content(destination("ap")));
  const auto rules = in([](auto& t) { return load_movement_rules(t, kFund, "destination", "ap"); });
  EXPECT_GE(rules.at(0).active_from, began + Duration::hours(24));
  EXPECT_LE(rules.at(0).active_from, database_now() + Duration::hours(24));
  for (const auto ahead : {Duration::hours(0), Duration::hours(25), Duration::hours(24 * 400)}) {
    clock_.set(began + ahead);
    const auto refused = desk_.post(maker(), "movements", movement_content(withdrawal("w")));
    EXPECT_EQ(refused.status, 400) << refused.body;
    EXPECT_NE(refused.body.find("cools off until"), std::string::npos) << refused.body;
  }
  EXPECT_EQ(desk_.post(maker(), "movements", movement_content(stake("s", "1"))).status, 201);
}

TEST_F(MovementClockTest, TheDatabaseRefusesATimeThatHasNotCome) {
  open_for_business();
  const time::Instant ahead = database_now() + Duration::hours(1);
  const auto refused = [&](auto&& does) {
    try {
      in([&](db::Transaction& t) {
        does(t);
        return 0;
      });
      return std::string();
    } catch (const db::ConstraintViolation& violation) {
      return violation.constraint;
    }
  };
  const std::string rule = "no_time_ahead_of_the_databases_clock";
  EXPECT_EQ(refused([&](auto& t) { propose_movement(t, settings_, kFund, withdrawal("w"), maker(ahead)); }),
            rule);
  EXPECT_EQ(refused([&](auto& t) { propose_movement_rule(t, settings_, kFund, policy("p2"), maker(ahead)); }),
            rule);
  propose(withdrawal("w"));
  EXPECT_EQ(refused([&](auto& t) { approve_movement(t, kFund, "w", ann(ahead)); }), rule);
}

}  // namespace
}  // namespace navkeeper::custody
