#include "services/custody/adapters/balance_json.h"

#include "common/base/bytes.h"
#include "common/base/refuse.h"
#include "common/json/reader.h"

namespace navkeeper::custody {
namespace {

void write_amount(json::Writer& writer, std::string_view name, const std::optional<money::Decimal>& amount) {
  if (amount) writer.member(name, *amount);
}

}  // namespace

std::string unbonding_json(const std::vector<UnbondingEntry>& entries) {
  json::Writer writer;
  writer.begin_array();
  for (const UnbondingEntry& entry : entries) {
    writer.begin_object().member("amount", entry.amount);
    if (entry.completes_at) writer.member("completes_at", entry.completes_at->to_string());
    writer.end_object();
  }
  writer.end_array();
  return writer.take();
}

std::vector<UnbondingEntry> read_unbonding(std::string_view text) {
  const json::Value value = base::value_or_refuse(json::parse(text));
  std::vector<UnbondingEntry> entries;
  for (const json::Place& place : json::read_array({value, "unbonding"})) {
    json::ObjectReader reader(place);
    entries.push_back({reader.decimal("amount"), reader.optional_instant("completes_at")});
    reader.finish();
  }
  return entries;
}

std::string doubts_json(const std::vector<std::string>& doubts) {
  json::Writer writer;
  writer.begin_array();
  for (const std::string& doubt : doubts) writer.string(doubt);
  return writer.end_array().take();
}

std::vector<std::string> read_doubts(std::string_view text) {
  const json::Value value = base::value_or_refuse(json::parse(text));
  std::vector<std::string> doubts;
  for (const json::Place& place : json::read_array({value, "doubts"}))
    doubts.push_back(json::read_string(place));
  return doubts;
}

void write_balance(json::Writer& writer, const StoredBalance& stored) {
  const Balance& b = stored.balance;
  writer.begin_object()
      .member("source", b.place.source)
      .member("account", b.place.account)
      .member("asset", b.asset.value())
      .member("scale", b.scale);
  const auto whole = owned(b);
  writer.key("owned");
  whole ? writer.decimal(*whole) : writer.null();
  write_amount(writer, "total", b.total);
  write_amount(writer, "held", b.held);
  write_amount(writer, "available", b.available);
  write_amount(writer, "staked", b.staked);
  write_amount(writer, "activating", b.activating);
  write_amount(writer, "unbonding", b.unbonding);
  if (!b.unbonding_entries.empty())
    writer.key("unbonding_entries").value(*json::parse(unbonding_json(b.unbonding_entries)));
  write_amount(writer, "reserved", b.reserved);
  write_amount(writer, "rewards_pending", b.rewards_pending);
  write_amount(writer, "claimable", b.claimable);
  write_amount(writer, "realised", b.realised);
  writer.member("staked_in_total", describe(b.staked_in_total))
      .member("activating_in_staked", describe(b.activating_in_staked))
      .member("as_of", b.as_of.to_string())
      .member("known_at", stored.known_at.to_string());
  if (b.block) {
    writer.member("block_height", std::to_string(b.block->height));
    if (!b.block->hash.empty()) writer.member("block_hash", b.block->hash);
  }
  if (b.certainty) {
    writer.member("certainty", describe(*b.certainty)).key("doubts").begin_array();
    for (const std::string& doubt : b.doubts) writer.string(doubt);
    writer.end_array();
  }
  writer.member("raw_sha256", base::to_hex(b.raw_sha256)).end_object();
}

void write_record(json::Writer& writer, const RecordState& state) {
  const Record& record = state.record;
  writer.begin_object()
      .member("kind", describe(record.kind))
      .member("key", record.key)
      .member("at", record.at.to_string())
      .member("updated_at", record.updated_at.to_string());
  if (!record.asset.empty()) writer.member("asset", record.asset);
  write_amount(writer, "amount", record.amount);
  writer.member("count", state.count)
      .member("progress", describe(record.progress))
      .member("status", record.status)
      .member("standing", describe(state.standing))
      .member("versions", state.versions)
      .member("amount_restated", state.amount_restated);
  const auto document = json::parse(record.document);
  writer.key("document");
  document.has_value() ? writer.value(*document) : writer.string(record.document);
  writer.end_object();
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

void write_alarm(json::Writer& writer, const StoredAlarm& stored) {
  writer.begin_object()
      .member("source", stored.source)
      .member("kind", stored.alarm.kind)
      .member("subject", stored.alarm.subject)
      .member("detail", stored.alarm.detail)
      .member("known_at", stored.known_at.to_string())
      .end_object();
}

}  // namespace navkeeper::custody
