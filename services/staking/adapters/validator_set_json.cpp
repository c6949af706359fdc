#include "services/staking/adapters/validator_set_json.h"

#include <charconv>

#include "common/base/refuse.h"
#include "common/runtime/table.h"
#include "services/staking/adapters/fund_facts_json.h"

namespace navkeeper::staking {
namespace {

/// Whether what follows from a set stands beside what was read.
enum class SetShape { kStored, kShown };

std::uint64_t read_count(json::ObjectReader& reader, const char* key) {
  const std::string text = reader.string(key);
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size())
    base::refuse(reader.path_of(key), "must be digits, below 2^64");
  return count;
}

void write_record(json::Writer& writer, const ValidatorSet& set, const ValidatorRecord& one, SetShape shape) {
  writer.begin_object()
      .member("validator", one.address)
      .member("consensus_address", one.consensus_address)
      .member("name", one.name)
      .member("status", one.status)
      .member("jailed", one.jailed)
      .member("tombstoned", one.tombstoned)
      .member("tokens", one.tokens)
      .member("commission", one.commission);
  if (one.tokens_max) writer.member("tokens_max", *one.tokens_max);
  if (one.signed_window) writer.member("signed_window", std::to_string(*one.signed_window));
  writer.member("missed_blocks", std::to_string(one.missed_blocks))
      .member("signing_since", std::to_string(one.signing_since))
      .member("observed_since", one.observed_since.to_string())
      .member("slashes_to", std::to_string(one.slashes_to));
  if (shape == SetShape::kShown) {
    if (const auto signed_part = uptime(one)) writer.member("uptime", *signed_part);
    const SlashRecord slashes = slashes_of(set, one.address);
    writer.member("slashes", slashes.count)
        .member("slash_fraction", slashes.mean_fraction)
        .member("observed_days", observed_days(set, one));
  }
  writer.end_object();
}

ValidatorRecord read_record(const json::Place& place) {
  json::ObjectReader reader(place);
  ValidatorRecord one;
  one.address = reader.string("validator");
  one.consensus_address = reader.string("consensus_address");
  one.name = reader.string("name");
  one.status = reader.string("status");
  one.jailed = reader.boolean("jailed");
  one.tombstoned = reader.boolean("tombstoned");
  one.tokens = read_amount(reader, "tokens");
  one.commission = read_amount(reader, "commission");
  one.tokens_max = reader.optional_decimal("tokens_max");
  if (reader.has("signed_window")) one.signed_window = read_count(reader, "signed_window");
  one.missed_blocks = read_count(reader, "missed_blocks");
  one.signing_since = read_count(reader, "signing_since");
  one.observed_since = reader.instant("observed_since");
  one.slashes_to = read_count(reader, "slashes_to");
  reader.finish();
  return one;
}

void write_set(json::Writer& writer, const ValidatorSet& set, SetShape shape) {
  writer.begin_object().member("source", set.source).member("asset", set.asset.value());
  writer.key("state")
      .begin_object()
      .member("height", std::to_string(set.mark.height))
      .member("root", set.mark.root.value())
      .member("at", set.mark.at.to_string())
      .end_object()
      .member("bonded", set.bonded);
  writer.key("annual_provisions");
  set.annual_provisions ? writer.decimal(*set.annual_provisions) : writer.null();
  writer.member("community_tax", set.community_tax);
  if (shape == SetShape::kShown) {
    writer.key("gross_rate");
    const auto rate = gross_rate(set);
    rate ? writer.decimal(*rate) : writer.null();
  }
  writer.key("history")
      .begin_object()
      .member("height", std::to_string(set.history_from))
      .member("at", set.history_since.to_string())
      .end_object();
  writer.key("validators").begin_array();
  for (const ValidatorRecord& one : set.validators) write_record(writer, set, one, shape);
  writer.end_array().key("slashes").begin_array();
  for (const ValidatorSlash& one : set.slashes)
    writer.begin_object()
        .member("validator", one.validator)
        .member("period", std::to_string(one.period))
        .member("fraction", one.fraction)
        .member("after", std::to_string(one.after))
        .member("by", std::to_string(one.by))
        .end_object();
  writer.end_array().end_object();
}

}  // namespace

void write_validator_set(json::Writer& writer, const ValidatorSet& set) {
  write_set(writer, set, SetShape::kStored);
}

ValidatorSet read_validator_set(const json::Place& place) {
  json::ObjectReader reader(place);
  ValidatorSet set;
  set.source = reader.string("source");
  set.asset = read_name<model::AssetId>(reader, "asset");
  json::ObjectReader state = reader.object("state");
  set.mark = {read_count(state, "height"), state.string("root"), state.instant("at")};
  state.finish();
  set.bonded = read_amount(reader, "bonded");
  if (reader.is_null("annual_provisions"))
    reader.ignore("annual_provisions");
  else
    set.annual_provisions = read_amount(reader, "annual_provisions");
  set.community_tax = read_amount(reader, "community_tax");
  json::ObjectReader history = reader.object("history");
  set.history_from = read_count(history, "height");
  set.history_since = history.instant("at");
  history.finish();
  for (const json::Place& one : reader.array("validators")) set.validators.push_back(read_record(one));
  for (const json::Place& one : reader.array("slashes")) {
    json::ObjectReader row(one);
    set.slashes.push_back({row.string("validator"), read_count(row, "period"), read_amount(row, "fraction"),
                           read_count(row, "after"), read_count(row, "by")});
    row.finish();
  }
  reader.finish();
  return set;
}

std::string validator_sets_json(const std::vector<ValidatorSet>& sets) {
  json::Writer writer;
  writer.begin_object().key("sets").begin_array();
  for (const ValidatorSet& set : sets) write_set(writer, set, SetShape::kShown);
  return writer.end_array().end_object().take();
}

std::string validator_sets_table(const std::vector<ValidatorSet>& sets) {
  using runtime::Align;
  if (sets.empty())
    return "No source read its chain's validators yet: navkeeper staking sync --as OPERATOR\n";
  std::string shown;
  for (const ValidatorSet& set : sets) {
    const auto rate = gross_rate(set);
    shown += (shown.empty() ? "" : "\n") + set.source + " at height " + std::to_string(set.mark.height) +
             " of " + set.mark.at.to_string() + ": " + set.bonded.to_string() + " " + set.asset.value() +
             " bonded, a year before commission " + (rate ? rate->to_string() : "not told") +
             ", slashes known since " + set.history_since.to_string() + "\n";
    runtime::Table table({{"validator"},
                          {"name"},
                          {"status"},
                          {"tokens", Align::kRight},
                          {"commission", Align::kRight},
                          {"uptime", Align::kRight},
                          {"slashes", Align::kRight},
                          {"days", Align::kRight}});
    for (const ValidatorRecord& one : set.validators) {
      const auto signed_part = uptime(one);
      table.row({one.address, one.name,
                 one.tombstoned ? "tombstoned"
                 : one.jailed   ? "jailed"
                                : one.status,
                 one.tokens.to_string(), one.commission.to_string(),
                 signed_part ? signed_part->to_string() : "not told",
                 std::to_string(slashes_of(set, one.address).count),
                 std::to_string(observed_days(set, one))});
    }
    shown += table.to_string();
  }
  return shown;
}

}  // namespace navkeeper::staking
