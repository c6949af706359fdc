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
  for (const ValuedPosition& position : figures.positions) {
    const auto* holding = std::get_if<QuantityAtPrice>(&position.input.holding);
    table.row({position.input.asset, holding != nullptr ? grouped(holding->quantity.to_string()) : "",
               holding != nullptr ? grouped(holding->price.to_string()) : "",
               grouped(position.value.to_string())});
  }
  const auto line = [&](const std::string& name, const std::string& value) {
    table.row({name, "", "", grouped(value)});
  };
  for (const auto& asset : request.input.other_assets) line(asset.name, asset.amount.to_string());
  line("total assets", figures.total_assets.to_string());
  line("fee base", figures.fee_base.to_string());
  for (const auto& accrual : figures.accruals) line(accrual.name + ", today", accrual.amount.to_string());
  line("total liabilities", figures.total_liabilities.to_string());
  line("net assets", figures.net_assets.to_string());
  line("shares", request.input.shares_outstanding.to_string());
  line("NAV per share", figures.nav_per_share.to_string());
  return request.fund + " " + request.valuation_date.to_string() + "\n" + table.to_string();
}

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
  compute->add_option("file", options->file, "FILE.json, as contracts describes it")->required();
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
