#pragma once
// GET  /v1/staking/funds/{fund}/plans[/{id}]              plans with their steps; known_at
// POST /v1/staking/funds/{fund}/plans                     {"plan":{...},"facts":{...}} (plan_json.h):
// proposes one POST /v1/staking/funds/{fund}/plans/{id}/submit         its steps become movements in custody,
// each once GET  /v1/staking/funds/{fund}/liquidity/acquisition     asset, coins, days: the test with so many
// staked A POST needs an Idempotency-Key.
#include "services/staking/service.h"

namespace navkeeper::staking {

class PeerSlots;

/// `custody`: how many submissions may wait for custody at once; one more is answered with 503.
void register_plan_routes(http::Router& router, const Dependencies& dependencies,
                          const Authenticate& authenticate, const std::shared_ptr<PeerSlots>& slots);

}  // namespace navkeeper::staking
