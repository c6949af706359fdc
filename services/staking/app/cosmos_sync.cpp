#include "services/staking/app/cosmos_sync.h"

#include <algorithm>
#include <set>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/staking/app/set_aside.h"
#include "services/staking/app/validator_reading.h"
#include "services/staking/domain/measures/alarms.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;

constexpr std::uint32_t kRoomAlarm = 1;  ///< unbondings that can still be begun, from which on it is said
constexpr std::int64_t kNsASecond = 1'000'000'000;
/// Rounded up: nobody is told to be free too early.
std::int64_t whole_seconds(time::Duration duration) { return (duration.ns() + kNsASecond - 1) / kNsASecond; }

void add_detail(SyncRun& run, const std::string& what) {
  run.detail += (run.detail.empty() ? "" : "; ") + what;
}

/// One address that delegates for the fund, its owner or a tier position.
struct Holder {
  std::string address;
  std::optional<TierPosition> tier;
};

class Sync {
 public:
  Sync(CosmosChain& chain, const CosmosSyncQuestion& question)
      : chain_(chain),
        question_(question),
        key_{Chain::kCronosPos, question.source, "", question.asset},
        unit_(Decimal::of(1, question.decimals)) {}

  SyncResult run() {
    head_ = chain_.head();
    if (question_.set_aside.contains(head_.height)) return {};  // the next block is read
    if (question_.last) {
      from_ = question_.last->reading.mark;
      if (head_.height <= from_->height) return {};
      check_past();
    }
    parameters();
    const CosmosParameters now = chain_.parameters(head_.height);
    result_.queues.push_back({Chain::kCronosPos,
                              question_.source,
                              "unbonding",
                              head_,
                              whole_seconds(now.unbonding_time),
                              {{"entries_max", std::to_string(now.max_entries)}}});
    PositionReading reading{Chain::kCronosPos, question_.source, head_, true, {}, {}};
    own_.insert(question_.delegators.begin(), question_.delegators.end());
    own_.insert(question_.payees.begin(), question_.payees.end());
    for (const std::string& owner : question_.delegators) {
      auto holders = holders_of(owner, head_.height);
      tiers_agree(owner, holders);
      if (from_) add_former(owner, holders);
      for (const Holder& holder : holders) {
        const DelegatorState state = chain_.delegator(holder.address, head_);
        positions(reading, holder, state, head_.height, now.unbonding_time);
        alarms(holder, state, now);
        if (from_) walk(holder, state);
        states_[holder.address] = state;
      }
      withdraw_address(owner);
    }
    validator_set(now);
    result_.readings.push_back(std::move(reading));
    return std::move(result_);
  }

  const std::map<std::string, DelegatorState>& states() const { return states_; }
  const StateMark& head() const { return head_; }
  const std::optional<CosmosValidatorList>& list() const { return list_; }

 private:
  void alert(std::string kind, std::string subject, std::string detail) {
    Alert alert{question_.source, std::move(kind), std::move(subject), std::move(detail)};
    if (std::find(result_.alerts.begin(), result_.alerts.end(), alert) == result_.alerts.end())
      result_.alerts.push_back(std::move(alert));
  }

  std::vector<Holder> holders_of(const std::string& owner, std::uint64_t height) {
    std::vector<Holder> holders{{owner, std::nullopt}};
    for (TierPosition& position : chain_.tier_positions(owner, height))
      holders.push_back({position.delegator, std::move(position)});
    return holders;
  }

  /// Tier positions that ended since the last reading.
  void add_former(const std::string& owner, std::vector<Holder>& holders) {
    for (Holder& former : holders_of(owner, from_->height)) {
      if (std::none_of(holders.begin(), holders.end(),
                       [&](const Holder& each) { return each.address == former.address; })) {
        former.tier->bonus = {};
        holders.push_back(std::move(former));
      }
    }
  }

  void tiers_agree(const std::string& owner, const std::vector<Holder>& holders) {
    std::vector<TierPosition> tiers;
    for (const Holder& holder : holders) {
      if (holder.tier) tiers.push_back(*holder.tier);
    }
    const auto found = contradictions(tiers, owner);
    if (!found.empty()) base::refuse(chain_.name() + ": tier positions", found.front());
  }

