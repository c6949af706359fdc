#pragma once
// A fund's fleet of validators on the simulated beacon chain: duties done and missed, proposals, sync
// committee, sweeps, a partial withdrawal, top-ups, a first deposit and one that is lost, a switch to
// compounding, a consolidation, exits, and slashings and outages when they are asked for. Any slot's state is
// a function of the world and of which block stands at each slot. Whole gwei; the arithmetic is this file's
// own, from the consensus specifications, and shares nothing with the services.
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "services/sandbox/chains/chain_world.h"

namespace navkeeper::sandbox {

inline constexpr std::uint64_t kNever = ~std::uint64_t{0};
inline constexpr std::uint64_t kFleetFirst = 520'001;
inline constexpr std::uint64_t kFleetLast = 520'012;  ///< 520011 comes by a deposit, 520012's deposit is lost

/// Whose the fleet is: it pays to, and takes its tips at, account_hex(seed, kFleetOwner), which holds nothing
/// else. Of its blocks every third is a builder's, who takes the tips and pays the owner.
inline constexpr std::string_view kFleetOwner = "staking fleet";
inline constexpr std::string_view kBuilder = "builder";
inline constexpr std::int64_t kBaseFee = 1'000'000'007;  ///< wei of a gas, in every block of the world
inline constexpr std::int64_t kBlockGas = 21'000;        ///< likewise, of its one transaction
/// The public key of a validator of this world, 0x and 96 digits.
std::string validator_pubkey(std::uint64_t seed, std::uint64_t index);

struct FleetValidator {
  std::uint64_t index = 0;
  int credentials = 1;  ///< 1: 0x01, 2: 0x02
  std::int64_t balance = 0;
  std::int64_t effective = 0;
  bool slashed = false;
  std::uint64_t eligibility = 0;
  std::uint64_t activation = 0;
  std::uint64_t exit = kNever;
  std::uint64_t withdrawable = kNever;
};
struct FleetDeposit {
  std::uint64_t index = 0;  ///< whose key; it may be no validator yet
  std::int64_t amount = 0;
  std::uint64_t slot = 0;     ///< 0: a switch to compounding
  std::uint64_t applied = 0;  ///< the epoch into which it is applied
};
struct FleetPartial {
  std::uint64_t index = 0;
  std::int64_t amount = 0;
  std::uint64_t withdrawable = 0;
};
struct FleetConsolidation {
  std::uint64_t source = 0;
  std::uint64_t target = 0;
  std::uint64_t done = 0;  ///< the epoch into which it is processed
};
struct AttestationRow {
  std::uint64_t index = 0;
  std::int64_t head = 0, target = 0, source = 0;
};

struct BeaconState {
  std::uint64_t epoch = 0;
  std::vector<FleetValidator> validators;
  std::vector<FleetDeposit> deposits;
  std::vector<FleetPartial> partials;
  std::vector<FleetConsolidation> consolidations;
  std::vector<AttestationRow> credited;  ///< in the transition into this epoch, for epoch - 2
  std::uint64_t next_withdrawal = 0;     ///< its number; a slot without a block takes none
  money::Int128 owner_wei = 0;           ///< what the fleet's owner received on the execution layer
};

struct BeaconWithdrawal {
  std::uint64_t number = 0;
  std::uint64_t validator = 0;
  std::int64_t amount = 0;
};
struct BeaconBlock {
  std::uint64_t slot = 0;
  std::uint64_t proposer = 0;     ///< whose slot it is
  bool is_missed = false;         ///< nobody made a block: its proposer is kept away
  std::int64_t attestations = 0;  ///< the proposer's reward
  std::int64_t sync_aggregate = 0;
  std::int64_t sync_member = 0;       ///< what kSyncMember got or lost
  bool by_builder = false;            ///< the tips are a builder's, who pays `mev`
  std::int64_t gas_price = kBaseFee;  ///< wei, of the block's one transaction
  money::Int128 mev = 0;              ///< wei
  std::vector<BeaconWithdrawal> withdrawals;
  std::vector<FleetDeposit> deposits;
  /// A block of the fleet's.
  bool is_own() const { return !is_missed && proposer >= kFleetFirst && proposer <= kFleetLast; }
};
inline constexpr std::uint64_t kSyncMember = 520'010;

/// Which of several blocks stands at a slot (ChainNode::variant by slot).
using Variant = std::function<std::uint64_t(std::uint64_t slot)>;

/// The same from a node's variants by execution block.
Variant by_slot(const ChainWorld& world, std::function<std::uint64_t(std::uint64_t number)> by_number);

class BeaconLedger {
 public:
  explicit BeaconLedger(const ChainWorld& world);
  std::uint64_t first_epoch() const { return first_; }
  /// The state behind the block of `slot`.
  BeaconState state_at(std::uint64_t slot, std::uint64_t head, const Variant& variant) const;
  BeaconBlock block_at(std::uint64_t slot, std::uint64_t head, const Variant& variant) const;
  /// The rows of the attestations of `epoch`; nothing before they were credited.
  std::vector<AttestationRow> attestations(std::uint64_t epoch, std::uint64_t head,
                                           const Variant& variant) const;
  /// The newest slot up to this one at which a block stands.
  std::uint64_t block_before(std::uint64_t slot, std::uint64_t head, const Variant& variant) const;

 private:
  BeaconState begin_of(std::uint64_t epoch, std::uint64_t head, const Variant& variant) const;
  void enter(BeaconState& state, std::uint64_t epoch) const;
  bool is_awaited(std::uint64_t slot) const;
  BeaconBlock apply_block(BeaconState& state, std::uint64_t slot, std::uint64_t variant) const;

  const ChainWorld& world_;
  std::uint64_t first_;
  mutable std::mutex mutex_;
  mutable std::vector<BeaconState> settled_;  ///< by epoch from first_; no reorganisation reaches these
};

}  // namespace navkeeper::sandbox
