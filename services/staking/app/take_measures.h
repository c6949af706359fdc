#pragma once
// The yields of a fund's positions, out of the roll-forwards and events that are stored.
#include "services/staking/app/staking_store.h"
#include "services/staking/domain/measures/yield.h"

namespace navkeeper::staking {

struct PlaceMeasures {
  PositionKey key;
  std::vector<measures::WindowYield> windows;
};

struct AssetMeasures {
  model::AssetId asset = model::AssetId::literal("UNSET");
  std::vector<measures::WindowYield> windows;  ///< of all places together
  std::vector<PlaceMeasures> places;           ///< by key
};

/// Stakes as the roll-forwards of the stake accounts open and close; income from rewards and losses. Bonuses
/// that are only contingent are no income. Sorted by asset.
std::vector<AssetMeasures> take_measures(const std::vector<StoredRollForward>& roll_forwards,
                                         const std::vector<StoredEvent>& events, time::Instant to);

}  // namespace navkeeper::staking
