#include "services/sandbox/world.h"

#include "common/base/refuse.h"
#include "common/money/decimal.h"
#include "services/sandbox/dice.h"

namespace navkeeper::sandbox {
namespace {

struct AssetPath {
  std::int64_t first_e8;     ///< in the stretch that holds the first moment of 2026
  std::int64_t stretch_ppm;  ///< how far a stretch moves the price at most
  std::int64_t middle_ppm;   ///< how far the middle of a stretch lies off the straight line at most
};

constexpr std::array kPaths{
    AssetPath{7'440'000'000'000, 22'000, 11'000},  // 74,400 dollars
    AssetPath{296'000'000'000, 28'000, 14'000},    // 2,960 dollars
    AssetPath{9'640'000, 34'000, 18'000},          // 0.0964 dollars
};

constexpr int kHalvings = 16;
constexpr std::int64_t kStretchSeconds = std::int64_t{1} << kHalvings;  // 18 hours 12 minutes
constexpr std::int64_t kFirstSecond = 1'577'836'800;                    // 2020-01-01
constexpr std::int64_t kEndSecond = 2'082'758'400;                      // 2036-01-01
constexpr std::int64_t kHomeSecond = 1'767'225'600;                     // 2026-01-01
constexpr std::int64_t kFirstStretch = kFirstSecond / kStretchSeconds;
constexpr std::int64_t kHomeStretch = kHomeSecond / kStretchSeconds;
constexpr std::int64_t kStakingSecond = 1'704'067'200;  // 2024-01-01
constexpr std::int64_t kRateStepE9 = 3'424;             // an hour; about three per cent a year
constexpr std::int64_t kNsASecond = 1'000'000'000;

std::int64_t step_ppm(std::uint64_t seed, std::size_t asset, std::int64_t stretch) {
  const std::int64_t most = kPaths[asset].stretch_ppm;
  return Dice::at({seed, 1, asset, static_cast<std::uint64_t>(stretch)}).between(-most, most);
}

/// A step back that the step forward undoes, up to a unit. A bitcoin above 92,233 dollars times a million
/// needs more than 64 bits.
std::int64_t moved_back(std::int64_t value, std::int64_t ppm) {
  return static_cast<std::int64_t>(money::Int128(value) * kMillion / (kMillion + ppm));
}

}  // namespace

std::int64_t second_of(time::Instant instant) {
  const std::int64_t ns = instant.ns();
  return ns / kNsASecond - (ns % kNsASecond < 0 ? 1 : 0);
}

void check_in_world(time::Instant instant) {
  const std::int64_t second = second_of(instant);
  if (second < kFirstSecond || second >= kEndSecond)
    base::refuse(instant.to_string(), "the simulated world lasts from 2020 to 2035");
}

std::int64_t World::anchor_e8(Asset asset, std::int64_t stretch) const {
  const auto index = static_cast<std::size_t>(asset);
  const std::lock_guard lock(mutex_);
  std::vector<std::int64_t>& known = anchors_[index];
  if (known.empty()) {  // Back to the beginning once, then forward as far as anyone looks.
    std::int64_t value = kPaths[index].first_e8;
    for (std::int64_t at = kHomeStretch; at > kFirstStretch; --at)
      value = moved_back(value, step_ppm(seed_, index, at));
    known.push_back(value);
    for (std::int64_t at = kFirstStretch + 1; at <= kHomeStretch; ++at)
      known.push_back(at == kHomeStretch ? kPaths[index].first_e8
                                         : moved(known.back(), step_ppm(seed_, index, at)));
  }
  const auto wanted = static_cast<std::size_t>(stretch - kFirstStretch);
  while (known.size() <= wanted) {
    const std::int64_t at = kFirstStretch + static_cast<std::int64_t>(known.size());
    known.push_back(moved(known.back(), step_ppm(seed_, index, at)));
  }
  return known[wanted];
}

std::int64_t World::price_e8(Asset asset, std::int64_t second) const {
  check_in_world(time::Instant::from_ns(second * kNsASecond));
  const auto index = static_cast<std::size_t>(asset);
  const std::int64_t stretch = second / kStretchSeconds;
  std::int64_t low = 0;
  std::int64_t high = kStretchSeconds;
  std::int64_t low_e8 = anchor_e8(asset, stretch);
  std::int64_t high_e8 = anchor_e8(asset, stretch + 1);
  const std::int64_t wanted = second % kStretchSeconds;
  // The middle of each half lies off the straight line by a draw that shrinks with the root of the length.
  std::int64_t most_ppb = kPaths[index].middle_ppm * 1'000;
  while (wanted != low) {
    const std::int64_t middle = (low + high) / 2;
    const std::int64_t off_ppb =
        Dice::at({seed_, 2, index, static_cast<std::uint64_t>(stretch), static_cast<std::uint64_t>(middle)})
            .between(-most_ppb, most_ppb);
    const std::int64_t straight = (low_e8 + high_e8) / 2;
    const std::int64_t middle_e8 = straight + straight / 1'000 * off_ppb / kMillion;
    (wanted < middle ? high : low) = middle;
    (wanted < middle ? high_e8 : low_e8) = middle_e8;
    most_ppb = most_ppb * 7'071 / 10'000;
  }
  return low_e8;
}

std::int64_t World::conversion_rate_e9(std::int64_t second) const {
  const std::int64_t hours = (second - kStakingSecond) / 3'600;
  return 1'000'000'000 + (hours > 0 ? hours * kRateStepE9 : 0);
}

}  // namespace navkeeper::sandbox
