#pragma once
// What happened in a block of a Cosmos SDK chain: Tendermint's and CometBFT's block_results, read alike in
// its three spellings: attributes in base64 (up to 0.34), plain with begin and end block apart (0.37), and in
// finalize_block_events (since 0.38). Refused (base::Refused) where it is none of them.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/json/reader.h"
#include "common/money/decimal.h"

namespace navkeeper::staking {

/// One record of an event. Events that were merged, keys repeating, are taken apart again.
struct ChainEvent {
  std::string type;
  std::vector<std::pair<std::string, std::string>> attributes;
  /// "" where there is none, or it is null.
  const std::string& operator[](std::string_view key) const;
  bool has(std::string_view key) const;
};

struct BlockTransaction {
  std::int64_t code = 0;                          ///< not 0: it failed, and only its fee was taken
  std::vector<ChainEvent> ante;                   ///< before its first message: the fee
  std::vector<std::vector<ChainEvent>> messages;  ///< by message
  /// Its log tells of other events than the events do; the log stands, as it tells of each message.
  bool contradicts_itself = false;
};

struct BlockResults {
  std::uint64_t height = 0;
  std::vector<ChainEvent> begin;
  std::vector<BlockTransaction> transactions;
  std::vector<ChainEvent> end;
};
BlockResults parse_block_results(const std::string& source, std::string_view body);

/// Of "157878basecro,5ibc/27A…" what is in `denomination`; "" is nothing. Refused: not a list of coins.
money::Decimal coins_of(const std::string& where, std::string_view text, std::string_view denomination);

}  // namespace navkeeper::staking
