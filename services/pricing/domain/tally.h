#pragma once
// Trades grouped by venue and by partition, and what each group's volume-weighted median and volume-weighted
// price come from. SortTally is the plain way, for integers of any type; bucket_tally.h has the fast one.
// Both give the same groups.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "services/pricing/domain/index_definition.h"
#include "services/pricing/domain/window.h"

namespace navkeeper::pricing {

/// Of a group without trades everything is zero.
template <class Price, class Sum>
struct Group {
  std::uint64_t trades = 0;
  Sum volume{};
  Sum notional{};  ///< of price * size
  Price lower{};   ///< the median price, or the two that its tie lies between
  Price upper{};
};

/// What a partition's group is computed for; the venues' groups always need their medians.
struct TallyOptions {
  std::size_t venues = 1;
  Tie tie = Tie::kLower;
  Statistic statistic = Statistic::kVolumeWeightedMedian;
};

template <class Price, class Sum>
class SortTally {
 public:
  using GroupType = Group<Price, Sum>;

  SortTally(std::span<const std::int64_t> time_ns, std::span<const std::uint8_t> venue,
            const std::vector<Price>& price, const std::vector<Price>& size, const Window& window,
            TallyOptions options)
      : time_ns_(time_ns), venue_(venue), price_(price), size_(size), window_(window), options_(options) {}

  std::vector<GroupType> by_venue() const {
    return grouped(options_.venues, true, [this](std::size_t i) -> std::ptrdiff_t { return venue_[i]; });
  }

  /// `excluded`: a flag a venue; its trades are left out.
  std::vector<GroupType> by_partition(const std::vector<bool>& excluded) const {
    const std::int64_t width = window_.width_ns();
    return grouped(static_cast<std::size_t>(window_.partitions),
                   options_.statistic == Statistic::kVolumeWeightedMedian,
                   [&](std::size_t i) -> std::ptrdiff_t {
                     if (excluded[venue_[i]]) return -1;
                     return (time_ns_[i] - window_.start_ns) / width;
                   });
  }

 private:
  template <class GroupOf>
  std::vector<GroupType> grouped(std::size_t groups, bool medians, GroupOf group_of) const {
    std::vector<std::vector<std::pair<Price, Price>>> members(groups);
    for (std::size_t i = 0; i < time_ns_.size(); ++i) {
      const std::ptrdiff_t group = group_of(i);
      if (group >= 0) members[static_cast<std::size_t>(group)].emplace_back(price_[i], size_[i]);
    }
    std::vector<GroupType> result;
    result.reserve(groups);
    for (auto& group : members) result.push_back(of(group, medians));
    return result;
  }

  GroupType of(std::vector<std::pair<Price, Price>>& members, bool median) const {
    GroupType group;
    group.trades = members.size();
    for (const auto& [price, size] : members) {
      group.volume += size;
      group.notional += Sum(price) * size;
    }
    if (members.empty() || !median) return group;
    std::sort(members.begin(), members.end());
    Sum cumulative{};
    for (std::size_t i = 0; i < members.size(); ++i) {
      cumulative += members[i].second;
      if (cumulative * 2 < group.volume) continue;
      group.lower = group.upper = members[i].first;
      // At an exact half the next trade decides; at the same price there is no tie.
      if (options_.tie == Tie::kAverage && cumulative * 2 == group.volume) group.upper = members[i + 1].first;
      break;
    }
    return group;
  }

  std::span<const std::int64_t> time_ns_;
  std::span<const std::uint8_t> venue_;
  const std::vector<Price>& price_;
  const std::vector<Price>& size_;
  const Window& window_;
  TallyOptions options_;
};

}  // namespace navkeeper::pricing
