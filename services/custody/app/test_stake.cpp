#include "services/custody/app/test_stake.h"

#include "common/base/ensure.h"
#include "common/base/outside.h"

namespace navkeeper::custody {
namespace {

using S = MovementState;
using money::Decimal;

/// Whether its coins are still where they were, or may be.
bool has_not_left(S state) {
  switch (state) {
    case S::kProposed:
    case S::kApprovedOnce:
    case S::kApprovedTwice:
    case S::kSending:
    case S::kInDoubt:
    case S::kRefused:
    case S::kNotFound:
      return true;
    case S::kSent:
    case S::kConfirmed:
    case S::kFailed:
    case S::kWithdrawn:
      return false;
  }
  ENSURE(false);
}

bool left_after(const MovementStanding& standing, time::Instant at) {
  return (standing.state == S::kSent || standing.state == S::kConfirmed) && standing.last_sending_at &&
         *standing.last_sending_at > at;
}

}  // namespace

Decimal unseen_stakes(const std::vector<StoredMovement>& all, const Movement& movement,
                      time::Instant read_at) {
  Decimal coins;
  for (const StoredMovement& one : all) {
    if (one.movement.kind != MovementKind::kStake || one.movement.asset != movement.asset ||
        one.movement.id == movement.id)
      continue;
    const MovementStanding standing = standing_of(one.events);
    if (has_not_left(standing.state) || left_after(standing, read_at)) coins += one.movement.amount;
  }
  return coins;
}

StakeTest test_stake(StakeDesk& desk, const model::FundId& fund, const Movement& movement,
                     const std::vector<StoredMovement>& all) {
  StakeTest test;
  try {
    if (desk.is_submitting(fund, movement)) {
      test.outcome = StakeTest::Outcome::kPlan;
      test.detail = "a step of a staking plan, tested when it was submitted";
      return test;
    }
    test.unseen = unseen_stakes(all, movement, time::Instant::latest());
    Decimal asked = movement.amount + test.unseen;
    StakeDesk::Allowed answer = desk.ask(fund, movement, asked);
    // Staking says of when its readings are: what was sent since then is not in them.
    const Decimal with_sent = movement.amount + unseen_stakes(all, movement, answer.read_at);
    if (with_sent != asked) {
      asked = with_sent;
      answer = desk.ask(fund, movement, asked);
    }
    test.outcome = StakeTest::Outcome::kAllowed;
    test.detail = answer.detail;
    if (asked != movement.amount)
      test.detail += "; counted with other stakes that are under way, " + asked.to_string() + " " +
                     movement.asset.value() + " in all";
  } catch (const base::Unavailable& unavailable) {
    test.outcome = StakeTest::Outcome::kUnavailable;
    test.detail = unavailable.what();
  }
  return test;
}

}  // namespace navkeeper::custody
