#include "services/custody/domain/signature_hash.h"

#include "common/base/ensure.h"
#include "common/crypto/hash.h"

namespace navkeeper::custody {
namespace {

constexpr std::uint8_t kTaprootEpoch = 0x00;
constexpr std::uint8_t kTapscriptKeyVersion = 0x00;
constexpr std::uint32_t kNoCodeSeparator = 0xffffffff;

void ensure_complete(const Spending& spending, std::size_t input) {
  ENSURE(input < spending.transaction.inputs.size());
  ENSURE(spending.spent.size() == spending.transaction.inputs.size());
}

/// The parts of all inputs and outputs that BIP-143 hashes twice and BIP-341 once.
struct Parts {
  base::Bytes out_points;
  base::Bytes sequences;
  base::Bytes outputs;
};

Parts parts_of(const Transaction& transaction) {
  Parts parts;
  for (const TransactionInput& input : transaction.inputs) {
    append_out_point(parts.out_points, input.previous);
    append_number(parts.sequences, input.sequence);
  }
  for (const TransactionOutput& output : transaction.outputs) append_output(parts.outputs, output);
  return parts;
}

}  // namespace

crypto::Digest256 legacy_signature_hash(const Spending& spending, std::size_t input,
                                        std::span<const std::uint8_t> script_code) {
  ensure_complete(spending, input);
  Transaction signed_form = spending.transaction;
  for (TransactionInput& other : signed_form.inputs) {
    other.script_sig.clear();
    other.witness.clear();
  }
  signed_form.inputs[input].script_sig.assign(script_code.begin(), script_code.end());
  base::Bytes message = signed_form.serialised();
  append_number(message, std::uint32_t{kSighashAll});
  return crypto::sha256d(message);
}

crypto::Digest256 segwit_signature_hash(const Spending& spending, std::size_t input,
                                        std::span<const std::uint8_t> script_code) {
  ensure_complete(spending, input);
  const Parts parts = parts_of(spending.transaction);
  const TransactionInput& own = spending.transaction.inputs[input];
  base::Bytes message;
  append_number(message, spending.transaction.version);
  append_bytes(message, crypto::sha256d(parts.out_points));
  append_bytes(message, crypto::sha256d(parts.sequences));
  append_out_point(message, own.previous);
  append_with_length(message, script_code);
  append_number(message, spending.spent[input].value_satoshi);
  append_number(message, own.sequence);
  append_bytes(message, crypto::sha256d(parts.outputs));
  append_number(message, spending.transaction.lock_time);
  append_number(message, std::uint32_t{kSighashAll});
  return crypto::sha256d(message);
}

crypto::Digest256 taproot_signature_hash(const Spending& spending, std::size_t input, std::uint8_t hash_type,
                                         const std::optional<crypto::Digest256>& leaf) {
  ensure_complete(spending, input);
  ENSURE(hash_type == kSighashDefault || hash_type == kSighashAll);
  const Parts parts = parts_of(spending.transaction);
  base::Bytes amounts;
  base::Bytes scripts;
  for (const TransactionOutput& output : spending.spent) {
    append_number(amounts, output.value_satoshi);
    append_with_length(scripts, output.script_pubkey);
  }
  base::Bytes message{kTaprootEpoch, hash_type};
  append_number(message, spending.transaction.version);
  append_number(message, spending.transaction.lock_time);
  append_bytes(message, crypto::sha256(parts.out_points));
  append_bytes(message, crypto::sha256(amounts));
  append_bytes(message, crypto::sha256(scripts));
  append_bytes(message, crypto::sha256(parts.sequences));
  append_bytes(message, crypto::sha256(parts.outputs));
  message.push_back(static_cast<std::uint8_t>(leaf ? 2 : 0));  // ext_flag · 2 + annex present
  append_number(message, static_cast<std::uint32_t>(input));
  if (leaf) {
    append_bytes(message, *leaf);
    message.push_back(kTapscriptKeyVersion);
    append_number(message, kNoCodeSeparator);
  }
  return crypto::tagged_hash("TapSighash", message);
}

}  // namespace navkeeper::custody
