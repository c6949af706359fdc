#pragma once
// `navkeeper custody verify`: pure, no database, no network, no clock.
#include <functional>
#include <string>
#include <string_view>

#include "services/custody/domain/attestation.h"

namespace navkeeper::runtime {
class Command;
struct CommandContext;
}  // namespace navkeeper::runtime

namespace navkeeper::custody {

/// One signature to check, as the command line gives it.
struct VerifyRequest {
  SignatureMethod method{};
  std::string address;
  std::string message;
  std::string signature;  ///< as the method spells it; for ADR-36 the wallet's answer in JSON
  AddressUse use{};
};

/// Refused (thrown) when the address cannot be read; an unreadable signature is an invalid one.
Verdict verify(const VerifyRequest& request);
std::string to_json(const VerifyRequest& request, const Verdict& verdict);
std::string to_text(const VerifyRequest& request, const Verdict& verdict);

/// The options that name a signature: --method, --address, --message or its file, --signature or its file,
/// --address-use. What they say, when the command runs. `command` must outlive what is given.
std::function<VerifyRequest()> add_signature_options(runtime::Command& command);

void add_verify_command(runtime::Command& custody, runtime::CommandContext& context);

}  // namespace navkeeper::custody
