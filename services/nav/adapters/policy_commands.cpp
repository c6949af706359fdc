#include "services/nav/adapters/policy_commands.h"

#include <algorithm>
#include <memory>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/time/clock.h"
#include "services/nav/adapters/fund_act_json.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/fund_fact_json.h"
#include "services/nav/adapters/fund_fact_store.h"
#include "services/nav/adapters/known_fund.h"
#include "services/nav/adapters/late_json.h"
#include "services/nav/adapters/staking_income_store.h"
#include "services/nav/adapters/staking_view.h"
#include "services/nav/app/strike_fund.h"
#include "services/nav/app/take_staking.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using runtime::CommandContext;

struct Options {
  std::string fund, file, id, date, to, known_at, reason;
  bool json = false;
  bool from_staking = false;
};

/// Whose commands these are.
struct Noun {
  bool is_distribution;
  const char* propose;
  const char* propose_help;
  const char* propose_shapes;
};

constexpr const char* kDistributionShape =
    R"(FILE.json, every key required; amounts are decimal strings of dollars a share with at most six decimals:
  kind               "distribution"
  id                 the distribution's name
  declared, ex, record, pay  days; ex and record are one day
  per_share          what a share of the record date's register is paid
  sources            an object: of per_share, income, short_term_gain, long_term_gain, capital; those that are nothing
                     may be left out, the others add up to per_share exactly

distribution.json:
  {"kind":"distribution","id":"2026-03","declared":"2026-03-12","ex":"2026-03-13","record":"2026-03-13",
   "pay":"2026-03-17","per_share":"0.010001","sources":{"income":"0.003","capital":"0.007001"}}

Example: navkeeper distribution declare CROYIELD distribution.json --as maker
)";
constexpr const char* kActionShapes =
    R"(FILE.json has an id, a kind, and by kind (ratios, quantities and dollars are decimal strings, days YYYY-MM-DD):
  split      effective, new_shares, old_shares: whole numbers, 1 for 3 is a reverse split
  fork       coin, new_coin, new_decimals, date, ratio: new coins for one; declared and record, where the rights are
             distributed
  migration  date, old_token, new_token, new_decimals, ratio: new for one old
  spin_off   date, parent, child, child_decimals, received: coins in all; parent_fair_value, child_fair_value
A migration and a spin-off take what was traded, booked and settled by their date; what comes later stays as it is. A
split by the record date of a distribution, and two acts of one day on one coin, are refused.

split.json:
  {"kind":"split","id":"2-for-1","effective":"2026-03-16","new_shares":2,"old_shares":1}

fork.json:
  {"kind":"fork","id":"fork-1","coin":"BTC","new_coin":"NEW","new_decimals":8,"date":"2026-03-16","ratio":"1"}

Example: navkeeper action propose BTCETH split.json --as maker
Example: navkeeper action propose BTCETH fork.json --as maker
)";

constexpr Noun kDistribution{
    true, "declare",
    "Declares a distribution from a JSON file. Refused without sources or cash; takes effect once another "
    "person approved it",
    kDistributionShape};
constexpr Noun kAction{
    false, "propose",
    "Proposes a split, fork, migration or spin-off from a JSON file; takes effect once another person "
    "approved it, in the strike of its date",
    kActionShapes};

bool belongs(const Noun& noun, const FundAct& act) {
  return (act.kind() == "distribution") == noun.is_distribution;
}

model::FundId fund_of(const std::string& text) { return runtime::named<model::FundId>(text, "fund"); }

StoredAct act_of(Service& service, const Noun& noun, const model::FundId& fund, const std::string& id,
                 time::Instant known_at = time::Instant::latest()) {
  auto act = service.acts().find_act(fund, id, known_at);
  if (!act || !belongs(noun, act->act))
    base::refuse(fund.value() + " " + id,
                 noun.is_distribution ? "is not a known distribution" : "is not a known corporate action");
  return *std::move(act);
}

void tell(const Options& options, CommandContext& context, Service& service, const Noun& noun,
          const std::string& id, bool is_new) {
  const model::FundId fund = fund_of(options.fund);
  const StoredAct act = act_of(service, noun, fund, id);
  if (options.json) {
    context.out << act_json(known_fund(service.store(), fund).definition, act, service.acts().acts(fund))
                << "\n";
  } else {
    context.out << fund.value() << " " << id << ": " << act.state()
                << (is_new ? "" : " (it was before: nothing changed)") << "\n";
  }
}

