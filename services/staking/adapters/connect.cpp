#include "services/staking/adapters/connect.h"

namespace navkeeper::staking {

std::vector<std::unique_ptr<StakingSource>> connect_sources(const Settings& settings) {
  std::vector<std::unique_ptr<StakingSource>> sources;
  static_cast<void>(settings);
  return sources;
}

}  // namespace navkeeper::staking
