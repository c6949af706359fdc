#include "services/custody/domain/bip322.h"

#include <algorithm>
#include <set>

#include "common/base/base64.h"
#include "common/crypto/hash.h"
#include "services/custody/domain/input_check.h"

namespace navkeeper::custody {
namespace {

constexpr std::string_view kMessageTag = "BIP0322-signed-message";
constexpr std::string_view kSimplePrefix = "smp";
constexpr std::string_view kFullPrefix = "ful";
constexpr std::string_view kProofOfFundsPrefix = "pof";
constexpr std::uint8_t kOp0 = 0x00;
constexpr std::uint8_t kOpReturn = 0x6a;
constexpr std::uint32_t kNoOutput = 0xffffffff;
/// Base64 of the longest transaction that is read.
constexpr std::size_t kSignatureTextMax = kTransactionBytesMax / 3 * 4 + 8;

bool has_inputs_twice(const Transaction& transaction) {
  std::set<OutPoint> seen;
  return std::any_of(transaction.inputs.begin(), transaction.inputs.end(),
                     [&](const TransactionInput& input) { return !seen.insert(input.previous).second; });
}

/// The null outpoint stands for what a block's first transaction creates; only to_spend may name it.
bool names_no_output(const Transaction& transaction) {
  return std::any_of(transaction.inputs.begin(), transaction.inputs.end(), [](const TransactionInput& input) {
    return input.previous == OutPoint{{}, kNoOutput};
  });
}

/// The basic rules of to_sign that its first input and its output must keep.
std::optional<Verdict> refuse_shape(const Transaction& to_sign, const Transaction& to_spend) {
  if (to_sign.inputs.empty() || to_sign.inputs[0].previous != OutPoint{to_spend.id(), 0})
    return invalid("invalid signature: it was made for another message or another address");
  const std::vector<TransactionOutput> wanted{{0, {kOpReturn}}};
  if (to_sign.outputs != wanted) return invalid("to_sign must have one output, OP_RETURN with no value");
  if (has_inputs_twice(to_sign)) return invalid("to_sign spends an output twice");
  if (names_no_output(to_sign)) return invalid("to_sign names an output that no transaction has");
  return std::nullopt;
}

/// Every input; the first one that is not valid decides, an invalid one before an inconclusive one.
Verdict check_inputs(const Spending& spending) {
  Verdict verdict = valid("the signature is valid");
  for (std::size_t i = 0; i < spending.transaction.inputs.size(); ++i) {
    Verdict one = check_input(spending, i);
    if (i > 0) one.reason = "output " + std::to_string(i) + " of the proof: " + one.reason;
    if (one.control == Control::kInvalid) return one;
    if (!one.valid() && verdict.valid()) verdict = std::move(one);
  }
  return verdict;
}

/// The upgradeable rules of BIP-322, and what the signer set.
Verdict finish(Verdict verdict, const Transaction& to_sign) {
  if (!verdict.valid()) return verdict;
  if (to_sign.version != 0 && to_sign.version != 2)
    return inconclusive("to_sign has a version that may mean more than is understood here");
  const TimeLock lock{to_sign.lock_time, to_sign.inputs[0].sequence};
  if (lock != TimeLock{}) verdict.time_lock = lock;
  return verdict;
}

Verdict verify_transaction(const Transaction& to_spend, const Transaction& to_sign,
                           const std::vector<TransactionOutput>& spent) {
  if (auto refusal = refuse_shape(to_sign, to_spend)) return std::move(*refusal);
  return finish(check_inputs({to_sign, spent}), to_sign);
}

Verdict verify_simple(const Transaction& to_spend, const BitcoinAddress& address, const base::Bytes& bytes) {
  if (bytes.empty()) return invalid("signature too short");
  auto witness = parse_witness(bytes);
  if (witness.has_error())
    return invalid("error parsing signature as simple variant: " + witness.error().rule);
  if (address.output.kind == OutputKind::kP2pkh || address.output.kind == OutputKind::kP2sh)
    return invalid("a " + std::string(describe(address.output.kind)) +
                   " address needs the full variant: the simple one is a witness alone (a signature of the "
                   "older signmessage is checked by that method)");
  Transaction to_sign = bip322_to_sign(to_spend);
  to_sign.inputs[0].witness = std::move(*witness);
  return verify_transaction(to_spend, to_sign, to_spend.outputs);
}

Verdict verify_full(const Transaction& to_spend, const base::Bytes& bytes) {
  const auto to_sign = parse_transaction(bytes);
  if (to_sign.has_error()) return invalid("error parsing signature as full variant: " + to_sign.error().rule);
  if (to_sign->inputs.size() != 1)
    return invalid("the full variant has one input: with more it must say what they spend (pof)");
  return verify_transaction(to_spend, *to_sign, to_spend.outputs);
}

/// Signatures of witnesses cover what is spent (BIP-143, BIP-341); older ones do not, so that only the
/// transaction that made the output can say what it holds.
bool is_amount_committed(const FinishedPsbt& psbt, std::size_t input) {
  return psbt.has_previous[input] || !psbt.transaction.inputs[input].witness.empty();
}

Verdict verify_proof_of_funds(const Transaction& to_spend, const base::Bytes& bytes) {
  const auto psbt = parse_finished_psbt(bytes);
  if (psbt.has_error()) return invalid("error parsing signature as proof of funds: " + psbt.error().rule);
  if (auto refusal = refuse_shape(psbt->transaction, to_spend)) return std::move(*refusal);
  if (psbt->spent[0] != to_spend.outputs[0])
    return invalid("the PSBT states another output for the address than BIP-322 does");
  Verdict verdict = verify_transaction(to_spend, psbt->transaction, psbt->spent);
  for (std::size_t i = 1; verdict.valid() && i < psbt->spent.size(); ++i) {
    if (!is_amount_committed(*psbt, i))
      return inconclusive("nothing in the proof commits to the amount of output " + std::to_string(i) +
                          ": a signature from before segwit does not cover it; the proof must hold the "
                          "transaction that made the output");
  }
  for (std::size_t i = 1; verdict.valid() && i < psbt->spent.size(); ++i) {
    const OutPoint& previous = psbt->transaction.inputs[i].previous;
    verdict.claimed_outputs.push_back({shown(previous.transaction), previous.index,
                                       psbt->spent[i].value_satoshi, psbt->spent[i].script_pubkey});
  }
  return verdict;
}

}  // namespace

crypto::Digest256 bip322_message_hash(std::string_view message) {
  return crypto::tagged_hash(kMessageTag,
                             {reinterpret_cast<const std::uint8_t*>(message.data()), message.size()});
}

Transaction bip322_to_spend(std::string_view message, const BitcoinOutput& output) {
  const crypto::Digest256 hash = bip322_message_hash(message);
  base::Bytes script_sig{kOp0};
  append_with_length(script_sig, hash);
  Transaction to_spend;
  to_spend.inputs.push_back({.previous = {{}, kNoOutput}, .script_sig = std::move(script_sig)});
  to_spend.outputs.push_back({0, output.script()});
  return to_spend;
}

Transaction bip322_to_sign(const Transaction& to_spend) {
  Transaction to_sign;
  to_sign.inputs.push_back({.previous = {to_spend.id(), 0}});
  to_sign.outputs.push_back({0, {kOpReturn}});
  return to_sign;
}

std::string_view bip322_prefix(std::string_view signature) {
  for (const std::string_view prefix : {kSimplePrefix, kFullPrefix, kProofOfFundsPrefix}) {
    if (signature.starts_with(prefix)) return prefix;
  }
  return {};
}

Verdict verify_bip322(const BitcoinAddress& address, std::string_view message, std::string_view signature) {
  if (message.size() > kMessageBytesMax) return inconclusive("the message is longer than 1 MiB");
  if (signature.size() > kSignatureTextMax) return invalid("the signature is too long");
  const std::string_view variant = bip322_prefix(signature);
  const auto bytes = base::from_base64(signature.substr(variant.size()));
  if (!bytes) return invalid("error decoding signature as base64");
  const Transaction to_spend = bip322_to_spend(message, address.output);
  if (variant == kFullPrefix) return verify_full(to_spend, *bytes);
  if (variant == kProofOfFundsPrefix) return verify_proof_of_funds(to_spend, *bytes);
  return verify_simple(to_spend, address, *bytes);
}

}  // namespace navkeeper::custody
