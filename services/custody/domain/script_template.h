#pragma once
// The few scripts that are understood, each as a shape: everything else is nothing here and inconclusive
// above. Public keys stand as they are encoded; whether they are points is asked when a signature is checked.
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "common/base/bytes.h"

namespace navkeeper::custody {

/// OP_m key… OP_n OP_CHECKMULTISIG with 1 ≤ m ≤ n ≤ 16.
struct MultisigScript {
  std::size_t needed = 0;
  std::vector<base::Bytes> keys;  ///< 33 or 65 bytes each
};

/// Two keys, of which the second can sign only after a delay:
///   witness version 0:  OP_IF <key> OP_ELSE <n> OP_CHECKSEQUENCEVERIFY OP_DROP <key> OP_ENDIF OP_CHECKSIG
///   taproot leaf:       the same with x-only keys
struct TimeLockScript {
  base::Bytes key_at_once;
  base::Bytes key_after;
  std::uint32_t delay = 0;  ///< as nSequence spells it (BIP-68, BIP-112)
};

std::optional<MultisigScript> match_multisig(std::span<const std::uint8_t> script);
/// `key_bytes`: 33 for witness version 0, 32 for taproot.
std::optional<TimeLockScript> match_time_lock(std::span<const std::uint8_t> script, std::size_t key_bytes);

/// The items that a script of pushes alone leaves on the stack; nothing when it holds another operation or a
/// push that is not minimal (MINIMALDATA of BIP-62).
std::optional<std::vector<base::Bytes>> pushes_of(std::span<const std::uint8_t> script);

}  // namespace navkeeper::custody
