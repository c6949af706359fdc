#include "services/staking/domain/plan/redelegation.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "common/base/ensure.h"
#include "common/money/overflow.h"

namespace navkeeper::staking::plan {
namespace {

using money::Decimal;
using money::Rational;
using money::Rounding;

constexpr int kShownRateDecimals = 15;

Decimal whole_of_one() { return Decimal::of(1); }

Decimal shown_rate(const Rational& rate) { return rate.rounded(kShownRateDecimals, Rounding::kFloor); }

/// The least of several rooms; nothing: no bound.
class Room {
 public:
  void lower(const Rational& to) {
    const Rational room = to.is_negative() ? Rational() : to;
    if (!least_ || room < *least_) least_ = room;
  }
  void take(const Decimal& coins) {
    if (least_) *least_ = *least_ - Rational(coins);
  }
  void give(const Decimal& coins) {
    if (least_) *least_ = *least_ + Rational(coins);
  }
  Decimal within(const Decimal& coins, int decimals) const {
    if (!least_ || Rational(coins) <= *least_) return coins;
    return least_->is_negative() ? Decimal{} : least_->rounded(decimals, Rounding::kDown);
  }

 private:
  std::optional<Rational> least_;
};

class Mover {
 public:
  Mover(const PlanInputs& inputs, const StakingPlan& plan, const MoveTerms& terms)
      : inputs_(inputs), terms_(terms) {
    for (const Candidate& candidate : inputs.validators) {
      candidates_[candidate.place] = &candidate;
      owned_[candidate.owner] += candidate.current;
    }
    for (const Placement& placement : plan.placements) {
      if (placement.kind != Placement::Kind::kNative) continue;
      placed_[placement.place] += placement.amount;
      owned_[placement.owner] += placement.amount;
    }
    for (const Candidate& candidate : inputs.validators) {
      if (why_not_to(candidate, inputs.policy).empty()) {
        rooms_[candidate.place] = room_at(candidate);
        targets_.push_back(&candidate);
      }
      Room& of_owner = owner_rooms_[candidate.owner];
      if (!candidate.owner.empty() && inputs.policy.fund_owner_share_max < whole_of_one())
        of_owner.lower(
            Rational(inputs.policy.fund_owner_share_max * inputs.coins_total - owned_[candidate.owner]));
    }
    std::sort(targets_.begin(), targets_.end(), [&](const Candidate* a, const Candidate* b) {
      const Rational rate_a = net_rate(*a, inputs.policy);
      const Rational rate_b = net_rate(*b, inputs.policy);
      return rate_a != rate_b ? rate_a > rate_b : a->place < b->place;
    });
  }

  std::vector<Move> run() {
    std::vector<Delegated> stakes = terms_.stakes;
    std::erase_if(stakes, [&](const Delegated& one) { return !candidates_.contains(one.validator); });
    std::sort(stakes.begin(), stakes.end(), [&](const Delegated& a, const Delegated& b) {
      const Rational rate_a = rate_here(*candidates_.at(a.validator));
      const Rational rate_b = rate_here(*candidates_.at(b.validator));
      return rate_a != rate_b ? rate_a < rate_b
                              : std::tie(a.validator, a.delegator) < std::tie(b.validator, b.delegator);
    });
    for (const Delegated& stake : stakes) move(stake);
    return std::move(moves_);
  }

 private:
  Rational rate_here(const Candidate& candidate) const {
    if (candidate.jailed || candidate.tombstoned || !candidate.bonded) return {};
    return net_rate(candidate, inputs_.policy);
  }

  /// For stake that comes from another validator: what is bonded in all stays the same.
  Room room_at(const Candidate& candidate) const {
    const PlanPolicy& policy = inputs_.policy;
    const auto found = placed_.find(candidate.place);
    const Decimal placed = found == placed_.end() ? Decimal{} : found->second;
    Room room;
    const Decimal share = policy.validator_tokens_share_max;
    if (share < whole_of_one())
      room.lower(Rational(share * (candidate.tokens + placed) - candidate.current - placed) /
                 Rational(whole_of_one() - share));
    if (candidate.tokens_max) room.lower(Rational(*candidate.tokens_max - candidate.tokens - placed));
    if (inputs_.chain_bonded.is_positive() && policy.validator_chain_share_max < whole_of_one())
      room.lower(
          Rational(policy.validator_chain_share_max * inputs_.chain_bonded - candidate.tokens - placed));
    if (policy.fund_validator_share_max < whole_of_one())
      room.lower(
          Rational(policy.fund_validator_share_max * inputs_.coins_total - candidate.current - placed));
    return room;
  }

