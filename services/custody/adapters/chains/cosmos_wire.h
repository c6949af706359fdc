#pragma once
// Answers of Cronos POS over REST (chain-main's swagger: cosmos bank, staking, distribution, base; chainmain
// tieredrewards). Amounts are whole basecro in strings; rewards have 18 decimals of a basecro.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/custody/domain/chains/cosmos_stake.h"

namespace navkeeper::custody {

struct CosmosBlock {
  std::string chain_id;
  std::uint64_t height = 0;
  std::string hash;  ///< upper-case hexadecimal, as explorers show it
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

struct CosmosCoin {
  std::string denomination;
  money::Int128 amount = 0;
};
CosmosPage<CosmosCoin> parse_bank_page(const std::string& source, std::string_view body);

/// Refused: an amount in another denomination than `denomination`, a delegator other than `delegator`.
CosmosPage<Delegation> parse_delegations_page(const std::string& source, std::string_view body,
                                              const std::string& delegator, const std::string& denomination);
CosmosPage<UnbondingRow> parse_unbondings_page(const std::string& source, std::string_view body,
                                               const std::string& delegator);
/// In `denomination` alone. Refused when the parts do not sum to the total beside them, or a validator comes
/// twice among them.
money::Decimal parse_rewards(const std::string& source, std::string_view body,
                             const std::string& denomination);

struct TierPositionRow {
  std::uint64_t id = 0;
  std::string state;
  Basecro amount;
  std::optional<CosmosAddress> delegator;  ///< older versions do not say it
};
CosmosPage<TierPositionRow> parse_positions_page(const std::string& source, std::string_view body,
                                                 const std::string& owner);
/// The bonus of a position in `denomination`.
Basecro parse_bonus(const std::string& source, std::string_view body, const std::string& denomination);

}  // namespace navkeeper::custody
