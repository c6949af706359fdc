#pragma once
// A fund's totals as they are shown, by `staking totals` and GET /v1/staking/funds/{fund}/totals.
#include "services/staking/app/total_fund.h"
#include "services/staking/service.h"

namespace navkeeper::staking {

struct Settings;
class PeerSlots;

/// Asks custody (base::Unavailable).
TotalledFund totals_by_custody(const Dependencies& dependencies, const model::FundId& fund,
                               const std::optional<time::Date>& date);
std::string totals_json(const model::FundId& fund, const TotalledFund& totalled);
std::string totals_table(const TotalledFund& totalled);

/// GET /v1/staking/funds/{fund}/totals?date=D
void register_totals_route(http::Router& router, const Dependencies& dependencies,
                           std::shared_ptr<PeerSlots> slots);

}  // namespace navkeeper::staking
