#include "services/custody/domain/input_check.h"

#include <algorithm>

#include "common/crypto/hash.h"
#include "common/crypto/secp256k1.h"
#include "services/custody/domain/bitcoin_address.h"
#include "services/custody/domain/script_template.h"

namespace navkeeper::custody {
namespace {

using crypto::Digest256;
using crypto::PublicKey;

constexpr std::size_t kCompressedKeyBytes = 33;
constexpr std::size_t kXOnlyKeyBytes = 32;
constexpr std::size_t kSchnorrBytes = 64;
/// A push of a script or a witness item of P2WSH (BIP-141) and P2SH is at most this long.
constexpr std::size_t kElementBytesMax = 520;
constexpr std::size_t kWitnessScriptBytesMax = 10'000;
// BIP-341.
constexpr std::uint8_t kAnnexPrefix = 0x50;
constexpr std::uint8_t kLeafVersionTapscript = 0xc0;
constexpr std::size_t kControlBytes = 33;
constexpr std::size_t kMerkleStepBytes = 32;
constexpr std::size_t kMerkleStepsMax = 128;
// BIP-68 and BIP-112.
constexpr std::uint32_t kSequenceDisabled = 0x80000000;
constexpr std::uint32_t kSequenceIsTime = 0x00400000;
constexpr std::uint32_t kSequenceValue = 0x0000ffff;
constexpr std::uint32_t kRelativeLockVersion = 2;

Verdict signature_valid() { return valid("the signature is valid"); }
Verdict bad_signature() {
  return invalid("invalid signature: it was not made by this key over this message");
}
Verdict bad_encoding() {
  return invalid("invalid signature: it must be strict DER with a low s and the hash type ALL");
}
Verdict wrong_script() { return invalid("invalid signature: its key or script is not the address's"); }
Verdict wrong_stack() {
  return invalid("invalid signature: the witness has not the items that the script takes");
}

/// How an ECDSA signature is checked at one place of one transaction.
struct EcdsaPlace {
  const Spending& spending;
  std::size_t input;
  bool segwit;
  std::span<const std::uint8_t> script_code;

