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

/// What somebody told of a NAV must be what nav itself says of it. Throws base::Refused with the first field
/// that differs ("facts.net_assets").
void require_same(const FundFacts& told, const FundFacts& nav);
/// Without a nav to ask, what is told must at least not contradict itself: no day in the future, no holding
/// without a price, each value its quantity times its price to the cent (half-even), net assets not above the
/// sum of the assets. Throws base::Refused with the field.
void require_consistent(const FundFacts& facts, time::Instant now);

class FundFactsSource {
 public:
  virtual ~FundFactsSource() = default;
  /// The newest NAV whose valuation is not after `as_of`. Throws base::Refused when there is none,
  /// base::Unavailable when nobody answers.
  virtual FundFacts at(const model::FundId& fund, time::Instant as_of) = 0;
};

}  // namespace navkeeper::staking
