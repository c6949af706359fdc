#include "services/demo.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <ostream>
#include <sstream>

#include "common/base/refuse.h"
#include "common/json/value.h"
#include "common/json/write.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/time/calendar.h"
#include "common/time/date.h"
#include "common/time/zone.h"
#include "services/composition.h"
#include "services/demo_coins.h"
#include "services/demo_file.h"
#include "services/demo_market.h"
#include "services/sandbox/simulated_trades.h"

namespace navkeeper {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSeed = 20260213;  // the day the two funds were filed
constexpr const char* kFirstDay = "2026-03-05";
constexpr int kDays = 7;  // Thursday to Wednesday: a weekend, and the change to summer time in it
constexpr const char* kFundedOn = "2026-03-04";
constexpr const char* kCreationOn = "2026-03-09";  // an order of Monday enters the books on Tuesday
constexpr const char* kOrder = "order-1";
constexpr const char* kArrivedOn = "2026-03-06";    // the ether of the funding, two days late
constexpr const char* kMisstatedOn = "2026-03-11";  // the custodians' balances are a thousandth short
constexpr const char* kSlashedOn = "2026-03-10";    // a validator of CROYIELD's
constexpr std::array kFunds{"BTCETH", "CROYIELD"};
constexpr std::array kIndices{"NK_BTCUSD_NY",      "NK_BTCUSD_NY_VWAP", "NK_ETHUSD_NY",
                              "NK_ETHUSD_NY_VWAP", "NK_CROUSD_NY",      "NK_CROUSD_NY_VWAP"};
constexpr std::array kAssets{"BTC", "ETH", "CRO"};
constexpr std::int64_t kSpeed = 1'200;  // the hour of a window takes three seconds
constexpr std::int64_t kSpeedMax = 3'600;

struct DemoOptions {
  std::string trades;
  std::string strike;
  std::string zone;
  std::string date;
  std::int64_t speed = kSpeed;
  bool json = false;
};

fs::path config_folder() {
  std::error_code unreadable;
  const char* const named = std::getenv("NAVKEEPER_CONFIG_DIR");
  const fs::path executable = fs::read_symlink("/proc/self/exe", unreadable);
  const fs::path folder =
      named != nullptr ? fs::path(named) : executable.parent_path().parent_path() / "config";
  for (const char* part : {"funds", "indices", "valuation"}) {
    if (fs::is_directory(folder / part, unreadable)) continue;
    base::refuse("config", named != nullptr
                               ? folder.string() + ", which NAVKEEPER_CONFIG_DIR names, has no folder " + part
                               : std::string("the folder with the funds and indices is not beside the "
                                             "executable's folder; name it in NAVKEEPER_CONFIG_DIR"));
  }
  return folder;
}

void write_file(const fs::path& file, const std::string& content) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << content;
  out.flush();
  if (!out) base::refuse(file.string(), "cannot be written");
}

std::string shell_word(const std::string& word) {
  return word.find(' ') == std::string::npos ? word : "'" + word + "'";
}

class Demonstration {
 public:
  Demonstration(const runtime::CommandContext& context, RunCommand run, std::ostream& out, std::int64_t speed)
      : context_(context),
        composition_(context),
        home_(context.home),
        run_(std::move(run)),
        out_(out),
        speed_(speed) {
    fs::create_directories(home_ / "demo");
  }

  void simulated_week() {
    out_ << "The venues of this demonstration are SIMULATED (seed " << kSeed
         << "); no price in it is a market's.\nThey run in this process on loopback; the pricing service's "
            "own "
            "feeds listen to them.\n\n";
    if (fs::exists(done_)) {
      out_ << "This home holds the week already: nothing is simulated twice.\n\n";
      return show_week(time::Date::literal(kFirstDay) + (kDays - 1));
    }
    if (fs::exists(begun_)) {
      base::refuse(
          fs::absolute(home_).lexically_normal().string(),
          "holds a demonstration that was not finished: name another folder in NAVKEEPER_HOME, or stop the "
          "server (navkeeper db stop) and remove this one");
    }
    const fs::path config = config_folder();  // before anything is made that would have to go again
    write_file(begun_, "");
    set_up(config);
    for (const char* fund : kFunds) {
      const fs::path events = home_ / "demo" / (std::string(fund) + "-funding.jsonl");
      write_file(events, funding_events(fund));
      show({"books", "post", events.string(), "--fund", fund, "--as", "operator"});
    }
    std::string last;
    const time::Date first = time::Date::literal(kFirstDay);
    for (time::Date day = first; day < first + kDays; ++day) {
      if (day.to_string() == kCreationOn) place_creation();
      a_day(day);
      if (!time::Calendar::exchange().is_business_day(day)) continue;
      last = day.to_string();
      reconcile(day);
      show_run({"nav", "run", "--date", last, "--as", "maker"});
      after_the_run(last);
      if (last == kCreationOn) price_creation();
      if (last > kCreationOn && !creation_is_settled_) settle_creation(last);
    }
    write_file(done_, "");
    show_week(first + (kDays - 1));
  }

