#include "services/custody/app/test_stake.h"

#include <map>
#include <utility>

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

/// What is asked: the movement's own coin with the other stakes of it in one sum, and the rest.
struct Question {
  Question(const Movement& movement, const std::vector<CoinsUnderWay>& unseen) : coins(movement.amount) {
    for (const CoinsUnderWay& one : unseen) {
      if (one.asset == movement.asset)
        coins += one.coins;
      else
        others.push_back(one);
    }
  }
  bool operator==(const Question&) const = default;

  Decimal coins;
  std::vector<CoinsUnderWay> others;
};

/// "" where the movement is asked for alone.
std::string counted_with(const Question& asked, const Movement& movement) {
  std::string text;
  if (asked.coins != movement.amount)
    text = asked.coins.to_string() + " " + movement.asset.value() + " in all";
  for (const CoinsUnderWay& one : asked.others)
    text +=
        (text.empty() ? "" : ", ") + one.coins.to_string() + " " + one.asset.value() + " at " + one.custodian;
  return text.empty() ? "" : "; counted with other stakes that are under way, " + text;
}

}  // namespace

std::vector<CoinsUnderWay> unseen_stakes(const std::vector<StoredMovement>& all, const Movement& movement,
                                         time::Instant read_at) {
  std::map<std::pair<model::AssetId, std::string>, Decimal> sums;
  for (const StoredMovement& one : all) {
    if (one.movement.kind != MovementKind::kStake || one.movement.id == movement.id) continue;
    const MovementStanding standing = standing_of(one.events);
    if (has_not_left(standing.state) || left_after(standing, read_at))
      sums[{one.movement.asset, one.movement.custodian}] += one.movement.amount;
  }
  std::vector<CoinsUnderWay> unseen;
  for (const auto& [of, coins] : sums) unseen.push_back({of.first, of.second, coins});
  return unseen;
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
    Question asked(movement, test.unseen);
    StakeDesk::Allowed answer = desk.ask(fund, movement, asked.coins, asked.others);
    // Staking says of when its readings are: what was sent since then is not in them.
    if (Question with_sent(movement, unseen_stakes(all, movement, answer.read_at)); with_sent != asked) {
      asked = std::move(with_sent);
      answer = desk.ask(fund, movement, asked.coins, asked.others);
    }
    test.outcome = StakeTest::Outcome::kAllowed;
    test.detail = answer.detail + counted_with(asked, movement);
  } catch (const base::Unavailable& unavailable) {
    test.outcome = StakeTest::Outcome::kUnavailable;
    test.detail = unavailable.what();
  }
  return test;
}

}  // namespace navkeeper::custody
