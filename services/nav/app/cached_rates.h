#pragma once
// The prices of one pass of a batch: each coin is asked for once a day, act, basis and index, however many
// funds hold it. Safe to share between threads; whoever waits for a new price begins a new one.
#include <map>
#include <mutex>
#include <tuple>

#include "services/nav/app/ports.h"

namespace navkeeper::nav {

class CachedRates final : public RateSource {
 public:
  explicit CachedRates(RateSource& source) : source_(source) {}

  std::optional<AssetPrice> price(const FundDefinition& fund, const FundAsset& asset,
                                  time::Date date) override {
    const std::lock_guard lock(mutex_);
    const Key key{asset.asset.value(), asset.official_index.value(), fund.act, fund.official_basis, date};
    const auto found = prices_.find(key);
    if (found != prices_.end()) return found->second;
    return prices_.emplace(key, source_.price(fund, asset, date)).first->second;
  }

 private:
  using Key = std::tuple<std::string, std::string, Act, PriceBasis, time::Date>;
  RateSource& source_;
  std::mutex mutex_;
  std::map<Key, std::optional<AssetPrice>> prices_;
};

}  // namespace navkeeper::nav
