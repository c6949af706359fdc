// `navkeeper staking liquidity` and `staking breach`.
#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/staking/adapters/liquidity_json.h"
#include "services/staking/adapters/liquidity_store.h"
#include "services/staking/adapters/nav_client.h"
#include "services/staking/adapters/settings.h"
#include "services/staking/adapters/staking_commands.h"
#include "services/staking/adapters/staking_store.h"

namespace navkeeper::staking {
namespace {

struct Words {
  std::string fund;
  std::string kind;
  std::string text;
  std::string known_at;
  std::string redeem;
  bool take = false;
  bool json = false;
};

void take(const Dependencies& dependencies, const model::FundId& fund, LiquidityStore& store) {
  const model::Actor actor = dependencies.actor();
  model::require_role(actor, {model::Role::kOperator, model::Role::kMaker}, "take a liquidity test");
  NavClient nav(dependencies.nav_url, dependencies.nav_token);
  const time::Instant now = dependencies.clock->now();
  PostgresStakingStore readings(*dependencies.pool);
  test_liquidity({readings, store}, fund, nav.at(fund, now), terms_of(dependencies.settings->funds, fund),
                 now, actor.id.value());
}

}  // namespace

void add_liquidity_command(runtime::Command& staking, runtime::CommandContext& context,
                           const std::function<Dependencies()>& connect) {
  runtime::Command* command = staking.add_subcommand(
      "liquidity", "How much of a fund is cash today, in 1, 7 and 30 days, and what its act says of it");
  command->footer(
      "ICA_1940: at most 15% of net assets in what cannot be sold within seven days at about its value. "
      "ETP_1933:\n"
      "at least 85% of assets readily available, or a written policy. The act comes from the NAV, the "
      "numbers "
      "from\n"
      "[[staking.funds]]. --take asks nav for the newest NAV, takes the test and stores it with all that it "
      "was made\n"
      "from; a NAV or a reading that is too old is refused. Above the limit a breach opens; it ends by a "
      "later "
      "test\n"
      "alone, and nothing is sold because of it (navkeeper staking breach records what people do).\n"
      "--redeem says what a redemption of so many dollars would force, by the test that was taken last.\n\n"
      "  navkeeper staking liquidity CROYIELD --take --as operator\n"
      "  navkeeper staking liquidity CROYIELD --redeem 2500000");
  auto words = std::make_shared<Words>();
  command->add_option("FUND", words->fund, "The fund")->required();
  command->add_option("--known-at", words->known_at, "Tests taken later do not count")
      ->check(runtime::check_instant);
  command->add_option("--redeem", words->redeem, "Dollars")->check(runtime::check_decimal);
  command->add_flag("--take", words->take, "Takes the test now");
  command->add_flag("--json", words->json, "One JSON object on standard output");
  command->callback([words, connect, &context] {
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    const Dependencies dependencies = connected(connect);
    PostgresLiquidityStore store(*dependencies.pool);
    if (words->take) take(dependencies, fund, store);
    const time::Instant known_at =
        words->known_at.empty() ? time::Instant::latest() : *time::parse_rfc3339(words->known_at);
    const auto test = store.newest_test(fund, known_at);
    if (!words->redeem.empty()) {
      if (!test) base::refuse(words->fund, "no liquidity test was taken yet: --take takes one");
      const auto redemption = redemption_of(*test, money::Decimal::literal(words->redeem));
      context.out << (words->json ? redemption_json(redemption) + "\n" : redemption_table(redemption));
      return;
    }
    const auto breaches = store.breaches(fund, known_at);
    context.out << (words->json ? liquidity_json(test, breaches) + "\n" : liquidity_table(test, breaches));
  });
}

void add_breach_command(runtime::Command& staking, runtime::CommandContext& context,
                        const std::function<Dependencies()>& connect) {
  runtime::Command* command = staking.add_subcommand(
      "breach", "Records what people do about an open breach: board_notified, form_filed, plan_recorded");
  command->footer(
      "A notice and a filing are given once, a plan may be replaced by a later one. Nobody opens or cures a "
      "breach\n"
      "by hand: tests do.\n\n"
      "  navkeeper staking breach CROYIELD board_notified --text \"minutes of 1 December 2026\" --as "
      "operator");
  auto words = std::make_shared<Words>();
  command->add_option("FUND", words->fund, "The fund")->required();
  command->add_option("KIND", words->kind, "board_notified, form_filed or plan_recorded")->required();
  command->add_option("--text", words->text, "The reference of the notice or filing, or the plan")
      ->required();
  command->add_flag("--json", words->json, "One JSON object on standard output");
  command->callback([words, connect, &context] {
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    const auto kind = liquidity::parse_breach_event_kind(words->kind);
    if (!kind) runtime::refuse_usage("KIND", "must be board_notified, form_filed or plan_recorded");
    const Dependencies dependencies = connected(connect);
    const model::Actor actor = dependencies.actor();
    model::require_role(actor, {model::Role::kOperator, model::Role::kMaker}, "record acts on a breach");
    PostgresLiquidityStore store(*dependencies.pool);
    const StoredBreach breach =
        act_on_breach(store, fund, *kind, words->text, dependencies.clock->now(), actor.id.value());
    context.out << (words->json ? breach_event_json(breach) + "\n"
                                : "breach " + std::to_string(breach.number) + ": " + words->kind + "\n");
  });
}

}  // namespace navkeeper::staking
