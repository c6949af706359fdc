#pragma once
// BIP-322 version 2.0.0, the generic signed message format of Bitcoin: the signature is a spend of a virtual
// output of the address. Three variants by their prefix: "smp" simple (a witness), "ful" full (a
// transaction), "pof" proof of funds (a finished PSBT that also spends the outputs to be shown); without a
// prefix simple is assumed.
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "services/custody/domain/bitcoin_address.h"
#include "services/custody/domain/bitcoin_transaction.h"
#include "services/custody/domain/verdict.h"

namespace navkeeper::custody {

/// A message is text that people agree on: longer ones are refused before they are hashed.
inline constexpr std::size_t kMessageBytesMax = std::size_t{1} << 20;

/// SHA-256 of the message with the tag "BIP0322-signed-message".
crypto::Digest256 bip322_message_hash(std::string_view message);
/// The virtual transaction whose only output belongs to `output`.
Transaction bip322_to_spend(std::string_view message, const BitcoinOutput& output);
/// The virtual transaction that spends it, not yet signed, as the simple variant has it.
Transaction bip322_to_sign(const Transaction& to_spend);

/// "smp", "ful" or "pof", where the signature begins with one; else empty, which means simple.
std::string_view bip322_prefix(std::string_view signature);

/// `message` is taken byte by byte, `signature` is the text with its prefix. The state is BIP-322's; what is
/// no valid spend, and what is not even a signature, is invalid.
Verdict verify_bip322(const BitcoinAddress& address, std::string_view message, std::string_view signature);

}  // namespace navkeeper::custody
