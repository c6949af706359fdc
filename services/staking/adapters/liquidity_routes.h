#pragma once
// GET  /v1/staking/funds/{fund}/liquidity              the test that was taken last, the breaches; known_at
// GET  /v1/staking/funds/{fund}/liquidity/redemption   dollars: what a redemption of so much would force
// POST /v1/staking/funds/{fund}/liquidity              {"facts"?:{...}}: takes the test with nav's newest
// NAV; facts
//   that say otherwise are refused (fund_facts_json.h). Without a nav they are computed with and shown, no
//   more.
// POST /v1/staking/funds/{fund}/liquidity/breach       {"kind","text"}: a notice, a filing or the plan
// A POST needs an Idempotency-Key, stored in the transaction of the effect.
#include "services/staking/service.h"

namespace navkeeper::staking {

class PeerSlots;

void register_liquidity_routes(http::Router& router, const Dependencies& dependencies,
                               const Authenticate& authenticate, const std::shared_ptr<PeerSlots>& slots);

}  // namespace navkeeper::staking
