#pragma once
// The screen of potentially erroneous venues in the real-time index, with its hysteresis (facts on
// pricing, 1.3, 5.3): a venue whose mid price deviates from the reference by more than the maximum is
// dropped, and stays dropped until its deviation is below the smaller readmission bound. So what is dropped
// now depends on the past; that memory is the explicit state here, and a replay that starts from the same
// state ends in the same one.
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/money/rational.h"

namespace navkeeper::pricing {

/// What a venue's mid is compared with: the plain median (mean of the two middle ones) of the other venues'
/// mids, or of all venues' mids. `majority`: of the others, but of all three where the others are two. Under
/// `others` one of three that is more than twice the bound away takes the two that agree out too, because
/// each of them is compared with the mean of a good and a wild one; under `all` two venues may lie twice the
/// bound apart. `majority` has neither: two that agree outvote a third, two that disagree both go.
enum class ScreenReference { kOthers, kAll, kMajority };
constexpr std::string_view describe(ScreenReference reference) {
  switch (reference) {
    case ScreenReference::kOthers:
      return "others";
    case ScreenReference::kAll:
      return "all";
    case ScreenReference::kMajority:
      return "majority";
  }
  return "";
}

struct ScreenRule {
  std::int64_t deviation_max_ppm = 50'000;      ///< dropped when strictly above, parts per million
  std::int64_t deviation_readmit_ppm = 25'000;  ///< readmitted when strictly below; not above the maximum
  ScreenReference reference = ScreenReference::kOthers;
  bool operator==(const ScreenRule&) const = default;
};

/// The memory: a flag a venue, in the order of the index's list. At the start nobody is dropped.
struct ScreenState {
  std::vector<bool> dropped;
  bool operator==(const ScreenState&) const = default;
};

struct Screened {
  ScreenState after;
  /// A venue each: |mid - reference| / reference; nothing where there was no mid or no other venue.
  std::vector<std::optional<money::Rational>> deviation;
};

/// One pass over the venues. `twice_mid`: best bid + best ask in ticks, positive, or nothing for a venue that
/// has no valid book now (it keeps its flag and judges nobody). A venue that is dropped when the pass begins
/// is no part of anybody's reference, so it has no influence; only where no other venue is left are dropped
/// ones asked too, or a whole market that had come apart could never come back. A venue with no other keeps
/// its flag.
Screened screen_venues(const ScreenRule& rule, const ScreenState& before,
                       std::span<const std::optional<std::int64_t>> twice_mid);

/// The state alone, in integers: what a tick costs.
ScreenState screen_state(const ScreenRule& rule, const ScreenState& before,
                         std::span<const std::optional<std::int64_t>> twice_mid);

}  // namespace navkeeper::pricing
