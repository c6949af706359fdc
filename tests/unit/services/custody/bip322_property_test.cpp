// Signatures made here for every script that is understood: valid as they are, and refused after each change
// that breaks a rule. What is not understood is inconclusive.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "common/base/base64.h"
#include "common/crypto/hash.h"
#include "services/custody/domain/bip322.h"
#include "services/custody/domain/input_check.h"
#include "services/custody/domain/script_template.h"
#include "tests/support/signer.h"
#include "tests/support/vectors.h"

namespace navkeeper::custody {
namespace {

using tests::hex;
using tests::Signer;

constexpr std::uint32_t kDelay = 2016;

base::Bytes joined(std::initializer_list<base::Bytes> parts) {
  base::Bytes all;
  for (const base::Bytes& part : parts) append_bytes(all, part);
  return all;
}

base::Bytes push(const base::Bytes& data) {
  base::Bytes out;
  if (data.size() > 75) out.push_back(data.size() > 255 ? 0x4d : 0x4c);
  out.push_back(static_cast<std::uint8_t>(data.size()));
  if (data.size() > 255) out.push_back(static_cast<std::uint8_t>(data.size() >> 8));
  append_bytes(out, data);
  return out;
}

base::Bytes key_bytes(const Signer& signer) {
  const auto encoded = signer.key().compressed();
  return {encoded.begin(), encoded.end()};
}

base::Bytes x_bytes(const Signer& signer) {
  const auto x = signer.key().x_only();
  return {x.begin(), x.end()};
}

base::Bytes with_type(base::Bytes signature, std::uint8_t type = kSighashAll) {
  signature.push_back(type);
  return signature;
}

base::Bytes multisig_script(const std::vector<Signer>& signers, std::size_t needed) {
  base::Bytes script{static_cast<std::uint8_t>(0x50 + needed)};
  for (const Signer& signer : signers) append_bytes(script, push(key_bytes(signer)));
  script.push_back(static_cast<std::uint8_t>(0x50 + signers.size()));
  script.push_back(0xae);
  return script;
}

base::Bytes time_lock_script(const base::Bytes& first, const base::Bytes& second) {
  return joined({{0x63}, push(first), {0x67}, push({0xe0, 0x07}), {0xb2, 0x75}, push(second), {0x68, 0xac}});
}

/// A to_sign under construction.
struct Draft {
  std::string message;
  BitcoinOutput output;
  Transaction to_spend;
  Transaction to_sign;

