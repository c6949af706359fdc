#include "services/pricing/adapters/policy_file.h"

#include "common/base/refuse.h"
#include "common/runtime/toml_reader.h"

namespace navkeeper::pricing {
namespace {

using runtime::TomlDocument;
using runtime::TomlPlace;
using runtime::TomlReader;

constexpr std::int64_t kSecondsMax = std::int64_t{3'600} * 24 * 31;
constexpr std::int64_t kCountMax = 1'000'000;
constexpr int kPpmDecimals = 6;
constexpr std::int64_t kPollSecondsMin = 10;

template <class Id>
Id name(const TomlPlace& place) {
  auto id = Id::parse(place.string());
  if (id.has_error()) place.refuse(id.error().rule);
  return *id;
}

template <class Parse>
auto word(const TomlPlace& place, Parse parse, const char* words) {
  const auto value = parse(place.string());
  if (!value) place.refuse(std::string("is not one of ") + words);
  return *value;
}

/// A fraction of at most `units` as parts per million, written as a decimal: "0.005".
std::int64_t ppm(TomlReader& reader, const char* key, std::int64_t units = 1) {
  const TomlPlace place = reader.value(key);
  const money::Decimal fraction = place.decimal();
  if (fraction.is_negative() || fraction > money::Decimal::of(units))
    place.refuse("must lie between 0 and " + std::to_string(units));
  const auto parts = fraction.to_units(kPpmDecimals);
  if (!parts) place.refuse("has more than six decimals");
  return static_cast<std::int64_t>(*parts);
}

std::size_t count(TomlReader& reader, const char* key, std::int64_t least = 0) {
  return static_cast<std::size_t>(reader.integer(key, least, kCountMax));
}

PrincipalMarket read_market(TomlReader reader) {
  auto venue = name<model::VenueId>(reader.value("venue"));
  const TomlPlace pair_place = reader.value("pair");
  const auto pair = model::PairId::parse(pair_place.string());
  if (pair.has_error()) pair_place.refuse(pair.error().rule);
  PrincipalMarket market{std::move(venue), *pair, reader.string("reason")};
  reader.finish();
  return market;
}

TrackLadder read_ladder(TomlReader& reader) {
  TrackLadder ladder;
  ladder.track.act = word(reader.value("act"), parse_fund_act, "ICA_1940, ETP_1933");
  ladder.track.basis = word(reader.value("basis"), parse_price_basis, "fair_value, index");
  std::vector<Rung> rungs;
  for (const TomlPlace& place : reader.array("rungs"))
    rungs.push_back(
        word(place, parse_rung, "index, second_index, principal_market, exchange_rate, manual, previous"));
  auto order = LadderOrder::of(std::move(rungs));
  if (order.has_error()) reader.refuse("rungs", order.error().message());
  ladder.ladder = *order;
  reader.finish();
  return ladder;
}

PricingCheckRule read_checks(TomlReader reader) {
  PricingCheckRule rule;
  rule.age_max_seconds = reader.integer("age_max_seconds", 0, kSecondsMax);
  rule.unchanged_strikes_max = count(reader, "unchanged_strikes_max", 1);
  rule.second_source_deviation_max_ppm = ppm(reader, "second_source_deviation_max");
  rule.yesterday_deviation_max_ppm = ppm(reader, "yesterday_deviation_max", 1'000);
  rule.partition_trades_min = count(reader, "partition_trades_min");
  rule.thin_partitions_max = count(reader, "thin_partitions_max");
  rule.venues_min = count(reader, "venues_min");
  rule.missing_minutes_max = count(reader, "missing_minutes_max");
  reader.finish();
  return rule;
}

TokenPolicy read_token(TomlReader reader) {
  TokenPolicy token{name<model::AssetId>(reader.value("coin")), {}, "", 0};
  LiquidStakingPolicy& terms = token.terms;
  token.rate_url = reader.optional_string("rate_url").value_or("");
  token.poll_seconds = reader.integer("poll_seconds", kPollSecondsMin, kSecondsMax);
  terms.rate_age_max = time::Duration::seconds(reader.integer("rate_age_max_seconds", 1, kSecondsMax));
  terms.trade_age_max = time::Duration::seconds(reader.integer("trade_age_max_seconds", 1, kSecondsMax));
  terms.discount_annual_ppm = ppm(reader, "discount_annual");
  terms.redemption_days = reader.integer("redemption_days", 0, 3'650);
  terms.peg_deviation_max_ppm = ppm(reader, "peg_deviation_max");
  terms.decimals = static_cast<int>(reader.integer("decimals", 0, 18));
  TomlReader activity = reader.table("activity");
  terms.activity.span = time::Duration::seconds(activity.integer("span_seconds", 60, kSecondsMax));
  terms.activity.trades_min = count(activity, "trades_min", 1);
  terms.activity.volume_min = activity.decimal("volume_min");
  if (terms.activity.volume_min.is_negative()) activity.refuse("volume_min", "is negative");
  terms.activity.gap_max = time::Duration::seconds(activity.integer("gap_max_seconds", 1, kSecondsMax));
  activity.finish();
  reader.finish();
  return token;
}

ValuationPolicy read_policy(TomlReader reader) {
  ValuationPolicy policy(name<model::AssetId>(reader.value("asset")));
  policy.effective_from = reader.date("effective_from");
  policy.effective_to = reader.optional_date("effective_to");
  if (auto index = reader.optional_value("official_index"))
    policy.official_index = name<model::IndexId>(*index);
  if (auto index = reader.optional_value("second_index")) policy.second_index = name<model::IndexId>(*index);
  if (auto market = reader.optional_table("principal_market")) policy.market = read_market(*market);
  policy.trade_age_max = time::Duration::seconds(reader.integer("trade_age_max_seconds", 1, kSecondsMax));
  for (TomlReader& ladder : reader.tables("ladders")) policy.tracks.push_back(read_ladder(ladder));
  TomlReader fair_value = reader.table("fair_value");
  policy.fair_value.unchanged_strikes_max = count(fair_value, "unchanged_strikes", 2);
  policy.fair_value.basis_gap_max_ppm = ppm(fair_value, "basis_gap_max");
  fair_value.finish();
  policy.checks = read_checks(reader.table("checks"));
  if (auto token = reader.optional_table("liquid_staking")) policy.token = read_token(*token);
  reader.finish();
  if (const auto problem = problem_with(policy)) {
    const std::string key = problem->where.substr(0, problem->where.find_first_of(".:"));
    if (reader.has(key)) reader.refuse(key, problem->where == key ? problem->rule : problem->message());
    base::refuse(reader.where("asset"), problem->message());
  }
  return policy;
}

}  // namespace

base::Checked<ValuationPolicy> parse_policy(std::string_view toml, const std::string& file) {
  const auto document = TomlDocument::parse(toml, file);
  if (document.has_error()) return document.error();
  return base::checked([&] { return read_policy(document->root()); });
}

}  // namespace navkeeper::pricing
