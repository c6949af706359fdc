#include "services/pricing/adapters/price_commands.h"

#include <algorithm>
#include <memory>
#include <ostream>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/runtime/command.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/runtime/table.h"
#include "common/runtime/toml_reader.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/policy_file.h"
#include "services/pricing/adapters/price_json.h"
#include "services/pricing/adapters/price_store.h"
#include "services/pricing/adapters/rate_store.h"
#include "services/pricing/app/decide_by_hand.h"

namespace navkeeper::pricing {
namespace {

using Connect = std::function<Dependencies()>;
using runtime::CommandContext;

struct Options {
  std::vector<std::string> names;
  std::string asset, date, from, to, act = "ICA_1940", basis = "fair_value";
  std::string price, source, method, as_of;
  std::vector<std::string> inputs;
  std::int32_t number = 0;
  bool board = false, open = false, json = false;
};
using Shared = std::shared_ptr<Options>;

/// The stores of one command.
struct Stores {
  explicit Stores(const Dependencies& dependencies, const time::Clock& clock)
      : rates(*dependencies.pool), prices(*dependencies.pool), ports{rates, prices, clock} {}
  SqlRateStore rates;
  SqlPriceStore prices;
  PricePorts ports;
};

Dependencies dependencies_of(const Connect& connect) {
  if (!connect) base::refuse("", "there is no database here: this command needs one");
  return connect();
}

model::Actor actor_of(const Dependencies& dependencies, model::Role role) {
  model::Actor actor = dependencies.actor();
  model::require_role(actor, role, "change what pricing stores");
  return actor;
}

model::AssetId asset_of(const std::string& text) { return runtime::named<model::AssetId>(text, "asset"); }

// Of options that the checks below have seen.
time::Date date_of(const std::string& text) { return *time::Date::parse(text); }
std::optional<time::Date> optional_date(const std::string& text) { return time::Date::parse(text); }
money::Decimal decimal_of(const std::string& text) { return *money::Decimal::parse(text); }

std::string check_act(const std::string& text) {
  return parse_fund_act(text) ? "" : "is ICA_1940 or ETP_1933";
}
std::string check_basis(const std::string& text) {
  return parse_price_basis(text) ? "" : "is fair_value or index";
}

PriceKey key_of(const Options& options) {
  return {asset_of(options.asset),
          date_of(options.date),
          {*parse_fund_act(options.act), *parse_price_basis(options.basis)}};
}

void print_prices(CommandContext& context, const std::vector<StoredPrice>& prices, bool json, bool evidence) {
  if (!json) {
    context.out << prices_table(prices);
    return;
  }
  json::Writer writer;
  writer.begin_object().key("prices").begin_array();
  for (const StoredPrice& price : prices) write_price(writer, price, evidence);
  context.out << writer.end_array().end_object().take() << "\n";
}

void print_price(CommandContext& context, const StoredPrice& price, bool json) {
  if (!json) {
    context.out << price_sheet(price);
    return;
  }
  json::Writer writer;
  write_price(writer, price, true);
  context.out << writer.take() << "\n";
}

void apply(const Options& options, CommandContext& context, const Connect& connect) {
  const Dependencies dependencies = dependencies_of(connect);
  const model::Actor actor = actor_of(dependencies, model::Role::kOperator);
  SqlPriceStore store(*dependencies.pool);
  json::Writer writer;
  writer.begin_object().key("policies").begin_array();
  runtime::Table table({{"asset"}, {"version", runtime::Align::kRight}, {"effective from"}, {""}});
  struct PolicyFile {
    std::string path;
    std::string text;
    bool is_token;
  };
  std::vector<PolicyFile> files;
  for (const std::string& path : options.names) {
    const auto document = base::value_or_refuse(runtime::TomlDocument::load(path));
    const bool is_token = base::value_or_refuse(parse_policy(document.text(), path)).token.has_value();
    files.push_back({path, document.text(), is_token});
  }
  // A token's policy names a coin, which needs one of its own first.
  std::ranges::stable_partition(files, [](const PolicyFile& file) { return !file.is_token; });
  std::vector<SqlPriceStore::PolicyText> texts;
  for (const PolicyFile& file : files) texts.push_back({file.text, file.path});
  for (const auto& applied : store.apply(texts, context.clock.now(), actor.id.value())) {
    const ValuationPolicy& policy = applied.policy.policy;
    writer.begin_object().member("asset", std::string_view(policy.asset.value()));
    writer.member("effective_from", std::string_view(policy.effective_from.to_string()))
        .member("version", std::int64_t{applied.policy.version})
        .member("is_new", applied.is_new)
        .end_object();
    table.row({policy.asset.value(), std::to_string(applied.policy.version),
               policy.effective_from.to_string(), applied.is_new ? "applied" : "unchanged"});
  }
  context.out << (options.json ? writer.end_array().end_object().take() + "\n" : table.to_string());
}

void markets(const Options& options, CommandContext& context, const Connect& connect) {
  const Dependencies dependencies = dependencies_of(connect);
  SqlPriceStore store(*dependencies.pool);
  json::Writer writer;
  writer.begin_object().key("principal_markets").begin_array();
  runtime::Table table({{"asset"}, {"from"}, {"to"}, {"venue"}, {"pair"}, {"why"}, {"by"}, {"known at"}});
  for (const model::AssetId& asset : store.assets()) {
    if (!options.asset.empty() && asset.value() != options.asset) continue;
    for (const auto& period : base::value_or_refuse(policy_history(store.policies(asset)))) {
      const auto& market = period.value.policy.market;
      const std::string last = period.last ? period.last->to_string() : "";
      const std::string venue = market ? market->venue.value() : "none";
      const std::string pair = market ? market->pair.value() : "";
      const std::string reason = market ? market->reason : "the policy names none";
      writer.begin_object().member("asset", std::string_view(asset.value()));
      writer.member("from", std::string_view(period.first.to_string()))
          .member("to", std::string_view(last))
          .member("venue", std::string_view(venue))
          .member("pair", std::string_view(pair))
          .member("reason", std::string_view(reason))
          .member("actor", std::string_view(period.value.actor))
          .member("known_at", std::string_view(period.value.known_at.to_string()))
          .end_object();
      table.row({asset.value(), period.first.to_string(), last, venue, pair, reason, period.value.actor,
                 period.value.known_at.to_string()});
    }
  }
  context.out << (options.json ? writer.end_array().end_object().take() + "\n" : table.to_string());
}

/// An asset of which no price of the day could be struck.
struct NotStruck {
  std::string asset;
  std::string why;
};

std::string joined(const std::vector<NotStruck>& refused) {
  std::string text;
  for (const NotStruck& one : refused) text += (text.empty() ? "" : "; ") + one.why;
  return text;
}

/// What was struck, and what was not; the latter on standard error where people read.
void print_struck(CommandContext& context, const std::vector<StoredPrice>& prices,
                  const std::vector<NotStruck>& refused, bool json) {
  if (!json) {
    context.out << prices_table(prices);
    for (const NotStruck& one : refused)
      context.err << "navkeeper: " << one.asset << " is not struck: " << one.why << std::endl;
    return;
  }
  json::Writer writer;
  writer.begin_object().key("prices").begin_array();
  for (const StoredPrice& price : prices) write_price(writer, price, false);
  writer.end_array().key("refused").begin_array();
  for (const NotStruck& one : refused) {
    writer.begin_object().member("asset", std::string_view(one.asset));
    writer.member("why", std::string_view(one.why)).end_object();
  }
  context.out << writer.end_array().end_object().take() << "\n";
}

void strike(const Options& options, CommandContext& context, const Connect& connect) {
  const time::Date date = date_of(options.date);
  std::vector<model::AssetId> assets;
  for (const std::string& name : options.names) assets.push_back(asset_of(name));
  const Dependencies dependencies = dependencies_of(connect);
  const model::Actor actor = actor_of(dependencies, model::Role::kOperator);
  Stores stores(dependencies, context.clock);
  if (assets.empty()) assets = stores.prices.assets();
  if (assets.empty())
    base::refuse("", "there is no valuation policy yet: navkeeper prices policy FILE.toml --as OPERATOR");
  std::vector<StoredPrice> prices;
  std::vector<NotStruck> refused;
  bool waits = false;
  for (const model::AssetId& asset : assets) {
    try {
      for (auto& saved : base::value_or_refuse(price_asset(stores.ports, asset, date, actor.id.value()))) {
        waits = waits || !saved.price.official();
        prices.push_back(std::move(saved.price));
      }
    } catch (const base::Refused& why) {
      refused.push_back({asset.value(), why.what()});
    } catch (const base::Conflict& why) {
      refused.push_back({asset.value(), why.what()});
    }
  }
  if (prices.empty()) base::refuse("", joined(refused));
  print_struck(context, prices, refused, options.json);
  if (waits || !refused.empty()) context.exit_code = runtime::ExitCode::kRefused;
}

void show(const Options& options, CommandContext& context, const Connect& connect) {
  SqlPriceStore::Query query;
  if (!options.asset.empty()) query.asset = asset_of(options.asset);
  query.from = optional_date(options.date.empty() ? options.from : options.date);
  query.to = optional_date(options.date.empty() ? options.to : options.date);
  if (!options.as_of.empty()) {
    query.known_at = *time::parse_rfc3339(options.as_of);
  }
  auto prices = SqlPriceStore(*dependencies_of(connect).pool).find(query);
  if (prices.empty() && !options.date.empty())
    base::refuse(options.asset.empty() ? "prices" : options.asset, "there is no price of " + options.date);
  if (options.asset.empty() || options.date.empty() || options.json)
    return print_prices(context, prices, options.json, !options.date.empty());
  for (std::size_t i = 0; i < prices.size(); ++i) {
    if (i > 0) context.out << "\n";
    print_price(context, prices[i], false);
  }
}

void determinations(const Options& options, CommandContext& context, const Connect& connect) {
  const Dependencies dependencies = dependencies_of(connect);
  SqlPriceStore store(*dependencies.pool);
  SqlPriceStore::Query query;
  query.determinations_only = true;
  query.from = optional_date(options.from);
  query.to = optional_date(options.to);
  std::vector<StoredPrice> found = store.find(query);
  // One that a later version of its price has made pointless waits for nobody.
  if (options.open)
    std::erase_if(found, [&](const StoredPrice& price) {
      return price.is_determined() ||
             store.price(price.key, time::Instant::latest())->version != price.version;
    });
  if (options.json) return print_prices(context, found, true, false);
  runtime::Table table({{"asset"},
                        {"date"},
                        {"for funds"},
                        {"state"},
                        {"number", runtime::Align::kRight},
                        {"price", runtime::Align::kRight},
                        {"board"},
                        {"why"}});
  for (const StoredPrice& price : found) {
    const FairValueDetermination& determination = *price.determination;
    table.row({price.key.asset.value(), price.key.date.to_string(), price.key.track.to_string(),
               std::string(describe(determination.state)), std::to_string(determination.number),
               determination.price ? determination.price->to_string() : "-",
               determination.for_board ? "yes" : "no", determination.reason});
  }
  context.out << table.to_string();
}

void propose(const Options& options, CommandContext& context, const Connect& connect) {
  const ManualProposal proposal{asset_of(options.asset), date_of(options.date), decimal_of(options.price),
                                options.source};
  const Dependencies dependencies = dependencies_of(connect);
  Stores stores(dependencies, context.clock);
  const auto proposed = propose_manual_price(stores.ports, proposal, dependencies.actor());
  json::Writer writer;
  writer.begin_object()
      .member("asset", std::string_view(options.asset))
      .member("date", std::string_view(options.date))
      .member("number", std::int64_t{proposed.number})
      .member("value", proposed.price.value)
      .member("source", std::string_view(proposed.price.source))
      .member("proposed_by", std::string_view(proposed.price.proposed_by.value()))
      .end_object();
  context.out << (options.json
                      ? writer.take()
                      : options.asset + " " + options.date + ": manual price number " +
                            std::to_string(proposed.number) + ", " + proposed.price.value.to_string() +
                            "; it counts once somebody else approved it")
              << "\n";
}

void approve_manual(const Options& options, CommandContext& context, const Connect& connect) {
  const model::AssetId asset = asset_of(options.asset);
  const time::Date date = date_of(options.date);
  const Dependencies dependencies = dependencies_of(connect);
  Stores stores(dependencies, context.clock);
  const model::Actor actor = dependencies.actor();
  approve_manual_price(stores.ports, asset, date, options.number, actor);
  // Priced again with it; the approval stands even if that has to be done once more.
  std::vector<StoredPrice> prices;
  for (auto& saved : base::value_or_refuse(price_asset(stores.ports, asset, date, actor.id.value())))
    prices.push_back(std::move(saved.price));
  print_prices(context, prices, options.json, false);
}

/// "broker A=84010@e-mail of 16:10": name, value and source of what was looked at.
DeterminationInput input_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::size_t at = text.find('@', equals == std::string::npos ? 0 : equals);
  if (equals == std::string::npos || at == std::string::npos || equals == 0 || at + 1 >= text.size())
    runtime::refuse_usage("--input", "must be NAME=VALUE@SOURCE: " + text);
  return {text.substr(0, equals), text.substr(equals + 1, at - equals - 1), text.substr(at + 1)};
}

void determine_command(const Options& options, CommandContext& context, const Connect& connect) {
  const PriceKey key = key_of(options);
  std::vector<DeterminationInput> inputs;
  for (const std::string& text : options.inputs) inputs.push_back(input_of(text));
  const Dependencies dependencies = dependencies_of(connect);
  Stores stores(dependencies, context.clock);
  print_price(context,
              determine_price(stores.ports, key, decimal_of(options.price), options.method, inputs,
                              options.board, dependencies.actor()),
              options.json);
}

void approve_command(const Options& options, CommandContext& context, const Connect& connect) {
  const PriceKey key = key_of(options);
  const Dependencies dependencies = dependencies_of(connect);
  Stores stores(dependencies, context.clock);
  approve_determination(stores.ports, key, options.number, decimal_of(options.price), dependencies.actor());
  print_price(context, *stores.prices.price(key, time::Instant::latest()), options.json);
}

using DecideRate = bool (*)(const PricePorts&, const model::AssetId&, const ExchangeRate&,
                            const model::Actor&);

/// One person enters a rate and another approves it; `is_done` and `was_done` say which, for people.
void decide_rate(const Options& options, CommandContext& context, const Connect& connect, DecideRate decide,
                 const char* is_done, const char* was_done) {
  const model::AssetId token = asset_of(options.asset);
  const Dependencies dependencies = dependencies_of(connect);
  Stores stores(dependencies, context.clock);
  const ExchangeRate rate{decimal_of(options.price), *time::parse_rfc3339(options.as_of), options.source};
  const bool is_new = decide(stores.ports, token, rate, dependencies.actor());
  json::Writer writer;
  writer.begin_object()
      .member("token", std::string_view(options.asset))
      .member("coins_per_token", rate.coins_per_token)
      .member("as_of", std::string_view(rate.as_of.to_string()))
      .member("is_new", is_new)
      .end_object();
  context.out << (options.json ? writer.take()
                               : options.asset + ": " + rate.coins_per_token.to_string() + " as of " +
                                     rate.as_of.to_string() + (is_new ? is_done : was_done))
              << "\n";
}

void exchange_rate(const Options& options, CommandContext& context, const Connect& connect) {
  decide_rate(options, context, connect, add_exchange_rate,
              ", stored; it counts once a second person approved it",
              ", known before; it counts once a second person approved it");
}

void approve_rate(const Options& options, CommandContext& context, const Connect& connect) {
  decide_rate(options, context, connect, approve_exchange_rate, ", approved", ", approved before");
}

void exchange_rates(const Options& options, CommandContext& context, const Connect& connect) {
  const model::AssetId token = asset_of(options.asset);
  const Dependencies dependencies = dependencies_of(connect);
  Stores stores(dependencies, context.clock);
  const auto rates = stores.prices.exchange_rates(token, 1'000);
  if (options.json) {
    context.out << exchange_rates_to_json(token, rates) << "\n";
    return;
  }
  runtime::Table table({{"as of"},
                        {"coins a token", runtime::Align::kRight},
                        {"source"},
                        {"entered by"},
                        {"approved by"},
                        {"counts"}});
  for (const StoredExchangeRate& rate : rates)
    table.row({rate.rate.as_of.to_string(), rate.rate.coins_per_token.to_string(), rate.rate.source,
               rate.actor, rate.answer.empty() ? rate.approved_by : "the issuer's own answer",
               rate.counts() ? "yes" : "no"});
  context.out << table.to_string();
}

using Run = void (*)(const Options&, CommandContext&, const Connect&);

runtime::Command* add(runtime::Command& prices, CommandContext& context, const Connect& connect,
                      const Shared& options, const char* name, const char* help, Run run) {
  runtime::Command* const command = prices.add_subcommand(name, help);
  command->add_flag("--json", options->json, "One JSON object on standard output");
  command->callback([=, &context] { run(*options, context, connect); });
  return command;
}

void add_asset_and_date(runtime::Command* command, const Shared& options) {
  command->add_option("asset", options->asset, "The asset")->required();
  command->add_option("date", options->date, "The day, YYYY-MM-DD")->check(runtime::check_date)->required();
}

void add_track(runtime::Command* command, const Shared& options) {
  command->add_option("--act", options->act, "For funds of this act: ICA_1940 (default) or ETP_1933")
      ->check(check_act);
  command->add_option("--basis", options->basis, "and of this basis: fair_value (default) or index")
      ->check(check_basis);
}

}  // namespace

void add_price_commands(runtime::Command& root, CommandContext& context, Connect connect) {
  runtime::Command* const prices = root.add_subcommand(
      "prices",
      "Official prices: an asset's policy, its price of a day with the ladder that led there and its checks, "
      "manual prices and fair-value determinations by two people");
  prices->require_subcommand(1);
  const auto command = [&](const char* name, const char* help, Run run, const Shared& options) {
    return add(*prices, context, connect, options, name, help, run);
  };
  auto o = std::make_shared<Options>();
  command("policy", "Store reviewed valuation policies; a changed one holds from a later day", apply, o)
      ->add_option("files", o->names, "Policy files (TOML)")
      ->required();
  o = std::make_shared<Options>();
  command("markets", "The principal market of each asset with the history of its changes", markets, o)
      ->add_option("asset", o->asset, "One asset");
  o = std::make_shared<Options>();
  runtime::Command* added = command(
      "strike",
      "The official price of a day for each kind of fund; rates that are not struck yet are struck. "
      "Exit code 1 when a price waits for a determination, or an asset is refused: then the others are "
      "struck and shown, and the refusals beside them",
      strike, o);
  added->add_option("assets", o->names, "Assets; without one: all that have a policy");
  added->add_option("--date", o->date, "The day, YYYY-MM-DD")->check(runtime::check_date)->required();
  o = std::make_shared<Options>();
  added = command("show", "Official prices; with an asset and a day the ladder, checks and inputs", show, o);
  added->add_option("asset", o->asset, "One asset");
  added->add_option("--date", o->date, "One day")->check(runtime::check_date);
  added->add_option("--from", o->from, "Not before this day")->check(runtime::check_date);
  added->add_option("--to", o->to, "Not after this day")->check(runtime::check_date);
  added->add_option("--known-at", o->as_of, "As it was known then (RFC 3339)")->check(runtime::check_instant);
  o = std::make_shared<Options>();
  added = command("propose", "A manual price; it counts once a second person approved it", propose, o);
  add_asset_and_date(added, o);
  added->add_option("--price", o->price, "Dollars a coin")->check(runtime::check_decimal)->required();
  added->add_option("--source", o->source, "Where it comes from")->required();
  o = std::make_shared<Options>();
  added = command("approve", "Approves a manual price, never by who proposed it; prices the day again",
                  approve_manual, o);
  add_asset_and_date(added, o);
  added->add_option("--number", o->number, "Its number, as `prices propose` said")->required();
  o = std::make_shared<Options>();
  added = command("determinations", "Fair-value determinations with their life", determinations, o);
  added->add_option("--from", o->from, "Not before this day")->check(runtime::check_date);
  added->add_option("--to", o->to, "Not after this day")->check(runtime::check_date);
  added->add_flag("--open", o->open, "Only those not approved yet");
  o = std::make_shared<Options>();
  added = command("determine", "The fair value of a price that waits for it, with method and inputs",
                  determine_command, o);
  add_asset_and_date(added, o);
  add_track(added, o);
  added->add_option("--price", o->price, "Dollars a coin")->check(runtime::check_decimal)->required();
  added->add_option("--method", o->method, "How it was determined")->required();
  added->add_option("--input", o->inputs, "NAME=VALUE@SOURCE; may be repeated");
  added->add_flag("--board", o->board, "For the report to the board (always for ICA_1940)");
  o = std::make_shared<Options>();
  added = command("approve-determination", "Approves a determined price, never by who determined it",
                  approve_command, o);
  add_asset_and_date(added, o);
  add_track(added, o);
  added
      ->add_option("--number", o->number,
                   "Which determination, as `prices show` numbers them: a later one is a conflict")
      ->required();
  added->add_option("--price", o->price, "The price that is approved: another one is a conflict")
      ->check(runtime::check_decimal)
      ->required();
  o = std::make_shared<Options>();
  added = command("exchange-rate",
                  "Enters what an issuer says a liquid-staking token stands for; it counts once another "
                  "person approved it",
                  exchange_rate, o);
  added->add_option("token", o->asset, "The token")->required();
  added->add_option("--rate", o->price, "Coins for one token")->check(runtime::check_decimal)->required();
  added->add_option("--as-of", o->as_of, "When the issuer said so (RFC 3339)")
      ->check(runtime::check_instant)
      ->required();
  added->add_option("--source", o->source, "Where it was read")->required();
  o = std::make_shared<Options>();
  added = command("approve-exchange-rate", "Approves an exchange rate that another person entered",
                  approve_rate, o);
  added->add_option("token", o->asset, "The token")->required();
  added->add_option("--rate", o->price, "The rate that is approved")
      ->check(runtime::check_decimal)
      ->required();
  added->add_option("--as-of", o->as_of, "Of when it is (RFC 3339)")
      ->check(runtime::check_instant)
      ->required();
  added->add_option("--source", o->source, "Of which source")->required();
  o = std::make_shared<Options>();
  added = command("exchange-rates", "Exchange rates of a token, newest first, and whether they count",
                  exchange_rates, o);
  added->add_option("token", o->asset, "The token")->required();
}

}  // namespace navkeeper::pricing