  /// What the week came to, and what to try next.
  void show_week(time::Date last_day) {
    const std::string last = last_day.to_string();
    for (const char* fund : kFunds) show({"nav", "show", fund});
    for (const char* fund : kFunds) show({"staking", "totals", fund, "--date", last});
    show({"nav", "explain", kFunds[0], last});
    out_ << "What lies where: the database and its tokens in "
         << fs::absolute(home_).lexically_normal().string()
         << " (navkeeper db status), the simulated trades in " << (home_ / "demo").string() << "\n"
         << "Try next:  navkeeper nav explain " << kFunds[1] << " " << last << "\n"
         << "           navkeeper nav approve " << kFunds[0] << " " << last << " --as approver\n"
         << "           navkeeper prices show BTC --date " << last << "       (the ladder and the checks)\n"
         << "           navkeeper rates show NK_BTCUSD_NY --date " << last << "\n"
         << "           navkeeper basket show " << kFunds[0] << " --date " << last
         << "       (what a creation unit is exchanged for)\n"
         << "           navkeeper books show " << kFunds[0] << " --as-of " << last << "\n"
         << "           navkeeper custody reconcile " << kFunds[0] << " --date " << last
         << " --show  (books against the custodian)\n"
         << "           navkeeper custody reconcile " << kFunds[1] << " --date " << last
         << " --show  (and against the chain)\n"
         << "           navkeeper custody breaks show " << kFunds[0] << "\n"
         << "           navkeeper fund facts " << kFunds[1]
         << "                        (what staking brought into its books)\n"
         << "           navkeeper staking rollforward " << kFunds[1] << "\n"
         << "           navkeeper serve                                     (the same over HTTP)\n"
         << "           navkeeper sandbox                                   (the simulated venues alone)\n";
  }

  /// The rate of one day from a real file, at the strike that was asked for.
  void real_file(const DemoOptions& options);
  /// Its answer once more, as JSON.
  std::string rate_json() {
    rate_command_.emplace_back("--json");
    return quietly(rate_command_).out;
  }

 private:
  CommandAnswer quietly(const std::vector<std::string>& words) {
    CommandAnswer answer = run_(words);
    if (answer.exit_code != runtime::ExitCode::kDone) {
      base::refuse(words[0] + " " + words[1], answer.error.empty() ? answer.out : answer.error);
    }
    return answer;
  }

  void show(const std::vector<std::string>& words) { print(words, quietly(words)); }
  void print(const std::vector<std::string>& words, const CommandAnswer& answer) {
    out_ << "$ navkeeper";
    for (const std::string& word : words) out_ << ' ' << shell_word(word);
    out_ << '\n' << answer.out << '\n' << std::flush;
  }

  /// A batch that struck every NAV and says that a check failed has done its work.
  void show_run(const std::vector<std::string>& words) {
    CommandAnswer answer = run_(words);
    const bool is_drafted = answer.exit_code == runtime::ExitCode::kRefused && !answer.out.empty();
    if (answer.exit_code != runtime::ExitCode::kDone && !is_drafted)
      base::refuse(words[0] + " " + words[1], answer.error.empty() ? answer.out : answer.error);
    print(words, answer);
  }

