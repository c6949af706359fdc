#pragma once
// The simulated world: one seed, one price of each asset at each second. Nothing in it is market data. Whole
// numbers only, so that a seed gives the same world on every machine, and any second can be looked at without
// the ones before it. What stands on other clocks later (chains, accounts) takes its place beside the prices.
#include <array>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "common/time/instant.h"

namespace navkeeper::sandbox {

enum class Asset : std::uint8_t { kBtc, kEth, kCro };
constexpr std::array kAssets{Asset::kBtc, Asset::kEth, Asset::kCro};

class World {
 public:
  explicit World(std::uint64_t seed) : seed_(seed) {}

  std::uint64_t seed() const { return seed_; }
  /// What one coin is worth in the world at that second since 1970, in 1e-8 dollars. Venues quote around it.
  /// Years 2020 to 2035 (base::Refused otherwise).
  std::int64_t price_e8(Asset asset, std::int64_t second) const;
  /// Staked coins per liquid-staking coin, in 1e-9: begins at 1 with 2024 and rises by a fixed step every
  /// hour.
  std::int64_t conversion_rate_e9(std::int64_t second) const;

 private:
  /// The price where a stretch of kStretchSeconds begins; between two of them the path is a bridge.
  std::int64_t anchor_e8(Asset asset, std::int64_t stretch) const;

  std::uint64_t seed_;
  mutable std::mutex mutex_;
  mutable std::array<std::vector<std::int64_t>, kAssets.size()> anchors_{};
};

/// The second since 1970 in which an instant lies.
std::int64_t second_of(time::Instant instant);
/// Refuses (base::Refused) an instant outside 2020 to 2035.
void check_in_world(time::Instant instant);

}  // namespace navkeeper::sandbox
