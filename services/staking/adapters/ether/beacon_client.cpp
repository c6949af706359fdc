#include "services/staking/adapters/ether/beacon_client.h"

#include <algorithm>
#include <limits>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/json/write.h"
#include "services/staking/domain/measures/alarms.h"

namespace navkeeper::staking::ether {
namespace {

constexpr std::int64_t kSecondsPerSlot = 12;
constexpr std::size_t kIdsARequest = 1'000;
constexpr Epoch kSyncPeriod = 256;
constexpr int kFound = 200;
constexpr int kNotFound = 404;
constexpr int kNotAllowed = 405;
constexpr int kNotImplemented = 501;

std::string list_of(const std::vector<std::string>& ids) {
  json::Writer writer;
  writer.begin_array();
  for (const std::string& id : ids) writer.string(id);
  return writer.end_array().take();
}

std::string list_of(const std::set<std::uint64_t>& indices) {
  std::vector<std::string> ids;
  for (const std::uint64_t index : indices) ids.push_back(std::to_string(index));
  return list_of(ids);
}

std::set<std::uint64_t> indices_of(const EtherReading& reading,
                                   const std::function<bool(const Validator&)>& chosen) {
  std::set<std::uint64_t> indices;
  for (const OwnValidator& one : reading.validators) {
    if (chosen(one.validator)) indices.insert(one.validator.index);
  }
  return indices;
}

}  // namespace

time::Instant SlotClock::of_slot(Slot slot) const {
  return genesis + time::Duration::seconds(kSecondsPerSlot) * static_cast<std::int64_t>(slot);
}

std::optional<time::Instant> SlotClock::of_epoch(Epoch epoch) const {
  constexpr Epoch kEpochMax = Epoch{1} << 24;  // some two thousand years
  constexpr std::int64_t kSecondsMax = std::numeric_limits<std::int64_t>::max() / 1'000'000'000;
  const std::int64_t seconds =
      static_cast<std::int64_t>(std::min(epoch, kEpochMax) * kSlotsPerEpoch) * kSecondsPerSlot;
  if (epoch > kEpochMax || genesis.ns() / 1'000'000'000 > kSecondsMax - seconds) return std::nullopt;
  return genesis + time::Duration::seconds(seconds);
}

void BeaconClient::must_be_final(const Standing& standing, const std::string& what) const {
  if (standing.optimistic)
    base::refuse(name(), what + " was not executed by the node (execution_optimistic)");
  if (!standing.finalized) base::refuse(name(), what + " is not final");
}

Epoch BeaconClient::finalized_epoch() {
  const GenesisAnswer genesis = parse_genesis(name(), node_.get("/eth/v1/beacon/genesis"));
  if (genesis.validators_root != settings_.genesis_validators_root)
    base::refuse(name(), "is a node of another network: its genesis root is " + genesis.validators_root);
  clock_.genesis = genesis.time;
  if (parse_syncing(name(), node_.get("/eth/v1/node/syncing"))) base::refuse(name(), "is still syncing");
  const FinalityAnswer finality =
      parse_finality(name(), node_.get("/eth/v1/beacon/states/head/finality_checkpoints"));
  if (finality.standing.optimistic) base::refuse(name(), "has not executed its head (execution_optimistic)");
  if (finality.epoch == 0) base::refuse(name(), "knows no final epoch");
  return finality.epoch;
}

EtherReading BeaconClient::reading(Epoch epoch, const std::set<std::string>& was_known) {
  EtherReading reading;
  reading.mark.height = epoch * kSlotsPerEpoch;
  reading.mark.at = clock_.of_slot(reading.mark.height);
  const std::string state = "/eth/v1/beacon/states/" + std::to_string(reading.mark.height);
  Standing standing;
  reading.mark.root = parse_state_root(name() + ": root", node_.get(state + "/root"), standing);
  must_be_final(standing, "the state of slot " + std::to_string(reading.mark.height));

  const std::vector<std::string>& ids = settings_.validators;
  for (std::size_t begin = 0; begin < ids.size(); begin += kIdsARequest) {
    const std::vector<std::string> some(
        ids.begin() + static_cast<std::ptrdiff_t>(begin),
        ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), begin + kIdsARequest)));
    const std::string body = R"({"ids":)" + list_of(some) + "}";
    const ValidatorsAnswer answer = parse_validators(
        name() + ": validators", node_.post(state + "/validators", body), {some.begin(), some.end()}, epoch);
    must_be_final(answer.standing, "the list of validators");
    reading.validators.insert(reading.validators.end(), answer.validators.begin(), answer.validators.end());
  }
  std::sort(
      reading.validators.begin(), reading.validators.end(),
      [](const OwnValidator& a, const OwnValidator& b) { return a.validator.index < b.validator.index; });
  std::set<std::uint64_t> indices;
  std::set<std::string> keys;
  for (const OwnValidator& one : reading.validators) {
    if (!indices.insert(one.validator.index).second)
      base::refuse(name(), "validator " + std::to_string(one.validator.index) +
                               " is configured by its index and by its key");
    keys.insert(one.pubkey);
  }
  const auto own_key = [&](const std::string& pubkey) {
    return keys.contains(pubkey) || std::find(ids.begin(), ids.end(), pubkey) != ids.end();
  };
  reading.deposits =
      parse_pending_deposits(name() + ": pending_deposits", node_.get(state + "/pending_deposits"), standing);
  must_be_final(standing, "the queue of deposits");
  const auto fork = standing.fork ? standing.fork : fork_at(mainnet_schedule(), epoch);
  if (!fork) base::refuse(name(), "epoch " + std::to_string(epoch) + " lies before Altair: not known here");
  reading.fork = *fork;
  reading.all_deposits = reading.deposits;
  std::erase_if(reading.deposits, [&](const PendingDeposit& one) { return !own_key(one.pubkey); });
  reading.partials = parse_pending_partials(name() + ": pending_partial_withdrawals",
                                            node_.get(state + "/pending_partial_withdrawals"), standing);
  must_be_final(standing, "the queue of partial withdrawals");
  reading.all_partials = reading.partials.size();
  std::erase_if(reading.partials, [&](const PendingPartial& one) { return !indices.contains(one.index); });
  reading.consolidations = parse_pending_consolidations(
      name() + ": pending_consolidations", node_.get(state + "/pending_consolidations"), standing);
  must_be_final(standing, "the queue of consolidations");
  std::erase_if(reading.consolidations, [&](const PendingConsolidation& one) {
    return !indices.contains(one.source) && !indices.contains(one.target);
  });
  // A node leaves out what it does not know, without a word.
  for (const std::string& id : ids) {
    if (keys.contains(id) || (!id.starts_with("0x") && indices.contains(std::stoull(id)))) continue;
    const bool waits = std::any_of(reading.deposits.begin(), reading.deposits.end(),
                                   [&](const PendingDeposit& one) { return one.pubkey == id; });
    if (!waits && (!id.starts_with("0x") || was_known.contains(id)))
      base::refuse(name(), "leaves validator " + id + " out of its answer");
  }
  return reading;
}

