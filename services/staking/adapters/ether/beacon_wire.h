#pragma once
// Answers of a beacon node's REST interface (ethereum/beacon-APIs), as far as staking needs them. Amounts are
// Gwei in strings. Every parser throws base::Refused with the node's name, the field's path and the rule; an
// answer that contradicts itself is refused whole.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/staking/domain/ether/ether_books.h"
#include "services/staking/domain/queues/exit_queue.h"

namespace navkeeper::staking::ether {

inline constexpr std::size_t kHashBytes = 32;
inline constexpr std::size_t kAddressBytes = 20;
/// Above all ether that there is; a sum of a dozen such amounts fits 64 bits with a sign.
inline constexpr Gwei kGweiMax = std::uint64_t{1} << 57;

/// What every answer about a state or block says of itself.
struct Standing {
  bool optimistic = false;  ///< the node did not execute it
  bool finalized = false;
  std::optional<Fork> fork = {};  ///< where the answer names it (`version`)
};

struct GenesisAnswer {
  time::Instant time;
  std::string validators_root;
};
GenesisAnswer parse_genesis(const std::string& source, std::string_view body);

/// The finalized epoch that the head knows.
struct FinalityAnswer {
  Standing standing;
  Epoch epoch = 0;
};
FinalityAnswer parse_finality(const std::string& source, std::string_view body);
bool parse_syncing(const std::string& source, std::string_view body);

/// The state's root of GET /eth/v1/beacon/states/{state}/root.
std::string parse_state_root(const std::string& source, std::string_view body, Standing& standing);

struct ValidatorsAnswer {
  Standing standing;
  std::vector<OwnValidator> validators;  ///< by index
};
/// Refused: one twice, one not asked for, a status that its epochs do not give in `epoch`, an effective
/// balance that is no whole number of increments. Ids that no validator answers to are left out by nodes
/// without a word: count them.
ValidatorsAnswer parse_validators(const std::string& source, std::string_view body,
                                  const std::set<std::string>& ids, Epoch epoch);

/// Exit epoch and effective balance of validators that leave; those that do not (a node that ignores the
/// statuses asked for) are left out.
std::vector<queues::SetExit> parse_exits(const std::string& source, std::string_view body,
                                         Standing& standing);

/// The whole queues; `keep` chooses.
std::vector<PendingDeposit> parse_pending_deposits(const std::string& source, std::string_view body,
                                                   Standing& standing);
std::vector<PendingPartial> parse_pending_partials(const std::string& source, std::string_view body,
                                                   Standing& standing);
std::vector<PendingConsolidation> parse_pending_consolidations(const std::string& source,
                                                               std::string_view body, Standing& standing);

struct BlockAnswer {
  Standing standing;
  Fork fork = Fork::kElectra;
  Slot slot = 0;
  std::uint64_t proposer = 0;
  std::string parent_root;
  std::string state_root;
  std::string fee_recipient;  ///< 0x and 40 digits in lower case
  std::uint64_t block_number = 0;
  std::string block_hash;  ///< of the execution block
  std::vector<SeenWithdrawal> withdrawals;
  std::vector<SeenDeposit> deposits;
};
/// Refused: withdrawals whose numbers do not follow each other, validator indices no registry can have
/// (since Gloas a flag marks builders), more entries than a block can hold.
BlockAnswer parse_block(const std::string& source, std::string_view body);

struct AttestationsAnswer {
  Standing standing;
  std::vector<SeenAttestation> rewards;
  std::map<Gwei, std::int64_t> ideal;  ///< head + target + source of perfect duty, by effective balance
  bool ideal_is_zero = true;  ///< all ideal rewards are zero: the node has no data, or the chain was leaking
};
/// Refused: one twice, one not asked for, one of `wanted` left out.
AttestationsAnswer parse_attestation_rewards(const std::string& source, std::string_view body, Epoch epoch,
                                             const std::set<std::uint64_t>& wanted);
/// Members of the committee only; others are left out by the node.
std::vector<SeenSync> parse_sync_rewards(const std::string& source, std::string_view body, Slot slot,
                                         const std::set<std::uint64_t>& wanted);
/// Refused: parts that do not add up to the total, another proposer.
SeenProposal parse_block_rewards(const std::string& source, std::string_view body, Slot slot,
                                 std::uint64_t proposer);
/// Who was to propose at each slot of an epoch. Refused: a slot of another epoch, one twice, one left out.
std::map<Slot, std::uint64_t> parse_proposer_duties(const std::string& source, std::string_view body,
                                                    Epoch epoch);
/// The indices of a sync committee.
std::set<std::uint64_t> parse_sync_committee(const std::string& source, std::string_view body);

}  // namespace navkeeper::staking::ether
