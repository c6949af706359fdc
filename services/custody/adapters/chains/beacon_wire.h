#pragma once
// Answers of a beacon node's REST interface (ethereum/beacon-APIs). Amounts are gwei in strings.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/hash.h"
#include "services/custody/domain/chains/validator_balance.h"

namespace navkeeper::custody {

/// What every answer about a state says of itself. An optimistic one was not executed by the node; one that
/// is not final may be taken back.
struct StateStanding {
  bool optimistic = false;
  bool finalized = false;
};

struct BeaconGenesis {
  time::Instant time;
  crypto::Digest256 validators_root{};
};
BeaconGenesis parse_genesis(const std::string& source, std::string_view body);

struct BeaconSpec {
  std::int64_t seconds_per_slot = 0;
  std::int64_t slots_per_epoch = 0;
};
BeaconSpec parse_spec(const std::string& source, std::string_view body);

struct BeaconSyncing {
  std::uint64_t head_slot = 0;
  std::uint64_t distance = 0;
  bool syncing = false;
  bool optimistic = false;
  bool execution_offline = false;
};
BeaconSyncing parse_beacon_syncing(const std::string& source, std::string_view body);

struct FinalityCheckpoint {
  StateStanding standing;
  std::uint64_t epoch = 0;
  crypto::Digest256 root{};
};
FinalityCheckpoint parse_finality(const std::string& source, std::string_view body);

/// The execution block that a beacon block carries.
struct BeaconPayload {
  StateStanding standing;
  std::uint64_t slot = 0;
  crypto::Digest256 state_root{};
  std::uint64_t block_number = 0;
  crypto::Digest256 block_hash{};
};
BeaconPayload parse_blinded_block(const std::string& source, std::string_view body);

struct ValidatorsAnswer {
  StateStanding standing;
  std::vector<Validator> validators;
};
/// Refused: a validator twice, or one that is not among `ids` (indices and public keys). Ids that no
/// validator answers to are left out by the node without a word: count them.
ValidatorsAnswer parse_validators(const std::string& source, std::string_view body,
                                  const std::vector<std::string>& ids);

struct DepositsAnswer {
  StateStanding standing;
  std::vector<PendingDeposit> deposits;
};
DepositsAnswer parse_pending_deposits(const std::string& source, std::string_view body);

struct PartialsAnswer {
  StateStanding standing;
  std::vector<PendingPartialWithdrawal> withdrawals;
};
PartialsAnswer parse_pending_partials(const std::string& source, std::string_view body);

/// {"ids":[…]}
std::string validators_request(const std::vector<std::string>& ids);

}  // namespace navkeeper::custody
