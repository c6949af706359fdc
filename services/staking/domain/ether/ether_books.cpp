#include "services/staking/domain/ether/ether_books.h"

#include <algorithm>
#include <deque>
#include <map>
#include <span>
#include <tuple>
#include <unordered_map>

#include "common/base/ensure.h"
#include "services/staking/domain/ether/slashing.h"

namespace navkeeper::staking::ether {
namespace {

using money::Decimal;

constexpr int kGweiDecimals = 9;
constexpr int kWeiDecimals = 18;

Gwei gwei_of(std::int64_t positive) { return static_cast<Gwei>(positive); }

class Bookkeeper {
 public:
  Bookkeeper(const std::string& source, const model::AssetId& asset, const EtherReading& from,
             const EtherReading& to, const EtherFlows& flows)
      : key_{Chain::kEthereum, source, "", asset}, from_(from), to_(to), flows_(flows) {
    if (to.mark.height > from.mark.height)
      per_slot_ = time::Duration::from_ns((to.mark.at - from.mark.at).ns() /
                                          static_cast<std::int64_t>(to.mark.height - from.mark.height));
  }

  EtherBooks keep() {
    open_all();
    for (const SeenTips& seen : flows_.tips) {
      if (seen.balance && inside(seen.block.slot)) received_[seen.block.slot];
    }
    book_withdrawals();
    book_pending();
    if (flows_.types_told) book_types();
    book_consolidations();
    for (const SeenTips& seen : flows_.tips) book_tips(seen);
    close_all();
    for (const SeenTips& seen : flows_.tips) roll_recipient(seen);
    return std::move(books_);
  }

 private:
  struct Row {
    const OwnValidator* was;  ///< at the earlier state; null: it was not there
    const OwnValidator* now;
    std::string place;
    std::size_t number;  ///< in rows_
    Interval& interval;  ///< in books_.intervals
    Gwei pending_opening = 0;
    Gwei pending_closing = 0;
    bool has_pending = false;
  };
  /// Deposits of one public key: what waited at both states, what of it a switch had moved, what came.
  struct Waiting {
    Gwei opening = 0, opening_moved = 0;
    Gwei closing = 0, closing_moved = 0;
    std::vector<const SeenDeposit*> submitted;
  };
  /// A public key that no validator has.
  struct Unborn {
    std::string pubkey;
    Gwei opening = 0;
    Gwei closing = 0;
  };

  /// Both lists are by index.
  void open_all() {
    rows_.reserve(to_.validators.size());
    books_.intervals.reserve(to_.validators.size());  // rows point into it
    auto was = from_.validators.begin();
    const auto missing = [&] {
      note("missing", std::to_string(was->validator.index),
           "was at the earlier state and is not at this one");
      ++was;
    };
    for (const OwnValidator& one : to_.validators) {
      ENSURE(rows_.empty() || rows_.back().now->validator.index < one.validator.index);
      while (was != from_.validators.end() && was->validator.index < one.validator.index) missing();
      Interval& interval = books_.intervals.emplace_back(one.validator.index, Interval{}).second;
      rows_.push_back({nullptr, &one, std::to_string(one.validator.index), rows_.size(), interval});
      Row& row = rows_.back();
      if (was != from_.validators.end() && was->validator.index == one.validator.index) row.was = &*was++;
      open(row);
    }
    while (was != from_.validators.end()) missing();
  }

  void open(Row& row) {
    row.interval.opening = row.was == nullptr ? 0 : row.was->validator.balance;
    row.interval.closing = row.now->validator.balance;
    if (row.was == nullptr) return;
    if (row.was->pubkey != row.now->pubkey) note("contradiction", row.place, "its public key changed");
    if (row.was->pays_to != row.now->pays_to)
      note("withdrawal_address_changed", row.place,
           "from " + (row.was->pays_to.empty() ? std::string("none") : row.was->pays_to) + " to " +
               row.now->pays_to);
  }

  /// Null where the validator is not the fund's. What is asked one after another is mostly by index.
  Row* row_of(std::uint64_t index) {
    const auto is = [&](std::size_t at) {
      return at < rows_.size() && rows_[at].now->validator.index == index;
    };
    if (!is(next_)) {
      const auto found = std::lower_bound(
          rows_.begin(), rows_.end(), index,
          [](const Row& row, std::uint64_t wanted) { return row.now->validator.index < wanted; });
      next_ = static_cast<std::size_t>(found - rows_.begin());
      if (!is(next_)) return nullptr;
    }
    return &rows_[next_++];
  }

