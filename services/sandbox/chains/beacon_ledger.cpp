#include "services/sandbox/chains/beacon_ledger.h"

#include <algorithm>
#include <span>

#include "common/base/bytes.h"
#include "common/crypto/digest.h"
#include "services/sandbox/chains/evm_ledger.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::uint64_t kSlots = 32;
constexpr std::int64_t kEther = 1'000'000'000;
constexpr std::int64_t kThirtyTwo = 32 * kEther;
constexpr std::int64_t kMost = 2'048 * kEther;
// What 32 ETH earn and lose an epoch with 33.93 million staked and almost everybody there.
constexpr std::int64_t kSourceReward = 2'423, kTargetReward = 4'502, kHeadReward = 2'417;
constexpr std::int64_t kSourceMiss = 2'429, kTargetMiss = 4'511;
constexpr std::int64_t kSyncReward = 22'456, kProposerSyncReward = 3'208;
constexpr std::int64_t kCorrelationPerIncrement = 2'823;
constexpr std::uint64_t kSlashingsVector = 8'192;
constexpr std::uint64_t kSettledBehind = 12;  ///< epochs: further than a fork or a reorganisation reaches
constexpr std::size_t kWithdrawalsABlock = 16;
constexpr std::uint64_t kSweepSlots = 512;

std::uint64_t dice(std::uint64_t seed, std::string_view what, std::uint64_t a, std::uint64_t b = 0) {
  const auto digest = crypto::sha256(std::to_string(seed) + "/" + std::string(what) + "/" +
                                     std::to_string(a) + "/" + std::to_string(b));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | digest[i];
  return value;
}

FleetValidator* find(BeaconState& state, std::uint64_t index) {
  for (FleetValidator& one : state.validators) {
    if (one.index == index) return &one;
  }
  return nullptr;
}

bool is_active(const FleetValidator& one, std::uint64_t epoch) {
  return one.activation <= epoch && epoch < one.exit;
}

bool is_away(const std::vector<BeaconOutage>& outages, std::uint64_t validator, std::uint64_t slot) {
  return std::any_of(outages.begin(), outages.end(), [&](const BeaconOutage& one) {
    return (one.validator == 0 || one.validator == validator) && one.from <= slot && slot < one.until;
  });
}

std::int64_t most(const FleetValidator& one) { return one.credentials == 2 ? kMost : kThirtyTwo; }

