#include "services/custody/domain/attestation.h"

#include <set>

#include "common/base/bytes.h"
#include "common/base/ensure.h"
#include "services/custody/domain/account_address.h"
#include "services/custody/domain/bip322.h"
#include "services/custody/domain/bitcoin_address.h"
#include "services/custody/domain/signed_message.h"

namespace navkeeper::custody {
namespace {

constexpr SignatureMethod kMethods[] = {SignatureMethod::kBip322, SignatureMethod::kSignmessage,
                                        SignatureMethod::kEip191, SignatureMethod::kAdr36};
constexpr AddressUse kUses[] = {AddressUse::kNotStated, AddressUse::kSegregated, AddressUse::kOmnibus};

}  // namespace

std::string_view describe(SignatureMethod method) {
  switch (method) {
    case SignatureMethod::kBip322:
      return "bip322";
    case SignatureMethod::kSignmessage:
      return "signmessage";
    case SignatureMethod::kEip191:
      return "eip191";
    case SignatureMethod::kAdr36:
      return "adr36";
  }
  ENSURE(false);
}

std::optional<SignatureMethod> signature_method(std::string_view name) {
  for (const SignatureMethod method : kMethods) {
    if (describe(method) == name) return method;
  }
  return std::nullopt;
}

std::string_view describe(AddressUse use) {
  switch (use) {
    case AddressUse::kNotStated:
      return "not stated";
    case AddressUse::kSegregated:
      return "segregated";
    case AddressUse::kOmnibus:
      return "omnibus";
  }
  ENSURE(false);
}

std::optional<AddressUse> address_use(std::string_view name) {
  for (const AddressUse use : kUses) {
    if (describe(use) == name) return use;
  }
  return std::nullopt;
}

base::Checked<Verdict> verify_control(SignatureMethod method, std::string_view address,
                                      std::string_view message, std::string_view signature) {
  switch (method) {
    case SignatureMethod::kBip322:
    case SignatureMethod::kSignmessage: {
      const auto parsed = BitcoinAddress::parse(address);
      if (parsed.has_error()) return parsed.error();
      return method == SignatureMethod::kBip322 ? verify_bip322(*parsed, message, signature)
                                                : verify_signmessage(*parsed, message, signature);
    }
    case SignatureMethod::kEip191: {
      const auto parsed = EthereumAddress::parse(address);
      if (parsed.has_error()) return parsed.error();
      return verify_personal_sign(*parsed, message, signature);
    }
    case SignatureMethod::kAdr36:
      break;
  }
  ENSURE(false);
}

bool is_of_test_network(std::string_view address) {
  const auto parsed = BitcoinAddress::parse(address);
  return parsed.has_value() && parsed->network == BitcoinNetwork::kTestnet;
}

Statement statement_of(const Verdict& verdict, AddressUse use, std::string_view address) {
  Statement statement;
  switch (verdict.control) {
    case Control::kValid:
      statement.proves =
          verdict.time_lock
              ? "Whoever signed held the keys that can spend from this address once the time lock "
                "that the signature names has passed."
              : "Whoever signed held the keys that can spend from this address when they signed.";
      break;
    case Control::kInconclusive:
      statement.proves = "Nothing: this signature could not be checked here.";
      break;
    case Control::kInvalid:
      statement.proves = "Nothing: this signature is not valid.";
      break;
  }
  statement.does_not_prove =
      "Not that the keys are still held, that the signer will hold them later, that nobody else holds them, "
      "or that "
      "they belong to the signer; not how much lies at the address, and not that the addresses shown are all "
      "there "
      "are: a proof of control is never a proof of completeness.";
  if (!verdict.claimed_outputs.empty())
    statement.does_not_prove +=
        " The outputs that the proof lists are its own words until each is found unspent on the chain.";
  if (use == AddressUse::kOmnibus)
    statement.does_not_prove +=
        " The address is omnibus: it holds coins of several clients, and whose they are stands in the "
        "custodian's "
        "books alone.";
  if (is_of_test_network(address))
    statement.does_not_prove +=
        " The address is of a test network of Bitcoin: no coin of the main network lies there.";
  return statement;
}

std::string canonical_signature(SignatureMethod method, std::string_view signature) {
  if (method == SignatureMethod::kBip322)
    return std::string(bip322_prefix(signature).empty() ? "smp" : "").append(signature);
  if (method != SignatureMethod::kEip191) return std::string(signature);
  auto bytes = base::from_hex(signature.starts_with("0x") ? signature.substr(2) : signature);
  if (!bytes || bytes->size() != kPersonalSignBytes) return std::string(signature);
  if (bytes->back() <= 1) bytes->back() = static_cast<std::uint8_t>(bytes->back() + kPersonalSignHeader);
  return "0x" + base::to_hex(*bytes);
}

std::optional<std::string> shown_by(const Verdict& verdict) {
  if (!verdict.valid()) return std::nullopt;
  std::string text = "control";
  if (verdict.time_lock)
    text += "\nlock time " + std::to_string(verdict.time_lock->lock_time) + ", sequence " +
            std::to_string(verdict.time_lock->sequence);
  std::set<std::string> outputs;
  for (const ClaimedOutput& output : verdict.claimed_outputs)
    outputs.insert(output.transaction_id + ":" + std::to_string(output.index) + " " +
                   std::to_string(output.value_satoshi) + " " + base::to_hex(output.script_pubkey));
  for (const std::string& output : outputs) text += "\n" + output;
  return text;
}

Attestation attest(SignatureMethod method, std::string address, AddressUse use, std::string_view message,
                   std::string_view signature, Verdict verdict, const time::Instant& verified_at) {
  Statement statement = statement_of(verdict, use, address);
  return {method,
          std::move(address),
          use,
          crypto::sha256(message),
          crypto::sha256(signature),
          verified_at,
          std::move(verdict),
          std::move(statement)};
}

}  // namespace navkeeper::custody
