#pragma once
// Dated<T>: data with effective dates, so that a past day is computed by that day's rules. Versions follow
// each other without overlap and without gap; each names its first day, the last version is open at its end
// or ends too.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/refusal.h"
#include "common/time/date.h"

namespace navkeeper::pricing {

/// `value` holds from `first` to `last`, both included; without `last`, until further notice.
template <class T>
struct Period {
  time::Date first;
  std::optional<time::Date> last;
  T value;
};

/// Versions in the order in which they were applied: each replaces what was to hold from its first day on.
/// What comes out has no overlap; a gap is for Dated to refuse.
template <class T>
std::vector<Period<T>> by_arrival(const std::vector<Period<T>>& applied) {
  std::vector<Period<T>> held;
  for (const Period<T>& version : applied) {
    while (!held.empty() && held.back().first >= version.first) held.pop_back();
    if (!held.empty() && (!held.back().last || *held.back().last >= version.first))
      held.back().last = version.first - 1;
    held.push_back(version);
  }
  return held;
}

template <class T>
class Dated {
 public:
  /// `periods` in any order. Refused: none, one that ends before it begins, two that overlap, a gap between
  /// two.
  static base::Checked<Dated> of(std::vector<Period<T>> periods) {
    if (periods.empty()) return base::Refusal{"", "no version is given"};
    std::stable_sort(periods.begin(), periods.end(),
                     [](const Period<T>& a, const Period<T>& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < periods.size(); ++i) {
      const Period<T>& period = periods[i];
      const std::string where = "version of " + period.first.to_string();
      if (period.last && *period.last < period.first) return base::Refusal{where, "ends before it begins"};
      if (i == 0) continue;
      const Period<T>& before = periods[i - 1];
      if (!before.last || period.first <= *before.last)
        return base::Refusal{where, "overlaps the version of " + before.first.to_string()};
      if (*before.last + 1 < period.first)
        return base::Refusal{where, "leaves a gap after " + before.last->to_string()};
    }
    return Dated(std::move(periods));
  }

  /// The version that holds on `date`, or null before the first and after the last.
  const T* on(time::Date date) const {
    const auto after = std::upper_bound(periods_.begin(), periods_.end(), date,
                                        [](time::Date day, const Period<T>& p) { return day < p.first; });
    if (after == periods_.begin()) return nullptr;
    const Period<T>& period = *(after - 1);
    return period.last && *period.last < date ? nullptr : &period.value;
  }
  const std::vector<Period<T>>& periods() const { return periods_; }

 private:
  explicit Dated(std::vector<Period<T>> periods) : periods_(std::move(periods)) {}
  std::vector<Period<T>> periods_;
};

}  // namespace navkeeper::pricing
