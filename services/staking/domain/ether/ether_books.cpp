#include "services/staking/domain/ether/ether_books.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "common/base/ensure.h"
#include "services/staking/domain/ether/slashing.h"

namespace navkeeper::staking::ether {
namespace {

using money::Decimal;

constexpr int kGweiDecimals = 9;

Gwei gwei_of(std::int64_t positive) { return static_cast<Gwei>(positive); }

class Bookkeeper {
 public:
  Bookkeeper(const std::string& source, const model::AssetId& asset, const EtherReading& from,
             const EtherReading& to, const EtherFlows& flows)
      : source_(source), asset_(asset), from_(from), to_(to), flows_(flows) {
    for (const OwnValidator& one : from.validators) before_[one.validator.index] = &one;
    for (const OwnValidator& one : to.validators) after_[one.validator.index] = &one;
  }

  EtherBooks keep() {
    for (const OwnValidator& one : to_.validators) open(one);
    for (const OwnValidator& one : from_.validators) {
      if (!after_.contains(one.validator.index))
        note("missing", std::to_string(one.validator.index),
             "was at the earlier state and is not at this one");
    }
    book_withdrawals();
    book_pending();
    book_consolidations();
    if (flows_.types_told) book_types();
    for (const OwnValidator& one : to_.validators) close(one);
    std::sort(books_.events.begin(), books_.events.end(), [](const StakingEvent& a, const StakingEvent& b) {
      return std::tie(a.key.place, a.mark.height, a.id) < std::tie(b.key.place, b.mark.height, b.id);
    });
    roll_forward_all();
    return std::move(books_);
  }

 private:
  void open(const OwnValidator& one) {
    const auto found = before_.find(one.validator.index);
    Interval& interval = books_.intervals[one.validator.index];
    interval.opening = found == before_.end() ? 0 : found->second->validator.balance;
    interval.closing = one.validator.balance;
    if (found == before_.end()) return;
    const OwnValidator& was = *found->second;
    if (was.pubkey != one.pubkey)
      note("contradiction", std::to_string(one.validator.index), "its public key changed");
    if (was.pays_to != one.pays_to)
      note("withdrawal_address_changed", std::to_string(one.validator.index),
           "from " + (was.pays_to.empty() ? std::string("none") : was.pays_to) + " to " + one.pays_to);
    if (!was.validator.slashed && one.validator.slashed)
      note("slashed", std::to_string(one.validator.index),
           "withdrawable in epoch " + std::to_string(one.validator.withdrawable_epoch));
  }

  void book_withdrawals() {
    std::map<std::uint64_t, std::vector<PendingPartial>> queues;
    for (const PendingPartial& one : from_.partials) queues[one.index].push_back(one);
    for (const SeenWithdrawal& seen : flows_.withdrawals) {
      const auto own = after_.find(seen.validator);
      if (own == after_.end() || !inside(seen.slot)) continue;
      const Validator& validator = own->second->validator;
      const Epoch epoch = seen.slot / kSlotsPerEpoch;
      Interval& interval = books_.intervals[seen.validator];
      EventKind kind = EventKind::kWithdrawalSweep;
      auto& queue = queues[seen.validator];
      if (validator.withdrawable_epoch <= epoch) {
        kind = EventKind::kWithdrawalFull;
        interval.withdrawn_whole += seen.amount;
      } else if (!queue.empty() && queue.front().withdrawable_epoch <= epoch &&
                 seen.amount <= queue.front().amount) {
        kind = EventKind::kWithdrawalPartial;
        interval.withdrawn_partly += seen.amount;
        queue.erase(queue.begin());
      } else {
        interval.swept += seen.amount;
      }
      add(std::to_string(seen.validator), kind, seen.slot, seen.amount, own->second->pays_to,
          std::to_string(seen.number));
    }
  }

  /// The pending account of each public key: what left the queue was applied, or lost where no validator is.
  void book_pending() {
    std::set<std::string> keys;
    for (const auto* reading : {&from_, &to_}) {
      for (const PendingDeposit& one : reading->deposits) keys.insert(one.pubkey);
    }
    for (const SeenDeposit& one : flows_.deposits) keys.insert(one.pubkey);
    for (const std::string& pubkey : keys) book_pending_of(pubkey);
  }

