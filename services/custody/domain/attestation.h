#pragma once
// The record of a checked signature: what it shows about an address, and what it does not.
#include <optional>
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "common/crypto/digest.h"
#include "common/time/instant.h"
#include "services/custody/domain/verdict.h"

namespace navkeeper::custody {

enum class SignatureMethod { kBip322, kSignmessage, kEip191, kAdr36 };
std::string_view describe(SignatureMethod method);  ///< "bip322", "signmessage", "eip191", "adr36"
std::optional<SignatureMethod> signature_method(std::string_view name);

/// Whose coins lie at the address.
enum class AddressUse {
  kNotStated,
  kSegregated,  ///< of one fund alone
  kOmnibus,     ///< of several clients: the custodian's books say whose they are, and no signature can
};
std::string_view describe(AddressUse use);  ///< "not stated", "segregated", "omnibus"
std::optional<AddressUse> address_use(std::string_view name);

/// Checks a signature by its method. `address` is spelled as its chain spells it. Refused where the address
/// cannot be read; all else is a verdict. For ADR-36 `signature` is the wallet's answer, which the adapter
/// reads, so that method is not among these (kAdr36 is a bug here, ENSURE).
base::Checked<Verdict> verify_control(SignatureMethod method, std::string_view address,
                                      std::string_view message, std::string_view signature);

/// What a verdict proves, in words, and what it does not: printed wherever an attestation is shown. Control
/// at the time of signing; never that the coins are still there, nor that they are all (BIP-322).
struct Statement {
  std::string proves;
  std::string does_not_prove;
};
/// `address`: of a test network of Bitcoin says so.
Statement statement_of(const Verdict& verdict, AddressUse use, std::string_view address = {});
/// Whether it is an address of a test network of Bitcoin, where coins are worth nothing.
bool is_of_test_network(std::string_view address);

/// The one spelling of a signature that has several: EIP-191 as 0x, lower case, v 27 or 28; BIP-322 with its
/// prefix. Any other text as it is; ADR-36's wallet answer is the adapter's.
std::string canonical_signature(SignatureMethod method, std::string_view signature);
/// What a valid verdict shows of the address: "control", and the time lock and the outputs it claims, where
/// it has them, in an order of their own. Two signatures over one message by one method that show the same
/// are one attestation. Nothing where it is not valid.
std::optional<std::string> shown_by(const Verdict& verdict);

/// Stored once, never changed.
struct Attestation {
  SignatureMethod method{};
  std::string address;
  AddressUse use{};
  crypto::Digest256 message_sha256{};    ///< of the bytes that were signed
  crypto::Digest256 signature_sha256{};  ///< of the signature's text as it was given
  time::Instant verified_at;             ///< when it was checked; when it was signed only the message can say
  Verdict verdict;
  Statement statement;
};
Attestation attest(SignatureMethod method, std::string address, AddressUse use, std::string_view message,
                   std::string_view signature, Verdict verdict, const time::Instant& verified_at);

}  // namespace navkeeper::custody
