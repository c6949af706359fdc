#include "services/nav/adapters/compute_command.h"

#include <memory>
#include <sstream>

#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/input_file.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/compute_json.h"
#include "services/nav/adapters/grouped.h"

namespace navkeeper::nav {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{64} << 20;

std::string to_table(const ComputeRequest& request, const NavFigures& figures) {
  using Align = runtime::Align;
  runtime::Table table(
      {{"line"}, {"quantity", Align::kRight}, {"price", Align::kRight}, {"value", Align::kRight}});
  const NavTerms& terms = request.input.terms;
  const auto money = [&](const money::Decimal& amount) { return grouped(amount, terms.money_decimals); };
  for (const ValuedPosition& position : figures.positions) {
    const auto* holding = std::get_if<QuantityAtPrice>(&position.input.holding);
    table.row({position.input.asset, holding != nullptr ? grouped(holding->quantity.to_string()) : "",
               holding != nullptr ? grouped(holding->price, kDollarDecimals) : "", money(position.value)});
  }
  const auto line = [&](const std::string& name, const std::string& value) {
    table.row({name, "", "", value});
  };
  for (const auto& asset : request.input.other_assets) line(asset.name, money(asset.amount));
  line("total assets", money(figures.total_assets));
  line("fee base", money(figures.fee_base));
  for (const auto& accrual : figures.accruals) line(accrual.name + ", today", money(accrual.amount));
  line("total liabilities", money(figures.total_liabilities));
  line("net assets", money(figures.net_assets));
  line("shares", grouped(request.input.shares_outstanding, 0));
  line("NAV per share", grouped(figures.nav_per_share, terms.per_share_decimals));
  return request.fund + " " + request.valuation_date.to_string() + "\n" + table.to_string();
}

constexpr const char* kShapes =
    R"(FILE.json is one object; amounts are decimal strings in the fund's currency, positive when the fund owns:
  fund, valuation_date  name and day (YYYY-MM-DD), shown again
  money_decimals        decimals of money: 2 for cents, -3 for thousands
  per_share_decimals    decimals of the NAV per share
  rounding              half_up | half_even | down
  positions             list of {"asset","quantity","price"} or {"asset","value"}
  other_assets          may be missing: list of {"name","value"}
  liabilities           may be missing: list of {"name","value"}, positive when the fund owes
  pending               may be missing: {"creations","redemptions"}, money of orders priced at this NAV
  accruals              may be missing: list of {"name","annual_rate","days","year_days"}; days are whole numbers
  shares_outstanding    with the shares of pending creations, without those of pending redemptions

Exit code 0: done. 1: refused (the line on standard error names the key and the rule). 2: the command line.

nav.json:
  {"fund":"X","valuation_date":"2026-03-31","money_decimals":2,"per_share_decimals":4,"rounding":"half_up",
   "positions":[{"asset":"BTC","quantity":"600","price":"84000.00"},{"asset":"ETH","value":"33600000.00"}],
   "other_assets":[{"name":"cash","value":"25000.00"}],
   "liabilities":[{"name":"management fee payable","value":"45000.00"}],
   "accruals":[{"name":"management fee","annual_rate":"0.0095","days":3,"year_days":365}],
   "shares_outstanding":"3360000"}

Example: navkeeper nav compute nav.json --json
)";

}  // namespace

void add_compute_command(runtime::Command& nav, runtime::CommandContext& context) {
  struct Options {
    std::string file;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  runtime::Command* compute = nav.add_subcommand(
      "compute",
      "The arithmetic of one NAV, from a file: positions, prices, liabilities and shares in, NAV out");
  compute->footer(kShapes);
  compute->add_option("file", options->file, "FILE.json, as below")->required();
  compute->add_flag("--json", options->json, "One JSON object on standard output");
  compute->callback([options, &context] {
    try {
      const ComputeRequest request =
          read_compute_request(runtime::read_input_file(options->file, kFileBytesMax));
      const NavFigures figures = base::value_or_refuse(calculate_nav(request.input));
      context.out << (options->json ? write_compute_answer(request, figures) + "\n"
                                    : to_table(request, figures));
    } catch (const base::Refused& refused) {
      const base::Refusal& refusal = refused.refusal();
      if (refusal.where.rfind(options->file, 0) == 0) throw;
      throw base::Refused(refusal.within(options->file));
    }
  });
}

}  // namespace navkeeper::nav
