#include "services/nav/service.h"

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/runtime/command_line.h"
#include "common/time/clock.h"
#include "services/nav/adapters/cash_commands.h"
#include "services/nav/adapters/composition_store.h"
#include "services/nav/adapters/compute_command.h"
#include "services/nav/adapters/custody_client.h"
#include "services/nav/adapters/dealing_commands.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/fund_fact_store.h"
#include "services/nav/adapters/nav_commands.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/nav_life_store.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/policy_commands.h"
#include "services/nav/adapters/pricing_client.h"
#include "services/nav/adapters/repricing_store.h"
#include "services/nav/adapters/staking_book_store.h"
#include "services/nav/adapters/staking_client.h"
#include "services/nav/adapters/strike_posting.h"
#include "services/nav/app/strike_fund.h"

namespace navkeeper::nav {

struct Service::Implementation {
  explicit Implementation(Dependencies given)
      : dependencies(std::move(given)),
        store(*dependencies.pool, journal),
        rates(dependencies.pricing_base_url, dependencies.pricing_token) {}

  Dependencies dependencies;
  BooksStrikeJournal journal;
  PostgresNavStore store;
  PostgresActStore acts{*dependencies.pool};
  PostgresFactStore facts{*dependencies.pool};
  PostgresDealingStore dealing{*dependencies.pool};
  PostgresNavLifeStore life{*dependencies.pool};
  PostgresCompositionStore compositions{*dependencies.pool};
  PostgresRepricingStore repricings{*dependencies.pool};
  PricingClient rates;
  CustodyClient custody{dependencies.custody_url, dependencies.custody_token};
  StakingClient staking{dependencies.staking_url, dependencies.staking_token};
  PostgresStakingBooks staking_books{*dependencies.pool};
  JsonDocuments documents;
};

Service::Service(Dependencies dependencies) {
  ENSURE(dependencies.pool != nullptr && dependencies.clock != nullptr);
  implementation_ = std::make_unique<Implementation>(std::move(dependencies));
}
Service::~Service() = default;

NavPorts Service::ports() {
  ReconciliationSource* const custody =
      implementation_->dependencies.custody_url ? &implementation_->custody : nullptr;
  StakingSource* const staking =
      implementation_->dependencies.staking_url ? &implementation_->staking : nullptr;
  return {implementation_->store,
          implementation_->rates,
          implementation_->documents,
          implementation_->acts,
          custody,
          staking,
          &implementation_->staking_books};
}
StakingPorts Service::staking_ports() {
  if (!implementation_->dependencies.staking_url)
    throw base::Unavailable("there is no staking service to ask");
  return {implementation_->staking, implementation_->staking_books, implementation_->store,
          implementation_->rates};
}
NavStore& Service::store() { return implementation_->store; }
PostgresNavStore Service::keyed_store(const db::KeyedRequest& request) {
  return implementation_->store.keyed(request);
}
PostgresActStore& Service::acts() { return implementation_->acts; }
PostgresFactStore& Service::facts() { return implementation_->facts; }
PostgresDealingStore& Service::dealing() { return implementation_->dealing; }
PostgresNavLifeStore& Service::life() { return implementation_->life; }
PostgresCompositionStore& Service::compositions() { return implementation_->compositions; }
PostgresRepricingStore& Service::repricings() { return implementation_->repricings; }
const Dependencies& Service::dependencies() const { return implementation_->dependencies; }

void add_commands(runtime::Command& root, runtime::CommandContext& context,
                  std::function<Dependencies()> connect) {
  auto service = std::make_shared<std::unique_ptr<Service>>();
  const ServiceSource source = [service, connect = std::move(connect)]() -> Service& {
    if (!*service) {
      if (!connect) base::refuse("nav", "this program was built without a database");
      *service = std::make_unique<Service>(connect());
    }
    return **service;
  };
  runtime::Command* fund = root.add_subcommand(
      "fund", "Fund definitions: apply a reviewed file, list, show; facts: record, facts, rewards");
  fund->require_subcommand(1);
  add_fund_commands(*fund, context, source);
  add_fact_commands(*fund, context, source);
  runtime::Command* nav =
      root.add_subcommand("nav",
                          "Net asset values: compute, run, approve, override, publish, restate, "
                          "errors, contingent, evidence, show, explain");
  nav->require_subcommand(1);
  add_compute_command(*nav, context);
  add_nav_commands(*nav, context, source);
  runtime::Command* distribution = root.add_subcommand(
      "distribution", "Distributions to shareholders: declare, approve, withdraw, pay, show");
  distribution->require_subcommand(1);
  add_distribution_commands(*distribution, context, source);
  runtime::Command* action = root.add_subcommand(
      "action", "Splits, forks, token migrations, spin-offs: propose, approve, withdraw, show");
  action->require_subcommand(1);
  add_action_commands(*action, context, source);
  add_cash_commands(root, context, source);
  add_statements_commands(root, context, source);
  runtime::Command* orders = root.add_subcommand(
      "orders",
      "Creations and redemptions of authorized participants: place, decide on, price, settle, reprice, show");
  orders->require_subcommand(1);
  add_order_commands(*orders, context, source);
  runtime::Command* basket = root.add_subcommand(
      "basket", "What a creation unit is exchanged for: show, publish, published, export, rebalance");
  basket->require_subcommand(1);
  add_basket_commands(*basket, context, source);
  runtime::Command* participants =
      root.add_subcommand("participants", "Authorized participants of a fund: add, suspend, reinstate, show");
  participants->require_subcommand(1);
  add_participant_commands(*participants, context, source);
}

}  // namespace navkeeper::nav
