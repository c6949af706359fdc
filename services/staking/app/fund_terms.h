#pragma once
// What a fund's own policy says of its stakes: a table of the configuration, under review like its file. The
// act is not here: it comes from the NAV.
#include <map>
#include <string>

#include "common/model/id.h"
#include "services/staking/domain/liquidity/liquidity.h"

namespace navkeeper::staking {

struct FundTerms {
  liquidity::LiquidityPolicy policy;
  time::Duration sale_settlement = time::Duration::hours(24);
  std::map<std::string, money::Decimal> token_sale_loss{};  ///< by asset
  std::map<std::string, std::string> token_issuer{};  ///< by asset, where it is said; not kept with a test
  std::map<std::string, time::Duration> custodian_notice{};    ///< by source: how long unstaking takes there
  time::Duration nav_age_max = time::Duration::hours(24 * 5);  ///< an older NAV is a stale input
  time::Duration reading_age_max = time::Duration::hours(24);  ///< so is an older reading of a source
};
using FundTermsOf = std::map<model::FundId, FundTerms>;
/// What holds where the configuration says nothing of the fund: the defaults above.
FundTerms terms_of(const FundTermsOf& terms, const model::FundId& fund);

}  // namespace navkeeper::staking
