#include "services/pricing/adapters/tape_commands.h"

#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/command_line.h"
#include "common/runtime/options.h"
#include "common/runtime/table.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/price_store.h"
#include "services/pricing/adapters/rate_store.h"
#include "services/pricing/adapters/settings.h"
#include "services/pricing/adapters/tape_upkeep_store.h"

namespace navkeeper::pricing {
namespace {

using Connect = std::function<Dependencies()>;
using runtime::Align;
using runtime::Table;

constexpr int kRatesPage = 1'000;

struct TapeOptions {
  std::string pair;
  std::string from;
  std::string to;
  std::string index;
  bool dry_run = false;
  bool json = false;
};

Dependencies connected(const Connect& connect) {
  if (!connect) base::refuse("", "there is no database here: this command needs one");
  return connect();
}

TapeQuery query_of(const TapeOptions& options) {
  TapeQuery query;
  if (!options.pair.empty()) query.pair = options.pair;
  if (!options.from.empty()) query.from = time::Date::parse(options.from);
  if (!options.to.empty()) query.to = time::Date::parse(options.to);
  return query;
}

std::string text(std::uint64_t number) { return std::to_string(number); }

void write_held(json::Writer& writer, const HeldDay& held) {
  writer.member("day", std::string_view(held.day.to_string())).member("pair", std::string_view(held.pair));
  writer.member("trades", static_cast<std::int64_t>(held.trades));
}

std::string show_json(const std::vector<TapeDay>& days, const std::vector<TapePlace>& places,
                      const std::vector<TapeDrop>& drops) {
  json::Writer writer;
  writer.begin_object().key("days").begin_array();
  for (const TapeDay& day : days) {
    writer.begin_object();
    write_held(writer, {day.day, day.pair, day.trades});
    writer.member("venue", std::string_view(day.venue));
    writer.member("received", static_cast<std::int64_t>(day.received));
    writer.member("gaps_found", static_cast<std::int64_t>(day.gaps_found));
    writer.member("gaps_closed", static_cast<std::int64_t>(day.gaps_closed));
    writer.member("gaps_abandoned", static_cast<std::int64_t>(day.gaps_abandoned));
    writer.member("contradictions", static_cast<std::int64_t>(day.contradictions)).end_object();
  }
  writer.end_array().key("whole_until").begin_array();
  for (const TapePlace& place : places) {
    writer.begin_object()
        .member("venue", std::string_view(place.venue))
        .member("pair", std::string_view(place.pair));
    writer.member("trade_id", std::string_view(place.trade_id));
    writer.member("time", std::string_view(place.time.to_string()));
    writer.member("known_at", std::string_view(place.known_at.to_string())).end_object();
  }
  writer.end_array().key("dropped").begin_array();
  for (const TapeDrop& drop : drops) {
    writer.begin_object();
    write_held(writer, drop.dropped.held);
    writer.member("hash", std::string_view(drop.dropped.hash_hex))
        .member("keep_days", std::int64_t{drop.keep_days});
    writer.member("known_at", std::string_view(drop.known_at.to_string()));
    writer.member("actor", std::string_view(drop.actor)).end_object();
  }
  return writer.end_array().end_object().take();
}

std::string show_table(const std::vector<TapeDay>& days, const std::vector<TapePlace>& places,
                       const std::vector<TapeDrop>& drops) {
  Table table({{"day"},
               {"pair"},
               {"venue"},
               {"trades", Align::kRight},
               {"by feed", Align::kRight},
               {"gaps", Align::kRight},
               {"closed", Align::kRight},
               {"given up", Align::kRight},
               {"contradictions", Align::kRight}});
  for (const TapeDay& day : days) {
    table.row({day.day.to_string(), day.pair, day.venue, text(day.trades), text(day.received),
               text(day.gaps_found), text(day.gaps_closed), text(day.gaps_abandoned),
               text(day.contradictions)});
  }
  std::string shown = table.to_string();
  if (!places.empty()) {
    Table whole({{"feed"}, {"pair"}, {"whole until"}, {"trade"}});
    for (const TapePlace& place : places)
      whole.row({place.venue, place.pair, place.time.to_string(), place.trade_id});
    shown += "\n" + whole.to_string();
  }
  if (!drops.empty()) {
    Table dropped({{"dropped"}, {"pair"}, {"trades", Align::kRight}, {"by"}, {"hash of the rows"}});
    for (const TapeDrop& drop : drops) {
      dropped.row({drop.dropped.held.day.to_string(), drop.dropped.held.pair, text(drop.dropped.held.trades),
                   drop.actor, drop.dropped.hash_hex});
    }
    shown += "\n" + dropped.to_string();
  }
  return shown;
}

void show(const TapeOptions& options, runtime::CommandContext& context, const Connect& connect) {
  SqlTapeUpkeep upkeep(*connected(connect).pool);
  const TapeQuery query = query_of(options);
  const auto days = upkeep.days(query);
  const auto places = upkeep.places();
  const auto drops = upkeep.drops(query);
  context.out << (options.json ? show_json(days, places, drops) + "\n" : show_table(days, places, drops));
}

std::string prune_json(const PruneReport& report, bool dry_run) {
  json::Writer writer;
  writer.begin_object().member("dry_run", dry_run).key("dropped").begin_array();
  for (const DroppedDay& dropped : report.dropped) {
    writer.begin_object();
    write_held(writer, dropped.held);
    if (!dropped.hash_hex.empty()) writer.member("hash", std::string_view(dropped.hash_hex));
    writer.end_object();
  }
  writer.end_array().key("kept").begin_array();
  for (const PruneReport::Kept& kept : report.kept) {
    writer.begin_object();
    write_held(writer, kept.held);
    writer.member("why", describe(kept.why))
        .member("needed_by", std::string_view(kept.needed_by))
        .end_object();
  }
  return writer.end_array().member("today", std::string_view(report.today.to_string())).end_object().take();
}

void prune(const TapeOptions& options, runtime::CommandContext& context, const Connect& connect) {
  const Dependencies dependencies = connected(connect);
  const model::Actor actor = dependencies.actor();
  model::require_role(actor, model::Role::kAdministrator, "drop what pricing stores");
  SqlTapeUpkeep upkeep(*dependencies.pool);
  SqlRateStore rates(*dependencies.pool);
  SqlPriceStore prices(*dependencies.pool);
  const PruneReport report = prune_tape(upkeep, {rates, prices, context.clock}, dependencies.settings->tape,
                                        options.dry_run, actor.id.value());
  if (options.json) {
    context.out << prune_json(report, options.dry_run) << "\n";
    return;
  }
  Table table({{"day"}, {"pair"}, {"trades", Align::kRight}, {""}, {""}});
  for (const DroppedDay& dropped : report.dropped) {
    table.row({dropped.held.day.to_string(), dropped.held.pair, text(dropped.held.trades),
               options.dry_run ? "would be dropped" : "dropped", dropped.hash_hex});
  }
  for (const PruneReport::Kept& kept : report.kept) {
    table.row({kept.held.day.to_string(), kept.held.pair, text(kept.held.trades),
               std::string(describe(kept.why)), kept.needed_by});
  }
  context.out << (table.rows() == 0 ? std::string("  no day is older than its days of keeping\n")
                                    : table.to_string());
}

void replay(const TapeOptions& options, runtime::CommandContext& context, const Connect& connect) {
  SqlRateStore rates(*connected(connect).pool);
  std::vector<ReplayedRate> all;
  bool known = options.index.empty();
  for (const StoredDefinition& definition : rates.definitions()) {
    if (!options.index.empty() && options.index != definition.index.id) continue;
    known = true;
    RateQuery query;
    query.index = definition.index.id;
    query.count_max = kRatesPage;
    if (!options.from.empty()) query.from = time::Date::parse(options.from);
    if (!options.to.empty()) query.to = time::Date::parse(options.to);
    for (;;) {
      auto page = replay_rates(rates, query);
      const bool full = page.size() == static_cast<std::size_t>(kRatesPage);
      const time::Date last = page.empty() ? time::Date() : page.back().stored.date;
      // A date whose versions reach over the page's end begins the next one.
      if (full && page.front().stored.date != last) {
        std::erase_if(page, [&](const ReplayedRate& rate) { return rate.stored.date == last; });
      }
      all.insert(all.end(), page.begin(), page.end());
      if (!full) break;
      query.after = page.back().stored.date;
    }
  }
  if (!known) base::refuse("index", options.index + " is not known");
  const auto verdict = [](const ReplayedRate& rate) {
    return rate.difference.empty() ? "the same" : rate.dropped ? "dropped" : "differs";
  };
  json::Writer writer;
  writer.begin_object().key("rates").begin_array();
  Table table({{"index"}, {"date"}, {"version", Align::kRight}, {"value", Align::kRight}, {"again"}, {""}});
  for (const ReplayedRate& rate : all) {
    writer.begin_object().member("index", std::string_view(rate.stored.index));
    writer.member("date", std::string_view(rate.stored.date.to_string()));
    writer.member("version", std::int64_t{rate.stored.version})
        .member("again", std::string_view(verdict(rate)));
    writer.member("difference", std::string_view(rate.difference)).end_object();
    table.row({rate.stored.index, rate.stored.date.to_string(), std::to_string(rate.stored.version),
               rate.stored.value.value_or("-"), verdict(rate), rate.difference});
    if (!rate.difference.empty() && !rate.dropped) context.exit_code = runtime::ExitCode::kRefused;
  }
  context.out << (options.json ? writer.end_array().end_object().take() + "\n" : table.to_string());
}

void add_span(runtime::Command& command, const std::shared_ptr<TapeOptions>& options) {
  command.add_option("--from", options->from, "First day")
      ->check(runtime::check_date)
      ->option_text("YYYY-MM-DD");
  command.add_option("--to", options->to, "Last day")->check(runtime::check_date)->option_text("YYYY-MM-DD");
  command.add_flag("--json", options->json, "Answer as one JSON object");
}

}  // namespace

void add_tape_commands(runtime::Command& rates, runtime::CommandContext& context, Connect connect) {
  auto* const tape = rates.add_subcommand("tape", "The stored trades by day: counts, gaps, what was dropped");
  tape->require_subcommand(1);

  const auto show_options = std::make_shared<TapeOptions>();
  auto* const show_command = tape->add_subcommand(
      "show",
      "Each day's trades by pair and venue, the gaps that feeds found, and up to where each feed is whole");
  show_command->add_option("--pair", show_options->pair, "One pair")->option_text("BASE/QUOTE");
  add_span(*show_command, show_options);
  show_command->callback([=, &context] { show(*show_options, context, connect); });

  const auto prune_options = std::make_shared<TapeOptions>();
  auto* const prune_command =
      tape->add_subcommand("prune",
                           "Drops the days whose keeping is over ([pricing.tape] keep_days) and whose rates "
                           "and prices are struck, past restatement and waiting for no determination, "
                           "counted by the earlier of this clock and the database's; what "
                           "was dropped stays on record with the hash of its rows. By an administrator");
  prune_command->add_flag("--dry-run", prune_options->dry_run,
                          "Only say what would be dropped, and what is kept and why");
  prune_command->add_flag("--json", prune_options->json, "Answer as one JSON object");
  prune_command->callback([=, &context] { prune(*prune_options, context, connect); });

  const auto replay_options = std::make_shared<TapeOptions>();
  auto* const replay_command =
      tape->add_subcommand("replay",
                           "Every version of every rate computed again from the trades as they were known "
                           "then; exit 1 when one differs");
  replay_command->add_option("index", replay_options->index, "One index")->option_text("INDEX");
  add_span(*replay_command, replay_options);
  replay_command->callback([=, &context] { replay(*replay_options, context, connect); });
}

}  // namespace navkeeper::pricing
