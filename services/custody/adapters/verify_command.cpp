#include "services/custody/adapters/verify_command.h"

#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/input_file.h"
#include "common/runtime/table.h"
#include "services/custody/adapters/wallet_answer.h"
#include "services/custody/domain/bip322.h"
#include "services/custody/domain/bitcoin_address.h"

namespace navkeeper::custody {
namespace {

/// Longer than any signature that is read.
constexpr std::size_t kSignatureBytesMax = std::size_t{2} << 20;

constexpr const char* kPurpose =
    "Checks from a message and a signature alone that somebody could spend from an address when they "
    "signed:\n"
    "no database, no network, no clock";

constexpr const char* kExplanation =
    "Methods:\n"
    "  bip322       Bitcoin, any common address; the signature begins with smp, ful or pof (BIP-322)\n"
    "  signmessage  Bitcoin, the older form: 65 bytes in base64 (BIP-137)\n"
    "  eip191       Ethereum and Cronos EVM: what personal_sign answers, 65 bytes in hexadecimal\n"
    "  adr36        Cronos POS (cro1...): the wallet's answer in JSON, with its pub_key and signature\n\n"
    "The message counts byte by byte: a line end too many is another message. Give the file that was "
    "signed.\n"
    "Exit code 0: valid. 1: invalid, or inconclusive (a script that is not understood is never called "
    "valid).\n\n"
    "Example: navkeeper custody verify --method bip322 --address bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l\n"
    "  --message 'Hello World' --signature smpAkcwRAIgZRfIY3p7/DoVTty6YZbWS71bc5Vct9p9Fia83eRmw2QCICK/ENGf\n"
    "wLtptFluMGs2KsqoNSk89pO7F29zJLUx9a/sASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI= (in one line)";

struct Options {
  std::string method;
  std::string address;
  std::string message;
  std::string message_file;
  std::string signature;
  std::string signature_file;
  std::string use = "not stated";
};

std::string without_line_end(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

VerifyRequest request_of(const Options& options, bool message_given) {
  VerifyRequest request{.method = *signature_method(options.method),
                        .address = options.address,
                        .message = options.message,
                        .signature = options.signature,
                        .use = *address_use(options.use)};
  if (!message_given) request.message = runtime::read_input_file(options.message_file, kMessageBytesMax);
  if (!options.signature_file.empty())
    request.signature =
        without_line_end(runtime::read_input_file(options.signature_file, kSignatureBytesMax));
  return request;
}

/// The address that a script belongs to, else the script.
std::string shown_script(const base::Bytes& script, BitcoinNetwork network) {
  const auto output = output_of_script(script);
  return output ? BitcoinAddress{network, *output}.to_string() : base::to_hex(script);
}

BitcoinNetwork network_of(const std::string& address) {
  const auto parsed = BitcoinAddress::parse(address);
  return parsed.has_error() ? BitcoinNetwork::kMainnet : parsed->network;
}

std::string shown_lock(const TimeLock& lock) {
  return "nLockTime " + std::to_string(lock.lock_time) + ", nSequence " + std::to_string(lock.sequence);
}

}  // namespace

Verdict verify(const VerifyRequest& request) {
  if (request.method != SignatureMethod::kAdr36) {
    auto verdict = verify_control(request.method, request.address, request.message, request.signature);
    if (verdict.has_error()) throw base::Refused(verdict.error().within("--address"));
    return std::move(*verdict);
  }
  const auto address = CosmosAddress::parse(request.address);
  if (address.has_error()) throw base::Refused(address.error().within("--address"));
  const auto answer = parse_wallet_answer(request.signature);
  if (answer.has_error())
    return invalid("the signature is not a wallet's answer in JSON: " + answer.error().message());
  return verify_adr36(*address, request.message, *answer);
}

std::string to_json(const VerifyRequest& request, const Verdict& verdict) {
  const Statement statement = statement_of(verdict, request.use, request.address);
  json::Writer writer;
  writer.begin_object().member("address", request.address);
  if (is_of_test_network(request.address)) writer.member("network", "test");
  writer.member("method", describe(request.method))
      .member("state", describe(verdict.control))
      .member("reason", verdict.reason)
      .member("address_use", describe(request.use))
      .member("message_sha256", base::to_hex(crypto::sha256(request.message)))
      .member("proves", statement.proves)
      .member("does_not_prove", statement.does_not_prove);
  if (verdict.time_lock) {
    writer.key("time_lock").begin_object();
    writer.member("lock_time", std::int64_t{verdict.time_lock->lock_time});
    writer.member("sequence", std::int64_t{verdict.time_lock->sequence}).end_object();
  }
  if (!verdict.claimed_outputs.empty()) {
    writer.key("claimed_outputs").begin_array();
    for (const ClaimedOutput& output : verdict.claimed_outputs) {
      writer.begin_object()
          .member("transaction_id", output.transaction_id)
          .member("index", std::int64_t{output.index})
          .member("value_satoshi", std::to_string(output.value_satoshi))
          .member("script", base::to_hex(output.script_pubkey))
          .end_object();
    }
    writer.end_array();
  }
  writer.end_object();
  return writer.take();
}

std::string to_text(const VerifyRequest& request, const Verdict& verdict) {
  const Statement statement = statement_of(verdict, request.use, request.address);
  std::string text = std::string(describe(verdict.control)) + ": " + verdict.reason + "\n\n";
  const auto line = [&text](std::string_view name, std::string_view value) {
    text += name;
    text.append(20 - name.size(), ' ');
    text += value;
    text += '\n';
  };
  line("address", request.address);
  if (is_of_test_network(request.address)) line("network", "a TEST network: no coin of the main network");
  line("method", describe(request.method));
  line("address use", describe(request.use));
  line("message (SHA-256)", base::to_hex(crypto::sha256(request.message)));
  if (verdict.time_lock) line("time lock", shown_lock(*verdict.time_lock));
  text += "\nWhat it proves: " + statement.proves + "\nWhat it does not prove: " + statement.does_not_prove +
          "\n";
  if (verdict.claimed_outputs.empty()) return text;
  runtime::Table table({{"claimed output"}, {"satoshi", runtime::Align::kRight}, {"address or script"}});
  const BitcoinNetwork network = network_of(request.address);
  for (const ClaimedOutput& output : verdict.claimed_outputs) {
    table.row({output.transaction_id + ":" + std::to_string(output.index),
               std::to_string(output.value_satoshi), shown_script(output.script_pubkey, network)});
  }
  return text + "\n" + table.to_string();
}

std::function<VerifyRequest()> add_signature_options(runtime::Command& command) {
  auto options = std::make_shared<Options>();
  command.add_option("--method", options->method, "bip322, signmessage, eip191 or adr36")
      ->required()
      ->check(runtime::one_of({"bip322", "signmessage", "eip191", "adr36"}));
  command.add_option("--address", options->address, "The address that is claimed")->required();
  auto* message = command.add_alternatives("message", "What was signed, in one of two ways");
  auto* message_text = message->add_option("--message", options->message, "The message's text");
  message->add_option("--message-file", options->message_file, "A file whose bytes are the message");
  auto* signature = command.add_alternatives("signature", "The signature, in one of two ways");
  signature->add_option("--signature", options->signature, "The signature's text");
  signature->add_option("--signature-file", options->signature_file, "A file with the signature's text");
  command
      .add_option("--address-use", options->use,
                  "segregated (one fund's alone) or omnibus (several clients'): recorded beside the verdict")
      ->check(runtime::one_of({"segregated", "omnibus"}));
  return [options, message_text] { return request_of(*options, message_text->count() > 0); };
}

void add_verify_command(runtime::Command& custody, runtime::CommandContext& context) {
  runtime::Command* command = custody.add_subcommand("verify", kPurpose);
  command->footer(kExplanation);
  const auto requested = add_signature_options(*command);
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "One JSON object on standard output");
  command->callback([requested, as_json, &context] {
    const VerifyRequest request = requested();
    const Verdict verdict = verify(request);
    context.out << (*as_json ? to_json(request, verdict) + "\n" : to_text(request, verdict));
    if (!verdict.valid()) context.exit_code = runtime::ExitCode::kRefused;
  });
}

}  // namespace navkeeper::custody
