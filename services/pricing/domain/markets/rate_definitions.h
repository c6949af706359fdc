#pragma once
// Every index of ours with the history of its definition, and which two indices stand for an asset on a date:
// the official one and the one that checks it by a second method.
#include <map>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/model/id.h"
#include "services/pricing/domain/index_definition.h"
#include "services/pricing/domain/markets/dated.h"

namespace navkeeper::pricing {

/// Our indices are called so: another administrator's name is a licence that we do not have.
constexpr std::string_view kOwnIndexPrefix = "NK_";

/// The part of a name (between underscores) that is another administrator's, or holds one: NK_BRRNY and
/// NK_BTCUSD_NYBRR are no names of ours either. Empty: there is none.
std::string_view licensed_part(std::string_view index);

class RateDefinitions {
 public:
  /// Versions of any number of indices. Refused, naming the index: one that problem_with() refuses, a name
  /// that is not ours, a pair that changes over time, versions that overlap or leave a gap.
  static base::Checked<RateDefinitions> of(const std::vector<Period<IndexDefinition>>& versions);

  /// The definition of `index` that holds on `date`. Refused: an index that is not known, a date without a
  /// definition.
  base::Checked<IndexDefinition> on(const model::IndexId& index, time::Date date) const;
  std::vector<model::IndexId> indices() const;

 private:
  std::map<model::IndexId, Dated<IndexDefinition>> histories_;
};

/// Which indices price an asset; they differ.
struct AssetIndices {
  model::IndexId official;
  model::IndexId check;
  bool operator==(const AssetIndices&) const = default;
};

/// Refused as Dated refuses, and where both indices of a version are the same.
base::Checked<Dated<AssetIndices>> asset_indices(std::vector<Period<AssetIndices>> periods);

}  // namespace navkeeper::pricing
