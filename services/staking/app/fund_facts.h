#pragma once
// What staking needs to know of a fund beside its own positions: the act, net assets and prices of a struck
// NAV.
#include <string>
#include <vector>

#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "common/time/instant.h"

namespace navkeeper::staking {

struct FundHolding {
  model::AssetId asset = model::AssetId::literal("UNSET");
  money::Decimal quantity;  ///< whole coins, staked ones too
  money::Decimal price;     ///< dollars a coin
  money::Decimal value;     ///< dollars
};

struct FundFacts {
  std::string act;  ///< "ICA_1940", "ETP_1933"
  time::Date date;
  int version = 0;
  std::string state;        ///< of the NAV: struck, approved, published
  std::string inputs_hash;  ///< of the NAV
  time::Instant valued_at;
  money::Decimal net_assets;
  money::Decimal cash;          ///< dollars that stand as Cash
  money::Decimal other_assets;  ///< dollars of everything else that is neither coins nor cash
  std::vector<FundHolding> holdings;
};

class FundFactsSource {
 public:
  virtual ~FundFactsSource() = default;
  /// The newest NAV whose valuation is not after `as_of`. Throws base::Refused when there is none,
  /// base::Unavailable when nobody answers.
  virtual FundFacts at(const model::FundId& fund, time::Instant as_of) = 0;
};

}  // namespace navkeeper::staking
