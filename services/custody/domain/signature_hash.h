#pragma once
// What a signature in a Bitcoin transaction signs, for the hash type ALL, the only one that BIP-322 allows.
// Three forms: before segwit, BIP-143 (witness version 0), BIP-341 and BIP-342 (taproot).
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/crypto/digest.h"
#include "services/custody/domain/bitcoin_transaction.h"

namespace navkeeper::custody {

inline constexpr std::uint8_t kSighashDefault = 0x00;  ///< taproot only: ALL without saying so
inline constexpr std::uint8_t kSighashAll = 0x01;

/// A transaction and the outputs that its inputs spend, in their order. `input` in the functions below is
/// below the number of inputs, and there are as many outputs (ENSURE).
struct Spending {
  const Transaction& transaction;
  const std::vector<TransactionOutput>& spent;
};

/// `script_code`: the script of the output, or the redeem script of P2SH.
crypto::Digest256 legacy_signature_hash(const Spending& spending, std::size_t input,
                                        std::span<const std::uint8_t> script_code);
/// BIP-143. `script_code`: for P2WPKH the P2PKH script of the same hash, else the witness script.
crypto::Digest256 segwit_signature_hash(const Spending& spending, std::size_t input,
                                        std::span<const std::uint8_t> script_code);
/// BIP-341 without annex. `leaf`: the tapleaf hash for a script path (BIP-342), nothing for the key path.
/// `hash_type` is kSighashDefault or kSighashAll.
crypto::Digest256 taproot_signature_hash(const Spending& spending, std::size_t input, std::uint8_t hash_type,
                                         const std::optional<crypto::Digest256>& leaf);

}  // namespace navkeeper::custody
