#include "services/staking/adapters/staking_json.h"

#include <map>

namespace navkeeper::staking {
namespace {

void write_mark(json::Writer& writer, std::string_view key, const StateMark& mark) {
  writer.key(key).begin_object().member("height", std::to_string(mark.height));
  if (!mark.root.empty()) writer.member("root", mark.root.value());
  writer.member("at", mark.at.to_string()).end_object();
}

void write_key(json::Writer& writer, const PositionKey& key) {
  writer.member("chain", describe(key.chain))
      .member("source", key.source.value())
      .member("place", key.place)
      .member("asset", key.asset.value());
}

void write_lines(json::Writer& writer, const std::vector<RollForwardLine>& lines, Account account) {
  writer.key("lines").begin_array();
  for (const RollForwardLine& line : lines)
    writer.begin_object()
        .member("kind", describe(line.kind))
        .member("direction", effect(line.kind, account) > 0 ? "in" : "out")
        .member("amount", line.amount)
        .end_object();
  writer.end_array();
}

void write_dollars(json::Writer& writer, const StoredRollForward& stored) {
  writer.key("dollars");
  if (!stored.price) {
    writer.null().member("dollars_missing", "no official price was known for this row");
    return;
  }
  const RowPrice& price = *stored.price;
  const RollForwardDollars dollars = in_dollars(stored.roll_forward, price.price);
  writer.begin_object()
      .member("price", price.price)
      .member("price_date", price.date.to_string())
      .member("valuation", price.valuation.to_string())
      .member("source", price.source)
      .member("hash", price.hash)
      .member("opening", dollars.opening)
      .key("lines")
      .begin_array();
  for (const RollForwardLine& line : dollars.lines)
    writer.begin_object().member("kind", describe(line.kind)).member("amount", line.amount).end_object();
  writer.end_array()
      .member("closing", dollars.closing)
      .member("difference", dollars.difference)
      .member("rounding", dollars.rounding)
      .end_object();
}

}  // namespace

void write_reading(json::Writer& writer, const StoredReading& stored) {
  const PositionReading& reading = stored.reading;
  writer.begin_object().member("chain", describe(reading.chain)).member("source", reading.source);
  write_mark(writer, "state", reading.mark);
  writer.member("finalized", reading.finalized)
      .member("raw_sha256", reading.raw_sha256)
      .member("known_at", stored.known_at.to_string())
      .key("positions")
      .begin_array();
  for (const Position& one : reading.positions) {
    writer.begin_object()
        .member("place", one.key.place)
        .member("asset", one.key.asset.value())
        .member("state", describe(one.state))
        .member("amount", one.amount);
    if (!one.part.empty()) writer.member("part", one.part);
    if (one.due_at) writer.member("due_at", one.due_at->to_string());
    writer.member("verifiable", one.verifiable);
    if (!one.detail.empty()) writer.member("detail", one.detail);
    writer.end_object();
  }
  writer.end_array().end_object();
}

void write_event(json::Writer& writer, const StoredEvent& stored) {
  const StakingEvent& event = stored.event;
  writer.begin_object().member("id", event.id);
  write_key(writer, event.key);
  writer.member("kind", describe(event.kind)).member("amount", event.amount);
  if (!event.type_detail.empty()) writer.member("type_detail", event.type_detail);
  write_mark(writer, "state", event.mark);
  writer.member("known_at", stored.known_at.to_string()).end_object();
}

void write_totals(json::Writer& writer, const std::vector<StoredEvent>& events) {
  std::map<std::pair<EventKind, model::AssetId>, money::Decimal> sums;
  for (const StoredEvent& stored : events)
    sums[{stored.event.kind, stored.event.key.asset}] += stored.event.amount;
  writer.begin_array();
  for (const auto& [what, amount] : sums)
    writer.begin_object()
        .member("kind", describe(what.first))
        .member("asset", what.second.value())
        .member("amount", amount)
        .end_object();
  writer.end_array();
}

void write_roll_forward(json::Writer& writer, const StoredRollForward& stored) {
  const RollForward& one = stored.roll_forward;
  writer.begin_object();
  write_key(writer, one.key);
  writer.member("account", describe(one.account));
  write_mark(writer, "from", one.from);
  write_mark(writer, "to", one.to);
  writer.member("opening", one.opening);
  write_lines(writer, one.lines, one.account);
  writer.member("closing", one.closing)
      .member("difference", one.difference())
      .member("tied", one.is_tied())
      .member("known_at", stored.known_at.to_string());
  write_dollars(writer, stored);
  writer.end_object();
}

void write_roll_forward_total(json::Writer& writer, const RollForwardTotal& total) {
  writer.begin_object()
      .member("chain", describe(total.key.chain))
      .member("source", total.key.source.value())
      .member("asset", total.key.asset.value())
      .member("account", describe(total.account));
  write_mark(writer, "from", total.from);
  write_mark(writer, "to", total.to);
  writer.member("opening", total.opening);
  write_lines(writer, total.lines, total.account);
  writer.member("closing", total.closing)
      .member("difference", total.difference)
      .member("intervals", total.intervals)
      .member("not_tied", total.not_tied)
      .member("broken", total.broken)
      .end_object();
}

void write_parameter(json::Writer& writer, const ParameterReading& parameter) {
  writer.begin_object()
      .member("chain", describe(parameter.chain))
      .member("source", parameter.source)
      .member("name", parameter.name)
      .member("value", parameter.value);
  write_mark(writer, "state", parameter.mark);
  writer.end_object();
}

void write_alert(json::Writer& writer, const StoredAlert& stored) {
  writer.begin_object()
      .member("source", stored.alert.source)
      .member("kind", stored.alert.kind)
      .member("subject", stored.alert.subject)
      .member("detail", stored.alert.detail)
      .member("known_at", stored.known_at.to_string())
      .end_object();
}

void write_run(json::Writer& writer, const SyncRun& run) {
  writer.begin_object()
      .member("source", run.source)
      .member("started_at", run.started_at.to_string())
      .member("ended_at", run.ended_at.to_string())
      .member("outcome", describe(run.outcome))
      .member("detail", run.detail)
      .end_object();
}

}  // namespace navkeeper::staking