  const CosmosValidator& validator(const std::string& address, std::uint64_t height) {
    const auto key = std::pair(address, height);
    const auto known = validators_.find(key);
    if (known != validators_.end()) return known->second;
    return validators_.emplace(key, chain_.validator(address, height)).first->second;
  }

  PositionKey place(const std::string& delegator, const std::string& validator) const {
    PositionKey key = key_;
    key.place = validator.empty() ? delegator : delegator + "/" + validator;
    return key;
  }

  void positions(PositionReading& reading, const Holder& holder, const DelegatorState& state,
                 std::uint64_t height, time::Duration unbonding) {
    const std::string tier = holder.tier ? "tier position " + std::to_string(holder.tier->id) : "";
    for (const auto& [address, delegation] : state.delegations) {
      const CosmosValidator& at = validator(address, height);
      Position active{place(holder.address, address), PositionState::kActive, {}, delegation.tokens * unit_};
      active.detail = at.tombstoned ? "tombstoned" : at.jailed ? "jailed" : at.status;
      if (holder.tier) {
        active.detail += ", " + tier;
        if (holder.tier->exit_unlocks_at) active.due_at = *holder.tier->exit_unlocks_at + unbonding;
      }
      reading.positions.push_back(std::move(active));
      const Decimal whole = delegation.unclaimed.rounded(0, money::Rounding::kDown);
      reading.positions.push_back({place(holder.address, address),
                                   PositionState::kClaimable,
                                   {},
                                   whole * unit_,
                                   {},
                                   true,
                                   delegation.unclaimed.to_string() + " of the smallest unit"});
    }
    std::map<std::string, int> numbers;
    for (const UnbondingEntry& entry : state.unbondings) {
      std::string part = std::to_string(entry.creation_height);
      if (const int number = numbers[entry.validator + part]++; number > 0)
        part += "/" + std::to_string(number);
      reading.positions.push_back({place(holder.address, entry.validator), PositionState::kUnbonding, part,
                                   entry.balance * unit_, entry.completes_at, true,
                                   "of " + (entry.initial * unit_).to_string()});
    }
    if (!state.free.is_zero() || !holder.tier)
      reading.positions.push_back(
          {place(holder.address, ""), PositionState::kLiquid, {}, state.free * unit_, {}, true, tier});
    if (holder.tier && !holder.tier->bonus.is_zero())
      reading.positions.push_back({place(holder.address, ""),
                                   PositionState::kContingent,
                                   "tier_bonus",
                                   holder.tier->bonus * unit_,
                                   {},
                                   true,
                                   tier + ": a pool that may be short pays it"});
  }

  void alarms(const Holder& holder, const DelegatorState& state, const CosmosParameters& parameters) {
    Decimal delegated;
    for (const auto& [address, delegation] : state.delegations) delegated += delegation.tokens;
    if (holder.tier) {
      if (const auto differs = worth_difference(*holder.tier, delegated))
        alert("tier_position", holder.address, *differs);
    }
    for (const auto& [address, delegation] : state.delegations) {
      const CosmosValidator& at = validator(address, head_.height);
      const std::string subject = place(holder.address, address).place;
      measures::WatchedValidator watched;
      watched.place = subject;
      watched.jailed = at.jailed && !at.tombstoned;
      watched.tombstoned = at.tombstoned;
      for (const measures::Alarm& alarm : measures::alarms_of(watched, {}))
        alert(std::string(measures::describe(alarm.kind)), alarm.subject, alarm.detail);
      if (!at.jailed && !at.tombstoned && at.status != "bonded")
        alert("inactive", subject, "the validator is " + at.status + ": it earns nothing");
      const auto room =
          unbonding_room(state.unbondings, holder.address, address, parameters.max_entries, head_.at);
      if (room.left <= kRoomAlarm)
        alert("unbonding_entries", subject,
              std::to_string(room.used) + " of " + std::to_string(parameters.max_entries) +
                  " unbondings run" +
                  (room.frees_at ? ", a further one can begin after " + room.frees_at->to_string()
                                 : std::string()));
    }
  }

