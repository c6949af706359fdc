#pragma once
// From two final states of the beacon chain and what the blocks and reward answers between them say: events,
// and a roll-forward of each validator's stake and pending deposits. Nothing is made to fit: what the types
// do not explain stays a difference.
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/staking/domain/ether/interval.h"
#include "services/staking/domain/ether/registry.h"
#include "services/staking/domain/ether/tips.h"
#include "services/staking/domain/roll_forward.h"

namespace navkeeper::staking::ether {

struct OwnValidator {
  Validator validator;
  std::string pubkey;   ///< 0x and 96 digits
  std::string pays_to;  ///< the address of its withdrawal credentials, 0x and 40 digits; empty: none
  bool operator==(const OwnValidator&) const = default;
};

/// The fund's validators at one state, and what of the queues is theirs.
struct EtherReading {
  StateMark mark;  ///< height = slot
  Fork fork = Fork::kElectra;
  std::vector<OwnValidator> validators;              ///< by index
  std::vector<PendingDeposit> deposits;              ///< in the queue's order
  std::vector<PendingDeposit> all_deposits = {};     ///< the whole queue, strangers' too
  std::size_t all_partials = 0;                      ///< how many partial withdrawals wait on the chain
  std::vector<PendingPartial> partials;              ///< likewise
  std::vector<PendingConsolidation> consolidations;  ///< likewise; source or target is the fund's
  Epoch epoch() const { return mark.height / kSlotsPerEpoch; }
};

struct SeenWithdrawal {
  Slot slot = 0;
  std::uint64_t number = 0;  ///< the chain's own count of withdrawals
  std::uint64_t validator = 0;
  Gwei amount = 0;
};
struct SeenDeposit {
  Slot slot = 0;
  std::uint64_t number = 0;  ///< of the deposit contract
  std::string pubkey;
  Gwei amount = 0;
};
struct SeenProposal {
  Slot slot = 0;
  std::uint64_t validator = 0;
  Gwei attestations = 0;
  Gwei sync_aggregate = 0;
  Gwei slashings = 0;  ///< evidence included
};
struct SeenAttestation {
  Epoch epoch = 0;  ///< credited when epoch + 2 begins
  std::uint64_t validator = 0;
  std::int64_t head = 0, target = 0, source = 0, inactivity = 0;
  /// What perfect duty would have brought; nothing: the node has no row for that effective balance.
  std::optional<std::int64_t> ideal = {};
  bool all_zero() const { return head == 0 && target == 0 && source == 0 && inactivity == 0; }
};
struct SeenSync {
  Slot slot = 0;
  std::uint64_t validator = 0;
  std::int64_t reward = 0;
};

/// A slot in which a validator of the fund was to propose and no block stands.
struct MissedProposal {
  Slot slot = 0;
  std::uint64_t validator = 0;
  bool operator==(const MissedProposal&) const = default;
};

/// What happened with from < slot <= to.
struct EtherFlows {
  std::vector<SeenWithdrawal> withdrawals;  ///< by number
  std::vector<SeenDeposit> deposits;
  std::vector<SeenProposal> proposals;
  std::vector<SeenAttestation> attestations;
  std::vector<SeenSync> syncs;
  /// False: no node tells rewards by type; then all income is one line, reward_unsplit or a penalty
  /// "unsplit".
  bool types_told = true;
  std::vector<OwnBlock> own_blocks = {};  ///< proposed by the fund's validators
  std::vector<SeenTips> tips = {};        ///< of own_blocks, where an execution node is asked
  std::optional<Slot> fork_slot = {};     ///< of the first block under another fork than the earlier state's
  /// By slot, where the node told whose every slot was; else nothing: it is not known what was missed.
  std::optional<std::vector<MissedProposal>> missed_proposals = {};
};

struct Note {
  std::string kind;  ///< of an alert
  std::string subject;
  std::string detail;
  bool operator==(const Note&) const = default;
};

struct EtherBooks {
  std::vector<StakingEvent> events;  ///< by place (validators by index, then public keys), height and id
  std::vector<RollForward> roll_forwards;
  std::vector<Note> notes;
  std::vector<std::pair<std::uint64_t, Interval>> intervals;  ///< by validator
};

/// Gwei as whole ether.
money::Decimal ether_of(Gwei gwei);

/// The epochs whose attestations are credited with from < slot <= to: both inclusive; nothing when there is
/// none.
std::optional<std::pair<Epoch, Epoch>> credited_epochs(Slot from, Slot to);

/// Both readings' validators are by index (ENSURE). `source` and `asset` go into every key; the place is the
/// validator's index, or the public key of a deposit whose validator does not exist yet. Intervals longer
/// than kActiveBeforeExit epochs are refused by ENSURE: a partial withdrawal could be asked for and paid
/// inside of one.
EtherBooks keep_books(const std::string& source, const model::AssetId& asset, const EtherReading& from,
                      const EtherReading& to, const EtherFlows& flows);

/// What lies where at a state. The parts of a validator add up to its balance: what a pending partial
/// withdrawal will take is unbonding, the rest as its status says. `time_of` gives the time at which an epoch
/// begins.
std::vector<Position> positions_of(const std::string& source, const model::AssetId& asset,
                                   const EtherReading& reading,
                                   const std::function<std::optional<time::Instant>(Epoch)>& time_of);

}  // namespace navkeeper::staking::ether
