#pragma once
// After sources were read: what of their rows can be given a price now.
#include <functional>
#include <string>
#include <vector>

#include "services/staking/app/price_rows.h"
#include "services/staking/service.h"

namespace navkeeper::staking {

struct FundPriced {
  model::FundId fund = model::FundId::literal("UNSET");
  PriceRowsReport report;  ///< where pricing did not answer its detail says so
};
/// Of each fund that has [[staking.dollars]]; `only` empty: all.
std::vector<FundPriced> price_pass(const Dependencies& dependencies, PriceSource& prices,
                                   const std::string& actor, const std::string& only = "");

}  // namespace navkeeper::staking
