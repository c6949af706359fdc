#include "services/staking/domain/cosmos_parameters.h"

#include <iterator>
#include <utility>

namespace navkeeper::staking {

using money::Decimal;

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

std::string seconds(time::Duration duration) { return Decimal::of(duration.ns(), 9).to_string() + "s"; }

}  // namespace

std::vector<std::pair<std::string, std::string>> named(const CosmosParameters& p) {
  return {{"staking.unbonding_time", seconds(p.unbonding_time)},
          {"staking.max_entries", std::to_string(p.max_entries)},
          {"staking.max_validators", std::to_string(p.max_validators)},
          {"staking.bond_denom", p.bond_denomination},
          {"distribution.community_tax", p.community_tax.to_string()},
          {"slashing.signed_blocks_window", std::to_string(p.signed_blocks_window)},
          {"slashing.min_signed_per_window", p.min_signed_per_window.to_string()},
          {"slashing.downtime_jail_duration", seconds(p.downtime_jail)},
          {"slashing.slash_fraction_double_sign", p.slash_double_sign.to_string()},
          {"slashing.slash_fraction_downtime", p.slash_downtime.to_string()}};
}

base::Checked<void> check(const CosmosParameters& p) {
  const std::pair<const char*, const Decimal*> fractions[] = {
      {"distribution.community_tax", &p.community_tax},
      {"slashing.min_signed_per_window", &p.min_signed_per_window},
      {"slashing.slash_fraction_double_sign", &p.slash_double_sign},
      {"slashing.slash_fraction_downtime", &p.slash_downtime}};
  for (const auto& [name, fraction] : fractions) {
    if (fraction->is_negative() || *fraction > Decimal::of(1))
      return base::Refusal{name, "is not between 0 and 1"};
  }
  if (p.unbonding_time.ns() < kNsPerSecond)
    return base::Refusal{"staking.unbonding_time", "is less than a second"};
  if (p.max_entries == 0) return base::Refusal{"staking.max_entries", "is zero"};
  return {};
}

base::Checked<void> ParameterHistory::add(std::uint64_t height, const CosmosParameters& parameters) {
  const auto [place, is_new] = readings_.emplace(height, parameters);
  if (!is_new && place->second != parameters)
    return base::Refusal{"height " + std::to_string(height), "other parameters were read there before"};
  return {};
}

const CosmosParameters* ParameterHistory::at(std::uint64_t height) const {
  const auto after = readings_.upper_bound(height);
  return after == readings_.begin() ? nullptr : &std::prev(after)->second;
}

std::vector<ParameterChange> ParameterHistory::changes() const {
  std::vector<ParameterChange> found;
  for (auto now = readings_.begin(); now != readings_.end(); ++now) {
    if (now == readings_.begin()) continue;
    const auto before = std::prev(now);
    const auto old_values = named(before->second);
    const auto new_values = named(now->second);
    for (std::size_t i = 0; i < new_values.size(); ++i) {
      if (old_values[i].second != new_values[i].second)
        found.push_back(
            {before->first, now->first, new_values[i].first, old_values[i].second, new_values[i].second});
    }
  }
  return found;
}

}  // namespace navkeeper::staking