  Digest256 digest() const {
    return segwit ? segwit_signature_hash(spending, input, script_code)
                  : legacy_signature_hash(spending, input, script_code);
  }
};

/// The signature in front of the hash type ALL.
std::optional<crypto::EcdsaSignature> ecdsa_item(std::span<const std::uint8_t> item) {
  if (item.empty() || item.back() != kSighashAll) return std::nullopt;
  auto signature = crypto::parse_der(item.first(item.size() - 1));
  if (!signature || !crypto::has_low_s(*signature)) return std::nullopt;
  return signature;
}

Verdict check_ecdsa(const EcdsaPlace& place, std::span<const std::uint8_t> item,
                    std::span<const std::uint8_t> encoded_key) {
  const auto signature = ecdsa_item(item);
  if (!signature) return bad_encoding();
  const auto key = PublicKey::parse(encoded_key);
  if (!key) return invalid("the public key is not on the curve, or is in the hybrid form");
  if (!crypto::verify_ecdsa(*key, place.digest(), *signature, crypto::SRule::kLow)) return bad_signature();
  return signature_valid();
}

/// The script reads signatures and keys from the last to the first, each signature by a key behind the last.
Verdict check_multisig(const EcdsaPlace& place, const MultisigScript& script,
                       std::span<const base::Bytes> stack) {
  if (stack.size() != 1 + script.needed) return wrong_stack();
  if (!stack[0].empty()) return invalid("the item that OP_CHECKMULTISIG drops must be empty (BIP-147)");
  const Digest256 digest = place.digest();
  std::size_t key_at = 0;
  for (const base::Bytes& item : stack.subspan(1)) {
    const auto signature = ecdsa_item(item);
    if (!signature) return bad_encoding();
    bool found = false;
    for (; key_at < script.keys.size() && !found; ++key_at) {
      const auto key = PublicKey::parse(script.keys[key_at]);
      found = key && crypto::verify_ecdsa(*key, digest, *signature, crypto::SRule::kLow);
    }
    if (!found) return bad_signature();
  }
  return signature_valid();
}

/// BIP-112 for a positive operand: the input's sequence must promise at least that delay.
std::optional<Verdict> refuse_delay(const Transaction& transaction, std::size_t input, std::uint32_t delay) {
  const std::uint32_t sequence = transaction.inputs[input].sequence;
  if (transaction.version < kRelativeLockVersion || (sequence & kSequenceDisabled) != 0)
    return invalid("the script's delay needs version 2 and a sequence that counts");
  if ((sequence & kSequenceIsTime) != (delay & kSequenceIsTime))
    return invalid("the script counts blocks and the sequence time, or the reverse");
  if ((sequence & kSequenceValue) < (delay & kSequenceValue))
    return invalid("the sequence is shorter than the script's delay");
  return std::nullopt;
}

/// Which key of the two may sign, and why not.
struct ChosenKey {
  base::Bytes key;
  std::optional<Verdict> refusal{};
};

ChosenKey choose_key(const Spending& spending, std::size_t input, const TimeLockScript& script,
                     const base::Bytes& choice) {
  if (choice == base::Bytes{1}) return {script.key_at_once};
  if (!choice.empty()) return {{}, invalid("the choice of a branch must be 01 or empty (MINIMALIF)")};
  return {script.key_after, refuse_delay(spending.transaction, input, script.delay)};
}

bool compressed_only(const MultisigScript& script) {
  return std::all_of(script.keys.begin(), script.keys.end(),
                     [](const base::Bytes& key) { return key.size() == kCompressedKeyBytes; });
}

Verdict check_witness_script(const Spending& spending, std::size_t input, const Witness& witness,
                             const base::Bytes& program) {
  if (witness.empty()) return invalid("invalid signature: the witness is empty");
  const base::Bytes& script = witness.back();
  if (script.size() > kWitnessScriptBytesMax || !std::ranges::equal(crypto::sha256(script), program))
    return wrong_script();
  const std::span<const base::Bytes> stack = std::span(witness).first(witness.size() - 1);
  const EcdsaPlace place{spending, input, true, script};
  if (const auto multisig = match_multisig(script)) {
    if (!compressed_only(*multisig)) return inconclusive("the script holds keys that segwit does not use");
    return check_multisig(place, *multisig, stack);
  }
  if (const auto locked = match_time_lock(script, kCompressedKeyBytes)) {
    if (stack.size() != 2) return wrong_stack();
    const ChosenKey chosen = choose_key(spending, input, *locked, stack[1]);
    return chosen.refusal ? *chosen.refusal : check_ecdsa(place, stack[0], chosen.key);
  }
  return inconclusive("the witness script is not one that is understood here");
}

Verdict check_witness_key_hash(const Spending& spending, std::size_t input, const Witness& witness,
                               const base::Bytes& program) {
  if (witness.size() != 2) return wrong_stack();
  if (!std::ranges::equal(crypto::hash160(witness[1]), program)) return wrong_script();
  if (witness[1].size() != kCompressedKeyBytes) return inconclusive("segwit uses compressed keys only");
  const base::Bytes script_code = BitcoinOutput{OutputKind::kP2pkh, 0, program}.script();
  return check_ecdsa({spending, input, true, script_code}, witness[0], witness[1]);
}

Verdict check_schnorr(const Spending& spending, std::size_t input, const base::Bytes& item,
                      std::span<const std::uint8_t> x, const std::optional<Digest256>& leaf) {
  const bool states_type = item.size() == kSchnorrBytes + 1;
  if (item.size() != kSchnorrBytes && !(states_type && item.back() == kSighashAll))
    return invalid("invalid signature: it must be 64 bytes, or 65 with the hash type ALL");
  const std::uint8_t hash_type = states_type ? kSighashAll : kSighashDefault;
  const Digest256 digest = taproot_signature_hash(spending, input, hash_type, leaf);
  if (!crypto::verify_schnorr(x, digest, std::span(item).first(kSchnorrBytes))) return bad_signature();
  return signature_valid();
}

Digest256 leaf_hash(const base::Bytes& script) {
  base::Bytes leaf{kLeafVersionTapscript};
  append_with_length(leaf, script);
  return crypto::tagged_hash("TapLeaf", leaf);
}

/// BIP-341: the output key commits to the leaf by the path in the control block.
bool commits_to(const base::Bytes& program, const base::Bytes& control, const Digest256& leaf) {
  const auto internal_x = std::span(control).subspan(1, kXOnlyKeyBytes);
  Digest256 node = leaf;
  for (std::size_t at = kControlBytes; at < control.size(); at += kMerkleStepBytes) {
    const auto step = std::span(control).subspan(at, kMerkleStepBytes);
    base::Bytes both;
    const bool node_first = std::ranges::lexicographical_compare(node, step);
    append_bytes(both, node_first ? std::span<const std::uint8_t>(node) : step);
    append_bytes(both, node_first ? step : std::span<const std::uint8_t>(node));
    node = crypto::tagged_hash("TapBranch", both);
  }
  const auto internal = PublicKey::from_x_only(internal_x);
  if (!internal) return false;
  base::Bytes tweak(internal_x.begin(), internal_x.end());
  append_bytes(tweak, node);
  const auto output = internal->plus(crypto::tagged_hash("TapTweak", tweak));
  return output && std::ranges::equal(output->x_only(), program) &&
         output->has_even_y() == ((control[0] & 1U) == 0);
}

Verdict check_taproot_script(const Spending& spending, std::size_t input, const Witness& witness,
                             const base::Bytes& program) {
  const base::Bytes& control = witness.back();
  const base::Bytes& script = witness[witness.size() - 2];
  const bool shape = control.size() >= kControlBytes &&
                     (control.size() - kControlBytes) % kMerkleStepBytes == 0 &&
                     (control.size() - kControlBytes) / kMerkleStepBytes <= kMerkleStepsMax;
  if (!shape) return invalid("invalid signature: the control block has not a length of BIP-341");
  if ((control[0] & 0xfeU) != kLeafVersionTapscript)
    return inconclusive("the leaf has a version that is not understood here");
  const Digest256 leaf = leaf_hash(script);
  if (!commits_to(program, control, leaf)) return wrong_script();
  const auto locked = match_time_lock(script, kXOnlyKeyBytes);
  if (!locked) return inconclusive("the taproot script is not one that is understood here");
  if (witness.size() != 4) return wrong_stack();
  const ChosenKey chosen = choose_key(spending, input, *locked, witness[1]);
  return chosen.refusal ? *chosen.refusal : check_schnorr(spending, input, witness[0], chosen.key, leaf);
}

Verdict check_taproot(const Spending& spending, std::size_t input, const Witness& witness,
                      const base::Bytes& program) {
  if (witness.empty()) return invalid("invalid signature: the witness is empty");
  if (witness.size() >= 2 && !witness.back().empty() && witness.back()[0] == kAnnexPrefix)
    return inconclusive("the witness has an annex");
  if (witness.size() == 1) return check_schnorr(spending, input, witness[0], program, std::nullopt);
  return check_taproot_script(spending, input, witness, program);
}

Verdict check_witness_program(const Spending& spending, std::size_t input, const BitcoinOutput& output) {
  const Witness& witness = spending.transaction.inputs[input].witness;
  switch (output.kind) {
    case OutputKind::kP2wpkh:
      return check_witness_key_hash(spending, input, witness, output.program);
    case OutputKind::kP2wsh:
      return check_witness_script(spending, input, witness, output.program);
    case OutputKind::kP2tr:
      return check_taproot(spending, input, witness, output.program);
    case OutputKind::kUnknownWitness:
    case OutputKind::kP2pkh:
    case OutputKind::kP2sh:
      return inconclusive("the output is not one that is understood here");
  }
  return inconclusive("the output is not one that is understood here");
}

Verdict check_script_hash(const Spending& spending, std::size_t input, const std::vector<base::Bytes>& stack,
                          const base::Bytes& program) {
  const bool with_witness = !spending.transaction.inputs[input].witness.empty();
  if (stack.empty()) return wrong_stack();
  const base::Bytes& redeem = stack.back();
  if (redeem.size() > kElementBytesMax || !std::ranges::equal(crypto::hash160(redeem), program))
    return wrong_script();
  const auto inner = output_of_script(redeem);
  if (inner && inner->kind != OutputKind::kP2pkh && inner->kind != OutputKind::kP2sh) {
    if (stack.size() != 1) return wrong_stack();
    // Taproot inside P2SH has no rules (BIP-341): anyone may spend it.
    if (inner->witness_version != 0)
      return inconclusive("only witness version 0 means something inside P2SH");
    return check_witness_program(spending, input, *inner);
  }
  if (with_witness) return invalid("an output without witness was given one");
  const auto multisig = match_multisig(redeem);
  if (!multisig) return inconclusive("the redeem script is not one that is understood here");
  return check_multisig({spending, input, false, redeem}, *multisig,
                        std::span(stack).first(stack.size() - 1));
}

Verdict check_key_hash(const Spending& spending, std::size_t input, const std::vector<base::Bytes>& stack,
                       const base::Bytes& program) {
  if (!spending.transaction.inputs[input].witness.empty())
    return invalid("an output without witness was given one");
  if (stack.size() != 2) return wrong_stack();
  if (!std::ranges::equal(crypto::hash160(stack[1]), program)) return wrong_script();
  return check_ecdsa({spending, input, false, spending.spent[input].script_pubkey}, stack[0], stack[1]);
}

}  // namespace

Verdict check_input(const Spending& spending, std::size_t input) {
  const auto output = output_of_script(spending.spent[input].script_pubkey);
  if (!output) return inconclusive("the output's script is not one that is understood here");
  const base::Bytes& script_sig = spending.transaction.inputs[input].script_sig;
  if (output->kind != OutputKind::kP2pkh && output->kind != OutputKind::kP2sh) {
    if (!script_sig.empty()) return invalid("a witness output takes an empty scriptSig");
    return check_witness_program(spending, input, *output);
  }
  const auto stack = pushes_of(script_sig);
  if (!stack) return invalid("a scriptSig must hold minimal pushes alone");
  return output->kind == OutputKind::kP2pkh ? check_key_hash(spending, input, *stack, output->program)
                                            : check_script_hash(spending, input, *stack, output->program);
}

}  // namespace navkeeper::custody
