#include "services/nav/domain/check_thresholds.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/base/ensure.h"

namespace navkeeper::nav {
namespace {

const CheckDefault* default_of(std::string_view check) {
  const auto found = std::find_if(kCheckDefaults.begin(), kCheckDefaults.end(),
                                  [&](const CheckDefault& one) { return one.check == check; });
  return found == kCheckDefaults.end() ? nullptr : &*found;
}

}  // namespace

money::Decimal threshold_on(const std::vector<CheckThreshold>& thresholds, std::string_view check,
                            time::Date date) {
  const CheckDefault* fallback = default_of(check);
  ENSURE(fallback != nullptr);
  const CheckThreshold* newest = nullptr;
  for (const CheckThreshold& one : thresholds) {
    if (one.check == check && one.from <= date && (newest == nullptr || newest->from < one.from))
      newest = &one;
  }
  return newest != nullptr ? newest->threshold : money::Decimal::literal(fallback->threshold);
}

std::optional<base::Refusal> check_thresholds(const std::vector<CheckThreshold>& thresholds) {
  std::set<std::pair<std::string, time::Date>> seen;
  for (const CheckThreshold& one : thresholds) {
    if (default_of(one.check) == nullptr) {
      std::string known;
      for (const CheckDefault& each : kCheckDefaults)
        known += (known.empty() ? "" : ", ") + std::string(each.check);
      return base::Refusal{"checks", one.check + " is not one of " + known};
    }
    if (!seen.emplace(one.check, one.from).second)
      return base::Refusal{"checks", one.check + " comes twice from " + one.from.to_string()};
    if (one.threshold.is_negative())
      return base::Refusal{"checks", one.check + ": its threshold is negative"};
  }
  return std::nullopt;
}

}  // namespace navkeeper::nav