  void book_withdrawals() {
    std::map<std::uint64_t, std::deque<PendingPartial>> queues;
    for (const PendingPartial& one : from_.partials) queues[one.index].push_back(one);
    for (const SeenWithdrawal& seen : flows_.withdrawals) {
      Row* const row = row_of(seen.validator);
      if (row == nullptr || !inside(seen.slot)) continue;
      const Epoch epoch = seen.slot / kSlotsPerEpoch;
      const auto asked = queues.find(seen.validator);
      EventKind kind = EventKind::kWithdrawalSweep;
      if (row->now->validator.withdrawable_epoch <= epoch) {
        kind = EventKind::kWithdrawalFull;
        row->interval.withdrawn_whole += seen.amount;
      } else if (asked != queues.end() && !asked->second.empty() &&
                 asked->second.front().withdrawable_epoch <= epoch &&
                 seen.amount <= asked->second.front().amount) {
        kind = EventKind::kWithdrawalPartial;
        row->interval.withdrawn_partly += seen.amount;
        asked->second.pop_front();
      } else {
        row->interval.swept += seen.amount;
      }
      if (const auto block = received_.find(seen.slot); block != received_.end())
        block->second[row->now->pays_to][kind] += ether_of(seen.amount);
      add(*row, kind, seen.slot, seen.amount, row->now->pays_to, std::to_string(seen.number));
    }
  }

  /// The pending account of each public key: what left the queue was applied, or lost where no validator is.
  void book_pending() {
    std::map<std::string_view, Waiting> all;
    for (const PendingDeposit& one : from_.deposits) {
      all[one.pubkey].opening += one.amount;
      if (one.slot == 0) all[one.pubkey].opening_moved += one.amount;
    }
    for (const PendingDeposit& one : to_.deposits) {
      all[one.pubkey].closing += one.amount;
      if (one.slot == 0) all[one.pubkey].closing_moved += one.amount;
    }
    for (const SeenDeposit& one : flows_.deposits) {
      Waiting& waiting = all[one.pubkey];
      if (inside(one.slot)) waiting.submitted.push_back(&one);
    }
    if (all.empty()) return;
    std::unordered_map<std::string_view, Row*> by_key;
    by_key.reserve(rows_.size());
    for (Row& row : rows_) by_key.emplace(row.now->pubkey, &row);
    for (const auto& [pubkey, waiting] : all) {
      const auto found = by_key.find(pubkey);
      if (found == by_key.end())
        book_unborn(std::string(pubkey), waiting);
      else
        book_pending_of(*found->second, waiting);
    }
  }

  void book_pending_of(Row& row, const Waiting& waiting) {
    row.has_pending = true;
    row.pending_opening = waiting.opening;
    row.pending_closing = waiting.closing;
    Gwei submitted = 0;
    for (const SeenDeposit* seen : waiting.submitted) {
      submitted += seen->amount;
      add(row, EventKind::kDepositSubmitted, seen->slot, seen->amount, "", std::to_string(seen->number));
    }
    // A switch to compounding moves what lies above 32 ether into the queue, with slot 0 and no transaction.
    const Gwei moved =
        waiting.closing_moved > waiting.opening_moved ? waiting.closing_moved - waiting.opening_moved : 0;
    row.interval.moved_to_pending += moved;
    add(row, EventKind::kMovedToPending, to_.mark.height, moved, "switch to compounding");
    const auto left = left_of(row.place, waiting, submitted + moved);
    if (!left) return;
    row.interval.deposited += *left;
    add(row, EventKind::kDepositApplied, to_.mark.height, *left, "");
  }

  void book_unborn(std::string pubkey, const Waiting& waiting) {
    const std::size_t order = rows_.size() + unborn_.size();
    unborn_.push_back({std::move(pubkey), waiting.opening, waiting.closing});
    const std::string& place = unborn_.back().pubkey;
    Gwei submitted = 0;
    for (const SeenDeposit* seen : waiting.submitted) {
      submitted += seen->amount;
      add(order, place, EventKind::kDepositSubmitted, seen->slot, seen->amount, "",
          std::to_string(seen->number));
    }
    const auto left = left_of(place, waiting, submitted);
    if (!left || *left == 0) return;
    note("bad_deposit", place,
         "a first deposit of " + ether_of(*left).to_string() +
             " left the queue and made no validator: its signature was not accepted, it is lost");
    add(order, place, EventKind::kDepositLost, to_.mark.height, *left, "bad signature");
  }