std::optional<std::vector<queues::SetExit>> BeaconClient::exits(const EtherReading& reading) {
  const http::Response response =
      node_.send({.method = http::Method::kPost,
                  .path = "/eth/v1/beacon/states/" + std::to_string(reading.mark.height) + "/validators",
                  .body = R"({"statuses":["active_exiting","active_slashed"]})"});
  node_.drop_last_raw();  // strangers' validators: no evidence of ours
  if (response.status != kFound) return std::nullopt;
  Standing standing;
  std::vector<queues::SetExit> exits = parse_exits(name() + ": exiting validators", response.body, standing);
  must_be_final(standing, "the list of exiting validators");
  return exits;
}

std::optional<BlockAnswer> BeaconClient::block(Slot slot) {
  const std::string path = "/eth/v2/beacon/blocks/" + std::to_string(slot);
  const http::Response response = node_.send({.path = path});
  if (response.status == kNotFound) return std::nullopt;  // nobody made one
  if (response.status != kFound)
    throw base::Unavailable(name() + ": " + path + " was answered with status " +
                            std::to_string(response.status));
  BlockAnswer answer = parse_block(name() + ": block " + std::to_string(slot), response.body);
  if (answer.slot != slot)
    base::refuse(name(), "answers slot " + std::to_string(slot) + " with another block");
  must_be_final(answer.standing, "the block of slot " + std::to_string(slot));
  return answer;
}