  /// Positions are believed without it: what is wrong with it is said, and plans go on with the set before.
  void validator_set(const CosmosParameters& parameters) {
    ValidatorQuestion asked{question_.source, question_.asset, question_.decimals, question_.history_days};
    asked.last = question_.last_set;
    if (!is_set_due(asked, head_)) return;
    try {
      CosmosValidatorList list = chain_.validators(head_.height);
      result_.validator_sets.push_back(read_validator_set(chain_, head_, list, parameters, asked));
      list_ = std::move(list);
      watch_signing(result_.validator_sets.back());
    } catch (const base::Refused& refused) {
      alert("validator_set", refused.refusal().where, refused.refusal().rule);
      add_detail(result_.run, "validators are not believed: " + std::string(refused.what()));
    } catch (const base::Unavailable& unavailable) {
      add_detail(result_.run, "validators were not read: " + std::string(unavailable.what()));
    }
  }

  /// Of the validators where the fund has stake: blocks of the chain's window that they did not sign.
  void watch_signing(const ValidatorSet& set) {
    for (const auto& [address, state] : states_) {
      for (const auto& [name, delegation] : state.delegations) {
        const ValidatorRecord* const record = set.find(name);
        if (record == nullptr || !record->signed_window) continue;
        measures::WatchedValidator watched;
        watched.place = place(address, name).place;
        watched.duties = *record->signed_window;
        watched.duties_missed = record->missed_blocks;
        for (const measures::Alarm& alarm : measures::alarms_of(watched, {}))
          alert(std::string(measures::describe(alarm.kind)), alarm.subject, alarm.detail);
      }
    }
  }

  void withdraw_address(const std::string& owner) {
    const std::string paid_to = chain_.withdraw_address(owner, head_.height);
    if (paid_to != owner && !own_.contains(paid_to))
      alert("withdraw_address", owner, "rewards are paid to another address: " + paid_to);
  }

  /// Whose positions the last reading has: each owner's coins stand in it, be there none.
  std::set<std::string> owners_then() const {
    std::set<std::string> owners;
    for (const Position& stored : question_.last->reading.positions)
      if (stored.state == PositionState::kLiquid && stored.detail.empty()) owners.insert(stored.key.place);
    return owners;
  }

  [[noreturn]] void told_otherwise(const std::string& where, const std::string& how) const {
    base::refuse(chain_.name() + ": height " + std::to_string(from_->height) + ": " + where,
                 "is told otherwise than when it was read: " + how + kSetAsideHint);
  }

  /// The node must still tell what it told of the state at which the last reading ended: all of it, and no
  /// more.
  void check_past() {
    const StateMark again = chain_.mark_at(from_->height);
    if (again.root != from_->root)
      base::refuse(chain_.name() + ": height " + std::to_string(from_->height),
                   std::string("has another app hash than when it was read") + kSetAsideHint);
    const std::set<std::string> owners = owners_then();
    const auto same_in = [](const std::vector<Position>& all, const Position& wanted) {
      return std::find_if(all.begin(), all.end(), [&](const Position& each) {
        return each.key == wanted.key && each.state == wanted.state && each.part == wanted.part;
      });
    };
    const auto says = [](const Position& position) {
      return position.amount.to_string() + " " + std::string(describe(position.state));
    };
    const std::vector<Position>& stored_then = question_.last->reading.positions;
    PositionReading past{Chain::kCronosPos, question_.source, *from_, true, {}, {}};
    for (const std::string& owner : question_.delegators) {
      PositionReading of_owner{Chain::kCronosPos, question_.source, *from_, true, {}, {}};
      for (const Holder& holder : holders_of(owner, from_->height))
        positions(of_owner, holder, chain_.delegator(holder.address, again), from_->height, {});
      for (Position& told : of_owner.positions) {
        // Of a delegator that was not configured then nothing was stored.
        if (owners.contains(owner) && told.state != PositionState::kContingent && told.amount.is_positive() &&
            same_in(stored_then, told) == stored_then.end())
          told_otherwise(told.key.place, "nothing then, " + says(told) + " now");
        past.positions.push_back(std::move(told));
      }
    }
    const bool all_are_asked = std::all_of(owners.begin(), owners.end(), [&](const std::string& owner) {
      return std::find(question_.delegators.begin(), question_.delegators.end(), owner) !=
             question_.delegators.end();
    });
    for (const Position& stored : stored_then) {
      if (stored.state == PositionState::kContingent) continue;
      const auto same = same_in(past.positions, stored);
      // A delegator that is configured no longer is not asked for.
      const bool is_asked =
          all_are_asked ||
          std::any_of(question_.delegators.begin(), question_.delegators.end(),
                      [&](const std::string& owner) { return stored.key.place.starts_with(owner); });
      if (same == past.positions.end() ? is_asked && stored.amount.is_positive()
                                       : same->amount != stored.amount)
        told_otherwise(stored.key.place, says(stored) + " then");
    }
  }