  /// What left the queue; nothing where more waits than there can.
  std::optional<Gwei> left_of(const std::string& place, const Waiting& waiting, Gwei came) {
    if (waiting.opening + came >= waiting.closing) return waiting.opening + came - waiting.closing;
    note("contradiction", place, "more waits in the queue of deposits than was there and came");
    return std::nullopt;
  }

  /// An entry that left the queue moved min(balance, effective) of its source; a slashed one moves nothing.
  void book_consolidations() {
    auto left = to_.consolidations;
    for (const PendingConsolidation& pending : from_.consolidations) {
      const auto still = std::find(left.begin(), left.end(), pending);
      if (still != left.end()) {
        left.erase(still);
        continue;
      }
      Row* const source = row_of(pending.source);
      Row* const target = row_of(pending.target);
      if (source == nullptr || source->was == nullptr) {
        note("foreign_consolidation", std::to_string(pending.target),
             "validator " + std::to_string(pending.source) + ", not the fund's, was merged into it");
        continue;
      }
      if (source->now->validator.slashed) continue;
      const Gwei amount = moved_out_of(*source);
      source->interval.consolidated_out += amount;
      add(*source, EventKind::kConsolidationOut, to_.mark.height, amount,
          "into " + std::to_string(pending.target));
      if (target == nullptr) {
        note("foreign_consolidation", source->place,
             "it was merged into validator " + std::to_string(pending.target) + ", not the fund's");
        continue;
      }
      target->interval.consolidated_in += amount;
      add(*target, EventKind::kConsolidationIn, to_.mark.height, amount, "of " + source->place,
          source->place);
    }
  }

  /// Of the earlier state. It has left its duties, but may sit on a sync committee still, or be a target
  /// itself just before: where that leaves a difference, what the source misses, at most what can have been
  /// effective. The target must bear it out.
  Gwei moved_out_of(const Row& source) const {
    const Validator& was = source.was->validator;
    const Gwei expected = std::min(was.balance, was.effective);
    const std::int64_t missing = -source.interval.difference();
    if (!flows_.types_told || missing <= 0 ||
        gwei_of(missing) > was.effective + source.interval.consolidated_in + source.interval.deposited)
      return expected;
    return gwei_of(missing);
  }

  void book_types() {
    for (const SeenAttestation& seen : flows_.attestations) {
      Row* const row = row_of(seen.validator);
      if (row == nullptr) continue;
      row->interval.attestation += seen.head + seen.target + seen.source;
      row->interval.inactivity += seen.inactivity;
    }
    for (const SeenSync& seen : flows_.syncs) {
      Row* const row = row_of(seen.validator);
      if (row != nullptr && inside(seen.slot)) row->interval.sync += seen.reward;
    }
    for (const SeenProposal& seen : flows_.proposals) {
      Row* const row = row_of(seen.validator);
      if (row == nullptr || !inside(seen.slot)) continue;
      row->interval.proposal += seen.attestations + seen.sync_aggregate;
      row->interval.slashing_report += seen.slashings;
      add(*row, EventKind::kRewardProposal, seen.slot, seen.attestations + seen.sync_aggregate, "");
      add(*row, EventKind::kRewardSlashingReport, seen.slot, seen.slashings, "");
    }
  }

  /// As the fee recipient received it. It moves nothing in the validator's balance.
  void book_tips(const SeenTips& seen) {
    const OwnBlock& block = seen.block;
    Row* const row = row_of(block.validator);
    if (row == nullptr || !inside(block.slot)) return;
    if (seen.recipient.empty())
      note("wrong_fee_recipient", row->place,
           "its block of slot " + std::to_string(block.slot) + " pays its tips to " + block.fee_recipient +
               ", and nothing in it pays an address of the fund");
    add_coins(row->number, row->place, EventKind::kRewardTips, block.slot,
              Decimal::of(seen.tips, kWeiDecimals), seen.recipient);
    add_coins(row->number, row->place, EventKind::kRewardMev, block.slot, Decimal::of(seen.mev, kWeiDecimals),
              seen.recipient + " in " + seen.transaction);
    if (!seen.recipient.empty() && !seen.balance)
      note("not_proven", seen.recipient,
           "the execution node does not keep the states around our blocks: what was received rests on its "
           "receipts alone");
  }