EtherFlows BeaconClient::flows(const EtherReading& from, const EtherReading& to, std::vector<Note>& notes) {
  EtherFlows flows;
  const std::set<std::uint64_t> own = indices_of(to, [](const Validator&) { return true; });
  std::set<std::string> keys(settings_.validators.begin(), settings_.validators.end());
  for (const OwnValidator& one : to.validators) keys.insert(one.pubkey);
  std::vector<Slot> blocks;
  std::map<Slot, std::uint64_t> proposers;
  std::optional<std::uint64_t> last_withdrawal;
  Gwei moved = 0;
  const auto count = [&](Gwei amount, Slot slot) {
    moved += amount;
    if (moved > kGweiMax)
      base::refuse(name(), "moves more than all ether until slot " + std::to_string(slot));
  };
  for (Slot slot = from.mark.height + 1; slot <= to.mark.height; ++slot) {
    const auto answer = block(slot);
    if (!answer) {
      node_.drop_last_raw();
      continue;
    }
    blocks.push_back(slot);
    proposers.emplace(slot, answer->proposer);
    if (!flows.fork_slot && answer->fork != from.fork) flows.fork_slot = slot;
    bool concerns_us = own.contains(answer->proposer);
    for (const SeenWithdrawal& seen : answer->withdrawals) {
      if (last_withdrawal && seen.number != *last_withdrawal + 1)
        base::refuse(name(), "withdrawal " + std::to_string(seen.number) + " of slot " +
                                 std::to_string(slot) + " does not follow " +
                                 std::to_string(*last_withdrawal) + ": a block is left out");
      last_withdrawal = seen.number;
      if (!own.contains(seen.validator)) continue;
      count(seen.amount, slot);
      flows.withdrawals.push_back(seen);
      concerns_us = true;
    }
    for (const SeenDeposit& seen : answer->deposits) {
      if (!keys.contains(seen.pubkey)) continue;
      count(seen.amount, slot);
      flows.deposits.push_back(seen);
      concerns_us = true;
    }
    if (own.contains(answer->proposer)) {
      const std::string path = "/eth/v1/beacon/rewards/blocks/" + std::to_string(slot);
      const http::Response response = node_.send({.path = path});
      if (response.status == kFound)
        flows.proposals.push_back(parse_block_rewards(name() + ": rewards of block " + std::to_string(slot),
                                                      response.body, slot, answer->proposer));
      flows.own_blocks.push_back(
          {slot, answer->proposer, answer->block_number, answer->block_hash, answer->fee_recipient});
      // Where an execution node is asked, it knows whether a builder paid the fund in the same block.
      if (settings_.execution.empty()) {
        for (const measures::Alarm& alarm : measures::alarms_of(measures::WatchedBlock{
                 std::to_string(answer->proposer), slot, answer->fee_recipient, settings_.fee_recipients}))
          notes.push_back({std::string(measures::describe(alarm.kind)), alarm.subject, alarm.detail});
      }
    }
    if (!concerns_us) node_.drop_last_raw();  // a block that says nothing about us is no evidence of ours
  }
  read_attestations(from, to, flows);
  if (flows.types_told) {
    read_syncs(to, blocks, flows);
    read_missed_proposals(from, to, proposers, flows, notes);
  }
  return flows;
}

/// Nothing: the node does not tell the duties of that epoch.
std::optional<std::map<Slot, std::uint64_t>> BeaconClient::proposer_duties(Epoch epoch) {
  if (proposers_.second.empty() || proposers_.first != epoch) {
    const std::string path = "/eth/v1/validator/duties/proposer/" + std::to_string(epoch);
    const http::Response response = node_.send({.path = path});
    if (response.status != kFound) {
      node_.drop_last_raw();
      return std::nullopt;
    }
    proposers_ = {epoch, parse_proposer_duties(name() + ": proposer duties of epoch " + std::to_string(epoch),
                                               response.body, epoch)};
  }
  return proposers_.second;
}

void BeaconClient::read_missed_proposals(const EtherReading& from, const EtherReading& to,
                                         const std::map<Slot, std::uint64_t>& proposers, EtherFlows& flows,
                                         std::vector<Note>& notes) {
  const std::set<std::uint64_t> own = indices_of(to, [](const Validator&) { return true; });
  std::vector<MissedProposal> missed;
  for (Epoch epoch = (from.mark.height + 1) / kSlotsPerEpoch; epoch <= to.mark.height / kSlotsPerEpoch;
       ++epoch) {
    // Nobody of ours can propose: nothing to ask.
    if (indices_of(to, [&](const Validator& one) { return one.is_active(epoch); }).empty()) continue;
    const auto duties = proposer_duties(epoch);
    if (!duties) return;
    for (const auto& [slot, proposer] : *duties) {
      if (slot <= from.mark.height || slot > to.mark.height) continue;
      const auto block = proposers.find(slot);
      // Nodes compute past duties from states that they may not keep: duties that the final blocks contradict
      // say nothing of the slots without one.
      if (block != proposers.end() && block->second != proposer) {
        notes.push_back({"duties_contradicted", "epoch " + std::to_string(epoch),
                         name() + " says that " + std::to_string(proposer) + " was to propose at slot " +
                             std::to_string(slot) + ", and the block there is of " +
                             std::to_string(block->second) + ": missed proposals are not counted"});
        return;
      }
      if (block == proposers.end() && own.contains(proposer)) missed.push_back({slot, proposer});
    }
  }
  flows.missed_proposals = std::move(missed);
}

