#pragma once
// A fund's own terms of liquidity.
//
//   [[staking.funds]]
//   fund = "CROYIELD"
//   illiquid_max = "0.15"                        # ICA_1940: of net assets
//   readily_min = "0.85"                         # ETP_1933: of assets
//   sale_days = 7                                # calendar days in which what is liquid can be sold
//   sale_loss_max = "0.02"                       # still "about the carrying value"
//   returning_counts = true                      # what comes back within these days counts as liquid
//   written_policy = "LRP-2026-1"                # reference of the written liquidity-risk policy
//   sale_settlement_hours = 24
//   nav_age_hours_max = 120                      # an older NAV is a stale input, so is an older reading
//   reading_age_hours_max = 24
//   [[staking.funds.tokens]]                     # what a sale at once loses
//   asset = "CDCETH"
//   sale_loss = "0.005"
//   issuer = "crypto_com"                        # whose token it is: for a plan's issuer_share_max
//   [[staking.funds.custodians]]                 # how long unstaking takes at a custodian
//   source = "foris"
//   notice_hours = 672
#include "common/runtime/toml_reader.h"
#include "services/staking/app/fund_terms.h"

namespace navkeeper::staking {

/// Throws base::Refused with file, line and key.
std::pair<model::FundId, FundTerms> read_fund_terms(runtime::TomlReader& table);

}  // namespace navkeeper::staking