  /// Reads what holds now, and where it changed since the last reading the height of each change.
  void parameters() {
    std::map<std::string, std::string> known;
    for (const ParameterReading& reading : question_.known_parameters) {
      if (reading.source == question_.source) known[reading.name] = reading.value;
    }
    std::uint64_t low = from_ ? from_->height : head_.height;
    CosmosParameters held = chain_.parameters(low);
    store_parameters(held, low, known);
    const CosmosParameters last = chain_.parameters(head_.height);
    while (held != last) {
      std::uint64_t before = low;
      std::uint64_t after = head_.height;
      while (after - before > 1) {
        const std::uint64_t middle = before + (after - before) / 2;
        (chain_.parameters(middle) == held ? before : after) = middle;
      }
      held = chain_.parameters(after);
      low = after;
      store_parameters(held, low, known);
      alert("parameters", "height " + std::to_string(low), "parameters of staking changed");
    }
  }

  void store_parameters(const CosmosParameters& parameters, std::uint64_t height,
                        std::map<std::string, std::string>& known) {
    std::optional<StateMark> mark;
    for (const auto& [name, value] : named(parameters)) {
      std::string& last = known[name];
      if (last == value) continue;
      last = value;
      if (!mark) mark = height == head_.height ? head_ : chain_.mark_at(height);
      result_.parameters.push_back({Chain::kCronosPos, question_.source, name, value, *mark});
    }
  }

  void walk(const Holder& holder, const DelegatorState& closing) {
    const StateMark from = *from_;
    Walk walk{holder.address, chain_.delegator(holder.address, from), {}, closing, own_};
    std::set<std::uint64_t> heights;
    const auto add = [&](const std::vector<std::uint64_t>& found) {
      heights.insert(found.begin(), found.end());
    };
    add(chain_.busy_heights(holder.address, from.height + 1, head_.height));
    if (holder.tier) add(chain_.busy_heights(holder.tier->owner, from.height + 1, head_.height));
    std::map<std::string, std::string> addresses;
    const auto watch = [&](const std::string& validator_address, std::uint64_t height) {
      const CosmosValidator& at = validator(validator_address, height);
      if (at.consensus_address.empty() || !addresses.emplace(at.consensus_address, validator_address).second)
        return;
      add(chain_.slash_heights(at.consensus_address, from.height + 1, head_.height));
    };
    for (const DelegatorState* state : {&std::as_const(walk).opening, &closing}) {
      for (const auto& [name, delegation] : state->delegations) watch(name, state->mark.height);
      for (const UnbondingEntry& entry : state->unbondings) watch(entry.validator, state->mark.height);
      for (const RedelegationEntry& entry : state->redelegations) watch(entry.source, state->mark.height);
    }
    // Validators that came and went between are found in the blocks themselves.
    for (auto height = heights.begin(); height != heights.end(); ++height) {
      for (const CosmosFact& fact : chain_.facts(holder.address, *height, addresses).facts) {
        for (const std::string* name : {&fact.validator, &fact.destination}) {
          if (!name->empty()) watch(*name, *height);
        }
      }
    }
    for (const std::uint64_t height : heights) step(holder, height, addresses, walk);
    conclude(explain(walk, key_, question_.decimals), holder, walk);
  }

