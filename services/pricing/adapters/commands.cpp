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

/// Why there is no rate, for standard error: the answer itself is printed all the same.
std::string why_failed(const ComputedRate& computed) {
  std::uint64_t trades = 0;
  std::uint64_t venues_left = 0;
  for (const VenueResult& venue : computed.rate.venues) {
    trades += venue.trades;
    if (venue.trades > 0 && !venue.excluded) ++venues_left;
  }
  const std::string window = computed.window.start().to_string() + " to " + computed.window.end().to_string();
  std::string why = "no rate of " + computed.index.id + " on " + computed.date.to_string() + ": ";
  if (trades == 0) return why + "no trade of its venues lies in its window, " + window;
  if (venues_left < static_cast<std::uint64_t>(computed.index.minimum_venues))
    return why + std::to_string(venues_left) + " of its venues are left, it needs " +
           std::to_string(computed.index.minimum_venues);
  return why + "the weights of the partitions that have a value sum to zero";
}

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
  if (computed->rate.status != RateStatus::kFailed) return;
  context.err << "navkeeper: " << why_failed(*computed) << "\n";
  context.exit_code = runtime::ExitCode::kRefused;
}

constexpr const char* kComputeShapes =
    R"(FILE of --index, TOML, every key required (amounts are decimal strings):
  id                         the index's name
  pair                       BASE/QUOTE, such as "BTC/USD"
  strike_time, time_zone     local time "HH:MM" at which the window ends, and its zone
  window_minutes, partitions the window before the strike, and into how many equal parts it is cut
  statistic                  volume_weighted_median | vwap
  tie                        lower | average: of a median exactly between two prices
  empty_partition            drop | carry
  weights                    "equal", or a list as long as partitions, oldest first
  venues                     whose trades count
  venue_deviation_max        "0.05": a venue whose median is further from its reference is left out
  venue_deviation_reference  others | all
  minimum_venues             fewer left: no rate
  decimals, rounding         of the rate: half_even | half_up | down
FILE of --trades, CSV (RFC 4180, plain or gzip), columns in any order:
  time    RFC 3339 with any offset, at most 9 decimals of a second
  venue   as in the index's venues
  pair    BASE/QUOTE
  price   quote currency for one coin, positive
  size    coins, positive
  id      may be missing: the venue's id of the trade; copies of one id count once

Exit code 0: ok, or the --previous value. 1: no rate (the answer is printed, why on standard error), or refused. 2: the command line.

index.toml:
  id = "NK_BTCUSD_NY"
  pair = "BTC/USD"
  strike_time = "16:00"
  time_zone = "America/New_York"
  window_minutes = 60
  partitions = 2
  statistic = "volume_weighted_median"
  tie = "lower"
  empty_partition = "drop"
  weights = "equal"
  venues = ["coinbase", "kraken"]
  venue_deviation_max = "0.05"
  venue_deviation_reference = "others"
  minimum_venues = 1
  decimals = 2
  rounding = "half_even"

trades.csv:
  time,venue,pair,price,size,id
  2026-03-11T19:05:00Z,coinbase,BTC/USD,84000.10,0.5,1
  2026-03-11T19:45:00Z,kraken,BTC/USD,84010.00,0.25,7

Example: navkeeper rates compute --index index.toml --trades trades.csv --date 2026-03-11 --json
)";

void add_compute(runtime::Command& rates, runtime::CommandContext& context) {
  auto* const command = rates.add_subcommand(
      "compute",
      "The rate of an index on a date, from files of trades alone: no database, no network, no clock");
  auto options = std::make_shared<ComputeOptions>();
  command->footer(kComputeShapes);
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
