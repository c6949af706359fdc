#include "services/staking/domain/cosmos_walk.h"

#include <algorithm>
#include <set>

#include "common/base/ensure.h"

namespace navkeeper::staking {

using money::Decimal;

namespace {

const Decimal kOne = Decimal::of(1);
/// A rise of the shares' worth that roundings alone would hardly bring: smallest units, and a billionth.
const Decimal kRiseDoubted = Decimal::of(1'000);
const Decimal kRiseDoubtedShare = Decimal::of(1, 9);

DelegationState at(const DelegatorState& state, const std::string& validator) {
  const auto found = state.delegations.find(validator);
  return found == state.delegations.end() ? DelegationState{} : found->second;
}

Decimal unbonding_at(const DelegatorState& state, const std::string& validator) {
  Decimal sum;
  for (const UnbondingEntry& entry : state.unbondings) {
    if (entry.validator == validator) sum += entry.balance;
  }
  return sum;
}

/// Every validator that one of the states or facts names.
std::set<std::string> validators_of(const Walk& walk) {
  std::set<std::string> names;
  const auto add = [&](const DelegatorState& state) {
    for (const auto& [validator, delegation] : state.delegations) names.insert(validator);
    for (const UnbondingEntry& entry : state.unbondings) names.insert(entry.validator);
  };
  add(walk.opening);
  add(walk.closing);
  for (const WalkStep& step : walk.steps) {
    add(step.before);
    add(step.after);
  }
  return names;
}

class Explainer {
 public:
  Explainer(const Walk& walk, PositionKey key, int decimals)
      : walk_(walk),
        key_(std::move(key)),
        unit_(Decimal::of(1, decimals)),
        validators_(validators_of(walk)) {}

  WalkResult run() {
    const DelegatorState* last = &walk_.opening;
    for (const WalkStep& step : walk_.steps) {
      ENSURE(step.before.mark.height >= last->mark.height);
      quiet(*last, step.before);
      block(step);
      last = &step.after;
    }
    quiet(*last, walk_.closing);
    roll_forwards();
    return std::move(result_);
  }

 private:
  PositionKey place(const std::string& validator) const {
    PositionKey key = key_;
    key.place = validator.empty() ? walk_.delegator : walk_.delegator + "/" + validator;
    return key;
  }

  void add(const std::string& validator, EventKind kind, const Decimal& amount, const StateMark& mark,
           std::string detail = {}) {
    if (amount.is_zero()) return;
    StakingEvent event{{}, place(validator), kind, amount * unit_, mark, std::move(detail)};
    const int number = numbers_[{event.key.place, kind, mark.height}]++;
    event.id = event_id(event.key, kind, mark.height, number == 0 ? "" : std::to_string(number));
    result_.events.push_back(std::move(event));
  }

  void doubt(const StateMark& mark, const std::string& validator, const std::string& what) {
    result_.doubts.push_back("height " + std::to_string(mark.height) + ", " + validator + ": " + what);
  }

  /// What the rate of the shares gave or took. While the shares stay what they are, other people's roundings
  /// make them worth a little more, and a unit less where the cut falls otherwise; where they change, each
  /// act rounds by a unit. A larger loss is not explained by it.
  void share_rate(const std::string& validator, const DelegationState& before, const DelegationState& after,
                  const Decimal& change, int acts, const StateMark& mark) {
    if (before.shares != after.shares || change.is_negative()) {
      if (change.abs() > Decimal::of(1 + acts)) return;
    } else if (change > kRiseDoubted + before.tokens * kRiseDoubtedShare) {
      doubt(mark, validator, "shares became worth " + change.to_string() + " more by no act of ours");
    }
    add(validator, change.is_negative() ? EventKind::kShareRateDown : EventKind::kShareRateUp, change.abs(),
        mark);
  }

  void quiet(const DelegatorState& from, const DelegatorState& to) {
    for (const std::string& validator : validators_) {
      const DelegationState before = at(from, validator);
      const DelegationState after = at(to, validator);
      share_rate(validator, before, after, after.tokens - before.tokens, 0, to.mark);
      const Decimal earned = after.unclaimed - before.unclaimed;
      if (earned.is_positive()) add(validator, EventKind::kRewardBase, earned, to.mark);
    }
  }

  void block(const WalkStep& step) {
    std::map<std::string, Decimal> moved;  // by validator: what went in less what went out
    std::map<std::string, int> acts;
    std::map<std::string, Decimal> claimed;
    std::map<std::string, std::string> slashed;
    for (const CosmosFact& fact : step.facts) {
      flow(step, fact, moved, acts);
      if (fact.act == CosmosAct::kClaim) claimed[fact.validator] += fact.amount;
      if (fact.act == CosmosAct::kSlash) slashed[fact.validator] = fact.reason;
    }
    for (const std::string& validator : validators_) {
      stake(step, validator, moved[validator], acts[validator], slashed);
      slashed_unbonding(step, validator, slashed);
      rewards(step, validator, claimed);
    }
  }

  /// What moves by the message's word, and by the entry that it left behind where there is one: the entry has
  /// what the shares were worth, the message what was asked for.
  void flow(const WalkStep& step, const CosmosFact& fact, std::map<std::string, Decimal>& moved,
            std::map<std::string, int>& acts) {
    const StateMark& mark = step.after.mark;
    const auto move = [&](const std::string& validator, EventKind kind, const Decimal& amount, bool in,
                          std::string detail = {}) {
      moved[validator] += in ? amount : -amount;
      ++acts[validator];
      add(validator, kind, amount, mark, std::move(detail));
    };
    switch (fact.act) {
      case CosmosAct::kDelegate:
        return move(fact.validator, EventKind::kDelegate, fact.amount, true);
      case CosmosAct::kCancelUnbonding:
        return move(fact.validator, EventKind::kUnbondingCanceled, fact.amount, true);
      case CosmosAct::kUndelegate:
        return move(fact.validator, EventKind::kUndelegate, undelegated(step, fact), false);
      case CosmosAct::kRedelegate: {
        const Decimal amount = redelegated(step, fact);
        move(fact.validator, EventKind::kRedelegateOut, amount, false, "to " + fact.destination);
        return move(fact.destination, EventKind::kRedelegateIn, amount, true, "from " + fact.validator);
      }
      case CosmosAct::kClaim:
        return add(fact.validator, EventKind::kClaim, fact.amount, mark, payee_of(walk_, fact.counterparty));
      case CosmosAct::kUnbonded:
        return add(fact.validator, EventKind::kUnbonded, fact.amount, mark);
      case CosmosAct::kTransferIn:
        return add("", EventKind::kTransferIn, fact.amount, mark, "from " + fact.counterparty);
      case CosmosAct::kTransferOut:
        return add("", EventKind::kTransferOut, fact.amount, mark, "to " + fact.counterparty);
      case CosmosAct::kFee:
        return add("", EventKind::kTransferOut, fact.amount, mark, "fee");
      case CosmosAct::kSlash:
        return;
    }
  }

  /// The entries tell what the shares were worth in all; the last message of its kind takes what the others
  /// leave of it. Without an entry its own word stands.
  Decimal undelegated(const WalkStep& step, const CosmosFact& fact) {
    Decimal entered;
    for (const UnbondingEntry& entry : step.after.unbondings) {
      if (entry.validator == fact.validator && entry.creation_height == step.after.mark.height)
        entered += entry.initial;
    }
    return exact(step, fact, entered);
  }
  Decimal redelegated(const WalkStep& step, const CosmosFact& fact) {
    Decimal entered;
    for (const RedelegationEntry& entry : step.after.redelegations) {
      if (entry.source == fact.validator && entry.destination == fact.destination &&
          entry.creation_height == step.after.mark.height)
        entered += entry.initial;
    }
    return exact(step, fact, entered);
  }
  Decimal exact(const WalkStep& step, const CosmosFact& fact, const Decimal& entered) const {
    Decimal others;
    const CosmosFact* last = nullptr;
    for (const CosmosFact& each : step.facts) {
      if (each.act != fact.act || each.validator != fact.validator || each.destination != fact.destination)
        continue;
      if (last != nullptr) others += last->amount;
      last = &each;
    }
    return last == &fact && entered > others ? entered - others : fact.amount;
  }

  void stake(const WalkStep& step, const std::string& validator, const Decimal& moved, int acts,
             const std::map<std::string, std::string>& slashed) {
    const Decimal rest = at(step.after, validator).tokens - at(step.before, validator).tokens - moved;
    const StateMark& mark = step.after.mark;
    if (rest.is_negative()) {
      if (const auto own = slashed.find(validator); own != slashed.end())
        return add(validator, EventKind::kSlashing, -rest, mark, own->second);
      for (const auto* entries : {&step.before.redelegations, &step.after.redelegations}) {
        for (const RedelegationEntry& entry : *entries) {
          const auto source = slashed.find(entry.source);
          if (entry.destination == validator && source != slashed.end())
            return add(validator, EventKind::kSlashing, -rest, mark,
                       source->second + " of " + entry.source + ", redelegated from there");
        }
      }
    }
    share_rate(validator, at(step.before, validator), at(step.after, validator), rest, acts, mark);
  }

  void slashed_unbonding(const WalkStep& step, const std::string& validator,
                         const std::map<std::string, std::string>& slashed) {
    const auto reason = slashed.find(validator);
    if (reason == slashed.end()) return;
    const auto same = [](const UnbondingEntry& a, const UnbondingEntry& b) {
      return a.validator == b.validator && a.creation_height == b.creation_height &&
             a.completes_at == b.completes_at;
    };
    Decimal lost;
    for (const UnbondingEntry& before : step.before.unbondings) {
      if (before.validator == validator && !is_mature(before, step.after.mark.at)) lost += before.balance;
    }
    for (const UnbondingEntry& after : step.after.unbondings) {
      if (after.validator != validator) continue;
      const auto& known = step.before.unbondings;
      if (std::none_of(known.begin(), known.end(), [&](const auto& before) { return same(before, after); }))
        lost += after.initial;
      lost -= after.balance;
    }
    for (const CosmosFact& fact : step.facts) {
      if (fact.act == CosmosAct::kCancelUnbonding && fact.validator == validator) lost -= fact.amount;
    }
    if (lost.is_positive())
      add(validator, EventKind::kUnbondingSlashed, lost, step.after.mark, reason->second);
  }

  void rewards(const WalkStep& step, const std::string& validator,
               const std::map<std::string, Decimal>& claimed) {
    const Decimal before = at(step.before, validator).unclaimed;
    const StateMark& mark = step.after.mark;
    const auto paid = claimed.find(validator);
    if (paid == claimed.end()) {
      const Decimal earned = at(step.after, validator).unclaimed - before;
      if (earned.is_positive()) add(validator, EventKind::kRewardBase, earned, mark);
      return;
    }
    const auto known = step.due.find(validator);
    // Nothing to recompute from: at least what was paid and what was there was due.
    const Decimal due = known == step.due.end() ? std::max(before, paid->second) : known->second;
    if (known == step.due.end())
      doubt(mark, validator, "what a claim forfeited was not recomputed from the chain's stores");
    const Decimal earned = due - before;
    if (earned.is_positive()) add(validator, EventKind::kRewardBase, earned, mark);
    const Decimal dust = due - paid->second;
    if (!dust.is_negative() && dust < kOne)
      add(validator, EventKind::kClaimDust, dust, mark);
    else
      doubt(mark, validator,
            "a claim paid " + paid->second.to_string() + " where " + due.to_string() + " were due");
  }

  void roll_forwards() {
    std::stable_sort(
        result_.events.begin(), result_.events.end(),
        [](const StakingEvent& a, const StakingEvent& b) { return a.mark.height < b.mark.height; });
    const StateMark& from = walk_.opening.mark;
    const StateMark& to = walk_.closing.mark;
    for (const std::string& validator : validators_) {
      const DelegationState opening = at(walk_.opening, validator);
      const DelegationState closing = at(walk_.closing, validator);
      const auto roll = [&](Account account, const Decimal& first, const Decimal& last) {
        result_.roll_forwards.push_back(
            roll_forward(place(validator), account, from, first * unit_, to, last * unit_, result_.events));
      };
      roll(Account::kStake, opening.tokens, closing.tokens);
      roll(Account::kUnbonding, unbonding_at(walk_.opening, validator),
           unbonding_at(walk_.closing, validator));
      roll(Account::kClaimable, opening.unclaimed, closing.unclaimed);
    }
    result_.roll_forwards.push_back(bank());
  }

  /// The bank's lines are those of all pairs of the delegator, and its own transfers.
  RollForward bank() const {
    std::map<EventKind, Decimal> sums;
    for (const StakingEvent& event : result_.events) {
      if (effect(event.kind, Account::kLiquid) == 0) continue;
      // A claim to another address is that one's.
      if (event.kind == EventKind::kClaim && event.type_detail != "to " + walk_.delegator) continue;
      sums[event.kind] += event.amount;
    }
    RollForward bank{place(""),
                     Account::kLiquid,
                     walk_.opening.mark,
                     walk_.closing.mark,
                     walk_.opening.free * unit_,
                     {},
                     walk_.closing.free * unit_};
    for (const auto& [kind, amount] : sums) bank.lines.push_back({kind, amount});
    return bank;
  }

  const Walk& walk_;
  PositionKey key_;
  Decimal unit_;
  std::set<std::string> validators_;
  std::map<std::tuple<std::string, EventKind, std::uint64_t>, int> numbers_;
  WalkResult result_;
};

}  // namespace

bool WalkResult::is_tied() const {
  return std::all_of(roll_forwards.begin(), roll_forwards.end(),
                     [](const RollForward& each) { return each.is_tied(); });
}

bool is_paid_away(const Walk& walk, const std::string& address) {
  return address != walk.delegator && !walk.own.contains(address);
}

std::string payee_of(const Walk& walk, const std::string& address) {
  return "to " + address +
         (address != walk.delegator && walk.own.contains(address) ? " of the fund" : std::string());
}

WalkResult explain(const Walk& walk, const PositionKey& key, int decimals) {
  return Explainer(walk, key, decimals).run();
}

}  // namespace navkeeper::staking
