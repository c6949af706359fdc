#include "services/pricing/domain/markets/rate_definitions.h"

#include <algorithm>
#include <array>

namespace navkeeper::pricing {
namespace {

/// Of CF Benchmarks, CoinDesk, Cboe Kaiko and MarketVector (facts of the published methods).
constexpr std::array<std::string_view, 4> kLicensed{"RR", "RTI", "XBX", "BBR"};
/// Long enough to be no part of another word: refused inside one too (NYBRR, CMECF).
constexpr std::array<std::string_view, 7> kLicensedInside{"BRR",  "BRTI", "ETHRR", "ETHRTI",
                                                          "CCIX", "CKBR", "CMECF"};

}  // namespace

std::string_view licensed_part(std::string_view index) {
  for (std::size_t from = 0; from <= index.size();) {
    const std::size_t to = std::min(index.find('_', from), index.size());
    const std::string_view part = index.substr(from, to - from);
    const auto holds = [&](std::string_view name) { return part.find(name) != std::string_view::npos; };
    if (std::ranges::find(kLicensed, part) != kLicensed.end() || std::ranges::any_of(kLicensedInside, holds))
      return part;
    from = to + 1;
  }
  return {};
}

base::Checked<RateDefinitions> RateDefinitions::of(const std::vector<Period<IndexDefinition>>& versions) {
  std::map<model::IndexId, std::vector<Period<IndexDefinition>>> by_index;
  for (const Period<IndexDefinition>& version : versions) {
    const IndexDefinition& definition = version.value;
    const std::string where = definition.id + " from " + version.first.to_string();
    const auto id = model::IndexId::parse(definition.id);
    if (id.has_error()) return id.error().within(where);
    if (definition.id.rfind(kOwnIndexPrefix, 0) != 0)
      return base::Refusal{where, "an index of ours is named NK_..., never by a licensed name"};
    if (const auto problem = problem_with(definition))
      return base::Refusal{where + ": " + problem->key, problem->rule};
    auto& same = by_index[*id];
    if (!same.empty() && same.front().value.pair != definition.pair)
      return base::Refusal{where, "the pair of an index does not change"};
    same.push_back(version);
  }
  RateDefinitions definitions;
  for (auto& [id, periods] : by_index) {
    auto history = Dated<IndexDefinition>::of(std::move(periods));
    if (history.has_error()) return history.error().within(id.value());
    definitions.histories_.emplace(id, std::move(*history));
  }
  return definitions;
}

base::Checked<IndexDefinition> RateDefinitions::on(const model::IndexId& index, time::Date date) const {
  const auto history = histories_.find(index);
  if (history == histories_.end()) return base::Refusal{index.value(), "no such index"};
  const IndexDefinition* definition = history->second.on(date);
  if (definition == nullptr) return base::Refusal{index.value(), "has no definition on " + date.to_string()};
  return *definition;
}

std::vector<model::IndexId> RateDefinitions::indices() const {
  std::vector<model::IndexId> ids;
  for (const auto& [id, history] : histories_) ids.push_back(id);
  return ids;
}

base::Checked<Dated<AssetIndices>> asset_indices(std::vector<Period<AssetIndices>> periods) {
  for (const auto& period : periods) {
    if (period.value.official == period.value.check)
      return base::Refusal{"version of " + period.first.to_string(), "an index cannot check itself"};
  }
  return Dated<AssetIndices>::of(std::move(periods));
}

}  // namespace navkeeper::pricing
