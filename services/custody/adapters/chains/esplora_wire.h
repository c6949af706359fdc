#pragma once
// Esplora's REST answers (Blockstream/esplora, API.md). Amounts are satoshi as JSON numbers.
#include <string>
#include <string_view>
#include <vector>

#include "services/custody/domain/chains/bitcoin_coins.h"
#include "services/custody/domain/chains/block_header.h"

namespace navkeeper::custody {

/// One page of an address' confirmed history; fewer are the last page.
inline constexpr std::size_t kEsploraPage = 25;
/// All that an answer lists of transactions that wait; there is no page behind it.
inline constexpr std::size_t kEsploraWaitingMax = 50;

struct EsploraAddress {
  AddressTotals confirmed;
  AddressTotals waiting;
};
/// Each throws base::Refused, `where` being `source` and the field.
EsploraAddress parse_esplora_address(const std::string& source, std::string_view body,
                                     std::string_view address);
std::vector<Coin> parse_esplora_coins(const std::string& source, std::string_view body);
/// `script` is the address' output script: outputs are known by it, not by how they are shown.
std::vector<AddressTransaction> parse_esplora_transactions(const std::string& source, std::string_view body,
                                                           const base::Bytes& script);

struct EsploraBlock {
  std::uint64_t height = 0;
  BitcoinHeader header;
  std::string id;
};
/// Refused also when the header's own hash is not the id, or lacks the work that it states.
EsploraBlock parse_esplora_block(const std::string& source, std::string_view body);

/// A bare number or hash, as /blocks/tip/height and /block-height/:h answer.
std::uint64_t parse_bare_height(const std::string& source, std::string_view body);
std::string parse_bare_hash(const std::string& source, std::string_view body);

}  // namespace navkeeper::custody
