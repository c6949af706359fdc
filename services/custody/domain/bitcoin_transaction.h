#pragma once
// Bitcoin transactions and the parts of a PSBT (BIP-174) that a finished proof needs: reading and writing, no
// rules. Both are bounded and strict: no bytes behind the end, numbers in their shortest form.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/refusal.h"
#include "common/crypto/digest.h"

namespace navkeeper::custody {

/// A standard transaction has at most 100,000 virtual bytes; a proof needs no more.
inline constexpr std::size_t kTransactionBytesMax = 400'000;

using Witness = std::vector<base::Bytes>;

/// The bytes of a transaction id in the order in which they are hashed: the reverse of how they are shown.
struct OutPoint {
  crypto::Digest256 transaction{};
  std::uint32_t index = 0;
  auto operator<=>(const OutPoint&) const = default;
};
std::string shown(const crypto::Digest256& transaction);  ///< as explorers show it

struct TransactionInput {
  OutPoint previous;
  base::Bytes script_sig{};
  std::uint32_t sequence = 0;
  Witness witness{};
  bool operator==(const TransactionInput&) const = default;
};

struct TransactionOutput {
  std::uint64_t value_satoshi = 0;
  base::Bytes script_pubkey{};
  bool operator==(const TransactionOutput&) const = default;
};

struct Transaction {
  std::uint32_t version = 0;
  std::vector<TransactionInput> inputs{};
  std::vector<TransactionOutput> outputs{};
  std::uint32_t lock_time = 0;

  /// With the witnesses (BIP-144) when there is one.
  base::Bytes serialised() const;
  /// SHA-256d of the form without witnesses.
  crypto::Digest256 id() const;
  bool operator==(const Transaction&) const = default;
};

base::Checked<Transaction> parse_transaction(std::span<const std::uint8_t> bytes);
base::Checked<Witness> parse_witness(std::span<const std::uint8_t> bytes);
base::Bytes serialise_witness(const Witness& witness);

/// What the finished inputs of a PSBT spend, in their order.
struct FinishedPsbt {
  Transaction transaction;  ///< with the final scripts and witnesses in it
  std::vector<TransactionOutput> spent;
  /// Whether the transaction that made the output is in the PSBT, so that the id that the input names stands
  /// for its amount too; else it is stated alone.
  std::vector<bool> has_previous;
};

/// Version 0 (BIP-174), every input finished and with the output that it spends. Where a whole previous
/// transaction is given, its id must be the one that the input names.
base::Checked<FinishedPsbt> parse_finished_psbt(std::span<const std::uint8_t> bytes);

// Writing, for what is hashed.
void append_number(base::Bytes& out, std::uint32_t number);  ///< four bytes, little-endian
void append_number(base::Bytes& out, std::uint64_t number);  ///< eight bytes, little-endian
void append_length(base::Bytes& out, std::uint64_t length);  ///< Bitcoin's compact size
void append_bytes(base::Bytes& out, std::span<const std::uint8_t> bytes);
void append_with_length(base::Bytes& out, std::span<const std::uint8_t> bytes);
void append_out_point(base::Bytes& out, const OutPoint& point);
void append_output(base::Bytes& out, const TransactionOutput& output);

}  // namespace navkeeper::custody
