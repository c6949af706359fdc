#include "services/pricing/domain/index_definition.h"

#include <algorithm>
#include <set>

namespace navkeeper::pricing {
namespace {

constexpr std::int64_t kNanosecondsAMinute = 60'000'000'000;

DefinitionProblem problem(std::string key, std::string rule) { return {std::move(key), std::move(rule)}; }

std::string between(std::int64_t low, std::int64_t high) {
  return "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high);
}

bool is_pair(std::string_view pair) {
  const std::size_t slash = pair.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < pair.size() &&
         pair.find('/', slash + 1) == std::string_view::npos;
}

std::optional<DefinitionProblem> problem_with_weights(const IndexDefinition& index) {
  if (index.weights.empty()) return std::nullopt;
  if (static_cast<std::int64_t>(index.weights.size()) != index.partitions) {
    return problem("weights", "has " + std::to_string(index.weights.size()) + " weights for " +
                                  std::to_string(index.partitions) + " partitions");
  }
  const auto negative = std::ranges::any_of(index.weights, &money::Decimal::is_negative);
  if (negative) return problem("weights", "a weight is negative");
  if (std::ranges::all_of(index.weights, &money::Decimal::is_zero)) {
    return problem("weights", "all weights are zero");
  }
  return std::nullopt;
}

std::optional<DefinitionProblem> problem_with_venues(const IndexDefinition& index) {
  if (index.venues.empty() || index.venues.size() > kVenuesMax) {
    return problem("venues", "must name from 1 to " + std::to_string(kVenuesMax) + " venues");
  }
  std::set<std::string_view> seen;
  for (const std::string& venue : index.venues) {
    if (venue.empty()) return problem("venues", "a venue's name is empty");
    if (!seen.insert(venue).second) return problem("venues", "names " + venue + " twice");
  }
  return std::nullopt;
}

}  // namespace

std::optional<DefinitionProblem> problem_with(const IndexDefinition& index) {
  if (index.id.empty()) return problem("id", "is empty");
  if (!is_pair(index.pair)) return problem("pair", "must be BASE/QUOTE");
  if (index.time_zone.empty()) return problem("time_zone", "is empty");
  if (index.window_minutes < 1 || index.window_minutes > kWindowMinutesMax) {
    return problem("window_minutes", between(1, kWindowMinutesMax));
  }
  if (index.partitions < 1 || index.partitions > kPartitionsMax) {
    return problem("partitions", between(1, kPartitionsMax));
  }
  if (index.window_minutes * kNanosecondsAMinute % index.partitions != 0) {
    return problem("partitions", "the window of " + std::to_string(index.window_minutes) +
                                     " minutes does not divide into " + std::to_string(index.partitions) +
                                     " partitions of whole nanoseconds");
  }
  if (auto found = problem_with_weights(index)) return found;
  if (auto found = problem_with_venues(index)) return found;
  if (index.venue_deviation_max.is_negative()) return problem("venue_deviation_max", "is negative");
  if (index.minimum_venues < 0 || index.minimum_venues > INT32_MAX) {
    return problem("minimum_venues", between(0, INT32_MAX));
  }
  if (index.decimals < 0 || index.decimals > kDecimalsMax) {
    return problem("decimals", between(0, kDecimalsMax));
  }
  if (index.rounding != money::Rounding::kHalfEven && index.rounding != money::Rounding::kHalfUp &&
      index.rounding != money::Rounding::kDown) {
    return problem("rounding", "must be half_even, half_up or down");
  }
  return std::nullopt;
}

}  // namespace navkeeper::pricing
