#pragma once
// Questions to one beacon node. Each throws base::Unavailable where the node does not answer, base::Refused
// where its answer is not believed.
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "services/staking/adapters/chain_node.h"
#include "services/staking/adapters/ether/beacon_wire.h"
#include "services/staking/adapters/ether/ether_settings.h"

namespace navkeeper::staking::ether {

/// Slots and epochs as times.
struct SlotClock {
  time::Instant genesis;
  time::Instant of_slot(Slot slot) const;
  /// Nothing for the far future, or what no instant can hold.
  std::optional<time::Instant> of_epoch(Epoch epoch) const;
};

class BeaconClient {
 public:
  BeaconClient(std::string name, std::shared_ptr<http::NodeCarrier> carrier, const EtherSettings& settings)
      : node_(std::move(name), std::move(carrier)), settings_(settings) {}

  const std::string& name() const { return node_.name(); }
  /// Genesis, sync, finality: the newest final epoch. Refused: another network, a node that syncs.
  Epoch finalized_epoch();
  const SlotClock& clock() const { return clock_; }
  /// The fund's validators and their part of the queues at the first slot of `epoch`, which must be final.
  /// Refused: a configured index that is left out, a public key known neither as a validator nor in the queue
  /// of deposits when `was_known` names it, a state that is optimistic or not final.
  EtherReading reading(Epoch epoch, const std::set<std::string>& was_known);
  /// The exits that are set already on the whole chain, at the state of a reading; nothing: the node does not
  /// tell them.
  std::optional<std::vector<queues::SetExit>> exits(const EtherReading& reading);
  /// Blocks, rewards with from.slot < slot <= to.slot.
  EtherFlows flows(const EtherReading& from, const EtherReading& to, std::vector<Note>& notes);

  std::vector<model::NodeAnswer> take_raw() { return node_.take_raw(); }

 private:
  std::optional<BlockAnswer> block(Slot slot);
  void read_attestations(const EtherReading& from, const EtherReading& to, EtherFlows& flows);
  /// `proposers`: of every block with from.slot < slot <= to.slot.
  void read_missed_proposals(const EtherReading& from, const EtherReading& to,
                             const std::map<Slot, std::uint64_t>& proposers, EtherFlows& flows,
                             std::vector<Note>& notes);
  std::optional<std::map<Slot, std::uint64_t>> proposer_duties(Epoch epoch);
  void read_syncs(const EtherReading& to, const std::vector<Slot>& blocks, EtherFlows& flows);
  void must_be_final(const Standing& standing, const std::string& what) const;

  http::Node node_;
  const EtherSettings& settings_;
  SlotClock clock_;
  std::map<std::uint64_t, std::set<std::uint64_t>> committees_;  ///< by period
  /// Of the epoch that was asked for last: an interval ends with the first slot of the next one's.
  std::pair<Epoch, std::map<Slot, std::uint64_t>> proposers_;
};

}  // namespace navkeeper::staking::ether