  void set_up(const fs::path& config) {
    show({"db", "init"});
    std::vector<std::string> define{"rates", "define"};
    for (const char* index : kIndices)
      define.push_back((config / "indices" / (std::string(index) + ".toml")).string());
    define.insert(define.end(), {"--as", "operator"});
    show(define);
    std::vector<std::string> policies{"prices", "policy"};
    for (const char* asset : kAssets)
      policies.push_back((config / "valuation" / (std::string(asset) + ".toml")).string());
    policies.insert(policies.end(), {"--as", "operator"});
    show(policies);
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(config / "funds")) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) show({"fund", "apply", file.string(), "--as", "operator"});
  }

  /// Coins are priced on each day of the week; NAVs are struck on the exchange's days.
  void a_day(time::Date day) {
    const time::Instant strike = demo_strike(day);
    const HeardWindow heard = hear_window(composition_.pool("pricing"), kSeed,
                                          {day, strike - time::Duration::hours(1), strike}, speed_);
    const fs::path file = home_ / "demo" / ("trades-" + day.to_string() + ".csv");
    write_file(file, sandbox::simulated_trades_csv(heard.trades));
    out_ << day.to_string() << ", the hour before 16:00 in New York, " << speed_
         << " times as fast: " << heard.trades.size() << " simulated trades printed on " << heard.venues
         << " venues, all of them heard and stored"
         << (heard.already_known > 0 ? ", " + std::to_string(heard.already_known) + " known before" : "")
         << ".\n";
    if (heard.is_struck) {
      out_ << (heard.job.empty() ? "The strike job had nothing left to strike.\n"
                                 : "When the window had closed and the minute for late trades was over, the "
                                   "strike job struck by itself:\n");
      for (const std::string& line : heard.job) out_ << "  " << line << '\n';
      out_ << '\n' << std::flush;
    } else {
      out_
          << "A service ran on this database, and its strike job looks after later days: struck by hand.\n\n";
      show({"prices", "strike", "--date", day.to_string(), "--as", "operator"});
    }
  }

  /// In-kind creations on the eve of the week, and a little cash.
  static std::string funding_events(const std::string& fund) {
    const std::string date = std::string(R"({"date":")") + kFundedOn + R"(",)";
    if (fund == "BTCETH") {
      return date +
             R"("event":"open","id":"open","fund":"BTCETH","assets":[{"asset":"BTC","decimals":8},{"asset":"ETH","decimals":18}],"shares":"0"})"
             "\n" +
             date +
             R"("event":"creation","id":"seed","shares":"2000000","components":[{"asset":"BTC","quantity":"350","value":"29400000"},)"
             R"({"asset":"ETH","quantity":"7000","value":"19600000"}],"cash":"50000"})"
             "\n";
    }
    return date +
           R"("event":"open","id":"open","fund":"CROYIELD","assets":[{"asset":"CRO","decimals":8}],"shares":"0"})"
           "\n" +
           date +
           R"("event":"creation","id":"seed","shares":"500000","components":[{"asset":"CRO","quantity":"120000000","value":"11400000"}],"cash":"20000"})"
           "\n";
  }

  /// Both funds' custodians and chains were read; they are compared with the books.
  void reconcile(time::Date day) {
    const std::string date = day.to_string();
    if (!coins_) {
      const DemoCoins::Days days{time::Date::literal(kFundedOn), time::Date::literal(kArrivedOn), day,
                                 time::Date::literal(kSlashedOn)};
      coins_ = std::make_unique<DemoCoins>(
          context_, composition_, home_ / "demo", kSeed, days,
          [this](const std::vector<std::string>& words, bool is_told) {
            if (is_told)
              show(words);
            else
              quietly(words);
          },
          out_);
    }
    if (date == kMisstatedOn) {
      coins_->misstate(true);
      out_ << "Today both custodians state every balance a thousandth short, without a movement.\n\n";
    }
    coins_->live(day);
    const bool is_told = date == kFirstDay || date == kArrivedOn || date == kMisstatedOn;
    for (const char* fund : kFunds) {
      if (is_told)
        show_run(reconciliation(fund, date));
      else
        quietly(reconciliation(fund, date));
    }
    if (date == kArrivedOn) show({"custody", "breaks", "show", kFunds[0]});
  }

  /// CROYIELD's needs to know whose address is whose.
  std::vector<std::string> reconciliation(const std::string& fund, const std::string& date) const {
    std::vector<std::string> words{"custody", "reconcile", fund, "--date", date, "--as", "operator"};
    if (fund == kFunds[1]) words.insert(words.begin(), {"--config", coins_->config_file()});
    return words;
  }

  /// The NAV's custody check was red: people explain the break, or the custodian corrects itself.
  void after_the_run(const std::string& date) {
    if (date == kFirstDay) {
      const std::string id = open_break();
      if (id.empty()) return;  // this home has seen the demonstration before
      show({"custody", "breaks", "assign", kFunds[0], id, "--owner", "operator", "--as", "operator"});
      quietly({"custody", "breaks", "resolve", kFunds[0], id, "--text",
               "sent by the participant, waiting for the custodian's credit", "--evidence",
               "transaction " + DemoCoins::ether_sent(), "--as", "operator"});
      show({"custody", "breaks", "confirm", kFunds[0], id, "--as", "approver"});
      show_run({"nav", "run", "--date", date, "--fund", kFunds[0], "--again",
                "the missing deposit is explained", "--as", "maker"});
    }
    if (date == kMisstatedOn) {
      coins_->misstate(false);
      out_ << "The custodians correct themselves; they are read and compared once more.\n\n";
      coins_->read_custodians(demo_strike(time::Date::literal(date)) - time::Duration::minutes(5));
      for (const char* fund : kFunds) {
        show(reconciliation(fund, date));
        show_run({"nav", "run", "--date", date, "--fund", fund, "--again",
                  "the custodian corrected its balances", "--as", "maker"});
      }
    }
  }

  std::string open_break() {
    const CommandAnswer answer =
        quietly({"custody", "breaks", "show", kFunds[0], "--status", "open", "--json"});
    const auto parsed = json::parse(answer.out);
    const json::Value* const breaks = parsed.has_value() ? parsed->find("breaks") : nullptr;
    if (breaks == nullptr || breaks->as_array().empty()) return {};
    return breaks->as_array().front().find("id")->as_string();
  }

  /// An order of Monday for one creation unit, in cash; placed by one person, accepted by another.
  void place_creation() {
    show({"participants", "add", kFunds[0], "ALPHA", "--name", "Alpha Securities (simulated)", "--from",
          kFundedOn, "--as", "maker"});
    show({"orders", "place", kFunds[0], "--id", kOrder, "--participant", "ALPHA", "--side", "creation",
          "--form", "cash", "--units", "1", "--trade-date", kCreationOn, "--received-at",
          std::string(kCreationOn) + "T15:30:00Z", "--as", "operator"});
    show({"orders", "accept", kFunds[0], kOrder, "--as", "approver"});
  }

  /// At Monday's NAV, once a second person has approved it; cash and shares enter together on Tuesday
  /// (6c-11).
  void price_creation() {
    show({"nav", "approve", kFunds[0], kCreationOn, "--as", "approver"});
    show({"orders", "price", kFunds[0], "--date", kCreationOn, "--as", "maker"});
  }

  void settle_creation(const std::string& day) {
    creation_is_settled_ = true;
    show({"orders", "settle", kFunds[0], kOrder, "--date", day, "--as", "operator"});
    show({"orders", "show", kFunds[0]});
  }

  const runtime::CommandContext& context_;
  Composition composition_;
  fs::path home_;
  fs::path begun_ = home_ / "demo" / "week.begun";
  fs::path done_ = home_ / "demo" / "week.done";
  RunCommand run_;
  std::ostream& out_;
  std::int64_t speed_;
  bool creation_is_settled_ = false;
  std::unique_ptr<DemoCoins> coins_;
  std::vector<std::string> rate_command_;
};

