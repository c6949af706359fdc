#include "services/custody/adapters/movements/movement_commands.h"

#include <map>
#include <memory>
#include <ostream>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/runtime/table.h"
#include "services/custody/adapters/custodians/instructions.h"
#include "services/custody/adapters/movements/movement_store.h"
#include "services/custody/adapters/movements/named_record.h"
#include "services/custody/adapters/movements/price_desk.h"
#include "services/custody/adapters/movements/stake_desk.h"
#include "services/custody/adapters/pace_store.h"
#include "services/custody/app/advance_movements.h"

namespace navkeeper::custody {
namespace {

using runtime::CommandContext;
using Connect = std::function<Dependencies()>;

struct Words {
  std::string fund, file, kind, id, reason, custodian_id;
  bool json = false;
};
using Shared = std::shared_ptr<Words>;
using Run = void (*)(const Words&, CommandContext&, const Dependencies&);

model::FundId fund_of(const Words& words) { return runtime::named<model::FundId>(words.fund, "FUND"); }

struct Adder {
  CommandContext& context;
  Connect connect;

  /// A command on a fund; --json is on all of them.
  runtime::Command* add(runtime::Command& parent, const char* name, const char* help, const Shared& words,
                        Run run) const {
    runtime::Command* command = parent.add_subcommand(name, help);
    command->add_option("FUND", words->fund, "The fund")->required();
    command->add_flag("--json", words->json, "One JSON object on standard output");
    command->callback([words, run, &to = context, from = connect] {
      if (!from) base::refuse("custody", "this program was built without a database");
      run(*words, to, from());
    });
    return command;
  }
};

/// In one transaction; prints what it gives.
template <class Does>
void act(CommandContext& context, const Dependencies& dependencies, Does&& does) {
  const model::Actor actor = dependencies.actor();
  context.out << dependencies.pool->transact([&](db::Transaction& transaction) {
    return does(transaction, MovementActor{actor, database_time(transaction)});
  });
}

std::string told(const Words& words, db::Transaction& transaction, const std::string& id, bool is_new) {
  const StoredMovement stored = known_movement(transaction, fund_of(words), id);
  if (words.json) return movements_json(fund_of(words), {stored}) + "\n";
  std::string text = "movement " + id + ": " + std::string(describe(standing_of(stored.events).state)) +
                     (is_new ? "" : " (nothing changed)") + "\n";
  if (stored.stake_test)
    text += "liquidity test: " + std::string(describe(stored.stake_test->outcome)) + ": " +
            stored.stake_test->detail + "\n";
  return text + worth_text(stored);
}

std::string told_rule(const Words& words, db::Transaction& transaction, const std::string& kind,
                      const std::string& id, bool is_new, time::Instant now) {
  const auto rules = load_movement_rules(transaction, fund_of(words), kind, id);
  if (words.json) return movement_rules_json(fund_of(words), rules, now) + "\n";
  const StoredRule& stored = rules.front();
  std::string text = kind + " " + id + ": " + stored.state(now);
  if (stored.state(now) == "cooling_off") text += " until " + stored.active_from->to_string();
  return text + (is_new ? "" : " (nothing changed)") + "\n";
}

/// A rule or a movement, by its kind.
void run_propose(const Words& words, CommandContext& context, const Dependencies& dependencies) {
  const json::Value value = read_proposal_file(words.file);
  const json::Value* const kind = value.kind() == json::Kind::kObject ? value.find("kind") : nullptr;
  const bool is_rule = kind != nullptr && kind->kind() == json::Kind::kString &&
                       (kind->as_string() == "policy" || kind->as_string() == "destination");
  if (is_rule) {
    auto rule = base::checked([&] { return read_movement_rule(value); });
    if (rule.has_error()) throw base::Refused(rule.error().within(words.file));
    return act(context, dependencies, [&](db::Transaction& transaction, const MovementActor& who) {
      const bool is_new =
          propose_movement_rule(transaction, *dependencies.settings, fund_of(words), *rule, who);
      return told_rule(words, transaction, std::string(rule->kind()), rule->id(), is_new, who.now);
    });
  }
  auto movement = base::checked([&] { return read_movement(value); });
  if (movement.has_error()) throw base::Refused(movement.error().within(words.file));
  const StakeTest test = tested_stake(dependencies, fund_of(words), *movement);
  const CoinPrice price = priced_coin(dependencies, fund_of(words), *movement);
  act(context, dependencies, [&](db::Transaction& transaction, const MovementActor& who) {
    const bool is_new =
        propose_movement(transaction, *dependencies.settings, fund_of(words), *movement, who, test, price);
    return told(words, transaction, movement->id, is_new);
  });
}

void run_approve(const Words& words, CommandContext& context, const Dependencies& dependencies) {
  const CoinPrice price = priced_coin(dependencies, fund_of(words), words.id);
  act(context, dependencies, [&](db::Transaction& transaction, const MovementActor& who) {
    const bool is_new = approve_movement(transaction, fund_of(words), words.id, who, price);
    return told(words, transaction, words.id, is_new);
  });
}

void run_withdraw(const Words& words, CommandContext& context, const Dependencies& dependencies) {
  act(context, dependencies, [&](db::Transaction& transaction, const MovementActor& who) {
    const bool is_new = withdraw_movement(transaction, fund_of(words), words.id, who);
    return told(words, transaction, words.id, is_new);
  });
}

void run_retry(const Words& words, CommandContext& context, const Dependencies& dependencies) {
  act(context, dependencies, [&](db::Transaction& transaction, const MovementActor& who) {
    retry_movement(transaction, fund_of(words), words.id, words.reason, who);
    return told(words, transaction, words.id, true);
  });
}

void run_match(const Words& words, CommandContext& context, const Dependencies& dependencies) {
  require_named_record(dependencies, dependencies.actor(), fund_of(words), words.id, words.custodian_id);
  act(context, dependencies, [&](db::Transaction& transaction, const MovementActor& who) {
    match_movement(transaction, fund_of(words), words.id, words.custodian_id, who);
    return told(words, transaction, words.id, true);
  });
}

void run_rule_approve(const Words& words, CommandContext& context, const Dependencies& dependencies) {
  act(context, dependencies, [&](db::Transaction& transaction, const MovementActor& who) {
    const bool is_new = approve_movement_rule(transaction, fund_of(words), words.kind, words.id, who);
    return told_rule(words, transaction, words.kind, words.id, is_new, who.now);
  });
}

void run_rule_withdraw(const Words& words, CommandContext& context, const Dependencies& dependencies) {
  act(context, dependencies, [&](db::Transaction& transaction, const MovementActor& who) {
    const bool is_new = withdraw_movement_rule(transaction, fund_of(words), words.kind, words.id, who);
    return told_rule(words, transaction, words.kind, words.id, is_new, who.now);
  });
}

void run_rules(const Words& words, CommandContext& context, const Dependencies& dependencies) {
  context.out << dependencies.pool->transact([&](db::Transaction& transaction) {
    const auto rules = load_movement_rules(transaction, fund_of(words));
    const time::Instant now = database_time(transaction);
    return words.json ? movement_rules_json(fund_of(words), rules, now) + "\n"
                      : movement_rules_table(rules, now);
  });
}

void run_list(const Words& words, CommandContext& context, const Dependencies& dependencies) {
  context.out << dependencies.pool->transact([&](db::Transaction& transaction) {
    const auto movements = load_movements(transaction, fund_of(words));
    return words.json ? movements_json(fund_of(words), movements) + "\n" : movements_table(movements);
  });
}

void run_show(const Words& words, CommandContext& context, const Dependencies& dependencies) {
  context.out << dependencies.pool->transact([&](db::Transaction& transaction) {
    const StoredMovement movement = known_movement(transaction, fund_of(words), words.id);
    return words.json ? movements_json(fund_of(words), {movement}) + "\n" : movement_history_table(movement);
  });
}

std::string lines_json(const std::vector<MovementLine>& lines) {
  json::Writer out;
  out.begin_object().key("movements").begin_array();
  for (const MovementLine& line : lines)
    out.begin_object()
        .member("id", line.id)
        .member("state", describe(line.state))
        .member("what", line.what)
        .member("needs_person", line.needs_person)
        .end_object();
  return out.end_array().end_object().take() + "\n";
}

std::string lines_table(const std::vector<MovementLine>& lines) {
  if (lines.empty()) return "nothing to send, nothing to follow\n";
  runtime::Table table({{"id"}, {"state"}, {"what"}, {""}});
  for (const MovementLine& line : lines)
    table.row(
        {line.id, std::string(describe(line.state)), line.what, line.needs_person ? "a person decides" : ""});
  return table.to_string();
}

void run_pass(const Words& words, CommandContext& context, const Dependencies& dependencies) {
  const model::FundId fund = fund_of(words);
  require_fund_of_custody(*dependencies.settings, fund);
  const model::Actor actor = dependencies.actor();
  model::require_role(actor, model::Role::kOperator, "send movements of coins");
  PostgresMovementStore store(*dependencies.pool);
  std::map<std::string, std::unique_ptr<ConnectedInstructions>> custodians;
  PriceDesk prices(dependencies.pricing_url, dependencies.pricing_token);
  const MovementPorts ports{store,
                            [&](const std::string& name) -> CustodianInstructions& {
                              return instructions_of(*dependencies.settings, fund, name, *dependencies.clock,
                                                     shared_pace(*dependencies.pool), custodians);
                            },
                            *dependencies.clock,
                            {},
                            nullptr,
                            [&](const StoredMovement& movement, time::Date today) {
                              return prices.price(movement.movement.asset, movement.dollar_cap->terms, today);
                            }};
  const auto lines = advance_movements(ports, fund, actor.id.value());
  bool unavailable = false;
  bool needs_person = false;
  for (const MovementLine& line : lines) {
    unavailable = unavailable || line.is_unavailable;
    needs_person = needs_person || line.needs_person;
  }
  context.out << (words.json ? lines_json(lines) : lines_table(lines));
  if (needs_person) context.exit_code = runtime::ExitCode::kRefused;
  if (unavailable) context.exit_code = runtime::ExitCode::kUnavailable;
}

}  // namespace

void add_movement_commands(runtime::Command& custody, runtime::CommandContext& context,
                           const Connect& connect) {
  runtime::Command* movements = custody.add_subcommand(
      "movements",
      "Coins out and stakes: proposed, approved by two others, sent once, followed to their end");
  movements->require_subcommand(1);
  movements->footer(
      "Rules first (a policy with limits, then addresses, which cool off), then movements under them:\n\n"
      "  navkeeper custody movements propose BTCETH policy.json --as maker\n"
      "  navkeeper custody movements approve-rule BTCETH policy 2026-12 --as approver       (and a second "
      "one)\n"
      "  navkeeper custody movements propose BTCETH withdrawal.json --as maker\n"
      "  navkeeper custody movements approve BTCETH w-1 --as approver                       (and a second "
      "one)\n"
      "  navkeeper custody movements run BTCETH --as operator         sends and follows; `serve custody` "
      "does too");
  const Adder adder{context, connect};
  auto words = std::make_shared<Words>();
  runtime::Command* propose = adder.add(
      *movements, "propose",
      "Proposes a rule or a movement, from a JSON file with a kind: policy (cooling_off_seconds, "
      "lapses_after_seconds, limits, dollars), destination (name, asset, network, address, address_tag), "
      "withdrawal, "
      "stake, unstake, convert (custodian, account, asset, amount, destination, reason; of a conversion "
      "into, "
      "expected_rate, slippage_bps); maker",
      words, run_propose);
  propose->add_option("FILE", words->file, "FILE.json")->required();
  const auto decision = [&](const char* name, const char* help, Run run) {
    auto own = std::make_shared<Words>();
    runtime::Command* command = adder.add(*movements, name, help, own, run);
    command->add_option("ID", own->id, "The movement")->required();
    return std::pair{command, own};
  };
  decision("approve", "Approves a movement; two people do, neither of them who proposed it (approver)",
           run_approve);
  decision("withdraw", "Withdraws a movement that cannot have left", run_withdraw);
  const auto [retry, retried] = decision(
      "retry", "Lets a movement that the custodian does not have be sent again, with the same id (operator)",
      run_retry);
  retry->add_option("--reason", retried->reason, "Why")->required();
  const auto [match, matched] = decision("match",
                                         "Names the custodian's record of a movement in doubt, after its "
                                         "history was asked (operator, not its proposer)",
                                         run_match);
  match->add_option("--custodian-id", matched->custodian_id, "Its id there, as `run` prints it")->required();
  decision("show", "One movement with every state that it passed", run_show);
  adder.add(*movements, "list", "All movements of a fund with their states", std::make_shared<Words>(),
            run_list);
  adder.add(*movements, "rules", "Policies and addresses of a fund with their states",
            std::make_shared<Words>(), run_rules);
  const auto rule_decision = [&](const char* name, const char* help, Run run) {
    auto own = std::make_shared<Words>();
    runtime::Command* command = adder.add(*movements, name, help, own, run);
    command->add_option("KIND", own->kind, "policy or destination")
        ->required()
        ->check(runtime::one_of({"policy", "destination"}));
    command->add_option("ID", own->id, "Its id")->required();
  };
  rule_decision("approve-rule", "Approves a policy or an address; two people do (approver)",
                run_rule_approve);
  rule_decision("withdraw-rule", "Takes back a proposal, or an address in force (one person is enough)",
                run_rule_withdraw);
  adder.add(
      *movements, "run",
      "Sends what two people approved and follows what was sent, once; exit 1 when a person has to decide, "
      "3 when a custodian did not answer (operator)",
      std::make_shared<Words>(), run_pass);
}

}  // namespace navkeeper::custody
