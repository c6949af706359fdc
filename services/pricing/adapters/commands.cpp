#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "common/base/refuse.h"
#include "common/money/decimal.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/time/date.h"
#include "services/pricing/adapters/csv.h"
#include "services/pricing/adapters/equity_commands.h"
#include "services/pricing/adapters/index_file.h"
#include "services/pricing/adapters/price_commands.h"
#include "services/pricing/adapters/rate_json.h"
#include "services/pricing/adapters/real_time_commands.h"
#include "services/pricing/adapters/store_commands.h"
#include "services/pricing/adapters/tape_commands.h"
#include "services/pricing/adapters/trade_csv.h"
#include "services/pricing/adapters/trade_file.h"
#include "services/pricing/app/compute_rate.h"
#include "services/pricing/service.h"

namespace navkeeper::pricing {
namespace {

class IntakeSink final : public TradeSink {
 public:
  explicit IntakeSink(TradeIntake& intake) : intake_(intake) {}
  void row(const TradeRow& row) override { intake_.add(row); }
  void reject(RowPlace place, std::string_view reason) override { intake_.reject(place, reason); }

 private:
  TradeIntake& intake_;
};

class CsvFiles final : public TradeSource {
 public:
  explicit CsvFiles(const std::vector<std::string>& paths) : paths_(paths) {}
  void read_into(TradeIntake& intake) override {
    IntakeSink sink(intake);
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      const TradeFile file(paths_[i]);
      read_trade_csv(file.text(), paths_[i], static_cast<std::uint32_t>(i), sink);
    }
  }

 private:
  const std::vector<std::string>& paths_;
};

struct ComputeOptions {
  std::string index_path;
  std::vector<std::string> trade_paths;
  std::string date;
  std::string previous;
  bool json = false;
};

void compute(const ComputeOptions& options, runtime::CommandContext& context) {
  const IndexDefinition index = base::value_or_refuse(load_index(options.index_path));
  const time::Date date = time::Date::parse(options.date).value();
  std::optional<money::Decimal> previous;
  if (!options.previous.empty()) previous = *money::Decimal::parse(options.previous);

  CsvFiles source(options.trade_paths);
  auto computed = compute_rate(index, date, previous, source);
  if (computed.has_error()) {
    const base::Refusal& refusal = computed.error();
    const bool option = refusal.where == "previous" || refusal.where == "date";
    base::refuse(option ? "--" + refusal.where : place_of_key(options.index_path, refusal.where),
                 refusal.rule);
  }
  context.out << (options.json ? to_json(*computed, options.trade_paths) + "\n"
                               : to_table(*computed, options.trade_paths));
  context.exit_code =
      computed->rate.status == RateStatus::kFailed ? runtime::ExitCode::kRefused : runtime::ExitCode::kDone;
}

void add_compute(runtime::Command& rates, runtime::CommandContext& context) {
  auto* const command = rates.add_subcommand(
      "compute",
      "The rate of an index on a date, from files of trades alone: no database, no network, no clock");
  auto options = std::make_shared<ComputeOptions>();
  command->add_option("--index", options->index_path, "The index's definition (TOML)")
      ->required()
      ->option_text("FILE");
  command
      ->add_option(
          "--trades", options->trade_paths,
          "Trades: CSV with the columns time,venue,pair,price,size[,id], plain or gzip; may be repeated")
      ->required()
      ->take_all()
      ->option_text("FILE ...");
  command->add_option("--date", options->date, "The day of the strike")
      ->required()
      ->check(runtime::check_date)
      ->option_text("YYYY-MM-DD");
  command->add_option("--previous", options->previous, "The value to publish when none can be computed")
      ->check(runtime::check_decimal)
      ->option_text("VALUE");
  command->add_flag("--json", options->json, "Answer as one JSON object");
  command->callback([options, &context] { compute(*options, context); });
}

}  // namespace

void add_commands(runtime::Command& root, runtime::CommandContext& context,
                  std::function<Dependencies()> connect) {
  auto* const rates =
      root.add_subcommand("rates", "Reference rates: define indices, import trades, compute, strike, show");
  rates->require_subcommand(1);
  add_compute(*rates, context);
  add_store_commands(*rates, context, connect);
  add_tape_commands(*rates, context, connect);
  add_real_time_commands(*rates, context, connect);
  add_equity_commands(root, context, connect);
  add_price_commands(root, context, std::move(connect));
}

}  // namespace navkeeper::pricing
