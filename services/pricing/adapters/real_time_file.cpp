#include "services/pricing/adapters/real_time_file.h"

#include <initializer_list>
#include <utility>
#include <vector>

#include "common/base/refuse.h"
#include "common/runtime/toml_reader.h"

namespace navkeeper::pricing {
namespace {

using runtime::TomlDocument;
using runtime::TomlPlace;
using runtime::TomlReader;

constexpr int kPpmDecimals = 6;
constexpr std::string_view kKind = "real_time";
constexpr std::int64_t kAgeMsMax = 600'000;
constexpr std::int64_t kVenuesMax = static_cast<std::int64_t>(kRealTimeVenuesMax);

/// A part of one, "0.05", in parts per million.
std::int64_t read_ppm(TomlReader& table, std::string_view key) {
  const TomlPlace place = table.value(key);
  const auto units = place.decimal().to_units(kPpmDecimals);
  constexpr money::Int128 kLimit = 1'000'000'000;
  if (!units || *units < 0 || *units > kLimit) place.refuse("must be at least 0 with at most 6 decimals");
  return static_cast<std::int64_t>(*units);
}

/// The value of the word at `key`, of these.
template <class Enum>
Enum read_word(TomlReader& table, std::string_view key, std::initializer_list<Enum> values) {
  const TomlPlace place = table.value(key);
  const std::string word = place.string();
  std::string known;
  for (const Enum value : values) {
    if (word == describe(value)) return value;
    const bool is_last = value == *(values.end() - 1);
    known += (known.empty() ? "\"" : is_last ? " or \"" : ", \"") + std::string(describe(value)) + "\"";
  }
  place.refuse("must be " + known);
}

money::Rounding read_rounding(TomlReader& table) {
  const TomlPlace place = table.value("rounding");
  const std::string word = place.string();
  if (word == "half_even") return money::Rounding::kHalfEven;
  if (word == "half_up") return money::Rounding::kHalfUp;
  if (word == "down") return money::Rounding::kDown;
  place.refuse("must be \"half_even\", \"half_up\" or \"down\"");
}

std::optional<SizeCapRule> read_cap(TomlReader& version) {
  auto table = version.optional_table("size_cap");
  if (!table) return std::nullopt;
  SizeCapRule rule;
  rule.levels_per_side = static_cast<std::size_t>(table->integer("levels_per_side", 1, 1'000));
  rule.winsorised_ppm = read_ppm(*table, "winsorised");
  rule.deviations_ppm = read_ppm(*table, "deviations");
  table->finish();
  return rule;
}

RealTimeDefinition read_version(TomlReader& table, const model::IndexId& id, const model::PairId& pair) {
  RealTimeDefinition rules{.id = id,
                           .pair = pair,
                           .venues = {},
                           .scale = {},
                           .book_age_max = {},
                           .screen = {},
                           .size_cap = {},
                           .spacing = {},
                           .decay = {}};
  for (const TomlPlace& place : table.array("venues")) {
    const auto venue = model::VenueId::parse(place.string());
    if (!venue) place.refuse(venue.error().rule);
    rules.venues.push_back(*venue);
  }
  rules.book_age_max = time::Duration::milliseconds(table.integer("book_age_max_ms", 1, kAgeMsMax));
  TomlReader screen = table.table("screen");
  rules.screen.deviation_max_ppm = read_ppm(screen, "deviation_max");
  rules.screen.deviation_readmit_ppm = read_ppm(screen, "deviation_readmit");
  rules.screen.reference = read_word(
      screen, "reference", {ScreenReference::kOthers, ScreenReference::kAll, ScreenReference::kMajority});
  screen.finish();
  rules.minimum_venues = static_cast<std::size_t>(table.integer("minimum_venues", 1, kVenuesMax));
  rules.size_cap = read_cap(table);
  rules.crossed = read_word(table, "crossed", {CrossedRule::kKeep, CrossedRule::kMatch});
  rules.spacing = table.decimal("spacing");
  rules.spread_max_ppm = read_ppm(table, "spread_max");
  rules.decay_rule = read_word(table, "decay_rule", {DecayRule::kFixed, DecayRule::kDepth});
  rules.decay = table.decimal("decay");
  rules.decimals = static_cast<int>(table.integer("decimals", 0, kBookDecimalsMax));
  rules.rounding = read_rounding(table);
  if (const auto problem = problem_with(rules)) table.refuse("", std::string(*problem));
  return rules;
}

RealTimeFile read_file(const TomlDocument& document) {
  TomlReader reader = document.root();
  if (const TomlPlace kind = reader.value("kind"); kind.string() != kKind)
    kind.refuse("must be \"real_time\"");
  const TomlPlace name = reader.value("id");
  const auto id = model::IndexId::parse(name.string());
  if (!id) name.refuse(id.error().rule);
  if (!name.string().starts_with("NK_"))
    name.refuse("must begin with NK_: other names are other administrators'");
  const TomlPlace pair_place = reader.value("pair");
  const auto pair = model::PairId::parse(pair_place.string());
  if (!pair) pair_place.refuse(pair.error().rule);
  std::vector<Period<RealTimeDefinition>> periods;
  for (TomlReader& table : reader.tables("version")) {
    const time::Date first = table.date("from");
    const auto last = table.optional_date("to");
    periods.push_back({first, last, read_version(table, *id, *pair)});
    table.finish();
  }
  reader.finish();
  auto versions = Dated<RealTimeDefinition>::of(std::move(periods));
  if (versions.has_error()) reader.refuse("version", versions.error().message());
  return {*id, *pair, *std::move(versions)};
}

}  // namespace

bool is_real_time_file(std::string_view toml) {
  const auto document = TomlDocument::parse(toml, "");
  return document.has_value() && document->root().has("kind");
}

base::Checked<RealTimeFile> parse_real_time_file(std::string_view toml, const std::string& file) {
  const auto document = TomlDocument::parse(toml, file);
  if (document.has_error()) return document.error();
  return base::checked([&] { return read_file(*document); });
}

}  // namespace navkeeper::pricing
