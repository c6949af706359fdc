#pragma once
// What one node says lies at one address at one block, how far it can be checked, and what remains in doubt.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/node_answer.h"
#include "common/money/decimal.h"
#include "common/time/instant.h"
#include "services/custody/domain/balance.h"

namespace navkeeper::custody {

enum class Chain { kBitcoin, kEthereum, kCronosPos, kCronosEvm };
std::string_view describe(Chain chain);  ///< "bitcoin", "ethereum", "cronos_pos", "cronos_evm"
std::optional<Chain> parse_chain(std::string_view word);
/// The coin that a chain itself knows, and its decimals there: BTC 8, ETH 18, CRO 8 and 18.
std::string_view native_asset(Chain chain);
int native_decimals(Chain chain);

/// How far a reading can be checked without believing the node.
enum class Shown {
  kStated,  ///< not at all: the node says so
  kHeader,  ///< the block's hash was computed from its header; the balance is what the node says
  kProof,   ///< the native balance was proven against the state root of a header whose hash was computed.
            ///< That the header is the chain's own is still the node's word.
};
std::string_view describe(Shown shown);  ///< "stated", "header", "proof"

/// One thing that a balance is made of: a validator, a delegation, a position, a deposit under way.
struct ReadingPart {
  std::string kind;   ///< "validator", "pending_deposit", "delegation", "unbonding", "tier_position", …
  std::string id;     ///< in the chain's own words
  std::string state;  ///< likewise; may be empty
  model::AssetId asset = model::AssetId::literal("UNSET");
  money::Decimal amount;  ///< whole coins
  bool in_total = true;   ///< false: said for completeness, such as a reward that is contingent
  std::string remark = {};
};

struct ChainReading {
  std::string source;  ///< the configured name of the node
  Chain chain{};
  std::string address;
  BlockMark block;
  std::optional<time::Instant> block_time{};
  Shown shown = Shown::kStated;
  /// The native coin first, then tokens. Each keeps its own rule (broken_balance_rule).
  std::vector<Balance> balances{};
  std::vector<ReadingPart> parts{};
  /// Seen and not final: never part of a balance.
  std::optional<money::Decimal> unconfirmed_in{};
  std::optional<money::Decimal> unconfirmed_out{};
  std::vector<std::string> doubts{};  ///< why it is not sure: sentences; empty: nothing is known against it
  std::vector<model::NodeAnswer> raw{};
};

/// SHA-256 over the SHA-256 of each answer, in their order.
crypto::Digest256 raw_sha256(const std::vector<model::NodeAnswer>& raw);

}  // namespace navkeeper::custody