time::Instant known_at_of(const Options& options) {
  if (options.known_at.empty()) return time::Instant::latest();
  const auto instant = time::parse_rfc3339(options.known_at);
  if (!instant) base::refuse("--known-at", "is not a time as RFC 3339 writes it: " + options.known_at);
  return *instant;
}

void add_known_at(runtime::Command* command, const std::shared_ptr<Options>& options) {
  command->add_option("--known-at", options->known_at, "Only what was known then (RFC 3339; default: now)");
}

void add_json(runtime::Command* command, const std::shared_ptr<Options>& options) {
  command->add_flag("--json", options->json, "One JSON object on standard output");
}

void add_propose(runtime::Command& parent, CommandContext& context, const ServiceSource& service,
                 const Noun& noun) {
  auto options = std::make_shared<Options>();
  runtime::Command* command = parent.add_subcommand(noun.propose, noun.propose_help);
  command->add_option("fund", options->fund, "Fund")->required();
  command->add_option("file", options->file, "FILE.json")->required();
  command->footer(noun.propose_shapes);
  add_json(command, options);
  command->callback([options, &context, service, noun] {
    const model::FundId fund = fund_of(options->fund);
    const NewAct act = read_act_file(
        options->file, noun.is_distribution ? std::optional<std::string_view>("distribution") : std::nullopt);
    if (!belongs(noun, act.act)) base::refuse(options->file, "is a distribution: distribution declare");
    Service& nav = service();
    const bool is_new = propose_act({nav.acts(), nav.store()}, fund, act, nav.dependencies().actor(),
                                    nav.dependencies().clock->now());
    tell(*options, context, nav, noun, act.act.id, is_new);
  });
}

using Act = bool (*)(const ActPorts&, const model::FundId&, const std::string&, const model::Actor&,
                     time::Instant);

void add_decision(runtime::Command& parent, CommandContext& context, const ServiceSource& service,
                  const Noun& noun, const char* name, const char* help, Act act) {
  auto options = std::make_shared<Options>();
  runtime::Command* command = parent.add_subcommand(name, help);
  command->add_option("fund", options->fund, "Fund")->required();
  command->add_option("id", options->id, "Its id")->required();
  add_json(command, options);
  command->callback([options, &context, service, noun, act] {
    const model::FundId fund = fund_of(options->fund);
    Service& nav = service();
    act_of(nav, noun, fund, options->id);
    const bool is_new = act({nav.acts(), nav.store()}, fund, options->id, nav.dependencies().actor(),
                            nav.dependencies().clock->now());
    tell(*options, context, nav, noun, options->id, is_new);
  });
}

void add_pay(runtime::Command& parent, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      parent.add_subcommand("pay",
                            "Books the payment of a recorded distribution, out of cash that has settled by "
                            "that day, a bank's business day "
                            "that is not ahead of today");
  command->add_option("fund", options->fund, "Fund")->required();
  command->add_option("id", options->id, "Its id")->required();
  command->add_option("--date", options->date, "Day the bank paid, YYYY-MM-DD")
      ->check(runtime::check_date)
      ->required();
  add_json(command, options);
  command->callback([options, &context, service] {
    const auto date = time::Date::parse(options->date);
    const model::FundId fund = fund_of(options->fund);
    Service& nav = service();
    const bool is_new = pay_distribution({nav.acts(), nav.store()}, fund, options->id, *date,
                                         nav.dependencies().actor(), nav.dependencies().clock->now());
    tell(*options, context, nav, kDistribution, options->id, is_new);
  });
}

void add_show(runtime::Command& parent, CommandContext& context, const ServiceSource& service,
              const Noun& noun) {
  auto options = std::make_shared<Options>();
  runtime::Command* command = parent.add_subcommand(
      "show", noun.is_distribution
                  ? "A fund's distributions; with an id one of them, its steps and its 19a-1 notice"
                  : "A fund's corporate actions; with an id one of them and what it did");
  command->add_option("fund", options->fund, "Fund")->required();
  command->add_option("id", options->id, "Its id");
  add_known_at(command, options);
  add_json(command, options);
  command->callback([options, &context, service, noun] {
    const model::FundId fund = fund_of(options->fund);
    Service& nav = service();
    const FundDefinition definition = known_fund(nav.store(), fund).definition;
    const time::Instant known_at = known_at_of(*options);
    const auto all = nav.acts().acts(fund, known_at);
    if (!options->id.empty()) {
      const StoredAct act = act_of(nav, noun, fund, options->id, known_at);
      context.out << (options->json ? act_json(definition, act, all) + "\n" : act_text(definition, act, all));
      return;
    }
    std::vector<StoredAct> shown;
    std::copy_if(all.begin(), all.end(), std::back_inserter(shown),
                 [&](const StoredAct& act) { return belongs(noun, act.act); });
    context.out << (options->json ? acts_json(definition, shown, all) + "\n" : acts_table(definition, shown));
  });
}