  void book_pending_of(const std::string& pubkey) {
    const auto own = std::find_if(to_.validators.begin(), to_.validators.end(),
                                  [&](const OwnValidator& one) { return one.pubkey == pubkey; });
    const bool exists = own != to_.validators.end();
    const std::string place = exists ? std::to_string(own->validator.index) : pubkey;
    Pending& account = pending_[place];
    const auto sums = [&](const EtherReading& reading) {
      std::pair<Gwei, Gwei> sum{0, 0};  // all, and those of slot 0
      for (const PendingDeposit& one : reading.deposits) {
        if (one.pubkey != pubkey) continue;
        sum.first += one.amount;
        if (one.slot == 0) sum.second += one.amount;
      }
      return sum;
    };
    const auto [opening, opening_moved] = sums(from_);
    const auto [closing, closing_moved] = sums(to_);
    account.opening += opening;
    account.closing += closing;
    Gwei submitted = 0;
    for (const SeenDeposit& seen : flows_.deposits) {
      if (seen.pubkey != pubkey || !inside(seen.slot)) continue;
      submitted += seen.amount;
      add(place, EventKind::kDepositSubmitted, seen.slot, seen.amount, "", std::to_string(seen.number));
    }
    // A switch to compounding moves what lies above 32 ether into the queue, with slot 0 and no transaction.
    const Gwei moved = exists && closing_moved > opening_moved ? closing_moved - opening_moved : 0;
    if (moved > 0) {
      books_.intervals[own->validator.index].moved_to_pending += moved;
      add(place, EventKind::kMovedToPending, to_.mark.height, moved, "switch to compounding");
    }
    if (opening + submitted + moved < closing) {
      note("contradiction", place, "more waits in the queue of deposits than was there and came");
      return;
    }
    const Gwei left = opening + submitted + moved - closing;
    if (left == 0) return;
    if (exists) {
      books_.intervals[own->validator.index].deposited += left;
      add(place, EventKind::kDepositApplied, to_.mark.height, left, "");
    } else {
      note("deposit_lost", pubkey, ether_of(left).to_string() + " left the queue and made no validator");
      add(place, EventKind::kDepositLost, to_.mark.height, left, "bad signature");
    }
  }

  /// An entry that left the queue moved min(balance, effective) of its source, which earned nothing since
  /// long before; a slashed source moves nothing.
  void book_consolidations() {
    auto left = to_.consolidations;
    for (const PendingConsolidation& pending : from_.consolidations) {
      const auto still = std::find(left.begin(), left.end(), pending);
      if (still != left.end()) {
        left.erase(still);
        continue;
      }
      const auto source = before_.find(pending.source);
      const auto target = after_.find(pending.target);
      if (source == before_.end()) {
        note("foreign_consolidation", std::to_string(pending.target),
             "validator " + std::to_string(pending.source) + ", not the fund's, was merged into it");
        continue;
      }
      const Validator& was = source->second->validator;
      const auto now = after_.find(pending.source);
      if (now != after_.end() && now->second->validator.slashed) continue;
      const Gwei amount = std::min(was.balance, was.effective);
      books_.intervals[pending.source].consolidated_out += amount;
      add(std::to_string(pending.source), EventKind::kConsolidationOut, to_.mark.height, amount,
          "into " + std::to_string(pending.target));
      if (target == after_.end()) {
        note("foreign_consolidation", std::to_string(pending.source),
             "it was merged into validator " + std::to_string(pending.target) + ", not the fund's");
        continue;
      }
      books_.intervals[pending.target].consolidated_in += amount;
      add(std::to_string(pending.target), EventKind::kConsolidationIn, to_.mark.height, amount,
          "of " + std::to_string(pending.source), std::to_string(pending.source));
    }
  }