  void step(const Holder& holder, std::uint64_t height, const std::map<std::string, std::string>& addresses,
            Walk& walk) {
    BlockFacts block = chain_.facts(holder.address, height, addresses);
    for (const std::string& jailed : block.jailed)
      alert("jailed", holder.address + "/" + jailed, "jailed in block " + std::to_string(height));
    for (const std::string& doubt : block.doubts) alert("not_proven", holder.address, doubt);
    if (block.facts.empty()) return;
    WalkStep step;
    step.facts = std::move(block.facts);
    const DelegatorState& last = walk.steps.empty() ? walk.opening : walk.steps.back().after;
    step.before =
        last.mark.height == height - 1 ? last : chain_.delegator(holder.address, chain_.mark_at(height - 1));
    step.after =
        height == head_.height ? walk.closing : chain_.delegator(holder.address, chain_.mark_at(height));
    for (const CosmosFact& fact : step.facts) {
      if (fact.act == CosmosAct::kClaim && is_paid_away(walk, fact.counterparty))
        alert("claim_paid_away", holder.address + "/" + fact.validator,
              (fact.amount * unit_).to_string() + " " + question_.asset.value() + " were paid to " +
                  fact.counterparty + " in block " + std::to_string(height));
      if (fact.act == CosmosAct::kSlash)
        alert("slashed", holder.address + "/" + fact.validator,
              "slashed in block " + std::to_string(height) + ": " + fact.reason);
      if (fact.act != CosmosAct::kClaim || step.due.contains(fact.validator)) continue;
      const auto state = chain_.reward_state(holder.address, fact.validator, height - 1);
      if (!state) continue;
      const auto allocated = block.allocated.find(fact.validator);
      const auto due = unclaimed(*state, allocated == block.allocated.end() ? Decimal{} : allocated->second);
      if (due) step.due[fact.validator] = *due;
    }
    walk.steps.push_back(std::move(step));
  }

  void conclude(WalkResult explained, const Holder& holder, const Walk& walk) {
    for (StakingEvent& event : explained.events) result_.events.push_back(std::move(event));
    for (RollForward& roll : explained.roll_forwards) {
      // A tier position has no bank of its own worth a line.
      const bool is_empty = roll.opening.is_zero() && roll.closing.is_zero() && roll.lines.empty();
      if (!is_empty) result_.roll_forwards.push_back(std::move(roll));
    }
    for (const std::string& doubt : explained.doubts) alert("not_proven", holder.address, doubt);
    for (const auto& [name, delegation] : walk.closing.delegations) {
      const auto state = chain_.reward_state(holder.address, name, walk.closing.mark.height);
      const std::string subject = holder.address + "/" + name;
      if (!state) {
        alert("not_proven", subject, "rewards were not recomputed: the node does not show its stores");
        continue;
      }
      const auto again = unclaimed(*state);
      if (again.has_error() || *again != delegation.unclaimed)
        alert("rewards_differ", subject,
              "the node says " + delegation.unclaimed.to_string() + ", its stores come to " +
                  (again.has_error() ? std::string(describe(again.error())) : again->to_string()) +
                  " at height " + std::to_string(walk.closing.mark.height));
    }
  }

  CosmosChain& chain_;
  const CosmosSyncQuestion& question_;
  PositionKey key_;
  Decimal unit_;
  StateMark head_;
  std::optional<StateMark> from_;
  std::map<std::pair<std::string, std::uint64_t>, CosmosValidator> validators_;
  std::map<std::string, DelegatorState> states_;
  std::set<std::string> own_;  ///< addresses of the fund
  std::optional<CosmosValidatorList> list_;
  SyncResult result_;
};

