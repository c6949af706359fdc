// Which record of a custodian is which movement, in a real PostgreSQL.
#include "tests/db/movement_fixture.h"

namespace navkeeper::custody {
namespace {

using S = MovementState;

class MovementMatchTest : public MovementTest {
 protected:
  Added add(const std::string& id, const std::vector<MovementChange>& changes) {
    return store_.add(kFund, movement(id), changes, {}, {}, "navkeeper", kNow);
  }
  void in_doubt(const std::string& id) {
    propose(stake(id, "3"));
    approve_twice(id);
    EXPECT_EQ(add(id, {{S::kSending, ""}, {S::kInDoubt, "lost"}}), Added::kAdded);
  }
  std::string match_refusal(const std::string& id, const std::string& record, const MovementActor& by) {
    return refusal([&](auto& t) { match_movement(t, kFund, id, record, by); });
  }
  int count(const std::string& what) {
    return in([&](auto& t) { return db::query(t, "SELECT count(*) FROM " + what)[0][0].template as<int>(); });
  }
  PostgresMovementStore store_{pool()};
};

TEST_F(MovementMatchTest, WhoProposedAMovementDoesNotNameItsRecord) {
  open_for_business();
  in_doubt("a");
  MovementActor both = maker();
  both.actor.roles.insert(model::Role::kOperator);
  const std::string refused = match_refusal("a", "STAKE:1", both);
  EXPECT_NE(refused.find("movement a"), std::string::npos) << refused;
  EXPECT_NE(refused.find("is matched by another than who proposed it"), std::string::npos) << refused;
  EXPECT_NE(match_refusal("a", "STAKE:1", maker()), "");  // no operator
  EXPECT_EQ(state("a"), S::kInDoubt);
  EXPECT_EQ(count("movement_match"), 0);
  EXPECT_EQ(match_refusal("a", "STAKE:1", olga()), "");
  EXPECT_EQ(state("a"), S::kSent);
}

TEST_F(MovementMatchTest, ARecordThatItsMovementDidNotEndWithIsFreeAgain) {
  open_for_business();
  in_doubt("a");
  in_doubt("b");
  EXPECT_EQ(match_refusal("a", "R:2", olga()), "");  // the wrong one
  EXPECT_NE(match_refusal("b", "R:2", olga()).find("another movement's"), std::string::npos);
  EXPECT_EQ(add("b", {{S::kSent, "found", "R:2"}}), Added::kTaken);
  // It is found under its own id, and as long as it has not ended both stand.
  EXPECT_EQ(add("a", {{S::kSent, "found", "R:1"}}), Added::kAdded);
  EXPECT_EQ(store_.taken(kFund, "cc", "b"), (std::set<std::string>{"R:1", "R:2"}));
  EXPECT_EQ(add("a", {{S::kConfirmed, "by its history", "R:1"}}), Added::kAdded);
  EXPECT_EQ(store_.taken(kFund, "cc", "b"), (std::set<std::string>{"R:1"}));
  EXPECT_EQ(count("audit WHERE kind = 'movement_record_released'"), 1);
  EXPECT_EQ(add("b", {{S::kSent, "found", "R:2"}, {S::kConfirmed, "by its history", "R:2"}}), Added::kAdded);
  EXPECT_EQ(state("b"), S::kConfirmed);
  EXPECT_EQ(store_.taken(kFund, "cc", "a"), (std::set<std::string>{"R:2"}));
  EXPECT_EQ(count("movement_match"), 3);
  EXPECT_EQ(count("movement_match_release"), 1);
}

TEST_F(MovementMatchTest, TheDatabaseItselfFreesNothingThatAMovementEndedWith) {
  open_for_business();
  in_doubt("a");
  EXPECT_EQ(match_refusal("a", "R:2", olga()), "");
  const auto release = [&](const std::string& record, const std::string& with, int seq) {
    return constraint(
        "INSERT INTO movement_match_release (fund_id, custodian, custodian_id, turn, movement_id, seq, "
        "state, ended_with, known_at_ns) VALUES ('BTCETH', 'cc', '" +
        record + "', 1, 'a', " + std::to_string(seq) + ", 'confirmed', '" + with + "', 0)");
  };
  const auto claim = [&](int turn, const char* released) {
    return constraint(
        "INSERT INTO movement_match (fund_id, custodian, custodian_id, turn, released, movement_id, "
        "known_at_ns) VALUES ('BTCETH', 'cc', 'R:2', " +
        std::to_string(turn) + ", " + released + ", 'a', 0)");
  };
  EXPECT_NE(release("R:2", "R:1", 7), "");  // it has not ended
  EXPECT_NE(claim(1, "NULL"), "");
  EXPECT_EQ(claim(2, "1"), "a_record_is_one_movements_at_a_time");
  EXPECT_NE(claim(2, "NULL"), "");
  EXPECT_EQ(add("a", {{S::kConfirmed, "by its history", "R:2"}}), Added::kAdded);
  EXPECT_EQ(count("movement_match_release"), 0);
  EXPECT_EQ(release("R:2", "R:2", 7), "a_movement_keeps_what_it_ended_with");
  for (const char* table : {"movement_match", "movement_match_release"})
    EXPECT_EQ(constraint(std::string("DELETE FROM ") + table), "42501") << table;
}

}  // namespace
}  // namespace navkeeper::custody