  /// The recipient's balance over the block: what is not explained came or went inside a contract.
  void roll_recipient(const SeenTips& seen) {
    const auto block = received_.find(seen.block.slot);
    if (block == received_.end() || !seen.balance) return;
    std::map<EventKind, Decimal> sums = block->second[seen.recipient];
    sums[EventKind::kRewardTips] += Decimal::of(seen.tips, kWeiDecimals);
    sums[EventKind::kRewardMev] += Decimal::of(seen.mev, kWeiDecimals);
    sums[EventKind::kTransferIn] += Decimal::of(seen.came, kWeiDecimals);
    sums[EventKind::kTransferOut] += Decimal::of(seen.went, kWeiDecimals);
    RollForward roll{key(seen.recipient),
                     Account::kLiquid,
                     {seen.block.slot - 1, seen.parent_hash, time_of(seen.block.slot - 1)},
                     {seen.block.slot, seen.block.hash, time_of(seen.block.slot)},
                     Decimal::of(seen.balance->before, kWeiDecimals),
                     {},
                     Decimal::of(seen.balance->after, kWeiDecimals)};
    for (const auto& [kind, amount] : sums) {
      if (!amount.is_zero()) roll.lines.push_back({kind, amount});
    }
    books_.roll_forwards.push_back(std::move(roll));
  }

  void close(Row& row) {
    if (!flows_.types_told) {
      add_signed(row, EventKind::kRewardUnsplit, row.interval.income(), "unsplit");
      return;
    }
    book_slashing(row);
    add_signed(row, EventKind::kRewardAttestation, row.interval.attestation, "attestation");
    add_signed(row, EventKind::kRewardAttestation, row.interval.inactivity, "inactivity");
    add_signed(row, EventKind::kRewardSync, row.interval.sync, "sync");
  }

  /// The initial penalty is what the rules say of the effective balance before; the correlation penalty,
  /// which needs all slashings of the chain, is what is left in the one interval in which it can fall.
  void book_slashing(Row& row) {
    const Validator& now = row.now->validator;
    if (!now.slashed) return;
    if (row.was != nullptr && !row.was->validator.slashed) {
      const Gwei initial = initial_of(row);
      row.interval.slashed += initial;
      add(row, EventKind::kSlashing, to_.mark.height, initial, "initial", "initial");
    }
    const Epoch falls = correlation_epoch(now.withdrawable_epoch) + 1;  // at the end of that epoch
    if (from_.epoch() < falls && falls <= to_.epoch() && row.interval.difference() < 0) {
      const Gwei rest = gwei_of(-row.interval.difference());
      row.interval.slashed += rest;
      add(row, EventKind::kSlashing, to_.mark.height, rest, "correlation", "correlation");
    }
  }

  /// Of the effective balance at the earlier state; where that leaves a difference, of the whole ether
  /// between it and the later state's that leaves none: it may have changed before the slashing.
  Gwei initial_of(const Row& row) const {
    const Validator& was = row.was->validator;
    const Validator& now = row.now->validator;
    const ForkRules rules = rules_of(fork_of_slashing(now));
    const std::int64_t left = -row.interval.difference();
    const auto [least, most] = std::minmax(was.effective, now.effective);
    for (Gwei effective = least; effective <= most; effective += kIncrement) {
      if (left >= 0 && initial_penalty(rules, effective) == gwei_of(left)) return gwei_of(left);
    }
    return initial_penalty(rules, was.effective);
  }

  /// Where the fork changes inside the interval, the epoch of the slashing decides which rules it was under.
  Fork fork_of_slashing(const Validator& slashed) const {
    const auto epoch = slashed_epoch(slashed);
    return epoch && flows_.fork_slot && *epoch < *flows_.fork_slot / kSlotsPerEpoch ? from_.fork : to_.fork;
  }

