#include <memory>

#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/known_fund.h"
#include "services/nav/adapters/nav_commands.h"
#include "services/nav/adapters/nav_view.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using runtime::CommandContext;

const char* words_of(ApplyOutcome outcome) {
  switch (outcome) {
    case ApplyOutcome::kCreated:
      return "created";
    case ApplyOutcome::kChanged:
      return "changed";
    case ApplyOutcome::kUnchanged:
      return "unchanged";
  }
  return "";
}

void add_apply(runtime::Command& fund, CommandContext& context, const ServiceSource& service) {
  struct Options {
    std::string file;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  runtime::Command* command = fund.add_subcommand(
      "apply",
      "Stores a fund's reviewed definition; a changed one becomes a new "
      "version, the same one changes nothing. Refused once a NAV was struck: another base, "
      "currency or accrual days of a fee under its name, an offering cost that would leave "
      "the books before it is expensed");
  command->add_option("file", options->file, "FILE.toml")->required();
  command->add_flag("--json", options->json, "One JSON object on standard output");
  command->callback([options, &context, service] {
    const NewDefinition definition = load_fund_file(options->file);
    Service& nav = service();
    const Dependencies& dependencies = nav.dependencies();
    const ApplyReport report =
        apply_fund(nav.store(), definition, dependencies.actor(), dependencies.clock->now());
    const std::string id = definition.definition.id.value();
    json::Writer writer;
    writer.begin_object()
        .member("fund", id)
        .member("outcome", words_of(report.outcome))
        .member("version", report.version)
        .member("definition_hash", definition.hash)
        .end_object();
    context.out << (options->json ? writer.take()
                                  : id + ": " + words_of(report.outcome) + ", version " +
                                        std::to_string(report.version) + ", effective from " +
                                        definition.definition.effective_from.to_string())
                << "\n";
  });
}

void add_list(runtime::Command& fund, CommandContext& context, const ServiceSource& service) {
  auto json = std::make_shared<bool>(false);
  runtime::Command* command = fund.add_subcommand("list", "The funds, each with its latest version");
  command->add_flag("--json", *json, "One JSON object on standard output");
  command->callback([json, &context, service] {
    const auto funds = service().store().funds();
    context.out << (*json ? funds_json(funds) + "\n" : funds_table(funds));
  });
}

void add_show(runtime::Command& fund, CommandContext& context, const ServiceSource& service) {
  struct Options {
    std::string fund;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  runtime::Command* command = fund.add_subcommand("show", "A fund's definition: the reviewed file, or JSON");
  command->add_option("fund", options->fund, "Fund")->required();
  command->add_flag("--json", options->json, "One JSON object on standard output");
  command->callback([options, &context, service] {
    const auto id = runtime::named<model::FundId>(options->fund, "fund");
    const StoredDefinition stored = known_fund(service().store(), id);
    if (options->json) {
      context.out << fund_json(stored) << "\n";
    } else {
      context.out << "# version " << stored.version << ", applied by " << stored.applied_by << ", definition "
                  << stored.hash << "\n"
                  << stored.source;
    }
  });
}

}  // namespace

void add_fund_commands(runtime::Command& fund, CommandContext& context, ServiceSource service) {
  add_apply(fund, context, service);
  add_list(fund, context, service);
  add_show(fund, context, service);
}

}  // namespace navkeeper::nav
