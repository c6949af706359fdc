#pragma once
// Answers of a Cosmos SDK chain's REST interface about staking (cosmos base, bank, staking, distribution,
// slashing; chain-main's tieredrewards) and of CometBFT's searches. Amounts are whole smallest units; rewards
// and shares have 18 decimals. Every parser refuses (base::Refused) what is not its answer.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/staking/domain/cosmos_parameters.h"
#include "services/staking/domain/tiered_position.h"
#include "services/staking/domain/unbonding.h"

namespace navkeeper::staking {

struct CosmosBlock {
  std::string chain_id;
  std::uint64_t height = 0;
  std::string app_hash;  ///< upper-case hexadecimal: of the state that the block before it left
  time::Instant at;
};
CosmosBlock parse_cosmos_block(const std::string& source, std::string_view body);
bool parse_cosmos_syncing(const std::string& source, std::string_view body);

/// One page of a list; `next` is empty on the last one.
template <class Item>
struct CosmosPage {
  std::vector<Item> items;
  std::string next;  ///< base64, to be sent back as it came
};

struct DelegationRow {
  std::string validator;
  money::Decimal shares;
  money::Decimal tokens;
};
/// Refused: another denomination, another delegator.
CosmosPage<DelegationRow> parse_delegations(const std::string& source, std::string_view body,
                                            const std::string& delegator, const std::string& denomination);
CosmosPage<UnbondingEntry> parse_unbondings(const std::string& source, std::string_view body,
                                            const std::string& delegator);
CosmosPage<RedelegationEntry> parse_redelegations(const std::string& source, std::string_view body,
                                                  const std::string& delegator);
/// By validator, in `denomination` alone. Refused: a validator twice, parts that do not sum to the total.
std::map<std::string, money::Decimal> parse_rewards(const std::string& source, std::string_view body,
                                                    const std::string& denomination);
money::Decimal parse_balance(const std::string& source, std::string_view body,
                             const std::string& denomination);
std::string parse_withdraw_address(const std::string& source, std::string_view body);

struct ValidatorState {
  std::string address;
  std::string consensus_key;  ///< 32 bytes in base64; empty where its kind is not ed25519
  bool jailed = false;
  std::string status;  ///< "BOND_STATUS_BONDED", …
  money::Decimal tokens;
  money::Decimal shares;
  money::Decimal commission_rate;
  std::string name;  ///< its operator's, control characters as '?'; empty where there is none
};
ValidatorState parse_validator(const std::string& source, std::string_view body, const std::string& address);
CosmosPage<ValidatorState> parse_validators(const std::string& source, std::string_view body);
/// Of signing_infos: whether it signed twice.
bool parse_tombstoned(const std::string& source, std::string_view body);

struct SigningInfo {
  std::string consensus_address;
  std::uint64_t start_height = 0;
  std::uint64_t missed_blocks = 0;
  bool tombstoned = false;
};
CosmosPage<SigningInfo> parse_signing_infos(const std::string& source, std::string_view body);
/// Smallest units bonded by everybody.
money::Decimal parse_bonded(const std::string& source, std::string_view body);
/// Smallest units minted in a year, with 18 decimals.
money::Decimal parse_annual_provisions(const std::string& source, std::string_view body);

struct SlashRow {
  std::uint64_t period = 0;
  money::Decimal fraction;
};
CosmosPage<SlashRow> parse_slashes(const std::string& source, std::string_view body);

/// Of the params of staking, slashing and distribution together.
CosmosParameters parse_parameters(const std::string& source, std::string_view staking,
                                  std::string_view slashing, std::string_view distribution);

CosmosPage<TierPosition> parse_tier_positions(const std::string& source, std::string_view body);
money::Decimal parse_bonus(const std::string& source, std::string_view body, const std::string& denomination);

struct SearchPage {
  std::vector<std::uint64_t> heights;
  std::uint64_t total = 0;
};
/// Of tx_search or block_search.
SearchPage parse_search(const std::string& source, std::string_view body);

/// The consensus address of an ed25519 key: the first 20 bytes of SHA-256 of it.
std::string consensus_address(const std::string& where, const std::string& key_base64,
                              const std::string& prefix);

}  // namespace navkeeper::staking
