// `navkeeper staking set-aside propose`, `approve` and `list`.
#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/runtime/table.h"
#include "common/time/clock.h"
#include "services/staking/adapters/set_aside_store.h"
#include "services/staking/adapters/staking_commands.h"

namespace navkeeper::staking {
namespace {

struct AsideWords {
  std::string fund;
  std::string source;
  std::string height;
  std::string number;
  std::string reason;
  bool json = false;
};

std::shared_ptr<AsideWords> add_aside_words(runtime::Command& command) {
  auto words = std::make_shared<AsideWords>();
  command.add_option("FUND", words->fund, "The fund")->required();
  command.add_flag("--json", words->json, "One JSON object on standard output");
  return words;
}

std::uint64_t whole(const std::string& option, const std::string& text) {
  const auto number = money::Decimal::parse(text);
  if (number.has_error() || number->is_negative() || number->scale() != 0 || text.size() > 19)
    runtime::refuse_usage(option, "must be a whole number");
  return std::stoull(text);
}

void write_aside(json::Writer& writer, const SetAside& one) {
  writer.begin_object()
      .member("number", one.number)
      .member("source", one.source)
      .member("height", std::to_string(one.first.height))
      .member("root", one.first.root.value())
      .member("at", one.first.at.to_string())
      .member("readings", one.readings)
      .member("events", one.events)
      .member("reason", one.reason)
      .member("proposed_by", one.proposed_by)
      .member("proposed_at", one.proposed_at.to_string());
  const auto word = [&](const char* name, const std::optional<std::string>& text) {
    if (text)
      writer.member(name, *text);
    else
      writer.key(name).null();
  };
  const auto text_of = [](const std::optional<time::Instant>& at) {
    return at ? std::optional(at->to_string()) : std::nullopt;
  };
  word("after", text_of(one.after));
  word("approved_by", one.approved_by);
  word("approved_at", text_of(one.approved_at));
  writer.end_object();
}

void print_aside(std::ostream& out, const std::vector<SetAside>& all, bool as_json) {
  if (as_json) {
    json::Writer writer;
    writer.begin_object().key("set_aside").begin_array();
    for (const SetAside& one : all) write_aside(writer, one);
    out << writer.end_array().end_object().take() << "\n";
    return;
  }
  runtime::Table table({{"number", runtime::Align::kRight},
                        {"source"},
                        {"from height", runtime::Align::kRight},
                        {"last that stays"},
                        {"readings", runtime::Align::kRight},
                        {"events", runtime::Align::kRight},
                        {"proposed by"},
                        {"approved by"},
                        {"reason"}});
  for (const SetAside& one : all)
    table.row({std::to_string(one.number), one.source, std::to_string(one.first.height),
               one.after ? one.after->to_string() : "none", std::to_string(one.readings),
               std::to_string(one.events), one.proposed_by, one.approved_by.value_or("waits"), one.reason});
  out << table.to_string();
}

void add_aside_propose(runtime::Command& aside, runtime::CommandContext& context,
                       const std::function<Dependencies()>& connect) {
  runtime::Command* command = aside.add_subcommand(
      "propose",
      "Proposes that a state which a node invented, and all later ones of its source, no longer "
      "stand");
  command->footer(
      "The state is named by its height (ether: its slot), as staking show has it. Another person approves "
      "it.\n\n"
      "  navkeeper staking set-aside propose CROYIELD --source cronos --height 30003602 \\\n"
      "    --reason \"the node told of a stake that two others deny\" --as maker");
  auto words = add_aside_words(*command);
  command->add_option("--source", words->source, "The source that read it")->required();
  command->add_option("--height", words->height, "The first state that goes")->required();
  command->add_option("--reason", words->reason, "Why it is not believed, with the evidence")->required();
  command->callback([words, connect, &context] {
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    const std::uint64_t height = whole("--height", words->height);
    const Dependencies dependencies = connected(connect);
    const model::Actor actor = dependencies.actor();
    model::require_role(actor, {model::Role::kOperator, model::Role::kMaker}, "propose to set states aside");
    print_aside(
        context.out,
        {PostgresSetAsideStore(*dependencies.pool)
             .propose(fund, words->source, height, words->reason, actor.id, dependencies.clock->now())},
        words->json);
  });
}

void add_aside_approve(runtime::Command& aside, runtime::CommandContext& context,
                       const std::function<Dependencies()>& connect) {
  runtime::Command* command = aside.add_subcommand(
      "approve", "Sets aside what another person proposed; staking sync then reads anew");
  command->footer(
      "What was read since is kept and shown to who asks with an earlier --known-at. Events that nav has "
      "booked "
      "stay in the\nbooks: its check staking_rolled_forward says what differs, and people reverse it "
      "there.\n\n"
      "  navkeeper staking set-aside approve CROYIELD 1 --as approver");
  auto words = add_aside_words(*command);
  command->add_option("NUMBER", words->number, "The proposal's number")->required();
  command->callback([words, connect, &context] {
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    const std::uint64_t number = whole("NUMBER", words->number);
    const Dependencies dependencies = connected(connect);
    const model::Actor actor = dependencies.actor();
    model::require_role(actor, model::Role::kApprover, "set states aside");
    print_aside(context.out,
                {PostgresSetAsideStore(*dependencies.pool)
                     .approve(fund, static_cast<std::int64_t>(number), actor.id, dependencies.clock->now())},
                words->json);
  });
}

}  // namespace

void add_set_aside_command(runtime::Command& staking, runtime::CommandContext& context,
                           const std::function<Dependencies()>& connect) {
  runtime::Command* aside = staking.add_subcommand(
      "set-aside", "States that a node invented: two people set them aside, and the truth is read anew");
  aside->require_subcommand(1);
  add_aside_propose(*aside, context, connect);
  add_aside_approve(*aside, context, connect);
  runtime::Command* list = aside->add_subcommand("list", "What was proposed and set aside, and why");
  auto words = add_aside_words(*list);
  list->callback([words, connect, &context] {
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    print_aside(context.out, PostgresSetAsideStore(*connected(connect).pool).all(fund), words->json);
  });
}

}  // namespace navkeeper::staking
