#include "tests/simulation/ether_year.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "services/staking/domain/ether/slashing.h"

namespace navkeeper::simulation {
namespace {

using namespace staking::ether;
using staking::EventKind;

constexpr Epoch kFirst = 350'000;
constexpr Epoch kDay = 225;
constexpr Epoch kCreditEvery = 75;  ///< what attestations earned comes in so large pieces
constexpr Epoch kBlockEvery = 3;    ///< so a sweep takes nine days, as on mainnet
constexpr Gwei kTotalActive = 34'000'000 * kIncrement;
constexpr std::size_t kFaultsKept = 10;
/// Deneb until day 40, then Electra, Fulu and Gloas, each in the middle of a day.
struct ForkDay {
  Fork fork;
  Epoch epoch;
};
constexpr std::array kForks{ForkDay{Fork::kElectra, 40 * kDay + 100}, ForkDay{Fork::kFulu, 160 * kDay + 37},
                            ForkDay{Fork::kGloas, 280 * kDay + 200}};
constexpr Epoch kLeakFrom = 200 * kDay, kLeakTo = 202 * kDay;

// What an effective ether earns or loses an epoch, written down apart from the rules under test: 357 Gwei of
// base reward (64e9 / sqrt(34e15)), 14, 26 and 14 of 64, 99% of the chain there.
constexpr std::int64_t kBase = 347;
std::int64_t earned(std::int64_t increments, std::int64_t weight) {
  return increments * kBase * weight * 99 / (100 * 64);
}
std::int64_t missed(std::int64_t increments, std::int64_t weight) { return increments * kBase * weight / 64; }

std::int64_t signed_of(Gwei gwei) { return static_cast<std::int64_t>(gwei); }
/// A balance never falls below nothing.
void change(Gwei& balance, std::int64_t by) {
  ENSURE(by >= 0 || balance >= static_cast<Gwei>(-by));
  balance = static_cast<Gwei>(signed_of(balance) + by);
}

std::string describe_interval(const Interval& one) {
  std::string text;
  for (const auto& [name, value] :
       {std::pair<const char*, std::int64_t>{"deposited", signed_of(one.deposited)},
        {"swept", signed_of(one.swept)},
        {"partly", signed_of(one.withdrawn_partly)},
        {"whole", signed_of(one.withdrawn_whole)},
        {"in", signed_of(one.consolidated_in)},
        {"out", signed_of(one.consolidated_out)},
        {"moved", signed_of(one.moved_to_pending)},
        {"attestation", one.attestation},
        {"inactivity", one.inactivity},
        {"sync", one.sync},
        {"proposal", signed_of(one.proposal)},
        {"report", signed_of(one.slashing_report)},
        {"slashed", signed_of(one.slashed)}})
    text += " " + std::string(name) + " " + std::to_string(value);
  return text;
}

/// What a switch moved and the queue gave back inside the interval is seen in no state.
Interval comparable(Interval one) {
  const Gwei back = std::min(one.moved_to_pending, one.deposited);
  one.moved_to_pending -= back;
  one.deposited -= back;
  return one;
}

}  // namespace

EtherYear::EtherYear(const EtherYearSettings& settings) : settings_(settings), random_(settings.seed) {
  ENSURE(settings.validators >= 100 && settings.read_every <= kDay && kDay % settings.read_every == 0);
}

void EtherYear::begin() {
  registry_.rules = rules_of(Fork::kDeneb);
  registry_.total_active = kTotalActive;
  for (std::size_t i = 0; i < settings_.validators; ++i) {
    Validator one;
    one.index = i;
    one.credentials = Credentials::kExecution;
    one.balance = kMinActivation + random_.below(kIncrement / 50);
    one.effective = kMinActivation;
    one.eligibility_epoch = 0;
    one.activation_epoch = kFirst - 5'000;
    registry_.validators.push_back(one);
    registry_.pubkeys.push_back("key" + std::to_string(keys_++));
  }
  truth_.resize(registry_.validators.size());
  offline_.resize(registry_.validators.size());
}

void EtherYear::enter_fork(Epoch now) {
  for (const ForkDay& one : kForks) {
    if (now - kFirst != one.epoch) continue;
    registry_.rules = rules_of(one.fork);
    flows_.fork_slot = now * kSlotsPerEpoch;
    ++result_.forks;
  }
}

/// What attestations of the last epochs brought, to everybody who had the duty.
void EtherYear::credit(Epoch now) {
  leaks_ = now - kFirst >= kLeakFrom && now - kFirst < kLeakTo;
  for (Validator& one : registry_.validators) {
    const std::size_t i = one.index;
    if (one.is_eligible(now - 1)) {
      const std::uint64_t chance = random_.next();
      if (chance % 1'000 < (offline_[i] ? 300U : 1U)) offline_[i] = !offline_[i];
      constexpr auto kEpochs = static_cast<std::int64_t>(kCreditEvery);
      const std::int64_t misses =
          one.slashed || offline_[i] ? kEpochs : static_cast<std::int64_t>(chance >> 32) % 64 / 62 * 7;
      const std::int64_t hits = leaks_ ? 0 : kEpochs - misses;
      const auto increments = signed_of(one.effective / kIncrement);
      SeenAttestation seen;
      seen.epoch = now - 2;
      seen.validator = i;
      seen.head = hits * earned(increments, 14);
      seen.target = hits * earned(increments, 26) - misses * missed(increments, 26);
      seen.source = hits * earned(increments, 14) - misses * missed(increments, 14);
      seen.inactivity = leaks_ ? -misses * increments * 11 : 0;
      change(one.balance, seen.head + seen.target + seen.source + seen.inactivity);
      truth_[i].attestation += seen.head + seen.target + seen.source;
      truth_[i].inactivity += seen.inactivity;
      flows_.attestations.push_back(seen);
    }
    one.effective = next_effective(one);
  }
  if (now / 256 != (now - kCreditEvery) / 256) committee_.clear();
  while (committee_.size() < 5) committee_.push_back(any());
  std::sort(committee_.begin(), committee_.end());
  committee_.erase(std::unique(committee_.begin(), committee_.end()), committee_.end());
  for (const std::size_t i : committee_) {
    Validator& one = registry_.validators[i];
    if (one.balance < kIncrement) continue;
    const std::int64_t reward = random_.between(-2'000'000, 16'000'000);
    change(one.balance, reward);
    truth_[i].sync += reward;
    flows_.syncs.push_back({now * kSlotsPerEpoch, i, reward});
  }
}

void EtherYear::finish_slashings(Epoch now) {
  for (const std::size_t i : slashed_) {
    Validator& one = registry_.validators[i];
    if (one.withdrawable_epoch != now - 1 + kSlashingsVector / 2) continue;
    // So many of the chain were slashed around it that it costs between a few Gwei and a tenth.
    const Gwei penalty = std::min(one.balance, one.effective / kIncrement * (1 + random_.below(100'000'000)));
    one.balance -= penalty;
    truth_[i].slashed += penalty;
  }
}

void EtherYear::slash(std::size_t index, Epoch now) {
  Validator& one = registry_.validators[index];
  if (one.slashed || !one.is_active(now) || one.exit_epoch != kFarFuture) return;
  const Gwei quotient = electra() ? 4'096 : 32;
  one.exit_epoch = now + 5;
  one.withdrawable_epoch = now + 8'192;
  one.slashed = true;
  const Gwei penalty = one.effective / quotient;
  one.balance -= penalty;
  truth_[index].slashed += penalty;
  slashed_.push_back(index);
  ++newly_slashed_;
  const std::size_t reporter = any();
  if (reporter == index || registry_.validators[reporter].balance < kIncrement) return;
  const Gwei reward = one.effective / (electra() ? 4'096 : 512);
  registry_.validators[reporter].balance += reward;
  truth_[reporter].slashing_report += reward;
  SeenProposal proposal;
  proposal.slot = now * kSlotsPerEpoch + 9;
  proposal.validator = reporter;
  proposal.slashings = reward;
  flows_.proposals.push_back(proposal);
}

void EtherYear::deposit(Epoch now) {
  PendingDeposit made;
  made.slot = now * kSlotsPerEpoch + 4;
  if (random_.chance(500)) {
    const std::size_t to = any();
    made.pubkey = registry_.pubkeys[to];
    made.credentials = registry_.validators[to].credentials;
    made.amount = random_.below(40 * kIncrement) + kIncrement;
  } else {
    made.pubkey = "key" + std::to_string(keys_++);
    made.credentials = random_.chance(500) ? Credentials::kCompounding : Credentials::kExecution;
    made.amount = random_.chance(800) ? kMinActivation : random_.below(1'000 * kIncrement) + kIncrement;
    made.valid_signature = !random_.chance(50);
  }
  registry_.deposits.push_back(made);
  flows_.deposits.push_back({made.slot, deposits_++, made.pubkey, made.amount});
  submitted_ += made.amount;
}

/// What owners ask for. Before Electra the chain's queues were others, and nobody asks.
void EtherYear::act(Epoch now) {
  const Epoch since = now - kFirst;
  for (const ForkDay& fork : kForks) {
    if (since == fork.epoch - 20) {
      const std::size_t before = newly_slashed_;
      while (newly_slashed_ == before) slash(any(), now);  // not everybody can be slashed any more
      result_.slashed_before_a_fork += newly_slashed_ - before;
    }
  }
  if (random_.below(700) == 0) slash(any(), now);
  if (!electra()) return;
  const auto scaled = [&](std::uint64_t a_day) {  // times a day, for ten thousand validators
    return random_.below(kDay * 10'000) < a_day * std::max<std::size_t>(settings_.validators, 2'000);
  };
  if (scaled(15)) deposit(now);
  if (scaled(10)) request_withdrawal(registry_, any(), 0, now);
  for (int i = 0; i < 3; ++i) {
    if (scaled(30)) request_withdrawal(registry_, any(), 1 + random_.below(3 * kIncrement), now);
  }
  // Queues of this world are short: what is switched shortly before a state is still in the queue then.
  if (scaled(30) || (since % kDay == kDay - 2 && random_.chance(200))) {
    const std::size_t i = any();
    Validator& one = registry_.validators[i];
    if (one.is_active(now) && one.exit_epoch == kFarFuture)
      truth_[i].moved_to_pending += switch_to_compounding(registry_, i);
  }
  if (scaled(30)) request_consolidation(registry_, any(), any(), now);
}

void EtherYear::propose(Epoch now) {
  for (std::uint64_t left = random_.below(2); left > 0; --left) {
    Validator& one = registry_.validators[any()];
    if (!one.is_active(now) || one.slashed) continue;
    SeenProposal seen;
    seen.slot = now * kSlotsPerEpoch + 17;
    seen.validator = one.index;
    seen.attestations = 40'000'000 + random_.below(1'000'000);
    seen.sync_aggregate = random_.below(1'700'000);
    one.balance += seen.attestations + seen.sync_aggregate;
    truth_[one.index].proposal += seen.attestations + seen.sync_aggregate;
    // A validator may propose twice in an epoch of this world: one block, then.
    if (!flows_.proposals.empty() && flows_.proposals.back().slot == seen.slot &&
        flows_.proposals.back().validator == seen.validator) {
      flows_.proposals.back().attestations += seen.attestations;
      flows_.proposals.back().sync_aggregate += seen.sync_aggregate;
    } else {
      flows_.proposals.push_back(seen);
    }
  }
}

void EtherYear::block(Epoch now) {
  for (const Withdrawal& one : process_withdrawals(registry_, now).withdrawals) {
    Interval& truth = truth_[one.index];
    (one.kind == WithdrawalKind::kFull      ? truth.withdrawn_whole
     : one.kind == WithdrawalKind::kPartial ? truth.withdrawn_partly
                                            : truth.swept) += one.amount;
    flows_.withdrawals.push_back({now * kSlotsPerEpoch + 1, withdrawals_++, one.index, one.amount});
  }
}

void EtherYear::epoch(Epoch now) {
  enter_fork(now);
  finish_slashings(now);
  if (electra()) {
    for (const DepositOutcome& outcome : process_deposits(registry_, now - 1, now - 3)) {
      if (!outcome.applied_to) {
        ++lost_;
        lost_gwei_ += outcome.deposit.amount;
        continue;
      }
      if (outcome.is_new) {
        truth_.emplace_back();
        offline_.push_back(false);
      }
      truth_[*outcome.applied_to].deposited += outcome.deposit.amount;
    }
    for (const Consolidated& one : process_consolidations(registry_, now - 1)) {
      truth_[one.source].consolidated_out += one.amount;
      truth_[one.target].consolidated_in += one.amount;
    }
    for (std::size_t i = settings_.validators; i < registry_.validators.size(); ++i) {
      Validator& one = registry_.validators[i];
      if (one.eligibility_epoch == kFarFuture && one.effective >= kMinActivation) {
        one.eligibility_epoch = now + 1;
        one.activation_epoch = now + 7;
      }
    }
  }
  if ((now - kFirst) % kCreditEvery == 0) credit(now);
}

EtherReading EtherYear::read(Epoch now) const {
  EtherReading reading;
  reading.mark = {now * kSlotsPerEpoch, "state " + std::to_string(now),
                  time::Instant::from_ns(static_cast<std::int64_t>(now) * 384'000'000'000)};
  reading.fork = registry_.rules.fork;
  reading.validators.reserve(registry_.validators.size());
  for (const Validator& one : registry_.validators)
    reading.validators.push_back({one, registry_.pubkeys[one.index], "0xfund"});
  reading.deposits = registry_.deposits;
  reading.partials = registry_.partials;
  reading.consolidations = registry_.consolidations;
  return reading;
}

void EtherYear::fault(const std::string& what) {
  if (result_.faults.size() < kFaultsKept)
    result_.faults.push_back("state " + std::to_string(result_.states) + ": " + what);
}

void EtherYear::check(const EtherReading& from, const EtherReading& to) {
  static const std::string kSource = "ether";
  static const model::AssetId kAsset = model::AssetId::literal("ETH");
  const EtherBooks books = keep_books(kSource, kAsset, from, to, flows_);
  for (const staking::RollForward& one : books.roll_forwards) {
    if (!one.is_tied())
      fault(one.key.place + " " + std::string(describe(one.account)) + " differs by " +
            one.difference().to_string());
  }
  if (books.intervals.size() != truth_.size()) return fault("not every validator is in the books");
  for (std::size_t i = 0; i < truth_.size(); ++i) {
    Interval& truth = truth_[i];
    truth.opening = i < from.validators.size() ? from.validators[i].validator.balance : 0;
    truth.closing = to.validators[i].validator.balance;
    const Interval& kept = books.intervals[i].second;
    if (books.intervals[i].first != i || comparable(kept) != comparable(truth))
      fault("validator " + std::to_string(i) + ": books say" + describe_interval(kept) + ", the chain did" +
            describe_interval(truth));
    if (i < result_.whole.size())
      result_.whole[i].extend(kept);
    else
      result_.whole.push_back(kept);
  }
  std::size_t lost = 0, slashed = 0;
  for (const Note& note : books.notes) {
    lost += note.kind == "bad_deposit" ? 1U : 0U;
    if (note.kind != "bad_deposit") fault(note.kind + " " + note.subject + ": " + note.detail);
  }
  for (const staking::StakingEvent& event : books.events)
    slashed += event.kind == staking::EventKind::kSlashing && event.type_detail == "initial" ? 1U : 0U;
  if (lost != lost_ || slashed != newly_slashed_) fault("lost or slashed ones are not named one by one");
  result_.roll_forwards += books.roll_forwards.size();
  check_fund(to, books);
}

/// The fund is the sum of its validators: opening + what went in - what went out = closing, over all events.
void EtherYear::check_fund(const EtherReading& to, const EtherBooks& books) {
  std::int64_t moved = 0;
  for (const staking::StakingEvent& event : books.events) {
    const auto gwei = static_cast<std::int64_t>(event.amount.to_units(9).value());
    moved += gwei *
             (effect(event.kind, staking::Account::kStake) + effect(event.kind, staking::Account::kPending));
    ++result_.kinds[event.kind];
    result_.gwei[event.kind] += gwei;
  }
  result_.events += books.events.size();
  std::int64_t holds = 0;
  for (const OwnValidator& one : to.validators) holds += signed_of(one.validator.balance);
  for (const PendingDeposit& one : to.deposits) holds += signed_of(one.amount);
  if (result_.closing_gwei + moved != holds)
    fault("the fund's events leave " + std::to_string(result_.closing_gwei + moved - holds) + " Gwei");
  result_.closing_gwei = holds;
  constexpr std::uint64_t kPositionsEvery = 30;
  if (result_.states % kPositionsEvery != 0) return;
  money::Decimal sum;
  for (const staking::Position& one :
       positions_of("ether", model::AssetId::literal("ETH"), to, [](Epoch) { return std::nullopt; }))
    sum += one.amount;
  if (sum != money::Decimal::of(holds, 9)) fault("positions sum to " + sum.to_string());
}

EtherYearResult EtherYear::run() {
  begin();
  EtherReading from = read(kFirst);
  for (const OwnValidator& one : from.validators) result_.opening_gwei += signed_of(one.validator.balance);
  result_.closing_gwei = result_.opening_gwei;
  const Epoch last = kFirst + static_cast<Epoch>(settings_.days) * kDay;
  for (Epoch now = kFirst; now < last; ++now) {
    act(now);
    propose(now);
    if (now % kBlockEvery == 0) block(now);
    epoch(now + 1);  // the state that begins with it holds it
    if ((now + 1 - kFirst) % settings_.read_every != 0) continue;
    EtherReading to = read(now + 1);
    ++result_.states;
    check(from, to);
    from = std::move(to);
    truth_.assign(truth_.size(), {});
    flows_ = {};
    lost_ = newly_slashed_ = 0;
  }
  result_.validators = registry_.validators.size();
  const auto income = [](const Interval& one) { return one.income(); };
  std::int64_t earned_in_all = 0;
  for (const Interval& one : result_.whole) earned_in_all += income(one);
  std::int64_t paid_out = 0;
  for (const Interval& one : result_.whole)
    paid_out += signed_of(one.swept + one.withdrawn_partly + one.withdrawn_whole);
  if (result_.opening_gwei + signed_of(submitted_) - signed_of(lost_gwei_) + earned_in_all - paid_out !=
      result_.closing_gwei)
    fault("the year does not add up");
  return std::move(result_);
}

}  // namespace navkeeper::simulation
