// `navkeeper staking totals`.
#include <memory>
#include <ostream>

#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "services/staking/adapters/staking_commands.h"
#include "services/staking/adapters/totals_view.h"

namespace navkeeper::staking {

void add_totals_command(runtime::Command& staking, runtime::CommandContext& context,
                        const std::function<Dependencies()>& connect) {
  runtime::Command* command = staking.add_subcommand(
      "totals", "Where all of a fund's coins are at a valuation point, against its books and its custody");
  command->footer(
      "staked + pending + in flight + unbonding + liquid = total = books = custody, by asset, at the "
      "valuation point\n"
      "of a day that custody reconciled (the newest without --date); exit code 1 where one is not tied. "
      "In flight\n"
      "is what was sent and is not yet where it goes: deposits, delegations and requests told after the "
      "source's\n"
      "state, stakes, unstakings and conversions that custody sent and the custodian does not show. Liquid "
      "is what\n"
      "custody keeps and nobody has staked. Claimable rewards are in no total.\n\n"
      "  navkeeper staking totals BTCETH --date 2026-03-11");
  struct Words {
    std::string fund;
    std::string date;
    bool json = false;
  };
  auto words = std::make_shared<Words>();
  command->add_option("FUND", words->fund, "The fund")->required();
  command->add_option("--date", words->date, "The day that custody reconciled")->check(runtime::check_date);
  command->add_flag("--json", words->json, "One JSON object on standard output");
  command->callback([words, connect, &context] {
    const auto fund = runtime::named<model::FundId>(words->fund, "FUND");
    const auto date = words->date.empty() ? std::nullopt : std::optional(time::Date::literal(words->date));
    const TotalledFund totalled = totals_by_custody(connected(connect), fund, date);
    context.out << (words->json ? totals_json(fund, totalled) + "\n" : totals_table(totalled));
    if (!totalled.is_tied()) context.exit_code = runtime::ExitCode::kRefused;
  });
}

}  // namespace navkeeper::staking