  void move(const Delegated& stake) {
    const Candidate& here = *candidates_.at(stake.validator);
    const Rational from_rate = rate_here(here);
    Decimal left = stake.amount.rounded(inputs_.decimals, Rounding::kDown);
    for (const Candidate* const there : targets_) {
      const Rational to_rate = net_rate(*there, inputs_.policy);
      if (to_rate <= from_rate || !left.is_positive()) return;
      if (there->place == here.place) continue;
      // Between validators of one operator its part of the fund stays the same.
      Decimal amount = rooms_.at(there->place).within(left, inputs_.decimals);
      if (there->owner != here.owner) amount = owner_rooms_.at(there->owner).within(amount, inputs_.decimals);
      if (!amount.is_positive() || amount < inputs_.policy.minimum) continue;
      Move one{Move::Way::kRedelegate,
               stake.delegator,
               here.place,
               there->place,
               amount,
               shown_rate(from_rate),
               shown_rate(to_rate),
               {},
               why_no_redelegation(stake, there->place)};
      if (!one.why.empty()) {
        if (here.entries_left && *here.entries_left == 0) continue;
        one.way = Move::Way::kUndelegate;
      }
      one.gain = gain_of(one, from_rate, to_rate);
      if (!one.gain.is_positive()) continue;
      left -= amount;
      rooms_.at(there->place).take(amount);
      if (there->owner != here.owner) {
        owner_rooms_.at(there->owner).take(amount);
        owner_rooms_.at(here.owner).give(amount);
      }
      if (one.way == Move::Way::kRedelegate) started_.push_back({stake.delegator, here.place, there->place});
      moves_.push_back(std::move(one));
    }
  }

  Decimal gain_of(const Move& move, const Rational& from_rate, const Rational& to_rate) const {
    const int days = inputs_.policy.horizon_days;
    const bool waits = move.way == Move::Way::kUndelegate;
    const int earning = waits ? std::max(0, days - inputs_.native_days) : days;
    const Rational gain = Rational(move.amount) * (to_rate * Rational::of(earning, kYearDays) -
                                                   from_rate * Rational::of(days, kYearDays));
    const Decimal fees = inputs_.policy.stake_fee * Decimal::of(waits ? 2 : 1);
    return gain.rounded(inputs_.decimals, Rounding::kFloor) - fees;
  }

  std::string why_no_redelegation(const Delegated& stake, const std::string& to) const {
    if (terms_.entries_max == 0) return "how many redelegations may run is not known";
    std::uint32_t entries = 0;
    for (const auto* all : {&terms_.running, &started_}) {
      for (const RunningRedelegation& one : *all) {
        if (one.delegator != stake.delegator) continue;
        if (one.to == stake.validator)
          return "a redelegation to " + stake.validator + " has not matured: it may not hop on";
        entries += one.from == stake.validator && one.to == to ? 1U : 0U;
      }
    }
    if (entries >= terms_.entries_max)
      return std::to_string(entries) + " redelegations between the two run: no more may";
    return "";
  }

  const PlanInputs& inputs_;
  const MoveTerms& terms_;
  std::map<std::string, const Candidate*> candidates_;
  std::map<std::string, Decimal> placed_, owned_;
  std::map<std::string, Room> rooms_, owner_rooms_;
  std::vector<const Candidate*> targets_;  ///< the best first
  std::vector<RunningRedelegation> started_;
  std::vector<Move> moves_;
};

}  // namespace

std::string_view describe(Move::Way way) {
  switch (way) {
    case Move::Way::kRedelegate:
      return "redelegate";
    case Move::Way::kUndelegate:
      return "undelegate_and_delegate";
  }
  ENSURE(false);
}

base::Result<std::vector<Move>, PlanRefusal> propose_moves(const PlanInputs& inputs, const StakingPlan& plan,
                                                           const MoveTerms& terms) {
  if (inputs.policy.horizon_days <= 0) return PlanRefusal::kNegative;
  try {
    return Mover(inputs, plan, terms).run();
  } catch (const money::OverflowError&) {
    return PlanRefusal::kTooLarge;
  }
}

}  // namespace navkeeper::staking::plan