  void book_types() {
    for (const SeenAttestation& seen : flows_.attestations) {
      const auto found = books_.intervals.find(seen.validator);
      if (found == books_.intervals.end()) continue;
      found->second.attestation += seen.head + seen.target + seen.source;
      found->second.inactivity += seen.inactivity;
    }
    for (const SeenSync& seen : flows_.syncs) {
      if (const auto found = books_.intervals.find(seen.validator);
          found != books_.intervals.end() && inside(seen.slot))
        found->second.sync += seen.reward;
    }
    for (const SeenProposal& seen : flows_.proposals) {
      const auto found = books_.intervals.find(seen.validator);
      if (found == books_.intervals.end() || !inside(seen.slot)) continue;
      found->second.proposal += seen.attestations + seen.sync_aggregate;
      found->second.slashing_report += seen.slashings;
      const std::string place = std::to_string(seen.validator);
      add(place, EventKind::kRewardProposal, seen.slot, seen.attestations + seen.sync_aggregate, "");
      add(place, EventKind::kRewardSlashingReport, seen.slot, seen.slashings, "");
    }
  }

  void close(const OwnValidator& one) {
    Interval& interval = books_.intervals[one.validator.index];
    const std::string place = std::to_string(one.validator.index);
    if (!flows_.types_told) {
      add_signed(place, EventKind::kRewardUnsplit, interval.income(), "unsplit");
      return;
    }
    book_slashing(one, interval);
    add_signed(place, EventKind::kRewardAttestation, interval.attestation, "attestation");
    add_signed(place, EventKind::kRewardAttestation, interval.inactivity, "inactivity");
    add_signed(place, EventKind::kRewardSync, interval.sync, "sync");
  }

  /// The initial penalty is what the rules say of the effective balance before; the correlation penalty,
  /// which needs all slashings of the chain, is what is left in the one interval in which it can fall.
  void book_slashing(const OwnValidator& one, Interval& interval) {
    const Validator& now = one.validator;
    if (!now.slashed) return;
    const std::string place = std::to_string(now.index);
    const auto was = before_.find(now.index);
    if (was != before_.end() && !was->second->validator.slashed) {
      const Gwei initial = initial_penalty(rules_of(to_.fork), was->second->validator.effective);
      interval.slashed += initial;
      add(place, EventKind::kSlashing, to_.mark.height, initial, "initial", "initial");
    }
    const Epoch falls = correlation_epoch(now.withdrawable_epoch) + 1;  // at the end of that epoch
    if (from_.epoch() < falls && falls <= to_.epoch() && interval.difference() < 0) {
      const Gwei rest = gwei_of(-interval.difference());
      interval.slashed += rest;
      add(place, EventKind::kSlashing, to_.mark.height, rest, "correlation", "correlation");
    }
  }

  void roll_forward_all() {
    std::map<std::string, std::vector<StakingEvent>> by_place;
    for (const StakingEvent& event : books_.events) by_place[event.key.place].push_back(event);
    for (const auto& [index, interval] : books_.intervals) {
      const std::string place = std::to_string(index);
      books_.roll_forwards.push_back(roll_forward(key(place), Account::kStake, from_.mark,
                                                  ether_of(interval.opening), to_.mark,
                                                  ether_of(interval.closing), by_place[place]));
    }
    for (const auto& [place, account] : pending_)
      books_.roll_forwards.push_back(roll_forward(key(place), Account::kPending, from_.mark,
                                                  ether_of(account.opening), to_.mark,
                                                  ether_of(account.closing), by_place[place]));
  }

  bool inside(Slot slot) const { return from_.mark.height < slot && slot <= to_.mark.height; }
  PositionKey key(const std::string& place) const { return {Chain::kEthereum, source_, place, asset_}; }

  void add(const std::string& place, EventKind kind, Slot slot, Gwei amount, std::string detail,
           std::string_view tail = "") {
    if (amount == 0) return;
    // A slot's time follows from the two states': slots are evenly long.
    StateMark mark{slot, slot == to_.mark.height ? to_.mark.root : std::string(), to_.mark.at};
    if (to_.mark.height > from_.mark.height) {
      const auto per_slot =
          (to_.mark.at - from_.mark.at).ns() / static_cast<std::int64_t>(to_.mark.height - from_.mark.height);
      mark.at =
          to_.mark.at - time::Duration::from_ns(per_slot) * static_cast<std::int64_t>(to_.mark.height - slot);
    }
    const PositionKey of = key(place);
    books_.events.push_back(
        {event_id(of, kind, slot, tail), of, kind, ether_of(amount), std::move(mark), std::move(detail)});
  }