/// The local day of the first strike that is after the first trade.
time::Date first_strike_day(time::Instant first_trade, const time::Zone& zone, const std::string& strike) {
  const time::Date day = zone.to_local(first_trade).date;
  const auto close = zone.to_instant(day, *time::TimeOfDay::parse(strike));
  return close.has_value() && *close <= first_trade ? day + 1 : day;
}

void Demonstration::real_file(const DemoOptions& options) {
  const pricing::TradeFile file(options.trades);
  const Shape shape = shape_of(file.text());
  CanonicalCopy copy;
  pricing::read_venue_file(shape.format, {file.text(), options.trades, 0, shape.venue, shape.pair}, copy);
  if (copy.csv().empty()) base::refuse(options.trades, "holds no trade");
  const auto zone = time::Zone::find(options.zone);
  if (zone.has_error())
    runtime::refuse_usage("--zone", options.zone + " " + std::string(time::describe(zone.error())));
  const std::string date =
      options.date.empty() ? first_strike_day(copy.first(), *zone, options.strike).to_string() : options.date;

  std::string venues;
  for (const std::string& venue : copy.venues()) venues += (venues.empty() ? "" : ", ") + json::quoted(venue);
  const fs::path index = home_ / "demo" / "index.toml";
  write_file(
      index,
      "# Written by navkeeper demo: twelve volume-weighted medians of five minutes, their mean.\nid = "
      "\"DEMO\"\npair = " +
          json::quoted(copy.pair()) + "\nstrike_time = " + json::quoted(options.strike) +
          "\ntime_zone = " + json::quoted(options.zone) +
          "\nwindow_minutes = 60\npartitions = 12\nstatistic = \"volume_weighted_median\"\ntie = \"lower\"\n"
          "empty_partition = \"drop\"\nweights = \"equal\"\nvenues = [" +
          venues +
          "]\nvenue_deviation_max = \"0.05\"\nvenue_deviation_reference = \"others\"\nminimum_venues = 1\n"
          "decimals = 2\nrounding = \"half_even\"\n");
  const fs::path trades = home_ / "demo" / "trades.csv";
  write_file(trades, copy.csv());
  out_ << options.trades << ": " << pricing::describe(shape.format) << ", " << copy.pair() << ", first trade "
       << copy.first().to_string() << ", rows that are no trade: " << copy.rejected() << "\n";
  const std::vector<std::string> compute{"rates",    "compute",       "--index", index.string(),
                                         "--trades", trades.string(), "--date",  date};
  show(compute);
  rate_command_ = compute;
  out_ << "Try next:  edit " << index.string() << " and run the command above again\n";
}