void add_undo(runtime::Command& parent, CommandContext& context, const ServiceSource& service,
              const Noun& noun) {
  auto options = std::make_shared<Options>();
  runtime::Command* ask = parent.add_subcommand(
      "undo", "Asks for one that took effect to be taken back; done once another person approved it");
  ask->add_option("fund", options->fund, "Fund")->required();
  ask->add_option("id", options->id, "Its id")->required();
  ask->add_option("--reason", options->reason, "Why")->required();
  add_json(ask, options);
  ask->callback([options, &context, service, noun] {
    const model::FundId fund = fund_of(options->fund);
    if (options->reason.empty()) runtime::refuse_usage("--reason", "is empty");
    Service& nav = service();
    act_of(nav, noun, fund, options->id);
    const bool is_new = ask_undo({nav.acts(), nav.store()}, fund, options->id, options->reason,
                                 nav.dependencies().actor(), nav.dependencies().clock->now());
    tell(*options, context, nav, noun, options->id, is_new);
  });
  auto approved = std::make_shared<Options>();
  runtime::Command* approve = parent.add_subcommand(
      "approve-undo",
      "Takes it back: its entries are reversed on their dates, and the NAVs that had them are restated");
  approve->add_option("fund", approved->fund, "Fund")->required();
  approve->add_option("id", approved->id, "Its id")->required();
  add_json(approve, approved);
  approve->callback([approved, &context, service, noun] {
    const model::FundId fund = fund_of(approved->fund);
    Service& nav = service();
    act_of(nav, noun, fund, approved->id);
    const auto lateness = approve_undo({nav.acts(), nav.store()}, fund, approved->id,
                                       nav.dependencies().actor(), nav.dependencies().clock->now());
    tell(*approved, context, nav, noun, approved->id, lateness.has_value());
    if (lateness && !approved->json) context.out << late_text(fund, *lateness);
  });
  add_decision(parent, context, service, noun, "withdraw-undo", "Withdraws what was asked for and waits",
               withdraw_undo);
}

void add_both(runtime::Command& parent, CommandContext& context, const ServiceSource& service,
              const Noun& noun) {
  add_propose(parent, context, service, noun);
  add_decision(parent, context, service, noun, "approve", "Approves it; never by who proposed it",
               approve_act);
  add_decision(parent, context, service, noun, "withdraw",
               "Withdraws it, approved or not, while it has not taken effect", withdraw_act);
  add_undo(parent, context, service, noun);
  add_show(parent, context, service, noun);
}

/// Whose day it is before any NAV was struck: the exchange's.
constexpr const char* kHomeZone = "America/New_York";

void add_rewards(runtime::Command& fund, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* rewards = fund.add_subcommand(
      "rewards",
      "What the fund's stakes earned over some days, from the journal: gross by type, what "
      "was withheld and lost, the staking fees with their payees, net");
  rewards->add_option("fund", options->fund, "Fund")->required();
  rewards->add_option("--from", options->date, "First day, YYYY-MM-DD")
      ->check(runtime::check_date)
      ->required();
  rewards->add_option("--to", options->to, "Last day")->check(runtime::check_date)->required();
  add_json(rewards, options);
  rewards->callback([options, &context, service] {
    const time::Date from = *time::Date::parse(options->date);
    const time::Date to = *time::Date::parse(options->to);
    if (to < from) runtime::refuse_usage("--to", "is before --from");
    const model::FundId id = fund_of(options->fund);
    Service& nav = service();
    const FundDefinition definition = known_fund(nav.store(), id).definition;
    const StakingIncome income = nav.dependencies().pool->transact(
        [&](db::Transaction& transaction) { return load_staking_income(transaction, definition, from, to); });
    context.out << (options->json ? staking_income_json(id, from, to, income) + "\n"
                                  : staking_income_text(income));
  });
}

