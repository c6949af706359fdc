// `navkeeper staking plan propose`, `list`, `show` and `submit`.
#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/input_file.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/staking/adapters/movement_client.h"
#include "services/staking/adapters/nav_client.h"
#include "services/staking/adapters/plan_json.h"
#include "services/staking/adapters/plan_store.h"
#include "services/staking/adapters/settings.h"
#include "services/staking/adapters/staking_commands.h"
#include "services/staking/adapters/staking_store.h"

namespace navkeeper::staking {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;

struct Words {
  std::string fund;
  std::string id;
  std::string file;
  bool json = false;
};

std::shared_ptr<Words> add_words(runtime::Command& command) {
  auto words = std::make_shared<Words>();
  command.add_option("FUND", words->fund, "The fund")->required();
  command.add_flag("--json", words->json, "One JSON object on standard output");
  return words;
}

void print(std::ostream& out, const StoredPlan& plan, bool as_json) {
  out << (as_json ? plan_json(plan) + "\n" : plan_table(plan));
}

PlanRequest read_file(const std::string& path) {
  const auto value = json::parse(runtime::read_input_file(path, kFileBytesMax));
  if (value.has_error()) throw base::Refused(value.error().within(path));
  try {
    return read_plan_request(*value);
  } catch (const base::Refused& refused) {
    throw base::Refused(refused.refusal().within(path));
  }
}

void add_propose(runtime::Command& plan, runtime::CommandContext& context,
                 const std::function<Dependencies()>& connect) {
  runtime::Command* command = plan.add_subcommand(
      "propose", "Proposes and stores where a fund's free coins would yield most within all limits");
  command->footer(
      "The file says the asset, the policy's limits, expected redemptions and through which custodian it is "
      "staked:\n"
      "  {\"id\":\"2026-12\",\"asset\":\"CRO\",\"decimals\":8,\"custodian\":\"crypto_com\",\n"
      "   \"policy\":{\"commission_max\":\"0.1\",\"uptime_min\":\"0.98\"},"
      "\"redemptions\":[{\"days\":7,\"coins\":\"10000\"}]}\n"
      "The chain's validators with commission, tokens, uptime and slashes are those that staking sync read "
      "last\n"
      "(navkeeper staking validators FUND). \"validators\" narrows them: [{\"place\":\"crocncl1...\"}]; a "
      "figure\n"
      "beside the place holds instead of what was read, and the plan says so. \"tokens\" are liquid tokens "
      "to "
      "buy.\n"
      "What the fund has, where it is staked and what its act allows come from nav and the readings, and are "
      "stored\n"
      "with the plan. Shown are the limits that bind and the yield each gives up. An id is used once.\n\n"
      "  navkeeper staking plan propose CROYIELD december.json --as maker");
  auto words = add_words(*command);
  command->add_option("FILE", words->file, "The request, as JSON")->required();
  command->callback([words, connect, &context] {
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    PlanRequest request = read_file(words->file);
    const Dependencies dependencies = connected(connect);
    const model::Actor actor = dependencies.actor();
    model::require_role(actor, model::Role::kMaker, "propose a staking plan");
    const time::Instant now = dependencies.clock->now();
    PostgresStakingStore readings(*dependencies.pool);
    NavClient nav(dependencies.nav_url, dependencies.nav_token);
    const FundTerms terms = terms_of(dependencies.settings->funds, fund);
    const LiquidityInputs inputs = resolve_liquidity(readings, fund, nav.at(fund, now), terms, now);
    resolve_token_rates(readings, fund, request, now);
    resolve_redelegations(readings, fund, inputs, request);
    resolve_tokens_held(inputs, request);
    const auto validators =
        resolve_validators(readings, fund, request.candidates, terms, now, inputs.positions);
    PostgresPlanStore store(*dependencies.pool);
    store.save(fund, inputs, validators, request, make_plan(inputs, validators, request), actor.id.value());
    print(context.out, *store.find(fund, request.id), words->json);
  });
}

void add_submit(runtime::Command& plan, runtime::CommandContext& context,
                const std::function<Dependencies()>& connect) {
  runtime::Command* command =
      plan.add_subcommand("submit", "Proposes each step of a plan as a movement in custody, once");
  command->footer(
      "Two people approve each movement there (navkeeper custody movements approve). What remains is checked "
      "against\n"
      "the positions of now before anything leaves. A step of which it is not known whether custody has it "
      "is "
      "looked\n"
      "up and not sent again; one that custody does not have is sent by the next submission, under the same "
      "key.\n"
      "Exit code 1 while a step is not proposed.\n\n"
      "  navkeeper staking plan submit CROYIELD 2026-12 --as maker");
  auto words = add_words(*command);
  command->add_option("PLAN", words->id, "The plan's id")->required();
  command->callback([words, connect, &context] {
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    const Dependencies dependencies = connected(connect);
    const model::Actor actor = dependencies.actor();
    model::require_role(actor, model::Role::kMaker, "submit a staking plan");
    PostgresStakingStore readings(*dependencies.pool);
    PostgresPlanStore store(*dependencies.pool);
    MovementClient desk(dependencies.custody_url, dependencies.custody_token,
                        [&](const std::string& custodian) {
                          return custodian_source(*dependencies.settings, fund, custodian);
                        });
    const StoredPlan submitted =
        submit_plan({readings, store, desk}, fund, words->id, terms_of(dependencies.settings->funds, fund),
                    *dependencies.clock, actor.id.value());
    print(context.out, submitted, words->json);
    for (const StoredStep& step : submitted.steps) {
      if (!step.step.movement_id.empty() && step.state() != StepState::kProposed)
        context.exit_code = runtime::ExitCode::kRefused;
    }
  });
}

void add_reading(runtime::Command& plan, runtime::CommandContext& context,
                 const std::function<Dependencies()>& connect) {
  runtime::Command* list = plan.add_subcommand("list", "A fund's plans, the newest first");
  auto listed = add_words(*list);
  list->callback([listed, connect, &context] {
    const auto fund = runtime::named<model::FundId>(listed->fund, "FUND");
    PostgresPlanStore store(*connected(connect).pool);
    const auto plans = store.plans(fund, time::Instant::latest());
    context.out << (listed->json ? plans_json(plans) + "\n" : plans_table(plans));
  });
  runtime::Command* show =
      plan.add_subcommand("show", "One plan: placements, what binds and what it costs, its steps");
  auto shown = add_words(*show);
  show->add_option("PLAN", shown->id, "The plan's id")->required();
  show->callback([shown, connect, &context] {
    const auto fund = runtime::named<model::FundId>(shown->fund, "FUND");
    PostgresPlanStore store(*connected(connect).pool);
    const auto found = store.find(fund, shown->id);
    if (!found) base::refuse("plan " + shown->id, "is not known of fund " + fund.value());
    print(context.out, *found, shown->json);
  });
}

}  // namespace

void add_plan_command(runtime::Command& staking, runtime::CommandContext& context,
                      const std::function<Dependencies()>& connect) {
  runtime::Command* plan = staking.add_subcommand(
      "plan", "Where free coins would yield most within all limits: proposed, stored, handed to custody");
  plan->require_subcommand(1);
  add_propose(*plan, context, connect);
  add_reading(*plan, context, connect);
  add_submit(*plan, context, connect);
}

}  // namespace navkeeper::staking