  void add_signed(const std::string& place, EventKind kind, std::int64_t amount, const std::string& type) {
    if (amount >= 0)
      add(place, kind, to_.mark.height, gwei_of(amount), type);
    else
      add(place, EventKind::kPenalty, to_.mark.height, gwei_of(-amount), type, type);
  }

  void note(std::string kind, std::string subject, std::string detail) {
    books_.notes.push_back({std::move(kind), std::move(subject), std::move(detail)});
  }

  struct Pending {
    Gwei opening = 0;
    Gwei closing = 0;
  };
  const std::string& source_;
  const model::AssetId& asset_;
  const EtherReading& from_;
  const EtherReading& to_;
  const EtherFlows& flows_;
  std::map<std::uint64_t, const OwnValidator*> before_;
  std::map<std::uint64_t, const OwnValidator*> after_;
  std::map<std::string, Pending> pending_;
  EtherBooks books_;
};

}  // namespace

Decimal ether_of(Gwei gwei) { return Decimal::of(static_cast<money::Int128>(gwei), kGweiDecimals); }

std::optional<std::pair<Epoch, Epoch>> credited_epochs(Slot from, Slot to) {
  // Epoch e is credited in the transition into epoch e + 2.
  const Epoch first_into = from / kSlotsPerEpoch + 1;
  const Epoch last_into = to / kSlotsPerEpoch;
  if (last_into < first_into || last_into < 2) return std::nullopt;
  return std::pair{first_into < 2 ? 0 : first_into - 2, last_into - 2};
}

EtherBooks keep_books(const std::string& source, const model::AssetId& asset, const EtherReading& from,
                      const EtherReading& to, const EtherFlows& flows) {
  ENSURE(from.mark.height <= to.mark.height && to.epoch() - from.epoch() <= kActiveBeforeExit);
  return Bookkeeper(source, asset, from, to, flows).keep();
}

std::vector<Position> positions_of(const std::string& source, const model::AssetId& asset,
                                   const EtherReading& reading,
                                   const std::function<std::optional<time::Instant>(Epoch)>& time_of) {
  std::vector<Position> positions;
  const auto key = [&](std::string place) {
    return PositionKey{Chain::kEthereum, source, std::move(place), asset};
  };
  for (const OwnValidator& one : reading.validators) {
    const Validator& v = one.validator;
    const std::string place = std::to_string(v.index);
    Gwei rest = v.balance;
    std::size_t number = 0;
    for (const PendingPartial& partial : reading.partials) {
      if (partial.index != v.index) continue;
      // Pays what lies above 32 ether, and nothing once the validator has begun to leave.
      const Gwei above = v.exit_epoch == kFarFuture && rest > kMinActivation ? rest - kMinActivation : 0;
      const Gwei amount = std::min(above, partial.amount);
      ++number;
      if (amount == 0) continue;
      rest -= amount;
      positions.push_back({key(place), PositionState::kUnbonding, "partial " + std::to_string(number),
                           ether_of(amount), time_of(partial.withdrawable_epoch), true,
                           "partial withdrawal"});
    }
    const ValidatorStatus status = status_at(v, reading.epoch());
    const PositionState state = position_state(status);
    Position whole{key(place), state, "", ether_of(rest), std::nullopt, true, std::string(describe(status))};
    if (v.withdrawable_epoch != kFarFuture) whole.due_at = time_of(v.withdrawable_epoch);
    positions.push_back(std::move(whole));
  }
  std::map<std::string, std::size_t> numbers;
  for (const PendingDeposit& deposit : reading.deposits) {
    const auto own = std::find_if(reading.validators.begin(), reading.validators.end(),
                                  [&](const OwnValidator& one) { return one.pubkey == deposit.pubkey; });
    const std::string place =
        own == reading.validators.end() ? deposit.pubkey : std::to_string(own->validator.index);
    positions.push_back({key(place), PositionState::kPending, "deposit " + std::to_string(++numbers[place]),
                         ether_of(deposit.amount), std::nullopt, true,
                         deposit.slot == 0 ? "moved by a switch to compounding" : "pending deposit"});
  }
  return positions;
}

}  // namespace navkeeper::staking::ether
