// `navkeeper staking measures` and `staking queues`.
#include <memory>
#include <ostream>

#include "common/json/write.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/staking/adapters/measure_json.h"
#include "services/staking/adapters/measure_store.h"
#include "services/staking/adapters/settings.h"
#include "services/staking/adapters/staking_commands.h"
#include "services/staking/adapters/staking_store.h"
#include "services/staking/app/take_measures.h"

namespace navkeeper::staking {
namespace {

struct Words {
  std::string fund;
  std::string as_of;
  std::string known_at;
  bool take = false;
  bool json = false;
};

std::shared_ptr<Words> add_words(runtime::Command& command) {
  auto words = std::make_shared<Words>();
  command.add_option("FUND", words->fund, "The fund")->required();
  command.add_option("--as-of", words->as_of, "Facts about later instants do not count")
      ->check(runtime::check_instant);
  command.add_option("--known-at", words->known_at, "Facts learned later do not count")
      ->check(runtime::check_instant);
  command.add_flag("--json", words->json, "One JSON object on standard output");
  return words;
}

time::Instant instant_or(const std::string& text, time::Instant otherwise) {
  return text.empty() ? otherwise : *time::parse_rfc3339(text);
}

}  // namespace

void add_measures_command(runtime::Command& staking, runtime::CommandContext& context,
                          const std::function<Dependencies()>& connect) {
  runtime::Command* command = staking.add_subcommand(
      "measures", "What the stakes yield a year: APR and APY over 1, 7, 30 and 365 days, total and by place");
  command->footer(
      "APR = income x year / sum (stake x time); APY links the stretches between changes of the stake. Both "
      "for a\n"
      "year of 365 days (the table) and of 365.25 (--json); a loss is negative. A window that begins before "
      "the\n"
      "stake is known has no figure and says why; \"since known\" begins with it, a year ago at most.\n"
      "Taken after each reading of a new day (staking sync, serve staking); --take takes them now.\n\n"
      "  navkeeper staking measures CROYIELD\n"
      "  navkeeper staking measures CROYIELD --take --as operator\n"
      "  navkeeper staking measures CROYIELD --as-of 2026-03-10T21:00:00Z --json");
  auto words = add_words(*command);
  command->add_flag("--take", words->take, "Takes them now from what is stored, and stores them");
  command->callback([words, connect, &context] {
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    if (words->take && !(words->as_of.empty() && words->known_at.empty()))
      runtime::refuse_usage("--take", "takes the newest measures: without --as-of and --known-at");
    const Dependencies dependencies = connected(connect);
    PostgresMeasureStore measures(*dependencies.pool);
    PostgresStakingStore facts(*dependencies.pool);
    if (words->take) {
      const model::Actor actor = dependencies.actor();
      model::require_role(actor, model::Role::kOperator, "take measures");
      measure_fund(facts, measures, fund, Measuring::kNow, dependencies.clock->now(), actor.id.value());
    }
    const time::Instant as_of = instant_or(words->as_of, time::Instant::latest());
    const time::Instant known_at = instant_or(words->known_at, time::Instant::latest());
    const ShownMeasures shown{measures.measures(fund, as_of, known_at),
                              performance_of(facts, fund, as_of, known_at),
                              token_rates_of(facts, fund, as_of, known_at)};
    context.out << (words->json ? measures_json(shown) + "\n" : measures_table(shown));
  });
}

void add_queues_command(runtime::Command& staking, runtime::CommandContext& context,
                        const std::function<Dependencies()>& connect) {
  runtime::Command* command = staking.add_subcommand(
      "queues", "How long the chains' queues are, and when each position would be free and cash");
  command->footer(
      "Each position as if it were asked back now and alone; what is on its way back stands in the ladder. "
      "What\n"
      "nobody knows says why. The terms of custodians stand in [[staking.funds.custodians]].\n\n"
      "  navkeeper staking queues CROYIELD\n"
      "  navkeeper staking queues BTCETH --json");
  auto words = add_words(*command);
  command->callback([words, connect, &context] {
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    const Dependencies dependencies = connected(connect);
    PostgresStakingStore store(*dependencies.pool);
    StakingQuery query;
    query.as_of = instant_or(words->as_of, query.as_of);
    query.known_at = instant_or(words->known_at, query.known_at);
    const FundQueues queues = queues_of_fund(store, fund, terms_of(dependencies.settings->funds, fund), query,
                                             instant_or(words->as_of, dependencies.clock->now()));
    context.out << (words->json ? queues_json(queues) + "\n" : queues_table(queues));
  });
}

}  // namespace navkeeper::staking