/// What is told differently, or "".
std::string difference(const DelegatorState& a, const DelegatorState& b) {
  if (a.mark.root != b.mark.root) return "the app hash";
  if (a.free != b.free) return "the balance";
  if (a.unbondings != b.unbondings) return "unbondings";
  if (a.redelegations != b.redelegations) return "redelegations";
  if (a.delegations.size() != b.delegations.size()) return "delegations";
  for (const auto& [name, delegation] : a.delegations) {
    const auto other = b.delegations.find(name);
    if (other == b.delegations.end() || other->second.shares != delegation.shares ||
        other->second.tokens != delegation.tokens)
      return "the delegation to " + name;
    if (other->second.unclaimed != delegation.unclaimed) return "the rewards of " + name;
  }
  return "";
}

/// What one of the others tells otherwise of the state that was read, or "". Throws as the node does.
std::string difference(CosmosChain& other, const Sync& sync) {
  const StateMark mark = other.mark_at(sync.head().height);
  for (const auto& [address, state] : sync.states()) {
    const std::string what = difference(state, other.delegator(address, mark));
    if (!what.empty()) return what + " of " + address;
  }
  if (sync.list() && *sync.list() != other.validators(mark.height)) return "the chain's validators";
  return "";
}

/// Why a node could not be compared, where it is that it lags, or "".
std::string lag(CosmosChain& other, std::uint64_t read) {
  try {
    const std::uint64_t newest = other.head().height;
    if (newest >= read) return "";
    return other.name() + " lags: its newest state is " + std::to_string(newest) + ", read was " +
           std::to_string(read);
  } catch (const std::exception&) {
    return "";  // it answers as little as before
  }
}

void compare(CosmosChain& reader, CosmosChain& other, const Sync& sync, const std::string& source,
             SyncResult& result) {
  const auto not_compared = [&](const std::string& why) {
    const std::string behind = lag(other, sync.head().height);
    add_detail(result.run, "not compared: " + (behind.empty() ? why : behind));
    return behind.empty();
  };
  std::string what;
  try {
    what = difference(other, sync);
  } catch (const base::Unavailable& unavailable) {
    not_compared(unavailable.what());
  } catch (const base::Refused& refused) {
    if (not_compared(refused.what()))
      result.alerts.push_back({source, "not_believed", refused.refusal().where, refused.refusal().rule});
  }
  if (!what.empty())
    base::refuse(reader.name() + " and " + other.name(),
                 "tell otherwise of " + what + " at height " + std::to_string(sync.head().height));
}

}  // namespace

SyncResult sync_cosmos(const std::vector<std::unique_ptr<CosmosChain>>& chains,
                       const CosmosSyncQuestion& question) {
  ENSURE(!chains.empty());
  SyncRun trouble;  // of the nodes before the one that is read
  std::vector<Alert> alerts;
  std::optional<base::Refused> refused;
  std::vector<CosmosChain*> others;  // to compare with
  for (std::size_t i = 0; i < chains.size(); ++i) {
    CosmosChain& chain = *chains[i];
    Sync sync(chain, question);
    SyncResult result;
    try {
      result = sync.run();
    } catch (const base::Unavailable& unavailable) {
      add_detail(trouble, unavailable.what());
      continue;
    } catch (const base::Refused& failure) {
      if (!refused) refused = failure;
      add_detail(trouble, failure.what());
      alerts.push_back({question.source, "not_believed", failure.refusal().where, failure.refusal().rule});
      continue;
    }
    if (result.readings.empty()) {  // nothing new: another may be further
      others.push_back(&chain);
      continue;
    }
    result.run.detail = trouble.detail + (trouble.detail.empty() || result.run.detail.empty() ? "" : "; ") +
                        result.run.detail;
    result.alerts.insert(result.alerts.end(), alerts.begin(), alerts.end());
    for (std::size_t next = i + 1; next < chains.size(); ++next) others.push_back(chains[next].get());
    for (CosmosChain* other : others) compare(chain, *other, sync, question.source, result);
    return result;
  }
  if (others.empty() && refused) throw *refused;
  if (others.empty()) throw base::Unavailable(trouble.detail);
  SyncResult nothing_new;
  nothing_new.run.detail = trouble.detail;
  nothing_new.alerts = alerts;
  return nothing_new;
}

}  // namespace navkeeper::staking
