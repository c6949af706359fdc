#include "services/pricing/domain/markets/venue_screen.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::pricing {
namespace {

using money::Int128;

/// Four times the median of the venues' mids, in ticks: twice the mean of the two middle sums. Nothing
/// without members.
std::optional<Int128> four_times_median(std::vector<std::int64_t>& members) {
  if (members.empty()) return std::nullopt;
  std::sort(members.begin(), members.end());
  const std::size_t half = members.size() / 2;
  const std::int64_t upper = members[half];
  const std::int64_t lower = members.size() % 2 == 1 ? upper : members[half - 1];
  return Int128{lower} + upper;
}

std::optional<Int128> reference_of(const ScreenRule& rule, const ScreenState& before,
                                   std::span<const std::optional<std::int64_t>> twice_mid,
                                   std::size_t venue) {
  std::vector<std::int64_t> kept;
  std::vector<std::int64_t> any;
  for (std::size_t other = 0; other < twice_mid.size(); ++other) {
    if (other == venue || !twice_mid[other]) continue;
    any.push_back(*twice_mid[other]);
    if (!before.dropped[other]) kept.push_back(*twice_mid[other]);
  }
  if (any.empty()) return std::nullopt;
  std::vector<std::int64_t>& members = kept.empty() ? any : kept;
  const bool own_counts = rule.reference == ScreenReference::kAll ||
                          (rule.reference == ScreenReference::kMajority && members.size() == 2);
  // A dropped venue is no part of the reference, not even of its own.
  if (own_counts && (!before.dropped[venue] || kept.empty())) members.push_back(*twice_mid[venue]);
  return four_times_median(members);
}

/// Calls `judge(venue, twice the distance, reference)` with both in quarters of a tick, for venues with a
/// reference.
template <class Judge>
void each_judged(const ScreenRule& rule, const ScreenState& before,
                 std::span<const std::optional<std::int64_t>> twice_mid, Judge judge) {
  ENSURE(before.dropped.size() == twice_mid.size());
  ENSURE(rule.deviation_readmit_ppm >= 0 && rule.deviation_readmit_ppm <= rule.deviation_max_ppm);
  for (std::size_t venue = 0; venue < twice_mid.size(); ++venue) {
    if (!twice_mid[venue]) continue;
    ENSURE(*twice_mid[venue] > 0);
    const auto reference = reference_of(rule, before, twice_mid, venue);
    if (!reference) continue;
    const Int128 difference = Int128{2} * *twice_mid[venue] - *reference;
    judge(venue, difference < 0 ? -difference : difference, *reference);
  }
}

}  // namespace

ScreenState screen_state(const ScreenRule& rule, const ScreenState& before,
                         std::span<const std::optional<std::int64_t>> twice_mid) {
  ScreenState after = before;
  each_judged(rule, before, twice_mid, [&](std::size_t venue, Int128 distance, Int128 reference) {
    after.dropped[venue] = before.dropped[venue]
                               ? distance * 1'000'000 >= reference * rule.deviation_readmit_ppm
                               : distance * 1'000'000 > reference * rule.deviation_max_ppm;
  });
  return after;
}

Screened screen_venues(const ScreenRule& rule, const ScreenState& before,
                       std::span<const std::optional<std::int64_t>> twice_mid) {
  Screened screened{screen_state(rule, before, twice_mid), {}};
  screened.deviation.resize(twice_mid.size());
  each_judged(rule, before, twice_mid, [&](std::size_t venue, Int128 distance, Int128 reference) {
    screened.deviation[venue] = money::Rational::of(distance, reference);
  });
  return screened;
}

}  // namespace navkeeper::pricing