  Draft(std::string of, const BitcoinOutput& for_output, std::uint32_t sequence = 0)
      : message(std::move(of)),
        output(for_output),
        to_spend(bip322_to_spend(message, output)),
        to_sign(bip322_to_sign(to_spend)) {
    to_sign.inputs[0].sequence = sequence;
    if (sequence != 0) to_sign.version = 2;
  }
  Spending spending() const { return {to_sign, to_spend.outputs}; }
  crypto::Digest256 segwit(const base::Bytes& code) const {
    return segwit_signature_hash(spending(), 0, code);
  }
  crypto::Digest256 legacy(const base::Bytes& code) const {
    return legacy_signature_hash(spending(), 0, code);
  }
  Witness& witness() { return to_sign.inputs[0].witness; }
  std::string full() const { return "ful" + base::to_base64(to_sign.serialised()); }
  std::string simple() const { return "smp" + base::to_base64(serialise_witness(to_sign.inputs[0].witness)); }
  Verdict verify(const std::string& signature) const {
    return verify_bip322({BitcoinNetwork::kMainnet, output}, message, signature);
  }
  Control full_state() const { return verify(full()).control; }
};

Draft p2wpkh_draft(const Signer& signer, const std::string& message) {
  Draft draft(message, p2wpkh(signer.key()));
  const base::Bytes code = p2pkh(key_bytes(signer)).script();
  draft.witness() = {with_type(Signer::der(signer.ecdsa(draft.segwit(code)))), key_bytes(signer)};
  return draft;
}

Draft p2pkh_draft(const Signer& signer, const std::string& message) {
  Draft draft(message, p2pkh(key_bytes(signer)));
  const base::Bytes signature = with_type(Signer::der(signer.ecdsa(draft.legacy(draft.output.script()))));
  draft.to_sign.inputs[0].script_sig = joined({push(signature), push(key_bytes(signer))});
  return draft;
}

Draft taproot_draft(const Signer& internal, const std::string& message, bool states_type) {
  Draft draft(message, *p2tr(internal.key()));
  const std::uint8_t type = states_type ? kSighashAll : kSighashDefault;
  const auto signature = internal.taproot().schnorr(taproot_signature_hash(draft.spending(), 0, type, {}));
  base::Bytes item(signature.begin(), signature.end());
  draft.witness() = {states_type ? with_type(item) : item};
  return draft;
}

/// m of n, wrapped: 0 P2SH, 1 P2WSH, 2 P2SH-P2WSH. Signed by the signers at `by`, in that order.
Draft multisig_draft(const std::vector<Signer>& signers, const std::vector<std::size_t>& by, int wrapping,
                     const std::string& message) {
  const base::Bytes script = multisig_script(signers, by.size());
  const BitcoinOutput inner = p2wsh(script);
  Draft draft(message, wrapping == 0 ? p2sh(script) : wrapping == 1 ? inner : p2sh(inner.script()));
  const auto digest = wrapping == 0 ? draft.legacy(script) : draft.segwit(script);
  Witness stack{{}};
  for (const std::size_t i : by) stack.push_back(with_type(Signer::der(signers[i].ecdsa(digest))));
  stack.push_back(script);
  if (wrapping != 0) {
    draft.witness() = stack;
    if (wrapping == 2) draft.to_sign.inputs[0].script_sig = push(inner.script());
    return draft;
  }
  for (const base::Bytes& item : stack) append_bytes(draft.to_sign.inputs[0].script_sig, push(item));
  return draft;
}

TEST(Bip322, WhatIsSignedForEachScriptIsValidAndForAnotherMessageNever) {
  EXPECT_TRUE(rc::check("each script", [] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto message = *rc::gen::arbitrary<std::string>();
    const Signer signer(seed);
    std::vector<Draft> drafts{p2wpkh_draft(signer, message), p2pkh_draft(signer, message),
                              taproot_draft(signer, message, false), taproot_draft(signer, message, true)};
    const std::vector<Signer> signers{Signer(seed + 1), Signer(seed + 2), Signer(seed + 3)};
    const auto by = *rc::gen::element(std::vector<std::size_t>{0}, std::vector<std::size_t>{2},
                                      std::vector<std::size_t>{0, 2}, std::vector<std::size_t>{0, 1, 2});
    for (const int wrapping : {0, 1, 2}) drafts.push_back(multisig_draft(signers, by, wrapping, message));
    for (const Draft& draft : drafts) {
      const Verdict verdict = draft.verify(draft.full());
      RC_LOG(verdict.reason);
      RC_ASSERT(verdict.valid());
      const BitcoinAddress address{BitcoinNetwork::kMainnet, draft.output};
      RC_ASSERT(!verify_bip322(address, message + " ", draft.full()).valid());
      base::Bytes bytes = draft.to_sign.serialised();
      const auto bit = *rc::gen::inRange<std::size_t>(0, bytes.size() * 8);
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      RC_ASSERT(!draft.verify("ful" + base::to_base64(bytes)).valid());
    }
    RC_ASSERT(drafts[0].verify(drafts[0].simple()).valid());
    RC_ASSERT(drafts[2].verify(drafts[2].simple()).valid());
    RC_ASSERT(drafts[1].verify(drafts[1].simple()).control == Control::kInvalid);
  }));
}

TEST(Bip322, SignaturesInTheWrongOrderOrOneTwiceAreInvalid) {
  const std::vector<Signer> signers{Signer(1), Signer(2), Signer(3)};
  for (const int wrapping : {0, 1, 2}) {
    EXPECT_EQ(multisig_draft(signers, {1, 0}, wrapping, "order").full_state(), Control::kInvalid);
    EXPECT_EQ(multisig_draft(signers, {1, 1}, wrapping, "twice").full_state(), Control::kInvalid);
    EXPECT_EQ(multisig_draft(signers, {1, 2}, wrapping, "right").full_state(), Control::kValid);
  }
}

TEST(Bip322, TheItemThatMultisigDropsMustBeEmpty) {
  Draft draft = multisig_draft({Signer(1), Signer(2)}, {0, 1}, 1, "dummy");
  draft.witness()[0] = {0x01};
  EXPECT_EQ(draft.full_state(), Control::kInvalid);
}

TEST(Bip322, OtherHashTypesHighSAndHybridKeysAreInvalid) {
  const Signer signer(5);
  for (const int type : {0x00, 0x02, 0x03, 0x81, 0x82, 0x83}) {
    Draft draft = p2wpkh_draft(signer, "type");
    draft.witness()[0].back() = static_cast<std::uint8_t>(type);
    EXPECT_EQ(draft.full_state(), Control::kInvalid) << type;
    Draft taproot = taproot_draft(signer, "type", true);
    taproot.witness()[0].back() = static_cast<std::uint8_t>(type);
    EXPECT_EQ(taproot.full_state(), Control::kInvalid) << type;
  }
  Draft high = p2wpkh_draft(signer, "high");
  const auto digest = high.segwit(p2pkh(key_bytes(signer)).script());
  high.witness()[0] = with_type(Signer::der(Signer::with_other_s(signer.ecdsa(digest))));
  EXPECT_EQ(high.full_state(), Control::kInvalid);

  base::Bytes hybrid;
  append_bytes(hybrid, signer.key().uncompressed());
  hybrid[0] = signer.key().has_even_y() ? 0x06 : 0x07;
  Draft draft("hybrid", p2pkh(hybrid));
  const base::Bytes signature = with_type(Signer::der(signer.ecdsa(draft.legacy(draft.output.script()))));
  draft.to_sign.inputs[0].script_sig = joined({push(signature), push(hybrid)});
  EXPECT_EQ(draft.full_state(), Control::kInvalid);
}

TEST(Bip322, UncompressedKeysSignForP2pkhAndAreInconclusiveInSegwit) {
  const Signer signer(6);
  base::Bytes key;
  append_bytes(key, signer.key().uncompressed());
  Draft legacy("uncompressed", p2pkh(key));
  const base::Bytes signature = with_type(Signer::der(signer.ecdsa(legacy.legacy(legacy.output.script()))));
  legacy.to_sign.inputs[0].script_sig = joined({push(signature), push(key)});
  EXPECT_EQ(legacy.full_state(), Control::kValid);
  Draft segwit("uncompressed", {OutputKind::kP2wpkh, 0, p2pkh(key).program});
  segwit.witness() = {with_type(Signer::der(signer.ecdsa(segwit.segwit(p2pkh(key).script())))), key};
  EXPECT_EQ(segwit.full_state(), Control::kInconclusive);
}

TEST(Bip322, TheShapeOfToSignIsChecked) {
  const Signer signer(7);
  const base::Bytes code = p2pkh(key_bytes(signer)).script();
  const auto sign = [&](Draft& draft) {
    draft.witness() = {with_type(Signer::der(signer.ecdsa(draft.segwit(code)))), key_bytes(signer)};
  };
  Draft two_outputs("shape", p2wpkh(signer.key()));
  two_outputs.to_sign.outputs.push_back({0, {0x6a}});
  sign(two_outputs);
  EXPECT_EQ(two_outputs.full_state(), Control::kInvalid);
  Draft value("shape", p2wpkh(signer.key()));
  value.to_sign.outputs[0].value_satoshi = 1;
  sign(value);
  EXPECT_EQ(value.full_state(), Control::kInvalid);
  Draft version("shape", p2wpkh(signer.key()));
  version.to_sign.version = 3;
  sign(version);
  EXPECT_EQ(version.full_state(), Control::kInconclusive) << "an upgradeable rule";
  Draft locked("shape", p2wpkh(signer.key()));
  locked.to_sign.version = 2;
  locked.to_sign.lock_time = 800'000;
  sign(locked);
  EXPECT_EQ(locked.full_state(), Control::kValid);
  EXPECT_EQ(locked.verify(locked.full()).time_lock, (TimeLock{800'000, 0}));
  Draft no_inputs("shape", p2wpkh(signer.key()));
  no_inputs.to_sign.inputs.clear();
  EXPECT_EQ(no_inputs.full_state(), Control::kInvalid);
  Draft witness_for_script("shape", p2wpkh(signer.key()));
  sign(witness_for_script);
  witness_for_script.to_sign.inputs[0].script_sig = {0x51};
  EXPECT_EQ(witness_for_script.full_state(), Control::kInvalid);
}

struct LockedDraft {
  Draft draft;
  base::Bytes script;
};

LockedDraft locked_draft(bool at_once, std::uint32_t sequence, std::uint32_t version = 2) {
  const Signer first(11);
  const Signer second(12);
  const base::Bytes script = time_lock_script(key_bytes(first), key_bytes(second));
  Draft draft("locked", p2wsh(script), sequence);
  draft.to_sign.version = version;
  const Signer& signer = at_once ? first : second;
  draft.witness() = {with_type(Signer::der(signer.ecdsa(draft.segwit(script)))),
                     at_once ? base::Bytes{1} : base::Bytes{}, script};
  return {std::move(draft), script};
}

TEST(Bip322, TheDelayedKeyNeedsItsDelay) {
  EXPECT_EQ(locked_draft(false, kDelay).draft.full_state(), Control::kValid);
  EXPECT_EQ(locked_draft(false, kDelay + 1).draft.full_state(), Control::kValid);
  EXPECT_EQ(locked_draft(true, 0).draft.full_state(), Control::kValid) << "the first key waits for nothing";
  EXPECT_EQ(locked_draft(false, kDelay - 1).draft.full_state(), Control::kInvalid);
  EXPECT_EQ(locked_draft(false, kDelay, 0).draft.full_state(), Control::kInvalid) << "version 2 is needed";
  EXPECT_EQ(locked_draft(false, kDelay | 0x80000000U).draft.full_state(), Control::kInvalid);
  EXPECT_EQ(locked_draft(false, kDelay | 0x00400000U).draft.full_state(), Control::kInvalid);
  LockedDraft wrong = locked_draft(true, 0);
  wrong.draft.witness()[1] = {2};
  EXPECT_EQ(wrong.draft.full_state(), Control::kInvalid) << "MINIMALIF";
  LockedDraft other_key = locked_draft(true, kDelay);
  other_key.draft.witness()[1] = {};
  EXPECT_EQ(other_key.draft.full_state(), Control::kInvalid);
}

/// Taproot with one leaf below a branch, so that the path in the control block is used.
Draft taproot_leaf_draft(const base::Bytes& leaf_script, const Signer& signer, const base::Bytes& choice,
                         std::uint32_t sequence) {
  const Signer internal(21);
  base::Bytes leaf{0xc0};
  append_with_length(leaf, leaf_script);
  const auto leaf_hash = crypto::tagged_hash("TapLeaf", leaf);
  const auto sibling = crypto::sha256("sibling");
  base::Bytes branch;
  append_bytes(branch, leaf_hash < sibling ? leaf_hash : sibling);
  append_bytes(branch, leaf_hash < sibling ? sibling : leaf_hash);
  base::Bytes tweak = x_bytes(internal);
  append_bytes(tweak, crypto::tagged_hash("TapBranch", branch));
  const auto output_key =
      crypto::PublicKey::from_x_only(x_bytes(internal))->plus(crypto::tagged_hash("TapTweak", tweak));
  const auto x = output_key->x_only();
  Draft draft("leaf", {OutputKind::kP2tr, 1, {x.begin(), x.end()}}, sequence);
  base::Bytes control{static_cast<std::uint8_t>(output_key->has_even_y() ? 0xc0 : 0xc1)};
  append_bytes(control, x_bytes(internal));
  append_bytes(control, sibling);
  const auto signature =
      signer.schnorr(taproot_signature_hash(draft.spending(), 0, kSighashDefault, leaf_hash));
  draft.witness() = {{signature.begin(), signature.end()}, choice, leaf_script, control};
  return draft;
}

TEST(Bip322, TaprootLeavesAreReadBehindAPath) {
  const Signer first(22);
  const Signer second(23);
  const base::Bytes script = time_lock_script(x_bytes(first), x_bytes(second));
  EXPECT_EQ(taproot_leaf_draft(script, second, {}, kDelay).full_state(), Control::kValid);
  EXPECT_EQ(taproot_leaf_draft(script, first, {1}, 0).full_state(), Control::kValid);
  EXPECT_EQ(taproot_leaf_draft(script, first, {}, kDelay).full_state(), Control::kInvalid);
  EXPECT_EQ(taproot_leaf_draft(script, second, {}, kDelay - 1).full_state(), Control::kInvalid);
  Draft draft = taproot_leaf_draft(script, second, {}, kDelay);
  draft.witness()[3][0] ^= 1;
  EXPECT_EQ(draft.full_state(), Control::kInvalid) << "the parity is part of the commitment";
  draft.witness()[3].pop_back();
  EXPECT_EQ(draft.full_state(), Control::kInvalid);
}

TEST(Bip322, ScriptsThatAreNotUnderstoodAreInconclusiveNeverValid) {
  const Signer signer(31);
  const base::Bytes anyone{0x51};  // OP_1: valid for everybody, if one looked no further
  Draft p2wsh_anyone("script", p2wsh(anyone));
  p2wsh_anyone.witness() = {anyone};
  EXPECT_EQ(p2wsh_anyone.full_state(), Control::kInconclusive);
  EXPECT_EQ(p2wsh_anyone.verify(p2wsh_anyone.simple()).control, Control::kInconclusive);
  Draft p2sh_anyone("script", p2sh(anyone));
  p2sh_anyone.to_sign.inputs[0].script_sig = push({0x51, 0x51});
  EXPECT_EQ(p2sh_anyone.full_state(), Control::kInvalid) << "another script than the address's";
  Draft p2sh_three("script", p2sh(base::Bytes{0x51, 0x51}));
  p2sh_three.to_sign.inputs[0].script_sig = push({0x51, 0x51});
  EXPECT_EQ(p2sh_three.full_state(), Control::kInconclusive);
  Draft future("script", {OutputKind::kUnknownWitness, 16, {0x75, 0x1e}});
  future.witness() = {{1}};
  EXPECT_EQ(future.full_state(), Control::kInconclusive);
  const base::Bytes leaf = joined({push(x_bytes(signer)), {0xac}});
  EXPECT_EQ(taproot_leaf_draft(leaf, signer, {}, 0).full_state(), Control::kInconclusive);
  Draft leaf_version = taproot_leaf_draft(leaf, signer, {}, 0);
  leaf_version.witness()[3][0] = 0xc2;
  EXPECT_EQ(leaf_version.full_state(), Control::kInconclusive);
  Draft annex = taproot_draft(signer, "annex", false);
  annex.witness().push_back({0x50});
  EXPECT_EQ(annex.full_state(), Control::kInconclusive);
  Draft taproot_in_p2sh("script", p2sh(p2tr(signer.key())->script()));
  taproot_in_p2sh.to_sign.inputs[0].script_sig = push(p2tr(signer.key())->script());
  EXPECT_EQ(taproot_in_p2sh.full_state(), Control::kInconclusive);
}

TEST(ScriptTemplate, AHybridKeyMakesAMultisigThatIsNotUnderstood) {
  base::Bytes hybrid;
  append_bytes(hybrid, Signer(2).key().uncompressed());
  for (const int prefix : {0x04, 0x06, 0x07}) {
    hybrid[0] = static_cast<std::uint8_t>(prefix);
    const base::Bytes script = joined({{0x51}, push(key_bytes(Signer(1))), push(hybrid), {0x52, 0xae}});
    EXPECT_EQ(match_multisig(script).has_value(), prefix == 0x04) << prefix;
  }
}

/// A finished PSBT of a P2WPKH signer that claims one more P2WPKH output of its own.
std::string proof_of_funds(const Signer& signer, const OutPoint& claimed, std::uint64_t value) {
  Draft draft("funds", p2wpkh(signer.key()));
  draft.to_sign.inputs.push_back({.previous = claimed});
  const std::vector<TransactionOutput> spent{draft.to_spend.outputs[0], {value, draft.output.script()}};
  base::Bytes psbt = hex("70736274ff0100");
  append_with_length(psbt, draft.to_sign.serialised());
  psbt.push_back(0);
  for (std::size_t i = 0; i < spent.size(); ++i) {
    const auto digest = segwit_signature_hash({draft.to_sign, spent}, i, p2pkh(key_bytes(signer)).script());
    base::Bytes output;
    append_output(output, spent[i]);
    append_bytes(psbt, hex("0101"));
    append_with_length(psbt, output);
    append_bytes(psbt, hex("0108"));
    append_with_length(psbt,
                       serialise_witness({with_type(Signer::der(signer.ecdsa(digest))), key_bytes(signer)}));
    psbt.push_back(0);
  }
  psbt.push_back(0);
  return "pof" + base::to_base64(psbt);
}

TEST(Bip322, AProofOfFundsListsWhatItClaimsAndNamesOutputsThatCanExist) {
  const Signer signer(41);
  const Draft draft("funds", p2wpkh(signer.key()));
  const OutPoint claimed{crypto::sha256("a transaction"), 3};
  const Verdict verdict = draft.verify(proof_of_funds(signer, claimed, 5));
  ASSERT_TRUE(verdict.valid()) << verdict.reason;
  EXPECT_EQ(verdict.claimed_outputs,
            (std::vector<ClaimedOutput>{{shown(claimed.transaction), 3, 5, draft.output.script()}}));
  EXPECT_EQ(draft.verify(proof_of_funds(signer, {{}, 0xffffffff}, 5)).control, Control::kInvalid);
  EXPECT_EQ(draft.verify(proof_of_funds(signer, {draft.to_spend.id(), 0}, 5)).control, Control::kInvalid)
      << "the same output twice";
}

/// Before segwit a signature does not say what the output holds: the same signature stands under any amount.
std::string proof_of_older_funds(const Signer& signer, const Transaction& previous, std::uint64_t stated,
                                 bool with_previous) {
  Draft draft("funds", p2wpkh(signer.key()));
  draft.to_sign.inputs.push_back({.previous = {previous.id(), 0}});
  const BitcoinOutput older = p2pkh(key_bytes(signer));
  const std::vector<TransactionOutput> spent{draft.to_spend.outputs[0], {stated, older.script()}};
  const auto first = segwit_signature_hash({draft.to_sign, spent}, 0, older.script());
  const auto second = legacy_signature_hash({draft.to_sign, spent}, 1, older.script());
  const auto made = [&](const crypto::Digest256& digest) {
    return with_type(Signer::der(signer.ecdsa(digest)));
  };
  base::Bytes psbt = hex("70736274ff0100");
  const auto member = [&](const char* key, const base::Bytes& value) {
    append_bytes(psbt, hex(key));
    append_with_length(psbt, value);
  };
  const auto stated_output = [&](std::size_t i) {
    base::Bytes output;
    append_output(output, spent[i]);
    return output;
  };
  append_with_length(psbt, draft.to_sign.serialised());
  psbt.push_back(0);
  member("0101", stated_output(0));
  member("0108", serialise_witness({made(first), key_bytes(signer)}));
  psbt.push_back(0);
  if (with_previous) member("0100", previous.serialised());
  if (!with_previous) member("0101", stated_output(1));
  member("0107", joined({push(made(second)), push(key_bytes(signer))}));
  append_bytes(psbt, {{0, 0}});
  return "pof" + base::to_base64(psbt);
}

TEST(Bip322, AnAmountThatNothingCommitsToIsInconclusive) {
  const Signer signer(43);
  const Draft draft("funds", p2wpkh(signer.key()));
  Transaction previous;
  previous.inputs.push_back({.previous = {crypto::sha256("earlier"), 1}});
  previous.outputs.push_back({700, p2pkh(key_bytes(signer)).script()});
  for (const std::uint64_t stated : {std::uint64_t{700}, std::uint64_t{2'100'000'000'000'000}}) {
    const Verdict verdict = draft.verify(proof_of_older_funds(signer, previous, stated, false));
    EXPECT_EQ(verdict.control, Control::kInconclusive) << verdict.reason;
    EXPECT_TRUE(verdict.claimed_outputs.empty());
    EXPECT_NE(verdict.reason.find("the amount of output 1"), std::string::npos) << verdict.reason;
  }
  const Verdict with_previous = draft.verify(proof_of_older_funds(signer, previous, 0, true));
  ASSERT_TRUE(with_previous.valid()) << with_previous.reason;
  EXPECT_EQ(with_previous.claimed_outputs.at(0).value_satoshi, 700U);
}

TEST(ScriptTemplate, PushesMustBeMinimal) {
  EXPECT_EQ(pushes_of(hex("0051604f02abcd")),
            (std::vector<base::Bytes>{{}, {0x01}, {0x10}, {0x81}, {0xab, 0xcd}}));
  for (const char* bad :
       {"0101", "0110", "0181", "4c0101", "4c02abcd", "4d0100ab", "76", "02ab", "4c", "4d01"}) {
    EXPECT_FALSE(pushes_of(hex(bad))) << bad;
  }
}

TEST(ScriptTemplate, DelaysAreMinimalPositiveNumbers) {
  const base::Bytes key = key_bytes(Signer(1));
  const auto script = [&](const base::Bytes& number) {
    return joined({{0x63}, push(key), {0x67}, number, {0xb2, 0x75}, push(key), {0x68, 0xac}});
  };
  EXPECT_EQ(match_time_lock(script({0x5a}), 33)->delay, 10U);
  EXPECT_EQ(match_time_lock(script({0x02, 0xe0, 0x07}), 33)->delay, 2016U);
  EXPECT_EQ(match_time_lock(script({0x03, 0x01, 0x00, 0x40}), 33)->delay, 0x400001U);
  for (const base::Bytes& bad :
       {base::Bytes{0x00}, {0x01, 0x05}, {0x01, 0x85}, {0x02, 0x11, 0x00}, {0x4f}, {0x05, 1, 2, 3, 4, 5}}) {
    EXPECT_FALSE(match_time_lock(script(bad), 33)) << base::to_hex(bad);
  }
  EXPECT_FALSE(match_time_lock(script({0x5a}), 32));
}

TEST(Transaction, RoundTripsWithAndWithoutWitnesses) {
  EXPECT_TRUE(rc::check("round trip", [](const std::string& message) {
    for (const Draft& draft : {p2wpkh_draft(Signer(1), message), p2pkh_draft(Signer(1), message)}) {
      const base::Bytes bytes = draft.to_sign.serialised();
      RC_ASSERT(*parse_transaction(bytes) == draft.to_sign);
      const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size());
      RC_ASSERT(parse_transaction(std::span(bytes).first(cut)).has_error());
      base::Bytes longer = bytes;
      longer.push_back(0);
      RC_ASSERT(parse_transaction(longer).has_error());
    }
  }));
  EXPECT_TRUE(parse_witness(hex("fd0100")).has_error()) << "a length not in its shortest form";
  EXPECT_TRUE(parse_witness(hex("ffffffffffffffffff")).has_error());
  EXPECT_TRUE(parse_finished_psbt(hex("70736274ff00")).has_error());
}

}  // namespace
}  // namespace navkeeper::custody
