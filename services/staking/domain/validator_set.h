#pragma once
// Validators at one final state, as a fund would choose among them: what each has, takes, signed and lost. Of
// a Cosmos SDK chain all of them; of ether the fund's own (ether/own_validators.h). Tokens are whole coins;
// shares of one are decimals of at most 18 places.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/staking/domain/position.h"

namespace navkeeper::staking {

struct ValidatorRecord {
  std::string address;            ///< crocncl1…; of ether its index
  std::string consensus_address;  ///< empty: its key is of a kind that is not read
  std::string name;               ///< as its operator calls it; nobody checks it
  std::string status;             ///< "bonded", "unbonding", "unbonded"
  bool jailed = false;
  bool tombstoned = false;
  money::Decimal tokens;                          ///< bonded there by everybody
  money::Decimal commission;                      ///< 0 to 1
  std::optional<money::Decimal> tokens_max = {};  ///< that earn there at most; nothing: no bound
  /// Blocks of the chain's window that count for it, and how many of them it did not sign; nothing: the chain
  /// keeps no signing info of it.
  std::optional<std::uint64_t> signed_window = {};
  std::uint64_t missed_blocks = 0;
  std::uint64_t signing_since = 0;  ///< height at which it became a candidate, or came back from jail
  /// Its slashes are known from here on: the later of the history's beginning and, where it was never slashed
  /// in it, the time of `signing_since`.
  time::Instant observed_since;
  std::uint64_t slashes_to = 0;  ///< height up to which its slashes were read; 0: they were not
  bool operator==(const ValidatorRecord&) const = default;
};

struct ValidatorSlash {
  std::string validator;
  std::uint64_t period = 0;  ///< of the validator's reward periods: tells two slashes apart
  money::Decimal fraction;   ///< of its tokens, as delegators bore it
  std::uint64_t after = 0;   ///< height at which it was not there yet
  std::uint64_t by = 0;      ///< and at which it was
  bool operator==(const ValidatorSlash&) const = default;
};

struct ValidatorSet {
  std::string source;
  model::AssetId asset = model::AssetId::literal("UNSET");
  StateMark mark;
  money::Decimal bonded;                            ///< of the chain, whole coins
  std::optional<money::Decimal> annual_provisions;  ///< minted in a year; nothing: the chain does not say
  money::Decimal community_tax;                     ///< 0 to 1
  std::uint64_t history_from = 0;           ///< state from which on slashes count; of the first reading
  time::Instant history_since;              ///< its time
  std::vector<ValidatorRecord> validators;  ///< by address
  std::vector<ValidatorSlash> slashes;      ///< by validator and period; older ones than the history too
  bool operator==(const ValidatorSet&) const = default;

  const ValidatorRecord* find(const std::string& address) const;
};

/// Blocks signed / blocks that count, cut at 18 decimals; nothing where the chain keeps no signing info. A
/// window of which no block counted yet is 1.
std::optional<money::Decimal> uptime(const ValidatorRecord& validator);

/// What a coin staked with everybody would earn in a year before commission: annual provisions less the
/// community tax / bonded coins, cut at 18 decimals. Fees and top-ups of the chain's own pools come on top of
/// it. Nothing where the chain does not say what it mints or nothing is bonded.
std::optional<money::Decimal> gross_rate(const ValidatorSet& set);

struct SlashRecord {
  int count = 0;
  money::Decimal mean_fraction;  ///< rounded up at 18 decimals; 0 where there is none
};
/// Those of the history.
SlashRecord slashes_of(const ValidatorSet& set, const std::string& validator);

/// Whole days from the beginning of its record to the set's state.
int observed_days(const ValidatorSet& set, const ValidatorRecord& validator);

}  // namespace navkeeper::staking
