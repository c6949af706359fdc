#include "services/nav/adapters/nav_commands.h"

#include <memory>

#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "services/nav/adapters/bases.h"
#include "services/nav/adapters/explain.h"
#include "services/nav/adapters/known_fund.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/nav_view.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

using runtime::CommandContext;
using runtime::ExitCode;

model::FundId fund_of(const std::string& text) { return runtime::named<model::FundId>(text, "fund"); }

/// Of an option that runtime::check_date has seen.
time::Date date_of(const std::string& text) { return *time::Date::parse(text); }

std::optional<time::Date> optional_date(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return date_of(text);
}

struct Options {
  std::string fund, date, from, to, known_at;
  bool json = false;
  bool document = false;
  bool adjusted = false;
  bool bases = false;
  bool versions = false;
};

void add_json(runtime::Command* command, const std::shared_ptr<Options>& options) {
  command->add_flag("--json", options->json, "One JSON object on standard output");
}

void show(const Options& options, CommandContext& context, const ServiceSource& service) {
  const bool is_one_nav = !options.date.empty() && !options.fund.empty();
  if (options.document && !is_one_nav)
    runtime::refuse_usage("nav show", "--document needs a fund and --date");
  if (options.versions && !is_one_nav)
    runtime::refuse_usage("nav show", "--versions needs a fund and --date");
  if (!options.from.empty() && !options.to.empty() && options.from > options.to)
    runtime::refuse_usage("--from", "must not be after --to");
  std::vector<model::FundId> funds;
  if (!options.fund.empty()) funds.push_back(fund_of(options.fund));
  NavStore& store = service().store();
  const auto date = optional_date(options.date);
  const time::Instant known_at =
      options.known_at.empty() ? time::Instant::latest() : *time::parse_rfc3339(options.known_at);
  if (!options.fund.empty()) {
    known_fund(store, funds.front());
  } else {
    for (const StoredDefinition& stored : store.funds()) funds.push_back(stored.definition.id);
  }
  if (options.versions) {
    const FundNavs all{funds.front(), store.versions(funds.front(), *date, known_at)};
    if (all.navs.empty()) base::refuse(options.fund + " " + date->to_string(), "has not been struck");
    context.out << (options.json ? navs_json({all}) + "\n" : navs_table({all}));
    return;
  }
  if (options.document || (date && funds.size() == 1 && !options.fund.empty() && options.json)) {
    const auto nav = store.find_nav(funds.front(), *date, known_at);
    if (!nav) base::refuse(options.fund + " " + date->to_string(), "has not been struck");
    context.out << (options.document ? nav->document : nav_json(funds.front(), *nav)) << "\n";
    return;
  }
  const auto from = date ? date : optional_date(options.from);
  const auto to = date ? date : optional_date(options.to);
  std::vector<FundNavs> found;
  for (const model::FundId& fund : funds) {
    found.push_back({fund, store.navs(fund, from, to, known_at)});
    if (options.adjusted) adjust_for_splits(found.back(), store, known_at);
  }
  if (date && !options.fund.empty() && found.front().navs.empty())
    base::refuse(options.fund + " " + date->to_string(), "has not been struck");
  if (options.bases) {
    context.out << (options.json ? bases_json(bases_of(store, found)) + "\n"
                                 : bases_table(bases_of(store, found)));
    return;
  }
  context.out << (options.json ? navs_json(found) + "\n" : navs_table(found));
}

void add_show(runtime::Command& nav, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command =
      nav.add_subcommand("show", "Struck NAVs as a table; with a fund and --date one of them whole");
  command->add_option("fund", options->fund, "Fund; without one: all funds");
  command->add_option("--date", options->date, "One valuation date")->check(runtime::check_date);
  command->add_option("--from", options->from, "Not before this date")->check(runtime::check_date);
  command->add_option("--to", options->to, "Not after this date")->check(runtime::check_date);
  command->add_flag(
      "--adjusted", options->adjusted,
      "Each value per share also in the shares of the newest NAV, so that no split shows as a jump");
  command->add_option("--known-at", options->known_at, "As it was known then (RFC 3339; default: now)")
      ->check(runtime::check_instant);
  command->add_flag(
      "--bases", options->bases,
      "The NAV by the index and by the principal market side by side; the fund's own is official");
  command->add_flag("--versions", options->versions,
                    "Every version of the day, the first strike and what was struck beside it");
  command->add_flag("--document", options->document, "The stored NAV document, byte for byte");
  add_json(command, options);
  command->callback([options, &context, service] { show(*options, context, service); });
}

void add_explain(runtime::Command& nav, CommandContext& context, const ServiceSource& service) {
  auto options = std::make_shared<Options>();
  runtime::Command* command = nav.add_subcommand(
      "explain", "The proof sheet: every number with where it came from, and the change since the last NAV");
  command->add_option("fund", options->fund, "Fund")->required();
  command->add_option("date", options->date, "Valuation date YYYY-MM-DD")
      ->check(runtime::check_date)
      ->required();
  add_json(command, options);
  command->callback([options, &context, service] {
    JsonDocuments documents;
    const model::FundId fund = fund_of(options->fund);
    const Explanation explanation = explain_nav(service().store(), documents, fund, date_of(options->date));
    context.out << (options->json ? explanation_json(explanation) + "\n" : explanation_text(explanation));
    if (!explanation.is_reproduced) context.exit_code = ExitCode::kRefused;
  });
}

}  // namespace

void add_nav_commands(runtime::Command& nav, CommandContext& context, ServiceSource service) {
  add_run_command(nav, context, service);
  add_life_commands(nav, context, service);
  add_show(nav, context, service);
  add_explain(nav, context, service);
}

}  // namespace navkeeper::nav
