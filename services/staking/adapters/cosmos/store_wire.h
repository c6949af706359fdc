#pragma once
// The distribution module's own store, as CometBFT's abci_query gives it: keys and protobuf values of what no
// REST answer tells (x/distribution/types/keys.go, distribution.proto): the rewards of the running period,
// the ratio sum of an ended one, where a delegation began. Refused (base::Refused): bytes that are not such a
// value.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/money/decimal.h"

namespace navkeeper::staking {

using ByteView = std::span<const std::uint8_t>;

// Addresses as bytes.
base::Bytes starting_info_key(ByteView validator, ByteView delegator);
base::Bytes historical_rewards_key(ByteView validator, std::uint64_t period);
base::Bytes current_rewards_key(ByteView validator);

struct StartingInfo {
  std::uint64_t previous_period = 0;
  money::Decimal stake;
  std::uint64_t height = 0;
};
struct CurrentRewards {
  money::Decimal rewards;  ///< in the denomination asked for
  std::uint64_t period = 0;
};
StartingInfo parse_starting_info(const std::string& where, ByteView value);
money::Decimal parse_historical_ratio(const std::string& where, ByteView value,
                                      std::string_view denomination);
CurrentRewards parse_current_rewards(const std::string& where, ByteView value, std::string_view denomination);

/// The value of an abci_query's answer; nothing where the store has none. Refused: an error, another height,
/// another key.
std::optional<base::Bytes> parse_store_answer(const std::string& source, std::string_view body, ByteView key,
                                              std::uint64_t height);

}  // namespace navkeeper::staking