BeaconState beginning(std::uint64_t first) {
  BeaconState state;
  state.epoch = first;
  state.next_withdrawal = first * kSlots * kWithdrawalsABlock;
  const auto add = [&](std::uint64_t index, int credentials, std::int64_t balance) -> FleetValidator& {
    FleetValidator one;
    one.index = index;
    one.credentials = credentials;
    one.balance = balance;
    one.effective = std::min(balance / kEther * kEther, most(one));
    one.activation = one.eligibility + 5;
    state.validators.push_back(one);
    return state.validators.back();
  };
  add(520'001, 1, 32'010'000'000);
  add(520'002, 2, 64'500'000'000);
  add(520'003, 1, 32'005'000'000);
  FleetValidator& merged = add(520'004, 1, 32'002'000'000);
  merged.exit = first + 60 - 256;
  merged.withdrawable = first + 60;
  add(520'005, 2, 100 * kEther);
  FleetValidator& leaving = add(520'006, 1, 32'001'000'000);
  leaving.exit = first + 20;
  leaving.withdrawable = first + 276;
  FleetValidator& left = add(520'007, 1, 32'003'000'000);
  left.exit = first + 56 - 256;
  left.withdrawable = first + 56;
  add(520'008, 2, kMost + 100'000);
  add(520'009, 1, 32'004'000'000);
  add(kSyncMember, 1, 32'006'000'000);
  state.partials.push_back({520'002, 2 * kEther, first + 40});
  state.consolidations.push_back({520'004, 520'005, first + 60});
  return state;
}

/// Deposits that the execution layer brings, by the slot of their block.
std::vector<FleetDeposit> coming(std::uint64_t first) {
  return {{520'011, kThirtyTwo, (first + 20) * kSlots + 7, first + 50},
          {520'012, kThirtyTwo, (first + 22) * kSlots + 9, first + 52},
          {520'002, kEther, (first + 30) * kSlots + 3, first + 45}};
}

}  // namespace

std::string validator_pubkey(std::uint64_t seed, std::uint64_t index) {
  const std::string name = std::to_string(seed) + "/validator/" + std::to_string(index);
  const auto tail = crypto::sha256(name + "/");
  return "0x" + base::to_hex(crypto::sha256(name)) + base::to_hex(std::span(tail).first(16));
}

Variant by_slot(const ChainWorld& world, std::function<std::uint64_t(std::uint64_t number)> by_number) {
  const std::uint64_t first = world.rhythm(SimulatedChain::kEthereum).first;
  const std::uint64_t first_slot = slot_of(world, first);
  return [first, first_slot, by_number = std::move(by_number)](std::uint64_t slot) {
    return slot < first_slot ? 0 : by_number(first + (slot - first_slot));
  };
}

BeaconLedger::BeaconLedger(const ChainWorld& world)
    : world_(world), first_(slot_of(world, world.rhythm(SimulatedChain::kEthereum).first) / kSlots + 1) {
  settled_.push_back(beginning(first_));
}

void BeaconLedger::enter(BeaconState& state, std::uint64_t epoch) const {
  const std::uint64_t rewarded = epoch - 2;
  state.epoch = epoch;
  state.credited.clear();
  const std::vector<BeaconOutage> outages = world_.beacon_outages();
  for (FleetValidator& one : state.validators) {
    if (!is_active(one, rewarded) && !(one.slashed && rewarded + 1 < one.withdrawable)) continue;
    const std::int64_t increments = one.effective / kEther;
    const bool misses = one.slashed || is_away(outages, one.index, rewarded * kSlots) ||
                        dice(world_.seed(), "attests", rewarded, one.index) % 50 == 0;
    const auto part = [&](std::int64_t of_32) { return of_32 * increments / 32; };
    AttestationRow row{one.index, misses ? 0 : part(kHeadReward),
                       misses ? -part(kTargetMiss) : part(kTargetReward),
                       misses ? -part(kSourceMiss) : part(kSourceReward)};
    one.balance += row.head + row.target + row.source;
    state.credited.push_back(row);
    // Half the slashings vector before it is withdrawable, at the end of that epoch.
    if (one.slashed && epoch - 1 + kSlashingsVector / 2 == one.withdrawable)
      one.balance -= kCorrelationPerIncrement * increments;
  }
  for (const FleetDeposit& deposit : state.deposits) {
    if (deposit.applied != epoch) continue;
    if (FleetValidator* const known = find(state, deposit.index)) {
      known->balance += deposit.amount;
    } else if (deposit.index != kFleetLast) {  // the last one's signature is bad
      FleetValidator made;
      made.index = deposit.index;
      made.credentials = 2;
      made.balance = made.effective = deposit.amount;
      made.eligibility = epoch + 1;
      made.activation = epoch + 7;
      state.validators.push_back(made);
    }
  }
  std::erase_if(state.deposits, [&](const FleetDeposit& one) { return one.applied == epoch; });
  for (const FleetConsolidation& one : state.consolidations) {
    FleetValidator* const source = find(state, one.source);
    if (one.done != epoch || source == nullptr || source->slashed) continue;
    const std::int64_t amount = std::min(source->balance, source->effective);
    source->balance -= amount;
    find(state, one.target)->balance += amount;
  }
  std::erase_if(state.consolidations, [&](const FleetConsolidation& one) { return one.done == epoch; });
  for (FleetValidator& one : state.validators) {
    if (one.balance + kEther / 4 < one.effective || one.effective + 5 * kEther / 4 < one.balance)
      one.effective = std::min(one.balance / kEther * kEther, most(one));
  }
}

BeaconBlock BeaconLedger::apply_block(BeaconState& state, std::uint64_t slot, std::uint64_t variant) const {
  const std::uint64_t epoch = slot / kSlots;
  const std::uint64_t chance = dice(world_.seed(), "block", slot, variant);
  BeaconBlock block;
  block.slot = slot;
  block.proposer = 7;
  FleetValidator& candidate = state.validators[chance / 16 % state.validators.size()];
  const std::vector<BeaconOutage> outages = world_.beacon_outages();
  if (chance % 16 == 0 && is_active(candidate, epoch) && !candidate.slashed) {
    block.proposer = candidate.index;
    // What the story needs in a slot is not lost with it.
    if (is_away(outages, candidate.index, slot) && !is_awaited(slot)) {
      block.is_missed = true;
      return block;
    }
    block.attestations = 40'000'000 + static_cast<std::int64_t>(chance / 4'096 % 1'000'000);
    block.sync_aggregate = kProposerSyncReward * (490 + static_cast<std::int64_t>(chance / 65'536 % 23));
    candidate.balance += block.attestations + block.sync_aggregate;
    block.by_builder = chance / 1'048'576 % 3 == 0;
    if (block.by_builder)
      block.mev =
          money::Int128{50'000'000} * kEther + static_cast<std::int64_t>(chance / 4'194'304 % 1'000'000'007);
    else
      block.gas_price += 1 + static_cast<std::int64_t>(chance / 4'194'304 % 3'000'000'000);
    state.owner_wei += block.mev + money::Int128{block.gas_price - kBaseFee} * kBlockGas;
  }
  if (FleetValidator* const member = find(state, kSyncMember)) {
    const bool misses =
        is_away(outages, kSyncMember, slot) || dice(world_.seed(), "sync", slot, variant) % 25 == 0;
    block.sync_member = misses ? -kSyncReward : kSyncReward;
    member->balance += block.sync_member;
  }
  const auto pay = [&](FleetValidator& one, std::int64_t amount) {
    if (amount <= 0) return;
    one.balance -= amount;
    state.owner_wei += money::Int128{amount} * kEther;
    block.withdrawals.push_back({state.next_withdrawal + block.withdrawals.size(), one.index, amount});
  };
  for (const FleetPartial& partial : state.partials) {
    FleetValidator& one = *find(state, partial.index);
    if (partial.withdrawable <= epoch && one.exit == kNever)
      pay(one, std::min(one.balance - kThirtyTwo, partial.amount));
  }
  std::erase_if(state.partials, [&](const FleetPartial& one) { return one.withdrawable <= epoch; });
  for (FleetValidator& one : state.validators) {
    if ((slot + one.index * 41) % kSweepSlots != 0) continue;
    if (one.withdrawable <= epoch)
      pay(one, one.balance);
    else if (one.effective == most(one) && one.balance > most(one))
      pay(one, one.balance - most(one));
  }
  while (block.withdrawals.size() < kWithdrawalsABlock)  // everybody else's
    block.withdrawals.push_back({state.next_withdrawal + block.withdrawals.size(),
                                 1'000 + (state.next_withdrawal + block.withdrawals.size()) % 400'000,
                                 17'000'000});
  state.next_withdrawal += kWithdrawalsABlock;
  for (const FleetDeposit& deposit : coming(first_)) {
    if (deposit.slot != slot) continue;
    block.deposits.push_back(deposit);
    state.deposits.push_back(deposit);
  }
  if (slot == (first_ + 25) * kSlots + 3) {
    FleetValidator& switched = *find(state, 520'003);
    switched.credentials = 2;
    if (switched.balance > kThirtyTwo) {
      state.deposits.push_back({switched.index, switched.balance - kThirtyTwo, 0, first_ + 35});
      switched.balance = kThirtyTwo;
    }
  }
  for (const BeaconSlashing& slashing : world_.beacon_slashings()) {
    FleetValidator* const one = slashing.slot == slot ? find(state, slashing.validator) : nullptr;
    if (one == nullptr || one->slashed || one->withdrawable <= epoch) continue;
    one->slashed = true;
    one->exit = std::min(one->exit, epoch + 5);
    one->withdrawable =
        std::max(one->withdrawable == kNever ? 0 : one->withdrawable, epoch + kSlashingsVector);
    one->balance -= one->effective / 4'096;
  }
  return block;
}

bool BeaconLedger::is_awaited(std::uint64_t slot) const {
  const auto deposits = coming(first_);
  const auto slashings = world_.beacon_slashings();
  return slot == (first_ + 25) * kSlots + 3 ||
         std::any_of(deposits.begin(), deposits.end(),
                     [&](const FleetDeposit& one) { return one.slot == slot; }) ||
         std::any_of(slashings.begin(), slashings.end(),
                     [&](const BeaconSlashing& one) { return one.slot == slot; });
}

BeaconState BeaconLedger::begin_of(std::uint64_t epoch, std::uint64_t head, const Variant& variant) const {
  const std::uint64_t head_epoch = head / kSlots;
  const std::uint64_t settled = head_epoch > kSettledBehind ? head_epoch - kSettledBehind : 0;
  const std::lock_guard lock(mutex_);
  BeaconState state = settled_[std::min<std::uint64_t>(epoch - first_, settled_.size() - 1)];
  while (state.epoch < epoch) {
    const std::uint64_t of = state.epoch;
    for (std::uint64_t slot = of * kSlots; slot < (of + 1) * kSlots; ++slot)
      apply_block(state, slot, variant(slot));
    enter(state, of + 1);
    if (state.epoch <= settled && state.epoch - first_ == settled_.size()) settled_.push_back(state);
  }
  return state;
}

BeaconState BeaconLedger::state_at(std::uint64_t slot, std::uint64_t head, const Variant& variant) const {
  BeaconState state = begin_of(std::max(slot / kSlots, first_), head, variant);
  for (std::uint64_t one = state.epoch * kSlots; one <= slot; ++one) apply_block(state, one, variant(one));
  return state;
}

BeaconBlock BeaconLedger::block_at(std::uint64_t slot, std::uint64_t head, const Variant& variant) const {
  BeaconBlock block;
  block.slot = slot;
  BeaconState state = begin_of(std::max(slot / kSlots, first_), head, variant);
  for (std::uint64_t one = state.epoch * kSlots; one <= slot; ++one)
    block = apply_block(state, one, variant(one));
  return block;
}

std::uint64_t BeaconLedger::block_before(std::uint64_t slot, std::uint64_t head,
                                         const Variant& variant) const {
  while (block_at(slot, head, variant).is_missed) --slot;
  return slot;
}

std::vector<AttestationRow> BeaconLedger::attestations(std::uint64_t epoch, std::uint64_t head,
                                                       const Variant& variant) const {
  if (epoch + 2 <= first_ || epoch + 2 > head / kSlots) return {};
  return begin_of(epoch + 2, head, variant).credited;
}

}  // namespace navkeeper::sandbox
