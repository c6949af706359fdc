// Staking's liquidity test of a stake that a person proposes: what is asked, what is kept, what refuses.
#include <gtest/gtest.h>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/custody/app/test_stake.h"

namespace navkeeper::custody {
namespace {

using Outcome = StakeTest::Outcome;
using S = MovementState;
using money::Decimal;
using time::Duration;
using time::Instant;

const model::FundId kFund = model::FundId::literal("CROYIELD");
const Instant kNow = Instant::literal("2026-03-05T10:00:00Z");

Movement stake_of(const std::string& id, const std::string& amount, const char* asset = "CRO") {
  Movement movement;
  movement.id = id;
  movement.kind = MovementKind::kStake;
  movement.custodian = "cc";
  movement.asset = model::AssetId::literal(asset);
  movement.amount = Decimal::literal(amount);
  return movement;
}

/// In that state, written down as sending at `sending_at` where it ever was.
StoredMovement stored(const Movement& movement, S state, Instant sending_at = kNow) {
  StoredMovement one;
  one.movement = movement;
  one.events.push_back({{S::kProposed}, "mia", kNow - Duration::hours(48)});
  if (state == S::kSent || state == S::kConfirmed || state == S::kSending)
    one.events.push_back({{S::kSending}, "navkeeper", sending_at});
  if (one.events.back().change.state != state) one.events.push_back({{state}, "navkeeper", kNow});
  return one;
}

class Desk final : public StakeDesk {
 public:
  Allowed ask(const model::FundId&, const Movement& movement, const Decimal& coins,
              const std::vector<CoinsUnderWay>& others) override {
    asked.push_back(coins);
    beside = others;
    EXPECT_EQ(movement.custodian, "cc");
    if (is_silent) throw base::Unavailable("no staking service is configured");
    if (coins > room) base::refuse("ICA_1940", "would leave more illiquid");
    return {"within", read_at};
  }
  bool is_submitting(const model::FundId&, const Movement& movement) override {
    return movement.id == plan_step;
  }
  std::vector<Decimal> asked;
  std::vector<CoinsUnderWay> beside;  ///< of the last question
  Decimal room = Decimal::of(100);
  bool is_silent = false;
  Instant read_at = kNow - Duration::hours(1);
  std::string plan_step;
};

TEST(StakeTested, CountsOtherStakesThatStakingCannotShowYet) {
  Desk desk;
  const std::vector<StoredMovement> all{
      stored(stake_of("a", "10"), S::kProposed),
      stored(stake_of("b", "5"), S::kInDoubt),
      stored(stake_of("c", "3"), S::kSent, kNow - Duration::minutes(10)),    // after the readings
      stored(stake_of("d", "7"), S::kConfirmed, kNow - Duration::hours(2)),  // in the readings
      stored(stake_of("e", "50"), S::kFailed),
      stored(stake_of("f", "50"), S::kWithdrawn),
      stored(stake_of("g", "50", "ETH"), S::kProposed),
      stored(stake_of("new", "1"), S::kProposed)};
  const StakeTest test = test_stake(desk, kFund, stake_of("new", "1"), all);
  EXPECT_EQ(test.outcome, Outcome::kAllowed);
  const CoinsUnderWay ether{model::AssetId::literal("ETH"), "cc", Decimal::of(50)};
  EXPECT_EQ(test.unseen,
            (std::vector{CoinsUnderWay{model::AssetId::literal("CRO"), "cc", Decimal::of(15)}, ether}));
  EXPECT_EQ(desk.beside, std::vector{ether}) << "the rule is of net assets: every coin counts";
  EXPECT_EQ(desk.asked, (std::vector<Decimal>{Decimal::of(16), Decimal::of(19)}));
  EXPECT_EQ(test.detail, "within; counted with other stakes that are under way, 19 CRO in all, 50 ETH at cc");
  // The one that was sent makes it too much.
  desk.room = Decimal::of(18);
  EXPECT_THROW(test_stake(desk, kFund, stake_of("new", "1"), all), base::Refused);
}

TEST(StakeTested, IsAskedOnceWhereNothingElseIsUnderWay) {
  Desk desk;
  const StakeTest test = test_stake(desk, kFund, stake_of("new", "1"), {});
  EXPECT_EQ(desk.asked.size(), 1U);
  EXPECT_EQ(test.detail, "within");
}

TEST(StakeTested, AStepOfAPlanThatIsHandedOverIsNotAskedAgain) {
  Desk desk;
  desk.plan_step = "plan-7-1";
  EXPECT_EQ(test_stake(desk, kFund, stake_of("plan-7-1", "1000"), {}).outcome, Outcome::kPlan);
  EXPECT_TRUE(desk.asked.empty());
  EXPECT_THROW(test_stake(desk, kFund, stake_of("plan-7-2", "1000"), {}), base::Refused);
}

TEST(StakeTested, SilenceIsAnAnswerThatIsKept) {
  Desk desk;
  desk.is_silent = true;
  const StakeTest test = test_stake(desk, kFund, stake_of("s", "1"), {});
  EXPECT_EQ(test.outcome, Outcome::kUnavailable);
  EXPECT_EQ(test.detail, "no staking service is configured");
  for (const Outcome outcome : {Outcome::kAllowed, Outcome::kPlan, Outcome::kUnavailable})
    EXPECT_EQ(parse_stake_test_outcome(describe(outcome)), outcome);
}

}  // namespace
}  // namespace navkeeper::custody