  /// Places one after another: what was booked on the way is put with what closes the place, by height and
  /// id, and rolled forward.
  void close_all() {
    const std::size_t places = rows_.size() + unborn_.size();
    std::vector<std::size_t> begin(places + 1);
    for (const std::size_t order : order_) ++begin[order + 1];
    for (std::size_t i = 0; i < places; ++i) begin[i + 1] += begin[i];
    std::vector<std::size_t> sorted(events_.size());
    auto next = begin;
    for (std::size_t i = 0; i < events_.size(); ++i) sorted[next[order_[i]]++] = i;
    books_.events.reserve(events_.size() + events_to_close());
    books_.roll_forwards.reserve(
        places + static_cast<std::size_t>(std::count_if(rows_.begin(), rows_.end(),
                                                        [](const Row& row) { return row.has_pending; })));
    is_closing_ = true;
    for (std::size_t place = 0; place < places; ++place) {
      const std::size_t first = books_.events.size();
      for (std::size_t i = begin[place]; i < begin[place + 1]; ++i)
        books_.events.push_back(std::move(events_[sorted[i]]));
      if (place < rows_.size()) close(rows_[place]);
      const std::span own(books_.events.data() + first, books_.events.size() - first);
      std::sort(own.begin(), own.end(), [](const StakingEvent& a, const StakingEvent& b) {
        return std::tie(a.mark.height, a.id) < std::tie(b.mark.height, b.id);
      });
      if (place < rows_.size()) {
        const Row& row = rows_[place];
        roll(row.place, Account::kStake, row.interval.opening, row.interval.closing, own);
        if (row.has_pending)
          roll(row.place, Account::kPending, row.pending_opening, row.pending_closing, own);
      } else {
        const Unborn& unborn = unborn_[place - rows_.size()];
        roll(unborn.pubkey, Account::kPending, unborn.opening, unborn.closing, own);
      }
    }
  }

  /// How many events close() brings at most.
  std::size_t events_to_close() const {
    std::size_t count = 0;
    for (const Row& row : rows_) {
      const Interval& one = row.interval;
      count +=
          flows_.types_told
              ? static_cast<std::size_t>((one.attestation != 0) + (one.inactivity != 0) + (one.sync != 0)) +
                    (row.now->validator.slashed ? 2U : 0U)
              : 1U;
    }
    return count;
  }

  void roll(const std::string& place, Account account, Gwei opening, Gwei closing,
            std::span<const StakingEvent> own) {
    books_.roll_forwards.push_back(
        roll_forward(key(place), account, from_.mark, ether_of(opening), to_.mark, ether_of(closing), own));
  }

  /// A slot's time follows from the two states': slots are evenly long.
  time::Instant time_of(Slot slot) const {
    return to_.mark.at - per_slot_ * static_cast<std::int64_t>(to_.mark.height - slot);
  }
  bool inside(Slot slot) const { return from_.mark.height < slot && slot <= to_.mark.height; }
  PositionKey key(const std::string& place) const {
    PositionKey one = key_;
    one.place = place;
    return one;
  }

  void add(const Row& row, EventKind kind, Slot slot, Gwei amount, std::string detail,
           std::string_view tail = "") {
    add(row.number, row.place, kind, slot, amount, std::move(detail), tail);
  }
  void add(std::size_t order, const std::string& place, EventKind kind, Slot slot, Gwei amount,
           std::string detail, std::string_view tail = "") {
    add_coins(order, place, kind, slot, ether_of(amount), std::move(detail), tail);
  }
  void add_coins(std::size_t order, const std::string& place, EventKind kind, Slot slot, Decimal amount,
                 std::string detail, std::string_view tail = "") {
    if (amount.is_zero()) return;
    StakingEvent& event = (is_closing_ ? books_.events : events_).emplace_back();
    if (!is_closing_) order_.push_back(order);
    event.key = key(place);
    event.id = event_id(event.key, kind, slot, tail);
    event.kind = kind;
    event.amount = amount;
    event.mark.height = slot;
    if (slot == to_.mark.height) event.mark.root = to_.mark.root;
    event.mark.at = time_of(slot);
    event.type_detail = std::move(detail);
  }

  void add_signed(const Row& row, EventKind kind, std::int64_t amount, const char* type) {
    if (amount >= 0)
      add(row, kind, to_.mark.height, gwei_of(amount), type);
    else
      add(row, EventKind::kPenalty, to_.mark.height, gwei_of(-amount), type, type);
  }

  void note(std::string kind, std::string subject, std::string detail) {
    books_.notes.push_back({std::move(kind), std::move(subject), std::move(detail)});
  }

  const PositionKey key_;  ///< without a place
  const EtherReading& from_;
  const EtherReading& to_;
  const EtherFlows& flows_;
  time::Duration per_slot_;
  std::vector<Row> rows_;  ///< by index
  std::size_t next_ = 0;
  /// By slot of a block of ours, then by address: what its withdrawals brought.
  std::map<Slot, std::map<std::string, std::map<EventKind, Decimal>>> received_;
  std::vector<Unborn> unborn_;
  std::vector<StakingEvent> events_;  ///< booked before places are closed
  std::vector<std::size_t> order_;    ///< of events_: the number of its place, rows before unborn
  bool is_closing_ = false;           ///< events go where they stay
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

}  // namespace navkeeper::staking::ether
