#include "services/staking/adapters/measure_json.h"

#include "common/json/write.h"
#include "common/runtime/table.h"

namespace navkeeper::staking {
namespace {

using runtime::Align;
using runtime::Table;

constexpr int kPercentDecimals = 4;
constexpr int kRateDecimals = 18;
constexpr std::int64_t kSecondsADay = 86'400;

void write_yield(json::Writer& writer, const MeasuredYield& yield) {
  writer.member("income", yield.income)
      .member("mean_stake", yield.mean_stake)
      .member("period_return", yield.period_return)
      .key("apr")
      .begin_object()
      .member("365", yield.apr_365)
      .member("365.25", yield.apr_365_25)
      .end_object()
      .key("apy")
      .begin_object()
      .member("365", yield.apy_365)
      .member("365.25", yield.apy_365_25)
      .end_object();
}

/// A part of one as a percentage.
std::string percent(const money::Decimal& rate) {
  return (rate * money::Decimal::of(100))
             .rounded(kPercentDecimals, money::Rounding::kHalfEven)
             .to_fixed(kPercentDecimals) +
         "%";
}

std::string window_name(int days) {
  return days == 0 ? "since known" : std::to_string(days) + (days == 1 ? " day" : " days");
}

std::string instant_or_empty(const std::optional<time::Instant>& at) { return at ? at->to_string() : ""; }

void write_instant(json::Writer& writer, const char* key, const std::optional<time::Instant>& at) {
  writer.key(key);
  if (at)
    writer.string(at->to_string());
  else
    writer.null();
}

void write_share(json::Writer& writer, const char* key, const std::optional<money::Rational>& share) {
  writer.key(key);
  if (share)
    writer.string(share->to_quotient_string());
  else
    writer.null();
}

void write_performance(json::Writer& writer, const Performance& one) {
  const auto count = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  writer.begin_object()
      .member("source", one.source)
      .member("window_days", one.window_days)
      .member("from", one.from.to_string())
      .member("to", one.to.to_string())
      .member("attestations_assigned", count(one.duties.attestations_assigned))
      .member("attestations_missed", count(one.duties.attestations_missed))
      .member("attestations_without_ideal", count(one.duties.attestations_without_ideal))
      .member("validators_without_ideal", static_cast<std::int64_t>(one.validators_without_ideal))
      .member("sync_slots_assigned", count(one.duties.sync_slots_assigned))
      .member("sync_slots_missed", count(one.duties.sync_slots_missed))
      .member("proposals_made", count(one.duties.proposals_made))
      .member("proposals_missed", count(one.duties.proposals_missed))
      .member("proposals_told", one.duties.proposals_told)
      .key("effectiveness")
      .begin_object();
  write_share(writer, "attestation", one.effectiveness.attestation);
  write_share(writer, "attestation_net", one.effectiveness.attestation_net);
  write_share(writer, "proposal", one.effectiveness.proposal);
  write_share(writer, "sync", one.effectiveness.sync);
  write_share(writer, "protocol_weighted", one.effectiveness.protocol_weighted);
  write_share(writer, "rated", one.effectiveness.rated);
  writer.end_object().key("income_gwei");
  if (one.parts) {
    writer.begin_object();
    write_share(writer, "expected", one.parts->expected);
    write_share(writer, "luck", one.parts->luck());
    write_share(writer, "performance", one.parts->performance());
    write_share(writer, "actual", one.parts->actual);
    writer.end_object();
  } else {
    writer.null();
  }
  writer.end_object();
}

void write_queue(json::Writer& writer, const QueueReading& one) {
  writer.begin_object()
      .member("chain", describe(one.chain))
      .member("source", one.source)
      .member("queue", one.name)
      .member("height", std::to_string(one.mark.height))
      .member("as_of", one.mark.at.to_string())
      .key("wait_seconds");
  if (one.wait_seconds)
    writer.integer(*one.wait_seconds);
  else
    writer.null();
  writer.key("figures").begin_object();
  for (const auto& [name, value] : one.figures) writer.member(name, value);
  writer.end_object().end_object();
}

void write_wait(json::Writer& writer, const PositionWait& one) {
  const Position& position = one.position;
  writer.begin_object()
      .member("chain", describe(position.key.chain))
      .member("source", position.key.source.value())
      .member("place", position.key.place)
      .member("asset", position.key.asset.value())
      .member("state", describe(position.state))
      .member("amount", position.amount);
  if (!position.part.empty()) writer.member("part", position.part);
  write_instant(writer, "free_at", one.wait.free_at);
  write_instant(writer, "free_at_latest", one.wait.free_at_latest);
  write_instant(writer, "cash_at", one.wait.cash_at);
  writer.key("steps").begin_array();
  for (const queues::CashStep& step : one.wait.steps)
    writer.begin_object().member("what", step.what).member("until", step.until.to_string()).end_object();
  writer.end_array();
  if (!one.wait.unknown.empty()) writer.member("unknown", one.wait.unknown);
  if (one.entries) {
    writer.key("entries").begin_object().member("used", static_cast<std::int64_t>(one.entries->used));
    if (one.entries->left) writer.member("left", static_cast<std::int64_t>(*one.entries->left));
    write_instant(writer, "frees_at", one.entries->frees_at);
    writer.end_object();
  }
  writer.end_object();
}

}  // namespace

std::string measures_json(const ShownMeasures& shown) {
  json::Writer writer;
  writer.begin_object().key("measures").begin_array();
  for (const StoredMeasure& stored : shown.measures) {
    const Measure& one = stored.measure;
    writer.begin_object().member("asset", one.asset.value());
    if (one.key)
      writer.member("chain", describe(one.key->chain))
          .member("source", one.key->source.value())
          .member("place", one.key->place);
    writer.member("day", time::utc_date(one.to).to_string())
        .member("window_days", one.window_days)
        .member("from", one.from.to_string())
        .member("to", one.to.to_string());
    if (one.yield)
      write_yield(writer, *one.yield);
    else
      writer.member("refusal", one.refusal);
    writer.member("inputs_hash", stored.inputs_hash)
        .member("known_at", stored.known_at.to_string())
        .end_object();
  }
  writer.end_array().key("performance").begin_array();
  for (const Performance& one : shown.performance) write_performance(writer, one);
  writer.end_array().key("tokens").begin_array();
  for (const TokenRate& one : shown.tokens) {
    writer.begin_object()
        .member("source", one.source)
        .member("token", one.token)
        .member("window_days", one.window_days)
        .member("from", one.from.to_string())
        .member("to", one.to.to_string())
        .member("rate_from", one.rate_from)
        .member("rate_to", one.rate_to)
        .key("apr")
        .begin_object();
    for (std::size_t i = 0; i < measures::kYearBases.size(); ++i)
      writer.member(measures::describe(measures::kYearBases[i]), one.apr[i].to_quotient_string());
    writer.end_object().end_object();
  }
  return writer.end_array().end_object().take();
}

std::string measures_table(const ShownMeasures& shown) {
  Table table({{"asset"},
               {"place"},
               {"day"},
               {"window"},
               {"income", Align::kRight},
               {"mean stake", Align::kRight},
               {"APR 365", Align::kRight},
               {"APY 365", Align::kRight},
               {"why not"}});
  for (const StoredMeasure& stored : shown.measures) {
    const Measure& one = stored.measure;
    std::vector<std::string> cells{one.asset.value(), one.key ? one.key->place : "all of it",
                                   time::utc_date(one.to).to_string(), window_name(one.window_days)};
    if (one.yield)
      cells.insert(cells.end(), {one.yield->income.to_string(), one.yield->mean_stake.to_string(),
                                 percent(one.yield->apr_365), percent(one.yield->apy_365), ""});
    else
      cells.insert(cells.end(), {"", "", "", "", one.refusal});
    table.row(cells);
  }
  std::string text = table.to_string();
  if (!shown.tokens.empty()) {
    Table tokens({{"token"},
                  {"window"},
                  {"rate before", Align::kRight},
                  {"rate", Align::kRight},
                  {"APR 365", Align::kRight}});
    for (const TokenRate& one : shown.tokens)
      tokens.row({one.token, window_name(one.window_days), one.rate_from.to_string(), one.rate_to.to_string(),
                  percent(one.apr[0].rounded(kRateDecimals, money::Rounding::kHalfEven))});
    text += "\n" + tokens.to_string();
  }
  if (shown.performance.empty()) return text;
  Table duties({{"validators of"},
                {"window"},
                {"attestations", Align::kRight},
                {"missed", Align::kRight},
                {"effectiveness", Align::kRight},
                {"left out of it", Align::kRight},
                {"proposals", Align::kRight},
                {"missed", Align::kRight},
                {"income in Gwei", Align::kRight},
                {"luck in it", Align::kRight},
                {"performance in it", Align::kRight}});
  for (const Performance& one : shown.performance)
    duties.row({one.source, window_name(one.window_days), std::to_string(one.duties.attestations_assigned),
                std::to_string(one.duties.attestations_missed),
                one.effectiveness.attestation_net ? percent(one.effectiveness.attestation_net->rounded(
                                                        kRateDecimals, money::Rounding::kHalfEven))
                                                  : "",
                std::to_string(one.validators_without_ideal) + " validators",
                std::to_string(one.duties.proposals_assigned()),
                std::to_string(one.duties.proposals_missed) + (one.duties.proposals_told ? "" : " at least"),
                one.parts ? one.parts->actual.to_fixed(0, money::Rounding::kHalfEven) : "",
                one.parts ? one.parts->luck().to_fixed(0, money::Rounding::kHalfEven) : "",
                one.parts ? one.parts->performance().to_fixed(0, money::Rounding::kHalfEven) : ""});
  return text + "\n" + duties.to_string();
}

std::string queues_json(const FundQueues& queues) {
  json::Writer writer;
  writer.begin_object().key("queues").begin_array();
  for (const QueueReading& one : queues.readings) write_queue(writer, one);
  writer.end_array().key("positions").begin_array();
  for (const PositionWait& one : queues.positions) write_wait(writer, one);
  writer.end_array().key("ladder").begin_array();
  for (const queues::LadderRung& rung : queues.ladder) {
    writer.begin_object();
    write_instant(writer, "due", rung.due);
    writer.member("place", rung.place)
        .member("asset", rung.asset.value())
        .member("state", describe(rung.state))
        .member("amount", rung.amount)
        .member("cumulative", rung.cumulative)
        .end_object();
  }
  return writer.end_array().end_object().take();
}

std::string queues_table(const FundQueues& queues) {
  std::string text;
  if (!queues.readings.empty()) {
    Table list({{"chain"}, {"queue"}, {"wait in days", Align::kRight}, {"as of"}});
    for (const QueueReading& one : queues.readings)
      list.row({std::string(describe(one.chain)), one.name,
                one.wait_seconds ? money::divide(money::Decimal::of(*one.wait_seconds),
                                                 money::Decimal::of(kSecondsADay), 2, money::Rounding::kUp)
                                       .to_fixed(2)
                                 : "nothing passes",
                one.mark.at.to_string()});
    text += list.to_string() + "\n";
  }
  Table table({{"place"},
               {"state"},
               {"amount", Align::kRight},
               {"asset"},
               {"free at"},
               {"cash at"},
               {"not known because"}});
  for (const PositionWait& one : queues.positions)
    table.row({one.position.key.place, std::string(describe(one.position.state)),
               one.position.amount.to_string(), one.position.key.asset.value(),
               instant_or_empty(one.wait.free_at), instant_or_empty(one.wait.cash_at), one.wait.unknown});
  text += table.to_string();
  if (queues.ladder.empty()) return text;
  Table ladder(
      {{"comes back"}, {"place"}, {"amount", Align::kRight}, {"cumulative", Align::kRight}, {"asset"}});
  for (const queues::LadderRung& rung : queues.ladder)
    ladder.row({rung.due ? rung.due->to_string() : "not known", rung.place, rung.amount.to_string(),
                rung.cumulative.to_string(), rung.asset.value()});
  return text + "\n" + ladder.to_string();
}

}  // namespace navkeeper::staking