/// What is wrong with the command line, before anything is made.
void check_options(const DemoOptions& options) {
  if (options.trades.empty()) {
    if (!options.strike.empty() || !options.zone.empty() || !options.date.empty())
      runtime::refuse_usage("--strike, --zone, --date", "are for --trades FILE");
    if (options.speed < 1 || options.speed > kSpeedMax)
      runtime::refuse_usage("--speed", "must be from 1 to 3600");
    return;
  }
  if (options.strike.empty() || options.zone.empty())
    runtime::refuse_usage("--trades", "needs --strike HH:MM and --zone ZONE: when is the window to close?");
  if (!time::TimeOfDay::parse(options.strike))
    runtime::refuse_usage("--strike", "must be a local time HH:MM");
}

void run_demo(const runtime::CommandContext& context, const RunCommand& run, std::ostream& out,
              const DemoOptions& options) {
  check_options(options);
  std::ostringstream narration;  // dropped with --json
  Demonstration demonstration(context, run, options.json ? narration : out, options.speed);
  if (options.trades.empty()) {
    demonstration.simulated_week();
    if (options.json) out << run({"nav", "show", "--json"}).out;
    return;
  }
  demonstration.real_file(options);
  if (options.json) out << demonstration.rate_json();
}

}  // namespace

void add_demo_command(runtime::Command& root, runtime::CommandContext& context, RunCommand run,
                      std::ostream& out) {
  runtime::Command* demo =
      root.add_subcommand("demo",
                          "Prices a simulated week, strikes both funds' NAVs and explains the "
                          "last; or prices a day from a real file");
  auto options = std::make_shared<DemoOptions>();
  demo->add_option("--trades", options->trades,
                   "A file of trades: canonical, or as Coinbase, Kraken or Bitstamp collectors write them");
  demo->add_option("--strike", options->strike, "Local time at which the hour's window closes, HH:MM");
  demo->add_option("--zone", options->zone, "Its time zone, America/New_York");
  demo->add_option("--date", options->date, "The day; without it the first one whose window the file reaches")
      ->check(runtime::check_date);
  demo->add_option("--speed", options->speed,
                   "How many times as fast as our clock the simulated market runs; 1 is live")
      ->capture_default_str();
  demo->add_flag("--json", options->json,
                 "Only the result, as one JSON object: the NAVs, or the rate of the real file");
  demo->callback([&context, run = std::move(run), &out, options] { run_demo(context, run, out, *options); });
}

}  // namespace navkeeper
