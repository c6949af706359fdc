#pragma once
// A second source beside the first, to the unit: two nodes, or a node and the provider's own report.
#include <string>
#include <string_view>
#include <vector>

#include "services/staking/domain/position.h"

namespace navkeeper::staking::measures {

/// What one source says of one place at one height. Of a validator the balance; of a delegation any figure
/// that both tell.
struct SourceFigure {
  Chain chain = Chain::kEthereum;
  std::string place;
  model::AssetId asset = model::AssetId::literal("UNSET");
  std::string what;  ///< "active", "claimable", "income": figures of differing names are never compared
  money::Decimal amount;
};

enum class Disagreement {
  kAmount,  ///< both speak of it and differ
  kOnlyInFirst,
  kOnlyInSecond,
  kTwiceInOneSource,  ///< a source that says two figures of one thing says nothing of it
};
std::string_view describe(Disagreement disagreement);

struct SourceDifference {
  Disagreement disagreement{};
  SourceFigure figure;           ///< amount of the first source; of the second where only that has it
  money::Decimal second_amount;  ///< nothing where one source lacks it
};

struct SourceComparison {
  std::size_t compared = 0;                   ///< figures that both sources tell, equal or not
  std::vector<SourceDifference> differences;  ///< by chain, place, asset and name
  /// Both told something and all of it is equal: two empty answers agree about nothing.
  bool agree() const { return compared > 0 && differences.empty(); }
};
SourceComparison compare(std::vector<SourceFigure> first, std::vector<SourceFigure> second);

}  // namespace navkeeper::staking::measures
