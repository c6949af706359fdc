#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/runtime/table.h"
#include "common/time/clock.h"
#include "services/custody/adapters/account_commands.h"
#include "services/custody/adapters/attest.h"

namespace navkeeper::custody {
namespace {

struct Words {
  std::string fund;
  std::string address;
  bool json = false;
};

Dependencies connected(const std::function<Dependencies()>& connect) {
  if (!connect) base::refuse("custody", "this program was built without a database");
  return connect();
}

void add_attest(runtime::Command& custody, runtime::CommandContext& context,
                const std::function<Dependencies()>& connect) {
  auto words = std::make_shared<Words>();
  runtime::Command* attest =
      custody.add_subcommand("attest", "Checks a signature as `verify` does, and keeps it; operator");
  attest->footer(
      "Kept whatever the verdict is, with message and signature, each once: the same again changes nothing.\n"
      "It proves control at the time of signing and nothing about completeness; the record says so.\n"
      "Exit code 0: valid; 1: invalid or inconclusive (kept too).\n\n"
      "  navkeeper custody attest BTCETH --method bip322 --address bc1q... --message-file m.txt\n"
      "  --signature-file s.txt --address-use segregated --as operator");
  attest->add_option("FUND", words->fund, "The fund")->required();
  const auto requested = add_signature_options(*attest);
  attest->add_flag("--json", words->json, "One JSON object on standard output");
  attest->callback([words, requested, connect, &context] {
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    VerifyRequest request = requested();
    const Dependencies dependencies = connected(connect);
    const model::Actor actor = dependencies.actor();
    model::require_role(actor, model::Role::kOperator, "attest an address");
    const StoredAttestation checked =
        checked_attestation(std::move(request), dependencies.clock->now(), actor.id.value());
    const StoredAttestation kept = dependencies.pool->transact(
        [&](db::Transaction& transaction) { return keep_attestation(transaction, fund, checked); });
    if (words->json)
      context.out << attestation_json(kept) << "\n";
    else
      context.out << kept.control << ": " << kept.address << " by " << describe(kept.method) << ", checked "
                  << kept.verified_at.to_string() << " by " << kept.actor << "\n";
    if (kept.control != describe(Control::kValid)) context.exit_code = runtime::ExitCode::kRefused;
  });
}

void add_attestations(runtime::Command& custody, runtime::CommandContext& context,
                      const std::function<Dependencies()>& connect) {
  auto words = std::make_shared<Words>();
  runtime::Command* list = custody.add_subcommand("attestations", "Checked signatures that are kept");
  list->footer("The newest first.\n\n  navkeeper custody attestations BTCETH --address bc1q...");
  list->add_option("FUND", words->fund, "The fund")->required();
  list->add_option("--address", words->address, "Of one address alone, as its chain spells it");
  list->add_flag("--json", words->json, "One JSON object on standard output");
  list->callback([words, connect, &context] {
    const Dependencies dependencies = connected(connect);
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    const auto found = dependencies.pool->transact(
        [&](db::Transaction& transaction) { return list_attestations(transaction, fund, words->address); });
    if (words->json) {
      json::Writer writer;
      writer.begin_object().key("attestations").begin_array();
      for (const StoredAttestation& one : found) write_attestation(writer, one);
      context.out << writer.end_array().end_object().take() << "\n";
      return;
    }
    runtime::Table table({{"address"}, {"method"}, {"state"}, {"use"}, {"checked"}, {"by"}});
    for (const StoredAttestation& one : found)
      table.row({one.address, std::string(describe(one.method)), one.control, std::string(describe(one.use)),
                 one.verified_at.to_string(), one.actor});
    context.out << table.to_string();
  });
}

}  // namespace

void add_attest_commands(runtime::Command& custody, runtime::CommandContext& context,
                         const std::function<Dependencies()>& connect) {
  add_attest(custody, context, connect);
  add_attestations(custody, context, connect);
}

}  // namespace navkeeper::custody