void BeaconClient::read_attestations(const EtherReading& from, const EtherReading& to, EtherFlows& flows) {
  const auto epochs = credited_epochs(from.mark.height, to.mark.height);
  if (!epochs) return;
  bool anything = false;
  bool asked = false;
  for (Epoch epoch = epochs->first; epoch <= epochs->second; ++epoch) {
    const auto eligible = indices_of(to, [&](const Validator& one) { return one.is_eligible(epoch); });
    if (eligible.empty()) continue;
    const std::string path = "/eth/v1/beacon/rewards/attestations/" + std::to_string(epoch);
    const http::Response response =
        node_.send({.method = http::Method::kPost, .path = path, .body = list_of(eligible)});
    if (!asked && (response.status == kNotFound || response.status == kNotAllowed ||
                   response.status == kNotImplemented)) {
      flows.types_told = false;
      flows.proposals.clear();
      return;
    }
    if (response.status != kFound)
      throw base::Unavailable(name() + ": " + path + " was answered with status " +
                              std::to_string(response.status));
    asked = true;
    AttestationsAnswer answer = parse_attestation_rewards(
        name() + ": attestation rewards of epoch " + std::to_string(epoch), response.body, epoch, eligible);
    const bool all_zero = std::all_of(answer.rewards.begin(), answer.rewards.end(),
                                      [](const SeenAttestation& one) { return one.all_zero(); });
    // While the chain leaks, duties done earn nothing; then the balances say so too, and the books must tie.
    if (all_zero && answer.ideal_is_zero) {
      bool moved = false;
      for (const OwnValidator& one : to.validators) {
        const auto before =
            std::find_if(from.validators.begin(), from.validators.end(),
                         [&](const OwnValidator& other) { return other.pubkey == one.pubkey; });
        moved =
            moved || before == from.validators.end() || before->validator.balance != one.validator.balance;
      }
      if (moved)
        base::refuse(name(), "answers the attestation rewards of epoch " + std::to_string(epoch) +
                                 " with zeros alone, while balances moved: it has no data");
    }
    anything = anything || !all_zero;
    for (SeenAttestation& one : answer.rewards) {
      for (const OwnValidator& own : to.validators) {
        if (own.validator.index != one.validator) continue;
        const auto ideal = answer.ideal.find(own.validator.effective);
        if (ideal != answer.ideal.end()) one.ideal = ideal->second;  // else it is left out of every mean
      }
    }
    flows.attestations.insert(flows.attestations.end(), answer.rewards.begin(), answer.rewards.end());
  }
}

void BeaconClient::read_syncs(const EtherReading& to, const std::vector<Slot>& blocks, EtherFlows& flows) {
  const std::set<std::uint64_t> own = indices_of(to, [](const Validator&) { return true; });
  for (const Slot slot : blocks) {
    const std::uint64_t period = slot / kSlotsPerEpoch / kSyncPeriod;
    if (!committees_.contains(period)) {
      const std::string path = "/eth/v1/beacon/states/" + std::to_string(slot) + "/sync_committees";
      committees_[period] = parse_sync_committee(
          name() + ": sync committee", node_.get(path, {{"epoch", std::to_string(slot / kSlotsPerEpoch)}}));
      node_.drop_last_raw();
    }
    std::set<std::uint64_t> members;
    std::set_intersection(own.begin(), own.end(), committees_[period].begin(), committees_[period].end(),
                          std::inserter(members, members.end()));
    if (members.empty()) continue;
    const std::string path = "/eth/v1/beacon/rewards/sync_committee/" + std::to_string(slot);
    const auto rewards = parse_sync_rewards(name() + ": sync rewards of slot " + std::to_string(slot),
                                            node_.post(path, list_of(members)), slot, members);
    flows.syncs.insert(flows.syncs.end(), rewards.begin(), rewards.end());
  }
}

}  // namespace navkeeper::staking::ether