void record_from_staking(const Options& options, CommandContext& context, Service& nav) {
  const model::FundId fund = fund_of(options.fund);
  const FundDefinition definition = known_fund(nav.store(), fund).definition;
  const time::Instant now = nav.dependencies().clock->now();
  const time::Date date = options.date.empty()
                              ? next_to_strike(definition, nav.store().last_struck(fund),
                                               time::Zone::literal(kHomeZone).to_local(now).date)
                              : *time::Date::parse(options.date);
  const StakingTaken taken =
      take_staking(nav.staking_ports(), {fund, date, nav.dependencies().actor(), now, false});
  context.out << (options.json ? staking_taken_json(fund, date, taken) + "\n"
                               : staking_taken_text(fund, date, taken));
}

}  // namespace

void add_distribution_commands(runtime::Command& distribution, CommandContext& context,
                               ServiceSource service) {
  add_both(distribution, context, service, kDistribution);
  add_pay(distribution, context, service);
}

void add_action_commands(runtime::Command& action, CommandContext& context, ServiceSource service) {
  add_both(action, context, service, kAction);
}

namespace {

constexpr const char* kFactShapes =
    R"(FACTS.jsonl: each line has an id (its source's), a date, a fact and the keys of that fact; services/nav/POLICY.md
has the table. Amounts are decimal strings; prices and amounts in dollars, quantities in whole coins.

facts.jsonl:
  {"id":"inv-1","date":"2026-03-11","fact":"expense_incurred","type":"audit fees","name":"Audit 2026","amount":"1000.00"}
  {"id":"pay-1","date":"2026-03-12","fact":"expense_paid","name":"Audit 2026","amount":"1000.00"}
  {"id":"rw-1","date":"2026-03-11","fact":"reward","reward":"epoch-7","type":"consensus","asset":"ETH","stage":"RECEIVED","gross":"0.5","provider_cut":"0.05","price":"3500"}

Example: navkeeper fund record BTCETH facts.jsonl --as operator
)";

}  // namespace

void add_fact_commands(runtime::Command& fund, CommandContext& context, ServiceSource service) {
  auto options = std::make_shared<Options>();
  runtime::Command* record = fund.add_subcommand(
      "record",
      "Records facts, one JSON object a line, each id once: expense_incurred, expense_paid, "
      "expense_paid_in_coins, adviser_paid, fee_returned, reward, penalty, token_rate, token_swap, "
      "transfer");
  record->add_option("fund", options->fund, "Fund")->required();
  runtime::Option* file = record->add_option("file", options->file, "FACTS.jsonl");
  record->footer(kFactShapes);
  record
      ->add_flag("--from-staking", options->from_staking,
                 "Ask the staking service for its new events, up to its last final state at or before the "
                 "valuation point of the NAV that is struck next; each once")
      ->excludes(file);
  record
      ->add_option("--date", options->date,
                   "With --from-staking: of that NAV, YYYY-MM-DD; default: the next to strike")
      ->check(runtime::check_date);
  add_json(record, options);
  record->callback([options, &context, service] {
    if (options->from_staking) return record_from_staking(*options, context, service());
    if (options->file.empty()) runtime::refuse_usage("fund record", "takes FACTS.jsonl or --from-staking");
    if (!options->date.empty()) runtime::refuse_usage("--date", "is for --from-staking");
    const model::FundId id = fund_of(options->fund);
    const auto facts = read_facts_file(options->file);
    Service& nav = service();
    const FactReport report = record_facts(nav.facts(), nav.store(), id, facts, nav.dependencies().actor(),
                                           nav.dependencies().clock->now());
    context.out << (options->json ? fact_report_json(id, report)
                                  : id.value() + ": " + std::to_string(report.recorded) + " recorded, " +
                                        std::to_string(report.unchanged) + " known before")
                << "\n";
    if (!options->json) context.out << late_text(id, report.lateness);
  });
  add_rewards(fund, context, service);
  auto shown = std::make_shared<Options>();
  runtime::Command* list = fund.add_subcommand("facts", "The facts that were recorded, the latest thousand");
  list->add_option("fund", shown->fund, "Fund")->required();
  add_known_at(list, shown);
  add_json(list, shown);
  list->callback([shown, &context, service] {
    const model::FundId id = fund_of(shown->fund);
    known_fund(service().store(), id);
    const auto facts = service().facts().facts(id, known_at_of(*shown));
    context.out << (shown->json ? facts_json(id, facts) + "\n" : facts_table(facts));
  });
}

}  // namespace navkeeper::nav
